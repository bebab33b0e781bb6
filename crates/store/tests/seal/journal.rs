//! Journals for the tests of the seal: accounts with chains of small facts, and the databases to put them in.

use domain::fact::{Class, StoredFact, chained};
use domain::ids::{AccountId, AccountKind, Hash};
use jiff::{SignedDuration, Timestamp};
use std::sync::atomic::{AtomicU32, Ordering};
use store::{Append, Appended, Signer, Store, StoreConfig};
use uuid::Uuid;

/// The instant `seconds` after the tests begin.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000).unwrap() + SignedDuration::from_secs(seconds)
}

/// The signer with this number.
pub(crate) fn signer(number: u8) -> Signer {
    Signer::from_seed(&[number; 32])
}

/// A store in memory, and one on PostgreSQL when `BORGEN_TEST_POSTGRES` names a server.
pub(crate) async fn databases() -> Vec<Store> {
    let mut stores = vec![Store::open(&StoreConfig::new("sqlite::memory:")).await.unwrap()];
    if let Some(url) = new_database().await {
        stores.push(Store::open(&StoreConfig::new(url)).await.unwrap());
    }
    stores
}

static NEXT_DATABASE: AtomicU32 = AtomicU32::new(0);

/// The URL of a new database on the test server, if there is one.
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
async fn new_database() -> Option<String> {
    let Ok(server) = std::env::var("BORGEN_TEST_POSTGRES") else {
        assert!(std::env::var("CI").is_err(), "CI needs BORGEN_TEST_POSTGRES");
        eprintln!("skipped on PostgreSQL: BORGEN_TEST_POSTGRES is not set");
        return None;
    };
    let number = NEXT_DATABASE.fetch_add(1, Ordering::Relaxed);
    let name = format!("seal_{}_{number}", std::process::id());
    let pool = sqlx::PgPool::connect(&server).await.unwrap();
    let create = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"));
    sqlx::query(create).execute(&pool).await.unwrap();
    let (base, _) = server.rsplit_once('/').expect("the URL names a database");
    Some(format!("{base}/{name}"))
}

/// An account and its facts.
pub(crate) struct Chain {
    pub(crate) account: AccountId,
    facts: Vec<StoredFact>,
}

impl Chain {
    pub(crate) fn new(number: u128) -> Self {
        Self { account: AccountId(Uuid::from_u128(0xA000 + number)), facts: Vec::new() }
    }

    pub(crate) fn len(&self) -> usize {
        self.facts.len()
    }

    pub(crate) fn hashes(&self) -> Vec<Hash> {
        self.facts.iter().map(|fact| fact.hash).collect()
    }

    /// Appends some facts in one step.
    pub(crate) async fn append(&mut self, store: &Store, count: usize, at: Timestamp) {
        let expected_version = u64::try_from(self.facts.len()).unwrap();
        let before = self.facts.last().map(|fact| fact.hash).unwrap_or_default();
        for _ in 0..count {
            let fact = self.next(at);
            self.facts.push(fact);
        }
        let append = Append {
            account: self.account,
            kind: AccountKind::Customer,
            expected_version,
            before,
            policy_epoch: 0,
            facts: self.facts[usize::try_from(expected_version).unwrap()..].to_vec(),
            rows: Vec::new(),
            effects: Vec::new(),
            closed: Vec::new(),
            due: None,
            permits: Vec::new(),
            file: b"{}".to_vec(),
            fold_version: 1,
            policy: None,
            adopted_epoch: None,
            next_epoch: None,
        };
        assert!(matches!(store.append(append).await.unwrap(), Appended::Done(_)));
    }

    fn next(&self, at: Timestamp) -> StoredFact {
        let version = u64::try_from(self.facts.len()).unwrap() + 1;
        let account = self.account;
        let bytes = format!(
            r#"{{"account":"{account}","version":{version},"step":{version},"class":"observed","kind":"note.written","schema":1,"at":"{at}","happened":"{at}","actor":"program","decide":1,"body":{{"text":"Åsa said \"yes\" {version}"}}}}"#
        )
        .into_bytes();
        let before = self.facts.last().map(|fact| fact.hash).unwrap_or_default();
        StoredFact {
            account,
            version,
            kind: "note.written".to_owned(),
            class: Class::Observed,
            at,
            source_key: None,
            hash: chained(before, &bytes),
            bytes,
        }
    }
}
