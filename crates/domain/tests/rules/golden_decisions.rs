//! A journal whose decisions must not change: the same facts under the same policy give the same decisions, to the
//! byte, as long as `DECIDE_VERSION` is the same.

use crate::world::*;
use domain::body::Body;
use domain::cases::{Noted, Outcome, Reopened, Severity};
use domain::containment::{
    ActionClass, Approved, PermitLifted, PermitRefused, PlanSnapshot, Rejected, Requested, Stopped,
};
use domain::customers::AzureStatus;
use domain::effects::{EffectResult, EffectStarted};
use domain::fact::{Class, DECIDE_VERSION};
use domain::ids::Hash;
use domain::notices::{AlertSeen, AlertStatus, AnswerRequested, MicrosoftReason};
use domain::paging::{PageAbout, PageAcknowledged};
use domain::permission::Role;
use domain::signals::Level;
use domain::snoozes::RuleSnoozed;
use std::collections::BTreeSet;
use uuid::Uuid;

const ADMIN: &[Role] = &[Role::AdminAgent];
const BILLING: &[Role] = &[Role::BillingAdministrator];
const GLOBAL: &[Role] = &[Role::GlobalAdministrator];

/// A fixed story in which every kind of decision is made. Changing it changes the golden journal.
fn story() -> World {
    let mut world = World::new();
    takeover(&mut world);
    world.pass(hours(100));
    at_night(&mut world);
    world.pass(hours(100));
    by_one_person(&mut world);
    set_aside(&mut world);
    world.pass(hours(100));
    with_somebody_on_call(&mut world);
    world
}

/// An alert and findings meet; two people contain, one reverts, and the case is closed.
fn takeover(world: &mut World) {
    let at = world.at;
    world.tell([Body::AlertSeen(alert(1, at)), Body::AlertSeen(AlertSeen { severity: Severity::Low, ..alert(2, at) })]);
    world.pass(minutes(31));
    world.finish_first(done());
    world.tell([found(VM_BURST, Level::High, Some(1), &[(1, 120), (2, 120)]), found(GPU, Level::Low, Some(1), &[])]);
    world.tell([found(GPU, Level::Critical, Some(2), &[(2, 150), (3, 900)])]);
    world.tell([found(VM_BURST, Level::High, Some(1), &[(4, 10)]), found(FORWARDING, Level::Medium, None, &[])]);
    world.pass(minutes(40));
    let case = world.case_of("mining").id;
    world.claim(case);
    world.tell([Body::CaseNoted(Noted { case, note: sealed("called the customer") })]);
    world.refused(requested(case, "no-such"));
    let rejected = world.propose(requested(case, "stop-attacked"));
    world.tell([Body::ActionRejected(Rejected { action: rejected, note: None })]);
    let expired = world.propose(requested(case, "stop-attacked"));
    world.approve(expired, 2, ADMIN);
    world.pass(hours(5));
    let action = world.propose(requested(case, "takeover"));
    world.approve(action, 3, GLOBAL);
    let until = world.at + minutes(20);
    let yes = approval(world.action(action), 2, ADMIN);
    let permit = "changes_per_hour".to_owned();
    world.tell([Body::PermitRefused(PermitRefused { permit: permit.clone(), until }), Body::ActionApproved(yes)]);
    world.tell([Body::PermitLifted(PermitLifted { permit })]);
    let snapshot = PlanSnapshot { auto_renew: true, instructions: "{}".to_owned() };
    let (effect, _) = world.open_effects().last().cloned().unwrap();
    let request = Uuid::from_u128(1);
    world.tell([Body::EffectStarted(EffectStarted { effect, attempt: 1, request, snapshot: Some(snapshot) })]);
    world.obey();
    let revert = world.propose(Requested { revert_of: Some(action), ..requested(case, "") });
    world.approve(revert, 4, GLOBAL);
    world.approve(revert, 2, ADMIN);
    world.obey();
    world.close(case, Outcome::Fraud, &[1]);
    world.obey();
    let left = world.case_of("mining").id;
    world.tell([Body::CaseReopened(Reopened { case })]);
    world.close(case, Outcome::FalseAlarm, &[]);
    world.close(left, Outcome::Duplicate, &[2]);
    world.obey();
}

/// Nobody answers the page: the proposer acts alone, Microsoft refuses, and what is in flight is stopped.
fn at_night(world: &mut World) {
    world.tell([found(VM_BURST, Level::Medium, Some(1), &[(9, 210)])]);
    let case = world.case_of("mining").id;
    let emergency = |world: &mut World| {
        let action = world.propose(Requested { class: ActionClass::Emergency, ..requested(case, "takeover") });
        let own = Approved { reauthenticated: true, ..approval(world.action(action), 1, ADMIN) };
        world.tell([Body::ActionApproved(own)]);
        world.pass(minutes(16));
        action
    };
    emergency(world);
    world.finish_first(EffectResult::Refused { code: "boom".to_owned() });
    let stopped = emergency(world);
    world.finish_first(done());
    world.tell([Body::ActionStopped(Stopped { action: stopped })]);
    world.obey();
    let other = Some(BTreeSet::from([azure(3)]));
    let dry = world.propose(Requested { targets: other, ..requested(case, "stop-attacked") });
    world.approve(dry, 2, ADMIN);
    world.approve(dry, 5, BILLING);
    while let Some((effect, _)) = world.open_effects().first().cloned() {
        world.end(effect, EffectResult::DryRun);
    }
    let given_up = world.propose(Requested { revert_of: Some(stopped), ..requested(case, "") });
    world.approve(given_up, 2, ADMIN);
    world.approve(given_up, 5, BILLING);
    world.finish_first(done());
    for _ in 0..20 {
        world.pass(minutes(12));
        if let Some((effect, _)) = world.open_effects().first().cloned() {
            world.end(effect, inactive());
        }
    }
}

/// A partner of one person, under other files.
fn by_one_person(world: &mut World) {
    world.policy.hash = Hash::of(b"a policy of one person");
    world.policy.approvals.single_operator.enabled = true;
    world.policy.guards.protected = BTreeSet::new();
    let at = world.at;
    let mut unknown = alert(3, at);
    "SomethingNew".clone_into(&mut unknown.alert_type);
    unknown.azure_subscription = Some(azure(3));
    world.tell([Body::AlertSeen(unknown)]);
    let case = world.case_of("other").id;
    let asked = AnswerRequested {
        alert: alert_id(3),
        status: AlertStatus::Resolved,
        reason: Some(MicrosoftReason::Legitimate),
    };
    world.tell([Body::AnswerRequested(asked)]);
    world.finish_first(EffectResult::GaveUp { code: "503".to_owned() });
    let action = world.propose(requested(case, "attacked-and-plan"));
    let own = Approved { reauthenticated: true, ..approval(world.action(action), 1, ADMIN) };
    world.tell([Body::ActionApproved(own)]);
    world.pass(minutes(11));
    world.obey();
    world.pass(hours(30));
}

/// What a person does not want to be asked about comes back at its time, and earlier when it becomes twice as dear.
fn set_aside(world: &mut World) {
    let snoozed = |world: &World, rule: &str| {
        let (until, reason) = (world.at + hours(24), sealed("a batch that the customer announced"));
        Body::RuleSnoozed(RuleSnoozed { rule: rule.to_owned(), until, reason })
    };
    world.tell([found(FORWARDING, Level::Medium, None, &[]), found(GPU, Level::Medium, Some(1), &[(20, 10)])]);
    world.tell([snoozed(world, FORWARDING), snoozed(world, GPU)]);
    world.tell([found(GPU, Level::Medium, Some(1), &[(21, 30)])]);
    world.pass(hours(25));
}

/// Somebody is woken: about a proposal, which is taken on, and about answers that are late.
fn with_somebody_on_call(world: &mut World) {
    world.policy = policy();
    world.policy.on_call = Some(crate::paging::on_call());
    world.tell([azure_seen(1, PLAN, AzureStatus::Active), found(VM_BURST, Level::Medium, Some(1), &[(21, 190)])]);
    let newest = world.customer().cases.values().filter(|case| case.story == "mining").max_by_key(|case| case.last);
    let case = newest.unwrap().id;
    let action = world.propose_page(Requested { class: ActionClass::Emergency, ..requested(case, "stop-attacked") });
    world.finish_first(done());
    world.pass(minutes(11));
    let about = PageAbout::Approval { action };
    world.tell([Body::PageAcknowledged(PageAcknowledged { about, by: person(3) })]);
    world.approve(action, 3, ADMIN);
    let at = world.at;
    world.tell([Body::AlertSeen(alert(9, at))]);
    world.pass(minutes(50));
    world.finish_first(EffectResult::GaveUp { code: "503".to_owned() });
    world.pass(hours(30));
}

#[test]
fn the_same_facts_give_the_same_decisions_as_long_as_decide_version_is_the_same() {
    let world = story();
    let written: String = world
        .facts
        .iter()
        .map(|fact| String::from_utf8(fact.store(Hash::default()).unwrap().bytes).unwrap() + "\n")
        .collect();
    let file = format!("{}/tests/golden/decisions-v{DECIDE_VERSION}.ndjson", env!("CARGO_MANIFEST_DIR"));
    let exists = std::path::Path::new(&file).exists();
    if !exists && std::env::var("BORGEN_GOLDEN").is_ok_and(|wanted| wanted == "append") {
        std::fs::write(&file, &written).unwrap();
    }
    let golden = std::fs::read_to_string(&file)
        .unwrap_or_else(|_| panic!("there is no {file}: run with BORGEN_GOLDEN=append to write it for a new version"));
    for (now, then) in written.lines().zip(golden.lines()) {
        assert_eq!(
            now, then,
            "the same facts are decided otherwise than before. If that is meant, raise DECIDE_VERSION in \
             domain/src/fact.rs and run with BORGEN_GOLDEN=append: journals that were decided under the old one are \
             then no longer compared. If it is not meant, it is a fault."
        );
    }
    assert_eq!(written.lines().count(), golden.lines().count(), "the journal ends elsewhere: see DECIDE_VERSION");
}

#[test]
fn the_golden_journal_has_every_kind_of_decision() {
    let world = story();
    let seen: BTreeSet<&str> = world.facts.iter().map(|fact| fact.body.kind()).collect();
    let decided = Body::KINDS.iter().filter(|(_, class, _)| *class == Class::Decided);
    let missing: Vec<_> = decided.map(|(word, _, _)| *word).filter(|word| !seen.contains(word)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
