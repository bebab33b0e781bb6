//! Microsoft's alerts and our answers to them.

use crate::acts::{on_customer, told};
use crate::app::App;
use crate::body::{BasedOn, Ids, Sent, Tagged, etag};
use crate::cases::severity_of_filter;
use crate::journal::fact;
use crate::listing::{FilterParams, List, Listing, PageParams};
use crate::present::Personal;
use crate::problem::{Code, Problem};
use crate::session::Session;
use crate::signals::EvidenceView;
use axum::Json;
use axum::extract::State;
use domain::body::Body;
use domain::cases::Severity;
use domain::notices::{AlertId, AlertStatus, AnswerRequested, MicrosoftReason};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::rows;
use store::rows::notices::NoticeRow;
use store::rows::{Cursor, Listed, Page};

/// An answer of ours on its way to Microsoft.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AnswerView {
    /// The state that is to be set.
    #[schema(value_type = String)]
    status: AlertStatus,
    /// Whether Microsoft has it, or would have it if actions were switched on.
    settled: bool,
}

/// An alert.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Alert)]
pub(crate) struct AlertView {
    /// Microsoft's id.
    id: String,
    /// The tag of its state.
    etag: String,
    customer: uuid::Uuid,
    /// The case it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    case: Option<uuid::Uuid>,
    /// Microsoft's word for what it is.
    alert_type: String,
    /// Its state at Microsoft: `active`, `investigating`, `resolved`.
    #[schema(value_type = String)]
    status: AlertStatus,
    #[schema(value_type = String)]
    severity: Severity,
    /// When Microsoft detected it.
    #[schema(value_type = String, format = DateTime)]
    detected: Timestamp,
    /// When it reached us: the answer clock starts here.
    #[schema(value_type = String, format = DateTime)]
    received: Timestamp,
    /// When Microsoft first had an answer of ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    answered: Option<Timestamp>,
    /// The answer that was ordered last.
    #[serde(skip_serializing_if = "Option::is_none")]
    ordered: Option<AnswerView>,
    /// Why the last answer did not come about.
    #[serde(skip_serializing_if = "Option::is_none")]
    failed: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    azure_subscription: Option<uuid::Uuid>,
    /// Whether it is only a test.
    test: bool,
    /// Its text and details; only when one alert or case is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<Personal<EvidenceView>>,
}

impl AlertView {
    /// The alert as a list shows it.
    pub(crate) fn of(listed: Listed<NoticeRow>) -> Self {
        let Listed { version, row, .. } = listed;
        Self {
            id: row.alert.0,
            etag: etag(version),
            customer: row.account.0,
            case: row.case.map(|case| case.0),
            alert_type: row.alert_type,
            status: row.status,
            severity: row.severity,
            detected: row.detected,
            received: row.received,
            answered: row.answered,
            ordered: row.ordered.map(|(status, settled)| AnswerView { status, settled }),
            failed: row.failed,
            azure_subscription: row.azure_subscription.map(|id| id.0),
            test: row.test,
            evidence: None,
        }
    }

    /// The alert with its text.
    pub(crate) async fn with_evidence(
        app: &App,
        session: &Session,
        listed: Listed<NoticeRow>,
    ) -> Result<Self, Problem> {
        let (account, seen) = (listed.account, listed.row.seen);
        let mut view = Self::of(listed);
        if let Some(Body::AlertSeen(seen)) = fact(app, account, seen).await?.map(|fact| fact.body) {
            view.evidence = Some(app.reader(session).open(account, &seen.evidence).await.shown());
        }
        Ok(view)
    }
}

/// How an alert is to be answered.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Answer {
    /// `investigating` or `resolved`.
    #[schema(value_type = String, example = "investigating")]
    pub(crate) status: AlertStatus,
    /// For `resolved`: `fraud`, `legitimate` or `ignore`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub(crate) reason: Option<MicrosoftReason>,
}

/// The alerts that the caller sees, the newest first. Filter: `status:`, `severity:` (at least this), `type:`, `customer:`.
#[utoipa::path(get, path = "/alerts", tag = "alerts", operation_id = "listAlerts", params(PageParams, FilterParams),
    responses((status = 200, description = "A page of alerts.", body = List<AlertView>)))]
pub(crate) async fn list(
    State(app): State<App>,
    session: Session,
    listing: Listing,
) -> Result<Json<List<AlertView>>, Problem> {
    let page = page_of(&app, &session, &listing).await?;
    let value = page.items.into_iter().map(AlertView::of).collect();
    Ok(Json(listing.page(value, page.next.as_ref().map(Cursor::text))))
}

/// The page of alerts that a listing asks for, for programs and for people alike.
pub(crate) async fn page_of(app: &App, session: &Session, listing: &Listing) -> Result<Page<NoticeRow>, Problem> {
    listing.filter.only(&["status", "severity", "type", "customer"])?;
    let known = [("active", "active"), ("investigating", "investigating"), ("resolved", "resolved")];
    let filter = rows::Filter {
        status: listing.filter.word("status", &known)?.unwrap_or_default().to_owned(),
        severity_at_least: severity_of_filter(listing)?,
        story: listing.filter.text("type").unwrap_or_default().to_owned(),
        account: listing.filter.id("customer")?,
        ..rows::Filter::default()
    };
    let after = listing.cursor()?;
    Ok(rows::notices::list(&app.desk.store, &session.caller.scope, &filter, after.as_ref(), listing.limit).await?)
}

/// One alert, with its text.
#[utoipa::path(get, path = "/alerts/{id}", tag = "alerts", operation_id = "getAlert",
    responses((status = 200, description = "The alert.", body = AlertView)))]
pub(crate) async fn get(State(app): State<App>, session: Session, ids: Ids) -> Result<Tagged<AlertView>, Problem> {
    let listed = seen(&app, &session, &ids).await?;
    let version = listed.version;
    Ok(Tagged { version, body: AlertView::with_evidence(&app, &session, listed).await? })
}

/// Answers an alert at Microsoft. Closing a case answers its named alerts; this is for a single one, or an early word.
#[utoipa::path(post, path = "/alerts/{id}:answer", tag = "alerts", operation_id = "answerAlert", request_body = Answer,
    responses((status = 200, description = "The alert, with the answer on its way.", body = AlertView)))]
pub(crate) async fn answer(
    State(app): State<App>,
    session: Session,
    ids: Ids,
    based_on: BasedOn,
    Sent(answer): Sent<Answer>,
) -> Result<Tagged<AlertView>, Problem> {
    let listed = seen(&app, &session, &ids).await?;
    based_on.check(listed.version)?;
    check(&answer)?;
    let row = &listed.row;
    on_customer(&app, &session, listed.account, None, |view| {
        let alert = view.file.alerts.get(&row.alert).ok_or(Code::NotFound)?;
        if alert.status == AlertStatus::Resolved {
            return Err(Problem::from(Code::NotInThisState).with("state", "resolved"));
        }
        // What was read may have been changed since: then the caller reads it again.
        if alert.status != row.status || alert.case != row.case {
            based_on.stale_unless_any(listed.version)?;
        }
        let asked = AnswerRequested { alert: row.alert.clone(), status: answer.status, reason: answer.reason };
        Ok(vec![told(&session, view.at, Body::AnswerRequested(asked))])
    })
    .await?;
    let listed = seen(&app, &session, &ids).await?;
    Ok(Tagged { version: listed.version, body: AlertView::of(listed) })
}

/// A resolved alert has a reason, an alert under investigation has none, and nobody makes one active again.
fn check(answer: &Answer) -> Result<(), Problem> {
    match (answer.status, answer.reason) {
        (AlertStatus::Investigating, None) | (AlertStatus::Resolved, Some(_)) => Ok(()),
        (AlertStatus::Investigating, Some(_)) => Err(Problem::field("reason", "only a resolved alert has a reason")),
        (AlertStatus::Resolved, None) => Err(Problem::field("reason", "a resolved alert needs a reason")),
        (AlertStatus::Active, _) => Err(Problem::field("status", "it has to be `investigating` or `resolved`")),
    }
}

/// The alert, if the caller sees it.
pub(crate) async fn seen(app: &App, session: &Session, ids: &Ids) -> Result<Listed<NoticeRow>, Problem> {
    let id = AlertId(ids.first()?);
    let found = rows::notices::get(&app.desk.store, &session.caller.scope, &id).await?;
    found.ok_or_else(|| Code::NotFound.into())
}
