//! Incidents: the cases that have one cause, and the caps that are lifted meanwhile, by whom, until when and to what. They
//! are declared and ended, and caps are lifted, at the command line or by the interface for programs.

use super::lists::{self, List, Shown};
use super::names::Names;
use super::page::Page;
use super::pieces;
use crate::app::App;
use crate::incidents::page_of;
use crate::lifts::{self, InForce};
use crate::listing::Listing;
use crate::problem::Problem;
use axum::extract::State;
use axum::response::Response;
use domain::ids::{AccountId, CaseId};
use maud::{Markup, html};
use store::rows::Listed;
use store::rows::incidents::IncidentRow;

/// The most cases of an incident that are named; the others are counted.
const MAX_NAMED: usize = 20;

/// The list.
const LIST: List<'static> = List {
    of: None,
    path: "/incidents",
    title: "incidents-title",
    text: Some("incidents-text"),
    help: "incidents-query-help",
    empty: ("incidents-empty", "incidents-empty-text"),
    views: &[("view-under-way", "status:open"), ("view-over", "status:ended"), ("view-all", "")],
    first: "status:open",
};

/// The page.
pub(crate) async fn show(
    State(app): State<App>,
    page: Page,
    listing: Result<Listing, Problem>,
) -> Result<Response, Problem> {
    LIST.answer(&page, find(&app, &page, listing).await, |list| list)
}

async fn find(app: &App, page: &Page, listing: Result<Listing, Problem>) -> Result<Shown, Problem> {
    let listing = LIST.listing(page, listing)?;
    let found = page_of(app, &listing).await?;
    let in_force = lifts::in_force(app).await?;
    let titles = found.items.iter().map(|listed| (listed.account, listed.row.title.clone())).collect();
    let titles = app.reader(&page.session).open_all(titles).await;
    let mut names = Names::new(app, page);
    names.meet(found.items.iter().flat_map(|listed| named(&listed.row)).map(|(customer, _)| *customer)).await?;
    let mut rows = Vec::with_capacity(found.items.len());
    for (listed, title) in found.items.iter().zip(&titles) {
        rows.push(row(page, listed, &pieces::personal(page, title), &in_force, &mut names).await?);
    }
    Ok(Shown { head: head(page), rows, next: lists::next(&listing, &found), chips: Vec::new() })
}

fn head(page: &Page) -> Markup {
    html! { tr {
        th scope="col" { (page.t("column-what")) }
        th scope="col" { (page.t("incident-cases")) }
        th scope="col" { (page.t("lifted-caps")) }
    } }
}

/// The cases that are named.
fn named(row: &IncidentRow) -> impl Iterator<Item = &(AccountId, CaseId)> {
    row.cases.iter().take(MAX_NAMED)
}

async fn row(
    page: &Page,
    listed: &Listed<IncidentRow>,
    title: &Markup,
    in_force: &[InForce],
    names: &mut Names<'_>,
) -> Result<Markup, Problem> {
    let row = &listed.row;
    let by = names.actor(row.by).await?;
    let mut cases = Vec::new();
    for (customer, case) in named(row) {
        cases.push(html! { div { a href={ "/cases/" (case) } { (names.customer(*customer).await?) } } });
    }
    let others = row.cases.len().saturating_sub(cases.len());
    let mut caps = Vec::new();
    for one in in_force.iter().filter(|one| one.lift.incident == row.incident) {
        caps.push(lift(page, one, names).await?);
    }
    Ok(html! {
        tr id={ "incident-" (row.incident) } data-row {
            td { strong.name { (title) } br; span.meta { (page.t("incident-declared")) " " (pieces::ago(page, row.declared)) " · " (by) } p.hint { code { (row.incident) } } }
            td data-name=(page.t("incident-cases")) {
                @for case in &cases { (case) } @if others > 0 { div { (page.ta("incident-more-cases", &[("count", others.to_string())])) } }
            }
            td data-name=(page.t("lifted-caps")) {
                @if caps.is_empty() { (page.t("lifted-none")) } @else { @for cap in &caps { div { (cap) } } }
            }
        }
    })
}

/// A lifted cap: whose, to what, until when and by whom.
pub(super) async fn lift(page: &Page, lifted: &InForce, names: &mut Names<'_>) -> Result<Markup, Problem> {
    let InForce { connection, label, lift } = lifted;
    let who = names.actor(lift.by).await?;
    Ok(html! {
        strong title=(connection) { (label) } ": " (page.ta("lifted-to", &[("count", lift.limit.to_string())])) " "
        (page.t("lifted-until")) " " (pieces::time(page, lift.until)) " · " (page.t("lifted-by")) " " (who)
    })
}
