//! The same request, sent again: its first answer is given once more and nothing is carried out. Answers are kept for a
//! day, sealed, since they may hold names and secrets.

use crate::app::App;
use crate::guard::Rule;
use crate::problem::{Code, Problem};
use crate::session::{RequestKey, Session};
use crate::speech::{MAX_REQUEST_SECONDS, come_back};
use axum::body::Body;
use axum::extract::{OriginalUri, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::ids::Hash;
use domain::sealed::{Retention, Sealed};
use http::response;
use http_body_util::BodyExt;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Begun, KeptAnswer, MAX_ANSWER_BYTES};

/// The longest key, in characters.
pub(crate) const MAX_KEY_CHARS: usize = 255;
/// How long an answer is kept, in hours.
pub(crate) const KEPT_HOURS: i64 = 24;

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// The other name of the key (OASIS Repeatable Requests).
const REPEATABILITY_ID: HeaderName = HeaderName::from_static("repeatability-request-id");
/// Says that an answer was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// An answer as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    kind: Option<String>,
    etag: Option<String>,
    location: Option<String>,
    body: String,
}

/// The key of a request, if it has one.
pub(crate) fn key_of(headers: &HeaderMap) -> Result<Option<RequestKey>, Problem> {
    let Some(key) = headers.get(KEY).or_else(|| headers.get(REPEATABILITY_ID)) else { return Ok(None) };
    let is_good =
        |key: &&str| !key.is_empty() && key.len() <= MAX_KEY_CHARS && key.bytes().all(|byte| byte.is_ascii_graphic());
    match key.to_str().ok().filter(is_good) {
        Some(key) => Ok(Some(RequestKey(key.to_owned()))),
        None => Err(Problem::parameter(
            "Idempotency-Key",
            format!("from 1 to {MAX_KEY_CHARS} visible characters are wanted"),
        )),
    }
}

/// Carries a request out once for its key.
pub(crate) async fn once(
    app: &App,
    rule: &Rule,
    session: &Session,
    request: Request,
    body: &[u8],
    next: Next,
) -> Result<Response, Problem> {
    let Some(RequestKey(key)) = session.request_key.clone().filter(|_| request.method() == Method::POST) else {
        return Ok(next.run(request).await);
    };
    let caller = format!("user:{}", session.caller.user);
    let digest = digest(rule, &request, body);
    let now = app.desk.clock.now();
    // A request that is given up leaves its key free a little later: by then it has ended one way or the other.
    let lease = i64::try_from(MAX_REQUEST_SECONDS.saturating_mul(2)).unwrap_or(i64::MAX);
    let lease = later(now, SignedDuration::from_secs(lease));
    match app.desk.store.begin_request(&caller, &key, digest, now, lease).await? {
        Begun::First => {}
        Begun::Running => return Err(come_back(Code::RequestRunning)),
        Begun::Other => return Err(Code::KeyReused.into()),
        Begun::Answered(kept) => return given_again(app, session, &kept).await,
    }
    let response = next.run(request).await;
    if is_kept(&response) {
        return keep(app, session, &caller, &key, response).await;
    }
    app.desk.store.forget_request(&caller, &key).await?;
    Ok(response)
}

/// What was asked: a key that comes with anything else is a mistake of the caller.
fn digest(rule: &Rule, request: &Request, body: &[u8]) -> Hash {
    let uri =
        request.extensions().get::<OriginalUri>().map_or_else(|| request.uri().to_string(), |uri| uri.0.to_string());
    let mut asked = format!("{}\n{uri}\n", rule.name).into_bytes();
    asked.extend_from_slice(body);
    Hash::of(&asked)
}

/// Only what was carried out is kept; after a refusal the same request may go once its cause is gone.
fn is_kept(response: &Response) -> bool {
    response.status().is_success()
}

/// Keeps an answer. When that does not go the request has been carried out all the same, and its facts carry its key,
/// so the caller gets the answer and a repeat records nothing twice.
async fn keep(app: &App, session: &Session, caller: &str, key: &str, response: Response) -> Result<Response, Problem> {
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.map_err(|error| Problem::internal(&error))?.to_bytes();
    let answer = sealed(app, session, &parts, &bytes).await;
    let kept = match answer {
        Some(answer) => {
            let until = later(app.desk.clock.now(), SignedDuration::from_hours(KEPT_HOURS));
            app.desk.store.finish_request(caller, key, &answer, until).await
        }
        None => app.desk.store.forget_request(caller, key).await,
    };
    if let Err(error) = kept {
        tracing::error!(error.message = %error, "an answer could not be kept");
    }
    Ok(Response::from_parts(parts, Body::from(bytes)))
}

/// The answer, sealed for the caller; nothing when it is too long to be kept.
async fn sealed(app: &App, session: &Session, parts: &response::Parts, body: &[u8]) -> Option<KeptAnswer> {
    let text = |name: &HeaderName| parts.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let kept = Kept {
        kind: text(&header::CONTENT_TYPE),
        etag: text(&header::ETAG),
        location: text(&header::LOCATION),
        body: String::from_utf8_lossy(body).into_owned(),
    };
    let sealed = app.vault.seal(session.caller.user, Retention::Evidence, &kept).await;
    let body = serde_json::to_vec(&sealed.ok()?).ok()?;
    (body.len() <= MAX_ANSWER_BYTES).then(|| KeptAnswer { status: parts.status.as_u16(), body })
}

async fn given_again(app: &App, session: &Session, answer: &KeptAnswer) -> Result<Response, Problem> {
    let sealed: Sealed<Kept> = serde_json::from_slice(&answer.body).map_err(|error| Problem::internal(&error))?;
    let opened = app.vault.open(session.caller.user, &sealed).await.map_err(|error| Problem::internal(&error))?;
    let kept = opened.ok_or(Code::KeyReused)?;
    let status = StatusCode::from_u16(answer.status).map_err(|error| Problem::internal(&error))?;
    let mut response = (status, kept.body).into_response();
    response.headers_mut().remove(header::CONTENT_TYPE);
    let headers = [(header::CONTENT_TYPE, kept.kind), (header::ETAG, kept.etag), (header::LOCATION, kept.location)];
    for (name, value) in headers {
        let value: Option<String> = value;
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
            response.headers_mut().insert(name, value);
        }
    }
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    Ok(response)
}

fn later(at: Timestamp, span: SignedDuration) -> Timestamp {
    at.saturating_add(span).unwrap_or(Timestamp::MAX)
}
