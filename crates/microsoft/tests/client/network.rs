//! The real sender against a bare socket on loopback: what is surely not sent, what is in doubt, what is never done.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use http::{HeaderMap, HeaderValue, Method};
use microsoft::seam::{Outbound as _, Request, Response, SendError};
use microsoft::{Cloud, ReqwestOutbound};

/// Serves one connection: reads the head of a request, writes the given bytes, hangs up. Returns what it read.
fn serve(answer: &'static [u8], linger: Duration) -> (String, thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut head = Vec::new();
        let mut byte = [0_u8; 1];
        while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() == 1 {
            head.push(byte[0]);
        }
        stream.write_all(answer).unwrap();
        thread::sleep(linger);
        String::from_utf8(head).unwrap()
    });
    (base, server)
}

fn request(url: String) -> Request {
    let mut headers = HeaderMap::new();
    headers.insert("authorization", HeaderValue::from_static("Bearer t"));
    Request {
        method: Method::POST,
        url,
        headers,
        body: Some(Vec::new()),
        time_limit: Duration::from_millis(1500),
        max_response_bytes: 64,
    }
}

async fn send(base: &str, url: String) -> Result<Response, SendError> {
    ReqwestOutbound::new(&Cloud::sandbox(base)).unwrap().send(request(url)).await
}

#[tokio::test]
async fn an_answer_is_read_and_an_empty_body_is_announced() {
    let (base, server) = serve(b"HTTP/1.1 202 Accepted\r\nLocation: /x\r\nContent-Length: 2\r\n\r\nok", Duration::ZERO);
    let response = send(&base, format!("{base}/a?b=c")).await.unwrap();
    assert_eq!((response.status, response.body.as_slice()), (202, b"ok".as_slice()));
    assert_eq!(response.headers["location"], "/x");
    let head = server.join().unwrap().to_ascii_lowercase();
    assert!(head.starts_with("post /a?b=c http/1.1"), "{head}");
    assert!(head.contains("content-length: 0") && head.contains("user-agent: borgen/"), "{head}");
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let (base, server) =
        serve(b"HTTP/1.1 307 T\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n", Duration::ZERO);
    assert_eq!(send(&base, base.clone()).await.unwrap().status, 307);
    server.join().unwrap();
}

#[tokio::test]
async fn what_is_cut_too_large_or_too_slow_is_in_doubt() {
    let large = b"HTTP/1.1 200 OK\r\nContent-Length: 65\r\n\r\n01234567890123456789012345678901234567890123456789012345678901234";
    for (answer, linger) in [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{\"id\"".as_slice(), Duration::ZERO),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"id\"\r\n".as_slice(), Duration::ZERO),
        (b"".as_slice(), Duration::ZERO),
        (b"".as_slice(), Duration::from_secs(3)),
        (large.as_slice(), Duration::ZERO),
    ] {
        let (base, server) = serve(answer, linger);
        let error = send(&base, base.clone()).await.unwrap_err();
        assert!(matches!(error, SendError::Doubt { .. }), "{error}");
        server.join().unwrap();
    }
}

#[tokio::test]
async fn what_finds_no_connection_or_is_no_url_was_not_sent() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    for url in [format!("{base}/secret?token=x"), "no url".to_owned()] {
        let error = send(&base, url).await.unwrap_err();
        assert!(matches!(error, SendError::NotSent { .. }), "{error}");
        assert!(!error.to_string().contains("token=x"), "{error}");
    }
}

#[tokio::test]
async fn only_a_sandbox_is_reached_without_tls() {
    let (base, server) = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", Duration::ZERO);
    let public = ReqwestOutbound::new(&Cloud::public()).unwrap();
    let error = public.send(request(base.clone())).await.unwrap_err();
    assert!(matches!(error, SendError::NotSent { .. }), "{error}");
    send(&base, base.clone()).await.unwrap();
    server.join().unwrap();
}
