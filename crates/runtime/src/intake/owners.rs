//! Which customer an event is of: by its Azure subscription, else by its tenant. The Azure subscription goes first,
//! because the tenant in an event may be the home of whoever acted.

use crate::tools::Tools;
use domain::ids::{AccountId, AzureSubscriptionId, TenantId};
use domain::permission::Scope;
use sigma::concepts::Concepts;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use store::{StoreError, rows};

/// The most answers that are remembered; then all are asked for again.
const MAX_REMEMBERED: usize = 200_000;
/// How many customers can hold one Azure subscription: a moved one, or one seen through several connections.
const MAX_HOLDERS: u32 = 16;

/// What an event names its customer by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Named {
    pub(super) azure: Option<AzureSubscriptionId>,
    pub(super) tenant: Option<TenantId>,
}

impl Named {
    pub(super) fn by(concepts: &Concepts) -> Self {
        Self {
            azure: concepts.subscription_id.as_deref().and_then(|id| id.parse().ok()),
            tenant: concepts.tenant_id.as_deref().and_then(|id| id.parse().ok()),
        }
    }

    /// Under what an event of a connection waits whose customer is not known; nothing when it names none.
    pub(super) fn place(&self, connection: AccountId) -> Option<String> {
        let azure = self.azure.map(|id| azure_place(connection, id));
        azure.or_else(|| self.tenant.map(|id| tenant_place(connection, id)))
    }
}

/// Under what the events of an unknown Azure subscription wait.
pub(super) fn azure_place(connection: AccountId, id: AzureSubscriptionId) -> String {
    format!("azure:{id}@{connection}")
}

/// Under what the events of an unknown tenant wait.
pub(super) fn tenant_place(connection: AccountId, id: TenantId) -> String {
    format!("tenant:{id}@{connection}")
}

#[derive(Debug)]
pub(super) struct Owners {
    tools: Tools,
    known: Mutex<HashMap<(AccountId, Named), AccountId>>,
}

impl Owners {
    pub(super) fn new(tools: Tools) -> Self {
        Self { tools, known: Mutex::default() }
    }

    /// The customer of the connection that an event names; nothing when there is none (yet).
    pub(super) async fn of(&self, connection: AccountId, named: Named) -> Result<Option<AccountId>, StoreError> {
        let key = (connection, named);
        if let Some(known) = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(Some(*known));
        }
        let found = match self.by_azure(connection, named.azure).await? {
            None => self.by_tenant(connection, named.tenant).await?,
            found => found,
        };
        if let Some(found) = found {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            if known.len() >= MAX_REMEMBERED {
                known.clear();
            }
            known.insert(key, found);
        }
        Ok(found)
    }

    async fn by_azure(
        &self,
        connection: AccountId,
        azure: Option<AzureSubscriptionId>,
    ) -> Result<Option<AccountId>, StoreError> {
        let Some(azure) = azure else { return Ok(None) };
        let store = self.tools.store();
        for held in rows::subscriptions::of_azure(store, azure, MAX_HOLDERS).await? {
            let customer = rows::customers::known(store, &Scope::All, held.account).await?;
            if customer.is_some_and(|customer| customer.row.connection == connection) {
                return Ok(Some(held.account));
            }
        }
        Ok(None)
    }

    async fn by_tenant(
        &self,
        connection: AccountId,
        tenant: Option<TenantId>,
    ) -> Result<Option<AccountId>, StoreError> {
        let Some(tenant) = tenant else { return Ok(None) };
        let account = AccountId::of_customer(connection, tenant);
        let registered = rows::customers::known(self.tools.store(), &Scope::All, account).await?;
        Ok(registered.map(|_| account))
    }

    /// Forgets what is remembered of a connection's Azure subscriptions: one was moved, or is new.
    pub(super) fn forget(&self) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
