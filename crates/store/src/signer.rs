//! The key that checkpoints are signed with, and its public half as people hand it on. What is signed is in `checkpoint`.

use crate::secret_file::{self, SecretFileError};
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePrivateKey, EncodePublicKey};
use ed25519_dalek::{Signature, Signer as _, SigningKey};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

pub use ed25519_dalek::VerifyingKey;

/// Why a key could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum SignerError {
    /// The file could not be read or written.
    #[error("the signing key: {0}")]
    File(#[from] SecretFileError),
    /// The file holds no Ed25519 key.
    #[error("{path} holds no Ed25519 private key in PKCS #8 PEM form")]
    NoKey {
        /// The file.
        path: PathBuf,
    },
    /// The text is no public key.
    #[error("this is no Ed25519 public key in PEM form (it begins with `-----BEGIN PUBLIC KEY-----`)")]
    NoPublicKey,
    /// The key has no PEM form.
    #[error("the key can't be written as PEM")]
    Unwritable,
}

/// Signs checkpoints. Clones hold the same key.
#[derive(Clone)]
pub struct Signer {
    key: SigningKey,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signer(..)")
    }
}

impl Signer {
    /// A signer whose key is these 32 random bytes.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self { key: SigningKey::from_bytes(seed) }
    }

    /// A new signer; `fill` gives the randomness.
    #[must_use]
    pub fn generate(fill: &dyn Fn(&mut [u8])) -> Self {
        let mut seed = Zeroizing::new([0; 32]);
        fill(seed.as_mut_slice());
        Self::from_seed(&seed)
    }

    /// Reads the key from its file (PKCS #8 PEM, as [`Signer::save`] and OpenSSL write it).
    pub fn load(path: &Path) -> Result<Self, SignerError> {
        let text = secret_file::read(path)?;
        let key = SigningKey::from_pkcs8_pem(&text).map_err(|_| SignerError::NoKey { path: path.to_owned() })?;
        Ok(Self { key })
    }

    /// Writes the key into a new file that only its owner may read.
    pub fn save(&self, path: &Path) -> Result<(), SignerError> {
        let pem = self.key.to_pkcs8_pem(LineEnding::LF).map_err(|_| SignerError::Unwritable)?;
        Ok(secret_file::create(path, &pem)?)
    }

    /// The public half.
    #[must_use]
    pub fn verifying_key(&self) -> VerifyingKey {
        self.key.verifying_key()
    }

    /// The public half as PEM, for the auditor.
    pub fn public_pem(&self) -> Result<String, SignerError> {
        self.key.verifying_key().to_public_key_pem(LineEnding::LF).map_err(|_| SignerError::Unwritable)
    }

    pub(crate) fn sign(&self, text: &str) -> [u8; Signature::BYTE_SIZE] {
        self.key.sign(text.as_bytes()).to_bytes()
    }
}

/// Reads a public key from the text of its PEM file.
pub fn verifying_key_from_pem(text: &str) -> Result<VerifyingKey, SignerError> {
    VerifyingKey::from_public_key_pem(text.trim()).map_err(|_| SignerError::NoPublicKey)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_it_was_written_and_only_its_owner_may_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("signing.pem");
        let signer = Signer::generate(&|bytes| bytes.fill(7));
        signer.save(&path).unwrap();
        assert_eq!(Signer::load(&path).unwrap().verifying_key(), signer.verifying_key());
        assert_eq!(verifying_key_from_pem(&signer.public_pem().unwrap()).unwrap(), signer.verifying_key());
        assert!(signer.save(&path).is_err(), "a key is never overwritten");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
            assert!(matches!(Signer::load(&path), Err(SignerError::File(SecretFileError::Open { mode: 0o644, .. }))));
        }
    }
}
