//! The one write: together or not at all, refused for the reasons it names, and for no others.

use crate::stores::on_every_store;
use crate::world::*;
use domain::ids::{AccountKind, Hash};
use store::{Appended, MAX_FACTS_PER_APPEND, NextEpoch, PolicyEpoch, Store, StoreError};

#[test]
fn everything_of_an_append_lands_together() {
    on_every_store(async |store| {
        let mut append = with_keys(first(account(1), 3, at(0)), &["a", "b", "c"]);
        append.rows = vec![row(&append, "x")];
        append.effects = vec![effect(&append, 0, "subscription/1", at(0))];
        append.due = Some(at(60));
        append.permits = vec![permit("changes", 2, 5)];
        append.policy = Some(Hash::of(b"policy"));
        append.adopted_epoch = Some(1);
        let facts = append.facts.clone();
        let head = done(&store, append).await;
        assert_eq!((head.version, head.hash, head.due), (3, facts[2].hash, Some(at(60))));
        assert_eq!(store.head(account(1)).await.unwrap(), Some(head));
        assert_eq!(store.facts(account(1), 0, 10).await.unwrap(), facts);
        assert_eq!(store.facts(account(1), 1, 1).await.unwrap(), facts[1..2]);
        assert_eq!(store.cursor("row x").await.unwrap().as_deref(), Some("0"));
        assert_eq!(store.open_effects().await.unwrap(), (1, Some(at(0))));
        assert_eq!(store.permit_used("changes", at(0)).await.unwrap(), 2);
        assert_eq!(store.claim_due(at(60), 10).await.unwrap().len(), 1);
    });
}

/// Tries an append that carries one of everything and must leave nothing.
async fn leaves_nothing(store: &Store, mut append: store::Append, expected: Appended) {
    let before = store.head(append.account).await.unwrap();
    let used = store.permit_used("whole", at(0)).await.unwrap();
    append.rows = vec![row(&append, "nothing")];
    append.effects = vec![effect(&append, 7, "nothing", at(0))];
    append.permits.push(permit("whole", 1, 100));
    let account = append.account;
    assert_eq!(store.append(append).await.unwrap(), expected);
    assert_eq!(store.head(account).await.unwrap(), before);
    let version = before.map_or(0, |head| head.version);
    assert!(store.facts(account, version, 10).await.unwrap().is_empty());
    assert_eq!(store.cursor("row nothing").await.unwrap(), None);
    assert_eq!(store.open_effects().await.unwrap(), (0, None));
    assert_eq!(store.permit_used("whole", at(0)).await.unwrap(), used);
}

#[test]
fn an_append_at_another_version_or_hash_conflicts_and_leaves_nothing() {
    on_every_store(async |store| {
        let head = done(&store, first(account(1), 2, at(0))).await;
        leaves_nothing(&store, first(account(1), 1, at(1)), Appended::Conflict).await;
        let older = store::Head { version: 1, ..head.clone() };
        leaves_nothing(&store, next(&older, 1, at(1)), Appended::Conflict).await;
        let newer = store::Head { version: 3, ..head.clone() };
        leaves_nothing(&store, next(&newer, 1, at(1)), Appended::Conflict).await;
        let other = store::Head { hash: Hash::of(b"other"), ..head.clone() };
        leaves_nothing(&store, next(&other, 1, at(1)), Appended::Conflict).await;
        let mut kind = next(&head, 1, at(1));
        kind.kind = AccountKind::User;
        leaves_nothing(&store, kind, Appended::Conflict).await;
        assert_eq!(done(&store, next(&head, 1, at(1))).await.version, 3);
    });
}

#[test]
fn an_event_told_twice_is_one_fact_of_its_account() {
    on_every_store(async |store| {
        let head = done(&store, with_keys(first(account(1), 1, at(0)), &["event 1"])).await;
        let duplicate = Appended::Duplicate { source_key: "event 1".to_owned() };
        leaves_nothing(&store, with_keys(next(&head, 2, at(1)), &["event 2", "event 1"]), duplicate).await;
        let twice = Appended::Duplicate { source_key: "event 3".to_owned() };
        leaves_nothing(&store, with_keys(next(&head, 2, at(1)), &["event 3", "event 3"]), twice).await;
        done(&store, with_keys(first(account(2), 1, at(0)), &["event 1"])).await;
        done(&store, with_keys(next(&head, 1, at(1)), &["event 2"])).await;
    });
}

#[test]
fn a_permit_is_never_taken_beyond_its_limit() {
    on_every_store(async |store| {
        let mut append = first(account(1), 1, at(0));
        append.permits = vec![permit("changes", 3, 4)];
        let head = done(&store, append).await;
        let mut more = next(&head, 1, at(1));
        more.permits = vec![permit("changes", 2, 4)];
        let refused = Appended::NoPermit { permit: "changes".to_owned(), retry_at: at(3_600) };
        leaves_nothing(&store, more.clone(), refused.clone()).await;
        // Another window counts anew, and a first take beyond the limit is refused too.
        more.permits[0].window_start = at(3_600);
        more.permits[0].take = 5;
        leaves_nothing(&store, more.clone(), refused.clone()).await;
        // Two takes in one append count together.
        more.permits = vec![permit("changes", 1, 4), permit("changes", 1, 4)];
        leaves_nothing(&store, more.clone(), refused).await;
        assert_eq!(store.permit_used("changes", at(0)).await.unwrap(), 3);
        more.permits = vec![permit("changes", 1, 4)];
        let head = done(&store, more).await;
        let mut back = next(&head, 1, at(2));
        back.permits = vec![permit("changes", -4, 4)];
        done(&store, back).await;
        assert_eq!(store.permit_used("changes", at(0)).await.unwrap(), 0);
    });
}

#[test]
fn a_lifted_limit_holds_until_its_end() {
    on_every_store(async |store| {
        store.lift_permit("changes", at(100), 10).await.unwrap();
        let mut append = first(account(1), 1, at(0));
        append.permits = vec![permit("changes", 6, 4)];
        let head = done(&store, append).await;
        let mut more = next(&head, 1, at(99));
        more.permits = vec![permit("changes", 4, 4)];
        let head = done(&store, more).await;
        let mut beyond = next(&head, 1, at(99));
        beyond.permits = vec![permit("changes", 1, 4)];
        let refused = Appended::NoPermit { permit: "changes".to_owned(), retry_at: at(3_600) };
        assert_eq!(store.append(beyond).await.unwrap(), refused);
        let mut later = next(&head, 1, at(100));
        later.permits = vec![permit("changes", 1, 12)];
        done(&store, later).await;
    });
}

#[test]
fn the_newest_lift_of_a_cap_counts_also_when_it_is_smaller() {
    on_every_store(async |store| {
        store.lift_permit("changes", at(500), 10).await.unwrap();
        store.lift_permit("changes", at(100), 6).await.unwrap();
        let mut append = first(account(1), 1, at(0));
        append.permits = vec![permit("changes", 6, 4)];
        let head = done(&store, append).await;
        let mut beyond = next(&head, 1, at(50));
        beyond.permits = vec![permit("changes", 1, 4)];
        let refused = Appended::NoPermit { permit: "changes".to_owned(), retry_at: at(3_600) };
        assert_eq!(store.append(beyond.clone()).await.unwrap(), refused);
        store.lift_permit("changes", at(100), 7).await.unwrap();
        // A step of the past that is taken after the end of the lift does not use it.
        beyond.permits[0].at = at(100);
        assert_eq!(store.append(beyond.clone()).await.unwrap(), refused);
        beyond.permits[0].at = at(99);
        done(&store, beyond).await;
    });
}

#[test]
fn an_append_under_an_older_policy_is_refused_once_a_newer_one_is_published() {
    on_every_store(async |store| {
        let (old, new) = (Hash::of(b"old"), Hash::of(b"new"));
        store.put_bundle(new, b"new").await.unwrap();
        store.put_bundle(new, b"new").await.unwrap();
        assert_eq!(store.bundle(new).await.unwrap().as_deref(), Some(&b"new"[..]));
        assert_eq!(store.bundle(old).await.unwrap(), None);
        let head = done(&store, first(account(1), 1, at(0))).await;
        let mut publish = first(account(9), 1, at(0));
        publish.kind = AccountKind::Policy;
        publish.next_epoch = Some(NextEpoch { hash: new, from: at(30) });
        let policy = done(&store, publish).await;
        leaves_nothing(&store, next(&head, 1, at(1)), Appended::StalePolicy).await;
        leaves_nothing(&store, next(&policy, 1, at(1)), Appended::StalePolicy).await;
        assert_eq!(store.timeline().await.unwrap(), [PolicyEpoch { epoch: 1, hash: new, from: at(30) }]);
        let mut under_new = next(&head, 1, at(1));
        under_new.policy_epoch = 1;
        under_new.adopted_epoch = Some(0);
        done(&store, under_new).await;
        assert_eq!(store.accounts_on_older_epoch(1, 10).await.unwrap(), [account(1)]);
        assert!(store.accounts_on_older_epoch(0, 10).await.unwrap().is_empty());
    });
}

#[test]
fn facts_that_do_not_continue_the_chain_are_an_error() {
    on_every_store(async |store| {
        let head = done(&store, first(account(1), 1, at(10))).await;
        let good = next(&head, 2, at(11));
        let mut cases = Vec::new();
        let mut none = good.clone();
        none.facts.clear();
        cases.push(none);
        let mut gap = good.clone();
        gap.facts.remove(0);
        cases.push(gap);
        let mut edited = good.clone();
        edited.facts[1].bytes[3] ^= 1;
        cases.push(edited);
        let mut foreign = good.clone();
        foreign.facts[0].account = account(2);
        cases.push(foreign);
        let mut back = good.clone();
        back.facts[1] = fact(account(1), 3, back.facts[0].hash, at(10), None);
        cases.push(back);
        for case in cases {
            let error = store.append(case).await.unwrap_err();
            assert!(matches!(error, StoreError::BrokenChain { .. }), "{error}");
        }
        let many = next(&head, u64::try_from(MAX_FACTS_PER_APPEND).unwrap() + 1, at(11));
        assert!(matches!(store.append(many).await.unwrap_err(), StoreError::TooMany { .. }));
        assert_eq!(store.head(account(1)).await.unwrap(), Some(head));
        done(&store, good).await;
    });
}
