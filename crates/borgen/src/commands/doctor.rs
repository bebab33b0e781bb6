//! `borgen doctor`: whether everything is as it has to be, with a line for each thing that repairs it.

mod checks;
mod microsoft;
mod paging;

use crate::cli::Output;
use crate::console::Console;
use crate::exit::Exit;
use crate::paint::Paint;
use clap::Args;
use serde_json::json;

/// Looking.
#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Repair what can be repaired without a question: the modes of key files
    #[arg(long)]
    fix: bool,
    /// Do not ask Microsoft
    #[arg(long)]
    offline: bool,
    /// Send a test message by each channel, as a page at 03:00 would go
    #[arg(long)]
    page: bool,
}

/// How a thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Health {
    Good,
    Warning,
    Bad,
}

impl Health {
    const fn mark(self) -> (&'static str, Paint) {
        match self {
            Self::Good => ("✓", Paint::Good),
            Self::Warning => ("!", Paint::Warning),
            Self::Bad => ("✗", Paint::Bad),
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Warning => "warning",
            Self::Bad => "bad",
        }
    }
}

/// One thing that was looked at.
#[derive(Debug)]
struct Finding {
    /// The key of its name: `check-store`.
    check: &'static str,
    health: Health,
    /// What was found, where that is more than the name says.
    detail: String,
    /// What to do, in the user's language.
    fix: Option<String>,
}

/// Runs the command.
pub(crate) async fn run(console: &Console, command: Doctor) -> anyhow::Result<Exit> {
    let findings = checks::all(console, &command).await?;
    for finding in &findings {
        show(console, finding)?;
    }
    let bad = findings.iter().filter(|finding| finding.health == Health::Bad).count();
    if bad == 0 {
        console.say("doctor-well", &[]);
        return Ok(Exit::Done);
    }
    console.say("doctor-bad", &[("count", &bad)]);
    Ok(Exit::Refused)
}

fn show(console: &Console, finding: &Finding) -> anyhow::Result<()> {
    let name = console.text(finding.check, &[]);
    if console.output != Output::Table {
        let shown = json!({
            "check": finding.check.trim_start_matches("check-"),
            "health": finding.health.word(),
            "detail": finding.detail,
            "fix": finding.fix,
        });
        return console.line(&shown.to_string());
    }
    let (mark, paint) = finding.health.mark();
    let detail = if finding.detail.is_empty() { String::new() } else { format!(": {}", finding.detail) };
    console.line(&format!("{} {name}{detail}", console.painted(paint, mark)))?;
    match &finding.fix {
        Some(fix) => console.line(&format!("    {fix}")),
        None => Ok(()),
    }
}
