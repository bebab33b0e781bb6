//! The change log: every change of the world's state, in order, with who, when, how and what.
//! It is the proof that demonstrations and simulations compare with.

use std::collections::VecDeque;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

/// How many changes are kept; older ones are dropped and counted.
pub(crate) const MAX_CHANGES: usize = 100_000;

/// Who changed something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Actor {
    /// `appUser`, `app`, `customer`, `attacker`, `microsoft` or `control`.
    pub kind: &'static str,
    /// The user's name or the application's id.
    pub name: String,
    /// The `jti` of the token used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

impl Actor {
    /// Microsoft's own clocks and processes.
    pub(crate) fn microsoft() -> Self {
        Self { kind: "microsoft", name: "microsoft".to_owned(), token: None }
    }

    /// Somebody named by the control plane or a story.
    pub(crate) fn named(kind: &'static str, name: impl Into<String>) -> Self {
        Self { kind, name: name.into(), token: None }
    }
}

/// One change of the world's state.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// 1, 2, 3 ... without gaps.
    pub sequence: u64,
    /// Simulated time.
    pub at: Timestamp,
    /// The route that made it, or `clock`, `story`, `control`.
    pub route: &'static str,
    /// What kind of thing changed: `entitlement`, `subscription`, `azurePlan`, `alert`, `webhookRegistration`, `resource`.
    pub what: &'static str,
    /// The id of the thing.
    pub id: String,
    /// The customer tenant it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<Uuid>,
    /// Who did it.
    pub actor: Actor,
    /// The `MS-RequestId` of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The members that tell the state before.
    pub before: Value,
    /// The same members after.
    pub after: Value,
}

/// The ordered list of all changes.
#[derive(Debug, Clone, Default)]
pub struct ChangeLog {
    entries: VecDeque<Change>,
    next: u64,
}

impl ChangeLog {
    /// Appends one change and gives it its number.
    pub(crate) fn push(&mut self, mut change: Change) {
        self.next += 1;
        change.sequence = self.next;
        if self.entries.len() >= MAX_CHANGES {
            self.entries.pop_front();
        }
        self.entries.push_back(change);
    }

    /// How many changes were ever made.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.next
    }

    /// The kept changes with a number above `sequence`, in order.
    pub fn after(&self, sequence: u64) -> impl Iterator<Item = &Change> {
        let oldest = self.entries.front().map_or(1, |change| change.sequence);
        let skip = sequence.saturating_add(1).saturating_sub(oldest);
        self.entries.iter().skip(usize::try_from(skip).unwrap_or(usize::MAX))
    }
}
