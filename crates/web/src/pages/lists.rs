//! What lists share: the query bar, views that are addresses, chips that write the same text, the way to keep a view, and
//! the rows that are added to those that are there.

use super::csrf;
use super::page::Page;
use super::pieces;
use crate::listing::Listing;
use crate::problem::{Code, Problem};
use axum::response::Response;
use domain::permission::Permission;
use domain::views::ViewOf;
use maud::{Markup, html};
use store::rows::Cursor;

/// A view: a key of its text, and the filter that it is.
pub(crate) type View = (&'static str, &'static str);

/// A chip: its text, and the term of the filter that it is.
pub(crate) type Chip = (String, String);

/// What was found for a list, as its page shows it.
pub(crate) struct Shown {
    pub(crate) head: Markup,
    pub(crate) rows: Vec<Markup>,
    /// The address of the next rows.
    pub(crate) next: Option<String>,
    pub(crate) chips: Vec<Chip>,
}

/// What is always so of a list.
#[derive(Debug)]
pub(crate) struct List<'a> {
    /// Which list it is; nothing where views of it are not kept.
    pub(crate) of: Option<ViewOf>,
    pub(crate) path: &'a str,
    /// The keys of its title, of a line below it, of what its filter takes, and of what stands there when nothing is found.
    pub(crate) title: &'a str,
    pub(crate) text: Option<&'a str>,
    pub(crate) help: &'a str,
    pub(crate) empty: (&'a str, &'a str),
    /// Views that everybody has.
    pub(crate) views: &'a [View],
    /// The filter that it begins with for everybody.
    pub(crate) first: &'static str,
}

impl List<'_> {
    /// The filter that the page asks for: that of the address, else the view that the reader's list begins with, else
    /// the one that everybody's does.
    pub(crate) fn filter(&self, page: &Page) -> String {
        let chosen = || page.views.iter().find(|view| view.chosen && Some(view.list) == self.of);
        given(page).or_else(|| chosen().map(|view| view.filter.clone())).unwrap_or_else(|| self.first.to_owned())
    }

    /// The listing that the page asks for, under the filter that it stands for.
    pub(crate) fn listing(&self, page: &Page, listing: Result<Listing, Problem>) -> Result<Listing, Problem> {
        listing?.filtered(&self.filter(page))
    }

    /// The page of the list, or only the rows that are added to those that are there. `around` is what its table stands in.
    pub(crate) fn answer(
        &self,
        page: &Page,
        shown: Result<Shown, Problem>,
        around: impl FnOnce(Markup) -> Markup,
    ) -> Result<Response, Problem> {
        let shown = match shown {
            Ok(shown) => shown,
            Err(problem) => return self.refuse(page, problem),
        };
        let id = self.path.trim_start_matches('/');
        let list = rows(page, id, &shown.head, &shown.rows, shown.next.as_deref());
        if wants_more(page, id) {
            return Ok(page.part(list));
        }
        let main = html! {
            h1 { (page.t(self.title)) }
            @if let Some(text) = self.text { p.sub { (page.t(text)) } }
            (self.bar(page, &self.filter(page), &shown.chips, None))
            @if shown.rows.is_empty() { (pieces::empty(page, self.empty.0, self.empty.1)) } @else { (around(list)) }
        };
        Ok(page.show(self.title, &main))
    }

    /// The page of the list for a filter that can't be used: what was typed stays, and what is wrong is said beside it.
    /// Any other problem is not the list's.
    fn refuse(&self, page: &Page, problem: Problem) -> Result<Response, Problem> {
        if problem.code != Code::BadFilter {
            return Err(problem);
        }
        let main = html! {
            h1 { (page.t(self.title)) }
            (self.bar(page, &self.filter(page), &[], Some(&problem)))
        };
        Ok(page.show_as(problem.code.status(), &page.t(self.title), &main))
    }

    /// Views and the query bar. What is typed is the same text that views and chips are, and that programs send.
    fn bar(&self, page: &Page, filter: &str, chips: &[Chip], problem: Option<&Problem>) -> Markup {
        let kept = || page.views.iter().filter(|view| Some(view.list) == self.of);
        let refused = problem.map(|problem| page.problem_texts(problem).1);
        let described = if refused.is_some() { "filter-error filter-help" } else { "filter-help" };
        html! {
            nav aria-label=(page.t("views")) { ul.tabs {
                @for (text, view) in self.views {
                    li { a href=(address(self.path, view)) aria-current=[(*view == filter).then_some("true")] { (page.t(text)) } }
                }
                @for view in kept() {
                    li { a href=(view.address()) aria-current=[(view.filter == filter).then_some("true")] { (view.name) } }
                }
            } }
            form.query role="search" method="get" action=(self.path) aria-label=(page.t("query")) {
                label.hidden for="filter" { (page.t("query")) }
                input id="filter" name="filter" value=(filter) maxlength="500" spellcheck="false" autocapitalize="off" autocomplete="off"
                    aria-describedby=(described) aria-invalid=[refused.is_some().then_some("true")] data-key="/";
                button { (page.t("query-go")) }
            }
            @if let Some(refused) = refused { p.error id="filter-error" role="alert" { (refused) } }
            p.hint id="filter-help" { (page.t(self.help)) }
            ul.chips aria-label=(page.t("chips")) {
                @for (text, chip) in chips {
                    @let is_on = has(filter, chip);
                    li { a href=(address(self.path, &toggled(filter, chip))) aria-current=[is_on.then_some("true")] {
                        (text) @if is_on { span aria-hidden="true" { " ×" } }
                    } }
                }
            }
            @if let (Some(of), None) = (self.of, problem) { (keep(page, of, filter)) }
        }
    }
}

/// The form that keeps the filter as it is now under a name.
fn keep(page: &Page, of: ViewOf, filter: &str) -> Markup {
    html! {
        details.keep {
            summary { (page.t("view-keep")) }
            form.actions method="post" action="/views" {
                input type="hidden" name=(csrf::FIELD) value=(csrf::token(&page.session));
                input type="hidden" name="list" value=(of.word());
                input type="hidden" name="filter" value=(filter);
                label for="view-name" { (page.t("view-name")) }
                input id="view-name" name="name" maxlength="200" required;
                @if page.session.caller.may(Permission::ViewShare) {
                    label.choice { input type="checkbox" name="shared" value="yes"; (page.t("view-shared")) }
                }
                label.choice { input type="checkbox" name="chosen" value="yes"; (page.t("view-begin")) }
                button { (page.t("view-save")) }
            }
        }
    }
}

/// The filter that the address has.
fn given(page: &Page) -> Option<String> {
    let query = page.here.split_once('?').map_or("", |(_, query)| query);
    let found = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "filter");
    found.map(|(_, value)| value.into_owned())
}

/// The filter that the address has; the first view's when it has none.
pub(crate) fn filter_of(page: &Page, first: &'static str) -> String {
    given(page).unwrap_or_else(|| first.to_owned())
}

/// The query bar of a list of which views are not kept.
pub(crate) fn bar(page: &Page, path: &str, filter: &str, views: &[View], help: &str) -> Markup {
    List { of: None, path, title: "", text: None, help, empty: ("", ""), views, first: "" }.bar(page, filter, &[], None)
}

/// The address of a list with a filter.
pub(crate) fn address(path: &str, filter: &str) -> String {
    let filter: String = form_urlencoded::byte_serialize(filter.as_bytes()).collect();
    format!("{path}?filter={filter}")
}

/// The address of the rows after those that were found.
pub(crate) fn next<T>(listing: &Listing, found: &store::rows::Page<T>) -> Option<String> {
    listing.page::<()>(Vec::new(), found.next.as_ref().map(Cursor::text)).next_link
}

/// The chips of the severities that are looked for.
pub(crate) fn severities(page: &Page) -> Vec<Chip> {
    ["critical", "high", "medium"].map(|word| (page.word("severity", word), format!("severity:{word}"))).into()
}

fn wants_more(page: &Page, id: &str) -> bool {
    page.wants(&format!("{id}-more"))
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
    if wants_more(page, id) {
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
