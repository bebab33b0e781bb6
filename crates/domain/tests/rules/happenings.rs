//! What can happen to a customer, drawn at random: everything that people, Microsoft, engines and workers tell, in
//! any order, also what makes no sense. Numbers are taken modulo what the file then has.

use crate::world::*;
use domain::body::Body;
use domain::cases::{Claimed, Closed, IncidentJoined, Noted, Outcome, Reopened, Severity};
use domain::containment::{
    ActionClass, ActionState, Approved, PermitLifted, PermitRefused, PlanSnapshot, Rejected, Remote, Requested,
    Reviewed, Stopped,
};
use domain::customers::{AzureStatus, SubscriptionKind, SubscriptionStatus};
use domain::effects::{EffectFinished, EffectKind, EffectResult, EffectStarted};
use domain::fact::NewFact;
use domain::ids::{Actor, CaseId, Hash, IncidentId};
use domain::notices::{AlertSeen, AlertStatus, AnswerRequested, MicrosoftReason};
use domain::paging::{PageAbout, PageAcknowledged};
use domain::people::PolicyAdopted;
use domain::permission::Role;
use domain::policy::Policy;
use domain::signals::Level;
use domain::snoozes::{RuleSnoozed, SnoozeLifted};
use jiff::Timestamp;
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::BTreeSet;
use uuid::Uuid;

/// One thing that happens.
#[derive(Debug, Clone)]
pub(crate) enum Happening {
    Registered,
    Plan(bool, SubscriptionStatus),
    Azure(u128, AzureStatus),
    Found {
        rule: usize,
        level: Level,
        place: Option<u128>,
        running: Vec<(u128, i64)>,
        further: Option<i64>,
        late: i64,
    },
    Alert {
        number: u32,
        kind: usize,
        status: AlertStatus,
        severity: Severity,
        place: Option<u128>,
        test: bool,
        late: i64,
    },
    AskAnswer {
        number: u32,
        status: AlertStatus,
        reason: Option<MicrosoftReason>,
    },
    Claim(usize),
    Note(usize),
    Close {
        case: usize,
        outcome: Outcome,
        alerts: Vec<u32>,
    },
    Reopen,
    Incident(usize),
    Request {
        case: usize,
        playbook: usize,
        targets: Option<Vec<u128>>,
        emergency: bool,
        by: u128,
        reverts: Option<usize>,
    },
    Approve {
        action: usize,
        by: u128,
        roles: Vec<Role>,
        bound: bool,
        proved: bool,
    },
    Reject(usize),
    Stop(usize),
    Review(usize),
    TakeOn(usize, u128),
    CapUsedUp(i64),
    CapLifted,
    Snooze(usize, i64),
    Wake(usize),
    Started {
        effect: usize,
        snapshot: bool,
    },
    Ended {
        effect: usize,
        result: Ending,
    },
    Adopted(bool),
}

/// How an effect ends; what a look reads depends on what it looks at.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Ending {
    Done,
    AsWanted,
    NotYet,
    DryRun,
    NotWanted,
    Refused,
    GaveUp,
}

/// Several things in one step, and the minutes that pass before it.
#[derive(Debug, Clone)]
pub(crate) struct Moment {
    pub(crate) minutes: i64,
    pub(crate) happenings: Vec<Happening>,
}

const PLAYBOOKS: [&str; 5] = ["takeover", "stop-attacked", "attacked-and-plan", "suspend-only", "no-such"];
const RULES: [&str; 4] = [VM_BURST, GPU, FORWARDING, "nobody-claims-it"];
const ALERT_TYPES: [&str; 3] = ["CryptoMining", "cryptomining", "SomethingNew"];
const LEVELS: [Level; 5] = [Level::Informational, Level::Low, Level::Medium, Level::High, Level::Critical];
const SEVERITIES: [Severity; 4] = [Severity::Low, Severity::Medium, Severity::High, Severity::Critical];
const STATUSES: [AlertStatus; 3] = [AlertStatus::Active, AlertStatus::Investigating, AlertStatus::Resolved];
const REASONS: [MicrosoftReason; 3] = [MicrosoftReason::Fraud, MicrosoftReason::Legitimate, MicrosoftReason::Ignore];

fn of_the_customer() -> impl Strategy<Value = Happening> {
    use SubscriptionStatus::{Active, Deleted, Suspended};
    prop_oneof![
        Just(Happening::Registered),
        (any::<bool>(), select(vec![Active, Suspended, Deleted]))
            .prop_map(|(main, status)| Happening::Plan(main, status)),
        (1..5_u128, select(vec![AzureStatus::Active, AzureStatus::Inactive]))
            .prop_map(|(number, status)| Happening::Azure(number, status)),
        any::<bool>().prop_map(Happening::Adopted),
    ]
}

fn of_engines_and_microsoft() -> impl Strategy<Value = Happening> {
    let place = || proptest::option::weighted(0.8, 1..5_u128);
    let rate = prop_oneof![6 => 1..40_i64, 1 => 40..2_000_i64];
    let running = proptest::collection::vec((0..8_u128, rate), 0..4);
    let found =
        (0..RULES.len(), select(LEVELS.to_vec()), place(), running, proptest::option::of(1..500_i64), -300..20_i64);
    let alert = (
        0..8_u32,
        0..ALERT_TYPES.len(),
        select(STATUSES.to_vec()),
        select(SEVERITIES.to_vec()),
        place(),
        proptest::bool::weighted(0.1),
        -300..20_i64,
    );
    prop_oneof![
        found.prop_map(|(rule, level, place, running, further, late)| Happening::Found {
            rule,
            level,
            place,
            running,
            further,
            late
        }),
        alert.prop_map(|(number, kind, status, severity, place, test, late)| Happening::Alert {
            number,
            kind,
            status,
            severity,
            place,
            test,
            late
        }),
    ]
}

fn of_people() -> impl Strategy<Value = Happening> {
    let able = vec![Role::GlobalAdministrator, Role::AdminAgent, Role::AdminAgent, Role::BillingAdministrator];
    let roles = proptest::collection::vec(prop_oneof![4 => select(able), 1 => select(Role::ALL.to_vec())], 1..3);
    let request = (
        any::<usize>(),
        0..PLAYBOOKS.len(),
        proptest::option::weighted(0.2, proptest::collection::vec(1..5_u128, 0..3)),
        any::<bool>(),
        1..3_u128,
        proptest::option::weighted(0.3, any::<usize>()),
    );
    prop_oneof![
        2 => (0..8_u32, select(STATUSES.to_vec()), proptest::option::of(select(REASONS.to_vec())))
            .prop_map(|(number, status, reason)| Happening::AskAnswer { number, status, reason }),
        2 => any::<usize>().prop_map(Happening::Claim),
        1 => any::<usize>().prop_map(Happening::Note),
        1 => any::<usize>().prop_map(Happening::Incident),
        2 => (any::<usize>(), select(Outcome::ALL.to_vec()), proptest::collection::vec(0..8_u32, 0..4))
            .prop_map(|(case, outcome, alerts)| Happening::Close { case, outcome, alerts }),
        1 => Just(Happening::Reopen),
        3 => (0..RULES.len(), 10..3_000_i64).prop_map(|(rule, span)| Happening::Snooze(rule, span)),
        1 => any::<usize>().prop_map(Happening::Wake),
        8 => request.prop_map(|(case, playbook, targets, emergency, by, reverts)| Happening::Request {
            case,
            playbook,
            targets,
            emergency,
            by,
            reverts
        }),
        12 => (any::<usize>(), 1..7_u128, roles, proptest::bool::weighted(0.9), any::<bool>())
            .prop_map(|(action, by, roles, bound, proved)| Happening::Approve { action, by, roles, bound, proved }),
        1 => any::<usize>().prop_map(Happening::Reject),
        1 => any::<usize>().prop_map(Happening::Stop),
        1 => any::<usize>().prop_map(Happening::Review),
        1 => (any::<usize>(), 1..4_u128).prop_map(|(action, by)| Happening::TakeOn(action, by)),
    ]
}

fn of_workers() -> impl Strategy<Value = Happening> {
    use Ending::{AsWanted, Done, DryRun, GaveUp, NotWanted, NotYet, Refused};
    let endings =
        vec![Done, Done, Done, AsWanted, AsWanted, AsWanted, NotYet, NotYet, DryRun, NotWanted, Refused, GaveUp];
    prop_oneof![
        1 => (-10..90_i64).prop_map(Happening::CapUsedUp),
        1 => Just(Happening::CapLifted),
        2 => (any::<usize>(), any::<bool>()).prop_map(|(effect, snapshot)| Happening::Started { effect, snapshot }),
        10 => (any::<usize>(), select(endings)).prop_map(|(effect, result)| Happening::Ended { effect, result }),
    ]
}

/// A stretch of a customer's life.
pub(crate) fn life(moments: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Moment>> {
    let happening = prop_oneof![
        1 => of_the_customer().boxed(),
        3 => of_engines_and_microsoft().boxed(),
        5 => of_people().boxed(),
        6 => of_workers().boxed(),
    ];
    let wait = prop_oneof![6 => Just(0_i64), 6 => 0..40_i64, 2 => 40..300_i64, 1 => 300..6_000_i64];
    let moment = (wait, proptest::collection::vec(happening, 1..4))
        .prop_map(|(minutes, happenings)| Moment { minutes, happenings });
    proptest::collection::vec(moment, moments)
}

/// Another policy, to be adopted meanwhile: stricter, slower, and run by one person.
pub(crate) fn other_policy() -> Policy {
    let mut other = policy();
    other.hash = Hash::of(b"another policy");
    other.clocks.investigate_after = minutes(5);
    other.clocks.proposal_expires_after = hours(1);
    other.clocks.settle = minutes(1);
    other.cases.minimum_level = Level::Low;
    other.cases.join_within = hours(2);
    other.approvals.single_operator.enabled = true;
    other.guards.subscriptions_per_action = 1;
    other.on_call = Some(crate::paging::on_call());
    other
}

impl World {
    /// What a happening tells about this customer now; nothing when there is nothing it could be about.
    pub(crate) fn told(&self, happening: &Happening) -> Option<Body> {
        let at = self.at;
        Some(match happening {
            Happening::Registered => registered(),
            Happening::Plan(main, status) => {
                subscription(if *main { PLAN } else { OTHER_PLAN }, SubscriptionKind::AzurePlan, *status)
            }
            Happening::Azure(number, status) => {
                azure_seen(*number, if *number == 3 { OTHER_PLAN } else { PLAN }, *status)
            }
            Happening::Adopted(_) => Body::PolicyAdopted(PolicyAdopted { hash: self.policy.hash, from: at, epoch: 1 }),
            Happening::Found { rule, level, place, running, further, late } => {
                let mut finding = finding(RULES[*rule], *level, *place, running);
                finding.further_per_hour = further.map(kronor);
                finding.received = at + minutes(*late);
                Body::FindingRecorded(finding)
            }
            Happening::Alert { number, kind, status, severity, place, test, late } => {
                let seen = alert(*number, at + minutes(*late));
                Body::AlertSeen(AlertSeen {
                    alert_type: ALERT_TYPES[*kind].to_owned(),
                    status: *status,
                    severity: *severity,
                    azure_subscription: place.map(azure),
                    test: *test,
                    ..seen
                })
            }
            Happening::CapUsedUp(span) => {
                Body::PermitRefused(PermitRefused { permit: "changes_per_hour".to_owned(), until: at + minutes(*span) })
            }
            Happening::CapLifted => Body::PermitLifted(PermitLifted { permit: "changes_per_hour".to_owned() }),
            Happening::Started { .. } | Happening::Ended { .. } => return self.told_by_workers(happening),
            _ => return self.told_by_people(happening),
        })
    }

    fn told_by_people(&self, happening: &Happening) -> Option<Body> {
        Some(match happening {
            Happening::AskAnswer { number, status, reason } => {
                Body::AnswerRequested(AnswerRequested { alert: alert_id(*number), status: *status, reason: *reason })
            }
            Happening::Claim(case) => Body::CaseClaimed(Claimed { case: self.some_case(*case)?, owner: person(1) }),
            Happening::Note(case) => Body::CaseNoted(Noted { case: self.some_case(*case)?, note: sealed("note") }),
            Happening::Incident(case) => {
                let incident = IncidentId(Uuid::from_u128(0x1c));
                Body::IncidentJoined(IncidentJoined { incident, case: self.some_case(*case)? })
            }
            Happening::Close { case, outcome, alerts } => Body::CaseClosed(Closed {
                case: self.some_case(*case)?,
                outcome: *outcome,
                alerts: alerts.iter().map(|number| alert_id(*number)).collect(),
                note: None,
            }),
            Happening::Reopen => Body::CaseReopened(Reopened { case: self.customer().closed.as_ref()?.id }),
            Happening::Request { case, playbook, targets, emergency, by, reverts } => {
                let reverts = reverts.and_then(|action| nth(self.customer().actions.keys(), action)).copied();
                let case = self.some_case(*case).or(reverts.map(|_| CaseId(Uuid::nil())))?;
                Body::ContainmentRequested(Requested {
                    targets: targets.as_ref().map(|targets| targets.iter().map(|number| azure(*number)).collect()),
                    class: if *emergency { ActionClass::Emergency } else { ActionClass::Normal },
                    revert_of: reverts,
                    proposer: person(*by),
                    ..requested(case, PLAYBOOKS[*playbook])
                })
            }
            Happening::Approve { action, by, roles, bound, proved } => {
                // Mostly what waits for it, else whatever there is.
                let all: Vec<_> = self.customer().actions.values().collect();
                let waiting: Vec<_> = all.iter().copied().filter(|one| one.state == ActionState::Proposed).collect();
                let action = nth(if waiting.is_empty() { all } else { waiting }.into_iter(), *action)?;
                let parameters = if *bound { action.proposed.parameters } else { Hash::of(b"other") };
                Body::ActionApproved(Approved { parameters, reauthenticated: *proved, ..approval(action, *by, roles) })
            }
            Happening::Snooze(rule, span) => Body::RuleSnoozed(RuleSnoozed {
                rule: RULES[*rule].to_owned(),
                until: self.at + minutes(*span),
                reason: sealed("known to us"),
            }),
            Happening::Wake(snooze) => {
                Body::SnoozeLifted(SnoozeLifted { snooze: nth(self.customer().snoozes.values(), *snooze)?.snooze })
            }
            Happening::Reject(action) => {
                Body::ActionRejected(Rejected { action: *nth(self.customer().actions.keys(), *action)?, note: None })
            }
            Happening::Stop(action) => {
                Body::ActionStopped(Stopped { action: *nth(self.customer().actions.keys(), *action)? })
            }
            Happening::TakeOn(action, by) => {
                let about = PageAbout::Approval { action: *nth(self.customer().actions.keys(), *action)? };
                Body::PageAcknowledged(PageAcknowledged { about, by: person(*by) })
            }
            Happening::Review(action) => {
                Body::ActionReviewed(Reviewed { action: *nth(self.customer().actions.keys(), *action)? })
            }
            _ => return None,
        })
    }

    fn told_by_workers(&self, happening: &Happening) -> Option<Body> {
        let open = self.wanted_effects();
        match happening {
            Happening::Started { effect, snapshot } => {
                let (effect, _) = *nth(open.iter(), *effect)?;
                let read = PlanSnapshot { auto_renew: true, instructions: "{}".to_owned() };
                let snapshot = snapshot.then_some(read);
                Some(Body::EffectStarted(EffectStarted { effect, attempt: 1, request: Uuid::nil(), snapshot }))
            }
            Happening::Ended { effect, result } => {
                let (effect, kind) = nth(open.iter(), *effect)?;
                Some(Body::EffectFinished(EffectFinished { effect: *effect, result: ended(kind, *result) }))
            }
            _ => None,
        }
    }

    /// The effects that the file still waits for. Asking the file and not the journal keeps a long life fast.
    fn wanted_effects(&self) -> Vec<(domain::effects::EffectRef, &EffectKind)> {
        let known = self.effects.iter().rev().take(40);
        let waits = |(effect, kind): &&(domain::effects::EffectRef, EffectKind)| {
            self.customer().wants(*effect, kind) || self.customer().step_of(*effect).is_some()
        };
        known.filter(waits).map(|(effect, kind)| (*effect, kind)).collect()
    }

    fn some_case(&self, number: usize) -> Option<CaseId> {
        nth(self.customer().cases.keys(), number).copied()
    }

    /// What the happenings of a moment tell; a policy that is adopted decides from this step on.
    pub(crate) fn moment(&mut self, moment: &Moment) -> Vec<NewFact> {
        for happening in &moment.happenings {
            if let Happening::Adopted(other) = happening {
                self.policy = if *other { other_policy() } else { policy() };
            }
        }
        let told = |body| NewFact { happened: self.at, actor: Actor::Program, source_key: None, body };
        let bodies = moment.happenings.iter().filter_map(|happening| self.told(happening));
        // Nobody tells the end of one effect twice in one step: its source key would be the same.
        let mut ended = BTreeSet::new();
        let mut first_told = Vec::new();
        for body in bodies {
            let is_first = match &body {
                Body::EffectFinished(finished) => ended.insert(finished.effect),
                _ => true,
            };
            if is_first {
                first_told.push(told(body));
            }
        }
        first_told
    }
}

fn ended(kind: &EffectKind, result: Ending) -> EffectResult {
    let code = "some_code".to_owned();
    match (kind, result) {
        (EffectKind::Look(step), Ending::Done | Ending::AsWanted) => EffectResult::Read(step.wanted()),
        (EffectKind::Look(step), Ending::NotYet) => EffectResult::Read(match step.wanted() {
            Remote::AzureSubscription(AzureStatus::Active) => Remote::AzureSubscription(AzureStatus::Inactive),
            Remote::AzureSubscription(AzureStatus::Inactive) => Remote::AzureSubscription(AzureStatus::Active),
            Remote::Plan(_) => Remote::Plan(SubscriptionStatus::Pending),
        }),
        (_, Ending::Done | Ending::AsWanted | Ending::NotYet) => EffectResult::Done { already: false },
        (_, Ending::DryRun) => EffectResult::DryRun,
        (_, Ending::NotWanted) => EffectResult::NotWanted,
        (_, Ending::Refused) => EffectResult::Refused { code },
        (_, Ending::GaveUp) => EffectResult::GaveUp { code },
    }
}

fn nth<T>(all: impl ExactSizeIterator<Item = T>, number: usize) -> Option<T> {
    let mut all = all;
    let count = all.len();
    if count == 0 { None } else { all.nth(number % count) }
}

/// Instants between two, the first and the last moment among them.
pub(crate) fn between(from: Timestamp, until: Timestamp) -> Vec<Timestamp> {
    let nanosecond = jiff::SignedDuration::from_nanos(1);
    let span = until.duration_since(from);
    let parts = (1..8).map(|part| from + span / 8 * part);
    let edges = [from, from + nanosecond, until - nanosecond];
    edges.into_iter().chain(parts).filter(|at| *at >= from && *at < until).collect()
}
