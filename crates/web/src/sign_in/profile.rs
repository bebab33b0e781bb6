//! What people change about their own way in: password, authenticator app, recovery codes, tokens, sessions. Each of it
//! asks for a second factor that is a few minutes old at most, or for the password and a code with the change itself.

use super::enrolling::{RecoveryCodes, check_password, wrong_code};
use super::{passwords, proofs, sessions, totp, tries};
use crate::acts::{on_own, told};
use crate::app::App;
use crate::body::{Created, Ids, Sent};
use crate::problem::{Code, Problem};
use crate::reauthentication::Reauthenticated;
use crate::session::Session;
use crate::tokens::{End, IssuedToken, NewToken, issue};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::body::Body;
use domain::credentials::{PasswordChanged, RecoveryMade, TotpChanged};
use domain::ids::{AccountKind, TokenId};
use domain::people::{MAX_TOKENS, TokenRevoked, UserFile};
use domain::sealed::{Retention, Sealed};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::SessionRow;

/// Another password.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewPassword {
    /// The password until now.
    #[schema(max_length = 256)]
    pub(crate) current: String,
    #[schema(min_length = 12, max_length = 256)]
    pub(crate) password: String,
    /// The code of the authenticator app.
    #[schema(max_length = 64)]
    pub(crate) code: String,
}

/// Another authenticator app.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewTotp {
    /// What the new app shows for the secret that was offered.
    #[schema(max_length = 64)]
    pub(crate) code: String,
}

/// The secret that a new authenticator app is given.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OfferedTotp {
    /// In base 32.
    pub(crate) totp_secret: String,
    /// The same as an address that apps read.
    pub(crate) totp_address: String,
}

/// A session of one's own.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Session)]
pub(crate) struct SessionView {
    pub(crate) id: uuid::Uuid,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) began: Timestamp,
    /// When it was last used; noted once a minute.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) heard: Timestamp,
    /// When it ends at the latest.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) ends: Timestamp,
    /// Whether it is the one that asks.
    pub(crate) this: bool,
}

/// One's own sessions.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Sessions {
    value: Vec<SessionView>,
}

/// The caller's sessions, the newest first.
#[utoipa::path(get, path = "/me/sessions", tag = "me", operation_id = "listSessions",
    responses((status = 200, description = "The sessions that go on.", body = Sessions)))]
pub(crate) async fn list_sessions(State(app): State<App>, session: Session) -> Result<Json<Sessions>, Problem> {
    own_sessions(&app, &session).await.map(|value| Json(Sessions { value }))
}

pub(crate) async fn own_sessions(app: &App, session: &Session) -> Result<Vec<SessionView>, Problem> {
    let now = app.doors().clock.now();
    let rows = app.desk.store.sessions(session.caller.user, now).await?;
    let view = |row: SessionRow| SessionView {
        id: row.id.0,
        began: row.began,
        heard: row.heard,
        ends: row.ends,
        this: row.id == session.token,
    };
    Ok(rows.into_iter().filter(|row| sessions::goes_on(row, now)).map(view).collect())
}

/// Ends one of the caller's sessions, at once.
#[utoipa::path(delete, path = "/me/sessions/{id}", tag = "me", operation_id = "endSession",
    responses((status = 204, description = "It has ended.")))]
pub(crate) async fn end_session(State(app): State<App>, session: Session, ids: Ids) -> Result<StatusCode, Problem> {
    let is_own = app.desk.store.end_session(session.caller.user, ids.first()?).await?;
    if is_own { Ok(StatusCode::NO_CONTENT) } else { Err(Code::NotFound.into()) }
}

/// Changes the caller's password. Every other session of the caller ends.
#[utoipa::path(post, path = "/me/password", tag = "me", operation_id = "changePassword", request_body = NewPassword,
    responses((status = 204, description = "It is changed; every other session has ended.")))]
pub(crate) async fn change_password(
    State(app): State<App>,
    session: Session,
    Sent(new): Sent<NewPassword>,
) -> Result<StatusCode, Problem> {
    password_changed(&app, &session, &new).await.map(|()| StatusCode::NO_CONTENT)
}

pub(crate) async fn password_changed(app: &App, session: &Session, new: &NewPassword) -> Result<(), Problem> {
    let account = session.caller.user;
    let counted = tries::begin_known(app, account).await?;
    let user = local(app, session).await?;
    let digest = opened(app, session, user.credentials.password.as_ref()).await?;
    let held = passwords::holds(app, &new.current, digest).await?;
    if !held || !proofs::use_code(app, account, &user.credentials, &new.code).await? {
        let mut problem = wrong_code();
        problem.errors.push(crate::problem::FieldProblem::new("current", "invalid", "password or code is wrong"));
        return Err(problem);
    }
    counted.went_well(app).await?;
    let name = opened(app, session, Some(&user.name)).await?;
    let sign_in = opened(app, session, user.credentials.sign_in.as_ref().map(|sign_in| &sign_in.name)).await?;
    check_password(&new.password, &[name.as_deref(), sign_in.as_deref()])?;
    let password = sealed(app, session, &passwords::digest(app, &new.password).await?).await?;
    record(app, session, Body::PasswordChanged(PasswordChanged { password })).await?;
    let kept = session.held.as_ref().map(|held| held.digest);
    app.desk.store.end_sessions(account, kept).await?;
    Ok(())
}

/// Offers the secret for another authenticator app.
#[utoipa::path(post, path = "/me/totp:offer", tag = "me", operation_id = "offerTotp",
    responses((status = 200, description = "The secret.", body = OfferedTotp)))]
pub(crate) async fn offer_totp(
    State(app): State<App>,
    session: Session,
    reauthenticated: Reauthenticated,
) -> Result<Json<OfferedTotp>, Problem> {
    reauthenticated.demand()?;
    totp_offered(&app, &session).await.map(Json)
}

pub(crate) async fn totp_offered(app: &App, session: &Session) -> Result<OfferedTotp, Problem> {
    let user = local(app, session).await?;
    let totp_secret = next_secret(app, session, &user);
    let name = opened(app, session, user.credentials.sign_in.as_ref().map(|sign_in| &sign_in.name)).await?;
    let totp_address = totp::address(&totp_secret, name.as_deref().unwrap_or_default());
    Ok(OfferedTotp { totp_secret, totp_address })
}

/// Takes the new authenticator app into use, once it shows the code of the secret that was offered.
#[utoipa::path(post, path = "/me/totp", tag = "me", operation_id = "changeTotp", request_body = NewTotp,
    params(("Borgen-Reauthentication" = Option<String>, Header, description = "A token from `/me/reauthentication`.")),
    responses((status = 204, description = "From now on its codes are asked for.")))]
pub(crate) async fn change_totp(
    State(app): State<App>,
    session: Session,
    reauthenticated: Reauthenticated,
    Sent(new): Sent<NewTotp>,
) -> Result<StatusCode, Problem> {
    reauthenticated.demand()?;
    totp_changed(&app, &session, &new.code).await.map(|()| StatusCode::NO_CONTENT)
}

pub(crate) async fn totp_changed(app: &App, session: &Session, code: &str) -> Result<(), Problem> {
    let user = local(app, session).await?;
    let secret = next_secret(app, session, &user);
    if !proofs::use_code_of(app, session.caller.user, &secret, code).await? {
        return Err(wrong_code());
    }
    let secret = sealed(app, session, &secret).await?;
    record(app, session, Body::TotpChanged(TotpChanged { secret })).await
}

/// The secret that follows the one in use: another one each time it was changed.
fn next_secret(app: &App, session: &Session, user: &UserFile) -> String {
    let now = user.credentials.totp.as_ref().map(|sealed| sealed.parts().1).unwrap_or_default();
    proofs::offered_secret(app, &format!("{} after {now}", session.caller.user))
}

/// Makes new recovery codes in place of those that are left.
#[utoipa::path(post, path = "/me/recovery-codes", tag = "me", operation_id = "makeRecoveryCodes",
    params(("Borgen-Reauthentication" = Option<String>, Header, description = "A token from `/me/reauthentication`.")),
    responses((status = 200, description = "The codes; those before are no longer good.", body = RecoveryCodes)))]
pub(crate) async fn make_recovery_codes(
    State(app): State<App>,
    session: Session,
    reauthenticated: Reauthenticated,
) -> Result<Json<RecoveryCodes>, Problem> {
    reauthenticated.demand()?;
    recovery_made(&app, &session).await.map(Json)
}

pub(crate) async fn recovery_made(app: &App, session: &Session) -> Result<RecoveryCodes, Problem> {
    local(app, session).await?;
    let (recovery_codes, digests) = proofs::recovery_codes(app);
    record(app, session, Body::RecoveryMade(RecoveryMade { digests })).await?;
    Ok(RecoveryCodes { recovery_codes })
}

/// Hands the caller a token of its own. The secret is shown this once.
#[utoipa::path(post, path = "/me/tokens", tag = "me", operation_id = "issueOwnToken", request_body = NewToken,
    params(("Borgen-Reauthentication" = Option<String>, Header, description = "A token from `/me/reauthentication`.")),
    responses((status = 201, description = "The token, with its secret.", body = IssuedToken)))]
pub(crate) async fn issue_token(
    State(app): State<App>,
    session: Session,
    reauthenticated: Reauthenticated,
    Sent(new): Sent<NewToken>,
) -> Result<Created<IssuedToken>, Problem> {
    reauthenticated.demand()?;
    token_issued(&app, &session, new).await
}

pub(crate) async fn token_issued(app: &App, session: &Session, new: NewToken) -> Result<Created<IssuedToken>, Problem> {
    let (issued, body) = issue(app, new, End::Required)?;
    let (account, token) = (session.caller.user, issued.token);
    let acted = on_own(app, account, AccountKind::User, None, |view| {
        if crate::users::user_in(view.file)?.tokens.len() >= MAX_TOKENS {
            return Err(Problem::from(Code::TooMany).with("limit", MAX_TOKENS.to_string()));
        }
        Ok(vec![told(session, view.at, Body::TokenIssued(issued.clone()))])
    })
    .await?;
    if acted.facts.is_empty() {
        return Err(Code::KeyReused.into());
    }
    let location = format!("{}/me/tokens/{token}", crate::router::API);
    Ok(Created { version: acted.file.version, location, body })
}

/// Takes one of the caller's own tokens back.
#[utoipa::path(delete, path = "/me/tokens/{id}", tag = "me", operation_id = "revokeOwnToken",
    responses((status = 204, description = "It is no longer good.")))]
pub(crate) async fn revoke_token(State(app): State<App>, session: Session, ids: Ids) -> Result<StatusCode, Problem> {
    token_revoked(&app, &session, ids.first()?).await.map(|()| StatusCode::NO_CONTENT)
}

pub(crate) async fn token_revoked(app: &App, session: &Session, token: TokenId) -> Result<(), Problem> {
    on_own(app, session.caller.user, AccountKind::User, None, |view| {
        if !crate::users::user_in(view.file)?.tokens.contains_key(&token) {
            return Err(Code::NotFound.into());
        }
        Ok(vec![told(session, view.at, Body::TokenRevoked(TokenRevoked { token }))])
    })
    .await?;
    Ok(())
}

/// The caller, who has to have a local account.
async fn local(app: &App, session: &Session) -> Result<UserFile, Problem> {
    let user = proofs::user(app, session.caller.user).await?;
    if user.credentials.totp.is_some() { Ok(user) } else { Err(Code::NoLocalAccount.into()) }
}

async fn opened(app: &App, session: &Session, sealed: Option<&Sealed<String>>) -> Result<Option<String>, Problem> {
    let Some(sealed) = sealed else { return Ok(None) };
    app.vault.open(session.caller.user, sealed).await.map_err(|error| Problem::internal(&error))
}

async fn sealed(app: &App, session: &Session, text: &String) -> Result<Sealed<String>, Problem> {
    let sealed = app.vault.seal(session.caller.user, Retention::Contact, text).await;
    sealed.map_err(|error| Problem::internal(&error))
}

async fn record(app: &App, session: &Session, body: Body) -> Result<(), Problem> {
    let acted = on_own(app, session.caller.user, AccountKind::User, None, |view| {
        Ok(vec![told(session, view.at, body.clone())])
    });
    if acted.await?.facts.is_empty() { Err(Code::KeyReused.into()) } else { Ok(()) }
}
