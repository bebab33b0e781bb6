//! `borgen rules`: detection rules as files, checked, tested against the events beside them, and listed.

use crate::console::Console;
use crate::exit::Exit;
use crate::rule_words;
use crate::table::{Column, at};
use crate::talk::Lang;
use crate::wiring::detection;
use clap::Subcommand;
use serde_json::Value;
use sigma::{LoadOptions, RuleSet};
use std::path::{Path, PathBuf};

/// The commands about rules.
#[derive(Debug, Subcommand)]
pub(crate) enum Rules {
    /// Load the rules of a folder: every refused one by file, line and column
    Check {
        /// The folder or file
        folder: PathBuf,
    },
    /// Run the events beside the rules: which must fire, which must not
    Test {
        /// The folder or file
        folder: PathBuf,
    },
    /// The rules of a folder, or those that ship
    List {
        /// The folder or file
        folder: Option<PathBuf>,
    },
}

const PROBLEMS: &[Column] = &[
    Column {
        heading: "column-place",
        cell: |item, _| format!("{}:{}:{}", at(item, "file"), at(item, "line"), at(item, "column")),
    },
    Column { heading: "column-problem", cell: |item, _| at(item, "message") },
    Column { heading: "column-hint", cell: |item, _| at(item, "hint") },
];
const OUTCOMES: &[Column] = &[
    Column { heading: "column-file", cell: |item, _| at(item, "rule_file") },
    Column { heading: "column-line", cell: |item, _| at(item, "line") },
    Column { heading: "column-note", cell: |item, _| at(item, "note") },
    Column { heading: "column-expected", cell: |item, _| at(item, "expect") },
    Column { heading: "column-got", cell: |item, _| at(item, "got") },
    Column { heading: "column-error", cell: |item, _| at(item, "error") },
];
const RULES: &[Column] = &[
    Column { heading: "column-rule", cell: |item, _| at(item, "id") },
    Column { heading: "column-severity", cell: |item, _| at(item, "level") },
    Column { heading: "column-title", cell: |item, _| at(item, "title") },
    Column { heading: "column-author", cell: |item, _| at(item, "author") },
];

/// As [`RULES`], with the Swedish title where a rule has one.
const RULES_SV: &[Column] = &[
    Column { heading: "column-rule", cell: |item, _| at(item, "id") },
    Column { heading: "column-severity", cell: |item, _| at(item, "level") },
    Column {
        heading: "column-title",
        cell: |item, _| {
            Some(at(item, "title_sv")).filter(|title| !title.is_empty()).unwrap_or_else(|| at(item, "title"))
        },
    },
    Column { heading: "column-author", cell: |item, _| at(item, "author") },
];

/// Runs a command about rules.
pub(crate) fn run(console: &Console, command: &Rules) -> anyhow::Result<Exit> {
    match command {
        Rules::Check { folder } => check(console, folder),
        Rules::Test { folder } => test(console, folder),
        Rules::List { folder } => {
            let sources = folder
                .as_deref()
                .map_or_else(|| Ok(detection::shipped()), |folder| detection::in_folder(console, folder))?;
            let loaded = RuleSet::load(sources, &LoadOptions::default());
            let items =
                loaded.set.metas().map(|meta| serde_json::to_value(&**meta)).collect::<Result<Vec<Value>, _>>()?;
            console.list(&items, if console.lang == Lang::Sv { RULES_SV } else { RULES })?;
            Ok(if loaded.refused.is_empty() { Exit::Done } else { Exit::Refused })
        }
    }
}

fn check(console: &Console, folder: &Path) -> anyhow::Result<Exit> {
    let loaded = RuleSet::load(detection::in_folder(console, folder)?, &LoadOptions::default());
    for warning in &loaded.warnings {
        console.warn(
            "rule-remark",
            &[("file", &warning.file), ("rule", &warning.rule), ("remark", &rule_words::remark(console, warning))],
        );
    }
    console.say("rules-loaded", &[("count", &loaded.set.len())]);
    if loaded.refused.is_empty() {
        return Ok(Exit::Done);
    }
    let items = rule_words::listed(console, &loaded.refused)?;
    console.list(&items, PROBLEMS)?;
    console.say("files-wrong", &[("count", &items.len())]);
    Ok(Exit::Refused)
}

fn test(console: &Console, folder: &Path) -> anyhow::Result<Exit> {
    detection::in_folder(console, folder)?;
    let report =
        sigma::ruletest::run(folder, &LoadOptions::default()).map_err(|error| console.unreadable(folder, &error))?;
    let failed = report.outcomes.iter().filter(|outcome| !outcome.passed);
    let items = failed.map(serde_json::to_value).collect::<Result<Vec<Value>, _>>()?;
    if !items.is_empty() {
        console.list(&items, OUTCOMES)?;
    }
    if !report.refused.is_empty() {
        console.list(&rule_words::listed(console, &report.refused)?, PROBLEMS)?;
    }
    for file in &report.untested {
        console.warn("rule-untested", &[("file", file)]);
    }
    console.say("rules-tested", &[("count", &report.outcomes.len()), ("failed", &items.len())]);
    Ok(if report.passed() { Exit::Done } else { Exit::Refused })
}
