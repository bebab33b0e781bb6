//! Microsoft's alerts: each with its answer clock, what we answered, and one alert with its text and the ways to answer.

use super::form::{self, Form};
use super::lists::{self, List, Shown};
use super::names::Names;
use super::page::Page;
use super::pieces;
use super::today::left;
use crate::alerts::{Answer, page_of, seen};
use crate::app::App;
use crate::body::{BasedOn, Ids, Sent, etag};
use crate::journal::fact;
use crate::listing::Listing;
use crate::present::Personal;
use crate::problem::{Code, Problem};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::body::Body;
use domain::notices::{AlertStatus, MicrosoftReason};
use domain::permission::{Permission, roles_allowing};
use domain::policy::Policy;
use domain::signals::Evidence;
use domain::views::ViewOf;
use maud::{Markup, html};
use store::rows::Listed;
use store::rows::notices::NoticeRow;

/// The list.
const LIST: List<'static> = List {
    of: Some(ViewOf::Notices),
    path: "/notices",
    title: "notices-title",
    text: None,
    help: "notices-query-help",
    empty: ("notices-empty", "notices-empty-text"),
    views: &[
        ("view-unanswered", "status:active"),
        ("view-investigated", "status:investigating"),
        ("view-resolved", "status:resolved"),
        ("view-all", ""),
    ],
    first: "status:active",
};

/// The list.
pub(crate) async fn show(
    State(app): State<App>,
    page: Page,
    listing: Result<Listing, Problem>,
) -> Result<Response, Problem> {
    LIST.answer(&page, find(&app, &page, listing).await, |list| list)
}

async fn find(app: &App, page: &Page, listing: Result<Listing, Problem>) -> Result<Shown, Problem> {
    let listing = LIST.listing(page, listing)?;
    let found = page_of(app, &page.session, &listing).await?;
    let policy = app.policy(page.formats.now).await?;
    let mut names = Names::new(app, page);
    names.meet(found.items.iter().map(|listed| listed.account)).await?;
    let mut rows = Vec::with_capacity(found.items.len());
    for listed in &found.items {
        let customer = names.customer(listed.account).await?;
        rows.push(row(page, &listed.row, policy.as_deref(), &customer));
    }
    Ok(Shown { head: head(page), rows, next: lists::next(&listing, &found), chips: lists::severities(page) })
}

fn head(page: &Page) -> Markup {
    html! { tr {
        th scope="col" { (page.t("column-kind")) }
        th scope="col" { (page.t("column-what")) }
        th scope="col" { (page.t("column-customer")) }
        th scope="col" { (page.t("notice-state")) }
        th scope="col" { (page.t("notice-clock")) }
    } }
}

/// The address of an alert. Microsoft makes up its ids, so nothing in them is taken for a part of the address.
fn address(row: &NoticeRow) -> String {
    // In a path a space is not written as a plus sign.
    let id: String = form_urlencoded::byte_serialize(row.alert.0.as_bytes()).collect();
    format!("/notices/{}", id.replace('+', "%20"))
}

fn row(page: &Page, row: &NoticeRow, policy: Option<&Policy>, customer: &Markup) -> Markup {
    html! {
        tr data-row {
            td { (pieces::severity(page, row.severity)) }
            td.long {
                a.name href=(address(row)) { (row.alert_type) }
                @if row.test { " " (pieces::state(page, "notice", "test")) }
                br;
                span.meta { (page.t("alert-received")) " " (pieces::ago(page, row.received)) }
            }
            td data-name=(page.t("column-customer")) { a href={ "/customers/" (row.account) } { (customer) } }
            td data-name=(page.t("notice-state")) {
                (pieces::state(page, "alert", &crate::acts::word_of(&row.status)))
                @if let Some(code) = &row.failed { p.late { (page.ta("alert-failed", &[("code", code.clone())])) } }
            }
            td data-name=(page.t("notice-clock")) { (clock(page, row, policy)) }
        }
    }
}

/// How long is left for the answer that is due next, or when it was given.
fn clock(page: &Page, row: &NoticeRow, policy: Option<&Policy>) -> Markup {
    let after = |span| row.received.saturating_add(span).ok();
    let target = policy.and_then(|policy| after(policy.clocks.answer_target));
    let limit = policy.and_then(|policy| after(policy.clocks.answer_limit));
    match (row.status, row.answered) {
        (AlertStatus::Resolved, answered) => html! {
            @match answered { Some(at) => { (page.t("notice-answered")) " " (pieces::time(page, at)) }, None => (page.t("notice-resolved-elsewhere")) }
        },
        (_, Some(at)) => html! {
            (page.t("notice-answered")) " " (pieces::time(page, at))
            p.hint { (page.t("case-last-answer")) ": " (left(page, limit)) }
        },
        (_, None) => html! { (left(page, target)) p.hint { (page.t("case-last-answer")) ": " (left(page, limit)) } },
    }
}

/// One alert.
pub(crate) async fn one(State(app): State<App>, page: Page, ids: Ids) -> Result<Response, Problem> {
    whole(&app, &page, &ids, &Form::default()).await
}

async fn whole(app: &App, page: &Page, ids: &Ids, typed: &Form) -> Result<Response, Problem> {
    let listed = seen(app, &page.session, ids).await?;
    let row = &listed.row;
    let policy = app.policy(page.formats.now).await?;
    let customer = Names::new(app, page).customer(listed.account).await?;
    let evidence = match fact(app, listed.account, row.seen).await?.map(|fact| fact.body) {
        Some(Body::AlertSeen(seen)) => Some(app.reader(&page.session).open(listed.account, &seen.evidence).await),
        _ => None,
    };
    let title = page.ta("alert-title", &[("type", row.alert_type.clone())]);
    let main = html! {
        p { a href="/notices" data-back { "← " (page.t("notices-title")) } }
        h1 { (title) }
        p.actions { (pieces::severity(page, row.severity)) (pieces::state(page, "alert", &crate::acts::word_of(&row.status))) @if row.test { (pieces::state(page, "notice", "test")) } }
        div.columns {
            section.card {
                dl.facts {
                    (pieces::pair(page, "column-customer", &html! { a href={ "/customers/" (row.account) } { (customer) } }))
                    @if let Some(case) = row.case { (pieces::pair(page, "notice-case", &html! { a href={ "/cases/" (case) } { (page.t("notice-open-case")) } })) }
                    (pieces::pair(page, "notice-clock", &clock(page, row, policy.as_deref())))
                    (pieces::pair(page, "notice-detected", &pieces::time(page, row.detected)))
                    (pieces::pair(page, "notice-received", &pieces::time(page, row.received)))
                    @if let Some(azure) = row.azure_subscription { (pieces::pair(page, "subscription-kind-azure", &html! { code { (azure) } })) }
                    (pieces::pair(page, "notice-id", &html! { code { (row.alert.0) } }))
                }
                @if let Some(evidence) = &evidence { (shown(page, evidence)) }
            }
            (form_of(app, page, &listed, typed))
        }
    };
    let status = typed.problem().map_or(StatusCode::OK, |problem| problem.code.status());
    Ok(page.show_as(status, &title, &main))
}

/// Microsoft's text, for those who may read evidence.
fn shown(page: &Page, evidence: &Personal<Evidence>) -> Markup {
    html! {
        h2 { (page.t("notice-text")) }
        @match evidence {
            Personal::Open { value } => {
                dl.facts { @for (name, value) in &value.fields { div { dt { (name) } dd { (value) } } } }
                pre tabindex="0" { (value.event) }
            },
            Personal::Closed { roles } => p.none { (page.ta("personal-closed-roles", &[("roles", pieces::role_names(page, roles))])) },
            _ => p.none { (page.t("personal-erased")) },
        }
    }
}

fn form_of(app: &App, page: &Page, listed: &Listed<NoticeRow>, typed: &Form) -> Markup {
    let row = &listed.row;
    let may = page.session.caller.may(Permission::SignalTriage);
    html! {
        form.card method="post" action={ (address(row)) "/answer" } {
            h2 { (page.t("case-answer")) }
            (form::hidden(app, page)) (form::state(&etag(listed.version))) (form::problem(page, typed))
            @if let Some((status, settled)) = row.ordered {
                p { (page.ta(if settled { "answer-settled" } else { "answer-under-way" }, &[("status", page.word("alert", &crate::acts::word_of(&status)))])) }
            }
            @if row.status == AlertStatus::Resolved { p { (page.t("notice-done")) } } @else {
                p.hint { (page.t("notice-answer-hint")) }
                div.actions {
                    @if row.status == AlertStatus::Active { button name="as" value="investigating" disabled[!may] { (page.t("answer-investigating")) } }
                    @for reason in ["fraud", "legitimate", "ignore"] {
                        button name="as" value=(reason) disabled[!may] { (page.ta("answer-resolved", &[("reason", page.word("microsoft", reason))])) }
                    }
                }
                @if !may { p.hint { (page.ta("needs-role", &[("roles", pieces::role_names(page, &roles_allowing(Permission::SignalTriage)))])) } }
            }
        }
    }
}

/// Answers the alert at Microsoft.
pub(crate) async fn answer(State(app): State<App>, page: Page, ids: Ids, form: Form) -> Result<Response, Problem> {
    let answer = match form.text("as") {
        "investigating" => Answer { status: AlertStatus::Investigating, reason: None },
        "fraud" => Answer { status: AlertStatus::Resolved, reason: Some(MicrosoftReason::Fraud) },
        "legitimate" => Answer { status: AlertStatus::Resolved, reason: Some(MicrosoftReason::Legitimate) },
        "ignore" => Answer { status: AlertStatus::Resolved, reason: Some(MicrosoftReason::Ignore) },
        _ => return Err(Code::BadRequest.into()),
    };
    let (session, based_on) = (page.session.clone(), BasedOn::of(form.text(form::STATE_FIELD)));
    match crate::alerts::answer(State(app.clone()), session, ids.clone(), based_on, Sent(answer)).await {
        Ok(_) => Ok(page.done(&address(&seen(&app, &page.session, &ids).await?.row), "done-answered")),
        Err(problem) => whole(&app, &page, &ids, &form.with(problem)).await,
    }
}
