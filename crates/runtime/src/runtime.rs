//! All workers of a program, wired together, started, and stopped in order: what brings work in goes first, then
//! the effects, then the engines' state and the seal.

use crate::channels::Channels;
use crate::connections::Connections;
use crate::effects::EffectWorker;
use crate::intake::{self, Intake};
use crate::microsoft_sync::{Sync, SyncPart};
use crate::pace::repeat;
use crate::sealer::Sealer;
use crate::supervisor::{Board, Supervisor, TaskError};
use crate::tools::Tools;
use crate::{courier, dues, sweep, waking, watch, webhooks};
use axum::Router;
use jiff::SignedDuration;
use policy::Prices;
use sigma::{EngineOptions, RuleSet};
use std::sync::Arc;
use std::time::Duration;
use store::Signer;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// How many workers carry out effects.
const EFFECT_WORKERS: u32 = 2;
/// The time between two checkpoints of the engines.
const ENGINE_CHECKPOINT_EVERY: SignedDuration = SignedDuration::from_mins(1);
/// The time between two tries to record findings that wait.
const RECORD_WAITING_EVERY: SignedDuration = SignedDuration::from_secs(1);
/// How often keys that were erased elsewhere are forgotten here.
const REFRESH_KEYS_EVERY: SignedDuration = SignedDuration::from_mins(1);
/// The time between two removals of what has expired.
const PRUNE_EVERY: SignedDuration = SignedDuration::from_mins(10);
/// How long what brings work in may take to end.
const FRONT_LIMIT: Duration = Duration::from_secs(20);
/// How long effects under way may take to end: as long as a call and its read-back may.
const EFFECTS_LIMIT: Duration = Duration::from_secs(90);
/// How long the last seal may take.
const SEAL_LIMIT: Duration = Duration::from_secs(30);

/// What the workers are made of.
#[derive(Debug)]
pub struct Parts {
    /// Desk, vault, randomness.
    pub tools: Tools,
    /// The connections to Microsoft.
    pub connections: Connections,
    /// The channels by which people are reached.
    pub channels: Channels,
    /// The detection rules.
    pub rules: Arc<RuleSet>,
    /// How the engines look.
    pub engine: EngineOptions,
    /// What machines cost.
    pub prices: Arc<Prices>,
    /// Signs the checkpoints of the journal.
    pub signer: Signer,
    /// The name of this program among those that share the store.
    pub name: String,
}

/// The workers, not started yet.
#[derive(Debug)]
pub struct Runtime {
    /// The intake.
    pub intake: Intake,
    parts: Parts,
}

/// The workers at work.
#[derive(Debug)]
pub struct Running {
    /// The intake.
    pub intake: Intake,
    /// The states of all tasks.
    pub board: Board,
    tools: Tools,
    connections: Connections,
    closing: CancellationToken,
    front: Supervisor,
    effects: Supervisor,
    seal: Supervisor,
}

impl Runtime {
    /// Makes the workers of these parts.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let prices = Arc::clone(&parts.prices);
        let intake = Intake::new(parts.tools.clone(), Arc::clone(&parts.rules), parts.engine.clone(), prices);
        Self { intake, parts }
    }

    /// Makes and starts the workers of these parts.
    pub async fn start(parts: Parts) -> Result<Running, TaskError> {
        Self::new(parts).run().await
    }

    /// Restores the engines and starts every worker.
    pub async fn run(self) -> Result<Running, TaskError> {
        let Self { intake, parts } = self;
        let report = intake.restore().await?;
        tracing::info!(
            engines.restored = report.restored,
            engines.fresh = report.fresh,
            engines.unreadable = report.unreadable,
            "the detection engines are up"
        );
        let board = Board::default();
        let supervisor = || Supervisor::new(Arc::clone(parts.tools.clock()), board.clone());
        let (mut front, mut effects, mut seal) = (supervisor(), supervisor(), supervisor());
        start_front(&mut front, &parts, &intake);
        start_effects(&mut effects, &parts);
        start_seal(&mut seal, &parts);
        Ok(Running {
            intake,
            board,
            tools: parts.tools,
            connections: parts.connections,
            closing: CancellationToken::new(),
            front,
            effects,
            seal,
        })
    }
}

fn start_front(front: &mut Supervisor, parts: &Parts, intake: &Intake) {
    let tools = &parts.tools;
    let mut syncs = Vec::new();
    for connection in parts.connections.iter() {
        let sync = Sync::new(tools.clone(), Arc::clone(connection), intake.clone(), parts.name.clone());
        let sync = Arc::new(sync);
        syncs.push(Arc::clone(&sync));
        for part in SyncPart::ALL {
            let sync = Arc::clone(&sync);
            front.start(format!("{} {}", part.word(), connection.account), move |stop| {
                let sync = Arc::clone(&sync);
                async move { sync.run(part, stop).await }
            });
        }
    }
    let (of_dues, of_sweep, of_courier) = (tools.clone(), tools.clone(), tools.clone());
    front.start("dues", move |stop| dues::run(of_dues.clone(), stop));
    front.start("sweep", move |stop| sweep::run(of_sweep.clone(), stop));
    front.start("courier", move |stop| courier::run(of_courier.clone(), stop));
    let of_waking = tools.clone();
    front.start("waking", move |stop| waking::run(of_waking.clone(), stop));
    let of_lag = tools.clone();
    front.start("lag", move |stop| watch::tell_lags(of_lag.clone(), syncs.clone(), stop));
    let of_waiting = tools.clone();
    front.start("counts", move |stop| watch::tell_waiting(of_waiting.clone(), stop));
    let of_prune = tools.clone();
    front.start("prune", move |stop| prune(of_prune.clone(), stop));
    let of_keys = tools.clone();
    front.start("keys", move |stop| refresh_keys(of_keys.clone(), stop));
    let (waiting, of_waiting) = (intake.clone(), tools.clone());
    front.start("findings", move |stop| record_waiting(waiting.clone(), of_waiting.clone(), stop));
    let (kept, of_kept) = (intake.clone(), tools.clone());
    front.start("engines", move |stop| keep_engines(kept.clone(), of_kept.clone(), stop));
}

fn start_effects(effects: &mut Supervisor, parts: &Parts) {
    for number in 1..=EFFECT_WORKERS {
        let name = format!("{}/{number}", parts.name);
        let worker = worker(parts, name);
        effects.start(format!("effects {number}"), move |stop| {
            let worker = worker.clone();
            async move { worker.run(stop).await }
        });
    }
    let pages = worker(parts, format!("{}/pages", parts.name));
    effects.start("pages", move |stop| {
        let pages = pages.clone();
        async move { pages.run_pages(stop).await }
    });
}

fn worker(parts: &Parts, name: String) -> EffectWorker {
    EffectWorker::new(parts.tools.clone(), parts.connections.clone(), name).with_channels(parts.channels.clone())
}

fn start_seal(seal: &mut Supervisor, parts: &Parts) {
    let sealer = Arc::new(Sealer::new(parts.tools.clone(), parts.signer.clone(), parts.name.clone()));
    seal.start("sealer", move |stop| {
        let sealer = Arc::clone(&sealer);
        async move { sealer.run(stop).await }
    });
}

async fn record_waiting(intake: Intake, tools: Tools, stop: CancellationToken) -> Result<(), TaskError> {
    let pass = || async {
        intake.record_waiting().await;
        Ok::<_, std::convert::Infallible>(RECORD_WAITING_EVERY)
    };
    repeat(&tools, &stop, &Notify::new(), pass).await
}

/// Another process may have erased keys or exchanged the master key: what is remembered here must not outlive that.
async fn refresh_keys(tools: Tools, stop: CancellationToken) -> Result<(), TaskError> {
    let pass = || async { tools.vault.refresh().await.map(|()| REFRESH_KEYS_EVERY) };
    repeat(&tools, &stop, &Notify::new(), pass).await
}

async fn prune(tools: Tools, stop: CancellationToken) -> Result<(), TaskError> {
    let pass = || async { tools.store().prune(tools.now()).await.map(|()| PRUNE_EVERY) };
    repeat(&tools, &stop, &Notify::new(), pass).await
}

async fn keep_engines(intake: Intake, tools: Tools, stop: CancellationToken) -> Result<(), TaskError> {
    let pass = || async {
        if let Err(error) = intake.checkpoint().await {
            tracing::warn!(error = %error, "the engines' state was not kept");
        }
        Ok::<_, std::convert::Infallible>(ENGINE_CHECKPOINT_EVERY)
    };
    repeat(&tools, &stop, &Notify::new(), pass).await
}

impl Running {
    /// The routes of the intake and of the webhooks, to be mounted on the program's listener.
    pub fn router(&self) -> Router {
        intake::router(self.intake.clone()).merge(webhooks::router(self.tools.clone(), self.connections.clone()))
    }

    /// Cancelled when the program's listener should take no more requests.
    #[must_use]
    pub fn closing(&self) -> CancellationToken {
        self.closing.clone()
    }

    /// The names of workers that fail and wait to be started again, for `/readyz`.
    #[must_use]
    pub fn failing(&self) -> Vec<String> {
        self.board.failing()
    }

    /// Stops the workers: no more work comes in, effects under way end, the engines' state is kept, the journal
    /// sealed. Returns whether everything ended by itself. The listener should be closed before.
    pub async fn stop(self) -> bool {
        self.closing.cancel();
        let front = self.front.stop(FRONT_LIMIT).await;
        let effects = self.effects.stop(EFFECTS_LIMIT).await;
        let kept = match self.intake.checkpoint().await {
            Ok(()) => true,
            Err(error) => {
                tracing::warn!(error = %error, "the engines' state was not kept at the end");
                false
            }
        };
        let sealed = self.seal.stop(SEAL_LIMIT).await;
        front && effects && kept && sealed
    }
}
