//! Opening: what is kept, who is refused, and which formats are read.

use crate::stores::{On, command, on_every_place};
use crate::world::*;
use domain::ids::Hash;
use std::fmt::Write as _;
use store::{Begun, Store, StoreConfig, StoreError};

const FIRST_SQLITE_FORMAT: &str = include_str!("../../migrations/sqlite/0001_journal.sql");

#[test]
fn what_was_appended_is_there_after_opening_again() {
    on_every_place(&async |place| {
        if place.on == On::Memory {
            return;
        }
        let store = place.open().await;
        let mut append = first(account(1), 3, at(0));
        append.effects = vec![effect(&append, 0, "a", at(0))];
        let head = done(&store, append).await;
        drop(store);
        let store = place.open().await;
        assert_eq!(store.head(account(1)).await.unwrap(), Some(head));
        assert_eq!(store.facts(account(1), 0, 10).await.unwrap().len(), 3);
        assert_eq!(store.open_effects().await.unwrap().0, 1);
    });
}

#[test]
fn a_sqlite_store_serves_one_process_and_a_server_several() {
    on_every_place(&async |place| {
        let store = place.open().await;
        let second = Store::open(&place.config).await;
        match place.on {
            On::File | On::InPlaceFile => assert!(matches!(second, Err(StoreError::InUse { .. })), "{second:?}"),
            On::Memory | On::Postgres => assert!(second.is_ok()),
        }
        drop(store);
        drop(second);
        place.open().await;
    });
}

#[test]
fn a_file_that_is_opened_again_has_no_leases_of_the_dead_and_a_server_keeps_those_of_the_living() {
    on_every_place(&async |place| {
        if place.on == On::Memory {
            return;
        }
        let store = place.open().await;
        let mut append = first(account(1), 1, at(0));
        append.effects = vec![effect(&append, 0, "a", at(0))];
        done(&store, append).await;
        assert!(store.take_lease("sync", "dead", at(0), at(600)).await.unwrap().is_some());
        assert_eq!(store.claim_effects("dead", at(360), at(0), 1).await.unwrap().len(), 1);
        assert_eq!(store.seal_batch("dead", at(0), 10).await.unwrap(), 1);
        let request = Hash::of(b"request");
        assert_eq!(store.begin_request("caller", "key", request, at(0), at(60)).await.unwrap(), Begun::First);
        drop(store);
        let store = place.open().await;
        let is_alone = place.on != On::Postgres;
        assert_eq!(store.take_lease("sync", "alive", at(1), at(601)).await.unwrap().is_some(), is_alone);
        let claimed = store.claim_effects("alive", at(361), at(1), 1).await.unwrap();
        assert_eq!(
            claimed.iter().map(|effect| effect.attempts).collect::<Vec<_>>(),
            if is_alone { vec![2] } else { vec![] }
        );
        let begun = store.begin_request("caller", "key", request, at(1), at(61)).await.unwrap();
        assert_eq!(begun, if is_alone { Begun::First } else { Begun::Running });
        done(&store, first(account(2), 1, at(1))).await;
        assert_eq!(store.seal_batch("alive", at(1), 10).await.unwrap(), u64::from(is_alone));
    });
}

#[test]
fn a_store_that_a_later_release_wrote_is_refused() {
    on_every_place(&async |place| {
        drop(place.open().await);
        match place.on {
            On::Memory => return,
            On::Postgres => {
                let later = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                     VALUES (999, 'later', true, '', 0)";
                command(&place.config.url, later.to_owned()).await;
            }
            On::File | On::InPlaceFile => {
                let path = place.config.url.strip_prefix("sqlite:").unwrap();
                let connection = rusqlite::Connection::open(path).unwrap();
                connection.pragma_update(None, "user_version", 999).unwrap();
            }
        }
        let refused = Store::open(&place.config).await;
        assert!(matches!(refused, Err(StoreError::Newer { found: 999, .. })), "{refused:?}");
    });
}

#[test]
fn a_store_of_the_first_format_is_brought_up_to_date_with_its_facts() {
    on_every_place(&async |place| {
        match place.on {
            On::Memory => return,
            On::Postgres => {
                only_the_first_format(&place.config.url).await;
                for sql in old_rows(|hex| format!("'\\x{hex}'")) {
                    command(&place.config.url, sql).await;
                }
            }
            On::File | On::InPlaceFile => {
                let path = place.config.url.strip_prefix("sqlite:").unwrap();
                let connection = rusqlite::Connection::open(path).unwrap();
                connection.execute_batch(FIRST_SQLITE_FORMAT).unwrap();
                connection.pragma_update(None, "user_version", 1).unwrap();
                for sql in old_rows(|hex| format!("x'{hex}'")) {
                    connection.execute_batch(&sql).unwrap();
                }
            }
        }
        let store = place.open().await;
        let head = store.head(account(1)).await.unwrap().unwrap();
        assert_eq!((head.version, head.file.as_slice()), (1, &b"old"[..]));
        assert_eq!(
            store.facts(account(1), 0, 9).await.unwrap(),
            [fact(account(1), 1, domain::ids::Hash::default(), at(0), None)]
        );
        done(&store, next(&head, 1, at(1))).await;
        store.set_cursor("made since", "works").await.unwrap();
        // What the old release had not sealed yet is sealed with what came since.
        assert_eq!(store.seal_batch("sealer", at(2), 100).await.unwrap(), 2);
        let hashes: Vec<_> = store.feed(0, 9).await.unwrap().iter().map(|entry| entry.fact.hash).collect();
        assert_eq!(hashes.first(), Some(&head.hash));
        let signer = store::Signer::from_seed(&[1; 32]);
        store.checkpoint(at(3), &signer).await.unwrap().unwrap();
        let mut export = Vec::new();
        store.export(&mut export).await.unwrap();
        let report = store::verify(export.as_slice(), &signer.verifying_key(), None).unwrap();
        assert!(report.findings.is_empty(), "{:?}", report.findings);
    });
}

#[test]
fn an_append_without_a_hash_for_each_of_its_facts_is_named_and_not_sealed() {
    on_every_place(&async |place| {
        let store = place.open().await;
        done(&store, first(account(1), 2, at(0))).await;
        match place.on {
            On::Memory => return,
            On::Postgres => command(&place.config.url, "UPDATE pending SET hashes = '\\x00'".to_owned()).await,
            On::File | On::InPlaceFile => {
                drop(store);
                let path = place.config.url.strip_prefix("sqlite:").unwrap();
                let connection = rusqlite::Connection::open(path).unwrap();
                connection.execute_batch("UPDATE pending SET hashes = x'00'").unwrap();
            }
        }
        let store = place.open().await;
        let refused = store.seal_batch("sealer", at(1), 100).await;
        assert!(matches!(&refused, Err(StoreError::Damaged(why)) if why.contains("row 1")), "{refused:?}");
        assert_eq!(store.unsealed_appends().await.unwrap(), 1);
    });
}

/// The rows of one account as the first format has them; `blob` writes bytes the way a database reads them.
fn old_rows(blob: impl Fn(String) -> String) -> [String; 3] {
    let fact = fact(account(1), 1, domain::ids::Hash::default(), at(0), None);
    let hex = |bytes: &[u8]| {
        bytes.iter().fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").unwrap();
            text
        })
    };
    let blob = |bytes: &[u8]| blob(hex(bytes));
    let (who, hash, bytes, file) = (blob(account(1).0.as_bytes()), blob(&fact.hash.0), blob(&fact.bytes), blob(b"old"));
    let micros = at(0).as_microsecond();
    [
        format!(
            "INSERT INTO account (account, kind, version, hash, last_at, fold_version, file) \
             VALUES ({who}, 'customer', 1, {hash}, {micros}, 1, {file})"
        ),
        format!(
            "INSERT INTO fact (account, version, kind, class, at, hash, bytes) \
             VALUES ({who}, 1, 'tested', 'observed', {micros}, {hash}, {bytes})"
        ),
        format!("INSERT INTO pending (account, first, last) VALUES ({who}, 1, 1)"),
    ]
}

async fn only_the_first_format(url: &str) {
    static FORMATS: sqlx::migrate::Migrator = sqlx::migrate!("./migrations/postgres");
    let first = FORMATS.iter().take(1).cloned().collect();
    let pool = sqlx::PgPool::connect(url).await.unwrap();
    sqlx::migrate::Migrator::with_migrations(first).run(&pool).await.unwrap();
    pool.close().await;
}

#[test]
fn an_address_that_names_no_store_is_refused() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let refused = runtime.block_on(Store::open(&StoreConfig::new("mysql://somewhere")));
    assert!(matches!(refused, Err(StoreError::Url { .. })));
}
