//! The program `borgen`: reads the command line and hands over to the command. What a command does is in `commands/`,
//! how the parts are put together is in `wiring/`.

#![recursion_limit = "256"]

mod cli;
mod commands;
mod config;
mod console;
mod demo;
mod exit;
mod paint;
mod remote;
mod table;
mod talk;
mod wiring;

use clap::Parser;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    let console = console::Console::new(&cli.globals);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return console.end_with(&error.into()),
    };
    match runtime.block_on(commands::run(&console, cli)) {
        Ok(exit) => exit.into(),
        Err(error) => console.end_with(&error),
    }
}
