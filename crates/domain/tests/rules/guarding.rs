//! Each guard rail: what it stops, and that it says so.

use crate::world::*;
use domain::body::Body;
use domain::containment::{ActionClass, Rail, Requested, StepEnd, StepEnded};
use domain::customers::AzureStatus;
use domain::permission::Role;
use domain::reason::Reason;
use domain::signals::Level;

fn emergency(case: domain::ids::CaseId) -> Requested {
    Requested { class: ActionClass::Emergency, ..requested(case, "takeover") }
}

#[test]
fn a_proposal_carries_the_word_of_every_guard_rail() {
    let mut world = World::new();
    let case = world.mined(1, 100);
    let action = world.propose(requested(case, "takeover"));
    let rails: Vec<_> = world.action(action).proposed.guards.iter().map(|guard| (guard.rail, guard.passed)).collect();
    let all = [Rail::Protected, Rail::Size, Rail::Emergency, Rail::OneAtATime];
    assert_eq!(rails, all.map(|rail| (rail, true)));
}

#[test]
fn a_protected_tenant_is_not_touched() {
    let mut world = World::new();
    world.policy.guards.protected.insert(tenant());
    let case = world.mined(1, 100);
    assert_eq!(world.refused(requested(case, "takeover")), [Reason::Protected]);
}

#[test]
fn a_tenant_that_becomes_protected_while_an_action_is_under_way_is_left_alone_from_then_on() {
    let mut world = World::new();
    let case = world.mined(1, 100);
    let action = world.propose(requested(case, "takeover"));
    world.approve(action, 2, &[Role::AdminAgent]);
    world.policy.guards.protected.insert(tenant());
    let decided = world.finish(done());
    let ended = StepEnded { action, step: 1, end: StepEnd::Failed { code: "protected".to_owned() } };
    assert_eq!(decided, [Body::StepEnded(ended)]);
    let further = world.obey();
    assert!(!further.iter().any(|body| matches!(body, Body::StepOrdered(_))), "{further:?}");
}

#[test]
fn an_action_takes_no_more_azure_subscriptions_than_the_limit() {
    for (limit, refused) in [(2, false), (1, true)] {
        let mut world = World::new();
        world.policy.guards.subscriptions_per_action = limit;
        let case = world.mined(1, 100);
        let request = requested(case, "takeover");
        if refused {
            assert_eq!(world.refused(request), [Reason::TooManySubscriptions { count: 2, limit }]);
        } else {
            world.propose(request);
        }
    }
}

#[test]
fn one_action_of_a_case_is_on_its_way_at_a_time() {
    let mut world = World::new();
    let case = world.mined(1, 100);
    let first = world.propose(requested(case, "stop-attacked"));
    assert_eq!(world.refused(requested(case, "takeover")), [Reason::AlreadyUnderWay { action: first }]);
    world.pass(hours(4));
    world.propose(requested(case, "takeover"));
}

#[test]
fn the_emergency_class_is_capped_and_can_be_off() {
    // Eight hours to a stop: 2,500 an hour is the cap of 20,000.
    for (enabled, rate, passes) in [(true, 2_500, true), (true, 2_501, false), (false, 1, false)] {
        let mut world = World::new();
        world.policy.approvals.emergency.enabled = enabled;
        let case = world.mined(1, rate);
        if passes {
            let action = world.propose(emergency(case));
            assert_eq!(world.action(action).proposed.roles, [Role::AdminAgent], "whatever the size");
        } else {
            assert_eq!(world.refused(emergency(case)), [Reason::EmergencyNotAllowed], "{enabled} {rate}");
        }
    }
}

#[test]
fn what_has_no_known_cost_is_beyond_the_cap_of_the_emergency_class() {
    let mut world = World::new();
    world.tell([found(VM_BURST, Level::High, Some(1), &[])]);
    let case = world.case().id;
    assert_eq!(world.refused(emergency(case)), [Reason::EmergencyNotAllowed]);
    let action = world.propose(requested(case, "takeover"));
    assert_eq!(world.action(action).proposed.at_stake, None);
}

#[test]
fn every_reason_against_a_proposal_is_told_at_once() {
    let mut world = World::new();
    world.policy.guards.protected.insert(tenant());
    world.policy.guards.subscriptions_per_action = 1;
    world.policy.approvals.emergency.enabled = false;
    world.tell([azure_seen(4, PLAN, AzureStatus::Active)]);
    world.tell([found(VM_BURST, Level::High, Some(1), &[(1, 1)])]);
    let case = world.case().id;
    let expected =
        [Reason::Protected, Reason::TooManySubscriptions { count: 3, limit: 1 }, Reason::EmergencyNotAllowed];
    assert_eq!(world.refused(emergency(case)), expected);
}
