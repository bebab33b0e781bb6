//! The answer clock's marks: the target while an alert has no answer, the limit while one is open.

use crate::world::*;
use domain::body::Body;
use domain::cases::{Mark, Outcome};
use domain::effects::EffectResult;
use jiff::SignedDuration;

fn marks(decided: &[(jiff::Timestamp, Body)]) -> Vec<(SignedDuration, Mark)> {
    let mark = |(at, body): &(jiff::Timestamp, Body)| match body {
        Body::ClockPassed(passed) => Some((at.duration_since(beginning()), passed.mark)),
        _ => None,
    };
    decided.iter().filter_map(mark).collect()
}

/// How the early answer ends, if it is tried at all.
#[derive(Debug, Clone, Copy)]
enum Answered {
    Never,
    At(i64),
    ResolvedAt(i64),
    DryRunAt(i64),
}

#[test]
fn each_mark_is_passed_once_and_only_when_its_answer_is_missing() {
    let cases = [
        (Answered::Never, vec![(hours(1), Mark::Target), (hours(24), Mark::Limit)]),
        (Answered::At(45), vec![(hours(24), Mark::Limit)]),
        (Answered::At(75), vec![(hours(1), Mark::Target), (hours(24), Mark::Limit)]),
        (Answered::ResolvedAt(45), vec![]),
        (Answered::ResolvedAt(90), vec![(hours(1), Mark::Target)]),
        (Answered::DryRunAt(45), vec![(hours(24), Mark::Limit)]),
    ];
    for (answered, expected) in cases {
        let mut world = World::new();
        let at = world.at;
        world.tell([Body::AlertSeen(alert(1, at))]);
        let case = world.case().id;
        let mut decided = Vec::new();
        match answered {
            Answered::Never => {}
            Answered::At(after) => {
                decided.extend(world.pass(minutes(after)));
                world.finish(done());
            }
            Answered::ResolvedAt(after) => {
                decided.extend(world.pass(minutes(after)));
                world.finish(done());
                world.close(case, Outcome::Fraud, &[1]);
                world.finish(done());
            }
            Answered::DryRunAt(after) => {
                decided.extend(world.pass(minutes(after)));
                world.finish(EffectResult::DryRun);
            }
        }
        decided.extend(world.pass(hours(1_000)));
        assert_eq!(marks(&decided), expected, "{answered:?}");
    }
}

#[test]
fn the_clock_of_a_case_is_that_of_its_oldest_alert_and_starts_when_it_reached_us() {
    let mut world = World::new();
    let at = world.at;
    let mut late = alert(1, at);
    late.detected = at - hours(50);
    world.tell([Body::AlertSeen(late), Body::AlertSeen(alert(2, at + minutes(10)))]);
    assert_eq!(marks(&world.pass(hours(48))), [(hours(1), Mark::Target), (hours(24), Mark::Limit)]);
}

#[test]
fn a_mark_that_was_passed_while_the_program_was_down_is_made_up_for_at_its_own_instant() {
    let mut world = World::new();
    let at = world.at;
    world.tell([Body::AlertSeen(alert(1, at))]);
    let decided = world.pass(hours(240));
    assert_eq!(marks(&decided), [(hours(1), Mark::Target), (hours(24), Mark::Limit)]);
    assert!(decided.iter().all(|(at, _)| *at <= beginning() + hours(24)));
}

#[test]
fn a_case_without_alerts_has_no_clock() {
    let mut world = World::new();
    world.mined(1, 5_000);
    assert!(world.pass(hours(1_000)).is_empty());
}
