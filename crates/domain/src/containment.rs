//! Containment: the changes that stop a loss. Proposed by one person, approved by another, carried out step by step, read
//! back, and reverted where that is possible. This file holds the words that are recorded; an action's state and the rules
//! are beside it.

mod approving;
mod carrying_out;
mod commands;
mod guarding;
mod proposing;
mod state;

pub(crate) use carrying_out::takes_permit;

pub use approving::{Standing, standing};
pub use commands::{Refusal, may_approve, may_propose, may_reject, may_revert, may_review, may_stop};
pub use guarding::PERMIT_CHANGES;
pub use proposing::parameters_of;
pub use state::{Action, ActionState, Remote, StepState};

use crate::customers::{AzureStatus, SubscriptionStatus};
use crate::fact::NewFact;
use crate::file::CustomerFile;
use crate::ids::{AccountId, ActionId, AzureSubscriptionId, CaseId, Hash, SubscriptionId};
use crate::paging::PageRule;
use crate::permission::Role;
use crate::policy::Policy;
use crate::reason::Reason;
use crate::sealed::Sealed;
use jiff::Timestamp;
use money::Money;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The most steps of one action.
pub const MAX_STEPS: usize = 200;
/// The most actions of one customer that wait for approval or are under way.
pub const MAX_OPEN_ACTIONS: usize = 20;
/// The most ended actions that a file keeps, so that they can be reverted.
pub const MAX_ENDED_ACTIONS: usize = 20;
/// The most approvals that a proposal keeps; each counts for one person, so more change nothing.
pub const MAX_APPROVALS: usize = 100;
/// How often a step's effect is looked for before a person is asked.
pub const MAX_LOOKS: u32 = 12;

/// One change at Microsoft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// Cancel one Azure subscription; about ten minutes until it is inactive.
    CancelAzureSubscription {
        /// The plan it is under.
        plan: SubscriptionId,
        /// The Azure subscription.
        azure_subscription: AzureSubscriptionId,
    },
    /// Suspend an Azure plan whose Azure subscriptions are inactive; its users can't re-enable them then.
    SuspendPlan {
        /// The plan.
        plan: SubscriptionId,
    },
    /// Make a suspended plan active again.
    ReactivatePlan {
        /// The plan.
        plan: SubscriptionId,
        /// What the suspension removed and is put back.
        snapshot: Option<PlanSnapshot>,
    },
    /// Make a cancelled Azure subscription active again.
    ReactivateAzureSubscription {
        /// The plan it is under.
        plan: SubscriptionId,
        /// The Azure subscription.
        azure_subscription: AzureSubscriptionId,
    },
}

/// What suspending a plan removes, as read before it was touched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanSnapshot {
    /// Whether it renewed by itself.
    pub auto_renew: bool,
    /// Renewal and scheduled-change instructions, as Microsoft wrote them (a JSON object).
    pub instructions: String,
}

/// Ordinary, or for 03:00.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActionClass {
    /// Approved by size.
    Normal,
    /// Two Admin agents, or one after an unanswered page.
    Emergency,
}

/// What an action touches and what it costs, shown before anyone approves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blast {
    /// Azure subscriptions that stop or start.
    pub azure_subscriptions: u32,
    /// Plans that stop or start.
    pub plans: u32,
    /// Seats whose users lose or gain access.
    pub users: u32,
    /// What no longer burns each hour; nothing when no rate is known.
    pub saved_per_hour: Option<Money>,
    /// What goes on billing all the same.
    pub goes_on_billing: Vec<GoesOnBilling>,
    /// What is lost by it.
    pub destroys: Vec<Destroys>,
    /// About how long undoing takes.
    pub undo_minutes: u32,
    /// Whether the playbook's reach takes Azure subscriptions that nobody named: neither the request, nor the case's
    /// signals and alerts where the request names none.
    #[serde(default)]
    pub widened: bool,
}

/// What Microsoft bills in spite of the action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GoesOnBilling {
    /// Reservations and savings plans.
    Reservations,
    /// Marketplace purchases.
    Marketplace,
    /// The customer's seat subscriptions, which this action does not touch.
    Seats,
}

/// What an action destroys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Destroys {
    /// Everything that runs is stopped; dynamic addresses and start order are lost.
    RunningState,
    /// Data are deleted when Microsoft's retention period ends.
    DataAfterRetention,
    /// Scheduled changes and automatic renewal of the plan; a snapshot puts them back.
    ScheduledChanges,
}

/// How one guard rail looked upon an action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guard {
    /// The guard rail.
    pub rail: Rail,
    /// Whether it lets the action pass.
    pub passed: bool,
}

/// The guard rails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rail {
    /// The tenant is not on the protected list.
    Protected,
    /// Not more Azure subscriptions than one action may take.
    Size,
    /// The emergency class is on and covers this much money.
    Emergency,
    /// No other action of the case is on its way.
    OneAtATime,
}

/// Observed: a person wants containment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Requested {
    /// The case; an action that reverts takes it from the one it reverts.
    pub case: CaseId,
    /// The playbook.
    pub playbook: String,
    /// Which Azure subscriptions, when not those the playbook reaches.
    #[serde(default)]
    pub targets: Option<BTreeSet<AzureSubscriptionId>>,
    /// Ordinary, or for 03:00.
    pub class: ActionClass,
    /// The action to revert; then the playbook is not looked at.
    #[serde(default)]
    pub revert_of: Option<ActionId>,
    /// Who wants it.
    pub proposer: AccountId,
    /// Why, in the person's words.
    #[serde(default)]
    pub note: Option<Sealed<String>>,
}

/// Decided: the action that was asked for, ready to be approved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposed {
    /// The action.
    pub action: ActionId,
    /// The fact number of the request.
    pub requested_in: u64,
    /// The case.
    pub case: CaseId,
    /// The playbook.
    pub playbook: String,
    /// The steps, in order.
    pub steps: Vec<StepKind>,
    /// Ordinary, or for 03:00.
    pub class: ActionClass,
    /// The action it reverts.
    pub revert_of: Option<ActionId>,
    /// Who wants it.
    pub proposer: AccountId,
    /// What it touches and what it costs.
    pub blast: Blast,
    /// The money at stake, which says who approves.
    pub at_stake: Option<Money>,
    /// One approval by each, each by another person.
    pub roles: Vec<Role>,
    /// What the guard rails said.
    pub guards: Vec<Guard>,
    /// What an approval is bound to: a hash of action, case, steps and class.
    pub parameters: Hash,
    /// When it is void.
    pub expires: Timestamp,
    /// How it may come to be approved by the proposer alone.
    #[serde(default)]
    pub page: PageRule,
}

/// Decided: what was asked for is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// The fact number of the request.
    pub requested_in: u64,
    /// Why.
    pub reasons: Vec<Reason>,
}

/// Answer: a person says yes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approved {
    /// The action.
    pub action: ActionId,
    /// What the person saw and said yes to.
    pub parameters: Hash,
    /// Who.
    pub approver: AccountId,
    /// The roles the person had then.
    pub roles: BTreeSet<Role>,
    /// Whether the person proved its identity anew for this.
    pub reauthenticated: bool,
}

/// Answer: a person says no.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rejected {
    /// The action.
    pub action: ActionId,
    /// Why, in the person's words.
    #[serde(default)]
    pub note: Option<Sealed<String>>,
}

/// Observed: a person withdraws a proposal, or stops what is not yet done of an action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stopped {
    /// The action.
    pub action: ActionId,
}

/// Decided: enough people said yes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Released {
    /// The action.
    pub action: ActionId,
    /// By whom it came about, as reasons.
    pub reasons: Vec<Reason>,
    /// A Global administrator has to review it by then.
    pub review_by: Option<Timestamp>,
}

/// Decided: nobody approved in time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expired {
    /// The action.
    pub action: ActionId,
}

/// Decided: a step is to be carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepOrdered {
    /// The action.
    pub action: ActionId,
    /// Which step, from 0.
    pub step: u32,
    /// What to do.
    pub kind: StepKind,
    /// Until when that is worth doing.
    pub good_until: Timestamp,
}

/// Decided: look whether a step has taken effect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookOrdered {
    /// The action.
    pub action: ActionId,
    /// Which step, from 0.
    pub step: u32,
    /// The step.
    pub kind: StepKind,
    /// Which look, from 1.
    pub look: u32,
    /// Until when that is worth doing.
    pub good_until: Timestamp,
}

/// Decided: how a step ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepEnded {
    /// The action.
    pub action: ActionId,
    /// Which step, from 0.
    pub step: u32,
    /// How.
    pub end: StepEnd,
}

/// How a step ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepEnd {
    /// Read back at Microsoft.
    Verified,
    /// It was so before we did anything.
    AlreadySo,
    /// Actions are switched off: nothing was sent.
    DryRun,
    /// It did not come about.
    Failed {
        /// Microsoft's code or our own word for it.
        code: String,
    },
}

/// Decided: an action has come to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finished {
    /// The action.
    pub action: ActionId,
    /// How.
    pub outcome: ActionOutcome,
}

/// How an action ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActionOutcome {
    /// Every step was read back.
    Verified,
    /// Actions are switched off: nothing was sent.
    DryRun,
    /// At least one step did not come about.
    Failed,
}

/// Observed: a Global administrator reviewed what was done without a second person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reviewed {
    /// The action.
    pub action: ActionId,
}

/// Observed: a cap per hour was used up when a step was to be ordered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PermitRefused {
    /// The permit.
    pub permit: String,
    /// When it opens again.
    pub until: Timestamp,
}

/// Observed: the cap was lifted, by a named person in an incident; what waited may go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PermitLifted {
    /// The permit.
    pub permit: String,
}

impl StepKind {
    /// The plan the step is about.
    #[must_use]
    pub const fn plan(&self) -> SubscriptionId {
        match self {
            Self::CancelAzureSubscription { plan, .. }
            | Self::SuspendPlan { plan }
            | Self::ReactivatePlan { plan, .. }
            | Self::ReactivateAzureSubscription { plan, .. } => *plan,
        }
    }

    /// What has to be read back for the step to be verified.
    #[must_use]
    pub const fn wanted(&self) -> Remote {
        match self {
            Self::CancelAzureSubscription { .. } => Remote::AzureSubscription(AzureStatus::Inactive),
            Self::ReactivateAzureSubscription { .. } => Remote::AzureSubscription(AzureStatus::Active),
            Self::SuspendPlan { .. } => Remote::Plan(SubscriptionStatus::Suspended),
            Self::ReactivatePlan { .. } => Remote::Plan(SubscriptionStatus::Active),
        }
    }

    /// Whether the step can be undone. All of today's can; emergency takes no other.
    #[must_use]
    pub const fn reversible(&self) -> bool {
        match self {
            Self::CancelAzureSubscription { .. }
            | Self::SuspendPlan { .. }
            | Self::ReactivatePlan { .. }
            | Self::ReactivateAzureSubscription { .. } => true,
        }
    }

    /// The remote object the step changes: at most one effect is in flight for it.
    #[must_use]
    pub fn object(&self) -> String {
        match self {
            Self::CancelAzureSubscription { azure_subscription, .. }
            | Self::ReactivateAzureSubscription { azure_subscription, .. } => format!("azure:{azure_subscription}"),
            Self::SuspendPlan { plan } | Self::ReactivatePlan { plan, .. } => format!("subscription:{plan}"),
        }
    }
}

pub(crate) fn decide(account: AccountId, file: &CustomerFile, policy: &Policy, at: Timestamp) -> Vec<NewFact> {
    let answered = proposing::decide(account, file, policy, at);
    if !answered.is_empty() {
        return answered;
    }
    let of_action = |action: &Action| match action.state {
        ActionState::Proposed => approving::decide(action, policy, at),
        ActionState::Released | ActionState::Stopped => carrying_out::decide(action, file, policy, at),
        ActionState::Finished(_) | ActionState::Rejected | ActionState::Expired => None,
    };
    file.actions.values().filter_map(of_action).collect()
}

pub(crate) fn next_due(file: &CustomerFile, policy: &Policy) -> Option<Timestamp> {
    let of_action = |action: &Action| match action.state {
        ActionState::Proposed => Some(approving::next_due(action, policy)),
        ActionState::Released | ActionState::Stopped => carrying_out::next_due(action, file, policy),
        ActionState::Finished(_) | ActionState::Rejected | ActionState::Expired => None,
    };
    file.actions.values().filter_map(of_action).min()
}
