//! An Azure plan and the Azure subscriptions (entitlements) under it: their states and the rules between them.
//! Waiting times are here; who may ask is decided in the routes.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use uuid::Uuid;

/// How long a cancelled Azure subscription stays active (microsoft.md 5.5: about ten minutes).
pub(crate) const CANCEL_TAKES: SignedDuration = SignedDuration::from_mins(10);
/// How long an accepted reactivation takes; Microsoft publishes no figure.
pub(crate) const REACTIVATE_TAKES: SignedDuration = SignedDuration::from_mins(5);

/// The Azure plan of one customer.
#[derive(Debug, Clone)]
pub(crate) struct AzurePlan {
    pub(crate) id: Uuid,
    pub(crate) suspended: bool,
    pub(crate) version: u32,
    pub(crate) created: Timestamp,
    pub(crate) entitlements: Vec<Entitlement>,
}

impl AzurePlan {
    /// Whether any Azure subscription under the plan is, or is still counted as, active.
    pub(crate) fn has_active_child(&self) -> bool {
        self.entitlements.iter().any(|entitlement| entitlement.state.is_active())
    }
}

/// One Azure subscription under a plan.
#[derive(Debug, Clone)]
pub(crate) struct Entitlement {
    pub(crate) id: Uuid,
    /// Place in the list of subscription names.
    pub(crate) name: u8,
    /// Place in the country's list of ordinary regions.
    pub(crate) region: u8,
    pub(crate) state: EntitlementState,
    /// Grows with every change, so that a timer of an earlier state does nothing.
    pub(crate) version: u32,
}

/// Where an Azure subscription stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EntitlementState {
    Active,
    /// Cancelled, and still answering `active`.
    Cancelling,
    Inactive,
    /// Reactivation accepted, and still answering `inactive`.
    Reactivating,
}

impl EntitlementState {
    /// Whether Microsoft says `active`.
    pub(crate) fn is_active(self) -> bool {
        matches!(self, Self::Active | Self::Cancelling)
    }

    /// Whether an operation is pending, so that another is refused with 900278.
    pub(crate) fn is_pending(self) -> bool {
        matches!(self, Self::Cancelling | Self::Reactivating)
    }

    /// The word of the interface.
    pub(crate) fn word(self) -> &'static str {
        if self.is_active() { "active" } else { "inactive" }
    }
}
