//! The command line: every command and flag, as clap reads it. What they do is in `commands/`.

use crate::paint::Color;
use crate::talk::Lang;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Stands watch over the customers of a Microsoft Cloud Solution Provider.
///
/// Reads their logs and Microsoft's alerts, shows the money at stake, stops the loss with two people's consent, and
/// keeps the proof.
#[derive(Debug, Parser)]
#[command(name = "borgen", version, propagate_version = true, max_term_width = 110, after_help = AFTER_HELP)]
pub(crate) struct Cli {
    /// Flags that hold for every command.
    #[command(flatten)]
    pub(crate) globals: Globals,
    /// The command.
    #[command(subcommand)]
    pub(crate) command: Command,
}

const AFTER_HELP: &str = "Data goes to standard output, talk to standard error.\n\
    Exit codes: 0 done, 1 failed, 2 wrong use, 3 refused by a check, 4 not found, 5 denied, 6 conflict or stale, \
    7 the other side failed, 8 rate limited, 9 waits for approval, 130 interrupted.";

/// Flags that hold for every command.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Flags for every command")]
pub(crate) struct Globals {
    /// A file of settings, besides ./borgen.toml and the user's and the machine's [env: `BORGEN_CONFIG`]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// One setting, as in --set log.filter=debug; stronger than environment and files
    #[arg(long, global = true, value_name = "KEY=VALUE", value_parser = key_value)]
    pub(crate) set: Vec<(String, String)>,
    /// The server to talk to; the token comes from `BORGEN_TOKEN` or the settings
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) server: Option<String>,
    /// The form of data on standard output
    #[arg(long, short, global = true, value_enum, default_value_t)]
    pub(crate) output: Output,
    /// The language of talk; else the setting lang, else from LANG
    #[arg(long, global = true, value_enum)]
    pub(crate) lang: Option<Lang>,
    /// Only data and problems, no other talk
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// Colours; `NO_COLOR` and `CLICOLOR_FORCE` are honoured
    #[arg(long, global = true, value_enum, default_value_t)]
    pub(crate) color: Color,
}

fn key_value(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("KEY=VALUE is wanted")?;
    Ok((key.trim().to_owned(), value.to_owned()))
}

/// The form of data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Output {
    /// For people.
    #[default]
    Table,
    /// One JSON document.
    Json,
    /// One JSON object a line.
    Jsonl,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Try everything in five minutes with a simulated Microsoft
    Demo(crate::commands::demo::Demo),
    /// Set up a new installation: settings, keys, policy, first users
    Init(crate::commands::init::Init),
    /// Serve REST, intake and webhooks, and do the work behind them
    Serve(crate::commands::serve::Serve),
    /// Look whether everything is as it has to be
    Doctor(crate::commands::doctor::Doctor),
    /// Cases: what happened to a customer, and what it costs
    #[command(subcommand)]
    Cases(crate::commands::cases::Cases),
    /// Microsoft's alerts and our answers
    #[command(subcommand)]
    Alerts(crate::commands::alerts::Alerts),
    /// Customers: whom we speak with, what was said, notes
    #[command(subcommand)]
    Customers(crate::commands::customers::Customers),
    /// What was done in Partner Center, and who has looked at it
    #[command(subcommand)]
    Activity(crate::commands::activity::Activity),
    /// Actions that stop a loss: proposed by one, approved by another
    #[command(subcommand)]
    Action(crate::commands::action::Action),
    /// Several cases with one cause
    #[command(subcommand)]
    Incident(crate::commands::incident::Incident),
    /// Run detection rules over files
    Detect(crate::commands::detect::Detect),
    /// Check, test and list detection rules
    #[command(subcommand)]
    Rules(crate::commands::rules::Rules),
    /// The partner's rules: check, compare, publish
    #[command(subcommand)]
    Policy(crate::commands::policy::PolicyCommand),
    /// Make every decision again from the recorded facts, and compare
    Replay(crate::commands::replay::Replay),
    /// The journal as proof: export, verify, checkpoint
    #[command(subcommand)]
    Audit(crate::commands::audit::Audit),
    /// Users, tokens and connections
    #[command(subcommand)]
    Admin(crate::commands::admin::Admin),
    /// The simulated Microsoft
    #[command(subcommand)]
    Sandbox(crate::commands::sandbox::Sandbox),
    /// The settings in force
    #[command(subcommand)]
    Config(crate::commands::settings::Settings),
    /// Completions for a shell
    Completions(crate::commands::manuals::Completions),
    /// The manual page
    Man(crate::commands::manuals::Man),
}

#[cfg(test)]
mod tests {
    use super::Cli;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_holds_together() {
        Cli::command().debug_assert();
    }
}
