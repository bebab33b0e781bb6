//! Lists of rows, page by page.

use crate::stores::on_every_place;
use crate::world::*;
use domain::customers::Cloud;
use domain::ids::{AccountId, TenantId};
use domain::permission::Scope;
use domain::sealed::{Retention, Sealed};
use std::collections::BTreeSet;
use store::rows::customers::{self, CustomerRow};
use store::rows::{Cursor, Filter};
use store::{Statement, Store};
use uuid::Uuid;

/// As the rows are written; `sort` and the state are what the lists are tried with.
const ROW: &str = "INSERT INTO page_row (account, kind, id, version, who, reseller, status, severity, story, owner, sort, lookup, body) \
     VALUES ($1, 'customer', $2, 1, $2, '', 'active', 0, '', '', $3, '', $4)";

/// Customers that sort like this, one append each.
async fn add(store: &Store, sorts: &[i64]) -> Vec<AccountId> {
    let mut accounts = Vec::new();
    for (number, sort) in (0..).zip(sorts) {
        let account = account(number);
        let row = CustomerRow {
            connection: account,
            tenant: TenantId(Uuid::nil()),
            cloud: Cloud::Public,
            country: None,
            reseller: None,
            debtor: None,
            name: Sealed::from_ciphertext(Retention::Contact, "name".to_owned()),
            open_cases: 0,
            worst: None,
            per_hour: None,
            subscriptions: 0,
            azure_subscriptions: 0,
        };
        let body = serde_json::to_string(&row).unwrap();
        let mut append = first(account, 1, at(0));
        let args = [account.into(), account.to_string().into(), (*sort).into(), body.into()];
        append.rows = vec![Statement::new(ROW, args)];
        done(store, append).await;
        accounts.push(account);
    }
    accounts
}

async fn pages(store: &Store, size: u32) -> Vec<Vec<AccountId>> {
    let (mut pages, mut after): (Vec<Vec<AccountId>>, Option<Cursor>) = (Vec::new(), None);
    loop {
        let page = customers::list(store, &Scope::All, &Filter::default(), after.as_ref(), size).await.unwrap();
        pages.push(page.items.iter().map(|listed| listed.account).collect());
        // A link carries the place as text.
        after = page.next.map(|next| Cursor::read(&next.text()).unwrap());
        if after.is_none() || pages.len() > 50 {
            return pages;
        }
    }
}

#[test]
fn rows_that_sort_alike_are_each_on_one_page_the_newest_first() {
    on_every_place(&async |place| {
        let store = place.open().await;
        let sorts = [0, 5, 0, 0, i64::MIN, 5, 0, 9, 0];
        let added = add(&store, &sorts).await;
        let mut wanted: Vec<usize> = (0..sorts.len()).collect();
        wanted.sort_by_key(|&row| std::cmp::Reverse((sorts.get(row).copied(), row)));
        let wanted: Vec<AccountId> = wanted.iter().filter_map(|&row| added.get(row).copied()).collect();
        for size in [1, 2, 3, 4, 8, 9, 100] {
            let pages = pages(&store, size).await;
            assert_eq!(pages.concat(), wanted, "pages of {size}");
            let full = usize::try_from(size).unwrap();
            assert!(pages.iter().rev().skip(1).all(|page| page.len() == full), "pages of {size}");
        }
    });
}

#[test]
fn what_is_added_between_two_pages_neither_repeats_nor_hides_a_row() {
    on_every_place(&async |place| {
        let store = place.open().await;
        let added = add(&store, &[0; 6]).await;
        let all = &Filter::default();
        let page = customers::list(&store, &Scope::All, all, None, 3).await.unwrap();
        let again = AccountId(Uuid::from_u64_pair(0xadded, 1));
        let mut append = first(again, 1, at(1));
        let body = serde_json::to_string(&page.items.first().unwrap().row).unwrap();
        append.rows = vec![Statement::new(ROW, [again.into(), again.to_string().into(), 0_i64.into(), body.into()])];
        done(&store, append).await;
        let rest = customers::list(&store, &Scope::All, all, page.next.as_ref(), 3).await.unwrap();
        let seen: BTreeSet<_> = page.items.iter().chain(&rest.items).map(|listed| listed.account).collect();
        assert_eq!(seen, added.into_iter().collect());
        assert_eq!(rest.next, None);
    });
}
