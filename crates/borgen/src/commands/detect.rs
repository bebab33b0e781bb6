//! `borgen detect`: detection rules over files and standard input, without a server. Loading, reading and matching are
//! the crate `sigma`'s; here is what goes in and how it is shown.

mod explaining;

use crate::cli::Output;
use crate::console::Console;
use crate::exit::Exit;
use crate::rule_words;
use crate::table::{Column, at};
use crate::wiring::detection;
use anyhow::Context;
use clap::{Args, Subcommand, ValueEnum};
use desk::Clock;
use desk::seam::SystemClock;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use sigma::reader::{Item, Lines, ReadError};
use sigma::{Engine, EngineOptions, Finding, Loaded, Route, RuleSet, concepts};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The most malformed lines that are told one by one; all are counted.
const MAX_TOLD: u64 = 100;
/// The partition of events that name no tenant and no subscription.
const NOBODY: &str = "-";

/// Detecting.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Detect {
    #[command(subcommand)]
    command: Option<DetectCommand>,
    /// Files or folders: NDJSON, gzip, zstd, JSON arrays, {"records":[…]}; `-` is standard input
    #[arg(required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    rules: RuleFlags,
    /// Which rules look at which events
    #[arg(long, value_enum, default_value_t)]
    route: RouteWord,
    /// The field that says whose event it is, as in tenantId; else the tenant, then the Azure subscription
    #[arg(long, value_name = "FIELD")]
    partition: Option<String>,
    /// How much was read, matched and kept, as JSON on standard error
    #[arg(long)]
    stats: bool,
}

/// Which rules to use.
#[derive(Debug, Clone, Args)]
pub(crate) struct RuleFlags {
    /// A folder or file of rules instead of those that ship; may be given several times
    #[arg(long = "rules", value_name = "DIR")]
    folders: Vec<PathBuf>,
    /// Go on with the others when a rule is refused
    #[arg(long)]
    keep_going: bool,
}

/// The other command about detecting.
#[derive(Debug, Subcommand)]
enum DetectCommand {
    /// Why a rule fires for one event of a file, or does not
    Explain {
        /// The rule's id or name
        rule: String,
        /// The event, as `FILE:LINE`, lines from 1
        place: String,
        #[command(flatten)]
        rules: RuleFlags,
    },
}

/// Which rules look at which events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum RouteWord {
    /// Those of the event's log.
    #[default]
    Auto,
    /// All.
    None,
}

const FINDINGS: &[Column] = &[
    Column { heading: "column-severity", cell: |item, console| console.word(&at(item, "rule.level")) },
    Column { heading: "column-rule", cell: rule },
    Column {
        heading: "column-event",
        cell: |item, _| format!("{}:{} {}", at(item, "event.file"), at(item, "event.line"), at(item, "event.time")),
    },
    Column { heading: "column-partition", cell: |item, _| at(item, "partition") },
    Column { heading: "column-why", cell: reasons },
];

/// A rule by its title in the reader's language, and its author.
fn rule(item: &Value, console: &Console) -> String {
    let swedish = at(item, "rule.title_sv");
    let title = explaining::title(
        console,
        &at(item, "rule.title"),
        Some(&swedish).filter(|text| !text.is_empty()).map(String::as_str),
    );
    format!("{title} ({})", at(item, "rule.author"))
}

/// What one run counted.
#[derive(Debug, Default)]
struct Counted {
    events: u64,
    findings: u64,
    malformed: u64,
    /// Files that were not read to their end.
    broken: u64,
}

/// A run over several files.
struct Run<'a> {
    console: &'a Console,
    engine: Engine,
    partition: Option<&'a str>,
    received: Timestamp,
    counted: Counted,
    /// Findings for a table, which is drawn at the end.
    kept: Vec<Value>,
}

/// Runs the command.
pub(crate) fn run(console: &Console, command: &Detect) -> anyhow::Result<Exit> {
    if let Some(DetectCommand::Explain { rule, place, rules }) = &command.command {
        return explaining::run(console, rule, place, &load(console, rules)?.0);
    }
    let (set, refused) = load(console, &command.rules)?;
    let route = if command.route == RouteWord::Auto { Route::Auto } else { Route::None };
    let mut run = Run {
        console,
        engine: Engine::new(set, EngineOptions { route, ..EngineOptions::default() }),
        partition: command.partition.as_deref(),
        received: SystemClock::new().now(),
        counted: Counted::default(),
        kept: Vec::new(),
    };
    for path in &command.files {
        run.path(path)?;
    }
    let broken = run.end(command.stats)?;
    Ok(if refused == 0 && broken == 0 { Exit::Done } else { Exit::Refused })
}

/// Loads the rules; how many were refused stands beside them.
fn load(console: &Console, flags: &RuleFlags) -> anyhow::Result<(Arc<RuleSet>, usize)> {
    let mut sources = if flags.folders.is_empty() { detection::shipped() } else { Vec::new() };
    for folder in &flags.folders {
        sources.extend(detection::in_folder(console, folder)?);
    }
    let Loaded { set, refused, .. } = RuleSet::load(sources, &detection::options());
    for refusal in &refused {
        let place = format!("{}:{}:{}", refusal.file, refusal.line, refusal.column);
        let problem = rule_words::in_one_line(console, refusal);
        console.warn("rule-refused", &[("place", &place), ("problem", &problem)]);
    }
    if !refused.is_empty() && !flags.keep_going {
        return Err(console.fail(Exit::Refused, "rules-refused-stop", &[]));
    }
    Ok((set, refused.len()))
}

impl Run<'_> {
    fn path(&mut self, path: &Path) -> anyhow::Result<()> {
        if path == Path::new("-") {
            return self.read("-", Lines::new(path, Box::new(std::io::stdin()))?);
        }
        let unreadable = |error: ReadError| self.console.unreadable(path, &error);
        for file in sigma::reader::files(path).map_err(unreadable)? {
            let lines = Lines::open(&file).map_err(|error| self.console.unreadable(&file, &error))?;
            self.read(&file.display().to_string(), lines)?;
        }
        Ok(())
    }

    fn read(&mut self, file: &str, mut lines: Lines) -> anyhow::Result<()> {
        let mut last = 0;
        loop {
            match lines.next_item() {
                Ok(None) => return Ok(()),
                Ok(Some(Item::Record { line, bytes })) => {
                    last = u64::try_from(line).unwrap_or(u64::MAX);
                    self.event(file, last, bytes)?;
                }
                Ok(Some(Item::Malformed { line, reason })) => {
                    last = u64::try_from(line).unwrap_or(u64::MAX);
                    self.malformed(file, last, &reason);
                }
                // A stream that breaks off ends this file, not the run.
                Err(error) => {
                    self.broken(file, last, &error);
                    return Ok(());
                }
            }
        }
    }

    /// A file ends before its end, as a copy that was cut off does, or can't be read any further.
    fn broken(&mut self, file: &str, last: u64, error: &ReadError) {
        self.counted.broken += 1;
        match error {
            ReadError::Io { source, .. } if is_cut_off(source) => {
                self.console.warn("detect-cut-off", &[("file", &file), ("line", &last)]);
            }
            ReadError::Io { source, .. } => {
                let why = self.console.of_system(source);
                self.console.warn("detect-broken", &[("file", &file), ("line", &last), ("why", &why)]);
            }
            ReadError::TooMany { .. } => {
                self.console.warn("detect-broken", &[("file", &file), ("line", &last), ("why", error)]);
            }
        }
    }

    fn malformed(&mut self, file: &str, line: u64, problem: &dyn std::fmt::Display) {
        self.counted.malformed += 1;
        if self.counted.malformed <= MAX_TOLD {
            let problem = self.console.said(&problem.to_string());
            self.console.warn("line-malformed", &[("file", &file), ("line", &line), ("problem", &problem)]);
        }
    }

    fn event(&mut self, file: &str, line: u64, bytes: &[u8]) -> anyhow::Result<()> {
        let partition = match self.partition {
            Some(field) => serde_json::from_slice(bytes).map(|event: Value| at(&event, field)).unwrap_or_default(),
            None => whose(bytes),
        };
        let partition = if partition.is_empty() { NOBODY } else { &partition };
        match self.engine.feed(partition, bytes, self.received) {
            Ok(findings) => {
                self.counted.events += 1;
                findings.iter().try_for_each(|finding| self.finding(file, line, finding))
            }
            Err(error) => {
                self.malformed(file, line, &error);
                Ok(())
            }
        }
    }

    fn finding(&mut self, file: &str, line: u64, finding: &Finding) -> anyhow::Result<()> {
        self.counted.findings += 1;
        let shown = shown(file, line, finding)?;
        if self.console.output == Output::Jsonl {
            self.console.line(&shown.to_string())?;
        } else {
            self.kept.push(shown);
        }
        Ok(())
    }

    /// Tells what came of it. Returns how many files were not read to their end.
    fn end(self, stats: bool) -> anyhow::Result<u64> {
        if self.console.output != Output::Jsonl {
            self.console.list(&self.kept, FINDINGS)?;
        }
        let Counted { events, findings, malformed, broken } = self.counted;
        let counts: [(&str, &dyn std::fmt::Display); 4] =
            [("count", &findings), ("events", &events), ("malformed", &malformed), ("broken", &broken)];
        self.console.say("detect-done", &counts);
        if stats {
            let told = json!({
                "engine": self.engine.stats(), "kept": self.engine.footprint(), "malformed": malformed, "broken": broken,
                "rules": self.engine.rules().len(),
            });
            self.console.tell(&told.to_string());
        }
        if broken > 0 {
            self.console.warn("detect-not-whole", &[("count", &broken)]);
        }
        Ok(broken)
    }
}

/// Whether a stream ended where more was announced. The unpacker of gzip says so by the words alone.
fn is_cut_off(error: &std::io::Error) -> bool {
    error.kind() == std::io::ErrorKind::UnexpectedEof || error.to_string().contains("incomplete")
}

/// A finding as it is written, one a line.
fn shown(file: &str, line: u64, finding: &Finding) -> anyhow::Result<Value> {
    let fields: Map<String, Value> =
        finding.fields.iter().map(|(name, value)| (name.to_string(), json!(value))).collect();
    Ok(json!({
        "rule": {
            "id": finding.rule.id,
            "title": finding.rule.title,
            "title_sv": finding.rule.title_sv,
            "author": finding.rule.author,
            "level": serde_json::to_value(finding.level).context("a level")?,
            "licence": finding.rule.rule_set_licence,
            "tags": finding.rule.tags,
        },
        "event": {"file": file, "line": line, "time": finding.event_time, "id": finding.event_id},
        "partition": finding.partition,
        "fields": fields,
        "reasons": finding.reasons,
        "kind": finding.kind,
    }))
}

/// The tenant of an event, or else its Azure subscription.
fn whose(bytes: &[u8]) -> String {
    let named = concepts::read(bytes).ok().and_then(|concepts| concepts.tenant_id.or(concepts.subscription_id));
    named.map(|name| name.to_lowercase()).unwrap_or_default()
}

fn reasons(item: &Value, _: &Console) -> String {
    let list = item.get("reasons").and_then(Value::as_array).into_iter().flatten();
    list.map(|reason| format!("{}: {}", at(reason, "field"), at(reason, "value"))).collect::<Vec<_>>().join("\n")
}
