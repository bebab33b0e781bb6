//! `borgen activity`: what was done in Partner Center for all customers, and saying that one has looked at it. Talks to
//! a server.

use crate::console::Console;
use crate::exit::Exit;
use crate::forms;
use crate::remote::query;
use crate::table::{Column, at};
use clap::Subcommand;
use serde_json::{Value, json};

/// The commands about Partner Center's own log.
#[derive(Debug, Subcommand)]
pub(crate) enum Activity {
    /// The records, the newest first
    List {
        /// In the words of the query bar: status:unreviewed customer:ID `operation:update_subscription` `who:NAME`
        filter: Vec<String>,
        /// The most records to show
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
    /// One record, with what was before and after
    Show {
        /// The record
        #[arg(value_parser = forms::id)]
        record: String,
    },
    /// Say that you have looked at these records
    Review {
        /// The records
        #[arg(required = true, value_parser = forms::id)]
        records: Vec<String>,
    },
}

const RECORDS: &[Column] = &[
    Column { heading: "column-record", cell: |item, _| at(item, "id") },
    Column { heading: "column-when", cell: |item, console| console.short_time(&at(item, "happened")) },
    Column { heading: "column-operation", cell: |item, _| at(item, "operation") },
    Column { heading: "column-result", cell: |item, console| console.word(&at(item, "end")) },
    Column { heading: "column-by", cell: |item, console| console.personal(item, "user") },
    Column { heading: "column-customer", cell: |item, _| at(item, "customer") },
    Column { heading: "column-reviewed", cell: |item, console| console.short_time(&at(item, "reviewed.at")) },
];
const RECORD: &[Column] = &[
    Column { heading: "column-record", cell: |item, _| at(item, "id") },
    Column { heading: "column-when", cell: |item, console| console.time(&at(item, "happened")) },
    Column { heading: "column-operation", cell: |item, _| at(item, "operation") },
    Column { heading: "column-resource", cell: |item, _| at(item, "resource") },
    Column { heading: "column-result", cell: |item, console| console.word(&at(item, "end")) },
    Column { heading: "column-by", cell: |item, console| console.personal(item, "user") },
    Column { heading: "column-application", cell: |item, _| at(item, "application") },
    Column { heading: "column-customer", cell: |item, _| at(item, "customer") },
    Column { heading: "column-reviewed", cell: |item, console| console.time(&at(item, "reviewed.at")) },
    Column { heading: "column-reviewed-by", cell: |item, _| at(item, "reviewed.by") },
    Column { heading: "column-before", cell: |item, _| at(item, "values.value.before") },
    Column { heading: "column-after", cell: |item, _| at(item, "values.value.after") },
];

/// Runs a command about Partner Center's own log.
pub(crate) async fn run(console: &Console, command: Activity) -> anyhow::Result<Exit> {
    let remote = super::remote(console)?;
    match command {
        Activity::List { filter, limit } => {
            let filter =
                if filter.is_empty() { String::new() } else { format!("&filter={}", query(&filter.join(" "))) };
            let items = remote.list(&format!("/activity?maxpagesize={}{filter}", limit.clamp(1, 1_000)), limit).await?;
            console.list(&items, RECORDS)?;
        }
        Activity::Show { record } => {
            console.one(&remote.get(&format!("/activity/{}", query(&record))).await?.body, RECORD)?;
        }
        Activity::Review { records } => {
            let answer = remote.post("/activity:review", &json!({"activities": records})).await?.body;
            let count = |name: &str| answer.get(name).and_then(Value::as_array).map_or(0, Vec::len);
            console.say("activity-reviewed", &[("count", &count("reviewed"))]);
            for left in answer.get("leftOut").and_then(Value::as_array).into_iter().flatten() {
                let why = console.word(&format!("activity-{}", at(left, "why")));
                console.warn("activity-left-out", &[("record", &at(left, "activity")), ("why", &why)]);
            }
            if count("reviewed") == 0 {
                return Ok(Exit::Refused);
            }
        }
    }
    Ok(Exit::Done)
}
