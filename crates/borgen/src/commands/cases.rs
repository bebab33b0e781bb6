//! `borgen cases`: the queue, one case, and what a person does with it. Talks to a server.

use super::columns::{CASE, CASES, SNOOZES};
use crate::cli::Output;
use crate::console::Console;
use crate::exit::Exit;
use crate::forms;
use crate::reading::count;
use crate::remote::{Remote, query};
use crate::table::{Column, at};
use clap::Subcommand;
use serde_json::json;

/// The most cases that one listing shows.
const MAX_LISTED: usize = 10_000;

/// The commands about cases.
#[derive(Debug, Subcommand)]
pub(crate) enum Cases {
    /// The queue: what is worst first
    List {
        /// In the words of the query bar: severity:high status:open story:mining customer:ID owner:me
        filter: Vec<String>,
        /// The most cases to show
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
    /// One case: what is known, why, what it costs, what can be done
    Show {
        /// The case
        #[arg(value_parser = forms::id)]
        case: String,
    },
    /// Take a case: the alerts in it are answered `investigating`
    Claim {
        /// The case
        #[arg(value_parser = forms::id)]
        case: String,
    },
    /// Write something down
    Note {
        /// The case
        #[arg(value_parser = forms::id)]
        case: String,
        /// The text
        text: String,
    },
    /// Close a case and resolve the alerts you name; no others
    Close {
        /// The case
        #[arg(value_parser = forms::id)]
        case: String,
        /// What it was
        #[arg(long, value_enum)]
        outcome: OutcomeWord,
        /// An alert that is resolved with it; may be given several times
        #[arg(long = "alert", value_name = "ALERT")]
        alerts: Vec<String>,
        /// Why, in your words
        #[arg(long)]
        note: Option<String>,
        /// Only show what Microsoft would be told
        #[arg(long)]
        preview: bool,
    },
    /// Snooze the rules of a case at its customer: it leaves the queue and comes back by itself
    Snooze {
        /// The case
        #[arg(value_parser = forms::id)]
        case: String,
        /// For how many days, from 1 to 30
        #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=30))]
        days: u32,
        /// Why it needs no attention, in your words
        #[arg(long)]
        reason: String,
    },
    /// What is snoozed now, where, until when and why
    Snoozes {
        /// In the words of the query bar: status:over rule:ID customer:ID
        filter: Vec<String>,
        /// The most snoozes to show
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
    /// End a snooze before its time
    Wake {
        /// The snooze
        #[arg(value_parser = forms::id)]
        snooze: String,
    },
    /// Open a closed case again
    Reopen {
        /// The case
        #[arg(value_parser = forms::id)]
        case: String,
    },
}

/// What a case turned out to be.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum OutcomeWord {
    /// Someone deceived us or the customer.
    Fraud,
    /// The customer itself broke the terms.
    Misuse,
    /// The use was wanted.
    Legitimate,
    /// Nothing happened.
    FalseAlarm,
    /// Another case has it.
    Duplicate,
    /// Only a test.
    Test,
    /// Too old to matter.
    Stale,
}

impl OutcomeWord {
    const fn word(self) -> &'static str {
        match self {
            Self::Fraud => "fraud",
            Self::Misuse => "misuse",
            Self::Legitimate => "legitimate",
            Self::FalseAlarm => "false_alarm",
            Self::Duplicate => "duplicate",
            Self::Test => "test",
            Self::Stale => "stale",
        }
    }
}

/// What an alert would be answered.
const ANSWERS: &[Column] = &[
    Column { heading: "column-alert", cell: |item, _| at(item, "alert") },
    Column { heading: "column-status", cell: |item, console| console.word(&at(item, "status")) },
    Column { heading: "column-microsofts-reason", cell: |item, console| console.word(&at(item, "reason")) },
];

/// Runs a command about cases.
pub(crate) async fn run(console: &Console, command: Cases) -> anyhow::Result<Exit> {
    let remote = super::remote(console)?;
    match command {
        Cases::List { filter, limit } => console.list(&listed(&remote, "/cases", &filter, limit).await?, CASES)?,
        Cases::Snoozes { filter, limit } => {
            console.list(&listed(&remote, "/snoozes", &filter, limit).await?, SNOOZES)?;
        }
        Cases::Snooze { case, days, reason } => {
            let snoozed = act(&remote, &case, "snooze", &json!({"days": days, "reason": reason})).await?;
            // What stays in the queue all the same is said, not left to be found out.
            match at(&snoozed, "snoozed.stillShown").as_str() {
                "" => console
                    .say("case-snoozed", &[("case", &case), ("until", &console.time(&at(&snoozed, "snoozed.until")))]),
                why => console.say("case-still-shown", &[("case", &case), ("why", &console.word(why))]),
            }
        }
        Cases::Wake { snooze } => {
            remote.post(&format!("/snoozes/{}:end", query(&snooze)), &json!({})).await?;
            console.say("snooze-ended", &[("snooze", &snooze)]);
        }
        Cases::Show { case } => console.one(&remote.get(&format!("/cases/{}", query(&case))).await?.body, CASE)?,
        Cases::Claim { case } => {
            let claimed = act(&remote, &case, "claim", &json!({})).await?;
            console.say("case-claimed", &[("case", &case), ("count", &count(&claimed, "alerts"))]);
        }
        Cases::Note { case, text } => {
            act(&remote, &case, "note", &json!({"text": text})).await?;
            console.say("case-noted", &[("case", &case)]);
        }
        Cases::Close { case, outcome, alerts, note, preview } => {
            let body = json!({"outcome": outcome.word(), "alerts": alerts, "note": note});
            let verb = if preview { "close?preview=true" } else { "close" };
            let answer = act(&remote, &case, verb, &body).await?;
            if preview {
                previewed(console, &answer)?;
            } else {
                let outcome = console.word(outcome.word());
                console.say("case-closed", &[("case", &case), ("outcome", &outcome), ("count", &alerts.len())]);
            }
        }
        Cases::Reopen { case } => {
            act(&remote, &case, "reopen", &json!({})).await?;
            console.say("case-reopened", &[("case", &case)]);
        }
    }
    Ok(Exit::Done)
}

/// What closing would tell Microsoft, alert by alert, and which alerts would stay open.
fn previewed(console: &Console, preview: &serde_json::Value) -> anyhow::Result<()> {
    if console.output != Output::Table {
        return console.line(&serde_json::to_string_pretty(preview)?);
    }
    let told = preview.get("tellsMicrosoft").and_then(serde_json::Value::as_array).cloned().unwrap_or_default();
    if told.is_empty() {
        console.say("close-tells-nothing", &[]);
    } else {
        console.list(&told, ANSWERS)?;
    }
    let open = preview.get("stayOpen").and_then(serde_json::Value::as_array).into_iter().flatten();
    for alert in open.filter_map(serde_json::Value::as_str) {
        console.say("alert-stays-open", &[("alert", &alert)]);
    }
    console.say("close-only-shown", &[]);
    Ok(())
}

/// The rows of a list under a filter.
async fn listed(
    remote: &Remote<'_>,
    path: &str,
    filter: &[String],
    limit: usize,
) -> anyhow::Result<Vec<serde_json::Value>> {
    let limit = limit.min(MAX_LISTED);
    let filter = if filter.is_empty() { String::new() } else { format!("&filter={}", query(&filter.join(" "))) };
    remote.list(&format!("{path}?maxpagesize={}{filter}", limit.clamp(1, 1_000)), limit).await
}

/// Does something with a case as it now is.
async fn act(
    remote: &Remote<'_>,
    case: &str,
    verb: &str,
    body: &serde_json::Value,
) -> anyhow::Result<serde_json::Value> {
    let path = format!("/cases/{}", query(case));
    let now = remote.get(&path).await?;
    Ok(remote.change(&format!("{path}:{verb}"), now.etag.as_deref(), body).await?.body)
}
