//! Customers, as lists show them.

use super::files::files;
use super::query::{self, Cursor, Filter, Listed, Page};
use super::{Columns, Kind, Step, dearest_first, down_to_step, place_by_burn, severity_number};
use crate::error::StoreError;
use crate::sql::Statement;
use crate::store::Store;
use domain::cases::{Severity, burning};
use domain::customers::Cloud;
use domain::file::CustomerFile;
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
    let Some(row) = step.after.customer().and_then(row) else { return Vec::new() };
    let place = place_of(&row);
    if step.before.customer().and_then(self::row).is_some_and(|was| place_of(&was) == place) {
        return Vec::new();
    }
    let columns = Columns {
        status: "active",
        severity: severity_number(row.worst),
        sort: place_by_burn(row.worst, row.per_hour),
        lookup: row.tenant.to_string(),
        ..Columns::default()
    };
    vec![step.row(Kind::Customer, &step.account.to_string(), columns, &row)]
}

/// A row as far as its place in lists goes: what a customer burns is read from its file.
fn place_of(row: &CustomerRow) -> CustomerRow {
    CustomerRow { per_hour: row.per_hour.map(down_to_step), ..row.clone() }
}

/// The row of a customer that is known by name; a file may begin with other facts.
fn row(file: &CustomerFile) -> Option<CustomerRow> {
    let identity = file.holdings.identity.as_ref()?;
    let count = |len: usize| u32::try_from(len).unwrap_or(u32::MAX);
    Some(CustomerRow {
        connection: identity.connection,
        tenant: identity.tenant,
        cloud: identity.cloud,
        country: identity.country.clone(),
        reseller: identity.reseller,
        debtor: identity.debtor,
        name: identity.name.clone(),
        open_cases: count(file.cases.len()),
        worst: file.cases.values().map(|case| case.severity).max(),
        // Cases reckon in the policy's currency, so the sum is of one; one that is not is left out.
        per_hour: file
            .cases
            .values()
            .filter_map(|case| burning(case, &file.holdings))
            .reduce(|sum, more| sum.plus(more).unwrap_or(sum)),
        subscriptions: count(file.holdings.subscriptions.len()),
        azure_subscriptions: count(file.holdings.azure.len()),
    })
}

/// Rows as their customers are now.
async fn as_they_are(
    store: &Store,
    mut items: Vec<Listed<CustomerRow>>,
) -> Result<Vec<Listed<CustomerRow>>, StoreError> {
    let files = files(store, items.iter().map(|listed| listed.account)).await?;
    for listed in &mut items {
        let Some(file) = files.get(&listed.account) else { continue };
        // One that has come to another reseller since is no longer the caller's to see.
        let is_news = |now: &CustomerRow| *now != listed.row && now.reseller == listed.row.reseller;
        let now = file.customer().and_then(row).filter(is_news);
        if let Some(now) = now {
            listed.row = now;
            listed.version = file.version;
        }
    }
    Ok(items)
}

/// A page of customers, the gravest and dearest first. From page to page they are sorted by the step of what they burn.
pub async fn list(
    store: &Store,
    scope: &Scope,
    filter: &Filter,
    after: Option<&Cursor>,
    limit: u32,
) -> Result<Page<CustomerRow>, StoreError> {
    let Page { items, next } = query::list(store, Kind::Customer, scope, filter, after, limit).await?;
    let mut items = as_they_are(store, items).await?;
    dearest_first(&mut items, |row| (row.worst, row.per_hour));
    Ok(Page { items, next })
}

/// One customer.
pub async fn get(store: &Store, scope: &Scope, customer: AccountId) -> Result<Option<Listed<CustomerRow>>, StoreError> {
    let found = known(store, scope, customer).await?;
    Ok(as_they_are(store, found.into_iter().collect()).await?.pop())
}

/// Who a customer is. What it burns may be of an earlier step: nobody has to read its file who asks for a name.
pub async fn known(
    store: &Store,
    scope: &Scope,
    customer: AccountId,
) -> Result<Option<Listed<CustomerRow>>, StoreError> {
    query::get(store, Kind::Customer, scope, &customer.to_string()).await
}

/// The customers with a tenant: one for each connection that it is seen through.
pub async fn of_tenant(store: &Store, tenant: TenantId, limit: u32) -> Result<Vec<Listed<CustomerRow>>, StoreError> {
    as_they_are(store, query::lookup(store, Kind::Customer, &tenant.to_string(), limit).await?).await
}
