//! Signals, as lists show them. A row is written when its signal is raised and when its case is closed; what it shows in
//! between is read from the account's file and from the fact of its newest finding, where what it rests on stays sealed.

use super::files::files;
use super::query::{self, Cursor, Filter, Listed, Page};
use super::{Columns, Kind, Step, body, severity_number};
use crate::error::StoreError;
use crate::sql::Statement;
use crate::store::Store;
use domain::body::Body;
use domain::cases::{Case, CaseId, Severity};
use domain::fact::{Fact, StoredFact};
use domain::file::{AccountFile, CustomerFile};
use domain::ids::{AccountId, AzureSubscriptionId, SignalId};
use domain::permission::Scope;
use domain::signals::{FindingRecorded, PriceRef, RuleRef, SignalRaised, SignalState, severity_of_level};
use jiff::Timestamp;
use money::Money;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A signal.
#[derive(Debug, Clone, PartialEq)]
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

/// What the row itself keeps. Rows of older releases have this among the rest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Kept {
    case: CaseId,
    count: u32,
    first: Timestamp,
    finding: u64,
}

/// The signals of a closed case are no longer in the file: their rows are told what they came to.
pub(super) const TELL: &str =
    "UPDATE page_row SET body = $4, version = $5 WHERE account = $1 AND kind = $2 AND id = $3 AND version <= $5";

pub(super) fn project(step: &Step<'_>) -> Vec<Statement> {
    let raised = step.facts.iter().filter_map(|fact| match &fact.body {
        Body::SignalRaised(raised) => Some(row(step, raised)),
        _ => None,
    });
    let closed = step.facts.iter().filter_map(|fact| match &fact.body {
        Body::CaseClosed(closed) => Some(closed.case),
        _ => None,
    });
    raised.chain(closed.flat_map(|case| told(step, case))).collect()
}

fn row(step: &Step<'_>, raised: &SignalRaised) -> Statement {
    let happened = step.facts.iter().find(|fact| fact.version == raised.finding).map(|fact| fact.happened);
    let kept =
        Kept { case: raised.case, count: raised.count, first: happened.unwrap_or_default(), finding: raised.finding };
    let columns = Columns {
        status: "raised",
        severity: severity_number(Some(raised.severity)),
        story: raised.rule.clone(),
        sort: kept.first.as_microsecond(),
        // Whose it is: the case's. A list of one account needs no index of its own for that.
        owner: raised.case.to_string(),
        ..Columns::default()
    };
    step.row(Kind::Signal, &raised.signal.to_string(), columns, &kept)
}

/// The statements for the signals of a case that the step closed.
fn told(step: &Step<'_>, id: CaseId) -> Vec<Statement> {
    let after = step.after.customer().and_then(|file| case_of(file, id));
    let Some(case) = after.or_else(|| step.before.customer().and_then(|file| case_of(file, id))) else {
        return Vec::new();
    };
    let tell = |state: &SignalState| {
        let args = [
            step.account.into(),
            Kind::Signal.word().into(),
            state.signal.to_string().into(),
            body(&Kept::of(id, state)).into(),
            step.after.version.into(),
        ];
        Statement::new(TELL, args)
    };
    case.signals.values().map(tell).collect()
}

/// A case that the file still has, open or just closed.
fn case_of(file: &CustomerFile, id: CaseId) -> Option<&Case> {
    file.cases.get(&id).or_else(|| file.closed.as_ref().filter(|case| case.id == id))
}

impl Kept {
    fn of(case: CaseId, state: &SignalState) -> Self {
        Self { case, count: state.count, first: state.first, finding: state.newest }
    }

    /// What the file has of the signal now, if it still has it.
    fn now(&self, signal: SignalId, file: &AccountFile) -> Option<Self> {
        let case = case_of(file.customer()?, self.case)?;
        let state = case.signals.values().find(|state| state.signal == signal)?;
        Some(Self::of(self.case, state))
    }
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

/// Signals as they are now. One whose finding a later release wrote is left out, and the log says so.
async fn as_they_are(store: &Store, items: Vec<Listed<Kept>>) -> Result<Vec<Listed<SignalRow>>, StoreError> {
    let files = files(store, items.iter().map(|listed| listed.account)).await?;
    let mut signals = Vec::with_capacity(items.len());
    for mut listed in items {
        let signal = listed.id.parse().map(SignalId).map_err(|error| damaged(&listed, error))?;
        if let Some(now) = files.get(&listed.account).and_then(|file| listed.row.now(signal, file)) {
            listed.version = listed.version.max(now.finding);
            listed.row = now;
        }
        signals.push((signal, listed));
    }
    let newest: Vec<_> = signals.iter().map(|(_, listed)| (listed.account, listed.row.finding)).collect();
    let facts = store.facts_at(&newest).await?;
    let facts: BTreeMap<_, _> = facts.into_iter().map(|fact| ((fact.account, fact.version), fact)).collect();
    let unread = |error: &StoreError| tracing::warn!(error = %error, "a signal is left out of a list");
    let shown = signals.into_iter().map(|(signal, listed)| shown(signal, listed, &facts));
    Ok(shown.filter_map(|listed| listed.inspect_err(unread).ok()).collect())
}

/// A signal with what its newest finding says.
fn shown(
    signal: SignalId,
    listed: Listed<Kept>,
    facts: &BTreeMap<(AccountId, u64), StoredFact>,
) -> Result<Listed<SignalRow>, StoreError> {
    let Kept { case, count, first, finding } = listed.row;
    let stored = facts.get(&(listed.account, finding)).ok_or_else(|| damaged(&listed, "its finding is gone"))?;
    let fact = Fact::read(listed.account, finding, &stored.bytes).map_err(|error| damaged(&listed, error))?;
    let Body::FindingRecorded(found) = &fact.body else { return Err(damaged(&listed, "its finding is none")) };
    let row = SignalRow { count, first, ..of_finding(listed.account, signal, case, &fact, found) };
    Ok(Listed { account: listed.account, id: listed.id, version: listed.version, row })
}

fn damaged(listed: &Listed<Kept>, why: impl std::fmt::Display) -> StoreError {
    StoreError::Damaged(format!("signal {} of account {}: {why}", listed.id, listed.account))
}

/// A page of signals by when they were first seen, the newest first; `filter.story` is the rule's id, and the severity that
/// of its level when the signal was raised.
pub async fn list(
    store: &Store,
    scope: &Scope,
    filter: &Filter,
    after: Option<&Cursor>,
    limit: u32,
) -> Result<Page<SignalRow>, StoreError> {
    let Page { items, next } = query::list(store, Kind::Signal, scope, filter, after, limit).await?;
    Ok(Page { items: as_they_are(store, items).await?, next })
}

/// One signal.
pub async fn get(store: &Store, scope: &Scope, signal: SignalId) -> Result<Option<Listed<SignalRow>>, StoreError> {
    let found = query::get(store, Kind::Signal, scope, &signal.to_string()).await?;
    Ok(as_they_are(store, found.into_iter().collect()).await?.pop())
}

/// The signals of a case of an account, those that were heard of last first; of more than `limit` those first seen last.
pub async fn of_case(
    store: &Store,
    account: AccountId,
    case: CaseId,
    limit: u32,
) -> Result<Vec<Listed<SignalRow>>, StoreError> {
    let kept = query::of_owner(store, Kind::Signal, account, &case.to_string(), limit).await?;
    let mut signals = as_they_are(store, kept).await?;
    signals.sort_by_key(|listed| std::cmp::Reverse(listed.row.last));
    Ok(signals)
}
