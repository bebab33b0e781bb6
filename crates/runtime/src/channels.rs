//! The channels of the settings, by name, and one send to one of them. When a message is sent, and how often, is
//! decided elsewhere.

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use jiff::SignedDuration;
use microsoft::seam::{Outbound, Request, SendError};
use outside::{Channel, Message, Verdict};
use secrecy::ExposeSecret;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// How long one send may take.
pub const SEND_LIMIT: Duration = Duration::from_secs(10);
/// The largest answer that is read: nothing of it is used but its status.
const MAX_ANSWER_BYTES: usize = 64 * 1024;
/// The longest wait that a channel may ask for.
const MAX_TOLD_WAIT: SignedDuration = SignedDuration::from_mins(1);

/// Why a message did not come through.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the channel `{channel}` did not take the message: {code}")]
pub struct Unsent {
    /// The channel.
    pub channel: String,
    /// Its status, or our own word.
    pub code: String,
    /// Whether trying again can help.
    pub again: bool,
    /// How long it wants to be left alone.
    pub wait: Option<SignedDuration>,
}

/// The channels of the settings. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Channels {
    by_name: Arc<BTreeMap<String, Channel>>,
    outbound: Option<Arc<dyn Outbound>>,
    base: Option<Arc<str>>,
}

impl Channels {
    /// These channels; `base` is how people reach the pages, for the links in messages.
    #[must_use]
    pub fn new(by_name: BTreeMap<String, Channel>, outbound: Arc<dyn Outbound>, base: Option<&str>) -> Self {
        Self { by_name: Arc::new(by_name), outbound: Some(outbound), base: base.map(Arc::from) }
    }

    /// How people reach the pages.
    #[must_use]
    pub fn base(&self) -> Option<&str> {
        self.base.as_deref()
    }

    /// The names of the channels.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
    }

    /// Whether the settings have a channel.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// Sends a message once.
    pub async fn send(&self, name: &str, message: &Message) -> Result<(), Unsent> {
        let failed = |code: String, again| Unsent { channel: name.to_owned(), code, again, wait: None };
        let channel = self.by_name.get(name).zip(self.outbound.as_ref());
        let Some((channel, outbound)) = channel else { return Err(failed("no_channel".to_owned(), false)) };
        let posted = channel.request(message).map_err(|_| failed("bad_channel".to_owned(), false))?;
        let mut headers = HeaderMap::new();
        for (name, value) in posted.headers {
            let value = HeaderValue::from_str(&value).map_err(|_| failed("bad_channel".to_owned(), false))?;
            headers.insert(HeaderName::from_static(name), value);
        }
        let request = Request {
            method: Method::POST,
            url: posted.url.expose_secret().to_owned(),
            headers,
            body: Some(posted.body),
            time_limit: SEND_LIMIT,
            max_response_bytes: MAX_ANSWER_BYTES,
        };
        let answer = outbound.send(request).await.map_err(|error| match error {
            SendError::NotSent { .. } => failed("not_sent".to_owned(), true),
            // It may have come through: the same id is sent again, so that the receiver knows a repeat.
            SendError::Doubt { .. } => failed("no_answer".to_owned(), true),
        })?;
        let told = answer.headers.get(http::header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        let wait = told.map(|seconds: u32| SignedDuration::from_secs(i64::from(seconds)).min(MAX_TOLD_WAIT));
        match Verdict::of(answer.status) {
            Verdict::Taken => Ok(()),
            Verdict::Later => Err(Unsent { wait, ..failed(answer.status.to_string(), true) }),
            Verdict::Refused => Err(failed(answer.status.to_string(), false)),
        }
    }
}
