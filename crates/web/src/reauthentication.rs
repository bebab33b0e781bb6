//! Proving one's identity anew, for approving alone: a person enters the secret of a token again and gets a short-lived
//! token for one use. Nothing is kept for it but the mark that it was used.

use crate::app::App;
use crate::body::Sent;
use crate::problem::{Code, Problem};
use crate::session::Session;
use crate::sign_in;
use crate::speech::text_of;
use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::HeaderName;
use axum::http::request::Parts;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::ids::Hash;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

/// How long the token is good, in minutes.
pub const REAUTHENTICATION_MINUTES: i64 = 5;
/// The longest token that is looked at, in bytes.
const MAX_TOKEN_BYTES: usize = 200;
/// What the vault's key is used for here, so that no other use gives the same token.
const PURPOSE: &str = "reauthentication";

const HEADER: HeaderName = HeaderName::from_static("borgen-reauthentication");

/// A secret, entered again.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct EnteredAgain {
    /// The secret of a token of yours.
    #[schema(max_length = 512)]
    secret: String,
}

/// A token for one use.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OneUse {
    /// Send it as `Borgen-Reauthentication`.
    token: String,
    /// When it ends.
    #[schema(value_type = String, format = DateTime)]
    expires: Timestamp,
}

/// Gives a token for one use to who enters the secret of an own token again.
#[utoipa::path(post, path = "/me/reauthentication", tag = "me", operation_id = "reauthenticate", request_body = EnteredAgain,
    responses((status = 200, description = "A token for one use.", body = OneUse)))]
pub(crate) async fn reauthenticate(
    State(app): State<App>,
    session: Session,
    Sent(entered): Sent<EnteredAgain>,
) -> Result<Json<OneUse>, Problem> {
    let owner = sign_in::owner_of(&app, &entered.secret).await.ok();
    if owner.is_none_or(|owner| owner.caller.user != session.caller.user) {
        return Err(Problem::field("secret", "it is not the secret of a token of yours that is good"));
    }
    let now = app.desk.clock.now();
    let expires = now.saturating_add(SignedDuration::from_mins(REAUTHENTICATION_MINUTES)).unwrap_or(now);
    let stamp = format!("{}.{}", expires.as_second(), app.entropy.key().as_simple());
    let mark = mark(&app, &session, &stamp);
    Ok(Json(OneUse { token: format!("{stamp}.{}", URL_SAFE_NO_PAD.encode(mark)), expires }))
}

/// Whether the caller has proved its identity anew for this request. A token that is no good refuses the request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reauthenticated(pub(crate) bool);

impl FromRequestParts<App> for Reauthenticated {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let session = Session::from_request_parts(parts, app).await?;
        let Some(token) = text_of(&parts.headers, &HEADER) else { return Ok(Self(false)) };
        spend(app, &session, token).await?;
        Ok(Self(true))
    }
}

/// Uses a token up.
async fn spend(app: &App, session: &Session, token: &str) -> Result<(), Problem> {
    let refused = || Problem::from(Code::ReauthenticationNeeded);
    if token.len() > MAX_TOKEN_BYTES {
        return Err(refused());
    }
    let (stamp, shown) = token.rsplit_once('.').ok_or_else(refused)?;
    let shown = URL_SAFE_NO_PAD.decode(shown).map_err(|_| refused())?;
    let made = mark(app, session, stamp);
    let is_ours: bool = made.ct_eq(&shown).into();
    let expires = stamp.split_once('.').and_then(|(seconds, _)| seconds.parse().ok());
    let expires = expires.and_then(|seconds| Timestamp::from_second(seconds).ok()).ok_or_else(refused)?;
    let now = app.desk.clock.now();
    if !is_ours || now >= expires {
        return Err(refused());
    }
    let is_first = app.desk.store.first_seen(PURPOSE, &Hash::of(token.as_bytes()).to_string(), now, expires).await?;
    if is_first { Ok(()) } else { Err(refused()) }
}

/// What only this program can make for this user and stamp: 122 bits of a keyed digest.
fn mark(app: &App, session: &Session, stamp: &str) -> [u8; 16] {
    app.vault.token(PURPOSE, &format!("{} {stamp}", session.caller.user)).0.into_bytes()
}
