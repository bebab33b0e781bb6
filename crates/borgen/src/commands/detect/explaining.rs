//! `borgen detect explain`: why a rule fires for one event, or what was missing.

use crate::cli::Output;
use crate::console::Console;
use crate::exit::Exit;
use crate::talk::Lang;
use sigma::explain::{Explanation, LineTrace, explain};
use sigma::reader::{Item, Lines};
use sigma::{Engine, EngineOptions, Event, RuleSet};
use std::path::Path;
use std::sync::Arc;

/// Explains a rule for the event that begins on a line of a file.
pub(super) fn run(console: &Console, rule: &str, place: &str, set: &Arc<RuleSet>) -> anyhow::Result<Exit> {
    let no_line = || console.fail(Exit::NotFound, "no-such-line", &[("place", &place)]);
    let (file, line) = place.rsplit_once(':').ok_or_else(no_line)?;
    let line: usize = line.parse().map_err(|_| no_line())?;
    let event = event_at(Path::new(file), line).map_err(|error| console.unreadable(Path::new(file), error.as_ref()))?;
    let event = event.ok_or_else(no_line)?;
    let unread = |why: &str| {
        let why = console.said(why);
        console.fail(Exit::Usage, "line-malformed", &[("file", &file), ("line", &line), ("problem", &why)])
    };
    let event = event.map_err(unread)?;
    let event = Event::parse(&event).map_err(|error| unread(&error.to_string()))?;
    let engine = Engine::new(Arc::clone(set), EngineOptions::default());
    let Some(explanation) = explain(&engine, rule, &event) else {
        return Err(console.fail(Exit::NotFound, "no-such-rule", &[("rule", &rule)]));
    };
    if console.output == Output::Table {
        show(console, &explanation)?;
    } else {
        console.line(&serde_json::to_string_pretty(&explanation)?)?;
    }
    Ok(Exit::Done)
}

/// The event that begins on a line, or why what stands there is none; nothing where no event begins.
fn event_at(file: &Path, wanted: usize) -> anyhow::Result<Option<Result<Vec<u8>, &'static str>>> {
    let mut lines = Lines::open(file)?;
    while let Some(item) = lines.next_item()? {
        match item {
            Item::Record { line, bytes } if line == wanted => return Ok(Some(Ok(bytes.to_vec()))),
            Item::Malformed { line, reason } if line == wanted => return Ok(Some(Err(reason))),
            Item::Record { .. } | Item::Malformed { .. } => {}
        }
    }
    Ok(None)
}

fn show(console: &Console, explanation: &Explanation) -> anyhow::Result<()> {
    let rule = title(console, &explanation.rule.title, explanation.rule.title_sv.as_deref());
    let key = if explanation.holds { "explain-holds" } else { "explain-holds-not" };
    console.line(&console.text(key, &[("rule", &rule)]))?;
    if !explanation.routed {
        let log = console.word(&format!("log-{:?}", explanation.log_type));
        console.line(&console.text("explain-not-routed", &[("log", &log)]))?;
    }
    if explanation.needs_history {
        console.line(&console.text("explain-history", &[]))?;
    }
    for selection in &explanation.selections {
        console.line(&format!("{} {}", mark(selection.holds), selection.name))?;
        for line in &selection.lines {
            console.line(&format!("  {}", told(console, line)))?;
        }
    }
    Ok(())
}

fn told(console: &Console, line: &LineTrace) -> String {
    let found = if line.missing { console.text("explain-missing", &[]) } else { line.found.join(", ") };
    let op = if line.op.is_empty() { "=" } else { &line.op };
    console.text(
        "explain-line",
        &[
            ("mark", &mark(line.holds)),
            ("field", &line.field),
            ("op", &op),
            ("wanted", &line.wanted.join(" | ")),
            ("found", &found),
        ],
    )
}

/// A rule's title in the reader's language, where it has one.
pub(crate) fn title(console: &Console, english: &str, swedish: Option<&str>) -> String {
    swedish.filter(|_| console.lang == Lang::Sv).unwrap_or(english).to_owned()
}

const fn mark(holds: bool) -> &'static str {
    if holds { "✓" } else { "✗" }
}
