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
mod forms;
mod heaps;
mod help;
mod paint;
mod phrases;
mod reading;
mod remote;
mod rule_words;
mod system_words;
mod table;
mod talk;
mod wiring;

use clap::FromArgMatches;
use std::io::Write;
use std::process::ExitCode;

/// Threads for work that waits for a disk or takes long, for each core, and the least and most of them. Each keeps
/// memory of its own for what it allocates, so that hundreds of them, which are the default, would cost more than
/// everything else.
const BLOCKING_THREADS_PER_CORE: usize = 4;
const MIN_BLOCKING_THREADS: usize = 8;
const MAX_BLOCKING_THREADS: usize = 64;

/// The command line as it was meant, or the exit that ends it: help, version, or wrong use, in the reader's language.
fn understood() -> Result<cli::Cli, ExitCode> {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let lang = help::language(&arguments);
    let words = std::iter::once("borgen".into()).chain(arguments);
    let read = help::command(lang).try_get_matches_from(words);
    read.and_then(|matches| cli::Cli::from_arg_matches(&matches)).map_err(|error| {
        say(lang, &error);
        u8::try_from(error.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from)
    })
}

/// Help and version go to standard output, wrong use to standard error. Nobody listens when the stream is closed.
fn say(lang: talk::Lang, error: &clap::Error) {
    let _ = match lang {
        talk::Lang::En => error.print(),
        talk::Lang::Sv if error.use_stderr() => writeln!(std::io::stderr().lock(), "{}", help::refused(error)),
        talk::Lang::Sv => write!(std::io::stdout().lock(), "{}", help::in_swedish(&error.render().to_string())),
    };
}

fn main() -> ExitCode {
    let cli = match understood() {
        Ok(cli) => cli,
        Err(exit) => return exit,
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    heaps::bound(&cli.command, cores);
    let console = console::Console::new(&cli.globals);
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
