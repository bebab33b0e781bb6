//! Actions as a list: what waits for approval, what is under way, and how the others ended.

use super::lists::{self, List, Shown};
use super::names::Names;
use super::page::Page;
use super::today::left;
use super::{pieces, words};
use crate::actions::page_of;
use crate::app::App;
use crate::listing::Listing;
use crate::problem::Problem;
use axum::extract::State;
use axum::response::Response;
use domain::containment::ActionState;
use domain::views::ViewOf;
use maud::{Markup, html};
use store::rows::actions::{ActionRow, status};

/// The list.
const LIST: List<'static> = List {
    of: Some(ViewOf::Actions),
    path: "/actions",
    title: "actions-title",
    text: None,
    help: "actions-query-help",
    empty: ("actions-empty", "actions-empty-text"),
    views: &[
        ("view-waiting", "status:proposed"),
        ("view-proposed-by-me", "status:proposed proposer:me"),
        ("view-under-way", "status:released"),
        ("view-verified", "status:verified"),
        ("view-failed", "status:failed"),
        ("view-all", ""),
    ],
    first: "status:proposed",
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
    names.meet(found.items.iter().map(|listed| listed.row.account)).await?;
    let mut rows = Vec::with_capacity(found.items.len());
    for listed in &found.items {
        rows.push(row(page, &listed.row, &mut names).await?);
    }
    let chips =
        ["dry_run", "rejected", "expired", "stopped"].map(|word| (page.word("action", word), format!("status:{word}")));
    Ok(Shown { head: head(page), rows, next: lists::next(&listing, &found), chips: chips.into() })
}

fn head(page: &Page) -> Markup {
    html! { tr {
        th scope="col" { (page.t("action-state")) }
        th scope="col" { (page.t("column-what")) }
        th scope="col" { (page.t("column-customer")) }
        th.right scope="col" { (page.t("column-stake")) }
        th scope="col" { (page.t("action-expires-in")) }
        th scope="col" { (page.t("action-proposer")) }
    } }
}

async fn row(page: &Page, row: &ActionRow, names: &mut Names<'_>) -> Result<Markup, Problem> {
    let (action, asked) = (&row.action, &row.action.proposed);
    let customer = names.customer(row.account).await?;
    let proposer = names.person(asked.proposer).await?;
    Ok(html! {
        tr id={ "action-" (asked.action) } data-row {
            td { (pieces::state(page, "action", status(action.state))) }
            td {
                a.name href={ "/actions/" (asked.action) } { (name(page, asked)) }
                br;
                span.meta {
                    (page.ta("subscriptions-count", &[("count", asked.blast.azure_subscriptions.to_string())])) " · "
                    (page.word("action-class", &crate::acts::word_of(&asked.class))) " · " (pieces::ago(page, action.proposed_at))
                }
                @if action.needs_person() { p.late { (page.t("action-needs-person-short")) } }
                @if action.review_by.is_some() { p.late { (page.t("action-to-review")) } }
            }
            td data-name=(page.t("column-customer")) { a href={ "/customers/" (row.account) } { (customer) } }
            td.right data-name=(page.t("column-stake")) { (pieces::money(page, asked.at_stake)) }
            td data-name=(page.t("action-expires-in")) {
                @if action.state == ActionState::Proposed { (left(page, Some(asked.expires))) } @else { (pieces::money(page, None)) }
            }
            td data-name=(page.t("action-proposer")) { (proposer) }
        }
    })
}

/// What an action does, in words.
pub(super) fn name(page: &Page, proposed: &domain::containment::Proposed) -> String {
    let playbook = words::playbook(page, &proposed.playbook);
    if proposed.revert_of.is_some() { page.ta("action-reverts", &[("playbook", playbook)]) } else { playbook }
}
