//! The detection engines: a fixed number of them, each with its own customers, so that several cores look at once
//! and the state of a customer is in one place.

use super::batch::Looked;
use crate::findings::Spotted;
use domain::ids::{AccountId, Hash};
use jiff::Timestamp;
use sigma::{Engine, EngineOptions, RuleSet};
use std::sync::{Arc, Mutex, PoisonError};

/// How many engines there are. A checkpoint of another number can't be restored, so it is not changed lightly.
pub(super) const SHARDS: u32 = 16;

/// How the engines came up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RestoreReport {
    /// Engines that go on where their checkpoint was taken.
    pub restored: usize,
    /// Engines without a checkpoint.
    pub fresh: usize,
    /// Engines whose checkpoint could not be read; they start anew.
    pub unreadable: usize,
}

#[derive(Debug)]
pub(super) struct Engines {
    rules: Arc<RuleSet>,
    rule_set: Hash,
    options: EngineOptions,
    shards: Vec<Mutex<Engine>>,
}

impl Engines {
    pub(super) fn new(rules: Arc<RuleSet>, options: EngineOptions) -> Self {
        let engine = |_| Mutex::new(Engine::new(Arc::clone(&rules), options.clone()));
        Self { rule_set: Hash(rules.hash()), shards: (0..SHARDS).map(engine).collect(), options, rules }
    }

    /// Looks at events of one account, in order.
    pub(super) fn look(&self, account: AccountId, events: &[&Looked], received: Timestamp) -> Vec<Spotted> {
        let Some(shard) = self.shard(account) else { return Vec::new() };
        let partition = account.to_string();
        let mut engine = shard.lock().unwrap_or_else(PoisonError::into_inner);
        let mut spotted = Vec::new();
        for looked in events {
            let findings = engine.feed_event(&partition, &looked.event, received);
            let of = |finding| Spotted::of(finding, &looked.concepts, &looked.incoming.bytes, self.rule_set);
            spotted.extend(findings.iter().map(of));
        }
        spotted
    }

    fn shard(&self, account: AccountId) -> Option<&Mutex<Engine>> {
        let (_, low) = account.0.as_u64_pair();
        let number = usize::try_from(low % u64::from(SHARDS)).ok()?;
        self.shards.get(number)
    }

    /// The name and the state of each engine.
    pub(super) fn checkpoint(&self) -> Vec<(String, Vec<u8>)> {
        let state = |(number, shard): (usize, &Mutex<Engine>)| {
            let engine = shard.lock().unwrap_or_else(PoisonError::into_inner);
            (checkpoint_name(number), engine.checkpoint())
        };
        self.shards.iter().enumerate().map(state).collect()
    }

    /// Puts engines back to where their checkpoints were taken.
    pub(super) fn restore(&self, checkpoints: &[Option<Vec<u8>>]) -> RestoreReport {
        let mut report = RestoreReport::default();
        for (shard, bytes) in self.shards.iter().zip(checkpoints) {
            let Some(bytes) = bytes else {
                report.fresh = report.fresh.saturating_add(1);
                continue;
            };
            match Engine::restore(bytes, Arc::clone(&self.rules), self.options.clone()) {
                Ok(engine) => {
                    *shard.lock().unwrap_or_else(PoisonError::into_inner) = engine;
                    report.restored = report.restored.saturating_add(1);
                }
                Err(error) => {
                    tracing::warn!(error = %error, "a detection engine starts anew: its checkpoint can't be read");
                    report.unreadable = report.unreadable.saturating_add(1);
                }
            }
        }
        report
    }
}

/// The name under which the state of an engine is kept.
pub(super) fn checkpoint_name(number: usize) -> String {
    format!("engine:{number}/{SHARDS}")
}
