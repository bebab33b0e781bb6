//! The partner's one webhook registration and the test events asked for.

use std::collections::BTreeMap;

use jiff::Timestamp;
use uuid::Uuid;

/// The events that the sandbox can send.
pub(crate) const EVENT_NAMES: [&str; 3] = ["test-created", "azure-fraud-event-detected", "subscription-updated"];
/// How many test events are remembered.
pub(crate) const MAX_TESTS: usize = 1_000;

/// Where webhooks go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Registration {
    pub(crate) subscriber: Uuid,
    pub(crate) url: String,
    pub(crate) events: Vec<String>,
    /// Whether the signature travels in `x-ms-signature` instead of `Authorization`.
    pub(crate) own_header: bool,
}

/// One attempt to deliver a test event.
#[derive(Debug, Clone)]
pub(crate) struct TestAttempt {
    pub(crate) at: Timestamp,
    pub(crate) status: Option<u16>,
}

/// A test event and its attempts.
#[derive(Debug, Clone)]
pub(crate) struct TestEvent {
    pub(crate) callback: String,
    pub(crate) attempts: Vec<TestAttempt>,
}

/// Registration, tests, and the webhook that waits to come after the next one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Webhooks {
    pub(crate) registration: Option<Registration>,
    pub(crate) tests: BTreeMap<String, TestEvent>,
    /// A parcel held back so that it comes after the one that follows it.
    pub(crate) held: Option<u64>,
    /// How many webhooks were raised, whether or not somebody was registered for them.
    pub(crate) raised: u64,
}
