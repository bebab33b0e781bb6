//! What every worker holds: the desk, the vault for personal data, randomness, and the time. Nothing is done here.

use desk::seam::whole_microseconds;
use desk::{Clock, Desk, Entropy};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use store::{Store, Vault};

/// What every worker holds. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Tools {
    /// The only way into the journal.
    pub desk: Desk,
    /// Seals personal data before it becomes part of a fact.
    pub vault: Vault,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
}

impl Tools {
    /// The instant, in whole microseconds.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        whole_microseconds(self.desk.clock.now())
    }

    /// The instant this long from now.
    #[must_use]
    pub fn after(&self, span: SignedDuration) -> Timestamp {
        later(self.now(), span)
    }

    /// Time, and waiting for it.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.desk.clock
    }

    /// The store under the desk.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.desk.store
    }
}

/// An instant this much later, at most the last there is.
#[must_use]
pub(crate) fn later(at: Timestamp, span: SignedDuration) -> Timestamp {
    at.saturating_add(span).unwrap_or(Timestamp::MAX)
}
