//! Signals, as lists show them. What a signal rests on stays sealed in its newest finding's fact.

use super::query::{self, Cursor, Filter, Listed, Page};
use super::{Columns, Kind, Step, severity_number};
use crate::error::StoreError;
use crate::sql::Statement;
use crate::store::Store;
use domain::body::Body;
use domain::cases::{CaseId, Severity};
use domain::fact::Fact;
use domain::file::CustomerFile;
use domain::ids::{AccountId, AzureSubscriptionId, SignalId};
use domain::permission::Scope;
use domain::signals::{FindingRecorded, PriceRef, RuleRef, severity_of_level};
use jiff::Timestamp;
use money::Money;
use serde::{Deserialize, Serialize};

/// A signal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SignalRow {
    /// The signal.
    pub signal: SignalId,
    /// The customer.
    pub account: AccountId,
    /// The case it belongs to.
    pub case: CaseId,
    /// The rule, with its author.
    pub rule: RuleRef,
    /// The kind of log.
    pub log: String,
    /// How severe it is by itself.
    pub severity: Severity,
    /// How many events it stands for.
    pub count: u32,
    /// When the first of them happened.
    pub first: Timestamp,
    /// When the last of them happened.
    pub last: Timestamp,
    /// The Azure subscription.
    pub azure_subscription: Option<AzureSubscriptionId>,
    /// The Azure region.
    pub region: Option<String>,
    /// The machine size.
    pub size: Option<String>,
    /// What the newest finding's resources cost each hour.
    pub per_hour: Option<Money>,
    /// Where the rates come from.
    pub price: Option<PriceRef>,
    /// The fact number of the newest finding: its evidence is sealed there.
    pub finding: u64,
}

pub(super) fn project(step: &Step<'_>) -> Vec<Statement> {
    let Some(file) = step.after.customer() else { return Vec::new() };
    let of_fact = |fact: &Fact| match &fact.body {
        Body::SignalRaised(raised) => Some((raised.signal, raised.case, raised.finding, raised.count)),
        Body::SignalRepeated(repeated) => Some((repeated.signal, repeated.case, repeated.finding, repeated.count)),
        _ => None,
    };
    let row = |(signal, case, finding, count)| {
        let fact = step.facts.iter().find(|fact| fact.version == finding)?;
        let Body::FindingRecorded(found) = &fact.body else { return None };
        let first = first_of(file, case, signal).unwrap_or(fact.happened);
        Some(statement(step, &SignalRow { count, first, ..of_finding(step.account, signal, case, fact, found) }))
    };
    step.facts.iter().filter_map(of_fact).filter_map(row).collect()
}

fn first_of(file: &CustomerFile, case: CaseId, signal: SignalId) -> Option<Timestamp> {
    file.cases.get(&case)?.signals.values().find(|state| state.signal == signal).map(|state| state.first)
}

fn of_finding(account: AccountId, signal: SignalId, case: CaseId, fact: &Fact, found: &FindingRecorded) -> SignalRow {
    let listed = found.resources.iter().map(|running| running.per_hour).chain(found.further_per_hour);
    SignalRow {
        signal,
        account,
        case,
        rule: found.rule.clone(),
        log: found.log.clone(),
        severity: severity_of_level(found.rule.level),
        count: found.count,
        first: fact.happened,
        last: fact.happened,
        azure_subscription: found.azure_subscription,
        region: found.region.clone(),
        size: found.size.clone(),
        per_hour: listed.reduce(|sum, more| sum.plus(more).unwrap_or(sum)),
        price: found.price.clone(),
        finding: fact.version,
    }
}

fn statement(step: &Step<'_>, row: &SignalRow) -> Statement {
    let columns = Columns {
        status: "raised",
        severity: severity_number(Some(row.severity)),
        story: row.rule.id.clone(),
        sort: row.last.as_microsecond(),
        // Whose it is: the case's. A list of one account needs no index of its own for that.
        owner: row.case.to_string(),
        ..Columns::default()
    };
    step.row(Kind::Signal, &row.signal.to_string(), columns, row)
}

/// A page of signals, the newest first; `filter.story` is the rule's id.
pub async fn list(
    store: &Store,
    scope: &Scope,
    filter: &Filter,
    after: Option<&Cursor>,
    limit: u32,
) -> Result<Page<SignalRow>, StoreError> {
    query::list(store, Kind::Signal, scope, filter, after, limit).await
}

/// One signal.
pub async fn get(store: &Store, scope: &Scope, signal: SignalId) -> Result<Option<Listed<SignalRow>>, StoreError> {
    query::get(store, Kind::Signal, scope, &signal.to_string()).await
}

/// The signals of a case of an account, the newest first.
pub async fn of_case(
    store: &Store,
    account: AccountId,
    case: CaseId,
    limit: u32,
) -> Result<Vec<Listed<SignalRow>>, StoreError> {
    query::of_owner(store, Kind::Signal, account, &case.to_string(), limit).await
}
