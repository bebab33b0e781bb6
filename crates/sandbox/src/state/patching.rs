//! Changes that were accepted with 202 and wait to be carried out.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use uuid::Uuid;

use crate::state::change::Actor;
use crate::state::seat::Wish;

/// How long an accepted change waits; Microsoft publishes no figure.
pub(crate) const ACCEPTED_TAKES: SignedDuration = SignedDuration::from_secs(60);
/// How many finished operations can still be asked for.
pub(crate) const MAX_OPERATIONS: usize = 10_000;

/// One accepted change of a subscription.
#[derive(Debug, Clone)]
pub(crate) struct Operation {
    pub(crate) customer: usize,
    pub(crate) subscription: Uuid,
    pub(crate) wish: Wish,
    pub(crate) actor: Actor,
    pub(crate) request_id: Option<String>,
    pub(crate) running: bool,
}

/// All accepted changes by number.
#[derive(Debug, Clone, Default)]
pub(crate) struct Operations {
    by_number: BTreeMap<u64, Operation>,
    next: u64,
}

impl Operations {
    pub(crate) fn start(&mut self, operation: Operation) -> u64 {
        self.next += 1;
        if self.by_number.len() >= MAX_OPERATIONS {
            self.by_number.pop_first();
        }
        self.by_number.insert(self.next, operation);
        self.next
    }

    pub(crate) fn get(&self, number: u64) -> Option<&Operation> {
        self.by_number.get(&number)
    }

    /// Marks the operation as finished and gives it back to be carried out.
    pub(crate) fn finish(&mut self, number: u64) -> Option<Operation> {
        let operation = self.by_number.get_mut(&number)?;
        operation.running = false;
        Some(operation.clone())
    }

    /// Whether a change of this subscription is still waiting.
    pub(crate) fn is_running(&self, subscription: Uuid) -> bool {
        self.by_number.values().any(|operation| operation.running && operation.subscription == subscription)
    }
}
