//! The search of the header: an id of whatever kind leads to its page. Names are sealed, so that nothing can be found
//! by them; what is outside the reader's scope is not found at all.

use super::layout;
use super::page::Page;
use super::pieces;
use crate::app::App;
use crate::problem::Problem;
use axum::extract::{Query, State};
use axum::response::Response;
use domain::ids::{AccountId, ActionId, ActivityId, CaseId, SignalId, TenantId};
use domain::notices::AlertId;
use maud::html;
use serde::Deserialize;
use store::rows;

/// The longest text that is looked for, in bytes.
const MAX_TEXT_BYTES: usize = 200;
/// The most customers of one tenant: one for each connection.
const MAX_OF_TENANT: u32 = 20;

/// What is looked for.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Wanted {
    #[serde(default)]
    q: String,
}

/// Leads to what was looked for, or says that there is nothing.
pub(crate) async fn show(
    State(app): State<App>,
    page: Page,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    let text = wanted.q.trim();
    if !text.is_empty()
        && text.len() <= MAX_TEXT_BYTES
        && let Some(place) = match layout::way_named(&page, text) {
            Some(way) => Some(way.to_owned()),
            None => find(&app, &page, text).await?,
        }
    {
        return Ok(page.go(&place));
    }
    let main = html! {
        h1 { (page.t("search-title")) }
        (pieces::empty(&page, "search-empty", "search-empty-text"))
    };
    Ok(page.show("search-title", &main))
}

async fn find(app: &App, page: &Page, text: &str) -> Result<Option<String>, Problem> {
    let (store, scope) = (&app.desk.store, &page.session.caller.scope);
    if let Some(alert) = rows::notices::get(store, scope, &AlertId(text.to_owned())).await? {
        return Ok(alert.row.case.map(|case| format!("/cases/{case}")));
    }
    let Ok(id) = text.parse::<uuid::Uuid>() else { return Ok(None) };
    if rows::cases::get(store, scope, CaseId(id)).await?.is_some() {
        return Ok(Some(format!("/cases/{id}")));
    }
    if let Some(signal) = rows::signals::get(store, scope, SignalId(id)).await? {
        return Ok(Some(format!("/cases/{}#signal-{id}", signal.row.case)));
    }
    if rows::actions::get(store, scope, ActionId(id)).await?.is_some() {
        return Ok(Some(format!("/actions/{id}")));
    }
    if rows::activity::get(store, scope, ActivityId(id)).await?.is_some() {
        return Ok(Some(format!("/activity/{id}")));
    }
    let mut accounts = vec![AccountId(id)];
    let of_tenant = rows::customers::of_tenant(store, TenantId(id), MAX_OF_TENANT).await?;
    accounts.extend(of_tenant.into_iter().map(|listed| listed.account));
    for account in accounts {
        if rows::customers::known(store, scope, account).await?.is_some() {
            return Ok(Some(format!("/customers/{account}")));
        }
    }
    Ok(None)
}
