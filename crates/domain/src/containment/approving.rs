//! When a proposal has enough approvals: four eyes by size, the emergency class, a partner of one person.

use super::{Action, ActionClass, ActionState, Approved, Expired, MAX_APPROVALS, Proposed, Released};
use crate::body::Body;
use crate::fact::NewFact;
use crate::file::CustomerFile;
use crate::ids::{AccountId, ActionId};
use crate::paging::unanswered_from;
use crate::permission::{Permission, Role, allows};
use crate::policy::Policy;
use crate::reason::Reason;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// How a proposal stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It may start.
    Enough(Vec<Reason>),
    /// It may start at this instant, by the proposer's own approval.
    EnoughFrom(Timestamp),
    /// These roles have not approved.
    Missing(Vec<Role>),
}

impl CustomerFile {
    pub(crate) fn action_approved(&mut self, at: Timestamp, approved: &Approved) {
        let waits = |action: &&mut Action| action.state == ActionState::Proposed;
        let Some(action) = self.actions.get_mut(&approved.action).filter(waits) else { return };
        let is_new = action.approvals.iter().all(|(_, known)| known != approved);
        if is_new && action.approvals.len() < MAX_APPROVALS {
            action.approvals.push((at, approved.clone()));
        }
    }

    pub(crate) fn action_released(&mut self, released: &Released) {
        if let Some(action) = self.actions.get_mut(&released.action) {
            action.state = ActionState::Released;
            action.review_by = released.review_by;
        }
    }

    /// A no to what is already under way stops it: what is in flight is still followed to its end.
    pub(crate) fn action_rejected(&mut self, action: ActionId) {
        let state = self.actions.get(&action).map(|action| action.state);
        let next = if state == Some(ActionState::Released) { ActionState::Stopped } else { ActionState::Rejected };
        self.action_set(action, next);
    }

    pub(crate) fn action_set(&mut self, action: ActionId, state: ActionState) {
        if let Some(action) = self.actions.get_mut(&action).filter(|action| action.is_open()) {
            action.state = state;
        }
    }

    pub(crate) fn action_reviewed(&mut self, action: ActionId) {
        if let Some(action) = self.actions.get_mut(&action) {
            action.review_by = None;
        }
    }
}

pub(super) fn decide(action: &Action, policy: &Policy, at: Timestamp) -> Option<NewFact> {
    let id = action.proposed.action;
    if at >= action.proposed.expires {
        return Some(NewFact::decided(at, Body::ActionExpired(Expired { action: id })));
    }
    match standing(action, policy, at) {
        Standing::Enough(reasons) => {
            let by_one = |reason: &Reason| {
                matches!(reason, Reason::PageUnanswered | Reason::NobodyPaged | Reason::SingleOperator)
            };
            let alone = reasons.iter().any(by_one);
            let reviewed = alone || action.proposed.class == ActionClass::Emergency;
            let review_by = reviewed.then(|| later(at, policy.approvals.emergency.review_within));
            Some(NewFact::decided(at, Body::ActionReleased(Released { action: id, reasons, review_by })))
        }
        Standing::EnoughFrom(_) | Standing::Missing(_) => None,
    }
}

pub(super) fn next_due(action: &Action, policy: &Policy) -> Timestamp {
    // Any instant before expiry is good to ask how it stands: the answer names the later instant itself.
    let from = match standing(action, policy, action.proposed_at) {
        Standing::EnoughFrom(from) => from,
        Standing::Enough(_) => action.proposed_at,
        Standing::Missing(_) => Timestamp::MAX,
    };
    from.min(action.proposed.expires)
}

/// How a proposal stands at an instant.
#[must_use]
pub fn standing(action: &Action, policy: &Policy, at: Timestamp) -> Standing {
    let valid: Vec<&(Timestamp, Approved)> =
        action.approvals.iter().filter(|(_, approval)| is_valid(action, approval)).collect();
    let by_others: Vec<&Approved> = valid
        .iter()
        .map(|(_, approval)| approval)
        .filter(|approval| approval.approver != action.proposed.proposer)
        .collect();
    let missing = unfilled(&action.proposed.roles, &by_others);
    if missing.is_empty() {
        let approved = action.proposed.roles.iter().map(|role| Reason::ApprovedBy { role: *role });
        return Standing::Enough(approved.collect());
    }
    let by_proposer =
        valid.iter().find(|(_, approval)| approval.approver == action.proposed.proposer && approval.reauthenticated);
    match by_proposer.and_then(|(approved_at, own)| alone_from(action, *approved_at, own, policy)) {
        Some((from, reason)) if at >= from => Standing::Enough(vec![reason]),
        Some((from, _)) => Standing::EnoughFrom(from),
        None => Standing::Missing(missing),
    }
}

/// An approval counts for exactly what was shown, and only from a role that may approve.
fn is_valid(action: &Action, approval: &Approved) -> bool {
    is_bound(action, approval) && approval.roles.iter().any(|role| allows(*role, Permission::ActionApprove))
}

fn is_bound(action: &Action, approval: &Approved) -> bool {
    #[cfg(feature = "mutants")]
    if crate::mutant::is(crate::mutant::Mutant::ApprovalUnbound) {
        return true;
    }
    approval.parameters == action.proposed.parameters
}

/// When the proposer's own approval is enough, and why: single-operator mode first, then an unanswered page.
fn alone_from(action: &Action, approved_at: Timestamp, own: &Approved, policy: &Policy) -> Option<(Timestamp, Reason)> {
    let approvals = &policy.approvals;
    if approvals.single_operator.enabled {
        return Some((later(approved_at, approvals.single_operator.delay), Reason::SingleOperator));
    }
    if may_act_unanswered(&action.proposed, &own.roles, policy) {
        let unanswered = unanswered_from(action, approvals.emergency.page_unanswered_after);
        return unanswered.map(|(from, reason)| (from.max(approved_at), reason));
    }
    None
}

/// Whether who proposed an emergency may act alone once nobody answered the page: only in a role that the class asks for.
pub(super) fn may_act_unanswered(proposed: &Proposed, own: &BTreeSet<Role>, policy: &Policy) -> bool {
    proposed.class == ActionClass::Emergency
        && policy.approvals.emergency.enabled
        && proposed.roles.iter().all(|role| fills(own, *role))
}

/// A Global administrator stands in for every role.
fn fills(own: &BTreeSet<Role>, role: Role) -> bool {
    own.contains(&role) || own.contains(&Role::GlobalAdministrator)
}

/// The roles that no approval fills, when each person fills one at most and people are placed so that as many
/// roles as possible are filled. A Global administrator fills any.
fn unfilled(roles: &[Role], approvals: &[&Approved]) -> Vec<Role> {
    let mut places = BTreeMap::new();
    let is_free = |(place, role): (usize, &Role)| {
        (!take_place(place, roles, approvals, &mut places, &mut BTreeSet::new())).then_some(*role)
    };
    roles.iter().enumerate().filter_map(is_free).collect()
}

/// Finds a person for one place; whoever sits there already moves on if another place is free (augmenting paths).
fn take_place(
    place: usize,
    roles: &[Role],
    approvals: &[&Approved],
    places: &mut BTreeMap<AccountId, usize>,
    asked: &mut BTreeSet<AccountId>,
) -> bool {
    let Some(role) = roles.get(place) else { return false };
    for approval in approvals.iter().filter(|approval| fills(&approval.roles, *role)) {
        if !asked.insert(approval.approver) {
            continue;
        }
        let moves_on = match places.get(&approval.approver).copied() {
            Some(other) => take_place(other, roles, approvals, places, asked),
            None => true,
        };
        if moves_on {
            places.insert(approval.approver, place);
            return true;
        }
    }
    false
}

fn later(at: Timestamp, span: SignedDuration) -> Timestamp {
    at.saturating_add(span).unwrap_or(Timestamp::MAX)
}
