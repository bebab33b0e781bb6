//! Effects: the changes in the world that facts ask for. Which fact asks for what, whether it is still wanted, and
//! how its result is told. How an effect is carried out is `runtime`'s.

use crate::body::Body;
use crate::containment::{ActionState, PlanSnapshot, Remote, StepKind};
use crate::fact::Fact;
use crate::file::CustomerFile;
use crate::notices::{AlertId, AlertStatus, MicrosoftReason};
use crate::paging::{Language, PageAbout};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// An effect of an account: the fact that asks for it, and which of that fact's effects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EffectRef {
    /// The number of the fact.
    pub version: u64,
    /// Which of its effects, from 0.
    pub ordinal: u32,
}

/// A change to make, or a thing to read, at Microsoft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effect {
    /// Its key within the account.
    pub key: EffectRef,
    /// What to do.
    pub kind: EffectKind,
    /// The remote object: at most one effect is in flight for it.
    pub object: String,
    /// Until when it is worth doing.
    pub good_until: Timestamp,
}

/// What to do. What changes something is *readable*: after doubt the remote state is read before anything is sent again.
/// A page is *keyed*: it is sent again under the same id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EffectKind {
    /// Answer an alert.
    AnswerAlert {
        /// The alert.
        alert: AlertId,
        /// The state to set.
        status: AlertStatus,
        /// The reason, for a resolved one.
        reason: Option<MicrosoftReason>,
    },
    /// Carry out a step of an action.
    Step(StepKind),
    /// Read whether a step has taken effect. Harmless: it needs no fence.
    Look(StepKind),
    /// Wake somebody on call. The message has the same id on every try, so that a receiver knows a repeat.
    Page {
        /// About what.
        about: PageAbout,
        /// The channel of the settings.
        channel: String,
        /// The language to write in.
        language: Language,
    },
}

impl EffectKind {
    /// The stable word of the kind, as stored and as counted.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::AnswerAlert { .. } => "answer_alert",
            Self::Step(StepKind::CancelAzureSubscription { .. }) => "cancel_azure_subscription",
            Self::Step(StepKind::SuspendPlan { .. }) => "suspend_plan",
            Self::Step(StepKind::ReactivatePlan { .. }) => "reactivate_plan",
            Self::Step(StepKind::ReactivateAzureSubscription { .. }) => "reactivate_azure_subscription",
            Self::Look(_) => "look",
            Self::Page { .. } => "page",
        }
    }

    /// Whether it changes anything, so that it is fenced and held back while actions are switched off.
    #[must_use]
    pub const fn changes_the_world(&self) -> bool {
        match self {
            Self::AnswerAlert { .. } | Self::Step(_) => true,
            // A message changes nothing at a customer: it is sent also while actions are switched off.
            Self::Look(_) | Self::Page { .. } => false,
        }
    }
}

/// Answer: an effect is about to be tried. Written at the version just read; this is the fence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EffectStarted {
    /// The effect.
    pub effect: EffectRef,
    /// Which try, from 1.
    pub attempt: u32,
    /// The idempotency key that is sent: the same for every try.
    pub request: Uuid,
    /// What is there now and would be lost.
    #[serde(default)]
    pub snapshot: Option<PlanSnapshot>,
}

/// Answer: how an effect ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EffectFinished {
    /// The effect.
    pub effect: EffectRef,
    /// How.
    pub result: EffectResult,
}

/// How an effect ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EffectResult {
    /// Microsoft took it.
    Done {
        /// It was so already when we looked.
        already: bool,
    },
    /// This was read.
    Read(Remote),
    /// Actions are switched off: nothing was sent.
    DryRun,
    /// Nobody wanted it any more.
    NotWanted,
    /// Microsoft refused for good.
    Refused {
        /// Microsoft's code.
        code: String,
    },
    /// Tried as often or as long as was allowed.
    GaveUp {
        /// What stood in the way last.
        code: String,
    },
}

/// What a fact asks for.
#[must_use]
pub fn effects_of(fact: &Fact) -> Vec<Effect> {
    let key = EffectRef { version: fact.version, ordinal: 0 };
    match &fact.body {
        Body::AnswerOrdered(order) => vec![Effect {
            key,
            kind: EffectKind::AnswerAlert { alert: order.alert.clone(), status: order.status, reason: order.reason },
            object: format!("alert:{}", order.alert),
            good_until: order.good_until,
        }],
        Body::StepOrdered(order) => vec![Effect {
            key,
            kind: EffectKind::Step(order.kind.clone()),
            object: order.kind.object(),
            good_until: order.good_until,
        }],
        Body::LookOrdered(order) => vec![Effect {
            key,
            kind: EffectKind::Look(order.kind.clone()),
            object: order.kind.object(),
            good_until: order.good_until,
        }],
        Body::PageOrdered(order) => vec![Effect {
            key,
            kind: EffectKind::Page { about: order.about, channel: order.channel.clone(), language: order.language },
            // Each message is an object of its own: one that hangs keeps no other waiting.
            object: format!("page:{}:{}", fact.account, fact.version),
            good_until: order.good_until,
        }],
        _ => Vec::new(),
    }
}

/// A permit that a fact takes: one of `limit` in the hour of `at`, for a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PermitWanted {
    /// Its name, with the connection.
    pub name: String,
    /// How many there are in an hour.
    pub limit: u32,
}

/// The permits that a fact takes.
#[must_use]
pub fn permits_of(fact: &Fact, file: &CustomerFile, policy: &crate::policy::Policy) -> Vec<PermitWanted> {
    let Body::StepOrdered(order) = &fact.body else { return Vec::new() };
    let Some(identity) = &file.holdings.identity else { return Vec::new() };
    if !crate::containment::takes_permit(&order.kind) {
        return Vec::new();
    }
    vec![PermitWanted {
        name: format!("{}:{}", crate::containment::PERMIT_CHANGES, identity.connection),
        limit: policy.guards.changes_per_hour,
    }]
}

impl CustomerFile {
    /// Whether an effect is still wanted: asked at the fence, at the version just read.
    #[must_use]
    pub fn wants(&self, effect: EffectRef, kind: &EffectKind) -> bool {
        match kind {
            EffectKind::AnswerAlert { alert, .. } => self
                .alerts
                .get(alert)
                .and_then(|alert| alert.ordered.as_ref())
                .is_some_and(|ordered| ordered.effect == effect && !ordered.settled),
            EffectKind::Step(_) => self.step_of(effect).is_some_and(|(action, _)| {
                self.actions.get(&action).is_some_and(|action| action.state == ActionState::Released)
            }),
            EffectKind::Look(_) => self.step_of(effect).is_some(),
            EffectKind::Page { .. } => self.wants_page(effect),
        }
    }
}
