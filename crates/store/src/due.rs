//! Which accounts have come due. The version check of the append is the lock; the short claim only keeps workers
//! from doing the same work at the same time.

use crate::error::StoreError;
use crate::sql::{Statement, Step, Written};
use crate::store::Store;
use domain::ids::{AccountId, AccountKind};
use jiff::{SignedDuration, Timestamp};

/// How long a due account is not handed out again, in seconds. An append clears the claim.
const CLAIM_SECONDS: i64 = 30;

/// An account that has come due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueAccount {
    /// The account.
    pub account: AccountId,
    /// What it is the file of.
    pub kind: AccountKind,
    /// When it came due.
    pub due: Timestamp,
}

const CLAIM: &str = "UPDATE account SET due_claim = $2 WHERE account IN (SELECT account FROM account \
     WHERE due IS NOT NULL AND due <= $1 AND read_only = 0 AND (due_claim IS NULL OR due_claim <= $1) ORDER BY due LIMIT $3) \
     RETURNING account, kind, due";
const CLAIM_SKIPPING: &str = "UPDATE account SET due_claim = $2 WHERE account IN (SELECT account FROM account \
     WHERE due IS NOT NULL AND due <= $1 AND read_only = 0 AND (due_claim IS NULL OR due_claim <= $1) ORDER BY due LIMIT $3 \
     FOR UPDATE SKIP LOCKED) RETURNING account, kind, due";
const MARKED: &str = "SELECT account, kind, read_only FROM account WHERE account > $1 ORDER BY account LIMIT $2";
const NEXT: &str = "SELECT CAST(MIN(due) AS BIGINT) FROM account WHERE due IS NOT NULL";

impl Store {
    /// Up to `max` accounts whose due is reached, the longest waiting first, claimed for half a minute.
    pub async fn claim_due(&self, now: Timestamp, max: u32) -> Result<Vec<DueAccount>, StoreError> {
        let until = now.saturating_add(SignedDuration::from_secs(CLAIM_SECONDS)).unwrap_or(Timestamp::MAX);
        let sql = if self.is_postgres() { CLAIM_SKIPPING } else { CLAIM };
        let steps = vec![Step::then(Statement::new(sql, [now.into(), until.into(), max.into()]))];
        let Written::Done(answers) = self.write(|| "claiming due accounts".to_owned(), steps).await? else {
            return Ok(Vec::new());
        };
        let read = |row: &crate::sql::Row| {
            Ok(DueAccount { account: row.account(0)?, kind: kind_of(row.text(1)?)?, due: row.instant(2)? })
        };
        let mut due = answers.iter().flatten().map(read).collect::<Result<Vec<_>, StoreError>>()?;
        due.sort_by_key(|due| (due.due, due.account));
        Ok(due)
    }

    /// Looks at up to `limit` accounts of every kind after `after`, in the order of their ids: those that are read-only,
    /// which are never due, and the last that was looked at; no last one when there are no more.
    pub async fn read_only_accounts(
        &self,
        after: Option<AccountId>,
        limit: u32,
    ) -> Result<(Vec<(AccountId, AccountKind)>, Option<AccountId>), StoreError> {
        let after = after.map_or_else(|| Vec::new().into(), Into::into);
        let doing = || "looking for read-only accounts".to_owned();
        let rows = self.read(doing, Statement::new(MARKED, [after, limit.into()])).await?;
        let mut marked = Vec::new();
        for row in &rows {
            if row.int(2)? != 0 {
                marked.push((row.account(0)?, kind_of(row.text(1)?)?));
            }
        }
        Ok((marked, rows.last().map(|row| row.account(0)).transpose()?))
    }

    /// The earliest due of any account, for knowing how long nothing will happen by itself.
    pub async fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        let rows = self.read(|| "reading the next due".to_owned(), Statement::new(NEXT, [])).await?;
        Ok(rows.first().map(|row| row.maybe_instant(0)).transpose()?.flatten())
    }
}

fn kind_of(word: &str) -> Result<AccountKind, StoreError> {
    AccountKind::from_word(word).ok_or_else(|| StoreError::Damaged(format!("`{word}` is no kind of account")))
}
