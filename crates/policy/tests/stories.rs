//! The stories of the policy that ships against the rules that ship: every rule tells exactly one story.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

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
            for id in text.lines().filter_map(|line| line.strip_prefix("id:")) {
                ids.insert(id.trim().trim_matches(['"', '\'']).to_owned(), path.display().to_string());
            }
        }
    }
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
