//! Signals as a list: what rules saw, each with the case that it is part of.

use super::lists::{self, List, Shown};
use super::names::Names;
use super::page::Page;
use super::pieces;
use crate::app::App;
use crate::language::Language;
use crate::listing::Listing;
use crate::problem::Problem;
use crate::signals::page_of;
use axum::extract::State;
use axum::response::Response;
use domain::signals::RuleRef;
use domain::views::ViewOf;
use maud::{Markup, html};
use store::rows::Listed;
use store::rows::signals::SignalRow;

/// The list.
const LIST: List<'static> = List {
    of: Some(ViewOf::Signals),
    path: "/signals",
    title: "signals-title",
    text: None,
    help: "signals-query-help",
    empty: ("signals-empty", "signals-empty-text"),
    views: &[("view-all", ""), ("view-high", "severity:high"), ("view-critical", "severity:critical")],
    first: "",
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
    for listed in &found.items {
        let customer = names.customer(listed.account).await?;
        rows.push(row(page, listed, &customer));
    }
    Ok(Shown { head: head(page), rows, next: lists::next(&listing, &found), chips: lists::severities(page) })
}

fn head(page: &Page) -> Markup {
    html! { tr {
        th scope="col" { (page.t("column-kind")) }
        th scope="col" { (page.t("column-rule")) }
        th scope="col" { (page.t("column-customer")) }
        th.right scope="col" { (page.t("column-hour")) }
        th.right scope="col" { (page.t("column-count")) }
        th scope="col" { (page.t("column-first")) }
    } }
}

/// The title of a rule in the reader's language, where it has one.
pub(crate) fn title(page: &Page, rule: &RuleRef) -> String {
    let swedish = rule.title_sv.clone().filter(|_| page.language() == Language::Swedish);
    swedish.unwrap_or_else(|| rule.title.clone())
}

fn row(page: &Page, listed: &Listed<SignalRow>, customer: &Markup) -> Markup {
    let row = &listed.row;
    html! {
        tr id={ "signal-" (row.signal) } data-row {
            td { (pieces::severity(page, row.severity)) }
            td {
                a.name href={ "/cases/" (row.case) "#signal-" (row.signal) } { (title(page, &row.rule)) }
                br;
                span.meta { (row.log) @if let Some(region) = &row.region { " · " (region) } @if let Some(size) = &row.size { " · " (size) } }
            }
            td data-name=(page.t("column-customer")) { (customer) }
            td.right data-name=(page.t("column-hour")) { (pieces::money(page, row.per_hour)) }
            td.right data-name=(page.t("column-count")) { (page.formats.number(i64::from(row.count))) }
            td data-name=(page.t("column-first")) {
                (pieces::ago(page, row.first))
                @if row.last != row.first {
                    br;
                    span.meta { (page.t("column-last")) ": " (pieces::ago(page, row.last)) }
                }
            }
        }
    }
}
