//! Opening a store: which database, its lock, its format. What is done with an open store is in the other files.

use crate::config::{StoreConfig, without_password};
use crate::error::StoreError;
use crate::sql::postgres::Postgres;
use crate::sql::sqlite::Sqlite;
use crate::sql::{Database, DbError, Hold, Row, Statement, Step, Written};
use domain::ids::AccountId;
use rusqlite_migration::{M, Migrations};
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[cfg(feature = "simulation")]
use crate::faults::StoreFaults;

/// The formats of a SQLite store, oldest first. A published one is never changed.
const SQLITE_FORMATS: &[&str] = &[
    include_str!("../migrations/sqlite/0001_journal.sql"),
    include_str!("../migrations/sqlite/0002_work.sql"),
    include_str!("../migrations/sqlite/0003_rows.sql"),
    include_str!("../migrations/sqlite/0004_seal.sql"),
    include_str!("../migrations/sqlite/0005_sign_in.sql"),
    include_str!("../migrations/sqlite/0006_order.sql"),
    include_str!("../migrations/sqlite/0007_hashes.sql"),
];

static POSTGRES_FORMATS: sqlx::migrate::Migrator = sqlx::migrate!("./migrations/postgres");

/// An open store. Clones share it; the last one to go closes it.
#[derive(Debug, Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug, Clone)]
struct Inner {
    database: Database,
    config: StoreConfig,
    #[cfg(feature = "simulation")]
    faults: Option<Arc<dyn StoreFaults>>,
}

impl Store {
    /// Opens the store, makes it if it is not there, and brings an older format up to date. A newer format, and a
    /// SQLite file that another process has open, are refused.
    pub async fn open(config: &StoreConfig) -> Result<Self, StoreError> {
        let database = if config.url == "sqlite::memory:" {
            Database::Sqlite(Sqlite::open_memory(migrate).map_err(opening)?)
        } else if let Some(path) = config.url.strip_prefix("sqlite:") {
            open_file(PathBuf::from(path), config.inline).await?
        } else if config.url.starts_with("postgres://") || config.url.starts_with("postgresql://") {
            open_server(&config.url).await?
        } else {
            return Err(StoreError::Url { url: without_password(&config.url) });
        };
        let inner = Inner {
            database,
            config: config.clone(),
            #[cfg(feature = "simulation")]
            faults: None,
        };
        let store = Self { inner: Arc::new(inner) };
        if config.url.starts_with("sqlite:") {
            store.end_leases_of_the_dead().await?;
        }
        Ok(store)
    }

    /// The same store, whose appends meet the faults that `faults` draws.
    #[cfg(feature = "simulation")]
    #[must_use]
    pub fn with_faults(&self, faults: Arc<dyn StoreFaults>) -> Self {
        let mut inner = Inner::clone(&self.inner);
        inner.faults = Some(faults);
        Self { inner: Arc::new(inner) }
    }

    #[cfg(feature = "simulation")]
    pub(crate) fn faults(&self) -> Option<&dyn StoreFaults> {
        self.inner.faults.as_deref()
    }

    pub(crate) fn config(&self) -> &StoreConfig {
        &self.inner.config
    }

    pub(crate) fn is_postgres(&self) -> bool {
        self.inner.database.is_postgres()
    }

    /// Runs a reading statement; `doing` names it should it fail.
    pub(crate) async fn read(
        &self,
        doing: impl FnOnce() -> String,
        statement: Statement,
    ) -> Result<Vec<Row>, StoreError> {
        self.pause("before read").await;
        self.inner.database.read(statement).await.map_err(|error| StoreError::database(doing(), error))
    }

    /// Reads pages that a write will change. Nothing rests on it: a failure shows when the write meets it.
    pub(crate) async fn warm(&self, account: AccountId, is_small: bool, touches: impl FnOnce() -> Vec<Statement>) {
        if let Err(error) = self.inner.database.warm(account, is_small, touches).await {
            tracing::debug!(error = %error, "pages could not be read ahead of a write");
        }
    }

    /// Runs the steps in one transaction; `doing` names it should it fail.
    pub(crate) async fn write(&self, doing: impl FnOnce() -> String, steps: Vec<Step>) -> Result<Written, StoreError> {
        self.write_holding(doing, Hold::Nothing, steps).await
    }

    /// As [`Store::write`], and keeps others from something meanwhile.
    pub(crate) async fn write_holding(
        &self,
        doing: impl FnOnce() -> String,
        hold: Hold,
        steps: Vec<Step>,
    ) -> Result<Written, StoreError> {
        self.pause("before write").await;
        let written = self.inner.database.write(hold, steps).await;
        self.pause("after write").await;
        written.map_err(|error| StoreError::database(doing(), error))
    }

    #[cfg(feature = "simulation")]
    async fn pause(&self, point: &'static str) {
        if let Some(faults) = self.faults() {
            faults.pause(point).await;
        }
    }

    #[cfg(not(feature = "simulation"))]
    #[expect(clippy::unused_async, reason = "only a simulation waits here")]
    async fn pause(&self, _: &'static str) {}
}

pub(crate) fn opening(error: DbError) -> StoreError {
    match error {
        DbError::Newer { found, known } => StoreError::Newer { found, known },
        error => StoreError::database("opened", error),
    }
}

async fn open_file(path: PathBuf, inline: bool) -> Result<Database, StoreError> {
    if inline {
        let held = hold(&path)?;
        return Sqlite::open_inline(&path, held, migrate).map(Database::Sqlite).map_err(opening);
    }
    let opened = tokio::task::spawn_blocking(move || {
        let held = hold(&path)?;
        Sqlite::open_file(&path, held, migrate).map_err(opening)
    });
    let opened = opened.await.map_err(|error| StoreError::Damaged(format!("opening did not finish: {error}")))?;
    opened.map(Database::Sqlite)
}

/// Takes the lock file beside the database. The system lets go of it when the process ends, however it ends.
pub(crate) fn hold(path: &Path) -> Result<std::fs::File, StoreError> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".lock");
    let failed = |source| StoreError::Open { path: path.to_owned(), source };
    let file = std::fs::File::options().create(true).truncate(false).write(true).open(&beside).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(StoreError::InUse { path: path.to_owned() }),
        Err(std::fs::TryLockError::Error(source)) => Err(failed(source)),
    }
}

fn migrate(connection: &mut rusqlite::Connection) -> Result<(), DbError> {
    migrate_to(connection, SQLITE_FORMATS)
}

/// Brings a SQLite database to the last of these formats; a newer one is refused.
pub(crate) fn migrate_to(connection: &mut rusqlite::Connection, formats: &[&str]) -> Result<(), DbError> {
    let found: i64 = connection.query_row("PRAGMA user_version", (), |row| row.get(0))?;
    let known = i64::try_from(formats.len()).unwrap_or(i64::MAX);
    if found > known {
        return Err(DbError::Newer { found, known });
    }
    let steps = formats.iter().map(|sql| M::up(sql)).collect();
    Migrations::new(steps).to_latest(connection).map_err(|error| DbError::NotDone(error.to_string()))
}

async fn open_server(url: &str) -> Result<Database, StoreError> {
    let postgres = Postgres::connect(url).await.map_err(opening)?;
    migrate_server(&postgres, &POSTGRES_FORMATS).await?;
    Ok(Database::Postgres(postgres))
}

/// Brings a PostgreSQL database to the last of these formats; a newer one is refused.
pub(crate) async fn migrate_server(postgres: &Postgres, formats: &sqlx::migrate::Migrator) -> Result<(), StoreError> {
    let known = formats.iter().map(|format| format.version).max().unwrap_or(0);
    formats.run(postgres.pool()).await.map_err(|error| match error {
        sqlx::migrate::MigrateError::VersionMissing(found) if found > known => StoreError::Newer { found, known },
        error => opening(DbError::NotDone(error.to_string())),
    })
}
