//! What can go wrong with a store. Each variant says what was tried; the texts are for operators and developers.

use crate::sql::{DbError, RowError};
use domain::ids::AccountId;
use std::path::PathBuf;

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The address names no database that is known.
    #[error("`{url}` names no store: `sqlite:PATH`, `sqlite::memory:` or `postgres://…` is wanted")]
    Url {
        /// What was given, without a password.
        url: String,
    },
    /// Another process has the store open.
    #[error(
        "the store {path} is open in another process; a SQLite store serves one process, use PostgreSQL for several"
    )]
    InUse {
        /// The database file.
        path: PathBuf,
    },
    /// The file beside the database could not be made or locked.
    #[error("the store {path} can't be opened: {source}")]
    Open {
        /// The database file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A later release wrote the store.
    #[error("the store has format {found}; this release knows formats up to {known}: use the release that wrote it")]
    Newer {
        /// The format found.
        found: i64,
        /// The newest format known.
        known: i64,
    },
    /// The database refused.
    #[error("while the store was {doing}: {source}")]
    Database {
        /// What was tried, and for whom.
        doing: String,
        /// What the database said.
        #[source]
        source: DbError,
    },
    /// The commit was sent, and whether it landed is not known: read again before doing anything.
    #[error("while the store was {doing}: the outcome is not known ({why}); read again before trying again")]
    Unknown {
        /// What was tried, and for whom.
        doing: String,
        /// What the database said.
        why: String,
    },
    /// The facts of an append don't continue the account's chain.
    #[error("the facts for account {account} can't be appended after version {version}: {why}")]
    BrokenChain {
        /// The account.
        account: AccountId,
        /// The version they should follow.
        version: u64,
        /// What is wrong with them.
        why: &'static str,
    },
    /// Something is larger than its limit.
    #[error("{what}: {count} are given, at most {limit} are taken")]
    TooMany {
        /// What is too many.
        what: &'static str,
        /// How many were given.
        count: usize,
        /// The limit.
        limit: usize,
    },
    /// The file that is exported to could not be written.
    #[error("the export could not be written: {source}")]
    Export {
        /// What the system said.
        source: std::io::Error,
    },
    /// What lies in the store is not what the program wrote.
    #[error("the store is damaged: {0}")]
    Damaged(String),
    /// A fault put there by a simulation.
    #[cfg(feature = "simulation")]
    #[error("a simulated fault: {0}")]
    Fault(&'static str),
}

impl StoreError {
    /// Wraps what a database said while `doing` was tried.
    pub(crate) fn database(doing: impl Into<String>, source: DbError) -> Self {
        let doing = doing.into();
        match source {
            DbError::Unconfirmed(why) => Self::Unknown { doing, why },
            source => Self::Database { doing, source },
        }
    }

    /// True when nothing says whether the write landed.
    #[must_use]
    pub fn is_unknown_outcome(&self) -> bool {
        matches!(self, Self::Unknown { .. })
    }
}

impl From<RowError> for StoreError {
    fn from(error: RowError) -> Self {
        Self::Damaged(error.to_string())
    }
}
