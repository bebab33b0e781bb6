//! Connections: the partner's own Partner Center tenants, what does not work with them, their intake keys, and whether
//! changes are sent to Microsoft at all.

use crate::acts::{on_own, told};
use crate::app::App;
use crate::body::{BasedOn, Created, Ids, Sent, Tagged, etag};
use crate::listing::{FilterParams, List, Listing, PageParams};
use crate::problem::{Code, Problem};
use crate::reauthentication::Reauthenticated;
use crate::router::API;
use crate::session::Session;
use crate::tokens::{End, IssuedToken, NewToken, TokenView, issue};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::body::Body;
use domain::file::{AccountFile, Part};
use domain::ids::{AccountId, AccountKind, TokenId};
use domain::people::{ActionsSwitched, ConnectionFile, MAX_TOKENS, TokenRevoked};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::rows;
use store::rows::connections::ConnectionRow;
use store::rows::{Cursor, Listed};

/// A connection.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Connection)]
pub(crate) struct ConnectionView {
    id: uuid::Uuid,
    /// The tag of its state.
    etag: String,
    /// The partner's own tenant.
    partner_tenant: uuid::Uuid,
    /// The cloud: `public` or `us_government`.
    cloud: String,
    /// What people call it.
    label: String,
    /// Whether changes are sent to Microsoft; everything is a dry run until then.
    actions_on: bool,
    /// Whether everything works.
    healthy: bool,
    /// What does not work, by part, with Microsoft's code or our own word.
    faults: BTreeMap<String, String>,
    /// The last day whose MFA posture was recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    posture_day: Option<String>,
    /// The intake keys that are good.
    keys: Vec<TokenView>,
}

impl ConnectionView {
    fn of(listed: Listed<ConnectionRow>) -> Self {
        let Listed { account, version, row, .. } = listed;
        Self {
            id: account.0,
            etag: etag(version),
            partner_tenant: row.partner_tenant.0,
            cloud: row.cloud.word().to_owned(),
            label: row.label,
            actions_on: row.actions_on,
            healthy: row.faults.is_empty(),
            faults: row.faults,
            posture_day: row.posture_day,
            keys: row.keys.into_iter().map(TokenView::from).collect(),
        }
    }
}

/// On or off.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Switch {
    pub(crate) on: bool,
}

/// The connections. Filter: `status:healthy` or `status:faulty`.
#[utoipa::path(get, path = "/connections", tag = "connections", operation_id = "listConnections", params(PageParams, FilterParams),
    responses((status = 200, description = "A page of connections.", body = List<ConnectionView>)))]
pub(crate) async fn list(
    State(app): State<App>,
    _session: Session,
    listing: Listing,
) -> Result<Json<List<ConnectionView>>, Problem> {
    listing.filter.only(&["status"])?;
    let known = [("healthy", "healthy"), ("faulty", "faulty")];
    let status = listing.filter.word("status", &known)?.unwrap_or_default().to_owned();
    let filter = rows::Filter { status, ..rows::Filter::default() };
    let after = listing.cursor()?;
    let page = rows::connections::list(&app.desk.store, &filter, after.as_ref(), listing.limit).await?;
    let value = page.items.into_iter().map(ConnectionView::of).collect();
    Ok(Json(listing.page(value, page.next.as_ref().map(Cursor::text))))
}

/// One connection.
#[utoipa::path(get, path = "/connections/{id}", tag = "connections", operation_id = "getConnection",
    responses((status = 200, description = "The connection.", body = ConnectionView)))]
pub(crate) async fn get(
    State(app): State<App>,
    _session: Session,
    ids: Ids,
) -> Result<Tagged<ConnectionView>, Problem> {
    shown(&app, ids.first()?).await
}

/// Hands out an intake key. The secret is shown this once.
#[utoipa::path(post, path = "/connections/{id}/keys", tag = "connections", operation_id = "issueKey", request_body = NewToken,
    responses((status = 201, description = "The key, with its secret.", body = IssuedToken)))]
pub(crate) async fn issue_key(
    State(app): State<App>,
    session: Session,
    ids: Ids,
    Sent(new): Sent<NewToken>,
) -> Result<Created<IssuedToken>, Problem> {
    let account: AccountId = ids.first()?;
    let (issued, view) = issue(&app, new, End::Optional)?;
    let key = issued.token;
    let acted = on_own(&app, account, AccountKind::Connection, None, |view| {
        if connection_in(view.file)?.keys.len() >= MAX_TOKENS {
            return Err(Problem::from(Code::TooMany).with("limit", MAX_TOKENS.to_string()));
        }
        Ok(vec![told(&session, view.at, Body::TokenIssued(issued.clone()))])
    })
    .await?;
    if acted.facts.is_empty() {
        // The request was carried out before and its answer is lost: the secret can't be shown again.
        return Err(Code::KeyReused.into());
    }
    Ok(Created { version: acted.file.version, location: format!("{API}/connections/{account}/keys/{key}"), body: view })
}

/// Takes an intake key back.
#[utoipa::path(delete, path = "/connections/{id}/keys/{key}", tag = "connections", operation_id = "revokeKey",
    responses((status = 204, description = "It is no longer good.")))]
pub(crate) async fn revoke_key(State(app): State<App>, session: Session, ids: Ids) -> Result<StatusCode, Problem> {
    let (account, token): (AccountId, TokenId) = (ids.first()?, ids.get(1)?);
    on_own(&app, account, AccountKind::Connection, None, |view| {
        if !connection_in(view.file)?.keys.contains_key(&token) {
            return Err(Code::NotFound.into());
        }
        Ok(vec![told(&session, view.at, Body::TokenRevoked(TokenRevoked { token }))])
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Switches on whether changes are sent to Microsoft, or off. Off, everything is a dry run.
#[utoipa::path(post, path = "/connections/{id}:switch-actions", tag = "connections", operation_id = "switchActions",
    params(("Borgen-Reauthentication" = Option<String>, Header, description = "A token from `/me/reauthentication`, to switch them on.")),
    request_body = Switch, responses((status = 200, description = "The connection.", body = ConnectionView)))]
pub(crate) async fn switch_actions(
    State(app): State<App>,
    session: Session,
    ids: Ids,
    based_on: BasedOn,
    proved: Reauthenticated,
    Sent(switch): Sent<Switch>,
) -> Result<Tagged<ConnectionView>, Problem> {
    let account: AccountId = ids.first()?;
    if switch.on {
        proved.demand()?;
    }
    on_own(&app, account, AccountKind::Connection, None, |view| {
        let connection = connection_in(view.file)?;
        based_on.check(view.file.version)?;
        if connection.actions_on == switch.on {
            return Ok(Vec::new());
        }
        Ok(vec![told(&session, view.at, Body::ActionsSwitched(ActionsSwitched { on: switch.on }))])
    })
    .await?;
    shown(&app, account).await
}

fn connection_in(file: &AccountFile) -> Result<&ConnectionFile, Problem> {
    match &file.part {
        Part::Connection(connection) => Ok(connection),
        _ => Err(Code::NotFound.into()),
    }
}

async fn shown(app: &App, id: AccountId) -> Result<Tagged<ConnectionView>, Problem> {
    let found = rows::connections::get(&app.desk.store, id).await?;
    let listed = found.ok_or_else(|| Problem::from(Code::NotFound))?;
    let version = listed.version;
    Ok(Tagged { version, body: ConnectionView::of(listed) })
}
