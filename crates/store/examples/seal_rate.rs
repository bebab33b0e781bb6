//! Measures how fast the sealer gives positions, and what it costs the appends beside it:
//! `cargo run --release -p store --example seal_rate [sqlite:PATH | postgres://…]`, one JSON object to standard output.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement stops at the first surprise"
)]

use domain::fact::{Class, StoredFact, chained};
use domain::ids::{AccountId, AccountKind, Hash};
use futures_util::future::join_all;
use jiff::Timestamp;
use serde_json::json;
use std::time::{Duration, Instant};
use store::{Append, Signer, Store, StoreConfig};
use uuid::Uuid;

/// Appends in flight at once, each on an account of its own.
const IN_FLIGHT: u128 = 64;
/// Facts of each append.
const FACTS: usize = 3;
/// Facts that wait when the sealer alone is measured.
const BACKLOG: u64 = 60_000;
/// How long appends are measured, without and with the sealer beside them.
const SPAN: Duration = Duration::from_secs(5);

struct Writer {
    account: AccountId,
    version: u64,
    hash: Hash,
    took: Vec<Duration>,
}

impl Writer {
    async fn step(&mut self, store: &Store) {
        let (expected_version, before) = (self.version, self.hash);
        let mut facts = Vec::with_capacity(FACTS);
        for _ in 0..FACTS {
            self.version += 1;
            let bytes =
                format!(r#"{{"account":"{}","version":{},"body":"{}"}}"#, self.account, self.version, "x".repeat(270));
            let bytes = bytes.into_bytes();
            self.hash = chained(self.hash, &bytes);
            facts.push(StoredFact {
                account: self.account,
                version: self.version,
                kind: "measure".to_owned(),
                class: Class::Observed,
                at: Timestamp::UNIX_EPOCH,
                source_key: None,
                hash: self.hash,
                bytes,
            });
        }
        let append = Append {
            account: self.account,
            kind: AccountKind::Customer,
            expected_version,
            before,
            policy_epoch: 0,
            facts,
            rows: Vec::new(),
            effects: Vec::new(),
            closed: Vec::new(),
            due: None,
            permits: Vec::new(),
            file: vec![b'f'; 2_000],
            fold_version: 1,
            policy: None,
            adopted_epoch: None,
            next_epoch: None,
        };
        let begun = Instant::now();
        store.append(append).await.unwrap();
        self.took.push(begun.elapsed());
    }
}

async fn append_until(store: &Store, writers: &mut [Writer], is_enough: impl Fn(u64) -> bool) {
    let count = std::sync::atomic::AtomicU64::new(0);
    let (count, is_enough) = (&count, &is_enough);
    join_all(writers.iter_mut().map(|writer| async move {
        while !is_enough(count.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) {
            writer.step(store).await;
        }
    }))
    .await;
}

async fn measured(store: &Store, writers: &mut [Writer]) -> serde_json::Value {
    for writer in writers.iter_mut() {
        writer.took.clear();
    }
    let begun = Instant::now();
    append_until(store, writers, |_| begun.elapsed() > SPAN).await;
    let seconds = begun.elapsed().as_secs_f64();
    let mut took: Vec<_> = writers.iter().flat_map(|writer| writer.took.iter().copied()).collect();
    took.sort();
    let p99 = took.get(took.len() * 99 / 100).unwrap().as_secs_f64() * 1_000.0;
    let rate = f64::from(u32::try_from(took.len()).unwrap()) / seconds;
    json!({"appends_per_second": rate.round(), "p99_ms": (p99 * 10.0).round() / 10.0})
}

async fn seal_all(store: &Store, max: u64) -> u64 {
    let mut sealed = 0;
    loop {
        match store.seal_batch("measure", Timestamp::UNIX_EPOCH, max).await.unwrap() {
            0 => return sealed,
            count => sealed += count,
        }
    }
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let folder = tempfile::tempdir_in(".").unwrap();
    let here = format!("sqlite:{}", folder.path().join("borgen.db").display());
    let store = Store::open(&StoreConfig::new(std::env::args().nth(1).unwrap_or(here))).await.unwrap();
    let new = |number| Writer {
        account: AccountId(Uuid::from_u128(number)),
        version: 0,
        hash: Hash::default(),
        took: Vec::new(),
    };
    let mut writers: Vec<_> = (1..=IN_FLIGHT).map(new).collect();
    append_until(&store, &mut writers, |count| count * 3 >= BACKLOG).await;
    let begun = Instant::now();
    let sealed = seal_all(&store, 1_000).await;
    let alone = f64::from(u32::try_from(sealed).unwrap()) / begun.elapsed().as_secs_f64();
    let without = measured(&store, &mut writers).await;
    seal_all(&store, 1_000).await;
    let stop = std::sync::atomic::AtomicBool::new(false);
    let (with, sealed_beside) = tokio::join!(
        async {
            let with = measured(&store, &mut writers).await;
            stop.store(true, std::sync::atomic::Ordering::Relaxed);
            with
        },
        async {
            let mut sealed = 0;
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                sealed += store.seal_batch("measure", Timestamp::UNIX_EPOCH, 1_000).await.unwrap();
                tokio::task::yield_now().await;
            }
            sealed
        }
    );
    let waiting = store.unsealed_appends().await.unwrap();
    let begun = Instant::now();
    seal_all(&store, 1_000).await;
    store.checkpoint(Timestamp::UNIX_EPOCH, &Signer::from_seed(&[1; 32])).await.unwrap();
    let report = json!({
        "facts_sealed_per_second_alone": alone.round(),
        "appends_without_sealer": without,
        "appends_with_sealer": with,
        "facts_sealed_per_second_beside": sealed_beside / SPAN.as_secs(),
        "appends_left_unsealed": waiting,
        "caught_up_ms": u64::try_from(begun.elapsed().as_millis()).unwrap(),
    });
    println!("{report}");
}
