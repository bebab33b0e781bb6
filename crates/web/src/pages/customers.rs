//! Customers as a list: who is exposed, the gravest and dearest first.

use super::lists::{self, List, Shown};
use super::names::Names;
use super::page::Page;
use super::pieces;
use crate::app::App;
use crate::customers::page_of;
use crate::listing::Listing;
use crate::problem::Problem;
use axum::extract::State;
use axum::response::Response;
use domain::views::ViewOf;
use maud::{Markup, html};
use store::rows::Listed;
use store::rows::customers::CustomerRow;

/// The list.
const LIST: List<'static> = List {
    of: Some(ViewOf::Customers),
    path: "/customers",
    title: "customers-title",
    text: None,
    help: "customers-query-help",
    empty: ("customers-empty", "customers-empty-text"),
    views: &[("view-all", ""), ("view-exposed", "severity:low"), ("view-customers-critical", "severity:critical")],
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
    names.meet_rows(&found.items).await;
    let mut rows = Vec::with_capacity(found.items.len());
    names.meet(found.items.iter().filter_map(|listed| listed.row.reseller)).await?;
    for listed in &found.items {
        let name = names.customer(listed.account).await?;
        let sold = if let Some(reseller) = listed.row.reseller {
            html! { (page.t("customer-by-reseller")) " " (names.reseller(reseller).await?) }
        } else {
            html! { (page.t("customer-direct")) }
        };
        rows.push(row(page, listed, &name, &sold));
    }
    Ok(Shown { head: head(page), rows, next: lists::next(&listing, &found), chips: lists::severities(page) })
}

fn head(page: &Page) -> Markup {
    html! { tr {
        th scope="col" { (page.t("column-customer")) }
        th scope="col" { (page.t("customer-worst")) }
        th.right scope="col" { (page.t("customer-burns")) }
        th.right scope="col" { (page.t("customer-open-cases")) }
        th.right scope="col" { (page.t("customer-subscriptions")) }
        th scope="col" { (page.t("customer-sold")) }
    } }
}

fn row(page: &Page, listed: &Listed<CustomerRow>, name: &Markup, sold: &Markup) -> Markup {
    let row = &listed.row;
    let subscriptions = usize::try_from(row.subscriptions.saturating_add(row.azure_subscriptions)).unwrap_or(0);
    html! {
        tr id={ "customer-" (listed.account) } data-row {
            td {
                a.name href={ "/customers/" (listed.account) } { (name) }
                br;
                span.meta { (row.country.as_deref().unwrap_or("–")) " · " (row.tenant) }
            }
            td { @match row.worst {
                Some(worst) => (pieces::severity(page, worst)),
                None => span.none { (page.t("customer-quiet")) },
            } }
            td.right data-name=(page.t("customer-burns")) { (pieces::money(page, row.per_hour)) }
            td.right data-name=(page.t("customer-open-cases")) { (row.open_cases) }
            td.right data-name=(page.t("customer-subscriptions")) { (page.formats.count(subscriptions)) }
            td data-name=(page.t("customer-sold")) { (sold) }
        }
    }
}
