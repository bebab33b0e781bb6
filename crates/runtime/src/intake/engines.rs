//! The detection engines: a fixed number of them, each with its own customers, so that several cores look at once
//! and the state of a customer is in one place.

use super::batch::Looked;
use crate::findings::{Running, Spotted, Starts, window_of};
use domain::ids::{AccountId, Hash};
use jiff::Timestamp;
use sigma::{Engine, EngineOptions, RuleSet};
use std::collections::{HashSet, VecDeque};
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

/// How many events each engine remembers having seen, so that what is sent again is not looked at again.
const MAX_SEEN: usize = 16_384;

/// An engine and the events it saw lately.
#[derive(Debug)]
struct Shard {
    engine: Engine,
    seen: HashSet<[u8; 16]>,
    order: VecDeque<[u8; 16]>,
    starts: Starts,
}

impl Shard {
    /// Whether an event is seen for the first time, as far as is remembered. The memory ends with the program; what
    /// is told twice across its end is caught by the findings' source keys.
    fn is_new(&mut self, account: AccountId, event: &[u8]) -> bool {
        let digest = Hash::of(&[account.0.as_bytes().as_slice(), event].concat());
        let short = digest.0.first_chunk::<16>().copied().unwrap_or_default();
        if !self.seen.insert(short) {
            return false;
        }
        self.order.push_back(short);
        if self.order.len() > MAX_SEEN
            && let Some(oldest) = self.order.pop_front()
        {
            self.seen.remove(&oldest);
        }
        true
    }
}

#[derive(Debug)]
pub(super) struct Engines {
    rules: Arc<RuleSet>,
    rule_set: Hash,
    options: EngineOptions,
    shards: Vec<Mutex<Shard>>,
}

impl Engines {
    pub(super) fn new(rules: Arc<RuleSet>, options: EngineOptions) -> Self {
        let shard = |_| {
            let engine = Engine::new(Arc::clone(&rules), options.clone());
            Mutex::new(Shard { engine, seen: HashSet::new(), order: VecDeque::new(), starts: Starts::default() })
        };
        Self { rule_set: Hash(rules.hash()), shards: (0..SHARDS).map(shard).collect(), options, rules }
    }

    /// Looks at events of one account, in order. What was seen lately is passed over: its findings are in line or on
    /// record.
    pub(super) fn look(&self, account: AccountId, events: &[&Looked], received: Timestamp) -> Vec<Spotted> {
        let Some(shard) = self.shard(account) else { return Vec::new() };
        let partition = account.to_string();
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        let mut spotted = Vec::new();
        for looked in events {
            if !shard.is_new(account, &looked.incoming.bytes) {
                continue;
            }
            let place = looked.azure().map(|azure| (account, azure));
            if let (Some(place), Some(running)) = (place, Running::of(&looked.concepts)) {
                shard.starts.began(place, looked.event.time().unwrap_or(received), running);
            }
            let findings = shard.engine.feed_event(&partition, &looked.event, received);
            for finding in &findings {
                let mut one = Spotted::of(finding, &looked.concepts, &looked.incoming.bytes, self.rule_set);
                if let (Some(place), Some((first, last))) = (place, window_of(&finding.kind)) {
                    one.running.extend(shard.starts.between(place, first, last).cloned());
                }
                spotted.push(one);
            }
        }
        spotted
    }

    fn shard(&self, account: AccountId) -> Option<&Mutex<Shard>> {
        let (_, low) = account.0.as_u64_pair();
        let number = usize::try_from(low % u64::from(SHARDS)).ok()?;
        self.shards.get(number)
    }

    /// The name and the state of each engine.
    pub(super) fn checkpoint(&self) -> Vec<(String, Vec<u8>)> {
        let state = |(number, shard): (usize, &Mutex<Shard>)| {
            let shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            (checkpoint_name(number), shard.engine.checkpoint())
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
                    shard.lock().unwrap_or_else(PoisonError::into_inner).engine = engine;
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
