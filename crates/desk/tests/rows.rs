//! Rows that lists read, as the desk writes them: who may see them follows the customer, and what did not change stays.
#![expect(clippy::expect_used, reason = "a test may stop at the first surprise")]

use desk::Desk;
use desk::seam::SystemClock;
use domain::body::Body;
use domain::cases::Severity;
use domain::customers::{Cloud, CustomerRegistered};
use domain::fact::NewFact;
use domain::ids::{AccountId, AccountKind, Actor, TenantId};
use domain::notices::{AlertId, AlertSeen, AlertSource, AlertStatus};
use domain::people::PolicyPublished;
use domain::permission::Scope;
use domain::sealed::{Retention, Sealed};
use jiff::Timestamp;
use policy::Bundle;
use std::collections::BTreeSet;
use std::sync::Arc;
use store::rows::{self, Filter};
use store::{Store, StoreConfig};
use uuid::Uuid;

fn at() -> Timestamp {
    "2026-11-20T09:00:00Z".parse().expect("an instant")
}

fn customer() -> AccountId {
    AccountId::of_customer(AccountId::of_partner(), TenantId(Uuid::from_u128(7)))
}

async fn tell(desk: &Desk, account: AccountId, kind: AccountKind, body: Body) {
    let told = NewFact { happened: at(), actor: Actor::Program, source_key: None, body };
    desk.record(account, kind, vec![told]).await.expect("recorded");
}

async fn registered(desk: &Desk, reseller: Option<AccountId>) {
    let body = Body::CustomerRegistered(CustomerRegistered {
        connection: AccountId::of_partner(),
        tenant: TenantId(Uuid::from_u128(7)),
        cloud: Cloud::Public,
        name: Sealed::from_ciphertext(Retention::Contact, String::new()),
        domain: None,
        country: None,
        reseller,
        debtor: None,
    });
    tell(desk, customer(), AccountKind::Customer, body).await;
}

async fn alerted(desk: &Desk, id: &str) {
    let body = Body::AlertSeen(AlertSeen {
        alert: AlertId(id.to_owned()),
        alert_type: "CryptoMining".to_owned(),
        status: AlertStatus::Active,
        severity: Severity::High,
        azure_subscription: None,
        subscription: None,
        detected: at(),
        last_observed: at(),
        received: at(),
        test: false,
        source: AlertSource::Graph,
        resources: Vec::new(),
        evidence: Sealed::from_ciphertext(Retention::Evidence, String::new()),
    });
    tell(desk, customer(), AccountKind::Customer, body).await;
}

async fn desk() -> Desk {
    let store = Store::open(&StoreConfig::new("sqlite::memory:")).await.expect("a store");
    let desk = Desk::new(store, Arc::new(SystemClock::new()));
    let bundle = Bundle::embedded();
    desk.store.put_bundle(bundle.hash(), &bundle.to_bytes()).await.expect("kept");
    let published = PolicyPublished { hash: bundle.hash(), from: at(), epoch: 1 };
    tell(&desk, AccountId::of_policy(), AccountKind::Policy, Body::PolicyPublished(published)).await;
    desk
}

fn only(reseller: u128) -> Scope {
    Scope::Only { resellers: BTreeSet::from([reseller_of(reseller)]), customers: BTreeSet::new() }
}

const fn reseller_of(number: u128) -> AccountId {
    AccountId(Uuid::from_u128(number))
}

#[tokio::test]
async fn everything_that_is_shown_of_a_customer_goes_along_to_its_new_reseller() {
    let desk = desk().await;
    registered(&desk, Some(reseller_of(1))).await;
    alerted(&desk, "a-1").await;
    let seen = async |scope: Scope| {
        let filter = Filter::default();
        let notices = rows::notices::list(&desk.store, &scope, &filter, None, 10).await.expect("a list");
        let cases = rows::cases::list(&desk.store, &scope, &filter, None, 10).await.expect("a list");
        (notices.items.len(), cases.items.len())
    };
    assert_eq!((seen(only(1)).await, seen(only(2)).await), ((1, 1), (0, 0)));
    registered(&desk, Some(reseller_of(2))).await;
    assert_eq!((seen(only(1)).await, seen(only(2)).await), ((0, 0), (1, 1)));
}

#[tokio::test]
async fn a_row_that_a_step_does_not_change_is_not_written_anew() {
    let desk = desk().await;
    registered(&desk, None).await;
    let of_customer = async || {
        rows::customers::get(&desk.store, &Scope::All, customer()).await.expect("read").expect("a row").version
    };
    let before = of_customer().await;
    registered(&desk, None).await;
    assert_eq!(of_customer().await, before);
    alerted(&desk, "a-1").await;
    assert!(of_customer().await > before, "an open case shows on the customer");
}
