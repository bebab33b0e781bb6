//! What a person may do with an action now, asked before anything is recorded, so that a refusal says why.

use super::approving::may_act_unanswered;
use super::{Action, ActionClass, ActionOutcome, ActionState};
use crate::file::CustomerFile;
use crate::ids::{ActionId, Hash};
use crate::paging::is_taken_on;
use crate::permission::{Caller, Permission, Role, roles_allowing};
use crate::policy::Policy;
use jiff::Timestamp;
use money::Money;

/// Why a person may not do it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The customer has no such action.
    #[error("there is no such action")]
    UnknownAction,
    /// It is past the point.
    #[error("the action is no longer waiting for this: it is {0:?}")]
    NotInThisState(ActionState),
    /// Nobody approved in time.
    #[error("the proposal expired at {0}: propose it again")]
    Expired(Timestamp),
    /// It is not what the person saw.
    #[error("the action is not the one you were shown: read it again and approve that")]
    OtherParameters,
    /// Proposer is never approver.
    #[error("whoever proposed an action can't approve it: another person with one of the roles {0:?} has to")]
    ProposerCannotApprove(Vec<Role>),
    /// Alone, one has to prove one's identity anew.
    #[error("approving alone needs your identity proved anew")]
    ReauthenticationNeeded,
    /// The person said so before.
    #[error("you have approved this action already")]
    AlreadyApproved,
    /// A review is another person's look.
    #[error("whoever proposed or approved an action can't review it: another Global administrator has to")]
    OwnReview,
    /// Somebody has answered the page.
    #[error("another person has taken the page on, and approves or rejects it")]
    PageAnswered,
    /// What was on its way when it was stopped is still followed to its end.
    #[error("some of it was on its way when it was stopped: revert it once that is read back")]
    NotReadBack,
    /// Nobody was woken about it, or somebody has taken it on already.
    #[error("there is no page about it that waits for somebody to take it on")]
    NothingToAcknowledge,
    /// The person may approve less.
    #[error("the action has more at stake, or it is not known how much, than the {} that you may approve", .0.amount())]
    AboveLimit(Money),
    /// There is nothing to review.
    #[error("the action is not to be reviewed, or has been")]
    NothingToReview,
    /// The role does not allow it.
    #[error("none of your roles allows this; these do: {0:?}")]
    RoleMissing(Vec<Role>),
}

/// Whether a person may approve an action as it was shown.
pub fn may_approve<'a>(
    file: &'a CustomerFile,
    policy: &Policy,
    action: ActionId,
    seen: Hash,
    caller: &Caller,
    reauthenticated: bool,
    at: Timestamp,
) -> Result<&'a Action, Refusal> {
    let action = waiting(file, action, at)?;
    if !caller.may(Permission::ActionApprove) {
        return Err(Refusal::RoleMissing(roles_allowing(Permission::ActionApprove)));
    }
    if let Some(limit) = caller.limit_below(action.proposed.at_stake) {
        return Err(Refusal::AboveLimit(limit));
    }
    if seen != action.proposed.parameters {
        return Err(Refusal::OtherParameters);
    }
    if action.approvals.iter().any(|(_, approval)| approval.approver == caller.user) {
        return Err(Refusal::AlreadyApproved);
    }
    if caller.user == action.proposed.proposer {
        let alone =
            policy.approvals.single_operator.enabled || may_act_unanswered(&action.proposed, &caller.roles, policy);
        if !alone {
            return Err(Refusal::ProposerCannotApprove(action.proposed.roles.clone()));
        }
        if is_taken_on(action) && !policy.approvals.single_operator.enabled {
            return Err(Refusal::PageAnswered);
        }
        if !reauthenticated {
            return Err(Refusal::ReauthenticationNeeded);
        }
    }
    Ok(action)
}

/// Whether a person may propose an action of a class: one for 03:00 may come to be approved by its proposer alone, so
/// that only a role that may act then may propose it.
pub fn may_propose(caller: &Caller, class: ActionClass) -> Result<(), Refusal> {
    let permission = match class {
        ActionClass::Normal => Permission::ActionPropose,
        ActionClass::Emergency => Permission::ActionProposeEmergency,
    };
    if caller.may(permission) { Ok(()) } else { Err(Refusal::RoleMissing(roles_allowing(permission))) }
}

/// Whether a person may mark an action as reviewed. Who proposed or approved it may not, except where the partner is
/// run by one person: there is nobody else.
pub fn may_review<'a>(
    file: &'a CustomerFile,
    policy: &Policy,
    action: ActionId,
    caller: &Caller,
) -> Result<&'a Action, Refusal> {
    let action = file.actions.get(&action).ok_or(Refusal::UnknownAction)?;
    if !caller.roles.contains(&Role::GlobalAdministrator) || !caller.may(Permission::ActionApprove) {
        return Err(Refusal::RoleMissing(vec![Role::GlobalAdministrator]));
    }
    if action.review_by.is_none() {
        return Err(Refusal::NothingToReview);
    }
    if action.is_by(caller.user) && !policy.approvals.single_operator.enabled {
        return Err(Refusal::OwnReview);
    }
    Ok(action)
}

/// Whether a person may reject an action.
pub fn may_reject(file: &CustomerFile, action: ActionId) -> Result<&Action, Refusal> {
    let action = file.actions.get(&action).ok_or(Refusal::UnknownAction)?;
    match action.state {
        ActionState::Proposed => Ok(action),
        state => Err(Refusal::NotInThisState(state)),
    }
}

/// Whether a person may withdraw an action, or stop what is not yet done of it: one's own, and anybody's for who works
/// with the case, since a stop lets the loss go on.
pub fn may_stop<'a>(file: &'a CustomerFile, action: ActionId, caller: &Caller) -> Result<&'a Action, Refusal> {
    let action = file.actions.get(&action).ok_or(Refusal::UnknownAction)?;
    if !action.is_open() {
        return Err(Refusal::NotInThisState(action.state));
    }
    if action.may_be_stopped_by(caller) {
        Ok(action)
    } else {
        Err(Refusal::RoleMissing(roles_allowing(Permission::SignalTriage)))
    }
}

/// Whether an action has come to an end that can be reverted. Of one that was stopped, what was on its way is waited
/// for: only what was read back says what there is to put back.
pub fn may_revert(file: &CustomerFile, action: ActionId) -> Result<&Action, Refusal> {
    let action = file.actions.get(&action).ok_or(Refusal::UnknownAction)?;
    match action.state {
        ActionState::Stopped if action.is_under_way() => Err(Refusal::NotReadBack),
        ActionState::Finished(ActionOutcome::Verified | ActionOutcome::Failed) | ActionState::Stopped => Ok(action),
        state => Err(Refusal::NotInThisState(state)),
    }
}

impl Action {
    /// Whether a person may withdraw or stop it, as long as it is open.
    #[must_use]
    pub fn may_be_stopped_by(&self, caller: &Caller) -> bool {
        caller.user == self.proposed.proposer || caller.may(Permission::SignalTriage)
    }
}

fn waiting(file: &CustomerFile, action: ActionId, at: Timestamp) -> Result<&Action, Refusal> {
    let action = file.actions.get(&action).ok_or(Refusal::UnknownAction)?;
    match action.state {
        ActionState::Proposed if at >= action.proposed.expires => Err(Refusal::Expired(action.proposed.expires)),
        ActionState::Proposed => Ok(action),
        state => Err(Refusal::NotInThisState(state)),
    }
}
