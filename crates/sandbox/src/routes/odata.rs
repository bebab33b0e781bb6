//! The small part of `$filter` that the simulated services read: comparisons joined by `and`.

use crate::routes::Context;
use crate::world::World;

/// The address of the next page: the call's own with a skip token.
pub(crate) fn next_link(world: &World, context: &Context<'_>, token: &str) -> String {
    let request = context.request;
    let query = request.path_and_query.split_once('?').map_or("", |(_, query)| query);
    let kept: Vec<&str> =
        query.split('&').filter(|pair| !pair.is_empty() && !pair.to_lowercase().contains("skiptoken=")).collect();
    let joint = if kept.is_empty() { "" } else { "&" };
    format!("{}{}?{}{joint}$skiptoken={token}", world.origin, request.path(), kept.join("&"))
}

/// How many comparisons one filter may hold.
pub(crate) const MAX_COMPARISONS: usize = 20;

/// One comparison of a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Comparison {
    /// The property's name in lower case.
    pub(crate) name: String,
    /// `eq`, `ge` or `le`.
    pub(crate) operator: String,
    pub(crate) value: String,
}

/// Reads a filter; none when it is anything else than comparisons with quoted values joined by `and`.
pub(crate) fn comparisons(filter: &str) -> Option<Vec<Comparison>> {
    let mut rest = filter.trim();
    let mut found = Vec::new();
    while found.len() < MAX_COMPARISONS {
        let (name, after) = word(rest)?;
        let (operator, after) = word(after)?;
        let (value, after) = literal(after)?;
        let operator = operator.to_lowercase();
        if !matches!(operator.as_str(), "eq" | "ge" | "le") {
            return None;
        }
        found.push(Comparison { name: name.to_lowercase(), operator, value });
        if after.is_empty() {
            return Some(found);
        }
        let (and, after) = word(after)?;
        if !and.eq_ignore_ascii_case("and") {
            return None;
        }
        rest = after;
    }
    None
}

fn word(text: &str) -> Option<(&str, &str)> {
    text.trim_start()
        .split_once(char::is_whitespace)
        .map(|(word, rest)| (word, rest.trim_start()))
        .filter(|(word, _)| !word.is_empty() && !word.contains(['\'', '(', ')']))
}

/// A quoted text, in which a doubled quote is one, and what follows it.
fn literal(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut rest = text.trim_start().strip_prefix('\'')?;
    loop {
        let (part, after) = rest.split_once('\'')?;
        value.push_str(part);
        match after.strip_prefix('\'') {
            Some(more) => {
                value.push('\'');
                rest = more;
            }
            None => return Some((value, after.trim_start())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comparisons_are_read_and_everything_else_is_refused() {
        let read = comparisons("status eq 'active' and customerTenantId eq 'a''b'").unwrap();
        let pairs: Vec<(&str, &str)> =
            read.iter().map(|comparison| (comparison.name.as_str(), comparison.value.as_str())).collect();
        assert_eq!(pairs, [("status", "active"), ("customertenantid", "a'b")]);
        for wrong in
            ["", "status", "status eq active", "status ne 'a'", "a eq 'b' or c eq 'd'", "(a eq 'b')", "a eq 'b' and"]
        {
            assert_eq!(comparisons(wrong), None, "{wrong}");
        }
    }
}
