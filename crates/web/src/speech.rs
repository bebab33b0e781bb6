//! The outermost layer: every answer has an id, a language and the security headers, and every problem a body in the
//! reader's language. One log line and one measurement for each request; neither holds personal data.

use crate::app::App;
use crate::language::Language;
use crate::pages;
use crate::pages::preferences::Preferences;
use crate::problem::{Code, ERROR_CODE, PROBLEM_JSON, Problem, ProblemDetails};
use crate::reasons::reasons;
use crate::router::API;
use crate::session::Session;
use axum::body::Body;
use axum::extract::{OriginalUri, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::views::LooksChosen;
use std::sync::Arc;
use std::time::Duration;

/// A request may take this long until its answer begins.
pub const MAX_REQUEST_SECONDS: u64 = 30;
/// The longest request id that is taken over from the caller.
const MAX_REQUEST_ID_BYTES: usize = 128;
/// When a caller who came at a bad moment may come back, in seconds.
const COME_BACK_SECONDS: u32 = 2;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// The headers that every answer carries. Nothing here is a page, so nothing may be loaded, framed or kept.
const SECURITY_HEADERS: [(HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (header::CACHE_CONTROL, "no-store"),
];

/// The route that answered, for the log and the measurement: its pattern, never the address with ids.
#[derive(Debug, Clone)]
pub(crate) struct Answered(pub(crate) Arc<str>);

/// The name of a request, for asking about it.
#[derive(Debug, Clone)]
struct Trace {
    request_id: String,
    trace_id: String,
}

/// Wraps every request.
pub(crate) async fn speak(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let began = app.desk.clock.monotonic();
    let trace = trace_of(&app, request.headers());
    let uri = request.extensions().get::<OriginalUri>().map_or_else(|| request.uri().clone(), |uri| uri.0.clone());
    let path = uri.path().to_owned();
    let language = language_of(&path, request.headers());
    let reader = pages::problem::wants_page(&path, request.headers())
        .then(|| (request.headers().clone(), uri.path_and_query().map_or("/", |uri| uri.as_str()).to_owned()));
    let method = request.method().clone();
    request.extensions_mut().insert(language);
    let response = match app.places().clone().try_acquire_owned() {
        Ok(place) => {
            let response = within_time(next.run(request)).await;
            drop(place);
            response
        }
        Err(_) => come_back(Code::Busy).into_response(),
    };
    // A reader who is known has said elsewhere which language it reads.
    let language = response
        .extensions()
        .get::<Session>()
        .filter(|_| !path.starts_with(API))
        .map_or(language, |session| session.language);
    let mut response = match reader {
        Some((headers, here)) => {
            let reads = method == http::Method::GET && !headers.contains_key("hx-request");
            told_to_person(&app, response, (&headers, &here, reads), (language, &trace.trace_id))
        }
        None => told(response, language, &path, &trace.trace_id),
    };
    dress(response.headers_mut(), language);
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&trace.request_id) {
        headers.insert(REQUEST_ID, id);
    }
    let route = response
        .extensions()
        .get::<Answered>()
        .map_or_else(|| "unmatched".to_owned(), |answered| answered.0.to_string());
    let took = app.desk.clock.monotonic().saturating_sub(began);
    measure(&route, method.as_str(), response.status(), took, &trace);
    response
}

fn measure(route: &str, method: &str, status: StatusCode, took: Duration, trace: &Trace) {
    let method = match method {
        known @ ("GET" | "HEAD" | "POST" | "PATCH" | "DELETE" | "PUT" | "OPTIONS") => known.to_owned(),
        _ => "OTHER".to_owned(),
    };
    let labels = [("route", route.to_owned()), ("method", method.clone()), ("status", status.as_u16().to_string())];
    metrics::histogram!("borgen_http_request_duration_seconds", &labels).record(took);
    let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    tracing::info!(
        http.route = route,
        http.method = method,
        http.status = status.as_u16(),
        request.id = trace.request_id,
        duration_ms = milliseconds,
        "answered"
    );
}

/// People choose the language of their pages; programs say it with each request.
fn language_of(path: &str, headers: &HeaderMap) -> Language {
    let chosen =
        if path.starts_with(API) { None } else { Preferences::read(headers, &LooksChosen::default()).language };
    chosen.unwrap_or_else(|| Language::accepted(text_of(headers, &header::ACCEPT_LANGUAGE)))
}

/// Puts on the headers that every answer carries, and those of pages on pages. What pages load is kept by browsers.
fn dress(headers: &mut HeaderMap, language: Language) {
    for (name, value) in SECURITY_HEADERS {
        if name != header::CACHE_CONTROL || !headers.contains_key(header::ETAG) || !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    if text_of(headers, &header::CONTENT_TYPE).is_some_and(|kind| kind.starts_with("text/html")) {
        for (name, value) in pages::HEADERS {
            headers.insert(name, value);
        }
    }
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language.code()));
    if !headers.contains_key(header::VARY) {
        let vary = "accept, accept-language, authorization, cookie, hx-request, hx-target";
        headers.insert(header::VARY, HeaderValue::from_static(vary));
    }
}

/// The answer, with a page for its problem if it is one.
fn told_to_person(
    app: &App,
    response: Response,
    (headers, here, reads): (&HeaderMap, &str, bool),
    (language, trace): (Language, &str),
) -> Response {
    let Some(problem) = response.extensions().get::<Problem>().cloned().or_else(|| unspoken(&response)) else {
        return response;
    };
    if problem.code == Code::Unauthenticated && reads {
        // Who opens a page without having signed in is led to where one does, and afterwards back.
        return pages::problem::to_sign_in(here);
    }
    let session = response.extensions().get::<Session>().cloned();
    let page = pages::problem::shown(app, session, &problem, (headers, here), (language, trace));
    let (mut parts, _) = response.into_parts();
    let (of_page, body) = page.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.extend(of_page.headers);
    Response::from_parts(parts, body)
}

/// A problem of the moment: the caller may come back.
pub(crate) fn come_back(code: Code) -> Problem {
    let mut problem = Problem::from(code);
    problem.retry_after_seconds = Some(COME_BACK_SECONDS);
    problem
}

/// A handler that takes longer is dropped; what it had appended stays, and its key tells a repeat from a new wish.
async fn within_time(answer: impl Future<Output = Response>) -> Response {
    let answered = tokio::time::timeout(Duration::from_secs(MAX_REQUEST_SECONDS), answer).await;
    answered.unwrap_or_else(|_| come_back(Code::TimedOut).into_response())
}

/// The answer, with the body of its problem if it is one.
fn told(response: Response, language: Language, path: &str, trace_id: &str) -> Response {
    let Some(problem) = response.extensions().get::<Problem>().cloned().or_else(|| unspoken(&response)) else {
        return response;
    };
    let (mut parts, _) = response.into_parts();
    let details = details(problem, language, path, trace_id);
    parts
        .headers
        .insert(ERROR_CODE, HeaderValue::from_str(&details.code).unwrap_or(HeaderValue::from_static("internal")));
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
    parts.headers.remove(header::CONTENT_LENGTH);
    let body = serde_json::to_vec(&details).unwrap_or_default();
    Response::from_parts(parts, Body::from(body))
}

/// What the router itself refuses has no body yet.
fn unspoken(response: &Response) -> Option<Problem> {
    let is_spoken = response.headers().contains_key(header::CONTENT_TYPE) && !is_plain(response.headers());
    let code = match response.status() {
        StatusCode::NOT_FOUND => Code::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => Code::MethodNotAllowed,
        StatusCode::PAYLOAD_TOO_LARGE => Code::BodyTooLarge,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Code::UnsupportedMediaType,
        status if status.is_server_error() && !is_spoken => Code::Internal,
        status if status.is_client_error() => Code::BadRequest,
        _ => return None,
    };
    (!is_spoken).then(|| code.into())
}

fn is_plain(headers: &HeaderMap) -> bool {
    text_of(headers, &header::CONTENT_TYPE).is_some_and(|kind| kind.starts_with("text/plain"))
}

fn details(problem: Problem, language: Language, path: &str, trace_id: &str) -> ProblemDetails {
    let problem = *problem.0;
    let word = problem.code.word();
    let key = format!("problem-{word}");
    ProblemDetails {
        kind: format!("urn:borgen:problem:{word}"),
        title: language.text(&key, None, &problem.args),
        status: problem.code.status().as_u16(),
        detail: language.text(&key, Some("detail"), &problem.args),
        instance: path.to_owned(),
        code: word.to_owned(),
        errors: problem.errors,
        roles: problem.roles,
        reasons: reasons(&problem.reasons, language),
        trace_id: trace_id.to_owned(),
    }
}

fn trace_of(app: &App, headers: &HeaderMap) -> Trace {
    let given = text_of(headers, &REQUEST_ID).filter(|id| is_request_id(id)).map(str::to_owned);
    let request_id = given.unwrap_or_else(|| app.entropy.key().as_simple().to_string());
    // W3C trace context: version-traceid-parent-flags.
    let traced =
        text_of(headers, &TRACEPARENT).and_then(|parent| parent.split('-').nth(1)).filter(|id| is_trace_id(id));
    let trace_id = traced.map_or_else(|| request_id.clone(), str::to_owned);
    Trace { request_id, trace_id }
}

fn is_request_id(id: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte);
    !id.is_empty() && id.len() <= MAX_REQUEST_ID_BYTES && id.bytes().all(allowed)
}

fn is_trace_id(id: &str) -> bool {
    id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()) && id.bytes().any(|byte| byte != b'0')
}

/// The text of a header, if it has one.
pub(crate) fn text_of<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
