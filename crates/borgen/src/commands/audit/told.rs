//! What verifying an export found, in the reader's language: each fault by its kind, and what is proven.

use crate::console::Console;
use std::fmt::Display;
use store::{Fault, Problem, Proof, Report};

/// Tells a report, all but the verdict. `kept` says whether a checkpoint from elsewhere was at hand.
pub(super) fn tell(console: &Console, report: &Report, kept: bool) {
    for fault in &report.findings {
        console.warn("verify-problem", &[("line", &fault.line), ("problem", &problem(console, fault))]);
    }
    if report.further > 0 {
        console.warn("verify-further", &[("count", &report.further)]);
    }
    let (facts, accounts, signed) = (report.facts, report.accounts, report.signed);
    console.say("verify-counted", &[("count", &facts), ("accounts", &accounts), ("signed", &signed)]);
    match &report.proven {
        Proof::Proven { size, at } => {
            console.say("verify-proven", &[("count", size), ("at", &console.time(&at.to_string()))]);
        }
        Proof::NotProven { .. } => {
            console.warn("verify-not-proven", &[("why", &console.text(why(report, kept), &[]))]);
        }
    }
}

/// The key of why nothing is proven.
fn why(report: &Report, kept: bool) -> &'static str {
    let found = |wanted: fn(&Problem) -> bool| report.findings.iter().any(|fault| wanted(&fault.what));
    if !kept {
        "unproven-unkept"
    } else if found(|what| matches!(what, Problem::Rewritten { .. })) {
        "unproven-rewritten"
    } else if found(|what| matches!(what, Problem::Truncated { .. })) {
        "unproven-truncated"
    } else {
        "unproven-faulty"
    }
}

fn problem(console: &Console, fault: &Fault) -> String {
    let told = |key: &str, values: &[(&str, &dyn Display)]| console.text(key, values);
    let time = |at: &jiff::Timestamp| console.time(&at.to_string());
    match &fault.what {
        Problem::NoHeader => told("fault-no-header", &[]),
        Problem::Format(form) => told("fault-format", &[("form", form)]),
        Problem::Unreadable => told("fault-unreadable", &[]),
        Problem::AfterEnd => told("fault-after-end", &[]),
        Problem::NoEnd => told("fault-no-end", &[]),
        Problem::Position { expected, found } => told("fault-position", &[("expected", expected), ("found", found)]),
        Problem::Version { account, expected, found } => {
            told("fault-version", &[("account", account), ("expected", expected), ("found", found)])
        }
        Problem::Chain { account, version } => told("fault-chain", &[("account", account), ("version", version)]),
        Problem::Edited { account, version } => told("fault-edited", &[("account", account), ("version", version)]),
        Problem::Mislabelled { account, version } => {
            told("fault-mislabelled", &[("account", account), ("version", version)])
        }
        Problem::ClockBack { account, version } => {
            told("fault-clock-back", &[("account", account), ("version", version)])
        }
        Problem::CheckpointClockBack { at } => told("fault-checkpoint-clock-back", &[("at", &time(at))]),
        Problem::Checkpoint => told("fault-checkpoint", &[]),
        Problem::OtherKey { size } => told("fault-other-key", &[("size", size)]),
        Problem::OtherStore { wanted, found } => told("fault-other-store", &[("wanted", wanted), ("found", found)]),
        Problem::Count { signed, found } => told("fault-count", &[("signed", signed), ("found", found)]),
        Problem::Root { size } => told("fault-root", &[("size", size)]),
        Problem::Rewritten { size, at } => told("fault-rewritten", &[("size", size), ("at", &time(at))]),
        Problem::Truncated { size, at, found } => {
            told("fault-truncated", &[("size", size), ("at", &time(at)), ("found", found)])
        }
    }
}
