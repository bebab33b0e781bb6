//! The cookie of a session: its name, what browsers are told about it, and whether a request comes from our own pages.

use crate::problem::{Code, Problem};
use crate::speech::text_of;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

/// The cookie, which only goes back over TLS, to this host, whatever its path.
const NAME: &str = "__Host-borgen";
/// The cookie on the machine itself without TLS, where browsers do not take the other one.
const PLAIN_NAME: &str = "borgen-here";
/// The longest secret that is looked at, in bytes.
const MAX_SECRET_BYTES: usize = 200;

const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The secret in the cookie of a request.
pub(crate) fn secret(headers: &HeaderMap) -> Option<&str> {
    of_name(headers, name(headers)).filter(|secret| !secret.is_empty() && secret.len() <= MAX_SECRET_BYTES)
}

/// The cookie that carries a secret, for this many seconds; none takes it away.
pub(crate) fn with(headers: &HeaderMap, secret: &str, seconds: i64) -> Option<HeaderValue> {
    let name = name(headers);
    let secure = if name == NAME { "; Secure" } else { "" };
    HeaderValue::from_str(&format!("{name}={secret}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")).ok()
}

/// The cookie of a way to an identity provider, which the way back needs.
pub(crate) fn of_way(headers: &HeaderMap, way: &str, seconds: i64) -> Option<HeaderValue> {
    let secure = if name(headers) == NAME { "; Secure" } else { "" };
    let name = way_name(headers);
    HeaderValue::from_str(&format!("{name}={way}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")).ok()
}

/// The way to an identity provider that this browser went.
pub(crate) fn way(headers: &HeaderMap) -> Option<&str> {
    of_name(headers, way_name(headers)).filter(|way| way.len() <= MAX_SECRET_BYTES)
}

fn way_name(headers: &HeaderMap) -> &'static str {
    if name(headers) == NAME { "__Host-borgen-way" } else { "borgen-way" }
}

fn name(headers: &HeaderMap) -> &'static str {
    if is_plain_and_here(headers) { PLAIN_NAME } else { NAME }
}

/// Whether the browser sits on the machine itself and speaks without TLS. Another site can't make a browser name
/// another host than the one it asks.
fn is_plain_and_here(headers: &HeaderMap) -> bool {
    let is_forwarded = headers.contains_key(FORWARDED_PROTO) || headers.contains_key(header::FORWARDED);
    let host = text_of(headers, &header::HOST).unwrap_or_default();
    let name = if host.starts_with('[') {
        host.split_inclusive(']').next().unwrap_or_default()
    } else {
        host.split(':').next().unwrap_or_default()
    };
    !is_forwarded && matches!(name, "localhost" | "127.0.0.1" | "[::1]")
}

fn of_name<'a>(headers: &'a HeaderMap, wanted: &str) -> Option<&'a str> {
    let cookies = headers.get_all(header::COOKIE).into_iter().filter_map(|cookie| cookie.to_str().ok());
    let mut pairs = cookies.flat_map(|cookie| cookie.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == wanted).map(|(_, value)| value)
}

/// Whether a change comes from our own pages. A browser says so by itself, in one of two headers; where neither is
/// there, `strict` refuses, since a browser that says nothing can't be told from a stranger's page.
pub(crate) fn check_origin(headers: &HeaderMap, strict: bool) -> Result<(), Problem> {
    let is_ours = match (text_of(headers, &SEC_FETCH_SITE), text_of(headers, &header::ORIGIN)) {
        (Some(site), _) => site == "same-origin" || site == "none",
        (None, Some(origin)) => {
            let host = origin.split_once("://").map(|(_, host)| host);
            host.is_some() && host == text_of(headers, &header::HOST)
        }
        (None, None) => !strict,
    };
    if is_ours { Ok(()) } else { Err(Code::ForeignForm.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(list: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in list {
            headers.append(*name, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn the_cookie_needs_tls_except_on_the_machine_itself() {
        let away = headers(&[("host", "borgen.example.com")]);
        let cookie = with(&away, "x", 60).unwrap();
        assert_eq!(cookie, "__Host-borgen=x; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure");
        for host in ["localhost:8477", "127.0.0.1", "[::1]:8477"] {
            let here = headers(&[("host", host)]);
            assert_eq!(with(&here, "x", 60).unwrap(), "borgen-here=x; Path=/; Max-Age=60; HttpOnly; SameSite=Lax");
        }
        for list in [
            [("host", "localhost:8477"), ("x-forwarded-proto", "https")],
            [("host", "localhost.evil.example"), ("accept", "*/*")],
            [("host", "127.0.0.1.example.com"), ("accept", "*/*")],
        ] {
            assert!(with(&headers(&list), "x", 60).unwrap().to_str().unwrap().contains("Secure"), "{list:?}");
        }
    }

    #[test]
    fn the_cookie_without_tls_is_not_taken_elsewhere() {
        let list = headers(&[("host", "borgen.example.com"), ("cookie", "a=b; borgen-here=x; __Host-borgen=y")]);
        assert_eq!(secret(&list), Some("y"));
        assert_eq!(secret(&headers(&[("host", "borgen.example.com"), ("cookie", "borgen-here=x")])), None);
        assert_eq!(secret(&headers(&[("host", "localhost"), ("cookie", "borgen-here=x")])), Some("x"));
    }

    #[test]
    fn a_change_comes_from_our_own_pages() {
        for (list, strict, is_ours) in [
            (&[("sec-fetch-site", "same-origin")][..], true, true),
            (&[("sec-fetch-site", "none")], true, true),
            (&[("sec-fetch-site", "same-site")], false, false),
            (&[("sec-fetch-site", "cross-site"), ("host", "a"), ("origin", "https://a")], false, false),
            (&[("host", "a:1"), ("origin", "https://a:1")], true, true),
            (&[("host", "a"), ("origin", "https://b")], false, false),
            (&[("host", "a"), ("origin", "null")], false, false),
            (&[("host", "a")], true, false),
            (&[("host", "a")], false, true),
        ] {
            assert_eq!(check_origin(&headers(list), strict).is_ok(), is_ours, "{list:?}");
        }
    }
}
