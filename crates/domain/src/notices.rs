//! What Microsoft tells the partner about a customer (security alerts), and our answers to it.

use crate::body::Body;
use crate::cases::{CaseId, Grown, Opened, Outcome, Severity, StoryFit};
use crate::effects::{EffectRef, EffectResult};
use crate::fact::NewFact;
use crate::file::CustomerFile;
use crate::ids::{AccountId, AzureSubscriptionId, SubscriptionId, derived_id};
use crate::policy::Policy;
use crate::reason::Reason;
use crate::sealed::Sealed;
use crate::signals::{Evidence, Token};
use crate::step::{MAX_FACTS_PER_STEP, MAX_ROUNDS};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The most alerts a file holds of one customer; resolved ones go first. All of them are sorted and answered anew in
/// one step when the case that holds them is closed without naming them.
pub const MAX_ALERTS: usize = 200;
const _: () = assert!(MAX_ALERTS * 2 + 50 <= MAX_FACTS_PER_STEP && MAX_ALERTS + 50 <= MAX_ROUNDS);
/// The longest alert id that is taken.
pub const MAX_ALERT_ID_BYTES: usize = 160;

/// Microsoft's id of an alert: opaque.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AlertId(pub String);

impl fmt::Display for AlertId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The states of an alert at Microsoft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertStatus {
    /// Unanswered.
    Active,
    /// Somebody looks into it.
    Investigating,
    /// Closed, with a reason.
    Resolved,
}

/// Why an alert was resolved, in Microsoft's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MicrosoftReason {
    /// Fraud or misuse took place.
    Fraud,
    /// The use was the customer's own.
    Legitimate,
    /// Old, doubled or a test.
    Ignore,
}

/// Where an alert was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertSource {
    /// Graph's partner security alerts.
    Graph,
    /// Partner Center's fraud events.
    FraudEvents,
}

/// Observed: an alert as Microsoft shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AlertSeen {
    /// The alert.
    pub alert: AlertId,
    /// Its type; a free word, new ones appear.
    pub alert_type: String,
    /// Its state.
    pub status: AlertStatus,
    /// Microsoft's severity.
    pub severity: Severity,
    /// The Azure subscription it is about.
    #[serde(default)]
    pub azure_subscription: Option<AzureSubscriptionId>,
    /// The Partner Center subscription it is about.
    #[serde(default)]
    pub subscription: Option<SubscriptionId>,
    /// When Microsoft detected it.
    pub detected: Timestamp,
    /// When it was last observed.
    pub last_observed: Timestamp,
    /// When it reached us: the answer clock starts here.
    pub received: Timestamp,
    /// Whether it is only a test.
    pub test: bool,
    /// Where it was read.
    pub source: AlertSource,
    /// Tokens of the resources it names.
    #[serde(default)]
    pub resources: Vec<Token>,
    /// Its text and details.
    pub evidence: Sealed<Evidence>,
}

/// Observed: a person wants an alert answered now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerRequested {
    /// The alert.
    pub alert: AlertId,
    /// The state to set.
    pub status: AlertStatus,
    /// The reason, for a resolved one.
    #[serde(default)]
    pub reason: Option<MicrosoftReason>,
}

/// Decided: an alert is to be answered at Microsoft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerOrdered {
    /// The alert.
    pub alert: AlertId,
    /// The state to set.
    pub status: AlertStatus,
    /// The reason, for a resolved one.
    pub reason: Option<MicrosoftReason>,
    /// Until when the order is worth carrying out.
    pub good_until: Timestamp,
    /// Why.
    pub reasons: Vec<Reason>,
}

/// Decided: an alert belongs to a case that was already open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertJoined {
    /// The alert.
    pub alert: AlertId,
    /// The case.
    pub case: CaseId,
}

/// What the file keeps of an alert.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    /// The fact number it was first seen in.
    pub seen: u64,
    /// Its type.
    pub alert_type: String,
    /// Its state at Microsoft, as last known.
    pub status: AlertStatus,
    /// Microsoft's severity.
    pub severity: Severity,
    /// The Azure subscription it is about.
    pub azure_subscription: Option<AzureSubscriptionId>,
    /// When it reached us.
    pub received: Timestamp,
    /// When Microsoft detected it.
    pub detected: Timestamp,
    /// Whether it is only a test.
    pub test: bool,
    /// The case it belongs to.
    pub case: Option<CaseId>,
    /// How often it was left open by a case that was closed, and had to be sorted anew.
    #[serde(default)]
    pub left_open: u32,
    /// The answer that was ordered last.
    pub ordered: Option<Ordered>,
    /// How it is to be resolved, since its case was closed or a person asked.
    pub wanted: Option<Wanted>,
    /// Why the last answer did not come about.
    pub failed: Option<String>,
    /// When Microsoft first had an answer of ours.
    pub answered: Option<Timestamp>,
}

/// An answer on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ordered {
    /// The state that is to be set.
    pub status: AlertStatus,
    /// The effect that sets it.
    pub effect: EffectRef,
    /// Whether it was carried out, or would have been (dry run).
    pub settled: bool,
}

/// The answer that a person wants for an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Wanted {
    /// The case was closed with this outcome.
    Outcome(CaseId, Outcome),
    /// A person asked for this answer.
    Answer(AlertStatus, Option<MicrosoftReason>),
}

impl Alert {
    /// Whether Microsoft still waits for a first answer.
    #[must_use]
    pub fn unanswered(&self) -> bool {
        self.status == AlertStatus::Active && !self.ordered.as_ref().is_some_and(|ordered| ordered.settled)
    }

    /// Whether nothing is on its way that would resolve it at Microsoft.
    pub(crate) fn is_left_open(&self) -> bool {
        let resolves = |ordered: &Ordered| ordered.status == AlertStatus::Resolved;
        let on_its_way = self.failed.is_none() && self.ordered.as_ref().is_some_and(resolves);
        self.status != AlertStatus::Resolved && !self.test && self.wanted.is_none() && !on_its_way
    }

    /// Takes it out of its closed case: it is sorted anew, so that it stays in sight with its clock.
    pub(crate) fn leave_case(&mut self) {
        self.case = None;
        self.left_open = self.left_open.saturating_add(1);
    }

    /// Microsoft shows a resolved alert as open again: it is sorted and answered anew.
    fn reopen(&mut self, version: u64, seen: &AlertSeen) {
        self.seen = version;
        self.status = seen.status;
        self.received = seen.received;
        self.case = None;
        self.ordered = None;
        self.wanted = None;
    }

    fn ordered_status(&self) -> Option<AlertStatus> {
        self.ordered.as_ref().map(|ordered| ordered.status)
    }
}

impl CustomerFile {
    pub(crate) fn alert_seen(&mut self, version: u64, seen: &AlertSeen) {
        if let Some(alert) = self.alerts.get_mut(&seen.alert) {
            alert.severity = seen.severity;
            if alert.status == AlertStatus::Resolved && seen.status != AlertStatus::Resolved {
                alert.reopen(version, seen);
            } else {
                // A poll may be older than our own answer: `investigating` does not fall back to `active`.
                alert.status = alert.status.max(seen.status);
            }
            return;
        }
        self.make_room_for_an_alert();
        let alert = Alert {
            seen: version,
            alert_type: seen.alert_type.clone(),
            status: seen.status,
            severity: seen.severity,
            azure_subscription: seen.azure_subscription,
            received: seen.received,
            detected: seen.detected,
            test: seen.test,
            case: None,
            left_open: 0,
            ordered: None,
            wanted: None,
            failed: None,
            answered: None,
        };
        self.alerts.insert(seen.alert.clone(), alert);
    }

    fn make_room_for_an_alert(&mut self) {
        if self.alerts.len() < MAX_ALERTS {
            return;
        }
        let oldest = |resolved: bool| {
            self.alerts
                .iter()
                .filter(|(_, alert)| !resolved || alert.status == AlertStatus::Resolved)
                .min_by_key(|(_, alert)| alert.seen)
                .map(|(id, _)| id.clone())
        };
        if let Some(id) = oldest(true).or_else(|| oldest(false)) {
            self.alerts.remove(&id);
            // A case names the alerts that the file still knows: else a case that stays open would grow for ever.
            for case in self.cases.values_mut().chain(&mut self.closed) {
                case.alerts.remove(&id);
            }
        }
    }

    pub(crate) fn answer_requested(&mut self, asked: &AnswerRequested) {
        if let Some(alert) = self.alerts.get_mut(&asked.alert) {
            alert.wanted = Some(Wanted::Answer(asked.status, asked.reason));
            alert.failed = None;
        }
    }

    pub(crate) fn answer_ordered(&mut self, version: u64, order: &AnswerOrdered) {
        if let Some(alert) = self.alerts.get_mut(&order.alert) {
            let effect = EffectRef { version, ordinal: 0 };
            alert.ordered = Some(Ordered { status: order.status, effect, settled: false });
            alert.wanted = None;
            alert.failed = None;
        }
    }

    pub(crate) fn answer_finished(&mut self, effect: EffectRef, at: Timestamp, result: &EffectResult) {
        let ordered_here = |(_, alert): &(&AlertId, &mut Alert)| {
            alert.ordered.as_ref().is_some_and(|ordered| ordered.effect == effect)
        };
        let Some((id, alert)) = self.alerts.iter_mut().find(ordered_here) else { return };
        let Some(ordered) = alert.ordered.as_mut() else { return };
        match result {
            EffectResult::Done { .. } => {
                alert.status = ordered.status;
                ordered.settled = true;
                alert.answered.get_or_insert(at);
            }
            EffectResult::DryRun => ordered.settled = true,
            EffectResult::Refused { code } | EffectResult::GaveUp { code } => {
                alert.failed = Some(code.clone());
                // The answer of a case that is closed: nobody would see that it did not come about.
                if alert.is_left_open() && alert.case.is_some_and(|case| !self.cases.contains_key(&case)) {
                    alert.leave_case();
                    if let Some(case) = &mut self.closed {
                        case.alerts.remove(id);
                    }
                }
            }
            EffectResult::NotWanted | EffectResult::Read(_) => {}
        }
    }
}

pub(crate) fn decide(account: AccountId, file: &CustomerFile, policy: &Policy, at: Timestamp) -> Vec<NewFact> {
    let sorted = sort_one(account, file, policy, at);
    if !sorted.is_empty() {
        return sorted;
    }
    file.alerts.iter().filter_map(|(id, alert)| answer(id, alert, file, policy, at)).collect()
}

/// The next alert without a case joins one or opens one. Tests and resolved ones open none.
fn sort_one(account: AccountId, file: &CustomerFile, policy: &Policy, at: Timestamp) -> Vec<NewFact> {
    let waits =
        |(_, alert): &(&AlertId, &Alert)| alert.case.is_none() && !alert.test && alert.status != AlertStatus::Resolved;
    let Some((id, alert)) = file.alerts.iter().find(waits) else { return Vec::new() };
    let story = policy.story_of_alert(&alert.alert_type);
    let bodies = match file.case_for(story, policy, at) {
        StoryFit::Joins(case) => {
            let grown = Grown::by_alert(case, alert, policy).map(Body::CaseGrown);
            let joined = Body::AlertJoined(AlertJoined { alert: id.clone(), case: case.id });
            grown.into_iter().chain([joined]).collect()
        }
        StoryFit::Opens => {
            let case = CaseId(derived_id(account, "case", alert.seen, alert.left_open.saturating_add(1)));
            vec![
                Body::CaseOpened(Opened::by_alert(case, story, alert, policy, at)),
                Body::AlertJoined(AlertJoined { alert: id.clone(), case }),
            ]
        }
    };
    bodies.into_iter().map(|body| NewFact::decided(at, body)).collect()
}

/// N2, P3: an early `investigating`, and what people want, in that order of weakness.
fn answer(id: &AlertId, alert: &Alert, file: &CustomerFile, policy: &Policy, at: Timestamp) -> Option<NewFact> {
    let (status, reason, why) = match alert.wanted {
        Some(Wanted::Outcome(case, outcome)) => {
            (AlertStatus::Resolved, policy.outcomes.get(&outcome).copied(), Reason::CaseClosed { case })
        }
        Some(Wanted::Answer(status, reason)) => (status, reason, Reason::AskedByPerson),
        None => (AlertStatus::Investigating, None, early_answer(alert, file, policy, at)?),
    };
    let order = AnswerOrdered {
        alert: id.clone(),
        status,
        reason,
        good_until: at.saturating_add(policy.clocks.effect_good_for).unwrap_or(Timestamp::MAX),
        reasons: vec![why],
    };
    Some(NewFact::decided(at, Body::AnswerOrdered(order)))
}

fn early_answer(alert: &Alert, file: &CustomerFile, policy: &Policy, at: Timestamp) -> Option<Reason> {
    if alert.status != AlertStatus::Active || alert.ordered_status().is_some() || alert.test {
        return None;
    }
    let case = file.cases.get(&alert.case?)?;
    if case.owner.is_some() {
        return Some(Reason::CaseClaimed);
    }
    (at >= early_answer_due(alert, policy)).then_some(Reason::EarlyAnswerDue)
}

fn early_answer_due(alert: &Alert, policy: &Policy) -> Timestamp {
    alert.received.saturating_add(policy.clocks.investigate_after).unwrap_or(Timestamp::MAX)
}

pub(crate) fn next_due(file: &CustomerFile, policy: &Policy) -> Option<Timestamp> {
    let waits = |alert: &&Alert| {
        alert.status == AlertStatus::Active
            && alert.ordered_status().is_none()
            && !alert.test
            && alert.case.is_some_and(|case| file.cases.contains_key(&case))
    };
    file.alerts.values().filter(waits).map(|alert| early_answer_due(alert, policy)).min()
}
