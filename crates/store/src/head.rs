//! The head of an account: where its chain stands, its folded file, and when to look at it again.

use crate::error::StoreError;
use crate::packed::{pack, unpack};
use crate::sql::{Row, Statement, Step, Written};
use crate::store::Store;
use domain::ids::{AccountId, AccountKind, Hash};
use jiff::Timestamp;

/// Where an account stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The account.
    pub account: AccountId,
    /// What it is the file of.
    pub kind: AccountKind,
    /// The version of its last fact.
    pub version: u64,
    /// The hash of its last fact.
    pub hash: Hash,
    /// The instant of its last step.
    pub last_at: Timestamp,
    /// When to look again if nothing happens.
    pub due: Option<Timestamp>,
    /// The folded file, as the folding code wrote it.
    pub file: Vec<u8>,
    /// The version of the folding code that wrote it; another one folds anew.
    pub fold_version: u32,
    /// The policy the account has adopted.
    pub policy: Option<Hash>,
    /// True when a fact is newer than the program: nothing may be appended.
    pub read_only: bool,
}

/// The heads of some accounts; where they come from is the only difference.
macro_rules! heads {
    ($from:literal) => {
        concat!(
            "SELECT a.account, a.kind, a.version, a.hash, a.last_at, a.due, a.file, a.fold_version, a.policy, a.read_only FROM ",
            $from
        )
    };
}
const HEAD: &str = heads!("account a WHERE a.account = $1");
/// `$1` is the accounts as JSON.
const HEADS_SQLITE: &str = heads!("json_each($1) j CROSS JOIN account a ON a.account = unhex(j.value)");
const HEADS_POSTGRES: &str =
    heads!("json_array_elements_text(CAST($1 AS json)) j (value) JOIN account a ON a.account = decode(j.value, 'hex')");
const ACCOUNTS: &str = "SELECT account FROM account WHERE kind = $1 AND account > $2 ORDER BY account LIMIT $3";
const REFOLD: &str = "UPDATE account SET file = $3, fold_version = $4, due = $5 WHERE account = $1 AND version = $2";
const READ_ONLY: &str = "UPDATE account SET read_only = $2 WHERE account = $1";

impl Head {
    fn read(row: &Row) -> Result<Self, StoreError> {
        let kind = row.text(1)?;
        Ok(Self {
            account: row.account(0)?,
            kind: AccountKind::from_word(kind)
                .ok_or_else(|| StoreError::Damaged(format!("`{kind}` is no kind of account")))?,
            version: row.count(2)?,
            hash: row.hash(3)?,
            last_at: row.instant(4)?,
            due: row.maybe_instant(5)?,
            file: unpack(row.blob(6)?)?,
            fold_version: u32::try_from(row.int(7)?)
                .map_err(|_| StoreError::Damaged("a fold version out of range".to_owned()))?,
            policy: row.maybe_hash(8)?,
            read_only: row.int(9)? != 0,
        })
    }
}

impl Store {
    /// The head of an account, or `None` when nothing was ever appended to it.
    pub async fn head(&self, account: AccountId) -> Result<Option<Head>, StoreError> {
        let rows = self.read(|| format!("reading account {account}"), Statement::new(HEAD, [account.into()])).await?;
        rows.first().map(Head::read).transpose()
    }

    /// The heads of those of some accounts that have one, in no order. One that is damaged is left out, and the log says so.
    pub(crate) async fn heads(&self, accounts: &[AccountId]) -> Result<Vec<Head>, StoreError> {
        let accounts: Vec<_> = accounts.iter().map(|account| account.0.simple()).collect();
        let accounts = serde_json::to_string(&accounts).map_err(|error| StoreError::Damaged(error.to_string()))?;
        let sql = if self.is_postgres() { HEADS_POSTGRES } else { HEADS_SQLITE };
        let rows = self.read(|| "reading some accounts".to_owned(), Statement::new(sql, [accounts.into()])).await?;
        let damaged = |error: &StoreError| tracing::warn!(error = %error, "an account can't be read");
        Ok(rows.iter().filter_map(|row| Head::read(row).inspect_err(damaged).ok()).collect())
    }

    /// Up to `limit` accounts of a kind after `after`, in the order of their ids: for sweeps over all of them.
    pub async fn accounts(
        &self,
        kind: AccountKind,
        after: Option<AccountId>,
        limit: u32,
    ) -> Result<Vec<AccountId>, StoreError> {
        let after = after.map_or_else(|| Vec::new().into(), Into::into);
        let statement = Statement::new(ACCOUNTS, [kind.word().into(), after, limit.into()]);
        let rows = self.read(|| format!("listing accounts of kind {}", kind.word()), statement).await?;
        rows.iter().map(|row| Ok(row.account(0)?)).collect()
    }

    /// Replaces the folded file and the due of an account that still is at `version`. False when it no longer is.
    /// The file is disposable: this changes what is remembered, never what happened.
    pub async fn refold(
        &self,
        account: AccountId,
        version: u64,
        file: Vec<u8>,
        fold_version: u32,
        due: Option<Timestamp>,
    ) -> Result<bool, StoreError> {
        let args = [account.into(), version.into(), pack(&file)?.into(), fold_version.into(), due.into()];
        let steps = vec![Step::demand(Statement::new(REFOLD, args))];
        let written = self.write(|| format!("refolding account {account}"), steps).await?;
        Ok(matches!(written, Written::Done(_)))
    }

    /// Marks an account whose facts a later release wrote, or clears the mark. While it stands, every append conflicts.
    pub async fn set_read_only(&self, account: AccountId, read_only: bool) -> Result<(), StoreError> {
        let steps = vec![Step::then(Statement::new(READ_ONLY, [account.into(), read_only.into()]))];
        self.write(|| format!("marking account {account}"), steps).await?;
        Ok(())
    }
}
