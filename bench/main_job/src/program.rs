//! The program as a process: the memory of the demonstration, the time to be ready on a large store, the build.

use crate::wire::Wire;
use crate::{Plan, accounts, now, print};
use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use store::{Store, StoreConfig};

/// The most memory of the demonstration that is wanted, in megabytes.
const TARGET_MEMORY_MB: f64 = 150.0;
/// The longest start that is wanted, in seconds.
const TARGET_START_SECONDS: f64 = 2.0;
/// The largest program that is wanted, in megabytes.
const TARGET_SIZE_MB: f64 = 40.0;
/// The longest clean build that is wanted, in minutes.
const TARGET_BUILD_MINUTES: f64 = 8.0;
/// How often the demonstration is looked at.
const LOOKS_EVERY: Duration = Duration::from_millis(10);
/// How long the demonstration may take.
const DEMO_LIMIT: Duration = Duration::from_secs(600);
/// How long the simulated Microsoft is looked at by itself.
const SANDBOX_LASTS: Duration = Duration::from_secs(5);
/// How long a start is waited for.
const START_LIMIT: Duration = Duration::from_secs(60);
/// How often the program is started.
const STARTS: usize = 5;
const MB: f64 = 1_000_000.0;

fn command(plan: &Plan, folder: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(&plan.program);
    command.args(["--lang", "en"]).args(words).current_dir(folder).stdin(Stdio::null());
    command.env("XDG_CONFIG_HOME", folder).env("NO_COLOR", "1");
    command
}

/// The most memory that a process has had so far, in megabytes; nothing once it is gone.
fn peak_mb(id: u32) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kib * 1024.0 / MB)
}

/// The demonstration with the simulated Microsoft, played to its end; beside it the simulated Microsoft alone.
#[expect(clippy::disallowed_methods, reason = "a bench waits with the real clock")]
pub async fn memory(plan: &Plan) -> Result<()> {
    let folder = tempfile::tempdir_in(&plan.folder)?;
    let customers = plan.customers.to_string();
    let words = ["demo", "--once", "--customers", &customers];
    let begun = now();
    let mut demo = command(plan, folder.path(), &words).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let summary = demo.stdout.take().context("no standard output")?;
    let summary = std::thread::spawn(move || std::io::read_to_string(summary));
    let mut peak: f64 = 0.0;
    let status = loop {
        peak = peak.max(peak_mb(demo.id()).unwrap_or(0.0));
        if let Some(status) = demo.try_wait()? {
            break status;
        }
        if begun.elapsed() > DEMO_LIMIT {
            demo.kill()?;
            bail!("the demonstration did not end");
        }
        tokio::time::sleep(LOOKS_EVERY).await;
    };
    let seconds = begun.elapsed().as_secs_f64();
    let summary = summary.join().map_err(|_| anyhow::anyhow!("reading the summary broke off"))??;
    let agrees = serde_json::from_str::<Value>(&summary).ok().and_then(|summary| summary.get("agrees").cloned());
    let alone = sandbox_alone(plan, folder.path(), &customers).await?;
    print(
        "memory",
        json!({
            "customers": plan.customers, "demoPeakMb": peak, "sandboxAlonePeakMb": alone, "seconds": seconds,
            "succeeded": status.success(), "agrees": agrees, "target": { "mb": TARGET_MEMORY_MB },
            "reached": status.success() && peak < TARGET_MEMORY_MB,
        }),
    );
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "a bench waits with the real clock")]
async fn sandbox_alone(plan: &Plan, folder: &Path, customers: &str) -> Result<Option<f64>> {
    let words = ["sandbox", "serve", "--customers", customers, "--listen", "127.0.0.1:0"];
    let mut alone = command(plan, folder, &words).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    tokio::time::sleep(SANDBOX_LASTS).await;
    let peak = peak_mb(alone.id()).filter(|_| matches!(alone.try_wait(), Ok(None)));
    let _ = alone.kill();
    alone.wait()?;
    Ok(peak)
}

/// From the start of the process to `/readyz`, on a store of many accounts, cold and warm; beside it an empty store.
pub async fn start(plan: &Plan) -> Result<()> {
    let empty = set_up(plan, "start-empty")?;
    let full = set_up(plan, &format!("start-{}", plan.start_accounts))?;
    let path = full.join("data/borgen.db");
    let url = format!("sqlite:{}", path.display());
    let filled = full.join("filled");
    if !filled.exists() {
        let begun = now();
        let store = Store::open(&StoreConfig::new(&url)).await?;
        let facts = accounts::fill(&store, plan.start_accounts, |number| 8 + u64::from(number % 5)).await?;
        std::fs::write(&filled, facts.to_string())?;
        eprintln!("{} accounts with {facts} facts were made in {:.0} s", plan.start_accounts, begun.elapsed().as_secs_f64());
    }
    let megabytes = std::fs::metadata(&path)?.len() as f64 / MB;
    let cold = crate::disk::forget_cached_pages(&path.display().to_string());
    let mut starts = Vec::new();
    for _ in 0..STARTS {
        starts.push(one_start(plan, &full).await?);
    }
    let mut compared = Vec::new();
    for _ in 0..STARTS {
        compared.push(one_start(plan, &empty).await?);
    }
    let first = starts.first().copied().unwrap_or_default();
    let slowest = starts.iter().copied().fold(0.0, f64::max);
    print(
        "start",
        json!({
            "accounts": plan.start_accounts, "facts": std::fs::read_to_string(&filled)?, "storeMb": megabytes, "pageCacheDropped": cold,
            "coldSeconds": first, "seconds": starts, "emptyStoreSeconds": compared,
            "target": { "seconds": TARGET_START_SECONDS }, "reached": slowest < TARGET_START_SECONDS,
        }),
    );
    Ok(())
}

/// An installation in a folder of that name, made by the program's own `init`.
fn set_up(plan: &Plan, name: &str) -> Result<std::path::PathBuf> {
    let folder = plan.folder.join(name);
    if !folder.join("borgen.toml").exists() {
        std::fs::create_dir_all(&folder)?;
        let made = command(plan, &folder, &["init", ".", "--non-interactive", "--admin", "Bench"]).output()?;
        ensure!(made.status.success(), "init: {}", String::from_utf8_lossy(&made.stderr));
    }
    Ok(folder)
}

/// Seconds from the start of the process until it is ready.
#[expect(clippy::disallowed_methods, reason = "a bench waits with the real clock")]
async fn one_start(plan: &Plan, folder: &Path) -> Result<f64> {
    let begun = now();
    let words = ["serve", "--listen", "127.0.0.1:0"];
    let mut serve = command(plan, folder, &words).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
    let address = address_of(&mut serve)?;
    let seconds = loop {
        let ready = async { Wire::open(address).await?.call("GET", "/readyz", "connection: close\r\n", "").await };
        if matches!(ready.await, Ok((200, _))) {
            break begun.elapsed().as_secs_f64();
        }
        ensure!(begun.elapsed() < START_LIMIT, "the program does not become ready");
        tokio::time::sleep(Duration::from_millis(2)).await;
    };
    let _ = Command::new("kill").args(["-TERM", &serve.id().to_string()]).status()?;
    serve.wait()?;
    Ok(seconds)
}

/// Reads what the program says until it tells its address; the rest is read away beside.
fn address_of(serve: &mut Child) -> Result<SocketAddr> {
    let mut lines = BufReader::new(serve.stderr.take().context("no standard error")?).lines();
    let mut said = String::new();
    for line in lines.by_ref() {
        let line = line?;
        let address = line.split_once("http://").map(|(_, rest)| rest);
        let address = address.and_then(|rest| rest.split(|sign: char| !sign.is_ascii_digit() && sign != '.' && sign != ':').next());
        if let Some(address) = address.and_then(|text| text.trim_end_matches('.').parse().ok()) {
            std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
            return Ok(address);
        }
        said.push_str(&line);
        said.push('\n');
    }
    bail!("the program ended:\n{said}")
}

/// The size of the program and, when it is wished, the time of a clean build.
pub fn build(plan: &Plan) -> Result<()> {
    let size = std::fs::metadata(&plan.program).with_context(|| plan.program.display().to_string())?.len() as f64 / MB;
    let minutes = if plan.clean { Some(clean_build(plan)?) } else { None };
    print(
        "build",
        json!({
            "programMb": size, "cleanBuildMinutes": minutes,
            "target": { "programMb": TARGET_SIZE_MB, "cleanBuildMinutes": TARGET_BUILD_MINUTES },
            "reached": size < TARGET_SIZE_MB && minutes.is_none_or(|minutes| minutes < TARGET_BUILD_MINUTES),
        }),
    );
    Ok(())
}

/// Minutes of a release build into an empty folder.
fn clean_build(plan: &Plan) -> Result<f64> {
    let target = tempfile::tempdir_in(&plan.folder)?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let begun = now();
    let words = ["build", "--release", "--locked", "--offline", "-p", "borgen"];
    let status = Command::new("cargo").args(words).current_dir(root).env("CARGO_TARGET_DIR", target.path()).status()?;
    ensure!(status.success(), "the clean build failed");
    Ok(begun.elapsed().as_secs_f64() / 60.0)
}
