//! Parking: tenants that are not known yet, whose events wait.

use crate::app::App;
use crate::listing::{List, Listing, PageParams};
use crate::problem::Problem;
use crate::session::Session;
use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use serde::Serialize;

/// A tenant whose events wait.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ParkedView {
    /// The tenant, or whatever name its events carry.
    tenant: String,
    /// Events that wait.
    events: u64,
    /// Events that did not fit and are lost.
    dropped: u64,
    /// When the first came.
    #[schema(value_type = String, format = DateTime)]
    first: Timestamp,
    /// When the last came.
    #[schema(value_type = String, format = DateTime)]
    last: Timestamp,
}

/// The tenants whose events wait until they become known, in the order of their names.
#[utoipa::path(get, path = "/parking", tag = "connections", operation_id = "listParking", params(PageParams),
    responses((status = 200, description = "A page of tenants.", body = List<ParkedView>)))]
pub(crate) async fn list(
    State(app): State<App>,
    _session: Session,
    listing: Listing,
) -> Result<Json<List<ParkedView>>, Problem> {
    let after = listing.after.clone().unwrap_or_default();
    let mut tenants = app.desk.store.parked_tenants(&after, listing.limit.saturating_add(1)).await?;
    let wanted = usize::try_from(listing.limit).unwrap_or(usize::MAX);
    let more = tenants.len() > wanted;
    tenants.truncate(wanted);
    let next = tenants.last().map(|parked| parked.tenant.clone()).filter(|_| more);
    let value = tenants.into_iter().map(|parked| ParkedView {
        tenant: parked.tenant,
        events: parked.events,
        dropped: parked.dropped,
        first: parked.first_at,
        last: parked.last_at,
    });
    Ok(Json(listing.page(value.collect(), next)))
}
