//! `borgen policy`: the partner's rules as files. Checking and comparing work without a server; publishing talks to one.

use crate::cli::Output;
use crate::console::Console;
use crate::exit::{Exit, Failure};
use crate::forms;
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
    #[arg(long, value_parser = forms::time)]
    from: Option<jiff::Timestamp>,
    /// The number of the policy that your files begin with: refused when somebody published another since
    #[arg(long, value_name = "NUMBER")]
    based_on: Option<u64>,
    /// What your authenticator app shows: a policy with a single operator demands it
    #[arg(long, env = "BORGEN_CODE", hide_env_values = true)]
    code: Option<String>,
    /// Do it
    #[arg(long, short)]
    yes: bool,
}

const PROBLEMS: &[Column] = &[
    Column {
        heading: "column-place",
        cell: |item, _| format!("{}:{}:{}", at(item, "file"), at(item, "line"), at(item, "column")),
    },
    Column { heading: "column-problem", cell: |item, _| at(item, "message") },
    Column { heading: "column-hint", cell: |item, _| at(item, "hint") },
];
const CHANGES: &[Column] = &[
    Column { heading: "column-file", cell: |item, _| at(item, "file") },
    Column { heading: "column-setting", cell: |item, _| at(item, "key") },
    Column { heading: "column-before", cell: |item, _| at(item, "before") },
    Column { heading: "column-after", cell: |item, _| at(item, "after") },
];
const TIMELINE: &[Column] = &[
    Column { heading: "column-epoch", cell: |item, _| at(item, "epoch") },
    Column { heading: "column-from", cell: |item, console| console.time(&at(item, "from")) },
    Column { heading: "column-in-force", cell: |item, console| console.word(&at(item, "inForce")) },
    Column { heading: "column-by", cell: publisher },
    Column { heading: "column-hash", cell: |item, _| at(item, "hash") },
];

/// Who published: a name where it may be seen, else the id.
fn publisher(item: &Value, console: &Console) -> String {
    let name = console.personal(item, "byName");
    if name.is_empty() { at(item, "by") } else { name }
}

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
pub(crate) fn refused(console: &Console, problems: &[Problem]) -> anyhow::Result<Exit> {
    let mut items = problems.iter().map(serde_json::to_value).collect::<Result<Vec<Value>, _>>()?;
    if console.output == Output::Table {
        crate::phrases::in_language(console.lang, &mut items);
    }
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
        let timeline = super::remote(console)?.get("/policies").await?.body;
        let number = newest(&timeline).map(|newest| at(&newest, "epoch")).unwrap_or_default();
        console.say("publish-with-yes", &[("number", &number)]);
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
    let newest = newest(&now.body);
    if publish
        .based_on
        .is_some_and(|seen| newest.as_ref().is_some_and(|newest| at(newest, "epoch") != seen.to_string()))
    {
        return Err(faster(console, newest.as_ref()));
    }
    let proof = super::action::proof(&remote, publish.code.clone()).await?;
    let published = match remote.change_proved("/policies:publish", now.etag.as_deref(), &body, proof).await {
        Err(error) if is_conflict(&error) => {
            let then = remote.get("/policies").await?;
            return Err(faster(console, self::newest(&then.body).as_ref()));
        }
        published => published?.body,
    };
    console.one(&published, TIMELINE)?;
    if newest.is_some_and(|newest| at(&newest, "epoch") == at(&published, "epoch")) {
        console.say("policy-unchanged", &[("number", &at(&published, "epoch"))]);
        return Ok(Exit::Done);
    }
    console.say("policy-published", &[("hash", &bundle.hash())]);
    Ok(Exit::Done)
}

/// The policy that was published last.
fn newest(timeline: &Value) -> Option<Value> {
    timeline.get("value")?.as_array()?.first().cloned()
}

fn is_conflict(error: &anyhow::Error) -> bool {
    error.downcast_ref::<Failure>().is_some_and(|failure| failure.exit == Exit::Conflict)
}

/// Somebody published in between: who, what and when.
fn faster(console: &Console, newest: Option<&Value>) -> anyhow::Error {
    let newest = newest.cloned().unwrap_or_default();
    let name = console.personal(&newest, "byName");
    let by = if name.is_empty() { at(&newest, "by") } else { name };
    let at_time = console.time(&at(&newest, "published"));
    let text = console.text("policy-faster", &[("by", &by), ("at", &at_time), ("number", &at(&newest, "epoch"))]);
    console.failure(Exit::Conflict, text, Some(console.text("policy-faster-hint", &[])))
}

fn write(console: &Console, folder: &Path) -> anyhow::Result<Exit> {
    std::fs::create_dir_all(folder).map_err(|error| console.unwritable(folder, &error))?;
    for (name, bytes) in Bundle::embedded().files() {
        let path = folder.join(name);
        if path.exists() {
            return Err(console.fail(Exit::Conflict, "file-exists", &[("path", &path.display())]));
        }
        std::fs::write(&path, bytes).map_err(|error| console.unwritable(&path, &error))?;
    }
    console.say("policy-written", &[("folder", &folder.display())]);
    Ok(Exit::Done)
}

fn show_changes(console: &Console, older: &Bundle, newer: &Bundle) -> anyhow::Result<()> {
    let items = older.diff(newer).iter().map(serde_json::to_value).collect::<Result<Vec<Value>, _>>()?;
    console.list(&items, CHANGES)
}

fn read(console: &Console, folder: &Path) -> anyhow::Result<Bundle> {
    Bundle::read_dir(folder).map_err(|error| console.unreadable(folder, &error))
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
