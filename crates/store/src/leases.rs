//! Leases: who does what only one may do at a time, such as sealing. A lease ends by itself; its generation tells a
//! holder who slept too long from the one who came after.

use crate::error::StoreError;
use crate::sql::{Statement, Step, Written};
use crate::store::Store;
use jiff::Timestamp;

/// A lease that is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// What is leased.
    pub name: String,
    /// Who holds it.
    pub holder: String,
    /// Until when.
    pub until: Timestamp,
    /// Rises whenever the holder changes.
    pub generation: u64,
}

const TAKE: &str = "INSERT INTO lease (name, holder, until, generation) VALUES ($1, $2, $3, 1) \
     ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until, \
     generation = lease.generation + CASE WHEN lease.holder = excluded.holder THEN 0 ELSE 1 END \
     WHERE lease.holder = excluded.holder OR lease.until <= $4 RETURNING generation";
const LEAVE: &str = "UPDATE lease SET until = $3 WHERE name = $1 AND holder = $2";
const READ: &str = "SELECT holder, until, generation FROM lease WHERE name = $1";
const END_ALL: [&str; 4] = [
    "UPDATE lease SET until = 0 WHERE until > 0",
    "UPDATE sealer SET held_until = 0 WHERE held_until > 0",
    "UPDATE outbox SET worker = NULL, lease_until = NULL WHERE lease_until IS NOT NULL",
    // A request that never got its answer: told again, it is carried out again, and its fact's source key makes it one.
    "DELETE FROM idempotency WHERE status IS NULL",
];

impl Store {
    /// Takes or prolongs a lease. `None` while somebody else holds it.
    pub async fn take_lease(
        &self,
        name: &str,
        holder: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Lease>, StoreError> {
        let args = [name.into(), holder.into(), until.into(), now.into()];
        let steps = vec![Step::demand(Statement::new(TAKE, args))];
        let written = self.write(|| format!("taking the lease {name} for {holder}"), steps).await?;
        let Written::Done(answers) = written else { return Ok(None) };
        let Some(row) = answers.iter().flatten().next() else { return Ok(None) };
        Ok(Some(Lease { name: name.to_owned(), holder: holder.to_owned(), until, generation: row.count(0)? }))
    }

    /// Gives a lease back before its end, so that the next one need not wait.
    pub async fn leave_lease(&self, name: &str, holder: &str, now: Timestamp) -> Result<(), StoreError> {
        let steps = vec![Step::then(Statement::new(LEAVE, [name.into(), holder.into(), now.into()]))];
        self.write(|| format!("giving back the lease {name}"), steps).await?;
        Ok(())
    }

    /// Ends every lease, every claim of an effect and every request under way. Only for a store that is this process's
    /// alone and was just opened: whoever held them is dead, and after a crash neither the sync, nor an action, nor a
    /// person who asks again should wait for minutes. An effect whose last try has no result is in doubt as ever.
    pub(crate) async fn end_leases_of_the_dead(&self) -> Result<(), StoreError> {
        let steps = END_ALL.into_iter().map(|sql| Step::then(Statement::new(sql, []))).collect();
        self.write(|| "ending the leases of a process that is gone".to_owned(), steps).await?;
        Ok(())
    }

    /// Who holds a lease, or held it last.
    pub async fn lease(&self, name: &str) -> Result<Option<Lease>, StoreError> {
        let rows = self.read(|| format!("reading the lease {name}"), Statement::new(READ, [name.into()])).await?;
        let lease = |row: &crate::sql::Row| {
            let holder = row.text(0)?.to_owned();
            Ok(Lease { name: name.to_owned(), holder, until: row.instant(1)?, generation: row.count(2)? })
        };
        rows.first().map(lease).transpose()
    }
}
