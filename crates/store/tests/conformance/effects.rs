//! The outbox: who gets which effect, for how long, and when it is gone.

use crate::stores::on_every_store;
use crate::world::*;
use store::{ClaimedEffect, Store};

/// Opens effects on objects, each in an account of its own, ready at the given seconds.
async fn open(store: &Store, objects: &[(&str, i64)]) {
    for (number, (object, ready)) in (1..).zip(objects) {
        let mut append = first(account(number), 1, at(0));
        append.effects = vec![effect(&append, 0, object, at(*ready))];
        done(store, append).await;
    }
}

fn accounts(claimed: &[ClaimedEffect]) -> Vec<domain::ids::AccountId> {
    claimed.iter().map(|effect| effect.row.key.account).collect()
}

#[test]
fn effects_are_claimed_the_longest_waiting_first_and_never_before_they_are_ready() {
    on_every_store(async |store| {
        open(&store, &[("a", 3), ("b", 1), ("c", 2), ("d", 50)]).await;
        let claimed = store.claim_effects("one", at(60), at(10), 2).await.unwrap();
        assert_eq!(accounts(&claimed), [account(2), account(3)]);
        assert_eq!((claimed[0].attempts, claimed[0].lease_until), (1, at(60)));
        assert_eq!(claimed[0].row.payload, [0, 159, 146, 150]);
        assert_eq!(claimed[0].row.good_until, Some(at(1) + hours(24)));
        let rest = store.claim_effects("two", at(60), at(10), 9).await.unwrap();
        assert_eq!(accounts(&rest), [account(1)]);
    });
}

#[test]
fn one_effect_of_an_object_is_in_flight_at_a_time() {
    on_every_store(async |store| {
        open(&store, &[("same", 1), ("same", 2), ("other", 3), ("same", 4)]).await;
        let claimed = store.claim_effects("one", at(60), at(10), 9).await.unwrap();
        assert_eq!(accounts(&claimed), [account(1), account(3)]);
        assert!(store.claim_effects("two", at(60), at(20), 9).await.unwrap().is_empty());
        // The first is given back for later: the second of the object may go now.
        store.release_effect(claimed[0].row.key, at(1_000), "busy").await.unwrap();
        let second = store.claim_effects("two", at(60), at(20), 9).await.unwrap();
        assert_eq!(accounts(&second), [account(2)]);
        let first_again = store.claim_effects("one", at(2_000), at(1_000), 1).await.unwrap();
        assert_eq!(accounts(&first_again), [account(2)], "its own lease has run out, and it has waited longest");
    });
}

#[test]
fn a_lease_that_has_run_out_is_claimed_by_another_and_counted() {
    on_every_store(async |store| {
        open(&store, &[("a", 0)]).await;
        store.claim_effects("dead", at(30), at(0), 1).await.unwrap();
        assert!(store.claim_effects("next", at(60), at(29), 1).await.unwrap().is_empty());
        let claimed = store.claim_effects("next", at(60), at(30), 1).await.unwrap();
        assert_eq!((claimed[0].attempts, claimed[0].lease_until), (2, at(60)));
        store.release_effect(claimed[0].row.key, at(40), "429: wait").await.unwrap();
        assert!(store.claim_effects("next", at(99), at(39), 1).await.unwrap().is_empty());
        let claimed = store.claim_effects("next", at(99), at(40), 1).await.unwrap();
        assert_eq!((claimed[0].attempts, claimed[0].note.as_deref()), (3, Some("429: wait")));
    });
}

#[test]
fn only_an_append_closes_an_effect_and_releasing_a_closed_one_changes_nothing() {
    on_every_store(async |store| {
        let mut append = first(account(1), 1, at(0));
        append.effects = vec![effect(&append, 0, "a", at(0)), effect(&append, 1, "b", at(0))];
        let head = done(&store, append).await;
        let claimed = store.claim_effects("one", at(60), at(0), 9).await.unwrap();
        assert_eq!(claimed.len(), 2);
        let mut answer = next(&head, 1, at(1));
        answer.closed = vec![claimed[0].row.key];
        done(&store, answer).await;
        assert_eq!(store.open_effects().await.unwrap(), (1, Some(at(0))));
        store.release_effect(claimed[0].row.key, at(5), "late").await.unwrap();
        assert_eq!(store.open_effects().await.unwrap(), (1, Some(at(0))));
    });
}
