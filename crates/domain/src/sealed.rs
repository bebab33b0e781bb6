//! Personal data inside facts. A `Sealed<T>` holds ciphertext only and no key: folding and deciding carry it
//! along but can't read it, so erasing a key never changes a decision. Sealing and opening are the store's.

use serde::{Deserialize, Serialize};
use std::marker::PhantomData;

/// Why the data are kept, which says for how long: each class has its own key per account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Retention {
    /// Names, mail and phone of people and companies.
    Contact,
    /// Raw events, addresses, user names, notes: what shows that abuse took place.
    Evidence,
    /// What registries and bureaus said.
    Screening,
    /// Accounting records.
    Billing,
}

impl Retention {
    /// Every class.
    pub const ALL: [Self; 4] = [Self::Contact, Self::Evidence, Self::Screening, Self::Billing];

    /// The stable word of the class, as stored.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Contact => "contact",
            Self::Evidence => "evidence",
            Self::Screening => "screening",
            Self::Billing => "billing",
        }
    }
}

/// A value of type `T` that only the holder of the account's key for this class can read.
#[derive(Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Sealed<T> {
    /// Which of the account's keys opens it.
    #[serde(rename = "k")]
    class: Retention,
    /// Key version, nonce and ciphertext, in base64: opaque here.
    #[serde(rename = "v")]
    ciphertext: String,
    #[serde(skip)]
    of: PhantomData<fn() -> T>,
}

impl<T> Sealed<T> {
    /// Wraps a ciphertext that the store made.
    #[must_use]
    pub fn from_ciphertext(class: Retention, ciphertext: String) -> Self {
        Self { class, ciphertext, of: PhantomData }
    }

    /// Which of the account's keys opens it, and the ciphertext, for the store to open.
    #[must_use]
    pub fn parts(&self) -> (Retention, &str) {
        (self.class, &self.ciphertext)
    }
}

impl<T> Clone for Sealed<T> {
    fn clone(&self) -> Self {
        Self { class: self.class, ciphertext: self.ciphertext.clone(), of: PhantomData }
    }
}

impl<T> PartialEq for Sealed<T> {
    fn eq(&self, other: &Self) -> bool {
        self.class == other.class && self.ciphertext == other.ciphertext
    }
}

impl<T> Eq for Sealed<T> {}

impl<T> std::fmt::Debug for Sealed<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sealed({})", self.class.word())
    }
}
