//! What lists share: the query bar, views that are addresses, chips that write the same text, and the rows that are
//! added to those that are there.

use super::page::Page;
use super::pieces;
use crate::listing::Listing;
use crate::problem::Problem;
use maud::{Markup, html};

/// A view: a key of its text, and the filter that it is.
pub(crate) type View = (&'static str, &'static str);

/// The address of a list with a filter.
pub(crate) fn address(path: &str, filter: &str) -> String {
    let filter: String = form_urlencoded::byte_serialize(filter.as_bytes()).collect();
    format!("{path}?filter={filter}")
}

/// The filter that the address has; the first view's when it has none.
pub(crate) fn filter_of(page: &Page, first: &'static str) -> String {
    let query = page.here.split_once('?').map_or("", |(_, query)| query);
    let given = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "filter");
    given.map_or_else(|| first.to_owned(), |(_, value)| value.into_owned())
}

/// The listing that the page asks for: without a filter in the address it is the first view, never everything.
pub(crate) fn listing(listing: Listing, filter: &str) -> Result<Listing, Problem> {
    listing.filtered(filter)
}

/// Views and the query bar. What is typed is the same text that views and chips are, and that programs send.
pub(crate) fn bar(
    page: &Page,
    path: &str,
    filter: &str,
    views: &[View],
    chips: &[(&str, String)],
    help: &str,
) -> Markup {
    html! {
        nav aria-label=(page.t("views")) { ul.tabs {
            @for (text, view) in views {
                li { a href=(address(path, view)) aria-current=[(*view == filter).then_some("true")] { (page.t(text)) } }
            }
        } }
        form.query role="search" method="get" action=(path) aria-label=(page.t("query")) {
            label.hidden for="filter" { (page.t("query")) }
            input id="filter" name="filter" value=(filter) maxlength="500" spellcheck="false" autocapitalize="off" autocomplete="off" aria-describedby="filter-help" data-key="/";
            button { (page.t("query-go")) }
        }
        p.hint id="filter-help" { (page.t(help)) }
        ul.chips aria-label=(page.t("chips")) {
            @for (text, chip) in chips {
                @let is_on = has(filter, chip);
                li { a href=(address(path, &toggled(filter, chip))) aria-current=[is_on.then_some("true")] {
                    (text) @if is_on { span aria-hidden="true" { " ×" } }
                } }
            }
        }
    }
}

fn has(filter: &str, chip: &str) -> bool {
    filter.split(' ').any(|term| term == chip)
}

/// The filter with a chip put in, in the place of another of its name, or taken out.
fn toggled(filter: &str, chip: &str) -> String {
    let name = chip.split(':').next().unwrap_or_default();
    let is_other = |term: &&str| term.split(':').next() != Some(name) && !term.is_empty();
    let mut terms: Vec<&str> = filter.split(' ').filter(is_other).collect();
    if !has(filter, chip) {
        terms.push(chip);
    }
    terms.join(" ")
}

/// A table of rows with the way to the next ones; where only the next ones are wanted, those.
pub(crate) fn rows(page: &Page, id: &str, head: &Markup, rows: &[Markup], next: Option<&str>) -> Markup {
    if page.wants(&format!("{id}-more")) {
        return html! {
            hx-partial hx-target={ "#" (id) } hx-swap="beforeend" { @for row in rows { (row) } }
            (pieces::more(page, next, id))
        };
    }
    html! {
        div.scroll { table.cards { thead { (head) } tbody id=(id) { @for row in rows { (row) } } } }
        (pieces::more(page, next, id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chip_is_put_in_taken_out_or_takes_the_place_of_its_like() {
        assert_eq!(toggled("status:open", "severity:high"), "status:open severity:high");
        assert_eq!(toggled("status:open severity:high", "severity:high"), "status:open");
        assert_eq!(toggled("status:open severity:high", "severity:low"), "status:open severity:low");
        assert_eq!(toggled("", "status:open"), "status:open");
    }
}
