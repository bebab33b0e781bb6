//! Findings of the detection engine and the signals they become.
//! The engine says what fired; severity, story and case are decided here and in `cases`.

use crate::cases::{CaseId, Grown, MAX_RESOURCES_PER_CASE, Opened, Severity, StoryFit};
use crate::file::CustomerFile;
use crate::ids::{AccountId, AzureSubscriptionId, Hash, SignalId, derived_id};
use crate::policy::Policy;
use crate::reason::Reason;
use crate::sealed::Sealed;
use crate::{body::Body, fact::NewFact};
use jiff::Timestamp;
use money::Money;
use serde::{Deserialize, Serialize};

/// The most running resources that one finding lists: as many as the intake remembers of one Azure subscription. What
/// is beyond it is left out, for what is not named could be counted again by the next finding.
pub const MAX_RESOURCES_PER_FINDING: usize = 1_000;

/// The log in which Microsoft's own alerts are read: a finding in it says again what an alert says.
pub const LOG_OF_ALERTS: &str = "partner_alert";

/// How grave a rule's author holds a match to be (Sigma's levels).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Worth a record.
    Informational,
    /// Notable.
    Low,
    /// To be looked at.
    Medium,
    /// To be looked at now.
    High,
    /// An attack.
    Critical,
}

/// The rule that fired. Its author is named wherever a match is shown (Detection Rule License).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleRef {
    /// The rule's id.
    pub id: String,
    /// Its title, in English.
    pub title: String,
    /// Its title in Swedish, where it has one.
    #[serde(default)]
    pub title_sv: Option<String>,
    /// Who wrote it.
    pub author: String,
    /// How grave a match is.
    pub level: Level,
    /// ATT&CK tags.
    #[serde(default)]
    pub tags: Vec<String>,
    /// The hash of the rule set it was loaded with.
    pub rule_set: Hash,
}

/// A keyed digest that stands for a value we must not store in the open: equal values have equal tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Token(pub uuid::Uuid);

/// A resource that began to cost with the finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunningResource {
    /// Which resource, as a token of its id.
    pub resource: Token,
    /// What it costs each hour by the price list.
    pub per_hour: Money,
}

/// The price list that rates were taken from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceRef {
    /// The list's name.
    pub list: String,
    /// Its date, as `2026-11-01`.
    pub date: String,
    /// The hash of its file.
    pub hash: Hash,
    /// Whether a size was not on the list, so that its family's ceiling stands for it.
    pub estimated: bool,
}

/// What is behind a finding, for people: sealed, since it names users, addresses and resources.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Evidence {
    /// The values of the rule's fields and of the fields that decided.
    pub fields: Vec<(String, String)>,
    /// Which selection held because of which field, pattern and value.
    pub matched: Vec<String>,
    /// The event as it came in, cut to a named limit.
    pub event: String,
}

/// Found: a rule fired on the customer's log. A storm of the same is one finding with a count.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FindingRecorded {
    /// The rule.
    pub rule: RuleRef,
    /// The kind of log, as the engine names it.
    pub log: String,
    /// When the first event reached us: the log itself is minutes late, so clocks start here.
    pub received: Timestamp,
    /// How many events it stands for.
    pub count: u32,
    /// The Azure subscription it is in.
    #[serde(default)]
    pub azure_subscription: Option<AzureSubscriptionId>,
    /// The Azure region.
    #[serde(default)]
    pub region: Option<String>,
    /// The machine size.
    #[serde(default)]
    pub size: Option<String>,
    /// What began to run.
    #[serde(default)]
    pub resources: Vec<RunningResource>,
    /// What more began to run each hour, beyond the listed resources. Only findings of older releases say so.
    #[serde(default)]
    pub further_per_hour: Option<Money>,
    /// Where the rates come from.
    #[serde(default)]
    pub price: Option<PriceRef>,
    /// A token of who did it, where the log says so.
    #[serde(default)]
    pub caller: Option<Token>,
    /// What it rests on.
    pub evidence: Sealed<Evidence>,
}

/// Decided: a finding is a signal of a case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SignalRaised {
    /// The signal.
    pub signal: SignalId,
    /// The fact number of the finding.
    pub finding: u64,
    /// The case it belongs to.
    pub case: CaseId,
    /// The rule.
    pub rule: String,
    /// The Azure subscription it is in.
    pub azure_subscription: Option<AzureSubscriptionId>,
    /// How many events it stands for.
    pub count: u32,
    /// How severe it is by itself.
    pub severity: Severity,
    /// Why.
    pub reasons: Vec<Reason>,
}

/// Decided: a finding repeats a signal that its case already has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SignalRepeated {
    /// The signal.
    pub signal: SignalId,
    /// The fact number of the finding.
    pub finding: u64,
    /// The case it belongs to.
    pub case: CaseId,
    /// How many events it now stands for.
    pub count: u32,
}

/// Decided: a finding is below the level that makes a signal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FindingSetAside {
    /// The fact number of the finding.
    pub finding: u64,
    /// Why.
    pub reasons: Vec<Reason>,
}

/// A finding that waits, within its own step, to become a signal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Unsorted {
    /// The fact number of the finding.
    pub finding: u64,
    /// When it happened.
    pub happened: Timestamp,
    /// The rule.
    pub rule: String,
    /// Whether it only repeats what Microsoft's alerts say, so that it confirms none.
    #[serde(default)]
    pub echo: bool,
    /// How grave a match is.
    pub level: Level,
    /// How many events it stands for.
    pub count: u32,
    /// The Azure subscription it is in.
    pub azure_subscription: Option<AzureSubscriptionId>,
    /// What began to run.
    pub resources: Vec<RunningResource>,
    /// What more began to run each hour.
    pub further_per_hour: Option<Money>,
}

/// A signal as its case keeps it: repeats are counted, not listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignalState {
    /// The signal.
    pub signal: SignalId,
    /// How many events it stands for.
    pub count: u32,
    /// When the first of them happened.
    pub first: Timestamp,
    /// The fact number of its newest finding.
    pub newest: u64,
}

impl Unsorted {
    pub(crate) fn of(version: u64, happened: Timestamp, finding: &FindingRecorded) -> Self {
        Self {
            finding: version,
            happened,
            rule: finding.rule.id.clone(),
            echo: finding.log == LOG_OF_ALERTS,
            level: finding.rule.level,
            count: finding.count,
            azure_subscription: finding.azure_subscription,
            resources: finding.resources.clone(),
            further_per_hour: finding.further_per_hour,
        }
    }

    /// What tells this signal from others of the same case: the rule and where.
    #[must_use]
    pub fn key(&self) -> String {
        signal_key(&self.rule, self.azure_subscription)
    }
}

/// What tells a signal from others of the same case.
#[must_use]
pub fn signal_key(rule: &str, azure_subscription: Option<AzureSubscriptionId>) -> String {
    match azure_subscription {
        Some(id) => format!("{rule}@{id}"),
        None => rule.to_owned(),
    }
}

/// The severity of a signal by the level of its rule alone.
#[must_use]
pub const fn severity_of_level(level: Level) -> Severity {
    match level {
        Level::Informational | Level::Low => Severity::Low,
        Level::Medium => Severity::Medium,
        Level::High => Severity::High,
        Level::Critical => Severity::Critical,
    }
}

/// Every finding becomes a signal of a case, a repeat, or is set aside; one at a time, so that the second of
/// two findings in one step already meets the case that the first opened.
pub(crate) fn decide(account: AccountId, file: &CustomerFile, policy: &Policy, at: Timestamp) -> Vec<NewFact> {
    let Some(finding) = file.unsorted.first() else { return Vec::new() };
    let decided = |body| NewFact::decided(at, body);
    if finding.level < policy.cases.minimum_level {
        let reasons = vec![Reason::BelowLevel { level: finding.level, minimum: policy.cases.minimum_level }];
        return vec![decided(Body::FindingSetAside(FindingSetAside { finding: finding.finding, reasons }))];
    }
    let story = policy.story_of_rule(&finding.rule);
    match file.case_for(story, policy, at) {
        StoryFit::Joins(case) => join(account, finding, case, policy, at),
        StoryFit::Opens => {
            let case = CaseId(derived_id(account, "case", finding.finding, 0));
            let opened = Opened::by_finding(case, story, finding, policy, at);
            let signal = raised(account, finding, case);
            vec![decided(Body::CaseOpened(opened)), decided(Body::SignalRaised(signal))]
        }
    }
}

fn join(
    account: AccountId,
    finding: &Unsorted,
    case: &crate::cases::Case,
    policy: &Policy,
    at: Timestamp,
) -> Vec<NewFact> {
    let grown = Grown::by_finding(case, finding, policy);
    let fact = match case.signals.get(&finding.key()) {
        Some(known) => Body::SignalRepeated(SignalRepeated {
            signal: known.signal,
            finding: finding.finding,
            case: case.id,
            count: known.count.saturating_add(finding.count),
        }),
        None => Body::SignalRaised(raised(account, finding, case.id)),
    };
    grown.map(Body::CaseGrown).into_iter().chain([fact]).map(|body| NewFact::decided(at, body)).collect()
}

fn raised(account: AccountId, finding: &Unsorted, case: CaseId) -> SignalRaised {
    SignalRaised {
        signal: SignalId(derived_id(account, "signal", finding.finding, 0)),
        finding: finding.finding,
        case,
        rule: finding.rule.clone(),
        azure_subscription: finding.azure_subscription,
        count: finding.count,
        severity: severity_of_level(finding.level),
        reasons: vec![Reason::RuleFired { rule: finding.rule.clone(), level: finding.level }],
    }
}

// A finding can't name more resources than a case tells apart.
const _: () = assert!(MAX_RESOURCES_PER_FINDING <= MAX_RESOURCES_PER_CASE);
