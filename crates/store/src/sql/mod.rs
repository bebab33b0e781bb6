//! The one thin layer over both databases: values, statements, rows, and a write as a list of steps.
//! What the statements mean is not here; what differs between the databases sits in `sqlite` and `postgres`.

mod lately;
pub(crate) mod postgres;
pub(crate) mod sqlite;
mod sqlite_readers;
mod sqlite_writer;

use domain::ids::{AccountId, Hash};
use jiff::Timestamp;
use std::thread::JoinHandle;

/// A value as both databases hold it: BIGINT, TEXT, BYTEA/BLOB or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// No value.
    Null,
    /// A whole number; times are microseconds since 1970 UTC.
    Int(i64),
    /// Text.
    Text(String),
    /// Bytes; accounts are 16, hashes are 32.
    Blob(Vec<u8>),
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}
impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::Int(i64::from(value))
    }
}
impl From<u64> for Value {
    /// Numbers beyond `i64::MAX` can't be reached by counting and stay at that bound.
    fn from(value: u64) -> Self {
        Self::Int(i64::try_from(value).unwrap_or(i64::MAX))
    }
}
impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Int(i64::from(value))
    }
}
impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}
impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}
impl From<Vec<u8>> for Value {
    fn from(value: Vec<u8>) -> Self {
        Self::Blob(value)
    }
}
impl From<&[u8]> for Value {
    fn from(value: &[u8]) -> Self {
        Self::Blob(value.to_vec())
    }
}
impl From<AccountId> for Value {
    fn from(value: AccountId) -> Self {
        Self::Blob(value.0.as_bytes().to_vec())
    }
}
impl From<Hash> for Value {
    fn from(value: Hash) -> Self {
        Self::Blob(value.0.to_vec())
    }
}
impl From<Timestamp> for Value {
    fn from(value: Timestamp) -> Self {
        Self::Int(value.as_microsecond())
    }
}
impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// One SQL statement that both databases speak, with its arguments `$1`, `$2` ... in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The text; a constant, so that no value is ever pasted into it.
    pub sql: &'static str,
    /// The arguments.
    pub args: Vec<Value>,
}

impl Statement {
    /// A statement with its arguments.
    #[must_use]
    pub fn new(sql: &'static str, args: impl Into<Vec<Value>>) -> Self {
        Self { sql, args: args.into() }
    }
}

/// A row read from a database has another shape than the program expects.
#[derive(Debug, thiserror::Error)]
#[error("column {column} holds {found}, where {wanted} is expected")]
pub struct RowError {
    column: usize,
    wanted: &'static str,
    found: &'static str,
}

/// One row, read by position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row(pub(crate) Vec<Value>);

impl Row {
    fn wrong(&self, column: usize, wanted: &'static str) -> RowError {
        let found = match self.0.get(column) {
            None => "no column",
            Some(Value::Null) => "nothing",
            Some(Value::Int(_)) => "a number out of range",
            Some(Value::Text(_)) => "a text",
            Some(Value::Blob(_)) => "bytes of another length",
        };
        RowError { column, wanted, found }
    }

    /// The number in a column, or `None` where there is nothing.
    pub fn maybe_int(&self, column: usize) -> Result<Option<i64>, RowError> {
        match self.0.get(column) {
            Some(Value::Null) => Ok(None),
            Some(Value::Int(value)) => Ok(Some(*value)),
            _ => Err(self.wrong(column, "a number")),
        }
    }

    /// The number in a column.
    pub fn int(&self, column: usize) -> Result<i64, RowError> {
        self.maybe_int(column)?.ok_or_else(|| self.wrong(column, "a number"))
    }

    /// The count in a column: a number that is not negative.
    pub fn count(&self, column: usize) -> Result<u64, RowError> {
        u64::try_from(self.int(column)?).map_err(|_| self.wrong(column, "a count"))
    }

    /// The text in a column, or `None`.
    pub fn maybe_text(&self, column: usize) -> Result<Option<&str>, RowError> {
        match self.0.get(column) {
            Some(Value::Null) => Ok(None),
            Some(Value::Text(value)) => Ok(Some(value)),
            _ => Err(self.wrong(column, "a text")),
        }
    }

    /// The text in a column.
    pub fn text(&self, column: usize) -> Result<&str, RowError> {
        self.maybe_text(column)?.ok_or_else(|| self.wrong(column, "a text"))
    }

    /// The bytes in a column, or `None`.
    pub fn maybe_blob(&self, column: usize) -> Result<Option<&[u8]>, RowError> {
        match self.0.get(column) {
            Some(Value::Null) => Ok(None),
            Some(Value::Blob(value)) => Ok(Some(value)),
            _ => Err(self.wrong(column, "bytes")),
        }
    }

    /// The bytes in a column.
    pub fn blob(&self, column: usize) -> Result<&[u8], RowError> {
        self.maybe_blob(column)?.ok_or_else(|| self.wrong(column, "bytes"))
    }

    /// The account in a column.
    pub fn account(&self, column: usize) -> Result<AccountId, RowError> {
        <[u8; 16]>::try_from(self.blob(column)?)
            .map(|bytes| AccountId(uuid::Uuid::from_bytes(bytes)))
            .map_err(|_| self.wrong(column, "an account"))
    }

    /// The hash in a column, or `None`.
    pub fn maybe_hash(&self, column: usize) -> Result<Option<Hash>, RowError> {
        self.maybe_blob(column)?
            .map(|bytes| <[u8; 32]>::try_from(bytes).map(Hash).map_err(|_| self.wrong(column, "a hash")))
            .transpose()
    }

    /// The hash in a column.
    pub fn hash(&self, column: usize) -> Result<Hash, RowError> {
        self.maybe_hash(column)?.ok_or_else(|| self.wrong(column, "a hash"))
    }

    /// The instant in a column, or `None`.
    pub fn maybe_instant(&self, column: usize) -> Result<Option<Timestamp>, RowError> {
        self.maybe_int(column)?
            .map(|micros| Timestamp::from_microsecond(micros).map_err(|_| self.wrong(column, "an instant")))
            .transpose()
    }

    /// The instant in a column.
    pub fn instant(&self, column: usize) -> Result<Timestamp, RowError> {
        self.maybe_instant(column)?.ok_or_else(|| self.wrong(column, "an instant"))
    }
}

/// One statement of a write. One that demands rows must touch as many; if it does not, the whole write is undone.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) statement: Statement,
    pub(crate) demanded: u64,
}

impl Step {
    /// A statement that may touch nothing.
    pub(crate) fn then(statement: Statement) -> Self {
        Self { statement, demanded: 0 }
    }

    /// A statement that must touch or find at least one row.
    pub(crate) fn demand(statement: Statement) -> Self {
        Self { statement, demanded: 1 }
    }

    /// A statement that must touch at least this many rows.
    pub(crate) fn demand_rows(statement: Statement, demanded: u64) -> Self {
        Self { statement, demanded }
    }
}

/// What a write keeps others from while it runs. SQLite has one writer and needs none of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hold {
    /// Nothing beyond the rows it touches.
    Nothing,
    /// The policy epoch stays what it is; appends hold this together.
    PolicyShared,
    /// Nobody else appends: the policy epoch changes.
    PolicyAlone,
    /// Nobody else claims effects, so that one object is never claimed twice.
    Claims,
}

/// How a write ended, if the database did its part.
#[derive(Debug)]
pub(crate) enum Written {
    /// Committed, with the rows of every step (empty for those that return none).
    Done(Vec<Vec<Row>>),
    /// Undone, because the demanded step with this number touched nothing.
    Refused(usize),
}

/// What went wrong in a database.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// SQLite said so.
    #[error("SQLite: {0}")]
    Sqlite(#[source] rusqlite::Error),
    /// PostgreSQL or the way to it said so.
    #[error("PostgreSQL: {0}")]
    Postgres(#[source] sqlx::Error),
    /// Nothing was written.
    #[error("nothing was written: {0}")]
    NotDone(String),
    /// The commit was sent and its result is not known.
    #[error("the commit was not confirmed: {0}")]
    Unconfirmed(String),
    /// The store has been closed, or stopped after a commit that was not confirmed.
    #[error("the store no longer takes writes")]
    Stopped,
    /// A later release wrote the database.
    #[error("format {found} is newer than {known}")]
    Newer {
        /// The format found.
        found: i64,
        /// The newest format known.
        known: i64,
    },
    /// A row has an unexpected shape.
    #[error(transparent)]
    Row(#[from] RowError),
}

impl From<rusqlite::Error> for DbError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}
impl From<sqlx::Error> for DbError {
    fn from(error: sqlx::Error) -> Self {
        Self::Postgres(error)
    }
}

/// Either database.
#[derive(Debug, Clone)]
pub(crate) enum Database {
    Sqlite(sqlite::Sqlite),
    Postgres(postgres::Postgres),
}

impl Database {
    /// Runs one reading statement. Every statement bounds its own result.
    pub(crate) async fn read(&self, statement: Statement) -> Result<Vec<Row>, DbError> {
        match self {
            Self::Sqlite(database) => database.read(statement).await,
            Self::Postgres(database) => database.read(statement).await,
        }
    }

    /// Runs reading statements, together where that is one question.
    pub(crate) async fn read_all(&self, statements: Vec<Statement>) -> Result<Vec<Vec<Row>>, DbError> {
        match self {
            Self::Sqlite(database) => database.read_all(statements).await,
            Self::Postgres(database) => {
                let mut found = Vec::with_capacity(statements.len());
                for statement in statements {
                    found.push(database.read(statement).await?);
                }
                Ok(found)
            }
        }
    }

    /// Reads the pages that a write of an account will change, where only one may write; not before a small one of an
    /// account that was written lately. A server reads for each of its clients anyway.
    pub(crate) async fn warm(
        &self,
        account: AccountId,
        is_small: bool,
        touches: impl FnOnce() -> Vec<Statement>,
    ) -> Result<(), DbError> {
        match self {
            Self::Sqlite(database) => database.warm(account, is_small, touches).await,
            Self::Postgres(_) => Ok(()),
        }
    }

    /// Runs the steps in one transaction: all of them land, or none.
    pub(crate) async fn write(&self, hold: Hold, steps: Vec<Step>) -> Result<Written, DbError> {
        match self {
            Self::Sqlite(database) => database.write(steps).await,
            Self::Postgres(database) => database.write(hold, &steps).await,
        }
    }

    /// True for PostgreSQL, where a few statements are worded otherwise.
    pub(crate) fn is_postgres(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }
}

/// Starts a thread of the store.
fn thread(name: &str, does: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, DbError> {
    let started = std::thread::Builder::new().name(name.to_owned()).spawn(does);
    started.map_err(|error| DbError::NotDone(format!("no thread could be started: {error}")))
}
