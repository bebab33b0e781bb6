//! What a customer has: its subscriptions, and the Azure subscriptions under its plans. Only what differs from the
//! file is recorded.

use super::customers::Listed;
use super::{Sync, SyncError};
use crate::connections::{subscription_of, tenant_of};
use crate::effects::{azure_status, plan_status};
use domain::body::Body;
use domain::customers::{
    AzureSubscriptionSeen, Holdings, MAX_SUBSCRIPTIONS, Subscription as Known, SubscriptionKind, SubscriptionSeen,
};
use domain::fact::NewFact;
use domain::ids::{AccountKind, Actor, AzureSubscriptionId};
use microsoft::Listing;
use microsoft::entitlements::Entitlement;
use microsoft::subscriptions::{BillingType, Subscription};
use std::convert::Infallible;

/// The most facts of one append.
const MAX_FACTS_PER_APPEND: usize = 150;
/// How many appends one customer's holdings take at most.
const MAX_APPENDS: usize = 40;
/// The longest offer name that is taken.
const MAX_OFFER_BYTES: usize = 300;

/// What was read of a customer.
#[derive(Debug, Default)]
struct Read {
    subscriptions: Vec<SubscriptionSeen>,
    azure: Vec<AzureSubscriptionSeen>,
}

impl Sync {
    /// Reads what a customer has and records what changed. Returns the Azure subscriptions that are new.
    pub(super) async fn sync_holdings(&self, listed: &Listed) -> Result<Vec<AzureSubscriptionId>, SyncError> {
        let read = self.read_holdings(listed).await?;
        let file = self.tools.desk.file(listed.account).await?;
        let known = file.customer().map(|file| &file.holdings);
        let is_new = |seen: &&AzureSubscriptionSeen| {
            known.is_none_or(|known| !known.azure.contains_key(&seen.azure_subscription))
        };
        let new = read.azure.iter().filter(is_new).map(|seen| seen.azure_subscription).collect();
        let empty = Holdings::default();
        if changes(&read, known.unwrap_or(&empty)).is_empty() {
            return Ok(new);
        }
        for _ in 0..MAX_APPENDS {
            let acted = self.tools.desk.act(listed.account, AccountKind::Customer, |view| {
                let holdings = view.file.customer().map_or(&empty, |file| &file.holdings);
                let fact = |body| NewFact {
                    happened: view.at,
                    actor: Actor::Connection(self.connection.account),
                    // Compared at the version it is appended to; a state may come back, so it has no key of its own.
                    source_key: None,
                    body,
                };
                let changes = changes(&read, holdings).into_iter().take(MAX_FACTS_PER_APPEND);
                Ok::<_, Infallible>(changes.map(fact).collect())
            });
            if acted.await?.facts.len() < MAX_FACTS_PER_APPEND {
                break;
            }
        }
        Ok(new)
    }

    async fn read_holdings(&self, listed: &Listed) -> Result<Read, SyncError> {
        let client = &self.connection.client;
        let tenant = tenant_of(listed.tenant)?;
        let page = client.collect(&self.reading(), &Listing::<Subscription>::subscriptions(&tenant)).await?;
        let mut read = Read::default();
        for row in &page.rows {
            let Some(seen) = self.subscription(listed, &row.view) else { continue };
            if seen.kind == SubscriptionKind::AzurePlan {
                let key = subscription_of(listed.tenant, seen.subscription)?;
                let listing = Listing::<Entitlement>::entitlements(&key);
                let entitlements = client.collect(&self.reading(), &listing).await?;
                read.azure.extend(entitlements.rows.iter().filter_map(|row| azure(&seen, &row.view)));
            }
            read.subscriptions.push(seen);
        }
        Ok(read)
    }

    fn subscription(&self, listed: &Listed, told: &Subscription) -> Option<SubscriptionSeen> {
        let offer = told.offer_name.as_deref().or(told.friendly_name.as_deref()).unwrap_or_default();
        Some(SubscriptionSeen {
            subscription: told.id.as_str().parse().ok()?,
            kind: kind_of(told),
            offer: crate::findings::cut(offer, MAX_OFFER_BYTES),
            status: plan_status(&told.status),
            quantity: told.quantity.and_then(|quantity| u32::try_from(quantity).ok()).unwrap_or(0),
            auto_renew: told.auto_renew_enabled.unwrap_or(false),
            consumer: listed.account,
            debtor: listed.debtor(),
            reseller: listed.reseller,
            connection: self.connection.account,
        })
    }
}

fn kind_of(told: &Subscription) -> SubscriptionKind {
    if told.is_usage_based() {
        SubscriptionKind::AzurePlan
    } else if told.billing_type == BillingType::License {
        SubscriptionKind::Seats
    } else {
        SubscriptionKind::Other
    }
}

fn azure(plan: &SubscriptionSeen, told: &Entitlement) -> Option<AzureSubscriptionSeen> {
    Some(AzureSubscriptionSeen {
        azure_subscription: told.id.as_str().parse().ok()?,
        plan: plan.subscription,
        status: azure_status(&told.status)?,
    })
}

/// What was read and is not in the file as it was read.
fn changes(read: &Read, known: &Holdings) -> Vec<Body> {
    // A file takes no more than its limit: what is beyond it would be a change for ever.
    let (room, azure_room) = (known.subscriptions.len() < MAX_SUBSCRIPTIONS, known.azure.len() < MAX_SUBSCRIPTIONS);
    let is_other = |seen: &&SubscriptionSeen| match known.subscriptions.get(&seen.subscription) {
        Some(known) => !is_same(known, seen),
        None => room,
    };
    let subscriptions = read.subscriptions.iter().filter(is_other).cloned().map(Body::SubscriptionSeen);
    let azure = read.azure.iter().filter(|seen| match known.azure.get(&seen.azure_subscription) {
        Some(known) => (known.plan, known.status) != (seen.plan, seen.status),
        None => azure_room,
    });
    subscriptions.chain(azure.cloned().map(Body::AzureSubscriptionSeen)).collect()
}

fn is_same(known: &Known, seen: &SubscriptionSeen) -> bool {
    (known.kind, known.status, known.quantity, known.auto_renew, known.debtor)
        == (seen.kind, seen.status, seen.quantity, seen.auto_renew, seen.debtor)
}
