//! The intake: log events come in over HTTP, are sorted by customer, looked at by the engines, and their findings
//! recorded before the sender is told that they were taken.

mod batch;
mod body;
mod checkpoint;
mod engines;
mod filing;
mod http_door;
mod keys;
mod owners;
mod problem;

pub use batch::{IntakeError, Rejected, Taken};
pub use body::{MAX_BODY_BYTES, MAX_EVENTS, MAX_LINE_BYTES, MAX_UNPACKED_BYTES};
pub use checkpoint::CheckpointError;
pub use engines::RestoreReport;
pub use filing::MAX_WAITING_DRAFTS;
pub use http_door::{MAX_REQUESTS_AT_ONCE, MAX_REQUESTS_PER_CONNECTION, router};

use crate::tools::Tools;
use engines::Engines;
use filing::Filing;
use owners::Owners;
use policy::Prices;
use sigma::{EngineOptions, RuleSet};
use std::sync::Arc;
use tokio::sync::RwLock;

/// The intake. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Intake {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    tools: Tools,
    engines: Arc<Engines>,
    filing: Filing,
    owners: Owners,
    /// Held for reading while events are looked at and recorded, for writing while the engines' state is taken, so
    /// that a checkpoint never knows an event whose findings are not on record.
    gate: Arc<RwLock<()>>,
}

impl Intake {
    /// An intake with fresh engines.
    #[must_use]
    pub fn new(tools: Tools, rules: Arc<RuleSet>, options: EngineOptions, prices: Arc<Prices>) -> Self {
        let inner = Inner {
            engines: Arc::new(Engines::new(rules, options)),
            filing: Filing::new(tools.clone(), prices),
            owners: Owners::new(tools.clone()),
            gate: Arc::new(RwLock::new(())),
            tools,
        };
        Self { inner: Arc::new(inner) }
    }

    /// Records findings that could not be recorded when they were made. Returns how many still wait.
    pub async fn record_waiting(&self) -> usize {
        self.inner.filing.flush_all().await
    }

    /// How many findings wait to be recorded.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.inner.filing.waiting()
    }
}
