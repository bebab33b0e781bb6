//! How long a session lasts, and how one begins, goes on and ends. A session is no fact; that one began is.

use crate::app::App;
use crate::problem::Problem;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::credentials::FRESH_MINUTES;
use domain::ids::{AccountId, Hash, TokenId};
use jiff::{SignedDuration, Timestamp};
use store::SessionRow;

/// A session ends after this long without a request, in minutes.
pub const IDLE_MINUTES: i64 = 30;
/// A session ends after this long in any case, in hours.
pub const ABSOLUTE_HOURS: i64 = 12;
/// Random bytes of a session's secret: 256 bits.
const SECRET_BYTES: usize = 32;
/// That a session goes on is noted at most this often, in seconds: reading a page is no reason to write.
const NOTED_EVERY_SECONDS: i64 = 60;
/// What the vault's key is used for here.
const CSRF_PURPOSE: &str = "form of a session";

/// A session that just began, with the secret that only its cookie has.
#[derive(Debug)]
pub(crate) struct Begun {
    pub(crate) secret: String,
    pub(crate) row: SessionRow,
}

/// What is known of the session that a request came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Held {
    /// SHA-256 of the cookie's secret.
    pub(crate) digest: Hash,
    /// Whether its user proved itself with a second factor lately enough for an act that demands it.
    pub(crate) fresh: bool,
    /// The token that its forms carry.
    pub(crate) csrf: String,
}

/// The name of a session that is about to begin, for the fact that says so.
pub(crate) fn new_id(app: &App) -> TokenId {
    TokenId(app.entropy.id(app.doors().clock.now()))
}

/// Begins a session; `fresh` when its user has just proved itself with a second factor.
pub(crate) async fn begin(app: &App, account: AccountId, id: TokenId, fresh: bool) -> Result<Begun, Problem> {
    let mut random = [0; SECRET_BYTES];
    app.entropy.fill(&mut random);
    let secret = URL_SAFE_NO_PAD.encode(random);
    let now = app.doors().clock.now();
    let row = SessionRow {
        digest: Hash::of(secret.as_bytes()),
        id,
        account,
        began: now,
        heard: now,
        ends: later(now, SignedDuration::from_hours(ABSOLUTE_HOURS)),
        proved: fresh.then_some(now),
    };
    app.desk.store.begin_session(&row).await?;
    Ok(Begun { secret, row })
}

/// The session of a secret, unless it has ended. It is noted that it goes on.
pub(crate) async fn find(app: &App, secret: &str) -> Result<Option<SessionRow>, Problem> {
    let digest = Hash::of(secret.as_bytes());
    let now = app.doors().clock.now();
    let Some(row) = app.desk.store.session(digest).await?.filter(|row| goes_on(row, now)) else { return Ok(None) };
    if now.duration_since(row.heard) >= SignedDuration::from_secs(NOTED_EVERY_SECONDS) {
        app.desk.store.session_heard(digest, now).await?;
    }
    Ok(Some(row))
}

/// Whether a session has not ended by itself.
pub(crate) fn goes_on(row: &SessionRow, now: Timestamp) -> bool {
    now < row.ends && now.duration_since(row.heard) < SignedDuration::from_mins(IDLE_MINUTES)
}

/// What a request needs to know of its session.
pub(crate) fn held(app: &App, row: &SessionRow) -> Held {
    let now = app.doors().clock.now();
    let fresh = row.proved.is_some_and(|proved| now.duration_since(proved) < SignedDuration::from_mins(FRESH_MINUTES));
    let csrf = app.vault.token(CSRF_PURPOSE, &row.digest.to_string()).0.as_simple().to_string();
    Held { digest: row.digest, fresh, csrf }
}

pub(crate) fn later(at: Timestamp, span: SignedDuration) -> Timestamp {
    at.saturating_add(span).unwrap_or(Timestamp::MAX)
}
