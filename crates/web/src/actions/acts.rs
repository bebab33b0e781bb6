//! What people do with an action: approve it as it was shown, reject it, stop it, revert it, review it.

use super::{ActionView, seen, tagged};
use crate::acts::{CustomerView, on_customer, told};
use crate::app::App;
use crate::body::{BasedOn, Created, Ids, Sent, Tagged};
use crate::cases::acts::{request_containment, sealed_note};
use crate::problem::{Code, Problem};
use crate::reauthentication::Reauthenticated;
use crate::session::Session;
use axum::extract::State;
use domain::body::Body;
use domain::containment::{
    Action, ActionClass, Approved, Rejected, Requested, Reviewed, Stopped, may_approve, may_reject, may_revert,
    may_review, may_stop,
};
use domain::ids::Hash;
use domain::paging::{PageAbout, PageAcknowledged, may_acknowledge_action};
use serde::Deserialize;
use store::rows::Listed;
use store::rows::actions::ActionRow;

/// A yes to an action as it was shown.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Approve {
    /// The `parameters` of the action that you looked at.
    #[schema(value_type = String, min_length = 64, max_length = 64)]
    pub(crate) parameters: Hash,
}

/// A no.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Reject {
    /// Why, in your own words.
    #[serde(default)]
    pub(crate) note: Option<String>,
}

/// How an action is reverted.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Revert {
    /// `normal` or `emergency`.
    #[schema(value_type = String, example = "normal")]
    pub(crate) class: ActionClass,
    /// Why, in your own words.
    #[serde(default)]
    pub(crate) note: Option<String>,
}

/// Approves an action as it was shown, with a second factor that is fresh. The proposer can't, unless alone.
#[utoipa::path(post, path = "/actions/{id}:approve", tag = "actions", operation_id = "approveAction", request_body = Approve,
    params(("Borgen-Reauthentication" = Option<String>, Header,
        description = "A token from `/me/reauthentication`; a session may have a fresh proof instead.")),
    responses((status = 200, description = "The action.", body = ActionView)))]
pub(crate) async fn approve(
    State(app): State<App>,
    session: Session,
    ids: Ids,
    based_on: BasedOn,
    proved: Reauthenticated,
    Sent(approve): Sent<Approve>,
) -> Result<Tagged<ActionView>, Problem> {
    let listed = seen(&app, &session, ids.first()?).await?;
    let Reauthenticated(reauthenticated) = proved;
    let caller = &session.caller;
    on_customer(&app, &session, listed.account, None, |view| {
        // Why it does not go is told before whether it is stale: an expired proposal is not worth reading again.
        let id = listed.row.action.proposed.action;
        may_approve(view.file, view.policy, id, approve.parameters, caller, reauthenticated, view.at)?;
        proved.demand()?;
        unchanged(view, &listed, based_on)?;
        let approved = Approved {
            action: id,
            parameters: approve.parameters,
            approver: caller.user,
            roles: caller.roles.clone(),
            reauthenticated,
        };
        Ok(vec![told(&session, view.at, Body::ActionApproved(approved))])
    })
    .await?;
    shown_anew(&app, &session, &ids).await
}

/// Rejects an action that waits for approval.
#[utoipa::path(post, path = "/actions/{id}:reject", tag = "actions", operation_id = "rejectAction", request_body = Reject,
    responses((status = 200, description = "The action.", body = ActionView)))]
pub(crate) async fn reject(
    State(app): State<App>,
    session: Session,
    ids: Ids,
    based_on: BasedOn,
    Sent(reject): Sent<Reject>,
) -> Result<Tagged<ActionView>, Problem> {
    let listed = seen(&app, &session, ids.first()?).await?;
    let note = sealed_note(&app, listed.account, reject.note.as_deref()).await?;
    on_customer(&app, &session, listed.account, None, |view| {
        let action = may_reject(view.file, listed.row.action.proposed.action)?;
        unchanged(view, &listed, based_on)?;
        let rejected = Rejected { action: action.proposed.action, note: note.clone() };
        Ok(vec![told(&session, view.at, Body::ActionRejected(rejected))])
    })
    .await?;
    shown_anew(&app, &session, &ids).await
}

/// Withdraws a proposal, or stops what is not yet done of an action.
#[utoipa::path(post, path = "/actions/{id}:stop", tag = "actions", operation_id = "stopAction",
    responses((status = 200, description = "The action.", body = ActionView)))]
pub(crate) async fn stop(
    State(app): State<App>,
    session: Session,
    ids: Ids,
    based_on: BasedOn,
) -> Result<Tagged<ActionView>, Problem> {
    let listed = seen(&app, &session, ids.first()?).await?;
    on_customer(&app, &session, listed.account, None, |view| {
        let action = may_stop(view.file, listed.row.action.proposed.action, &session.caller)?;
        unchanged(view, &listed, based_on)?;
        Ok(vec![told(&session, view.at, Body::ActionStopped(Stopped { action: action.proposed.action }))])
    })
    .await?;
    shown_anew(&app, &session, &ids).await
}

/// Proposes to undo an action. The proposal is approved like any other.
#[utoipa::path(post, path = "/actions/{id}:revert", tag = "actions", operation_id = "revertAction", request_body = Revert,
    responses((status = 201, description = "The action that reverts, waiting for approval.", body = ActionView)))]
pub(crate) async fn revert(
    State(app): State<App>,
    session: Session,
    ids: Ids,
    Sent(revert): Sent<Revert>,
) -> Result<Created<ActionView>, Problem> {
    let listed = seen(&app, &session, ids.first()?).await?;
    let note = sealed_note(&app, listed.account, revert.note.as_deref()).await?;
    let action = &listed.row.action.proposed;
    let file = app.desk.file(listed.account).await?;
    let customer = file.customer().ok_or(Code::NotFound)?;
    may_revert(customer, action.action)?;
    let request = Requested {
        case: action.case,
        playbook: action.playbook.clone(),
        targets: None,
        class: revert.class,
        revert_of: Some(action.action),
        proposer: session.caller.user,
        note,
    };
    request_containment(&app, &session, listed.account, request).await
}

/// Says that you have seen the page about an emergency and decide: nobody else is woken, and the proposer can't act alone.
#[utoipa::path(post, path = "/actions/{id}:acknowledge", tag = "actions", operation_id = "acknowledgeAction",
    responses((status = 200, description = "The action.", body = ActionView)))]
pub(crate) async fn acknowledge(
    State(app): State<App>,
    session: Session,
    ids: Ids,
    based_on: BasedOn,
) -> Result<Tagged<ActionView>, Problem> {
    let listed = seen(&app, &session, ids.first()?).await?;
    on_customer(&app, &session, listed.account, None, |view| {
        let action = listed.row.action.proposed.action;
        may_acknowledge_action(view.file, action, &session.caller)?;
        unchanged(view, &listed, based_on)?;
        let about = PageAbout::Approval { action };
        let by = session.caller.user;
        Ok(vec![told(&session, view.at, Body::PageAcknowledged(PageAcknowledged { about, by }))])
    })
    .await?;
    shown_anew(&app, &session, &ids).await
}

/// Marks an action as reviewed that was released without a second person, or in the emergency class.
#[utoipa::path(post, path = "/actions/{id}:review", tag = "actions", operation_id = "reviewAction",
    responses((status = 200, description = "The action.", body = ActionView)))]
pub(crate) async fn review(
    State(app): State<App>,
    session: Session,
    ids: Ids,
    based_on: BasedOn,
) -> Result<Tagged<ActionView>, Problem> {
    let listed = seen(&app, &session, ids.first()?).await?;
    on_customer(&app, &session, listed.account, None, |view| {
        let id = listed.row.action.proposed.action;
        may_review(view.file, view.policy, id, &session.caller)?;
        unchanged(view, &listed, based_on)?;
        Ok(vec![told(&session, view.at, Body::ActionReviewed(Reviewed { action: id }))])
    })
    .await?;
    shown_anew(&app, &session, &ids).await
}

/// Refuses when the action is no longer as the row shows it, or as the caller saw it.
fn unchanged(view: &CustomerView<'_>, listed: &Listed<ActionRow>, based_on: BasedOn) -> Result<(), Problem> {
    let row: &Action = &listed.row.action;
    let same = view.file.actions.get(&row.proposed.action) == Some(row);
    if same { based_on.check(listed.version) } else { based_on.stale_unless_any(listed.version) }
}

async fn shown_anew(app: &App, session: &Session, ids: &Ids) -> Result<Tagged<ActionView>, Problem> {
    tagged(app, session, seen(app, session, ids.first()?).await?).await
}
