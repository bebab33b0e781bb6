//! What a simulated world relies on: faults before and after the commit, and a process that ends at any point of waiting.
#![cfg(feature = "simulation")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

#[path = "conformance/world.rs"]
#[expect(dead_code, reason = "the conformance suite uses the rest")]
mod world;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll, Waker};
use store::{Append, Store, StoreConfig, StoreError, StoreFaults};
use world::{account, at, done, effect, first, next};

#[derive(Debug, Default)]
struct Drawn {
    before: bool,
    after: bool,
    /// The pause, counted from 1, that never ends; 0 for none.
    ends_at: u32,
    pauses: AtomicU32,
}

impl StoreFaults for Drawn {
    fn before_append(&self, _: &Append) -> bool {
        self.before
    }

    fn after_commit(&self, _: &Append) -> bool {
        self.after
    }

    fn pause(&self, _: &'static str) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        if self.pauses.fetch_add(1, Ordering::Relaxed) + 1 == self.ends_at {
            return Box::pin(std::future::pending());
        }
        Box::pin(std::future::ready(()))
    }
}

async fn in_place(folder: &tempfile::TempDir) -> Store {
    let url = format!("sqlite:{}", folder.path().join("store.db").display());
    Store::open(&StoreConfig { inline: true, ..StoreConfig::new(url) }).await.unwrap()
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

#[test]
fn a_fault_before_the_append_leaves_nothing_and_one_after_the_commit_leaves_everything() {
    run(async {
        let store = Store::open(&StoreConfig::new("sqlite::memory:")).await.unwrap();
        let failing = store.with_faults(Arc::new(Drawn { before: true, ..Drawn::default() }));
        let error = failing.append(first(account(1), 1, at(0))).await.unwrap_err();
        assert!(matches!(error, StoreError::Fault(_)) && !error.is_unknown_outcome());
        assert_eq!(store.head(account(1)).await.unwrap(), None);
        let doubtful = store.with_faults(Arc::new(Drawn { after: true, ..Drawn::default() }));
        let error = doubtful.append(first(account(1), 1, at(0))).await.unwrap_err();
        assert!(error.is_unknown_outcome());
        assert_eq!(store.head(account(1)).await.unwrap().unwrap().version, 1);
    });
}

#[test]
fn a_process_that_ends_at_any_pause_leaves_a_whole_append_or_none() {
    let mut seen = std::collections::BTreeSet::new();
    for ends_at in 1..=4 {
        let folder = tempfile::tempdir().unwrap();
        let store = run(in_place(&folder));
        let mut append = first(account(1), 2, at(0));
        append.effects = vec![effect(&append, 0, "object", at(0))];
        let ending = store.with_faults(Arc::new(Drawn { ends_at, ..Drawn::default() }));
        {
            let mut future = Box::pin(ending.append(append));
            let ended = matches!(future.as_mut().poll(&mut Context::from_waker(Waker::noop())), Poll::Pending);
            assert_eq!(ended, ends_at <= 2, "an append pauses before it is written and after it is committed");
        }
        drop((ending, store));
        run(async {
            let store = in_place(&folder).await;
            let version = store.head(account(1)).await.unwrap().map_or(0, |head| head.version);
            let facts = store.facts(account(1), 0, 9).await.unwrap().len();
            let effects = store.open_effects().await.unwrap().0;
            assert!((version, facts, effects) == (0, 0, 0) || (version, facts, effects) == (2, 2, 1));
            seen.insert(version);
        });
    }
    assert_eq!(seen, [0, 2].into());
}

#[test]
fn a_store_in_place_never_leaves_the_thread_that_polls_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = run(in_place(&folder));
    // Without a runtime nothing could be handed to another thread: one poll must be enough.
    let mut future = Box::pin(async {
        let head = done(&store, first(account(1), 1, at(0))).await;
        done(&store, next(&head, 1, at(1))).await;
        store.facts(account(1), 0, 9).await.unwrap().len()
    });
    assert_eq!(future.as_mut().poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(2));
}
