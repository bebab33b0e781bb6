//! Guard rails: what containment must not do, whoever approves it.

use super::{ActionClass, Guard, Rail, StepKind};
use crate::file::CustomerFile;
use crate::ids::CaseId;
use crate::policy::Policy;
use crate::reason::Reason;
use money::Money;

/// The cap on changes per hour, taken per connection when a step is ordered.
pub const PERMIT_CHANGES: &str = "changes_per_hour";

/// What is looked at.
pub(super) struct Proposal<'a> {
    pub(super) case: CaseId,
    pub(super) steps: &'a [StepKind],
    pub(super) class: ActionClass,
    pub(super) at_stake: Option<Money>,
}

/// Every guard rail's word on a proposal, and the reasons of those that do not let it pass.
pub(super) fn look(file: &CustomerFile, policy: &Policy, proposal: &Proposal<'_>) -> (Vec<Guard>, Vec<Reason>) {
    let words = [
        (Rail::Protected, is_protected(file, policy).then_some(Reason::Protected)),
        (Rail::Size, too_large(policy, proposal.steps)),
        (Rail::Emergency, emergency_refused(policy, proposal)),
        (Rail::OneAtATime, under_way(file, proposal.case)),
    ];
    let guards = words.iter().map(|(rail, refused)| Guard { rail: *rail, passed: refused.is_none() }).collect();
    (guards, words.into_iter().filter_map(|(_, refused)| refused).collect())
}

/// Whether the customer is on the protected list; asked again before every single step.
pub(super) fn is_protected(file: &CustomerFile, policy: &Policy) -> bool {
    file.holdings.identity.as_ref().is_some_and(|identity| policy.guards.protected.contains(&identity.tenant))
}

fn too_large(policy: &Policy, steps: &[StepKind]) -> Option<Reason> {
    let cancelled = steps.iter().filter(|step| matches!(step, StepKind::CancelAzureSubscription { .. })).count();
    let count = u32::try_from(cancelled).unwrap_or(u32::MAX);
    let limit = policy.guards.subscriptions_per_action;
    (count > limit).then_some(Reason::TooManySubscriptions { count, limit })
}

fn emergency_refused(policy: &Policy, proposal: &Proposal<'_>) -> Option<Reason> {
    if proposal.class == ActionClass::Normal {
        return None;
    }
    let emergency = &policy.approvals.emergency;
    // What has no known cost is beyond every cap, as it is beyond every band.
    let covered = proposal
        .at_stake
        .is_some_and(|money| money.currency == emergency.cap.currency && money.minor <= emergency.cap.minor);
    let reversible = proposal.steps.iter().all(StepKind::reversible);
    (!(emergency.enabled && covered && reversible)).then_some(Reason::EmergencyNotAllowed)
}

fn under_way(file: &CustomerFile, case: CaseId) -> Option<Reason> {
    let other = file.actions.values().find(|action| action.is_open() && action.proposed.case == case)?;
    Some(Reason::AlreadyUnderWay { action: other.proposed.action })
}
