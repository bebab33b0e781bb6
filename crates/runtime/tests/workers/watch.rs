//! Figures that grow by themselves, and what is parked and can't be read: what nobody tells still shows.

use crate::sync::sync;
use crate::world::{Trouble, World, customer_tenant};
use domain::body::Body;
use domain::cases::CaseId;
use domain::containment::{ActionClass, Requested};
use domain::fact::NewFact;
use domain::ids::{AccountId, AccountKind, Actor, Hash};
use domain::sealed::{Retention, Sealed};
use domain::signals::{FindingRecorded, Level, RuleRef};
use jiff::SignedDuration;
use runtime::intake::Intake;
use runtime::microsoft_sync::SyncPart;
use runtime::watch;
use std::sync::Arc;
use uuid::Uuid;

/// The rule of a mining burst, for which the shipped policy suggests containment.
const VM_BURST: &str = "409e9ded-76de-51b3-a32d-d0898c9d70d1";

#[tokio::test]
async fn the_lag_of_a_part_grows_while_nothing_comes_through_though_nobody_tells_of_a_failure() {
    let world = World::new().await;
    let sync = Arc::new(sync(&world));
    let lag_of = |part| {
        let lags = watch::lags(&[Arc::clone(&sync)]);
        lags.into_iter().find(|(known, _)| *known == part).unwrap().1
    };
    world.clock.advance(SignedDuration::from_mins(5));
    assert_eq!(lag_of(SyncPart::Alerts), SignedDuration::from_mins(5), "it never came through since the start");
    sync.run_once(SyncPart::Alerts).await.unwrap();
    assert_eq!(lag_of(SyncPart::Alerts), SignedDuration::ZERO);
    // The worker hangs: no pass ends, well or badly.
    world.clock.advance(SignedDuration::from_mins(90));
    assert_eq!(lag_of(SyncPart::Alerts), SignedDuration::from_mins(90));
    world.microsoft.reads_trouble(Trouble::Throttled(1));
    sync.run_once(SyncPart::Alerts).await.unwrap();
    assert_eq!(lag_of(SyncPart::Alerts), SignedDuration::from_mins(90), "a pass that failed changes nothing");
    assert_eq!(lag_of(SyncPart::Audit), SignedDuration::from_mins(95));
}

#[tokio::test]
async fn a_program_that_leaves_a_connection_to_another_has_no_lag_of_it() {
    let world = World::new().await;
    sync(&world).run_once(SyncPart::Alerts).await.unwrap();
    let set = sigma::RuleSet::load([], &sigma::LoadOptions::default()).set;
    let prices = Arc::new(policy::Prices::embedded().unwrap());
    let intake = Intake::new(world.tools.clone(), set, sigma::EngineOptions::default(), prices);
    let connection = Arc::clone(&world.connection);
    let other = runtime::microsoft_sync::Sync::new(world.tools.clone(), connection, intake, "other");
    world.clock.advance(SignedDuration::from_mins(5));
    other.run_once(SyncPart::Alerts).await.unwrap();
    assert_eq!(other.lag(SyncPart::Alerts), SignedDuration::ZERO);
}

/// A finding of a machine burst in the customer's Azure subscription.
fn found() -> Body {
    Body::FindingRecorded(FindingRecorded {
        rule: RuleRef {
            id: VM_BURST.to_owned(),
            title: "a burst".to_owned(),
            title_sv: None,
            author: "the tests".to_owned(),
            level: Level::High,
            tags: Vec::new(),
            rule_set: Hash::of(b"rules"),
        },
        log: "activity".to_owned(),
        received: "2026-11-20T08:00:00Z".parse().unwrap(),
        count: 1,
        azure_subscription: Some(crate::world::azure()),
        region: None,
        size: None,
        resources: Vec::new(),
        further_per_hour: None,
        price: None,
        caller: None,
        evidence: Sealed::from_ciphertext(Retention::Evidence, "x".into()),
    })
}

#[tokio::test]
async fn the_age_of_the_oldest_alert_and_the_proposals_that_wait_are_counted() {
    let world = World::new().await;
    let nothing = watch::waiting(&world.tools).await.unwrap();
    assert_eq!((nothing.oldest_unanswered, nothing.proposals), (SignedDuration::ZERO, 0));
    let sync = sync(&world);
    sync.run_once(SyncPart::Customers).await.unwrap();
    world.microsoft.alert("a-1", "active", &customer_tenant().to_string());
    sync.run_once(SyncPart::Alerts).await.unwrap();
    let tell = async |body| {
        let fact = NewFact { happened: world.tools.now(), actor: Actor::Program, source_key: None, body };
        world.tools.desk.record(world.customer(), AccountKind::Customer, vec![fact]).await.unwrap();
    };
    tell(found()).await;
    let file = world.file(world.customer()).await;
    let case: CaseId = *file.customer().unwrap().cases.keys().next().unwrap();
    let request = Requested {
        case,
        playbook: "stop-attacked".to_owned(),
        targets: None,
        class: ActionClass::Normal,
        revert_of: None,
        proposer: AccountId(Uuid::from_u128(1)),
        note: None,
    };
    tell(Body::ContainmentRequested(request)).await;
    world.clock.advance(SignedDuration::from_mins(20));
    let waiting = watch::waiting(&world.tools).await.unwrap();
    assert_eq!((waiting.oldest_unanswered, waiting.proposals), (SignedDuration::from_mins(20), 1));
}

#[tokio::test]
async fn parked_events_that_cannot_be_read_are_kept_in_sight_and_hold_up_nothing() {
    let world = World::new().await;
    let store = world.tools.store();
    let connection = world.connection.account;
    let place = format!("tenant:{}@{connection}", customer_tenant());
    let event = serde_json::json!({
        "time": "2026-11-20T07:59:00Z", "operationName": "Update policy", "category": "AuditLogs",
        "tenantId": customer_tenant().to_string(), "properties": {"id": "a-1"},
    });
    let sealed = world.tools.vault.seal(connection, Retention::Evidence, &event.to_string()).await.unwrap();
    let good = serde_json::to_vec(&sealed).unwrap();
    let damaged = b"no sealed text".to_vec();
    let events = [damaged.clone(), good, damaged.clone()];
    store.park(&place, &connection.to_string(), world.tools.now(), &events).await.unwrap();
    // The customer becomes known: what waited is fed.
    sync(&world).run_once(SyncPart::Customers).await.unwrap();
    let waiting = store.parked_tenants("", 10).await.unwrap();
    let [aside] = waiting.as_slice() else { panic!("{waiting:?}") };
    assert_eq!((aside.tenant.as_str(), aside.events), (format!("unreadable:{place}").as_str(), 2));
    let kept = store.parked_events(&aside.tenant, 10).await.unwrap();
    assert!(kept.iter().all(|event| event.bytes == damaged));
}
