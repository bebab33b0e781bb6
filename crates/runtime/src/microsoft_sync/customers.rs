//! Customers: the list of the partner's customers, and for each what it has. Facts are written only for what differs
//! from the customer's file at the version they are appended to, so that a repeat, or a second program, adds nothing.

use super::{Sync, SyncError, SyncPart};
use crate::effects::code_of;
use crate::measures;
use domain::body::Body;
use domain::customers::CustomerRegistered;
use domain::fact::NewFact;
use domain::ids::{AccountId, AccountKind, Actor, Hash, TenantId};
use domain::sealed::Retention;
use futures_util::StreamExt;
use futures_util::stream;
use jiff::{SignedDuration, Timestamp};
use microsoft::customers::Customer;
use microsoft::{Listing, MAX_PAGES};
use std::collections::{BTreeSet, HashMap};
use std::convert::Infallible;
use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};

/// How long what a customer has is taken to be as it was, when nothing hints otherwise.
const HOLDINGS_GOOD_FOR: SignedDuration = SignedDuration::from_hours(6);
/// How many customers are read at once.
const MAX_AT_ONCE: usize = 4;
/// The most customers whose state is remembered between passes.
const MAX_REMEMBERED: usize = 500_000;

/// What is remembered of the customers between two passes. It only saves work: without it all is compared anew.
#[derive(Debug, Default)]
pub(super) struct Memory {
    customers: Mutex<HashMap<TenantId, Remembered>>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Remembered {
    /// Of what Partner Center lists of it.
    content: Hash,
    /// When its holdings were read last.
    holdings_read: Option<Timestamp>,
}

/// A customer as Partner Center lists it.
#[derive(Debug, Clone)]
pub(super) struct Listed {
    pub(super) tenant: TenantId,
    pub(super) account: AccountId,
    pub(super) reseller: Option<AccountId>,
    name: String,
    domain: Option<String>,
}

impl Listed {
    fn content(&self) -> Hash {
        let reseller = self.reseller.map(|reseller| reseller.to_string()).unwrap_or_default();
        Hash::of(format!("{}\n{}\n{reseller}", self.name, self.domain.as_deref().unwrap_or_default()).as_bytes())
    }

    /// Who owes us for what it uses: the reseller between us, else itself.
    pub(super) fn debtor(&self) -> AccountId {
        self.reseller.unwrap_or(self.account)
    }
}

/// Whether an error is about the one customer, and not about the whole connection.
const fn is_the_customers(error: &microsoft::Error) -> bool {
    use microsoft::Error as E;
    matches!(
        error,
        E::Refused { .. } | E::NotFound { .. } | E::Malformed { .. } | E::Remote5xx { .. } | E::Doubt { .. }
    )
}

impl Sync {
    /// Reads the customers. What was hinted at is remembered until a pass has come to the end of the list: a webhook
    /// rings only once.
    pub(super) async fn sync_customers(&self) -> Result<(), SyncError> {
        let hinted = self.connection.take_hints();
        let read = self.read_customers(&hinted).await;
        if !matches!(read, Ok(true)) {
            self.connection.keep_hints(hinted);
        }
        read.map(drop)
    }

    /// Reads the list page by page. Returns whether it came to its end.
    async fn read_customers(&self, hinted: &BTreeSet<TenantId>) -> Result<bool, SyncError> {
        let listing = Listing::<Customer>::customers();
        let mut next = None;
        for _ in 0..MAX_PAGES {
            let page = self.connection.client.page(&self.reading(), &listing, next.as_ref()).await?;
            let mut unreadable = page.unreadable;
            let mut listed = Vec::with_capacity(page.rows.len());
            for row in &page.rows {
                match self.listed(&row.view) {
                    Some(customer) => listed.push(customer),
                    None => unreadable.push("a customer whose id is no tenant".to_owned()),
                }
            }
            // A customer that can't be read is not watched: that is said, and counted.
            self.unreadable(SyncPart::Customers, &unreadable);
            self.take_customers(listed, hinted).await?;
            next = page.next;
            if next.is_none() {
                if self.connection.alerts_wait.swap(false, Ordering::SeqCst) {
                    self.connection.wake_alerts.notify_one();
                }
                return Ok(true);
            }
            if !self.has_lease().await? {
                break;
            }
        }
        Ok(false)
    }

    fn listed(&self, customer: &Customer) -> Option<Listed> {
        let tenant: TenantId = customer.id.as_str().parse().ok()?;
        let reseller = customer.associated_partner_id.as_deref().and_then(|id| id.parse().ok());
        let profile = &customer.company_profile;
        Some(Listed {
            tenant,
            account: self.connection.customer(tenant),
            reseller: reseller.map(|reseller| self.connection.customer(reseller)),
            name: profile.company_name.clone().unwrap_or_default(),
            domain: profile.domain.clone().filter(|domain| !domain.is_empty()),
        })
    }

    async fn take_customers(&self, listed: Vec<Listed>, hinted: &BTreeSet<TenantId>) -> Result<(), SyncError> {
        let taking = listed.into_iter().map(|listed| async move {
            let hinted = hinted.contains(&listed.tenant);
            match self.take_customer(&listed, hinted).await {
                // The others go on. It is taken from the beginning with the next pass.
                Err(error) if error.is_the_accounts() => {
                    self.passed_over(SyncPart::Customers, listed.account, &error);
                    self.forget_customer(listed.tenant);
                    Ok(())
                }
                taken => taken,
            }
        });
        let mut taking = stream::iter(taking).buffer_unordered(MAX_AT_ONCE);
        while let Some(taken) = taking.next().await {
            taken?;
        }
        Ok(())
    }

    async fn take_customer(&self, listed: &Listed, hinted: bool) -> Result<(), SyncError> {
        let content = listed.content();
        let known = self.remembered(listed.tenant);
        if known.is_none_or(|known| known.content != content) {
            self.register(listed).await?;
        }
        let read = known.and_then(|known| known.holdings_read);
        let now = self.tools.now();
        let stale = read.is_none_or(|read| now.duration_since(read) >= HOLDINGS_GOOD_FOR);
        let holdings_read = if stale || hinted {
            let new = match self.sync_holdings(listed).await {
                Ok(new) => new,
                Err(SyncError::Microsoft(error)) if is_the_customers(&error) => {
                    return self.put_off(listed, content, &error);
                }
                Err(error) => return Err(error),
            };
            if !new.is_empty() || known.is_none() {
                self.intake.holdings_changed();
                self.intake.unpark(self.connection.account, listed.tenant, &new).await?;
            }
            Some(now)
        } else {
            read
        };
        self.remember_customer(listed.tenant, Remembered { content, holdings_read });
        Ok(())
    }

    /// What one customer's holdings fail by does not hold up the others. What Microsoft refuses for good is asked
    /// again when holdings are next due, anything else with the next pass.
    #[expect(clippy::unnecessary_wraps, reason = "it stands for the end of taking a customer")]
    fn put_off(&self, listed: &Listed, content: Hash, error: &microsoft::Error) -> Result<(), SyncError> {
        if let Some(times) = self.recurs("holdings", SyncPart::Customers) {
            tracing::warn!(account.id = %listed.account, error = %error, sync.failures = times, "what a customer has could not be read");
        }
        measures::sync_error("holdings", code_of(error));
        let refused = matches!(error, microsoft::Error::Refused { .. } | microsoft::Error::NotFound { .. });
        let holdings_read = refused.then(|| self.tools.now());
        self.remember_customer(listed.tenant, Remembered { content, holdings_read });
        Ok(())
    }

    fn remembered(&self, tenant: TenantId) -> Option<Remembered> {
        self.customers.customers.lock().unwrap_or_else(PoisonError::into_inner).get(&tenant).copied()
    }

    fn forget_customer(&self, tenant: TenantId) {
        self.customers.customers.lock().unwrap_or_else(PoisonError::into_inner).remove(&tenant);
    }

    fn remember_customer(&self, tenant: TenantId, remembered: Remembered) {
        let mut customers = self.customers.customers.lock().unwrap_or_else(PoisonError::into_inner);
        if customers.len() < MAX_REMEMBERED || customers.contains_key(&tenant) {
            customers.insert(tenant, remembered);
        }
    }

    /// Registers a customer, or records that what Partner Center lists of it has changed.
    async fn register(&self, listed: &Listed) -> Result<(), SyncError> {
        let file = self.tools.desk.file(listed.account).await?;
        let identity = file.customer().and_then(|file| file.holdings.identity.as_ref());
        if let Some(identity) = identity {
            let name = self.tools.vault.open(listed.account, &identity.name).await?;
            // A name that was erased is not brought back by the sync.
            let same_name = name.is_none_or(|name| name == listed.name);
            if same_name && identity.reseller == listed.reseller {
                return Ok(());
            }
        }
        let version = file.version;
        let vault = &self.tools.vault;
        let domain = match &listed.domain {
            Some(domain) => Some(vault.seal(listed.account, Retention::Contact, domain).await?),
            None => None,
        };
        let registered = CustomerRegistered {
            connection: self.connection.account,
            tenant: listed.tenant,
            cloud: self.connection.cloud,
            name: vault.seal(listed.account, Retention::Contact, &listed.name).await?,
            domain,
            country: identity.and_then(|identity| identity.country.clone()),
            reseller: listed.reseller,
            debtor: listed.reseller,
        };
        let key = format!("customer:{}:{version}", listed.content());
        let acted = self.tools.desk.act(listed.account, AccountKind::Customer, |view| {
            Ok::<_, Infallible>(vec![NewFact {
                happened: view.at,
                actor: Actor::Connection(self.connection.account),
                // The version it is compared with: two programs that see the same change tell it once.
                source_key: Some(key.clone()),
                body: Body::CustomerRegistered(registered.clone()),
            }])
        });
        measures::facts(&acted.await?.facts);
        Ok(())
    }
}
