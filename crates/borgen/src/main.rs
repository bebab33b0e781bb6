//! The program `borgen`: reads the command line and hands over to the command. What a command does is in `commands/`,
//! how the parts are put together is in `wiring/`. The system's allocator is used on purpose: one that keeps what each
//! thread once needed made a server of 1,200 customers twice as large.

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

/// Threads for work that waits for a disk or takes long, for each core, and the least and most of them. Each keeps
/// memory of its own for what it allocates, so that hundreds of them, which are the default, would cost more than
/// everything else.
const BLOCKING_THREADS_PER_CORE: usize = 4;
const MIN_BLOCKING_THREADS: usize = 8;
const MAX_BLOCKING_THREADS: usize = 64;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    let console = console::Console::new(&cli.globals);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let blocking = cores.saturating_mul(BLOCKING_THREADS_PER_CORE).clamp(MIN_BLOCKING_THREADS, MAX_BLOCKING_THREADS);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().max_blocking_threads(blocking).build()
    {
        Ok(runtime) => runtime,
        Err(error) => return console.end_with(&error.into()),
    };
    match runtime.block_on(commands::run(&console, cli)) {
        Ok(exit) => exit.into(),
        Err(error) => console.end_with(&error),
    }
}
