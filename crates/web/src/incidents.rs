//! Incidents: several cases with one cause, and the caps that a named person lifts meanwhile.

use crate::acts::{on_own, told};
use crate::app::App;
use crate::body::{BasedOn, Created, Ids, MAX_LABEL_CHARS, Sent, Tagged, checked_text, etag};
use crate::cases;
use crate::lifts::{self, InForce, LiftView};
use crate::listing::{FilterParams, List, Listing, PageParams};
use crate::people::People;
use crate::present::{Personal, Reader};
use crate::problem::{Code, Problem};
use crate::router::API;
use crate::session::Session;
use axum::Json;
use axum::extract::State;
use desk::seam::whole_microseconds;
use domain::body::Body;
use domain::ids::{AccountId, AccountKind, CaseId, IncidentId};
use domain::people::{CapLifted, IncidentDeclared, IncidentEnded};
use domain::sealed::Retention;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use store::rows;
use store::rows::incidents::IncidentRow;
use store::rows::{Cursor, Listed, Page};

/// The most cases of one incident.
const MAX_CASES: usize = 1_000;
/// A lifted cap falls back at the latest after this many hours.
const MAX_LIFT_HOURS: i64 = 24;
/// The most changes an hour that a lifted cap allows.
const MAX_LIFTED_LIMIT: u32 = 10_000;

/// A case of an incident.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct IncidentCase {
    customer: uuid::Uuid,
    case: uuid::Uuid,
}

/// An incident.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Incident)]
pub(crate) struct IncidentView {
    id: uuid::Uuid,
    /// The tag of its state.
    etag: String,
    /// What it is, in a person's words.
    title: Personal<String>,
    cases: Vec<IncidentCase>,
    #[schema(value_type = String, format = DateTime)]
    declared: Timestamp,
    /// By whom: `user:…`.
    by: String,
    /// That person's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    by_name: Option<Personal<String>>,
    /// The caps that are lifted in it now. One whose time has passed, or that was lifted again in another incident, is
    /// not among them.
    lifted_caps: Vec<LiftView>,
}

impl IncidentView {
    async fn of(
        reader: Reader<'_>,
        people: &mut People<'_>,
        in_force: &[InForce],
        listed: Listed<IncidentRow>,
    ) -> Result<Self, Problem> {
        let Listed { account, version, row, .. } = listed;
        let mut lifted_caps = Vec::new();
        for one in in_force.iter().filter(|one| one.lift.incident == row.incident) {
            lifted_caps.push(LiftView::of(one, people).await?);
        }
        Ok(Self {
            id: row.incident.0,
            etag: etag(version),
            title: reader.open(account, &row.title).await,
            cases: row
                .cases
                .into_iter()
                .map(|(customer, case)| IncidentCase { customer: customer.0, case: case.0 })
                .collect(),
            declared: row.declared,
            by: row.by.to_string(),
            by_name: people.actor(row.by).await?,
            lifted_caps,
        })
    }
}

/// What is declared.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Declare {
    #[schema(min_length = 1, max_length = 200)]
    title: String,
    /// The cases that have one cause.
    cases: BTreeSet<uuid::Uuid>,
}

/// Which cap is lifted, how far and how long.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct LiftCap {
    /// The connection whose changes per hour are capped.
    connection: uuid::Uuid,
    /// How many there are in an hour meanwhile.
    #[schema(minimum = 1, maximum = 10000)]
    limit: u32,
    /// When it falls back; at most a day from now. Either this or `minutes`.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
    /// After how many minutes it falls back, by the server's clock.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 1440)]
    minutes: Option<u32>,
}

/// The incidents, the newest first. Filter: `status:open` or `status:ended`.
#[utoipa::path(get, path = "/incidents", tag = "incidents", operation_id = "listIncidents", params(PageParams, FilterParams),
    responses((status = 200, description = "A page of incidents.", body = List<IncidentView>)))]
pub(crate) async fn list(
    State(app): State<App>,
    session: Session,
    listing: Listing,
) -> Result<Json<List<IncidentView>>, Problem> {
    let page = page_of(&app, &listing).await?;
    let (reader, in_force) = (app.reader(&session), lifts::in_force(&app).await?);
    let mut people = People::new(reader);
    let mut value = Vec::with_capacity(page.items.len());
    for listed in page.items {
        value.push(IncidentView::of(reader, &mut people, &in_force, listed).await?);
    }
    Ok(Json(listing.page(value, page.next.as_ref().map(Cursor::text))))
}

/// The page of incidents that a listing asks for, for programs and for people alike.
pub(crate) async fn page_of(app: &App, listing: &Listing) -> Result<Page<IncidentRow>, Problem> {
    listing.filter.only(&["status"])?;
    let status = listing.filter.word("status", &[("open", "open"), ("ended", "ended")])?.unwrap_or_default();
    let filter = rows::Filter { status: status.to_owned(), ..rows::Filter::default() };
    let after = listing.cursor()?;
    Ok(rows::incidents::list(&app.desk.store, &filter, after.as_ref(), listing.limit).await?)
}

/// One incident.
#[utoipa::path(get, path = "/incidents/{id}", tag = "incidents", operation_id = "getIncident",
    responses((status = 200, description = "The incident.", body = IncidentView)))]
pub(crate) async fn get(State(app): State<App>, session: Session, ids: Ids) -> Result<Tagged<IncidentView>, Problem> {
    shown(&app, &session, ids.first()?).await
}

/// Declares that several cases have one cause. The cases learn of it in a moment.
#[utoipa::path(post, path = "/incidents", tag = "incidents", operation_id = "declareIncident", request_body = Declare,
    responses((status = 201, description = "The incident.", body = IncidentView)))]
pub(crate) async fn declare(
    State(app): State<App>,
    session: Session,
    Sent(declare): Sent<Declare>,
) -> Result<Created<IncidentView>, Problem> {
    checked_text("title", &declare.title, MAX_LABEL_CHARS)?;
    if declare.cases.is_empty() || declare.cases.len() > MAX_CASES {
        return Err(Problem::field("cases", format!("from 1 to {MAX_CASES} are taken")));
    }
    let mut named = Vec::with_capacity(declare.cases.len());
    for case in declare.cases.into_iter().map(CaseId) {
        let listed = cases::seen(&app, &session, case).await.map_err(of_case)?;
        named.push((listed.account, case));
    }
    let partner = AccountId::of_partner();
    let sealed = app.vault.seal(partner, Retention::Evidence, &declare.title).await;
    let title = sealed.map_err(|error| Problem::internal(&error))?;
    let incident = IncidentId(app.entropy.id(app.desk.clock.now()));
    let declared = IncidentDeclared { incident, title, cases: named };
    let acted = on_own(&app, partner, AccountKind::Partner, None, |view| {
        Ok(vec![told(&session, view.at, Body::IncidentDeclared(declared.clone()))])
    })
    .await?;
    let incident =
        if acted.facts.is_empty() { declared_before(&app, &session, acted.file.version).await? } else { incident };
    let Tagged { version, body } = shown(&app, &session, incident).await?;
    Ok(Created { version, location: format!("{API}/incidents/{incident}"), body })
}

/// Only a case that is not there is the sender's mistake; a store that fails is ours.
fn of_case(problem: Problem) -> Problem {
    match problem.code {
        Code::NotFound => Problem::field("cases", "one of them is no case that you see"),
        _ => problem,
    }
}

/// The incident that a request with the same key declared before.
async fn declared_before(app: &App, session: &Session, version: u64) -> Result<IncidentId, Problem> {
    let key = session.source_key("incident.declared");
    let facts = crate::journal::latest_facts(app, AccountId::of_partner(), version).await?;
    let found = facts.into_iter().find(|fact| fact.source_key.is_some() && fact.source_key == key);
    match found.map(|fact| fact.body) {
        Some(Body::IncidentDeclared(declared)) => Ok(declared.incident),
        _ => Err(Code::NotFound.into()),
    }
}

/// Lifts the cap on changes per hour of a connection, for a time and under the caller's name.
#[utoipa::path(post, path = "/incidents/{id}:lift-cap", tag = "incidents", operation_id = "liftCap", request_body = LiftCap,
    responses((status = 200, description = "The incident.", body = IncidentView)))]
pub(crate) async fn lift_cap(
    State(app): State<App>,
    session: Session,
    ids: Ids,
    based_on: BasedOn,
    Sent(lift): Sent<LiftCap>,
) -> Result<Tagged<IncidentView>, Problem> {
    let listed = seen(&app, ids.first()?).await?;
    based_on.check(listed.version)?;
    let connection = AccountId(lift.connection);
    let known = rows::connections::get(&app.desk.store, connection).await?;
    known.ok_or_else(|| Problem::field("connection", "there is no such connection"))?;
    if !(1..=MAX_LIFTED_LIMIT).contains(&lift.limit) {
        return Err(Problem::field("limit", format!("it has to be from 1 to {MAX_LIFTED_LIMIT}")));
    }
    let incident = listed.row.incident;
    if lift.until.is_some() == lift.minutes.is_some() {
        return Err(Problem::field("until", "either `until` or `minutes` is wanted"));
    }
    on_own(&app, AccountId::of_partner(), AccountKind::Partner, None, |view| {
        is_open(view.file, incident)?;
        let after = |minutes: u32| view.at.saturating_add(SignedDuration::from_mins(i64::from(minutes)));
        let wanted = lift.until.or(lift.minutes.map(|minutes| after(minutes).unwrap_or(Timestamp::MAX)));
        let until = whole_microseconds(wanted.unwrap_or(view.at));
        let last = view.at.saturating_add(SignedDuration::from_hours(MAX_LIFT_HOURS)).unwrap_or(Timestamp::MAX);
        if until <= view.at || until > last {
            return Err(Problem::field(
                "until",
                format!("it has to be later than now, by at most {MAX_LIFT_HOURS} hours"),
            ));
        }
        let lift = CapLifted { incident, permit: lifts::permit_of(connection), limit: lift.limit, until };
        Ok(vec![told(&session, view.at, Body::CapLifted(lift))])
    })
    .await?;
    shown(&app, &session, incident).await
}

/// Ends an incident.
#[utoipa::path(post, path = "/incidents/{id}:end", tag = "incidents", operation_id = "endIncident",
    responses((status = 200, description = "The incident.", body = IncidentView)))]
pub(crate) async fn end(
    State(app): State<App>,
    session: Session,
    ids: Ids,
    based_on: BasedOn,
) -> Result<Tagged<IncidentView>, Problem> {
    let listed = seen(&app, ids.first()?).await?;
    based_on.check(listed.version)?;
    let incident = listed.row.incident;
    on_own(&app, AccountId::of_partner(), AccountKind::Partner, None, |view| {
        is_open(view.file, incident)?;
        Ok(vec![told(&session, view.at, Body::IncidentEnded(IncidentEnded { incident }))])
    })
    .await?;
    shown(&app, &session, incident).await
}

fn is_open(file: &domain::file::AccountFile, incident: IncidentId) -> Result<(), Problem> {
    match &file.part {
        domain::file::Part::Partner(partner) if partner.incidents.contains(&incident) => Ok(()),
        _ => Err(Problem::from(Code::NotInThisState).with("state", "ended")),
    }
}

async fn seen(app: &App, id: IncidentId) -> Result<Listed<IncidentRow>, Problem> {
    rows::incidents::get(&app.desk.store, id).await?.ok_or_else(|| Code::NotFound.into())
}

async fn shown(app: &App, session: &Session, id: IncidentId) -> Result<Tagged<IncidentView>, Problem> {
    let listed = seen(app, id).await?;
    let (version, reader) = (listed.version, app.reader(session));
    let in_force = lifts::in_force(app).await?;
    let body = IncidentView::of(reader, &mut People::new(reader), &in_force, listed).await?;
    Ok(Tagged { version, body })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_that_fails_is_no_mistake_of_the_sender() {
        assert_eq!(of_case(Code::NotFound.into()).code, Code::BadBody);
        for ours in [Code::Internal, Code::Busy, Code::ReadOnly] {
            assert_eq!(of_case(ours.into()).code, ours);
        }
    }
}
