//! Microsoft's alerts, as lists show them, with our answers.

use super::query::{self, Cursor, Filter, Listed, Page};
use super::{Columns, Kind, Step, severity_number};
use crate::error::StoreError;
use crate::sql::Statement;
use crate::store::Store;
use domain::cases::{CaseId, Severity};
use domain::ids::{AccountId, AzureSubscriptionId};
use domain::notices::{Alert, AlertId, AlertStatus};
use domain::permission::Scope;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// An alert.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NoticeRow {
    /// The alert.
    pub alert: AlertId,
    /// The customer.
    pub account: AccountId,
    /// Its type.
    pub alert_type: String,
    /// Its state at Microsoft.
    pub status: AlertStatus,
    /// Microsoft's severity.
    pub severity: Severity,
    /// When Microsoft detected it.
    pub detected: Timestamp,
    /// When it reached us.
    pub received: Timestamp,
    /// When Microsoft first had an answer of ours.
    pub answered: Option<Timestamp>,
    /// The answer on its way, and whether it is settled.
    pub ordered: Option<(AlertStatus, bool)>,
    /// Why the last answer did not come about.
    pub failed: Option<String>,
    /// The Azure subscription it is about.
    pub azure_subscription: Option<AzureSubscriptionId>,
    /// Whether it is only a test.
    pub test: bool,
    /// The case it belongs to.
    pub case: Option<CaseId>,
    /// The fact number it was first seen in: its text is sealed there.
    pub seen: u64,
}

const MOVES: &str =
    "UPDATE page_row SET lookup = $4 WHERE account = $1 AND kind = $2 AND id = $3 AND lookup <> $4 AND version <= $5";

pub(super) fn project(step: &Step<'_>) -> Vec<Statement> {
    let Some(file) = step.after.customer() else { return Vec::new() };
    let before = step.before.customer();
    let is_new = |id: &AlertId, alert: &Alert| before.and_then(|file| file.alerts.get(id)) != Some(alert);
    let changed: Vec<_> = file.alerts.iter().filter(|(id, alert)| is_new(id, alert)).collect();
    let rows = changed.iter().map(|(id, alert)| statement(step, &row(step.account, id, alert)));
    let case_before = |id: &AlertId| before.and_then(|file| file.alerts.get(id)).map(|alert| alert.case);
    let moved = changed.iter().filter(|(id, alert)| case_before(id).is_some_and(|case| case != alert.case));
    rows.chain(moved.map(|(id, alert)| moves(step, id, alert.case))).collect()
}

/// An alert that goes to another case is looked up by that one.
fn moves(step: &Step<'_>, id: &AlertId, case: Option<CaseId>) -> Statement {
    let case = case.map(|case| case.to_string()).unwrap_or_default();
    let args =
        [step.account.into(), Kind::Notice.word().into(), id.0.as_str().into(), case.into(), step.after.version.into()];
    Statement::new(MOVES, args)
}

fn row(account: AccountId, id: &AlertId, alert: &Alert) -> NoticeRow {
    NoticeRow {
        alert: id.clone(),
        account,
        alert_type: alert.alert_type.clone(),
        status: alert.status,
        severity: alert.severity,
        detected: alert.detected,
        received: alert.received,
        answered: alert.answered,
        ordered: alert.ordered.as_ref().map(|ordered| (ordered.status, ordered.settled)),
        failed: alert.failed.clone(),
        azure_subscription: alert.azure_subscription,
        test: alert.test,
        case: alert.case,
        seen: alert.seen,
    }
}

fn statement(step: &Step<'_>, row: &NoticeRow) -> Statement {
    let status = match row.status {
        AlertStatus::Active => "active",
        AlertStatus::Investigating => "investigating",
        AlertStatus::Resolved => "resolved",
    };
    let columns = Columns {
        status,
        severity: severity_number(Some(row.severity)),
        story: row.alert_type.clone(),
        sort: row.received.as_microsecond(),
        lookup: row.case.map(|case| case.to_string()).unwrap_or_default(),
        ..Columns::default()
    };
    step.row(Kind::Notice, &row.alert.0, columns, row)
}

/// A page of alerts, the newest first; `filter.story` is the alert's type.
pub async fn list(
    store: &Store,
    scope: &Scope,
    filter: &Filter,
    after: Option<&Cursor>,
    limit: u32,
) -> Result<Page<NoticeRow>, StoreError> {
    query::list(store, Kind::Notice, scope, filter, after, limit).await
}

/// One alert.
pub async fn get(store: &Store, scope: &Scope, alert: &AlertId) -> Result<Option<Listed<NoticeRow>>, StoreError> {
    query::get(store, Kind::Notice, scope, &alert.0).await
}

/// The alerts of a case.
pub async fn of_case(store: &Store, case: CaseId, limit: u32) -> Result<Vec<Listed<NoticeRow>>, StoreError> {
    query::lookup(store, Kind::Notice, &case.to_string(), limit).await
}
