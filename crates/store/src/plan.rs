//! How an append is put into statements, and what each means when it touches nothing. Pure: both databases run the
//! same list.

use crate::append::{Append, Last};
use crate::error::StoreError;
use crate::packed::pack;
use crate::sql::{Hold, Statement, Step, Value};
use domain::fact::StoredFact;
use domain::ids::AccountId;
use jiff::Timestamp;

/// Facts that one statement inserts.
const FACTS_PER_STATEMENT: usize = 4;

const EPOCH_HOLDS: &str = "SELECT epoch FROM policy_head WHERE only_one = 1 AND epoch = $1";
const EPOCH_MOVES: &str = "UPDATE policy_head SET epoch = $2 WHERE only_one = 1 AND epoch = $1";
const EPOCH_ADD: &str = "INSERT INTO policy_epoch (epoch, hash, valid_from) VALUES ($1, $2, $3)";
const HEAD_NEW: &str = "INSERT INTO account (account, version, hash, last_at, fold_version, policy, file, kind, due, policy_epoch) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (account) DO NOTHING";
const HEAD_MOVES: &str = "UPDATE account SET version = $2, hash = $3, last_at = $4, due_claim = NULL, \
     fold_version = $5, policy = $6, file = $7 \
     WHERE account = $1 AND kind = $8 AND version = $9 AND hash = $10 AND read_only = 0 \
     AND EXISTS (SELECT 1 FROM policy_head WHERE only_one = 1 AND epoch = $11)";
/// What has an index is named only where it changes: SQLite writes the index anew whenever a statement names the column.
const HEAD_IS_DUE: &str = "UPDATE account SET due = $2 WHERE account = $1 AND due IS DISTINCT FROM $2";
const HEAD_ADOPTS: &str = "UPDATE account SET policy_epoch = $2 WHERE account = $1";
const HEAD_UNCHECKED: &str = "INSERT INTO account (account, version, hash, last_at, fold_version, policy, file, kind, due, policy_epoch) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (account) DO UPDATE SET version = excluded.version, \
     hash = excluded.hash, last_at = excluded.last_at, due = excluded.due, fold_version = excluded.fold_version, \
     policy = excluded.policy, file = excluded.file, \
     policy_epoch = COALESCE(excluded.policy_epoch, account.policy_epoch)";
/// Inserts facts; the number of values is the only difference.
macro_rules! fact_add {
    ($($values:literal),+) => {
        concat!(
            "INSERT INTO fact (account, version, kind, class, at, source_key, hash, bytes) VALUES ", $($values,)+
            " ON CONFLICT (account, source_key) WHERE source_key IS NOT NULL DO NOTHING"
        )
    };
}
const FACT_ADD_1: &str = fact_add!("($1, $2, $3, $4, $5, $6, $7, $8)");
const FACT_ADD_2: &str = fact_add!("($1, $2, $3, $4, $5, $6, $7, $8)", ", ($9, $10, $11, $12, $13, $14, $15, $16)");
const FACT_ADD_3: &str = fact_add!(
    "($1, $2, $3, $4, $5, $6, $7, $8)",
    ", ($9, $10, $11, $12, $13, $14, $15, $16)",
    ", ($17, $18, $19, $20, $21, $22, $23, $24)"
);
const FACT_ADD_4: &str = fact_add!(
    "($1, $2, $3, $4, $5, $6, $7, $8)",
    ", ($9, $10, $11, $12, $13, $14, $15, $16)",
    ", ($17, $18, $19, $20, $21, $22, $23, $24)",
    ", ($25, $26, $27, $28, $29, $30, $31, $32)"
);
const TOUCH_FACT: &str = "SELECT 1 FROM fact WHERE account = $1 AND version = $2";
const TOUCH_KEY: &str = "SELECT 1 FROM fact WHERE account = $1 AND source_key = $2";
const KEY_KNOWN: &str = "SELECT version FROM fact WHERE account = $1 AND source_key = $2";
const FACT_UNCHECKED: &str = "INSERT INTO fact (account, version, kind, class, at, source_key, hash, bytes) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (account, version) DO UPDATE SET kind = excluded.kind, \
     class = excluded.class, at = excluded.at, source_key = excluded.source_key, hash = excluded.hash, bytes = excluded.bytes";
const PENDING_ADD: &str = "INSERT INTO pending (account, first, last, hashes, at) VALUES ($1, $2, $3, $4, $5)";

/// Faults that are built in on purpose when the tests of the simulated world ask for it.
#[derive(Clone, Copy)]
pub(crate) enum Fault {
    VersionUnchecked,
    OutboxAfterCommit,
    SourceKeyIgnored,
    PermitNotTaken,
    DueLost,
}

#[cfg(feature = "mutants")]
pub(crate) fn has(fault: Fault) -> bool {
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
pub(crate) const fn has(_: Fault) -> bool {
    false
}

/// What it means that a statement touched nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Another policy epoch is in force.
    Epoch,
    /// The account is elsewhere, is read-only, or another policy epoch is in force.
    Head,
    /// An event is known.
    Facts,
    /// A cap leaves no room.
    Permit { permit: String, retry_at: Timestamp },
}

/// The steps of a write, each with what it means when it touches nothing.
pub(crate) struct Plan {
    pub(crate) hold: Hold,
    pub(crate) steps: Vec<Step>,
    pub(crate) refusals: Vec<Option<Refusal>>,
}

impl Plan {
    fn then(&mut self, statement: Statement) {
        self.steps.push(Step::then(statement));
        self.refusals.push(None);
    }

    fn or(&mut self, statement: Statement, refusal: Refusal) {
        self.or_rows(statement, 1, refusal);
    }

    fn or_rows(&mut self, statement: Statement, rows: usize, refusal: Refusal) {
        self.steps.push(Step::demand_rows(statement, u64::try_from(rows).unwrap_or(u64::MAX)));
        self.refusals.push(Some(refusal));
    }
}

/// Finds out whether a policy epoch is in force.
pub(crate) fn epoch_holds(epoch: i64) -> Statement {
    Statement::new(EPOCH_HOLDS, [epoch.into()])
}

/// Finds out whether an account has a fact with a source key.
pub(crate) fn key_known(account: AccountId, source_key: &str) -> Statement {
    Statement::new(KEY_KNOWN, [account.into(), source_key.into()])
}

/// The statements of an append. `last` is where the account stands after it.
pub(crate) fn plan(append: &Append, last: Last) -> Result<Plan, StoreError> {
    let hold = if append.next_epoch.is_some() { Hold::PolicyAlone } else { Hold::PolicyShared };
    let mut plan = Plan { hold, steps: Vec::new(), refusals: Vec::new() };
    plan_head(append, last, pack(&append.file)?, &mut plan);
    plan_facts(append, last, &mut plan)?;
    if !has(Fault::PermitNotTaken) {
        // In one order everywhere, so that two appends never wait for each other.
        let mut permits: Vec<_> = append.permits.iter().collect();
        permits.sort_by(|a, b| (&a.name, a.window_start).cmp(&(&b.name, b.window_start)));
        for permit in permits {
            let refusal = Refusal::Permit { permit: permit.name.clone(), retry_at: permit.window_end };
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
    Ok(plan)
}

/// What to read before an append, so that a large and cold SQLite file is read by many at once, and not by its one writer.
pub(crate) fn touches(append: &Append) -> Vec<Statement> {
    let key =
        |fact: &StoredFact| Some(Statement::new(TOUCH_KEY, [fact.account.into(), fact.source_key.as_deref()?.into()]));
    // The facts of an append stand side by side in the index.
    let first = append.facts.first().map(|fact| Statement::new(TOUCH_FACT, [fact.account.into(), fact.version.into()]));
    let facts = first.into_iter().chain(append.facts.iter().filter_map(key));
    facts.chain(append.rows.iter().filter_map(crate::rows::touching)).collect()
}

/// The policy epoch and the account's row. Most appends check both in one statement.
fn plan_head(append: &Append, last: Last, file: Vec<u8>, plan: &mut Plan) {
    let epoch = append.policy_epoch;
    let number = epoch.saturating_add(1);
    let due = if has(Fault::DueLost) { None } else { append.due };
    let mut args: Vec<Value> = vec![
        append.account.into(),
        last.version.into(),
        last.hash.into(),
        last.at.into(),
        append.fold_version.into(),
        append.policy.into(),
        file.into(),
        append.kind.word().into(),
    ];
    if let Some(next) = append.next_epoch {
        plan.or(Statement::new(EPOCH_MOVES, [epoch.into(), number.into()]), Refusal::Epoch);
        plan.then(Statement::new(EPOCH_ADD, [number.into(), next.hash.into(), next.from.into()]));
    }
    if append.expected_version > 0 && !has(Fault::VersionUnchecked) {
        let in_force = if append.next_epoch.is_some() { number } else { epoch };
        args.extend([append.expected_version.into(), append.before.into(), in_force.into()]);
        plan.or(Statement::new(HEAD_MOVES, args), Refusal::Head);
        plan.then(Statement::new(HEAD_IS_DUE, [append.account.into(), due.into()]));
        if let Some(adopted) = append.adopted_epoch {
            plan.then(Statement::new(HEAD_ADOPTS, [append.account.into(), adopted.into()]));
        }
        return;
    }
    args.extend([due.into(), append.adopted_epoch.into()]);
    if append.next_epoch.is_none() {
        plan.or(epoch_holds(epoch), Refusal::Epoch);
    }
    let sql = if has(Fault::VersionUnchecked) { HEAD_UNCHECKED } else { HEAD_NEW };
    plan.or(Statement::new(sql, args), Refusal::Head);
}

fn plan_facts(append: &Append, last: Last, plan: &mut Plan) -> Result<(), StoreError> {
    if has(Fault::VersionUnchecked) {
        for fact in &append.facts {
            plan.then(Statement::new(FACT_UNCHECKED, values(fact)?));
        }
    } else {
        for facts in append.facts.chunks(FACTS_PER_STATEMENT) {
            let sql = match facts.len() {
                1 => FACT_ADD_1,
                2 => FACT_ADD_2,
                3 => FACT_ADD_3,
                _ => FACT_ADD_4,
            };
            let args = facts.iter().map(values).collect::<Result<Vec<_>, _>>()?.concat();
            plan.or_rows(Statement::new(sql, args), facts.len(), Refusal::Facts);
        }
    }
    let first = append.expected_version.saturating_add(1);
    let hashes: Vec<u8> = append.facts.iter().flat_map(|fact| fact.hash.0).collect();
    let args = [append.account.into(), first.into(), last.version.into(), hashes.into(), last.at.into()];
    plan.then(Statement::new(PENDING_ADD, args));
    Ok(())
}

fn values(fact: &StoredFact) -> Result<[Value; 8], StoreError> {
    let source_key = fact.source_key.as_deref().filter(|_| !has(Fault::SourceKeyIgnored));
    Ok([
        fact.account.into(),
        fact.version.into(),
        fact.kind.as_str().into(),
        fact.class.word().into(),
        fact.at.into(),
        source_key.into(),
        fact.hash.into(),
        pack(&fact.bytes)?.into(),
    ])
}
