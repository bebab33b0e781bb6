//! The accounts that are measured on: how many facts each has, and what a fact and a folded file look like.

use crate::Plan;
use anyhow::{Result, bail};
use domain::fact::{Class, StoredFact, chained};
use domain::ids::{AccountId, AccountKind, Hash};
use jiff::Timestamp;
use store::{Append, Appended, MAX_FACTS_PER_APPEND, Statement, Store, StoreConfig};
use uuid::Uuid;

/// Accounts filled at the same time.
const FILLED_AT_ONCE: u32 = 32;

/// The account with a number.
pub fn account(number: u32) -> AccountId {
    AccountId(Uuid::from_u64_pair(u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15), u64::from(number)))
}

/// Facts that an account begins with: a median of 50, and one in a hundred has more than 2,000.
fn size(number: u32) -> u64 {
    if number % 100 == 99 {
        2_001 + u64::from(number % 1_000)
    } else {
        20 + u64::from(number.wrapping_mul(2_654_435_761) >> 8) % 61
    }
}

/// A fact of some 350 bytes.
pub fn fact(account: AccountId, version: u64, before: Hash, at: Timestamp) -> StoredFact {
    let body = serde_json::json!({
        "account": account, "version": version, "step": version, "class": "found", "kind": "signal_found", "schema": 1,
        "at": at, "happened": at, "actor": "program", "source_key": format!("finding/{version:016x}"), "decide": 1,
        "body": { "rule": "vm_burst_in_new_region", "severity": "high", "resource": Uuid::from_u64_pair(version, 7), "per_hour": 183_40, "currency": "USD" }
    });
    let bytes = body.to_string().into_bytes();
    StoredFact {
        account,
        version,
        kind: "signal_found".to_owned(),
        class: Class::Found,
        at,
        source_key: Some(format!("finding/{version:016x}")).filter(|_| version % 3 == 0),
        hash: chained(before, &bytes),
        bytes,
    }
}

/// A folded file of some two kilobytes.
pub fn file(version: u64) -> Vec<u8> {
    let signals: Vec<_> = (0..16_u64)
        .map(|n| serde_json::json!({ "id": Uuid::from_u64_pair(version, n), "rule": "vm_burst_in_new_region", "count": n, "open": true }))
        .collect();
    serde_json::json!({ "version": version, "signals": signals, "cap": 4 }).to_string().into_bytes()
}

const ROW: &str = "INSERT INTO page_row (account, kind, id, version, who, reseller, status, severity, story, owner, sort, lookup, body) \
     VALUES ($1, $2, $3, $4, $5, '', 'open', 3, 'cryptomining', '', $6, '', $7) \
     ON CONFLICT (account, kind, id) DO UPDATE SET version = excluded.version, reseller = excluded.reseller, \
     status = excluded.status, severity = excluded.severity, story = excluded.story, owner = excluded.owner, \
     sort = excluded.sort, lookup = excluded.lookup, body = excluded.body WHERE excluded.version >= page_row.version";

/// The statement that puts one of an account's rows in its place.
pub fn row(account: AccountId, kind: &str, version: u64, sort: i64, body: &str) -> Statement {
    let name = account.to_string();
    let args = [
        account.into(),
        kind.into(),
        name.as_str().into(),
        version.into(),
        name.as_str().into(),
        sort.into(),
        body.into(),
    ];
    Statement::new(ROW, args)
}

/// Makes the store.
pub async fn fill(plan: &Plan) -> Result<()> {
    let store = Store::open(&StoreConfig::new(&plan.url)).await?;
    let tasks: Vec<_> = (0..FILLED_AT_ONCE)
        .map(|first| {
            let (store, accounts) = (store.clone(), plan.accounts);
            start(async move {
                for number in (first..accounts).step_by(usize::try_from(FILLED_AT_ONCE)?) {
                    fill_one(&store, number).await?;
                }
                anyhow::Ok(())
            })
        })
        .collect();
    for task in tasks {
        task.await??;
    }
    Ok(())
}

async fn fill_one(store: &Store, number: u32) -> Result<()> {
    let (account, at) = (account(number), Timestamp::from_second(1_780_000_000)?);
    let (mut version, mut before) = (0, Hash::default());
    while version < size(number) {
        let expected_version = version;
        let start = before;
        let count = (size(number) - version).min(u64::try_from(MAX_FACTS_PER_APPEND)?);
        let facts: Vec<_> = (1..=count)
            .map(|n| {
                let fact = fact(account, version + n, before, at);
                before = fact.hash;
                fact
            })
            .collect();
        version += count;
        let append = Append {
            account,
            kind: AccountKind::Customer,
            expected_version,
            before: start,
            policy_epoch: 0,
            facts,
            rows: ["case", "signal"].map(|kind| row(account, kind, version, 1, &"x".repeat(600))).into(),
            effects: Vec::new(),
            closed: Vec::new(),
            due: Some(at),
            permits: Vec::new(),
            file: file(version),
            fold_version: 1,
            policy: None,
            adopted_epoch: None,
            next_epoch: None,
        };
        let done = store.append(append).await?;
        if !matches!(done, Appended::Done(_)) {
            bail!("account {number} could not be filled: {done:?}");
        }
    }
    Ok(())
}

/// Starts a task of the bench.
#[expect(clippy::disallowed_methods, reason = "a bench starts its own tasks")]
pub fn start<T: Send + 'static>(task: impl Future<Output = T> + Send + 'static) -> tokio::task::JoinHandle<T> {
    tokio::spawn(task)
}
