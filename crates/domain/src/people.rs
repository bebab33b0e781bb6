//! The accounts that are no customers: users, connections, the partner, the policy.

use crate::credentials::{Credentials, PolicyWanted};
use crate::customers::Cloud;
use crate::ids::{AccountId, Actor, CaseId, Hash, IncidentId, TenantId, TokenId};
use crate::permission::{Role, Scope};
use crate::sealed::Sealed;
use crate::views::OwnDesk;
use jiff::Timestamp;
use money::Money;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The most tokens of one user, and keys of one connection.
pub const MAX_TOKENS: usize = 100;
/// The most parts of a connection whose faults its file keeps.
pub const MAX_FAULTS: usize = 100;
/// The most incidents that are under way at once.
pub const MAX_INCIDENTS: usize = 1_000;
/// The most lifts of caps that hold at once.
pub const MAX_LIFTS: usize = 1_000;
/// The most policy bundles that the timeline keeps in the file; the journal keeps all.
pub const MAX_TIMELINE: usize = 1_000;

/// Observed: a person works at the partner.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UserAdded {
    /// The person's name.
    pub name: Sealed<String>,
    /// The roles.
    pub roles: BTreeSet<Role>,
    /// Which customers the person sees.
    pub scope: Scope,
}

/// Observed: what a user may do has changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UserChanged {
    /// The roles.
    pub roles: BTreeSet<Role>,
    /// Which customers the person sees.
    pub scope: Scope,
    /// Whether the person may come in at all.
    pub active: bool,
}

/// Observed: how much money an action may have at stake for this user to approve it. One whose money at stake is not
/// known is above every limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalsLimited {
    /// The most; nothing is without limit.
    pub up_to: Option<Money>,
}

/// Observed: a person had the journal checked as far as it is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalChecked {
    /// How many facts were checked.
    pub facts: u64,
    /// The root over them.
    pub root: Hash,
    /// How much was found wrong.
    pub findings: u64,
}

/// Observed: a token or key was handed out. Only its hash is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenIssued {
    /// The token.
    pub token: TokenId,
    /// SHA-256 of its text.
    pub digest: Hash,
    /// What it is for, as its owner calls it.
    pub label: String,
    /// When it ends.
    pub expires: Option<Timestamp>,
}

/// Observed: a token or key is no longer good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenRevoked {
    /// The token.
    pub token: TokenId,
}

/// Observed: a Partner Center tenant of the partner's was connected.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConnectionAdded {
    /// The partner's own tenant.
    pub partner_tenant: TenantId,
    /// Its cloud.
    pub cloud: Cloud,
    /// What people call it.
    pub label: String,
}

/// Observed: a person switched actions on or off. Until then everything is a dry run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionsSwitched {
    /// Whether changes are sent to Microsoft.
    pub on: bool,
}

/// Observed: how a sync or a webhook of the connection went, when that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionHealth {
    /// What was done: `alerts`, `customers`, `webhook`.
    pub part: String,
    /// Nothing when it works; Microsoft's code or our own word otherwise.
    pub fault: Option<String>,
}

/// Observed: the MFA state of the partner's administrators on a day (X5); it can't be back-filled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostureRecorded {
    /// The day, as `2026-11-22`, in UTC.
    pub day: String,
    /// Administrators in all.
    pub administrators: u32,
    /// Of them with MFA on.
    pub with_mfa: u32,
}

/// Observed: several cases have one cause.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IncidentDeclared {
    /// The incident.
    pub incident: IncidentId,
    /// What it is, in a person's words.
    pub title: Sealed<String>,
    /// Its cases, by customer.
    pub cases: Vec<(AccountId, CaseId)>,
}

/// Observed: an incident is over; caps that were lifted for it fall back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentEnded {
    /// The incident.
    pub incident: IncidentId,
}

/// Observed: a named person lifted a cap in an incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CapLifted {
    /// The incident.
    pub incident: IncidentId,
    /// The permit.
    pub permit: String,
    /// How many there are in an hour meanwhile.
    pub limit: u32,
    /// When it falls back.
    pub until: Timestamp,
}

/// Observed: policy files were published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyPublished {
    /// The bundle of files.
    pub hash: Hash,
    /// From when it decides.
    pub from: Timestamp,
    /// Its number: 1, 2, 3 ...
    pub epoch: u64,
}

/// Observed, on every other account: from here on these files decide. It travels from the policy's account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyAdopted {
    /// The bundle of files.
    pub hash: Hash,
    /// From when it decides here: dues before it are still decided under the one before.
    pub from: Timestamp,
    /// Its number.
    pub epoch: u64,
}

/// A user's file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UserFile {
    /// The person's name.
    pub name: Sealed<String>,
    /// The roles.
    pub roles: BTreeSet<Role>,
    /// Which customers the person sees.
    pub scope: Scope,
    /// Whether the person may come in at all.
    pub active: bool,
    /// The tokens that are good.
    pub tokens: BTreeMap<TokenId, TokenIssued>,
    /// How the person proves who it is.
    #[serde(default)]
    pub credentials: Box<Credentials>,
    /// The most money at stake that it may approve; nothing is without limit.
    #[serde(default)]
    pub approves_up_to: Option<Money>,
    /// What it has set up for itself.
    #[serde(default)]
    pub desk: Box<OwnDesk>,
    /// Whether it has had the journal checked.
    #[serde(default)]
    pub has_checked_journal: bool,
}

/// A connection's file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionFile {
    /// The partner's own tenant.
    pub partner_tenant: TenantId,
    /// Its cloud.
    pub cloud: Cloud,
    /// What people call it.
    pub label: String,
    /// Whether changes are sent to Microsoft.
    pub actions_on: bool,
    /// The intake keys that are good.
    pub keys: BTreeMap<TokenId, TokenIssued>,
    /// What does not work.
    pub faults: BTreeMap<String, String>,
    /// The last day whose posture was recorded.
    pub posture_day: Option<String>,
}

/// A lift of a cap that holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lift {
    /// The incident that it was lifted in.
    pub incident: IncidentId,
    /// How many there are in an hour meanwhile.
    pub limit: u32,
    /// When it was lifted.
    pub since: Timestamp,
    /// When it falls back. Nobody takes a lift away that has passed: who reads compares it with the clock.
    pub until: Timestamp,
    /// Who lifted it.
    pub by: Actor,
}

/// The partner's file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PartnerFile {
    /// Incidents that are not over.
    pub incidents: BTreeSet<IncidentId>,
    /// The lifts of caps that hold, by permit: the newest of each, until it or its incident ends.
    #[serde(default)]
    pub lifts: BTreeMap<String, Lift>,
}

/// The policy's file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PolicyFile {
    /// What was published, in order.
    pub timeline: Vec<PolicyPublished>,
    /// What a Global administrator wants to publish and another one has to want as well.
    #[serde(default)]
    pub wanted: Option<PolicyWanted>,
}

#[cfg(test)]
mod tests {
    use super::Lift;

    #[test]
    fn a_lift_that_an_older_file_kept_without_a_name_is_not_read_so_that_the_file_is_folded_anew() {
        let id = "00000000-0000-4000-8000-000000000000";
        let older = format!(r#"{{"incident":"{id}","permit":"x","limit":5,"until":"2026-11-22T03:00:00Z"}}"#);
        assert!(serde_json::from_str::<Lift>(&older).is_err());
        let kept = older.replacen('{', r#"{"since":"2026-11-22T02:00:00Z","by":"program","#, 1);
        assert_eq!(serde_json::from_str::<Lift>(&kept).unwrap().limit, 5);
    }
}
