//! `borgen detect explain`: why a rule fires for one event, or what was missing.

use crate::cli::Output;
use crate::console::Console;
use crate::exit::Exit;
use crate::talk::Lang;
use sigma::explain::{Explanation, LineTrace, explain};
use sigma::reader::{Item, Lines, ReadError};
use sigma::{Engine, EngineOptions, Event, RuleSet};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::sync::Arc;

/// How packed files begin: gzip and zstd.
const PACKED: [&[u8]; 2] = [&[0x1F, 0x8B], &[0x28, 0xB5, 0x2F, 0xFD]];

/// Explains a rule for the event that begins on a line of a file.
pub(super) fn run(console: &Console, rule: &str, place: &str, set: &Arc<RuleSet>) -> anyhow::Result<Exit> {
    let no_place = || console.fail(Exit::Usage, "no-such-line", &[("place", &place)]);
    let (file, line) = place.rsplit_once(':').ok_or_else(no_place)?;
    let line: usize = line.parse().ok().filter(|line| *line > 0).ok_or_else(no_place)?;
    let unreadable = |error: anyhow::Error| console.unreadable(Path::new(file), error.as_ref());
    let event = match event_at(Path::new(file), line).map_err(unreadable)? {
        At::Event(event) => event,
        At::CutOff { last } => {
            return Err(console.fail(Exit::Refused, "detect-cut-off", &[("file", &file), ("line", &last)]));
        }
        At::Nothing { last } => {
            let lines = lines_of(Path::new(file)).map_err(|error| console.unreadable(Path::new(file), &error))?;
            return Err(nothing_there(console, file, line, last, lines));
        }
    };
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

/// What is on a line of a file.
enum At {
    /// The event that begins there, or why what stands there is none.
    Event(Result<Vec<u8>, &'static str>),
    /// No event begins there; the last one of the file begins on line `last`, from 1.
    Nothing { last: usize },
    /// The file ends early, after line `last`, before that one.
    CutOff { last: usize },
}

fn event_at(file: &Path, wanted: usize) -> anyhow::Result<At> {
    let mut lines = Lines::open(file)?;
    let mut last = 0;
    loop {
        let item = match lines.next_item() {
            Ok(Some(item)) => item,
            Ok(None) => return Ok(At::Nothing { last }),
            Err(ReadError::Io { source, .. }) if super::is_cut_off(&source) => return Ok(At::CutOff { last }),
            Err(error) => return Err(error.into()),
        };
        match item {
            Item::Record { line, bytes } if line == wanted => return Ok(At::Event(Ok(bytes.to_vec()))),
            Item::Malformed { line, reason } if line == wanted => return Ok(At::Event(Err(reason))),
            Item::Record { line, .. } | Item::Malformed { line, .. } => last = line,
        }
    }
}

/// How many lines a file has; nothing for one that is packed.
fn lines_of(file: &Path) -> std::io::Result<Option<usize>> {
    let mut reader = BufReader::new(File::open(file)?);
    let mut lines = 0;
    let mut open = false;
    let mut is_first = true;
    loop {
        let piece = reader.fill_buf()?;
        if is_first && PACKED.iter().any(|magic| piece.starts_with(magic)) {
            return Ok(None);
        }
        let Some(last) = piece.last() else { return Ok(Some(lines + usize::from(open))) };
        lines += piece.split(|byte| *byte == b'\n').skip(1).count();
        open = *last != b'\n';
        is_first = false;
        let used = piece.len();
        reader.consume(used);
    }
}

/// Says why there is no event to explain: the file is shorter, or the line is in the middle of one, or empty.
fn nothing_there(console: &Console, file: &str, line: usize, last: usize, lines: Option<usize>) -> anyhow::Error {
    match lines {
        Some(count) if line > count => {
            console.fail(Exit::NotFound, "explain-past-the-end", &[("file", &file), ("count", &count), ("line", &line)])
        }
        _ => console.fail(Exit::NotFound, "explain-no-event", &[("file", &file), ("line", &line), ("last", &last)]),
    }
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
