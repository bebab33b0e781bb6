//! An account that can't be written to (a later release wrote to it) holds up no other, and what is for it is not lost.

use crate::sync::sync;
use crate::world::{World, customer_tenant};
use domain::body::Body;
use domain::fact::{Fact, NewFact};
use domain::ids::{AccountId, AccountKind, Actor, IncidentId, TenantId};
use domain::notices::AlertId;
use domain::people::{CapLifted, IncidentDeclared};
use domain::sealed::{Retention, Sealed};
use jiff::SignedDuration;
use runtime::microsoft_sync::SyncPart;
use runtime::{courier, waking};
use uuid::Uuid;

const OTHER: &str = "55555555-0000-4000-8000-000000000005";
const THIRD: &str = "66666666-0000-4000-8000-000000000006";

pub(crate) fn account(world: &World, tenant: &str) -> AccountId {
    world.connection.customer(tenant.parse::<TenantId>().unwrap())
}

/// Two customers, of which the first is closed. It comes first everywhere.
async fn one_closed() -> World {
    let world = World::new().await;
    world.microsoft.other_customer(OTHER);
    sync(&world).run_once(SyncPart::Customers).await.unwrap();
    world.close(world.customer()).await;
    world
}

async fn bodies(world: &World, account: AccountId) -> Vec<Body> {
    let stored = world.tools.store().facts(account, 0, 1_000).await.unwrap();
    let read = |stored: &domain::fact::StoredFact| Fact::read(stored.account, stored.version, &stored.bytes);
    stored.iter().filter_map(|stored| Some(read(stored).ok()?.body)).collect()
}

async fn count(world: &World, account: AccountId, kind: &str) -> usize {
    bodies(world, account).await.iter().filter(|body| body.kind() == kind).count()
}

/// Where things wait, and how many.
pub(crate) async fn waiting(world: &World) -> Vec<(String, u64)> {
    let places = world.tools.store().parked_tenants("", 10).await.unwrap();
    places.into_iter().map(|place| (place.tenant, place.events)).collect()
}

fn facts_of(account: AccountId) -> String {
    format!("facts:{account}")
}

#[tokio::test]
async fn alerts_of_the_others_are_told() {
    let world = one_closed().await;
    world.microsoft.alert("a-1", "active", &customer_tenant().to_string());
    world.microsoft.alert("a-2", "active", OTHER);
    let sync = sync(&world);
    for _ in 0..2 {
        sync.run_once(SyncPart::Alerts).await.unwrap();
    }
    let file = world.file(account(&world, OTHER)).await;
    let customer = file.customer().unwrap();
    assert!(customer.alerts.contains_key(&AlertId("a-2".into())));
    assert_eq!(customer.cases.len(), 1);
}

#[tokio::test]
async fn other_customers_are_registered() {
    let world = one_closed().await;
    world.microsoft.other_customer(THIRD);
    // By a program that remembers nothing: it compares the closed account too.
    let sync = sync(&world);
    for _ in 0..2 {
        sync.run_once(SyncPart::Customers).await.unwrap();
    }
    assert_eq!(count(&world, account(&world, THIRD), "customer.registered").await, 1);
}

#[tokio::test]
async fn what_was_done_for_the_others_is_told_and_the_rest_waits_once() {
    let world = one_closed().await;
    world.microsoft.audit_of(&customer_tenant().to_string(), ("2026-11-20", "06:00:00"), "add_user", "succeeded");
    world.microsoft.audit_of(OTHER, ("2026-11-20", "06:00:01"), "add_user", "succeeded");
    let sync = sync(&world);
    for _ in 0..3 {
        sync.run_once(SyncPart::Audit).await.unwrap();
        world.clock.advance(SignedDuration::from_mins(1));
    }
    assert_eq!(count(&world, account(&world, OTHER), "activity.recorded").await, 1);
    assert_eq!(waiting(&world).await, [(facts_of(world.customer()), 1)]);
}

#[tokio::test]
async fn an_incident_reaches_the_cases_of_the_others_and_waits_for_the_closed_account() {
    let world = World::new().await;
    world.microsoft.other_customer(OTHER);
    let sync = sync(&world);
    sync.run_once(SyncPart::Customers).await.unwrap();
    world.microsoft.alert("a-1", "active", &customer_tenant().to_string());
    world.microsoft.alert("a-2", "active", OTHER);
    sync.run_once(SyncPart::Alerts).await.unwrap();
    let other = account(&world, OTHER);
    let mut cases = Vec::new();
    for account in [world.customer(), other] {
        cases.push((account, *world.file(account).await.customer().unwrap().cases.keys().next().unwrap()));
    }
    world.close(world.customer()).await;
    let (incident, title) = (IncidentId(Uuid::from_u128(5)), Sealed::from_ciphertext(Retention::Evidence, "x".into()));
    of_the_partner(&world, Body::IncidentDeclared(IncidentDeclared { incident, title, cases })).await;
    assert!(courier::run_once(&world.tools).await.unwrap() > 0);
    assert_eq!(courier::run_once(&world.tools).await.unwrap(), 0, "the place moved on");
    assert_eq!(count(&world, other, "incident.joined").await, 1);
    assert_eq!(waiting(&world).await, [(facts_of(world.customer()), 1)]);
}

#[tokio::test]
async fn a_cap_that_is_lifted_does_not_stop_the_courier_at_a_closed_account() {
    let world = crate::effects::containing().await;
    world.close(world.customer()).await;
    let (incident, until) = (IncidentId(Uuid::from_u128(5)), world.tools.now());
    of_the_partner(&world, Body::CapLifted(CapLifted { incident, permit: "x".into(), limit: 100, until })).await;
    assert!(courier::run_once(&world.tools).await.unwrap() > 0);
    assert_eq!(courier::run_once(&world.tools).await.unwrap(), 0, "the place moved on");
}

/// A newer release goes back to it: what was told since is told again, and is one fact.
#[tokio::test]
async fn a_fact_that_the_courier_cannot_read_is_come_back_to() {
    let world = one_closed().await;
    let (incident, until) = (IncidentId(Uuid::from_u128(5)), world.tools.now());
    of_the_partner(&world, Body::CapLifted(CapLifted { incident, permit: "x".into(), limit: 100, until })).await;
    while courier::run_once(&world.tools).await.unwrap() > 0 {}
    let cursor = async || world.tools.store().cursor("courier").await.unwrap().unwrap().parse::<u64>().unwrap();
    let before = cursor().await;
    // The same once more, from a later release.
    world.close(AccountId::of_partner()).await;
    world.tools.store().seal_batch("test", world.tools.now(), 1_000).await.unwrap();
    assert_eq!(courier::run_once(&world.tools).await.unwrap(), 1);
    assert_eq!(cursor().await, before + 1);
    courier::go_back(&world.tools).await.unwrap();
    assert_eq!(cursor().await, before);
    assert_eq!(courier::run_once(&world.tools).await.unwrap(), 1);
}

async fn of_the_partner(world: &World, body: Body) {
    let fact = NewFact { happened: world.tools.now(), actor: Actor::Program, source_key: None, body };
    world.tools.desk.record(AccountId::of_partner(), AccountKind::Partner, vec![fact]).await.unwrap();
    world.tools.store().seal_batch("test", world.tools.now(), 1_000).await.unwrap();
}

async fn waking_round(world: &World) {
    let mut after = None;
    for _ in 0..10 {
        after = waking::run_once(&world.tools, after).await.unwrap().next;
        if after.is_none() {
            return;
        }
    }
    panic!("the round does not end");
}

#[tokio::test]
async fn what_waited_is_recorded_once_the_account_can_be_written_to() {
    let world = one_closed().await;
    world.microsoft.audit_of(&customer_tenant().to_string(), ("2026-11-20", "06:00:00"), "add_user", "succeeded");
    sync(&world).run_once(SyncPart::Audit).await.unwrap();
    let (closed, open, store) = (world.customer(), account(&world, OTHER), world.tools.store());
    waking_round(&world).await;
    assert_eq!(waiting(&world).await, [(facts_of(closed), 1)], "it is still closed");
    // What the test can't do is to become a later release: so the same waits for an account that is open, twice.
    let waited = store.parked_events(&facts_of(closed), 10).await.unwrap().remove(0).bytes;
    store.park(&facts_of(open), "test", world.tools.now(), &[waited.clone(), waited]).await.unwrap();
    waking_round(&world).await;
    assert_eq!(count(&world, open, "activity.recorded").await, 1);
    assert_eq!(waiting(&world).await, [(facts_of(closed), 1)]);
}
