//! What checking an export can find, in plain words. The checks themselves are in `verify`.

use crate::checkpoint::{Checkpoint, CheckpointError};
use domain::ids::{AccountId, Hash};
use jiff::Timestamp;
use std::fmt;

/// What checking an export found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Facts in the file.
    pub facts: u64,
    /// Accounts in the file.
    pub accounts: u64,
    /// The position of the last fact.
    pub last_position: u64,
    /// How many facts, from the first on, the last good checkpoint in the file covers; the rest carries no signature.
    pub signed: u64,
    /// The root of the tree over all facts in the file.
    pub root: Hash,
    /// Whether nothing was cut off and nothing was written anew.
    pub proven: Proof,
    /// What is wrong, in the order of the file.
    pub findings: Vec<Fault>,
    /// How many findings there are beyond [`MAX_FINDINGS`](super::MAX_FINDINGS).
    pub further: u64,
}

impl Report {
    /// True when nothing is wrong with the file. Whether it is also proven to be whole is [`Report::proven`].
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.findings.is_empty()
    }
}

/// Whether the journal is the one that was signed when the kept checkpoint was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// The first facts are the very ones that the kept checkpoint covers; nothing up to there was cut off or rewritten.
    Proven {
        /// How many.
        size: u64,
        /// When the checkpoint was signed.
        at: Timestamp,
    },
    /// That is not proven.
    NotProven {
        /// Why not.
        why: String,
    },
}

impl Proof {
    pub(super) fn unkept() -> Self {
        let why = "no checkpoint that was kept elsewhere is given: facts cut off at the end together with their \
             checkpoints, and a journal written anew as a whole, would look the same";
        Self::NotProven { why: why.to_owned() }
    }

    pub(super) fn rewritten(kept: &Checkpoint) -> Self {
        Self::NotProven { why: format!("the first {} facts are not those of the kept checkpoint", kept.size) }
    }

    pub(super) fn truncated(kept: &Checkpoint, found: u64) -> Self {
        Self::NotProven { why: format!("the kept checkpoint covers {} facts, the file has {found}", kept.size) }
    }

    pub(super) fn faulty() -> Self {
        Self::NotProven { why: "the file has faults".to_owned() }
    }
}

/// Something that is wrong with an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The line it was found on, from 1.
    pub line: u64,
    /// What is wrong; its `Display` says it in plain words.
    pub what: Problem,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

/// What can be wrong with an export.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The first line is no header.
    #[error("the file does not begin with the header of an export")]
    NoHeader,
    /// The header names a form that this release does not know.
    #[error("the export has form {0}, which this release does not know")]
    Format(u32),
    /// A line is not what an export has.
    #[error("the line is none of an export: a fact, a checkpoint or the end")]
    Unreadable,
    /// A line follows the end.
    #[error("a line follows the end of the export")]
    AfterEnd,
    /// There is no end.
    #[error("the export has no end: it was cut off")]
    NoEnd,
    /// A fact has another position than the one that comes next.
    #[error("position {found} stands where position {expected} should be: facts were removed, put in or moved")]
    Position {
        /// The position that should come.
        expected: u64,
        /// The position that comes.
        found: u64,
    },
    /// A fact has another number in its account than the one that comes next.
    #[error(
        "account {account} has fact {found} where its fact {expected} should be: facts were removed, put in or moved"
    )]
    Version {
        /// The account.
        account: AccountId,
        /// The number that should come.
        expected: u64,
        /// The number that comes.
        found: u64,
    },
    /// A fact is not chained to the one before it.
    #[error("fact {version} of account {account} does not follow on the fact before it: one of them was exchanged")]
    Chain {
        /// The account.
        account: AccountId,
        /// Its number.
        version: u64,
    },
    /// A fact's bytes don't give its hash.
    #[error("fact {version} of account {account} was edited: its bytes don't give its hash")]
    Edited {
        /// The account.
        account: AccountId,
        /// Its number.
        version: u64,
    },
    /// A fact says of itself that it is another one than the line says.
    #[error("what stands at fact {version} of account {account} says of itself that it is something else")]
    Mislabelled {
        /// The account.
        account: AccountId,
        /// Its number.
        version: u64,
    },
    /// A fact was recorded before the one before it.
    #[error("fact {version} of account {account} was recorded before the fact before it: the clock was set back")]
    ClockBack {
        /// The account.
        account: AccountId,
        /// Its number.
        version: u64,
    },
    /// A checkpoint is older than the one before it, or than a fact that it covers.
    #[error("the checkpoint of {at} is older than what it follows on: the clock was set back")]
    CheckpointClockBack {
        /// When it says that it was signed.
        at: Timestamp,
    },
    /// A checkpoint in the file is not readable, or was changed after it was signed.
    #[error("the checkpoint was changed after it was signed, or is none")]
    Checkpoint,
    /// Another key signed a checkpoint in the file.
    #[error("the checkpoint over {size} facts is not signed with this key")]
    OtherKey {
        /// How many facts it says that it covers.
        size: u64,
    },
    /// Something in the file is of another store.
    #[error("this is of the store `{found}`, not of `{wanted}`")]
    OtherStore {
        /// The store that is wanted.
        wanted: String,
        /// The store that is named.
        found: String,
    },
    /// A checkpoint or the end counts another number of facts than there are before it.
    #[error("{signed} facts were here, {found} are: facts were removed or put in")]
    Count {
        /// How many there were.
        signed: u64,
        /// How many there are.
        found: u64,
    },
    /// The facts are not the ones that were signed.
    #[error("the first {size} facts are not the ones that were signed: one of them was exchanged")]
    Root {
        /// How many.
        size: u64,
    },
    /// The facts are not the ones that the kept checkpoint covers.
    #[error("the first {size} facts are not the ones of the kept checkpoint of {at}: the journal was written anew")]
    Rewritten {
        /// How many the kept checkpoint covers.
        size: u64,
        /// When it was signed.
        at: Timestamp,
    },
    /// There are fewer facts than the kept checkpoint covers.
    #[error("the kept checkpoint of {at} covers {size} facts, the file ends after {found}: the rest was cut off")]
    Truncated {
        /// How many the kept checkpoint covers.
        size: u64,
        /// When it was signed.
        at: Timestamp,
        /// How many are in the file.
        found: u64,
    },
}

/// Why an export could not be checked at all.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The file could not be read.
    #[error("the export could not be read after line {line}: {source}")]
    Read {
        /// The last line that was read.
        line: u64,
        /// What the system said.
        source: std::io::Error,
    },
    /// The kept checkpoint is none of this key, so that nothing can be proven with it.
    #[error("the kept checkpoint can't be used: {0}")]
    Kept(#[source] CheckpointError),
}
