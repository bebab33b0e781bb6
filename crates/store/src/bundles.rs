//! Published policies: the bundles of files by hash, and the timeline of epochs. What a bundle says is not read here.

use crate::error::StoreError;
use crate::sql::{Statement, Step};
use crate::store::Store;
use domain::ids::{AccountId, Hash};
use jiff::Timestamp;

/// The largest bundle of policy files, in bytes.
pub const MAX_BUNDLE_BYTES: usize = 16 * 1024 * 1024;
/// Epochs that are read; more are never published in the life of a store.
const MAX_EPOCHS: u32 = 100_000;

/// A policy that was published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PolicyEpoch {
    /// Its number: 1, 2, 3 ...
    pub epoch: u64,
    /// The bundle.
    pub hash: Hash,
    /// From when it decides.
    pub from: Timestamp,
}

const PUT: &str = "INSERT INTO policy_bundle (hash, bytes) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING";
const GET: &str = "SELECT bytes FROM policy_bundle WHERE hash = $1";
const TIMELINE: &str = "SELECT epoch, hash, valid_from FROM policy_epoch ORDER BY epoch LIMIT $1";
const OLDER: &str = "SELECT account FROM account WHERE policy_epoch < $1 ORDER BY policy_epoch, account LIMIT $2";

impl Store {
    /// Keeps a bundle under its hash. It decides nothing until the policy account publishes it.
    pub async fn put_bundle(&self, hash: Hash, bytes: &[u8]) -> Result<(), StoreError> {
        if bytes.len() > MAX_BUNDLE_BYTES {
            return Err(StoreError::TooMany {
                what: "bytes of a policy bundle",
                count: bytes.len(),
                limit: MAX_BUNDLE_BYTES,
            });
        }
        let steps = vec![Step::then(Statement::new(PUT, [hash.into(), bytes.into()]))];
        self.write(|| format!("keeping policy bundle {hash}"), steps).await?;
        Ok(())
    }

    /// The bundle with a hash, or `None`.
    pub async fn bundle(&self, hash: Hash) -> Result<Option<Vec<u8>>, StoreError> {
        let rows = self.read(|| format!("reading policy bundle {hash}"), Statement::new(GET, [hash.into()])).await?;
        rows.first().map(|row| Ok(row.blob(0)?.to_vec())).transpose()
    }

    /// All epochs, the oldest first.
    pub async fn timeline(&self) -> Result<Vec<PolicyEpoch>, StoreError> {
        let rows = self
            .read(|| "reading the policy timeline".to_owned(), Statement::new(TIMELINE, [MAX_EPOCHS.into()]))
            .await?;
        rows.iter()
            .map(|row| Ok(PolicyEpoch { epoch: row.count(0)?, hash: row.hash(1)?, from: row.instant(2)? }))
            .collect()
    }

    /// Up to `limit` accounts that have adopted a policy older than `epoch`, the furthest behind first.
    pub async fn accounts_on_older_epoch(&self, epoch: u64, limit: u32) -> Result<Vec<AccountId>, StoreError> {
        let statement = Statement::new(OLDER, [epoch.into(), limit.into()]);
        let rows = self.read(|| format!("listing accounts before policy epoch {epoch}"), statement).await?;
        rows.iter().map(|row| Ok(row.account(0)?)).collect()
    }
}
