//! The vault: seals personal data with a key for each account and class of retention, opens it again, and erases it by
//! erasing the key. Keys lie in a store of their own, wrapped by a master key; facts carry ciphertext only.

mod cache;
mod cipher;
mod error;
mod keys;
mod master;
mod rotation;

use self::cache::Cache;
use self::cipher::SecretKey;
use self::keys::{Kept, Keys};
use self::master::{KeyName, MasterKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use domain::ids::AccountId;
use domain::sealed::{Retention, Sealed};
use domain::signals::Token;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use zeroize::Zeroizing;

pub use error::VaultError;
pub use keys::KeysAt;
pub use master::Master;

/// The most that is sealed at once, in bytes: with the fact around it, it stays below the limit of a fact.
pub const MAX_SEALED_BYTES: usize = 128 * 1024;
/// Keys that are read as one question.
const MAX_READ_TOGETHER: usize = 64;
/// Tries to get a new key in, should another process add one at the same time.
const MAX_KEY_TRIES: u32 = 4;
/// The class under which the key of tokens is kept, at an account that nobody has.
const TOKEN_CLASS: &str = "token";

/// Fills bytes with randomness.
pub type Randomness = Arc<dyn Fn(&mut [u8]) + Send + Sync>;

/// What a vault is told when it is opened.
#[derive(Debug, Clone)]
pub struct VaultConfig {
    /// Where the keys are kept.
    pub keys: KeysAt,
    /// What wraps them.
    pub master: Master,
}

/// An open vault. Clones share it.
#[derive(Clone)]
pub struct Vault {
    inner: Arc<Inner>,
}

struct Inner {
    keys: Keys,
    masters: Mutex<Masters>,
    /// Held while another master key is put in force, which the key store knows a moment before this process does.
    exchange: tokio::sync::Mutex<()>,
    cache: Mutex<Cache>,
    tokens: SecretKey,
    randomness: Randomness,
}

/// The master key in force, and the one before it while it still wraps keys.
#[derive(Clone)]
struct Masters {
    current: MasterKey,
    former: Option<MasterKey>,
}

impl Masters {
    fn named(&self, id: &str) -> Option<&MasterKey> {
        [Some(&self.current), self.former.as_ref()].into_iter().flatten().find(|master| master.id() == id)
    }

    /// `None` when another master key wraps it: an exchange is under way, so that reading again may help.
    fn unwrap(&self, kept: &Kept, name: &KeyName<'_>) -> Result<Option<SecretKey>, VaultError> {
        let master = self.named(&kept.master);
        master.map(|master| master.unwrap(&kept.wrapped, name).ok_or(VaultError::WrongMaster)).transpose()
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault(..)")
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Vault {
    /// Opens the vault with its master key, and makes its key store if it is not there. A master key that is not the one of the store is
    /// refused.
    pub async fn unlock(config: &VaultConfig, randomness: Randomness) -> Result<Self, VaultError> {
        let master = config.master.read()?;
        let keys = Keys::open(&config.keys).await?;
        keys.first_master(master.id()).await?;
        let (in_force, erasures) = keys.state().await?;
        if in_force != master.id() {
            return Err(if keys.former(&in_force).await?.is_some_and(|(id, _)| id == master.id()) {
                VaultError::Retired
            } else {
                VaultError::WrongMaster
            });
        }
        let former = match keys.former(master.id()).await? {
            Some((id, wrapped)) => Some(master.unwrap_former(&wrapped, &id).ok_or(VaultError::WrongMaster)?),
            None => None,
        };
        let masters = Mutex::new(Masters { current: master, former });
        let nobody = AccountId(uuid::Uuid::nil());
        let exchange = tokio::sync::Mutex::default();
        let (_, tokens) = newest_key(&keys, (&masters, &exchange), &randomness, nobody, TOKEN_CLASS).await?;
        let cache = Mutex::new(Cache::new(erasures));
        Ok(Self { inner: Arc::new(Inner { keys, masters, exchange, cache, tokens, randomness }) })
    }

    /// Seals a value with the account's key for this class.
    pub async fn seal<T: Serialize>(
        &self,
        account: AccountId,
        class: Retention,
        value: &T,
    ) -> Result<Sealed<T>, VaultError> {
        let plain = serde_json::to_vec(value).map_err(|source| VaultError::Value { account, source })?;
        let plain = Zeroizing::new(plain);
        if plain.len() > MAX_SEALED_BYTES {
            return Err(VaultError::TooLarge { account, bytes: plain.len(), limit: MAX_SEALED_BYTES });
        }
        let (version, key) = self.current_key(account, class).await?;
        let about = KeyName { account, class: class.word(), version }.sealing();
        let sealed = key.seal(&plain, &about, &*self.inner.randomness).ok_or(VaultError::Cipher)?;
        let text = STANDARD_NO_PAD.encode([version.to_be_bytes().as_slice(), &sealed].concat());
        Ok(Sealed::from_ciphertext(class, text))
    }

    /// Opens what was sealed for the account; `None` once its key is erased.
    pub async fn open<T: DeserializeOwned>(
        &self,
        account: AccountId,
        sealed: &Sealed<T>,
    ) -> Result<Option<T>, VaultError> {
        let (class, text) = sealed.parts();
        let other = || VaultError::NotSealedForThis { account, class };
        let bytes = STANDARD_NO_PAD.decode(text).map_err(|_| other())?;
        let (version, ciphertext) = bytes.split_first_chunk::<4>().ok_or_else(other)?;
        let version = u32::from_be_bytes(*version);
        let Some(key) = self.key(account, class, version).await? else { return Ok(None) };
        let about = KeyName { account, class: class.word(), version }.sealing();
        let plain = key.open(ciphertext, &about).ok_or_else(other)?;
        serde_json::from_slice(&plain).map(Some).map_err(|source| VaultError::Value { account, source })
    }

    /// Reads the keys of a list of values together, so that opening them one by one asks the key store no more. Nothing
    /// rests on it: a key that is not found here is looked for when its value is opened.
    pub async fn read_ahead<'a, T: 'a>(
        &self,
        sealed: impl Iterator<Item = (AccountId, &'a Sealed<T>)> + Send,
    ) -> Result<(), VaultError> {
        let (generation, wanted) = {
            let mut cache = locked(&self.inner.cache);
            let named = sealed.filter_map(|(account, sealed)| {
                let (class, text) = sealed.parts();
                Some((account, class, version_of(text)?))
            });
            let unknown: BTreeSet<_> =
                named.filter(|(account, class, version)| cache.get(*account, *class, *version).is_none()).collect();
            (cache.generation(), unknown.into_iter().collect::<Vec<_>>())
        };
        for some in wanted.chunks(MAX_READ_TOGETHER) {
            let name = |(account, class, version): &(AccountId, Retention, u32)| KeyName {
                account: *account,
                class: class.word(),
                version: *version,
            };
            let names: Vec<KeyName<'_>> = some.iter().map(name).collect();
            let kept = self.inner.keys.load_all(&names).await?;
            for (((account, class, version), name), kept) in some.iter().zip(&names).zip(kept) {
                let Some(kept) = kept.filter(|kept| !kept.is_erased()) else { continue };
                let key = locked(&self.inner.masters).unwrap(&kept, name)?;
                if let Some(key) = key {
                    locked(&self.inner.cache).keep(generation, *account, *class, *version, &key, false);
                }
            }
        }
        Ok(())
    }

    /// Erases the account's keys of this class for ever: nothing that was sealed with them can be read again, in any
    /// copy of the journal. What is sealed afterwards gets a new key. Other processes follow at their next
    /// [`Vault::refresh`]. Erasing again is harmless and clears what an earlier try left in the log of the file.
    pub async fn erase(&self, account: AccountId, class: Retention) -> Result<usize, VaultError> {
        let erased = self.inner.keys.erase(account, class.word()).await;
        // Whatever came of it: nothing of this account is answered from memory now.
        locked(&self.inner.cache).forget(account, class);
        let erased = erased?;
        self.inner.keys.purge().await?;
        Ok(erased)
    }

    /// Drops remembered keys if another process has erased some, and says so if the master key was exchanged.
    pub async fn refresh(&self) -> Result<(), VaultError> {
        let (in_force, erasures) = self.inner.keys.state().await?;
        locked(&self.inner.cache).erased_elsewhere(erasures);
        if locked(&self.inner.masters).current.id() == in_force { Ok(()) } else { Err(VaultError::Retired) }
    }

    /// A token for a text: equal texts have equal tokens for one purpose, and nobody can tell the text without the
    /// vault's key. It does not change when the master key is exchanged.
    #[must_use]
    pub fn token(&self, purpose: &str, text: &str) -> Token {
        let mac = self.inner.tokens.derive(&format!("borgen/vault/token/1/{purpose}")).mac(text);
        let first = mac.first_chunk::<16>().copied().unwrap_or_default();
        Token(uuid::Builder::from_custom_bytes(first).into_uuid())
    }

    /// The newest key of an account and class, made if there is none.
    async fn current_key(&self, account: AccountId, class: Retention) -> Result<(u32, SecretKey), VaultError> {
        let (generation, known) = {
            let mut cache = locked(&self.inner.cache);
            (cache.generation(), cache.current(account, class))
        };
        if let Some(known) = known {
            return Ok(known);
        }
        let Inner { keys, masters, exchange, randomness, .. } = &*self.inner;
        let (version, key) = newest_key(keys, (masters, exchange), randomness, account, class.word()).await?;
        locked(&self.inner.cache).keep(generation, account, class, version, &key, true);
        Ok((version, key))
    }

    /// The key with this number; `None` once it is erased.
    async fn key(&self, account: AccountId, class: Retention, version: u32) -> Result<Option<SecretKey>, VaultError> {
        let (generation, known) = {
            let mut cache = locked(&self.inner.cache);
            (cache.generation(), cache.get(account, class, version))
        };
        if known.is_some() {
            return Ok(known);
        }
        let name = KeyName { account, class: class.word(), version };
        for _ in 0..MAX_KEY_TRIES {
            let kept = self.inner.keys.load(&name).await?.ok_or(VaultError::KeyMissing { account, class, version })?;
            if kept.is_erased() {
                return Ok(None);
            }
            let key = locked(&self.inner.masters).unwrap(&kept, &name)?;
            if let Some(key) = key {
                locked(&self.inner.cache).keep(generation, account, class, version, &key, false);
                return Ok(Some(key));
            }
            drop(self.inner.exchange.lock().await);
        }
        Err(VaultError::Retired)
    }
}

/// The number of the key that a value was sealed with: its first four bytes.
fn version_of(text: &str) -> Option<u32> {
    // Eight characters of base64 are six bytes.
    let bytes = STANDARD_NO_PAD.decode(text.get(..8)?).ok()?;
    bytes.first_chunk::<4>().map(|first| u32::from_be_bytes(*first))
}

/// The newest key that is not erased, made if there is none.
async fn newest_key(
    keys: &Keys,
    (masters, exchange): (&Mutex<Masters>, &tokio::sync::Mutex<()>),
    randomness: &Randomness,
    account: AccountId,
    class: &str,
) -> Result<(u32, SecretKey), VaultError> {
    for _ in 0..MAX_KEY_TRIES {
        let last = keys.current(account, class).await?;
        if let Some(kept) = last.as_ref().filter(|kept| !kept.is_erased()) {
            let name = KeyName { account, class, version: kept.version };
            let key = locked(masters).unwrap(kept, &name)?;
            if let Some(key) = key {
                return Ok((kept.version, key));
            }
            drop(exchange.lock().await);
            continue;
        }
        let version = last.map_or(0, |kept| kept.version).saturating_add(1);
        let name = KeyName { account, class, version };
        let master = locked(masters).current.clone();
        let wrapped = master.wrap(&SecretKey::draw(&**randomness), &name, &**randomness)?;
        keys.add(&name, master.id(), wrapped).await?;
        drop(exchange.lock().await);
        // Read again: another process may have added one under this name first, and then that one is the key.
    }
    Err(VaultError::Retired)
}
