//! `borgen policy`: the partner's rules as files. Checking and comparing work without a server; publishing talks to one.

use crate::console::Console;
use crate::exit::Exit;
use crate::table::{Column, at};
use clap::{Args, Subcommand};
use policy::{Bundle, Problem};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The commands about policy files.
#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    /// Check the files of a folder: every wrong thing by file, line and column
    Check {
        /// The folder
        folder: PathBuf,
    },
    /// What a folder sets otherwise than what is in force, or than another folder
    Diff {
        /// The folder
        folder: PathBuf,
        /// Compare with this folder instead of the server's policy
        #[arg(long, value_name = "FOLDER", conflicts_with = "shipped")]
        with: Option<PathBuf>,
        /// Compare with the policy that ships
        #[arg(long)]
        shipped: bool,
    },
    /// Publish the files of a folder; without --yes only the difference is shown
    Publish(Publish),
    /// What was published, when, and from when it decides
    Timeline,
    /// Write the policy that ships into a folder, to be changed
    Write {
        /// The folder; it must not have policy files yet
        folder: PathBuf,
    },
}

/// Publishing.
#[derive(Debug, Args)]
pub(crate) struct Publish {
    /// The folder
    folder: PathBuf,
    /// From when it decides, as 2026-12-01T06:00:00Z; else at once
    #[arg(long)]
    from: Option<jiff::Timestamp>,
    /// Do it
    #[arg(long, short)]
    yes: bool,
}

const PROBLEMS: &[Column] = &[
    Column {
        heading: "column-place",
        cell: |item| format!("{}:{}:{}", at(item, "file"), at(item, "line"), at(item, "column")),
    },
    Column { heading: "column-problem", cell: |item| at(item, "message") },
    Column { heading: "column-hint", cell: |item| at(item, "hint") },
];
const CHANGES: &[Column] = &[
    Column { heading: "column-file", cell: |item| at(item, "file") },
    Column { heading: "column-setting", cell: |item| at(item, "key") },
    Column { heading: "column-before", cell: |item| at(item, "before") },
    Column { heading: "column-after", cell: |item| at(item, "after") },
];
const TIMELINE: &[Column] = &[
    Column { heading: "column-epoch", cell: |item| at(item, "epoch") },
    Column { heading: "column-from", cell: |item| at(item, "from") },
    Column { heading: "column-in-force", cell: |item| at(item, "inForce") },
    Column { heading: "column-hash", cell: |item| at(item, "hash") },
];

/// Runs a command about policy files.
pub(crate) async fn run(console: &Console, command: PolicyCommand) -> anyhow::Result<Exit> {
    match command {
        PolicyCommand::Check { folder } => check(console, &folder),
        PolicyCommand::Diff { folder, with, shipped } => {
            let newer = read(console, &folder)?;
            let older = match with {
                Some(other) => read(console, &other)?,
                None if shipped => Bundle::embedded(),
                None => in_force(console).await?,
            };
            show_changes(console, &older, &newer)?;
            Ok(Exit::Done)
        }
        PolicyCommand::Publish(publish) => self::publish(console, &publish).await,
        PolicyCommand::Timeline => {
            console.list(&super::remote(console)?.list("/policies", 1_000).await?, TIMELINE)?;
            Ok(Exit::Done)
        }
        PolicyCommand::Write { folder } => write(console, &folder),
    }
}

fn check(console: &Console, folder: &Path) -> anyhow::Result<Exit> {
    match read(console, folder)?.check() {
        Ok(checked) => {
            console.say("policy-good", &[("hash", &checked.policy.hash)]);
            Ok(Exit::Done)
        }
        Err(problems) => refused(console, &problems),
    }
}

/// Shows the problems, one in each row.
fn refused(console: &Console, problems: &[Problem]) -> anyhow::Result<Exit> {
    let items = problems.iter().map(serde_json::to_value).collect::<Result<Vec<Value>, _>>()?;
    console.list(&items, PROBLEMS)?;
    console.say("files-wrong", &[("count", &problems.len())]);
    Ok(Exit::Refused)
}

async fn publish(console: &Console, publish: &Publish) -> anyhow::Result<Exit> {
    let bundle = read(console, &publish.folder)?;
    if let Err(problems) = bundle.check() {
        return refused(console, &problems);
    }
    if !publish.yes {
        show_changes(console, &in_force(console).await?, &bundle)?;
        console.say("publish-with-yes", &[]);
        return Ok(Exit::Done);
    }
    let files: BTreeMap<&String, String> =
        bundle.files().iter().map(|(name, bytes)| (name, String::from_utf8_lossy(bytes).into_owned())).collect();
    let mut body = json!({"files": files});
    if let (Some(from), Value::Object(members)) = (publish.from, &mut body) {
        members.insert("from".to_owned(), json!(from));
    }
    let remote = super::remote(console)?;
    let now = remote.get("/policies").await?;
    let published = remote.change("/policies:publish", now.etag.as_deref(), &body).await?.body;
    console.one(&published, TIMELINE)?;
    console.say("policy-published", &[("hash", &bundle.hash())]);
    Ok(Exit::Done)
}

fn write(console: &Console, folder: &Path) -> anyhow::Result<Exit> {
    std::fs::create_dir_all(folder)?;
    for (name, bytes) in Bundle::embedded().files() {
        let path = folder.join(name);
        if path.exists() {
            return Err(console.fail(Exit::Conflict, "file-exists", &[("path", &path.display())]));
        }
        std::fs::write(path, bytes)?;
    }
    console.say("policy-written", &[("folder", &folder.display())]);
    Ok(Exit::Done)
}

fn show_changes(console: &Console, older: &Bundle, newer: &Bundle) -> anyhow::Result<()> {
    let items = older.diff(newer).iter().map(serde_json::to_value).collect::<Result<Vec<Value>, _>>()?;
    console.list(&items, CHANGES)
}

fn read(console: &Console, folder: &Path) -> anyhow::Result<Bundle> {
    Bundle::read_dir(folder).map_err(|error| console.failure(Exit::Usage, error.to_string(), None))
}

/// The files that are in force at the server now.
async fn in_force(console: &Console) -> anyhow::Result<Bundle> {
    let remote = super::remote(console)?;
    let timeline = remote.list("/policies", 1_000).await?;
    let newest = timeline.iter().find(|item| at(item, "inForce") == "true");
    let Some(newest) = newest else { return Err(console.fail(Exit::NotFound, "no-policy", &[])) };
    let body = remote.get(&format!("/policies/{}", at(newest, "hash"))).await?.body;
    let files = body.get("files").and_then(Value::as_object).into_iter().flatten();
    let files = files.filter_map(|(name, text)| Some((name.clone(), text.as_str()?.as_bytes().to_vec())));
    Ok(Bundle::of(files)?)
}
