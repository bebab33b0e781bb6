//! What was done in Partner Center for all customers, by whom, and who of us has looked at it; one record with the
//! thing before and after.

use super::form::{self, Form};
use super::lists::{self, List, Shown};
use super::names::Names;
use super::page::Page;
use super::pieces;
use crate::activity::{NotReviewed, ReviewedView, marked, page_of, seen, values};
use crate::app::App;
use crate::body::Ids;
use crate::listing::Listing;
use crate::present::Personal;
use crate::problem::Problem;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::ids::ActivityId;
use domain::permission::Permission;
use maud::{Markup, html};
use std::collections::BTreeSet;
use store::rows::Listed;
use store::rows::activity::ActivityRow;

/// The list.
const LIST: List<'static> = List {
    of: None,
    path: "/activity",
    title: "activity-title",
    text: Some("activity-text"),
    help: "activity-query-help",
    empty: ("activity-empty", "activity-empty-text"),
    views: &[("view-unreviewed", "status:unreviewed"), ("view-reviewed", "status:reviewed"), ("view-all", "")],
    first: "status:unreviewed",
};
/// Operations that a person looks for first.
const OPERATIONS: [&str; 3] = ["create_order", "update_subscription", "azure_fraud_event_detected"];

/// The list.
pub(crate) async fn show(
    State(app): State<App>,
    page: Page,
    listing: Result<Listing, Problem>,
) -> Result<Response, Problem> {
    LIST.answer(&page, find(&app, &page, listing).await, |list| {
        html! {
            form method="post" action="/activity/review" {
                (form::hidden(&app, &page))
                input type="hidden" name="back" value=(page.here);
                (list)
                (bulk(&page))
            }
        }
    })
}

async fn find(app: &App, page: &Page, listing: Result<Listing, Problem>) -> Result<Shown, Problem> {
    let listing = LIST.listing(page, listing)?;
    let found = page_of(app, &page.session, &listing).await?;
    let mut names = Names::new(app, page);
    names.meet(found.items.iter().map(|listed| listed.account)).await?;
    let users = found.items.iter().filter_map(|listed| Some((listed.account, listed.row.user.clone()?))).collect();
    let mut users = app.reader(&page.session).open_all(users).await.into_iter();
    let mut rows = Vec::with_capacity(found.items.len());
    for listed in &found.items {
        let user = if listed.row.user.is_some() { users.next() } else { None };
        rows.push(row(page, listed, user.as_ref(), &mut names).await?);
    }
    let chips = OPERATIONS.map(|word| (operation(page, word), format!("operation:{word}"))).into();
    Ok(Shown { head: head(page), rows, next: lists::next(&listing, &found), chips })
}

fn head(page: &Page) -> Markup {
    html! { tr {
        th scope="col" { label { span.hidden { (page.t("select-all")) } input type="checkbox" data-select-all; } }
        th scope="col" { (page.t("fact-at")) }
        th scope="col" { (page.t("column-what")) }
        th scope="col" { (page.t("column-customer")) }
        th scope="col" { (page.t("activity-who")) }
        th scope="col" { (page.t("activity-reviewed")) }
    } }
}

async fn row(
    page: &Page,
    listed: &Listed<ActivityRow>,
    user: Option<&Personal<String>>,
    names: &mut Names<'_>,
) -> Result<Markup, Problem> {
    let row = &listed.row;
    let what = operation(page, &row.operation);
    let customer = customer(page, listed, names).await?;
    let who = who(page, listed, user);
    let review = review(page, row, names).await?;
    Ok(html! {
        tr id={ "activity-" (row.activity) } data-row {
            td { input type="checkbox" name="activity" value=(row.activity) data-select disabled[row.reviewed.is_some()] aria-label=(page.ta("select-activity", &[("what", what.clone())])); }
            td { (pieces::time(page, row.happened)) p.hint { (pieces::ago(page, row.happened)) } }
            td {
                a.name href={ (LIST.path) "/" (row.activity) } { (what) }
                br;
                span.meta { (resource(page, &row.resource)) " · " (pieces::state(page, "activity-end", row.end.word())) }
            }
            td data-name=(page.t("column-customer")) { (customer) }
            td.long data-name=(page.t("activity-who")) { (who) }
            td data-name=(page.t("activity-reviewed")) { (review) }
        }
    })
}

/// Whom it was done for; our own company when it names no customer of ours.
async fn customer(page: &Page, listed: &Listed<ActivityRow>, names: &mut Names<'_>) -> Result<Markup, Problem> {
    if listed.account == listed.row.connection {
        return Ok(html! { span.none { (page.t("activity-no-customer")) } });
    }
    let name = names.customer(listed.account).await?;
    Ok(html! { a href={ "/customers/" (listed.account) "?part=activity" } { (name) } })
}

/// Who did it, and with what.
fn who(page: &Page, listed: &Listed<ActivityRow>, user: Option<&Personal<String>>) -> Markup {
    html! {
        @match user {
            Some(Personal::Open { value }) => a href=(lists::address(LIST.path, &format!("who:\"{}\"", value.replace('"', "")))) { (value) },
            Some(user) => (pieces::personal(page, user)),
            None => span.none { (page.t("activity-nobody")) },
        }
        @if let Some(application) = &listed.row.application { p.hint { (page.t("activity-application")) " " code { (application) } } }
    }
}

async fn review(page: &Page, row: &ActivityRow, names: &mut Names<'_>) -> Result<Markup, Problem> {
    let Some(review) = row.reviewed else { return Ok(html! { span.none { (page.t("activity-not-yet")) } }) };
    let by = if let Some(by) = review.by {
        names.person(by).await?
    } else {
        html! { (page.t("fact-by-program")) }
    };
    Ok(html! { (by) p.hint { (pieces::time(page, review.at)) } })
}

/// A word of Partner Center's in the reader's language; one that nobody has put into words as it is written.
pub(super) fn operation(page: &Page, operation: &str) -> String {
    in_words(page, "operation", operation)
}

/// Partner Center's word for the kind of thing that something was done to, as one of its operations is told.
fn resource(page: &Page, resource: &str) -> String {
    in_words(page, "resource", resource)
}

fn in_words(page: &Page, kind: &str, word: &str) -> String {
    let known = word.len() <= 60 && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let key = format!("{kind}-{}", word.replace('_', "-"));
    let text = if known { page.t(&key) } else { key.clone() };
    if text == key { word.to_owned() } else { text }
}

fn bulk(page: &Page) -> Markup {
    let roles = domain::permission::roles_allowing(Permission::SignalTriage);
    let may = page.session.caller.may(Permission::SignalTriage);
    html! {
        div.bulk data-bulk role="group" aria-label=(page.t("bulk")) {
            span { (page.t("bulk-selected")) ": " strong data-selected { "0" } }
            button.primary type="submit" disabled[!may] { (page.t("activity-review")) }
            @if !may { span.hint { (page.ta("needs-role", &[("roles", pieces::role_names(page, &roles))])) } }
        }
    }
}

/// One record.
pub(crate) async fn one(State(app): State<App>, page: Page, ids: Ids) -> Result<Response, Problem> {
    let listed = seen(&app, &page.session, ids.first()?).await?;
    let row = &listed.row;
    let mut names = Names::new(&app, &page);
    let user = app.reader(&page.session).open_maybe(listed.account, row.user.as_ref()).await;
    let (customer, who) = (customer(&page, &listed, &mut names).await?, who(&page, &listed, user.as_ref()));
    let (review, values) = (review(&page, row, &mut names).await?, values(&app, &page.session, &listed).await?);
    let title = operation(&page, &row.operation);
    let main = html! {
        p { a href=(LIST.path) data-back { "← " (page.t("activity-title")) } }
        h1 { (title) }
        section.card aria-labelledby="record" {
            h2 id="record" { (page.t("activity-record")) }
            dl.facts {
                (pieces::pair(&page, "fact-at", &pieces::time(&page, row.happened)))
                (pieces::pair(&page, "column-customer", &customer))
                (pieces::pair(&page, "activity-who", &who))
                (pieces::pair(&page, "activity-operation", &html! { code { (row.operation) } }))
                (pieces::pair(&page, "activity-resource", &html! { (resource(&page, &row.resource)) " " code { (row.resource) } }))
                (pieces::pair(&page, "activity-ended", &pieces::state(&page, "activity-end", row.end.word())))
                (pieces::pair(&page, "activity-reviewed", &review))
            }
        }
        section.card aria-labelledby="values" {
            h2 id="values" { (page.t("activity-values")) }
            @match &values {
                None => p { (page.t("activity-no-values")) },
                Some(Personal::Open { value }) => {
                    @for (key, text) in [("activity-before", &value.before), ("activity-after", &value.after)] {
                        @if let Some(text) = text { h3 { (page.t(key)) } pre tabindex="0" { (pretty(text)) } }
                    }
                },
                Some(Personal::Closed { roles }) => p { (page.ta("personal-closed-roles", &[("roles", pieces::role_names(&page, roles))])) },
                Some(_) => p { (page.t("personal-erased")) },
            }
        }
        @if row.reviewed.is_none() {
            form.card method="post" action="/activity/review" {
                (form::hidden(&app, &page))
                input type="hidden" name="activity" value=(row.activity);
                input type="hidden" name="back" value={ (LIST.path) "/" (row.activity) };
                p { (page.t("activity-review-text")) }
                (pieces::button(&page, "activity-review", "primary", Permission::SignalTriage))
            }
        }
    };
    Ok(page.show_as(StatusCode::OK, &title, &main))
}

/// JSON with its lines; what is none, or was cut, as it is.
fn pretty(text: &str) -> String {
    let value: Option<serde_json::Value> = serde_json::from_str(text).ok();
    value.and_then(|value| serde_json::to_string_pretty(&value).ok()).unwrap_or_else(|| text.to_owned())
}

/// Marks the chosen records as looked at by the reader, and says which could not be.
pub(crate) async fn mark(State(app): State<App>, page: Page, form: Form) -> Result<Response, Problem> {
    let back = super::preferences::local(form.text("back"));
    let chosen: BTreeSet<uuid::Uuid> = form.all("activity").iter().filter_map(|id| id.parse().ok()).collect();
    if chosen.is_empty() {
        return Ok(page.done(&back, "done-nothing-chosen"));
    }
    let done = marked(&app, &page.session, chosen).await?;
    if done.left_out.is_empty() {
        return Ok(page.done_with(&back, "done-activity-reviewed", done.reviewed.len()));
    }
    partly(&app, &page, &back, &done).await
}

async fn partly(app: &App, page: &Page, back: &str, done: &ReviewedView) -> Result<Response, Problem> {
    let all = done.reviewed.len().saturating_add(done.left_out.len());
    let mut rows = Vec::new();
    for left in &done.left_out {
        let found = seen(app, &page.session, ActivityId(left.activity)).await.ok();
        let what = found.map_or_else(|| left.activity.to_string(), |listed| operation(page, &listed.row.operation));
        let why = match left.why {
            NotReviewed::Unknown => "against-unknown",
            NotReviewed::Already => "against-reviewed",
        };
        rows.push(html! { li { (what) ": " strong { (page.t(why)) } } });
    }
    let main = html! {
        h1 { (page.t("activity-review")) }
        p { (page.ta("activity-partly", &[("done", done.reviewed.len().to_string()), ("all", all.to_string())])) }
        ul { @for row in &rows { (row) } }
        p { a.button.primary href=(back) data-back { (page.t("back")) } }
    };
    Ok(page.show("activity-review", &main))
}
