//! `borgen alerts`: Microsoft's alerts and our answers. Talks to a server.

use super::columns::ALERTS;
use crate::console::Console;
use crate::exit::Exit;
use crate::remote::query;
use clap::Subcommand;
use serde_json::json;

/// The commands about alerts.
#[derive(Debug, Subcommand)]
pub(crate) enum Alerts {
    /// The alerts, oldest unanswered first
    List {
        /// In the words of the query bar: status:active customer:ID
        filter: Vec<String>,
        /// The most alerts to show
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
    /// Answer one alert at Microsoft now
    Answer {
        /// The alert
        alert: String,
        /// The state to set
        #[arg(long, value_enum, default_value_t)]
        status: AnswerWord,
        /// The reason, for a resolved one
        #[arg(long, value_enum, required_if_eq("status", "resolved"))]
        reason: Option<ReasonWord>,
    },
}

/// The states that an answer can set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum AnswerWord {
    /// Somebody looks into it.
    #[default]
    Investigating,
    /// Closed, with a reason.
    Resolved,
}

/// Microsoft's reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum ReasonWord {
    /// Fraud or misuse took place.
    Fraud,
    /// The use was the customer's own.
    Legitimate,
    /// Old, doubled or a test.
    Ignore,
}

/// Runs a command about alerts.
pub(crate) async fn run(console: &Console, command: Alerts) -> anyhow::Result<Exit> {
    let remote = super::remote(console)?;
    match command {
        Alerts::List { filter, limit } => {
            let filter =
                if filter.is_empty() { String::new() } else { format!("&filter={}", query(&filter.join(" "))) };
            let items = remote.list(&format!("/alerts?maxpagesize={}{filter}", limit.clamp(1, 1_000)), limit).await?;
            console.list(&items, ALERTS)?;
        }
        Alerts::Answer { alert, status, reason } => {
            let status = match status {
                AnswerWord::Investigating => "investigating",
                AnswerWord::Resolved => "resolved",
            };
            let reason = reason.map(|reason| match reason {
                ReasonWord::Fraud => "fraud",
                ReasonWord::Legitimate => "legitimate",
                ReasonWord::Ignore => "ignore",
            });
            let path = format!("/alerts/{}", query(&alert));
            let now = remote.get(&path).await?;
            remote
                .change(&format!("{path}:answer"), now.etag.as_deref(), &json!({"status": status, "reason": reason}))
                .await?;
            console.say("alert-answered", &[("alert", &alert), ("status", &console.word(status))]);
        }
    }
    Ok(Exit::Done)
}
