//! The store: the one `append`, the journal with its feed, seal and proofs, the outbox, and the rows that pages
//! read. SQLite in one file (or in memory), or PostgreSQL. Nothing here decides anything, and nothing here reads a clock.

mod append;
mod bundles;
mod checkpoint;
mod config;
mod due;
mod error;
mod export;
mod head;
mod idempotency;
mod journal;
mod leases;
mod memory;
mod outbox;
mod packed;
mod parking;
mod permits;
mod plan;
pub mod rows;
mod sealer;
mod secret_file;
mod sessions;
mod signer;
mod sql;
mod store;
pub mod tree;
mod vault;
mod verify;

#[cfg(feature = "simulation")]
mod faults;
#[cfg(feature = "simulation")]
pub mod scratch;

pub use append::{Append, Appended, MAX_FACTS_PER_APPEND, MAX_FILE_BYTES, MAX_ROWS_PER_APPEND, NextEpoch};
pub use bundles::{MAX_BUNDLE_BYTES, PolicyEpoch};
pub use checkpoint::{Checkpoint, CheckpointError, MAX_NOTE_BYTES};
pub use config::StoreConfig;
pub use due::DueAccount;
pub use error::StoreError;
pub use export::Exported;
#[cfg(feature = "simulation")]
pub use faults::StoreFaults;
pub use head::Head;
pub use idempotency::{Begun, KeptAnswer, MAX_ANSWER_BYTES};
pub use journal::{FeedEntry, MAX_FACTS_PER_PAGE};
pub use leases::Lease;
pub use memory::MAX_BLOB_BYTES;
pub use outbox::{ClaimedEffect, EffectKey, OutboxRow};
pub use parking::{
    MAX_PARKED, MAX_PARKED_AT_ONCE, MAX_PARKED_EVENT_BYTES, MAX_PARKED_PER_TENANT, Parked, ParkedEvent, ParkedTenant,
};
pub use permits::{PermitTake, lift_permit};
pub use sealer::{MAX_FACTS_PER_SEAL, SEALER_LEASE};
pub use secret_file::SecretFileError;
pub use sessions::{MAX_SESSIONS, SessionRow, Try};
pub use signer::{Signer, SignerError, VerifyingKey, verifying_key_from_pem};
pub use sql::{DbError, Row, RowError, Statement, Value};
pub use store::Store;
pub use vault::{KeysAt, MAX_SEALED_BYTES, Master, Randomness, Vault, VaultConfig, VaultError};
pub use verify::{Fault, MAX_FINDINGS, Problem, Proof, Report, VerifyError, verify};
