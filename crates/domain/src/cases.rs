//! Cases: the signals and notices about one customer that are one story, with a clock, money and an outcome.

mod money_at_stake;
mod opening;

pub use crate::ids::CaseId;
pub use money_at_stake::{at_stake, burn, burning, stopped};
pub use opening::StoryFit;

use crate::body::Body;
use crate::containment::Action;
use crate::fact::NewFact;
use crate::file::CustomerFile;
use crate::ids::{AccountId, ActionId, AzureSubscriptionId, IncidentId, SignalId};
use crate::notices::{AlertId, AlertStatus, Wanted};
use crate::paging::Page;
use crate::policy::Policy;
use crate::reason::Reason;
use crate::sealed::Sealed;
use crate::signals::{SignalRaised, SignalRepeated, SignalState, Token, signal_key};
use jiff::Timestamp;
use money::Money;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The most open cases of one customer; what comes after joins the newest.
pub const MAX_OPEN_CASES: usize = 50;
/// The most signals that a case tells apart; more are counted with the last.
pub const MAX_SIGNALS_PER_CASE: usize = 500;
/// The most running resources whose cost a case adds up one by one.
pub const MAX_RESOURCES_PER_CASE: usize = 2_000;

/// How severe a signal or case is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Can wait.
    Low,
    /// Today.
    Medium,
    /// Within the hour.
    High,
    /// Now.
    Critical,
}

impl Severity {
    /// The stable word of the severity.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// What a case turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Someone deceived us or the customer.
    Fraud,
    /// The customer itself broke the terms.
    Misuse,
    /// The use was wanted.
    Legitimate,
    /// Nothing happened.
    FalseAlarm,
    /// Another case has it.
    Duplicate,
    /// Only a test.
    Test,
    /// Too old to matter.
    Stale,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 7] =
        [Self::Fraud, Self::Misuse, Self::Legitimate, Self::FalseAlarm, Self::Duplicate, Self::Test, Self::Stale];

    /// The stable word of the outcome.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Fraud => "fraud",
            Self::Misuse => "misuse",
            Self::Legitimate => "legitimate",
            Self::FalseAlarm => "false_alarm",
            Self::Duplicate => "duplicate",
            Self::Test => "test",
            Self::Stale => "stale",
        }
    }

    /// Whether it says that there is nothing to stop.
    #[must_use]
    pub const fn is_harmless(self) -> bool {
        match self {
            Self::Legitimate | Self::FalseAlarm | Self::Test | Self::Stale => true,
            Self::Fraud | Self::Misuse | Self::Duplicate => false,
        }
    }
}

/// An action of the case is still open, though the outcome says that there is nothing to stop.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("action {0} of this case is still open: withdraw or stop it first")]
pub struct StillActing(pub ActionId);

/// Whether a case may be closed with an outcome: not as harmless while an action against it could still be approved or is
/// under way. One that puts back what was stopped may go on.
pub fn may_close(file: &CustomerFile, case: CaseId, outcome: Outcome) -> Result<(), StillActing> {
    let acts =
        |action: &&Action| action.is_open() && action.proposed.case == case && action.proposed.revert_of.is_none();
    match file.actions.values().find(acts).filter(|_| outcome.is_harmless()) {
        Some(action) => Err(StillActing(action.proposed.action)),
        None => Ok(()),
    }
}

/// Decided: a case is opened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Opened {
    /// The case.
    pub case: CaseId,
    /// The story it tells.
    pub story: String,
    /// How severe it is.
    pub severity: Severity,
    /// When the first of it happened.
    pub since: Timestamp,
    /// Known burn rate of what it names; nothing when no rate is known.
    pub per_hour: Option<Money>,
    /// What it is taken to burn when no rate is known.
    pub assumed_per_hour: Option<Money>,
    /// What is lost if nothing is done now, by the policy's hours to a stop.
    pub at_stake: Option<Money>,
    /// The playbook that is suggested.
    pub playbook: Option<String>,
    /// Why.
    pub reasons: Vec<Reason>,
}

/// Decided: a case became larger.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Grown {
    /// The case.
    pub case: CaseId,
    /// How severe it is now.
    pub severity: Severity,
    /// Known burn rate now.
    pub per_hour: Option<Money>,
    /// What is lost if nothing is done now.
    pub at_stake: Option<Money>,
    /// Why.
    pub reasons: Vec<Reason>,
}

/// Which mark of the answer clock was passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// Microsoft's guiding principle: an hour to the first answer.
    Target,
    /// CSP authorisation: a day on average.
    Limit,
}

/// Decided: an alert of the case is not answered at a mark of its clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockPassed {
    /// The case.
    pub case: CaseId,
    /// The mark.
    pub mark: Mark,
}

/// Observed: a person took the case, or gave it to someone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claimed {
    /// The case.
    pub case: CaseId,
    /// Its owner now.
    pub owner: AccountId,
}

/// Observed: a person wrote something down.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Noted {
    /// The case.
    pub case: CaseId,
    /// The text.
    pub note: Sealed<String>,
}

/// Observed: a person closed the case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Closed {
    /// The case.
    pub case: CaseId,
    /// What it was.
    pub outcome: Outcome,
    /// The alerts that are resolved with it: only these, never all of a subscription.
    pub alerts: Vec<AlertId>,
    /// Why, in the person's words.
    #[serde(default)]
    pub note: Option<Sealed<String>>,
}

/// Observed: a person opened a closed case again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reopened {
    /// The case.
    pub case: CaseId,
}

/// Observed: the case is part of an incident that was declared on the partner's account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentJoined {
    /// The incident.
    pub incident: IncidentId,
    /// The case.
    pub case: CaseId,
}

/// An open case, as the file keeps it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// The case.
    pub id: CaseId,
    /// The fact number it was opened with.
    pub opened_in: u64,
    /// The story it tells.
    pub story: String,
    /// How severe it is.
    pub severity: Severity,
    /// When it was opened.
    pub opened: Timestamp,
    /// When it was last heard of.
    pub last: Timestamp,
    /// When the first of it happened.
    pub since: Timestamp,
    /// When the last of what rules found happened; nothing when there are only alerts.
    #[serde(default)]
    pub until: Option<Timestamp>,
    /// Who has it.
    pub owner: Option<AccountId>,
    /// What each running resource costs an hour: by resource, so that two rules on one machine count once.
    pub resources: BTreeMap<Token, Money>,
    /// The sum of them, carried along.
    #[serde(default)]
    pub resources_per_hour: Option<Money>,
    /// What else costs, beyond the resources that are told apart.
    pub further_per_hour: Option<Money>,
    /// What it is taken to burn when no rate is known.
    pub assumed_per_hour: Option<Money>,
    /// Its signals, by rule and place.
    pub signals: BTreeMap<String, SignalState>,
    /// Whether one of them is our own observation, and not Microsoft's alert read in a log.
    #[serde(default)]
    pub own_signal: bool,
    /// The Azure subscriptions it names.
    pub attacked: BTreeSet<AzureSubscriptionId>,
    /// Its alerts.
    pub alerts: BTreeSet<AlertId>,
    /// The marks of the answer clock that were passed.
    pub marks: BTreeSet<Mark>,
    /// Who was woken about its answers, by mark.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub pages: BTreeMap<Mark, Page>,
    /// The incident it is part of.
    pub incident: Option<IncidentId>,
    /// The playbook that is suggested.
    pub playbook: Option<String>,
    /// How often it was opened again.
    pub reopened: u32,
}

impl CustomerFile {
    pub(crate) fn case_opened(&mut self, version: u64, at: Timestamp, opened: &Opened) {
        let case = Case {
            id: opened.case,
            opened_in: version,
            story: opened.story.clone(),
            severity: opened.severity,
            opened: at,
            last: at,
            since: opened.since,
            until: None,
            owner: None,
            resources: BTreeMap::new(),
            resources_per_hour: None,
            further_per_hour: None,
            assumed_per_hour: opened.assumed_per_hour,
            signals: BTreeMap::new(),
            own_signal: false,
            attacked: BTreeSet::new(),
            alerts: BTreeSet::new(),
            marks: BTreeSet::new(),
            pages: BTreeMap::new(),
            incident: None,
            playbook: opened.playbook.clone(),
            reopened: 0,
        };
        self.cases.insert(opened.case, case);
    }

    pub(crate) fn case_grown(&mut self, at: Timestamp, grown: &Grown) {
        if let Some(case) = self.cases.get_mut(&grown.case) {
            case.severity = grown.severity;
            case.last = at;
        }
    }

    pub(crate) fn signal_raised(&mut self, at: Timestamp, raised: &SignalRaised) {
        let finding = self.take_unsorted(raised.finding);
        let Some(case) = self.cases.get_mut(&raised.case) else { return };
        case.last = at;
        let key = signal_key(&raised.rule, raised.azure_subscription);
        if case.signals.len() < MAX_SIGNALS_PER_CASE {
            let first = finding.as_ref().map_or(at, |finding| finding.happened);
            let state = SignalState { signal: raised.signal, count: raised.count, first, newest: raised.finding };
            case.signals.insert(key, state);
        }
        if let Some(finding) = finding {
            case.take_in(&finding);
        }
    }

    pub(crate) fn signal_repeated(&mut self, at: Timestamp, repeated: &SignalRepeated) {
        let finding = self.take_unsorted(repeated.finding);
        let Some(case) = self.cases.get_mut(&repeated.case) else { return };
        case.last = at;
        let key = finding.as_ref().map(crate::signals::Unsorted::key);
        let is_it = |state: &&mut SignalState| state.signal == repeated.signal;
        if let Some(state) = key.and_then(|key| case.signals.get_mut(&key)).filter(is_it) {
            state.count = repeated.count;
            state.newest = repeated.finding;
        }
        if let Some(finding) = finding {
            case.take_in(&finding);
        }
    }

    pub(crate) fn alert_joined(&mut self, at: Timestamp, alert_id: &AlertId, case_id: CaseId) {
        let Some(alert) = self.alerts.get_mut(alert_id) else { return };
        alert.case = Some(case_id);
        let Some(case) = self.cases.get_mut(&case_id) else { return };
        case.last = at;
        case.name_attacked(alert.azure_subscription);
        case.alerts.insert(alert_id.clone());
    }

    pub(crate) fn case_closed(&mut self, closed: &Closed) {
        let Some(mut case) = self.cases.remove(&closed.case) else { return };
        for named in &closed.alerts {
            let is_open = |alert: &&mut crate::notices::Alert| alert.status != AlertStatus::Resolved;
            if let Some(alert) = self.alerts.get_mut(named).filter(is_open) {
                alert.wanted = Some(Wanted::Outcome(closed.case, closed.outcome));
                alert.failed = None;
            }
        }
        // N2: what was not named still waits for an answer. It becomes a case again, in this very step.
        case.alerts.retain(|id| match self.alerts.get_mut(id) {
            Some(alert) if alert.case == Some(closed.case) && alert.is_left_open() => {
                alert.leave_case();
                false
            }
            _ => true,
        });
        self.closed = Some(case);
    }

    pub(crate) fn case_reopened(&mut self, at: Timestamp, reopened: &Reopened) {
        if let Some(mut case) = self.closed.take_if(|case| case.id == reopened.case) {
            case.last = at;
            case.reopened = case.reopened.saturating_add(1);
            self.cases.insert(case.id, case);
        }
    }

    pub(crate) fn clock_passed(&mut self, passed: &ClockPassed) {
        if let Some(case) = self.cases.get_mut(&passed.case) {
            case.marks.insert(passed.mark);
        }
    }

    fn take_unsorted(&mut self, version: u64) -> Option<crate::signals::Unsorted> {
        let index = self.unsorted.iter().position(|finding| finding.finding == version)?;
        Some(self.unsorted.remove(index))
    }

    pub(crate) fn finding_set_aside(&mut self, version: u64) {
        self.take_unsorted(version);
    }

    /// The signal of a case with this id, for commands that name it.
    #[must_use]
    pub fn case_of_signal(&self, signal: SignalId) -> Option<&Case> {
        self.cases.values().find(|case| case.signals.values().any(|state| state.signal == signal))
    }
}

/// The marks of the answer clock, one fact for each that was passed without an answer.
pub(crate) fn decide(file: &CustomerFile, policy: &Policy, at: Timestamp) -> Vec<NewFact> {
    let passed = |(case, mark, due): (CaseId, Mark, Timestamp)| {
        (at >= due).then(|| NewFact::decided(at, Body::ClockPassed(ClockPassed { case, mark })))
    };
    open_marks(file, policy).into_iter().filter_map(passed).collect()
}

pub(crate) fn next_due(file: &CustomerFile, policy: &Policy) -> Option<Timestamp> {
    open_marks(file, policy).into_iter().map(|(_, _, due)| due).min()
}

/// The marks that are still to be passed: the target while an alert has no answer, the limit while one is open.
fn open_marks(file: &CustomerFile, policy: &Policy) -> Vec<(CaseId, Mark, Timestamp)> {
    let mut marks = Vec::new();
    for case in file.cases.values() {
        let alerts = || case.alerts.iter().filter_map(|id| file.alerts.get(id));
        let unanswered = alerts().filter(|alert| alert.unanswered()).map(|alert| alert.received).min();
        let unresolved =
            alerts().filter(|alert| alert.status != AlertStatus::Resolved).map(|alert| alert.received).min();
        let clocks = [
            (Mark::Target, unanswered, policy.clocks.answer_target),
            (Mark::Limit, unresolved, policy.clocks.answer_limit),
        ];
        for (mark, from, span) in clocks {
            if let Some(from) = from.filter(|_| !case.marks.contains(&mark)) {
                marks.push((case.id, mark, from.saturating_add(span).unwrap_or(Timestamp::MAX)));
            }
        }
    }
    marks
}
