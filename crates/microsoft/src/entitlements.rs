//! Azure subscriptions under an Azure plan (Microsoft: entitlements): list, read, cancel for compromise, reactivate.
//! Cancelling works one by one and takes about ten minutes; suspending the plan afterwards is in `patch.rs`.

use http::Method;
use serde::Deserialize;

use crate::call::{Call, CallContext};
use crate::client::{Client, Needs, Outgoing};
use crate::cloud::Role;
use crate::error::Error;
use crate::ids::{AzureSubscriptionId, EntitlementKey, SubscriptionKey};
use crate::page::{Listing, Paging, Row};
use crate::raw::RawJson;
use crate::subscriptions::{path, subject};
use crate::wire;
use crate::wire::open_enum;

open_enum!(
    /// Where an Azure subscription stands in Partner Center.
    EntitlementStatus {
        Active = "active",
        Inactive = "inactive",
    }
);

/// An Azure subscription under an Azure plan.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entitlement {
    /// The Azure subscription.
    pub id: AzureSubscriptionId,
    /// The name the customer gave it.
    #[serde(default, deserialize_with = "wire::text")]
    pub friendly_name: Option<String>,
    /// Where it stands.
    #[serde(default)]
    pub status: EntitlementStatus,
    /// The Azure plan.
    #[serde(default, deserialize_with = "wire::text")]
    pub subscription_id: Option<String>,
}

/// A cancellation or reactivation that Microsoft has accepted; the state follows minutes later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntitlementAccepted {
    /// The Azure subscription as the answer tells it: often still in its old state. None when the answer tells nothing.
    pub told: Option<Entitlement>,
}

impl Listing<Entitlement> {
    /// All Azure subscriptions under one Azure plan.
    #[must_use]
    pub fn entitlements(plan: &SubscriptionKey) -> Self {
        let path = format!("{}/azureEntitlements", path(plan));
        Self::new("list Azure subscriptions", subject(plan), Role::PartnerCenter, path, Paging::Collection)
    }
}

impl Client {
    /// Reads one Azure subscription: the way to see whether a cancellation has come through.
    pub async fn entitlement(&self, context: &CallContext, key: &EntitlementKey) -> Result<Row<Entitlement>, Error> {
        let call = Call::read("read Azure subscription", entitlement_subject(key));
        let outgoing = self.reading(call, Role::PartnerCenter, &entitlement_path(key), Needs::AppFirst);
        self.read_row(context, &outgoing, "an Azure subscription").await
    }

    /// Cancels one Azure subscription for compromise. It works even when the attacker removed the partner's access.
    /// A success says only that Microsoft has accepted; the Azure subscription is inactive about ten minutes later.
    pub async fn cancel_entitlement(
        &self,
        context: &CallContext,
        key: &EntitlementKey,
    ) -> Result<EntitlementAccepted, Error> {
        let call = Call::write("cancel Azure subscription", entitlement_subject(key));
        let path = format!("{}/cancel", entitlement_path(key));
        let body = br#"{"cancellationReason":"compromise"}"#.to_vec();
        let outgoing = self.writing(call, Role::PartnerCenter, Method::POST, &path, body);
        self.accepted_entitlement(context, &outgoing).await
    }

    /// Reactivates a cancelled Azure subscription; its plan must be active.
    pub async fn reactivate_entitlement(
        &self,
        context: &CallContext,
        key: &EntitlementKey,
    ) -> Result<EntitlementAccepted, Error> {
        let call = Call::write("reactivate Azure subscription", entitlement_subject(key));
        let path = format!("{}/reactivate", entitlement_path(key));
        let outgoing = self.writing(call, Role::PartnerCenter, Method::POST, &path, Vec::new());
        self.accepted_entitlement(context, &outgoing).await
    }

    async fn accepted_entitlement(
        &self,
        context: &CallContext,
        outgoing: &Outgoing,
    ) -> Result<EntitlementAccepted, Error> {
        let response = self.exchange(context, outgoing).await?;
        // The state is read anyway, so an answer without a readable body is an acceptance all the same.
        let told = serde_json::from_slice(wire::without_bom(&response.body)).ok();
        Ok(EntitlementAccepted { told })
    }

    /// Reads one thing, typed and raw.
    pub(crate) async fn read_row<T: serde::de::DeserializeOwned>(
        &self,
        context: &CallContext,
        outgoing: &Outgoing,
        what: &'static str,
    ) -> Result<Row<T>, Error> {
        let response = self.exchange(context, outgoing).await?;
        let view = wire::parse(&outgoing.call, what, &response.body)?;
        let raw: RawJson = wire::parse_raw(&outgoing.call, what, &response.body)?;
        Ok(Row { view, raw })
    }
}

fn entitlement_path(key: &EntitlementKey) -> String {
    format!("/v1/customers/{}/subscriptions/{}/azureEntitlements/{}", key.customer, key.plan, key.entitlement)
}

fn entitlement_subject(key: &EntitlementKey) -> String {
    format!("{} of customer {}", key.entitlement, key.customer)
}
