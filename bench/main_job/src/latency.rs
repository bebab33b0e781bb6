//! An event on its way: 1,000 a second over HTTP into the intake of real workers with the rules that ship. For those that
//! fire, the time from the wire to the case row that can be read; beside it the 202 of batches in which nothing fires.

use crate::life::{account, connection, partner_tenant};
use crate::phase::Phase;
use crate::wire::Wire;
use crate::{Plan, accounts, events, now, print, start_task, today};
use anyhow::{Context, Result, ensure};
use desk::Desk;
use desk::seam::{SystemClock, SystemEntropy};
use desk::Entropy;
use domain::customers::Cloud;
use domain::ids::Actor;
use domain::permission::Scope;
use policy::Prices;
use runtime::setup::{add_connection, issue_intake_key};
use runtime::{Connections, Parts, Runtime, Tools};
use serde_json::json;
use sigma::{EngineOptions, LoadOptions, RuleSet};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use store::rows::{self, Filter};
use store::{KeysAt, Master, Signer, Store, StoreConfig, Vault, VaultConfig};
use tempfile::TempDir;

/// Events a second.
const EVENTS_PER_SECOND: u32 = 1_000;
/// Events of one request: an exporter that sends every second, for each of fifty sources.
const EVENTS_PER_BATCH: u32 = 20;
/// How long events come.
const LASTS: Duration = Duration::from_secs(30);
/// One in so many batches has one event that fires, of a customer that has no case yet.
const ONE_FIRES_IN: u32 = 5;
/// Customers that are known; those that fire are each taken once.
const CUSTOMERS: u32 = 2_000;
/// Customers whose ordinary events come.
const ORDINARY: u32 = 1_000;
/// Connections that are kept: below the most requests at once of one sender.
const WIRES: u32 = 6;
/// The slowest one in a hundred that is wanted, in milliseconds.
const TARGET_P99_MS: f64 = 1_000.0;

/// What the senders share.
struct Sending {
    address: SocketAddr,
    headers: String,
    store: Store,
    next: AtomicU32,
    begun: Instant,
}

/// The times of one sender.
#[derive(Default)]
struct Times {
    quiet: Vec<Duration>,
    answered: Vec<Duration>,
    cased: Vec<Duration>,
}

/// Measures.
pub async fn measure(plan: &Plan) -> Result<()> {
    let folder = tempfile::Builder::new().prefix("latency-").tempdir_in(&plan.folder)?;
    let tools = tools(&folder).await?;
    accounts::fill(tools.store(), CUSTOMERS, |_| 8).await?;
    add_connection(&tools, partner_tenant(), Cloud::Public, "bench", Actor::Program).await?;
    let key = issue_intake_key(&tools, connection(), "bench", None, Actor::Program).await?;
    let rules = rules()?;
    let count = rules.len();
    let parts = Parts {
        tools: tools.clone(),
        connections: Connections::default(),
        channels: runtime::Channels::default(),
        rules,
        engine: EngineOptions::default(),
        prices: Arc::new(Prices::embedded().map_err(|problems| anyhow::anyhow!("{problems:?}"))?),
        signer: Signer::generate(&|bytes| SystemEntropy.fill(bytes)),
        name: "bench".to_owned(),
    };
    let running = Runtime::start(parts).await.map_err(|error| anyhow::anyhow!("{error}"))?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let router = running.router();
    let serving = start_task(async move { axum::serve(listener, router).await });

    let headers = format!("authorization: Bearer {}\r\ncontent-type: application/x-ndjson\r\n", key.secret);
    let sending = Sending { address, headers, store: tools.store().clone(), next: AtomicU32::new(0), begun: now() };
    let sending = Arc::new(sending);
    let senders: Vec<_> = (0..WIRES).map(|_| start_task(send(Arc::clone(&sending)))).collect();
    let mut times = Times::default();
    for sender in senders {
        let one = sender.await??;
        times.quiet.extend(one.quiet);
        times.answered.extend(one.answered);
        times.cased.extend(one.cased);
    }
    let took = sending.begun.elapsed();
    serving.abort();
    ensure!(running.stop().await, "the workers did not stop by themselves");
    report(took, times, count);
    Ok(())
}

fn report(took: Duration, times: Times, rules: usize) {
    let batches = times.quiet.len() + times.answered.len();
    let phase = |times| Phase::new(took, times);
    let (quiet, answered, cased) = (phase(times.quiet), phase(times.answered), phase(times.cased));
    print(
        "latency",
        json!({
            "eventsPerSecond": (batches as f64 * f64::from(EVENTS_PER_BATCH)) / took.as_secs_f64(), "rules": rules, "customers": CUSTOMERS,
            "eventsPerBatch": EVENTS_PER_BATCH, "seconds": took.as_secs_f64(),
            "wireToCaseRow": cased.report(), "wireTo202OfThose": answered.report(), "wireTo202WhereNothingFires": quiet.report(),
            "target": { "p99Ms": TARGET_P99_MS, "eventsPerSecond": EVENTS_PER_SECOND },
            "reached": cased.at(0.99) < TARGET_P99_MS,
        }),
    );
}

/// Sends batches in their turns, on one connection. A batch that goes out late is timed from its turn.
#[expect(clippy::disallowed_methods, reason = "a bench waits with the real clock")]
async fn send(sending: Arc<Sending>) -> Result<Times> {
    let mut wire = Wire::open(sending.address).await?;
    let mut times = Times::default();
    let between = Duration::from_secs(1) * EVENTS_PER_BATCH / EVENTS_PER_SECOND;
    loop {
        let number = sending.next.fetch_add(1, Ordering::SeqCst);
        let turn = sending.begun + between * number;
        if between * number >= LASTS {
            return Ok(times);
        }
        let fires = (number % ONE_FIRES_IN == 0).then_some(ORDINARY + number / ONE_FIRES_IN);
        let body = batch(number, fires);
        tokio::time::sleep_until(turn.into()).await;
        let (status, answer) = wire.call("POST", "/intake/v1/events", &sending.headers, &body).await?;
        ensure!(status == 202, "the intake answered {status}: {answer}");
        let Some(customer) = fires else {
            times.quiet.push(turn.elapsed());
            continue;
        };
        times.answered.push(turn.elapsed());
        // 202 comes after the commit; the row is read as well, so that the time is one that a person could see.
        let filter = Filter { account: Some(account(customer)), status: "open".to_owned(), ..Filter::default() };
        let page = rows::cases::list(&sending.store, &Scope::All, &filter, None, 10).await?;
        times.cased.push(turn.elapsed());
        ensure!(!page.items.is_empty(), "customer {customer} has no case: {answer}");
    }
}

/// A batch of ordinary events, with one that fires when a customer is given.
fn batch(number: u32, fires: Option<u32>) -> String {
    let line = |event: u32| {
        let serial = u64::from(number) * 100 + u64::from(event);
        match fires.filter(|_| event == EVENTS_PER_BATCH / 2) {
            Some(customer) => events::line(customer, serial, true, today()),
            None => events::line((number * 7 + event * 13) % ORDINARY, serial, false, today()),
        }
    };
    (0..EVENTS_PER_BATCH).map(line).collect::<Vec<_>>().join("\n")
}

async fn tools(folder: &TempDir) -> Result<Tools> {
    let at = |name: &str| folder.path().join(name);
    let fill = |bytes: &mut [u8]| SystemEntropy.fill(bytes);
    let master = Master::create_file(&at("master.key"), &fill)?;
    let config = VaultConfig { keys: KeysAt::Sqlite(at("keys.db")), master };
    let vault = Vault::unlock(&config, Arc::new(|bytes: &mut [u8]| SystemEntropy.fill(bytes))).await?;
    let store = Store::open(&StoreConfig::new(format!("sqlite:{}", at("borgen.db").display()))).await?;
    let desk = Desk::new(store, Arc::new(SystemClock::new()));
    Ok(Tools { desk, vault, entropy: Arc::new(SystemEntropy) })
}

/// The rules that ship.
fn rules() -> Result<Arc<RuleSet>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policy/sigma");
    let sources = sigma::ruletest::sources(&folder).context("reading the rules that ship")?;
    let loaded = RuleSet::load(sources, &LoadOptions::default());
    ensure!(loaded.refused.is_empty(), "{:?}", loaded.refused);
    Ok(loaded.set)
}
