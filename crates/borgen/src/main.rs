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

/// The most threads for work that waits for a disk or takes long. Each keeps memory of its own for what it allocates,
/// so that hundreds of them, which are the default, would cost more than everything else.
const MAX_BLOCKING_THREADS: usize = 16;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    let console = console::Console::new(&cli.globals);
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(MAX_BLOCKING_THREADS)
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return console.end_with(&error.into()),
    };
    match runtime.block_on(commands::run(&console, cli)) {
        Ok(exit) => exit.into(),
        Err(error) => console.end_with(&error),
    }
}
