//! Identifiers, each its own type. Ids that are born in a decision are derived from what caused them;
//! ids that are born at the edge (a user, an incident) are made there and only carried here.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }
        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    )*};
}

ids! {
    /// One company's, user's, connection's or policy's file.
    AccountId,
    /// A customer tenant in Entra ID.
    TenantId,
    /// A subscription in Partner Center: seats, or an Azure plan.
    SubscriptionId,
    /// An Azure subscription under an Azure plan (Partner Center calls it an entitlement).
    AzureSubscriptionId,
    /// The signals and notices of one customer that are one story.
    CaseId,
    /// One observation that may mean abuse, theft or non-payment.
    SignalId,
    /// A change made at the customer to stop loss.
    ActionId,
    /// Several cases with one cause.
    IncidentId,
    /// A token of the REST interface or of the intake.
    TokenId,
    /// A rule that asks for no attention at one customer for a while.
    SnoozeId,
    /// A list with a filter that a person keeps under a name.
    ViewId,
    /// One record of Partner Center's own activity log.
    ActivityId,
    /// A person at a customer with whom we speak.
    ContactId,
}

/// What an account is the file of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountKind {
    /// A customer tenant of one connection.
    Customer,
    /// An indirect reseller.
    Reseller,
    /// A person who works at the partner.
    User,
    /// One Partner Center tenant of the partner.
    Connection,
    /// The partner itself: incidents, caps, posture.
    Partner,
    /// The policy files in force.
    Policy,
}

impl AccountKind {
    /// The stable word for the kind, as stored and as used in ids.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Reseller => "reseller",
            Self::User => "user",
            Self::Connection => "connection",
            Self::Partner => "partner",
            Self::Policy => "policy",
        }
    }

    /// The kind with this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Customer, Self::Reseller, Self::User, Self::Connection, Self::Partner, Self::Policy]
            .into_iter()
            .find(|kind| kind.word() == word)
    }
}

impl AccountId {
    /// The account of a customer tenant. A tenant seen through two connections is two customers.
    #[must_use]
    pub fn of_customer(connection: Self, tenant: TenantId) -> Self {
        Self(derive(&[b"account", b"customer", connection.0.as_bytes(), tenant.0.as_bytes()]))
    }

    /// The account of a connection, by the partner's own tenant and cloud (`public`, `us_government`).
    #[must_use]
    pub fn of_connection(partner_tenant: TenantId, cloud: &str) -> Self {
        Self(derive(&[b"account", b"connection", partner_tenant.0.as_bytes(), cloud.as_bytes()]))
    }

    /// The account of a person of Entra ID, told apart by tenant and object id alone: mail addresses change hands.
    #[must_use]
    pub fn of_entra_user(tenant: TenantId, object: Uuid) -> Self {
        Self(derive(&[b"account", b"user", b"entra", tenant.0.as_bytes(), object.as_bytes()]))
    }

    /// The one account of the partner.
    #[must_use]
    pub fn of_partner() -> Self {
        Self(derive(&[b"account", b"partner"]))
    }

    /// The one account of the policy files.
    #[must_use]
    pub fn of_policy() -> Self {
        Self(derive(&[b"account", b"policy"]))
    }
}

impl ActivityId {
    /// The record with Microsoft's own name, as read through a connection: told twice it is one.
    #[must_use]
    pub fn of(connection: AccountId, record: &str) -> Self {
        Self(derive(&[b"activity", connection.0.as_bytes(), record.as_bytes()]))
    }
}

/// Derives an id (UUID version 8) inside an account from the fact that caused it.
/// The same cause gives the same id, so a decision that is made again is the same decision.
#[must_use]
pub fn derived_id(account: AccountId, kind: &str, cause: u64, ordinal: u32) -> Uuid {
    derive(&[account.0.as_bytes(), kind.as_bytes(), &cause.to_be_bytes(), &ordinal.to_be_bytes()])
}

fn derive(parts: &[&[u8]]) -> Uuid {
    let mut hasher = Sha256::new();
    for part in parts {
        let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
        hasher.update(length.to_be_bytes());
        hasher.update(part);
    }
    let digest: [u8; 32] = hasher.finalize().into();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(digest.first_chunk::<16>().unwrap_or(&[0; 16]));
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// Who said or did it: an opaque id, never a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Actor {
    /// Borgen itself: engines, workers, the policy.
    Program,
    /// A person who works at the partner.
    User(AccountId),
    /// Microsoft, through one of the partner's connections.
    Connection(AccountId),
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Program => f.write_str("program"),
            Self::User(id) => write!(f, "user:{id}"),
            Self::Connection(id) => write!(f, "connection:{id}"),
        }
    }
}

impl FromStr for Actor {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || format!("`{text}` is no actor");
        match text.split_once(':') {
            None if text == "program" => Ok(Self::Program),
            Some(("user", id)) => id.parse().map(Self::User).map_err(|_| wrong()),
            Some(("connection", id)) => id.parse().map(Self::Connection).map_err(|_| wrong()),
            _ => Err(wrong()),
        }
    }
}

impl Serialize for Actor {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Actor {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A SHA-256 digest, written as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// The digest of some bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Hash {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || format!("`{text}` is no SHA-256 digest: 64 hexadecimal digits are wanted");
        let mut bytes = [0; 32];
        if text.len() != 64 || !text.is_ascii() {
            return Err(wrong());
        }
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| wrong())?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| wrong())?;
        }
        Ok(Self(bytes))
    }
}

impl Serialize for Hash {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_cause_gives_the_same_id_and_another_cause_another() {
        let account = AccountId::of_partner();
        assert_eq!(derived_id(account, "case", 7, 0), derived_id(account, "case", 7, 0));
        assert_ne!(derived_id(account, "case", 7, 0), derived_id(account, "case", 7, 1));
        assert_ne!(derived_id(account, "case", 7, 0), derived_id(AccountId::of_policy(), "case", 7, 0));
        assert_eq!(derived_id(account, "case", 7, 0).get_version_num(), 8);
    }

    #[test]
    fn actors_and_hashes_are_read_as_they_are_written() {
        for actor in [Actor::Program, Actor::User(AccountId::of_partner()), Actor::Connection(AccountId::of_policy())] {
            assert_eq!(actor.to_string().parse::<Actor>().unwrap(), actor);
        }
        assert!("user:nobody".parse::<Actor>().is_err());
        let hash = Hash::of(b"x");
        assert_eq!(hash.to_string().parse::<Hash>().unwrap(), hash);
        assert!("00".parse::<Hash>().is_err());
    }
}
