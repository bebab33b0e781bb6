//! Carrying out: one step after the other is ordered, then looked for until it is read back or given up.

use super::guarding::is_protected;
use super::{
    Action, ActionOutcome, ActionState, Finished, LookOrdered, MAX_LOOKS, PermitRefused, PlanSnapshot, Remote, StepEnd,
    StepEnded, StepKind, StepOrdered, StepState,
};
use crate::body::Body;
use crate::customers::{AzureStatus, SubscriptionStatus};
use crate::effects::{EffectRef, EffectResult};
use crate::fact::NewFact;
use crate::file::CustomerFile;
use crate::ids::ActionId;
use crate::policy::Policy;
use jiff::{SignedDuration, Timestamp};

impl CustomerFile {
    pub(crate) fn step_ordered(&mut self, version: u64, ordered: &StepOrdered) {
        let effect = EffectRef { version, ordinal: 0 };
        self.set_step(ordered.action, ordered.step, StepState::Ordered { effect });
    }

    pub(crate) fn look_ordered(&mut self, version: u64, ordered: &LookOrdered) {
        let effect = EffectRef { version, ordinal: 0 };
        self.set_step(ordered.action, ordered.step, StepState::Looking { looks: ordered.look, effect });
    }

    pub(crate) fn step_ended(&mut self, ended: &StepEnded) {
        self.set_step(ended.action, ended.step, StepState::Ended(ended.end.clone()));
    }

    pub(crate) fn action_finished(&mut self, finished: &Finished) {
        self.action_set(finished.action, ActionState::Finished(finished.outcome));
    }

    pub(crate) fn permit_refused(&mut self, refused: &PermitRefused) {
        self.blocked_until = Some(refused.until);
    }

    /// Keeps what a plan had when the first try began; a later try may already find it gone.
    pub(crate) fn step_started(&mut self, effect: EffectRef, snapshot: Option<&PlanSnapshot>) {
        let Some((action, step)) = self.step_of(effect) else { return };
        let Some(action) = self.actions.get_mut(&action) else { return };
        // From here on Microsoft may have taken it, whatever becomes of the answer.
        action.touched.insert(step);
        if let (Some(kind), Some(snapshot)) = (action.proposed.steps.get(step), snapshot) {
            action.snapshots.entry(kind.plan()).or_insert_with(|| snapshot.clone());
        }
    }

    /// The result of a step's effect, or of a look at it.
    pub(crate) fn step_finished(&mut self, effect: EffectRef, at: Timestamp, result: &EffectResult) {
        let Some((id, step)) = self.step_of(effect) else { return };
        let Some(action) = self.actions.get_mut(&id) else { return };
        let Some((kind, state)) = action.proposed.steps.get(step).zip(action.steps.get_mut(step)) else { return };
        let looks = if let StepState::Looking { looks, .. } = state { Some(*looks) } else { None };
        match result {
            EffectResult::Done { .. } => {
                action.touched.insert(step);
            }
            // A look that ends so says nothing about the step that it looks for.
            EffectResult::Refused { .. } | EffectResult::NotWanted | EffectResult::DryRun if looks.is_none() => {
                action.touched.remove(&step);
            }
            _ => {}
        }
        let looks = looks.unwrap_or(0);
        let next = match result {
            EffectResult::Done { .. } => StepState::Accepted { at },
            EffectResult::Read(remote) => StepState::Seen { looks, at, remote: *remote },
            EffectResult::DryRun => StepState::NotSent,
            EffectResult::NotWanted => StepState::Stuck { code: "not_wanted".to_owned() },
            EffectResult::Refused { code } | EffectResult::GaveUp { code } => StepState::Stuck { code: code.clone() },
        };
        *state = next;
        if let EffectResult::Read(remote) = result {
            let kind = kind.clone();
            self.remote_seen(at, &kind, *remote);
        }
    }

    fn remote_seen(&mut self, at: Timestamp, kind: &StepKind, remote: Remote) {
        match (kind, remote) {
            (
                StepKind::CancelAzureSubscription { azure_subscription, .. }
                | StepKind::ReactivateAzureSubscription { azure_subscription, .. },
                Remote::AzureSubscription(status),
            ) => {
                if let Some(azure) = self.holdings.azure.get_mut(azure_subscription) {
                    azure.seen(at, status);
                }
            }
            (StepKind::SuspendPlan { plan } | StepKind::ReactivatePlan { plan, .. }, Remote::Plan(status)) => {
                if let Some(subscription) = self.holdings.subscriptions.get_mut(plan) {
                    subscription.status = status;
                }
            }
            _ => {}
        }
    }

    /// The action and step that an effect belongs to, while it is still theirs.
    #[must_use]
    pub fn step_of(&self, effect: EffectRef) -> Option<(ActionId, usize)> {
        let has_it = |state: &StepState| match state {
            StepState::Ordered { effect: known } | StepState::Looking { effect: known, .. } => *known == effect,
            _ => false,
        };
        self.actions.values().find_map(|action| {
            let step = action.steps.iter().position(has_it)?;
            Some((action.proposed.action, step))
        })
    }

    fn set_step(&mut self, action: ActionId, step: u32, state: StepState) {
        let place = usize::try_from(step).ok();
        let steps = self.actions.get_mut(&action).map(|action| &mut action.steps);
        if let Some(slot) = steps.zip(place).and_then(|(steps, step)| steps.get_mut(step)) {
            *slot = state;
        }
    }
}

/// Cancelling takes Microsoft its ten minutes; a plan changes at once.
fn first_look(kind: &StepKind, accepted: Timestamp, policy: &Policy) -> Timestamp {
    match kind {
        StepKind::CancelAzureSubscription { .. } | StepKind::ReactivateAzureSubscription { .. } => {
            later(accepted, policy.clocks.settle)
        }
        StepKind::SuspendPlan { .. } | StepKind::ReactivatePlan { .. } => accepted,
    }
}

/// The one thing that follows next for an action that is under way. Of an action that was stopped, what is in
/// flight is still followed to its end.
pub(super) fn decide(action: &Action, file: &CustomerFile, policy: &Policy, at: Timestamp) -> Option<NewFact> {
    let mut steps = action.steps_with_states().enumerate();
    let judged = steps.find_map(|(step, (kind, state))| judge(action, number(step), kind, state, policy, at));
    let goes_on = || {
        if action.state == ActionState::Released {
            order_next(action, file, policy, at).or_else(|| finish(action))
        } else {
            None
        }
    };
    judged.or_else(goes_on).map(|body| NewFact::decided(at, body))
}

/// What follows for one step from its state alone.
fn judge(
    action: &Action,
    step: u32,
    kind: &StepKind,
    state: &StepState,
    policy: &Policy,
    at: Timestamp,
) -> Option<Body> {
    let id = action.proposed.action;
    let ended = |end| Some(Body::StepEnded(StepEnded { action: id, step, end }));
    let look = |looks: u32| {
        let good_until = later(at, policy.clocks.effect_good_for);
        Some(Body::LookOrdered(LookOrdered { action: id, step, kind: kind.clone(), look: looks + 1, good_until }))
    };
    match state {
        StepState::Stuck { code } => ended(StepEnd::Failed { code: code.clone() }),
        StepState::NotSent => ended(StepEnd::DryRun),
        StepState::Seen { remote, .. } if *remote == kind.wanted() => ended(StepEnd::Verified),
        StepState::Seen { looks, .. } if *looks >= MAX_LOOKS => {
            ended(StepEnd::Failed { code: "not_read_back".to_owned() })
        }
        StepState::Seen { looks, at: seen, .. } if at >= later(*seen, policy.clocks.settle_again) => look(*looks),
        StepState::Accepted { at: accepted } if at >= first_look(kind, *accepted, policy) => look(0),
        StepState::Seen { .. }
        | StepState::Accepted { .. }
        | StepState::Waiting
        | StepState::Ordered { .. }
        | StepState::Looking { .. }
        | StepState::Ended(_) => None,
    }
}

/// Orders the first waiting step once those before it allow it.
fn order_next(action: &Action, file: &CustomerFile, policy: &Policy, at: Timestamp) -> Option<Body> {
    let id = action.proposed.action;
    let (step, kind) = next_step(action)?;
    let ended = |end| Some(Body::StepEnded(StepEnded { action: id, step, end }));
    if is_protected(file, policy) {
        return ended(StepEnd::Failed { code: "protected".to_owned() });
    }
    if is_already_so(kind, file) {
        return ended(StepEnd::AlreadySo);
    }
    if takes_permit(kind) && file.blocked_until.is_some_and(|until| at < until) {
        return None;
    }
    let good_until = later(at, policy.clocks.effect_good_for);
    Some(Body::StepOrdered(StepOrdered { action: id, step, kind: kind.clone(), good_until }))
}

/// The first waiting step, when those before it let it begin.
fn next_step(action: &Action) -> Option<(u32, &StepKind)> {
    let waiting = action.steps.iter().position(|state| *state == StepState::Waiting)?;
    let kind = action.proposed.steps.get(waiting)?;
    let before = action.steps.get(..waiting)?;
    let may_begin = !has_failed(action) && before.iter().all(|state| may_follow(kind, state));
    may_begin.then_some((number(waiting), kind))
}

/// Whether a step may begin with an earlier one in this state. Azure subscriptions are cancelled one by one, each
/// when Microsoft took the one before; a plan is suspended only when all are inactive (900115).
const fn may_follow(kind: &StepKind, earlier: &StepState) -> bool {
    let ended = matches!(earlier, StepState::Ended(StepEnd::Verified | StepEnd::AlreadySo | StepEnd::DryRun));
    let accepted = matches!(earlier, StepState::Accepted { .. } | StepState::Looking { .. } | StepState::Seen { .. });
    match kind {
        StepKind::CancelAzureSubscription { .. } => ended || accepted,
        StepKind::SuspendPlan { .. }
        | StepKind::ReactivatePlan { .. }
        | StepKind::ReactivateAzureSubscription { .. } => ended,
    }
}

fn is_already_so(kind: &StepKind, file: &CustomerFile) -> bool {
    match kind {
        StepKind::CancelAzureSubscription { azure_subscription, .. } => {
            file.holdings.azure.get(azure_subscription).is_some_and(|azure| azure.status == AzureStatus::Inactive)
        }
        StepKind::SuspendPlan { plan } => {
            let known = file.holdings.subscriptions.get(plan);
            known.is_some_and(|known| known.status == SubscriptionStatus::Suspended)
        }
        // What is to run again is asked for at Microsoft, whatever was last seen.
        StepKind::ReactivatePlan { .. } | StepKind::ReactivateAzureSubscription { .. } => false,
    }
}

/// Stopping is capped per hour; putting back is not.
#[must_use]
pub(crate) const fn takes_permit(kind: &StepKind) -> bool {
    matches!(kind, StepKind::CancelAzureSubscription { .. } | StepKind::SuspendPlan { .. })
}

fn has_failed(action: &Action) -> bool {
    action.steps.iter().any(|state| matches!(state, StepState::Ended(StepEnd::Failed { .. })))
}

/// The end of an action: when every step has ended, or one failed and none is in flight.
fn finish(action: &Action) -> Option<Body> {
    let failed = has_failed(action);
    let at_rest = |state: &StepState| matches!(state, StepState::Ended(_)) || (failed && *state == StepState::Waiting);
    if !action.steps.iter().all(at_rest) {
        return None;
    }
    let dry = action.steps.contains(&StepState::Ended(StepEnd::DryRun));
    let outcome = match (failed, dry) {
        (true, _) => ActionOutcome::Failed,
        (false, true) => ActionOutcome::DryRun,
        (false, false) => ActionOutcome::Verified,
    };
    Some(Body::ActionFinished(Finished { action: action.proposed.action, outcome }))
}

pub(super) fn next_due(action: &Action, file: &CustomerFile, policy: &Policy) -> Option<Timestamp> {
    let look = |(kind, state): (&StepKind, &StepState)| match state {
        StepState::Accepted { at } => Some(first_look(kind, *at, policy)),
        StepState::Seen { at, .. } => Some(later(*at, policy.clocks.settle_again)),
        _ => None,
    };
    // A step that waits for the cap alone is ordered the moment it opens.
    let capped = action.state == ActionState::Released && next_step(action).is_some_and(|(_, kind)| takes_permit(kind));
    action.steps_with_states().filter_map(look).chain(file.blocked_until.filter(|_| capped)).min()
}

fn number(step: usize) -> u32 {
    u32::try_from(step).unwrap_or(u32::MAX)
}

fn later(at: Timestamp, span: SignedDuration) -> Timestamp {
    at.saturating_add(span).unwrap_or(Timestamp::MAX)
}
