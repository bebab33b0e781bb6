//! The partner's connections to Microsoft: for each Partner Center tenant its client, what checks its webhooks, and
//! the bells that wake its sync. Ids cross here from our form to Microsoft's and back.

use domain::customers::Cloud;
use domain::ids::{AccountId, AzureSubscriptionId, SubscriptionId, TenantId};
use jiff::Timestamp;
use microsoft::seam::Outbound;
use microsoft::webhook::{CertificateCache, Verifier};
use microsoft::{BadId, CallContext, Client, EntitlementKey, SubscriptionKey};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;
use uuid::Uuid;

/// The most customers that are noted as changed at once; the rest is found by the next whole pass.
const MAX_HINTS: usize = 10_000;

/// What a connection is made of.
#[derive(Debug)]
pub struct ConnectionParts {
    /// The partner's own tenant.
    pub partner_tenant: TenantId,
    /// Its cloud.
    pub cloud: Cloud,
    /// Asks Microsoft.
    pub client: Client,
    /// Sends what is no API call: the fetch of a webhook's certificate.
    pub outbound: Arc<dyn Outbound>,
    /// Checks the deliveries of its webhook; without it every delivery is rejected.
    pub verifier: Option<Verifier>,
}

/// A connection to one Partner Center tenant.
#[derive(Debug)]
pub struct Connection {
    /// Its account.
    pub account: AccountId,
    /// The partner's own tenant.
    pub partner_tenant: TenantId,
    /// Its cloud.
    pub cloud: Cloud,
    /// Asks Microsoft.
    pub client: Client,
    pub(crate) outbound: Arc<dyn Outbound>,
    pub(crate) verifier: Option<Verifier>,
    pub(crate) certificates: CertificateCache,
    hints: Mutex<BTreeSet<TenantId>>,
    /// Whether alerts wait for their tenants to be registered.
    pub(crate) alerts_wait: AtomicBool,
    /// Rings when the alerts should be read now.
    pub wake_alerts: Notify,
    /// Rings when the customers should be read now.
    pub wake_customers: Notify,
}

impl Connection {
    /// The connection of these parts.
    #[must_use]
    pub fn new(parts: ConnectionParts) -> Self {
        Self {
            account: AccountId::of_connection(parts.partner_tenant, parts.cloud.word()),
            partner_tenant: parts.partner_tenant,
            cloud: parts.cloud,
            client: parts.client,
            outbound: parts.outbound,
            verifier: parts.verifier,
            certificates: CertificateCache::default(),
            hints: Mutex::default(),
            alerts_wait: AtomicBool::new(false),
            wake_alerts: Notify::new(),
            wake_customers: Notify::new(),
        }
    }

    /// Notes that something of a customer has changed, and rings for the customers to be read.
    pub fn hint(&self, tenant: TenantId) {
        let mut hints = self.hints.lock().unwrap_or_else(PoisonError::into_inner);
        if hints.len() < MAX_HINTS {
            hints.insert(tenant);
        }
        drop(hints);
        self.wake_customers.notify_one();
    }

    /// The customers of whom something has changed since this was last asked.
    pub(crate) fn take_hints(&self) -> BTreeSet<TenantId> {
        std::mem::take(&mut *self.hints.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts back what was taken and not worked off. It does not ring: the next pass comes at its own time.
    pub(crate) fn keep_hints(&self, taken: BTreeSet<TenantId>) {
        let mut hints = self.hints.lock().unwrap_or_else(PoisonError::into_inner);
        let room = MAX_HINTS.saturating_sub(hints.len());
        hints.extend(taken.into_iter().take(room));
    }

    /// The customer account of a tenant seen through this connection.
    #[must_use]
    pub fn customer(&self, tenant: TenantId) -> AccountId {
        AccountId::of_customer(self.account, tenant)
    }
}

/// The connections by account. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Connections {
    by_account: Arc<BTreeMap<AccountId, Arc<Connection>>>,
}

impl Connections {
    /// These connections.
    #[must_use]
    pub fn new(parts: Vec<ConnectionParts>) -> Self {
        let connections = parts.into_iter().map(|parts| Arc::new(Connection::new(parts)));
        Self { by_account: Arc::new(connections.map(|connection| (connection.account, connection)).collect()) }
    }

    /// The connection with this account.
    #[must_use]
    pub fn get(&self, account: AccountId) -> Option<&Arc<Connection>> {
        self.by_account.get(&account)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Connection>> {
        self.by_account.values()
    }
}

/// The context of a call at `now`.
pub(crate) const fn context(now: Timestamp, request_id: Uuid, correlation_id: Uuid) -> CallContext {
    CallContext { now, request_id, correlation_id }
}

/// A tenant in Microsoft's form.
pub(crate) fn tenant_of(tenant: TenantId) -> Result<microsoft::TenantId, BadId> {
    microsoft::TenantId::parse(tenant.to_string())
}

/// A subscription of a customer in Microsoft's form.
pub(crate) fn subscription_of(tenant: TenantId, subscription: SubscriptionId) -> Result<SubscriptionKey, BadId> {
    Ok(SubscriptionKey {
        customer: tenant_of(tenant)?,
        subscription: microsoft::SubscriptionId::parse(subscription.to_string())?,
    })
}

/// An Azure subscription of a customer in Microsoft's form.
pub(crate) fn entitlement_of(
    tenant: TenantId,
    plan: SubscriptionId,
    azure: AzureSubscriptionId,
) -> Result<EntitlementKey, BadId> {
    Ok(EntitlementKey {
        customer: tenant_of(tenant)?,
        plan: microsoft::SubscriptionId::parse(plan.to_string())?,
        entitlement: microsoft::AzureSubscriptionId::parse(azure.to_string())?,
    })
}
