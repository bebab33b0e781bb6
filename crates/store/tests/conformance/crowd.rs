//! Many at once: what no two may get, and that neighbours in one commit don't disturb each other.

use crate::stores::on_every_store;
use crate::world::*;
use domain::fact::chained;
use domain::ids::Hash;
use std::collections::BTreeSet;
use store::{Appended, Store};

/// Runs tasks at once and gives their results.
async fn at_once<T: Send + 'static>(tasks: impl Iterator<Item = impl Future<Output = T> + Send + 'static>) -> Vec<T> {
    let mut set = tokio::task::JoinSet::new();
    for task in tasks {
        set.spawn(task);
    }
    set.join_all().await
}

/// Appends to an account until it worked, reading again after each conflict. Gives the version it landed at.
async fn insist(store: Store, number: u64) -> u64 {
    loop {
        let append = match store.head(account(number)).await.unwrap() {
            Some(head) => next(&head, 1, at(1)),
            None => first(account(number), 1, at(1)),
        };
        match store.append(append).await.unwrap() {
            Appended::Done(head) => return head.version,
            Appended::Conflict => {}
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn appends_to_one_account_at_once_form_one_chain_without_a_loss() {
    on_every_store(async |store| {
        let versions = at_once((0..40).map(|_| insist(store.clone(), 1))).await;
        assert_eq!(versions.into_iter().collect::<BTreeSet<_>>(), (1..=40).collect());
        let mut before = Hash::default();
        for fact in store.facts(account(1), 0, 100).await.unwrap() {
            assert_eq!(fact.hash, chained(before, &fact.bytes));
            before = fact.hash;
        }
        assert_eq!(store.head(account(1)).await.unwrap().unwrap().hash, before);
    });
}

#[test]
fn refused_appends_don_t_disturb_their_neighbours() {
    on_every_store(async |store| {
        let tasks = (0..200_u64).map(|number| {
            let store = store.clone();
            async move {
                let mut append = first(account(number), 2, at(0));
                match number % 4 {
                    1 => append = with_keys(append, &["same", "same"]),
                    2 => append.permits = vec![permit("none", 1, 0)],
                    3 => append.policy_epoch = 7,
                    _ => {}
                }
                (number, store.append(append).await.unwrap())
            }
        });
        for (number, appended) in at_once(tasks).await {
            let landed = store.head(account(number)).await.unwrap().is_some();
            let facts = store.facts(account(number), 0, 9).await.unwrap().len();
            assert_eq!((landed, facts), if number % 4 == 0 { (true, 2) } else { (false, 0) }, "{appended:?}");
            match (number % 4, appended) {
                (0, Appended::Done(_))
                | (1, Appended::Duplicate { .. })
                | (2, Appended::NoPermit { .. })
                | (3, Appended::StalePolicy) => {}
                other => panic!("{other:?}"),
            }
        }
    });
}

#[test]
fn a_permit_asked_for_by_many_is_given_exactly_as_often_as_it_may_be() {
    on_every_store(async |store| {
        let tasks = (0..60).map(|number| {
            let store = store.clone();
            async move {
                let mut append = first(account(number), 1, at(0));
                append.permits = vec![permit("changes", 1, 25)];
                matches!(store.append(append).await.unwrap(), Appended::Done(_))
            }
        });
        let given = at_once(tasks).await.into_iter().filter(|given| *given).count();
        assert_eq!((given, store.permit_used("changes", at(0)).await.unwrap()), (25, 25));
    });
}

#[test]
fn no_effect_and_no_object_is_claimed_by_two_workers() {
    on_every_store(async |store| {
        for number in 0..30 {
            let mut append = first(account(number), 1, at(0));
            append.effects = vec![effect(&append, 0, &format!("object {}", number % 10), at(0))];
            done(&store, append).await;
        }
        let tasks = (0..8).map(|worker| {
            let store = store.clone();
            async move { store.claim_effects(&format!("worker {worker}"), at(60), at(0), 4).await.unwrap() }
        });
        let claimed: Vec<_> = at_once(tasks).await.into_iter().flatten().collect();
        let objects: BTreeSet<_> = claimed.iter().map(|effect| effect.row.object.clone()).collect();
        assert_eq!((claimed.len(), objects.len()), (10, 10));
    });
}

#[test]
fn a_due_account_is_handed_to_one_worker_only() {
    on_every_store(async |store| {
        for number in 0..40 {
            let mut append = first(account(number), 1, at(0));
            append.due = Some(at(0));
            done(&store, append).await;
        }
        let tasks = (0..8).map(|_| {
            let store = store.clone();
            async move { store.claim_due(at(1), 10).await.unwrap() }
        });
        let claimed: Vec<_> = at_once(tasks).await.into_iter().flatten().map(|due| due.account).collect();
        let different: BTreeSet<_> = claimed.iter().copied().collect();
        assert_eq!(claimed.len(), different.len());
        // A claim that lost a race may have found less than it asked for; a second round finds the rest.
        let rest = store.claim_due(at(1), 100).await.unwrap().len();
        assert_eq!(claimed.len() + rest, 40);
    });
}

#[test]
fn no_append_under_an_older_policy_commits_after_a_publication() {
    on_every_store(async |store| {
        let tasks = (0..30_u64).map(|number| {
            let store = store.clone();
            async move {
                let mut append = first(account(number), 1, at(0));
                if number == 15 {
                    append.next_epoch = Some(store::NextEpoch { hash: Hash::of(b"p"), from: at(0) });
                }
                let published = !store.timeline().await.unwrap().is_empty();
                let landed = matches!(store.append(append).await.unwrap(), Appended::Done(_));
                (number, landed, published)
            }
        });
        let ended = at_once(tasks).await;
        for (number, landed, published) in ended {
            assert!(number != 15 || landed, "the publication itself lands");
            assert!(
                !(published && landed),
                "append {number} began after the publication and landed under the older policy"
            );
        }
        assert_eq!(store.append(first(account(99), 1, at(0))).await.unwrap(), Appended::StalePolicy);
    });
}
