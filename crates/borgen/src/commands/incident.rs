//! `borgen incident`: several cases with one cause, and the cap that a named person lifts meanwhile. Talks to a server.

use crate::console::Console;
use crate::exit::Exit;
use crate::reading::each;
use crate::remote::query;
use crate::table::{Column, at};
use clap::Subcommand;
use serde_json::json;

/// The most changes an hour that the server lets a lifted cap have.
const MAX_LIFTED_LIMIT: i64 = 10_000;
/// The most minutes that it lets a cap be lifted: a day.
const MAX_LIFT_MINUTES: i64 = 1_440;

/// The commands about incidents.
#[derive(Debug, Subcommand)]
pub(crate) enum Incident {
    /// The incidents that are not over
    List,
    /// Declare that cases have one cause
    Declare {
        /// What it is, in your words
        title: String,
        /// A case of it; may be given several times
        #[arg(long = "case", value_name = "CASE", required = true)]
        cases: Vec<String>,
    },
    /// Lift the cap of changes an hour, in your name
    LiftCap {
        /// The incident
        incident: String,
        /// The connection whose changes are capped, by name or id
        #[arg(long)]
        connection: String,
        /// How many changes an hour there may be, 1 to 10000
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..=MAX_LIFTED_LIMIT))]
        limit: u32,
        /// For how many minutes, 1 to 1440
        #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=MAX_LIFT_MINUTES))]
        minutes: u32,
    },
    /// The incident is over: caps fall back
    End {
        /// The incident
        incident: String,
    },
}

const COLUMNS: &[Column] = &[
    Column { heading: "column-incident", cell: |item, _| at(item, "id") },
    Column { heading: "column-title", cell: |item, console| console.personal(item, "title") },
    Column { heading: "column-since", cell: |item, console| console.time(&at(item, "declared")) },
    Column { heading: "column-cases", cell: |item, _| each(item, "cases", |case| at(case, "case")) },
];

/// Runs a command about incidents.
pub(crate) async fn run(console: &Console, command: Incident) -> anyhow::Result<Exit> {
    let remote = super::remote(console)?;
    match command {
        Incident::List => console.list(&remote.list("/incidents?filter=status%3Aopen", 1_000).await?, COLUMNS)?,
        Incident::Declare { title, cases } => {
            let declared = remote.post("/incidents", &json!({"title": title, "cases": cases})).await?.body;
            console.one(&declared, COLUMNS)?;
            console.say("incident-declared", &[("incident", &at(&declared, "id"))]);
        }
        Incident::LiftCap { incident, connection, limit, minutes } => {
            let connection = super::admin::connection_id(console, &remote, &connection).await?;
            let path = format!("/incidents/{}", query(&incident));
            let now = remote.get(&path).await?;
            let body = json!({"connection": connection, "limit": limit, "minutes": minutes});
            remote.change(&format!("{path}:lift-cap"), now.etag.as_deref(), &body).await?;
            console.say("cap-lifted", &[("limit", &limit), ("minutes", &minutes), ("incident", &incident)]);
        }
        Incident::End { incident } => {
            let path = format!("/incidents/{}", query(&incident));
            let now = remote.get(&path).await?;
            remote.change(&format!("{path}:end"), now.etag.as_deref(), &json!({})).await?;
            console.say("incident-ended", &[("incident", &incident)]);
        }
    }
    Ok(Exit::Done)
}
