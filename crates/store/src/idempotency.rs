//! Requests that are told twice: the first answer is kept for a while and given again. Which requests these are, and
//! for how long, is the interface's business.

use crate::error::StoreError;
use crate::sql::{Statement, Step, Written};
use crate::store::Store;
use domain::ids::Hash;
use jiff::Timestamp;

/// The longest answer that is kept, in bytes.
pub const MAX_ANSWER_BYTES: usize = 256 * 1024;

/// An answer as it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

/// What is known of a request when it comes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// It is the first with its key: carry it out, then keep the answer.
    First,
    /// It is being carried out.
    Running,
    /// It was carried out: give this answer.
    Answered(KeptAnswer),
    /// The key was used for another request.
    Other,
}

const BEGIN: &str = "INSERT INTO idempotency (caller, idempotency_key, request, expires) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (caller, idempotency_key) DO UPDATE SET request = excluded.request, status = NULL, body = NULL, \
     expires = excluded.expires WHERE idempotency.expires <= $5";
const READ: &str = "SELECT request, status, body FROM idempotency WHERE caller = $1 AND idempotency_key = $2";
const FINISH: &str =
    "UPDATE idempotency SET status = $3, body = $4, expires = $5 WHERE caller = $1 AND idempotency_key = $2";
const FORGET: &str = "DELETE FROM idempotency WHERE caller = $1 AND idempotency_key = $2 AND status IS NULL";

impl Store {
    /// Notes that a request is being carried out. `caller` names the user and the route, `request` is the hash of what
    /// was asked. Until `expires` a repeat is not carried out again.
    pub async fn begin_request(
        &self,
        caller: &str,
        key: &str,
        request: Hash,
        now: Timestamp,
        expires: Timestamp,
    ) -> Result<Begun, StoreError> {
        let doing = || "noting a request".to_owned();
        let args = [caller.into(), key.into(), request.into(), expires.into(), now.into()];
        if let Written::Done(_) = self.write(doing, vec![Step::demand(Statement::new(BEGIN, args))]).await? {
            return Ok(Begun::First);
        }
        let rows = self.read(doing, Statement::new(READ, [caller.into(), key.into()])).await?;
        let Some(row) = rows.first() else { return Ok(Begun::Running) };
        if row.hash(0)? != request {
            return Ok(Begun::Other);
        }
        let Some(status) = row.maybe_int(1)? else { return Ok(Begun::Running) };
        let status = u16::try_from(status).map_err(|_| StoreError::Damaged("a kept status out of range".to_owned()))?;
        Ok(Begun::Answered(KeptAnswer { status, body: row.maybe_blob(2)?.unwrap_or_default().to_vec() }))
    }

    /// Keeps the answer of a request until `expires`.
    pub async fn finish_request(
        &self,
        caller: &str,
        key: &str,
        answer: &KeptAnswer,
        expires: Timestamp,
    ) -> Result<(), StoreError> {
        if answer.body.len() > MAX_ANSWER_BYTES {
            let (count, limit) = (answer.body.len(), MAX_ANSWER_BYTES);
            return Err(StoreError::TooMany { what: "bytes of a kept answer", count, limit });
        }
        let status = i64::from(answer.status);
        let args = [caller.into(), key.into(), status.into(), answer.body.as_slice().into(), expires.into()];
        self.write(|| "keeping an answer".to_owned(), vec![Step::then(Statement::new(FINISH, args))]).await?;
        Ok(())
    }

    /// Forgets a request that was not carried out, so that it can be tried again.
    pub async fn forget_request(&self, caller: &str, key: &str) -> Result<(), StoreError> {
        let steps = vec![Step::then(Statement::new(FORGET, [caller.into(), key.into()]))];
        self.write(|| "forgetting a request".to_owned(), steps).await?;
        Ok(())
    }
}
