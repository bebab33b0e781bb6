//! Sessions and the counting of tries.

use crate::stores::on_every_store;
use crate::world::*;
use domain::ids::{Hash, TokenId};
use store::{MAX_SESSIONS, SessionRow, Try};
use uuid::Uuid;

fn session(number: u32, began: i64) -> SessionRow {
    SessionRow {
        digest: Hash::of(&number.to_be_bytes()),
        id: TokenId(Uuid::from_u128(u128::from(number))),
        account: account(1),
        began: at(began),
        heard: at(began),
        ends: at(began + 1_000),
        proved: None,
    }
}

#[test]
fn a_session_is_found_noted_listed_and_ended() {
    on_every_store(async |store| {
        let (first, second) = (session(1, 0), session(2, 1));
        store.begin_session(&first).await.unwrap();
        store.begin_session(&second).await.unwrap();
        assert_eq!(store.session(first.digest).await.unwrap(), Some(first));
        store.session_heard(first.digest, at(60)).await.unwrap();
        store.session_heard(first.digest, at(50)).await.unwrap();
        store.session_proved(first.digest, at(61)).await.unwrap();
        let noted = SessionRow { heard: at(60), proved: Some(at(61)), ..first };
        assert_eq!(store.sessions(account(1), at(61)).await.unwrap(), [second, noted]);
        assert_eq!(store.sessions(account(1), at(1_000)).await.unwrap(), [second], "what has ended is not listed");
        assert!(!store.end_session(account(2), first.id).await.unwrap(), "nobody ends another one's");
        assert!(store.end_session(account(1), first.id).await.unwrap());
        assert_eq!(store.session(first.digest).await.unwrap(), None);
        store.begin_session(&session(3, 2)).await.unwrap();
        store.end_sessions(account(1), Some(second.digest)).await.unwrap();
        assert_eq!(store.sessions(account(1), at(61)).await.unwrap(), [second]);
        store.end_sessions(account(1), None).await.unwrap();
        assert_eq!(store.sessions(account(1), at(61)).await.unwrap(), []);
    });
}

#[test]
fn a_user_has_a_limited_number_of_sessions_and_the_oldest_gives_way() {
    on_every_store(async |store| {
        for number in 0..=MAX_SESSIONS {
            store.begin_session(&session(number, i64::from(number))).await.unwrap();
        }
        let held = store.sessions(account(1), at(60)).await.unwrap();
        assert_eq!(held.len(), usize::try_from(MAX_SESSIONS).unwrap());
        assert_eq!(store.session(session(0, 0).digest).await.unwrap(), None);
    });
}

#[test]
fn tries_are_counted_before_they_are_made_and_wait_once_there_were_too_many() {
    on_every_store(async |store| {
        // Two go freely; each one after that makes the next wait for a minute.
        let until = |now: i64| move |tries: u64| if tries < 3 { at(0) } else { at(now + 60) };
        for now in [0, 1, 2] {
            assert_eq!(store.begin_try("bo", at(now), at(600), until(now)).await.unwrap(), Try::Goes);
        }
        assert_eq!(store.begin_try("bo", at(61), at(600), until(61)).await.unwrap(), Try::Waits(at(62)));
        assert_eq!(store.begin_try("ann", at(3), at(600), until(3)).await.unwrap(), Try::Goes);
        assert_eq!(store.begin_try("bo", at(62), at(600), until(62)).await.unwrap(), Try::Goes);
        assert_eq!(store.begin_try("bo", at(63), at(600), until(63)).await.unwrap(), Try::Waits(at(122)));
        // A try that went well makes them forgotten, and so does time.
        store.forget_tries("bo").await.unwrap();
        assert_eq!(store.begin_try("bo", at(63), at(70), until(63)).await.unwrap(), Try::Goes);
        assert_eq!(store.begin_try("bo", at(64), at(70), until(64)).await.unwrap(), Try::Goes);
        for now in [70, 71] {
            assert_eq!(store.begin_try("bo", at(now), at(700), until(now)).await.unwrap(), Try::Goes);
        }
    });
}
