//! The partner's rules as plain typed values. The files they are read from are the crate `policy`'s.

use crate::cases::{Outcome, Severity};
use crate::ids::{Hash, TenantId};
use crate::notices::MicrosoftReason;
use crate::paging::OnCall;
use crate::permission::Role;
use crate::signals::Level;
use jiff::SignedDuration;
use money::{Currency, Money};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Everything that decides, as one value with the hash of the files it came from.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// The hash of the bundle of files.
    pub hash: Hash,
    /// The currency the partner reckons in.
    pub currency: Currency,
    /// Target and limit of answers, and how long proposals live.
    pub clocks: Clocks,
    /// How findings and alerts become signals and cases.
    pub cases: CaseRules,
    /// What may be proposed, by name.
    pub playbooks: BTreeMap<String, Playbook>,
    /// What containment must not do.
    pub guards: GuardRails,
    /// Who approves what size.
    pub approvals: Approvals,
    /// What an outcome says to Microsoft.
    pub outcomes: BTreeMap<Outcome, MicrosoftReason>,
    /// Who is woken when something can't wait; nothing when nobody is.
    pub on_call: Option<OnCall>,
}

/// Time limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clocks {
    /// N2: answer an alert within this (Microsoft's guiding principle is an hour).
    pub answer_target: SignedDuration,
    /// P3: the mean that CSP authorisation demands (24 hours).
    pub answer_limit: SignedDuration,
    /// `investigating` is sent by itself after this, so that a busy desk still answers early.
    pub investigate_after: SignedDuration,
    /// A proposal nobody approved by then is void.
    pub proposal_expires_after: SignedDuration,
    /// Cancelling an Azure subscription takes about ten minutes: the first look comes after this.
    pub settle: SignedDuration,
    /// The time between further looks.
    pub settle_again: SignedDuration,
    /// An ordered change that could not be made by then is given up and shown to a person.
    pub effect_good_for: SignedDuration,
    /// Hours to an effective stop (practice.md, exposure L): what a case costs if nothing is done now.
    pub hours_to_stop: u32,
}

/// How findings and alerts become cases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseRules {
    /// Findings below this level are kept but make no signal.
    pub minimum_level: Level,
    /// A case with this burn rate or more is critical.
    pub critical_per_hour: Money,
    /// A case with this burn rate or more is at least high.
    pub high_per_hour: Money,
    /// What an alert without a known burn rate is taken to cost each hour.
    pub assumed_per_hour: Money,
    /// The stories; the first that claims a rule or an alert has it.
    pub stories: Vec<Story>,
    /// A signal joins an open case of its story when that was last heard of within this.
    pub join_within: SignedDuration,
}

/// A kind of story: which signals and alerts belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Story {
    /// Its name, as in `mining`.
    pub name: String,
    /// Rules by id that tell it.
    pub rules: BTreeSet<String>,
    /// Types of Microsoft's alerts that tell it; compared without case.
    pub alert_types: BTreeSet<String>,
    /// The playbook that is suggested for it.
    pub playbook: Option<String>,
}

/// The story of what no other story claims.
pub const OTHER_STORY: &str = "other";

/// A plan of steps for a situation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Playbook {
    /// Its name, as in `mining-takeover`.
    pub name: String,
    /// Which Azure subscriptions it takes.
    pub reach: Reach,
    /// The steps, in order.
    pub steps: Vec<PlaybookStep>,
}

/// Which Azure subscriptions a playbook takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// Those named in the case's signals and alerts.
    Attacked,
    /// Every active one under the plans that hold an attacked one.
    Plan,
}

/// One step of a playbook, before the customer's subscriptions are filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlaybookStep {
    /// Cancel each Azure subscription that is reached, one by one.
    CancelAzureSubscriptions,
    /// Suspend each plan whose Azure subscriptions are then inactive.
    SuspendPlans,
}

/// What containment must not do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuardRails {
    /// Tenants that no action touches.
    pub protected: BTreeSet<TenantId>,
    /// The most Azure subscriptions one action may take.
    pub subscriptions_per_action: u32,
    /// The most cancellations and suspensions in one hour, per connection; a named person lifts it in an incident.
    pub changes_per_hour: u32,
}

/// Who approves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approvals {
    /// By the money at stake, smallest first; the last band has no upper end.
    pub bands: Vec<Band>,
    /// The class for 03:00.
    pub emergency: Emergency,
    /// A partner with one person.
    pub single_operator: SingleOperator,
}

/// Who approves an action of a size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Band {
    /// The most money at stake this band covers; nothing means without end.
    pub up_to: Option<Money>,
    /// One approval by each of these roles, each by another person than the proposer and the others.
    pub roles: Vec<Role>,
}

/// Two Admin agents, or one after an unanswered page; capped; reversible steps only; reviewed the next workday.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Emergency {
    /// Whether the class exists.
    pub enabled: bool,
    /// The most money at stake the class covers.
    pub cap: Money,
    /// After this long without another's answer the proposer may approve alone.
    pub page_unanswered_after: SignedDuration,
    /// A Global administrator has to review it within this.
    pub review_within: SignedDuration,
}

/// Self-approval with re-authentication, a delay and a mark in the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SingleOperator {
    /// Whether the partner is run by one person.
    pub enabled: bool,
    /// How long a self-approved action waits before it starts.
    pub delay: SignedDuration,
}

impl Policy {
    /// The story that a rule tells.
    #[must_use]
    pub fn story_of_rule(&self, rule: &str) -> &str {
        self.story(|story| story.rules.contains(rule))
    }

    /// The story that an alert type tells.
    #[must_use]
    pub fn story_of_alert(&self, alert_type: &str) -> &str {
        self.story(|story| story.alert_types.iter().any(|known| known.eq_ignore_ascii_case(alert_type)))
    }

    /// The playbook that is suggested for a story.
    #[must_use]
    pub fn playbook_of(&self, story: &str) -> Option<&str> {
        self.cases.stories.iter().find(|known| known.name == story)?.playbook.as_deref()
    }

    /// Who has to approve an action with this much at stake. What can't be compared takes the last band.
    #[must_use]
    pub fn roles_for(&self, at_stake: Option<Money>) -> &[Role] {
        let covers = |band: &&Band| match (band.up_to, at_stake) {
            (None, _) => true,
            (Some(up_to), Some(money)) => up_to.currency == money.currency && money.minor <= up_to.minor,
            (Some(_), None) => false,
        };
        self.approvals.bands.iter().find(covers).or(self.approvals.bands.last()).map_or(&[], |band| &band.roles)
    }

    fn story(&self, tells: impl Fn(&Story) -> bool) -> &str {
        self.cases.stories.iter().find(|story| tells(story)).map_or(OTHER_STORY, |story| &story.name)
    }
}

/// The least severe a case with this burn rate can be.
#[must_use]
pub fn severity_of_burn(rules: &CaseRules, per_hour: Option<Money>) -> Severity {
    let reaches = |mark: Money| per_hour.is_some_and(|burn| burn.currency == mark.currency && burn.minor >= mark.minor);
    if reaches(rules.critical_per_hour) {
        Severity::Critical
    } else if reaches(rules.high_per_hour) {
        Severity::High
    } else {
        Severity::Low
    }
}
