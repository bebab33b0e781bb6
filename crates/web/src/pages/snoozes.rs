//! Snoozes: what asks for no attention now, at which customer, until when, why and by whom; and the ways to set one and
//! to end one early.

use super::case::Known;
use super::form::{self, Form};
use super::lists::{self, List, Shown};
use super::names::Names;
use super::page::Page;
use super::{case_forms, pieces, preferences, signals};
use crate::app::App;
use crate::body::{Ids, MAX_NOTE_CHARS};
use crate::listing::Listing;
use crate::problem::Problem;
use crate::snoozes::{Snooze, ended, page_of, snoozed};
use axum::extract::State;
use axum::response::Response;
use domain::ids::{Actor, CaseId};
use domain::permission::Permission as P;
use domain::snoozes::Attention;
use maud::{Markup, html};
use std::collections::BTreeSet;
use store::rows::Listed;
use store::rows::snoozes::SnoozeRow;

/// The field with the reason; the page of a case has another one that is called so.
pub(super) const REASON: &str = "snooze-reason";
/// The days that are offered.
const DAYS: [&str; 4] = ["1", "7", "14", "30"];

/// The list.
const LIST: List<'static> = List {
    of: None,
    path: "/snoozes",
    title: "snoozes-title",
    text: Some("snoozes-text"),
    help: "snoozes-query-help",
    empty: ("snoozes-empty", "snoozes-empty-text"),
    views: &[("view-in-force", "status:in_force"), ("view-over", "status:over")],
    first: "status:in_force",
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
    let mut names = Names::new(app, page);
    names.meet(found.items.iter().map(|listed| listed.account)).await?;
    let mut rows = Vec::with_capacity(found.items.len());
    let in_force = !LIST.filter(page).contains("status:over");
    for listed in &found.items {
        rows.push(row(app, page, listed, in_force, &mut names).await?);
    }
    Ok(Shown { head: head(page), rows, next: lists::next(&listing, &found), chips: Vec::new() })
}

fn head(page: &Page) -> Markup {
    html! { tr {
        th scope="col" { (page.t("column-rule")) }
        th scope="col" { (page.t("column-customer")) }
        th scope="col" { (page.t("snooze-until")) }
        th scope="col" { (page.t("snooze-reason")) }
        th scope="col" { (page.t("snooze-by")) }
        th scope="col" { (page.t("snooze-end")) }
    } }
}

async fn row(
    app: &App,
    page: &Page,
    listed: &Listed<SnoozeRow>,
    in_force: bool,
    names: &mut Names<'_>,
) -> Result<Markup, Problem> {
    let row = &listed.row;
    let customer = names.customer(row.account).await?;
    let by = match row.by {
        Actor::User(user) => names.person(user).await?,
        Actor::Program | Actor::Connection(_) => html! { (page.t("fact-by-program")) },
    };
    let reason = app.reader(&page.session).open(row.account, &row.reason).await;
    let title = names.rule(row.account, &row.rule).await?;
    let cases = lists::address("/cases", &format!("customer:{}", row.account));
    Ok(html! {
        tr id={ "snooze-" (row.snooze) } data-row {
            td { a.name href=(cases) { (title) } }
            td data-name=(page.t("column-customer")) { (customer) }
            td data-name=(page.t("snooze-until")) { (pieces::time(page, row.until)) }
            td data-name=(page.t("snooze-reason")) { (pieces::personal(page, &reason)) }
            td data-name=(page.t("snooze-by")) { (by) }
            td { @if in_force { (end_form(app, page, row, &page.here)) } }
        }
    })
}

/// The button that ends a snooze, and goes back to where it stands.
fn end_form(app: &App, page: &Page, row: &SnoozeRow, back: &str) -> Markup {
    html! {
        form method="post" action={ "/snoozes/" (row.snooze) "/end" } {
            (form::hidden(app, page))
            input type="hidden" name="back" value=(back);
            (pieces::button(page, "snooze-end", "", P::SignalTriage))
        }
    }
}

/// Ends one early.
pub(crate) async fn end(State(app): State<App>, page: Page, ids: Ids, form: Form) -> Result<Response, Problem> {
    ended(&app, &page.session, ids.first()?).await?;
    Ok(page.done(&preferences::local(form.text("back")), "done-snooze-ended"))
}

/// Snoozes rules of a case.
pub(crate) async fn set(State(app): State<App>, page: Page, ids: Ids, form: Form) -> Result<Response, Problem> {
    let case: CaseId = ids.first()?;
    let rules: BTreeSet<String> = form.all("rule").into_iter().collect();
    let snooze = Snooze { rules: Some(rules), ..of_form(&form) };
    match snoozed(&app, &page.session, case, &snooze).await {
        Ok(()) => Ok(page.done(&format!("/cases/{case}"), "done-snoozed")),
        Err(mut problem) => {
            for error in problem.errors.iter_mut().filter(|error| error.field == "reason") {
                REASON.clone_into(&mut error.field);
            }
            let typed = super::case::Typed { snooze: form.with(problem), ..super::case::Typed::default() };
            super::case::again(&app, &page, &ids, &typed).await
        }
    }
}

/// For how long and why, as a form says it; every rule.
pub(super) fn of_form(form: &Form) -> Snooze {
    Snooze { days: form.text("days").parse().ok(), until: None, reason: form.text(REASON).to_owned(), rules: None }
}

/// The fields that say for how long and why.
pub(super) fn fields(page: &Page, typed: &Form) -> Markup {
    let days = DAYS.map(|days| (days, page.ta("snooze-days", &[("count", days.to_owned())])));
    html! {
        (form::choice(page, typed, "days", "snooze-for", &days))
        (form::long_text(page, typed, REASON, "snooze-why", "snooze-why-hint", MAX_NOTE_CHARS))
    }
}

/// The form on the page of a case: its rules, for how long, and why; before it, what a snooze does to the case now.
pub(super) fn on_case(app: &App, page: &Page, known: &Known, typed: &Form) -> Markup {
    let rules = known.rules();
    html! {
        @if !rules.is_empty() {
            details.card open[typed.problem().is_some()] data-key="s" id="snooze" {
                summary { strong { (page.t("case-snooze")) } }
                p.hint { (page.t("case-snooze-hint")) }
                form method="post" action={ "/cases/" (known.listed.row.case) "/snooze" } {
                    (form::hidden(app, page)) (form::problem(page, typed))
                    fieldset.field {
                        legend { (page.t("snooze-rules")) }
                        @for rule in rules {
                            label.choice {
                                input type="checkbox" name="rule" value=(rule.id) checked[typed.is_fresh() || typed.has("rule", &rule.id)];
                                span { (signals::title(page, rule)) }
                            }
                        }
                    }
                    (fields(page, typed))
                    (pieces::button(page, "case-snooze-send", "", P::SignalTriage))
                }
            }
        }
    }
}

/// What is snoozed about a case, and whether that takes it out of the queue: said on its page, with the way to end it.
pub(super) fn notice(app: &App, page: &Page, known: &Known) -> Markup {
    let attention = known.listed.row.attention;
    html! {
        @if attention != Attention::Wanted && known.listed.row.closed.is_none() {
            section.message.warn aria-labelledby="snoozed" {
                h2 id="snoozed" {
                    @match attention {
                        Attention::SnoozedUntil(until) => { (page.t("case-snoozed-until")) " " (pieces::time(page, until)) },
                        Attention::WantedDespite(why) => (page.word("case-still-shown", why.word())),
                        Attention::Wanted => {},
                    }
                }
                ul { @for (row, reason) in &known.snoozes {
                    li {
                        (known.title_of(page, &row.rule)) ", " (page.t("snooze-until-short")) " " (pieces::time(page, row.until)) ": "
                        (pieces::personal(page, reason))
                        (end_form(app, page, row, &case_forms::address(known)))
                    }
                } }
            }
        }
    }
}
