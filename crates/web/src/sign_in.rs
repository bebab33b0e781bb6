//! Who asks: from a bearer token or the cookie of a session to a caller with roles and scope. Only digests are compared;
//! a secret's text is nowhere but with its owner. How people get in, and prove who they are, is in the files below.

pub(crate) mod cookie;
pub(crate) mod doors;
pub(crate) mod enrolling;
pub(crate) mod entering;
pub(crate) mod entra;
pub(crate) mod passwords;
pub(crate) mod profile;
pub(crate) mod proofs;
pub(crate) mod sessions;
pub mod totp;
pub(crate) mod tries;

use crate::app::App;
use crate::problem::{Code, Problem};
use crate::speech::text_of;
use axum::http::{HeaderMap, header};
use domain::file::Part;
use domain::ids::{Hash, TokenId};
use domain::permission::Caller;
use domain::views::LooksChosen;
use store::rows;
use subtle::ConstantTimeEq;

/// The longest secret that is looked at, in bytes.
const MAX_SECRET_BYTES: usize = 512;

/// A caller and what it showed.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(crate) caller: Caller,
    /// The token, or the name of the session.
    pub(crate) token: TokenId,
    /// The session, if one was shown and not a token.
    pub(crate) held: Option<sessions::Held>,
    /// How the person wants pages to look.
    pub(crate) looks: LooksChosen,
}

/// Recognises the caller of a request: by its token, or where it shows none by its session.
pub(crate) async fn recognise(app: &App, headers: &HeaderMap) -> Result<Known, Problem> {
    let Some(shown) = text_of(headers, &header::AUTHORIZATION) else {
        let secret = cookie::secret(headers).ok_or(Code::Unauthenticated)?;
        return holder_of(app, secret).await;
    };
    let (scheme, secret) = shown.split_once(' ').ok_or(Code::Unauthenticated)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Code::Unauthenticated.into());
    }
    owner_of(app, secret.trim()).await
}

/// Whose session it is. One that has ended, and that of a person who may no longer come in, is answered as none.
async fn holder_of(app: &App, secret: &str) -> Result<Known, Problem> {
    let row = sessions::find(app, secret).await?.ok_or(Code::Unauthenticated)?;
    let Part::User(user) = app.desk.file(row.account).await?.part else {
        return Err(Code::Unauthenticated.into());
    };
    if !user.active {
        return Err(Code::Unauthenticated.into());
    }
    let caller = Caller::of(row.account, &user);
    Ok(Known { caller, token: row.id, held: Some(sessions::held(app, &row)), looks: user.desk.looks })
}

/// Whose secret it is. Unknown, revoked and expired tokens, and tokens of people who may no longer come in, are
/// answered alike.
pub(crate) async fn owner_of(app: &App, secret: &str) -> Result<Known, Problem> {
    if secret.is_empty() || secret.len() > MAX_SECRET_BYTES {
        return Err(Code::Unauthenticated.into());
    }
    let digest = Hash::of(secret.as_bytes());
    let listed = rows::users::token(&app.desk.store, digest).await?.ok_or(Code::Unauthenticated)?;
    // The row only says where to look: whether the token is good, and for what, is in the user's own file.
    let Part::User(user) = app.desk.file(listed.account).await?.part else {
        return Err(Code::Unauthenticated.into());
    };
    let issued = user.tokens.get(&listed.row.token).ok_or(Code::Unauthenticated)?;
    let is_same: bool = issued.digest.0.ct_eq(&digest.0).into();
    let now = app.desk.clock.now();
    let is_over = issued.expires.is_some_and(|expires| now >= expires);
    if !is_same || is_over || !user.active {
        return Err(Code::Unauthenticated.into());
    }
    let caller = Caller::of(listed.account, &user);
    Ok(Known { caller, token: listed.row.token, held: None, looks: user.desk.looks })
}
