//! Accounts that an older release closed: they wake by themselves once every fact of theirs is known.

use crate::world::{World, customer_tenant};
use domain::cases::Mark;
use jiff::SignedDuration;
use runtime::microsoft_sync::SyncPart;
use runtime::waking::run_once;
use runtime::{dues, waking};

/// A customer with an alert that nobody answers.
async fn with_an_alert() -> World {
    let world = World::new().await;
    let sync = crate::sync::sync(&world);
    sync.run_once(SyncPart::Customers).await.unwrap();
    world.microsoft.alert("a-1", "active", &customer_tenant().to_string());
    sync.run_once(SyncPart::Alerts).await.unwrap();
    world
}

#[tokio::test]
async fn a_quiet_account_that_was_closed_wakes_by_itself_and_works_off_what_came_due() {
    let world = with_an_alert().await;
    let customer = world.customer();
    world.tools.store().set_read_only(customer, true).await.unwrap();
    world.clock.advance(SignedDuration::from_hours(2));
    assert_eq!(dues::run_once(&world.tools).await.unwrap(), 0, "a closed account is never due");
    let mut woken = Vec::new();
    let mut after = None;
    loop {
        let pass = run_once(&world.tools, after).await.unwrap();
        woken.extend(pass.woken);
        assert!(pass.closed.is_empty());
        let Some(next) = pass.next else { break };
        after = Some(next);
    }
    assert_eq!(woken, [customer]);
    let head = world.tools.store().head(customer).await.unwrap().unwrap();
    assert!(!head.read_only);
    let file = world.file(customer).await;
    let case = file.customer().unwrap().cases.values().next().unwrap();
    assert!(case.marks.contains(&Mark::Target), "the hour passed while it was closed");
}

#[tokio::test]
async fn an_account_with_a_fact_that_is_still_unknown_stays_closed() {
    let world = with_an_alert().await;
    let (customer, store) = (world.customer(), world.tools.store());
    world.close(customer).await;
    world.clock.advance(SignedDuration::from_hours(2));
    dues::run_once(&world.tools).await.unwrap();
    assert!(store.head(customer).await.unwrap().unwrap().read_only, "the worker of dues met it");
    let pass = waking::run_once(&world.tools, None).await.unwrap();
    assert_eq!((pass.woken, pass.closed), (Vec::new(), vec![customer]));
    assert!(store.head(customer).await.unwrap().unwrap().read_only);
}
