//! Erasing personal data, as the journal tells it: that it was ordered, then that it was done and why. What is erased
//! is the key, in the vault; facts stay as they are, and no decision reads what they hold sealed.

use crate::sealed::{Retention, Sealed};
use serde::{Deserialize, Serialize};

/// Observed: a person ordered that the account's keys of a class be erased. It stands before the act, so that an
/// erasure that broke off is seen: no [`ErasureDone`] follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasureOrdered {
    /// The class of data.
    pub class: Retention,
}

/// Observed: the account's keys of a class are erased; what was sealed with them can't be read again by anybody.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ErasureDone {
    /// The class of data.
    pub class: Retention,
    /// How many keys there were: none when nothing was sealed, or all were erased before.
    pub keys: u32,
    /// Why, in a person's words; sealed with a key that is younger than the erasure.
    pub reason: Sealed<String>,
}

/// Observed: the key that wraps the keys of personal data was exchanged. Nothing that was sealed changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MasterKeyExchanged {
    /// How many keys were wrapped anew; those of an exchange that was broken off before are not counted again.
    pub keys: u64,
}
