//! Partner Center's own activity log of all customers (A3): what was done there, by whom, and who of us looked at it.
//! A review is a fact of the person who says so; nothing is reviewed by being shown.

use crate::acts::{on_customer, on_own, told};
use crate::app::App;
use crate::body::{Ids, Sent, Tagged, etag};
use crate::journal::fact;
use crate::listing::{FilterParams, List, Listing, PageParams};
use crate::present::{Personal, Reader};
use crate::problem::{Code, Problem};
use crate::session::Session;
use axum::Json;
use axum::extract::State;
use domain::activity::{ActivityEnd, ActivityReviewed, ActivityValues, MAX_REVIEWED_AT_ONCE};
use domain::body::Body;
use domain::ids::{AccountId, AccountKind, ActivityId};
use domain::permission::{Permission, roles_allowing};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use store::rows;
use store::rows::activity::{ActivityRow, Review};
use store::rows::{Cursor, Listed, Page};

/// What the vault makes tokens of the names of people in Partner Center for.
const USER: &str = "user";

/// Who looked at a record, and when.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Review)]
pub(crate) struct ReviewView {
    /// The person.
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<uuid::Uuid>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
}

impl From<Review> for ReviewView {
    fn from(review: Review) -> Self {
        Self { by: review.by.map(|by| by.0), at: review.at }
    }
}

/// The thing before and after, as Partner Center wrote it, cut to a limit.
#[derive(Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ActivityValues)]
pub(crate) struct ValuesView {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) before: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) after: Option<String>,
}

/// Something that was done in Partner Center.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Activity)]
pub(crate) struct ActivityView {
    id: uuid::Uuid,
    /// The tag of its state.
    etag: String,
    /// The customer; absent when the record names none of ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<uuid::Uuid>,
    /// The connection it was read through.
    connection: uuid::Uuid,
    /// Partner Center's word for what was done.
    #[schema(example = "update_subscription")]
    operation: String,
    /// Partner Center's word for the kind of thing it was done to.
    resource: String,
    /// How it ended: `succeeded`, `failed`, `progress`, `unknown`.
    #[schema(value_type = String)]
    end: ActivityEnd,
    /// Who did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<Personal<String>>,
    /// The application it was done with.
    #[serde(skip_serializing_if = "Option::is_none")]
    application: Option<String>,
    /// When it was done.
    #[schema(value_type = String, format = DateTime)]
    happened: Timestamp,
    /// Who looked at it; absent while nobody has.
    #[serde(skip_serializing_if = "Option::is_none")]
    reviewed: Option<ReviewView>,
    /// The thing before and after; only when one record is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    values: Option<Personal<ValuesView>>,
}

impl ActivityView {
    async fn of(reader: Reader<'_>, listed: Listed<ActivityRow>) -> Self {
        let Listed { account, version, row, .. } = listed;
        Self {
            id: row.activity.0,
            etag: etag(version),
            customer: (account != row.connection).then_some(account.0),
            connection: row.connection.0,
            operation: row.operation,
            resource: row.resource,
            end: row.end,
            user: reader.open_maybe(account, row.user.as_ref()).await,
            application: row.application,
            happened: row.happened,
            reviewed: row.reviewed.map(ReviewView::from),
            values: None,
        }
    }
}

/// Which records somebody has looked at.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = ReviewActivities)]
pub(crate) struct ReviewThese {
    /// The records; at most 200.
    #[schema(min_items = 1, max_items = 200)]
    pub(crate) activities: BTreeSet<uuid::Uuid>,
}

/// Why a record was not marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NotReviewed {
    /// There is no such record, or none that the caller sees.
    Unknown,
    /// Somebody had looked at it before.
    Already,
}

/// A record that was not marked.
#[derive(Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LeftOut {
    pub(crate) activity: uuid::Uuid,
    /// `unknown` or `already`.
    #[schema(value_type = String)]
    pub(crate) why: NotReviewed,
}

/// What came of a review.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Reviewed)]
pub(crate) struct ReviewedView {
    /// The records that are marked now.
    pub(crate) reviewed: Vec<uuid::Uuid>,
    /// Those that were not, and why.
    pub(crate) left_out: Vec<LeftOut>,
}

/// What was done in Partner Center, the newest first. Filter: `status:unreviewed` or `status:reviewed`, `customer:`,
/// `operation:`, `who:` (a name of Partner Center; for those who may read names).
#[utoipa::path(get, path = "/activity", tag = "activity", operation_id = "listActivity", params(PageParams, FilterParams),
    responses((status = 200, description = "A page of records.", body = List<ActivityView>)))]
pub(crate) async fn list(
    State(app): State<App>,
    session: Session,
    listing: Listing,
) -> Result<Json<List<ActivityView>>, Problem> {
    let page = page_of(&app, &session, &listing).await?;
    let reader = app.reader(&session);
    let mut value = Vec::with_capacity(page.items.len());
    for listed in page.items {
        value.push(ActivityView::of(reader, listed).await);
    }
    Ok(Json(listing.page(value, page.next.as_ref().map(Cursor::text))))
}

/// The page of records that a listing asks for, for programs and for people alike.
pub(crate) async fn page_of(app: &App, session: &Session, listing: &Listing) -> Result<Page<ActivityRow>, Problem> {
    listing.filter.only(&["status", "customer", "operation", "who"])?;
    let known = [("unreviewed", "unreviewed"), ("reviewed", "reviewed")];
    let who = listing.filter.text("who");
    if who.is_some() && !session.caller.may(Permission::PersonalRead) {
        // Whoever may not read names can't try them either.
        return Err(Problem::roles(roles_allowing(Permission::PersonalRead)));
    }
    let filter = rows::Filter {
        status: listing.filter.word("status", &known)?.unwrap_or_default().to_owned(),
        story: listing.filter.text("operation").unwrap_or_default().to_owned(),
        by: who.map(|who| app.vault.token(USER, &who.to_lowercase())),
        account: listing.filter.id("customer")?,
        ..rows::Filter::default()
    };
    let after = listing.cursor()?;
    Ok(rows::activity::list(&app.desk.store, &session.caller.scope, &filter, after.as_ref(), listing.limit).await?)
}

/// One record, with the thing before and after.
#[utoipa::path(get, path = "/activity/{id}", tag = "activity", operation_id = "getActivity",
    responses((status = 200, description = "The record.", body = ActivityView)))]
pub(crate) async fn get(State(app): State<App>, session: Session, ids: Ids) -> Result<Tagged<ActivityView>, Problem> {
    let listed = seen(&app, &session, ids.first()?).await?;
    let (version, values) = (listed.version, values(&app, &session, &listed).await?);
    let body = ActivityView { values, ..ActivityView::of(app.reader(&session), listed).await };
    Ok(Tagged { version, body })
}

/// The thing before and after, which is sealed in the fact.
pub(crate) async fn values(
    app: &App,
    session: &Session,
    listed: &Listed<ActivityRow>,
) -> Result<Option<Personal<ValuesView>>, Problem> {
    let Some(Body::ActivityRecorded(recorded)) =
        fact(app, listed.account, listed.row.seen).await?.map(|fact| fact.body)
    else {
        return Ok(None);
    };
    let opened = app.reader(session).open_maybe(listed.account, recorded.values.as_ref()).await;
    Ok(opened.map(|values| match values {
        Personal::Open { value: ActivityValues { before, after } } => {
            Personal::Open { value: ValuesView { before, after } }
        }
        Personal::Closed { roles } => Personal::Closed { roles },
        Personal::Erased => Personal::Erased,
        Personal::Unreadable => Personal::Unreadable,
    }))
}

/// Says that the caller has looked at these records. Each is marked once, with who and when.
#[utoipa::path(post, path = "/activity:review", tag = "activity", operation_id = "reviewActivity", request_body = ReviewThese,
    responses((status = 200, description = "What was marked, and what was not.", body = ReviewedView)))]
pub(crate) async fn review(
    State(app): State<App>,
    session: Session,
    Sent(these): Sent<ReviewThese>,
) -> Result<Json<ReviewedView>, Problem> {
    Ok(Json(marked(&app, &session, these.activities).await?))
}

/// Marks records as looked at, account by account.
pub(crate) async fn marked(
    app: &App,
    session: &Session,
    activities: BTreeSet<uuid::Uuid>,
) -> Result<ReviewedView, Problem> {
    if activities.is_empty() || activities.len() > MAX_REVIEWED_AT_ONCE {
        return Err(Problem::field("activities", format!("from 1 to {MAX_REVIEWED_AT_ONCE} are taken")));
    }
    let mut done = ReviewedView { reviewed: Vec::new(), left_out: Vec::new() };
    let mut of_account: BTreeMap<(AccountId, AccountKind), BTreeSet<ActivityId>> = BTreeMap::new();
    for activity in activities {
        match rows::activity::get(&app.desk.store, &session.caller.scope, ActivityId(activity)).await? {
            None => done.left_out.push(LeftOut { activity, why: NotReviewed::Unknown }),
            Some(listed) if listed.row.reviewed.is_some() => {
                done.left_out.push(LeftOut { activity, why: NotReviewed::Already });
            }
            Some(listed) => {
                let is_own = listed.account == listed.row.connection;
                let kind = if is_own { AccountKind::Connection } else { AccountKind::Customer };
                of_account.entry((listed.account, kind)).or_default().insert(listed.row.activity);
            }
        }
    }
    for ((account, kind), activities) in of_account {
        done.reviewed.extend(activities.iter().map(|activity| activity.0));
        let body = Body::ActivityReviewed(ActivityReviewed { activities });
        if kind == AccountKind::Customer {
            on_customer(app, session, account, None, |view| Ok(vec![told(session, view.at, body.clone())])).await?;
        } else {
            on_own(app, account, kind, None, |view| Ok(vec![told(session, view.at, body.clone())])).await?;
        }
    }
    Ok(done)
}

/// The record, if the caller sees it.
pub(crate) async fn seen(app: &App, session: &Session, id: ActivityId) -> Result<Listed<ActivityRow>, Problem> {
    let found = rows::activity::get(&app.desk.store, &session.caller.scope, id).await?;
    found.ok_or_else(|| Code::NotFound.into())
}
