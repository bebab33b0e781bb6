//! Events of tenants that are not known yet. They wait here, bounded and visible, until the tenant becomes known;
//! what does not fit is counted.

use crate::error::StoreError;
use crate::sql::{Row, Statement, Step, Written};
use crate::store::Store;
use jiff::Timestamp;

/// Events that wait for one tenant.
pub const MAX_PARKED_PER_TENANT: u64 = 10_000;
/// Events that wait in all.
pub const MAX_PARKED: u64 = 200_000;
/// The largest event that is parked, in bytes.
pub const MAX_PARKED_EVENT_BYTES: usize = 64 * 1024;
/// Events that are parked or read at once.
pub const MAX_PARKED_AT_ONCE: usize = 5_000;
/// Tries when others park for the same tenant at the same moment.
const MAX_TRIES: u32 = 16;

/// What became of events that were to be parked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Parked {
    /// Events that wait now.
    pub kept: u64,
    /// Events that did not fit.
    pub dropped: u64,
}

/// A tenant whose events wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParkedTenant {
    /// The tenant, or whatever name its events carry.
    pub tenant: String,
    /// Events that wait.
    pub events: u64,
    /// Events that did not fit.
    pub dropped: u64,
    /// When the first came.
    pub first_at: Timestamp,
    /// When the last came.
    pub last_at: Timestamp,
}

/// An event that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParkedEvent {
    /// Its number among all parked events.
    pub id: u64,
    /// Where it came in.
    pub source: String,
    /// When it came in.
    pub at: Timestamp,
    /// The event as it came in.
    pub bytes: Vec<u8>,
}

const COUNTS: &str = "SELECT CAST(COALESCE(SUM(events), 0) AS BIGINT), \
     CAST(COALESCE(SUM(CASE WHEN tenant = $1 THEN events ELSE 0 END), 0) AS BIGINT) FROM parked_tenant";
/// Touches nothing when somebody else has parked for the tenant since it was counted.
const COUNT: &str = "INSERT INTO parked_tenant (tenant, events, dropped, first_at, last_at) VALUES ($1, $2, $3, $4, $4) \
     ON CONFLICT (tenant) DO UPDATE SET events = parked_tenant.events + excluded.events, \
     dropped = parked_tenant.dropped + excluded.dropped, last_at = excluded.last_at WHERE parked_tenant.events = $5";
const ADD: &str = "INSERT INTO parked_event (tenant, source, at, bytes) VALUES ($1, $2, $3, $4)";
const TENANTS: &str = "SELECT tenant, events, dropped, first_at, last_at FROM parked_tenant \
     WHERE tenant > $1 ORDER BY tenant LIMIT $2";
const EVENTS: &str = "SELECT id, source, at, bytes FROM parked_event WHERE tenant = $1 ORDER BY id LIMIT $2";
const REMOVE: &str = "DELETE FROM parked_event WHERE tenant = $1 AND id <= $2";
const RECOUNT: &str = "UPDATE parked_tenant SET events = \
     (SELECT CAST(COUNT(*) AS BIGINT) FROM parked_event WHERE tenant = $1) WHERE tenant = $1";
const FORGET: &str = "DELETE FROM parked_tenant WHERE tenant = $1 AND events = 0";

impl Store {
    /// Parks events of a tenant that is not known, as far as the limits allow.
    pub async fn park(
        &self,
        tenant: &str,
        source: &str,
        now: Timestamp,
        events: &[Vec<u8>],
    ) -> Result<Parked, StoreError> {
        if events.len() > MAX_PARKED_AT_ONCE {
            let (count, limit) = (events.len(), MAX_PARKED_AT_ONCE);
            return Err(StoreError::TooMany { what: "events to park at once", count, limit });
        }
        let doing = || "parking events of an unknown tenant".to_owned();
        for _ in 0..MAX_TRIES {
            let rows = self.read(doing, Statement::new(COUNTS, [tenant.into()])).await?;
            let (all, own) =
                rows.first().map_or(Ok((0, 0)), |row| Ok::<_, StoreError>((row.count(0)?, row.count(1)?)))?;
            let room = MAX_PARKED.saturating_sub(all).min(MAX_PARKED_PER_TENANT.saturating_sub(own));
            let room = usize::try_from(room).unwrap_or(usize::MAX);
            let fitting: Vec<_> =
                events.iter().filter(|event| event.len() <= MAX_PARKED_EVENT_BYTES).take(room).collect();
            let count = |events: usize| u64::try_from(events).unwrap_or(u64::MAX);
            let parked =
                Parked { kept: count(fitting.len()), dropped: count(events.len().saturating_sub(fitting.len())) };
            let args = [tenant.into(), parked.kept.into(), parked.dropped.into(), now.into(), own.into()];
            let mut steps = vec![Step::demand(Statement::new(COUNT, args))];
            steps.extend(fitting.into_iter().map(|event| {
                Step::then(Statement::new(ADD, [tenant.into(), source.into(), now.into(), event.as_slice().into()]))
            }));
            if let Written::Done(_) = self.write(doing, steps).await? {
                return Ok(parked);
            }
        }
        Ok(Parked { kept: 0, dropped: u64::try_from(events.len()).unwrap_or(u64::MAX) })
    }

    /// Up to `limit` tenants whose events wait, after a name, in the order of their names.
    pub async fn parked_tenants(&self, after: &str, limit: u32) -> Result<Vec<ParkedTenant>, StoreError> {
        let rows = self
            .read(|| "listing parked tenants".to_owned(), Statement::new(TENANTS, [after.into(), limit.into()]))
            .await?;
        let tenant = |row: &Row| {
            Ok(ParkedTenant {
                tenant: row.text(0)?.to_owned(),
                events: row.count(1)?,
                dropped: row.count(2)?,
                first_at: row.instant(3)?,
                last_at: row.instant(4)?,
            })
        };
        rows.iter().map(tenant).collect()
    }

    /// Up to `limit` waiting events of a tenant, in the order they came. They stay until [`Store::unpark`].
    pub async fn parked_events(&self, tenant: &str, limit: u32) -> Result<Vec<ParkedEvent>, StoreError> {
        let rows = self
            .read(|| "reading parked events".to_owned(), Statement::new(EVENTS, [tenant.into(), limit.into()]))
            .await?;
        let event = |row: &Row| {
            let source = row.text(1)?.to_owned();
            Ok(ParkedEvent { id: row.count(0)?, source, at: row.instant(2)?, bytes: row.blob(3)?.to_vec() })
        };
        rows.iter().map(event).collect()
    }

    /// Forgets the waiting events of a tenant up to and including one, after they were fed. Those that came in since
    /// stay; a crash before this feeds them again, which changes nothing.
    pub async fn unpark(&self, tenant: &str, through: u64) -> Result<(), StoreError> {
        let steps = vec![
            Step::then(Statement::new(REMOVE, [tenant.into(), through.into()])),
            Step::then(Statement::new(RECOUNT, [tenant.into()])),
            Step::then(Statement::new(FORGET, [tenant.into()])),
        ];
        self.write(|| "forgetting parked events".to_owned(), steps).await?;
        Ok(())
    }
}
