//! The commands, one file each, and which of them runs. What tables show is in `columns.rs`.

pub(crate) mod action;
pub(crate) mod activity;
pub(crate) mod admin;
pub(crate) mod alerts;
pub(crate) mod audit;
pub(crate) mod cases;
pub(crate) mod columns;
pub(crate) mod customers;
pub(crate) mod demo;
pub(crate) mod detect;
pub(crate) mod doctor;
pub(crate) mod erasing;
pub(crate) mod incident;
pub(crate) mod init;
pub(crate) mod manuals;
pub(crate) mod policy;
pub(crate) mod replay;
pub(crate) mod rotating;
pub(crate) mod rules;
pub(crate) mod sandbox;
pub(crate) mod serve;
pub(crate) mod settings;

use crate::cli::{Cli, Command};
use crate::console::Console;
use crate::exit::Exit;
use crate::remote::Remote;

/// Runs the command that was asked for.
pub(crate) async fn run(console: &Console, cli: Cli) -> anyhow::Result<Exit> {
    match cli.command {
        Command::Demo(command) => Box::pin(demo::run(console, command)).await,
        Command::Init(command) => Box::pin(init::run(console, command)).await,
        Command::Serve(command) => Box::pin(serve::run(console, command)).await,
        Command::Doctor(command) => Box::pin(doctor::run(console, command)).await,
        Command::Cases(command) => cases::run(console, command).await,
        Command::Alerts(command) => alerts::run(console, command).await,
        Command::Customers(command) => customers::run(console, command).await,
        Command::Activity(command) => activity::run(console, command).await,
        Command::Action(command) => action::run(console, command).await,
        Command::Incident(command) => incident::run(console, command).await,
        Command::Detect(command) => detect::run(console, &command),
        Command::Rules(command) => rules::run(console, &command),
        Command::Policy(command) => Box::pin(policy::run(console, command)).await,
        Command::Replay(command) => Box::pin(replay::run(console, command)).await,
        Command::Audit(command) => audit::run(console, command).await,
        Command::Admin(command) => Box::pin(admin::run(console, command)).await,
        Command::Sandbox(command) => Box::pin(sandbox::run(console, command)).await,
        Command::Config(command) => settings::run(console, &command),
        Command::Completions(command) => manuals::completions(console, &command),
        Command::Man(command) => manuals::man(console, &command),
    }
}

/// The client for commands that talk to a server.
fn remote(console: &Console) -> anyhow::Result<Remote<'_>> {
    Remote::from_settings(console, &console.settings()?)
}
