//! `borgen config`: the settings in force and where each came from.

use crate::cli::Output;
use crate::console::Console;
use crate::exit::Exit;
use crate::table::{Column, at};
use clap::Subcommand;
use serde_json::json;

/// The commands about settings.
#[derive(Debug, Subcommand)]
pub(crate) enum Settings {
    /// Every setting in force; secrets are not shown
    Show {
        /// Where each value came from
        #[arg(long)]
        origin: bool,
    },
    /// The commented file of settings, with the defaults
    Sample,
}

const VALUES: &[Column] = &[
    Column { heading: "column-setting", cell: |item, _| at(item, "key") },
    Column { heading: "column-value", cell: |item, _| at(item, "value") },
];
const ORIGINS: &[Column] = &[
    Column { heading: "column-setting", cell: |item, _| at(item, "key") },
    Column { heading: "column-value", cell: |item, _| at(item, "value") },
    Column { heading: "column-origin", cell: |item, _| at(item, "origin") },
];

/// Runs a command about settings.
pub(crate) fn run(console: &Console, command: &Settings) -> anyhow::Result<Exit> {
    match command {
        Settings::Show { origin } => {
            let origin = *origin || console.output != Output::Table;
            let shown = console.settings()?.shown();
            let items: Vec<_> = shown
                .iter()
                .map(|(key, value, origin)| json!({"key": key, "value": value, "origin": origin}))
                .collect();
            console.list(&items, if origin { ORIGINS } else { VALUES })?;
        }
        Settings::Sample => console.line(crate::config::sample(&[]).trim_end())?,
    }
    Ok(Exit::Done)
}
