//! Measures the one write: 64 steps at once on different accounts of a large, cold store, beside the bare rate at
//! which the same disk confirms a write. `fill` makes the store, `run` measures and prints one line of JSON.

mod accounts;
#[path = "../../disk.rs"]
mod disk;
mod steps;
mod traffic;

use anyhow::{Context, Result, bail};
use std::path::PathBuf;

/// The allocator of the program itself.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What is measured and on what.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The store.
    pub url: String,
    /// Where the bare writes go: the disk of the store.
    pub disk: PathBuf,
    /// Accounts in the store.
    pub accounts: u32,
    /// How long to measure, in seconds.
    pub seconds: u64,
    /// Steps at once.
    pub in_flight: u32,
}

fn plan(mut words: impl Iterator<Item = String>) -> Result<Plan> {
    let mut plan = Plan { url: String::new(), disk: PathBuf::from("."), accounts: 20_000, seconds: 15, in_flight: 64 };
    while let Some(word) = words.next() {
        let value = words.next().with_context(|| format!("{word} wants a value"))?;
        match word.as_str() {
            "--url" => plan.url = value,
            "--disk" => plan.disk = PathBuf::from(value),
            "--accounts" => plan.accounts = value.parse()?,
            "--seconds" => plan.seconds = value.parse()?,
            "--in-flight" => plan.in_flight = value.parse()?,
            _ => bail!("unknown word {word}"),
        }
    }
    if plan.url.is_empty() {
        bail!("--url is wanted: sqlite:PATH or postgres://…");
    }
    Ok(plan)
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<()> {
    let mut words = std::env::args().skip(1);
    let command =
        words.next().context("usage: bench-append fill|run --url URL [--disk DIR] [--accounts N] [--seconds S]")?;
    let plan = plan(words)?;
    match command.as_str() {
        "fill" => accounts::fill(&plan).await,
        "run" => steps::measure(&plan).await,
        other => bail!("unknown command {other}"),
    }
}
