//! The stories of the policy that ships against the rules that ship: every rule tells exactly one story.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

use policy::Bundle;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// How deep the folders of rules go.
const MAX_DEPTH: usize = 8;

/// The ids of the rules in a folder, each with the file it is in.
fn rule_ids(folder: &Path, depth: usize, ids: &mut BTreeMap<String, String>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() && depth < MAX_DEPTH {
            rule_ids(&path, depth + 1, ids);
        } else if path.extension().is_some_and(|extension| extension == "yml" || extension == "yaml") {
            let text = std::fs::read_to_string(&path).unwrap();
            for rule in text.split("\n---").filter(|rule| !is_part(rule, &text)) {
                let id = value_of(rule, "id:").unwrap_or_else(|| panic!("a rule without id in {}", path.display()));
                ids.insert(id.to_owned(), path.display().to_string());
            }
        }
    }
}

/// A rule that a correlation of its file names is a part of that one and reports nothing by itself.
fn is_part(rule: &str, file: &str) -> bool {
    let listed = |list: &str, name: &str| list.trim().trim_matches(['[', ']']).split(',').any(|one| one.trim() == name);
    let lists = || file.lines().filter_map(|line| line.trim().strip_prefix("rules:"));
    let named = |name: &str| lists().any(|list| listed(list, name));
    value_of(rule, "name:").is_some_and(named) && !file.lines().any(|line| line.trim() == "generate: true")
}

/// The value of a key that begins a line.
fn value_of<'a>(rule: &'a str, key: &str) -> Option<&'a str> {
    rule.lines().find_map(|line| line.strip_prefix(key)).map(|value| value.trim().trim_matches(['"', '\'']))
}

#[test]
fn every_rule_that_ships_tells_exactly_one_story() {
    let mut shipped = BTreeMap::new();
    rule_ids(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../policy/sigma")), 0, &mut shipped);
    if shipped.is_empty() {
        eprintln!("SKIPPED: policy/sigma has no rules yet, so no story could be held against them");
        return;
    }
    // That no rule is in two stories is a problem of the files themselves and found by the check.
    let stories = Bundle::embedded().check().unwrap().policy.cases.stories;
    let claimed: BTreeSet<&String> = stories.iter().flat_map(|story| &story.rules).collect();
    let unclaimed: Vec<_> = shipped.iter().filter(|(id, _)| !claimed.contains(id)).collect();
    assert!(unclaimed.is_empty(), "no story in policy/cases.toml claims: {unclaimed:#?}");
    let unknown: Vec<_> = claimed.iter().filter(|id| !shipped.contains_key(**id)).collect();
    assert!(unknown.is_empty(), "policy/cases.toml claims rules that are not in policy/sigma: {unknown:#?}");
}
