//! Snoozes: which rules ask for no attention, at which customer, until when, why; and ending one early. A rule is snoozed
//! where it was met: in a case. Who does it gives a reason, and what is critical or what Microsoft waits for stays in sight.

use crate::acts::{on_customer, told};
use crate::app::App;
use crate::body::{Ids, MAX_NOTE_CHARS, Sent, Tagged, checked_text, etag};
use crate::cases::acts::seal;
use crate::cases::{CaseView, seen};
use crate::listing::{FilterParams, List, Listing, PageParams};
use crate::present::Personal;
use crate::problem::{Code, Problem};
use crate::session::Session;
use axum::Json;
use axum::extract::State;
use domain::body::Body;
use domain::fact::NewFact;
use domain::ids::{CaseId, SnoozeId};
use domain::snoozes::{Attention, MAX_SNOOZE_DAYS, MAX_SNOOZES, RuleSnoozed, SnoozeLifted, SnoozeRefusal};
use domain::snoozes::{may_snooze, snooze_of};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use store::rows;
use store::rows::snoozes::SnoozeRow;
use store::rows::{Cursor, Listed, Page};

/// The longest id of a rule.
const MAX_RULE_CHARS: usize = 200;

/// What is to be snoozed: until when, and why.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Snooze {
    /// For how many days from now, from 1 to 30; in place of `until`.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 30)]
    pub(crate) days: Option<u32>,
    /// Until when, at most 30 days from now; in place of `days`.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) until: Option<Timestamp>,
    /// Why, in your own words.
    #[schema(min_length = 1, max_length = 4000)]
    pub(crate) reason: String,
    /// Only these rules of the case; all of them when left out.
    #[serde(default)]
    pub(crate) rules: Option<BTreeSet<String>>,
}

/// A snooze.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Snoozed)]
pub(crate) struct SnoozeView {
    id: uuid::Uuid,
    /// The tag of its state.
    etag: String,
    customer: uuid::Uuid,
    /// The rule.
    rule: String,
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    until: Timestamp,
    /// By whom: `user:…`.
    by: String,
    /// Why.
    reason: Personal<String>,
}

/// How a snooze touches a case.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CaseSnooze {
    /// Until when the case is out of the queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) until: Option<Timestamp>,
    /// Why it stays in the queue all the same: `critical`, `answer_awaited`, `other_rules`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) still_shown: Option<&'static str>,
}

impl CaseSnooze {
    pub(crate) const fn of(attention: Attention) -> Option<Self> {
        match attention {
            Attention::Wanted => None,
            Attention::SnoozedUntil(until) => Some(Self { until: Some(until), still_shown: None }),
            Attention::WantedDespite(why) => Some(Self { until: None, still_shown: Some(why.word()) }),
        }
    }
}

impl SnoozeView {
    pub(crate) async fn of(app: &App, session: &Session, listed: Listed<SnoozeRow>) -> Self {
        let Listed { account, version, row, .. } = listed;
        Self {
            id: row.snooze.0,
            etag: etag(version),
            customer: account.0,
            rule: row.rule,
            since: row.since,
            until: row.until,
            by: row.by.to_string(),
            reason: app.reader(session).open(account, &row.reason).await,
        }
    }
}

/// The snoozes that the caller sees, those that last longest first. Filter: `status:` (`in_force` when left out, or
/// `over`), `rule:`, `customer:`.
#[utoipa::path(get, path = "/snoozes", tag = "cases", operation_id = "listSnoozes", params(PageParams, FilterParams),
    responses((status = 200, description = "A page of snoozes.", body = List<SnoozeView>)))]
pub(crate) async fn list(
    State(app): State<App>,
    session: Session,
    listing: Listing,
) -> Result<Json<List<SnoozeView>>, Problem> {
    let page = page_of(&app, &session, &listing).await?;
    let mut value = Vec::with_capacity(page.items.len());
    for listed in page.items {
        value.push(SnoozeView::of(&app, &session, listed).await);
    }
    Ok(Json(listing.page(value, page.next.as_ref().map(Cursor::text))))
}

/// The page of snoozes that a listing asks for.
pub(crate) async fn page_of(app: &App, session: &Session, listing: &Listing) -> Result<Page<SnoozeRow>, Problem> {
    listing.filter.only(&["status", "rule", "customer"])?;
    let status = listing.filter.word("status", &["in_force", "over"].map(|word| (word, word)))?;
    let filter = rows::Filter {
        status: status.unwrap_or("in_force").to_owned(),
        story: listing.filter.text("rule").unwrap_or_default().to_owned(),
        account: listing.filter.id("customer")?,
        ..rows::Filter::default()
    };
    let after = listing.cursor()?;
    Ok(rows::snoozes::list(&app.desk.store, &session.caller.scope, &filter, after.as_ref(), listing.limit).await?)
}

/// Snoozes the rules of a case at its customer: for some days they ask for no attention, and cases of theirs leave the
/// queue. They come back by themselves at the end, earlier when they burn twice as much, and at once when a person ends
/// it. What is critical, and what Microsoft waits for, stays in the queue.
#[utoipa::path(post, path = "/cases/{id}:snooze", tag = "cases", operation_id = "snoozeCase", request_body = Snooze,
    responses((status = 200, description = "The case.", body = CaseView)))]
pub(crate) async fn snooze(
    State(app): State<App>,
    session: Session,
    ids: Ids,
    Sent(snooze): Sent<Snooze>,
) -> Result<Tagged<CaseView>, Problem> {
    snoozed(&app, &session, ids.first()?, &snooze).await?;
    let listed = seen(&app, &session, ids.first()?).await?;
    let now = app.desk.clock.now();
    let policy = app.policy(now).await?;
    Ok(Tagged { version: listed.version, body: CaseView::of(listed, policy.as_deref(), now) })
}

/// Snoozes the rules of a case, for programs and for people alike.
pub(crate) async fn snoozed(app: &App, session: &Session, case: CaseId, snooze: &Snooze) -> Result<(), Problem> {
    let listed = seen(app, session, case).await?;
    let until = end(app.desk.clock.now(), snooze)?;
    checked_text("reason", &snooze.reason, MAX_NOTE_CHARS)?;
    for rule in snooze.rules.iter().flatten() {
        checked_text("rules", rule, MAX_RULE_CHARS)?;
    }
    let reason = seal(app, listed.account, &snooze.reason).await?;
    on_customer(app, session, listed.account, None, |view| {
        let Some(case) = view.file.cases.get(&case) else {
            return Err(Problem::from(Code::NotInThisState).with("state", "closed"));
        };
        let of_case: BTreeSet<&str> = case.rules().collect();
        let wanted = |rule: &&str| snooze.rules.as_ref().is_none_or(|rules| rules.contains(*rule));
        let rules: Vec<&str> = of_case.into_iter().filter(wanted).collect();
        if rules.is_empty() {
            return Err(Code::NothingToSnooze.into());
        }
        let mut facts: Vec<NewFact> = Vec::with_capacity(rules.len());
        for (number, rule) in rules.into_iter().enumerate() {
            may_snooze(view.file, rule, until, view.at)?;
            let snoozed = RuleSnoozed { rule: rule.to_owned(), until, reason: reason.clone() };
            let mut fact = told(session, view.at, Body::RuleSnoozed(snoozed));
            // One request snoozes several rules: each fact has a name of its own.
            fact.source_key = session.source_key(&format!("snooze-{number}"));
            facts.push(fact);
        }
        Ok(facts)
    })
    .await?;
    Ok(())
}

/// When a snooze ends: one of the two ways to say it has to be used.
fn end(now: Timestamp, snooze: &Snooze) -> Result<Timestamp, Problem> {
    let refused = || Problem::field("days", format!("from 1 to {MAX_SNOOZE_DAYS} days, or an instant in `until`"));
    match (snooze.days, snooze.until) {
        (Some(days), None) if (1..=MAX_SNOOZE_DAYS).contains(&i64::from(days)) => {
            now.saturating_add(SignedDuration::from_hours(24 * i64::from(days))).map_err(|_| refused())
        }
        (None, Some(until)) => Ok(desk::seam::whole_microseconds(until)),
        _ => Err(refused()),
    }
}

/// Ends a snooze before its time.
#[utoipa::path(post, path = "/snoozes/{id}:end", tag = "cases", operation_id = "endSnooze",
    responses((status = 204, description = "Its rule asks for attention again.")))]
pub(crate) async fn end_one(
    State(app): State<App>,
    session: Session,
    ids: Ids,
) -> Result<axum::http::StatusCode, Problem> {
    ended(&app, &session, ids.first()?).await?;
    Ok(axum::http::StatusCode::NO_CONTENT)
}

/// Ends a snooze, for programs and for people alike.
pub(crate) async fn ended(app: &App, session: &Session, snooze: SnoozeId) -> Result<(), Problem> {
    let found = rows::snoozes::get(&app.desk.store, &session.caller.scope, snooze).await?;
    let listed = found.ok_or(Code::NotFound)?;
    on_customer(app, session, listed.account, None, |view| {
        if snooze_of(view.file, snooze).is_none() {
            return Err(Problem::from(Code::NotInThisState).with("state", "over"));
        }
        Ok(vec![told(session, view.at, Body::SnoozeLifted(SnoozeLifted { snooze }))])
    })
    .await?;
    Ok(())
}

impl From<SnoozeRefusal> for Problem {
    fn from(refusal: SnoozeRefusal) -> Self {
        match refusal {
            SnoozeRefusal::End => Self::field("until", refusal.to_string()),
            SnoozeRefusal::TooMany => Self::from(Code::TooMany).with("limit", MAX_SNOOZES.to_string()),
        }
    }
}
