//! Subscriptions and Azure subscriptions, as lists show them, and whose an Azure subscription is.

use super::query::{self, Cursor, Filter, Listed, Page};
use super::{Columns, Kind, Step};
use crate::error::StoreError;
use crate::sql::Statement;
use crate::store::Store;
use domain::customers::{AzureStatus, SubscriptionKind, SubscriptionStatus};
use domain::ids::{AccountId, AzureSubscriptionId, SubscriptionId};
use domain::permission::Scope;
use serde::{Deserialize, Serialize};

/// A subscription of either sort.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubscriptionRow {
    /// Partner Center's: seats, a plan.
    PartnerCenter {
        /// The subscription.
        subscription: SubscriptionId,
        /// What it is.
        kind: SubscriptionKind,
        /// Its state.
        status: SubscriptionStatus,
        /// Seats.
        quantity: u32,
        /// Whether it renews by itself.
        auto_renew: bool,
        /// Who owes us for it.
        debtor: AccountId,
    },
    /// Azure's, under a plan.
    Azure {
        /// The Azure subscription.
        azure_subscription: AzureSubscriptionId,
        /// The plan it is under.
        plan: SubscriptionId,
        /// Its state.
        status: AzureStatus,
    },
}

/// Only what the step changed is written again: a customer may have thousands.
pub(super) fn project(step: &Step<'_>) -> Vec<Statement> {
    let Some(file) = step.after.customer() else { return Vec::new() };
    let before = step.before.customer().map(|file| &file.holdings);
    let mut rows = Vec::new();
    for (id, now) in &file.holdings.subscriptions {
        if before.and_then(|before| before.subscriptions.get(id)) == Some(now) {
            continue;
        }
        let row = SubscriptionRow::PartnerCenter {
            subscription: *id,
            kind: now.kind,
            status: now.status,
            quantity: now.quantity,
            auto_renew: now.auto_renew,
            debtor: now.debtor,
        };
        let status = if now.status == SubscriptionStatus::Active { "active" } else { "inactive" };
        rows.push(step.row(Kind::Subscription, &id.to_string(), Columns { status, ..Columns::default() }, &row));
    }
    for (id, now) in &file.holdings.azure {
        if before.and_then(|before| before.azure.get(id)) == Some(now) {
            continue;
        }
        let row = SubscriptionRow::Azure { azure_subscription: *id, plan: now.plan, status: now.status };
        let status = if now.status == AzureStatus::Active { "active" } else { "inactive" };
        let columns = Columns { status, lookup: id.to_string(), ..Columns::default() };
        rows.push(step.row(Kind::Subscription, &id.to_string(), columns, &row));
    }
    rows
}

/// A page of subscriptions.
pub async fn list(
    store: &Store,
    scope: &Scope,
    filter: &Filter,
    after: Option<&Cursor>,
    limit: u32,
) -> Result<Page<SubscriptionRow>, StoreError> {
    query::list(store, Kind::Subscription, scope, filter, after, limit).await
}

/// The customers that hold an Azure subscription: one, unless it was moved.
pub async fn of_azure(
    store: &Store,
    id: AzureSubscriptionId,
    limit: u32,
) -> Result<Vec<Listed<SubscriptionRow>>, StoreError> {
    query::lookup(store, Kind::Subscription, &id.to_string(), limit).await
}
