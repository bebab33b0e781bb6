//! Subscriptions of a customer: seat subscriptions and Azure plans, listed and read. Changing them is in `patch.rs`, what a
//! suspension destroys in `renewal.rs`, the Azure subscriptions under a plan in `entitlements.rs`.

use jiff::Timestamp;
use serde::Deserialize;

use crate::call::{Call, CallContext};
use crate::client::{Client, Needs};
use crate::cloud::Role;
use crate::error::Error;
use crate::ids::{SubscriptionId, SubscriptionKey, TenantId};
use crate::page::{Listing, Paging};
use crate::raw::RawObject;
use crate::wire;
use crate::wire::open_enum;

open_enum!(
    /// Where a subscription stands.
    SubscriptionStatus {
        None = "none",
        Active = "active",
        Pending = "pending",
        Suspended = "suspended",
        Expired = "expired",
        Disabled = "disabled",
        Deleted = "deleted",
    }
);

open_enum!(
    /// What a subscription is billed by.
    BillingType {
        None = "none",
        Usage = "usage",
        License = "license",
        Benefit = "benefit",
    }
);

/// A subscription as Partner Center tells it. Fields that are not here survive in `SubscriptionDocument::raw`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Subscription {
    /// The subscription.
    pub id: SubscriptionId,
    /// `product:sku:availability`.
    #[serde(default, deserialize_with = "wire::text")]
    pub offer_id: Option<String>,
    /// The product's name.
    #[serde(default, deserialize_with = "wire::text")]
    pub offer_name: Option<String>,
    /// The name the partner gave it.
    #[serde(default, deserialize_with = "wire::text")]
    pub friendly_name: Option<String>,
    /// Seats.
    #[serde(default, deserialize_with = "wire::whole")]
    pub quantity: Option<i64>,
    /// `Licenses`, `Usage-based` or `Benefit`.
    #[serde(default, deserialize_with = "wire::text")]
    pub unit_type: Option<String>,
    /// The subscription this one is an add-on of.
    #[serde(default, deserialize_with = "wire::text")]
    pub parent_subscription_id: Option<String>,
    /// When it was bought.
    #[serde(default, deserialize_with = "wire::time")]
    pub creation_date: Option<Timestamp>,
    /// When it began.
    #[serde(default, deserialize_with = "wire::time")]
    pub effective_start_date: Option<Timestamp>,
    /// When the present term ends.
    #[serde(default, deserialize_with = "wire::time")]
    pub commitment_end_date: Option<Timestamp>,
    /// Until when it can be cancelled with a refund.
    #[serde(default, deserialize_with = "wire::time")]
    pub cancellation_allowed_until_date: Option<Timestamp>,
    /// Where it stands.
    #[serde(default)]
    pub status: SubscriptionStatus,
    /// Whether it renews at the end of its term.
    #[serde(default, deserialize_with = "wire::boolean")]
    pub auto_renew_enabled: Option<bool>,
    /// What it is billed by.
    #[serde(default)]
    pub billing_type: BillingType,
    /// `monthly`, `annual`, `none` and so on.
    #[serde(default, deserialize_with = "wire::text")]
    pub billing_cycle: Option<String>,
    /// `P1M`, `P1Y`, `P3Y`.
    #[serde(default, deserialize_with = "wire::text")]
    pub term_duration: Option<String>,
    /// Whether it is a trial.
    #[serde(default, deserialize_with = "wire::boolean")]
    pub is_trial: Option<bool>,
    /// Why it is suspended, in Microsoft's words.
    #[serde(default, deserialize_with = "wire::list")]
    pub suspension_reasons: Vec<String>,
    /// The order it came from.
    #[serde(default, deserialize_with = "wire::text")]
    pub order_id: Option<String>,
    /// The windows in which seats can be given back; every addition of seats has its own.
    #[serde(default, deserialize_with = "wire::list")]
    pub refund_options: Vec<RefundOption>,
    #[serde(default)]
    attributes: Attributes,
}

/// One window in which money comes back.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RefundOption {
    /// `Partial` or `Full`.
    #[serde(rename = "type", default, deserialize_with = "wire::text")]
    pub kind: Option<String>,
    /// The end of the window, when told as an instant.
    #[serde(default, deserialize_with = "wire::time")]
    pub expires_at: Option<Timestamp>,
    /// The length of the window, when told as an ISO 8601 duration.
    #[serde(default, deserialize_with = "wire::text")]
    pub expires_after: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
struct Attributes {
    #[serde(default, deserialize_with = "wire::text")]
    etag: Option<String>,
}

impl Subscription {
    /// Tells whether this is an Azure plan (or another use-based subscription), with Azure subscriptions under it.
    #[must_use]
    pub fn is_usage_based(&self) -> bool {
        let by_unit = self.unit_type.as_deref().is_some_and(|unit| unit.eq_ignore_ascii_case("usage-based"));
        by_unit || self.billing_type == BillingType::Usage
    }

    pub(crate) fn etag(&self) -> Option<&str> {
        self.attributes.etag.as_deref().filter(|etag| !etag.is_empty())
    }
}

/// A subscription as read: the view, and every byte told, which a change sends back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionDocument {
    /// What this program understands.
    pub view: Subscription,
    /// All of it.
    pub raw: RawObject,
}

impl SubscriptionDocument {
    /// Reads a body; the error names the place.
    pub(crate) fn read(call: &Call, body: &[u8]) -> Result<Self, Error> {
        let view = wire::parse(call, "a subscription", body)?;
        let raw = wire::parse_raw(call, "a subscription", body)?;
        Ok(Self { view, raw })
    }
}

impl Listing<Subscription> {
    /// All subscriptions of a customer: seat subscriptions, add-ons and Azure plans.
    #[must_use]
    pub fn subscriptions(customer: &TenantId) -> Self {
        let path = format!("/v1/customers/{customer}/subscriptions");
        Self::new("list subscriptions", customer, Role::PartnerCenter, path, Paging::Collection)
    }
}

pub(crate) fn path(key: &SubscriptionKey) -> String {
    format!("/v1/customers/{}/subscriptions/{}", key.customer, key.subscription)
}

pub(crate) fn subject(key: &SubscriptionKey) -> String {
    format!("{} of customer {}", key.subscription, key.customer)
}

impl Client {
    /// Reads one subscription, typed and raw.
    pub async fn subscription(
        &self,
        context: &CallContext,
        key: &SubscriptionKey,
    ) -> Result<SubscriptionDocument, Error> {
        let call = Call::read("read subscription", subject(key));
        let outgoing = self.reading(call, Role::PartnerCenter, &path(key), Needs::AppFirst);
        let response = self.exchange(context, &outgoing).await?;
        SubscriptionDocument::read(&outgoing.call, &response.body)
    }
}
