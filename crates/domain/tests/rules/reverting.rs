//! Putting back what an action stopped.

use crate::world::*;
use domain::body::Body;
use domain::cases::{Outcome, StillActing, may_close};
use domain::containment::{
    ActionOutcome, ActionState, PlanSnapshot, Refusal, Requested, StepKind, Stopped, may_revert, may_stop,
};
use domain::customers::{AzureStatus, SubscriptionStatus};
use domain::effects::{EffectKind, EffectResult, EffectStarted};
use domain::ids::{ActionId, CaseId};
use domain::permission::Role;
use domain::reason::Reason;
use uuid::Uuid;

const ADMIN: &[Role] = &[Role::AdminAgent];

fn approved_takeover() -> (World, ActionId) {
    let mut world = World::new();
    let case = world.mined(1, 100);
    let action = world.propose(requested(case, "takeover"));
    world.approve(action, 2, ADMIN);
    (world, action)
}

fn back(world: &World, action: ActionId) -> Requested {
    Requested { revert_of: Some(action), ..requested(world.action(action).proposed.case, "") }
}

fn snapshot(text: &str) -> PlanSnapshot {
    PlanSnapshot { auto_renew: true, instructions: format!("{{\"text\":\"{text}\"}}") }
}

const fn reactivate(number: u128) -> StepKind {
    StepKind::ReactivateAzureSubscription { plan: PLAN, azure_subscription: azure(number) }
}

/// Starts the open effect with what was read before it.
fn start(world: &mut World, attempt: u32, text: &str) {
    let (effect, _) = world.open_effects().remove(0);
    let started = EffectStarted { effect, attempt, request: Uuid::nil(), snapshot: Some(snapshot(text)) };
    world.tell([Body::EffectStarted(started)]);
}

#[test]
fn a_takeover_is_put_back_plan_first_with_what_the_plan_had_before() {
    let (mut world, action) = approved_takeover();
    for _ in 0..2 {
        world.finish(done());
    }
    world.pass(minutes(10));
    let effects: Vec<_> = world.open_effects().into_iter().map(|(effect, _)| effect).collect();
    for effect in effects {
        world.end(effect, inactive());
    }
    // The first try reads what is there; a second one already finds it gone.
    start(&mut world, 1, "before");
    start(&mut world, 2, "after");
    world.obey();
    assert_eq!(world.action(action).state, ActionState::Finished(ActionOutcome::Verified));

    let request = back(&world, action);
    let revert = world.propose(request);
    let proposed = world.action(revert).proposed.clone();
    let plan = StepKind::ReactivatePlan { plan: PLAN, snapshot: Some(snapshot("before")) };
    assert_eq!(proposed.steps, [plan, reactivate(1), reactivate(2)]);
    assert_eq!(proposed.revert_of, Some(action));
    assert_eq!(proposed.blast.saved_per_hour, None, "putting back saves nothing");
    world.approve(revert, 2, ADMIN);
    let [(_, EffectKind::Step(StepKind::ReactivatePlan { .. }))] = &world.open_effects()[..] else { panic!() };
    world.obey();
    assert_eq!(world.action(revert).state, ActionState::Finished(ActionOutcome::Verified));
    assert_eq!(world.customer().holdings.active_under(PLAN).count(), 2);
    assert_eq!(world.customer().holdings.subscriptions[&PLAN].status, SubscriptionStatus::Active);
}

#[test]
fn nothing_under_a_plan_is_made_active_before_the_plan_is() {
    let (mut world, action) = approved_takeover();
    world.obey();
    let request = back(&world, action);
    let revert = world.propose(request);
    world.approve(revert, 2, ADMIN);
    let decided = world.finish(done());
    assert_eq!(words(&decided), ["look.ordered"]);
    let decided = world.finish(EffectResult::Read(domain::containment::Remote::Plan(SubscriptionStatus::Suspended)));
    assert!(decided.is_empty());
    let decided: Vec<_> = world.pass(minutes(2)).into_iter().map(|(_, body)| body).collect();
    assert_eq!(words(&decided), ["look.ordered"]);
    let decided = world.finish(EffectResult::Read(domain::containment::Remote::Plan(SubscriptionStatus::Active)));
    assert_eq!(words(&decided), ["step.ended", "step.ordered"]);
}

#[test]
fn only_what_the_action_itself_stopped_is_put_back() {
    let (mut world, action) = approved_takeover();
    world.tell([azure_seen(2, PLAN, AzureStatus::Inactive)]);
    world.obey();
    let request = back(&world, action);
    let revert = world.propose(request);
    let steps = &world.action(revert).proposed.steps;
    assert_eq!(steps.len(), 2);
    assert!(!steps.contains(&reactivate(2)), "it was inactive before");
}

#[test]
fn an_action_that_was_stopped_half_way_is_put_back_half_way() {
    let (mut world, action) = approved_takeover();
    world.finish(done());
    world.tell([Body::ActionStopped(Stopped { action })]);
    assert_eq!(may_revert(world.customer(), action).err(), Some(Refusal::NotReadBack), "one step is on its way");
    world.obey();
    assert!(may_revert(world.customer(), action).is_ok());
    let request = back(&world, action);
    let revert = world.propose(request);
    assert!(world.action(revert).proposed.steps.contains(&reactivate(1)));
}

#[test]
fn what_did_nothing_can_not_be_put_back() {
    // A dry run.
    let (mut world, action) = approved_takeover();
    while !world.open_effects().is_empty() {
        world.finish(EffectResult::DryRun);
    }
    let request = back(&world, action);
    assert_eq!(world.refused(request), [Reason::NothingToStop]);
    let state = ActionState::Finished(ActionOutcome::DryRun);
    assert_eq!(may_revert(world.customer(), action).err(), Some(Refusal::NotInThisState(state)));
    assert_eq!(may_stop(world.customer(), action, &caller(1, ADMIN)).err(), Some(Refusal::NotInThisState(state)));
    // One that is still under way, and one that never was.
    let (mut world, action) = approved_takeover();
    let request = back(&world, action);
    assert_eq!(world.refused(request), [Reason::NothingToStop]);
    let unknown = Requested { revert_of: Some(ActionId(Uuid::nil())), ..requested(CaseId(Uuid::nil()), "") };
    assert_eq!(world.refused(unknown), [Reason::NothingToStop]);
}

#[test]
fn putting_back_works_after_the_case_was_closed_and_takes_the_highest_band() {
    let (mut world, action) = approved_takeover();
    world.obey();
    let case = world.case().id;
    world.close(case, Outcome::FalseAlarm, &[]);
    let request = back(&world, action);
    let revert = world.propose(request);
    assert_eq!(world.action(revert).proposed.roles, [Role::GlobalAdministrator, Role::AdminAgent]);
}

/// Else a request with another case's id would slip past the rule of one action at a time.
#[test]
fn an_action_that_reverts_belongs_to_the_case_of_the_one_it_reverts() {
    let (mut world, action) = approved_takeover();
    world.obey();
    let case = world.case().id;
    let elsewhere = Requested { case: CaseId(Uuid::nil()), ..back(&world, action) };
    let revert = world.propose(elsewhere.clone());
    assert_eq!(world.action(revert).proposed.case, case);
    assert_eq!(world.refused(elsewhere), [Reason::AlreadyUnderWay { action: revert }]);
}

/// Microsoft took the cancellation, and nobody could read back whether it took effect.
#[test]
fn a_look_that_gave_up_asks_for_a_person_and_what_it_looked_for_can_be_put_back() {
    for end in [
        EffectResult::GaveUp { code: "too_late".to_owned() },
        EffectResult::Refused { code: "403".to_owned() },
        still_active(),
    ] {
        let (mut world, action) = approved_takeover();
        world.finish(done());
        let rest = world.finish_first(EffectResult::Refused { code: "boom".to_owned() });
        assert_eq!(words(&rest), ["step.ended"], "the other one was refused: it was never done");
        assert!(!world.action(action).needs_person(), "it is still looked for");
        world.pass(minutes(10));
        while world.action(action).is_open() {
            match world.open_effects().first().cloned() {
                Some((effect, EffectKind::Look(_))) => drop(world.end(effect, end.clone())),
                Some(other) => panic!("{other:?}"),
                None => drop(world.pass(minutes(2))),
            }
        }
        assert_eq!(world.action(action).state, ActionState::Finished(ActionOutcome::Failed));
        assert!(world.action(action).needs_person(), "{end:?}");
        let request = back(&world, action);
        let revert = world.propose(request);
        assert_eq!(world.action(revert).proposed.steps, [reactivate(1)], "{end:?}");
        world.approve(revert, 2, ADMIN);
        world.obey();
        assert_eq!(world.action(revert).state, ActionState::Finished(ActionOutcome::Verified));
    }
}

#[test]
fn a_try_that_began_and_was_given_up_can_be_put_back_and_one_that_never_began_can_not() {
    for begun in [true, false] {
        let (mut world, action) = approved_takeover();
        if begun {
            start(&mut world, 1, "before");
        }
        world.finish(EffectResult::GaveUp { code: "in_doubt".to_owned() });
        assert_eq!(world.action(action).needs_person(), begun);
        let request = back(&world, action);
        if begun {
            let revert = world.propose(request);
            assert_eq!(world.action(revert).proposed.steps, [reactivate(1)]);
        } else {
            assert_eq!(world.refused(request), [Reason::NothingToStop]);
        }
    }
}

/// Else what nobody wants any more could still be approved, or would go on at Microsoft.
#[test]
fn a_case_is_not_closed_as_harmless_while_an_action_against_it_is_open() {
    let (mut world, action) = approved_takeover();
    let case = world.case().id;
    for outcome in Outcome::ALL {
        let refused = may_close(world.customer(), case, outcome).err();
        let harmful = matches!(outcome, Outcome::Fraud | Outcome::Misuse | Outcome::Duplicate);
        assert_eq!(refused, (!harmful).then_some(StillActing(action)), "{outcome:?}");
    }
    assert_eq!(may_close(world.customer(), CaseId(Uuid::nil()), Outcome::Legitimate), Ok(()), "another case");
    world.obey();
    assert_eq!(may_close(world.customer(), case, Outcome::Legitimate), Ok(()), "it is at its end");
    let request = back(&world, action);
    world.propose(request);
    assert_eq!(may_close(world.customer(), case, Outcome::Legitimate), Ok(()), "only what puts back is open");
}
