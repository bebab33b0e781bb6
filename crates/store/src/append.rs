//! The one write. Facts, rows, effects, due, permits and the folded file of one account land together or not at all.
//! How an append is put into statements is here; what is appended is decided elsewhere.

use crate::error::StoreError;
use crate::head::Head;
use crate::outbox::{EffectKey, OutboxRow};
use crate::permits::PermitTake;
use crate::sql::{Statement, Step, Value, Written};
use crate::store::Store;
use domain::fact::{StoredFact, chained};
use domain::ids::{AccountId, AccountKind, Hash};
use jiff::Timestamp;

/// Facts that one append takes.
pub const MAX_FACTS_PER_APPEND: usize = 512;
/// Rows for pages that one append takes.
pub const MAX_ROWS_PER_APPEND: usize = 4_096;
/// The largest folded file, in bytes.
pub const MAX_FILE_BYTES: usize = 1024 * 1024;
/// The key of PostgreSQL's advisory lock under which the policy epoch is read and changed.
const EPOCH_LOCK: i64 = 7_302_041;

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
    /// The epoch of that policy, for the sweep that finds accounts on an older one.
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

const EPOCH_HOLDS: &str = "SELECT epoch FROM policy_head WHERE only_one = 1 AND epoch = $1";
const EPOCH_SHARED: &str = "SELECT CAST(pg_advisory_xact_lock_shared($1) AS TEXT)";
const EPOCH_ALONE: &str = "SELECT CAST(pg_advisory_xact_lock($1) AS TEXT)";
const EPOCH_MOVES: &str = "UPDATE policy_head SET epoch = $2 WHERE only_one = 1 AND epoch = $1";
const EPOCH_ADD: &str = "INSERT INTO policy_epoch (epoch, hash, valid_from) VALUES ($1, $2, $3)";
const HEAD_NEW: &str = "INSERT INTO account (account, version, hash, last_at, due, fold_version, policy, file, kind, policy_epoch) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (account) DO NOTHING";
const HEAD_MOVES: &str = "UPDATE account SET version = $2, hash = $3, last_at = $4, due = $5, due_claim = NULL, \
     fold_version = $6, policy = $7, file = $8, policy_epoch = $10 \
     WHERE account = $1 AND kind = $9 AND version = $11 AND hash = $12 AND read_only = 0";
const HEAD_UNCHECKED: &str = "INSERT INTO account (account, version, hash, last_at, due, fold_version, policy, file, kind, policy_epoch) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (account) DO UPDATE SET version = excluded.version, \
     hash = excluded.hash, last_at = excluded.last_at, due = excluded.due, fold_version = excluded.fold_version, \
     policy = excluded.policy, file = excluded.file, policy_epoch = excluded.policy_epoch";
const FACT_ADD: &str = "INSERT INTO fact (account, version, kind, class, at, source_key, hash, bytes) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (account, source_key) WHERE source_key IS NOT NULL DO NOTHING";
const FACT_UNCHECKED: &str = "INSERT INTO fact (account, version, kind, class, at, source_key, hash, bytes) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (account, version) DO UPDATE SET kind = excluded.kind, \
     class = excluded.class, at = excluded.at, source_key = excluded.source_key, hash = excluded.hash, bytes = excluded.bytes";
const PENDING_ADD: &str = "INSERT INTO pending (account, first, last) VALUES ($1, $2, $3)";

/// Faults that are built in on purpose when the tests of the simulated world ask for it.
#[derive(Clone, Copy)]
enum Fault {
    VersionUnchecked,
    OutboxAfterCommit,
    SourceKeyIgnored,
    PermitNotTaken,
    DueLost,
}

#[cfg(feature = "mutants")]
fn has(fault: Fault) -> bool {
    use domain::mutant::{Mutant, is};
    is(match fault {
        Fault::VersionUnchecked => Mutant::VersionUnchecked,
        Fault::OutboxAfterCommit => Mutant::OutboxAfterCommit,
        Fault::SourceKeyIgnored => Mutant::SourceKeyIgnored,
        Fault::PermitNotTaken => Mutant::PermitNotTaken,
        Fault::DueLost => Mutant::DueLost,
    })
}

#[cfg(not(feature = "mutants"))]
const fn has(_: Fault) -> bool {
    false
}

/// The steps of a write, each with what it means when it touches nothing.
#[derive(Default)]
struct Plan {
    steps: Vec<Step>,
    refusals: Vec<Option<Appended>>,
}

impl Plan {
    fn then(&mut self, statement: Statement) {
        self.steps.push(Step::then(statement));
        self.refusals.push(None);
    }

    fn or(&mut self, statement: Statement, refusal: Appended) {
        self.steps.push(Step::demand(statement));
        self.refusals.push(Some(refusal));
    }
}

impl Store {
    /// Writes a step of one account. An error leaves nothing behind, except [`StoreError::Unknown`], after which only
    /// reading the head tells.
    pub async fn append(&self, append: Append) -> Result<Appended, StoreError> {
        let last = check(&append)?;
        #[cfg(feature = "simulation")]
        if self.faults().is_some_and(|faults| faults.before_append(&append)) {
            return Err(StoreError::Fault("the append was not written"));
        }
        let Plan { steps, mut refusals } = self.plan(&append, last);
        let account = append.account;
        match self.write(|| format!("appending to account {account}"), steps).await? {
            Written::Refused(number) => {
                Ok(refusals.get_mut(number).and_then(Option::take).unwrap_or(Appended::Conflict))
            }
            Written::Done(_) => {
                #[cfg(feature = "simulation")]
                if self.faults().is_some_and(|faults| faults.after_commit(&append)) {
                    let doing = format!("appending to account {account}");
                    return Err(StoreError::Unknown { doing, why: "a simulated fault after the commit".to_owned() });
                }
                if has(Fault::OutboxAfterCommit) {
                    let effects = append.effects.iter().map(|effect| Step::then(effect.open())).collect();
                    self.write(|| format!("opening effects of account {account}"), effects).await?;
                }
                Ok(Appended::Done(head_after(append, last)))
            }
        }
    }

    fn plan(&self, append: &Append, last: Last) -> Plan {
        let mut plan = Plan::default();
        self.plan_epoch(append, &mut plan);
        plan_head(append, last, &mut plan);
        plan_facts(append, last, &mut plan);
        if !has(Fault::PermitNotTaken) {
            // In one order everywhere, so that two appends never wait for each other.
            let mut permits: Vec<_> = append.permits.iter().collect();
            permits.sort_by(|a, b| (&a.name, a.window_start).cmp(&(&b.name, b.window_start)));
            for permit in permits {
                let refusal = Appended::NoPermit { permit: permit.name.clone(), retry_at: permit.window_end };
                plan.or(permit.statement(last.at), refusal);
            }
        }
        for key in &append.closed {
            plan.then(key.close());
        }
        if !has(Fault::OutboxAfterCommit) {
            for effect in &append.effects {
                plan.then(effect.open());
            }
        }
        for row in &append.rows {
            plan.then(row.clone());
        }
        plan
    }

    /// PostgreSQL takes a shared lock first, so that no append under an old epoch commits after a publication.
    fn plan_epoch(&self, append: &Append, plan: &mut Plan) {
        if self.is_postgres() {
            let lock = if append.next_epoch.is_some() { EPOCH_ALONE } else { EPOCH_SHARED };
            plan.then(Statement::new(lock, [EPOCH_LOCK.into()]));
        }
        let epoch = append.policy_epoch;
        if let Some(next) = append.next_epoch {
            let number = epoch.saturating_add(1);
            plan.or(Statement::new(EPOCH_MOVES, [epoch.into(), number.into()]), Appended::StalePolicy);
            plan.then(Statement::new(EPOCH_ADD, [number.into(), next.hash.into(), next.from.into()]));
        } else {
            plan.or(Statement::new(EPOCH_HOLDS, [epoch.into()]), Appended::StalePolicy);
        }
    }
}

fn plan_head(append: &Append, last: Last, plan: &mut Plan) {
    let due = if has(Fault::DueLost) { None } else { append.due };
    let mut args: Vec<Value> = vec![
        append.account.into(),
        last.version.into(),
        last.hash.into(),
        last.at.into(),
        due.into(),
        append.fold_version.into(),
        append.policy.into(),
        append.file.as_slice().into(),
        append.kind.word().into(),
        append.adopted_epoch.into(),
    ];
    let sql = if has(Fault::VersionUnchecked) {
        HEAD_UNCHECKED
    } else if append.expected_version == 0 {
        HEAD_NEW
    } else {
        args.push(append.expected_version.into());
        args.push(append.before.into());
        HEAD_MOVES
    };
    plan.or(Statement::new(sql, args), Appended::Conflict);
}

fn plan_facts(append: &Append, last: Last, plan: &mut Plan) {
    let sql = if has(Fault::VersionUnchecked) { FACT_UNCHECKED } else { FACT_ADD };
    for fact in &append.facts {
        let source_key = fact.source_key.as_deref().filter(|_| !has(Fault::SourceKeyIgnored));
        let args = [
            fact.account.into(),
            fact.version.into(),
            fact.kind.as_str().into(),
            fact.class.word().into(),
            fact.at.into(),
            source_key.into(),
            fact.hash.into(),
            fact.bytes.as_slice().into(),
        ];
        let refusal = Appended::Duplicate { source_key: fact.source_key.clone().unwrap_or_default() };
        plan.or(Statement::new(sql, args), refusal);
    }
    let first = append.expected_version.saturating_add(1);
    plan.then(Statement::new(PENDING_ADD, [append.account.into(), first.into(), last.version.into()]));
}

/// Where the account stands after an append.
#[derive(Clone, Copy)]
struct Last {
    version: u64,
    hash: Hash,
    at: Timestamp,
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
