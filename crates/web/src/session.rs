//! A recognised caller, as handlers get it. How a caller is recognised is in `sign_in`.

use crate::language::Language;
use crate::problem::{Code, Problem};
use crate::sign_in::sessions::Held;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use domain::ids::{Actor, TokenId};
use domain::permission::Caller;
use domain::views::LooksChosen;

/// The key that a caller gave a request, so that it can be sent again without being carried out again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RequestKey(pub(crate) String);

/// A recognised caller.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    /// Who, with which roles, seeing what.
    pub(crate) caller: Caller,
    /// The token that was shown, or the name of the session.
    pub(crate) token: TokenId,
    /// The session of a browser, if it came by one and not by a token.
    pub(crate) held: Option<Held>,
    /// The language that is spoken.
    pub(crate) language: Language,
    /// The key of the request, where one was given.
    pub(crate) request_key: Option<RequestKey>,
    /// How the person wants pages to look, as far as it has said.
    pub(crate) looks: LooksChosen,
    /// The day since 1970 on which the request came, in UTC.
    pub(crate) day: i64,
}

impl Session {
    /// Who does it, as facts name it.
    pub(crate) fn actor(&self) -> Actor {
        Actor::User(self.caller.user)
    }

    /// The key of a fact that this request records, so that the same request sent twice records it once, even if
    /// the program stopped before its answer was kept. The day is part of it, since a key may be used anew after one.
    pub(crate) fn source_key(&self, what: &str) -> Option<String> {
        let RequestKey(key) = self.request_key.as_ref()?;
        let digest = domain::ids::Hash::of(format!("{}\n{}\n{key}", self.caller.user, self.day).as_bytes());
        Some(format!("request:{digest}:{what}"))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Session {
    type Rejection = Problem;

    /// The guard puts it there; a route without a guard has none and is refused.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Code::Unauthenticated.into())
    }
}
