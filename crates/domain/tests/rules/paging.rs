//! Who is woken, when, and what an unanswered page allows.

use crate::world::*;
use domain::body::Body;
use domain::cases::Mark;
use domain::containment::{ActionClass, Approved, Refusal, Released, Requested, may_approve};
use domain::effects::{EffectKind, EffectResult};
use domain::fact::NewFact;
use domain::ids::{ActionId, Actor};
use domain::paging::{
    EscalationStep, Language, OnCall, PAGE_GOOD_FOR, PageAbout, PageAcknowledged, PageOrdered, PageRule, Receiver,
    Rota, Target, may_acknowledge_action,
};
use domain::permission::Role;
use domain::reason::Reason;
use domain::step::step;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

const ADMIN: &[Role] = &[Role::AdminAgent];

fn receiver(user: Option<u128>) -> Receiver {
    Receiver { channel: "phone".to_owned(), user: user.map(person), language: Language::Sv }
}

/// Person 2 has the turn, after ten minutes comes the desk, after twenty person 3.
pub(crate) fn on_call() -> OnCall {
    let named = |name: &str| Target::Receiver(name.to_owned());
    OnCall {
        receivers: BTreeMap::from([
            ("one".to_owned(), receiver(Some(1))),
            ("two".to_owned(), receiver(Some(2))),
            ("three".to_owned(), receiver(Some(3))),
            ("desk".to_owned(), receiver(None)),
        ]),
        rota: Some(Rota {
            zone: jiff::tz::TimeZone::UTC,
            begins: "2026-10-05T08:00".parse().unwrap(),
            turns: vec!["two".to_owned()],
        }),
        steps: vec![
            EscalationStep { after: minutes(0), to: vec![Target::OnCall] },
            EscalationStep { after: minutes(10), to: vec![named("desk")] },
            EscalationStep { after: minutes(20), to: vec![named("three")] },
        ],
        before_target: minutes(15),
        before_limit: hours(2),
    }
}

fn world() -> World {
    let mut policy = policy();
    policy.on_call = Some(on_call());
    World::under(policy)
}

impl World {
    /// Asks for containment that wakes somebody, and gives the action.
    pub(crate) fn propose_page(&mut self, request: Requested) -> ActionId {
        match self.tell([Body::ContainmentRequested(request)]).as_slice() {
            [Body::ActionProposed(proposed), Body::PageOrdered(_), ..] => proposed.action,
            other => panic!("no proposal that wakes somebody: {other:?}"),
        }
    }
}

fn emergency(world: &mut World) -> ActionId {
    let case = world.mined(1, 100);
    world.propose_page(Requested { class: ActionClass::Emergency, ..requested(case, "takeover") })
}

fn ordered(decided: &[(Timestamp, Body)]) -> Vec<(i64, String)> {
    let of = |(at, body): &(Timestamp, Body)| match body {
        Body::PageOrdered(page) => Some((at.duration_since(beginning()).as_mins(), page.receiver.clone())),
        _ => None,
    };
    decided.iter().filter_map(of).collect()
}

/// The pages of the journal, by minute and receiver.
fn all_ordered(world: &World) -> Vec<(i64, String)> {
    ordered(&world.facts.iter().map(|fact| (fact.at, fact.body.clone())).collect::<Vec<_>>())
}

fn released(decided: &[(Timestamp, Body)]) -> Option<(i64, Released)> {
    decided.iter().find_map(|(at, body)| match body {
        Body::ActionReleased(released) => Some((at.duration_since(beginning()).as_mins(), released.clone())),
        _ => None,
    })
}

fn approves_alone(world: &mut World, action: ActionId) {
    let own = Approved { reauthenticated: true, ..approval(world.action(action), 1, ADMIN) };
    world.tell([Body::ActionApproved(own)]);
}

fn takes_on(world: &mut World, action: ActionId, by: u128) {
    let about = PageAbout::Approval { action };
    world.tell([Body::PageAcknowledged(PageAcknowledged { about, by: person(by) })]);
}

#[test]
fn whoever_has_the_turn_is_woken_at_once_and_the_others_after_them() {
    let mut world = world();
    let action = emergency(&mut world);
    assert_eq!(world.action(action).proposed.page, PageRule::OnCall);
    world.pass(hours(1));
    let expected = [(0, "two"), (10, "desk"), (20, "three")].map(|(at, name)| (at, name.to_owned()));
    assert_eq!(all_ordered(&world), expected);
    let effects: Vec<_> = world.effects.iter().filter(|(_, kind)| matches!(kind, EffectKind::Page { .. })).collect();
    assert_eq!(effects.len(), 3, "each order is one effect");
}

#[test]
fn nobody_is_woken_about_their_own_proposal_and_the_next_one_is_woken_at_once() {
    let mut world = world();
    world.policy.on_call.as_mut().unwrap().rota.as_mut().unwrap().turns = vec!["one".to_owned()];
    emergency(&mut world);
    world.pass(hours(1));
    assert_eq!(all_ordered(&world), [(0, "desk".to_owned()), (10, "three".to_owned())]);
}

#[test]
fn an_ordinary_proposal_wakes_nobody() {
    let mut world = world();
    let case = world.mined(1, 100);
    let action = world.propose(requested(case, "takeover"));
    assert_eq!(world.action(action).proposed.page, PageRule::None);
    world.pass(hours(1));
    assert!(all_ordered(&world).is_empty());
}

#[test]
fn whoever_takes_it_on_keeps_the_others_asleep() {
    for (by, woken) in [(2, 1), (3, 1)] {
        let mut world = world();
        let action = emergency(&mut world);
        world.pass(minutes(5));
        takes_on(&mut world, action, by);
        world.pass(hours(1));
        assert_eq!(all_ordered(&world).len(), woken, "taken on by {by}");
    }
}

#[test]
fn an_approval_ends_the_escalation() {
    let mut world = world();
    let action = emergency(&mut world);
    world.approve(action, 2, ADMIN);
    world.pass(hours(1));
    assert_eq!(all_ordered(&world).len(), 1);
    let (effect, kind) = world.effects.iter().find(|(_, kind)| matches!(kind, EffectKind::Page { .. })).unwrap();
    assert!(!world.customer().wants(*effect, kind), "a page that was not sent yet is not sent any more");
}

/// A4: fifteen minutes without an answer count from the message that was delivered, not from the proposal.
#[test]
fn a_page_is_unanswered_so_long_after_it_was_delivered() {
    for delivered_after in [0, 3, 5] {
        let mut world = world();
        let action = emergency(&mut world);
        approves_alone(&mut world, action);
        let mut decided = world.pass(minutes(delivered_after));
        decided.extend(world.finish_first(done()).into_iter().map(|body| (world.at, body)));
        decided.extend(world.pass(hours(2)));
        let (at, released) = released(&decided).unwrap();
        assert_eq!(at, delivered_after + 15, "delivered after {delivered_after} minutes");
        assert_eq!(released.reasons, [Reason::PageUnanswered]);
        assert!(released.review_by.is_some());
    }
}

#[test]
fn what_was_delivered_to_the_next_one_counts_from_then() {
    let mut world = world();
    let action = emergency(&mut world);
    approves_alone(&mut world, action);
    world.finish_first(EffectResult::GaveUp { code: "503".to_owned() });
    world.pass(minutes(11));
    world.finish_first(done());
    let (at, released) = released(&world.pass(hours(2))).unwrap();
    assert_eq!((at, released.reasons), (26, vec![Reason::PageUnanswered]));
}

#[test]
fn a_page_that_another_took_on_is_no_unanswered_one() {
    let mut world = world();
    let action = emergency(&mut world);
    approves_alone(&mut world, action);
    world.finish_first(done());
    world.pass(minutes(14));
    takes_on(&mut world, action, 2);
    assert_eq!(released(&world.pass(hours(3))), None);
    let seen = world.action(action).proposed.parameters;
    let refusal = may_approve(world.customer(), &world.policy, action, seen, &caller(7, ADMIN), true, world.at).err();
    assert_eq!(refusal, None, "anybody else may still approve");
    let decided: Vec<_> = world.approve(action, 7, ADMIN).into_iter().map(|body| (world.at, body)).collect();
    assert_eq!(released(&decided).unwrap().1.reasons, [Reason::ApprovedBy { role: Role::AdminAgent }]);
}

#[test]
fn the_proposer_is_refused_once_another_has_taken_it_on() {
    let mut world = world();
    let action = emergency(&mut world);
    let seen = world.action(action).proposed.parameters;
    let may = |world: &World| {
        may_approve(world.customer(), &world.policy, action, seen, &caller(1, ADMIN), true, world.at).err()
    };
    assert_eq!(may(&world), None);
    takes_on(&mut world, action, 2);
    assert_eq!(may(&world), Some(Refusal::PageAnswered));
}

#[test]
fn the_proposers_own_acknowledgement_counts_for_nothing() {
    let mut world = world();
    let action = emergency(&mut world);
    let refusal = may_acknowledge_action(world.customer(), action, &caller(1, ADMIN)).err();
    assert_eq!(refusal, Some(Refusal::ProposerCannotApprove(vec![Role::AdminAgent])));
    approves_alone(&mut world, action);
    world.finish_first(done());
    takes_on(&mut world, action, 1);
    assert_eq!(released(&world.pass(hours(1))).unwrap().0, 15);
}

/// Where no message comes through, the time counts from the proposal, once none is on its way; and that is said.
#[test]
fn when_no_channel_works_the_time_counts_from_the_proposal() {
    // How the first message ends and when, and when the action starts then.
    let table = [(Some(1), 15), (Some(4), 15), (None, 15)];
    for (failed_after, starts) in table {
        let mut world = world();
        let action = emergency(&mut world);
        approves_alone(&mut world, action);
        let mut decided = Vec::new();
        if let Some(after) = failed_after {
            decided.extend(world.pass(minutes(after)));
            world.finish_first(EffectResult::Refused { code: "410".to_owned() });
        }
        decided.extend(world.pass(hours(2)));
        let (at, released) = released(&decided).unwrap();
        assert_eq!(released.reasons, [Reason::NobodyPaged], "{failed_after:?}");
        assert_eq!(at, starts, "{failed_after:?}");
    }
}

#[test]
fn a_message_on_its_way_is_waited_for_until_it_is_no_longer_good() {
    let mut world = world();
    world.policy.on_call.as_mut().unwrap().steps[1].after = minutes(13);
    let action = emergency(&mut world);
    approves_alone(&mut world, action);
    world.finish_first(EffectResult::Refused { code: "410".to_owned() });
    let (at, released) = released(&world.pass(hours(2))).unwrap();
    assert_eq!(released.reasons, [Reason::NobodyPaged]);
    assert_eq!(at, 13 + PAGE_GOOD_FOR.as_mins(), "the second message was ordered after 13 minutes");
}

#[test]
fn without_anybody_to_wake_the_proposal_says_so_and_counts_from_itself() {
    let nobody = |world: &mut World| world.policy.on_call = None;
    let only_the_proposer = |world: &mut World| {
        let on_call = world.policy.on_call.as_mut().unwrap();
        on_call.rota.as_mut().unwrap().turns = vec!["one".to_owned()];
        on_call.steps.truncate(1);
    };
    let changes: [fn(&mut World); 2] = [nobody, only_the_proposer];
    for change in changes {
        let mut world = world();
        change(&mut world);
        let case = world.mined(1, 100);
        let action = world.propose(Requested { class: ActionClass::Emergency, ..requested(case, "takeover") });
        assert_eq!(world.action(action).proposed.page, PageRule::NobodyToPage);
        approves_alone(&mut world, action);
        let (at, released) = released(&world.pass(hours(1))).unwrap();
        assert_eq!((at, released.reasons), (15, vec![Reason::NobodyPaged]));
    }
}

#[test]
fn only_who_may_approve_takes_a_proposal_on_and_only_once_while_it_waits() {
    let mut world = world();
    let action = emergency(&mut world);
    let may = |world: &World, by: u128, roles: &[Role]| {
        may_acknowledge_action(world.customer(), action, &caller(by, roles)).err()
    };
    assert_eq!(may(&world, 2, ADMIN), None);
    assert!(matches!(may(&world, 2, &[Role::Auditor]), Some(Refusal::RoleMissing(_))));
    assert!(matches!(may(&world, 2, &[Role::UserAdministrator]), Some(Refusal::RoleMissing(_))));
    takes_on(&mut world, action, 2);
    assert_eq!(may(&world, 3, ADMIN), Some(Refusal::NothingToAcknowledge));
    world.approve(action, 2, ADMIN);
    assert!(matches!(may(&world, 3, ADMIN), Some(Refusal::NotInThisState(_))));
}

#[test]
fn somebody_is_woken_before_an_answer_is_late() {
    let mut world = world();
    let at = world.at;
    world.tell([Body::AlertSeen(alert(1, at))]);
    let case = world.case_of("mining").id;
    // `investigating` was ordered after half an hour and never came about.
    world.pass(minutes(30));
    world.finish_first(EffectResult::GaveUp { code: "503".to_owned() });
    world.pass(minutes(31));
    assert_eq!(all_ordered(&world), [(45, "two".to_owned()), (55, "desk".to_owned())]);
    let about = PageAbout::Answer { case, mark: Mark::Target };
    world.tell([Body::PageAcknowledged(PageAcknowledged { about, by: person(2) })]);
    world.pass(hours(20));
    assert_eq!(all_ordered(&world).len(), 2, "nobody else is woken about the target");
    world.pass(hours(4));
    let limit: Vec<_> = all_ordered(&world).into_iter().skip(2).collect();
    let hour = 60;
    let expected = [(22 * hour, "two"), (22 * hour + 10, "desk"), (22 * hour + 20, "three")];
    assert_eq!(limit, expected.map(|(at, name)| (at, name.to_owned())), "the limit is another mark");
}

#[test]
fn an_answer_in_time_wakes_nobody() {
    let mut world = world();
    let at = world.at;
    world.tell([Body::AlertSeen(alert(1, at))]);
    let case = world.case_of("mining").id;
    world.claim(case);
    world.finish_first(done());
    world.pass(hours(20));
    assert!(all_ordered(&world).is_empty());
}

/// However many cases wait at once, a customer's file orders a limited number of messages within a minute; none is lost.
#[test]
fn a_storm_wakes_in_a_limited_pace_and_loses_no_page() {
    let mut world = world();
    let on_call = world.policy.on_call.as_mut().unwrap();
    on_call.steps.truncate(1);
    on_call.steps[0].to = ["one", "two", "three", "desk"].map(|name| Target::Receiver(name.to_owned())).to_vec();
    let at = world.at;
    let stories = 12;
    for number in 0..stories {
        let mut seen = alert(number, at);
        seen.alert_type = format!("story-{number}");
        world.policy.cases.stories.push(crate::world::story(
            &seen.alert_type.clone(),
            &[],
            &[&seen.alert_type.clone()],
            None,
        ));
        world.tell([Body::AlertSeen(seen)]);
    }
    world.pass(minutes(30));
    while !world.open_effects().is_empty() {
        world.finish_first(EffectResult::GaveUp { code: "503".to_owned() });
    }
    let decided = world.pass(minutes(29));
    let mut a_minute: BTreeMap<i64, usize> = BTreeMap::new();
    for (minute, _) in ordered(&decided) {
        *a_minute.entry(minute).or_default() += 1;
    }
    assert_eq!(a_minute, BTreeMap::from([(45, 20), (46, 20), (47, 8)]));
    let about: BTreeSet<String> = world
        .facts
        .iter()
        .filter_map(|fact| match &fact.body {
            Body::PageOrdered(PageOrdered { about, receiver, .. }) => Some(format!("{about:?} {receiver}")),
            _ => None,
        })
        .collect();
    assert_eq!(about.len(), 48, "each receiver about each case once");
}

/// What somebody tells about a case.
type Tell<'a> = &'a dyn Fn(domain::ids::CaseId) -> Body;

/// Who writes into the case, or takes it, is awake; what the program tells wakes nobody.
#[test]
fn whoever_takes_the_case_or_writes_into_it_keeps_the_others_asleep() {
    let taken = |case| Body::CaseClaimed(domain::cases::Claimed { case, owner: person(4) });
    let noted = |case| Body::CaseNoted(domain::cases::Noted { case, note: sealed("on it") });
    let (taken, noted): (Tell<'_>, Tell<'_>) = (&taken, &noted);
    for (tell, by, woken) in
        [(taken, Actor::User(person(4)), 1), (noted, Actor::User(person(4)), 1), (noted, Actor::Program, 2)]
    {
        let mut world = world();
        let at = world.at;
        world.tell([Body::AlertSeen(alert(1, at))]);
        let case = world.case_of("mining").id;
        world.pass(minutes(30));
        world.finish_first(EffectResult::GaveUp { code: "503".to_owned() });
        world.pass(minutes(20));
        let told = NewFact { happened: world.at, actor: by, source_key: None, body: tell(case) };
        let step = step(account(), world.file.clone(), vec![told], Some(&world.policy), world.at).unwrap();
        world.take(step.file, step.facts);
        world.pass(minutes(7));
        assert_eq!(all_ordered(&world).len(), woken, "{by:?}");
    }
}
