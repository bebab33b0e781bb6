//! An action as the file keeps it: where it is, where each of its steps is, and what was read at Microsoft.

use super::{ActionOutcome, Approved, PlanSnapshot, Proposed, StepEnd, StepKind};
use crate::customers::{AzureStatus, SubscriptionStatus};
use crate::effects::EffectRef;
use crate::ids::{AccountId, SubscriptionId};
use crate::paging::Page;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// An action, as the file keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    /// What was proposed.
    pub proposed: Proposed,
    /// When.
    pub proposed_at: Timestamp,
    /// Who said yes, and when.
    pub approvals: Vec<(Timestamp, Approved)>,
    /// Where it is.
    pub state: ActionState,
    /// Where each step is.
    pub steps: Vec<StepState>,
    /// A Global administrator has to review it by then.
    pub review_by: Option<Timestamp>,
    /// What the plans had before they were suspended, for reverting.
    pub snapshots: BTreeMap<SubscriptionId, PlanSnapshot>,
    /// The steps, from 0, that Microsoft took or may have taken.
    #[serde(default)]
    pub touched: BTreeSet<usize>,
    /// Who was woken about it, and who took it on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<Page>,
}

/// Where an action is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActionState {
    /// Waits for approval.
    Proposed,
    /// Approved and under way.
    Released,
    /// At its end.
    Finished(ActionOutcome),
    /// Somebody said no.
    Rejected,
    /// Nobody said yes in time.
    Expired,
    /// Withdrawn or stopped by a person.
    Stopped,
}

/// Where a step is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// Not begun.
    Waiting,
    /// Ordered; perhaps already tried.
    Ordered {
        /// The effect that carries it out.
        effect: EffectRef,
    },
    /// Microsoft took it; it is looked for when it has had time to settle.
    Accepted {
        /// When Microsoft took it.
        at: Timestamp,
    },
    /// Someone looks.
    Looking {
        /// Which look.
        looks: u32,
        /// The effect that looks.
        effect: EffectRef,
    },
    /// It was looked for: this is what was there.
    Seen {
        /// Which look.
        looks: u32,
        /// When.
        at: Timestamp,
        /// What was there.
        remote: Remote,
    },
    /// The effect ended without coming about.
    Stuck {
        /// Microsoft's code or our own word for it.
        code: String,
    },
    /// Nothing was sent.
    NotSent,
    /// At its end.
    Ended(StepEnd),
}

/// What was read at Microsoft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Remote {
    /// The state of an Azure subscription.
    AzureSubscription(AzureStatus),
    /// The state of a plan.
    Plan(SubscriptionStatus),
}

impl Action {
    /// Whether the action waits for approval or is under way.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self.state, ActionState::Proposed | ActionState::Released)
    }

    /// Whether a step was ordered and has not come to its end.
    #[must_use]
    pub fn is_under_way(&self) -> bool {
        let on_its_way = |state: &StepState| {
            matches!(
                state,
                StepState::Ordered { .. }
                    | StepState::Accepted { .. }
                    | StepState::Looking { .. }
                    | StepState::Seen { .. }
                    | StepState::Stuck { .. }
            )
        };
        self.steps.iter().any(on_its_way)
    }

    /// Whether a person proposed or approved it.
    #[must_use]
    pub fn is_by(&self, person: AccountId) -> bool {
        self.proposed.proposer == person || self.approvals.iter().any(|(_, approval)| approval.approver == person)
    }

    /// Whether a person has to look at Microsoft: the action is at its end, and a step that was sent was not read back,
    /// so that nobody knows whether it took effect. It can be reverted.
    #[must_use]
    pub fn needs_person(&self) -> bool {
        let unknown = |(step, state): (usize, &StepState)| {
            matches!(state, StepState::Ended(StepEnd::Failed { .. })) && self.touched.contains(&step)
        };
        !self.is_open() && self.steps.iter().enumerate().any(unknown)
    }

    /// The steps with their states.
    pub fn steps_with_states(&self) -> impl Iterator<Item = (&StepKind, &StepState)> {
        self.proposed.steps.iter().zip(&self.steps)
    }
}
