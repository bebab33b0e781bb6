//! Rule tests: beside `rule.yml` stands `rule.events.ndjson`, whose lines say which events
//! must and must not fire it. Running them returns data; printing is the caller's part.
//!
//! A line is `{"expect": true|false|COUNT, "note": "...", "events": [{...}, ...]}`. The events
//! are fed in order to a fresh engine that holds the rules of that file only. `expect` is
//! whether anything is found, or how many findings there are. `"rule": "<id>"` counts only the
//! findings of that rule; `"received"` is when all events arrive (else each arrives at its own time).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::engine::{Engine, EngineOptions};
use crate::event::Event;
use crate::load::{LoadOptions, Loaded, RuleSet, Source};
use crate::refusal::Refusal;

/// The most files in one folder of rules.
pub const MAX_FILES: usize = 20_000;
/// The deepest folder.
pub const MAX_FOLDER_DEPTH: usize = 16;

/// Why rules or their tests cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum RuleTestError {
    /// A file or folder cannot be read.
    #[error("reading {path}: {source}")]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Too many files or folders too deep.
    #[error("{path} holds more than {MAX_FILES} files or is deeper than {MAX_FOLDER_DEPTH} folders")]
    TooMany {
        /// The folder.
        path: PathBuf,
    },
}

/// Outcome of one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// The rule file.
    pub rule_file: String,
    /// Line in the file of events, from 1.
    pub line: usize,
    /// The note of the line.
    pub note: String,
    /// What the line expects.
    pub expect: String,
    /// How many findings there were.
    pub got: usize,
    /// Whether that is as expected.
    pub passed: bool,
    /// Why the line could not be run.
    pub error: Option<String>,
}

/// Outcome of all tests of a folder.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    /// Every line.
    pub outcomes: Vec<Outcome>,
    /// Rule files without tests, or whose tests lack either a line that fires or one that does not.
    pub untested: Vec<String>,
    /// Rules that were refused.
    pub refused: Vec<Refusal>,
}

impl Report {
    /// Whether everything is as it should be.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.refused.is_empty() && self.untested.is_empty() && self.outcomes.iter().all(|o| o.passed)
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'l> {
    expect: Expect,
    #[serde(default)]
    note: String,
    #[serde(default)]
    rule: Option<String>,
    #[serde(default)]
    received: Option<Timestamp>,
    #[serde(borrow)]
    events: Vec<&'l RawValue>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Expect {
    Fires(bool),
    Count(usize),
}

/// Reads the rule files (`.yml`, `.yaml`) of a folder and the folders in it, or one file.
///
/// # Errors
/// Returns what cannot be read.
pub fn sources(path: &Path) -> Result<Vec<Source>, RuleTestError> {
    let mut files = Vec::new();
    collect(path, &is_rule, 0, &mut files)?;
    files.into_iter().map(|file| read(&file).map(|text| Source { name: file.display().to_string(), text })).collect()
}

fn is_rule(path: &Path) -> bool {
    path.extension()
        .and_then(|e| e.to_str())
        .is_some_and(|e| e.eq_ignore_ascii_case("yml") || e.eq_ignore_ascii_case("yaml"))
}

fn read(path: &Path) -> Result<String, RuleTestError> {
    std::fs::read_to_string(path).map_err(|source| RuleTestError::Io { path: path.to_owned(), source })
}

fn collect(
    path: &Path,
    wanted: &dyn Fn(&Path) -> bool,
    depth: usize,
    out: &mut Vec<PathBuf>,
) -> Result<(), RuleTestError> {
    let io = |source| RuleTestError::Io { path: path.to_owned(), source };
    if !std::fs::metadata(path).map_err(io)?.is_dir() {
        out.push(path.to_owned());
        return Ok(());
    }
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(path).map_err(io)?.map(|e| e.map(|e| e.path())).collect::<Result<_, _>>().map_err(io)?;
    entries.sort();
    for entry in entries {
        if depth >= MAX_FOLDER_DEPTH || out.len() >= MAX_FILES {
            return Err(RuleTestError::TooMany { path: path.to_owned() });
        }
        if entry.is_dir() || wanted(&entry) {
            collect(&entry, wanted, depth + 1, out)?;
        }
    }
    Ok(())
}

/// Runs the tests of a folder of rules.
///
/// # Errors
/// Returns what cannot be read; a failing test is no error but part of the report.
pub fn run(path: &Path, options: &LoadOptions) -> Result<Report, RuleTestError> {
    let mut report = Report::default();
    for source in sources(path)? {
        let file = source.name.clone();
        let events = Path::new(&file).with_extension("events.ndjson");
        let Loaded { set, refused, .. } = RuleSet::load([source], options);
        report.refused.extend(refused);
        if !events.exists() {
            report.untested.push(file);
            continue;
        }
        let text = read(&events)?;
        let outcomes = run_lines(&file, &set, &text);
        let fires = outcomes.iter().any(|o| o.expect != "0");
        let rests = outcomes.iter().any(|o| o.expect == "0");
        if !(fires && rests) {
            report.untested.push(file);
        }
        report.outcomes.extend(outcomes);
    }
    Ok(report)
}

/// Runs the lines of one file of events against a rule set.
#[must_use]
pub fn run_lines(file: &str, set: &Arc<RuleSet>, text: &str) -> Vec<Outcome> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines.map(|(at, line)| run_line(file, at + 1, set, line)).collect()
}

fn run_line(file: &str, number: usize, set: &Arc<RuleSet>, text: &str) -> Outcome {
    let mut outcome = Outcome {
        rule_file: file.to_owned(),
        line: number,
        note: String::new(),
        expect: String::new(),
        got: 0,
        passed: false,
        error: None,
    };
    let line: Line<'_> = match serde_json::from_str(text) {
        Ok(line) => line,
        Err(error) => {
            outcome.error = Some(error.to_string());
            return outcome;
        }
    };
    outcome.note = line.note;
    let mut engine = Engine::new(Arc::clone(set), EngineOptions::default());
    for raw in line.events {
        match Event::parse(raw.get().as_bytes()) {
            Err(error) => outcome.error = Some(error.to_string()),
            Ok(event) => {
                let received = line.received.or_else(|| event.time()).unwrap_or(Timestamp::UNIX_EPOCH);
                let found = engine.feed_event("test", &event, received);
                outcome.got += found.iter().filter(|f| line.rule.as_ref().is_none_or(|id| *id == f.rule.id)).count();
            }
        }
    }
    let (expect, passed) = match line.expect {
        Expect::Fires(true) => ("at least 1".to_owned(), outcome.got > 0),
        Expect::Fires(false) => ("0".to_owned(), outcome.got == 0),
        Expect::Count(count) => (count.to_string(), outcome.got == count),
    };
    outcome.expect = expect;
    outcome.passed = passed && outcome.error.is_none();
    outcome
}
