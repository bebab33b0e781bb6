//! Policies: what was published when, the files, checking new ones, and publishing them.

use crate::acts::{on_own, told};
use crate::app::App;
use crate::body::{BasedOn, Ids, Sent, Tagged};
use crate::listing::{List, Listing, PageParams};
use crate::present::Personal;
use crate::problem::{Code, FieldProblem, Problem};
use crate::reauthentication::Reauthenticated;
use crate::session::Session;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use desk::events::Epoch;
use desk::seam::whole_microseconds;
use domain::body::Body;
use domain::ids::{AccountId, AccountKind, Actor, Hash};
use domain::people::PolicyPublished;
use jiff::Timestamp;
use policy::Bundle;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::rows;

/// The largest body with policy files, in bytes.
pub(crate) const MAX_POLICY_BODY_BYTES: usize = 8 * 1024 * 1024;

/// A published policy.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Policy)]
pub(crate) struct PolicyView {
    /// Its number: 1, 2, 3 …
    pub(crate) epoch: u64,
    /// The hash of its files.
    pub(crate) hash: String,
    /// From when it decides.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) from: Timestamp,
    /// Whether it decides now.
    pub(crate) in_force: bool,
    /// By whom it was published: `user:…`, or the program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) by: Option<String>,
    /// The name of the user, for those who may see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) by_name: Option<Personal<String>>,
    /// When it was published.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) published: Option<Timestamp>,
}

impl PolicyView {
    /// An epoch, without who published it.
    fn of(epoch: &Epoch, in_force: bool) -> Self {
        let hash = epoch.hash.to_string();
        Self { epoch: epoch.number, hash, from: epoch.from, in_force, by: None, by_name: None, published: None }
    }
}

/// The files of a policy.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PolicyFiles {
    pub(crate) hash: String,
    /// The text of every file, by name.
    pub(crate) files: BTreeMap<String, String>,
}

/// Policy files, one way or the other.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SentFiles {
    /// The text of every file, by name.
    #[serde(default)]
    pub(crate) files: Option<BTreeMap<String, String>>,
    /// The archive that `borgen policy` writes, in base64.
    #[serde(default)]
    pub(crate) archive: Option<String>,
}

/// Policy files, and from when they decide.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Publish {
    /// The text of every file, by name.
    #[serde(default)]
    pub(crate) files: Option<BTreeMap<String, String>>,
    /// The archive that `borgen policy` writes, in base64.
    #[serde(default)]
    pub(crate) archive: Option<String>,
    /// From when they decide; at once when left out.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) from: Option<Timestamp>,
}

/// A value that is set otherwise than in the policy in force.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChangeView {
    /// The file.
    pub(crate) file: String,
    /// The value's place in it; empty for the file as a whole.
    pub(crate) key: String,
    /// What it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) before: Option<String>,
    /// What it becomes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) after: Option<String>,
}

impl From<policy::Change> for ChangeView {
    fn from(change: policy::Change) -> Self {
        Self { file: change.file, key: change.key, before: change.before, after: change.after }
    }
}

/// What the check of policy files found.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Checked {
    /// Whether they can be published.
    pub(crate) valid: bool,
    pub(crate) hash: String,
    /// Every wrong place, by file, line and column.
    pub(crate) problems: Vec<FieldProblem>,
    /// What is set otherwise than in the policy in force.
    pub(crate) changes: Vec<ChangeView>,
}

/// The policies that were published, the newest first. The tag is of the whole timeline: publishing is based on it.
#[utoipa::path(get, path = "/policies", tag = "policies", operation_id = "listPolicies", params(PageParams),
    responses((status = 200, description = "A page of policies.", body = List<PolicyView>)))]
pub(crate) async fn list(State(app): State<App>, session: Session, listing: Listing) -> Result<Response, Problem> {
    let (version, value, next) = page_of(&app, &session, &listing).await?;
    Ok(Tagged { version, body: listing.page(value, next) }.into_response())
}

/// The page of policies that a listing asks for, with the state of the timeline and the number to go on after.
pub(crate) async fn page_of(
    app: &App,
    session: &Session,
    listing: &Listing,
) -> Result<(u64, Vec<PolicyView>, Option<String>), Problem> {
    let before = match listing.after {
        Some(_) => listing.after_number()?,
        None => u64::MAX,
    };
    let timeline = app.desk.policies.refresh().await?;
    let now = app.desk.clock.now();
    let in_force = desk::events::in_force(&timeline.epochs, now).map(|epoch| epoch.number);
    let limit = usize::try_from(listing.limit).unwrap_or(usize::MAX);
    let mut older = timeline.epochs.iter().rev().filter(|epoch| epoch.number < before);
    let mut value: Vec<PolicyView> =
        older.by_ref().take(limit).map(|epoch| PolicyView::of(epoch, Some(epoch.number) == in_force)).collect();
    let next = value.last().filter(|_| older.next().is_some()).map(|last| last.epoch.to_string());
    let version = app.desk.store.head(AccountId::of_policy()).await?.map_or(0, |head| head.version);
    name_publishers(app, session, version, &mut value).await?;
    Ok((version, value, next))
}

/// Says of each policy who published it and when, as far as the latest facts of the policy's account tell.
async fn name_publishers(app: &App, session: &Session, version: u64, shown: &mut [PolicyView]) -> Result<(), Problem> {
    let reader = app.reader(session);
    let mut names: BTreeMap<AccountId, Personal<String>> = BTreeMap::new();
    for fact in crate::journal::latest_facts(app, AccountId::of_policy(), version).await? {
        let Body::PolicyPublished(published) = &fact.body else { continue };
        let Some(view) = shown.iter_mut().find(|view| view.epoch == published.epoch) else { continue };
        view.by = Some(fact.actor.to_string());
        view.published = Some(fact.at);
        let Actor::User(user) = fact.actor else { continue };
        if !names.contains_key(&user)
            && let Some(row) = rows::users::get(&app.desk.store, user).await?
        {
            names.insert(user, reader.open(user, &row.row.name).await);
        }
        view.by_name = names.get(&user).cloned();
    }
    Ok(())
}

/// The files of one policy.
#[utoipa::path(get, path = "/policies/{hash}", tag = "policies", operation_id = "getPolicy",
    responses((status = 200, description = "The files.", body = PolicyFiles)))]
pub(crate) async fn get(State(app): State<App>, _session: Session, ids: Ids) -> Result<Response, Problem> {
    let hash: Hash = ids.first()?;
    let bundle = stored(&app, hash).await?.ok_or(Code::NotFound)?;
    let text = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).into_owned();
    let files = bundle.files().iter().map(|(name, bytes)| (name.clone(), text(bytes))).collect();
    let mut response = Json(PolicyFiles { hash: hash.to_string(), files }).into_response();
    // Files under a hash never change, so the hash itself is their tag.
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{hash}\"")) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    Ok(response)
}

/// Checks policy files, and tells what they would change. Nothing is kept.
#[utoipa::path(post, path = "/policies:check", tag = "policies", operation_id = "checkPolicy", request_body = SentFiles,
    responses((status = 200, description = "What the check found.", body = Checked)))]
pub(crate) async fn check(
    State(app): State<App>,
    _session: Session,
    Sent(sent): Sent<SentFiles>,
) -> Result<Json<Checked>, Problem> {
    let bundle = bundle_of(sent.files, sent.archive)?;
    let problems = bundle.check().err().unwrap_or_default();
    let in_force = match app.desk.policies.in_force(app.desk.clock.now()).await {
        Ok((epoch, _)) => stored(&app, epoch.hash).await?,
        Err(_) => None,
    };
    let changes = in_force.map(|in_force| in_force.diff(&bundle)).unwrap_or_default();
    Ok(Json(Checked {
        valid: problems.is_empty(),
        hash: bundle.hash().to_string(),
        problems: problems.into_iter().map(FieldProblem::from).collect(),
        changes: changes.into_iter().map(ChangeView::from).collect(),
    }))
}

/// Publishes policy files that pass the check. Every account adopts them in its own time, from the instant named.
#[utoipa::path(post, path = "/policies:publish", tag = "policies", operation_id = "publishPolicy", request_body = Publish,
    params(("Borgen-Reauthentication" = Option<String>, Header,
        description = "A token from `/me/reauthentication`, for a policy with a single operator.")),
    responses((status = 200, description = "The published policy.", body = PolicyView)))]
pub(crate) async fn publish(
    State(app): State<App>,
    session: Session,
    based_on: BasedOn,
    proved: Reauthenticated,
    Sent(publish): Sent<Publish>,
) -> Result<Tagged<PolicyView>, Problem> {
    let bundle = bundle_of(publish.files, publish.archive)?;
    let checked = bundle.check().map_err(|problems| {
        let mut problem = Problem::from(Code::PolicyRefused);
        problem.errors = problems.into_iter().map(FieldProblem::from).collect();
        problem
    })?;
    let hash = bundle.hash();
    let newest = app.desk.policies.refresh().await?.epochs.last().copied();
    if let Some(same) = newest.filter(|newest| newest.hash == hash && publish.from.is_none())
        && same.from <= app.desk.clock.now()
    {
        // The files in force, published again: nothing changes, so nobody is made to look again.
        let version = app.desk.store.head(AccountId::of_policy()).await?.map_or(0, |head| head.version);
        return Ok(Tagged { version, body: PolicyView::of(&same, true) });
    }
    if checked.policy.approvals.single_operator.enabled {
        proved.demand()?;
        crate::seconding::check(&app, &session, hash).await?;
    }
    app.desk.store.put_bundle(hash, &bundle.to_bytes()).await?;
    let timeline = app.desk.policies.refresh().await?;
    let epoch = timeline.newest().saturating_add(1);
    let wanted_from = publish.from.map(whole_microseconds);
    let acted = on_own(&app, AccountId::of_policy(), AccountKind::Policy, Some(based_on), |view| {
        let from = wanted_from.unwrap_or(view.at);
        if from < view.at {
            return Err(Problem::field("from", "it has already passed"));
        }
        let published = PolicyPublished { hash, from, epoch };
        Ok(vec![told(&session, view.at, Body::PolicyPublished(published))])
    })
    .await?;
    app.desk.policies.refresh().await?;
    let from = wanted_from.unwrap_or(acted.at);
    let view = PolicyView::of(&Epoch { number: epoch, hash, from }, from <= acted.at);
    Ok(Tagged { version: acted.file.version, body: view })
}

/// The files with a hash, as far as they were ever published or tried.
pub(crate) async fn stored(app: &App, hash: Hash) -> Result<Option<Bundle>, Problem> {
    let Some(bytes) = app.desk.store.bundle(hash).await? else { return Ok(None) };
    Bundle::from_bytes(&bytes).map(Some).map_err(|error| Problem::internal(&error))
}

pub(crate) fn bundle_of(files: Option<BTreeMap<String, String>>, archive: Option<String>) -> Result<Bundle, Problem> {
    let made = match (files, archive) {
        (Some(files), None) => Bundle::of(files.into_iter().map(|(name, text)| (name, text.into_bytes()))),
        (None, Some(archive)) => {
            let bytes = STANDARD.decode(archive).map_err(|_| Problem::field("archive", "it is no base64"))?;
            Bundle::from_bytes(&bytes)
        }
        _ => return Err(Problem::field("files", "either `files` or `archive` is wanted")),
    };
    made.map_err(|error| Problem::field("files", error.to_string()))
}

impl From<policy::Problem> for FieldProblem {
    fn from(problem: policy::Problem) -> Self {
        let detail = match problem.hint {
            Some(hint) => format!("{} ({hint})", problem.message),
            None => problem.message,
        };
        Self {
            line: u64::try_from(problem.line).ok(),
            column: u64::try_from(problem.column).ok(),
            ..Self::new(problem.file, "policy", detail)
        }
    }
}
