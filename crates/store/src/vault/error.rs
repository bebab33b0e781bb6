//! Why the vault could not do what it was asked. The texts are for operators and developers; they never hold a secret.

use crate::error::StoreError;
use crate::secret_file::SecretFileError;
use crate::sql::RowError;
use domain::ids::AccountId;
use domain::sealed::Retention;

/// Why the vault could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The file with the master key could not be read or written.
    #[error("the master key: {0}")]
    MasterFile(#[from] SecretFileError),
    /// The master key has another form.
    #[error("the master key must be 32 bytes in base64, as `openssl rand -base64 32` writes them")]
    MasterForm,
    /// The keys are wrapped by another master key.
    #[error("the master key is not the one of this key store")]
    WrongMaster,
    /// The master key was exchanged for a newer one.
    #[error("the master key was exchanged: open the vault with the new one")]
    Retired,
    /// The key store did not do what was asked.
    #[error("the key store: {0}")]
    Keys(#[from] StoreError),
    /// The key that something was sealed with is not in the key store, and was not erased either.
    #[error("key {version} of class {} of account {account} is not in the key store: an older copy of it may be open", class.word())]
    KeyMissing {
        /// The account.
        account: AccountId,
        /// The class of data.
        class: Retention,
        /// The number of the key.
        version: u32,
    },
    /// What should be opened is not one of this account and class, or was changed.
    #[error("what should be opened is not sealed for account {account} and class {}, or was changed", class.word())]
    NotSealedForThis {
        /// The account.
        account: AccountId,
        /// The class of data.
        class: Retention,
    },
    /// What was opened is no value of the type that is asked for.
    #[error("what is sealed for account {account} has another shape than is asked for: {source}")]
    Value {
        /// The account.
        account: AccountId,
        /// What the parser said.
        source: serde_json::Error,
    },
    /// More is to be sealed than a fact can hold.
    #[error("{bytes} bytes are to be sealed for account {account}; at most {limit} are taken")]
    TooLarge {
        /// The account.
        account: AccountId,
        /// How many bytes.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// The cipher refused, which it does only for sizes that are never reached.
    #[error("the cipher refused to seal")]
    Cipher,
}

impl From<RowError> for VaultError {
    fn from(error: RowError) -> Self {
        Self::Keys(error.into())
    }
}
