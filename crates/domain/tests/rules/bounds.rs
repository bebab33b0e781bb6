//! The file stays bounded, however much happens.

use crate::happenings::life;
use crate::world::*;
use domain::body::Body;
use domain::cases::{MAX_OPEN_CASES, MAX_RESOURCES_PER_CASE, MAX_SIGNALS_PER_CASE, Outcome, Reopened};
use domain::containment::{MAX_APPROVALS, MAX_ENDED_ACTIONS, MAX_OPEN_ACTIONS, MAX_STEPS};
use domain::customers::{AzureStatus, Cloud, MAX_SUBSCRIPTIONS};
use domain::fact::NewFact;
use domain::file::{AccountFile, CustomerFile, Part};
use domain::ids::{AccountId, Actor, Hash, IncidentId, TenantId, TokenId};
use domain::notices::{AlertStatus, MAX_ALERTS};
use domain::paging::MAX_CALLS;
use domain::people::{
    ConnectionAdded, ConnectionHealth, IncidentDeclared, MAX_FAULTS, MAX_INCIDENTS, MAX_TIMELINE, MAX_TOKENS,
    PolicyPublished, TokenIssued, UserAdded,
};
use domain::permission::Scope;
use domain::signals::Level;
use domain::step::step;
use proptest::strategy::{Strategy, ValueTree};
use std::collections::BTreeSet;
use uuid::Uuid;

/// How many facts an account gets in these tests.
const MANY: u32 = 10_000;

/// Every collection of a file within its named limit.
fn holds_its_limits(file: &CustomerFile) {
    assert!(file.holdings.subscriptions.len() <= MAX_SUBSCRIPTIONS);
    assert!(file.holdings.azure.len() <= MAX_SUBSCRIPTIONS);
    assert!(file.unsorted.is_empty() && file.requests.is_empty(), "they live within their own step");
    assert!(file.alerts.len() <= MAX_ALERTS);
    // One more than can be opened: a closed case may be opened again.
    assert!(file.cases.len() <= MAX_OPEN_CASES + 1);
    for case in file.cases.values().chain(&file.closed) {
        assert!(case.signals.len() <= MAX_SIGNALS_PER_CASE);
        assert!(case.resources.len() <= MAX_RESOURCES_PER_CASE);
        assert!(case.attacked.len() <= MAX_SUBSCRIPTIONS, "{} attacked", case.attacked.len());
        assert!(case.alerts.len() <= MAX_ALERTS, "{} alerts of one case", case.alerts.len());
        assert!(case.pages.values().all(|page| page.calls.len() <= MAX_CALLS));
    }
    assert!(file.actions.len() <= MAX_OPEN_ACTIONS + MAX_ENDED_ACTIONS + 1);
    for action in file.actions.values() {
        assert!(action.approvals.len() <= MAX_APPROVALS);
        assert!(action.steps.len() <= MAX_STEPS);
    }
}

#[test]
fn a_file_stays_bounded_under_a_life_of_ten_thousand_facts() {
    let mut world = World::new();
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    while world.file.version < u64::from(MANY) {
        for moment in life(100..101).new_tree(&mut runner).unwrap().current() {
            world.pass(minutes(moment.minutes));
            let told = world.moment(&moment);
            let step = step(account(), world.file.clone(), told, Some(&world.policy), world.at).unwrap();
            world.take(step.file, step.facts);
            holds_its_limits(world.customer());
        }
    }
    let bytes = serde_json::to_vec(&world.file).unwrap().len();
    assert!(bytes < 1_000_000, "a file of {bytes} bytes");
}

#[test]
fn a_storm_of_different_findings_stays_bounded() {
    let mut world = World::new();
    let different =
        |number: u128| found(&format!("{VM_BURST}-{number}"), Level::High, Some(1_000 + number), &[(number, 1)]);
    for first in (0..u128::from(MANY)).step_by(100) {
        world.tell((first..first + 100).map(different));
        world.facts.clear();
    }
    holds_its_limits(world.customer());
    let case = world.case();
    assert_eq!(case.resources.len(), MAX_RESOURCES_PER_CASE);
    assert_eq!(domain::cases::burn(case), Some(kronor(i64::from(MANY))), "what is not told apart still counts");
}

/// Alerts that the file no longer knows must leave the case as well, also when it is closed and opened in between.
#[test]
fn a_case_that_takes_alerts_in_for_ever_stays_bounded() {
    let mut world = World::new();
    for first in (0..MANY).step_by(100) {
        let at = world.at;
        let elsewhere = |number: u32| {
            let mut seen = alert(number, at);
            seen.azure_subscription = Some(azure(u128::from(number)));
            Body::AlertSeen(seen)
        };
        world.tell((first..first + 100).map(elsewhere));
        let case = world.case().id;
        let named: Vec<u32> = (first..first + 100).collect();
        world.close(case, Outcome::Fraud, &named);
        world.tell([Body::CaseReopened(Reopened { case })]);
        world.facts.clear();
    }
    holds_its_limits(world.customer());
    assert_eq!(world.customer().alerts.len(), MAX_ALERTS);
    assert_eq!(world.case().alerts.len(), MAX_ALERTS);
}

/// Closing must never fail for the number of alerts that are left open by it, or that are named.
#[test]
fn a_case_with_all_the_alerts_that_a_file_holds_can_be_closed_with_all_of_them_named_or_none() {
    let all = u32::try_from(MAX_ALERTS).unwrap();
    let named: Vec<u32> = (0..all).collect();
    for named in [&named[..], &[]] {
        let mut world = World::new();
        let at = world.at;
        for number in 0..all {
            world.tell([Body::AlertSeen(alert(number, at))]);
        }
        let case = world.case().id;
        world.pass(hours(25));
        let decided = world.close(case, Outcome::Fraud, named);
        let orders = decided.iter().filter(|body| matches!(body, Body::AnswerOrdered(_))).count();
        assert_eq!(orders, named.len());
        let open = world.customer().cases.values().map(|case| case.alerts.len()).sum::<usize>();
        assert_eq!(open, MAX_ALERTS - named.len());
    }
}

#[test]
fn resolved_alerts_make_room_before_open_ones_do() {
    let mut world = World::new();
    let at = world.at;
    world.tell([Body::AlertSeen(alert(0, at))]);
    for number in 1..2 * u32::try_from(MAX_ALERTS).unwrap() {
        let mut seen = alert(number, at);
        seen.status = AlertStatus::Resolved;
        world.tell([Body::AlertSeen(seen)]);
    }
    assert!(world.customer().alerts.contains_key(&alert_id(0)), "it waits for an answer");
}

#[test]
fn more_subscriptions_than_a_file_holds_are_left_in_the_journal() {
    let mut world = World::new();
    world.tell((0..3_000).map(|number| azure_seen(number, PLAN, AzureStatus::Active)));
    holds_its_limits(world.customer());
    world.tell([azure_seen(1, PLAN, AzureStatus::Inactive)]);
    assert_eq!(world.customer().holdings.azure[&azure(1)].status, AzureStatus::Inactive, "known ones are kept up");
}

/// The file of an account that is no customer, after these facts.
fn file_of(bodies: impl IntoIterator<Item = Body>) -> AccountFile {
    let told = |body| NewFact { happened: beginning(), actor: Actor::Program, source_key: None, body };
    let mut file = AccountFile::default();
    for body in bodies {
        file = step(AccountId::of_partner(), file, vec![told(body)], None, beginning()).unwrap().file;
    }
    file
}

#[test]
fn the_files_of_users_connections_the_partner_and_the_policy_stay_bounded() {
    let id = |number: u32| Uuid::from_u128(u128::from(number));
    let token = |number: u32| {
        let digest = Hash::of(&number.to_be_bytes());
        Body::TokenIssued(TokenIssued { token: TokenId(id(number)), digest, label: "t".to_owned(), expires: None })
    };
    let user = Body::UserAdded(UserAdded { name: sealed("name"), roles: BTreeSet::new(), scope: Scope::All });
    let Part::User(user) = file_of([user].into_iter().chain((0..1_000).map(token))).part else { panic!("a user") };
    assert_eq!(user.tokens.len(), MAX_TOKENS);

    let added = ConnectionAdded { partner_tenant: TenantId(id(1)), cloud: Cloud::Public, label: "c".to_owned() };
    let health = |number: u32| {
        Body::ConnectionHealth(ConnectionHealth { part: format!("part {number}"), fault: Some("down".to_owned()) })
    };
    let facts =
        [Body::ConnectionAdded(added)].into_iter().chain((0..1_000).flat_map(|number| [token(number), health(number)]));
    let Part::Connection(connection) = file_of(facts).part else { panic!("a connection") };
    assert_eq!((connection.keys.len(), connection.faults.len()), (MAX_TOKENS, MAX_FAULTS));

    let incident = |number: u32| {
        Body::IncidentDeclared(IncidentDeclared {
            incident: IncidentId(id(number)),
            title: sealed("t"),
            cases: Vec::new(),
        })
    };
    let Part::Partner(partner) = file_of((0..2_000).map(incident)).part else { panic!("the partner") };
    assert_eq!(partner.incidents.len(), MAX_INCIDENTS);

    let published = |number: u32| {
        let epoch = u64::from(number);
        Body::PolicyPublished(PolicyPublished { hash: Hash::of(&number.to_be_bytes()), from: beginning(), epoch })
    };
    let Part::Policy(policy) = file_of((0..2_000).map(published)).part else { panic!("the policy") };
    assert_eq!(policy.timeline.len(), MAX_TIMELINE);
    assert_eq!(policy.timeline.last().unwrap().epoch, 1_999, "the newest are kept");
}
