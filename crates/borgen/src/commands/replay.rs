//! `borgen replay`: every decision made again from the recorded facts and compared byte for byte; or, with other policy
//! files, what would have been decided. Reads the store directly, so that it needs no server.

mod history;
mod trying;

pub(crate) use history::{Replayed, policy_of, replay_all};

use crate::cli::Output;
use crate::console::Console;
use crate::exit::Exit;
use crate::forms;
use crate::table::{Column, at};
use clap::Args;
use desk::replay::Verdict;
use domain::ids::{AccountId, AccountKind};
use history::{Histories, accounts_of};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use store::{Store, StoreConfig};

/// Replaying.
#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// One account
    #[arg(required_unless_present = "all", conflicts_with = "all", value_parser = forms::typed::<AccountId>)]
    account: Option<AccountId>,
    /// Every customer
    #[arg(long)]
    all: bool,
    /// The store, as sqlite:PATH or postgres://…; else that of the settings
    #[arg(long, value_name = "URL")]
    store: Option<String>,
    /// Policy files to try on the history instead of those that were in force
    #[arg(long, value_name = "FOLDER")]
    what_if: Option<PathBuf>,
    /// New proposals are taken to be approved after this long, as in 30m; else nobody answers them
    #[arg(long, value_name = "SPAN", requires = "what_if")]
    assume_approved_after: Option<jiff::SignedDuration>,
}

const VERDICTS: &[Column] = &[
    Column { heading: "column-account", cell: |item, _| at(item, "account") },
    Column { heading: "column-verdict", cell: |item, _| at(item, "verdict") },
];

/// Runs the command.
pub(crate) async fn run(console: &Console, command: Replay) -> anyhow::Result<Exit> {
    let url = command.store.clone().map_or_else(|| console.settings().map(|settings| settings.store_url()), Ok)?;
    // Opening a SQLite store that is not there would make an empty one, which replays without a difference.
    if let Some(path) = url.strip_prefix("sqlite:").filter(|path| *path != ":memory:")
        && !Path::new(path).is_file()
    {
        return Err(console.fail(Exit::Usage, "no-store", &[("path", &path)]));
    }
    let store = Store::open(&StoreConfig::new(url)).await?;
    let accounts = match command.account {
        Some(account) => vec![account],
        None => accounts_of(&store, AccountKind::Customer).await?,
    };
    let mut histories = Histories::of(&store);
    match &command.what_if {
        Some(folder) => trying::run(console, &mut histories, &accounts, folder, command.assume_approved_after).await,
        None => same(console, &mut histories, &accounts).await,
    }
}

/// Compares, and stops at the first difference.
async fn same(console: &Console, histories: &mut Histories<'_>, accounts: &[AccountId]) -> anyhow::Result<Exit> {
    for account in accounts {
        let journal = histories.journal(*account).await?;
        if journal.is_empty() {
            return Err(console.fail(Exit::NotFound, "replay-no-account", &[("account", account)]));
        }
        if let Verdict::Differs { version, recorded, replayed } = histories.replay(*account, &journal)? {
            let shown = json!({"account": account, "verdict": "differs", "version": version, "recorded": recorded, "replayed": replayed});
            if console.output != Output::Table {
                console.line(&shown.to_string())?;
            }
            console.warn("replay-differs", &[("account", account), ("version", &version)]);
            let nothing = String::from("–");
            console.tell(&console.text("replay-recorded", &[("fact", recorded.as_ref().unwrap_or(&nothing))]));
            console.tell(&console.text("replay-replayed", &[("fact", replayed.as_ref().unwrap_or(&nothing))]));
            return Ok(Exit::Refused);
        }
    }
    if console.output != Output::Table {
        let items: Vec<Value> = accounts.iter().map(|account| json!({"account": account, "verdict": "same"})).collect();
        console.list(&items, VERDICTS)?;
    }
    console.say("replay-same", &[("count", &accounts.len())]);
    Ok(Exit::Done)
}
