//! Each fault of the store that can be built in on purpose breaks the promise it is named after. A simulated world that
//! does not notice it proves nothing, so first of all it must really be one.
#![cfg(feature = "mutants")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

#[path = "conformance/world.rs"]
#[expect(dead_code, reason = "the conformance suite uses the rest")]
mod world;

use domain::mutant::{Mutant, switch};
use store::{Appended, Store, StoreConfig};
use world::{account, at, done, effect, first, next, permit, with_keys};

async fn store() -> Store {
    Store::open(&StoreConfig::new("sqlite::memory:")).await.unwrap()
}

/// The switch is one for the whole process, so one test at a time uses it.
static SWITCH: std::sync::Mutex<()> = std::sync::Mutex::new(());

#[test]
fn each_built_in_fault_breaks_its_promise_and_none_is_on_by_itself() {
    let _alone = SWITCH.lock();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        for mutant in [None, Some(Mutant::VersionUnchecked)] {
            let (store, broken) = (store().await, mutant.is_some());
            let head = done(&store, first(account(1), 1, at(0))).await;
            done(&store, next(&head, 1, at(1))).await;
            switch(mutant);
            let late = store.append(next(&head, 1, at(2))).await.unwrap();
            switch(None);
            assert_eq!(matches!(late, Appended::Done(_)), broken, "{late:?}");
            let kept = store.facts(account(1), 1, 9).await.unwrap();
            assert_eq!(kept.first().unwrap().at, at(if broken { 2 } else { 1 }), "the last writer wins");
        }
        for mutant in [None, Some(Mutant::SourceKeyIgnored)] {
            let (store, broken) = (store().await, mutant.is_some());
            switch(mutant);
            let head = done(&store, with_keys(first(account(1), 1, at(0)), &["event"])).await;
            let twice = store.append(with_keys(next(&head, 1, at(1)), &["event"])).await.unwrap();
            switch(None);
            assert_eq!(matches!(twice, Appended::Done(_)), broken, "{twice:?}");
        }
        for mutant in [None, Some(Mutant::PermitNotTaken)] {
            let (store, broken) = (store().await, mutant.is_some());
            let mut append = first(account(1), 1, at(0));
            append.permits = vec![permit("changes", 2, 1)];
            switch(mutant);
            let beyond = store.append(append).await.unwrap();
            switch(None);
            assert_eq!(matches!(beyond, Appended::Done(_)), broken, "{beyond:?}");
        }
        for mutant in [None, Some(Mutant::DueLost)] {
            let (store, broken) = (store().await, mutant.is_some());
            let mut append = first(account(1), 1, at(0));
            append.due = Some(at(1));
            switch(mutant);
            done(&store, append).await;
            switch(None);
            assert_eq!(store.claim_due(at(2), 9).await.unwrap().is_empty(), broken);
        }
    });
}

/// The outbox after the commit: a crash in between loses the effect.
#[cfg(feature = "simulation")]
#[test]
fn an_outbox_written_after_the_commit_loses_effects() {
    #[derive(Debug)]
    struct Doubt;
    impl store::StoreFaults for Doubt {
        fn before_append(&self, _: &store::Append) -> bool {
            false
        }
        fn after_commit(&self, _: &store::Append) -> bool {
            true
        }
    }
    let _alone = SWITCH.lock();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        for mutant in [None, Some(Mutant::OutboxAfterCommit)] {
            let store = store().await;
            let mut append = first(account(1), 1, at(0));
            append.effects = vec![effect(&append, 0, "object", at(0))];
            switch(mutant);
            let doubt = store.with_faults(std::sync::Arc::new(Doubt)).append(append).await;
            switch(None);
            assert!(doubt.unwrap_err().is_unknown_outcome());
            assert_eq!(store.open_effects().await.unwrap().0, u64::from(mutant.is_none()));
        }
    });
}
