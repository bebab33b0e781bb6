//! The one place that sends: webhooks and log events leave the sandbox here.

use std::time::Duration;

use crate::state::outbox::{Outcome, Outgoing};

/// How long one attempt may take.
pub(crate) const SEND_LIMIT: Duration = Duration::from_secs(10);
/// How long connecting may take.
pub(crate) const CONNECT_LIMIT: Duration = Duration::from_secs(3);

/// Sends parcels; redirects are not followed and no proxy is used.
#[derive(Debug, Clone)]
pub(crate) struct Sender(reqwest::Client);

impl Sender {
    pub(crate) fn new() -> Result<Self, reqwest::Error> {
        reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(SEND_LIMIT)
            .connect_timeout(CONNECT_LIMIT)
            .build()
            .map(Self)
    }

    /// One attempt; nothing is retried here.
    #[expect(clippy::disallowed_methods, reason = "the simulated Microsoft sends its own webhooks")]
    pub(crate) async fn send(&self, parcel: Outgoing) -> Outcome {
        let mut request = self.0.post(&parcel.url).body(parcel.body);
        for (name, value) in &parcel.headers {
            request = request.header(name, value);
        }
        match request.send().await {
            Ok(response) => Outcome::Answered(response.status().as_u16()),
            Err(error) => {
                tracing::debug!(%error, parcel.id, parcel.attempt, "a parcel had no answer");
                Outcome::NoAnswer
            }
        }
    }
}
