//! `borgen incident`: several cases with one cause, and the cap that a named person lifts meanwhile. Talks to a server.

use crate::console::Console;
use crate::exit::Exit;
use crate::reading::each;
use crate::remote::{Remote, query};
use crate::table::{Column, at};
use clap::Subcommand;
use desk::Clock;
use desk::seam::SystemClock;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

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
        /// How many changes an hour there may be
        #[arg(long)]
        limit: u32,
        /// For how many minutes
        #[arg(long, default_value_t = 60)]
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

/// The instant this many minutes from now, by the server's clock: the cap falls back by that one.
async fn in_minutes(remote: &Remote<'_>, incident: &Value, minutes: u32) -> anyhow::Result<Timestamp> {
    let now = servers_now(remote, incident).await.unwrap_or_else(|| SystemClock::new().now());
    Ok(now.checked_add(SignedDuration::from_mins(i64::from(minutes)))?)
}

/// What time the server has, as far as a case of the incident tells: when something is due, and how far off that is.
async fn servers_now(remote: &Remote<'_>, incident: &Value) -> Option<Timestamp> {
    let cases = incident.get("cases").and_then(Value::as_array)?;
    let case = at(cases.first()?, "case");
    let clock = remote.get(&format!("/cases/{}", query(&case))).await.ok()?.body;
    let told = |due: &str, left: &str| {
        let due: Timestamp = at(&clock, due).parse().ok()?;
        due.checked_sub(SignedDuration::from_secs(at(&clock, left).parse().ok()?)).ok()
    };
    told("clock.target", "clock.secondsToTarget").or_else(|| told("clock.limit", "clock.secondsToLimit"))
}

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
            let body = json!({"connection": connection, "limit": limit, "until": in_minutes(&remote, &now.body, minutes).await?});
            remote.change(&format!("{path}:lift-cap"), now.etag.as_deref(), &body).await?;
            console.say("cap-lifted", &[("limit", &limit), ("minutes", &minutes)]);
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
