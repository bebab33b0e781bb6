//! Signing in with password and second factor, and signing out. Whether a name is known, a password was right or only
//! the code was wrong: whoever is refused can't tell.

use super::{cookie, passwords, proofs, sessions, tries};
use crate::acts::on_own;
use crate::app::App;
use crate::body::Sent;
use crate::problem::{Code, Problem};
use crate::session::Session;
use axum::Json;
use axum::extract::{ConnectInfo, FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::body::Body;
use domain::credentials::{Proof, SIGN_IN_NAME_PURPOSE, SignInRefused, SignedIn, compared_name};
use domain::file::Part;
use domain::ids::{AccountId, AccountKind};
use domain::people::UserFile;
use domain::signals::Token;
use serde::{Deserialize, Serialize};
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use store::rows;

/// The longest name that is looked at, in bytes.
const MAX_NAME_BYTES: usize = 400;
/// The longest password that work is spent on, in bytes.
const MAX_PASSWORD_BYTES: usize = 2_000;

/// Where a request comes from, if the listener told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) Option<IpAddr>);

impl<S: Send + Sync> FromRequestParts<S> for Peer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip())))
    }
}

/// What a person types to sign in.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Typed {
    /// The name to sign in under.
    #[schema(max_length = 400)]
    pub(crate) name: String,
    #[schema(max_length = 256)]
    pub(crate) password: String,
    /// The code of the authenticator app, or a recovery code.
    #[schema(max_length = 64)]
    pub(crate) code: String,
}

/// A session that began. Its cookie comes with the answer.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SessionBegun {
    pub(crate) user: uuid::Uuid,
    /// The name under which the session is listed and ended.
    pub(crate) session: uuid::Uuid,
    /// Send it as `Borgen-Csrf` with every change that is made with the cookie.
    pub(crate) csrf: String,
}

/// Signs in with password and second factor. The session comes as a cookie.
#[utoipa::path(post, path = "/sign-in", tag = "sign-in", operation_id = "signIn", request_body = Typed,
    responses((status = 200, description = "The session; its cookie is set.", body = SessionBegun)))]
pub(crate) async fn sign_in(
    State(app): State<App>,
    Peer(address): Peer,
    headers: HeaderMap,
    Sent(typed): Sent<Typed>,
) -> Result<Response, Problem> {
    cookie::check_origin(&headers, false)?;
    let begun = enter(&app, &typed, address, &headers).await?;
    Ok(with_cookie(&app, &headers, &begun))
}

/// Ends the session that this request came in.
#[utoipa::path(post, path = "/sign-out", tag = "sign-in", operation_id = "signOut",
    responses((status = 204, description = "The session has ended.")))]
pub(crate) async fn sign_out(
    State(app): State<App>,
    session: Session,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    leave(&app, &session).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    put_cookie(&mut response, cookie::with(&headers, "", 0));
    Ok(response)
}

/// Ends a session that came by cookie; a token stays what it is.
pub(crate) async fn leave(app: &App, session: &Session) -> Result<(), Problem> {
    if session.held.is_some() {
        app.desk.store.end_session(session.caller.user, session.token).await?;
    }
    Ok(())
}

/// The answer that begins a session.
pub(crate) fn with_cookie(app: &App, headers: &HeaderMap, begun: &sessions::Begun) -> Response {
    let body =
        SessionBegun { user: begun.row.account.0, session: begun.row.id.0, csrf: sessions::held(app, &begun.row).csrf };
    let mut response = Json(body).into_response();
    put_session(&mut response, headers, begun);
    response
}

/// Puts the cookie of a session on an answer.
pub(crate) fn put_session(response: &mut Response, headers: &HeaderMap, begun: &sessions::Begun) {
    put_cookie(response, cookie::with(headers, &begun.secret, sessions::ABSOLUTE_HOURS.saturating_mul(3_600)));
}

pub(crate) fn put_cookie(response: &mut Response, cookie: Option<HeaderValue>) {
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

/// Checks what was typed and begins a session.
pub(crate) async fn enter(
    app: &App,
    typed: &Typed,
    address: Option<IpAddr>,
    headers: &HeaderMap,
) -> Result<sessions::Begun, Problem> {
    if typed.name.len() > MAX_NAME_BYTES || typed.password.len() > MAX_PASSWORD_BYTES {
        return Err(Code::SignInRefused.into());
    }
    let counted = tries::begin(app, &typed.name, address).await?;
    let known = person(app, &typed.name).await?;
    let digest = match &known {
        Some((account, user)) => match &user.credentials.password {
            Some(sealed) => app.vault.open(*account, sealed).await.map_err(|error| Problem::internal(&error))?,
            None => None,
        },
        None => None,
    };
    let password_held = passwords::holds(app, &typed.password, digest).await?;
    let Some((account, user)) = known else {
        // A refusal that is recorded takes its time; one that is not must take as long.
        app.desk.store.set_cursor("sign-in refused", &app.doors().clock.now().to_string()).await?;
        return Err(Code::SignInRefused.into());
    };
    let proof = if password_held && user.active {
        proofs::use_either(app, account, &user.credentials, &typed.code).await?
    } else {
        None
    };
    let Some(proof) = proof else {
        refused(app, account, password_held).await?;
        return Err(Code::SignInRefused.into());
    };
    counted.went_well(app).await?;
    begin(app, account, proof, headers, true).await
}

/// The one person who signs in under a name.
async fn person(app: &App, name: &str) -> Result<Option<(AccountId, UserFile)>, Problem> {
    let lookup = app.vault.token(SIGN_IN_NAME_PURPOSE, &compared_name(name));
    let mut found = of_name(app, lookup).await?;
    if found.len() > 1 {
        tracing::error!(accounts = found.len(), "several users sign in under one name; none of them is let in");
        return Ok(None);
    }
    Ok(found.pop())
}

/// Who may come in under a name. Who left may have come back as somebody new, under the same name.
pub(crate) async fn of_name(app: &App, name: Token) -> Result<Vec<(AccountId, UserFile)>, Problem> {
    let mut found = Vec::new();
    for account in rows::users::asked_in_as(&app.desk.store, name).await? {
        let user = proofs::user(app, account).await?;
        let is_own = user.credentials.sign_in.as_ref().is_some_and(|sign_in| sign_in.lookup == name);
        if is_own && user.active {
            found.push((account, user));
        }
    }
    Ok(found)
}

async fn refused(app: &App, account: AccountId, password_held: bool) -> Result<(), Problem> {
    on_own(app, account, AccountKind::User, None, |view| {
        let body = Body::SignInRefused(SignInRefused { password_held });
        Ok(vec![domain::fact::NewFact {
            happened: view.at,
            actor: domain::ids::Actor::Program,
            source_key: None,
            body,
        }])
    })
    .await?;
    Ok(())
}

/// Begins the session of a person who has proved itself, `fresh` by a second factor just now; one that the browser had
/// before ends.
pub(crate) async fn begin(
    app: &App,
    account: AccountId,
    by: Proof,
    headers: &HeaderMap,
    fresh: bool,
) -> Result<sessions::Begun, Problem> {
    let session = sessions::new_id(app);
    on_own(app, account, AccountKind::User, None, |view| match &view.file.part {
        Part::User(user) if user.active => {
            Ok(vec![proofs::by_person(account, view.at, Body::SignedIn(SignedIn { session, by }))])
        }
        _ => Err(Code::SignInRefused.into()),
    })
    .await?;
    if let Some(before) = cookie::secret(headers)
        && let Some(before) = sessions::find(app, before).await?
    {
        app.desk.store.end_session(before.account, before.id).await?;
    }
    sessions::begin(app, account, session, fresh).await
}
