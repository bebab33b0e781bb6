//! What crosses the border of the simulated Microsoft: one request in, one reply out.
//! No sockets, clocks or tasks here; the shell and the simulations carry these values.

use std::collections::BTreeMap;

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::Value;

/// One request to the simulated Microsoft, whoever carries it.
#[derive(Debug, Clone)]
pub struct Request {
    /// The HTTP method.
    pub method: Method,
    /// Path and query as on the request line, with the role prefix: `/partnercenter/v1/customers?size=50`.
    pub path_and_query: String,
    /// The request headers.
    pub headers: HeaderMap,
    /// The raw body.
    pub body: Vec<u8>,
}

impl Request {
    /// Makes a request without headers and body.
    #[must_use]
    pub fn new(method: Method, path_and_query: impl Into<String>) -> Self {
        Self { method, path_and_query: path_and_query.into(), headers: HeaderMap::new(), body: Vec::new() }
    }

    /// Adds a header; a name or value that HTTP forbids is left out.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        insert(&mut self.headers, name, value);
        self
    }

    /// Adds a JSON body and its content type.
    #[must_use]
    pub fn with_json(self, body: &Value) -> Self {
        let mut request = self.with_header("content-type", "application/json");
        request.body = body.to_string().into_bytes();
        request
    }

    /// The header's text, when it is there and is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The path without the query.
    #[must_use]
    pub fn path(&self) -> &str {
        self.path_and_query.split_once('?').map_or(self.path_and_query.as_str(), |(path, _)| path)
    }

    /// The query, decoded, with names in lower case; the last of equal names stands.
    pub(crate) fn query(&self) -> BTreeMap<String, String> {
        let query = self.path_and_query.split_once('?').map_or("", |(_, query)| query);
        form(query.as_bytes())
    }
}

/// Decodes `a=b&c=d`, names in lower case.
pub(crate) fn form(text: &[u8]) -> BTreeMap<String, String> {
    form_urlencoded::parse(text).map(|(name, value)| (name.to_lowercase(), value.into_owned())).collect()
}

/// One response of the simulated Microsoft.
#[derive(Debug, Clone)]
pub struct Response {
    /// The HTTP status code.
    pub status: u16,
    /// The response headers.
    pub headers: HeaderMap,
    /// The raw body.
    pub body: Vec<u8>,
}

impl Response {
    /// An answer without a body.
    pub(crate) fn empty(status: u16) -> Self {
        Self { status, headers: HeaderMap::new(), body: Vec::new() }
    }

    /// An answer with a JSON body.
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        let mut response = Self::empty(status);
        response.body = body.to_string().into_bytes();
        response.with_header("content-type", "application/json; charset=utf-8")
    }

    /// An answer with bytes of the named media type.
    pub(crate) fn bytes(media_type: &str, body: Vec<u8>) -> Self {
        let mut response = Self::empty(200);
        response.body = body;
        response.with_header("content-type", media_type)
    }

    pub(crate) fn with_header(mut self, name: &str, value: &str) -> Self {
        insert(&mut self.headers, name, value);
        self
    }

    /// Whether the status says that the request was carried out or accepted.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The body as JSON; null when it is none. A byte-order mark before it is skipped.
    #[must_use]
    pub fn body_json(&self) -> Value {
        let body = self.body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&self.body);
        serde_json::from_slice(body).unwrap_or(Value::Null)
    }

    /// The header's text, when it is there and is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// What the carrier must do with the response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Send it whole.
    Whole,
    /// Send this many bytes of the body and then cut the connection.
    CutAfter(usize),
}

/// The answer of the world to one request.
#[derive(Debug, Clone)]
pub struct Reply {
    /// What Microsoft wants to say.
    pub response: Response,
    /// How much of it reaches the caller.
    pub act: Act,
    /// How many entries of the change log this request made; a 503 with a number above zero acted nevertheless.
    pub changes: usize,
}

fn insert(headers: &mut HeaderMap, name: &str, value: &str) {
    if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value)) {
        headers.insert(name, value);
    }
}
