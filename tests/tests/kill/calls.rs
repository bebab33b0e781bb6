//! Calls over a socket, each on its own connection, with whatever came back or did not. No retry lives here.

use serde_json::Value;
use std::io::{Error, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// How long an answer is waited for.
const ANSWER_LIMIT: Duration = Duration::from_secs(15);
/// How long a connection is waited for.
const CONNECT_LIMIT: Duration = Duration::from_secs(2);
/// The largest answer that is read, in bytes.
const MAX_ANSWER_BYTES: u64 = 8 * 1024 * 1024;

/// A whole answer.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// Its status.
    pub(crate) status: u16,
    /// Its body; null when it is no JSON.
    pub(crate) body: Value,
    /// The cookie that it sets, as it goes back.
    pub(crate) cookie: Option<String>,
}

/// One request. An error means that there is no whole answer: it may have been carried out or not.
pub(crate) fn call(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Result<Answer, Error> {
    let mut stream = TcpStream::connect_timeout(&address, CONNECT_LIMIT)?;
    stream.set_read_timeout(Some(ANSWER_LIMIT))?;
    stream.set_write_timeout(Some(ANSWER_LIMIT))?;
    let extra = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect::<Vec<_>>().concat();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n{extra}\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes())?;
    let mut bytes = Vec::new();
    stream.take(MAX_ANSWER_BYTES).read_to_end(&mut bytes)?;
    whole(&bytes).ok_or_else(|| Error::new(ErrorKind::UnexpectedEof, "the answer broke off"))
}

/// The answer, if all of it is there.
fn whole(bytes: &[u8]) -> Option<Answer> {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let header = |name: &str| {
        head.lines().find_map(|line| {
            let (known, value) = line.split_once(':')?;
            known.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    };
    let cookie = header("set-cookie").and_then(|set| set.split(';').next().map(str::to_owned));
    if header("transfer-encoding").is_some_and(|encoding| encoding.eq_ignore_ascii_case("chunked")) {
        let (body, ended) = unchunked(body);
        return ended.then(|| Answer { status, body: serde_json::from_str(&body).unwrap_or_default(), cookie });
    }
    let promised: usize = header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    (body.len() >= promised).then(|| Answer { status, body: serde_json::from_str(body).unwrap_or_default(), cookie })
}

/// A chunked body put together, and whether its end is there.
fn unchunked(mut rest: &str) -> (String, bool) {
    let mut body = String::new();
    while let Some((size, after)) = rest.split_once("\r\n") {
        let Ok(size) = usize::from_str_radix(size.trim(), 16) else { break };
        if size == 0 {
            return (body, true);
        }
        let Some(chunk) = after.get(..size) else { break };
        body.push_str(chunk);
        rest = after.get(size + 2..).unwrap_or_default();
    }
    (body, false)
}
