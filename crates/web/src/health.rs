//! Whether the program lives, whether it is ready, and its metrics.

use crate::app::{App, NotReady};
use crate::language::Language;
use axum::Json;
use axum::extract::{Extension, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::ids::AccountId;
use serde::Serialize;

/// How the program is.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Readiness {
    /// Whether requests are carried out.
    ready: bool,
    /// What is not up.
    reasons: Vec<NotReady>,
}

/// Whether the process lives.
#[utoipa::path(get, path = "/livez", tag = "about", operation_id = "lives",
    responses((status = 200, description = "It lives.", body = Readiness)))]
pub(crate) async fn lives() -> Json<Readiness> {
    Json(Readiness { ready: true, reasons: Vec::new() })
}

/// Whether requests are carried out: the store answers, a policy is published, the workers are up.
#[utoipa::path(get, path = "/readyz", tag = "about", operation_id = "isReady",
    responses(
        (status = 200, description = "It is ready.", body = Readiness),
        (status = 503, description = "It is not, and why.", body = Readiness)))]
pub(crate) async fn ready(State(app): State<App>, Extension(language): Extension<Language>) -> Response {
    let mut reasons = app.ready.not_ready();
    let mut not_ready = |part: &str| {
        let reason = language.text(&format!("readiness-{part}"), None, &[]);
        reasons.push(NotReady { part: part.to_owned(), reason });
    };
    if let Err(error) = app.desk.store.head(AccountId::of_partner()).await {
        tracing::error!(error.message = %error, "the store does not answer");
        not_ready("store");
    } else if app.desk.policies.in_force(app.desk.clock.now()).await.is_err() {
        not_ready("policy");
    }
    let status = if reasons.is_empty() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Readiness { ready: reasons.is_empty(), reasons })).into_response()
}

/// The metrics in the Prometheus text format.
#[utoipa::path(get, path = "/metrics", tag = "about", operation_id = "readMetrics",
    responses((status = 200, description = "The metrics.", body = String, content_type = "text/plain")))]
pub(crate) async fn metrics(State(app): State<App>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], app.metrics_text.render())
}
