//! Which findings and alerts are one case.

use crate::world::*;
use domain::body::Body;
use domain::cases::Outcome;
use domain::cases::{MAX_OPEN_CASES, Reopened};
use domain::signals::Level;

#[test]
fn a_finding_below_the_level_is_kept_and_makes_no_signal() {
    for (level, kinds) in [
        (Level::Informational, ["finding.set_aside"].as_slice()),
        (Level::Low, &["finding.set_aside"]),
        (Level::Medium, &["case.opened", "signal.raised"]),
        (Level::Critical, &["case.opened", "signal.raised"]),
    ] {
        let mut world = World::new();
        let decided = world.tell([found(VM_BURST, level, Some(1), &[])]);
        assert_eq!(words(&decided), kinds, "{level:?}");
        assert!(world.customer().unsorted.is_empty());
    }
}

#[test]
fn signals_and_alerts_of_one_story_are_one_case_and_other_stories_have_their_own() {
    let mut world = World::new();
    let at = world.at;
    let mut foreign = alert(2, at);
    "SomethingNew".clone_into(&mut foreign.alert_type);
    world.tell([
        found(VM_BURST, Level::High, Some(1), &[]),
        found(GPU, Level::High, Some(2), &[]),
        Body::AlertSeen(alert(1, at)),
        found(FORWARDING, Level::High, None, &[]),
        found("nobody-claims-it", Level::High, None, &[]),
        Body::AlertSeen(foreign),
    ]);
    assert_eq!(world.customer().cases.len(), 3);
    let mining = world.case_of("mining");
    assert_eq!((mining.signals.len(), mining.alerts.len()), (2, 1));
    assert_eq!(mining.playbook.as_deref(), Some("takeover"));
    assert_eq!(mining.attacked.iter().copied().collect::<Vec<_>>(), [azure(1), azure(2)]);
    assert_eq!(world.case_of("mailbox").playbook, None);
    let other = world.case_of("other");
    assert_eq!((other.signals.len(), other.alerts.len()), (1, 1));
}

#[test]
fn the_type_of_an_alert_is_compared_without_case() {
    let mut world = World::new();
    let at = world.at;
    let mut seen = alert(1, at);
    "cryptoMINING".clone_into(&mut seen.alert_type);
    world.tell([Body::AlertSeen(seen)]);
    assert_eq!(world.case().story, "mining");
}

#[test]
fn a_story_joins_its_case_until_that_was_silent_for_too_long() {
    for (silent, cases) in [(hours(0), 1), (hours(71), 1), (hours(72), 1), (hours(72) + minutes(1), 2)] {
        let mut world = World::new();
        world.mined(1, 100);
        world.pass(silent);
        let decided = world.tell([found(GPU, Level::High, Some(1), &[])]);
        assert_eq!(world.customer().cases.len(), cases, "after {silent:#}");
        assert_eq!(decided.iter().any(|body| matches!(body, Body::CaseOpened(_))), cases == 2, "after {silent:#}");
    }
}

#[test]
fn each_thing_heard_of_a_case_begins_its_silence_anew() {
    let mut world = World::new();
    world.mined(1, 100);
    for _ in 0..5 {
        world.pass(hours(70));
        world.tell([found(VM_BURST, Level::High, Some(1), &[])]);
    }
    assert_eq!(world.case().signals.len(), 1);
}

#[test]
fn the_same_rule_at_the_same_place_is_counted_and_not_raised_again() {
    let mut world = World::new();
    world.mined(1, 100);
    let mut storm = finding(VM_BURST, Level::High, Some(1), &[(1, 100)]);
    storm.count = 10;
    let decided = world.tell([Body::FindingRecorded(storm), found(VM_BURST, Level::High, Some(2), &[])]);
    assert_eq!(words(&decided), ["signal.repeated", "signal.raised"]);
    let counts: Vec<u32> = world.case().signals.values().map(|signal| signal.count).collect();
    assert_eq!(counts, [11, 1]);
}

#[test]
fn a_closed_case_takes_nothing_in_and_can_be_opened_again() {
    let mut world = World::new();
    let first = world.mined(1, 100);
    world.close(first, Outcome::Fraud, &[]);
    let second = world.mined(1, 100);
    assert_ne!(first, second);
    world.tell([Body::CaseReopened(Reopened { case: first })]);
    assert_eq!(world.customer().cases[&first].reopened, 1);
    assert_eq!(world.customer().cases.len(), 2);
    // It is the newest case of the story that goes on.
    world.tell([found(GPU, Level::High, Some(1), &[])]);
    assert_eq!(world.customer().cases[&second].signals.len(), 2);
}

#[test]
fn a_customer_with_as_many_cases_as_it_can_have_puts_what_comes_into_the_newest() {
    let mut world = World::new();
    for _ in 0..MAX_OPEN_CASES + 3 {
        world.tell([found(VM_BURST, Level::High, Some(1), &[])]);
        world.pass(hours(100));
    }
    assert_eq!(world.customer().cases.len(), MAX_OPEN_CASES);
    let newest = world.customer().cases.values().max_by_key(|case| case.opened_in).unwrap();
    assert_eq!(newest.signals.values().next().unwrap().count, 4);
}
