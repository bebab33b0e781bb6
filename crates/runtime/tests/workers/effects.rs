//! Effects against a Microsoft that fails in every way: whatever happens, each is carried out exactly once.

use crate::world::{Trouble, World, customer_tenant};
use domain::body::Body;
use domain::containment::{ActionClass, ActionState, Approved, Requested, StepState};
use domain::effects::EffectResult;
use domain::fact::{Fact, NewFact};
use domain::file::Part;
use domain::ids::{AccountId, AccountKind, Actor};
use domain::notices::{AlertId, AlertStatus, AnswerRequested};
use domain::permission::Role;
use jiff::SignedDuration;
use runtime::effects::{EffectWorker, LEASE};
use runtime::intake::Intake;
use runtime::microsoft_sync::{Sync, SyncPart};
use std::collections::BTreeSet;
use std::sync::Arc;
use uuid::Uuid;

const ALERT: &str = "alert-1";

/// A world in which a customer has an open alert, and a person asked for it to be answered.
async fn answering() -> World {
    let world = synced().await;
    let asked = AnswerRequested { alert: AlertId(ALERT.into()), status: AlertStatus::Investigating, reason: None };
    record(&world, Body::AnswerRequested(asked)).await;
    world
}

async fn synced() -> World {
    let world = World::new().await;
    world.actions_on().await;
    world.microsoft.alert(ALERT, "active", &customer_tenant().to_string());
    let set = sigma::RuleSet::load([], &sigma::LoadOptions::default()).set;
    let prices = Arc::new(policy::Prices::embedded().unwrap());
    let intake = Intake::new(world.tools.clone(), set, sigma::EngineOptions::default(), prices);
    let sync = Sync::new(world.tools.clone(), Arc::clone(&world.connection), intake, "test");
    sync.run_once(SyncPart::Customers).await.unwrap();
    sync.run_once(SyncPart::Alerts).await.unwrap();
    world
}

async fn record(world: &World, body: Body) {
    let fact = NewFact { happened: world.tools.now(), actor: Actor::User(person(1)), source_key: None, body };
    world.tools.desk.record(world.customer(), AccountKind::Customer, vec![fact]).await.unwrap();
}

fn person(number: u128) -> AccountId {
    AccountId(Uuid::from_u128(number))
}

fn worker(world: &World) -> EffectWorker {
    EffectWorker::new(world.tools.clone(), world.connections.clone(), "worker")
}

/// Lets the worker run and time pass until nothing is left to do, and returns how the effects ended.
async fn run_out(world: &World, worker: &EffectWorker, step: SignedDuration) -> Vec<EffectResult> {
    for _ in 0..200 {
        worker.run_once().await.unwrap();
        if world.tools.store().open_effects().await.unwrap().0 == 0 {
            break;
        }
        world.clock.advance(step);
    }
    results(world).await
}

async fn results(world: &World) -> Vec<EffectResult> {
    let finished = facts(world).await.into_iter().filter_map(|fact| match fact.body {
        Body::EffectFinished(finished) => Some(finished.result),
        _ => None,
    });
    finished.collect()
}

async fn started(world: &World) -> usize {
    facts(world).await.iter().filter(|fact| matches!(fact.body, Body::EffectStarted(_))).count()
}

async fn facts(world: &World) -> Vec<Fact> {
    let stored = world.tools.store().facts(world.customer(), 0, 1_000).await.unwrap();
    stored.iter().map(|stored| Fact::read(stored.account, stored.version, &stored.bytes).unwrap()).collect()
}

fn done() -> EffectResult {
    EffectResult::Done { already: false }
}

#[tokio::test]
async fn an_effect_is_fenced_carried_out_once_and_told() {
    let world = answering().await;
    let results = run_out(&world, &worker(&world), SignedDuration::from_secs(1)).await;
    assert_eq!(results, [done()]);
    assert_eq!(world.microsoft.done(), ["answer investigating"]);
    assert_eq!(started(&world).await, 1);
}

#[tokio::test]
async fn whatever_fails_the_act_is_done_exactly_once() {
    for trouble in [
        vec![Trouble::Throttled(57)],
        vec![Trouble::UnavailableBefore],
        vec![Trouble::UnavailableAfter],
        vec![Trouble::CutAfter],
        vec![Trouble::NotSent],
        vec![Trouble::PlanStillActive, Trouble::NotSent],
        vec![Trouble::UnavailableBefore, Trouble::Throttled(3), Trouble::CutAfter],
    ] {
        let world = answering().await;
        world.microsoft.trouble(trouble.clone());
        let results = run_out(&world, &worker(&world), SignedDuration::from_secs(10)).await;
        assert!(matches!(results[..], [EffectResult::Done { .. }]), "{trouble:?}: {results:?}");
        assert_eq!(world.microsoft.done(), ["answer investigating"], "{trouble:?}");
        let ids: BTreeSet<_> = world.microsoft.writes().into_iter().map(|(_, id)| id).collect();
        assert_eq!(ids.len(), 1, "{trouble:?}: every try has the same request id");
    }
}

#[tokio::test]
async fn after_doubt_the_remote_state_is_read_and_nothing_is_sent_again() {
    let world = answering().await;
    world.microsoft.trouble([Trouble::UnavailableAfter]);
    let results = run_out(&world, &worker(&world), SignedDuration::from_secs(10)).await;
    assert_eq!(results, [EffectResult::Done { already: true }]);
    assert_eq!(world.microsoft.writes().len(), 1);
}

#[tokio::test]
async fn a_wait_that_microsoft_asked_for_is_kept() {
    let world = answering().await;
    world.microsoft.trouble([Trouble::Throttled(57)]);
    let worker = worker(&world);
    worker.run_once().await.unwrap();
    world.clock.advance(SignedDuration::from_secs(56));
    assert_eq!(worker.run_once().await.unwrap(), 0);
    world.clock.advance(SignedDuration::from_secs(2));
    assert_eq!(worker.run_once().await.unwrap(), 1);
    assert_eq!(results(&world).await, [done()]);
}

#[tokio::test]
async fn what_microsoft_refuses_for_good_is_not_tried_again() {
    let world = answering().await;
    world.microsoft.trouble([Trouble::Refused]);
    let results = run_out(&world, &worker(&world), SignedDuration::from_secs(10)).await;
    assert_eq!(results, [EffectResult::Refused { code: "800091".into() }]);
    assert_eq!(world.microsoft.writes().len(), 1);
}

#[tokio::test]
async fn while_actions_are_off_nothing_is_read_or_sent() {
    let world = answering().await;
    runtime::setup::switch_actions(&world.tools, world.connection.account, false, Actor::Program).await.unwrap();
    let reads = world.microsoft.reads();
    let results = run_out(&world, &worker(&world), SignedDuration::from_secs(1)).await;
    assert_eq!(results, [EffectResult::DryRun]);
    assert_eq!((world.microsoft.writes().len(), world.microsoft.reads()), (0, reads));
}

#[tokio::test]
async fn what_may_have_been_sent_is_not_told_as_a_dry_run() {
    for (trouble, told) in [
        (Trouble::UnavailableAfter, EffectResult::Done { already: true }),
        (Trouble::UnavailableBefore, EffectResult::DryRun),
    ] {
        let world = answering().await;
        world.microsoft.trouble([trouble]);
        let worker = worker(&world);
        worker.run_once().await.unwrap();
        runtime::setup::switch_actions(&world.tools, world.connection.account, false, Actor::Program).await.unwrap();
        let results = run_out(&world, &worker, SignedDuration::from_secs(10)).await;
        assert_eq!(results, [told], "{trouble:?}");
        assert_eq!(world.microsoft.writes().len(), 1);
    }
}

#[tokio::test]
async fn an_effect_without_its_connection_waits_and_is_given_up_in_the_end() {
    let world = answering().await;
    let worker = EffectWorker::new(world.tools.clone(), runtime::Connections::default(), "elsewhere");
    let results = run_out(&world, &worker, SignedDuration::from_mins(10)).await;
    assert_eq!(results, [EffectResult::GaveUp { code: "no_connection".into() }]);
}

#[tokio::test]
async fn an_effect_whose_time_has_passed_is_given_up() {
    let world = answering().await;
    world.clock.advance(SignedDuration::from_hours(48));
    let results = run_out(&world, &worker(&world), SignedDuration::from_secs(1)).await;
    assert!(results.contains(&EffectResult::GaveUp { code: "too_late".into() }), "{results:?}");
    assert!(world.microsoft.writes().is_empty());
}

#[tokio::test]
async fn an_alert_that_somebody_resolved_meanwhile_is_not_opened_again() {
    let world = answering().await;
    world.microsoft.alert(ALERT, "resolved", &customer_tenant().to_string());
    let results = run_out(&world, &worker(&world), SignedDuration::from_secs(1)).await;
    assert_eq!(results, [EffectResult::NotWanted]);
    assert_eq!(world.microsoft.alert_status(ALERT), "resolved");
}

#[tokio::test]
async fn a_failing_read_puts_the_effect_off_without_a_try() {
    let world = answering().await;
    world.microsoft.reads_fail(3);
    let results = run_out(&world, &worker(&world), SignedDuration::from_secs(10)).await;
    assert_eq!(results, [done()]);
    assert_eq!(started(&world).await, 1);
}

#[tokio::test]
async fn two_workers_do_not_both_act() {
    let world = answering().await;
    let (one, other) = (worker(&world), EffectWorker::new(world.tools.clone(), world.connections.clone(), "other"));
    let (one, other) = tokio::join!(one.run_once(), other.run_once());
    assert_eq!(one.unwrap() + other.unwrap(), 1);
    assert_eq!(world.microsoft.done(), ["answer investigating"]);
}

/// A world in which the cancellation of the attacked Azure subscription is released.
pub(crate) async fn containing() -> World {
    let world = synced().await;
    let case = *world.file(world.customer()).await.customer().unwrap().cases.keys().next().unwrap();
    let requested = Requested {
        case,
        playbook: "mining-takeover".into(),
        targets: None,
        class: ActionClass::Normal,
        revert_of: None,
        proposer: person(1),
        note: None,
    };
    record(&world, Body::ContainmentRequested(requested)).await;
    let file = world.file(world.customer()).await;
    let action = file.customer().unwrap().actions.values().next().unwrap().clone();
    for number in 2..=3 {
        let approved = Approved {
            action: action.proposed.action,
            parameters: action.proposed.parameters,
            approver: person(number),
            roles: BTreeSet::from([Role::GlobalAdministrator, Role::AdminAgent]),
            reauthenticated: false,
        };
        record(&world, Body::ActionApproved(approved)).await;
    }
    world
}

async fn action_state(world: &World) -> (ActionState, Vec<StepState>) {
    let file = world.file(world.customer()).await;
    let action = file.customer().unwrap().actions.values().next().unwrap();
    (action.state, action.steps.clone())
}

#[tokio::test]
async fn an_action_is_carried_out_and_read_back_step_by_step() {
    let world = containing().await;
    let worker = worker(&world);
    for _ in 0..100 {
        worker.run_once().await.unwrap();
        runtime::dues::run_once(&world.tools).await.unwrap();
        if matches!(action_state(&world).await.0, ActionState::Finished(_)) {
            break;
        }
        world.clock.advance(SignedDuration::from_secs(30));
    }
    let (state, steps) = action_state(&world).await;
    assert_eq!(state, ActionState::Finished(domain::containment::ActionOutcome::Verified), "{steps:?}");
    let acts: Vec<_> = world.microsoft.done().into_iter().filter(|done| !done.starts_with("answer")).collect();
    assert_eq!(acts, ["cancel", "plan suspended"]);
    let snapshot = facts(&world).await.into_iter().find_map(|fact| match fact.body {
        Body::EffectStarted(started) => started.snapshot,
        _ => None,
    });
    let snapshot = snapshot.unwrap();
    assert!(
        snapshot.auto_renew && snapshot.instructions.contains("scheduledNextTermInstructions")
            || snapshot.instructions.contains("quantity")
    );
}

#[tokio::test]
async fn a_cancellation_in_doubt_is_given_its_settle_time_before_it_could_be_sent_again() {
    let world = containing().await;
    world.microsoft.settle_slowly();
    world.microsoft.trouble([Trouble::CutAfter]);
    let worker = worker(&world);
    worker.run_once().await.unwrap();
    for _ in 0..9 {
        world.clock.advance(SignedDuration::from_mins(1));
        worker.run_once().await.unwrap();
    }
    let cancels = || world.microsoft.writes().iter().filter(|(path, _)| path.ends_with("/cancel")).count();
    assert_eq!(cancels(), 1, "it still reads active, and is not sent again before it has had time to settle");
    world.microsoft.settle();
    world.clock.advance(SignedDuration::from_mins(2));
    worker.run_once().await.unwrap();
    assert_eq!(cancels(), 1);
    assert_eq!(results(&world).await, [EffectResult::Done { already: true }]);
    assert_eq!(world.microsoft.azure_status(), "inactive");
}

#[tokio::test]
async fn a_cancellation_that_was_lost_is_sent_again_after_it_had_time_to_settle() {
    let world = containing().await;
    world.microsoft.trouble([Trouble::UnavailableBefore]);
    let results = run_out_one(&world).await;
    assert_eq!(results, [done()]);
    assert_eq!(world.microsoft.writes().len(), 2);
    assert!(world.tools.now() >= "2026-11-20T08:10:00Z".parse().unwrap());
}

#[tokio::test]
async fn a_refusal_after_a_try_in_doubt_does_not_say_that_nothing_was_done() {
    for trouble in [
        vec![Trouble::UnavailableBefore, Trouble::Refused],
        vec![Trouble::UnavailableBefore, Trouble::Throttled(3), Trouble::Refused],
    ] {
        let world = containing().await;
        world.microsoft.trouble(trouble.clone());
        let results = run_out_one(&world).await;
        assert_eq!(results, [EffectResult::GaveUp { code: "800091".into() }], "{trouble:?}");
        let file = world.file(world.customer()).await;
        let action = file.customer().unwrap().actions.values().next().unwrap();
        assert!(action.touched.contains(&0), "{trouble:?}");
    }
}

async fn run_out_one(world: &World) -> Vec<EffectResult> {
    let worker = worker(world);
    for _ in 0..60 {
        worker.run_once().await.unwrap();
        let results = results(world).await;
        if !results.is_empty() {
            return results;
        }
        world.clock.advance(SignedDuration::from_secs(30));
    }
    Vec::new()
}

#[tokio::test]
async fn a_program_that_ends_in_the_middle_of_a_call_leaves_exactly_one_act() {
    for trouble in [Trouble::UnavailableAfter, Trouble::UnavailableBefore] {
        let world = answering().await;
        // The call was made; the program ended before it could tell the result or give the effect back.
        world.microsoft.trouble([trouble]);
        let now = world.tools.now();
        let until = now + LEASE;
        let claimed = world.tools.store().claim_effects("gone", until, now, 10).await.unwrap();
        assert_eq!(claimed.len(), 1);
        let effect = domain::effects::EffectRef { version: claimed[0].row.key.version, ordinal: 0 };
        let started = domain::effects::EffectStarted { effect, attempt: 1, request: Uuid::nil(), snapshot: None };
        record(&world, Body::EffectStarted(started)).await;
        let call = microsoft::CallContext { now, request_id: Uuid::nil(), correlation_id: Uuid::nil() };
        let alert = microsoft::AlertId::parse(ALERT).unwrap();
        let answer = microsoft::alerts::AlertAnswer::Investigating;
        world.connection.client.answer_alert(&call, &alert, &answer).await.unwrap_err();
        // Another program, started anew, with nothing but the store.
        let again = World { connections: crate::world::connections(&world.microsoft), ..world };
        let results = run_out(&again, &worker(&again), SignedDuration::from_secs(30)).await;
        assert!(matches!(results[..], [EffectResult::Done { .. }]), "{trouble:?}: {results:?}");
        assert_eq!(again.microsoft.done(), ["answer investigating"], "{trouble:?}");
    }
}

#[tokio::test]
async fn a_stopped_action_is_not_begun() {
    let world = containing().await;
    let file = world.file(world.customer()).await;
    let Part::Customer(customer) = &file.part else { panic!("no customer") };
    let action = customer.actions.values().next().unwrap().proposed.action;
    record(&world, Body::ActionStopped(domain::containment::Stopped { action })).await;
    worker(&world).run_once().await.unwrap();
    assert_eq!(results(&world).await, [EffectResult::NotWanted]);
    assert!(world.microsoft.writes().is_empty());
}
