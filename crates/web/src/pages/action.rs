//! One action: what it touches and costs, what the guard rails said, what an approval is bound to, who said yes, and
//! where each step is at Microsoft. What people do with it is in `action_forms`.

use super::case_forms::touched;
use super::form::Form;
use super::names::Names;
use super::page::Page;
use super::today::left;
use super::{action_forms, actions, live, pieces};
use crate::actions::seen;
use crate::app::App;
use crate::body::Ids;
use crate::problem::Problem;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::containment::{Action, ActionState, Remote, StepEnd, StepKind, StepState};
use domain::paging::{CallEnd, PageRule};
use maud::{Markup, html};
use store::rows::actions::{ActionRow, status};

/// What was typed into one of the forms.
#[derive(Debug, Default)]
pub(crate) struct Typed {
    /// The verb of the form; empty when nothing was sent.
    pub(crate) verb: &'static str,
    pub(crate) form: Form,
}

impl Typed {
    /// What was typed into the form of a verb.
    pub(crate) fn of(&self, verb: &str) -> Form {
        if self.verb == verb { self.form.clone() } else { Form::default() }
    }
}

/// The page.
pub(crate) async fn show(State(app): State<App>, page: Page, ids: Ids) -> Result<Response, Problem> {
    whole(&app, &page, &ids, &Typed::default()).await
}

/// The page; after a form that was refused, with what was typed and what is wrong with it.
pub(crate) async fn whole(app: &App, page: &Page, ids: &Ids, typed: &Typed) -> Result<Response, Problem> {
    let position = live::position(app).await?;
    let listed = seen(app, &page.session, ids.first()?).await?;
    let mut names = Names::new(app, page);
    let facts = facts(page, &listed.row, &mut names).await?;
    if page.wants("facts") {
        return Ok(page.part(facts));
    }
    let customer = names.customer(listed.account).await?;
    let proposed = &listed.row.action.proposed;
    let title = actions::name(page, proposed);
    let main = html! {
        p { a href="/actions" data-back { "← " (page.t("actions-title")) } }
        h1 { (title) ", " (customer) }
        p.sub {
            a href={ "/customers/" (listed.account) "?part=actions" } { (page.t("action-customer")) } " · "
            a href={ "/cases/" (proposed.case) } { (page.t("action-case")) }
            @if let Some(reverted) = proposed.revert_of { " · " a href={ "/actions/" (reverted) } { (page.t("action-reverted")) } }
        }
        div.columns {
            div { (live::part(page, "facts", &format!("/actions/{}", proposed.action), position, &facts)) }
            div { (action_forms::all(app, page, &listed, typed)) }
        }
    };
    let status = typed.form.problem().map_or(StatusCode::OK, |problem| problem.code.status());
    Ok(page.show_as(status, &title, &main))
}

/// The part that is kept up to date: everything but the forms.
async fn facts(page: &Page, row: &ActionRow, names: &mut Names<'_>) -> Result<Markup, Problem> {
    let action = &row.action;
    let proposer = names.person(action.proposed.proposer).await?;
    let approvals = approvals(page, action, names).await?;
    let woken = woken(page, action, names).await?;
    Ok(html! {
        @if action.needs_person() { div.message.bad role="status" { p { (page.t("action-needs-person")) } } }
        @if let Some(by) = action.review_by { div.message.warn role="status" { p { (page.t("action-review-by")) " " (pieces::time(page, by)) } } }
        (proposal(page, action, &proposer))
        (approvals)
        (woken)
        (steps(page, action))
        (touched(page, &action.proposed.blast))
        section.card {
            h2 { (page.t("propose-guards")) }
            ul { @for guard in &action.proposed.guards {
                li { span aria-hidden="true" { (if guard.passed { "✓ " } else { "✗ " }) } (page.word("rail", &crate::acts::word_of(&guard.rail))) ": " (page.t(if guard.passed { "guard-passed" } else { "guard-refused" })) }
            } }
        }
    })
}

fn proposal(page: &Page, action: &Action, proposer: &Markup) -> Markup {
    let asked = &action.proposed;
    html! {
        section.card aria-labelledby="proposal" {
            h2 id="proposal" { (page.t("action-proposal")) }
            p { (pieces::state(page, "action", status(action.state))) }
            dl.facts {
                (pieces::pair(page, "action-proposer", &html! { (proposer) ", " (pieces::time(page, action.proposed_at)) }))
                (pieces::pair(page, "case-class", &html! { (page.word("action-class", &crate::acts::word_of(&asked.class))) }))
                (pieces::pair(page, "column-stake", &pieces::money(page, asked.at_stake)))
                @if action.state == ActionState::Proposed {
                    (pieces::pair(page, "action-expires-in", &html! { (left(page, Some(asked.expires))) " (" (pieces::time(page, asked.expires)) ")" }))
                }
                (pieces::pair(page, "action-parameters", &html! { code { (asked.parameters) } p.hint { (page.t("action-parameters-hint")) } }))
            }
        }
    }
}

async fn approvals(page: &Page, action: &Action, names: &mut Names<'_>) -> Result<Markup, Problem> {
    let mut given = Vec::new();
    for (at, approved) in &action.approvals {
        let who = names.person(approved.approver).await?;
        let roles: Vec<_> = approved.roles.iter().copied().collect();
        given.push(html! {
            li {
                strong { (who) } ", " (pieces::role_names(page, &roles)) ", " (pieces::time(page, *at))
                @if approved.reauthenticated { " · " (page.t("action-proved")) }
            }
        });
    }
    let wanted = &action.proposed.roles;
    let args = [
        ("given", given.len().to_string()),
        ("wanted", wanted.len().to_string()),
        ("roles", pieces::role_names(page, wanted)),
    ];
    Ok(html! {
        section.card aria-labelledby="approvals" {
            h2 id="approvals" { (page.t("action-approvals-title")) }
            p { (page.ta("action-approvals", &args)) }
            @if !given.is_empty() { ul { @for one in &given { (one) } } }
        }
    })
}

/// Who is woken about an emergency, and who has taken it on.
async fn woken(page: &Page, action: &Action, names: &mut Names<'_>) -> Result<Markup, Problem> {
    if action.proposed.page == PageRule::None {
        return Ok(html! {});
    }
    let taken_on = match action.page.as_ref().and_then(|page| page.acknowledged) {
        Some((at, by)) => Some((at, names.person(by).await?)),
        None => None,
    };
    let calls: Vec<_> = action.page.iter().flat_map(|page| &page.calls).collect();
    let ended = calls.iter().all(|call| matches!(call.end, Some(CallEnd::Failed { .. })));
    Ok(html! {
        section.card aria-labelledby="woken" {
            h2 id="woken" { (page.t("action-page")) }
            @if action.proposed.page == PageRule::NobodyToPage { p { (page.t("page-none")) } }
            @if !calls.is_empty() { ul { @for call in &calls { li {
                strong { (call.receiver) } ": "
                @match &call.end {
                    Some(CallEnd::Sent(at)) => { (page.t("page-sent")) " " (pieces::time(page, *at)) },
                    Some(CallEnd::Failed { code }) => { (page.t("page-failed")) " (" code { (code) } ")" },
                    None => (page.t("page-waits")),
                }
            } } } }
            @if !calls.is_empty() && ended && taken_on.is_none() { p { (page.t("page-nobody-reached")) } }
            @if let Some((at, who)) = taken_on { p { (page.t("page-taken")) " " (who) ", " (pieces::time(page, at)) } }
        }
    })
}

fn steps(page: &Page, action: &Action) -> Markup {
    html! {
        section.card aria-labelledby="steps" {
            h2 id="steps" { (page.t("action-steps")) }
            ol.steps {
                @for (kind, state) in action.steps_with_states() {
                    li {
                        strong { (page.word("does", &crate::acts::word_of(kind))) } " "
                        code { (object(kind)) }
                        p { (pieces::state(page, "at", &at(state))) " " (said(page, state)) }
                    }
                }
            }
        }
    }
}

/// What a step changes at Microsoft.
fn object(kind: &StepKind) -> String {
    match kind {
        StepKind::CancelAzureSubscription { azure_subscription, .. }
        | StepKind::ReactivateAzureSubscription { azure_subscription, .. } => azure_subscription.to_string(),
        StepKind::SuspendPlan { plan } | StepKind::ReactivatePlan { plan, .. } => plan.to_string(),
    }
}

/// The word of where a step is; at its end, how it ended.
fn at(state: &StepState) -> String {
    match state {
        StepState::Ended(end) => crate::acts::word_of(end),
        other => crate::acts::word_of(other),
    }
}

/// What Microsoft said about a step, or what was read back there.
fn said(page: &Page, state: &StepState) -> Markup {
    match state {
        StepState::Accepted { at } => html! { (page.t("microsoft-took")) " " (pieces::time(page, *at)) },
        StepState::Looking { looks, .. } => html! { (page.ta("microsoft-look", &[("look", looks.to_string())])) },
        StepState::Seen { looks, at, remote } => {
            let word = match remote {
                Remote::AzureSubscription(status) => crate::acts::word_of(status),
                Remote::Plan(status) => crate::acts::word_of(status),
            };
            let shown = page.word("subscription", &word);
            html! { (page.ta("microsoft-showed", &[("look", looks.to_string()), ("status", shown)])) " " (pieces::time(page, *at)) }
        }
        StepState::Stuck { code } | StepState::Ended(StepEnd::Failed { code }) => {
            html! { (page.t("microsoft-said")) " " code { (code) } }
        }
        StepState::Ended(StepEnd::DryRun) | StepState::NotSent => html! { (page.t("microsoft-not-asked")) },
        StepState::Waiting | StepState::Ordered { .. } | StepState::Ended(_) => html! {},
    }
}
