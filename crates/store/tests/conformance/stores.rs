//! The stores that every promise is tried on. What is tried is in the other files.

use std::sync::atomic::{AtomicU32, Ordering};
use store::{Store, StoreConfig};

static NEXT: AtomicU32 = AtomicU32::new(0);

/// Which database a test is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum On {
    Memory,
    File,
    InPlaceFile,
    Postgres,
}

/// A database of its own for one test; opened as often as the test likes.
pub(crate) struct Place {
    pub(crate) on: On,
    pub(crate) config: StoreConfig,
    _folder: tempfile::TempDir,
}

impl Place {
    pub(crate) async fn open(&self) -> Store {
        Store::open(&self.config).await.unwrap()
    }
}

/// Runs a test on a fresh store of every kind.
pub(crate) fn on_every_store(test: impl AsyncFn(Store)) {
    on_every_place(&async |place| {
        let store = place.open().await;
        test(store).await;
    });
}

/// Runs a test at a fresh place of every kind.
pub(crate) fn on_every_place(test: &impl AsyncFn(&Place)) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        for on in [On::Memory, On::File, On::InPlaceFile] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("store.db");
            let url =
                if on == On::Memory { "sqlite::memory:".to_owned() } else { format!("sqlite:{}", path.display()) };
            let config = StoreConfig { inline: on == On::InPlaceFile, ..StoreConfig::new(url) };
            test(&Place { on, config, _folder: folder }).await;
        }
        if let Some(server) = server() {
            let (name, url) = make_database(&server).await;
            let place =
                Place { on: On::Postgres, config: StoreConfig::new(url), _folder: tempfile::tempdir().unwrap() };
            test(&place).await;
            command(&server, format!("DROP DATABASE {name} WITH (FORCE)")).await;
        }
    });
}

/// The scratch server, if there is one. Where tests must not be skipped, there has to be.
#[expect(clippy::print_stderr, reason = "who runs the tests must see what was not tried")]
fn server() -> Option<String> {
    let server = std::env::var("BORGEN_TEST_POSTGRES").ok();
    if server.is_none() {
        assert!(std::env::var("CI").is_err(), "BORGEN_TEST_POSTGRES is not set, and nothing may be skipped here");
        eprintln!("skipped on PostgreSQL: BORGEN_TEST_POSTGRES is not set");
    }
    server
}

async fn make_database(server: &str) -> (String, String) {
    let name = format!("borgen_test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    command(server, format!("CREATE DATABASE {name}")).await;
    let (before, query) = server.split_once('?').unwrap_or((server, ""));
    let host = before.rsplit_once('/').filter(|(host, _)| !host.ends_with('/')).map_or(before, |(host, _)| host);
    let url = if query.is_empty() { format!("{host}/{name}") } else { format!("{host}/{name}?{query}") };
    (name, url)
}

/// Sends one command to the server itself.
pub(crate) async fn command(url: &str, sql: String) {
    use sqlx::{Connection, Executor};
    let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
    connection.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(sql))).await.unwrap();
    connection.close().await.unwrap();
}
