//! Keeping and restoring the engines' state. A state is only taken when every finding made from it is on record.

use super::Intake;
use super::engines::{RestoreReport, SHARDS, checkpoint_name};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::ids::AccountId;
use domain::sealed::{Retention, Sealed};
use std::sync::Arc;
use store::{StoreError, VaultError};

/// How many bytes of an engine's state are sealed at once.
const SEALED_AT_ONCE: usize = 64 * 1024;

/// Why the engines' state was not kept or restored.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Sealing failed.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// Findings could not be recorded, so a state that knows their events must not be kept.
    #[error("the engines' state was not kept: {waiting} findings could not be recorded yet")]
    Unrecorded {
        /// How many.
        waiting: usize,
    },
    /// Taking or restoring the state broke off.
    #[error("the engines' state could not be taken or restored: {0}")]
    Broken(#[from] tokio::task::JoinError),
}

impl Intake {
    /// Keeps the engines' state. Nothing is looked at meanwhile.
    pub async fn checkpoint(&self) -> Result<(), CheckpointError> {
        let inner = &self.inner;
        let gate = Arc::clone(&inner.gate).write_owned().await;
        let waiting = inner.filing.flush_all().await;
        if waiting > 0 {
            return Err(CheckpointError::Unrecorded { waiting });
        }
        let engines = Arc::clone(&inner.engines);
        let taken = tokio::task::spawn_blocking(move || {
            let states = engines.checkpoint();
            drop(gate);
            states
        });
        for (name, state) in taken.await? {
            // What was seen before names people and addresses.
            let mut sealed = Vec::new();
            for piece in state.chunks(SEALED_AT_ONCE) {
                let text = STANDARD.encode(piece);
                sealed.push(inner.tools.vault.seal(AccountId::of_partner(), Retention::Evidence, &text).await?);
            }
            let bytes = serde_json::to_vec(&sealed).unwrap_or_default();
            inner.tools.store().put_blob(&name, &bytes).await?;
        }
        Ok(())
    }

    /// Puts the engines back to where their state was kept last.
    pub async fn restore(&self) -> Result<RestoreReport, CheckpointError> {
        let inner = &self.inner;
        let gate = Arc::clone(&inner.gate).write_owned().await;
        let mut states = Vec::new();
        for number in 0..usize::try_from(SHARDS).unwrap_or(usize::MAX) {
            states.push(self.state(number).await?);
        }
        let engines = Arc::clone(&inner.engines);
        let restored = tokio::task::spawn_blocking(move || {
            let report = engines.restore(&states);
            drop(gate);
            report
        });
        Ok(restored.await?)
    }

    /// The kept state of an engine; nothing when there is none, or its key was erased.
    async fn state(&self, number: usize) -> Result<Option<Vec<u8>>, CheckpointError> {
        let tools = &self.inner.tools;
        let Some(bytes) = tools.store().get_blob(&checkpoint_name(number)).await? else { return Ok(None) };
        let Ok(sealed) = serde_json::from_slice::<Vec<Sealed<String>>>(&bytes) else { return Ok(Some(Vec::new())) };
        let mut state = Vec::new();
        for piece in &sealed {
            let Some(text) = tools.vault.open(AccountId::of_partner(), piece).await? else { return Ok(None) };
            state.extend(STANDARD.decode(text).unwrap_or_default());
        }
        Ok(Some(state))
    }
}
