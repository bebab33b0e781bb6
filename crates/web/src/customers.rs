//! Customers: who they are, what they have, and everything that ever happened with them.

use crate::app::App;
use crate::body::{Ids, Tagged, etag};
use crate::cases::severity_of_filter;
use crate::journal::{FactView, facts_after};
use crate::listing::{FilterParams, List, Listing, PageParams};
use crate::present::{MoneyView, Personal, Reader};
use crate::problem::{Code, Problem};
use crate::session::Session;
use axum::Json;
use axum::extract::State;
use domain::cases::Severity;
use domain::customers::{AzureStatus, SubscriptionKind, SubscriptionStatus};
use domain::ids::AccountId;
use serde::Serialize;
use store::rows;
use store::rows::customers::CustomerRow;
use store::rows::subscriptions::SubscriptionRow;
use store::rows::{Cursor, Listed, Page};

/// A customer.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Customer)]
pub(crate) struct CustomerView {
    /// The account.
    #[schema(value_type = uuid::Uuid)]
    id: AccountId,
    /// The tag of its state.
    etag: String,
    /// Its name.
    name: Personal<String>,
    /// Its tenant.
    tenant: uuid::Uuid,
    /// The connection it is a customer through.
    connection: uuid::Uuid,
    /// The cloud: `public` or `us_government`.
    cloud: String,
    /// ISO 3166 code of its country.
    #[serde(skip_serializing_if = "Option::is_none")]
    country: Option<String>,
    /// The reseller between us and it.
    #[serde(skip_serializing_if = "Option::is_none")]
    reseller: Option<uuid::Uuid>,
    /// Who owes us; absent when it is the customer itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    debtor: Option<uuid::Uuid>,
    /// How many cases are open.
    open_cases: u32,
    /// The gravest of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    worst_severity: Option<Severity>,
    /// What its open cases burn each hour, as far as rates are known.
    #[serde(skip_serializing_if = "Option::is_none")]
    per_hour: Option<MoneyView>,
    /// How many Partner Center subscriptions it has.
    subscriptions: u32,
    /// How many Azure subscriptions it has.
    azure_subscriptions: u32,
}

impl CustomerView {
    async fn of(reader: Reader<'_>, listed: Listed<CustomerRow>) -> Self {
        let name = reader.open(listed.account, &listed.row.name).await;
        Self::named(listed, name)
    }

    fn named(listed: Listed<CustomerRow>, name: Personal<String>) -> Self {
        let Listed { account, version, row, .. } = listed;
        Self {
            id: account,
            etag: etag(version),
            name,
            tenant: row.tenant.0,
            connection: row.connection.0,
            cloud: row.cloud.word().to_owned(),
            country: row.country,
            reseller: row.reseller.map(|reseller| reseller.0),
            debtor: row.debtor.map(|debtor| debtor.0),
            open_cases: row.open_cases,
            worst_severity: row.worst,
            per_hour: row.per_hour.map(MoneyView::from),
            subscriptions: row.subscriptions,
            azure_subscriptions: row.azure_subscriptions,
        }
    }
}

/// A subscription of Partner Center's or an Azure subscription.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(tag = "type", rename_all = "snake_case", rename_all_fields = "camelCase")]
#[schema(as = Subscription)]
pub(crate) enum SubscriptionView {
    /// Partner Center's: seats, a plan.
    PartnerCenter {
        /// The subscription.
        id: uuid::Uuid,
        /// What it is: `seats`, `azure_plan`, `other`.
        #[schema(value_type = String)]
        kind: SubscriptionKind,
        /// Its state when last seen.
        #[schema(value_type = String)]
        status: SubscriptionStatus,
        /// Seats.
        quantity: u32,
        /// Whether it renews by itself.
        auto_renew: bool,
        /// Who owes us for it.
        debtor: uuid::Uuid,
    },
    /// Azure's, under a plan.
    Azure {
        /// The Azure subscription.
        id: uuid::Uuid,
        /// The plan it is under.
        plan: uuid::Uuid,
        /// Its state when last seen.
        #[schema(value_type = String)]
        status: AzureStatus,
    },
}

impl From<SubscriptionRow> for SubscriptionView {
    fn from(row: SubscriptionRow) -> Self {
        match row {
            SubscriptionRow::PartnerCenter { subscription, kind, status, quantity, auto_renew, debtor } => {
                Self::PartnerCenter { id: subscription.0, kind, status, quantity, auto_renew, debtor: debtor.0 }
            }
            SubscriptionRow::Azure { azure_subscription, plan, status } => {
                Self::Azure { id: azure_subscription.0, plan: plan.0, status }
            }
        }
    }
}

/// The customers that the caller sees, the gravest and dearest first (from page to page by the steps 1, 3, 10, 30 … of what
/// they burn an hour). Filter: `severity:` (at least this), `customer:`.
#[utoipa::path(get, path = "/customers", tag = "customers", operation_id = "listCustomers", params(PageParams, FilterParams),
    responses((status = 200, description = "A page of customers.", body = List<CustomerView>)))]
pub(crate) async fn list(
    State(app): State<App>,
    session: Session,
    listing: Listing,
) -> Result<Json<List<CustomerView>>, Problem> {
    let page = page_of(&app, &session, &listing).await?;
    let reader = app.reader(&session);
    let sealed = page.items.iter().map(|listed| (listed.account, listed.row.name.clone())).collect();
    let names = reader.open_all(sealed).await;
    let value = page.items.into_iter().zip(names).map(|(listed, name)| CustomerView::named(listed, name)).collect();
    Ok(Json(listing.page(value, page.next.as_ref().map(Cursor::text))))
}

/// The page of customers that a listing asks for, for programs and for people alike.
pub(crate) async fn page_of(app: &App, session: &Session, listing: &Listing) -> Result<Page<CustomerRow>, Problem> {
    listing.filter.only(&["severity", "customer"])?;
    let filter = rows::Filter {
        severity_at_least: severity_of_filter(listing)?,
        account: listing.filter.id("customer")?,
        ..rows::Filter::default()
    };
    let after = listing.cursor()?;
    Ok(rows::customers::list(&app.desk.store, &session.caller.scope, &filter, after.as_ref(), listing.limit).await?)
}

/// One customer.
#[utoipa::path(get, path = "/customers/{id}", tag = "customers", operation_id = "getCustomer",
    responses((status = 200, description = "The customer.", body = CustomerView)))]
pub(crate) async fn get(State(app): State<App>, session: Session, ids: Ids) -> Result<Tagged<CustomerView>, Problem> {
    let listed = seen(&app, &session, ids.first()?).await?;
    let version = listed.version;
    Ok(Tagged { version, body: CustomerView::of(app.reader(&session), listed).await })
}

/// Everything that was recorded about a customer, oldest first, with the reasons of what was decided.
#[utoipa::path(get, path = "/customers/{id}/timeline", tag = "customers", operation_id = "readTimeline", params(PageParams),
    responses((status = 200, description = "A page of facts.", body = List<FactView>)))]
pub(crate) async fn timeline(
    State(app): State<App>,
    session: Session,
    ids: Ids,
    listing: Listing,
) -> Result<Json<List<FactView>>, Problem> {
    let account = seen(&app, &session, ids.first()?).await?.account;
    let (value, next) = facts_after(&app, &session, account, listing.after_number()?, listing.limit).await?;
    Ok(Json(listing.page(value, next.map(|version| version.to_string()))))
}

/// The subscriptions of a customer. Filter: `status:active` or `status:inactive`.
#[utoipa::path(get, path = "/customers/{id}/subscriptions", tag = "customers", operation_id = "listSubscriptions",
    params(PageParams, FilterParams),
    responses((status = 200, description = "A page of subscriptions.", body = List<SubscriptionView>)))]
pub(crate) async fn subscriptions(
    State(app): State<App>,
    session: Session,
    ids: Ids,
    listing: Listing,
) -> Result<Json<List<SubscriptionView>>, Problem> {
    let account = seen(&app, &session, ids.first()?).await?.account;
    let page = subscriptions_of(&app, &session, account, &listing).await?;
    let value = page.items.into_iter().map(|listed| listed.row.into()).collect();
    Ok(Json(listing.page(value, page.next.as_ref().map(Cursor::text))))
}

/// The page of a customer's subscriptions that a listing asks for.
pub(crate) async fn subscriptions_of(
    app: &App,
    session: &Session,
    account: AccountId,
    listing: &Listing,
) -> Result<Page<SubscriptionRow>, Problem> {
    listing.filter.only(&["status"])?;
    let status = listing.filter.word("status", &[("active", "active"), ("inactive", "inactive")])?.unwrap_or_default();
    let filter = rows::Filter { account: Some(account), status: status.to_owned(), ..rows::Filter::default() };
    let after = listing.cursor()?;
    let scope = &session.caller.scope;
    Ok(rows::subscriptions::list(&app.desk.store, scope, &filter, after.as_ref(), listing.limit).await?)
}

/// The customer, if the caller sees it; one of another scope is as unknown as one that never was.
pub(crate) async fn seen(app: &App, session: &Session, id: AccountId) -> Result<Listed<CustomerRow>, Problem> {
    let found = rows::customers::get(&app.desk.store, &session.caller.scope, id).await?;
    found.ok_or_else(|| Code::NotFound.into())
}
