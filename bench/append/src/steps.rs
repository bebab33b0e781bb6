//! The measured step: read the head, a small piece of work that stands for deciding, three facts, two rows, every
//! fifth time an effect that the next step closes, one append.

use crate::Plan;
use crate::accounts::{account, fact, file, row, start};
use crate::disk;
use crate::traffic;
use anyhow::{Context, Result, bail};
use domain::ids::AccountKind;
use jiff::Timestamp;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use std::time::{Duration, Instant};
use store::{Append, Appended, EffectKey, OutboxRow, Store, StoreConfig};

/// Steps a second that are wanted.
const TARGET_PER_SECOND: f64 = 2_000.0;
/// The slowest one in a hundred that is wanted, in milliseconds.
const TARGET_P99_MS: f64 = 20.0;

/// Measures and prints one line of JSON.
#[expect(clippy::disallowed_methods, reason = "a bench measures with the real clock")]
pub async fn measure(plan: &Plan) -> Result<()> {
    let bare = disk::bare_syncs(&plan.disk)?;
    let cold = plan.url.strip_prefix("sqlite:").is_some_and(disk::forget_cached_pages);
    let store = Store::open(&StoreConfig::new(&plan.url)).await?;
    let flat_out = phase(&store, plan, None).await?;
    let paced = phase(&store, plan, Some(TARGET_PER_SECOND)).await?;
    let report = serde_json::json!({
        "database": plan.url.split(':').next(), "accounts": plan.accounts, "in_flight": plan.in_flight, "page_cache_dropped": cold,
        "appends_per_second": flat_out.rate(), "p50_ms": paced.at(0.5), "p99_ms": paced.at(0.99),
        "at_target_rate": paced.report(), "flat_out": flat_out.report(),
        "bare_fsync_per_second": bare.per_second, "bare_fsync_p99_ms": bare.p99_ms, "bare_fsync_max_ms": bare.max_ms,
        "ratio": flat_out.rate() / bare.per_second,
        "target": { "appends_per_second": TARGET_PER_SECOND, "p99_ms": TARGET_P99_MS,
                    "reached": flat_out.rate() >= TARGET_PER_SECOND && paced.at(0.99) < TARGET_P99_MS },
    });
    println!("{report}");
    Ok(())
}

/// The times of all steps of a phase, shortest first.
struct Phase {
    seconds: f64,
    times: Vec<Duration>,
    read_bytes: f64,
    written_bytes: f64,
}

impl Phase {
    fn rate(&self) -> f64 {
        self.times.len() as f64 / self.seconds
    }

    fn at(&self, share: f64) -> f64 {
        self.times.get((self.times.len() as f64 * share) as usize).map_or(0.0, |time| time.as_secs_f64() * 1e3)
    }

    fn report(&self) -> serde_json::Value {
        serde_json::json!({ "appends": self.times.len(), "appends_per_second": self.rate(),
            "p50_ms": self.at(0.5), "p99_ms": self.at(0.99), "max_ms": self.at(0.999_999),
            "kib_read_per_append": self.read_bytes / 1024.0 / self.times.len() as f64,
            "kib_written_per_append": self.written_bytes / 1024.0 / self.times.len() as f64 })
    }
}

/// Runs all lanes: each step begins when the one before it is done and, with a rate, not before its turn. A step that
/// begins late because the one before it was slow is timed from its turn, so that waiting is not hidden.
#[expect(clippy::disallowed_methods, reason = "a bench measures with the real clock")]
async fn phase(store: &Store, plan: &Plan, rate: Option<f64>) -> Result<Phase> {
    let started = Instant::now();
    let until = started + Duration::from_secs(plan.seconds);
    let before = traffic::bytes_read_and_written();
    let pause = rate.map(|rate| Duration::from_secs_f64(f64::from(plan.in_flight) / rate));
    let lanes: Vec<_> =
        (0..plan.in_flight).map(|lane| start(lane_of_steps(store.clone(), plan.clone(), lane, until, pause))).collect();
    let mut times = Vec::new();
    for lane in lanes {
        times.extend(lane.await??);
    }
    times.sort();
    let after = traffic::bytes_read_and_written();
    let (read_bytes, written_bytes) = (after.0 - before.0, after.1 - before.1);
    Ok(Phase { seconds: started.elapsed().as_secs_f64(), times, read_bytes, written_bytes })
}

#[expect(clippy::disallowed_methods, reason = "a bench measures with the real clock")]
async fn lane_of_steps(
    store: Store,
    plan: Plan,
    lane: u32,
    until: Instant,
    pause: Option<Duration>,
) -> Result<Vec<Duration>> {
    let mut random = StdRng::seed_from_u64(u64::from(lane) + u64::from(pause.is_some()) * 1_000);
    let mut times = Vec::new();
    let mut open: Option<EffectKey> = None;
    let mut turn = Instant::now() + pause.unwrap_or_default() * lane / plan.in_flight;
    while Instant::now() < until {
        let number = random.random_range(0..plan.accounts / plan.in_flight) * plan.in_flight + lane;
        if pause.is_some() {
            tokio::time::sleep_until(turn.into()).await;
        } else {
            turn = Instant::now();
        }
        open = step(&store, number, times.len() % 5 == 0, open).await?;
        times.push(turn.elapsed());
        turn += pause.unwrap_or_default();
    }
    Ok(times)
}

async fn step(store: &Store, number: u32, with_effect: bool, closes: Option<EffectKey>) -> Result<Option<EffectKey>> {
    let account = account(number);
    let head = store.head(account).await?.context("the account is not there: run `fill` first")?;
    let at = Timestamp::from_second(1_790_000_000)?.max(head.last_at);
    let folded: serde_json::Value = serde_json::from_slice(&head.file)?;
    let mut before = head.hash;
    let facts: Vec<_> = (1..=3)
        .map(|n| {
            let fact = fact(account, head.version + n, before, at);
            before = fact.hash;
            fact
        })
        .collect();
    let version = head.version + 3;
    let key = EffectKey { account, version, ordinal: 0 };
    let effect = OutboxRow {
        key,
        kind: "suspend".to_owned(),
        object: format!("subscription/{account}"),
        payload: b"{\"subscription\":\"one\"}".to_vec(),
        ready_at: at,
        good_until: None,
    };
    // Every second step changes what the row is sorted by, as a repeated signal or a dearer case does.
    let sort = i64::try_from(if version % 2 == 0 { version } else { version - 3 })?;
    let body: String = folded.to_string().chars().take(600).collect();
    let rows = ["case", "signal"].map(|kind| row(account, kind, version, sort, &body));
    let append = Append {
        account,
        kind: AccountKind::Customer,
        expected_version: head.version,
        before: head.hash,
        policy_epoch: 0,
        facts,
        rows: rows.into(),
        effects: if with_effect { vec![effect] } else { Vec::new() },
        closed: closes.into_iter().collect(),
        due: Some(at),
        permits: Vec::new(),
        file: file(version),
        fold_version: 1,
        policy: None,
        adopted_epoch: None,
        next_epoch: None,
    };
    match store.append(append).await? {
        Appended::Done(_) => Ok(Some(key).filter(|_| with_effect)),
        other => bail!("a step was refused: {other:?}"),
    }
}
