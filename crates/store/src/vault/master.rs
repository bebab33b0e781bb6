//! The master key, which wraps all others: where it comes from, and what it is called. Exchanging it is in `rotation`.

use super::cipher::SecretKey;
use super::error::VaultError;
use crate::secret_file;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::ids::AccountId;
use secrecy::{ExposeSecret, SecretString};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// How many bytes of a derived key stand for the master key where it must be named.
const ID_BYTES: usize = 8;

/// Where the master key comes from.
#[derive(Debug, Clone)]
pub enum Master {
    /// A file that only its owner may read, with 32 bytes in base64.
    File(PathBuf),
    /// The same text, from the environment or a vault of the platform.
    Secret(SecretString),
}

impl Master {
    /// Draws a new master key into a new file that only its owner may read.
    pub fn create_file(path: &Path, fill: &dyn Fn(&mut [u8])) -> Result<Self, VaultError> {
        let text = Zeroizing::new(STANDARD.encode(SecretKey::draw(fill).bytes()) + "\n");
        secret_file::create(path, &text)?;
        Ok(Self::File(path.to_owned()))
    }

    /// Reads the key.
    pub(super) fn read(&self) -> Result<MasterKey, VaultError> {
        let text = match self {
            Self::File(path) => secret_file::read(path)?,
            Self::Secret(secret) => Zeroizing::new(secret.expose_secret().to_owned()),
        };
        let bytes = Zeroizing::new(STANDARD.decode(text.trim()).map_err(|_| VaultError::MasterForm)?);
        SecretKey::from_slice(&bytes).map(|key| MasterKey::of(&key)).ok_or(VaultError::MasterForm)
    }
}

/// A master key, ready to wrap.
#[derive(Debug, Clone)]
pub(super) struct MasterKey {
    id: String,
    wrapping: SecretKey,
    root: SecretKey,
}

impl MasterKey {
    fn of(root: &SecretKey) -> Self {
        let mut id = String::new();
        for byte in root.mac("borgen/vault/master-id/1").iter().take(ID_BYTES) {
            // Writing to a string does not fail.
            let _ = write!(id, "{byte:02x}");
        }
        Self { id, wrapping: root.derive("borgen/vault/wrap/1"), root: root.clone() }
    }

    /// What stands for it in the key store: a digest that says nothing about the key.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// Wraps the key with this number of an account and class.
    pub(super) fn wrap(
        &self,
        key: &SecretKey,
        of: &KeyName<'_>,
        fill: &dyn Fn(&mut [u8]),
    ) -> Result<Vec<u8>, VaultError> {
        self.wrapping.seal(key.bytes(), &of.wrapping(), fill).ok_or(VaultError::Cipher)
    }

    /// Unwraps it, or gives `None` if it is not what was wrapped.
    pub(super) fn unwrap(&self, wrapped: &[u8], of: &KeyName<'_>) -> Option<SecretKey> {
        self.wrapping.open(wrapped, &of.wrapping()).and_then(|bytes| SecretKey::from_slice(&bytes))
    }

    /// Wraps the master key before this one.
    pub(super) fn wrap_former(&self, former: &Self, fill: &dyn Fn(&mut [u8])) -> Result<Vec<u8>, VaultError> {
        self.wrapping.seal(former.root.bytes(), &format!("borgen former {}", former.id), fill).ok_or(VaultError::Cipher)
    }

    /// Unwraps the master key before this one.
    pub(super) fn unwrap_former(&self, wrapped: &[u8], id: &str) -> Option<Self> {
        let bytes = self.wrapping.open(wrapped, &format!("borgen former {id}"))?;
        SecretKey::from_slice(&bytes).map(|root| Self::of(&root)).filter(|former| former.id == id)
    }
}

/// The name of a key. What is wrapped or sealed is bound to it, so that nothing can be moved to another row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct KeyName<'a> {
    pub(super) account: AccountId,
    pub(super) class: &'a str,
    pub(super) version: u32,
}

impl KeyName<'_> {
    fn wrapping(&self) -> String {
        format!("borgen key {} {} {}", self.account, self.class, self.version)
    }

    /// What a sealed value is bound to.
    pub(super) fn sealing(&self) -> String {
        format!("borgen sealed {} {} {}", self.account, self.class, self.version)
    }
}
