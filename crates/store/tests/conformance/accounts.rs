//! Heads, folded files, dues and sweeps.

use crate::stores::on_every_store;
use crate::world::*;
use domain::ids::AccountKind;
use store::Appended;

#[test]
fn a_file_is_folded_anew_only_at_the_version_it_was_made_at() {
    on_every_store(async |store| {
        let head = done(&store, first(account(1), 2, at(0))).await;
        assert!(store.refold(account(1), 2, b"anew".to_vec(), 2, Some(at(5))).await.unwrap());
        assert!(!store.refold(account(1), 1, b"stale".to_vec(), 2, None).await.unwrap());
        assert!(!store.refold(account(2), 0, b"nobody".to_vec(), 2, None).await.unwrap());
        let refolded = store.head(account(1)).await.unwrap().unwrap();
        assert_eq!((refolded.file.as_slice(), refolded.fold_version, refolded.due), (&b"anew"[..], 2, Some(at(5))));
        assert_eq!((refolded.version, refolded.hash), (head.version, head.hash));
    });
}

#[test]
fn nothing_is_appended_to_a_read_only_account() {
    on_every_store(async |store| {
        let mut append = first(account(1), 1, at(0));
        append.due = Some(at(1));
        let head = done(&store, append).await;
        store.set_read_only(account(1), true).await.unwrap();
        assert!(store.head(account(1)).await.unwrap().unwrap().read_only);
        assert_eq!(store.append(next(&head, 1, at(1))).await.unwrap(), Appended::Conflict);
        assert!(store.claim_due(at(9), 10).await.unwrap().is_empty());
        store.set_read_only(account(1), false).await.unwrap();
        done(&store, next(&head, 1, at(1))).await;
    });
}

#[test]
fn due_accounts_are_handed_out_once_the_longest_waiting_first() {
    on_every_store(async |store| {
        let mut heads = Vec::new();
        for (number, due) in [(1, 30), (2, 10), (3, 20), (4, 99)] {
            let mut append = first(account(number), 1, at(0));
            append.due = Some(at(due));
            heads.push(done(&store, append).await);
        }
        done(&store, first(account(5), 1, at(0))).await;
        assert_eq!(store.next_due().await.unwrap(), Some(at(10)));
        let claimed = store.claim_due(at(40), 2).await.unwrap();
        assert_eq!(
            claimed.iter().map(|due| (due.account, due.due)).collect::<Vec<_>>(),
            [(account(2), at(10)), (account(3), at(20))]
        );
        assert_eq!(claimed[0].kind, AccountKind::Customer);
        let rest = store.claim_due(at(40), 10).await.unwrap();
        assert_eq!(rest.iter().map(|due| due.account).collect::<Vec<_>>(), [account(1)]);
        assert!(store.claim_due(at(41), 10).await.unwrap().is_empty());
        // An append ends the claim; one that was never worked off is handed out again after a while.
        let mut again = next(&heads[1], 1, at(41));
        again.due = Some(at(41));
        done(&store, again).await;
        assert_eq!(store.claim_due(at(42), 10).await.unwrap()[0].account, account(2));
        assert_eq!(store.claim_due(at(75), 10).await.unwrap().len(), 3);
    });
}

#[test]
fn accounts_of_a_kind_are_listed_page_by_page() {
    on_every_store(async |store| {
        for number in 0..5 {
            done(&store, first(account(number), 1, at(0))).await;
        }
        let mut user = first(account(9), 1, at(0));
        user.kind = AccountKind::User;
        done(&store, user).await;
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let page = store.accounts(AccountKind::Customer, after, 2).await.unwrap();
            let Some(last) = page.last() else { break };
            after = Some(*last);
            seen.extend(page);
        }
        assert_eq!(seen, (0..5).map(account).collect::<Vec<_>>());
        assert_eq!(store.accounts(AccountKind::User, None, 10).await.unwrap(), [account(9)]);
        assert_eq!(store.head(account(77)).await.unwrap(), None);
    });
}
