//! What the tables of cases, alerts and actions show, column by column.

use crate::table::{Column, at, money_at};
use serde_json::Value;

/// Cases in a list.
pub(crate) const CASES: &[Column] = &[
    Column { heading: "column-case", cell: |item| at(item, "id") },
    Column { heading: "column-severity", cell: |item| at(item, "severity") },
    Column { heading: "column-status", cell: |item| at(item, "status") },
    Column { heading: "column-story", cell: |item| at(item, "story") },
    Column { heading: "column-per-hour", cell: |item| money_at(item, "cost.perHour") },
    Column { heading: "column-at-stake", cell: |item| money_at(item, "cost.atStake") },
    Column { heading: "column-clock", cell: clock },
    Column { heading: "column-owner", cell: |item| short(&at(item, "owner")) },
    Column { heading: "column-since", cell: |item| minute(&at(item, "since")) },
];

/// One case.
pub(crate) const CASE: &[Column] = &[
    Column { heading: "column-case", cell: |item| at(item, "id") },
    Column { heading: "column-customer", cell: customer },
    Column { heading: "column-severity", cell: |item| at(item, "severity") },
    Column { heading: "column-status", cell: |item| at(item, "status") },
    Column { heading: "column-story", cell: |item| at(item, "story") },
    Column { heading: "column-per-hour", cell: |item| money_at(item, "cost.perHour") },
    Column { heading: "column-lost-so-far", cell: |item| money_at(item, "cost.lostSoFar") },
    Column { heading: "column-at-stake", cell: |item| money_at(item, "cost.atStake") },
    Column { heading: "column-owner", cell: |item| at(item, "owner") },
    Column { heading: "column-since", cell: |item| at(item, "since") },
    Column { heading: "column-clock", cell: clock },
    Column { heading: "column-playbook", cell: |item| at(item, "playbook") },
    Column {
        heading: "column-why",
        cell: |item| each(item, "why", |why| each(why, "reasons", |reason| at(reason, "text"))),
    },
    Column { heading: "column-signals", cell: |item| each(item, "signalList", signal) },
    Column {
        heading: "column-alerts",
        cell: |item| {
            each(item, "alertList", |alert| {
                format!("{} {} ({})", at(alert, "id"), at(alert, "alertType"), at(alert, "status"))
            })
        },
    },
    Column {
        heading: "column-actions",
        cell: |item| each(item, "actions", |action| format!("{} {}", at(action, "id"), at(action, "status"))),
    },
    Column { heading: "column-outcome", cell: |item| at(item, "closed.outcome") },
];

/// Alerts in a list.
pub(crate) const ALERTS: &[Column] = &[
    Column { heading: "column-alert", cell: |item| at(item, "id") },
    Column { heading: "column-type", cell: |item| at(item, "alertType") },
    Column { heading: "column-status", cell: |item| at(item, "status") },
    Column { heading: "column-severity", cell: |item| at(item, "severity") },
    Column { heading: "column-case", cell: |item| at(item, "case") },
    Column { heading: "column-received", cell: |item| minute(&at(item, "received")) },
    Column { heading: "column-answered", cell: |item| minute(&at(item, "answered")) },
];

/// Actions in a list.
pub(crate) const ACTIONS: &[Column] = &[
    Column { heading: "column-action", cell: |item| at(item, "id") },
    Column { heading: "column-state", cell: state },
    Column { heading: "column-playbook", cell: |item| at(item, "playbook") },
    Column { heading: "column-case", cell: |item| at(item, "case") },
    Column { heading: "column-saves-per-hour", cell: |item| money_at(item, "blastRadius.savedPerHour") },
    Column {
        heading: "column-approvals",
        cell: |item| format!("{}/{}", count(item, "approvals"), count(item, "roles")),
    },
    Column { heading: "column-expires", cell: |item| minute(&at(item, "expires")) },
];

/// One action.
pub(crate) const ACTION: &[Column] = &[
    Column { heading: "column-action", cell: |item| at(item, "id") },
    Column { heading: "column-state", cell: state },
    Column { heading: "column-playbook", cell: |item| at(item, "playbook") },
    Column { heading: "column-class", cell: |item| at(item, "class") },
    Column { heading: "column-case", cell: |item| at(item, "case") },
    Column {
        heading: "column-stops",
        cell: |item| format!("{} + {}", at(item, "blastRadius.azureSubscriptions"), at(item, "blastRadius.plans")),
    },
    Column { heading: "column-users", cell: |item| at(item, "blastRadius.users") },
    Column { heading: "column-saves-per-hour", cell: |item| money_at(item, "blastRadius.savedPerHour") },
    Column { heading: "column-goes-on-billing", cell: |item| each(item, "blastRadius.goesOnBilling", text) },
    Column { heading: "column-destroys", cell: |item| each(item, "blastRadius.destroys", text) },
    Column { heading: "column-undo-minutes", cell: |item| at(item, "blastRadius.undoMinutes") },
    Column {
        heading: "column-guards",
        cell: |item| each(item, "guards", |guard| format!("{} {}", mark(guard.get("passed")), at(guard, "rail"))),
    },
    Column { heading: "column-roles", cell: |item| each(item, "roles", text) },
    Column {
        heading: "column-approvals",
        cell: |item| each(item, "approvals", |approval| format!("{} {}", at(approval, "at"), at(approval, "approver"))),
    },
    Column {
        heading: "column-steps",
        cell: |item| each(item, "steps", |step| format!("{} {}", step_text(step), state(step))),
    },
    Column { heading: "column-parameters", cell: |item| at(item, "parameters") },
    Column { heading: "column-expires", cell: |item| at(item, "expires") },
    Column { heading: "column-review-by", cell: |item| at(item, "reviewBy") },
];

/// Who it is about: a name when the user may see it, else an id.
fn customer(item: &Value) -> String {
    first(item, &["customerName.value", "customer"])
}

/// The beginning of an id, enough to tell people apart in a list.
fn short(id: &str) -> String {
    id.chars().rev().take(8).collect::<Vec<_>>().into_iter().rev().collect()
}

fn signal(signal: &Value) -> String {
    format!(
        "{} ({}) ×{} {}",
        at(signal, "rule.title"),
        at(signal, "rule.author"),
        at(signal, "count"),
        at(signal, "size")
    )
}

/// When an answer is due, and the minutes left.
fn clock(item: &Value) -> String {
    let left = first(item, &["clock.secondsToTarget", "clock.secondsToLimit"]);
    let minutes = left.parse::<i64>().map_or_else(|_| String::new(), |seconds| format!(" ({} min)", seconds / 60));
    format!("{}{minutes}", minute(&first(item, &["clock.target", "clock.limit"])))
}

fn step_text(step: &Value) -> String {
    format!("{} {}", at(step, "kind"), first(step, &["azureSubscription", "plan"]))
}

/// Where a step or an action is: how it ended, or its state.
fn state(step: &Value) -> String {
    first(step, &["detail.end", "detail.failed.code", "state", "status"])
}

/// The first of some paths that says something and is no object.
fn first(item: &Value, paths: &[&str]) -> String {
    paths.iter().map(|path| at(item, path)).find(|text| !text.is_empty() && !text.starts_with('{')).unwrap_or_default()
}

fn each(item: &Value, path: &str, line: impl Fn(&Value) -> String) -> String {
    let list = path.split('.').try_fold(item, |value, key| value.get(key)).and_then(Value::as_array);
    list.into_iter().flatten().map(line).collect::<Vec<_>>().join("\n")
}

fn count(item: &Value, key: &str) -> usize {
    item.get(key).and_then(Value::as_array).map_or(0, Vec::len)
}

/// A value as a person reads it: the innermost word.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(members) => {
            members.iter().map(|(key, inside)| format!("{key} {}", text(inside))).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}

fn mark(passed: Option<&Value>) -> &'static str {
    if passed.and_then(Value::as_bool).unwrap_or(false) { "✓" } else { "✗" }
}

/// A time to the minute: `2026-11-22 14:05`, in UTC.
fn minute(time: &str) -> String {
    time.replace('T', " ").chars().take(16).collect()
}
