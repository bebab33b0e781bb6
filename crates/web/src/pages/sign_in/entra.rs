//! The way to Entra ID and back.

use super::bare::Bare;
use crate::app::App;
use crate::pages::page::Page;
use crate::problem::{Code, Problem};
use crate::session::Session;
use crate::sign_in::cookie;
use crate::sign_in::entering::{put_cookie, put_session};
use crate::sign_in::entra::arriving::{Errand, back, proved, signed_in, way};
use crate::sign_in::recognise;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;

/// What the provider may add to the way back.
pub(crate) const RETURN_QUERY: &[&str] =
    &["code", "state", "session_state", "error", "error_description", "error_uri", "iss"];

/// What the way back carries. What else the provider adds says nothing to us.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Returned {
    #[serde(default)]
    code: String,
    #[serde(default)]
    state: String,
}

/// To the provider, to sign in.
pub(crate) async fn go(State(app): State<App>, bare: Bare) -> Result<Response, Problem> {
    gone(&app, &bare, Errand::SignIn).await
}

/// To the provider, to prove anew who it is.
pub(crate) async fn go_again(State(app): State<App>, _page: Page, bare: Bare) -> Result<Response, Problem> {
    gone(&app, &bare, Errand::Prove).await
}

async fn gone(app: &App, bare: &Bare, errand: Errand) -> Result<Response, Problem> {
    let way = way(app, &bare.headers, errand).await?;
    let mut response = Bare::go(&way.to);
    put_cookie(&mut response, way.cookie);
    Ok(response)
}

/// Back from the provider. The session that proves anew is the one of the cookie, not what the address says.
pub(crate) async fn come_back(
    State(app): State<App>,
    Query(returned): Query<Returned>,
    bare: Bare,
) -> Result<Response, Problem> {
    let (errand, account, fresh) = back(&app, &bare.headers, &returned.code, &returned.state).await?;
    let mut response = Bare::go("/");
    put_cookie(&mut response, cookie::of_way(&bare.headers, "", 0));
    match errand {
        Errand::SignIn => {
            put_session(&mut response, &bare.headers, &signed_in(&app, &bare.headers, account, fresh).await?);
        }
        Errand::Prove => {
            let known = recognise(&app, &bare.headers).await?;
            let held = known.held.ok_or(Code::Unauthenticated)?;
            let session = Session {
                caller: known.caller,
                token: known.token,
                held: Some(held),
                language: crate::language::Language::default(),
                request_key: None,
                looks: known.looks,
                day: 0,
            };
            proved(&app, &session, account, fresh).await?;
        }
    }
    Ok(response)
}
