//! The sealer: gives committed facts their place in the one order of all facts, without a gap, and adds their hashes to
//! the tree. One worker at a time, by a lease on the sealer's own row; two at once would only be refused, never wrong.

use crate::error::StoreError;
use crate::sql::{Row, Statement, Step, Written};
use crate::store::Store;
use crate::tree::{Frontier, leaf_hash};
use jiff::{SignedDuration, Timestamp};
use std::fmt::Write as _;

/// How long a worker that has sealed something stays the sealer, if it does not come back.
pub const SEALER_LEASE: SignedDuration = SignedDuration::from_secs(30);
/// The most facts that one batch seals. Larger ones would hold up the appends behind them.
pub const MAX_FACTS_PER_SEAL: u64 = 4_096;
/// The most appends that one batch seals: the hashes of each are read whole.
const MAX_APPENDS_PER_SEAL: u64 = 512;
/// The bytes of a hash.
const HASH_BYTES: usize = 32;

const SEALED: &str = "SELECT size, frontier, latest, holder, held_until FROM sealer WHERE only_one = 1";
const WAITING_COUNT: &str = "SELECT COUNT(*) FROM pending";
/// The appends that have no position. Those of one account come in order, since each inserts its row while it holds the
/// account.
const WAITING: &str = "SELECT id, first, last, hashes, at FROM pending ORDER BY id LIMIT $1";
/// Whoever counts the facts otherwise than the row does has lost: somebody else has sealed meanwhile.
const GROW: &str = "UPDATE sealer SET size = $2, frontier = $3, latest = $4, holder = $5, held_until = $6 \
     WHERE only_one = 1 AND size = $1 AND (holder = $5 OR held_until <= $7)";
/// `$1` is `[[id, position], …]` as JSON: one statement for a whole batch.
const PLACE_SQLITE: &str = "INSERT INTO feed (position, account, first, last) \
     SELECT j.value ->> 1, p.account, p.first, p.last FROM json_each($1) j CROSS JOIN pending p ON p.id = j.value ->> 0";
const PLACE_POSTGRES: &str = "INSERT INTO feed (position, account, first, last) \
     SELECT CAST(j.value ->> 1 AS BIGINT), p.account, p.first, p.last FROM json_array_elements(CAST($1 AS json)) j (value) \
     JOIN pending p ON p.id = CAST(j.value ->> 0 AS BIGINT)";
const DONE_SQLITE: &str = "DELETE FROM pending WHERE id IN (SELECT j.value ->> 0 FROM json_each($1) j)";
const DONE_POSTGRES: &str = "DELETE FROM pending WHERE id IN \
     (SELECT CAST(j.value ->> 0 AS BIGINT) FROM json_array_elements(CAST($1 AS json)) j (value))";

/// Where the sealer stands.
pub(crate) struct Sealed {
    /// The tree over all facts that have a position.
    pub(crate) frontier: Frontier,
    /// The latest instant of any of them.
    pub(crate) latest: Timestamp,
    /// Who seals, and until when nobody else does.
    holder: String,
    held_until: Timestamp,
}

impl Store {
    /// Where the sealer stands.
    pub(crate) async fn sealed(&self) -> Result<Sealed, StoreError> {
        let rows = self.read(|| "reading where the sealer stands".to_owned(), Statement::new(SEALED, [])).await?;
        let row = rows.first().ok_or_else(|| StoreError::Damaged("the sealer's row is gone".to_owned()))?;
        let size = row.count(0)?;
        let frontier = Frontier::from_bytes(size, row.blob(1)?);
        Ok(Sealed {
            frontier: frontier
                .ok_or_else(|| StoreError::Damaged(format!("the tree's edge is not one of {size} facts")))?,
            latest: row.instant(2)?,
            holder: row.text(3)?.to_owned(),
            held_until: row.instant(4)?,
        })
    }

    /// How many appends wait for their positions.
    pub async fn unsealed_appends(&self) -> Result<u64, StoreError> {
        let rows = self.read(|| "counting what is not sealed".to_owned(), Statement::new(WAITING_COUNT, [])).await?;
        rows.first().map_or(Ok(0), |row| Ok(row.count(0)?))
    }

    /// Seals up to `max` facts (whole appends, so that it may be a few more) and says how many. 0 when nothing waits, or
    /// when another worker is the sealer.
    pub async fn seal_batch(&self, worker: &str, now: Timestamp, max: u64) -> Result<u64, StoreError> {
        let Sealed { mut frontier, latest, holder, held_until } = self.sealed().await?;
        if holder != worker && held_until > now {
            return Ok(0);
        }
        let size = frontier.size();
        let waiting = Statement::new(WAITING, [max.clamp(1, MAX_APPENDS_PER_SEAL).into()]);
        let rows = self.read(|| "reading appends without a position".to_owned(), waiting).await?;
        let batch = Batch::of(&rows, max, &mut frontier, latest)?;
        if frontier.size() == size {
            return Ok(0);
        }
        let until = now.checked_add(SEALER_LEASE).unwrap_or(Timestamp::MAX);
        let grow = [
            size.into(),
            frontier.size().into(),
            frontier.to_bytes().into(),
            batch.latest.into(),
            worker.into(),
            until.into(),
            now.into(),
        ];
        let (place, done) =
            if self.is_postgres() { (PLACE_POSTGRES, DONE_POSTGRES) } else { (PLACE_SQLITE, DONE_SQLITE) };
        let steps = vec![
            Step::demand(Statement::new(GROW, grow)),
            Step::demand_rows(Statement::new(place, [batch.places.as_str().into()]), batch.appends),
            Step::demand_rows(Statement::new(done, [batch.places.as_str().into()]), batch.appends),
        ];
        match self.write(|| format!("sealing facts after position {size}"), steps).await? {
            Written::Done(_) => Ok(frontier.size().saturating_sub(size)),
            Written::Refused(_) => Ok(0),
        }
    }
}

/// Whole appends on their way to a position.
struct Batch {
    /// `[[id, position of the last fact], …]`.
    places: String,
    /// How many appends these are.
    appends: u64,
    latest: Timestamp,
}

impl Batch {
    /// Takes whole appends from the front until `max` facts are reached, and lets the tree grow by them.
    fn of(rows: &[Row], max: u64, frontier: &mut Frontier, mut latest: Timestamp) -> Result<Self, StoreError> {
        let full = frontier.size().saturating_add(max.min(MAX_FACTS_PER_SEAL));
        let (mut places, mut appends) = (String::from("["), 0_u64);
        for row in rows {
            for hash in hashes(row)? {
                frontier.push(leaf_hash(hash));
            }
            latest = latest.max(row.instant(4)?);
            let comma = if places.len() > 1 { "," } else { "" };
            let written = write!(places, "{comma}[{},{}]", row.int(0)?, frontier.size());
            written.map_err(|_| StoreError::Damaged("a position can't be written".to_owned()))?;
            appends = appends.saturating_add(1);
            if frontier.size() >= full {
                break;
            }
        }
        places.push(']');
        Ok(Self { places, appends, latest })
    }
}

/// The hashes of the facts of an append, one for each.
fn hashes(row: &Row) -> Result<&[[u8; HASH_BYTES]], StoreError> {
    let (hashes, rest) = row.blob(3)?.as_chunks::<HASH_BYTES>();
    let facts = row.count(2)?.checked_sub(row.count(1)?).and_then(|more| more.checked_add(1));
    if !rest.is_empty() || facts != u64::try_from(hashes.len()).ok() {
        let why = format!("an append has not a hash for each of its facts (row {})", row.int(0)?);
        return Err(StoreError::Damaged(why));
    }
    Ok(hashes)
}
