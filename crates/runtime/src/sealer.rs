//! The sealer: gives committed facts their positions and signs a checkpoint every minute and at the end. Only the
//! holder of the lease does it.

use crate::measures;
use crate::pace::repeat;
use crate::supervisor::TaskError;
use crate::tools::Tools;
use jiff::{SignedDuration, Timestamp};
use std::sync::{Mutex, PoisonError};
use store::{Signer, StoreError};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// How many facts get their positions in one go.
pub const MAX_FACTS_PER_PASS: u64 = 500;
/// The time between two checkpoints.
const CHECKPOINT_EVERY: SignedDuration = SignedDuration::from_mins(1);
/// The wait when there is nothing to seal.
const IDLE: SignedDuration = SignedDuration::from_millis(200);
/// How many goes the last seal before the end makes.
const MAX_LAST_GOES: u32 = 10_000;

/// Seals and signs.
#[derive(Debug)]
pub struct Sealer {
    tools: Tools,
    signer: Signer,
    /// Its name in the lease.
    name: String,
    last_checkpoint: Mutex<Option<Timestamp>>,
}

impl Sealer {
    /// A sealer that signs with this key.
    #[must_use]
    pub fn new(tools: Tools, signer: Signer, name: impl Into<String>) -> Self {
        Self { tools, signer, name: name.into(), last_checkpoint: Mutex::new(None) }
    }

    /// Seals one batch, and signs a checkpoint when a minute has passed. Returns how many facts were sealed: none
    /// while another holds the lease.
    pub async fn run_once(&self) -> Result<u64, StoreError> {
        let now = self.tools.now();
        let sealed = self.tools.store().seal_batch(&self.name, now, MAX_FACTS_PER_PASS).await?;
        measures::sealed(sealed);
        let last = *self.last_checkpoint.lock().unwrap_or_else(PoisonError::into_inner);
        if last.is_none_or(|last| now.duration_since(last) >= CHECKPOINT_EVERY) {
            self.sign(now).await?;
        }
        Ok(sealed)
    }

    /// Signs a checkpoint over what has a position; the store makes none when there is nothing new.
    async fn sign(&self, now: Timestamp) -> Result<(), StoreError> {
        self.tools.store().checkpoint(now, &self.signer).await?;
        *self.last_checkpoint.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
        Ok(())
    }

    /// Seals all that is left and signs the last checkpoint.
    pub async fn finish(&self) -> Result<(), StoreError> {
        for _ in 0..MAX_LAST_GOES {
            let now = self.tools.now();
            if self.tools.store().seal_batch(&self.name, now, MAX_FACTS_PER_PASS).await? == 0 {
                break;
            }
        }
        self.sign(self.tools.now()).await
    }

    /// Makes passes until `stop`, then seals what is left.
    pub async fn run(&self, stop: CancellationToken) -> Result<(), TaskError> {
        let pass = || async {
            let sealed = self.run_once().await;
            sealed.map(|sealed| if sealed == 0 { IDLE } else { SignedDuration::ZERO })
        };
        repeat(&self.tools, &stop, &Notify::new(), pass).await?;
        Ok(self.finish().await?)
    }
}
