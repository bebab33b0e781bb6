//! Tokens of users and keys of connections: made here, shown once, kept only as digests.

use crate::app::App;
use crate::body::{MAX_LABEL_CHARS, checked_text};
use crate::problem::Problem;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use desk::seam::whole_microseconds;
use domain::ids::{Hash, TokenId};
use domain::people::TokenIssued;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use store::rows::users::TokenRow;

/// The longest that a token is good, in days.
const MAX_TOKEN_DAYS: i64 = 366;
/// Random bytes of a secret: 256 bits.
const SECRET_BYTES: usize = 32;

/// A token, without its secret.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Token)]
pub(crate) struct TokenView {
    id: uuid::Uuid,
    /// What it is for, as its owner calls it.
    label: String,
    /// When it ends; absent when it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    expires: Option<Timestamp>,
}

impl From<TokenRow> for TokenView {
    fn from(row: TokenRow) -> Self {
        Self { id: row.token.0, label: row.label, expires: row.expires }
    }
}

/// What a new token is for.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewToken {
    #[schema(min_length = 1, max_length = 200)]
    pub(crate) label: String,
    /// When it ends; at most a year from now. A key of a connection may be left without an end.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) expires: Option<Timestamp>,
}

/// A new token with its secret. It is shown this once.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct IssuedToken {
    #[serde(flatten)]
    token: TokenView,
    /// The secret: keep it well, it can't be read again.
    pub(crate) secret: String,
}

/// Whether a token has to have an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// A person's has.
    Required,
    /// A machine's may go without.
    Optional,
}

/// Makes a secret and the fact that it was handed out.
pub(crate) fn issue(app: &App, wanted: NewToken, end: End) -> Result<(TokenIssued, IssuedToken), Problem> {
    checked_text("label", &wanted.label, MAX_LABEL_CHARS)?;
    let now = app.desk.clock.now();
    let expires = wanted.expires.map(whole_microseconds);
    let last = now.saturating_add(SignedDuration::from_hours(24 * MAX_TOKEN_DAYS)).unwrap_or(Timestamp::MAX);
    let bounds = || Problem::field("expires", format!("it has to be later than now, by at most {MAX_TOKEN_DAYS} days"));
    match expires {
        Some(expires) if expires <= now || expires > last => return Err(bounds()),
        None if end == End::Required => return Err(bounds()),
        Some(_) | None => {}
    }
    let mut random = [0; SECRET_BYTES];
    app.entropy.fill(&mut random);
    let secret = format!("borgen_{}", URL_SAFE_NO_PAD.encode(random));
    let token = TokenId(app.entropy.id(now));
    let issued = TokenIssued { token, digest: Hash::of(secret.as_bytes()), label: wanted.label.clone(), expires };
    let view = TokenView { id: token.0, label: wanted.label, expires };
    Ok((issued, IssuedToken { token: view, secret }))
}
