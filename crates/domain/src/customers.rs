//! Who a customer is and what it has: tenant, subscriptions, Azure subscriptions, who owes for them.

use crate::ids::{AccountId, AzureSubscriptionId, SubscriptionId, TenantId};
use crate::sealed::Sealed;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The most subscriptions, and the most Azure subscriptions, that a file holds of one customer.
pub const MAX_SUBSCRIPTIONS: usize = 2_000;

/// Which of Microsoft's clouds a connection is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cloud {
    /// The public cloud.
    Public,
    /// Microsoft Cloud for US Government.
    UsGovernment,
}

impl Cloud {
    /// The stable word of the cloud.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::UsGovernment => "us_government",
        }
    }
}

/// Observed: Partner Center lists this tenant as a customer of ours.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CustomerRegistered {
    /// The connection it was seen through.
    pub connection: AccountId,
    /// Its tenant.
    pub tenant: TenantId,
    /// The cloud of the connection.
    pub cloud: Cloud,
    /// The company's name.
    pub name: Sealed<String>,
    /// Its first domain.
    #[serde(default)]
    pub domain: Option<Sealed<String>>,
    /// ISO 3166 code of its country.
    #[serde(default)]
    pub country: Option<String>,
    /// The reseller between us and it.
    #[serde(default)]
    pub reseller: Option<AccountId>,
    /// Who owes us for what it uses; nothing means itself (the only case that schema 1 knew).
    #[serde(default)]
    pub debtor: Option<AccountId>,
}

/// What a Partner Center subscription is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubscriptionKind {
    /// Seats: suspending them does not stop Microsoft's bill.
    Seats,
    /// An Azure plan, with Azure subscriptions under it.
    AzurePlan,
    /// Anything else: software, reservations, marketplace.
    Other,
}

/// The states of a Partner Center subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubscriptionStatus {
    /// In use.
    Active,
    /// Switched off; a seat subscription is billed all the same.
    Suspended,
    /// Not set up yet.
    Pending,
    /// Past its term, users still in.
    Expired,
    /// Past its term, users out.
    Disabled,
    /// Gone.
    Deleted,
    /// A word this release does not know.
    Unknown,
}

/// Observed: a subscription as Partner Center shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriptionSeen {
    /// The subscription.
    pub subscription: SubscriptionId,
    /// What it is.
    pub kind: SubscriptionKind,
    /// Microsoft's name of the offer.
    pub offer: String,
    /// Its state.
    pub status: SubscriptionStatus,
    /// Seats.
    pub quantity: u32,
    /// Whether it renews by itself.
    pub auto_renew: bool,
    /// Who uses it.
    pub consumer: AccountId,
    /// Who owes us for it.
    pub debtor: AccountId,
    /// The reseller of record.
    #[serde(default)]
    pub reseller: Option<AccountId>,
    /// The connection it was seen through.
    pub connection: AccountId,
}

/// The states of an Azure subscription in Partner Center.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AzureStatus {
    /// Runs and costs.
    Active,
    /// Cancelled.
    Inactive,
}

/// Observed: an Azure subscription as Partner Center shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AzureSubscriptionSeen {
    /// The Azure subscription.
    pub azure_subscription: AzureSubscriptionId,
    /// The Azure plan it is under.
    pub plan: SubscriptionId,
    /// Its state.
    pub status: AzureStatus,
}

/// What the file keeps of a subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// What it is.
    pub kind: SubscriptionKind,
    /// Its state when last seen.
    pub status: SubscriptionStatus,
    /// Seats.
    pub quantity: u32,
    /// Whether it renews by itself.
    pub auto_renew: bool,
    /// Who owes us for it.
    pub debtor: AccountId,
}

/// What the file keeps of an Azure subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AzureSubscription {
    /// The Azure plan it is under.
    pub plan: SubscriptionId,
    /// Its state when last seen.
    pub status: AzureStatus,
    /// When it was first seen in that state.
    #[serde(default)]
    pub since: Timestamp,
}

impl AzureSubscription {
    /// Takes in the state that it was seen in.
    pub(crate) fn seen(&mut self, at: Timestamp, status: AzureStatus) {
        if self.status != status {
            *self = Self { status, since: at, ..*self };
        }
    }
}

/// Who the customer is, as the file keeps it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Identity {
    /// The connection it is a customer through.
    pub connection: AccountId,
    /// Its tenant.
    pub tenant: TenantId,
    /// The cloud of the connection.
    pub cloud: Cloud,
    /// ISO 3166 code of its country.
    pub country: Option<String>,
    /// The reseller between us and it.
    pub reseller: Option<AccountId>,
    /// Who owes us; nothing means itself.
    pub debtor: Option<AccountId>,
    /// Its name, carried for the rows that pages read.
    pub name: Sealed<String>,
}

/// What a customer has.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Holdings {
    /// Who it is; nothing before it was registered.
    pub identity: Option<Identity>,
    /// Its subscriptions.
    pub subscriptions: BTreeMap<SubscriptionId, Subscription>,
    /// Its Azure subscriptions.
    pub azure: BTreeMap<AzureSubscriptionId, AzureSubscription>,
}

impl Holdings {
    pub(crate) fn registered(&mut self, seen: &CustomerRegistered) {
        self.identity = Some(Identity {
            connection: seen.connection,
            tenant: seen.tenant,
            cloud: seen.cloud,
            country: seen.country.clone(),
            reseller: seen.reseller,
            debtor: seen.debtor,
            name: seen.name.clone(),
        });
    }

    pub(crate) fn subscription_seen(&mut self, seen: &SubscriptionSeen) {
        let subscription = Subscription {
            kind: seen.kind,
            status: seen.status,
            quantity: seen.quantity,
            auto_renew: seen.auto_renew,
            debtor: seen.debtor,
        };
        if self.subscriptions.len() < MAX_SUBSCRIPTIONS || self.subscriptions.contains_key(&seen.subscription) {
            self.subscriptions.insert(seen.subscription, subscription);
        }
    }

    pub(crate) fn azure_seen(&mut self, at: Timestamp, seen: &AzureSubscriptionSeen) {
        let has_room = self.azure.len() < MAX_SUBSCRIPTIONS;
        if let Some(azure) = self.azure.get_mut(&seen.azure_subscription) {
            azure.plan = seen.plan;
            azure.seen(at, seen.status);
        } else if has_room {
            let azure = AzureSubscription { plan: seen.plan, status: seen.status, since: at };
            self.azure.insert(seen.azure_subscription, azure);
        }
    }

    /// The active Azure subscriptions under a plan.
    pub fn active_under(&self, plan: SubscriptionId) -> impl Iterator<Item = AzureSubscriptionId> {
        self.azure
            .iter()
            .filter(move |(_, azure)| azure.plan == plan && azure.status == AzureStatus::Active)
            .map(|(id, _)| *id)
    }
}
