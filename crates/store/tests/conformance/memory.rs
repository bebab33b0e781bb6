//! Leases, places, replay keys, kept answers, blobs and parked events.

use crate::stores::on_every_store;
use crate::world::*;
use domain::ids::Hash;
use store::{Begun, KeptAnswer, MAX_BLOB_BYTES, MAX_PARKED_EVENT_BYTES, MAX_PARKED_PER_TENANT, Parked, StoreError};

#[test]
fn a_lease_is_held_by_one_until_it_ends_or_is_given_back() {
    on_every_store(async |store| {
        let mine = store.take_lease("sealer", "one", at(0), at(30)).await.unwrap().unwrap();
        assert_eq!(mine.generation, 1);
        assert_eq!(store.take_lease("sealer", "two", at(29), at(60)).await.unwrap(), None);
        let longer = store.take_lease("sealer", "one", at(29), at(50)).await.unwrap().unwrap();
        assert_eq!((longer.generation, longer.until), (1, at(50)));
        let theirs = store.take_lease("sealer", "two", at(50), at(80)).await.unwrap().unwrap();
        assert_eq!(theirs.generation, 2);
        assert_eq!(store.lease("sealer").await.unwrap(), Some(theirs));
        // Who lost it can't give it back for the other.
        store.leave_lease("sealer", "one", at(51)).await.unwrap();
        assert_eq!(store.take_lease("sealer", "one", at(51), at(90)).await.unwrap(), None);
        store.leave_lease("sealer", "two", at(52)).await.unwrap();
        assert_eq!(store.take_lease("sealer", "one", at(52), at(90)).await.unwrap().unwrap().generation, 3);
        assert!(store.take_lease("other", "two", at(52), at(90)).await.unwrap().is_some());
    });
}

#[test]
fn places_and_blobs_are_what_was_last_put() {
    on_every_store(async |store| {
        assert_eq!(store.cursor("poller").await.unwrap(), None);
        store.set_cursor("poller", "2026-11-01").await.unwrap();
        store.set_cursor("poller", "2026-11-02").await.unwrap();
        assert_eq!(store.cursor("poller").await.unwrap().as_deref(), Some("2026-11-02"));
        assert_eq!(store.get_blob("engine").await.unwrap(), None);
        store.put_blob("engine", &[0, 255, 7]).await.unwrap();
        store.put_blob("engine", &[]).await.unwrap();
        assert_eq!(store.get_blob("engine").await.unwrap(), Some(Vec::new()));
        let large = vec![0; MAX_BLOB_BYTES + 1];
        assert!(matches!(store.put_blob("engine", &large).await, Err(StoreError::TooMany { .. })));
    });
}

#[test]
fn a_replay_key_is_new_once_until_it_expires() {
    on_every_store(async |store| {
        assert!(store.first_seen("webhook", "key", at(0), at(60)).await.unwrap());
        assert!(!store.first_seen("webhook", "key", at(59), at(120)).await.unwrap());
        assert!(store.first_seen("other", "key", at(59), at(120)).await.unwrap());
        assert!(store.first_seen("webhook", "key", at(60), at(120)).await.unwrap());
        store.prune(at(119)).await.unwrap();
        assert!(!store.first_seen("webhook", "key", at(119), at(180)).await.unwrap());
        store.prune(at(500)).await.unwrap();
        assert!(store.first_seen("webhook", "key", at(100), at(180)).await.unwrap());
    });
}

#[test]
fn a_request_told_twice_gets_the_first_answer() {
    on_every_store(async |store| {
        let (this, other) = (Hash::of(b"this"), Hash::of(b"other"));
        let begin = async |request, now| {
            store.begin_request("user POST /actions", "key", request, at(now), at(now + 60)).await.unwrap()
        };
        assert_eq!(begin(this, 0).await, Begun::First);
        assert_eq!(begin(this, 1).await, Begun::Running);
        assert_eq!(begin(other, 1).await, Begun::Other);
        let answer = KeptAnswer { status: 201, body: b"{\"id\":1}".to_vec() };
        store.finish_request("user POST /actions", "key", &answer, at(1_000)).await.unwrap();
        assert_eq!(begin(this, 2).await, Begun::Answered(answer));
        assert_eq!(begin(other, 2).await, Begun::Other);
        assert_eq!(begin(other, 1_000).await, Begun::First);
        store.forget_request("user POST /actions", "key").await.unwrap();
        assert_eq!(begin(this, 1_001).await, Begun::First);
    });
}

#[test]
fn events_of_an_unknown_tenant_wait_in_order_until_they_are_fed() {
    on_every_store(async |store| {
        let events: Vec<_> = (0..5_u8).map(|number| vec![number, 200]).collect();
        let parked = store.park("tenant", "intake", at(0), &events[..3]).await.unwrap();
        assert_eq!(parked, Parked { kept: 3, dropped: 0 });
        let large = vec![0; MAX_PARKED_EVENT_BYTES + 1];
        let parked = store.park("tenant", "intake", at(9), &[large, events[3].clone()]).await.unwrap();
        assert_eq!(parked, Parked { kept: 1, dropped: 1 });
        store.park("another", "intake", at(1), &events[4..]).await.unwrap();
        let tenants = store.parked_tenants("", 10).await.unwrap();
        assert_eq!(tenants.iter().map(|tenant| tenant.tenant.as_str()).collect::<Vec<_>>(), ["another", "tenant"]);
        assert_eq!((tenants[1].events, tenants[1].dropped), (4, 1));
        assert_eq!((tenants[1].first_at, tenants[1].last_at), (at(0), at(9)));
        let waiting = store.parked_events("tenant", 10).await.unwrap();
        assert_eq!(waiting.iter().map(|event| event.bytes.clone()).collect::<Vec<_>>(), events[..4]);
        store.unpark("tenant", waiting[1].id).await.unwrap();
        assert_eq!(store.parked_events("tenant", 10).await.unwrap(), waiting[2..]);
        store.unpark("tenant", waiting[3].id).await.unwrap();
        assert_eq!(store.parked_tenants("", 10).await.unwrap().len(), 1);
        assert_eq!(store.parked_events("another", 10).await.unwrap().len(), 1);
    });
}

#[test]
fn a_tenant_parks_no_more_than_its_share() {
    on_every_store(async |store| {
        let events = vec![vec![1]; 4_000];
        let mut sum = Parked::default();
        for _ in 0..3 {
            let parked = store.park("noisy", "intake", at(0), &events).await.unwrap();
            sum = Parked { kept: sum.kept + parked.kept, dropped: sum.dropped + parked.dropped };
        }
        assert_eq!(sum, Parked { kept: MAX_PARKED_PER_TENANT, dropped: 12_000 - MAX_PARKED_PER_TENANT });
        assert_eq!(store.park("quiet", "intake", at(0), &[vec![1]]).await.unwrap().kept, 1);
    });
}
