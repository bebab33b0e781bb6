//! SQLite: opening, pragmas, and how a statement is run. The writer thread is in `sqlite_writer`, the readers are in
//! `sqlite_readers`.
//! A store in memory has one connection for everything, used in place, so that a simulation stays deterministic.

use super::lately::Lately;
use super::sqlite_readers::Readers;
use super::sqlite_writer::Writer;
use super::{DbError, Row, Statement, Step, Value, Written};
use domain::ids::AccountId;
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// Prepared statements that a connection keeps.
const MAX_STATEMENTS: usize = 128;
/// How long a connection waits for a lock that another holds, in milliseconds.
const BUSY_TIMEOUT_MS: u64 = 5_000;
/// Pages in the log of a store that is used in place, after which they are moved into the file.
const IN_PLACE_CHECKPOINT_PAGES: i64 = 1_000;
/// Page cache of the writer, in kibibytes: a share of the store it writes, since what it does not hold it reads again at
/// every change, but never less than holds the upper pages of every index, nor more than this.
const WRITER_CACHE_SHARE: u64 = 16;
const MIN_WRITER_CACHE_KIB: u64 = 16 * 1024;
const MAX_WRITER_CACHE_KIB: u64 = 256 * 1024;
/// Page cache of each reader, in kibibytes: enough for the upper pages of every index, which one snapshot shares.
const READER_CACHE_KIB: i64 = -1_024;

/// A SQLite database, in a file or in memory.
#[derive(Clone)]
pub(crate) struct Sqlite {
    inner: Arc<Inner>,
}

enum Inner {
    /// One connection, used in place. Its lock file, if it has a file, is let go of with it.
    InPlace { connection: Mutex<Connection>, _held: Option<std::fs::File> },
    /// The readers end before the writer, which then moves the whole log into the file.
    File { readers: Readers, writer: Writer, lately: Lately },
}

impl std::fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &*self.inner {
            Inner::InPlace { .. } => f.write_str("Sqlite(in place)"),
            Inner::File { readers, .. } => write!(f, "Sqlite({})", readers.path().display()),
        }
    }
}

impl Sqlite {
    /// Opens a database in memory and prepares it.
    pub(crate) fn open_memory(prepare: impl FnOnce(&mut Connection) -> Result<(), DbError>) -> Result<Self, DbError> {
        let mut connection = Connection::open_in_memory()?;
        connection.set_prepared_statement_cache_capacity(MAX_STATEMENTS);
        prepare(&mut connection)?;
        Ok(Self { inner: Arc::new(Inner::InPlace { connection: Mutex::new(connection), _held: None }) })
    }

    /// Opens or creates the file for use in place, and prepares it.
    pub(crate) fn open_inline(
        path: &Path,
        held: std::fs::File,
        prepare: impl FnOnce(&mut Connection) -> Result<(), DbError>,
    ) -> Result<Self, DbError> {
        let mut connection = open_writer(path)?;
        connection.pragma_update(None, "wal_autocheckpoint", IN_PLACE_CHECKPOINT_PAGES)?;
        prepare(&mut connection)?;
        Ok(Self { inner: Arc::new(Inner::InPlace { connection: Mutex::new(connection), _held: Some(held) }) })
    }

    /// Opens or creates the file and prepares it. `held` lives as long as the writer does.
    pub(crate) fn open_file(
        path: &Path,
        held: std::fs::File,
        prepare: impl FnOnce(&mut Connection) -> Result<(), DbError>,
    ) -> Result<Self, DbError> {
        let mut connection = open_writer(path)?;
        prepare(&mut connection)?;
        // The writer confirms its commits itself, a thread beside it, so that SQLite need not wait in each of them.
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        let writer = Writer::start(path, connection, open_writer(path)?, held)?;
        Ok(Self { inner: Arc::new(Inner::File { readers: Readers::start(path)?, writer, lately: Lately::new() }) })
    }

    pub(crate) async fn read(&self, statement: Statement) -> Result<Vec<Row>, DbError> {
        self.asked(move |connection| run(connection, &statement).map(|(rows, _)| rows)).await
    }

    /// Runs reading statements one after the other, as one question.
    pub(crate) async fn read_all(&self, statements: Vec<Statement>) -> Result<Vec<Vec<Row>>, DbError> {
        let read = move |connection: &Connection| {
            statements.iter().map(|statement| run(connection, statement).map(|(rows, _)| rows)).collect()
        };
        self.asked(read).await
    }

    async fn asked<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, DbError> + Send + 'static,
    ) -> Result<T, DbError> {
        match &*self.inner {
            Inner::InPlace { connection, .. } => read(&connection.lock().unwrap_or_else(PoisonError::into_inner)),
            Inner::File { writer, .. } if writer.is_lost() => Err(DbError::Stopped),
            Inner::File { readers, .. } => readers.ask(read).await,
        }
    }

    /// Runs reading statements for the pages they touch. A database that is used in place has none to fetch ahead.
    pub(crate) async fn warm(
        &self,
        account: AccountId,
        is_small: bool,
        touches: impl FnOnce() -> Vec<Statement>,
    ) -> Result<(), DbError> {
        let Inner::File { readers, lately, .. } = &*self.inner else { return Ok(()) };
        if lately.was_written(account) && is_small {
            return Ok(());
        }
        let touches = touches();
        readers.ask(move |connection| touches.iter().try_for_each(|touch| run(connection, touch).map(drop))).await
    }

    pub(crate) async fn write(&self, steps: Vec<Step>) -> Result<Written, DbError> {
        match &*self.inner {
            Inner::InPlace { connection, .. } => {
                let connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
                execute(&connection, "BEGIN IMMEDIATE")?;
                let written = run_steps(&connection, &steps);
                let end = if matches!(written, Ok(Written::Done(_))) { "COMMIT" } else { "ROLLBACK" };
                execute(&connection, end)?;
                written
            }
            Inner::File { writer, .. } => writer.write(steps).await,
        }
    }
}

fn open_writer(path: &Path) -> Result<Connection, DbError> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(std::time::Duration::from_millis(BUSY_TIMEOUT_MS))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    fit_cache(&connection, path)?;
    // Checkpoints are made beside the writer, never inside a commit that somebody waits for.
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    connection.set_prepared_statement_cache_capacity(MAX_STATEMENTS);
    Ok(connection)
}

/// Gives a writer the cache that a store of this size asks for.
pub(super) fn fit_cache(connection: &Connection, path: &Path) -> Result<(), DbError> {
    Ok(connection.pragma_update(None, "cache_size", -writer_cache_kib(path))?)
}

fn writer_cache_kib(path: &Path) -> i64 {
    let kib = std::fs::metadata(path).map_or(0, |file| file.len()) / 1024;
    let cache = (kib / WRITER_CACHE_SHARE).clamp(MIN_WRITER_CACHE_KIB, MAX_WRITER_CACHE_KIB);
    i64::try_from(cache).unwrap_or(i64::MAX)
}

pub(super) fn open_reader(path: &Path) -> Result<Connection, DbError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(std::time::Duration::from_millis(BUSY_TIMEOUT_MS))?;
    connection.pragma_update(None, "cache_size", READER_CACHE_KIB)?;
    connection.set_prepared_statement_cache_capacity(MAX_STATEMENTS);
    Ok(connection)
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(value) => ValueRef::Integer(*value),
            Self::Text(value) => ValueRef::Text(value.as_bytes()),
            Self::Blob(value) => ValueRef::Blob(value),
        }))
    }
}

/// Runs a constant statement without arguments, from the cache of prepared ones.
pub(super) fn execute(connection: &Connection, sql: &str) -> Result<(), DbError> {
    connection.prepare_cached(sql)?.execute(())?;
    Ok(())
}

/// Runs a statement: its rows, and how many rows it touched or found.
/// SQLite reads `$1` as a name and numbers names by first use; binding by name keeps one text for both databases.
fn run(connection: &Connection, statement: &Statement) -> Result<(Vec<Row>, usize), DbError> {
    let mut prepared = connection.prepare_cached(statement.sql)?;
    for index in 1..=prepared.parameter_count() {
        let wanted =
            prepared.parameter_name(index).and_then(|name| name.strip_prefix('$')).and_then(|n| n.parse().ok());
        let number: usize = wanted.unwrap_or(index);
        let value =
            statement.args.get(number.wrapping_sub(1)).ok_or(rusqlite::Error::InvalidParameterCount(number, index))?;
        prepared.raw_bind_parameter(index, value)?;
    }
    let columns = prepared.column_count();
    if columns == 0 {
        let touched = prepared.raw_execute()?;
        return Ok((Vec::new(), touched));
    }
    let mut found = prepared.raw_query();
    let mut rows = Vec::new();
    while let Some(row) = found.next()? {
        let values = (0..columns)
            .map(|column| row.get_ref(column).map_err(DbError::from).and_then(|cell| value_of(cell, column)));
        rows.push(Row(values.collect::<Result<_, _>>()?));
    }
    let count = rows.len();
    Ok((rows, count))
}

fn value_of(cell: ValueRef<'_>, column: usize) -> Result<Value, DbError> {
    Ok(match cell {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(value) => Value::Int(value),
        ValueRef::Real(_) => return Err(super::RowError { column, wanted: "no float", found: "a float" }.into()),
        ValueRef::Text(bytes) => Value::Text(String::from_utf8_lossy(bytes).into_owned()),
        ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
    })
}

/// Runs the steps of one write inside whatever transaction is open.
pub(super) fn run_steps(connection: &Connection, steps: &[Step]) -> Result<Written, DbError> {
    let mut answers = Vec::with_capacity(steps.len());
    for (number, step) in steps.iter().enumerate() {
        let (rows, touched) = run(connection, &step.statement)?;
        if u64::try_from(touched).unwrap_or(u64::MAX) < step.demanded {
            return Ok(Written::Refused(number));
        }
        answers.push(rows);
    }
    Ok(Written::Done(answers))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `.cargo/config.toml` says so, and why.
    #[test]
    fn sqlite_is_built_without_a_page_cache_that_all_connections_share() -> Result<(), DbError> {
        let connection = Connection::open_in_memory()?;
        let mut options = connection.prepare("PRAGMA compile_options")?;
        let options: Vec<String> = options.query_map((), |row| row.get(0))?.collect::<Result<_, _>>()?;
        assert!(!options.iter().any(|option| option == "ENABLE_MEMORY_MANAGEMENT"), "{options:?}");
        assert!(options.iter().any(|option| option == "DEFAULT_MEMSTATUS=0"), "{options:?}");
        Ok(())
    }

    #[test]
    fn the_writers_cache_grows_with_the_store_within_its_bounds() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("a.db");
        assert_eq!(writer_cache_kib(&path), 16 * 1024, "there is no store yet");
        let file = std::fs::File::create(&path)?;
        for (bytes, mib) in [(1 << 20, 16), (1 << 30, 64), (1 << 40, 256)] {
            file.set_len(bytes)?;
            assert_eq!(writer_cache_kib(&path), mib * 1024, "{bytes} bytes");
        }
        Ok(())
    }

    #[tokio::test]
    async fn what_the_disk_did_not_confirm_is_not_read_back_as_if_it_had() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let held = std::fs::File::create(folder.path().join("lock"))?;
        let database = Sqlite::open_file(&folder.path().join("a.db"), held, |connection| {
            execute(connection, "CREATE TABLE told (word TEXT NOT NULL)")
        })?;
        let tell = || Step::then(Statement::new("INSERT INTO told (word) VALUES ('a')", []));
        assert!(matches!(database.write(vec![tell()]).await?, Written::Done(_)));
        let read = || database.read(Statement::new("SELECT word FROM told", []));
        assert_eq!(read().await?.len(), 1);
        let Inner::File { writer, .. } = &*database.inner else { return Err("it is no file".into()) };
        writer.lose();
        assert!(matches!(read().await, Err(DbError::Stopped)));
        assert!(matches!(database.write(vec![tell()]).await, Err(DbError::Stopped)));
        Ok(())
    }
}
