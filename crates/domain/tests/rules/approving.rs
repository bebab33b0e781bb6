//! When a proposal has enough approvals, and what a person may do with it.

use crate::world::*;
use domain::body::Body;
use domain::containment::{
    ActionClass, ActionState, Approved, MAX_APPROVALS, Refusal, Rejected, Released, Requested, Reviewed, Stopped,
    may_approve, may_propose, may_review, may_stop,
};
use domain::ids::{ActionId, Hash};
use domain::permission::Role;
use domain::reason::Reason;
use std::collections::BTreeSet;

const ADMIN: Role = Role::AdminAgent;
const BILLING: Role = Role::BillingAdministrator;
const GLOBAL: Role = Role::GlobalAdministrator;

/// A customer that burns this much an hour, with a takeover proposed by person 1.
fn proposed(rate: i64) -> (World, ActionId) {
    let mut world = World::new();
    let case = world.mined(1, rate);
    let action = world.propose(requested(case, "takeover"));
    (world, action)
}

fn emergency(world: &mut World) -> ActionId {
    let case = world.mined(1, 100);
    world.propose(Requested { class: ActionClass::Emergency, ..requested(case, "takeover") })
}

fn released(bodies: &[Body]) -> Option<&Released> {
    bodies.iter().find_map(|body| match body {
        Body::ActionReleased(released) => Some(released),
        _ => None,
    })
}

#[test]
fn each_role_is_filled_by_another_person() {
    // Who approves with which roles, and whether that is enough, for the band of the burn rate.
    type Row = (i64, &'static [(u128, &'static [Role])], bool);
    let table: &[Row] = &[
        (1, &[(2, &[ADMIN])], true),
        (1, &[(2, &[BILLING])], false),
        (1, &[(2, &[GLOBAL])], true),
        (1, &[(2, &[Role::Auditor])], false),
        (1, &[(2, &[Role::UserAdministrator])], false),
        (1, &[], false),
        (500, &[(2, &[ADMIN]), (3, &[BILLING])], true),
        (500, &[(2, &[ADMIN]), (3, &[ADMIN])], false),
        (500, &[(2, &[ADMIN, BILLING])], false),
        (500, &[(2, &[ADMIN, BILLING]), (3, &[ADMIN])], true),
        (500, &[(2, &[ADMIN]), (3, &[ADMIN, BILLING])], true),
        (500, &[(2, &[GLOBAL]), (3, &[ADMIN])], true),
        (500, &[(2, &[GLOBAL]), (3, &[GLOBAL])], true),
        (500, &[(2, &[ADMIN]), (2, &[ADMIN, BILLING])], false),
        (5_000, &[(2, &[ADMIN]), (3, &[ADMIN])], false),
        (5_000, &[(2, &[GLOBAL, ADMIN]), (3, &[ADMIN])], true),
        (5_000, &[(2, &[ADMIN]), (3, &[GLOBAL])], true),
        (5_000, &[(2, &[GLOBAL])], false),
        (5_000, &[(2, &[GLOBAL]), (3, &[GLOBAL])], true),
    ];
    for (rate, approvals, enough) in table {
        let (mut world, action) = proposed(*rate);
        for (by, roles) in *approvals {
            world.approve(action, *by, roles);
        }
        let is_released = world.action(action).state == ActionState::Released;
        assert_eq!(is_released, *enough, "{rate} an hour, {approvals:?}");
    }
}

/// Whoever could fill two roles takes the one that nobody else can: the order of approvals must not matter.
#[test]
fn a_person_with_two_roles_leaves_the_common_one_to_others() {
    for order in [[2_u128, 3], [3, 2]] {
        let (mut world, action) = proposed(500);
        for by in order {
            world.approve(action, by, if by == 2 { &[ADMIN, BILLING] } else { &[ADMIN] });
        }
        assert_eq!(world.action(action).state, ActionState::Released, "{order:?}");
    }
}

#[test]
fn a_release_names_the_roles_and_needs_no_review_after_two_pairs_of_eyes() {
    let (mut world, action) = proposed(1);
    let decided = world.approve(action, 2, &[ADMIN]);
    let released = released(&decided).unwrap();
    assert_eq!(released.reasons, [Reason::ApprovedBy { role: ADMIN }]);
    assert_eq!(released.review_by, None);
}

#[test]
fn the_proposer_is_never_the_approver() {
    let (mut world, action) = proposed(1);
    let seen = world.action(action).proposed.parameters;
    let may = |by: u128, roles: &[Role]| {
        may_approve(world.customer(), &world.policy, action, seen, &caller(by, roles), true, world.at).err()
    };
    assert_eq!(may(1, &[GLOBAL]), Some(Refusal::ProposerCannotApprove(vec![ADMIN])));
    assert_eq!(may(2, &[ADMIN]), None);
    // And if it came about all the same, it counts for nothing.
    let own = Approved { reauthenticated: true, ..approval(world.action(action), 1, &[GLOBAL, ADMIN]) };
    assert!(world.tell([Body::ActionApproved(own)]).is_empty());
    assert_eq!(world.action(action).state, ActionState::Proposed);
}

#[test]
fn a_person_is_told_why_it_may_not_approve() {
    let (mut world, action) = proposed(500);
    world.approve(action, 2, &[ADMIN]);
    let seen = world.action(action).proposed.parameters;
    let expires = world.action(action).proposed.expires;
    let may = |by: u128, roles: &[Role], action: ActionId, seen: Hash, at| {
        may_approve(world.customer(), &world.policy, action, seen, &caller(by, roles), false, at).err()
    };
    let at = world.at;
    assert_eq!(may(3, &[BILLING], action, seen, at), None);
    assert_eq!(may(2, &[ADMIN], action, seen, at), Some(Refusal::AlreadyApproved));
    assert_eq!(may(3, &[BILLING], action, Hash::of(b"other"), at), Some(Refusal::OtherParameters));
    assert_eq!(may(3, &[BILLING], action, seen, expires), Some(Refusal::Expired(expires)));
    let unknown = ActionId(uuid::Uuid::nil());
    assert_eq!(may(3, &[BILLING], unknown, seen, at), Some(Refusal::UnknownAction));
    let refusal = may(3, &[Role::UserAdministrator], action, seen, at);
    assert!(matches!(refusal, Some(Refusal::RoleMissing(_))), "{refusal:?}");
    let refusal = may(3, &[Role::Auditor, ADMIN], action, seen, at);
    assert!(matches!(refusal, Some(Refusal::RoleMissing(_))), "an auditor changes nothing: {refusal:?}");
}

#[test]
fn an_approval_counts_for_exactly_what_was_shown() {
    let (mut world, action) = proposed(1);
    let other = Approved { parameters: Hash::of(b"other steps"), ..approval(world.action(action), 2, &[ADMIN]) };
    assert!(world.tell([Body::ActionApproved(other)]).is_empty());
    assert_eq!(world.action(action).state, ActionState::Proposed);
    world.approve(action, 2, &[ADMIN]);
    assert_eq!(world.action(action).state, ActionState::Released);
}

#[test]
fn a_proposal_that_nobody_approved_in_time_is_void() {
    let (mut world, action) = proposed(500);
    world.approve(action, 2, &[ADMIN]);
    assert!(world.pass(hours(4) - minutes(1)).is_empty());
    let decided = world.pass(minutes(1));
    assert!(matches!(decided.as_slice(), [(_, Body::ActionExpired(_))]), "{decided:?}");
    assert!(world.approve(action, 3, &[BILLING]).is_empty(), "too late");
    assert_eq!(world.action(action).state, ActionState::Expired);
}

#[test]
fn a_no_ends_a_proposal() {
    let (mut world, action) = proposed(1);
    world.tell([Body::ActionRejected(Rejected { action, note: None })]);
    assert_eq!(world.action(action).state, ActionState::Rejected);
    assert!(world.approve(action, 2, &[ADMIN]).is_empty());
    assert!(world.pass(hours(10)).is_empty());
}

/// A rejection that crosses an approval must not lose sight of what is in flight.
#[test]
fn a_no_to_an_action_that_is_under_way_stops_it_and_follows_what_is_in_flight() {
    let (mut world, action) = proposed(1);
    world.approve(action, 2, &[ADMIN]);
    world.tell([Body::ActionRejected(Rejected { action, note: None })]);
    assert_eq!(world.action(action).state, ActionState::Stopped);
    world.finish(done());
    let decided = world.pass(minutes(10));
    assert!(matches!(decided.as_slice(), [(_, Body::LookOrdered(_))]), "{decided:?}");
}

#[test]
fn in_an_emergency_one_other_admin_agent_is_enough_and_a_review_follows() {
    let mut world = World::new();
    let action = emergency(&mut world);
    let decided = world.approve(action, 2, &[ADMIN]);
    let released = released(&decided).unwrap();
    assert_eq!(released.reasons, [Reason::ApprovedBy { role: ADMIN }]);
    assert_eq!(released.review_by, Some(beginning() + hours(72)));
    world.tell([Body::ActionReviewed(Reviewed { action })]);
    assert_eq!(world.action(action).review_by, None);
}

#[test]
fn after_an_unanswered_page_the_proposer_may_act_alone() {
    // When the proposer approves, with identity proved anew or not, and after how long the action starts.
    let table = [
        (0, true, Some(15)),
        (5, true, Some(15)),
        (14, true, Some(15)),
        (15, true, Some(15)),
        (40, true, Some(40)),
        (0, false, None),
    ];
    for (approved_after, reauthenticated, starts_after) in table {
        let mut world = World::new();
        let action = emergency(&mut world);
        world.pass(minutes(approved_after));
        let own = Approved { reauthenticated, ..approval(world.action(action), 1, &[ADMIN]) };
        let mut decided: Vec<_> =
            world.tell([Body::ActionApproved(own)]).into_iter().map(|body| (world.at, body)).collect();
        decided.extend(world.pass(hours(3)));
        let started = decided.iter().find_map(|(at, body)| match body {
            Body::ActionReleased(released) => {
                assert_eq!(released.reasons, [Reason::NobodyPaged], "the policy of these tests names nobody");
                assert!(released.review_by.is_some());
                Some(*at)
            }
            _ => None,
        });
        let expected = starts_after.map(|after| beginning() + minutes(after));
        assert_eq!(started, expected, "approved after {approved_after} min, proved anew: {reauthenticated}");
    }
}

#[test]
fn after_an_unanswered_page_only_a_role_that_the_class_asks_for_acts_alone() {
    for (roles, starts) in [(&[ADMIN][..], true), (&[GLOBAL], true), (&[BILLING, ADMIN], true), (&[BILLING], false)] {
        let mut world = World::new();
        let action = emergency(&mut world);
        let seen = world.action(action).proposed.parameters;
        let refusal =
            may_approve(world.customer(), &world.policy, action, seen, &caller(1, roles), true, world.at).err();
        let expected = (!starts).then(|| Refusal::ProposerCannotApprove(vec![ADMIN]));
        assert_eq!(refusal, expected, "{roles:?}");
        let own = Approved { reauthenticated: true, ..approval(world.action(action), 1, roles) };
        world.tell([Body::ActionApproved(own)]);
        let decided: Vec<_> = world.pass(hours(1)).into_iter().map(|(_, body)| body).collect();
        assert_eq!(released(&decided).is_some(), starts, "{roles:?}");
    }
}

#[test]
fn an_answered_page_is_no_unanswered_one() {
    let mut world = World::new();
    let action = emergency(&mut world);
    let own = Approved { reauthenticated: true, ..approval(world.action(action), 1, &[ADMIN]) };
    world.tell([Body::ActionApproved(own)]);
    world.pass(minutes(5));
    let decided = world.approve(action, 2, &[ADMIN]);
    assert_eq!(released(&decided).unwrap().reasons, [Reason::ApprovedBy { role: ADMIN }]);
}

#[test]
fn a_single_operator_approves_alone_after_the_delay_and_with_a_mark() {
    for (enabled, reauthenticated, starts) in [(true, true, true), (true, false, false), (false, true, false)] {
        let (mut world, action) = proposed(5_000);
        world.policy.approvals.single_operator.enabled = enabled;
        let own = Approved { reauthenticated, ..approval(world.action(action), 1, &[ADMIN]) };
        assert!(world.tell([Body::ActionApproved(own)]).is_empty(), "never at once");
        assert!(world.pass(minutes(9)).is_empty());
        let decided: Vec<_> = world.pass(minutes(1)).into_iter().map(|(_, body)| body).collect();
        let released = released(&decided);
        assert_eq!(released.is_some(), starts, "{enabled} {reauthenticated}");
        if let Some(released) = released {
            assert_eq!(released.reasons, [Reason::SingleOperator]);
            assert!(released.review_by.is_some());
        }
    }
}

#[test]
fn a_single_operator_may_withdraw_within_the_delay() {
    let (mut world, action) = proposed(1);
    world.policy.approvals.single_operator.enabled = true;
    let own = Approved { reauthenticated: true, ..approval(world.action(action), 1, &[ADMIN]) };
    world.tell([Body::ActionApproved(own)]);
    world.pass(minutes(5));
    world.tell([Body::ActionStopped(Stopped { action })]);
    assert!(world.pass(hours(10)).is_empty());
    assert_eq!(world.action(action).state, ActionState::Stopped);
}

#[test]
fn alone_one_has_to_prove_ones_identity_anew() {
    let (mut world, action) = proposed(1);
    world.policy.approvals.single_operator.enabled = true;
    let seen = world.action(action).proposed.parameters;
    let may = |proved| {
        may_approve(world.customer(), &world.policy, action, seen, &caller(1, &[ADMIN]), proved, world.at).err()
    };
    assert_eq!(may(false), Some(Refusal::ReauthenticationNeeded));
    assert_eq!(may(true), None);
}

/// Approvals that count for nothing must not make the file grow for ever.
#[test]
fn a_proposal_keeps_a_limited_number_of_approvals() {
    let (mut world, action) = proposed(5_000);
    let yes = approval(world.action(action), 2, &[ADMIN]);
    world.tell(std::iter::repeat_n(Body::ActionApproved(yes), 500));
    assert_eq!(world.action(action).approvals.len(), 1);
    let many = (0..500).map(|by| approval(world.action(action), 100 + by, &[ADMIN])).map(Body::ActionApproved);
    let many: Vec<_> = many.collect();
    world.tell(many);
    assert_eq!(world.action(action).approvals.len(), MAX_APPROVALS);
    assert_eq!(world.action(action).state, ActionState::Proposed);
    let people: BTreeSet<_> = world.action(action).approvals.iter().map(|(_, yes)| yes.approver).collect();
    assert_eq!(people.len(), MAX_APPROVALS);
}

#[test]
fn who_proposed_or_approved_does_not_review_except_where_there_is_nobody_else() {
    let global = GLOBAL;
    let mut world = World::new();
    let action = emergency(&mut world);
    let nothing = may_review(world.customer(), &world.policy, action, &caller(9, &[global])).err();
    assert_eq!(nothing, Some(Refusal::NothingToReview));
    world.approve(action, 2, &[global]);
    let review = |world: &World, by: u128, roles: &[Role]| {
        may_review(world.customer(), &world.policy, action, &caller(by, roles)).err()
    };
    assert_eq!(review(&world, 1, &[global]), Some(Refusal::OwnReview), "the proposer");
    assert_eq!(review(&world, 2, &[global]), Some(Refusal::OwnReview), "the approver");
    assert_eq!(review(&world, 3, &[ADMIN]), Some(Refusal::RoleMissing(vec![global])));
    assert_eq!(review(&world, 3, &[global]), None);
    world.policy.approvals.single_operator.enabled = true;
    assert_eq!(review(&world, 2, &[global]), None);
}

#[test]
fn an_emergency_is_not_proposed_by_who_only_bills() {
    let billing = caller(1, &[BILLING]);
    assert_eq!(may_propose(&billing, ActionClass::Normal), Ok(()));
    let may = vec![Role::GlobalAdministrator, ADMIN];
    assert_eq!(may_propose(&billing, ActionClass::Emergency), Err(Refusal::RoleMissing(may)));
    for role in [ADMIN, Role::GlobalAdministrator] {
        assert_eq!(may_propose(&caller(1, &[role]), ActionClass::Emergency), Ok(()));
    }
}

/// A stop lets the loss go on: somebody else's action is stopped by who works with cases.
#[test]
fn who_stops_an_action_proposed_it_or_works_with_cases() {
    let (world, action) = proposed(1);
    let table: &[(u128, &[Role], bool)] = &[
        (1, &[BILLING], true),
        (2, &[BILLING], false),
        (2, &[Role::UserAdministrator], false),
        (2, &[Role::Auditor], false),
        (2, &[ADMIN], true),
        (2, &[GLOBAL], true),
    ];
    for (number, roles, goes) in table {
        let refused = may_stop(world.customer(), action, &caller(*number, roles)).err();
        let expected = (!goes).then(|| Refusal::RoleMissing(vec![GLOBAL, ADMIN]));
        assert_eq!(refused, expected, "person {number} in {roles:?}");
    }
}
