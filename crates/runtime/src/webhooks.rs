//! The door for Microsoft's webhooks. A delivery that is not surely Microsoft's is refused with the same words
//! whatever the reason; one that is serves as a hint only: it rings for the sync, which reads for itself.

use crate::connections::{Connection, Connections};
use crate::measures;
use crate::tools::{Tools, later};
use axum::Json;
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use domain::ids::AccountId;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, StatusCode};
use jiff::SignedDuration;
use microsoft::webhook::{Event, EventName, EventSubject, MAX_EVENT_BYTES, Rejection, fetch};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// The most deliveries that are checked at once.
pub const MAX_DELIVERIES_AT_ONCE: usize = 64;
/// How long a delivery is remembered, so that it can't be played again: the signature has no time in it.
pub const REPLAY_REMEMBERED: SignedDuration = SignedDuration::from_hours(24 * 30);
/// How long a delivery may take to come in.
const BODY_TIME_LIMIT: Duration = Duration::from_secs(10);

#[derive(Debug, Clone)]
struct Door {
    tools: Tools,
    connections: Connections,
    places: Arc<Semaphore>,
}

/// What became of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Delivery {
    Taken,
    Repeated,
    Rejected,
    Busy,
    Failed,
}

impl Delivery {
    const fn word(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::Repeated => "repeated",
            Self::Rejected => "rejected",
            Self::Busy => "busy",
            Self::Failed => "failed",
        }
    }
}

/// The router of the webhooks.
pub fn router(tools: Tools, connections: Connections) -> Router {
    let door = Door { tools, connections, places: Arc::new(Semaphore::new(MAX_DELIVERIES_AT_ONCE)) };
    Router::new().route("/webhooks/microsoft/{connection}", post(deliver)).with_state(door)
}

async fn deliver(State(door): State<Door>, Path(connection): Path<String>, headers: HeaderMap, body: Body) -> Response {
    let delivery = take(&door, &connection, &headers, body).await;
    measures::webhook(delivery.word());
    answer(delivery)
}

async fn take(door: &Door, connection: &str, headers: &HeaderMap, body: Body) -> Delivery {
    let Ok(_place) = door.places.try_acquire() else { return Delivery::Busy };
    let account: Option<AccountId> = connection.parse().ok();
    let Some(connection) = account.and_then(|account| door.connections.get(account)) else { return Delivery::Rejected };
    let reading = tokio::time::timeout(BODY_TIME_LIMIT, axum::body::to_bytes(body, MAX_EVENT_BYTES));
    let Ok(Ok(body)) = reading.await else { return Delivery::Rejected };
    let event = match check(door, connection, headers, &body).await {
        Ok(event) => event,
        Err(rejection) => {
            tracing::warn!(connection.id = %connection.account, reason = %rejection, "a webhook delivery was rejected");
            return Delivery::Rejected;
        }
    };
    let now = door.tools.now();
    let name = format!("webhook:{}", connection.account);
    match door.tools.store().first_seen(&name, &event.replay_key.to_string(), now, later(now, REPLAY_REMEMBERED)).await
    {
        Ok(false) => Delivery::Repeated,
        Ok(true) => {
            ring(connection, &event);
            Delivery::Taken
        }
        Err(error) => {
            tracing::error!(connection.id = %connection.account, error = %error, "a webhook delivery could not be kept in mind");
            Delivery::Failed
        }
    }
}

/// Checks a delivery; the certificate is fetched only after everything that costs nothing has been checked.
async fn check(door: &Door, connection: &Connection, headers: &HeaderMap, body: &[u8]) -> Result<Event, Rejection> {
    let Some(verifier) = &connection.verifier else { return Err(Rejection::CertificateUnavailable) };
    let now = door.tools.now();
    match verifier.check(headers, body, &connection.certificates, now) {
        Err(Rejection::Needs(url)) => {
            if let Err(error) = fetch(connection.outbound.as_ref(), &url, &connection.certificates, now).await {
                tracing::warn!(connection.id = %connection.account, error = %error, "a webhook's certificate can't be had");
            }
            verifier.check(headers, body, &connection.certificates, now)
        }
        checked => checked,
    }
}

/// Rings for the part of the sync that the event is about. Nothing of the event itself is believed.
fn ring(connection: &Connection, event: &Event) {
    match (&event.name, &event.subject) {
        (EventName::AzureFraudEventDetected, _) => connection.wake_alerts.notify_one(),
        (_, EventSubject::Subscription(key)) => hint(connection, key.customer.as_str()),
        (_, EventSubject::Customer(tenant)) => hint(connection, tenant.as_str()),
        (EventName::TestCreated, _) => {}
        _ => connection.wake_customers.notify_one(),
    }
}

fn hint(connection: &Connection, tenant: &str) {
    if let Ok(tenant) = tenant.parse() {
        connection.hint(tenant);
    }
}

/// A repeat is thanked for as the first was, so that Microsoft stops sending it; nothing follows from it.
fn answer(delivery: Delivery) -> Response {
    let (status, code, title) = match delivery {
        Delivery::Taken | Delivery::Repeated => return StatusCode::ACCEPTED.into_response(),
        Delivery::Rejected => (StatusCode::UNAUTHORIZED, "not-accepted", "Not accepted"),
        Delivery::Busy | Delivery::Failed => (StatusCode::SERVICE_UNAVAILABLE, "not-now", "Not now"),
    };
    let body = json!({
        "type": format!("urn:borgen:problem:{code}"), "title": title, "status": status.as_u16(), "code": code,
    });
    let mut response = (status, Json(body)).into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response
}
