//! The real `Outbound`: reqwest with rustls, redirects, proxies and retries off, every answer bounded.
//! This is the only file that may call reqwest's banned methods.

use std::error::Error as _;
use std::time::Duration;

use http::header::CONTENT_LENGTH;

use crate::cloud::Cloud;
use crate::seam::{Outbound, Request, Response, SendError, Sending};

/// How long a TCP and TLS connection may take to come up.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// How many idle connections are kept to one host.
const MAX_IDLE_CONNECTIONS_PER_HOST: usize = 8;
/// How many causes of a transport error are told.
const MAX_CAUSES: usize = 4;

/// Sends requests over the network.
#[derive(Debug, Clone)]
pub struct ReqwestOutbound {
    client: reqwest::Client,
}

/// The HTTP client could not be built (no usable TLS roots, for one).
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client for Microsoft's clouds could not be built")]
pub struct OutboundUnavailable(#[source] reqwest::Error);

impl ReqwestOutbound {
    /// Builds the client for a cloud; plain HTTP is possible only for a sandbox.
    pub fn new(cloud: &Cloud) -> Result<Self, OutboundUnavailable> {
        Self::build(cloud.is_sandbox())
    }

    /// Builds the client for others than Microsoft. Their addresses are checked before: plain HTTP only on this machine.
    pub fn for_channels() -> Result<Self, OutboundUnavailable> {
        Self::build(true)
    }

    fn build(plain_http: bool) -> Result<Self, OutboundUnavailable> {
        let client = reqwest::Client::builder()
            .user_agent(concat!("Borgen/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .referer(false)
            .https_only(!plain_http)
            .connect_timeout(CONNECT_LIMIT)
            .pool_max_idle_per_host(MAX_IDLE_CONNECTIONS_PER_HOST)
            .build()
            .map_err(OutboundUnavailable)?;
        Ok(Self { client })
    }

    #[expect(clippy::disallowed_methods, reason = "this is the Outbound seam")]
    async fn attempt(&self, request: Request) -> Result<Response, SendError> {
        let mut building =
            self.client.request(request.method, request.url).headers(request.headers).timeout(request.time_limit);
        if let Some(body) = request.body {
            if body.is_empty() {
                // An empty body announces nothing by itself, and Partner Center wants the length of a POST.
                building = building.header(CONTENT_LENGTH, 0);
            }
            building = building.body(body);
        }
        let answer = building.send().await.map_err(told)?;
        read_bounded(answer, request.max_response_bytes).await
    }
}

impl Outbound for ReqwestOutbound {
    fn send(&self, request: Request) -> Sending<'_> {
        Box::pin(self.attempt(request))
    }
}

async fn read_bounded(mut answer: reqwest::Response, max_bytes: usize) -> Result<Response, SendError> {
    let status = answer.status().as_u16();
    let headers = answer.headers().clone();
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| SendError::Doubt { reason: causes(error) })? {
        if body.len().saturating_add(chunk.len()) > max_bytes {
            return Err(SendError::Doubt { reason: format!("the answer is larger than {max_bytes} bytes") });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Response { status, headers, body })
}

/// Only what fails before a connection exists is surely not sent; everything later is in doubt.
fn told(error: reqwest::Error) -> SendError {
    if error.is_connect() || error.is_builder() {
        SendError::NotSent { reason: causes(error) }
    } else {
        SendError::Doubt { reason: causes(error) }
    }
}

fn causes(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = error.source();
    for _ in 0..MAX_CAUSES {
        let Some(current) = cause else { break };
        text.push_str(": ");
        text.push_str(&current.to_string());
        cause = current.source();
    }
    text
}
