//! Opening what a server stands on: the store, the vault with its master key, the signing key. Making them anew is
//! `borgen init`'s wish, and is done here because it is the same files.

use crate::config::Loaded;
use anyhow::Context;
use desk::seam::{SystemClock, SystemEntropy};
use desk::{Clock, Desk, Entropy};
use runtime::Tools;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::{KeysAt, Master, Signer, Store, StoreConfig, Vault, VaultConfig, VaultError};

/// What a server stands on.
pub(crate) struct House {
    /// Desk, vault, randomness.
    pub(crate) tools: Tools,
    /// Signs the checkpoints.
    pub(crate) signer: Signer,
}

/// Where everything lies.
struct Places {
    store: String,
    keys: KeysAt,
    master: Master,
    signing: PathBuf,
}

/// The wall clock.
pub(crate) fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock::new())
}

/// Opens what the settings name.
pub(crate) async fn open(settings: &Loaded, clock: Arc<dyn Clock>) -> anyhow::Result<House> {
    open_at(&places(settings), clock).await
}

/// Makes a house in an empty folder and opens it.
pub(crate) async fn open_in(folder: &Path, clock: Arc<dyn Clock>) -> anyhow::Result<House> {
    let places = Places {
        store: format!("sqlite:{}", folder.join("borgen.db").display()),
        keys: KeysAt::Sqlite(folder.join("keys.db")),
        master: Master::File(folder.join("master.key")),
        signing: folder.join("signing.pem"),
    };
    make(&places)?;
    open_at(&places, clock).await
}

/// Makes the master key and the signing key where the settings want them. Keys that are there are left alone.
pub(crate) fn make_keys(settings: &Loaded) -> anyhow::Result<()> {
    make(&places(settings))
}

fn places(settings: &Loaded) -> Places {
    let store = settings.store_url();
    let keys = if store.starts_with("sqlite:") {
        KeysAt::Sqlite(settings.data_folder().join("keys.db"))
    } else {
        KeysAt::Postgres(store.clone())
    };
    let master =
        settings.secret("keys.master").map_or_else(|| Master::File(settings.master_key_file()), Master::Secret);
    Places { store, keys, master, signing: settings.signing_key_file() }
}

fn make(places: &Places) -> anyhow::Result<()> {
    let fill = |bytes: &mut [u8]| SystemEntropy.fill(bytes);
    if let Master::File(path) = &places.master
        && is_to_be_made(path)?
    {
        Master::create_file(path, &fill)?;
    }
    if is_to_be_made(&places.signing)? {
        Signer::generate(&fill).save(&places.signing)?;
    }
    Ok(())
}

/// Whether a key file is missing; then its folder is there.
fn is_to_be_made(path: &Path) -> anyhow::Result<bool> {
    if path.exists() {
        return Ok(false);
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    Ok(true)
}

/// Opens the vault alone, with the master key of the settings or another.
pub(crate) async fn vault(settings: &Loaded, master: Option<Master>) -> Result<Vault, VaultError> {
    let Places { keys, master: set, .. } = places(settings);
    let config = VaultConfig { keys, master: master.unwrap_or(set) };
    Vault::unlock(&config, Arc::new(|bytes: &mut [u8]| SystemEntropy.fill(bytes))).await
}

async fn open_at(places: &Places, clock: Arc<dyn Clock>) -> anyhow::Result<House> {
    let signer = Signer::load(&places.signing)?;
    let vault = VaultConfig { keys: places.keys.clone(), master: places.master.clone() };
    let vault = Vault::unlock(&vault, Arc::new(|bytes: &mut [u8]| SystemEntropy.fill(bytes))).await?;
    let store = Store::open(&StoreConfig::new(places.store.clone())).await?;
    let tools = Tools { desk: Desk::new(store, clock), vault, entropy: Arc::new(SystemEntropy) };
    Ok(House { tools, signer })
}

/// Free space where a folder is, in bytes; nothing when the system does not say.
pub(crate) fn free_bytes(folder: &Path) -> Option<u64> {
    // `df` is asked because the standard library can't be; -P gives one line of POSIX form.
    let told = std::process::Command::new("df").arg("-Pk").arg(folder).output().ok()?;
    let told = String::from_utf8(told.stdout).ok()?;
    told.lines().nth(1)?.split_whitespace().nth(3)?.parse::<u64>().ok()?.checked_mul(1024)
}
