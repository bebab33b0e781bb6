//! The house rules that a compiler does not keep: who may depend on whom, where a library may be named, how long a
//! file may be, which names are not used. The table of arrows here is the law's (docs/ARCHITECTURE.md).

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop at the first surprise")]

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The most lines of a file.
const MAX_LINES: usize = 500;

/// Who may depend on whom, of our own. What is not here may depend on nothing of ours.
const ARROWS: &[(&str, &[&str])] = &[
    ("money", &[]),
    ("sigma", &[]),
    ("microsoft", &[]),
    ("sandbox", &["money"]),
    ("outside", &["domain"]),
    ("domain", &["money"]),
    ("policy", &["domain", "money", "sigma"]),
    ("store", &["domain", "money"]),
    ("desk", &["domain", "policy", "store", "money"]),
    ("runtime", &["desk", "store", "domain", "policy", "sigma", "microsoft", "outside", "money"]),
    ("web", &["desk", "store", "domain", "policy", "money"]),
    (
        "borgen",
        &["money", "sigma", "microsoft", "outside", "sandbox", "domain", "policy", "store", "desk", "runtime", "web"],
    ),
];

/// The tests of the whole, which may name everything.
const WHOLE: &str = "whole";

/// Where a library may be named: the beginnings of paths.
const PLACES: &[(&str, &[&str])] = &[
    ("rusqlite", &["crates/store/"]),
    ("rusqlite_migration", &["crates/store/"]),
    ("sqlx", &["crates/store/"]),
    // The client of Microsoft, the sender of the simulated Microsoft, the command line's client of our own interface.
    ("reqwest", &["crates/microsoft/", "crates/sandbox/src/shell/", "crates/borgen/src/remote.rs"]),
    (
        "axum",
        &[
            "crates/web/",
            "crates/sandbox/",
            "crates/runtime/src/intake",
            "crates/runtime/src/webhooks",
            // The doors of intake and webhooks as one router, and the one listener that everything shares (ADR 0004).
            "crates/runtime/src/runtime.rs",
            "crates/borgen/src/wiring/listening.rs",
        ],
    ),
    ("maud", &["crates/web/"]),
    ("anyhow", &["crates/borgen/"]),
];

/// Files that may be longer than the limit, with the reason.
const LONGER: &[(&str, &str)] = &[(
    "crates/domain/src/containment.rs",
    "the words of containment, which are read side by side; its rules are in the folder beside it",
)];

/// Names that say nothing.
const EMPTY_NAMES: &[&str] = &["util", "utils", "helper", "helpers", "manager", "misc", "data"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn packages() -> Vec<Value> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let arguments = ["metadata", "--format-version", "1", "--no-deps", "--offline"];
    let told = Command::new(cargo).args(arguments).current_dir(root()).output().unwrap();
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    let metadata: Value = serde_json::from_slice(&told.stdout).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

fn name(value: &Value) -> &str {
    value["name"].as_str().unwrap()
}

/// Every Rust file of the repository, by its path below the root.
fn sources() -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for folder in ["crates", "tests", "bench", "fuzz"] {
        collect(&root().join(folder), &mut found);
    }
    assert!(found.len() > 50, "only {} files were found", found.len());
    found
}

fn collect(folder: &Path, found: &mut BTreeMap<String, String>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() && path.file_name().is_some_and(|name| name != "target" && name != "node_modules") {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let below = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
            found.insert(below, std::fs::read_to_string(&path).unwrap());
        }
    }
}

/// The code of a file, without comments that take a line of their own.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")).map(|(at, line)| (at + 1, line))
}

/// Whether a line names a word as a word of its own.
fn names(line: &str, word: &str) -> bool {
    let part = |sign: char| sign.is_ascii_alphanumeric() || sign == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line.get(..at).and_then(|rest| rest.chars().next_back());
        let after = line.get(at + word.len()..).and_then(|rest| rest.chars().next());
        !before.is_some_and(|sign| part(sign) || sign == '"' || sign == '-')
            && !after.is_some_and(|sign| part(sign) || sign == '-')
    })
}

#[test]
fn nothing_points_back() {
    let table: BTreeMap<&str, BTreeSet<&str>> =
        ARROWS.iter().map(|(from, to)| (*from, to.iter().copied().collect())).collect();
    let packages = packages();
    let ours: BTreeSet<&str> = packages.iter().map(name).collect();
    let mut wrong = Vec::new();
    for package in packages.iter().filter(|package| name(package) != WHOLE) {
        let allowed =
            table.get(name(package)).unwrap_or_else(|| panic!("{} is not in the table of arrows", name(package)));
        for dependency in package["dependencies"].as_array().unwrap() {
            // A test may look at a floor above its own; what is shipped may not.
            let shipped = dependency["kind"].as_str() != Some("dev");
            if shipped && ours.contains(name(dependency)) && !allowed.contains(name(dependency)) {
                wrong.push(format!("{} -> {}", name(package), name(dependency)));
            }
        }
    }
    assert!(wrong.is_empty(), "arrows that are not in the table: {wrong:?}");
    let missing: Vec<_> = table.keys().filter(|known| !ours.contains(*known)).collect();
    assert!(missing.is_empty(), "in the table, and not in the house: {missing:?}");
}

#[test]
fn the_table_has_no_circle() {
    let mut done: BTreeSet<&str> = BTreeSet::new();
    while done.len() < ARROWS.len() {
        let next = ARROWS.iter().find(|(from, to)| !done.contains(from) && to.iter().all(|to| done.contains(to)));
        let Some((from, _)) = next else { panic!("a circle among those that are not in {done:?}") };
        done.insert(from);
    }
}

#[test]
fn libraries_are_named_only_where_they_belong() {
    let mut wrong = Vec::new();
    for (path, text) in sources().iter().filter(|(path, _)| path.starts_with("crates/") && !path.contains("/tests/")) {
        for (library, places) in PLACES {
            if places.iter().any(|place| path.starts_with(place)) {
                continue;
            }
            wrong.extend(
                code(text)
                    .filter(|(_, line)| names(line, library))
                    .map(|(at, _)| format!("{path}:{at} names {library}")),
            );
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What the people of the demonstration's story do, and how they wait and look.
const STORY: [&str; 5] = ["acts.rs", "agreement.rs", "play.rs", "seeding.rs", "waiting.rs"];
/// What would let them reach around the sockets. A clock is the one thing that they share with the server.
const AROUND: [&str; 7] = ["store", "desk", "runtime", "sandbox", "microsoft", "web", "wiring"];

#[test]
fn the_story_of_the_demonstration_acts_only_over_sockets() {
    let sources = sources();
    let mut wrong = Vec::new();
    for file in STORY {
        let path = format!("crates/borgen/src/demo/{file}");
        let text = sources.get(&path).unwrap_or_else(|| panic!("{path} is gone: name here what tells the story now"));
        for (at, line) in code(text).filter(|(_, line)| line.trim() != "use desk::Clock;") {
            wrong.extend(
                AROUND
                    .iter()
                    .filter(|&&word| line.contains(&format!("{word}::")))
                    .map(|word| format!("{path}:{at} names {word}")),
            );
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn libraries_are_dependencies_only_where_they_belong() {
    let mut wrong = Vec::new();
    for package in packages().iter().filter(|package| name(package) != WHOLE) {
        let folder = format!("crates/{}/", name(package));
        for dependency in package["dependencies"].as_array().unwrap() {
            let places =
                PLACES.iter().find(|(library, _)| library.replace('_', "-") == name(dependency).replace('_', "-"));
            let shipped = dependency["kind"].as_str() != Some("dev");
            if let Some((library, places)) = places
                && shipped
                && !places.iter().any(|place| place.starts_with(&folder))
            {
                wrong.push(format!("{} depends on {library}", name(package)));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn no_file_is_longer_than_the_limit() {
    let long: Vec<_> = sources()
        .into_iter()
        .map(|(path, text)| (text.lines().count(), path))
        .filter(|(lines, path)| *lines > MAX_LINES && !LONGER.iter().any(|(known, _)| known == path))
        .collect();
    assert!(long.is_empty(), "longer than {MAX_LINES} lines: {long:#?}");
}

#[test]
fn every_file_begins_with_what_lives_in_it() {
    let silent: Vec<_> =
        sources().into_iter().filter(|(_, text)| !text.trim_start().starts_with("//")).map(|(path, _)| path).collect();
    assert!(silent.is_empty(), "these begin without saying what lives there: {silent:#?}");
}

#[test]
fn no_name_is_empty() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let stem = Path::new(&path).file_stem().unwrap().to_string_lossy().into_owned();
        if EMPTY_NAMES.contains(&stem.as_str()) || EMPTY_NAMES.iter().any(|empty| path.contains(&format!("/{empty}/")))
        {
            wrong.push(path.clone());
        }
        for (at, line) in code(&text) {
            let declared = ["mod ", "struct ", "enum ", "trait ", "fn "].iter().find_map(|word| {
                line.trim_start().trim_start_matches("pub ").trim_start_matches("pub(crate) ").strip_prefix(word)
            });
            let Some(rest) = declared else { continue };
            let name: String = rest.chars().take_while(|sign| sign.is_ascii_alphanumeric() || *sign == '_').collect();
            let empty = EMPTY_NAMES.contains(&name.as_str()) && line.trim_start().contains("mod ");
            if empty || name.ends_with("Manager") || name.ends_with("Helper") || name == "process_data" {
                wrong.push(format!("{path}:{at}: {name}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_lint_is_switched_off_silently() {
    let mut wrong = Vec::new();
    for (path, text) in sources().iter().filter(|(path, _)| !path.starts_with("bench/") && !path.starts_with("fuzz/")) {
        wrong.extend(
            code(text)
                .filter(|(_, line)| {
                    line.trim_start().starts_with("#[allow(") || line.trim_start().starts_with("#![allow(")
                })
                .map(|(at, _)| format!("{path}:{at}")),
        );
    }
    assert!(wrong.is_empty(), "#[expect(..., reason = \"...\")] says why: {wrong:#?}");
}
