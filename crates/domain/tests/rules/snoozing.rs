//! Snoozes: what leaves the queue, what never does, and how it comes back.

use crate::world::*;
use domain::body::Body;
use domain::cases::Severity;
use domain::notices::{AlertSeen, AlertStatus};
use domain::reason::Reason;
use domain::signals::Level;
use domain::snoozes::{
    Attention, MAX_SNOOZES, RuleSnoozed, SnoozeLifted, SnoozeRefusal, StillShown, may_snooze, snooze_of,
};

fn snoozed(world: &World, rule: &str, for_hours: i64) -> Body {
    let until = world.at + hours(for_hours);
    Body::RuleSnoozed(RuleSnoozed { rule: rule.to_owned(), until, reason: sealed("announced") })
}

fn attention(world: &World) -> Attention {
    let case = world.customer().cases.values().next().expect("a case");
    world.customer().attention(case)
}

/// A case of the rule that burns this much an hour.
fn with_case(per_hour: i64) -> World {
    let mut world = World::new();
    world.tell([found(GPU, Level::Medium, Some(1), &[(1, per_hour)])]);
    world
}

/// The reasons of the last end.
fn end(world: &World) -> Vec<Reason> {
    let ended = world.facts.iter().rev().find_map(|fact| match &fact.body {
        Body::SnoozeEnded(ended) => Some(ended.reasons.clone()),
        _ => None,
    });
    ended.expect("it has ended")
}

#[test]
fn a_snoozed_case_leaves_the_queue_and_comes_back_by_itself_at_the_end() {
    let mut world = with_case(10);
    assert_eq!(attention(&world), Attention::Wanted);
    world.tell([snoozed(&world, GPU, 24)]);
    let until = world.at + hours(24);
    assert_eq!(attention(&world), Attention::SnoozedUntil(until));
    world.pass(hours(23));
    assert_eq!(attention(&world), Attention::SnoozedUntil(until));
    world.pass(hours(2));
    assert_eq!(attention(&world), Attention::Wanted);
    assert_eq!(end(&world), [Reason::SnoozeOver { until }]);
}

#[test]
fn a_person_ends_a_snooze_early() {
    let mut world = with_case(10);
    world.tell([snoozed(&world, GPU, 24)]);
    let snooze = world.customer().snoozes[GPU].snooze;
    assert_eq!(snooze_of(world.customer(), snooze).map(|(rule, _)| rule.as_str()), Some(GPU));
    world.tell([Body::SnoozeLifted(SnoozeLifted { snooze })]);
    assert_eq!(attention(&world), Attention::Wanted);
    assert!(world.customer().snoozes.is_empty());
}

#[test]
fn what_becomes_twice_as_dear_comes_back_early() {
    let mut world = with_case(10);
    world.tell([snoozed(&world, GPU, 24)]);
    world.tell([found(GPU, Level::Medium, Some(1), &[(2, 9)])]);
    assert!(matches!(attention(&world), Attention::SnoozedUntil(_)), "not yet twice as dear");
    world.tell([found(GPU, Level::Medium, Some(1), &[(3, 1)])]);
    assert_eq!(attention(&world), Attention::Wanted);
    assert_eq!(end(&world), [Reason::BurnDoubled { was: Some(kronor(10)), per_hour: kronor(20) }]);
}

#[test]
fn what_was_closed_before_it_was_snoozed_is_the_measure_of_what_comes_after() {
    let mut world = with_case(10);
    let case = world.customer().cases.values().next().expect("a case").id;
    world.close(case, domain::cases::Outcome::Legitimate, &[]);
    world.tell([snoozed(&world, GPU, 24)]);
    world.tell([found(GPU, Level::Medium, Some(1), &[(4, 12)])]);
    assert!(matches!(attention(&world), Attention::SnoozedUntil(_)), "the same again, a little dearer");
}

#[test]
fn what_is_critical_stays_in_sight() {
    let mut world = with_case(10);
    world.tell([snoozed(&world, GPU, 24)]);
    world.tell([found(GPU, Level::Critical, Some(1), &[])]);
    assert_eq!(attention(&world), Attention::WantedDespite(StillShown::Critical));
}

#[test]
fn what_microsoft_waits_for_stays_in_sight_until_it_is_resolved() {
    let mut world = World::new();
    world.tell([found(VM_BURST, Level::Medium, Some(1), &[])]);
    world.tell([snoozed(&world, VM_BURST, 24)]);
    assert!(matches!(attention(&world), Attention::SnoozedUntil(_)));
    let at = world.at;
    let mut seen = AlertSeen { severity: Severity::Low, status: AlertStatus::Investigating, ..alert(1, at) };
    world.tell([Body::AlertSeen(seen.clone())]);
    let shown = attention(&world);
    // Our own signal and Microsoft's alert together make the case critical, which is reason enough as well.
    assert!(matches!(shown, Attention::WantedDespite(StillShown::Critical | StillShown::AnswerAwaited)), "{shown:?}");
    seen.status = AlertStatus::Resolved;
    seen.last_observed = at + minutes(1);
    let mut alone = World::new();
    alone.tell([Body::AlertSeen(AlertSeen { severity: Severity::Low, ..alert(1, at) })]);
    assert_eq!(attention(&alone), Attention::Wanted, "no rule found it, so that no snooze touches it");
}

#[test]
fn what_another_rule_found_as_well_stays_in_sight() {
    let mut world = with_case(10);
    world.tell([snoozed(&world, GPU, 24)]);
    world.tell([found(VM_BURST, Level::Medium, Some(1), &[])]);
    let case = world.customer().cases.values().find(|case| case.signals.len() == 2);
    let Some(case) = case else { return assert_eq!(world.customer().cases.len(), 2, "they are two stories") };
    assert_eq!(world.customer().attention(case), Attention::WantedDespite(StillShown::OtherRules));
}

#[test]
fn a_snooze_has_an_end_that_is_not_too_far_away() {
    let world = with_case(10);
    let (file, at) = (world.customer(), world.at);
    assert_eq!(may_snooze(file, GPU, at, at), Err(SnoozeRefusal::End));
    assert_eq!(may_snooze(file, GPU, at + hours(24 * 30), at), Ok(()));
    assert_eq!(may_snooze(file, GPU, at + hours(24 * 30) + minutes(1), at), Err(SnoozeRefusal::End));
}

#[test]
fn snoozes_are_bounded_and_one_that_is_there_can_be_set_anew() {
    let mut world = with_case(10);
    for number in 0..=MAX_SNOOZES {
        world.tell([snoozed(&world, &format!("rule-{number}"), 24)]);
    }
    assert_eq!(world.customer().snoozes.len(), MAX_SNOOZES);
    let (file, at) = (world.customer(), world.at);
    assert_eq!(may_snooze(file, GPU, at + hours(1), at), Err(SnoozeRefusal::TooMany));
    assert_eq!(may_snooze(file, "rule-0", at + hours(1), at), Ok(()));
}
