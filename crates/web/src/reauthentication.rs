//! Proving one's identity anew, for acts that demand a fresh second factor: a code of the authenticator app. A session
//! of a browser keeps it in mind for a few minutes; a token of the interface gets a short-lived token for one use.

use crate::acts::on_own;
use crate::app::App;
use crate::body::Sent;
use crate::problem::{Code, Problem};
use crate::session::Session;
use crate::sign_in::enrolling::wrong_code;
use crate::sign_in::{proofs, tries};
use crate::speech::text_of;
use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::HeaderName;
use axum::http::request::Parts;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::body::Body;
use domain::credentials::{FRESH_MINUTES, Proof, SteppedUp};
use domain::ids::{AccountKind, Hash};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

/// How long the token is good, in minutes.
pub const REAUTHENTICATION_MINUTES: i64 = FRESH_MINUTES;
/// The longest token that is looked at, in bytes.
const MAX_TOKEN_BYTES: usize = 200;
/// What the vault's key is used for here, so that no other use gives the same token.
const PURPOSE: &str = "reauthentication";

const HEADER: HeaderName = HeaderName::from_static("borgen-reauthentication");

/// What the authenticator app shows.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ShownCode {
    /// The code of six digits. Each is good once.
    #[schema(max_length = 64)]
    code: String,
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

/// Gives a token for one use to who enters the code of its authenticator app; a session keeps the proof in mind.
#[utoipa::path(post, path = "/me/reauthentication", tag = "me", operation_id = "reauthenticate", request_body = ShownCode,
    responses((status = 200, description = "A token for one use.", body = OneUse)))]
pub(crate) async fn reauthenticate(
    State(app): State<App>,
    session: Session,
    Sent(shown): Sent<ShownCode>,
) -> Result<Json<OneUse>, Problem> {
    proved(&app, &session, &shown.code).await?;
    let now = app.doors().clock.now();
    let expires = now.saturating_add(SignedDuration::from_mins(REAUTHENTICATION_MINUTES)).unwrap_or(now);
    let stamp = format!("{}.{}", expires.as_second(), app.entropy.key().as_simple());
    let mark = mark(&app, &session, &stamp);
    Ok(Json(OneUse { token: format!("{stamp}.{}", URL_SAFE_NO_PAD.encode(mark)), expires }))
}

/// Uses a code up as a fresh proof of who the caller is. A secret of another kind, as the caller's token, is none.
pub(crate) async fn proved(app: &App, session: &Session, code: &str) -> Result<(), Problem> {
    let account = session.caller.user;
    let counted = tries::begin_known(app, account).await?;
    let user = proofs::user(app, account).await?;
    if !proofs::use_code(app, account, &user.credentials, code).await? {
        return Err(wrong_code());
    }
    counted.went_well(app).await?;
    proved_by(app, session, Proof::Totp).await
}

/// Records a fresh proof, and keeps it in mind for the session.
pub(crate) async fn proved_by(app: &App, session: &Session, by: Proof) -> Result<(), Problem> {
    let account = session.caller.user;
    on_own(app, account, AccountKind::User, None, |view| {
        Ok(vec![proofs::by_person(account, view.at, Body::SteppedUp(SteppedUp { by }))])
    })
    .await?;
    if let Some(held) = &session.held {
        app.desk.store.session_proved(held.digest, app.doors().clock.now()).await?;
    }
    Ok(())
}

/// Whether the caller has proved its identity anew for this request. A token that is no good refuses the request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reauthenticated(pub(crate) bool);

impl Reauthenticated {
    /// Refuses who has not.
    pub(crate) fn demand(self) -> Result<(), Problem> {
        if self.0 { Ok(()) } else { Err(Code::ReauthenticationNeeded.into()) }
    }
}

impl FromRequestParts<App> for Reauthenticated {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let session = Session::from_request_parts(parts, app).await?;
        match text_of(&parts.headers, &HEADER) {
            Some(token) => spend(app, &session, token).await.map(|()| Self(true)),
            None => Ok(Self(session.held.as_ref().is_some_and(|held| held.fresh))),
        }
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
    let now = app.doors().clock.now();
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
