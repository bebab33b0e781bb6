//! The vault: sealing, opening, erasing, and exchanging the master key.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::body::Body;
use domain::cases::Noted;
use domain::fact::Fact;
use domain::ids::{AccountId, AccountKind, Actor, CaseId, Hash};
use domain::sealed::{Retention, Sealed};
use jiff::Timestamp;
use secrecy::SecretString;
use std::future::Future;
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;
use std::time::Duration;
use store::{
    Append, Appended, KeysAt, Master, Randomness, Signer, Store, StoreConfig, Vault, VaultConfig, VaultError, verify,
};
use uuid::Uuid;

/// Numbers that never repeat in a process, told apart by a hash: enough for nonces and keys of tests.
fn randomness() -> Randomness {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    Arc::new(|bytes| {
        for chunk in bytes.chunks_mut(32) {
            let hash = Hash::of(&NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
            chunk.copy_from_slice(&hash.0[..chunk.len()]);
        }
    })
}

fn master(number: u8) -> Master {
    Master::Secret(SecretString::from(STANDARD.encode([number; 32])))
}

fn account(number: u128) -> AccountId {
    AccountId(Uuid::from_u128(number))
}

async fn unlock(keys: KeysAt, number: u8) -> Result<Vault, VaultError> {
    Vault::unlock(&VaultConfig { keys, master: master(number) }, randomness()).await
}

fn file(folder: &Path) -> KeysAt {
    KeysAt::Sqlite(folder.join("keys.db"))
}

fn text(value: &str) -> String {
    value.to_owned()
}

/// The key stores that are there to be tested. The folder lives as long as the test.
async fn key_stores(folder: &Path) -> Vec<KeysAt> {
    let mut stores = vec![KeysAt::Memory, file(folder)];
    if let Some(url) = server().await {
        stores.push(KeysAt::Postgres(url));
    }
    stores
}

static NEXT_DATABASE: AtomicU64 = AtomicU64::new(0);

/// A new database on the test server, if there is one.
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
async fn server() -> Option<String> {
    let Ok(server) = std::env::var("BORGEN_TEST_POSTGRES") else {
        assert!(std::env::var("CI").is_err(), "CI needs BORGEN_TEST_POSTGRES");
        eprintln!("skipped on PostgreSQL: BORGEN_TEST_POSTGRES is not set");
        return None;
    };
    let name = format!("vault_{}_{}", std::process::id(), NEXT_DATABASE.fetch_add(1, Ordering::Relaxed));
    let pool = sqlx::PgPool::connect(&server).await.unwrap();
    sqlx::query(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&pool).await.unwrap();
    let (base, _) = server.rsplit_once('/').expect("the URL names a database");
    Some(format!("{base}/{name}"))
}

#[tokio::test]
async fn what_is_sealed_opens_for_its_account_and_class_only() {
    let folder = tempfile::tempdir().unwrap();
    for keys in key_stores(folder.path()).await {
        let vault = unlock(keys, 1).await.unwrap();
        let sealed = vault.seal(account(1), Retention::Contact, &text("Åsa Öberg")).await.unwrap();
        vault.seal(account(2), Retention::Contact, &text("Bo")).await.unwrap();
        vault.seal(account(1), Retention::Evidence, &text("10.0.0.1")).await.unwrap();
        assert_eq!(vault.open(account(1), &sealed).await.unwrap(), Some(text("Åsa Öberg")));
        assert!(!serde_json::to_string(&sealed).unwrap().contains("Öberg"));
        let moved = vault.open(account(2), &sealed).await;
        assert!(matches!(moved, Err(VaultError::NotSealedForThis { .. })), "moved to another account");
        let (_, ciphertext) = sealed.parts();
        let other = Sealed::<String>::from_ciphertext(Retention::Evidence, ciphertext.to_owned());
        let moved = vault.open(account(1), &other).await;
        assert!(matches!(moved, Err(VaultError::NotSealedForThis { .. })), "moved to another class");
        let mut changed = ciphertext.to_owned();
        let last = if changed.pop() == Some('A') { 'E' } else { 'A' };
        changed.push(last);
        let changed = Sealed::<String>::from_ciphertext(Retention::Contact, changed);
        assert!(matches!(vault.open(account(1), &changed).await, Err(VaultError::NotSealedForThis { .. })));
        let again = vault.seal(account(1), Retention::Contact, &text("Åsa Öberg")).await.unwrap();
        assert_ne!(again, sealed, "equal values are not seen to be equal");
    }
}

#[tokio::test]
async fn a_vault_that_is_opened_again_opens_what_it_sealed_and_refuses_another_master_key() {
    let folder = tempfile::tempdir().unwrap();
    for keys in key_stores(folder.path()).await.into_iter().skip(1) {
        let vault = unlock(keys.clone(), 1).await.unwrap();
        let sealed = vault.seal(account(1), Retention::Billing, &7_u32).await.unwrap();
        let token = vault.token("caller", "asa@example.com");
        if matches!(keys, KeysAt::Sqlite(_)) {
            assert!(matches!(unlock(keys.clone(), 1).await, Err(VaultError::Keys(store::StoreError::InUse { .. }))));
        }
        drop(vault);
        assert!(matches!(unlock(keys.clone(), 2).await, Err(VaultError::WrongMaster)));
        let vault = unlock(keys, 1).await.unwrap();
        assert_eq!(vault.open(account(1), &sealed).await.unwrap(), Some(7));
        assert_eq!(vault.token("caller", "asa@example.com"), token);
    }
}

#[tokio::test]
async fn tokens_are_equal_for_equal_texts_of_one_purpose_and_one_vault() {
    let vault = unlock(KeysAt::Memory, 1).await.unwrap();
    let token = vault.token("caller", "asa@example.com");
    assert_eq!(vault.token("caller", "asa@example.com"), token);
    assert_ne!(vault.token("caller", "bo@example.com"), token);
    assert_ne!(vault.token("resource", "asa@example.com"), token);
    assert_ne!(unlock(KeysAt::Memory, 1).await.unwrap().token("caller", "asa@example.com"), token);
    assert_eq!(token.0.get_version_num(), 8);
}

#[tokio::test]
async fn what_is_erased_never_opens_again_and_the_rest_does() {
    let folder = tempfile::tempdir().unwrap();
    for keys in key_stores(folder.path()).await {
        let vault = unlock(keys, 1).await.unwrap();
        let erased = vault.seal(account(1), Retention::Contact, &text("Åsa")).await.unwrap();
        let other_class = vault.seal(account(1), Retention::Billing, &text("10 kr")).await.unwrap();
        let other_account = vault.seal(account(2), Retention::Contact, &text("Bo")).await.unwrap();
        assert_eq!(vault.erase(account(1), Retention::Contact).await.unwrap(), 1);
        assert_eq!(vault.open(account(1), &erased).await.unwrap(), None);
        assert_eq!(vault.open(account(1), &other_class).await.unwrap(), Some(text("10 kr")));
        assert_eq!(vault.open(account(2), &other_account).await.unwrap(), Some(text("Bo")));
        let later = vault.seal(account(1), Retention::Contact, &text("Åsa is back")).await.unwrap();
        assert_eq!(vault.open(account(1), &later).await.unwrap(), Some(text("Åsa is back")));
        assert_eq!(vault.open(account(1), &erased).await.unwrap(), None, "the new key has a number of its own");
        assert_eq!(vault.erase(account(1), Retention::Contact).await.unwrap(), 1);
        assert_eq!(vault.erase(account(1), Retention::Contact).await.unwrap(), 0, "erasing again is harmless");
        assert_eq!(vault.open(account(1), &later).await.unwrap(), None);
    }
}

#[tokio::test]
async fn an_erased_key_is_gone_from_the_file_and_its_log() {
    let folder = tempfile::tempdir().unwrap();
    let vault = unlock(file(folder.path()), 1).await.unwrap();
    for number in 0..50 {
        vault.seal(account(number), Retention::Contact, &number).await.unwrap();
    }
    let reader = rusqlite::Connection::open(folder.path().join("keys.db")).unwrap();
    let wrapped: Vec<u8> = reader
        .query_row("SELECT wrapped FROM vault_key WHERE account = ?1", [account(7).0.as_bytes()], |row| row.get(0))
        .unwrap();
    drop(reader);
    let is_there = || {
        ["keys.db", "keys.db-wal"].iter().any(|name| {
            let bytes = std::fs::read(folder.path().join(name)).unwrap();
            bytes.windows(wrapped.len()).any(|window| window == wrapped)
        })
    };
    assert!(is_there());
    vault.erase(account(7), Retention::Contact).await.unwrap();
    assert!(!is_there());
}

#[tokio::test]
async fn keys_that_were_read_ahead_are_not_asked_for_again_and_an_erasure_still_tells() {
    let folder = tempfile::tempdir().unwrap();
    for keys in key_stores(folder.path()).await.into_iter().filter(|keys| *keys != KeysAt::Memory) {
        let mut values = Vec::new();
        {
            let one = unlock(keys.clone(), 1).await.unwrap();
            for number in 1..=150 {
                values.push((
                    account(number),
                    one.seal(account(number), Retention::Contact, &text("name")).await.unwrap(),
                ));
            }
            one.erase(account(1), Retention::Contact).await.unwrap();
        }
        let vault = unlock(keys.clone(), 1).await.unwrap();
        let foreign = (account(2), Sealed::<String>::from_ciphertext(Retention::Contact, "?".to_owned()));
        let all = || values.iter().chain([&foreign]).map(|(account, sealed)| (*account, sealed));
        vault.read_ahead(all()).await.unwrap();
        let opened =
            async |(account, sealed): &(AccountId, Sealed<String>)| vault.open(*account, sealed).await.unwrap();
        assert_eq!(opened(&values[0]).await, None, "what was erased before is not read ahead");
        assert_eq!(opened(&values[149]).await, Some(text("name")));
        assert!(vault.open(foreign.0, &foreign.1).await.is_err());
        vault.erase(account(150), Retention::Contact).await.unwrap();
        vault.read_ahead(all()).await.unwrap();
        assert_eq!(opened(&values[149]).await, None, "nor what is erased since");
    }
}

#[tokio::test]
async fn a_key_that_is_missing_but_was_not_erased_is_an_error() {
    let sealed = unlock(KeysAt::Memory, 1).await.unwrap().seal(account(1), Retention::Contact, &1).await.unwrap();
    let another = unlock(KeysAt::Memory, 1).await.unwrap();
    assert!(matches!(another.open(account(1), &sealed).await, Err(VaultError::KeyMissing { version: 1, .. })));
}

#[tokio::test]
async fn more_than_a_fact_can_hold_is_not_sealed() {
    let vault = unlock(KeysAt::Memory, 1).await.unwrap();
    let large = "x".repeat(store::MAX_SEALED_BYTES);
    assert!(matches!(vault.seal(account(1), Retention::Evidence, &large).await, Err(VaultError::TooLarge { .. })));
}

#[tokio::test]
async fn a_master_key_lies_in_a_file_of_its_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("master.key");
    let made = Master::create_file(&path, &|bytes| bytes.fill(3)).unwrap();
    let config = VaultConfig { keys: file(folder.path()), master: made };
    Vault::unlock(&config, randomness()).await.unwrap();
    assert!(Master::create_file(&path, &|bytes| bytes.fill(4)).is_err(), "a key is never overwritten");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(Vault::unlock(&config, randomness()).await, Err(VaultError::MasterFile(_))));
    }
    let master = Master::Secret(SecretString::from("short"));
    let config = VaultConfig { keys: KeysAt::Memory, master };
    assert!(matches!(Vault::unlock(&config, randomness()).await, Err(VaultError::MasterForm)));
}

#[tokio::test]
async fn erasing_leaves_the_chain_the_facts_and_the_export_as_they_are() {
    let vault = unlock(KeysAt::Memory, 1).await.unwrap();
    let store = Store::open(&StoreConfig::new("sqlite::memory:")).await.unwrap();
    let at: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
    let note = vault.seal(account(1), Retention::Evidence, &text("called Åsa, 070-123")).await.unwrap();
    let fact = Fact {
        account: account(1),
        version: 1,
        step: 1,
        at,
        happened: at,
        actor: Actor::User(account(9)),
        source_key: None,
        policy: None,
        decide: domain::fact::DECIDE_VERSION,
        body: Body::CaseNoted(Noted { case: CaseId(Uuid::from_u128(5)), note: note.clone() }),
    };
    let append = Append {
        account: account(1),
        kind: AccountKind::Customer,
        expected_version: 0,
        before: Hash::default(),
        policy_epoch: 0,
        facts: vec![fact.store(Hash::default()).unwrap()],
        rows: Vec::new(),
        effects: Vec::new(),
        closed: Vec::new(),
        due: None,
        permits: Vec::new(),
        file: b"{}".to_vec(),
        fold_version: 1,
        policy: None,
        adopted_epoch: None,
        next_epoch: None,
    };
    assert!(matches!(store.append(append).await.unwrap(), Appended::Done(_)));
    store.seal_batch("sealer", at, 10).await.unwrap();
    let signer = Signer::from_seed(&[1; 32]);
    let kept = store.checkpoint(at, &signer).await.unwrap();
    let (mut before, mut after) = (Vec::new(), Vec::new());
    store.export(&mut before).await.unwrap();
    let facts = store.facts(account(1), 0, 10).await.unwrap();

    assert_eq!(vault.erase(account(1), Retention::Evidence).await.unwrap(), 1);

    assert_eq!(store.facts(account(1), 0, 10).await.unwrap(), facts);
    assert_eq!(Fact::read(account(1), 1, &facts[0].bytes).unwrap(), fact, "folding and deciding see the same");
    store.export(&mut after).await.unwrap();
    assert_eq!(before, after);
    let report = verify(after.as_slice(), &signer.verifying_key(), kept.as_ref()).unwrap();
    assert!(report.is_sound() && matches!(report.proven, store::Proof::Proven { size: 1, .. }));
    assert_eq!(vault.open(account(1), &note).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_master_key_is_exchanged_while_others_seal_and_open() {
    let folder = tempfile::tempdir().unwrap();
    for keys in key_stores(folder.path()).await {
        let vault = unlock(keys.clone(), 1).await.unwrap();
        let token = vault.token("caller", "asa@example.com");
        let mut sealed = Vec::new();
        for number in 0..40 {
            sealed.push(vault.seal(account(number), Retention::Contact, &number).await.unwrap());
        }
        let busy = {
            let vault = vault.clone();
            async move {
                let mut more = Vec::new();
                for number in 1_000..1_040 {
                    let one = vault.seal(account(number), Retention::Evidence, &number).await.unwrap();
                    assert_eq!(vault.open(account(number), &one).await.unwrap(), Some(number));
                    more.push((number, one));
                }
                more
            }
        };
        let next = master(2);
        let (moved, more) = tokio::join!(vault.rotate_master(&next), busy);
        assert!(moved.unwrap() >= 41, "every key, and that of tokens");
        assert!(!vault.is_rotating());
        drop(vault);
        if keys == KeysAt::Memory {
            continue;
        }
        assert!(matches!(unlock(keys.clone(), 1).await, Err(VaultError::WrongMaster)), "nothing is left of it");
        let vault = unlock(keys, 2).await.unwrap();
        for (number, one) in (0..).zip(&sealed).chain(more.iter().map(|(number, one)| (*number, one))) {
            assert_eq!(vault.open(account(number), one).await.unwrap(), Some(number));
        }
        assert_eq!(vault.token("caller", "asa@example.com"), token);
        assert_eq!(vault.rotate_master(&next).await.unwrap(), 0);
    }
}

/// Unlocks the vault as soon as the one before it is closed: a read that was under way may end a little later.
async fn unlock_soon(keys: &KeysAt, number: u8) -> Result<Vault, VaultError> {
    for _ in 0..1_000 {
        match unlock(keys.clone(), number).await {
            Err(VaultError::Keys(store::StoreError::InUse { .. })) => std::thread::sleep(Duration::from_millis(5)),
            other => return other,
        }
    }
    unlock(keys.clone(), number).await
}

/// Runs a future until it has waited `waits` times, then drops it, as a process that ends.
async fn broken_off<F: Future>(future: F, waits: u32) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut waited = 0;
    std::future::poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending if waited == waits => Poll::Ready(None),
        Poll::Pending => {
            waited += 1;
            Poll::Pending
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exchange_that_was_broken_off_goes_on_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let keys = file(folder.path());
    let vault = unlock(keys.clone(), 1).await.unwrap();
    let seal = async |number: u128| vault.seal(account(number), Retention::Contact, &number).await.unwrap();
    let sealed = futures_util::future::join_all((0..600).map(seal)).await;
    drop(vault);
    let (mut number, mut in_the_middle) = (1, 0);
    for waits in 0..14 {
        let vault = unlock_soon(&keys, number).await.unwrap();
        let ended = broken_off(vault.rotate_master(&master(number + 1)), waits).await;
        drop(vault);
        // The exchange has begun, or not: exactly one of the two keys opens the vault.
        let next = unlock_soon(&keys, number + 1).await;
        let begun = next.is_ok();
        let vault = match next {
            Ok(vault) => vault,
            Err(_) => unlock_soon(&keys, number).await.unwrap(),
        };
        assert!(begun || ended.is_none());
        in_the_middle += u32::from(vault.is_rotating());
        for (number, one) in (0..).zip(&sealed).step_by(59) {
            assert_eq!(vault.open(account(number), one).await.unwrap(), Some(number));
        }
        assert_eq!(seal_and_open(&vault).await, Some(5));
        if begun {
            number += 1;
            vault.rotate_master(&master(number)).await.unwrap();
            assert!(!vault.is_rotating());
        }
    }
    assert!(in_the_middle >= 3, "only {in_the_middle} exchanges were broken off in the middle");
    assert!(number > 3, "the last of them began");
}

async fn seal_and_open(vault: &Vault) -> Option<u32> {
    let one = vault.seal(account(77_777), Retention::Screening, &5).await.unwrap();
    vault.open(account(77_777), &one).await.unwrap()
}

#[tokio::test]
async fn other_processes_follow_an_erasure_and_are_stopped_by_an_exchange() {
    let Some(url) = server().await else { return };
    let here = unlock(KeysAt::Postgres(url.clone()), 1).await.unwrap();
    let there = unlock(KeysAt::Postgres(url), 1).await.unwrap();
    let sealed = here.seal(account(1), Retention::Contact, &1).await.unwrap();
    assert_eq!(there.open(account(1), &sealed).await.unwrap(), Some(1));
    here.erase(account(1), Retention::Contact).await.unwrap();
    there.refresh().await.unwrap();
    assert_eq!(there.open(account(1), &sealed).await.unwrap(), None);
    here.rotate_master(&master(2)).await.unwrap();
    assert!(matches!(there.refresh().await, Err(VaultError::Retired)));
    assert!(matches!(there.seal(account(3), Retention::Contact, &3).await, Err(VaultError::Retired)));
}
