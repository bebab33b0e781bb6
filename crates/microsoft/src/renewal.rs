//! What a suspension destroys: automatic renewal and the scheduled changes. Taken from the subscription before the act,
//! stored by the caller, put back after the reactivation.

use serde::{Deserialize, Serialize};

use crate::call::CallContext;
use crate::client::Client;
use crate::error::Error;
use crate::ids::{SubscriptionId, SubscriptionKey};
use crate::patch::Patched;
use crate::raw::{RawJson, RawObject};
use crate::subscriptions::SubscriptionDocument;
use crate::wire;

const AUTO_RENEW: &str = "autoRenewEnabled";
const NEXT_TERM: &str = "scheduledNextTermInstructions";
const NEXT_CHARGE: &str = "nextChargeInstructions";
const RENEWAL_TERM: &str = "renewalTermDuration";

/// The renewal of one subscription at one instant, as told by Microsoft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RenewalSnapshot {
    /// The subscription it was taken from.
    pub subscription: SubscriptionId,
    /// `autoRenewEnabled`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    auto_renew: Option<RawJson>,
    /// `scheduledNextTermInstructions`: product, quantity and end of the next term.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    next_term: Option<RawJson>,
    /// `nextChargeInstructions`; said to survive a suspension, kept all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    next_charge: Option<RawJson>,
    /// `renewalTermDuration`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    renewal_term: Option<RawJson>,
}

/// The next term as scheduled, as far as this program understands it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NextTerm {
    /// Seats of the next term.
    #[serde(default, deserialize_with = "wire::whole")]
    pub quantity: Option<i64>,
    /// What is bought for the next term.
    #[serde(default)]
    pub product: Option<NextProduct>,
    /// A chosen end of the next term.
    #[serde(default, deserialize_with = "wire::time")]
    pub custom_term_end_date: Option<jiff::Timestamp>,
}

/// What is bought for the next term.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NextProduct {
    /// The product.
    #[serde(deserialize_with = "wire::text")]
    pub product_id: Option<String>,
    /// The SKU.
    #[serde(deserialize_with = "wire::text")]
    pub sku_id: Option<String>,
    /// `monthly`, `annual` and so on.
    #[serde(deserialize_with = "wire::text")]
    pub billing_cycle: Option<String>,
    /// `P1M`, `P1Y`, `P3Y`.
    #[serde(deserialize_with = "wire::text")]
    pub term_duration: Option<String>,
}

impl RenewalSnapshot {
    /// Takes the renewal from a subscription as read.
    #[must_use]
    pub fn of(document: &SubscriptionDocument) -> Self {
        let told = |name: &str| document.raw.get(name).filter(|raw| raw.text() != "null").cloned();
        Self {
            subscription: document.view.id.clone(),
            auto_renew: told(AUTO_RENEW),
            next_term: told(NEXT_TERM),
            next_charge: told(NEXT_CHARGE),
            renewal_term: told(RENEWAL_TERM),
        }
    }

    /// Whether the subscription renewed by itself.
    #[must_use]
    pub fn auto_renew_enabled(&self) -> Option<bool> {
        serde_json::from_str(self.auto_renew.as_ref()?.text()).ok()
    }

    /// What was scheduled for the next term.
    #[must_use]
    pub fn next_term(&self) -> Option<NextTerm> {
        serde_json::from_str(self.next_term.as_ref()?.text()).ok()
    }

    /// Tells whether a subscription as read still has all that the snapshot holds.
    #[must_use]
    pub fn holds(&self, document: &SubscriptionDocument) -> bool {
        self.fields().all(|(name, wanted)| document.raw.get(name).is_some_and(|now| now.means_the_same(wanted)))
    }

    fn fields(&self) -> impl Iterator<Item = (&'static str, &RawJson)> {
        let all = [
            (AUTO_RENEW, &self.auto_renew),
            (NEXT_TERM, &self.next_term),
            (NEXT_CHARGE, &self.next_charge),
            (RENEWAL_TERM, &self.renewal_term),
        ];
        all.into_iter().filter_map(|(name, raw)| raw.as_ref().map(|raw| (name, raw)))
    }

    /// Puts back what differs; what was not there when the snapshot was taken is left as it is.
    fn put_back(&self, subscription: &mut RawObject) {
        for (name, wanted) in self.fields() {
            if !subscription.get(name).is_some_and(|now| now.means_the_same(wanted)) {
                subscription.set_raw(name, wanted.clone());
            }
        }
    }
}

impl Client {
    /// Puts back what a suspension destroyed. The subscription must be active again; `Unchanged` when nothing is missing.
    pub async fn restore_renewal(
        &self,
        context: &CallContext,
        key: &SubscriptionKey,
        snapshot: &RenewalSnapshot,
    ) -> Result<Patched, Error> {
        self.patch_as("restore renewal", context, key, |subscription| {
            snapshot.put_back(subscription);
            Ok(())
        })
        .await
    }
}
