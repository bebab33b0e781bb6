//! Connections, as lists show them, with what does not work.

use super::query::{self, Cursor, Filter, Listed, Page};
use super::users::{TokenRow, token_rows};
use super::{Columns, Kind, Step};
use crate::error::StoreError;
use crate::sql::Statement;
use crate::store::Store;
use domain::customers::Cloud;
use domain::file::Part;
use domain::ids::{AccountId, TenantId};
use domain::permission::Scope;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionRow {
    /// The partner's own tenant.
    pub partner_tenant: TenantId,
    /// Its cloud.
    pub cloud: Cloud,
    /// What people call it.
    pub label: String,
    /// Whether changes are sent to Microsoft.
    pub actions_on: bool,
    /// The intake keys that are good.
    pub keys: Vec<TokenRow>,
    /// What does not work, by part.
    pub faults: BTreeMap<String, String>,
    /// The last day whose MFA posture was recorded.
    pub posture_day: Option<String>,
}

pub(super) fn project(step: &Step<'_>) -> Vec<Statement> {
    let Part::Connection(connection) = &step.after.part else { return Vec::new() };
    let keys = connection.keys.values().map(|issued| TokenRow {
        token: issued.token,
        digest: issued.digest,
        label: issued.label.clone(),
        expires: issued.expires,
    });
    let row = ConnectionRow {
        partner_tenant: connection.partner_tenant,
        cloud: connection.cloud,
        label: connection.label.clone(),
        actions_on: connection.actions_on,
        keys: keys.collect(),
        faults: connection.faults.clone(),
        posture_day: connection.posture_day.clone(),
    };
    let status = if connection.faults.is_empty() { "healthy" } else { "faulty" };
    let columns = Columns { status, lookup: connection.partner_tenant.to_string(), ..Columns::default() };
    let mut rows = vec![step.row(Kind::Connection, &step.account.to_string(), columns, &row)];
    rows.extend(token_rows(step));
    rows
}

/// A page of connections.
pub async fn list(
    store: &Store,
    filter: &Filter,
    after: Option<&Cursor>,
    limit: u32,
) -> Result<Page<ConnectionRow>, StoreError> {
    query::list(store, Kind::Connection, &Scope::All, filter, after, limit).await
}

/// One connection.
pub async fn get(store: &Store, connection: AccountId) -> Result<Option<Listed<ConnectionRow>>, StoreError> {
    query::get(store, Kind::Connection, &Scope::All, &connection.to_string()).await
}
