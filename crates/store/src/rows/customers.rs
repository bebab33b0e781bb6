//! Customers, as lists show them.

use super::query::{self, Cursor, Filter, Listed, Page};
use super::{Columns, Kind, Step, gravest_and_dearest, severity_number};
use crate::error::StoreError;
use crate::sql::Statement;
use crate::store::Store;
use domain::cases::{Severity, burn};
use domain::customers::Cloud;
use domain::ids::{AccountId, TenantId};
use domain::permission::Scope;
use domain::sealed::Sealed;
use money::Money;
use serde::{Deserialize, Serialize};

/// A customer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CustomerRow {
    /// The connection it is a customer through.
    pub connection: AccountId,
    /// Its tenant.
    pub tenant: TenantId,
    /// The cloud.
    pub cloud: Cloud,
    /// ISO 3166 code of its country.
    pub country: Option<String>,
    /// The reseller between us and it.
    pub reseller: Option<AccountId>,
    /// Who owes us; nothing means itself.
    pub debtor: Option<AccountId>,
    /// Its name.
    pub name: Sealed<String>,
    /// How many cases are open.
    pub open_cases: u32,
    /// The gravest of them.
    pub worst: Option<Severity>,
    /// What they burn each hour, as far as known.
    pub per_hour: Option<Money>,
    /// Partner Center subscriptions.
    pub subscriptions: u32,
    /// Azure subscriptions.
    pub azure_subscriptions: u32,
}

pub(super) fn project(step: &Step<'_>) -> Vec<Statement> {
    let Some(file) = step.after.customer() else { return Vec::new() };
    let Some(identity) = &file.holdings.identity else { return Vec::new() };
    let count = |len: usize| u32::try_from(len).unwrap_or(u32::MAX);
    let worst = file.cases.values().map(|case| case.severity).max();
    // Cases reckon in the policy's currency, so the sum is of one; one that is not is left out.
    let per_hour = file.cases.values().filter_map(burn).reduce(|sum, more| sum.plus(more).unwrap_or(sum));
    let row = CustomerRow {
        connection: identity.connection,
        tenant: identity.tenant,
        cloud: identity.cloud,
        country: identity.country.clone(),
        reseller: identity.reseller,
        debtor: identity.debtor,
        name: identity.name.clone(),
        open_cases: count(file.cases.len()),
        worst,
        per_hour,
        subscriptions: count(file.holdings.subscriptions.len()),
        azure_subscriptions: count(file.holdings.azure.len()),
    };
    let columns = Columns {
        status: "active",
        severity: severity_number(worst),
        sort: gravest_and_dearest(worst, per_hour),
        lookup: identity.tenant.to_string(),
        ..Columns::default()
    };
    vec![step.row(Kind::Customer, &step.account.to_string(), columns, &row)]
}

/// A page of customers, the gravest and dearest first.
pub async fn list(
    store: &Store,
    scope: &Scope,
    filter: &Filter,
    after: Option<&Cursor>,
    limit: u32,
) -> Result<Page<CustomerRow>, StoreError> {
    query::list(store, Kind::Customer, scope, filter, after, limit).await
}

/// One customer.
pub async fn get(store: &Store, scope: &Scope, customer: AccountId) -> Result<Option<Listed<CustomerRow>>, StoreError> {
    query::get(store, Kind::Customer, scope, &customer.to_string()).await
}

/// The customers with a tenant: one for each connection that it is seen through.
pub async fn of_tenant(store: &Store, tenant: TenantId, limit: u32) -> Result<Vec<Listed<CustomerRow>>, StoreError> {
    query::lookup(store, Kind::Customer, &tenant.to_string(), limit).await
}
