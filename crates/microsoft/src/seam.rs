//! The seam through which every request to Microsoft leaves: what a request and an answer are, and how a send can fail.
//! The one real implementation lives in `outbound.rs`; tests bring their own. Nothing here knows what is asked.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use http::{HeaderMap, Method};

/// One request, complete: whoever sends it adds nothing and tries it once.
#[derive(Clone)]
pub struct Request {
    /// The HTTP method.
    pub method: Method,
    /// The absolute URL.
    pub url: String,
    /// All headers, the authorisation among them (marked sensitive).
    pub headers: HeaderMap,
    /// The body as it goes over the wire; `Some(empty)` sends `Content-Length: 0`.
    pub body: Option<Vec<u8>>,
    /// How long the whole exchange may take, connecting and reading the answer included.
    pub time_limit: Duration,
    /// The largest answer, after decompression, that is read; a larger one is cut and leaves the call in doubt.
    pub max_response_bytes: usize,
}

impl fmt::Debug for Request {
    /// Shows neither query, header values nor body: they can hold secrets and names.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let without_query = self.url.split('?').next().unwrap_or_default();
        formatter
            .debug_struct("Request")
            .field("method", &self.method)
            .field("url", &without_query)
            .field("body_bytes", &self.body.as_ref().map(Vec::len))
            .field("time_limit", &self.time_limit)
            .finish_non_exhaustive()
    }
}

/// One answer, read to its end.
#[derive(Clone, Default)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The headers as told.
    pub headers: HeaderMap,
    /// The body, decompressed, at most `max_response_bytes` long.
    pub body: Vec<u8>,
}

impl fmt::Debug for Response {
    /// Shows no body and no header values.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Response")
            .field("status", &self.status)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// Why there is no answer. The difference decides whether an act may be repeated without looking first.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The request surely never reached the other side (no connection, no name, a refused URL).
    #[error("the request was not sent: {reason}")]
    NotSent {
        /// What stopped it, without URL, headers or body.
        reason: String,
    },
    /// The request may have been carried out: a time-out, a connection cut mid-body, an answer too large to read.
    #[error("the request may have been carried out: {reason}")]
    Doubt {
        /// What went wrong, without URL, headers or body.
        reason: String,
    },
}

/// The future of one send.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<Response, SendError>> + Send + 'a>>;

/// Sends one request once: no retries, no redirects, no sleeping.
pub trait Outbound: Send + Sync + fmt::Debug {
    /// Sends the request within its limits and reads the whole answer, whatever its status.
    fn send(&self, request: Request) -> Sending<'_>;
}
