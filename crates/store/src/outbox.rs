//! The outbox: effects that an append has asked for and no append has closed yet, and the leases of those who carry
//! them out. What an effect does, and how doubt about it is resolved, is not the store's.

use crate::error::StoreError;
use crate::sql::{Hold, Row, Statement, Step, Written};
use crate::store::Store;
use domain::ids::AccountId;
use jiff::Timestamp;

/// The name of an effect: the fact that asked for it, and its number among that fact's effects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EffectKey {
    /// The account of the fact.
    pub account: AccountId,
    /// The version of the fact.
    pub version: u64,
    /// The number among the fact's effects.
    pub ordinal: u32,
}

/// An effect on its way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxRow {
    /// Its name.
    pub key: EffectKey,
    /// What kind of worker carries it out.
    pub kind: String,
    /// The remote object it changes: one effect in flight for each.
    pub object: String,
    /// What the worker needs to know.
    pub payload: Vec<u8>,
    /// When it may start.
    pub ready_at: Timestamp,
    /// After this it must no longer be carried out.
    pub good_until: Option<Timestamp>,
}

/// An effect that a worker has claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedEffect {
    /// The effect.
    pub row: OutboxRow,
    /// How often it has been claimed, this time included; kept across crashes.
    pub attempts: u32,
    /// Until when nobody else gets it, or another effect of the same object.
    pub lease_until: Timestamp,
    /// What the last one who gave it back said.
    pub note: Option<String>,
}

/// The longest note that is kept, in characters.
const MAX_NOTE_CHARS: usize = 500;
/// Of each object the effect that has waited longest, unless one of the object is leased.
const CLAIM: &str = "UPDATE outbox SET worker = $1, lease_until = $2, attempts = attempts + 1 \
     WHERE (account, version, ordinal) IN ( \
       SELECT o.account, o.version, o.ordinal FROM outbox o WHERE o.ready_at <= $3 \
         AND NOT EXISTS (SELECT 1 FROM outbox b WHERE b.object = o.object AND b.lease_until > $3) \
         AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.object = o.object AND e.ready_at <= $3 \
           AND (e.ready_at, e.account, e.version, e.ordinal) < (o.ready_at, o.account, o.version, o.ordinal)) \
       ORDER BY o.ready_at, o.account, o.version, o.ordinal LIMIT $4) \
     RETURNING account, version, ordinal, kind, object, payload, ready_at, good_until, attempts, lease_until, note";
/// The same, of one kind alone.
const CLAIM_OF_KIND: &str = "UPDATE outbox SET worker = $1, lease_until = $2, attempts = attempts + 1 \
     WHERE (account, version, ordinal) IN ( \
       SELECT o.account, o.version, o.ordinal FROM outbox o WHERE o.ready_at <= $3 AND o.kind = $5 \
         AND NOT EXISTS (SELECT 1 FROM outbox b WHERE b.object = o.object AND b.lease_until > $3) \
         AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.object = o.object AND e.ready_at <= $3 \
           AND (e.ready_at, e.account, e.version, e.ordinal) < (o.ready_at, o.account, o.version, o.ordinal)) \
       ORDER BY o.ready_at, o.account, o.version, o.ordinal LIMIT $4) \
     RETURNING account, version, ordinal, kind, object, payload, ready_at, good_until, attempts, lease_until, note";
const RELEASE: &str = "UPDATE outbox SET worker = NULL, lease_until = NULL, ready_at = $4, note = $5 \
     WHERE account = $1 AND version = $2 AND ordinal = $3";
const COUNT: &str = "SELECT CAST(COUNT(*) AS BIGINT), CAST(MIN(ready_at) AS BIGINT) FROM outbox";
const OPEN: &str = "INSERT INTO outbox (account, version, ordinal, kind, object, payload, ready_at, good_until) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const CLOSE: &str = "DELETE FROM outbox WHERE account = $1 AND version = $2 AND ordinal = $3";

impl OutboxRow {
    /// The statement that puts it into the outbox.
    pub(crate) fn open(&self) -> Statement {
        let args = [
            self.key.account.into(),
            self.key.version.into(),
            self.key.ordinal.into(),
            self.kind.as_str().into(),
            self.object.as_str().into(),
            self.payload.as_slice().into(),
            self.ready_at.into(),
            self.good_until.into(),
        ];
        Statement::new(OPEN, args)
    }
}

impl EffectKey {
    /// The statement that takes it out of the outbox.
    pub(crate) fn close(self) -> Statement {
        Statement::new(CLOSE, [self.account.into(), self.version.into(), self.ordinal.into()])
    }
}

impl Store {
    /// Claims up to `max` effects that are ready, the longest waiting first, one for each remote object. A lease that
    /// has run out counts as none.
    pub async fn claim_effects(
        &self,
        worker: &str,
        lease_until: Timestamp,
        now: Timestamp,
        max: u32,
    ) -> Result<Vec<ClaimedEffect>, StoreError> {
        let args = [worker.into(), lease_until.into(), now.into(), max.into()];
        self.claim(worker, Statement::new(CLAIM, args)).await
    }

    /// As [`Store::claim_effects`], of one kind alone: what is slow elsewhere does not hold it up.
    pub async fn claim_effects_of(
        &self,
        kind: &str,
        worker: &str,
        lease_until: Timestamp,
        now: Timestamp,
        max: u32,
    ) -> Result<Vec<ClaimedEffect>, StoreError> {
        let args = [worker.into(), lease_until.into(), now.into(), max.into(), kind.into()];
        self.claim(worker, Statement::new(CLAIM_OF_KIND, args)).await
    }

    async fn claim(&self, worker: &str, statement: Statement) -> Result<Vec<ClaimedEffect>, StoreError> {
        let steps = vec![Step::then(statement)];
        let written = self.write_holding(|| format!("claiming effects for {worker}"), Hold::Claims, steps).await?;
        let Written::Done(mut answers) = written else { return Ok(Vec::new()) };
        let rows = answers.pop().unwrap_or_default();
        let mut claimed = rows.iter().map(claimed).collect::<Result<Vec<_>, _>>()?;
        claimed.sort_by_key(|effect| (effect.row.ready_at, effect.row.key));
        Ok(claimed)
    }

    /// Gives an effect back, to be tried again from `ready_at` on. One that is closed already stays closed.
    pub async fn release_effect(&self, key: EffectKey, ready_at: Timestamp, note: &str) -> Result<(), StoreError> {
        let note: String = note.chars().take(MAX_NOTE_CHARS).collect();
        let args = [key.account.into(), key.version.into(), key.ordinal.into(), ready_at.into(), note.into()];
        let steps = vec![Step::then(Statement::new(RELEASE, args))];
        self.write(|| format!("giving back an effect of account {}", key.account), steps).await?;
        Ok(())
    }

    /// How many effects are open, and since when the oldest has been ready.
    pub async fn open_effects(&self) -> Result<(u64, Option<Timestamp>), StoreError> {
        let rows = self.read(|| "counting open effects".to_owned(), Statement::new(COUNT, [])).await?;
        rows.first().map_or(Ok((0, None)), |row| Ok((row.count(0)?, row.maybe_instant(1)?)))
    }
}

fn claimed(row: &Row) -> Result<ClaimedEffect, StoreError> {
    let small = |number: i64| {
        u32::try_from(number).map_err(|_| StoreError::Damaged("an effect's number out of range".to_owned()))
    };
    let key = EffectKey { account: row.account(0)?, version: row.count(1)?, ordinal: small(row.int(2)?)? };
    Ok(ClaimedEffect {
        row: OutboxRow {
            key,
            kind: row.text(3)?.to_owned(),
            object: row.text(4)?.to_owned(),
            payload: row.blob(5)?.to_vec(),
            ready_at: row.instant(6)?,
            good_until: row.maybe_instant(7)?,
        },
        attempts: small(row.int(8)?)?,
        lease_until: row.instant(9)?,
        note: row.maybe_text(10)?.map(str::to_owned),
    })
}
