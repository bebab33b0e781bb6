//! What a history amounts to, case by case and in money, so that two histories can be compared.

use domain::body::Body;
use domain::cases::{Mark, Severity};
use domain::containment::ActionOutcome;
use domain::fact::Fact;
use domain::ids::{ActionId, CaseId};
use domain::notices::AlertId;
use jiff::Timestamp;
use money::{Money, PerHour};
use std::collections::{BTreeMap, BTreeSet};

/// What a history amounts to.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Summary {
    /// Its cases.
    pub cases: BTreeMap<CaseId, CaseSummary>,
    /// Findings below the level that makes a signal.
    pub set_aside: u32,
    /// Requests that the guard rails refused.
    pub refused: u32,
    /// Actions that were proposed.
    pub proposed: u32,
    /// Proposals that nobody approved in time.
    pub expired: u32,
}

/// What a case amounts to.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseSummary {
    /// The story.
    pub story: String,
    /// How severe it became.
    pub severity: Severity,
    /// When it was opened.
    pub opened: Timestamp,
    /// When the first answer to Microsoft was ordered.
    pub first_answer: Option<Timestamp>,
    /// The marks of the answer clock that were passed.
    pub marks: BTreeSet<Mark>,
    /// When the loss was stopped.
    pub stopped: Option<Timestamp>,
    /// What it cost from the first of it until then, or until the history ends; nothing when no rate is known.
    pub lost: Option<Money>,
    since: Timestamp,
    per_hour: Option<Money>,
}

/// A difference between two histories.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// The case would not have been.
    Gone(CaseId, CaseSummary),
    /// The case would have been.
    New(CaseId, CaseSummary),
    /// The case would have gone otherwise.
    Other(CaseId, Box<CaseSummary>, Box<CaseSummary>),
}

/// Which case an alert or action is of, gathered while reading.
#[derive(Default)]
struct Whose {
    alerts: BTreeMap<AlertId, CaseId>,
    actions: BTreeMap<ActionId, CaseId>,
}

pub(super) fn of(facts: &[Fact], end: Option<Timestamp>) -> Summary {
    let mut summary = Summary::default();
    let mut whose = Whose::default();
    for fact in facts {
        summary.take(fact, &mut whose);
    }
    for case in summary.cases.values_mut() {
        let until = case.stopped.or(end).unwrap_or(case.opened);
        let seconds = until.duration_since(case.since).as_secs();
        case.lost = case.per_hour.and_then(|rate| PerHour(rate).over_seconds(seconds).ok());
    }
    summary
}

impl Summary {
    fn take(&mut self, fact: &Fact, whose: &mut Whose) {
        match &fact.body {
            Body::FindingSetAside(_) => self.set_aside += 1,
            Body::ActionRefused(_) => self.refused += 1,
            Body::ActionExpired(_) => self.expired += 1,
            Body::ActionProposed(proposed) => {
                self.proposed += 1;
                whose.actions.insert(proposed.action, proposed.case);
            }
            Body::AlertJoined(joined) => {
                whose.alerts.insert(joined.alert.clone(), joined.case);
            }
            Body::CaseOpened(opened) => {
                let case = CaseSummary {
                    story: opened.story.clone(),
                    severity: opened.severity,
                    opened: fact.at,
                    first_answer: None,
                    marks: BTreeSet::new(),
                    stopped: None,
                    lost: None,
                    since: opened.since,
                    per_hour: opened.per_hour.or(opened.assumed_per_hour),
                };
                self.cases.insert(opened.case, case);
            }
            Body::CaseGrown(grown) => self.with(grown.case, |case| {
                case.severity = grown.severity;
                case.per_hour = grown.per_hour.or(case.per_hour);
            }),
            Body::ClockPassed(passed) => self.with(passed.case, |case| {
                case.marks.insert(passed.mark);
            }),
            Body::AnswerOrdered(order) => self.with_any(whose.alerts.get(&order.alert), |case| {
                case.first_answer.get_or_insert(fact.at);
            }),
            Body::ActionFinished(finished) if finished.outcome == ActionOutcome::Verified => {
                self.with_any(whose.actions.get(&finished.action), |case| {
                    case.stopped.get_or_insert(fact.at);
                });
            }
            Body::CaseClosed(closed) => self.with(closed.case, |case| {
                case.stopped.get_or_insert(fact.at);
            }),
            _ => {}
        }
    }

    fn with(&mut self, case: CaseId, change: impl FnOnce(&mut CaseSummary)) {
        if let Some(case) = self.cases.get_mut(&case) {
            change(case);
        }
    }

    fn with_any(&mut self, case: Option<&CaseId>, change: impl FnOnce(&mut CaseSummary)) {
        if let Some(case) = case {
            self.with(*case, change);
        }
    }
}

pub(super) fn changes(before: &Summary, after: &Summary) -> Vec<Change> {
    let ids: BTreeSet<&CaseId> = before.cases.keys().chain(after.cases.keys()).collect();
    let change = |id: &CaseId| match (before.cases.get(id), after.cases.get(id)) {
        (Some(was), None) => Some(Change::Gone(*id, was.clone())),
        (None, Some(is)) => Some(Change::New(*id, is.clone())),
        (Some(was), Some(is)) if was != is => Some(Change::Other(*id, Box::new(was.clone()), Box::new(is.clone()))),
        _ => None,
    };
    ids.into_iter().filter_map(change).collect()
}
