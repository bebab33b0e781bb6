//! The forms of a case: take it, decide, answer Microsoft, write a note, propose containment. Each calls the very act
//! that the interface for programs calls; when the act refuses, the page is shown again with what was typed.

use super::case::{Known, Typed, again};
use super::form::{self, Form};
use super::page::Page;
use super::{pieces, words};
use crate::acts::told;
use crate::alerts::{self, Answer};
use crate::app::App;
use crate::body::{BasedOn, Ids, MAX_NOTE_CHARS, Sent, etag};
use crate::cases::acts::{self, Claim, Close, Note, Propose};
use crate::cases::seen;
use crate::problem::{Code, Problem};
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::body::Body;
use domain::cases::Outcome;
use domain::containment::{ActionClass, Blast, Proposed, Requested};
use domain::notices::{AlertStatus, MicrosoftReason};
use domain::permission::Permission as P;
use domain::policy::Policy;
use domain::reason::Reason;
use maud::{Markup, html};
use store::rows;

/// Everything that can be done with the case now.
pub(crate) fn all(app: &App, page: &Page, known: &Known, typed: &Typed) -> Markup {
    let open = known.listed.row.closed.is_none();
    html! {
        @if open {
            (claim_form(app, page, known, &typed.claim))
            (close_form(app, page, known, &typed.close))
            (propose_form(app, page, known, &typed.propose))
            (super::snoozes::on_case(app, page, known, &typed.snooze))
        } @else { (reopen_form(app, page, known, &typed.claim)) }
        (answers(app, page, known, &typed.answer))
        @if open { (note_form(app, page, known, &typed.note)) }
    }
}

/// Where the case is.
pub(super) fn address(known: &Known) -> String {
    format!("/cases/{}", known.listed.row.case)
}

fn to(known: &Known, verb: &str) -> String {
    format!("{}/{verb}", address(known))
}

fn state(known: &Known) -> Markup {
    form::state(&etag(known.listed.version))
}

fn claim_form(app: &App, page: &Page, known: &Known, typed: &Form) -> Markup {
    let mine = known.listed.row.owner == Some(page.session.caller.user);
    html! {
        @if !mine || typed.problem().is_some() {
            form.card method="post" action=(to(known, "claim")) {
                (form::hidden(app, page)) (state(known)) (form::problem(page, typed))
                div data-key="a" { (pieces::button(page, "case-claim", "primary", P::SignalTriage)) }
            }
        }
    }
}

fn reopen_form(app: &App, page: &Page, known: &Known, typed: &Form) -> Markup {
    html! {
        form.card method="post" action=(to(known, "reopen")) {
            (form::hidden(app, page)) (state(known)) (form::problem(page, typed))
            p { (page.t("case-is-closed")) }
            (pieces::button(page, "case-reopen", "", P::SignalTriage))
        }
    }
}

fn close_form(app: &App, page: &Page, known: &Known, typed: &Form) -> Markup {
    let open = || known.alerts.iter().map(|(alert, _)| alert).filter(|alert| alert.status != AlertStatus::Resolved);
    let reason = |outcome: Outcome| {
        let reason = known.policy.as_deref().and_then(|policy| policy.outcomes.get(&outcome).copied());
        reason.map(|reason| page.ta("microsoft-is-told", &[("reason", microsoft(page, reason))]))
    };
    html! {
        form.card method="post" action=(to(known, "close")) aria-labelledby="decide" {
            h2 id="decide" { (page.t("case-decide")) }
            (form::hidden(app, page)) (state(known)) (form::problem(page, typed))
            fieldset.field {
                legend { (page.t("case-was")) }
                @for outcome in Outcome::ALL {
                    label.choice {
                        input type="radio" name="outcome" value=(outcome.word()) required checked[typed.has("outcome", outcome.word())] data-key=[key_of(outcome)];
                        span { (page.word("outcome", outcome.word()))
                            @if open().next().is_some() { @if let Some(reason) = reason(outcome) { span.hint { " " (reason) } } } }
                    }
                }
            }
            @if open().next().is_some() {
                fieldset.field {
                    legend { (page.t("case-alerts-named")) }
                    p.hint { (page.t("case-alerts-named-hint")) }
                    @for alert in open() {
                        label.choice {
                            input type="checkbox" name="alert" value=(alert.alert.0) checked[typed.is_fresh() || typed.has("alert", &alert.alert.0)];
                            span { (alert.alert_type) }
                        }
                    }
                }
            }
            (form::long_text(page, typed, "note", "case-note-why", "note-hint", MAX_NOTE_CHARS))
            div.actions {
                (pieces::button(page, "case-close", "primary", P::SignalTriage))
                @if page.session.caller.may(P::SignalTriage) { button name="then" value="next" { (page.t("case-close-next")) } }
            }
        }
    }
}

const fn key_of(outcome: Outcome) -> Option<&'static str> {
    match outcome {
        Outcome::Fraud => Some("f"),
        Outcome::Legitimate => Some("e"),
        _ => None,
    }
}

fn microsoft(page: &Page, reason: MicrosoftReason) -> String {
    page.word("microsoft", &crate::acts::word_of(&reason))
}

fn propose_form(app: &App, page: &Page, known: &Known, typed: &Form) -> Markup {
    let row = &known.listed.row;
    let playbooks = || known.policy.iter().flat_map(|policy| policy.playbooks.values());
    let chosen = typed.maybe("playbook").or_else(|| row.playbook.clone());
    html! {
        details.card open[typed.problem().is_some()] data-key="p" id="propose" {
            summary { strong { (page.t("case-propose")) } }
            @for playbook in playbooks().filter(|playbook| Some(&playbook.name) == row.playbook.as_ref()) {
                p { (page.ta("case-suggested", &[("playbook", words::playbook(page, &playbook.name))])) }
                ol.steps { @for step in &playbook.steps { li { (page.word("step", &crate::acts::word_of(step))) } } }
            }
            form method="post" action=(to(known, "propose")) {
                (form::hidden(app, page)) (form::problem(page, typed))
                div.field {
                    label for="playbook" { (page.t("case-playbook")) }
                    select id="playbook" name="playbook" {
                        @for playbook in playbooks() { option value=(playbook.name) selected[Some(&playbook.name) == chosen.as_ref()] { (words::playbook(page, &playbook.name)) } }
                    }
                }
                (form::choice(page, typed, "class", "case-class", &[("normal", page.t("class-normal")), ("emergency", page.t("class-emergency"))]))
                (form::long_text(page, typed, "reason", "case-reason", "note-hint", MAX_NOTE_CHARS))
                (pieces::button(page, "case-preview", "", P::ActionPropose))
                p.hint { (page.t("case-preview-hint")) }
            }
        }
    }
}

fn answers(app: &App, page: &Page, known: &Known, typed: &Form) -> Markup {
    let alerts: Vec<_> =
        known.alerts.iter().map(|(alert, _)| alert).filter(|alert| alert.status != AlertStatus::Resolved).collect();
    html! {
        @if !alerts.is_empty() {
            details.card open[typed.problem().is_some()] {
                summary { strong { (page.t("case-answer")) } }
                (form::problem(page, typed))
                @for alert in alerts {
                    form method="post" action=(to(known, "answer")) {
                        (form::hidden(app, page)) (state(known))
                        input type="hidden" name="alert" value=(alert.alert.0);
                        p { strong { (alert.alert_type) } " " (pieces::state(page, "alert", &crate::acts::word_of(&alert.status)))
                            @if let Some((status, settled)) = alert.ordered { " " (page.ta(if settled { "answer-settled" } else { "answer-under-way" }, &[("status", page.word("alert", &crate::acts::word_of(&status)))])) } }
                        div.actions {
                            @if alert.status == AlertStatus::Active { button name="as" value="investigating" disabled[!page.session.caller.may(P::SignalTriage)] { (page.t("answer-investigating")) } }
                            @for reason in ["fraud", "legitimate", "ignore"] {
                                button name="as" value=(reason) disabled[!page.session.caller.may(P::SignalTriage)] { (page.ta("answer-resolved", &[("reason", page.word("microsoft", reason))])) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn note_form(app: &App, page: &Page, known: &Known, typed: &Form) -> Markup {
    html! {
        details.card open[typed.problem().is_some()] {
            summary { strong { (page.t("case-note")) } }
            form method="post" action=(to(known, "note")) {
                (form::hidden(app, page)) (form::problem(page, typed))
                (form::long_text(page, typed, "text", "case-note", "note-hint", MAX_NOTE_CHARS))
                (pieces::button(page, "case-note-save", "", P::SignalTriage))
            }
        }
    }
}

fn based_on(form: &Form) -> BasedOn {
    BasedOn::of(form.text(form::STATE_FIELD))
}

/// Takes the case.
pub(crate) async fn claim(State(app): State<App>, page: Page, ids: Ids, form: Form) -> Result<Response, Problem> {
    let act =
        acts::claim(State(app.clone()), page.session.clone(), ids.clone(), based_on(&form), Sent(Claim::default()));
    match act.await {
        Ok(_) => Ok(page.done_with(&case_of(&ids), "done-claimed", 1)),
        Err(problem) => again(&app, &page, &ids, &Typed { claim: form.with(problem), ..Typed::default() }).await,
    }
}

/// Opens the case again.
pub(crate) async fn reopen(State(app): State<App>, page: Page, ids: Ids, form: Form) -> Result<Response, Problem> {
    match acts::reopen(State(app.clone()), page.session.clone(), ids.clone(), based_on(&form)).await {
        Ok(_) => Ok(page.done(&case_of(&ids), "done-reopened")),
        Err(problem) => again(&app, &page, &ids, &Typed { claim: form.with(problem), ..Typed::default() }).await,
    }
}

/// Decides the case, and goes on to the next one if that is wanted.
pub(crate) async fn close(State(app): State<App>, page: Page, ids: Ids, form: Form) -> Result<Response, Problem> {
    let done = match Outcome::ALL.into_iter().find(|outcome| outcome.word() == form.text("outcome")) {
        None => Err(Problem::field("outcome", "one has to be chosen")),
        Some(outcome) => {
            let close = Close { outcome, alerts: form.all("alert"), note: form.maybe("note") };
            let preview = Ok(Query(acts::Preview::default()));
            acts::close(State(app.clone()), page.session.clone(), ids.clone(), preview, based_on(&form), Sent(close))
                .await
        }
    };
    match done {
        Ok(_) if form.has("then", "next") => Ok(page.done_with(&next(&app, &page).await?, "done-closed", 1)),
        Ok(_) => Ok(page.done_with(&case_of(&ids), "done-closed", 1)),
        Err(problem) => again(&app, &page, &ids, &Typed { close: form.with(problem), ..Typed::default() }).await,
    }
}

/// The next open case, the gravest and dearest; the first page when there is none.
pub(super) async fn next(app: &App, page: &Page) -> Result<String, Problem> {
    let filter = rows::Filter { status: "open".to_owned(), ..rows::Filter::default() };
    let found = rows::cases::dearest(&app.desk.store, &page.session.caller.scope, &filter).await?;
    Ok(found.map_or_else(|| "/".to_owned(), |listed| format!("/cases/{}", listed.row.case)))
}

/// Writes a note.
pub(crate) async fn note(State(app): State<App>, page: Page, ids: Ids, form: Form) -> Result<Response, Problem> {
    let note = Note { text: form.text("text").to_owned() };
    match acts::note(State(app.clone()), page.session.clone(), ids.clone(), Sent(note)).await {
        Ok(_) => Ok(page.done(&case_of(&ids), "done-noted")),
        Err(problem) => again(&app, &page, &ids, &Typed { note: form.with(problem), ..Typed::default() }).await,
    }
}

/// Answers one alert at Microsoft.
pub(crate) async fn answer(State(app): State<App>, page: Page, ids: Ids, form: Form) -> Result<Response, Problem> {
    let answer = match form.text("as") {
        "investigating" => Answer { status: AlertStatus::Investigating, reason: None },
        "fraud" => Answer { status: AlertStatus::Resolved, reason: Some(MicrosoftReason::Fraud) },
        "legitimate" => Answer { status: AlertStatus::Resolved, reason: Some(MicrosoftReason::Legitimate) },
        "ignore" => Answer { status: AlertStatus::Resolved, reason: Some(MicrosoftReason::Ignore) },
        _ => return Err(Code::BadRequest.into()),
    };
    let alert = Ids::of(&form.text("alert"));
    match alerts::answer(State(app.clone()), page.session.clone(), alert, based_on(&form), Sent(answer)).await {
        Ok(_) => Ok(page.done(&case_of(&ids), "done-answered")),
        Err(problem) => again(&app, &page, &ids, &Typed { answer: form.with(problem), ..Typed::default() }).await,
    }
}

/// Shows what an action would touch, and proposes it when that was seen.
pub(crate) async fn propose(State(app): State<App>, page: Page, ids: Ids, form: Form) -> Result<Response, Problem> {
    let class = if form.has("class", "emergency") { ActionClass::Emergency } else { ActionClass::Normal };
    let propose =
        Propose { playbook: form.text("playbook").to_owned(), targets: None, class, note: form.maybe("reason") };
    if !form.has("sure", "yes") {
        return match previewed(&app, &page, &ids, &propose).await {
            Ok(preview) => Ok(review(&app, &page, &ids, &propose, &preview)),
            Err(problem) => again(&app, &page, &ids, &Typed { propose: form.with(problem), ..Typed::default() }).await,
        };
    }
    match acts::propose(State(app.clone()), page.session.clone(), ids.clone(), Sent(propose)).await {
        Ok(_) => Ok(page.done(&case_of(&ids), "done-proposed")),
        Err(problem) => again(&app, &page, &ids, &Typed { propose: form.with(problem), ..Typed::default() }).await,
    }
}

fn case_of(ids: &Ids) -> String {
    ids.first::<domain::ids::CaseId>().map_or_else(|_| "/cases".to_owned(), |case| format!("/cases/{case}"))
}

/// What the policy would make of a proposal now: the same step that would be recorded, and is not.
async fn previewed(
    app: &App,
    page: &Page,
    ids: &Ids,
    propose: &Propose,
) -> Result<Result<Proposed, Vec<Reason>>, Problem> {
    let listed = seen(app, &page.session, ids.first()?).await?;
    let now = page.formats.now;
    let policy = app.policy(now).await?.ok_or(Code::NoPolicy)?;
    let request = Requested {
        case: listed.row.case,
        playbook: propose.playbook.clone(),
        targets: None,
        class: propose.class,
        revert_of: None,
        proposer: page.session.caller.user,
        note: None,
    };
    let file = app.desk.file(listed.account).await?;
    let asked = told(&page.session, now, Body::ContainmentRequested(request));
    let policy: &Policy = &policy;
    let step = domain::step::step(listed.account, file, vec![asked], Some(policy), now)
        .map_err(|error| Problem::internal(&error))?;
    let answer = step.facts.into_iter().find_map(|fact| match fact.body {
        Body::ActionProposed(proposed) => Some(Ok(proposed)),
        Body::ActionRefused(refused) => Some(Err(refused.reasons)),
        _ => None,
    });
    answer.ok_or_else(|| Code::NotFound.into())
}

fn review(app: &App, page: &Page, ids: &Ids, propose: &Propose, preview: &Result<Proposed, Vec<Reason>>) -> Response {
    let title = page.ta("propose-title", &[("playbook", words::playbook(page, &propose.playbook))]);
    let main = html! {
        h1 { (title) }
        @match preview {
            Ok(proposed) => {
                (touched(page, &proposed.blast))
                section.card {
                    h2 { (page.t("propose-guards")) }
                    ul { @for guard in &proposed.guards { li { span aria-hidden="true" { (if guard.passed { "✓ " } else { "✗ " }) } (page.word("rail", &crate::acts::word_of(&guard.rail))) } } }
                    p { (page.ta("propose-roles", &[("roles", pieces::role_names(page, &proposed.roles))])) " " (page.t("propose-other")) }
                    p { (page.t("propose-expires")) " " (pieces::time(page, proposed.expires)) }
                }
                form.actions method="post" action={ (case_of(ids)) "/propose" } {
                    (form::hidden(app, page))
                    input type="hidden" name="playbook" value=(propose.playbook);
                    input type="hidden" name="class" value=(crate::acts::word_of(&propose.class));
                    input type="hidden" name="reason" value=(propose.note.clone().unwrap_or_default());
                    input type="hidden" name="sure" value="yes";
                    (pieces::button(page, "propose-send", "danger", P::ActionPropose))
                    a.button href=(case_of(ids)) data-back { (page.t("back")) }
                }
            },
            Err(reasons) => {
                div.message.bad role="alert" {
                    p { strong { (page.t("propose-refused")) } }
                    ul { @for reason in crate::reasons::reasons(reasons, page.language()) { li { (reason.text) } } }
                }
                p { a.button href=(case_of(ids)) data-back { (page.t("back")) } }
            },
        }
    };
    let status = if preview.is_ok() { StatusCode::OK } else { Code::Refused.status() };
    page.show_as(status, &title, &main)
}

/// What an action touches: said before anybody is asked to approve it.
pub(crate) fn touched(page: &Page, blast: &Blast) -> Markup {
    html! {
        section.card {
            h2 { (page.t("propose-touches")) }
            @if blast.widened { p.message.warn { (page.t("propose-widened")) } }
            dl.facts {
                (pieces::pair(page, "propose-subscriptions", &html! { (blast.azure_subscriptions) }))
                (pieces::pair(page, "propose-plans", &html! { (blast.plans) }))
                (pieces::pair(page, "propose-users", &html! { (blast.users) }))
                (pieces::pair(page, "propose-saved", &pieces::money(page, blast.saved_per_hour)))
                (pieces::pair(page, "propose-undo", &html! { (page.formats.span(jiff::SignedDuration::from_mins(i64::from(blast.undo_minutes)))) }))
                @if !blast.goes_on_billing.is_empty() {
                    (pieces::pair(page, "propose-goes-on", &html! { ul { @for one in &blast.goes_on_billing { li { (page.word("goes-on", &crate::acts::word_of(one))) } } } }))
                }
                @if !blast.destroys.is_empty() {
                    (pieces::pair(page, "propose-destroys", &html! { ul { @for one in &blast.destroys { li { (page.word("destroys", &crate::acts::word_of(one))) } } } }))
                }
            }
        }
    }
}
