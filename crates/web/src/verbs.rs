//! Acts are addressed as `POST /cases/{id}:claim`. The router knows whole segments only, so the verb becomes a
//! segment of its own before routing; nobody outside can write that segment.

use axum::http::Request;
use axum::http::uri::{PathAndQuery, Uri};

/// What stands before a verb inside. An address that has it from outside is unknown.
const INSIDE: &str = "/~";
/// Where addresses with a foreign inside mark are sent: there is nothing.
const NOWHERE: &str = "/~~";

/// The address as the router knows it, of a path in the table such as `/cases/{id}:claim`.
pub(crate) fn inside(path: &str) -> String {
    match path.rsplit_once(':').filter(|(_, verb)| !verb.contains('/')) {
        Some((object, verb)) => format!("{object}{INSIDE}{verb}"),
        None => path.to_owned(),
    }
}

/// Rewrites the address of a request for the router.
pub(crate) fn rewrite<B>(mut request: Request<B>) -> Request<B> {
    let path = request.uri().path();
    let routed = if path.contains(INSIDE) { NOWHERE.to_owned() } else { inside(path) };
    if routed == path {
        return request;
    }
    let with_query = match request.uri().query() {
        Some(query) => format!("{routed}?{query}"),
        None => routed,
    };
    let mut parts = request.uri().clone().into_parts();
    // The path was taken from a parsed address and only letters that are allowed were added.
    if let Ok(path) = with_query.parse::<PathAndQuery>() {
        parts.path_and_query = Some(path);
        if let Ok(uri) = Uri::from_parts(parts) {
            *request.uri_mut() = uri;
        }
    }
    request
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verb_becomes_a_segment_and_nothing_else_does() {
        for (outside, routed) in [
            ("/cases/1:claim", "/cases/1/~claim"),
            ("/cases/1:claim?preview=true", "/cases/1/~claim?preview=true"),
            ("/policies:check", "/policies/~check"),
            ("/cases/1", "/cases/1"),
            ("/cases/a:b/timeline", "/cases/a:b/timeline"),
            ("/cases/1/~claim", "/~~"),
        ] {
            let request = Request::builder().uri(outside).body(()).unwrap();
            assert_eq!(rewrite(request).uri().to_string(), routed, "{outside}");
        }
    }
}
