//! Measures the main job: the one write, an event on its way to a case, memory, start and build, each beside what it is
//! compared with, in the same run. Prints one line of JSON for each figure. How to run it: `bench/README.md`.

mod accounts;
mod append;
#[path = "../../disk.rs"]
mod disk;
mod events;
mod latency;
mod life;
mod phase;
mod postgres;
mod program;
mod wire;

use anyhow::{Context, Result, bail};
use std::path::PathBuf;

/// What is measured and on what.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Where everything is made; the disk that is measured.
    pub folder: PathBuf,
    /// Accounts of the store that `append` measures on.
    pub accounts: u32,
    /// How long each phase takes, in seconds.
    pub seconds: u64,
    /// Appends at once.
    pub in_flight: u32,
    /// Accounts of the store that `start` measures on.
    pub start_accounts: u32,
    /// Customers of the demonstration that `memory` measures.
    pub customers: u32,
    /// The program.
    pub program: PathBuf,
    /// Whether `build` builds the program from nothing.
    pub clean: bool,
}

fn plan(mut words: impl Iterator<Item = String>) -> Result<Plan> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let mut plan = Plan {
        folder: target.join("bench-main-job"),
        accounts: 20_000,
        seconds: 15,
        in_flight: 64,
        start_accounts: 100_000,
        customers: 1_200,
        program: target.join("release/borgen"),
        clean: false,
    };
    while let Some(word) = words.next() {
        if word == "--clean" {
            plan.clean = true;
            continue;
        }
        let value = words.next().with_context(|| format!("{word} wants a value"))?;
        match word.as_str() {
            "--folder" => plan.folder = PathBuf::from(value),
            "--accounts" => plan.accounts = value.parse()?,
            "--seconds" => plan.seconds = value.parse()?,
            "--in-flight" => plan.in_flight = value.parse()?,
            "--start-accounts" => plan.start_accounts = value.parse()?,
            "--customers" => plan.customers = value.parse()?,
            "--program" => plan.program = PathBuf::from(value),
            _ => bail!("unknown word {word}"),
        }
    }
    std::fs::create_dir_all(&plan.folder)?;
    Ok(plan)
}

#[tokio::main]
async fn main() -> Result<()> {
    let mut words = std::env::args().skip(1);
    let command = words.next().context("usage: bench-main-job append|latency|memory|start|build|all [--WORD VALUE]")?;
    let plan = plan(words)?;
    let wanted = |name: &str| command == name || command == "all";
    let mut known = false;
    if wanted("append") {
        append::measure(&plan).await?;
        known = true;
    }
    if wanted("latency") {
        latency::measure(&plan).await?;
        known = true;
    }
    if wanted("memory") {
        program::memory(&plan).await?;
        known = true;
    }
    if wanted("start") {
        program::start(&plan).await?;
        known = true;
    }
    if wanted("build") {
        program::build(&plan)?;
        known = true;
    }
    if known { Ok(()) } else { bail!("unknown command {command}") }
}

/// Prints a figure, with the load of the machine around it.
pub fn print(figure: &str, mut report: serde_json::Value) {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    if let Some(report) = report.as_object_mut() {
        report.insert("figure".to_owned(), figure.into());
        report.insert("loadAverageAfter".to_owned(), load.split(' ').next().unwrap_or_default().into());
        let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
        report.insert("cores".to_owned(), cores.into());
    }
    println!("{report}");
}

/// Starts a task of the bench.
#[expect(clippy::disallowed_methods, reason = "a bench starts its own tasks")]
pub fn start_task<T: Send + 'static>(task: impl Future<Output = T> + Send + 'static) -> tokio::task::JoinHandle<T> {
    tokio::spawn(task)
}

/// The time on the machine's clock that only goes on.
#[expect(clippy::disallowed_methods, reason = "a bench measures with the real clock")]
#[must_use]
pub fn now() -> std::time::Instant {
    std::time::Instant::now()
}

/// The machine's time of day.
#[expect(clippy::disallowed_methods, reason = "a bench measures with the real clock")]
#[must_use]
pub fn today() -> jiff::Timestamp {
    desk::seam::whole_microseconds(jiff::Timestamp::now())
}
