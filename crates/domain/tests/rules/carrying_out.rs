//! Carrying out: one step after the other, looked for until it is read back or given up.

use crate::world::*;
use domain::body::Body;
use domain::containment::{
    ActionOutcome, ActionState, Finished, MAX_LOOKS, PermitLifted, PermitRefused, Remote, StepEnd, StepKind, StepState,
    Stopped,
};
use domain::customers::{AzureStatus, SubscriptionStatus};
use domain::effects::{EffectKind, EffectResult, effects_of, permits_of};
use domain::ids::ActionId;
use domain::permission::Role;

/// A takeover of two Azure subscriptions and their plan, approved: the first cancellation is ordered.
fn released() -> (World, ActionId) {
    let mut world = World::new();
    let case = world.mined(1, 100);
    let action = world.propose(requested(case, "takeover"));
    let decided = world.approve(action, 2, &[Role::AdminAgent]);
    assert_eq!(words(&decided), ["action.released", "step.ordered"]);
    (world, action)
}

fn refused(code: &str) -> EffectResult {
    EffectResult::Refused { code: code.to_owned() }
}

fn outcome(decided: &[Body]) -> Option<ActionOutcome> {
    decided.iter().find_map(|body| match body {
        Body::ActionFinished(Finished { outcome, .. }) => Some(*outcome),
        _ => None,
    })
}

#[test]
fn azure_subscriptions_are_cancelled_one_by_one_each_when_the_one_before_was_taken() {
    let (mut world, _) = released();
    assert_eq!(world.open_effects().len(), 1, "one at a time");
    let decided = world.finish(done());
    assert_eq!(words(&decided), ["step.ordered"]);
    let [(_, EffectKind::Step(kind))] = &world.open_effects()[..] else { panic!("{:?}", world.open_effects()) };
    assert_eq!(*kind, cancel(2));
    assert!(world.finish(done()).is_empty(), "the plan waits until all are read back as inactive");
}

#[test]
fn a_plan_is_suspended_only_when_every_azure_subscription_before_it_is_inactive() {
    let (mut world, action) = released();
    world.finish(done());
    world.finish(done());
    let looks: Vec<_> = world.pass(minutes(10)).into_iter().map(|(_, body)| body).collect();
    assert_eq!(words(&looks), ["look.ordered", "look.ordered"]);
    let effects: Vec<_> = world.open_effects().into_iter().map(|(effect, _)| effect).collect();
    assert_eq!(words(&world.end(effects[0], inactive())), ["step.ended"]);
    assert!(world.end(effects[1], still_active()).is_empty(), "one is still active");
    assert_eq!(world.pass(minutes(2)).len(), 1);
    let decided = world.finish(inactive());
    assert_eq!(words(&decided), ["step.ended", "step.ordered"]);
    let decided = world.finish(done());
    assert_eq!(words(&decided), ["look.ordered"], "a plan changes at once");
    let decided = world.finish(EffectResult::Read(Remote::Plan(SubscriptionStatus::Suspended)));
    assert_eq!(outcome(&decided), Some(ActionOutcome::Verified));
    assert_eq!(world.action(action).state, ActionState::Finished(ActionOutcome::Verified));
    let customer = world.customer();
    assert_eq!(customer.holdings.subscriptions[&PLAN].status, SubscriptionStatus::Suspended);
    assert!(customer.holdings.active_under(PLAN).next().is_none());
}

#[test]
fn a_change_is_first_looked_for_when_it_had_time_to_settle_and_then_again_and_again_until_given_up() {
    let mut world = World::new();
    let case = world.mined(1, 100);
    let action = world.propose(requested(case, "stop-attacked"));
    world.approve(action, 2, &[Role::AdminAgent]);
    world.pass(minutes(3));
    world.finish(done());
    let taken = world.at;
    let mut looks = Vec::new();
    loop {
        let passed = world.pass(hours(1));
        let [(at, Body::LookOrdered(look))] = passed.as_slice() else { break };
        looks.push((look.look, at.duration_since(taken)));
        // The look is answered at once: take the hour back.
        world.at = *at;
        let decided = world.finish(still_active());
        if outcome(&decided).is_some() {
            assert_eq!(outcome(&decided), Some(ActionOutcome::Failed));
            break;
        }
    }
    let expected: Vec<_> = (0..MAX_LOOKS).map(|look| (look + 1, minutes(10 + 2 * i64::from(look)))).collect();
    assert_eq!(looks, expected);
    let StepState::Ended(StepEnd::Failed { code }) = &world.action(action).steps[0] else { panic!() };
    assert_eq!(code, "not_read_back");
    assert!(world.pass(hours(100)).is_empty());
}

#[test]
fn what_fails_ends_the_action_and_nothing_further_is_begun() {
    for result in [refused("900115"), EffectResult::GaveUp { code: "503".to_owned() }, EffectResult::NotWanted] {
        let (mut world, action) = released();
        let decided = world.finish(result);
        assert_eq!(words(&decided), ["step.ended", "action.finished"]);
        assert_eq!(outcome(&decided), Some(ActionOutcome::Failed));
        assert_eq!(world.action(action).steps[1], StepState::Waiting);
        assert!(world.pass(hours(100)).is_empty());
    }
}

#[test]
fn a_failure_waits_for_what_is_in_flight_before_the_action_ends() {
    let (mut world, _) = released();
    world.finish(done());
    let decided = world.finish(refused("boom"));
    assert_eq!(words(&decided), ["step.ended"], "the first cancellation is still to be read back");
    assert_eq!(world.pass(minutes(10)).len(), 1);
    let decided = world.finish(inactive());
    assert_eq!(words(&decided), ["step.ended", "action.finished"]);
    assert_eq!(outcome(&decided), Some(ActionOutcome::Failed));
}

#[test]
fn a_dry_run_goes_through_every_step_and_sends_nothing() {
    let (mut world, action) = released();
    let mut decided = Vec::new();
    while !world.open_effects().is_empty() {
        decided.extend(world.finish(EffectResult::DryRun));
    }
    assert_eq!(outcome(&decided), Some(ActionOutcome::DryRun));
    assert!(world.action(action).steps.iter().all(|step| *step == StepState::Ended(StepEnd::DryRun)));
    assert_eq!(world.customer().holdings.active_under(PLAN).count(), 2);
}

#[test]
fn what_has_become_so_by_itself_is_not_done() {
    let (mut world, action) = released();
    world.tell([azure_seen(2, PLAN, AzureStatus::Inactive)]);
    let decided = world.finish(done());
    assert_eq!(words(&decided), ["step.ended"]);
    assert_eq!(world.action(action).steps[1], StepState::Ended(StepEnd::AlreadySo));
}

#[test]
fn a_cap_that_is_used_up_holds_the_next_step_until_it_opens() {
    let mut world = World::new();
    let case = world.mined(1, 100);
    let action = world.propose(requested(case, "takeover"));
    // As the desk does it: the approval and the refused permit are one step.
    let yes = approval(world.action(action), 2, &[Role::AdminAgent]);
    let until = world.at + minutes(25);
    let refused = PermitRefused { permit: "changes_per_hour".to_owned(), until };
    let decided = world.tell([Body::PermitRefused(refused.clone()), Body::ActionApproved(yes)]);
    assert_eq!(words(&decided), ["action.released"]);
    let decided = world.pass(hours(1));
    let [(at, Body::StepOrdered(order))] = decided.as_slice() else { panic!("{decided:?}") };
    assert_eq!((*at, &order.kind), (until, &cancel(1)));
}

#[test]
fn a_cap_that_is_lifted_lets_the_next_step_begin_at_once() {
    let mut world = World::new();
    let case = world.mined(1, 100);
    let action = world.propose(requested(case, "takeover"));
    let permit = "changes_per_hour".to_owned();
    let until = world.at + hours(1);
    world.tell([Body::PermitRefused(PermitRefused { permit: permit.clone(), until })]);
    world.approve(action, 2, &[Role::AdminAgent]);
    assert!(world.open_effects().is_empty());
    let decided = world.tell([Body::PermitLifted(PermitLifted { permit })]);
    assert_eq!(words(&decided), ["step.ordered"]);
}

#[test]
fn stopping_takes_a_permit_and_putting_back_does_not() {
    let permits = |world: &World| -> Vec<u32> {
        let wanted = |fact| permits_of(fact, world.customer(), &world.policy);
        world.facts.iter().flat_map(wanted).map(|permit| permit.limit).collect()
    };
    let (mut world, action) = released();
    world.obey();
    assert_eq!(permits(&world), [10, 10, 10]);
    let case = world.case().id;
    let back = domain::containment::Requested { revert_of: Some(action), ..requested(case, "") };
    let back = world.propose(back);
    world.approve(back, 2, &[Role::AdminAgent]);
    world.obey();
    assert_eq!(world.action(back).state, ActionState::Finished(ActionOutcome::Verified));
    assert_eq!(permits(&world).len(), 3);
}

#[test]
fn a_stop_begins_nothing_further_and_follows_what_is_in_flight() {
    let (mut world, action) = released();
    let (effect, kind) = world.open_effects().remove(0);
    assert!(world.customer().wants(effect, &kind));
    world.tell([Body::ActionStopped(Stopped { action })]);
    assert!(!world.customer().wants(effect, &kind), "what was not sent is no longer wanted");
    // But it was on its way already.
    assert!(world.finish(done()).is_empty(), "the second is not begun");
    assert_eq!(world.pass(minutes(10)).len(), 1);
    assert_eq!(words(&world.finish(inactive())), ["step.ended"]);
    assert_eq!(world.action(action).state, ActionState::Stopped);
    assert_eq!(world.action(action).steps[0], StepState::Ended(StepEnd::Verified));
    assert_eq!(world.action(action).steps[1], StepState::Waiting);
    assert!(world.pass(hours(100)).is_empty());
}

#[test]
fn the_result_of_another_effect_changes_nothing() {
    let (mut world, action) = released();
    let before = world.action(action).clone();
    let other = domain::effects::EffectRef { version: 1, ordinal: 0 };
    assert!(world.end(other, done()).is_empty());
    assert_eq!(*world.action(action), before);
}

#[test]
fn every_order_asks_for_one_effect_on_one_object_until_it_is_no_longer_worth_it() {
    let (mut world, _) = released();
    world.obey();
    for fact in &world.facts {
        let effects = effects_of(fact);
        let expected = usize::from(matches!(fact.body, Body::StepOrdered(_) | Body::LookOrdered(_)));
        assert_eq!(effects.len(), expected, "{:?}", fact.body);
        for effect in effects {
            assert_eq!((effect.key.version, effect.key.ordinal), (fact.version, 0));
            assert_eq!(effect.good_until, fact.at + hours(1));
            let (EffectKind::Step(kind) | EffectKind::Look(kind)) = &effect.kind else { panic!("{effect:?}") };
            assert_eq!(effect.object, kind.object());
            assert_eq!(effect.object.starts_with("azure:"), matches!(kind, StepKind::CancelAzureSubscription { .. }));
        }
    }
}
