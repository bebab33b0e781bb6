//! `borgen incident`: several cases with one cause, and the cap that a named person lifts meanwhile. Talks to a server.

use crate::console::Console;
use crate::exit::Exit;
use crate::forms;
use crate::reading::{each, first};
use crate::remote::query;
use crate::table::{Column, at};
use clap::Subcommand;
use serde_json::{Value, json};

/// The most changes an hour that the server lets a lifted cap have.
const MAX_LIFTED_LIMIT: i64 = 10_000;
/// The most minutes that it lets a cap be lifted: a day.
const MAX_LIFT_MINUTES: i64 = 1_440;

/// The commands about incidents.
#[derive(Debug, Subcommand)]
pub(crate) enum Incident {
    /// The incidents that are not over
    List,
    /// One incident: its cases, and the caps that are lifted in it now
    Show {
        /// The incident
        #[arg(value_parser = forms::id)]
        incident: String,
    },
    /// Declare that cases have one cause
    Declare {
        /// What it is, in your words
        title: String,
        /// A case of it; may be given several times
        #[arg(long = "case", value_name = "CASE", required = true, value_parser = forms::id)]
        cases: Vec<String>,
    },
    /// Lift the cap of changes an hour, in your name
    LiftCap {
        /// The incident
        #[arg(value_parser = forms::id)]
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
        #[arg(value_parser = forms::id)]
        incident: String,
    },
}

const COLUMNS: &[Column] = &[
    Column { heading: "column-incident", cell: |item, _| at(item, "id") },
    Column { heading: "column-title", cell: |item, console| console.personal(item, "title") },
    Column { heading: "column-since", cell: |item, console| console.time(&at(item, "declared")) },
    Column { heading: "column-cases", cell: |item, _| each(item, "cases", |case| at(case, "case")) },
    Column {
        heading: "column-lifted-caps",
        cell: |item, console| each(item, "liftedCaps", |one| lifted(one, console)),
    },
];

/// A lifted cap: whose, to what, until when and by whom.
fn lifted(cap: &Value, console: &Console) -> String {
    let label = first(cap, &["connectionLabel", "connection"]);
    let (limit, until, by) = (at(cap, "limit"), console.time(&at(cap, "until")), console.person(cap, "by"));
    console.text("lifted-cap", &[("connection", &label), ("limit", &limit), ("until", &until), ("by", &by)])
}

/// Runs a command about incidents.
pub(crate) async fn run(console: &Console, command: Incident) -> anyhow::Result<Exit> {
    let remote = super::remote(console)?;
    match command {
        Incident::List => console.list(&remote.list("/incidents?filter=status%3Aopen", 1_000).await?, COLUMNS)?,
        Incident::Show { incident } => {
            console.one(&remote.get(&format!("/incidents/{}", query(&incident))).await?.body, COLUMNS)?;
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Globals;
    use crate::talk::Lang;

    #[test]
    fn a_lifted_cap_is_told_with_its_limit_its_end_and_the_name_of_who_lifted_it() {
        let told = |lang, cap: &Value| {
            let set = vec![("time_zone".to_owned(), "Europe/Stockholm".to_owned())];
            let console = Console::new(&Globals { lang: Some(lang), set, ..Globals::default() });
            let incident = json!({"id": "i", "liftedCaps": [cap]});
            COLUMNS.iter().map(|column| (column.cell)(&incident, &console)).collect::<String>()
        };
        let mut cap = json!({"connection": "c", "connectionLabel": "north", "limit": 200, "until": "2026-11-22T09:00:00Z",
                             "by": "user:u", "byName": {"state": "open", "value": "Åsa Ek"}});
        assert_eq!(
            told(Lang::En, &cap),
            "inorth: 200 changes an hour until 2026-11-22 10:00:00 +01:00, lifted by Åsa Ek"
        );
        assert_eq!(
            told(Lang::Sv, &cap),
            "inorth: 200 ändringar i timmen fram till 2026-11-22 10:00:00 +01:00, höjt av Åsa Ek"
        );
        cap["byName"] = json!({"state": "closed", "roles": []});
        assert!(told(Lang::En, &cap).ends_with("lifted by user:u"), "{}", told(Lang::En, &cap));
    }
}
