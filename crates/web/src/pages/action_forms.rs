//! The forms of an action: approve it as it is shown, reject it, stop it, revert it, review it. Each calls the very act
//! that the interface for programs calls. Who may not sees the button, why not, and who may.

use super::action::{Typed, whole};
use super::form::{self, Form};
use super::page::Page;
use super::pieces;
use crate::actions::acts::{self, Approve, Reject, Revert};
use crate::actions::{ActionAct, offered};
use crate::app::App;
use crate::body::{BasedOn, Ids, MAX_NOTE_CHARS, Sent, etag};
use crate::problem::{Code, Problem};
use crate::reauthentication::Reauthenticated;
use axum::extract::State;
use axum::response::Response;
use domain::containment::ActionClass;
use domain::ids::ActionId;
use maud::{Markup, html};
use store::rows::Listed;
use store::rows::actions::ActionRow;

/// Everything that can be done with the action now.
pub(crate) fn all(app: &App, page: &Page, listed: &Listed<ActionRow>, typed: &Typed) -> Markup {
    let offered = offered(&listed.row.action, &page.session);
    html! {
        @for act in &offered { (one(app, page, listed, act, &typed.of(act.verb))) }
        // What was refused is told also where the act itself is no longer offered.
        @if !offered.iter().any(|act| act.verb == typed.verb) { (form::problem(page, &typed.form)) }
        @if offered.is_empty() { p.hint { (page.t("action-nothing-to-do")) } }
    }
}

fn one(app: &App, page: &Page, listed: &Listed<ActionRow>, act: &ActionAct, typed: &Form) -> Markup {
    let proposed = &listed.row.action.proposed;
    let verb = act.verb;
    html! {
        form.card method="post" action={ "/actions/" (proposed.action) "/" (verb) } aria-labelledby=(verb) {
            h2 id=(verb) { (page.word("act", verb)) }
            (form::hidden(app, page)) (form::state(&etag(listed.version))) (form::problem(page, typed))
            p { (page.word("act-text", verb)) }
            @match verb {
                "approve" => { input type="hidden" name="parameters" value=(proposed.parameters); },
                "reject" => (form::long_text(page, typed, "note", "action-why", "note-hint", MAX_NOTE_CHARS)),
                "revert" => {
                    (form::choice(page, typed, "class", "case-class", &[("normal", page.t("action-class-normal")), ("emergency", page.t("action-class-emergency"))]))
                    (form::long_text(page, typed, "note", "action-why", "note-hint", MAX_NOTE_CHARS))
                },
                _ => {},
            }
            button type="submit" class=(class(verb)) disabled[!act.allowed] { (page.word("act", verb)) }
            @if !act.allowed { p.hint { (why_not(page, listed, act)) } }
        }
    }
}

fn class(verb: &str) -> &'static str {
    match verb {
        "approve" => "primary",
        "stop" | "reject" => "danger",
        _ => "",
    }
}

/// Why somebody may not, and who may.
fn why_not(page: &Page, listed: &Listed<ActionRow>, act: &ActionAct) -> String {
    let is_own = listed.row.action.is_by(page.session.caller.user);
    let roles = [("roles", pieces::role_names(page, &act.roles))];
    match act.verb {
        "approve" | "acknowledge" | "review" if is_own => page.ta("action-own", &roles),
        _ => page.ta("needs-role", &roles),
    }
}

fn based_on(form: &Form) -> BasedOn {
    BasedOn::of(form.text(form::STATE_FIELD))
}

fn here(ids: &Ids) -> String {
    ids.first::<ActionId>().map_or_else(|_| "/actions".to_owned(), |action| format!("/actions/{action}"))
}

/// The page again, or the page that asks for a fresh second factor and comes back.
async fn refused(
    app: &App,
    page: &Page,
    ids: &Ids,
    (verb, form): (&'static str, Form),
    problem: Problem,
) -> Result<Response, Problem> {
    if problem.code == Code::ReauthenticationNeeded {
        let next: String = form_urlencoded::byte_serialize(here(ids).as_bytes()).collect();
        return Ok(page.go(&format!("/prove?next={next}")));
    }
    whole(app, page, ids, &Typed { verb, form: form.with(problem) }).await
}

/// Approves the action as it was shown.
pub(crate) async fn approve(
    State(app): State<App>,
    page: Page,
    ids: Ids,
    proved: Reauthenticated,
    form: Form,
) -> Result<Response, Problem> {
    let Ok(parameters) = form.text("parameters").parse() else {
        return refused(&app, &page, &ids, ("approve", form), Code::OtherParameters.into()).await;
    };
    let (session, sent) = (page.session.clone(), Sent(Approve { parameters }));
    match acts::approve(State(app.clone()), session, ids.clone(), based_on(&form), proved, sent).await {
        Ok(_) => Ok(page.done(&here(&ids), "done-approved")),
        Err(problem) => refused(&app, &page, &ids, ("approve", form), problem).await,
    }
}

/// Rejects the action.
pub(crate) async fn reject(State(app): State<App>, page: Page, ids: Ids, form: Form) -> Result<Response, Problem> {
    let (session, sent) = (page.session.clone(), Sent(Reject { note: form.maybe("note") }));
    match acts::reject(State(app.clone()), session, ids.clone(), based_on(&form), sent).await {
        Ok(_) => Ok(page.done(&here(&ids), "done-rejected")),
        Err(problem) => refused(&app, &page, &ids, ("reject", form), problem).await,
    }
}

/// Withdraws the proposal, or stops what is not yet done.
pub(crate) async fn stop(State(app): State<App>, page: Page, ids: Ids, form: Form) -> Result<Response, Problem> {
    match acts::stop(State(app.clone()), page.session.clone(), ids.clone(), based_on(&form)).await {
        Ok(_) => Ok(page.done(&here(&ids), "done-stopped")),
        Err(problem) => refused(&app, &page, &ids, ("stop", form), problem).await,
    }
}

/// Proposes to undo the action, and shows that proposal.
pub(crate) async fn revert(State(app): State<App>, page: Page, ids: Ids, form: Form) -> Result<Response, Problem> {
    let class = if form.has("class", "emergency") { ActionClass::Emergency } else { ActionClass::Normal };
    let sent = Sent(Revert { class, note: form.maybe("note") });
    match acts::revert(State(app.clone()), page.session.clone(), ids.clone(), sent).await {
        Ok(created) => {
            let id = created.location.rsplit('/').next().unwrap_or_default();
            Ok(page.done(&format!("/actions/{id}"), "done-proposed"))
        }
        Err(problem) => refused(&app, &page, &ids, ("revert", form), problem).await,
    }
}

/// Takes the emergency on.
pub(crate) async fn acknowledge(State(app): State<App>, page: Page, ids: Ids, form: Form) -> Result<Response, Problem> {
    match acts::acknowledge(State(app.clone()), page.session.clone(), ids.clone(), based_on(&form)).await {
        Ok(_) => Ok(page.done(&here(&ids), "done-acknowledged")),
        Err(problem) => refused(&app, &page, &ids, ("acknowledge", form), problem).await,
    }
}

/// Marks the action as reviewed.
pub(crate) async fn review(State(app): State<App>, page: Page, ids: Ids, form: Form) -> Result<Response, Problem> {
    match acts::review(State(app.clone()), page.session.clone(), ids.clone(), based_on(&form)).await {
        Ok(_) => Ok(page.done(&here(&ids), "done-reviewed")),
        Err(problem) => refused(&app, &page, &ids, ("review", form), problem).await,
    }
}
