//! How severe a case is and what it costs.

use crate::world::*;
use domain::body::Body;
use domain::cases::{Severity, at_stake, burn, burning, stopped};
use domain::customers::AzureStatus;
use domain::notices::AlertSeen;
use domain::reason::Reason;
use domain::signals::Level;
use money::{Currency, Money};

#[test]
fn a_case_is_as_severe_as_its_level_and_its_burn_rate_make_it() {
    let cases = [
        (Level::Medium, 0, Severity::Medium),
        (Level::High, 0, Severity::High),
        (Level::Critical, 0, Severity::Critical),
        (Level::Medium, 199, Severity::Medium),
        (Level::Medium, 200, Severity::High),
        (Level::Medium, 999, Severity::High),
        (Level::Medium, 1_000, Severity::Critical),
        (Level::Critical, 200, Severity::Critical),
    ];
    for (level, rate, severity) in cases {
        let mut world = World::new();
        let running = [(1, rate)];
        world.tell([found(VM_BURST, level, Some(1), if rate == 0 { &[] } else { &running })]);
        assert_eq!(world.case().severity, severity, "{level:?} at {rate} an hour");
    }
}

#[test]
fn a_rate_in_another_currency_raises_nothing_and_is_not_added() {
    let mut world = World::new();
    let mut foreign = finding(VM_BURST, Level::Medium, Some(1), &[(1, 100)]);
    foreign.further_per_hour = Some(Money::new(10_000_000, Currency::EUR));
    world.tell([Body::FindingRecorded(foreign)]);
    assert_eq!(world.case().severity, Severity::Medium);
    assert_eq!(burn(world.case()).unwrap().currency, Currency::EUR, "the first known rate stands");
    world.tell([found(GPU, Level::Medium, Some(1), &[(2, 5_000)])]);
    assert_eq!(world.case().severity, Severity::Medium);
}

#[test]
fn a_case_grows_with_what_it_burns_and_never_becomes_less_severe() {
    let mut world = World::new();
    world.tell([found(VM_BURST, Level::Medium, Some(1), &[(1, 150)])]);
    let mut grown = |rule: &str, resource: u128, rate: i64| {
        let decided = world.tell([found(rule, Level::Medium, Some(1), &[(resource, rate)])]);
        decided.iter().find_map(|body| match body {
            Body::CaseGrown(grown) => Some((grown.severity, grown.per_hour, grown.at_stake)),
            _ => None,
        })
    };
    assert_eq!(grown(GPU, 2, 50), Some((Severity::High, Some(kronor(200)), Some(kronor(1_600)))));
    assert_eq!(grown(VM_BURST, 2, 50), None, "nothing new runs");
    assert_eq!(grown(VM_BURST, 3, 1_000), Some((Severity::Critical, Some(kronor(1_200)), Some(kronor(9_600)))));
    assert_eq!(grown(VM_BURST, 4, 1), Some((Severity::Critical, Some(kronor(1_201)), Some(kronor(9_608)))));
}

#[test]
fn two_rules_on_one_machine_count_its_cost_once_at_the_dearer_rate() {
    for (first, second, sum) in [(100, 100, 100), (100, 150, 150), (150, 100, 150)] {
        let mut world = World::new();
        world.tell([
            found(VM_BURST, Level::High, Some(1), &[(1, first)]),
            found(GPU, Level::High, Some(1), &[(1, second)]),
        ]);
        assert_eq!(burn(world.case()), Some(kronor(sum)));
    }
}

#[test]
fn what_is_not_told_apart_is_added_to_what_is() {
    let mut world = World::new();
    let mut storm = finding(VM_BURST, Level::High, Some(1), &[(1, 100), (2, 100)]);
    storm.further_per_hour = Some(kronor(300));
    world.tell([Body::FindingRecorded(storm)]);
    assert_eq!(burn(world.case()), Some(kronor(500)));
    assert_eq!(at_stake(burn(world.case()), &world.policy), Some(kronor(4_000)));
}

#[test]
fn an_alert_without_a_known_rate_is_taken_to_cost_what_the_policy_says() {
    let mut world = World::new();
    let at = world.at;
    let decided = world.tell([Body::AlertSeen(alert(1, at))]);
    let Some(Body::CaseOpened(opened)) = decided.first() else { panic!("{decided:?}") };
    assert_eq!((opened.per_hour, opened.assumed_per_hour), (None, Some(kronor(500))));
    assert_eq!(opened.at_stake, Some(kronor(4_000)));
    assert!(opened.reasons.contains(&Reason::BurnAssumed { per_hour: kronor(500) }));
    assert_eq!(burn(world.case()), None, "an assumption is no known rate");
}

#[test]
fn an_alert_and_a_signal_that_agree_make_a_case_critical_whichever_came_first() {
    for alert_first in [true, false] {
        let mut world = World::new();
        let at = world.at;
        let (alert, signal) = (Body::AlertSeen(alert(1, at)), found(VM_BURST, Level::Medium, Some(1), &[]));
        let (first, second) = if alert_first { (alert, signal) } else { (signal, alert) };
        world.tell([first]);
        assert_ne!(world.case().severity, Severity::Critical);
        let decided = world.tell([second]);
        assert_eq!(world.case().severity, Severity::Critical);
        let agrees =
            |body: &Body| matches!(body, Body::CaseGrown(grown) if grown.reasons.contains(&Reason::SignalAndAlert));
        assert!(decided.iter().any(agrees), "{decided:?}");
    }
}

#[test]
fn two_alerts_agree_with_nobody() {
    let mut world = World::new();
    let at = world.at;
    world.tell([Body::AlertSeen(alert(1, at)), Body::AlertSeen(alert(2, at))]);
    assert_eq!(world.case().severity, Severity::High);
    assert_eq!(world.case().alerts.len(), 2);
}

/// A rule that reads Microsoft's alerts in a log says the same again: only an observation of our own agrees with it.
#[test]
fn a_rule_that_repeats_microsofts_alert_does_not_confirm_it() {
    let echo = || {
        let mut echo = finding("microsoft-security-alert", Level::High, Some(1), &[]);
        echo.log = "partner_alert".to_owned();
        Body::FindingRecorded(echo)
    };
    let mut policy = policy();
    policy.cases.stories[0].rules.insert("microsoft-security-alert".to_owned());
    for echo_first in [true, false] {
        let mut world = World::under(policy.clone());
        let at = world.at;
        let alert = Body::AlertSeen(alert(1, at));
        let (first, second) = if echo_first { (echo(), alert) } else { (alert, echo()) };
        world.tell([first]);
        world.tell([second]);
        assert_eq!((world.case().severity, world.case().alerts.len()), (Severity::High, 1), "{echo_first}");
        let decided = world.tell([found(VM_BURST, Level::Medium, Some(1), &[])]);
        let [Body::CaseGrown(grown), Body::SignalRaised(_)] = decided.as_slice() else { panic!("{decided:?}") };
        assert!(grown.reasons.contains(&Reason::SignalAndAlert), "{echo_first}: {grown:?}");
        assert_eq!(world.case().severity, Severity::Critical);
    }
}

/// What was stopped burns no more: from when the last of its Azure subscriptions was read back as inactive.
#[test]
fn a_case_burns_nothing_once_everything_that_it_names_is_inactive() {
    let mut world = World::new();
    world.mined(1, 100);
    world.mined(2, 50);
    let costs = |world: &World| {
        let (case, holdings) = (world.case(), &world.customer().holdings);
        (stopped(case, holdings), burning(case, holdings))
    };
    world.pass(minutes(30));
    world.tell([azure_seen(1, PLAN, AzureStatus::Inactive)]);
    assert_eq!(costs(&world), (None, Some(kronor(150))), "the other one still runs");
    world.pass(minutes(30));
    let end = world.at;
    world.tell([azure_seen(2, PLAN, AzureStatus::Inactive)]);
    world.pass(minutes(30));
    world.tell([azure_seen(2, PLAN, AzureStatus::Inactive)]);
    assert_eq!(costs(&world), (Some(end), Some(kronor(0))), "seen again, it is stopped since the first time");
    world.tell([azure_seen(2, PLAN, AzureStatus::Active)]);
    assert_eq!(costs(&world), (None, Some(kronor(150))), "it runs again");
    world.tell([azure_seen(2, PLAN, AzureStatus::Inactive)]);
    assert!(costs(&world).0.is_some());
    world.pass(minutes(1));
    world.mined(2, 50);
    assert_eq!(costs(&world).0, None, "something happened after the stop: what we know of it is old");
}

/// An alert tells of something that ran: a subscription that we took for inactive before was not.
#[test]
fn what_was_inactive_before_an_alert_does_not_say_that_it_is_stopped() {
    let mut world = World::new();
    world.tell([azure_seen(1, PLAN, AzureStatus::Inactive)]);
    world.pass(minutes(30));
    let seen = AlertSeen { detected: world.at, ..alert(1, world.at) };
    world.tell([Body::AlertSeen(seen)]);
    let is_stopped = |world: &World| stopped(world.case(), &world.customer().holdings);
    assert_eq!(is_stopped(&world), None);
    world.tell([azure_seen(1, PLAN, AzureStatus::Active)]);
    world.pass(minutes(30));
    world.tell([azure_seen(1, PLAN, AzureStatus::Inactive)]);
    assert_eq!(is_stopped(&world), Some(world.at));
}
