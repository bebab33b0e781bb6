//! How Microsoft's alerts are answered: early, once, and only as somebody meant it.

use crate::world::*;
use domain::body::Body;
use domain::cases::{ClockPassed, Mark, Outcome};
use domain::effects::EffectResult;
use domain::notices::{AlertSeen, AlertStatus, AnswerOrdered, AnswerRequested, MicrosoftReason};
use domain::reason::Reason;
use std::collections::BTreeSet;

fn orders(bodies: &[Body]) -> Vec<&AnswerOrdered> {
    let order = |body: &'_ Body| matches!(body, Body::AnswerOrdered(_));
    bodies
        .iter()
        .filter(|body| order(body))
        .map(|body| match body {
            Body::AnswerOrdered(order) => order,
            other => panic!("{other:?}"),
        })
        .collect()
}

fn with_alerts(numbers: &[u32]) -> World {
    let mut world = World::new();
    let at = world.at;
    world.tell(numbers.iter().map(|number| Body::AlertSeen(alert(*number, at))));
    world
}

fn seen(world: &World, number: u32, status: AlertStatus) -> Body {
    Body::AlertSeen(AlertSeen { status, ..alert(number, world.at) })
}

#[test]
fn investigating_is_sent_early_when_nobody_took_the_case() {
    let mut world = with_alerts(&[1]);
    assert!(world.pass(minutes(29)).is_empty());
    let decided = world.pass(minutes(1));
    let [(at, Body::AnswerOrdered(order))] = decided.as_slice() else { panic!("{decided:?}") };
    assert_eq!(*at, beginning() + minutes(30));
    assert_eq!((order.status, order.reason), (AlertStatus::Investigating, None));
    assert_eq!(order.reasons, [Reason::EarlyAnswerDue]);
    assert_eq!(order.good_until, *at + hours(1));
}

#[test]
fn investigating_is_sent_at_once_when_somebody_takes_the_case() {
    let mut world = with_alerts(&[1, 2]);
    let case = world.case().id;
    let decided = world.claim(case);
    let orders = orders(&decided);
    assert_eq!(orders.len(), 2);
    assert!(orders.iter().all(|order| order.reasons == [Reason::CaseClaimed]));
    assert!(world.claim(case).is_empty(), "taking it again asks for nothing");
}

#[test]
fn an_alert_that_comes_to_a_taken_case_is_answered_at_once() {
    let mut world = with_alerts(&[1]);
    let case = world.case().id;
    world.claim(case);
    let at = world.at;
    let decided = world.tell([Body::AlertSeen(alert(2, at))]);
    assert_eq!(orders(&decided).len(), 1);
}

#[test]
fn tests_and_alerts_that_are_resolved_or_in_hand_open_and_answer_nothing() {
    let mut world = World::new();
    let at = world.at;
    let test = AlertSeen { test: true, ..alert(1, at) };
    let resolved = AlertSeen { status: AlertStatus::Resolved, ..alert(2, at) };
    assert!(world.tell([Body::AlertSeen(test), Body::AlertSeen(resolved)]).is_empty());
    assert!(world.pass(hours(100)).is_empty());
    let at = world.at;
    let in_hand = AlertSeen { status: AlertStatus::Investigating, ..alert(3, at) };
    assert_eq!(words(&world.tell([Body::AlertSeen(in_hand)])), ["case.opened", "alert.joined"]);
    let decided = world.pass(hours(23));
    assert!(decided.iter().all(|(_, body)| !matches!(body, Body::AnswerOrdered(_))), "{decided:?}");
}

#[test]
fn only_the_alerts_that_are_named_are_resolved_on_closing() {
    let mut world = with_alerts(&[1, 2, 3]);
    let case = world.case().id;
    let decided = world.close(case, Outcome::Fraud, &[1, 3]);
    let answered: Vec<_> = orders(&decided).iter().map(|order| order.alert.clone()).collect();
    assert_eq!(answered, [alert_id(1), alert_id(3)]);
    assert!(orders(&decided).iter().all(|order| order.reasons == [Reason::CaseClosed { case }]));
    assert_eq!(world.customer().alerts[&alert_id(2)].ordered, None);
}

#[test]
fn an_alert_that_was_not_named_on_closing_goes_to_a_case_of_its_own_with_its_clock() {
    let mut world = with_alerts(&[1, 2]);
    let case = world.case().id;
    world.pass(minutes(20));
    let decided = world.close(case, Outcome::Fraud, &[1]);
    assert_eq!(words(&decided), ["case.opened", "alert.joined", "answer.ordered"]);
    let left = world.case();
    assert_ne!(left.id, case);
    assert_eq!(left.alerts, BTreeSet::from([alert_id(2)]));
    // Its clock goes on from when it came: ten minutes later the early answer is due, after the hour the mark.
    let decided = world.pass(minutes(10));
    let [(at, Body::AnswerOrdered(order))] = decided.as_slice() else { panic!("{decided:?}") };
    assert_eq!((*at, &order.alert), (beginning() + minutes(30), &alert_id(2)));
    let decided: Vec<_> = world.pass(minutes(30)).into_iter().map(|(_, body)| body).collect();
    let passed = ClockPassed { case: world.case().id, mark: Mark::Target };
    assert_eq!(decided, [Body::ClockPassed(passed)]);
    // The closed case no longer counts it as its own, and closing without a name again opens again.
    let case = world.case().id;
    let closed = world.customer().closed.as_ref().unwrap();
    assert_eq!(closed.alerts, BTreeSet::from([alert_id(1)]));
    world.close(case, Outcome::FalseAlarm, &[]);
    assert_ne!(world.case().id, case);
}

#[test]
fn the_answer_of_a_closed_case_that_does_not_come_about_is_back_in_sight() {
    let mut world = with_alerts(&[1]);
    let case = world.case().id;
    world.close(case, Outcome::Fraud, &[1]);
    assert!(world.customer().cases.is_empty());
    let decided = world.finish(EffectResult::GaveUp { code: "503".to_owned() });
    assert_eq!(words(&decided), ["case.opened", "alert.joined"]);
    assert_eq!(world.customer().alerts[&alert_id(1)].failed.as_deref(), Some("503"));
    let decided = world.pass(hours(1));
    assert!(matches!(decided.as_slice(), [(_, Body::ClockPassed(_))]), "{decided:?}");
}

#[test]
fn each_outcome_says_to_microsoft_what_the_policy_maps_it_to() {
    use MicrosoftReason::{Fraud, Ignore, Legitimate};
    let table = [
        (Outcome::Fraud, Fraud),
        (Outcome::Misuse, Fraud),
        (Outcome::Legitimate, Legitimate),
        (Outcome::FalseAlarm, Legitimate),
        (Outcome::Duplicate, Ignore),
        (Outcome::Test, Ignore),
        (Outcome::Stale, Ignore),
    ];
    assert_eq!(table.map(|(outcome, _)| outcome).len(), Outcome::ALL.len());
    for (outcome, reason) in table {
        let mut world = with_alerts(&[1]);
        let case = world.case().id;
        let decided = world.close(case, outcome, &[1]);
        let [order] = orders(&decided)[..] else { panic!("{decided:?}") };
        assert_eq!((order.status, order.reason), (AlertStatus::Resolved, Some(reason)), "{outcome:?}");
    }
}

#[test]
fn an_alert_that_is_resolved_already_is_not_resolved_again() {
    let mut world = with_alerts(&[1]);
    let case = world.case().id;
    world.tell([seen(&world, 1, AlertStatus::Resolved)]);
    assert!(world.close(case, Outcome::Fraud, &[1]).is_empty());
}

#[test]
fn a_person_may_answer_without_closing() {
    let mut world = with_alerts(&[1]);
    let asked = AnswerRequested {
        alert: alert_id(1),
        status: AlertStatus::Resolved,
        reason: Some(MicrosoftReason::Legitimate),
    };
    let decided = world.tell([Body::AnswerRequested(asked)]);
    let [order] = orders(&decided)[..] else { panic!("{decided:?}") };
    assert_eq!(order.reasons, [Reason::AskedByPerson]);
    world.finish(done());
    assert_eq!(world.customer().alerts[&alert_id(1)].status, AlertStatus::Resolved);
    assert!(world.pass(hours(100)).is_empty());
}

#[test]
fn an_answer_that_failed_is_shown_and_not_repeated_by_itself() {
    for result in [EffectResult::Refused { code: "403".to_owned() }, EffectResult::GaveUp { code: "503".to_owned() }] {
        let mut world = with_alerts(&[1]);
        let case = world.case().id;
        world.claim(case);
        assert!(world.finish(result).is_empty());
        let alert = &world.customer().alerts[&alert_id(1)];
        assert!(alert.failed.is_some());
        assert!(alert.unanswered());
        let decided = world.pass(hours(100));
        assert!(decided.iter().all(|(_, body)| matches!(body, Body::ClockPassed(_))), "{decided:?}");
        // Whoever asks anew gets a new order, and the old failure is forgotten.
        let asked = AnswerRequested { alert: alert_id(1), status: AlertStatus::Investigating, reason: None };
        assert_eq!(orders(&world.tell([Body::AnswerRequested(asked)])).len(), 1);
        assert_eq!(world.customer().alerts[&alert_id(1)].failed, None);
    }
}

#[test]
fn an_older_poll_does_not_take_our_own_answer_back() {
    let mut world = with_alerts(&[1]);
    let case = world.case().id;
    world.claim(case);
    world.finish(done());
    assert!(world.tell([seen(&world, 1, AlertStatus::Active)]).is_empty());
    assert_eq!(world.customer().alerts[&alert_id(1)].status, AlertStatus::Investigating);
}

#[test]
fn an_alert_that_microsoft_opens_again_is_sorted_and_answered_anew() {
    let mut world = with_alerts(&[1]);
    let case = world.case().id;
    world.close(case, Outcome::FalseAlarm, &[1]);
    world.finish(done());
    world.pass(hours(5));
    let again = seen(&world, 1, AlertStatus::Active);
    assert_eq!(words(&world.tell([again])), ["case.opened", "alert.joined"]);
    assert_ne!(world.case().id, case);
    let decided = world.pass(minutes(30));
    assert_eq!(decided.len(), 1, "{decided:?}");
}

#[test]
fn an_answer_is_wanted_until_it_is_settled_or_replaced() {
    let mut world = with_alerts(&[1]);
    let case = world.case().id;
    world.claim(case);
    let (early, kind) = world.open_effects().remove(0);
    assert!(world.customer().wants(early, &kind));
    world.close(case, Outcome::Fraud, &[1]);
    assert!(!world.customer().wants(early, &kind), "the answer on closing replaces it");
    let (last, kind) = world.open_effects().remove(1);
    assert!(world.customer().wants(last, &kind));
    world.end(last, done());
    assert!(!world.customer().wants(last, &kind));
    assert!(world.end(early, done()).is_empty(), "a late reply to the replaced answer changes nothing");
    assert_eq!(world.customer().alerts[&alert_id(1)].status, AlertStatus::Resolved);
}
