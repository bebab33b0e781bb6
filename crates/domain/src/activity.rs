//! Partner Center's own activity log (A3): what was done there for a customer, by whom, and who of us looked at it.
//! Azure's and Entra's logs are streams and stay outside the journal; these records are few, and somebody answers for
//! having read each of them.

use crate::ids::{AccountId, ActivityId};
use crate::sealed::Sealed;
use crate::signals::Token;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The most records that one review names.
pub const MAX_REVIEWED_AT_ONCE: usize = 200;

/// How an operation ended, as Partner Center tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActivityEnd {
    /// It was done.
    Succeeded,
    /// It was not done.
    Failed,
    /// It goes on.
    Progress,
    /// A word this release does not know.
    Unknown,
}

impl ActivityEnd {
    /// Every end.
    pub const ALL: [Self; 4] = [Self::Succeeded, Self::Failed, Self::Progress, Self::Unknown];

    /// The stable word of the end, as stored.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Progress => "progress",
            Self::Unknown => "unknown",
        }
    }
}

/// What a record says of the thing before and after. It can hold names, so it is sealed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ActivityValues {
    /// The thing before, JSON in text, cut to a limit.
    #[serde(default)]
    pub before: Option<String>,
    /// The thing after, JSON in text, cut to a limit.
    #[serde(default)]
    pub after: Option<String>,
}

/// Observed: something was done in Partner Center. It is a fact of the customer it was done for; what was done for no
/// customer, or for one we do not know, is a fact of the connection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ActivityRecorded {
    /// The record.
    pub activity: ActivityId,
    /// The connection it was read through.
    pub connection: AccountId,
    /// Partner Center's word for what was done.
    pub operation: String,
    /// Partner Center's word for the kind of thing it was done to.
    pub resource: String,
    /// How it ended.
    pub end: ActivityEnd,
    /// Who did it.
    pub user: Option<Sealed<String>>,
    /// The same person in other records, without saying who.
    pub who: Option<Token>,
    /// The application it was done with.
    pub application: Option<String>,
    /// The thing before and after.
    pub values: Option<Sealed<ActivityValues>>,
}

/// Observed: a person looked at records of this account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityReviewed {
    /// The records.
    pub activities: BTreeSet<ActivityId>,
}
