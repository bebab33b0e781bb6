//! Cases, as lists show them. An open case is shown from the file, a closed one from the fact that closed it. A case
//! whose rules are all snoozed is open too, but stands in a list of its own until it comes back.

use super::query::{self, Cursor, Filter, Listed, MAX_PAGE, Page};
use super::{Columns, Kind, Step, dearest_first, place_by_burn, severity_number};
use crate::error::StoreError;
use crate::sql::Statement;
use crate::store::Store;
use domain::body::Body;
use domain::cases::{Case, CaseId, Mark, Outcome, Severity, burn, stopped};
use domain::file::CustomerFile;
use domain::ids::{AccountId, Actor, AzureSubscriptionId, IncidentId, SignalId};
use domain::notices::{AlertId, AlertStatus};
use domain::permission::Scope;
use domain::snoozes::Attention;
use jiff::Timestamp;
use money::Money;
use serde::{Deserialize, Serialize};

/// A case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CaseRow {
    /// The case.
    pub case: CaseId,
    /// The customer.
    pub account: AccountId,
    /// The story it tells.
    pub story: String,
    /// How severe it is.
    pub severity: Severity,
    /// Who has it.
    pub owner: Option<AccountId>,
    /// When it was opened.
    pub opened: Timestamp,
    /// When it was last heard of.
    pub last: Timestamp,
    /// When the first of it happened: money lost so far counts from here.
    pub since: Timestamp,
    /// Known burn rate.
    pub per_hour: Option<Money>,
    /// What it is taken to burn when no rate is known.
    pub assumed_per_hour: Option<Money>,
    /// Since when everything that it names is inactive.
    #[serde(default)]
    pub stopped: Option<Timestamp>,
    /// Its signals, with how many events each stands for.
    pub signals: Vec<(SignalId, u32)>,
    /// Its alerts, with their states at Microsoft.
    pub alerts: Vec<(AlertId, AlertStatus)>,
    /// When the oldest of its alerts without an answer reached us: the target counts from here.
    pub unanswered_since: Option<Timestamp>,
    /// When the oldest of its alerts that is not resolved reached us: the limit counts from here.
    pub unresolved_since: Option<Timestamp>,
    /// The marks of the answer clock that were passed.
    pub marks: Vec<Mark>,
    /// The Azure subscriptions it names.
    pub attacked: Vec<AzureSubscriptionId>,
    /// The playbook that is suggested.
    pub playbook: Option<String>,
    /// The incident it is part of.
    pub incident: Option<IncidentId>,
    /// How often it was opened again.
    pub reopened: u32,
    /// How it was closed; nothing while it is open.
    pub closed: Option<ClosedRow>,
    /// Whether it is out of the queue, and if not though a rule of it is snoozed, why.
    #[serde(default)]
    pub attention: Attention,
}

/// How a case was closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClosedRow {
    /// What it was.
    pub outcome: Outcome,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: Actor,
}

/// A closed case is no longer in the file, but Microsoft has the last answer only after the closing. So the row itself is
/// told what became of its alert: `["alert","investigating"]` becomes `["alert","resolved"]`.
const RETELL: &str = "UPDATE page_row SET body = replace(replace(body, $4, $6), $5, $6), version = $7 \
     WHERE account = $1 AND kind = $2 AND id = $3 AND status = 'closed' AND version <= $7";

pub(super) fn project(step: &Step<'_>) -> Vec<Statement> {
    let Some(file) = step.after.customer() else { return Vec::new() };
    let closed = step.facts.iter().filter_map(|fact| match &fact.body {
        Body::CaseClosed(closed) => Some((closed, fact)),
        _ => None,
    });
    let mut rows = Vec::new();
    for (closed, fact) in closed {
        let before = step.before.customer().and_then(|file| file.cases.get(&closed.case));
        let case = file.closed.as_ref().filter(|case| case.id == closed.case).or(before);
        if let Some(case) = case {
            let end = ClosedRow { outcome: closed.outcome, at: fact.at, by: fact.actor };
            rows.push(statement(step, &row(step.account, case, file, Some(end))));
        }
    }
    let earlier = step.before.customer();
    rows.extend(file.cases.values().filter_map(|case| {
        let now = row(step.account, case, file, None);
        match earlier.and_then(|file| Some(row(step.account, file.cases.get(&case.id)?, file, None))) {
            Some(was) if was == now => None,
            Some(was) => Some(step.row_again(Kind::Case, &now.case.to_string(), &columns(&was), columns(&now), &now)),
            None => Some(statement(step, &now)),
        }
    }));
    rows.extend(retold(step, file));
    rows
}

/// The statements for alerts whose state changed after their case was closed.
fn retold(step: &Step<'_>, file: &CustomerFile) -> Vec<Statement> {
    let before = step.before.customer();
    let was = |id: &AlertId| before.and_then(|file| file.alerts.get(id)).map(|alert| alert.status);
    let changed = file.alerts.iter().filter(|(id, alert)| was(id).is_some_and(|was| was != alert.status));
    let of_closed = changed.filter_map(|(id, alert)| {
        let case = alert.case.filter(|case| !file.cases.contains_key(case))?;
        retell(step, case, id, alert.status)
    });
    of_closed.collect()
}

fn retell(step: &Step<'_>, case: CaseId, alert: &AlertId, now: AlertStatus) -> Option<Statement> {
    let told = |status: AlertStatus| serde_json::to_string(&(alert, status)).ok();
    let (one, other) = match now {
        AlertStatus::Active => (AlertStatus::Investigating, AlertStatus::Resolved),
        AlertStatus::Investigating => (AlertStatus::Active, AlertStatus::Resolved),
        AlertStatus::Resolved => (AlertStatus::Active, AlertStatus::Investigating),
    };
    let args = [
        step.account.into(),
        Kind::Case.word().into(),
        case.to_string().into(),
        told(one)?.into(),
        told(other)?.into(),
        told(now)?.into(),
        step.after.version.into(),
    ];
    Some(Statement::new(RETELL, args))
}

fn row(account: AccountId, case: &Case, file: &CustomerFile, closed: Option<ClosedRow>) -> CaseRow {
    let alerts = || case.alerts.iter().filter_map(|id| Some((id, file.alerts.get(id)?)));
    CaseRow {
        case: case.id,
        account,
        story: case.story.clone(),
        severity: case.severity,
        owner: case.owner,
        opened: case.opened,
        last: case.last,
        since: case.since,
        per_hour: burn(case),
        assumed_per_hour: case.assumed_per_hour,
        stopped: stopped(case, &file.holdings),
        signals: case.signals.values().map(|state| (state.signal, state.count)).collect(),
        alerts: alerts().map(|(id, alert)| (id.clone(), alert.status)).collect(),
        unanswered_since: alerts().filter(|(_, alert)| alert.unanswered()).map(|(_, alert)| alert.received).min(),
        unresolved_since: alerts()
            .filter(|(_, alert)| alert.status != AlertStatus::Resolved)
            .map(|(_, alert)| alert.received)
            .min(),
        marks: case.marks.iter().copied().collect(),
        attacked: case.attacked.iter().copied().collect(),
        playbook: case.playbook.clone(),
        incident: case.incident,
        reopened: case.reopened,
        attention: if closed.is_some() { Attention::default() } else { file.attention(case) },
        closed,
    }
}

fn statement(step: &Step<'_>, row: &CaseRow) -> Statement {
    step.row(Kind::Case, &row.case.to_string(), columns(row), row)
}

impl CaseRow {
    /// What it burns each hour as far as known, or is taken to: zero once it is stopped.
    #[must_use]
    pub fn burn(&self) -> Option<Money> {
        self.burnt().map(|rate| if self.stopped.is_some() { Money::zero(rate.currency) } else { rate })
    }

    /// What it burnt each hour until it was stopped or closed.
    #[must_use]
    pub fn burnt(&self) -> Option<Money> {
        self.per_hour.or(self.assumed_per_hour)
    }

    /// When it stopped burning: what it names was stopped, or it was closed.
    #[must_use]
    pub fn end(&self) -> Option<Timestamp> {
        let closed = self.closed.as_ref().map(|closed| closed.at);
        self.stopped.into_iter().chain(closed).min()
    }
}

fn columns(row: &CaseRow) -> Columns {
    let (status, sort) = match &row.closed {
        None => {
            let status = if row.attention.snoozed_until().is_some() { "snoozed" } else { "open" };
            (status, place_by_burn(Some(row.severity), row.burn()))
        }
        Some(closed) => ("closed", closed.at.as_microsecond()),
    };
    Columns {
        status,
        severity: severity_number(Some(row.severity)),
        story: row.story.clone(),
        owner: row.owner.map(|owner| owner.to_string()).unwrap_or_default(),
        sort,
        lookup: String::new(),
    }
}

/// A page of cases: open ones the gravest and dearest first, from page to page by the step of what they burn; closed ones
/// the newest first.
pub async fn list(
    store: &Store,
    scope: &Scope,
    filter: &Filter,
    after: Option<&Cursor>,
    limit: u32,
) -> Result<Page<CaseRow>, StoreError> {
    let mut page: Page<CaseRow> = query::list(store, Kind::Case, scope, filter, after, limit).await?;
    // Closed ones stay as they stand, by when they were closed.
    dearest_first(&mut page.items, |row| match row.closed {
        Some(_) => (None, None),
        None => (Some(row.severity), row.burn()),
    });
    Ok(page)
}

/// The gravest and dearest case that a filter leaves; only a page tells it from those that burn about as much.
pub async fn dearest(store: &Store, scope: &Scope, filter: &Filter) -> Result<Option<Listed<CaseRow>>, StoreError> {
    Ok(list(store, scope, filter, None, MAX_PAGE).await?.items.into_iter().next())
}

/// One case.
pub async fn get(store: &Store, scope: &Scope, case: CaseId) -> Result<Option<Listed<CaseRow>>, StoreError> {
    query::get(store, Kind::Case, scope, &case.to_string()).await
}
