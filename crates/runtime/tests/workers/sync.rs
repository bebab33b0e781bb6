//! The sync against a Microsoft of a few lines: what it records, what it does not record twice, what it finds that
//! webhooks lost.

use crate::world::{Trouble, World, azure, customer_tenant, plan};
use domain::activity::ActivityEnd;
use domain::body::Body;
use domain::cases::CaseId;
use domain::customers::AzureStatus;
use domain::fact::{Fact, NewFact};
use domain::file::Part;
use domain::ids::{AccountId, AccountKind, Actor, IncidentId};
use domain::notices::{AlertId, AlertStatus};
use domain::people::{CapLifted, IncidentDeclared};
use domain::sealed::{Retention, Sealed};
use jiff::SignedDuration;
use runtime::intake::Intake;
use runtime::microsoft_sync::{Sync, SyncPart};
use std::sync::Arc;
use uuid::Uuid;

pub(crate) fn sync(world: &World) -> Sync {
    let set = sigma::RuleSet::load([], &sigma::LoadOptions::default()).set;
    let prices = Arc::new(policy::Prices::embedded().unwrap());
    let intake = Intake::new(world.tools.clone(), set, sigma::EngineOptions::default(), prices);
    Sync::new(world.tools.clone(), Arc::clone(&world.connection), intake, "test")
}

async fn facts(world: &World, account: AccountId) -> Vec<Fact> {
    let stored = world.tools.store().facts(account, 0, 1_000).await.unwrap();
    stored.iter().map(|stored| Fact::read(stored.account, stored.version, &stored.bytes).unwrap()).collect()
}

async fn kinds(world: &World, account: AccountId) -> Vec<&'static str> {
    facts(world, account).await.iter().map(|fact| fact.body.kind()).collect()
}

#[tokio::test]
async fn a_customer_is_registered_with_what_it_has_and_nothing_is_said_twice() {
    let world = World::new().await;
    let one = sync(&world);
    one.run_once(SyncPart::Customers).await.unwrap();
    let before = kinds(&world, world.customer()).await;
    assert_eq!(before, ["policy.adopted", "customer.registered", "subscription.seen", "azure_subscription.seen"]);
    let file = world.file(world.customer()).await;
    let holdings = &file.customer().unwrap().holdings;
    assert_eq!(holdings.azure[&azure()].plan, plan());
    let name = &holdings.identity.as_ref().unwrap().name;
    assert_eq!(world.tools.vault.open(world.customer(), name).await.unwrap().as_deref(), Some("Kund AB"));
    // Again, and again by a program that remembers nothing.
    world.clock.advance(SignedDuration::from_hours(7));
    one.run_once(SyncPart::Customers).await.unwrap();
    world.clock.advance(SignedDuration::from_hours(1));
    sync(&world).run_once(SyncPart::Customers).await.unwrap();
    assert_eq!(kinds(&world, world.customer()).await, before);
}

#[tokio::test]
async fn a_state_that_comes_back_is_recorded_again() {
    let world = World::new().await;
    let sync = sync(&world);
    for status in ["active", "inactive", "active"] {
        world.microsoft.set_azure_status(status);
        world.connection.hint(customer_tenant());
        sync.run_once(SyncPart::Customers).await.unwrap();
    }
    let seen = facts(&world, world.customer()).await.into_iter().filter_map(|fact| match fact.body {
        Body::AzureSubscriptionSeen(seen) => Some(seen.status),
        _ => None,
    });
    assert_eq!(seen.collect::<Vec<_>>(), [AzureStatus::Active, AzureStatus::Inactive, AzureStatus::Active]);
}

#[tokio::test]
async fn a_hint_outlives_a_pass_that_failed() {
    let world = World::new().await;
    let sync = sync(&world);
    sync.run_once(SyncPart::Customers).await.unwrap();
    world.microsoft.set_azure_status("inactive");
    world.connection.hint(customer_tenant());
    world.microsoft.reads_fail(1);
    sync.run_once(SyncPart::Customers).await.unwrap();
    sync.run_once(SyncPart::Customers).await.unwrap();
    let file = world.file(world.customer()).await;
    assert_eq!(file.customer().unwrap().holdings.azure[&azure()].status, AzureStatus::Inactive);
    // Worked off, it is forgotten: the list alone is read.
    let reads = world.microsoft.reads();
    sync.run_once(SyncPart::Customers).await.unwrap();
    assert_eq!(world.microsoft.reads(), reads + 1);
}

#[tokio::test]
async fn polling_finds_an_alert_whose_webhook_was_lost() {
    let world = World::new().await;
    let sync = sync(&world);
    sync.run_once(SyncPart::Customers).await.unwrap();
    world.microsoft.alert("a-1", "active", &customer_tenant().to_string());
    sync.run_once(SyncPart::Alerts).await.unwrap();
    let file = world.file(world.customer()).await;
    let customer = file.customer().unwrap();
    assert!(customer.alerts[&AlertId("a-1".into())].case.is_some());
    assert_eq!(customer.cases.len(), 1);
    // The same again tells nothing new; another state does.
    let before = file.version;
    sync.run_once(SyncPart::Alerts).await.unwrap();
    assert_eq!(world.file(world.customer()).await.version, before);
    world.microsoft.alert("a-1", "resolved", &customer_tenant().to_string());
    sync.run_once(SyncPart::Alerts).await.unwrap();
    let seen = kinds(&world, world.customer()).await.into_iter().filter(|kind| *kind == "alert.seen").count();
    assert_eq!(seen, 2);
}

/// With the very words that were told before: only the state here tells that it is news. A page that was read before the
/// alert was resolved says the same, once.
#[tokio::test]
async fn an_alert_that_microsoft_opens_again_becomes_a_case_again_and_a_late_page_does_not() {
    let world = World::new().await;
    let sync = sync(&world);
    sync.run_once(SyncPart::Customers).await.unwrap();
    let tenant = customer_tenant().to_string();
    let is = async |status: &str| {
        world.microsoft.alert("a-1", status, &tenant);
        sync.run_once(SyncPart::Alerts).await.unwrap();
        let file = world.file(world.customer()).await;
        (file.customer().unwrap().alerts[&AlertId("a-1".into())].status, file.version)
    };
    for round in 0..3 {
        assert_eq!(is("active").await.0, AlertStatus::Active, "round {round}");
        let (status, version) = is("resolved").await;
        assert_eq!(status, AlertStatus::Resolved, "round {round}");
        // A late page, and Microsoft's word that it is resolved still.
        assert_eq!(is("active").await, (AlertStatus::Resolved, version));
        world.clock.advance(SignedDuration::from_secs(90));
        assert_eq!(is("resolved").await, (AlertStatus::Resolved, version));
        // Opened again: it is shown so for two minutes.
        for _ in 0..2 {
            assert_eq!(is("active").await, (AlertStatus::Resolved, version));
            world.clock.advance(SignedDuration::from_mins(1));
        }
    }
    assert_eq!(is("active").await.0, AlertStatus::Active);
    let seen = kinds(&world, world.customer()).await.into_iter().filter(|kind| *kind == "alert.seen").count();
    assert_eq!(seen, 7);
    let (_, version) = is("active").await;
    assert_eq!(is("active").await.1, version, "told once");
}

#[tokio::test]
async fn an_alert_of_an_unknown_tenant_is_found_once_the_tenant_is_known() {
    let world = World::new().await;
    let sync = sync(&world);
    world.microsoft.alert("a-1", "active", &customer_tenant().to_string());
    world.microsoft.alert("a-2", "active", "99999999-0000-4000-8000-000000000009");
    sync.run_once(SyncPart::Alerts).await.unwrap();
    assert!(facts(&world, world.customer()).await.is_empty());
    sync.run_once(SyncPart::Customers).await.unwrap();
    sync.run_once(SyncPart::Alerts).await.unwrap();
    let file = world.file(world.customer()).await;
    assert_eq!(file.customer().unwrap().alerts.len(), 1);
}

#[tokio::test]
async fn a_part_that_fails_says_so_once_and_says_when_it_works_again() {
    let world = World::new().await;
    let sync = sync(&world);
    let health = async || {
        let told = facts(&world, world.connection.account).await.into_iter().filter_map(|fact| match fact.body {
            Body::ConnectionHealth(health) => Some((health.part, health.fault)),
            _ => None,
        });
        told.collect::<Vec<_>>()
    };
    // One failure is no news; several are one.
    world.microsoft.reads_fail(5);
    let waits: Vec<_> = [
        sync.run_once(SyncPart::Alerts).await.unwrap(),
        sync.run_once(SyncPart::Alerts).await.unwrap(),
        sync.run_once(SyncPart::Alerts).await.unwrap(),
    ]
    .into();
    assert!(waits.is_sorted() && waits[0] < waits[2], "{waits:?}");
    for _ in 0..2 {
        sync.run_once(SyncPart::Alerts).await.unwrap();
    }
    assert_eq!(health().await, [("alerts".to_owned(), Some("503".to_owned()))]);
    sync.run_once(SyncPart::Alerts).await.unwrap();
    sync.run_once(SyncPart::Alerts).await.unwrap();
    assert_eq!(health().await[1..], [("alerts".to_owned(), None)]);
}

#[tokio::test]
async fn the_mfa_figures_are_recorded_once_a_day() {
    let world = World::new().await;
    let sync = sync(&world);
    sync.run_once(SyncPart::Posture).await.unwrap();
    let Part::Connection(connection) = world.file(world.connection.account).await.part else { panic!() };
    assert_eq!(connection.faults["posture"], "20003", "no figures is a fault, not a day without administrators");
    world.microsoft.admins(5, 4);
    for hours in [1, 1, 24] {
        sync.run_once(SyncPart::Posture).await.unwrap();
        world.clock.advance(SignedDuration::from_hours(hours));
    }
    sync.run_once(SyncPart::Posture).await.unwrap();
    let days = facts(&world, world.connection.account).await.into_iter().filter_map(|fact| match fact.body {
        Body::PostureRecorded(posture) => Some((posture.day, posture.administrators, posture.with_mfa)),
        _ => None,
    });
    assert_eq!(days.collect::<Vec<_>>(), [("2026-11-20".to_owned(), 5, 4), ("2026-11-21".to_owned(), 5, 4)]);
}

/// What was not read must be read by a later pass: the place never moves beyond it.
#[tokio::test]
async fn the_audit_log_is_read_on_from_the_day_that_was_not_read_to_its_end() {
    let world = World::new().await;
    let sync = sync(&world);
    let cursor = async || {
        let name = format!("audit:{}", world.connection.account);
        world.tools.store().cursor(&name).await.unwrap()
    };
    world
        .tools
        .store()
        .set_cursor(&format!("audit:{}", world.connection.account), "2026-11-17T12:00:00Z")
        .await
        .unwrap();
    for (day, time) in
        [("2026-11-17", "13:00:00"), ("2026-11-18", "09:00:00"), ("2026-11-19", "10:00:00"), ("2026-11-20", "07:00:00")]
    {
        world.microsoft.audit(day, time, "update_subscription");
    }
    world.microsoft.endless_audit(Some("2026-11-19"));
    sync.run_once(SyncPart::Audit).await.unwrap();
    assert_eq!(cursor().await.as_deref(), Some("2026-11-18T09:00:00Z"), "the day that did not end is before it");
    let Part::Connection(connection) = world.file(world.connection.account).await.part else { panic!() };
    assert!(connection.faults.contains_key("audit"), "it is told");
    world.microsoft.endless_audit(None);
    sync.run_once(SyncPart::Audit).await.unwrap();
    assert_eq!(cursor().await.as_deref(), Some("2026-11-20T07:00:00Z"));
    let Part::Connection(connection) = world.file(world.connection.account).await.part else { panic!() };
    assert!(!connection.faults.contains_key("audit"));
}

/// A3: every record is a fact of the customer it is about, once for each way it stands; what is about no customer of
/// ours is the connection's.
#[tokio::test]
async fn what_was_done_in_partner_center_is_told_once_to_the_customer_it_is_about() {
    let world = World::new().await;
    let sync = sync(&world);
    sync.run_once(SyncPart::Customers).await.unwrap();
    let tenant = customer_tenant().to_string();
    world.microsoft.audit_of(&tenant, ("2026-11-20", "06:00:00"), "update_subscription", "progress");
    world.microsoft.audit_of("00000000-0000-4000-8000-00000000beef", ("2026-11-20", "06:00:01"), "add_user", "failed");
    world.microsoft.audit("2026-11-20", "06:00:02", "sign_agreement");
    let told = async |account| {
        let facts = facts(&world, account).await.into_iter().filter_map(|fact| match fact.body {
            Body::ActivityRecorded(recorded) => Some((fact.happened.to_string(), recorded)),
            _ => None,
        });
        facts.collect::<Vec<_>>()
    };
    for _ in 0..3 {
        sync.run_once(SyncPart::Audit).await.unwrap();
    }
    let own = told(world.customer()).await;
    assert_eq!(own.len(), 1, "told three times it is one");
    let (happened, recorded) = &own[0];
    assert_eq!((happened.as_str(), recorded.end), ("2026-11-20T06:00:00Z", ActivityEnd::Progress));
    assert_eq!((recorded.operation.as_str(), recorded.resource.as_str()), ("update_subscription", "subscription"));
    let user = recorded.user.as_ref().unwrap();
    assert_eq!(world.tools.vault.open(world.customer(), user).await.unwrap().as_deref(), Some("Asa@partner.example"));
    assert_eq!(recorded.who, Some(world.tools.vault.token("user", "asa@partner.example")));
    let values = recorded.values.as_ref().unwrap();
    let values = world.tools.vault.open(world.customer(), values).await.unwrap().unwrap();
    assert_eq!(values.after.as_deref(), Some("{\"Quantity\":2}"));
    let others: Vec<_> = told(world.connection.account).await.into_iter().map(|(_, told)| told.operation).collect();
    assert_eq!(others, ["add_user", "sign_agreement"]);
    world.microsoft.audit_of(&tenant, ("2026-11-20", "06:00:00"), "update_subscription", "succeeded");
    sync.run_once(SyncPart::Audit).await.unwrap();
    let ends: Vec<_> = told(world.customer()).await.into_iter().map(|(_, told)| told.end).collect();
    assert_eq!(ends, [ActivityEnd::Progress, ActivityEnd::Succeeded]);
    assert_eq!(store::rows::activity::unreviewed(world.tools.store(), 10).await.unwrap(), 3);
}

#[tokio::test]
async fn only_one_program_asks_through_a_connection() {
    let world = World::new().await;
    sync(&world).run_once(SyncPart::Customers).await.unwrap();
    let reads = world.microsoft.reads();
    let set = sigma::RuleSet::load([], &sigma::LoadOptions::default()).set;
    let prices = Arc::new(policy::Prices::embedded().unwrap());
    let intake = Intake::new(world.tools.clone(), set, sigma::EngineOptions::default(), prices);
    let other = Sync::new(world.tools.clone(), Arc::clone(&world.connection), intake, "other");
    other.run_once(SyncPart::Alerts).await.unwrap();
    assert_eq!(world.microsoft.reads(), reads);
    world.clock.advance(SignedDuration::from_mins(11));
    other.run_once(SyncPart::Alerts).await.unwrap();
    assert!(world.microsoft.reads() > reads);
}

#[tokio::test]
async fn an_incident_reaches_the_cases_it_names_once() {
    let world = World::new().await;
    let sync = sync(&world);
    sync.run_once(SyncPart::Customers).await.unwrap();
    world.microsoft.alert("a-1", "active", &customer_tenant().to_string());
    sync.run_once(SyncPart::Alerts).await.unwrap();
    let file = world.file(world.customer()).await;
    let case = *file.customer().unwrap().cases.keys().next().unwrap();
    let incident = IncidentId(Uuid::from_u128(5));
    let nobody = AccountId(Uuid::from_u128(6));
    let declared = IncidentDeclared {
        incident,
        title: Sealed::from_ciphertext(Retention::Evidence, "x".into()),
        cases: vec![(world.customer(), case), (nobody, CaseId(Uuid::from_u128(7)))],
    };
    let lifted = CapLifted { incident, permit: "x".into(), limit: 100, until: world.tools.now() };
    for body in [Body::IncidentDeclared(declared), Body::CapLifted(lifted)] {
        let fact = NewFact { happened: world.tools.now(), actor: Actor::Program, source_key: None, body };
        world.tools.desk.record(AccountId::of_partner(), AccountKind::Partner, vec![fact]).await.unwrap();
    }
    world.tools.store().seal_batch("test", world.tools.now(), 1_000).await.unwrap();
    let read = runtime::courier::run_once(&world.tools).await.unwrap();
    assert!(read > 0);
    assert_eq!(runtime::courier::run_once(&world.tools).await.unwrap(), 0);
    // The place in the feed was lost: everything is carried again, and nothing is told twice.
    world.tools.store().set_cursor("courier", "0").await.unwrap();
    runtime::courier::run_once(&world.tools).await.unwrap();
    let file = world.file(world.customer()).await;
    assert_eq!(file.customer().unwrap().cases[&case].incident, Some(incident));
    let joined = kinds(&world, world.customer()).await.into_iter().filter(|kind| *kind == "incident.joined").count();
    assert_eq!(joined, 1);
    assert!(facts(&world, nobody).await.is_empty());
}

#[tokio::test]
async fn throttling_is_waited_out_as_told() {
    let world = World::new().await;
    world.microsoft.reads_trouble(Trouble::Throttled(120));
    let wait = sync(&world).run_once(SyncPart::Customers).await.unwrap();
    assert_eq!(wait, SignedDuration::from_secs(120));
}
