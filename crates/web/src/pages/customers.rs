//! Customers as a list: who is exposed, the gravest and dearest first.

use super::lists::{self, List};
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
use store::rows::customers::CustomerRow;
use store::rows::{Cursor, Listed};

/// The list.
const LIST: List<'static> = List {
    of: Some(ViewOf::Customers),
    path: "/customers",
    title: "customers-title",
    help: "customers-query-help",
    views: &[("view-all", ""), ("view-exposed", "severity:low"), ("view-customers-critical", "severity:critical")],
    first: "",
};

/// The list.
pub(crate) async fn show(
    State(app): State<App>,
    page: Page,
    listing: Result<Listing, Problem>,
) -> Result<Response, Problem> {
    let filter = LIST.filter(&page);
    let listing = match listing.and_then(|listing| lists::listing(listing, &filter)) {
        Ok(listing) => listing,
        Err(problem) => return LIST.refuse(&page, problem),
    };
    let found = match page_of(&app, &page.session, &listing).await {
        Ok(found) => found,
        Err(problem) => return LIST.refuse(&page, problem),
    };
    let mut names = Names::new(&app, &page);
    let mut rows = Vec::with_capacity(found.items.len());
    for listed in &found.items {
        let name = names.customer(listed.account).await?;
        rows.push(row(&page, listed, &name));
    }
    let next = listing.page::<()>(Vec::new(), found.next.as_ref().map(Cursor::text)).next_link;
    let list = lists::rows(&page, "customers", &head(&page), &rows, next.as_deref());
    if page.wants("customers-more") {
        return Ok(page.part(list));
    }
    let severities =
        ["critical", "high", "medium"].map(|word| (page.word("severity", word), format!("severity:{word}")));
    let chips: Vec<(&str, String)> = severities.iter().map(|(text, chip)| (text.as_str(), chip.clone())).collect();
    let main = html! {
        h1 { (page.t("customers-title")) }
        (LIST.bar(&page, &filter, &chips, None))
        @if rows.is_empty() { (pieces::empty(&page, "customers-empty", "customers-empty-text")) } @else { (list) }
    };
    Ok(page.show("customers-title", &main))
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

fn row(page: &Page, listed: &Listed<CustomerRow>, name: &Markup) -> Markup {
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
            td data-name=(page.t("customer-sold")) { (page.t(if row.reseller.is_some() { "customer-by-reseller" } else { "customer-direct" })) }
        }
    }
}
