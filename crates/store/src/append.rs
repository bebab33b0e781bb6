//! The one write. Facts, rows, effects, due, permits and the folded file of one account land together or not at all.
//! How an append is put into statements is in `plan`; what is appended is decided elsewhere.

use crate::error::StoreError;
use crate::head::Head;
use crate::outbox::{EffectKey, OutboxRow};
use crate::permits::PermitTake;
use crate::plan::{Fault, Plan, Refusal, epoch_holds, has, key_known, plan, touches};
use crate::sql::{Statement, Step, Written};
use crate::store::Store;
use domain::fact::{StoredFact, chained};
use domain::ids::{AccountId, AccountKind, Hash};
use jiff::Timestamp;
use std::collections::HashSet;

/// Facts that one append takes.
pub const MAX_FACTS_PER_APPEND: usize = 512;
/// Rows for pages that one append takes.
pub const MAX_ROWS_PER_APPEND: usize = 4_096;
/// Rows that an account's last write is taken to have touched already; one with more of them meets other pages.
const FEW_ROWS: usize = 4;
/// The largest folded file, in bytes.
pub const MAX_FILE_BYTES: usize = 1024 * 1024;

/// A step of one account, ready to be written.
#[derive(Debug, Clone, PartialEq)]
pub struct Append {
    /// The account.
    pub account: AccountId,
    /// What it is the file of.
    pub kind: AccountKind,
    /// The version it was read at; 0 for an account that has no facts yet.
    pub expected_version: u64,
    /// The hash it was read at; zeros for a new account.
    pub before: Hash,
    /// The policy epoch the step was decided under.
    pub policy_epoch: i64,
    /// The facts, at least one, continuing the chain.
    pub facts: Vec<StoredFact>,
    /// Rows that pages read.
    pub rows: Vec<Statement>,
    /// Effects that are asked for.
    pub effects: Vec<OutboxRow>,
    /// Effects that are done, or will never be.
    pub closed: Vec<EffectKey>,
    /// When to look again if nothing happens.
    pub due: Option<Timestamp>,
    /// What is taken of caps and limits.
    pub permits: Vec<PermitTake>,
    /// The folded file after the step.
    pub file: Vec<u8>,
    /// The version of the folding code.
    pub fold_version: u32,
    /// The policy the account has adopted.
    pub policy: Option<Hash>,
    /// The epoch of that policy when this step adopts it, for the sweep that finds accounts on an older one.
    pub adopted_epoch: Option<u64>,
    /// Set only when the policy account publishes: the epoch after `policy_epoch`.
    pub next_epoch: Option<NextEpoch>,
}

/// A policy that takes force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NextEpoch {
    /// The hash of the bundle.
    pub hash: Hash,
    /// From when it holds.
    pub from: Timestamp,
}

/// How an append ended, if the database did its part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Appended {
    /// It is on disk; this is the head now.
    Done(Head),
    /// Somebody else appended first, or the account is read-only: read again.
    Conflict,
    /// The account has a fact with this key already.
    Duplicate {
        /// The source's own name for the event.
        source_key: String,
    },
    /// A cap or limit leaves no room.
    NoPermit {
        /// Which one.
        permit: String,
        /// When its window ends.
        retry_at: Timestamp,
    },
    /// A newer policy has been published: decide again under it.
    StalePolicy,
}

impl Store {
    /// Writes a step of one account. An error leaves nothing behind, except [`StoreError::Unknown`], after which only
    /// reading the head tells.
    pub async fn append(&self, append: Append) -> Result<Appended, StoreError> {
        let last = check(&append)?;
        if let Some(source_key) = repeated_key(&append) {
            return Ok(Appended::Duplicate { source_key });
        }
        #[cfg(feature = "simulation")]
        if self.faults().is_some_and(|faults| faults.before_append(&append)) {
            return Err(StoreError::Fault("the append was not written"));
        }
        let account = append.account;
        let doing = || format!("appending to account {account}");
        let Plan { steps, mut refusals, hold } = plan(&append, last)?;
        self.warm(account, append.rows.len() <= FEW_ROWS, || touches(&append)).await;
        let written = self.write_holding(doing, hold, steps).await?;
        if let Written::Refused(number) = written {
            let refusal = refusals.get_mut(number).and_then(Option::take).unwrap_or(Refusal::Head);
            return self.refused(&append, refusal).await;
        }
        #[cfg(feature = "simulation")]
        if self.faults().is_some_and(|faults| faults.after_commit(&append)) {
            return Err(StoreError::Unknown { doing: doing(), why: "a simulated fault after the commit".to_owned() });
        }
        if has(Fault::OutboxAfterCommit) {
            let effects = append.effects.iter().map(|effect| Step::then(effect.open())).collect();
            self.write(doing, effects).await?;
        }
        Ok(Appended::Done(head_after(append, last)))
    }

    /// Says what a refusal means. One statement guards several things; which of them it was is read afterwards.
    async fn refused(&self, append: &Append, refusal: Refusal) -> Result<Appended, StoreError> {
        match refusal {
            Refusal::Epoch => Ok(Appended::StalePolicy),
            Refusal::Permit { permit, retry_at } => Ok(Appended::NoPermit { permit, retry_at }),
            Refusal::Head => {
                let doing = || "reading the policy epoch".to_owned();
                let holds = self.read(doing, epoch_holds(append.policy_epoch)).await?;
                Ok(if holds.is_empty() { Appended::StalePolicy } else { Appended::Conflict })
            }
            Refusal::Facts => {
                for source_key in append.facts.iter().filter_map(|fact| fact.source_key.as_ref()) {
                    let doing = || format!("looking for an event in account {}", append.account);
                    if !self.read(doing, key_known(append.account, source_key)).await?.is_empty() {
                        return Ok(Appended::Duplicate { source_key: source_key.clone() });
                    }
                }
                Ok(Appended::Conflict)
            }
        }
    }
}

/// A source key that the append itself tells twice.
fn repeated_key(append: &Append) -> Option<String> {
    let mut known = HashSet::new();
    let keys = append.facts.iter().filter_map(|fact| fact.source_key.as_ref());
    keys.filter(|_| !has(Fault::SourceKeyIgnored)).find(|key| !known.insert(*key)).cloned()
}

/// Where the account stands after an append.
#[derive(Clone, Copy)]
pub(crate) struct Last {
    pub(crate) version: u64,
    pub(crate) hash: Hash,
    pub(crate) at: Timestamp,
}

/// Checks that the facts continue the chain as they say, and that nothing is beyond its limit.
fn check(append: &Append) -> Result<Last, StoreError> {
    for (what, count, limit) in [
        ("facts of an append", append.facts.len(), MAX_FACTS_PER_APPEND),
        ("rows of an append", append.rows.len(), MAX_ROWS_PER_APPEND),
        ("bytes of a folded file", append.file.len(), MAX_FILE_BYTES),
    ] {
        if count > limit {
            return Err(StoreError::TooMany { what, count, limit });
        }
    }
    let broken = |why| StoreError::BrokenChain { account: append.account, version: append.expected_version, why };
    let first = append.facts.first().ok_or_else(|| broken("there are none"))?;
    let mut last = Last { version: append.expected_version, hash: append.before, at: first.at };
    for fact in &append.facts {
        if fact.account != append.account || fact.version != last.version.saturating_add(1) {
            return Err(broken("one is of another account or out of order"));
        }
        if fact.hash != chained(last.hash, &fact.bytes) {
            return Err(broken("a hash is not the hash of what is before it and of the bytes"));
        }
        if fact.at < last.at {
            return Err(broken("one was recorded before the one before it"));
        }
        if std::str::from_utf8(&fact.bytes).is_err() {
            return Err(broken("the bytes of one are no text"));
        }
        last = Last { version: fact.version, hash: fact.hash, at: fact.at };
    }
    Ok(last)
}

fn head_after(append: Append, last: Last) -> Head {
    Head {
        account: append.account,
        kind: append.kind,
        version: last.version,
        hash: last.hash,
        last_at: last.at,
        due: append.due,
        file: append.file,
        fold_version: append.fold_version,
        policy: append.policy,
        read_only: false,
    }
}
