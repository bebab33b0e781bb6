//! All workers together, over the machine's own time: from the start to a stop that leaves everything sealed.

use crate::world::{TestClock, World, customer_tenant};
use desk::seam::SystemClock;
use domain::body::Body;
use domain::cases::Claimed;
use domain::fact::NewFact;
use domain::ids::{AccountId, AccountKind, Actor};
use runtime::{Parts, Runtime, TaskState};
use sigma::{EngineOptions, LoadOptions, RuleSet};
use std::sync::Arc;
use std::time::Duration;
use store::Signer;
use uuid::Uuid;

async fn until(mut is_so: impl AsyncFnMut() -> bool) {
    for _ in 0..1_000 {
        if is_so().await {
            return;
        }
        let _ = tokio::time::timeout(Duration::from_millis(10), std::future::pending::<()>()).await;
    }
    panic!("it did not come about in time");
}

#[tokio::test]
async fn the_workers_bring_an_alert_to_an_answer_and_stop_with_everything_sealed() {
    let world = World::with_clock(TestClock::new("2026-11-20T08:00:00Z"), Arc::new(SystemClock::new())).await;
    world.actions_on().await;
    world.microsoft.alert("a-1", "active", &customer_tenant().to_string());
    world.microsoft.alert("a-2", "active", "99999999-0000-4000-8000-000000000009");
    world.microsoft.admins(5, 5);
    let running = Runtime::start(Parts {
        tools: world.tools.clone(),
        connections: world.connections.clone(),
        channels: runtime::Channels::default(),
        rules: RuleSet::load([], &LoadOptions::default()).set,
        engine: EngineOptions::default(),
        prices: Arc::new(policy::Prices::embedded().unwrap()),
        signer: Signer::from_seed(&[7; 32]),
        name: "test".to_owned(),
    });
    let running = running.await.unwrap();
    let customer = world.customer();
    let cases = async || world.file(customer).await.customer().map_or(0, |customer| customer.cases.len());
    until(async || cases().await == 1).await;
    let case = *world.file(customer).await.customer().unwrap().cases.keys().next().unwrap();
    let person = AccountId(Uuid::from_u128(1));
    let claimed = NewFact {
        happened: world.tools.now(),
        actor: Actor::User(person),
        source_key: None,
        body: Body::CaseClaimed(Claimed { case, owner: person }),
    };
    world.tools.desk.record(customer, AccountKind::Customer, vec![claimed]).await.unwrap();
    until(async || world.microsoft.alert_status("a-1") == "investigating").await;
    until(async || world.tools.store().open_effects().await.unwrap().0 == 0).await;
    assert!(running.failing().is_empty());
    let board = running.board.clone();
    assert!(running.stop().await);
    assert!(board.tasks().values().all(|task| task.state == TaskState::Stopped && task.restarts == 0));
    let last = world.tools.store().last_checkpoint().await.unwrap().unwrap();
    let facts = world.tools.store().feed(0, 5_000).await.unwrap();
    assert_eq!(u64::try_from(facts.len()).unwrap(), last.size);
    let version = world.file(customer).await.version;
    assert!(facts.iter().any(|entry| entry.fact.account == customer && entry.fact.version == version));
    // An unknown tenant did not make the sync run in circles.
    assert!(world.microsoft.reads() < 100, "{}", world.microsoft.reads());
}
