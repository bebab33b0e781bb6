//! What the receivers of messages got: those who are on call in this world. A message that comes twice is counted.

use jiff::Timestamp;
use serde::Serialize;

/// How many messages are kept.
pub(crate) const MAX_MESSAGES: usize = 10_000;

/// Which receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceiverKind {
    /// A signed webhook.
    Webhook,
    /// A workflow of Teams.
    Teams,
}

/// A message that a receiver took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Received {
    /// Which receiver.
    pub kind: ReceiverKind,
    /// Its name: the last part of the address.
    pub name: String,
    /// When it was first taken.
    pub at: Timestamp,
    /// The message's id; a workflow of Teams has none.
    pub id: Option<String>,
    /// The title that a person reads.
    pub title: String,
    /// Where its button leads.
    pub link: Option<String>,
    /// How often it came.
    pub times: u32,
}

/// The messages of this world.
#[derive(Debug, Clone, Default)]
pub(crate) struct Receivers {
    messages: Vec<Received>,
}

impl Receivers {
    pub(crate) fn take(&mut self, message: Received) {
        let same = |known: &&mut Received| {
            message.id.is_some() && known.id == message.id && known.name == message.name && known.kind == message.kind
        };
        if let Some(known) = self.messages.iter_mut().find(same) {
            known.times = known.times.saturating_add(1);
        } else if self.messages.len() < MAX_MESSAGES {
            self.messages.push(message);
        }
    }

    pub(crate) fn all(&self) -> &[Received] {
        &self.messages
    }
}
