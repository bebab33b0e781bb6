//! Azure as the partner's administrator sees it through a customer's tenant: the subscriptions, and the activity log of one
//! subscription in a window of time. Changing resources is not done here.

use jiff::Timestamp;
use serde::Deserialize;

use crate::client::Needs;
use crate::cloud::Role;
use crate::ids::{AzureSubscriptionId, TenantId};
use crate::links::percent;
use crate::page::{Listing, Paging};
use crate::wire;
use crate::wire::open_enum;

open_enum!(
    /// Where an Azure subscription stands in Azure.
    AzureSubscriptionState {
        Enabled = "Enabled",
        Warned = "Warned",
        PastDue = "PastDue",
        Disabled = "Disabled",
        Deleted = "Deleted",
    }
);

/// An Azure subscription as Azure tells it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AzureSubscription {
    /// The subscription.
    pub subscription_id: AzureSubscriptionId,
    /// Its name.
    #[serde(default, deserialize_with = "wire::text")]
    pub display_name: Option<String>,
    /// Where it stands.
    #[serde(default)]
    pub state: AzureSubscriptionState,
    /// The tenant it belongs to: another than the customer's means that it was moved.
    #[serde(default, deserialize_with = "wire::text")]
    pub tenant_id: Option<String>,
}

/// One event of the activity log, as far as it needs to be sorted and found; rules read the raw row.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActivityEvent {
    /// The event's id.
    #[serde(default, deserialize_with = "wire::text")]
    pub event_data_id: Option<String>,
    /// When it happened.
    #[serde(default, deserialize_with = "wire::time")]
    pub event_timestamp: Option<Timestamp>,
    /// When Azure could first tell it.
    #[serde(default, deserialize_with = "wire::time")]
    pub submission_timestamp: Option<Timestamp>,
    /// What was done.
    #[serde(default)]
    pub operation_name: Localized,
    /// How it went.
    #[serde(default)]
    pub status: Localized,
    /// To which resource; case differs between paths.
    #[serde(default, deserialize_with = "wire::text")]
    pub resource_id: Option<String>,
    /// Who did it (a user name or an application's id).
    #[serde(default, deserialize_with = "wire::text")]
    pub caller: Option<String>,
    /// What belongs together.
    #[serde(default, deserialize_with = "wire::text")]
    pub correlation_id: Option<String>,
}

/// A value with its localised text; only the value is read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Localized {
    /// The value.
    #[serde(deserialize_with = "wire::text")]
    pub value: Option<String>,
}

/// A window of the activity log of one Azure subscription; both ends belong to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivityWindow {
    /// The customer, through whose tenant it is read.
    pub customer: TenantId,
    /// The Azure subscription.
    pub subscription: AzureSubscriptionId,
    /// The first instant.
    pub from: Timestamp,
    /// The last instant.
    pub to: Timestamp,
}

impl Listing<AzureSubscription> {
    /// The Azure subscriptions that the partner's administrator can see in a customer's tenant.
    #[must_use]
    pub fn azure_subscriptions(customer: &TenantId) -> Self {
        Self {
            needs: Needs::UserFirst,
            tenant: Some(customer.clone()),
            ..Self::new(
                "list Azure subscriptions in Azure",
                customer,
                Role::Arm,
                "/subscriptions?api-version=2022-12-01".to_owned(),
                Paging::NextLink,
            )
        }
    }
}

impl Listing<ActivityEvent> {
    /// The activity log in a window. Azure's filter takes nothing but the two instants and one further term.
    #[must_use]
    pub fn activity_log(window: &ActivityWindow) -> Self {
        let filter = format!("eventTimestamp ge '{}' and eventTimestamp le '{}'", window.from, window.to);
        let path = format!(
            "/subscriptions/{}/providers/microsoft.insights/eventtypes/management/values?api-version=2015-04-01&$filter={}",
            window.subscription,
            percent(&filter),
        );
        let subject = format!("{} of customer {}", window.subscription, window.customer);
        Self {
            needs: Needs::UserFirst,
            tenant: Some(window.customer.clone()),
            ..Self::new("read activity log", subject, Role::Arm, path, Paging::NextLink)
        }
    }
}
