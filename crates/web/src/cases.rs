//! Cases: what we know, why, what it costs, and how much time is left. What people do with a case is in `acts`.

pub(crate) mod acts;
mod detail;

pub(crate) use detail::{CaseDetail, decisions, detail};

use crate::app::App;
use crate::body::{Ids, Tagged, etag};
use crate::listing::{FilterParams, List, Listing, PageParams};
use crate::present::MoneyView;
use crate::problem::{Code, Problem};
use crate::session::Session;
use crate::snoozes::CaseSnooze;
use axum::Json;
use axum::extract::State;
use domain::cases::{CaseId, Mark, Outcome, Severity, at_stake};
use domain::ids::AccountId;
use domain::notices::AlertStatus;
use domain::policy::Policy;
use jiff::{SignedDuration, Timestamp};
use money::PerHour;
use serde::Serialize;
use store::rows;
use store::rows::cases::CaseRow;
use store::rows::{Cursor, Listed, Page, severity_number};

/// An alert of a case.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CaseAlert {
    id: String,
    /// Its state at Microsoft.
    #[schema(value_type = String)]
    status: AlertStatus,
}

/// The time left to answer Microsoft.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Clock {
    /// When the first answer is due; absent when nothing waits for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) target: Option<Timestamp>,
    /// Seconds until then; below zero when it has passed.
    #[serde(skip_serializing_if = "Option::is_none")]
    seconds_to_target: Option<i64>,
    /// When everything has to be resolved; absent when nothing is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) limit: Option<Timestamp>,
    /// Seconds until then; below zero when it has passed.
    #[serde(skip_serializing_if = "Option::is_none")]
    seconds_to_limit: Option<i64>,
    /// The marks that were passed without an answer: `target`, `limit`.
    #[schema(value_type = Vec<String>)]
    passed: Vec<Mark>,
}

/// What a case costs, reckoned at the moment of reading.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Cost {
    /// What runs costs each hour.
    #[serde(skip_serializing_if = "Option::is_none")]
    per_hour: Option<MoneyView>,
    /// Whether that is the policy's assumption, since no rate is known.
    assumed: bool,
    /// What has been lost since the first of it happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    lost_so_far: Option<MoneyView>,
    /// What will be lost until an effective stop, if nothing is done now.
    #[serde(skip_serializing_if = "Option::is_none")]
    at_stake: Option<MoneyView>,
    /// Since when every Azure subscription that it names is inactive: nothing is lost any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    stopped: Option<Timestamp>,
}

/// How a case was closed.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ClosedView {
    #[schema(value_type = String)]
    outcome: Outcome,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// By whom: `user:…`.
    by: String,
}

/// A case.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Case)]
pub(crate) struct CaseView {
    id: uuid::Uuid,
    /// The tag of its state.
    etag: String,
    customer: uuid::Uuid,
    /// The story it tells, as the policy names it.
    story: String,
    #[schema(value_type = String)]
    severity: Severity,
    /// `open`, `snoozed` or `closed`.
    status: String,
    /// How a snooze touches it; absent where none does.
    #[serde(skip_serializing_if = "Option::is_none")]
    snoozed: Option<CaseSnooze>,
    /// Who has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<uuid::Uuid>,
    #[schema(value_type = String, format = DateTime)]
    opened: Timestamp,
    /// When it was last heard of.
    #[schema(value_type = String, format = DateTime)]
    last: Timestamp,
    /// When the first of it happened.
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    cost: Cost,
    clock: Clock,
    /// How many signals it has.
    signals: u32,
    alerts: Vec<CaseAlert>,
    /// The Azure subscriptions it names.
    attacked: Vec<uuid::Uuid>,
    /// The playbook that is suggested.
    #[serde(skip_serializing_if = "Option::is_none")]
    playbook: Option<String>,
    /// The incident it is part of.
    #[serde(skip_serializing_if = "Option::is_none")]
    incident: Option<uuid::Uuid>,
    /// How often it was opened again.
    reopened: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    closed: Option<ClosedView>,
}

impl CaseView {
    /// The case as it is at `now`.
    pub(crate) fn of(listed: Listed<CaseRow>, policy: Option<&Policy>, now: Timestamp) -> Self {
        let Listed { version, row, .. } = listed;
        Self {
            id: row.case.0,
            etag: etag(version),
            customer: row.account.0,
            cost: cost(&row, policy, now),
            clock: clock(&row, policy, now),
            status: status(&row).to_owned(),
            snoozed: CaseSnooze::of(row.attention),
            story: row.story,
            severity: row.severity,
            owner: row.owner.map(|owner| owner.0),
            opened: row.opened,
            last: row.last,
            since: row.since,
            signals: u32::try_from(row.signals.len()).unwrap_or(u32::MAX),
            alerts: row.alerts.into_iter().map(|(id, status)| CaseAlert { id: id.0, status }).collect(),
            attacked: row.attacked.into_iter().map(|id| id.0).collect(),
            playbook: row.playbook,
            incident: row.incident.map(|incident| incident.0),
            reopened: row.reopened,
            closed: row.closed.map(|closed| ClosedView {
                outcome: closed.outcome,
                at: closed.at,
                by: closed.by.to_string(),
            }),
        }
    }
}

/// The word of a case's state: as lists are filtered by it.
pub(crate) const fn status(row: &CaseRow) -> &'static str {
    if row.closed.is_some() {
        "closed"
    } else if row.attention.snoozed_until().is_some() {
        "snoozed"
    } else {
        "open"
    }
}

/// A case that is closed or stopped no longer loses anything; another one does until now.
fn cost(row: &CaseRow, policy: Option<&Policy>, now: Timestamp) -> Cost {
    let burn = row.burn();
    let until = row.end().unwrap_or(now);
    let lost = row.burnt().and_then(|burnt| PerHour(burnt).over_seconds(seconds_between(row.since, until)).ok());
    let stake = policy.filter(|_| row.closed.is_none()).and_then(|policy| at_stake(burn, policy));
    Cost {
        per_hour: burn.map(MoneyView::from),
        assumed: row.per_hour.is_none() && row.assumed_per_hour.is_some(),
        lost_so_far: lost.map(MoneyView::from),
        at_stake: stake.map(MoneyView::from),
        stopped: row.stopped,
    }
}

/// N2 and P3: an hour to the first answer, a day to the last.
pub(crate) fn clock(row: &CaseRow, policy: Option<&Policy>, now: Timestamp) -> Clock {
    let due = |from: Option<Timestamp>, span: fn(&Policy) -> SignedDuration| {
        let from = from.filter(|_| row.closed.is_none())?;
        from.saturating_add(span(policy?)).ok()
    };
    let left = |due: Timestamp| due.duration_since(now).as_secs();
    let target = due(row.unanswered_since, |policy| policy.clocks.answer_target);
    let limit = due(row.unresolved_since, |policy| policy.clocks.answer_limit);
    Clock {
        target,
        seconds_to_target: target.map(left),
        limit,
        seconds_to_limit: limit.map(left),
        passed: row.marks.clone(),
    }
}

/// The cases that the caller sees: open ones the gravest and dearest first (from page to page by the steps 1, 3, 10, 30 …
/// of what they burn an hour), closed ones the newest first. Filter: `status:` (`open`, `snoozed`, `closed`), `severity:`
/// (at least this), `story:`, `customer:`, `owner:` (an id, `me` or `nobody`).
#[utoipa::path(get, path = "/cases", tag = "cases", operation_id = "listCases", params(PageParams, FilterParams),
    responses((status = 200, description = "A page of cases.", body = List<CaseView>)))]
pub(crate) async fn list(
    State(app): State<App>,
    session: Session,
    listing: Listing,
) -> Result<Json<List<CaseView>>, Problem> {
    let page = page_of(&app, &session, &listing).await?;
    let now = app.desk.clock.now();
    let policy = app.policy(now).await?;
    let value = page.items.into_iter().map(|listed| CaseView::of(listed, policy.as_deref(), now)).collect();
    Ok(Json(listing.page(value, page.next.as_ref().map(Cursor::text))))
}

/// The page of cases that a listing asks for, for programs and for people alike.
pub(crate) async fn page_of(app: &App, session: &Session, listing: &Listing) -> Result<Page<CaseRow>, Problem> {
    listing.filter.only(&["status", "severity", "story", "customer", "owner"])?;
    let known = ["open", "snoozed", "closed"].map(|word| (word, word));
    let filter = rows::Filter {
        status: listing.filter.word("status", &known)?.unwrap_or_default().to_owned(),
        severity_at_least: severity_of_filter(listing)?,
        story: listing.filter.text("story").unwrap_or_default().to_owned(),
        owner: user_of_filter(listing, session, "owner")?,
        unowned: listing.filter.text("owner") == Some(NOBODY),
        account: listing.filter.id("customer")?,
        ..rows::Filter::default()
    };
    let after = listing.cursor()?;
    Ok(rows::cases::list(&app.desk.store, &session.caller.scope, &filter, after.as_ref(), listing.limit).await?)
}

/// One case, with all that is known of it.
#[utoipa::path(get, path = "/cases/{id}", tag = "cases", operation_id = "getCase",
    responses((status = 200, description = "The case.", body = CaseDetail)))]
pub(crate) async fn get(State(app): State<App>, session: Session, ids: Ids) -> Result<Tagged<CaseDetail>, Problem> {
    let listed = seen(&app, &session, ids.first()?).await?;
    detail(&app, &session, listed).await
}

/// The case, if the caller sees it.
pub(crate) async fn seen(app: &App, session: &Session, id: CaseId) -> Result<Listed<CaseRow>, Problem> {
    let found = rows::cases::get(&app.desk.store, &session.caller.scope, id).await?;
    found.ok_or_else(|| Code::NotFound.into())
}

/// `severity:high` means high or more severe.
pub(crate) fn severity_of_filter(listing: &Listing) -> Result<i64, Problem> {
    let known = [Severity::Low, Severity::Medium, Severity::High, Severity::Critical].map(|one| (one.word(), one));
    Ok(severity_number(listing.filter.word("severity", &known)?))
}

/// The owner of what nobody has taken.
const NOBODY: &str = "nobody";

/// A term that names a user: an id, or `me`; for an owner `nobody` as well.
pub(crate) fn user_of_filter(listing: &Listing, session: &Session, name: &str) -> Result<Option<AccountId>, Problem> {
    match listing.filter.text(name) {
        Some("me") => Ok(Some(session.caller.user)),
        Some(NOBODY) if name == "owner" => Ok(None),
        _ => listing.filter.id(name),
    }
}

/// How old something is, in whole seconds; never below zero.
fn seconds_between(from: Timestamp, to: Timestamp) -> i64 {
    to.duration_since(from).as_secs().max(0)
}
