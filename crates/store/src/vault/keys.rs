//! The store of the keys: a SQLite file beside the journal's, tables in a schema of their own on PostgreSQL, or memory.
//! It holds wrapped keys only and knows no master key.

use super::error::VaultError;
use super::master::KeyName;
use crate::error::StoreError;
use crate::sql::postgres::Postgres;
use crate::sql::sqlite::Sqlite;
use crate::sql::{Database, DbError, Hold, Row, Statement, Step, Written};
use crate::store;
use domain::ids::AccountId;
use std::path::{Path, PathBuf};

/// The formats of a SQLite key store, oldest first. A published one is never changed.
const SQLITE_FORMATS: &[&str] = &[include_str!("../../migrations/keys_sqlite/0001_keys.sql")];
static POSTGRES_FORMATS: sqlx::migrate::Migrator = sqlx::migrate!("./migrations/keys_postgres");

const SCHEMA: &str = "CREATE SCHEMA IF NOT EXISTS borgen_keys";
const LOAD: &str = "SELECT version, master, wrapped FROM vault_key WHERE account = $1 AND class = $2 AND version = $3";
const CURRENT: &str = "SELECT version, master, wrapped FROM vault_key WHERE account = $1 AND class = $2 \
     ORDER BY version DESC LIMIT 1";
/// A process that still works with a master key that was exchanged adds no key.
const ADD: &str = "INSERT INTO vault_key (account, class, version, master, wrapped) \
     SELECT CAST($1 AS BYTEA), CAST($2 AS TEXT), CAST($3 AS BIGINT), CAST($4 AS TEXT), CAST($5 AS BYTEA) \
     FROM vault_state WHERE master = $4 ON CONFLICT (account, class, version) DO NOTHING";
const ADD_SQLITE: &str = "INSERT INTO vault_key (account, class, version, master, wrapped) \
     SELECT $1, $2, $3, $4, $5 FROM vault_state WHERE master = $4 ON CONFLICT (account, class, version) DO NOTHING";
const ERASE: &str = "UPDATE vault_key SET master = '', wrapped = $3 WHERE account = $1 AND class = $2 AND master <> '' \
     RETURNING version";
const COUNT_ERASURE: &str = "UPDATE vault_state SET erasures = erasures + 1 WHERE only_one = 1";
const STATE: &str = "SELECT master, erasures FROM vault_state WHERE only_one = 1";
const FIRST_MASTER: &str = "UPDATE vault_state SET master = $1 WHERE only_one = 1 AND master = ''";
const NEXT_MASTER: &str = "UPDATE vault_state SET master = $2 WHERE only_one = 1 AND master = $1";
const FORMER_ADD: &str = "INSERT INTO vault_former (id, under, wrapped) VALUES ($1, $2, $3)";
const FORMER: &str = "SELECT id, wrapped FROM vault_former WHERE under = $1 LIMIT 1";
const FORMER_DONE: &str = "DELETE FROM vault_former WHERE id = $1";
const UNDER: &str = "SELECT account, class, version, wrapped FROM vault_key WHERE master = $1 \
     ORDER BY account, class, version LIMIT $2";
const REWRAP: &str = "UPDATE vault_key SET master = $5, wrapped = $6 \
     WHERE account = $1 AND class = $2 AND version = $3 AND master = $4";
const VACUUM: &str = "VACUUM vault_key";

/// Where the keys are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeysAt {
    /// In memory, for tests and simulations: what is sealed can't be opened by the next process.
    Memory,
    /// In a SQLite file of their own, `keys.db` beside the store.
    Sqlite(PathBuf),
    /// In the schema `borgen_keys` of a PostgreSQL database: the store's, or better one of their own.
    Postgres(String),
}

/// A key as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kept {
    pub(super) version: u32,
    /// Which master key wraps it; nothing once it is erased.
    pub(super) master: String,
    pub(super) wrapped: Vec<u8>,
}

impl Kept {
    fn read(row: &Row) -> Result<Self, VaultError> {
        Ok(Self { version: version(row, 0)?, master: row.text(1)?.to_owned(), wrapped: row.blob(2)?.to_vec() })
    }

    pub(super) fn is_erased(&self) -> bool {
        self.master.is_empty()
    }
}

/// A key on its way to another master key.
pub(super) struct Moving {
    pub(super) account: AccountId,
    pub(super) class: String,
    pub(super) version: u32,
    pub(super) wrapped: Vec<u8>,
}

fn version(row: &Row, column: usize) -> Result<u32, VaultError> {
    let wrong = |_| StoreError::Damaged("a key has a number out of range".to_owned());
    Ok(u32::try_from(row.int(column)?).map_err(wrong)?)
}

/// The store of the keys.
#[derive(Debug)]
pub(super) struct Keys {
    database: Database,
    file: Option<PathBuf>,
}

impl Keys {
    pub(super) async fn open(at: &KeysAt) -> Result<Self, VaultError> {
        Ok(match at {
            KeysAt::Memory => {
                let database = Sqlite::open_memory(migrate).map_err(store::opening)?;
                Self { database: Database::Sqlite(database), file: None }
            }
            KeysAt::Sqlite(path) => {
                let file = path.clone();
                let opened = tokio::task::spawn_blocking(move || open_file(&file)).await;
                let database =
                    opened.map_err(|error| StoreError::Damaged(format!("opening did not finish: {error}")))??;
                Self { database: Database::Sqlite(database), file: Some(path.clone()) }
            }
            KeysAt::Postgres(url) => Self { database: Database::Postgres(open_server(url).await?), file: None },
        })
    }

    async fn read(&self, doing: &str, statement: Statement) -> Result<Vec<Row>, VaultError> {
        Ok(self.database.read(statement).await.map_err(|error| StoreError::database(doing, error))?)
    }

    async fn write(&self, doing: &str, steps: Vec<Step>) -> Result<Written, VaultError> {
        Ok(self.database.write(Hold::Nothing, steps).await.map_err(|error| StoreError::database(doing, error))?)
    }

    /// The key with this name.
    pub(super) async fn load(&self, name: &KeyName<'_>) -> Result<Option<Kept>, VaultError> {
        let args = [name.account.into(), name.class.into(), name.version.into()];
        let rows = self.read("reading a key", Statement::new(LOAD, args)).await?;
        rows.first().map(Kept::read).transpose()
    }

    /// The keys with these names, in their order.
    pub(super) async fn load_all(&self, names: &[KeyName<'_>]) -> Result<Vec<Option<Kept>>, VaultError> {
        let load =
            |name: &KeyName<'_>| Statement::new(LOAD, [name.account.into(), name.class.into(), name.version.into()]);
        let found = self.database.read_all(names.iter().map(load).collect()).await;
        let found = found.map_err(|error| StoreError::database("reading keys", error))?;
        found.iter().map(|rows| rows.first().map(Kept::read).transpose()).collect()
    }

    /// The newest key of an account and class.
    pub(super) async fn current(&self, account: AccountId, class: &str) -> Result<Option<Kept>, VaultError> {
        let rows = self.read("reading a key", Statement::new(CURRENT, [account.into(), class.into()])).await?;
        rows.first().map(Kept::read).transpose()
    }

    /// Adds a key, unless one of that name is there or the master key is no longer the one in force.
    pub(super) async fn add(&self, name: &KeyName<'_>, master: &str, wrapped: Vec<u8>) -> Result<(), VaultError> {
        let args = [name.account.into(), name.class.into(), name.version.into(), master.into(), wrapped.into()];
        let sql = if self.database.is_postgres() { ADD } else { ADD_SQLITE };
        self.write("keeping a key", vec![Step::then(Statement::new(sql, args))]).await.map(drop)
    }

    /// Erases every key of an account and class, and says how many there were.
    pub(super) async fn erase(&self, account: AccountId, class: &str) -> Result<usize, VaultError> {
        let args = [account.into(), class.into(), Vec::new().into()];
        let steps = vec![Step::then(Statement::new(ERASE, args)), Step::then(Statement::new(COUNT_ERASURE, []))];
        match self.write("erasing keys", steps).await? {
            Written::Done(answers) => Ok(answers.first().map_or(0, Vec::len)),
            Written::Refused(_) => Ok(0),
        }
    }

    /// Which master key is in force (nothing in a new store), and how often keys were erased.
    pub(super) async fn state(&self) -> Result<(String, u64), VaultError> {
        let rows = self.read("reading the state of the vault", Statement::new(STATE, [])).await?;
        let row = rows.first().ok_or_else(|| StoreError::Damaged("the vault has no state".to_owned()))?;
        Ok((row.text(0)?.to_owned(), row.count(1)?))
    }

    /// Puts the first master key in force. Another process may have been faster: read the state again.
    pub(super) async fn first_master(&self, id: &str) -> Result<(), VaultError> {
        let step = Step::then(Statement::new(FIRST_MASTER, [id.into()]));
        self.write("naming the master key", vec![step]).await.map(drop)
    }

    /// Puts the next master key in force and keeps the former one, wrapped by it. False when the former is not in force.
    pub(super) async fn next_master(&self, former: &str, next: &str, wrapped: Vec<u8>) -> Result<bool, VaultError> {
        let steps = vec![
            Step::demand(Statement::new(NEXT_MASTER, [former.into(), next.into()])),
            Step::then(Statement::new(FORMER_ADD, [former.into(), next.into(), wrapped.into()])),
        ];
        Ok(matches!(self.write("exchanging the master key", steps).await?, Written::Done(_)))
    }

    /// The master key before this one, with its name, while keys may still be wrapped by it.
    pub(super) async fn former(&self, under: &str) -> Result<Option<(String, Vec<u8>)>, VaultError> {
        let rows = self.read("reading the former master key", Statement::new(FORMER, [under.into()])).await?;
        rows.first().map(|row| Ok((row.text(0)?.to_owned(), row.blob(1)?.to_vec()))).transpose()
    }

    /// Forgets a master key that wraps nothing any more.
    pub(super) async fn forget_former(&self, id: &str) -> Result<(), VaultError> {
        let step = Step::then(Statement::new(FORMER_DONE, [id.into()]));
        self.write("forgetting the former master key", vec![step]).await.map(drop)
    }

    /// Up to `limit` keys that are wrapped by this master key.
    pub(super) async fn under(&self, master: &str, limit: u32) -> Result<Vec<Moving>, VaultError> {
        let rows =
            self.read("reading keys to be wrapped anew", Statement::new(UNDER, [master.into(), limit.into()])).await?;
        let moving = |row: &Row| {
            let (account, class) = (row.account(0)?, row.text(1)?.to_owned());
            Ok(Moving { account, class, version: version(row, 2)?, wrapped: row.blob(3)?.to_vec() })
        };
        rows.iter().map(moving).collect()
    }

    /// Replaces wrapped keys; one that was erased meanwhile stays erased.
    pub(super) async fn rewrap(&self, moved: Vec<Moving>, from: &str, to: &str) -> Result<(), VaultError> {
        let step = |key: Moving| {
            let (account, class, version) = (key.account.into(), key.class.into(), key.version.into());
            Step::then(Statement::new(REWRAP, [account, class, version, from.into(), to.into(), key.wrapped.into()]))
        };
        self.write("wrapping keys anew", moved.into_iter().map(step).collect()).await.map(drop)
    }

    /// Sees to it that what was overwritten is gone from the file and its log too, as far as the database can.
    pub(super) async fn purge(&self) -> Result<(), VaultError> {
        if self.database.is_postgres() {
            return self.read("purging erased keys", Statement::new(VACUUM, [])).await.map(drop);
        }
        let Some(file) = self.file.clone() else { return Ok(()) };
        let purged = tokio::task::spawn_blocking(move || truncate_log(&file)).await;
        let purged = purged.map_err(|error| StoreError::Damaged(format!("purging did not finish: {error}")))?;
        Ok(purged.map_err(|error| StoreError::database("purging erased keys", error))?)
    }
}

/// Moves the log into the file, where erased content is overwritten, and empties it.
fn truncate_log(file: &Path) -> Result<(), DbError> {
    let connection = rusqlite::Connection::open(file)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    let busy: i64 = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |row| row.get(0))?;
    if busy == 0 { Ok(()) } else { Err(DbError::NotDone("the log is in use: erase again to empty it".to_owned())) }
}

fn open_file(path: &Path) -> Result<Sqlite, StoreError> {
    let held = store::hold(path)?;
    Sqlite::open_file(path, held, migrate).map_err(store::opening)
}

fn migrate(connection: &mut rusqlite::Connection) -> Result<(), DbError> {
    // What is overwritten must not stay readable in the file.
    connection.pragma_update(None, "secure_delete", true)?;
    store::migrate_to(connection, SQLITE_FORMATS)
}

async fn open_server(url: &str) -> Result<Postgres, StoreError> {
    let joint = if url.contains('?') { '&' } else { '?' };
    let postgres =
        Postgres::connect(&format!("{url}{joint}options[search_path]=borgen_keys")).await.map_err(store::opening)?;
    // Two processes that start at once may both find no schema; the second try finds it.
    if postgres.read(Statement::new(SCHEMA, [])).await.is_err() {
        postgres.read(Statement::new(SCHEMA, [])).await.map_err(store::opening)?;
    }
    store::migrate_server(&postgres, &POSTGRES_FORMATS).await?;
    Ok(postgres)
}
