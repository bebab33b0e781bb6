//! Small memories: where a poller or a reader of the feed has got to, what a webhook has told already, and the
//! checkpoints of engines. What they mean is their owners' business.

use crate::error::StoreError;
use crate::sql::{Statement, Step, Written};
use crate::store::Store;
use jiff::Timestamp;

/// The largest named blob, in bytes.
pub const MAX_BLOB_BYTES: usize = 64 * 1024 * 1024;
/// Rows that one clean-up removes from each table.
const MAX_PRUNED: u32 = 5_000;

const PLACE: &str = "SELECT value FROM place WHERE name = $1";
const PLACE_SET: &str =
    "INSERT INTO place (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
const SEEN: &str = "INSERT INTO seen (name, seen_key, expires) VALUES ($1, $2, $3) \
     ON CONFLICT (name, seen_key) DO UPDATE SET expires = excluded.expires WHERE seen.expires <= $4";
const BLOB: &str = "SELECT bytes FROM named_blob WHERE name = $1";
const BLOB_SET: &str =
    "INSERT INTO named_blob (name, bytes) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET bytes = excluded.bytes";
const OLD_SEEN: &str = "DELETE FROM seen WHERE (name, seen_key) IN \
     (SELECT name, seen_key FROM seen WHERE expires <= $1 ORDER BY expires LIMIT $2)";
const OLD_ANSWERS: &str = "DELETE FROM idempotency WHERE (caller, idempotency_key) IN \
     (SELECT caller, idempotency_key FROM idempotency WHERE expires <= $1 ORDER BY expires LIMIT $2)";
const OLD_PERMITS: &str = "DELETE FROM permit WHERE (name, window_start) IN \
     (SELECT name, window_start FROM permit WHERE window_end <= $1 LIMIT $2)";
const OLD_LIFTS: &str =
    "DELETE FROM permit_lift WHERE (name, until) IN (SELECT name, until FROM permit_lift WHERE until <= $1 LIMIT $2)";

impl Store {
    /// Where `name` has got to, or `None` before its first place.
    pub async fn cursor(&self, name: &str) -> Result<Option<String>, StoreError> {
        let rows = self.read(|| format!("reading the place of {name}"), Statement::new(PLACE, [name.into()])).await?;
        rows.first().map(|row| Ok(row.text(0)?.to_owned())).transpose()
    }

    /// Remembers where `name` has got to. It is set after the work before it is recorded, since repeats are harmless.
    pub async fn set_cursor(&self, name: &str, value: &str) -> Result<(), StoreError> {
        let steps = vec![Step::then(Statement::new(PLACE_SET, [name.into(), value.into()]))];
        self.write(|| format!("remembering the place of {name}"), steps).await?;
        Ok(())
    }

    /// True the first time this key is told under `name` before it expires, and false for every repeat.
    pub async fn first_seen(
        &self,
        name: &str,
        key: &str,
        now: Timestamp,
        expires: Timestamp,
    ) -> Result<bool, StoreError> {
        let steps = vec![Step::demand(Statement::new(SEEN, [name.into(), key.into(), expires.into(), now.into()]))];
        let written = self.write(|| format!("remembering what {name} told"), steps).await?;
        Ok(matches!(written, Written::Done(_)))
    }

    /// Keeps bytes under a name, in place of those that were there.
    pub async fn put_blob(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        if bytes.len() > MAX_BLOB_BYTES {
            return Err(StoreError::TooMany { what: "bytes under a name", count: bytes.len(), limit: MAX_BLOB_BYTES });
        }
        let steps = vec![Step::then(Statement::new(BLOB_SET, [name.into(), bytes.into()]))];
        self.write(|| format!("keeping {name}"), steps).await?;
        Ok(())
    }

    /// The bytes under a name, or `None`.
    pub async fn get_blob(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let rows = self.read(|| format!("reading {name}"), Statement::new(BLOB, [name.into()])).await?;
        rows.first().map(|row| Ok(row.blob(0)?.to_vec())).transpose()
    }

    /// Removes what has expired by now: replay keys, kept answers, windows and lifts of permits. A named number of each
    /// at a time, so that nobody waits long for it.
    pub async fn prune(&self, now: Timestamp) -> Result<(), StoreError> {
        let old = [OLD_SEEN, OLD_ANSWERS, OLD_PERMITS, OLD_LIFTS];
        let steps = old.map(|sql| Step::then(Statement::new(sql, [now.into(), MAX_PRUNED.into()])));
        self.write(|| "removing what has expired".to_owned(), steps.into()).await?;
        Ok(())
    }
}
