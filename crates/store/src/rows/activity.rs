//! What was done in Partner Center, as lists show it, and who of us looked at it.

use super::query::{self, Cursor, Filter, Listed, Page};
use super::{Columns, Kind, Step};
use crate::error::StoreError;
use crate::sql::Statement;
use crate::store::Store;
use domain::activity::{ActivityEnd, ActivityRecorded, ActivityReviewed};
use domain::body::Body;
use domain::fact::Fact;
use domain::ids::{AccountId, ActivityId, Actor};
use domain::permission::Scope;
use domain::sealed::Sealed;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Who looked at a record, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// The person; nothing when it was no person.
    pub by: Option<AccountId>,
    /// When.
    pub at: Timestamp,
}

/// A record of Partner Center's activity log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ActivityRow {
    /// Who looked at it. A review writes itself in front of what the row was made with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewed: Option<Review>,
    /// The record.
    pub activity: ActivityId,
    /// The connection it was read through; the account of the row when no customer of ours is named.
    pub connection: AccountId,
    /// Partner Center's word for what was done.
    pub operation: String,
    /// Partner Center's word for the kind of thing it was done to.
    pub resource: String,
    /// How it ended.
    pub end: ActivityEnd,
    /// Who did it.
    pub user: Option<Sealed<String>>,
    /// The application it was done with.
    pub application: Option<String>,
    /// When it was done.
    pub happened: Timestamp,
    /// The number of the fact: what was before and after is sealed there.
    pub seen: u64,
}

/// The statement puts the review in front of the body, so that the row itself need not be read for it. What was
/// reviewed stays so; what went on after the review is unreviewed again, since the row was made anew.
const REVIEW: &str = "UPDATE page_row SET status = 'reviewed', version = $5, body = $4 || substr(body, 2) \
     WHERE account = $1 AND kind = $2 AND id = $3 AND status = 'unreviewed' AND version <= $5";

pub(super) fn project(step: &Step<'_>) -> Vec<Statement> {
    let of_fact = |fact: &Fact| match &fact.body {
        Body::ActivityRecorded(recorded) => vec![row(step, fact, recorded)],
        Body::ActivityReviewed(reviewed) => reviews(step, fact, reviewed),
        _ => Vec::new(),
    };
    step.facts.iter().flat_map(of_fact).collect()
}

fn row(step: &Step<'_>, fact: &Fact, recorded: &ActivityRecorded) -> Statement {
    let row = ActivityRow {
        reviewed: None,
        activity: recorded.activity,
        connection: recorded.connection,
        operation: recorded.operation.clone(),
        resource: recorded.resource.clone(),
        end: recorded.end,
        user: recorded.user.clone(),
        application: recorded.application.clone(),
        happened: fact.happened,
        seen: fact.version,
    };
    let columns = Columns {
        status: "unreviewed",
        story: recorded.operation.clone(),
        owner: recorded.who.map(|who| who.0.to_string()).unwrap_or_default(),
        sort: fact.happened.as_microsecond(),
        ..Columns::default()
    };
    step.row(Kind::Activity, &recorded.activity.to_string(), columns, &row)
}

fn reviews(step: &Step<'_>, fact: &Fact, reviewed: &ActivityReviewed) -> Vec<Statement> {
    let by = match fact.actor {
        Actor::User(user) => Some(user),
        Actor::Program | Actor::Connection(_) => None,
    };
    // Plain values: writing them can't fail.
    let review = serde_json::to_string(&Review { by, at: fact.at }).unwrap_or_default();
    let front = format!("{{\"reviewed\":{review},");
    let of = |activity: &ActivityId| {
        let args = [
            step.account.into(),
            Kind::Activity.word().into(),
            activity.to_string().into(),
            front.as_str().into(),
            step.after.version.into(),
        ];
        Statement::new(REVIEW, args)
    };
    reviewed.activities.iter().map(of).collect()
}

/// A page of records, the newest first; `filter.story` is the operation, `filter.by` the person's token.
pub async fn list(
    store: &Store,
    scope: &Scope,
    filter: &Filter,
    after: Option<&Cursor>,
    limit: u32,
) -> Result<Page<ActivityRow>, StoreError> {
    query::list(store, Kind::Activity, scope, filter, after, limit).await
}

/// One record.
pub async fn get(
    store: &Store,
    scope: &Scope,
    activity: ActivityId,
) -> Result<Option<Listed<ActivityRow>>, StoreError> {
    query::get(store, Kind::Activity, scope, &activity.to_string()).await
}

const UNREVIEWED: &str = "SELECT CAST(COUNT(*) AS BIGINT) FROM (SELECT 1 FROM page_row \
     WHERE kind = 'activity' AND status = 'unreviewed' ORDER BY sort DESC, rowid DESC LIMIT $1) AS first_ones";

/// How many records of all customers wait for somebody to look at them; counted up to `most`, so that it costs the same
/// however many there are.
pub async fn unreviewed(store: &Store, most: u32) -> Result<u64, StoreError> {
    let doing = || "counting what nobody has looked at".to_owned();
    let rows = store.read(doing, Statement::new(UNREVIEWED, [most.into()])).await?;
    Ok(rows.first().map(|row| row.count(0)).transpose()?.unwrap_or(0))
}
