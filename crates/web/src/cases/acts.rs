//! What people do with a case: take it, write into it, close it with an outcome, open it again, propose containment.

use super::{CaseView, seen};
use crate::actions::ActionView;
use crate::acts::{CustomerView, on_customer, told};
use crate::app::App;
use crate::body::{BasedOn, Created, Ids, MAX_NOTE_CHARS, Sent, Tagged, checked_text};
use crate::journal::latest_facts;
use crate::problem::{Code, Problem};
use crate::router::API;
use crate::session::Session;
use axum::Json;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use domain::body::Body;
use domain::cases::{Case, Claimed, Closed, Noted, Outcome, Reopened, may_close};
use domain::containment::{ActionClass, Requested, may_propose};
use domain::fact::Fact;
use domain::file::{AccountFile, Part};
use domain::ids::{AccountId, ActionId, AzureSubscriptionId};
use domain::notices::{AlertId, AlertStatus, MicrosoftReason};
use domain::permission::{Caller, Permission};
use domain::sealed::{Retention, Sealed};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use store::rows;
use store::rows::Listed;
use store::rows::cases::CaseRow;

/// The most alerts that are named when a case is closed.
const MAX_NAMED_ALERTS: usize = 500;
/// The most Azure subscriptions that are named as targets.
const MAX_TARGETS: usize = 500;
/// The kind of the fact that asks for containment.
const REQUESTED: &str = "containment.requested";
/// The longest name of a playbook.
const MAX_PLAYBOOK_CHARS: usize = 100;

/// Who takes a case.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Claim {
    /// The user who gets it; the caller when left out.
    #[serde(default)]
    pub(crate) owner: Option<uuid::Uuid>,
}

/// A note.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Note {
    /// The text.
    #[schema(min_length = 1, max_length = 4000)]
    pub(crate) text: String,
}

/// How a case is closed.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Close {
    /// `fraud`, `misuse`, `legitimate`, `false_alarm`, `duplicate`, `test` or `stale`.
    #[schema(value_type = String, example = "fraud")]
    pub(crate) outcome: Outcome,
    /// The alerts that are resolved with it: only these.
    #[serde(default)]
    pub(crate) alerts: Vec<String>,
    /// Why, in your own words.
    #[serde(default)]
    pub(crate) note: Option<String>,
}

/// Whether closing is only tried.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Preview {
    /// `true` shows what Microsoft would be told and changes nothing.
    #[serde(default)]
    #[param(required = false)]
    preview: bool,
}

/// What Microsoft will be told about an alert.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Telling {
    alert: String,
    #[schema(value_type = String)]
    status: AlertStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    reason: Option<MicrosoftReason>,
}

/// What closing a case would do.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ClosePreview {
    #[schema(value_type = String)]
    outcome: Outcome,
    /// What Microsoft would be told.
    tells_microsoft: Vec<Telling>,
    /// Alerts of the case that would stay unanswered.
    stay_open: Vec<String>,
}

/// What is to be contained, and how.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Propose {
    /// The playbook of the policy.
    #[schema(max_length = 100)]
    pub(crate) playbook: String,
    /// The Azure subscriptions, when not those that the case names.
    #[serde(default)]
    pub(crate) targets: Option<BTreeSet<uuid::Uuid>>,
    /// `normal` or `emergency`.
    #[schema(value_type = String, example = "normal")]
    pub(crate) class: ActionClass,
    /// Why, in your own words.
    #[serde(default)]
    pub(crate) note: Option<String>,
}

/// Takes a case, or gives it to someone.
#[utoipa::path(post, path = "/cases/{id}:claim", tag = "cases", operation_id = "claimCase", request_body = Claim,
    responses((status = 200, description = "The case.", body = CaseView)))]
pub(crate) async fn claim(
    State(app): State<App>,
    session: Session,
    ids: Ids,
    based_on: BasedOn,
    Sent(claim): Sent<Claim>,
) -> Result<Tagged<CaseView>, Problem> {
    let listed = seen(&app, &session, ids.first()?).await?;
    based_on.check(listed.version)?;
    let owner = claim.owner.map_or(session.caller.user, AccountId);
    if owner != session.caller.user {
        can_own(&app, owner, &listed).await?;
    }
    on_customer(&app, &session, listed.account, None, |view| {
        let case = unchanged(view, &listed, based_on)?;
        let claimed = Claimed { case: case.id, owner };
        Ok(vec![told(&session, view.at, Body::CaseClaimed(claimed))])
    })
    .await?;
    shown_anew(&app, &session, &ids).await
}

/// A case goes to an active user who works with cases and sees the customer.
async fn can_own(app: &App, owner: AccountId, listed: &Listed<CaseRow>) -> Result<(), Problem> {
    let refused =
        || Problem::field("owner", "there is no active user with this id who works with cases of this customer");
    let Part::User(user) = app.desk.file(owner).await?.part else { return Err(refused()) };
    let caller = Caller::of(owner, &user);
    let sees = rows::cases::get(&app.desk.store, &caller.scope, listed.row.case).await?.is_some();
    if user.active && sees && caller.may(Permission::SignalTriage) { Ok(()) } else { Err(refused()) }
}

/// Writes something into a case.
#[utoipa::path(post, path = "/cases/{id}:note", tag = "cases", operation_id = "noteCase", request_body = Note,
    responses((status = 200, description = "The case.", body = CaseView)))]
pub(crate) async fn note(
    State(app): State<App>,
    session: Session,
    ids: Ids,
    Sent(note): Sent<Note>,
) -> Result<Tagged<CaseView>, Problem> {
    let listed = seen(&app, &session, ids.first()?).await?;
    checked_text("text", &note.text, MAX_NOTE_CHARS)?;
    let sealed = seal(&app, listed.account, &note.text).await?;
    on_customer(&app, &session, listed.account, None, |view| {
        let noted = Noted { case: listed.row.case, note: sealed.clone() };
        Ok(vec![told(&session, view.at, Body::CaseNoted(noted))])
    })
    .await?;
    shown_anew(&app, &session, &ids).await
}

/// Closes a case with an outcome; of its alerts only the named ones are resolved at Microsoft.
#[utoipa::path(post, path = "/cases/{id}:close", tag = "cases", operation_id = "closeCase", request_body = Close,
    params(Preview),
    responses(
        (status = 200, description = "The closed case; with `preview=true` what closing would do (a `ClosePreview`).", body = CaseView)))]
pub(crate) async fn close(
    State(app): State<App>,
    session: Session,
    ids: Ids,
    preview: Result<Query<Preview>, axum::extract::rejection::QueryRejection>,
    based_on: BasedOn,
    Sent(close): Sent<Close>,
) -> Result<Response, Problem> {
    let Query(preview) = preview.map_err(|_| Problem::parameter("preview", "it has to be `true` or `false`"))?;
    let listed = seen(&app, &session, ids.first()?).await?;
    based_on.check(listed.version)?;
    let alerts = named_alerts(&close, &listed.row)?;
    if preview.preview {
        let file = app.desk.file(listed.account).await?;
        may_close(file.customer().ok_or(Code::NotFound)?, listed.row.case, close.outcome)?;
        return Ok(Json(previewed(&app, &close, &alerts, &listed.row).await?).into_response());
    }
    let note = match &close.note {
        Some(text) => {
            checked_text("note", text, MAX_NOTE_CHARS)?;
            Some(seal(&app, listed.account, text).await?)
        }
        None => None,
    };
    on_customer(&app, &session, listed.account, None, |view| {
        let case = unchanged(view, &listed, based_on)?;
        may_close(view.file, case.id, close.outcome)?;
        let closed = Closed { case: case.id, outcome: close.outcome, alerts: alerts.clone(), note: note.clone() };
        Ok(vec![told(&session, view.at, Body::CaseClosed(closed))])
    })
    .await?;
    Ok(shown_anew(&app, &session, &ids).await?.into_response())
}

/// Only alerts of this case can be named, each once.
fn named_alerts(close: &Close, row: &CaseRow) -> Result<Vec<AlertId>, Problem> {
    if close.alerts.len() > MAX_NAMED_ALERTS {
        return Err(Problem::field("alerts", format!("at most {MAX_NAMED_ALERTS} are taken")));
    }
    let named: BTreeSet<AlertId> = close.alerts.iter().cloned().map(AlertId).collect();
    let foreign = named.iter().find(|named| row.alerts.iter().all(|(known, _)| known != *named));
    match foreign {
        Some(_) => Err(Problem::field("alerts", "one of them is no alert of this case")),
        None => Ok(named.into_iter().collect()),
    }
}

async fn previewed(app: &App, close: &Close, named: &[AlertId], row: &CaseRow) -> Result<ClosePreview, Problem> {
    let policy = app.policy(app.desk.clock.now()).await?.ok_or(Code::NoPolicy)?;
    let reason = policy.outcomes.get(&close.outcome).copied();
    let open = || row.alerts.iter().filter(|(_, status)| *status != AlertStatus::Resolved);
    let told = open().filter(|(id, _)| named.contains(id));
    let silent = open().filter(|(id, _)| !named.contains(id));
    Ok(ClosePreview {
        outcome: close.outcome,
        tells_microsoft: told
            .map(|(id, _)| Telling { alert: id.0.clone(), status: AlertStatus::Resolved, reason })
            .collect(),
        stay_open: silent.map(|(id, _)| id.0.clone()).collect(),
    })
}

/// Opens the case again that was closed last.
#[utoipa::path(post, path = "/cases/{id}:reopen", tag = "cases", operation_id = "reopenCase",
    responses((status = 200, description = "The case.", body = CaseView)))]
pub(crate) async fn reopen(
    State(app): State<App>,
    session: Session,
    ids: Ids,
    based_on: BasedOn,
) -> Result<Tagged<CaseView>, Problem> {
    let listed = seen(&app, &session, ids.first()?).await?;
    based_on.check(listed.version)?;
    on_customer(&app, &session, listed.account, None, |view| {
        let is_last = view.file.closed.as_ref().is_some_and(|case| case.id == listed.row.case);
        if !is_last {
            let state = if view.file.cases.contains_key(&listed.row.case) { "open" } else { "closed" };
            return Err(Problem::from(Code::NotInThisState).with("state", state));
        }
        Ok(vec![told(&session, view.at, Body::CaseReopened(Reopened { case: listed.row.case }))])
    })
    .await?;
    shown_anew(&app, &session, &ids).await
}

/// Proposes containment. The guard rails answer at once: with an action that waits for approval, or with their reasons.
#[utoipa::path(post, path = "/cases/{id}:propose", tag = "cases", operation_id = "proposeAction", request_body = Propose,
    responses((status = 201, description = "The action, waiting for approval.", body = ActionView)))]
pub(crate) async fn propose(
    State(app): State<App>,
    session: Session,
    ids: Ids,
    Sent(propose): Sent<Propose>,
) -> Result<Created<ActionView>, Problem> {
    let listed = seen(&app, &session, ids.first()?).await?;
    checked_text("playbook", &propose.playbook, MAX_PLAYBOOK_CHARS)?;
    let targets = propose.targets.map(|targets| targets.into_iter().map(AzureSubscriptionId).collect::<BTreeSet<_>>());
    if targets.as_ref().is_some_and(|targets| targets.len() > MAX_TARGETS) {
        return Err(Problem::field("targets", format!("at most {MAX_TARGETS} are taken")));
    }
    let note = sealed_note(&app, listed.account, propose.note.as_deref()).await?;
    let request = Requested {
        case: listed.row.case,
        playbook: propose.playbook,
        targets,
        class: propose.class,
        revert_of: None,
        proposer: session.caller.user,
        note,
    };
    request_containment(&app, &session, listed.account, request).await
}

/// Records a request for containment and gives back what the policy made of it.
pub(crate) async fn request_containment(
    app: &App,
    session: &Session,
    account: AccountId,
    request: Requested,
) -> Result<Created<ActionView>, Problem> {
    may_propose(&session.caller, request.class)?;
    let acted = on_customer(app, session, account, None, |view| {
        Ok(vec![told(session, view.at, Body::ContainmentRequested(request.clone()))])
    })
    .await?;
    let mut action = outcome(&acted.facts)?;
    if acted.facts.is_empty() {
        // The request was recorded before, under the same key: its own step tells what became of it.
        action = outcome(&recorded_before(app, session, account, &acted.file).await?)?;
    }
    let action = action.ok_or(Code::NotFound)?;
    let found = rows::actions::get(&app.desk.store, &session.caller.scope, action).await?;
    let listed = found.ok_or(Code::NotFound)?;
    let location = format!("{API}/actions/{action}");
    let Tagged { version, body } = crate::actions::tagged(app, session, listed).await?;
    Ok(Created { version, location, body })
}

/// The step that a request with the same key was recorded in.
async fn recorded_before(
    app: &App,
    session: &Session,
    account: AccountId,
    file: &AccountFile,
) -> Result<Vec<Fact>, Problem> {
    let key = session.source_key(REQUESTED);
    let facts = latest_facts(app, account, file.version).await?;
    let step = facts.iter().find(|fact| fact.source_key.is_some() && fact.source_key == key).map(|fact| fact.step);
    Ok(facts.into_iter().filter(|fact| Some(fact.step) == step).collect())
}

/// What was decided on a request: an action, or reasons against it.
fn outcome(facts: &[Fact]) -> Result<Option<ActionId>, Problem> {
    for fact in facts {
        match &fact.body {
            Body::ActionProposed(proposed) => return Ok(Some(proposed.action)),
            Body::ActionRefused(refused) => {
                let mut problem = Problem::from(Code::Refused);
                problem.reasons.clone_from(&refused.reasons);
                return Err(problem);
            }
            _ => {}
        }
    }
    Ok(None)
}

/// The open case, if it still is as the row that was read shows it.
fn unchanged<'a>(view: &CustomerView<'a>, listed: &Listed<CaseRow>, based_on: BasedOn) -> Result<&'a Case, Problem> {
    let row = &listed.row;
    let Some(case) = view.file.cases.get(&row.case) else {
        return Err(Problem::from(Code::NotInThisState).with("state", "closed"));
    };
    let same_alerts =
        case.alerts.len() == row.alerts.len() && row.alerts.iter().all(|(id, _)| case.alerts.contains(id));
    let same = case.owner == row.owner
        && case.severity == row.severity
        && case.signals.len() == row.signals.len()
        && same_alerts;
    if !same {
        based_on.stale_unless_any(listed.version)?;
    }
    Ok(case)
}

/// Seals what a person wrote.
pub(crate) async fn seal(app: &App, account: AccountId, text: &str) -> Result<Sealed<String>, Problem> {
    app.vault.seal(account, Retention::Evidence, &text.to_owned()).await.map_err(|error| Problem::internal(&error))
}

/// Seals a note that may be missing.
pub(crate) async fn sealed_note(
    app: &App,
    account: AccountId,
    note: Option<&str>,
) -> Result<Option<Sealed<String>>, Problem> {
    match note {
        Some(text) => {
            checked_text("note", text, MAX_NOTE_CHARS)?;
            seal(app, account, text).await.map(Some)
        }
        None => Ok(None),
    }
}

async fn shown_anew(app: &App, session: &Session, ids: &Ids) -> Result<Tagged<CaseView>, Problem> {
    let listed = seen(app, session, ids.first()?).await?;
    let now = app.desk.clock.now();
    let policy = app.policy(now).await?;
    Ok(Tagged { version: listed.version, body: CaseView::of(listed, policy.as_deref(), now) })
}
