//! The door of the intake: `POST /intake/v1/events`, its limits, and what it answers.

use super::batch::{IntakeError, Taken};
use super::body::{self, BodyError, MAX_BODY_BYTES};
use super::problem::Problem;
use super::{Intake, keys};
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use domain::ids::AccountId;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use http::{HeaderMap, StatusCode};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The most requests that are worked on at once.
pub const MAX_REQUESTS_AT_ONCE: usize = 16;
/// The most requests of one connection that are worked on at once.
pub const MAX_REQUESTS_PER_CONNECTION: usize = 8;
/// How long a sender may take to hand over its body.
const BODY_TIME_LIMIT: Duration = Duration::from_mins(1);
/// How long a sender that came at a bad time should wait.
const COME_BACK_SECONDS: u32 = 5;

#[derive(Debug, Clone)]
struct Door {
    intake: Intake,
    all: Arc<Semaphore>,
    of_connection: Arc<Mutex<HashMap<AccountId, Arc<Semaphore>>>>,
}

/// The router of the intake.
pub fn router(intake: Intake) -> Router {
    let door = Door { intake, all: Arc::new(Semaphore::new(MAX_REQUESTS_AT_ONCE)), of_connection: Arc::default() };
    Router::new().route("/intake/v1/events", post(events)).with_state(door)
}

async fn events(State(door): State<Door>, headers: HeaderMap, body: Body) -> Response {
    match take(&door, &headers, body).await {
        Ok(response) => response,
        Err(problem) => {
            tracing::info!(http.status = problem.status.as_u16(), error.code = problem.code, "events were refused");
            problem.into_response()
        }
    }
}

async fn take(door: &Door, headers: &HeaderMap, body: Body) -> Result<Response, Problem> {
    let connection = keys::connection(&door.intake.inner.tools, headers).await.map_err(|error| unavailable(&error))?;
    let connection = connection.ok_or_else(|| {
        let detail = "send `Authorization: Bearer KEY` with an intake key of a connection; `borgen admin connection key` makes one";
        Problem::new(StatusCode::UNAUTHORIZED, "unauthorized", "No good key", detail)
    })?;
    let _places = places(door, connection)?;
    let packed = read(headers, body).await?;
    let encoding = headers.get(CONTENT_ENCODING).map(|value| value.to_str().unwrap_or("unreadable").to_owned());
    let cut = move || {
        let plain = body::unpacked(packed, encoding.as_deref())?;
        body::events(&plain)
    };
    let events = tokio::task::spawn_blocking(cut)
        .await
        .map_err(|error| unavailable(&error))?
        .map_err(|error| refused(&error))?;
    let taken = door.intake.take(connection, events).await.map_err(|error| not_taken(&error))?;
    answer(taken)
}

/// 202 once something was taken, with the lines that were not; a body of which nothing was taken is refused, so that a
/// sender with the wrong form does not believe that it is watched.
fn answer(taken: Taken) -> Result<Response, Problem> {
    if taken.accepted > 0 || taken.parked > 0 || taken.rejected.is_empty() {
        return Ok((StatusCode::ACCEPTED, Json(taken)).into_response());
    }
    let count = taken.rejected.len().saturating_add(taken.further_rejected);
    let detail = format!(
        "none of the {count} events was taken; `rejected` says why, line by line: correct them and send them again"
    );
    Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "no-line-taken", "No line was taken", detail).rejected(taken))
}

/// A place for the request, among all and among those of its connection.
fn places(door: &Door, connection: AccountId) -> Result<(OwnedSemaphorePermit, OwnedSemaphorePermit), Problem> {
    let of_connection = {
        let mut known = door.of_connection.lock().unwrap_or_else(PoisonError::into_inner);
        let one = known.entry(connection).or_insert_with(|| Arc::new(Semaphore::new(MAX_REQUESTS_PER_CONNECTION)));
        Arc::clone(one)
    };
    let own = of_connection.try_acquire_owned().map_err(|_| {
        let detail = format!("this connection has {MAX_REQUESTS_PER_CONNECTION} requests under way: send fewer at once, each with more events");
        Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many-requests", "Too many requests at once", detail)
            .retry_after(COME_BACK_SECONDS)
    })?;
    let any = Arc::clone(&door.all).try_acquire_owned().map_err(|_| {
        let detail = format!("{MAX_REQUESTS_AT_ONCE} requests are under way: send the same again in a few seconds");
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "Too busy", detail).retry_after(COME_BACK_SECONDS)
    })?;
    Ok((own, any))
}

async fn read(headers: &HeaderMap, body: Body) -> Result<Bytes, Problem> {
    let told = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()).and_then(|text| text.parse().ok());
    if told.is_some_and(|bytes: usize| bytes > MAX_BODY_BYTES) {
        return Err(refused(&BodyError::TooLarge));
    }
    let reading = axum::body::to_bytes(body, MAX_BODY_BYTES);
    match tokio::time::timeout(BODY_TIME_LIMIT, reading).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) if is_too_long(&error) => Err(refused(&BodyError::TooLarge)),
        Ok(Err(_)) => Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "body-broken-off",
            "The body broke off",
            "the connection ended before the body did: send it again",
        )),
        Err(_) => Err(Problem::new(
            StatusCode::REQUEST_TIMEOUT,
            "body-too-slow",
            "The body came too slowly",
            format!("the body has to be here within {} seconds: send smaller bodies", BODY_TIME_LIMIT.as_secs()),
        )),
    }
}

fn is_too_long(error: &axum::Error) -> bool {
    let mut source = std::error::Error::source(error);
    // The chain of causes is short; a cycle can't be.
    for _ in 0..8 {
        let Some(cause) = source else { return false };
        if cause.to_string().contains("length limit exceeded") {
            return true;
        }
        source = cause.source();
    }
    false
}

fn refused(error: &BodyError) -> Problem {
    let (status, code, title) = match error {
        BodyError::TooLarge | BodyError::TooLargeUnpacked => {
            (StatusCode::PAYLOAD_TOO_LARGE, "body-too-large", "The body is too large")
        }
        BodyError::TooManyEvents => (StatusCode::PAYLOAD_TOO_LARGE, "too-many-events", "Too many events"),
        BodyError::UnknownEncoding(_) => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "encoding", "Unknown encoding"),
        BodyError::NotGzip | BodyError::NotAnArray(_) => {
            (StatusCode::BAD_REQUEST, "body-unreadable", "Unreadable body")
        }
        BodyError::Empty => (StatusCode::BAD_REQUEST, "body-empty", "Empty body"),
    };
    let advice = match error {
        BodyError::TooLarge | BodyError::TooLargeUnpacked | BodyError::TooManyEvents => "send it in several requests",
        BodyError::UnknownEncoding(_) => "pack it with gzip or not at all",
        BodyError::NotGzip => "pack it again and send it whole",
        BodyError::NotAnArray(_) | BodyError::Empty => "send one event in a line, an array, or {\"records\":[…]}",
    };
    Problem::new(status, code, title, format!("{error}: {advice}"))
}

fn not_taken(error: &IntakeError) -> Problem {
    tracing::warn!(error = %error, "a batch of events was not taken");
    match error {
        IntakeError::Full => {
            Problem::new(StatusCode::TOO_MANY_REQUESTS, "findings-waiting", "Findings wait", error.to_string())
                .retry_after(COME_BACK_SECONDS)
        }
        IntakeError::Store(_) | IntakeError::Vault(_) | IntakeError::Unrecorded { .. } | IntakeError::Broken(_) => {
            not_now()
        }
    }
}

fn unavailable(error: &dyn std::error::Error) -> Problem {
    tracing::warn!(error = %error, "the intake could not work");
    not_now()
}

/// What went wrong inside is the operator's to read, not the sender's.
fn not_now() -> Problem {
    let detail = "the events could not be recorded: send the same again; what was recorded is not recorded twice";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "not-recorded", "Not recorded", detail).retry_after(COME_BACK_SECONDS)
}
