//! The four shapes in which Microsoft says no (E1 classic, E2 newer, E3 gateway, E4 Graph and Azure).
//! Which rule was broken is decided where the rule lives.

use serde_json::json;

use crate::exchange::Response;

/// A refusal on its way up; boxed because it is the rare way out of a function.
pub(crate) type Refused = Box<Response>;

/// E1: most of Partner Center's version 1; the code is a string.
pub(crate) fn classic(status: u16, code: &str, description: &str) -> Response {
    Response::json(status, &json!({"code": code, "description": description, "data": [], "source": "PartnerCenter"}))
}

/// E2: agreements, validation status and later services; the code is a number.
pub(crate) fn newer(status: u16, code: u32, name: &str, message: &str) -> Response {
    Response::json(
        status,
        &json!({
            "code": code,
            "message": message,
            "description": message,
            "errorName": name,
            "isRetryable": false,
            "parameters": {},
            "errorMessageExtended": format!("InternalErrorCode={code}"),
        }),
    )
}

/// E3: the gateway's 429; `Retry-After` is sent only when `announced`.
pub(crate) fn throttled(retry_after_seconds: u32, announced: bool) -> Response {
    let response = Response::json(
        429,
        &json!({
            "statusCode": 429,
            "message": format!("Rate limit is exceeded. Try again in {retry_after_seconds} seconds."),
        }),
    );
    if announced { response.with_header("retry-after", &retry_after_seconds.to_string()) } else { response }
}

/// E4: Graph and Azure Resource Manager.
pub(crate) fn nested(status: u16, code: &str, message: &str) -> Response {
    Response::json(status, &json!({"error": {"code": code, "message": message, "innerError": {}}}))
}

/// E4 as the activity log writes it: not nested.
pub(crate) fn flat(status: u16, code: &str, message: &str) -> Response {
    Response::json(status, &json!({"code": code, "message": message}))
}

/// The token service's form.
pub(crate) fn token(status: u16, error: &str, description: &str) -> Response {
    Response::json(status, &json!({"error": error, "error_description": description, "error_codes": []}))
}

/// The answer of a server that is down for a moment.
pub(crate) fn unavailable() -> Response {
    let mut response = Response::empty(503);
    response.body = b"The service is unavailable.".to_vec();
    response.with_header("content-type", "text/plain")
}
