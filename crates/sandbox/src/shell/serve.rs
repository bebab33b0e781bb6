//! HTTP in front of the world: every request becomes a `Request`, every `Reply` an answer, and a cut is a real cut.

use std::io;
use std::sync::Arc;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::State;
use axum::response::Response as HttpResponse;
use axum::routing::any;
use futures_util::{StreamExt, stream};
use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::exchange::{Act, Reply, Request, Response};
use crate::routes::control::read;
use crate::shell::House;

/// The largest request body that is read.
pub(crate) const MAX_REQUEST_BODY_BYTES: usize = 4 * 1024 * 1024;

#[expect(clippy::disallowed_methods, reason = "the simulated Microsoft starts its own tasks")]
pub(crate) fn spawn(listener: TcpListener, house: Arc<House>, mut stopped: watch::Receiver<bool>) -> JoinHandle<()> {
    let router = axum::Router::new().fallback(any(answer)).with_state(house);
    tokio::spawn(async move {
        let until_stopped = async move {
            // An error means that the house is gone, which is a stop as well.
            let _ = stopped.wait_for(|stop| *stop).await;
        };
        let served = axum::serve(listener, router).with_graceful_shutdown(until_stopped).await;
        if let Err(error) = served {
            tracing::error!(%error, "the sandbox stopped serving");
        }
    })
}

async fn answer(State(house): State<Arc<House>>, request: axum::extract::Request) -> HttpResponse {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_REQUEST_BODY_BYTES).await else {
        return whole(Response::empty(413));
    };
    let request = Request {
        method: parts.method,
        path_and_query: parts.uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string),
        headers: parts.headers,
        body: body.to_vec(),
    };
    if let Some(response) = control(&house, &request) {
        return whole(response);
    }
    let now = house.clock.now();
    let reply = house.world().handle(now, &request);
    deliver(reply)
}

fn deliver(reply: Reply) -> HttpResponse {
    match reply.act {
        Act::Whole => whole(reply.response),
        Act::CutAfter(length) => cut(reply.response, length),
    }
}

fn whole(response: Response) -> HttpResponse {
    let mut answer = HttpResponse::new(Body::from(response.body));
    set_head(&mut answer, response.status, response.headers);
    answer
}

/// Promises the whole length, sends the beginning and then breaks the connection.
fn cut(response: Response, length: usize) -> HttpResponse {
    let promised = response.body.len();
    let part: Bytes = response.body.into_iter().take(length).collect::<Vec<u8>>().into();
    let broken = stream::once(async {
        tokio::task::yield_now().await;
        Err(io::Error::from(io::ErrorKind::ConnectionAborted))
    });
    let pieces = stream::once(async move { Ok::<Bytes, io::Error>(part) }).chain(broken);
    let mut answer = HttpResponse::new(Body::from_stream(pieces));
    set_head(&mut answer, response.status, response.headers);
    answer.headers_mut().insert(http::header::CONTENT_LENGTH, promised.into());
    answer
}

fn set_head(answer: &mut HttpResponse, status: u16, headers: http::HeaderMap) {
    *answer.status_mut() = http::StatusCode::from_u16(status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
    *answer.headers_mut() = headers;
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct TimeRequest {
    advance_seconds: i64,
    speed: Option<u32>,
}

/// The part of the control plane that belongs to the shell: time and stopping.
fn control(house: &House, request: &Request) -> Option<Response> {
    match (&request.method, request.path()) {
        (&http::Method::GET, "/sandbox/time") => Some(time(house)),
        (&http::Method::POST, "/sandbox/time") => Some(read(request, |wanted: TimeRequest| {
            house.clock.advance(SignedDuration::from_secs(wanted.advance_seconds));
            if let Some(speed) = wanted.speed {
                house.clock.set_speed(speed);
            }
            time(house)
        })),
        (&http::Method::POST, "/sandbox/stop") => {
            house.stop.send_replace(true);
            Some(Response::empty(202))
        }
        _ => None,
    }
}

fn time(house: &House) -> Response {
    Response::json(200, &json!({"now": house.clock.now(), "speed": house.clock.speed()}))
}
