//! The engine knows logs, not samples: no rule id, sample value or file name stands in its source.

use std::path::{Path, PathBuf};

fn source_text() -> String {
    let mut text = String::new();
    let mut folders = vec![PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                text.push_str(&std::fs::read_to_string(path).unwrap_or_default());
            }
        }
    }
    text
}

#[test]
fn no_rule_id_and_no_sample_name_stands_in_the_source() {
    let root = std::env::var("BORGEN_SHARED")
        .map_or_else(|_| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
    let Ok(rules) = sigma::ruletest::sources(&root.join("data/sigma-rules")) else {
        eprintln!("skipped: BORGEN_SHARED holds no rules");
        return;
    };
    let source = source_text();
    assert!(source.len() > 100_000);
    for rule in rules {
        let file = Path::new(&rule.name).file_stem().and_then(|n| n.to_str()).unwrap_or_default().to_owned();
        let id = rule.text.lines().find_map(|l| l.strip_prefix("id: ")).unwrap_or("none").trim();
        for word in [file.as_str(), id] {
            assert!(!source.contains(word), "{word}");
        }
    }
    for word in ["panther", "invictus", "stratus", "otrf", "goldensaml", "dutchmasterz", "simulandlabs"] {
        assert!(!source.to_lowercase().contains(word), "{word}");
    }
}
