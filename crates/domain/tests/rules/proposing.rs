//! From a request to a proposal: which steps, what they touch, who has to approve.

use crate::world::*;
use domain::body::Body;
use domain::cases::Outcome;
use domain::containment::{Destroys, GoesOnBilling, MAX_OPEN_ACTIONS, Requested, StepKind, parameters_of};
use domain::customers::{AzureStatus, SubscriptionKind, SubscriptionStatus};
use domain::permission::Role;
use domain::reason::Reason;
use domain::signals::Level;
use std::collections::BTreeSet;

fn steps_of(world: &mut World, request: Requested) -> Vec<StepKind> {
    let action = world.propose(request);
    world.action(action).proposed.steps.clone()
}

#[test]
fn a_playbook_takes_what_it_reaches() {
    let suspend = StepKind::SuspendPlan { plan: PLAN };
    let cases = [
        ("takeover", vec![cancel(1), cancel(2), suspend.clone()]),
        ("stop-attacked", vec![cancel(1)]),
        ("attacked-and-plan", vec![cancel(1)]),
    ];
    for (playbook, expected) in cases {
        let mut world = World::new();
        let case = world.mined(1, 100);
        assert_eq!(steps_of(&mut world, requested(case, playbook)), expected, "{playbook}");
    }
}

#[test]
fn a_plan_is_suspended_only_if_every_azure_subscription_under_it_is_inactive_then() {
    let suspend = StepKind::SuspendPlan { plan: PLAN };
    // The other Azure subscription is inactive already: cancelling the attacked one empties the plan.
    let mut world = World::new();
    world.tell([azure_seen(2, PLAN, AzureStatus::Inactive)]);
    let case = world.mined(1, 100);
    assert_eq!(steps_of(&mut world, requested(case, "attacked-and-plan")), [cancel(1), suspend.clone()]);
    // A playbook that cancels nothing suspends only what is empty.
    let mut world = World::new();
    let case = world.mined(1, 100);
    assert_eq!(world.refused(requested(case, "suspend-only")), [Reason::NothingToStop]);
    world.tell([azure_seen(1, PLAN, AzureStatus::Inactive), azure_seen(2, PLAN, AzureStatus::Inactive)]);
    assert_eq!(steps_of(&mut world, requested(case, "suspend-only")), [suspend]);
}

#[test]
fn what_is_stopped_already_is_not_stopped_again() {
    let mut world = World::new();
    let case = world.mined(1, 100);
    world.tell([
        azure_seen(1, PLAN, AzureStatus::Inactive),
        subscription(PLAN, SubscriptionKind::AzurePlan, SubscriptionStatus::Suspended),
    ]);
    assert_eq!(world.refused(requested(case, "stop-attacked")), [Reason::NothingToStop]);
    assert_eq!(steps_of(&mut world, requested(case, "takeover")), [cancel(2)]);
}

#[test]
fn a_person_may_name_the_targets() {
    let mut world = World::new();
    let case = world.mined(1, 100);
    let of = |numbers: &[u128]| Some(numbers.iter().map(|number| azure(*number)).collect::<BTreeSet<_>>());
    let request = Requested { targets: of(&[2, 3]), ..requested(case, "stop-attacked") };
    let other = StepKind::CancelAzureSubscription { plan: OTHER_PLAN, azure_subscription: azure(3) };
    assert_eq!(steps_of(&mut world, request), [cancel(2), other]);
    let mut world = World::new();
    let case = world.mined(1, 100);
    let unknown = Requested { targets: of(&[77]), ..requested(case, "stop-attacked") };
    assert_eq!(world.refused(unknown), [Reason::NoTarget]);
}

#[test]
fn a_request_that_can_not_be_met_is_refused_with_the_reason() {
    let mut world = World::new();
    let case = world.mined(1, 100);
    let nobody = Reason::NoPlaybook { playbook: "no-such".to_owned() };
    assert_eq!(world.refused(requested(case, "no-such")), [nobody]);
    world.tell([found(FORWARDING, Level::High, None, &[])]);
    let mailbox = world.case_of("mailbox").id;
    assert_eq!(world.refused(requested(mailbox, "takeover")), [Reason::NoTarget]);
    world.close(case, Outcome::Fraud, &[]);
    assert_eq!(world.refused(requested(case, "takeover")), [Reason::NoOpenCase]);
}

#[test]
fn the_money_at_stake_says_who_approves() {
    use Role::{AdminAgent, BillingAdministrator, GlobalAdministrator};
    // Eight hours to a stop: 125 an hour is a thousand at stake.
    let cases = [
        (1, vec![AdminAgent]),
        (125, vec![AdminAgent]),
        (126, vec![AdminAgent, BillingAdministrator]),
        (1_250, vec![AdminAgent, BillingAdministrator]),
        (1_251, vec![GlobalAdministrator, AdminAgent]),
    ];
    for (rate, roles) in cases {
        let mut world = World::new();
        let case = world.mined(1, rate);
        let action = world.propose(requested(case, "takeover"));
        let proposed = &world.action(action).proposed;
        assert_eq!(proposed.roles, roles, "{rate} an hour");
        assert_eq!(proposed.at_stake, Some(kronor(rate * 8)));
    }
    // What has no known cost takes the last band.
    let mut world = World::new();
    world.tell([found(VM_BURST, Level::High, Some(1), &[])]);
    let case = world.case().id;
    let action = world.propose(requested(case, "takeover"));
    assert_eq!(world.action(action).proposed.at_stake, None);
    assert_eq!(world.action(action).proposed.roles, [GlobalAdministrator, AdminAgent]);
}

#[test]
fn a_proposal_shows_what_it_touches_saves_leaves_and_destroys() {
    let mut world = World::new();
    let case = world.mined(1, 100);
    let action = world.propose(requested(case, "takeover"));
    let blast = &world.action(action).proposed.blast;
    assert_eq!((blast.azure_subscriptions, blast.plans, blast.users), (2, 1, 0));
    assert_eq!(blast.saved_per_hour, Some(kronor(100)));
    assert_eq!(blast.goes_on_billing, [GoesOnBilling::Reservations, GoesOnBilling::Marketplace, GoesOnBilling::Seats]);
    assert_eq!(blast.destroys, [Destroys::RunningState, Destroys::DataAfterRetention, Destroys::ScheduledChanges]);
    assert!(blast.undo_minutes > 0);
}

#[test]
fn the_parameters_of_an_action_change_with_anything_that_is_approved() {
    let mut world = World::new();
    let case = world.mined(1, 100);
    let action = world.propose(requested(case, "takeover"));
    let proposed = world.action(action).proposed.clone();
    let same = parameters_of(action, case, &proposed.steps, proposed.class);
    assert_eq!(same, proposed.parameters);
    let fewer = parameters_of(action, case, &proposed.steps[1..], proposed.class);
    let emergency = parameters_of(action, case, &proposed.steps, domain::containment::ActionClass::Emergency);
    let other_case = parameters_of(action, domain::ids::CaseId(uuid::Uuid::nil()), &proposed.steps, proposed.class);
    assert_eq!(BTreeSet::from([same, fewer, emergency, other_case]).len(), 4);
}

#[test]
fn a_customer_has_a_limited_number_of_open_actions() {
    let mut world = World::new();
    let mut refused = Vec::new();
    for _ in 0..=MAX_OPEN_ACTIONS {
        // Each case is far enough from the one before to be a case of its own.
        let decided = world.tell([found(VM_BURST, Level::High, Some(1), &[(1, 1)])]);
        let Some(Body::CaseOpened(opened)) = decided.first() else { panic!("{decided:?}") };
        let decided = world.tell([Body::ContainmentRequested(requested(opened.case, "stop-attacked"))]);
        let Some(Body::ActionProposed(proposed)) = decided.first() else {
            refused.extend(decided);
            continue;
        };
        // Released, and then Microsoft never answers.
        let action = proposed.action;
        world.approve(action, 2, &[Role::AdminAgent]);
        world.pass(hours(80));
    }
    let [Body::ActionRefused(refusal)] = refused.as_slice() else { panic!("{refused:?}") };
    assert_eq!(refusal.reasons, [Reason::TooManyOpen]);
}

#[test]
fn a_proposal_says_whether_it_takes_more_than_was_named() {
    let named = |numbers: &[u128]| Some(numbers.iter().copied().map(azure).collect::<BTreeSet<_>>());
    for (playbook, targets, widened) in [
        ("stop-attacked", None, false),
        ("stop-attacked", named(&[2]), false),
        ("takeover", None, true),
        ("takeover", named(&[1]), true),
        ("takeover", named(&[1, 2]), false),
        ("takeover", named(&[1, 2, 3]), false),
    ] {
        let mut world = World::new();
        let case = world.mined(1, 100);
        let action = world.propose(Requested { targets: targets.clone(), ..requested(case, playbook) });
        assert_eq!(world.action(action).proposed.blast.widened, widened, "{playbook} {targets:?}");
    }
}
