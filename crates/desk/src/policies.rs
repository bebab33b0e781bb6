//! The published policies: the timeline, and each bundle parsed once.

use crate::events::Epoch;
use domain::ids::Hash;
use domain::policy::Policy;
use jiff::Timestamp;
use std::collections::HashMap;
use std::sync::Arc;
use store::{Store, StoreError};
use tokio::sync::RwLock;

/// The most parsed bundles that are kept.
const MAX_PARSED: usize = 64;

/// Why a policy is not to be had.
#[derive(Debug, thiserror::Error)]
pub enum PoliciesError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Nothing has been published yet.
    #[error("no policy has been published: publish one with `borgen policy publish`")]
    NonePublished,
    /// A fact names a bundle that the store does not have.
    #[error("the policy bundle {0} is not in the store")]
    Missing(Hash),
    /// A stored bundle no longer passes the check: a later release may refuse what an earlier one took.
    #[error("the policy bundle {hash} does not pass the check of this release: {problem}")]
    Refused {
        /// The bundle.
        hash: Hash,
        /// Its first problem.
        problem: String,
    },
}

/// The timeline as it was last read.
#[derive(Debug, Default)]
pub struct Timeline {
    /// The epochs, in order.
    pub epochs: Vec<Epoch>,
}

impl Timeline {
    /// The number of the newest epoch; 0 before the first.
    #[must_use]
    pub fn newest(&self) -> u64 {
        self.epochs.last().map_or(0, |epoch| epoch.number)
    }
}

/// The published policies. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Policies {
    store: Store,
    timeline: Arc<RwLock<Option<Arc<Timeline>>>>,
    parsed: Arc<RwLock<HashMap<Hash, Arc<Policy>>>>,
}

impl Policies {
    /// The policies of a store.
    #[must_use]
    pub fn new(store: Store) -> Self {
        Self { store, timeline: Arc::default(), parsed: Arc::default() }
    }

    /// The timeline as it was last read; read from the store until something has been published.
    pub async fn timeline(&self) -> Result<Arc<Timeline>, PoliciesError> {
        if let Some(timeline) = self.timeline.read().await.as_ref().filter(|timeline| timeline.newest() > 0) {
            return Ok(Arc::clone(timeline));
        }
        self.refresh().await
    }

    /// Reads the timeline again: an append was refused because a newer policy was published.
    pub async fn refresh(&self) -> Result<Arc<Timeline>, PoliciesError> {
        let epochs = self.store.timeline().await?;
        let epochs =
            epochs.into_iter().map(|epoch| Epoch { number: epoch.epoch, hash: epoch.hash, from: epoch.from }).collect();
        let timeline = Arc::new(Timeline { epochs });
        *self.timeline.write().await = Some(Arc::clone(&timeline));
        Ok(timeline)
    }

    /// The policy with this hash.
    pub async fn get(&self, hash: Hash) -> Result<Arc<Policy>, PoliciesError> {
        if let Some(policy) = self.parsed.read().await.get(&hash) {
            return Ok(Arc::clone(policy));
        }
        // Whoever comes first parses for all who wait: a bundle is compiled with all its rules, which takes a while.
        let mut parsed = self.parsed.write().await;
        if let Some(policy) = parsed.get(&hash) {
            return Ok(Arc::clone(policy));
        }
        let bytes = self.store.bundle(hash).await?.ok_or(PoliciesError::Missing(hash))?;
        let policy = Arc::new(parse(hash, &bytes)?);
        if parsed.len() >= MAX_PARSED {
            parsed.clear();
        }
        parsed.insert(hash, Arc::clone(&policy));
        Ok(policy)
    }

    /// The policy that is in force at an instant.
    pub async fn in_force(&self, at: Timestamp) -> Result<(Epoch, Arc<Policy>), PoliciesError> {
        let timeline = self.timeline().await?;
        let epoch = crate::events::in_force(&timeline.epochs, at).ok_or(PoliciesError::NonePublished)?;
        Ok((epoch, self.get(epoch.hash).await?))
    }
}

fn parse(hash: Hash, bytes: &[u8]) -> Result<Policy, PoliciesError> {
    let refused = |problem: String| PoliciesError::Refused { hash, problem };
    let bundle = policy::Bundle::from_bytes(bytes).map_err(|error| refused(error.to_string()))?;
    let checked =
        bundle.check().map_err(|problems| refused(problems.first().map_or_else(String::new, ToString::to_string)))?;
    Ok(checked.policy)
}
