//! The one write, by the desk: a finding that was observed is recorded on an account of a large cold store. Load, decide,
//! facts, rows, outbox, commit; 64 accounts at once; beside the bare rate at which the same disk confirms a write.

use crate::life::{account, finding};
use crate::phase::Phase;
use crate::{Plan, accounts, disk, now, postgres, print, start_task, today};
use anyhow::{Context, Result};
use desk::Desk;
use desk::seam::SystemClock;
use domain::ids::AccountKind;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use store::{Store, StoreConfig};

/// Appends a second that are wanted.
const TARGET_PER_SECOND: f64 = 2_000.0;
/// The slowest one in a hundred that is wanted, in milliseconds.
const TARGET_P99_MS: f64 = 20.0;
/// The sealer's pause when nothing waits, as in production.
const SEALER_IDLE: Duration = Duration::from_millis(200);
/// Linux counts processor time in hundredths of a second.
const MS_PER_TICK: f64 = 10.0;
/// Facts that the sealer takes at once, as in production.
const SEALED_AT_ONCE: u64 = 500;
/// No two runs on one store record the same finding.
static SERIAL: AtomicU64 = AtomicU64::new(0);

/// Measures on a SQLite file and, when there is a scratch server, on PostgreSQL.
pub async fn measure(plan: &Plan) -> Result<()> {
    let path = plan.folder.join(format!("append-{}.db", plan.accounts));
    let url = format!("sqlite:{}", path.display());
    if !path.exists() {
        fill(&url, plan).await.context("filling the store")?;
    }
    catch_up(&url, plan).await.context("working off what came due")?;
    let cold = disk::forget_cached_pages(&path.display().to_string());
    run(plan, &url, "sqlite", cold).await?;
    if let Ok(server) = std::env::var("BORGEN_TEST_POSTGRES") {
        let database = postgres::Scratch::make(&server)?;
        fill(&database.url, plan).await.context("filling PostgreSQL")?;
        catch_up(&database.url, plan).await.context("working off what came due")?;
        run(plan, &database.url, "postgres", false).await?;
        database.drop()?;
    }
    Ok(())
}

async fn fill(url: &str, plan: &Plan) -> Result<()> {
    let store = Store::open(&StoreConfig::new(url)).await?;
    let begun = now();
    let facts = accounts::fill(&store, plan.accounts, accounts::usual_size).await?;
    eprintln!("{} accounts with {facts} facts were made in {:.0} s", plan.accounts, begun.elapsed().as_secs_f64());
    Ok(())
}

/// Works off what came due since the lives ended, as the program does all the time. A finding on an account that is
/// behind would be several steps, and the measure is of one.
async fn catch_up(url: &str, plan: &Plan) -> Result<()> {
    let desk = Desk::new(Store::open(&StoreConfig::new(url)).await?, Arc::new(SystemClock::new()));
    let begun = now();
    let lanes: Vec<_> = (0..plan.in_flight)
        .map(|lane| {
            let (desk, plan) = (desk.clone(), plan.clone());
            start_task(async move {
                let mut facts = 0;
                for number in (lane..plan.accounts).step_by(plan.in_flight as usize) {
                    let before = desk.file(account(number)).await?.version;
                    facts += desk.catch_up(account(number), AccountKind::Customer).await?.file.version - before;
                }
                anyhow::Ok(facts)
            })
        })
        .collect();
    let mut facts = 0;
    for lane in lanes {
        facts += lane.await??;
    }
    while desk.store.seal_batch("bench", today(), SEALED_AT_ONCE).await? > 0 {}
    eprintln!("{facts} facts had come due and were worked off in {:.0} s", begun.elapsed().as_secs_f64());
    Ok(())
}

async fn run(plan: &Plan, url: &str, database: &str, cold: bool) -> Result<()> {
    let bare = disk::bare_syncs(&plan.folder)?;
    let store = Store::open(&StoreConfig::new(url)).await?;
    SERIAL.store(u64::try_from(today().as_microsecond())?, Ordering::SeqCst);
    let desk = Desk::new(store.clone(), Arc::new(SystemClock::new()));
    let over = Arc::new(AtomicBool::new(false));
    let sealing = start_task(seal(store, Arc::clone(&over)));
    let cpu_before = cpu_ms()?;
    let flat_out = phase(&desk, plan, None).await?;
    let paced = phase(&desk, plan, Some(TARGET_PER_SECOND)).await?;
    let cpu_spent = cpu_ms()? - cpu_before;
    over.store(true, Ordering::SeqCst);
    let sealed = sealing.await??;
    let bare_after = disk::bare_syncs(&plan.folder)?;
    print(
        "append",
        json!({
            "database": database, "accounts": plan.accounts, "inFlight": plan.in_flight, "pageCacheDropped": cold,
            "appendsPerSecond": flat_out.rate(), "p50Ms": paced.at(0.5), "p99Ms": paced.at(0.99),
            "atTargetRate": paced.report(), "flatOut": flat_out.report(), "factsSealedMeanwhile": sealed,
            "bareFsyncPerSecond": bare.per_second, "bareFsyncPerSecondAfter": bare_after.per_second,
            "bareFsyncP99Ms": [bare.p99_ms, bare_after.p99_ms], "bareFsyncMaxMs": [bare.max_ms, bare_after.max_ms],
            "cpuMsPerAppend": cpu_spent / (flat_out.count() + paced.count()) as f64,
            "ratio": flat_out.rate() / bare.per_second,
            "target": { "appendsPerSecond": TARGET_PER_SECOND, "p99Ms": TARGET_P99_MS },
            "reached": flat_out.rate() >= TARGET_PER_SECOND && paced.at(0.99) < TARGET_P99_MS,
        }),
    );
    Ok(())
}

/// The processor time that this process has used, in milliseconds.
fn cpu_ms() -> Result<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    // The name, which may hold spaces, ends at the last bracket; user and system time are the 12th and 13th after it.
    let rest = stat.rsplit(')').next().context("no process")?;
    let ticks: f64 = rest.split_whitespace().skip(11).take(2).map(|ticks| ticks.parse().unwrap_or(0.0)).sum();
    Ok(ticks * MS_PER_TICK)
}

/// Seals beside the appends, as the program does.
#[expect(clippy::disallowed_methods, reason = "a bench waits with the real clock")]
async fn seal(store: Store, over: Arc<AtomicBool>) -> Result<u64> {
    let mut sealed = 0;
    while !over.load(Ordering::SeqCst) {
        let now = store.seal_batch("bench", today(), SEALED_AT_ONCE).await?;
        sealed += now;
        if now == 0 {
            tokio::time::sleep(SEALER_IDLE).await;
        }
    }
    Ok(sealed)
}

/// Runs all lanes: each append begins when the one before it is done and, with a rate, not before its turn. One that
/// begins late because the one before it was slow is timed from its turn, so that waiting is not hidden.
async fn phase(desk: &Desk, plan: &Plan, rate: Option<f64>) -> Result<Phase> {
    let started = now();
    let pause = rate.map(|rate| Duration::from_secs_f64(f64::from(plan.in_flight) / rate));
    let lanes: Vec<_> = (0..plan.in_flight)
        .map(|lane| start_task(lane_of_appends(desk.clone(), plan.clone(), lane, pause)))
        .collect();
    let mut times = Vec::new();
    for lane in lanes {
        times.extend(lane.await??);
    }
    Ok(Phase::new(started.elapsed(), times))
}

#[expect(clippy::disallowed_methods, reason = "a bench waits with the real clock")]
async fn lane_of_appends(desk: Desk, plan: Plan, lane: u32, pause: Option<Duration>) -> Result<Vec<Duration>> {
    let mut random = StdRng::seed_from_u64(u64::from(lane) + u64::from(pause.is_some()) * 1_000);
    let until = now() + Duration::from_secs(plan.seconds);
    let mut turn = now() + pause.unwrap_or_default() * lane / plan.in_flight;
    let mut times = Vec::new();
    while now() < until {
        let number = random.random_range(0..plan.accounts / plan.in_flight) * plan.in_flight + lane;
        let fact = finding(number, SERIAL.fetch_add(1, Ordering::Relaxed), today());
        if pause.is_some() {
            tokio::time::sleep_until(turn.into()).await;
        } else {
            turn = now();
        }
        let acted = desk.record(account(number), AccountKind::Customer, vec![fact]).await?;
        times.push(turn.elapsed());
        anyhow::ensure!(acted.facts.len() > 1, "nothing was decided on the finding");
        turn += pause.unwrap_or_default();
    }
    Ok(times)
}
