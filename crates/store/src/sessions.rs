//! Who is signed in, and how often a sign-in failed: small memories with an end, none of them a fact (ADR 0008). How
//! long a session lasts and how long a try has to wait is not decided here.

use crate::error::StoreError;
use crate::sql::{Row, Statement, Step, Written};
use crate::store::Store;
use domain::ids::{AccountId, Hash, TokenId};
use jiff::Timestamp;

/// Sessions of one user; the oldest gives way to the next.
pub const MAX_SESSIONS: u32 = 20;
/// Tries to count a try when others count at the same moment.
const MAX_TRIES: u32 = 16;
/// Rows that one clean-up removes from each table.
const MAX_PRUNED: u32 = 5_000;

/// A session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionRow {
    /// SHA-256 of what the cookie holds.
    pub digest: Hash,
    /// The name under which it is listed and ended.
    pub id: TokenId,
    /// The user.
    pub account: AccountId,
    /// When the user signed in.
    pub began: Timestamp,
    /// When it was last heard of.
    pub heard: Timestamp,
    /// When it ends at the latest.
    pub ends: Timestamp,
    /// When the user last proved itself with a second factor.
    pub proved: Option<Timestamp>,
}

/// Whether a try may go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Try {
    /// It may. It counts as failed until [`Store::forget_tries`] is told otherwise, so that no two tries at one moment
    /// are counted as one.
    Goes,
    /// It has to wait until then, and was not counted.
    Waits(Timestamp),
}

const COLUMNS: &str = "SELECT digest, id, account, began, heard, ends, proved FROM session WHERE digest = $1";
const OF_ACCOUNT: &str = "SELECT digest, id, account, began, heard, ends, proved FROM session \
     WHERE account = $1 AND ends > $2 ORDER BY began DESC LIMIT $3";
const ADD: &str = "INSERT INTO session (digest, id, account, began, heard, ends, proved) \
     VALUES ($1, $2, $3, $4, $4, $5, $6)";
/// The oldest give way.
const MAKE_ROOM: &str = "DELETE FROM session WHERE digest IN (SELECT digest FROM session WHERE account = $1 \
     ORDER BY began DESC, digest LIMIT 1000 OFFSET $2)";
const HEARD: &str = "UPDATE session SET heard = $2 WHERE digest = $1 AND heard < $2";
const PROVED: &str = "UPDATE session SET proved = $2 WHERE digest = $1";
const END: &str = "DELETE FROM session WHERE account = $1 AND id = $2";
const END_OTHERS: &str = "DELETE FROM session WHERE account = $1 AND digest <> $2";
const TRIED: &str = "SELECT failures, until, expires FROM tried WHERE name = $1";
/// Touches nothing when somebody else has counted since it was read.
const COUNT: &str = "INSERT INTO tried (name, failures, until, expires) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (name) DO UPDATE SET failures = excluded.failures, until = excluded.until, \
     expires = excluded.expires WHERE tried.failures = $5 AND tried.until = $6";
const FORGET: &str = "DELETE FROM tried WHERE name = $1";
const GIVE_BACK: &str = "UPDATE tried SET failures = failures - 1 WHERE name = $1 AND failures > 0";
const OLD_SESSIONS: &str =
    "DELETE FROM session WHERE digest IN (SELECT digest FROM session WHERE ends <= $1 ORDER BY ends LIMIT $2)";
const OLD_TRIES: &str =
    "DELETE FROM tried WHERE name IN (SELECT name FROM tried WHERE expires <= $1 ORDER BY expires LIMIT $2)";

impl SessionRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        let id = row.text(1)?.parse().map_err(|_| StoreError::Damaged("a session without a name".to_owned()))?;
        Ok(Self {
            digest: row.hash(0)?,
            id,
            account: row.account(2)?,
            began: row.instant(3)?,
            heard: row.instant(4)?,
            ends: row.instant(5)?,
            proved: row.maybe_instant(6)?,
        })
    }
}

impl Store {
    /// Begins a session. A user's oldest ones end when there are more than [`MAX_SESSIONS`].
    pub async fn begin_session(&self, session: &SessionRow) -> Result<(), StoreError> {
        let SessionRow { digest, id, account, began, ends, proved, .. } = *session;
        let args = [digest.into(), id.to_string().into(), account.into(), began.into(), ends.into(), proved.into()];
        let steps = vec![
            Step::then(Statement::new(ADD, args)),
            Step::then(Statement::new(MAKE_ROOM, [account.into(), MAX_SESSIONS.into()])),
            Step::then(Statement::new(OLD_SESSIONS, [began.into(), MAX_PRUNED.into()])),
        ];
        self.write(|| format!("beginning a session of {account}"), steps).await?;
        Ok(())
    }

    /// The session whose cookie has this digest. Whether it has ended, the caller knows: it has the time.
    pub async fn session(&self, digest: Hash) -> Result<Option<SessionRow>, StoreError> {
        let rows = self.read(|| "looking a session up".to_owned(), Statement::new(COLUMNS, [digest.into()])).await?;
        rows.first().map(SessionRow::read).transpose()
    }

    /// The sessions of a user that have not reached their end, the newest first.
    pub async fn sessions(&self, account: AccountId, now: Timestamp) -> Result<Vec<SessionRow>, StoreError> {
        let args = [account.into(), now.into(), MAX_SESSIONS.into()];
        let rows = self.read(|| format!("listing sessions of {account}"), Statement::new(OF_ACCOUNT, args)).await?;
        rows.iter().map(SessionRow::read).collect()
    }

    /// Notes that a session was heard of.
    pub async fn session_heard(&self, digest: Hash, at: Timestamp) -> Result<(), StoreError> {
        let steps = vec![Step::then(Statement::new(HEARD, [digest.into(), at.into()]))];
        self.write(|| "noting that a session goes on".to_owned(), steps).await?;
        Ok(())
    }

    /// Notes that the user of a session has proved itself with a second factor.
    pub async fn session_proved(&self, digest: Hash, at: Timestamp) -> Result<(), StoreError> {
        let steps = vec![Step::then(Statement::new(PROVED, [digest.into(), at.into()]))];
        self.write(|| "noting a proof in a session".to_owned(), steps).await?;
        Ok(())
    }

    /// Ends a session of a user; false when it has none of this name.
    pub async fn end_session(&self, account: AccountId, id: TokenId) -> Result<bool, StoreError> {
        let steps = vec![Step::demand(Statement::new(END, [account.into(), id.to_string().into()]))];
        let written = self.write(|| format!("ending a session of {account}"), steps).await?;
        Ok(matches!(written, Written::Done(_)))
    }

    /// Ends every session of a user but the one with this digest, if there is one to be kept.
    pub async fn end_sessions(&self, account: AccountId, but: Option<Hash>) -> Result<(), StoreError> {
        let steps = vec![Step::then(Statement::new(END_OTHERS, [account.into(), but.unwrap_or_default().into()]))];
        self.write(|| format!("ending sessions of {account}"), steps).await?;
        Ok(())
    }

    /// Counts a try under a name before it is made. `until` says for a number of tries until when the next one waits;
    /// `expires` is when they are forgotten if no more come.
    pub async fn begin_try(
        &self,
        name: &str,
        now: Timestamp,
        expires: Timestamp,
        until: impl Fn(u64) -> Timestamp,
    ) -> Result<Try, StoreError> {
        let doing = || "counting a try to sign in".to_owned();
        for _ in 0..MAX_TRIES {
            let rows = self.read(doing, Statement::new(TRIED, [name.into()])).await?;
            let known = rows.first().map(|row| Ok::<_, StoreError>((row.count(0)?, row.instant(1)?, row.instant(2)?)));
            let (counted, waits, forgotten) = known.transpose()?.unwrap_or((0, now, now));
            if waits > now {
                return Ok(Try::Waits(waits));
            }
            let failures = if forgotten > now { counted } else { 0 }.saturating_add(1);
            let next = until(failures).max(now);
            let args = [name.into(), failures.into(), next.into(), expires.into(), counted.into(), waits.into()];
            let steps = vec![
                Step::demand(Statement::new(COUNT, args)),
                Step::then(Statement::new(OLD_TRIES, [now.into(), MAX_PRUNED.into()])),
            ];
            if let Written::Done(_) = self.write(doing, steps).await? {
                return Ok(Try::Goes);
            }
        }
        // So many at one moment are no person.
        Ok(Try::Waits(until(u64::MAX).max(now)))
    }

    /// Forgets the tries under a name: one went well.
    pub async fn forget_tries(&self, name: &str) -> Result<(), StoreError> {
        let steps = vec![Step::then(Statement::new(FORGET, [name.into()]))];
        self.write(|| "forgetting tries to sign in".to_owned(), steps).await?;
        Ok(())
    }

    /// Takes one try under a name back: it went well, which says nothing about the others.
    pub async fn give_back_try(&self, name: &str) -> Result<(), StoreError> {
        let steps = vec![Step::then(Statement::new(GIVE_BACK, [name.into()]))];
        self.write(|| "taking back a try to sign in".to_owned(), steps).await?;
        Ok(())
    }
}
