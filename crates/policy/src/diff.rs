//! What is set otherwise between two bundles, value by value, for people who publish one.

use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use toml::{Table, Value};

/// One value that is set otherwise.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Change {
    /// The file.
    pub file: String,
    /// The value's place, as in `answers.target` or `story.mining.rules`; empty for a file as a whole.
    pub key: String,
    /// What it was; nothing when it was not set.
    pub before: Option<String>,
    /// What it is; nothing when it is no longer set.
    pub after: Option<String>,
}

/// What stands for a file that is no TOML.
const UNREADABLE: &str = "(not readable)";

/// Compares the files of two bundles.
pub(crate) fn diff(before: &BTreeMap<String, Vec<u8>>, after: &BTreeMap<String, Vec<u8>>) -> Vec<Change> {
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    names.into_iter().flat_map(|name| file_diff(name, before.get(name), after.get(name))).collect()
}

fn file_diff(file: &str, before: Option<&Vec<u8>>, after: Option<&Vec<u8>>) -> Vec<Change> {
    if before == after {
        return Vec::new();
    }
    let (old, new) = (flat(before), flat(after));
    let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let change = |key: &&String| {
        let none = Vec::new();
        let (was, is) = (old.get(*key).unwrap_or(&none), new.get(*key).unwrap_or(&none));
        changes_of(file, key, was, is)
    };
    keys.iter().flat_map(change).collect()
}

/// The values of one key. Lists tell what was added and what was taken away; only when neither is so, the order
/// is what changed.
fn changes_of(file: &str, key: &str, before: &[String], after: &[String]) -> Vec<Change> {
    let change = |before: Option<String>, after: Option<String>| Change {
        file: file.to_owned(),
        key: key.to_owned(),
        before,
        after,
    };
    if before == after {
        return Vec::new();
    }
    if let ([was], [is]) = (before, after) {
        return vec![change(Some(was.clone()), Some(is.clone()))];
    }
    let gone = before.iter().filter(|value| !after.contains(value)).map(|value| change(Some(value.clone()), None));
    let come = after.iter().filter(|value| !before.contains(value)).map(|value| change(None, Some(value.clone())));
    let changes: Vec<_> = gone.chain(come).collect();
    if changes.is_empty() {
        return vec![change(Some(before.join(", ")), Some(after.join(", ")))];
    }
    changes
}

/// Every value of a file by its key; a list of values has them all under one key.
fn flat(bytes: Option<&Vec<u8>>) -> BTreeMap<String, Vec<String>> {
    let mut values = BTreeMap::new();
    let Some(bytes) = bytes else { return values };
    match std::str::from_utf8(bytes).ok().and_then(|text| text.parse::<Table>().ok()) {
        Some(table) => collect(&table, "", &mut values),
        None => {
            values.insert(String::new(), vec![UNREADABLE.to_owned()]);
        }
    }
    values
}

fn collect(table: &Table, above: &str, values: &mut BTreeMap<String, Vec<String>>) {
    for (key, value) in table {
        let key = if above.is_empty() { key.clone() } else { format!("{above}.{key}") };
        match value {
            Value::Table(table) => collect(table, &key, values),
            Value::Array(elements) => collect_list(elements, &key, values),
            scalar => values.entry(key).or_default().push(written(scalar)),
        }
    }
}

/// A table in a list goes by its `name`, or else by its number.
fn collect_list(elements: &[Value], key: &str, values: &mut BTreeMap<String, Vec<String>>) {
    for (element, number) in elements.iter().zip(1..) {
        match element {
            Value::Table(table) => {
                let name = table.get("name").and_then(Value::as_str).map_or_else(|| format!("{number}"), str::to_owned);
                collect(table, &format!("{key}.{name}"), values);
            }
            scalar => values.entry(key.to_owned()).or_default().push(written(scalar)),
        }
    }
}

fn written(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
