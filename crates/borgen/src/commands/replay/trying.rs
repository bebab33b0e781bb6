//! `borgen replay --what-if`: policy files that are not in force, run over the real history.

use super::history::Histories;
use crate::console::Console;
use crate::exit::Exit;
use crate::table::{Column, at, money_at};
use desk::whatif::{Assume, CaseSummary, Change, Summary, WhatIf, what_if};
use domain::ids::AccountId;
use jiff::SignedDuration;
use policy::Bundle;
use serde_json::{Value, json};
use std::path::Path;

const CHANGES: &[Column] = &[
    Column { heading: "column-account", cell: |item, _| at(item, "account") },
    Column { heading: "column-case", cell: |item, _| at(item, "case") },
    Column { heading: "column-verdict", cell: verdict },
    Column { heading: "column-before", cell: |item, console| told(item, "before", console) },
    Column { heading: "column-after", cell: |item, console| told(item, "after", console) },
];

/// Tries the files of a folder.
pub(super) async fn run(
    console: &Console,
    histories: &mut Histories<'_>,
    accounts: &[AccountId],
    folder: &Path,
    approved_after: Option<SignedDuration>,
) -> anyhow::Result<Exit> {
    let bundle = Bundle::read_dir(folder).map_err(|error| console.unreadable(folder, &error))?;
    if let Err(problems) = bundle.check() {
        return crate::commands::policy::refused(console, &problems);
    }
    let policy = super::history::policy_of(&bundle);
    let policy = policy.map_err(|error| console.failure(Exit::Refused, error.to_string(), None))?;
    let mut changes = Vec::new();
    for account in accounts {
        let journal = histories.journal(*account).await?;
        let tried = what_if(*account, &journal, &policy, Assume { approved_after })?;
        changes.extend(tried.changes().into_iter().map(|change| shown(*account, change)));
        changes.extend(actions(&tried));
        changes.extend(tried.dropped.iter().map(|dropped| {
            json!({"account": account, "verdict": "dropped", "before": {"fact": dropped.version, "kind": dropped.kind}})
        }));
    }
    if changes.is_empty() {
        console.say("what-if-same", &[("count", &accounts.len())]);
    } else {
        console.list(&changes, CHANGES)?;
    }
    console.say("what-if-first-order", &[]);
    Ok(Exit::Done)
}

fn shown(account: AccountId, change: Change) -> Value {
    let (case, verdict, before, after) = match change {
        Change::Gone(case, before) => (case, "gone", Some(before), None),
        Change::New(case, after) => (case, "new", None, Some(after)),
        Change::Other(case, before, after) => (case, "other", Some(*before), Some(*after)),
    };
    json!({"account": account, "case": case, "verdict": verdict, "before": before.as_ref().map(summary), "after": after.as_ref().map(summary)})
}

/// What the guard rails and clocks of actions would have done otherwise, if anything.
fn actions(tried: &WhatIf) -> Option<Value> {
    let counted = |summary: &Summary| json!({"proposed": summary.proposed, "refused": summary.refused, "expired": summary.expired});
    let (before, after) = (counted(&tried.before), counted(&tried.after));
    (before != after).then(|| json!({"account": tried.account, "verdict": "actions", "before": before, "after": after}))
}

fn verdict(item: &Value, console: &Console) -> String {
    match at(item, "verdict").as_str() {
        "gone" => console.text("verdict-gone", &[]),
        "new" => console.text("verdict-new", &[]),
        "actions" => console.text("verdict-actions", &[]),
        "dropped" => console.text("verdict-dropped", &[]),
        _ => console.text("verdict-other", &[]),
    }
}

fn summary(case: &CaseSummary) -> Value {
    let lost = case.lost.map(|money| json!({"amount": money.amount(), "currency": money.currency.code()}));
    json!({
        "story": case.story,
        "severity": case.severity,
        "opened": case.opened,
        "firstAnswer": case.first_answer,
        "marksPassed": case.marks,
        "stopped": case.stopped,
        "lost": lost,
    })
}

fn told(item: &Value, side: &str, console: &Console) -> String {
    let part = |key: &str| at(item, &format!("{side}.{key}"));
    let (fact, proposed) = (part("fact"), part("proposed"));
    if !fact.is_empty() {
        return console.text("what-if-fact", &[("fact", &fact), ("kind", &part("kind"))]);
    }
    if !proposed.is_empty() {
        let (refused, expired) = (part("refused"), part("expired"));
        let counts: [(&str, &dyn std::fmt::Display); 3] =
            [("proposed", &proposed), ("refused", &refused), ("expired", &expired)];
        return console.text("what-if-actions", &counts);
    }
    let time = |key: &str, word: &str| {
        let told = part(key);
        if told.is_empty() { told } else { console.text(word, &[("time", &console.time(&told))]) }
    };
    let lines = [
        format!("{} {}", console.word(&part("severity")), console.word(&part("story"))),
        time("firstAnswer", "what-if-answered"),
        time("stopped", "what-if-stopped"),
        money_at(item, &format!("{side}.lost")),
    ];
    lines.into_iter().filter(|line| !line.trim().is_empty()).collect::<Vec<_>>().join("\n")
}
