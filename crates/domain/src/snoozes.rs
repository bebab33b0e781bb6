//! Snoozes: at one customer a rule asks for no attention until an instant, for a reason that a person gave. What the
//! rule finds is still recorded and still becomes signals and cases; they only leave the queue. Nothing here keeps a
//! case out of sight that is critical, that Microsoft waits for, or that other rules found as well.

use crate::body::Body;
use crate::cases::{Case, MAX_SIGNALS_PER_CASE, Severity, burn};
use crate::fact::{Fact, NewFact};
use crate::file::CustomerFile;
use crate::ids::{AccountId, Actor, AzureSubscriptionId, SnoozeId, derived_id};
use crate::notices::AlertStatus;
use crate::reason::Reason;
use crate::sealed::Sealed;
use jiff::Timestamp;
use money::Money;
use serde::{Deserialize, Serialize};

/// The most rules of one customer that are snoozed at once.
pub const MAX_SNOOZES: usize = 200;
/// The longest that a rule is snoozed for: there is no endless snooze, since that is how real attacks are overlooked.
pub const MAX_SNOOZE_DAYS: i64 = 30;
/// A case as severe as this is always shown.
pub const ALWAYS_SHOWN: Severity = Severity::Critical;

/// Observed: a person does not want to be asked about a rule at this customer until an instant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RuleSnoozed {
    /// The rule.
    pub rule: String,
    /// Until when.
    pub until: Timestamp,
    /// Why, in the person's words.
    pub reason: Sealed<String>,
}

/// Observed: a person ended a snooze before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnoozeLifted {
    /// The snooze.
    pub snooze: SnoozeId,
}

/// Decided: a snooze is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnoozeEnded {
    /// The snooze.
    pub snooze: SnoozeId,
    /// The rule.
    pub rule: String,
    /// Why.
    pub reasons: Vec<Reason>,
}

/// A snooze that is in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snooze {
    /// The snooze.
    pub snooze: SnoozeId,
    /// The fact number it was set with: its reason is sealed there.
    pub set_in: u64,
    /// Since when.
    pub since: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// By whom.
    pub by: Actor,
    /// What the rule's cases burned each hour when it was set.
    pub per_hour: Option<Money>,
}

/// Whether a case is out of the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attention {
    /// No snooze touches it.
    #[default]
    Wanted,
    /// Every rule that found it is snoozed, until this instant.
    SnoozedUntil(Timestamp),
    /// A rule of it is snoozed, but it stays in the queue.
    WantedDespite(StillShown),
}

/// Why a case stays in the queue though a rule of it is snoozed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StillShown {
    /// It is as severe as [`ALWAYS_SHOWN`].
    Critical,
    /// An alert of Microsoft's in it is not resolved: its clock runs.
    AnswerAwaited,
    /// Another rule, which is not snoozed, found something as well.
    OtherRules,
}

impl Attention {
    /// Until when the case is out of the queue.
    #[must_use]
    pub const fn snoozed_until(self) -> Option<Timestamp> {
        match self {
            Self::SnoozedUntil(until) => Some(until),
            Self::Wanted | Self::WantedDespite(_) => None,
        }
    }
}

impl StillShown {
    /// The stable word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::AnswerAwaited => "answer_awaited",
            Self::OtherRules => "other_rules",
        }
    }
}

impl Case {
    /// The rules whose signals the case has.
    pub fn rules(&self) -> impl Iterator<Item = &str> {
        self.signals.keys().map(|key| rule_of(key))
    }
}

/// The rule of what tells a signal from others of its case (`signals::signal_key`).
fn rule_of(key: &str) -> &str {
    match key.rsplit_once('@') {
        Some((rule, place)) if place.parse::<AzureSubscriptionId>().is_ok() => rule,
        _ => key,
    }
}

impl CustomerFile {
    /// Whether a case is out of the queue.
    #[must_use]
    pub fn attention(&self, case: &Case) -> Attention {
        let snoozed = || case.rules().filter_map(|rule| self.snoozes.get(rule));
        let Some(until) = snoozed().map(|snooze| snooze.until).min() else { return Attention::Wanted };
        let is_open = |alert: &crate::notices::Alert| alert.status != AlertStatus::Resolved;
        let waits = case.alerts.iter().filter_map(|id| self.alerts.get(id)).any(is_open);
        // A case that is full has signals that are not told apart any more: some may be of other rules.
        let is_full = case.signals.len() >= MAX_SIGNALS_PER_CASE;
        if case.severity >= ALWAYS_SHOWN {
            Attention::WantedDespite(StillShown::Critical)
        } else if waits {
            Attention::WantedDespite(StillShown::AnswerAwaited)
        } else if is_full || case.rules().any(|rule| !self.snoozes.contains_key(rule)) {
            Attention::WantedDespite(StillShown::OtherRules)
        } else {
            Attention::SnoozedUntil(until)
        }
    }

    pub(crate) fn rule_snoozed(&mut self, fact: &Fact, snoozed: &RuleSnoozed) {
        if self.snoozes.len() >= MAX_SNOOZES && !self.snoozes.contains_key(&snoozed.rule) {
            return;
        }
        let snooze = Snooze {
            snooze: SnoozeId(derived_id(fact.account, "snooze", fact.version, 0)),
            set_in: fact.version,
            since: fact.at,
            until: snoozed.until,
            by: fact.actor,
            per_hour: self.burn_of_rule(&snoozed.rule),
        };
        self.snoozes.insert(snoozed.rule.clone(), snooze);
    }

    pub(crate) fn snooze_over(&mut self, snooze: SnoozeId) {
        self.snoozes.retain(|_, known| known.snooze != snooze);
    }

    /// What the open cases that a rule found burn each hour; that of the case closed last if none is open.
    fn burn_of_rule(&self, rule: &str) -> Option<Money> {
        let found = |case: &&Case| case.rules().any(|known| known == rule);
        let costs = |case: &Case| burn(case).or(case.assumed_per_hour);
        let mut open = self.cases.values().filter(found).peekable();
        if open.peek().is_none() {
            return self.closed.as_ref().filter(found).and_then(costs);
        }
        open.filter_map(costs).reduce(|sum, more| sum.plus(more).unwrap_or(sum))
    }

    /// The burn rate that ends a snooze before its time: twice what it was, or any where none was known.
    fn doubled(&self, rule: &str, snooze: &Snooze) -> Option<Money> {
        let now = self.burn_of_rule(rule)?;
        let is_more = match snooze.per_hour {
            None => now.minor > 0,
            Some(was) => now.currency != was.currency || (now.minor > was.minor && now.minor / 2 >= was.minor),
        };
        is_more.then_some(now)
    }
}

/// Ends what is over: at its time, or when what it is about has become twice as dear.
pub(crate) fn decide(file: &CustomerFile, at: Timestamp) -> Vec<NewFact> {
    let ended = |(rule, snooze): (&String, &Snooze)| {
        let reason = if at >= snooze.until {
            Reason::SnoozeOver { until: snooze.until }
        } else {
            Reason::BurnDoubled { was: snooze.per_hour, per_hour: file.doubled(rule, snooze)? }
        };
        let ended = SnoozeEnded { snooze: snooze.snooze, rule: rule.clone(), reasons: vec![reason] };
        Some(NewFact::decided(at, Body::SnoozeEnded(ended)))
    };
    file.snoozes.iter().filter_map(ended).collect()
}

pub(crate) fn next_due(file: &CustomerFile) -> Option<Timestamp> {
    file.snoozes.values().map(|snooze| snooze.until).min()
}

/// Why a rule can't be snoozed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SnoozeRefusal {
    /// The end is not after now, or later than the longest snooze.
    #[error("a snooze ends after now and within {MAX_SNOOZE_DAYS} days")]
    End,
    /// The customer has too many.
    #[error("at most {MAX_SNOOZES} rules of a customer are snoozed at once")]
    TooMany,
}

/// Whether a rule can be snoozed until an instant.
pub fn may_snooze(file: &CustomerFile, rule: &str, until: Timestamp, at: Timestamp) -> Result<(), SnoozeRefusal> {
    let longest = jiff::SignedDuration::from_hours(24 * MAX_SNOOZE_DAYS);
    if until <= at || until.duration_since(at) > longest {
        return Err(SnoozeRefusal::End);
    }
    if file.snoozes.len() >= MAX_SNOOZES && !file.snoozes.contains_key(rule) {
        return Err(SnoozeRefusal::TooMany);
    }
    Ok(())
}

/// The snooze with an id, and its rule.
#[must_use]
pub fn snooze_of(file: &CustomerFile, snooze: SnoozeId) -> Option<(&String, &Snooze)> {
    file.snoozes.iter().find(|(_, known)| known.snooze == snooze)
}

/// The name of a snooze that a fact set.
#[must_use]
pub fn snooze_set_in(account: AccountId, version: u64) -> SnoozeId {
    SnoozeId(derived_id(account, "snooze", version, 0))
}
