//! The token that every form carries, so that no other site can send one in a person's name. The guard checks it on
//! every form before its handler begins; a form without it can't be made by accident, since `form::open` writes it.

use crate::session::Session;
use domain::ids::Hash;
use subtle::ConstantTimeEq;

/// The name of the field.
pub(crate) const FIELD: &str = "csrf";

/// The token of a session.
pub(crate) fn token(session: &Session) -> String {
    // Bound to the session's secret; a session of another browser has another.
    if let Some(held) = &session.held {
        return held.csrf.clone();
    }
    Hash::of(format!("csrf\n{}\n{}", session.caller.user, session.token).as_bytes()).to_string()
}

/// Whether a form was sent by a page of this session.
pub(crate) fn is_own(session: &Session, sent: &str) -> bool {
    token(session).as_bytes().ct_eq(sent.as_bytes()).into()
}
