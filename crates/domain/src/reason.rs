//! Why something was decided, as values. The texts that people read are made from them in the reader's language.

use crate::containment::StepKind;
use crate::ids::{ActionId, CaseId, SubscriptionId};
use crate::permission::Role;
use crate::signals::Level;
use jiff::Timestamp;
use money::Money;
use serde::{Deserialize, Serialize};

/// One reason of a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// A detection rule fired.
    RuleFired {
        /// The rule.
        rule: String,
        /// How grave a match is.
        level: Level,
    },
    /// The rule's level is below the one that makes a signal.
    BelowLevel {
        /// The rule's.
        level: Level,
        /// The policy's.
        minimum: Level,
    },
    /// Microsoft raised an alert.
    MicrosoftAlert {
        /// Its type, as Microsoft names it.
        alert_type: String,
    },
    /// What runs costs at least this each hour, which makes the case more severe.
    Burns {
        /// The cost.
        per_hour: Money,
    },
    /// No rate is known, so the policy's assumption stands for it.
    BurnAssumed {
        /// The assumption.
        per_hour: Money,
    },
    /// Our own signal and Microsoft's alert tell the same story.
    SignalAndAlert,
    /// The case was closed with an outcome, and this alert was named.
    CaseClosed {
        /// The case.
        case: CaseId,
    },
    /// Someone took the case.
    CaseClaimed,
    /// The policy's time for an early answer was reached.
    EarlyAnswerDue,
    /// A person asked for it.
    AskedByPerson,
    /// The tenant is on the protected list.
    Protected,
    /// More Azure subscriptions than one action may take.
    TooManySubscriptions {
        /// How many it would take.
        count: u32,
        /// The policy's limit.
        limit: u32,
    },
    /// Nothing is left to stop.
    NothingToStop,
    /// The policy has no playbook of this name.
    NoPlaybook {
        /// The name.
        playbook: String,
    },
    /// The case is not open.
    NoOpenCase,
    /// Another action of the same case is on its way.
    AlreadyUnderWay {
        /// The other action.
        action: ActionId,
    },
    /// The case has no Azure subscription that is known to be attacked.
    NoTarget,
    /// The emergency class is off, or covers less money.
    EmergencyNotAllowed,
    /// Approved by this role.
    ApprovedBy {
        /// The role.
        role: Role,
    },
    /// Approved by the proposer alone: nobody answered the page in time.
    PageUnanswered,
    /// Approved by the proposer alone: nobody could be paged, so that the time counted from the proposal.
    NobodyPaged,
    /// Approved by the proposer alone: the partner is run by one person.
    SingleOperator,
    /// The plan can't be suspended while Azure subscriptions under it are active.
    WaitsForPlan {
        /// The plan.
        plan: SubscriptionId,
    },
    /// The cap per hour is used up.
    CapReached {
        /// When it opens again.
        until: Timestamp,
    },
    /// The step did not come about.
    StepFailed {
        /// The step.
        step: StepKind,
        /// Microsoft's code or our own word for it.
        code: String,
    },
    /// There are more open things of this kind than a file holds.
    TooManyOpen,
    /// The time that a person gave it is over.
    SnoozeOver {
        /// Until when it was.
        until: Timestamp,
    },
    /// What runs costs twice what it did when a person set it aside, or more.
    BurnDoubled {
        /// What it was; nothing when no cost was known.
        was: Option<Money>,
        /// What it is.
        per_hour: Money,
    },
}
