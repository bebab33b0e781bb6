//! Rows that lists read, as the desk writes them: who may see them follows the customer, and what did not change stays.
#![expect(clippy::expect_used, reason = "a test may stop at the first surprise")]

use desk::Desk;
use desk::seam::SystemClock;
use domain::body::Body;
use domain::cases::{CaseId, Closed, Outcome, Severity};
use domain::customers::{Cloud, CustomerRegistered};
use domain::fact::NewFact;
use domain::ids::{AccountId, AccountKind, Actor, TenantId};
use domain::notices::{AlertId, AlertSeen, AlertSource, AlertStatus};
use domain::people::PolicyPublished;
use domain::permission::Scope;
use domain::sealed::{Retention, Sealed};
use domain::signals::{FindingRecorded, Level, RuleRef, RunningResource, Token};
use jiff::Timestamp;
use money::{Currency, Money};
use policy::Bundle;
use std::collections::BTreeSet;
use std::sync::Arc;
use store::rows::signals::SignalRow;
use store::rows::{self, Filter, Listed};
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

/// A rule of the policy that ships, of the story of mining.
const RULE: &str = "570f07c9-abc4-55ad-b0db-9415e53a1058";

/// A machine of the customer begins to run and burns so much an hour.
async fn found(desk: &Desk, machine: u128, minor: i64) {
    found_at(desk, customer(), machine, minor).await;
}

async fn found_at(desk: &Desk, account: AccountId, machine: u128, minor: i64) {
    let recorded = FindingRecorded {
        rule: RuleRef {
            id: RULE.to_owned(),
            title: "Machines".to_owned(),
            title_sv: None,
            author: "Borgen".to_owned(),
            level: Level::High,
            tags: Vec::new(),
            rule_set: domain::ids::Hash::of(b"rules"),
        },
        log: "azure_activity".to_owned(),
        received: at(),
        count: 1,
        azure_subscription: None,
        region: Some(format!("region-{machine}")),
        size: None,
        resources: vec![RunningResource {
            resource: Token(Uuid::from_u128(machine)),
            per_hour: Money { minor, currency: Currency::SEK },
        }],
        further_per_hour: None,
        price: None,
        caller: None,
        evidence: Sealed::from_ciphertext(Retention::Evidence, String::new()),
    };
    tell(desk, account, AccountKind::Customer, Body::FindingRecorded(recorded)).await;
}

async fn signals(desk: &Desk) -> Vec<Listed<SignalRow>> {
    rows::signals::list(&desk.store, &Scope::All, &Filter::default(), None, 10).await.expect("a list").items
}

/// Closes the only open case and says which it was.
async fn closes(desk: &Desk) -> CaseId {
    let open = Filter { status: "open".to_owned(), ..Filter::default() };
    let cases = rows::cases::list(&desk.store, &Scope::All, &open, None, 10).await.expect("a list").items;
    let case = cases.first().expect("an open case").row.case;
    let closed = Closed { case, outcome: Outcome::Legitimate, alerts: Vec::new(), note: None };
    tell(desk, customer(), AccountKind::Customer, Body::CaseClosed(closed)).await;
    case
}

#[tokio::test]
async fn a_signal_shows_what_it_came_to_while_its_case_is_open_and_long_after() {
    let desk = desk().await;
    registered(&desk, None).await;
    found(&desk, 1, 31_250).await;
    let one = signals(&desk).await.pop().expect("a signal");
    found(&desk, 2, 62_500).await;
    let of_first = |signals: Vec<Listed<SignalRow>>| signals.into_iter().last().expect("a signal");
    let repeated = of_first(signals(&desk).await);
    assert_eq!((one.row.count, repeated.row.count), (1, 2));
    assert_eq!(repeated.row.region.as_deref(), Some("region-2"), "of the newest finding");
    assert_eq!(repeated.row.per_hour.map(|money| money.minor), Some(62_500));
    assert_eq!(repeated.row.first, one.row.first);
    assert!(repeated.version > one.version, "another state has another number");
    let got = rows::signals::get(&desk.store, &Scope::All, one.row.signal).await.expect("read").expect("a signal");
    assert_eq!(got, repeated);

    // The case is closed, and the next one too, so that the file has long forgotten the first.
    let case = closes(&desk).await;
    found(&desk, 3, 31_250).await;
    assert_ne!(closes(&desk).await, case);
    let kept = of_first(signals(&desk).await);
    assert_eq!(kept.row, repeated.row);
    let of_case = rows::signals::of_case(&desk.store, customer(), case, 10).await.expect("a list");
    assert_eq!(of_case.iter().map(|listed| listed.row.signal).collect::<Vec<_>>(), [one.row.signal]);
}

#[tokio::test]
async fn what_a_customer_burns_is_what_its_file_says_now_and_its_row_is_written_by_steps() {
    let desk = desk().await;
    registered(&desk, None).await;
    let burns = async |minor: i64| {
        let listed = rows::customers::get(&desk.store, &Scope::All, customer()).await.expect("read").expect("a row");
        assert_eq!(listed.row.per_hour.map(|money| money.minor), Some(minor));
        let known = rows::customers::known(&desk.store, &Scope::All, customer()).await.expect("read").expect("a row");
        (listed.version, known.version)
    };
    found(&desk, 1, 31_250).await;
    let (first, written) = burns(31_250).await;
    assert_eq!(first, written);
    found(&desk, 2, 31_250).await;
    let (second, still) = burns(62_500).await;
    assert!(second > first, "another state has another number");
    assert_eq!(still, written, "30,000 is still the step");
    found(&desk, 3, 62_500).await;
    let (third, anew) = burns(125_000).await;
    assert_eq!(third, anew, "100,000 is another step");
}

#[tokio::test]
async fn the_dearest_case_comes_first_though_another_of_its_step_came_later() {
    let desk = desk().await;
    let account = |number| AccountId::of_customer(AccountId::of_partner(), TenantId(Uuid::from_u128(number)));
    for (number, minor) in [(11, 93_750), (12, 31_250), (13, 10_000), (14, 62_500)] {
        found_at(&desk, account(number), number, minor).await;
    }
    let open = Filter { status: "open".to_owned(), ..Filter::default() };
    let dearest = rows::cases::dearest(&desk.store, &Scope::All, &open).await.expect("read").expect("a case");
    assert_eq!(dearest.account, account(11));
    let page = rows::cases::list(&desk.store, &Scope::All, &open, None, 10).await.expect("a list");
    let burns: Vec<_> = page.items.iter().filter_map(|listed| listed.row.burn()).map(|money| money.minor).collect();
    assert_eq!(burns, [93_750, 62_500, 31_250, 10_000]);
}
