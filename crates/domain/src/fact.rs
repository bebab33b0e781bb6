//! A fact: one entry of an account's journal. What it says is in `body`; how it is written and chained is here.
//! The bytes that are stored are the bytes that are hashed; they are never made anew.

use crate::body::Body;
use crate::ids::{AccountId, Actor, Hash};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

/// The version of the decision code. It changes when the same facts would be decided otherwise.
pub const DECIDE_VERSION: u32 = 3;

/// The largest fact that is taken, in bytes: room for a finding with all its resources and its evidence.
pub const MAX_FACT_BYTES: usize = 512 * 1024;

/// How a fact came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Microsoft, a bank, a bureau or a person said so.
    Observed,
    /// An engine found it.
    Found,
    /// It answers a decision: an approval, the result of an effect.
    Answer,
    /// It follows by policy; a replay makes it again.
    Decided,
}

impl Class {
    /// The stable word of the class, as stored.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Observed => "observed",
            Self::Found => "found",
            Self::Answer => "answer",
            Self::Decided => "decided",
        }
    }
}

/// A fact on its way into the journal.
#[derive(Debug, Clone, PartialEq)]
pub struct NewFact {
    /// When it happened, as far as its source knows.
    pub happened: Timestamp,
    /// Who said or did it.
    pub actor: Actor,
    /// The source's own name for the event, unique in the account: told twice it is one fact.
    pub source_key: Option<String>,
    /// What it says.
    pub body: Body,
}

impl NewFact {
    /// A decision of the program at `at`.
    #[must_use]
    pub fn decided(at: Timestamp, body: Body) -> Self {
        Self { happened: at, actor: Actor::Program, source_key: None, body }
    }
}

/// A fact of an account's journal.
#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    /// The account it is of.
    pub account: AccountId,
    /// Its number in the account: 1, 2, 3 ...
    pub version: u64,
    /// The number of the first fact that was appended in the same step.
    pub step: u64,
    /// The instant of the step: when it was recorded, never before an earlier fact of the account.
    pub at: Timestamp,
    /// When it happened, as far as its source knows.
    pub happened: Timestamp,
    /// Who said or did it.
    pub actor: Actor,
    /// The source's own name for the event.
    pub source_key: Option<String>,
    /// The policy it was recorded under, once the account has adopted one.
    pub policy: Option<Hash>,
    /// The version of the decision code it was recorded under.
    pub decide: u32,
    /// What it says.
    pub body: Body,
}

/// A fact as it lies in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFact {
    /// The account it is of.
    pub account: AccountId,
    /// Its number in the account.
    pub version: u64,
    /// The stable word of what it says.
    pub kind: String,
    /// How it came to be.
    pub class: Class,
    /// The instant of its step.
    pub at: Timestamp,
    /// The source's own name for the event.
    pub source_key: Option<String>,
    /// SHA-256 over the hash before it and the bytes.
    pub hash: Hash,
    /// The fact as it was written: one JSON object.
    pub bytes: Vec<u8>,
}

/// Why stored bytes can't be understood.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// The bytes are no fact at all.
    #[error("fact {version} of account {account} is not readable: {source}")]
    Unreadable {
        /// The account the fact was read from.
        account: AccountId,
        /// Its number.
        version: u64,
        /// What the parser said.
        source: serde_json::Error,
    },
    /// A later release wrote it. The account is read-only for this one.
    #[error(
        "fact {version} of account {account} is of kind `{kind}`, schema {schema}, which this release does not know: use the release that wrote it"
    )]
    Newer {
        /// The account the fact was read from.
        account: AccountId,
        /// Its number.
        version: u64,
        /// The kind it names.
        kind: String,
        /// The schema it names.
        schema: u16,
    },
}

/// Why a fact can't be written.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// It is larger than [`MAX_FACT_BYTES`].
    #[error("a fact of kind `{kind}` has {bytes} bytes; at most {MAX_FACT_BYTES} are taken")]
    TooLarge {
        /// The kind of the fact.
        kind: &'static str,
        /// Its size.
        bytes: usize,
    },
    /// It has no JSON form.
    #[error("a fact of kind `{kind}` can't be written: {source}")]
    Unwritable {
        /// The kind of the fact.
        kind: &'static str,
        /// What the serialiser said.
        source: serde_json::Error,
    },
}

/// The written form; the order of the fields is the order of the bytes.
#[derive(Serialize)]
struct Written<'a> {
    account: AccountId,
    version: u64,
    step: u64,
    class: Class,
    kind: &'a str,
    schema: u16,
    at: Timestamp,
    happened: Timestamp,
    actor: Actor,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<Hash>,
    decide: u32,
    body: Box<RawValue>,
}

#[derive(Deserialize)]
struct Read<'a> {
    account: AccountId,
    version: u64,
    step: u64,
    kind: String,
    schema: u16,
    at: Timestamp,
    happened: Timestamp,
    actor: Actor,
    #[serde(default)]
    source_key: Option<String>,
    #[serde(default)]
    policy: Option<Hash>,
    decide: u32,
    #[serde(borrow)]
    body: &'a RawValue,
}

impl Fact {
    /// Writes the fact and chains it to the hash before it (all zeros before the first).
    pub fn store(&self, before: Hash) -> Result<StoredFact, EncodeError> {
        let kind = self.body.kind();
        let unwritable = |source| EncodeError::Unwritable { kind, source };
        let written = Written {
            account: self.account,
            version: self.version,
            step: self.step,
            class: self.body.class(),
            kind,
            schema: self.body.schema(),
            at: self.at,
            happened: self.happened,
            actor: self.actor,
            source_key: self.source_key.as_deref(),
            policy: self.policy,
            decide: self.decide,
            body: self.body.to_raw().map_err(unwritable)?,
        };
        let bytes = serde_json::to_vec(&written).map_err(unwritable)?;
        if bytes.len() > MAX_FACT_BYTES {
            return Err(EncodeError::TooLarge { kind, bytes: bytes.len() });
        }
        Ok(StoredFact {
            account: self.account,
            version: self.version,
            kind: kind.to_owned(),
            class: self.body.class(),
            at: self.at,
            source_key: self.source_key.clone(),
            hash: chained(before, &bytes),
            bytes,
        })
    }

    /// Reads a fact that was stored at `version` of `account`.
    pub fn read(account: AccountId, version: u64, bytes: &[u8]) -> Result<Self, DecodeError> {
        let unreadable = |source| DecodeError::Unreadable { account, version, source };
        let read: Read<'_> = serde_json::from_slice(bytes).map_err(unreadable)?;
        let Some(body) = Body::from_raw(&read.kind, read.schema, read.body).map_err(unreadable)? else {
            return Err(DecodeError::Newer { account, version, kind: read.kind, schema: read.schema });
        };
        Ok(Self {
            account: read.account,
            version: read.version,
            step: read.step,
            at: read.at,
            happened: read.happened,
            actor: read.actor,
            source_key: read.source_key,
            policy: read.policy,
            decide: read.decide,
            body,
        })
    }
}

/// The hash of a fact: SHA-256 over the hash before it and its stored bytes.
#[must_use]
pub fn chained(before: Hash, bytes: &[u8]) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update(before.0);
    hasher.update(bytes);
    Hash(hasher.finalize().into())
}
