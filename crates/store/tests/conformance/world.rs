//! Accounts, facts and appends as tests need them.

use domain::fact::{Class, StoredFact, chained};
use domain::ids::{AccountId, AccountKind, Hash};
use jiff::{SignedDuration, Timestamp};
use store::{Append, Appended, EffectKey, Head, OutboxRow, PermitTake, Statement, Store};
use uuid::Uuid;

pub(crate) fn account(number: u64) -> AccountId {
    AccountId(Uuid::from_u64_pair(0xb0_46e4, number))
}

/// An instant some seconds into the story.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + seconds).unwrap()
}

pub(crate) fn hours(count: i64) -> SignedDuration {
    SignedDuration::from_hours(count)
}

/// A fact that follows on `before`.
pub(crate) fn fact(
    account: AccountId,
    version: u64,
    before: Hash,
    at: Timestamp,
    source_key: Option<&str>,
) -> StoredFact {
    let bytes = serde_json::json!({
        "account": account, "version": version, "at": at, "kind": "tested", "source_key": source_key, "body": "å\u{1f4b0}\n",
    });
    let bytes = bytes.to_string().into_bytes();
    StoredFact {
        account,
        version,
        kind: "tested".to_owned(),
        class: Class::Observed,
        at,
        source_key: source_key.map(str::to_owned),
        hash: chained(before, &bytes),
        bytes,
    }
}

/// An append of `count` facts to a new account.
pub(crate) fn first(account: AccountId, count: u64, at: Timestamp) -> Append {
    after(account, 0, Hash::default(), count, at)
}

/// An append of `count` facts to an account as it stands.
pub(crate) fn next(head: &Head, count: u64, at: Timestamp) -> Append {
    after(head.account, head.version, head.hash, count, at)
}

fn after(account: AccountId, version: u64, before: Hash, count: u64, at: Timestamp) -> Append {
    let mut hash = before;
    let facts = (1..=count).map(|n| {
        let fact = fact(account, version + n, hash, at, None);
        hash = fact.hash;
        fact
    });
    Append {
        account,
        kind: AccountKind::Customer,
        expected_version: version,
        before,
        policy_epoch: 0,
        facts: facts.collect(),
        rows: Vec::new(),
        effects: Vec::new(),
        closed: Vec::new(),
        due: None,
        permits: Vec::new(),
        file: format!("file at {}", version + count).into_bytes(),
        fold_version: 1,
        policy: None,
        adopted_epoch: None,
        next_epoch: None,
    }
}

/// The same append, whose facts have these source keys.
pub(crate) fn with_keys(mut append: Append, keys: &[&str]) -> Append {
    let mut hash = append.before;
    for (stored, key) in append.facts.iter_mut().zip(keys) {
        *stored = fact(stored.account, stored.version, hash, stored.at, Some(key));
        hash = stored.hash;
    }
    append
}

pub(crate) fn effect(append: &Append, ordinal: u32, object: &str, ready_at: Timestamp) -> OutboxRow {
    OutboxRow {
        key: EffectKey { account: append.account, version: append.expected_version + 1, ordinal },
        kind: "suspend".to_owned(),
        object: object.to_owned(),
        payload: vec![0, 159, 146, 150],
        ready_at,
        good_until: Some(ready_at + hours(24)),
    }
}

pub(crate) fn permit(name: &str, take: i64, limit: i64) -> PermitTake {
    PermitTake { name: name.to_owned(), window_start: at(0), window_end: at(3_600), take, limit, at: at(0) }
}

/// A row that pages read, with the account's version as its state.
pub(crate) fn row(append: &Append, id: &str) -> Statement {
    const ROW: &str =
        "INSERT INTO place (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    Statement::new(ROW, [format!("row {id}").into(), append.expected_version.to_string().into()])
}

/// Appends and gives the head, or fails the test.
pub(crate) async fn done(store: &Store, append: Append) -> Head {
    match store.append(append).await.unwrap() {
        Appended::Done(head) => head,
        other => panic!("the append was refused: {other:?}"),
    }
}
