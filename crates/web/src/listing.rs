//! Lists: which page is wanted, what it is filtered by, and how the next one is found. Keyset cursors only: an opaque
//! text that says where the page before ended, so that nothing is skipped or shown twice while rows come and go.

use crate::guard::shortened;
use crate::problem::{Code, FieldProblem, Problem};
use axum::extract::{FromRequestParts, OriginalUri};
use axum::http::request::Parts;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use std::str::FromStr;
use store::rows::Cursor;

/// The rows of a page when nothing else is asked for.
pub(crate) const DEFAULT_PAGE: u32 = 50;
/// The most rows of a page.
pub(crate) const MAX_PAGE: u32 = 1_000;
/// The longest cursor that is looked at, in bytes.
const MAX_CURSOR_BYTES: usize = 1_000;
/// The longest filter, in bytes.
const MAX_FILTER_BYTES: usize = 2_000;
/// The most terms of a filter.
const MAX_TERMS: usize = 16;

/// The parameters of every list.
#[derive(Debug, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters; they are read by `Listing`")]
pub(crate) struct PageParams {
    /// Where the page before ended: taken from its `nextLink`.
    after: Option<String>,
    /// How many rows at most.
    #[param(minimum = 1, maximum = 1000, default = 50)]
    maxpagesize: Option<u32>,
}

/// The parameter of lists that can be filtered.
#[derive(Debug, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameter; it is read by `Listing`")]
pub(crate) struct FilterParams {
    /// Terms such as `severity:high status:open owner:me`, divided by spaces; a value with spaces stands in quotation marks.
    #[param(example = "status:open")]
    filter: Option<String>,
}

/// A page of a list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct List<T> {
    /// The rows.
    pub(crate) value: Vec<T>,
    /// Where the next page is; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_link: Option<String>,
}

/// Which page of a list is wanted.
#[derive(Debug)]
pub(crate) struct Listing {
    /// Where the page before ended.
    pub(crate) after: Option<String>,
    /// How many rows at most.
    pub(crate) limit: u32,
    /// What the rows are filtered by.
    pub(crate) filter: Filter,
    path: String,
    filter_text: Option<String>,
}

impl Listing {
    /// The page with the way to the next one.
    pub(crate) fn page<T>(&self, value: Vec<T>, next: Option<String>) -> List<T> {
        let next_link = next.map(|after| {
            let mut query = form_urlencoded::Serializer::new(String::new());
            query.append_pair("after", &after).append_pair("maxpagesize", &self.limit.to_string());
            if let Some(filter) = &self.filter_text {
                query.append_pair("filter", filter);
            }
            format!("{}?{}", self.path, query.finish())
        });
        List { value, next_link }
    }

    /// The same page of the list under another filter.
    pub(crate) fn filtered(mut self, filter: &str) -> Result<Self, Problem> {
        self.filter = filter.parse()?;
        self.filter_text = (!filter.is_empty()).then(|| filter.to_owned());
        Ok(self)
    }

    /// The place in a list of rows where the page before ended.
    pub(crate) fn cursor(&self) -> Result<Option<Cursor>, Problem> {
        let Some(after) = self.after.as_deref() else { return Ok(None) };
        let text = URL_SAFE_NO_PAD.decode(after).map_err(|_| cursor_problem())?;
        if text.iter().any(u8::is_ascii_control) {
            return Err(cursor_problem());
        }
        Cursor::read(after).map(Some).map_err(|_| cursor_problem())
    }

    /// The number that the cursor is, where positions are cursors.
    pub(crate) fn after_number(&self) -> Result<u64, Problem> {
        self.after.as_deref().map_or(Ok(0), |after| after.parse().map_err(|_| cursor_problem()))
    }

    /// The smallest page of a list under a filter: to try whether the list takes it.
    pub(crate) fn trying(filter: &str) -> Result<Self, Problem> {
        Self::first(filter, 1)
    }

    /// The first rows of a list under a filter.
    pub(crate) fn first(filter: &str, limit: u32) -> Result<Self, Problem> {
        let listing = Self { after: None, limit, filter: Filter::default(), path: String::new(), filter_text: None };
        listing.filtered(filter)
    }

    fn read(path: &str, query: &str) -> Result<Self, Problem> {
        let mut listing = Self {
            after: None,
            limit: DEFAULT_PAGE,
            filter: Filter::default(),
            path: path.to_owned(),
            filter_text: None,
        };
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "after" if value.is_empty() || value.len() > MAX_CURSOR_BYTES => return Err(cursor_problem()),
                "after" => listing.after = Some(value.into_owned()),
                "maxpagesize" => {
                    let size = value.parse().ok().filter(|size| (1..=MAX_PAGE).contains(size));
                    listing.limit = size.ok_or_else(|| {
                        Problem::parameter("maxpagesize", format!("it has to be from 1 to {MAX_PAGE}"))
                    })?;
                }
                "filter" => {
                    listing.filter = value.parse()?;
                    listing.filter_text = Some(value.into_owned());
                }
                // The guard has refused what the route does not know; the rest is read by the handler.
                _ => {}
            }
        }
        Ok(listing)
    }
}

/// A cursor that did not come from a page of this list.
pub(crate) fn cursor_problem() -> Problem {
    Problem::parameter("after", "it is no cursor of this list: take it from `nextLink`")
}

impl<S: Send + Sync> FromRequestParts<S> for Listing {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let path = parts.extensions.get::<OriginalUri>().map_or_else(|| parts.uri.path(), |uri| uri.path());
        Self::read(path, parts.uri.query().unwrap_or_default())
    }
}

/// What rows are filtered by: terms `name:value`, all of which have to hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Filter {
    terms: Vec<Term>,
}

/// One term.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Term {
    name: String,
    value: String,
    /// The place of its first character in the filter, from 1.
    at: usize,
}

impl Filter {
    fn term(&self, name: &str) -> Option<&Term> {
        self.terms.iter().find(|term| term.name == name)
    }

    /// Refuses a term that this list does not know, by name and place.
    pub(crate) fn only(&self, known: &[&str]) -> Result<(), Problem> {
        match self.terms.iter().find(|term| !known.contains(&term.name.as_str())) {
            Some(term) => Err(refused(&term.name, term.at, &known.join(", "))),
            None => Ok(()),
        }
    }

    /// The value of a term.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.term(name).map(|term| term.value.as_str())
    }

    /// The value of a term, read as an id.
    pub(crate) fn id<T: FromStr>(&self, name: &str) -> Result<Option<T>, Problem> {
        let read = |term: &Term| term.value.parse().map_err(|_| value_problem(term, &["an id"]));
        self.term(name).map(read).transpose()
    }

    /// The value of a term, one of some words.
    pub(crate) fn word<T: Copy>(&self, name: &str, known: &[(&str, T)]) -> Result<Option<T>, Problem> {
        let Some(term) = self.term(name) else { return Ok(None) };
        let found = known.iter().find(|(word, _)| *word == term.value).map(|(_, value)| *value);
        let words: Vec<&str> = known.iter().map(|(word, _)| *word).collect();
        found.map(Some).ok_or_else(|| value_problem(term, &words))
    }
}

fn value_problem(term: &Term, known: &[&str]) -> Problem {
    // The value is what is wrong: its place is after the name and the colon.
    let at = term.at.saturating_add(term.name.chars().count()).saturating_add(1);
    refused(&format!("{}:{}", term.name, term.value), at, &known.join(", "))
}

/// A filter that can't be used: what of it, where, and what could stand there.
fn refused(term: &str, at: usize, known: &str) -> Problem {
    let term = shortened(term);
    let mut problem = Problem::from(Code::BadFilter).with("term", term.clone()).with("at", at.to_string());
    let mut error = FieldProblem::new("filter", "invalid", format!("`{term}` is not known; known are: {known}"));
    error.column = u64::try_from(at).ok();
    problem.errors.push(error);
    problem.with("known", known)
}

impl FromStr for Filter {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        if text.len() > MAX_FILTER_BYTES {
            return Err(refused("…", MAX_FILTER_BYTES, "name:value"));
        }
        let mut terms: Vec<Term> = Vec::new();
        let mut rest = text.trim_start();
        while !rest.is_empty() {
            let at = text.chars().count().saturating_sub(rest.chars().count()).saturating_add(1);
            let wrong = |term: &str| refused(term, at, "name:value");
            let (name, after) = rest.split_once(':').ok_or_else(|| wrong(rest))?;
            let (value, after) = match after.strip_prefix('"') {
                Some(quoted) => quoted.split_once('"').ok_or_else(|| wrong(rest))?,
                None => after.split_once(' ').unwrap_or((after, "")),
            };
            let is_known = terms.iter().any(|known| known.name == name);
            if name.is_empty() || name.contains(' ') || value.is_empty() || is_known || terms.len() >= MAX_TERMS {
                return Err(wrong(name));
            }
            terms.push(Term { name: name.to_owned(), value: value.to_owned(), at });
            rest = after.trim_start();
        }
        Ok(Self { terms })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_terms_with_values() {
        let filter: Filter = " severity:high  story:\"stolen card\" owner:me".parse().unwrap();
        assert_eq!(filter.text("severity"), Some("high"));
        assert_eq!(filter.text("story"), Some("stolen card"));
        assert_eq!(filter.text("owner"), Some("me"));
        assert_eq!(filter.text("status"), None);
        for broken in ["severity", "severity:", ":high", "a:b a:c", "a:\"b", "free text:x"] {
            assert!(broken.parse::<Filter>().is_err(), "{broken}");
        }
    }

    #[test]
    fn an_unknown_term_is_named() {
        let filter: Filter = "status:open colour:blue".parse().unwrap();
        let problem = filter.only(&["status"]).unwrap_err();
        assert_eq!(problem.args.first(), Some(&("term", "colour".to_owned())));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let at = |problem: Problem| problem.errors.first().and_then(|error| error.column);
        let filter: Filter = "status:open  färg:blå".parse().unwrap();
        assert_eq!(at(filter.only(&["status"]).unwrap_err()), Some(14), "characters are counted, not bytes");
        let wrong = filter.word("status", &[("closed", ())]).unwrap_err();
        assert_eq!(at(wrong), Some(8), "the value is what is wrong, not the name");
        assert_eq!(at("a:b c".parse::<Filter>().unwrap_err()), Some(5));
        assert_eq!(at("å:b a:\"c".parse::<Filter>().unwrap_err()), Some(5));
    }

    #[test]
    fn the_next_page_keeps_size_and_filter() {
        let listing = Listing::read("/api/v1/cases", "maxpagesize=2&filter=status%3Aopen").unwrap();
        let page = listing.page(vec![1, 2], Some("a b".to_owned()));
        assert_eq!(page.next_link.as_deref(), Some("/api/v1/cases?after=a+b&maxpagesize=2&filter=status%3Aopen"));
        assert!(listing.page(vec![1], None).next_link.is_none());
        assert!(Listing::read("/x", "maxpagesize=0").is_err());
        assert!(Listing::read("/x", "maxpagesize=1001").is_err());
    }
}
