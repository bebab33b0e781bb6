//! The description of the interface as `OpenAPI` 3.1, made from the table of routes: what every route has in common
//! is added here, so that no handler can leave it out.

use crate::access::Access;
use crate::body::etag;
use crate::problem::{PROBLEM_JSON, ProblemDetails};
use crate::route::Route;
use crate::routes;
use axum::http::{Method, header};
use axum::response::IntoResponse;
use serde_json::{Map, Value, json};
use std::sync::LazyLock;
use utoipa::{PartialSchema, ToSchema};

static TEXT: LazyLock<String> = LazyLock::new(text);

/// The description, as checked in under `docs/openapi.json`.
#[must_use]
pub fn text() -> String {
    let mut text = serde_json::to_string_pretty(&document()).unwrap_or_default();
    text.push('\n');
    text
}

/// The description of this interface.
#[utoipa::path(get, path = "/openapi.json", tag = "about", operation_id = "describe",
    responses((status = 200, description = "The description of this interface.", body = Value)))]
pub(crate) async fn show() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], TEXT.as_str())
}

fn document() -> Value {
    let mut paths = Map::new();
    let mut schemas = Map::new();
    let mut add = |name: String, schema: Value| {
        schemas.entry(name).or_insert(schema);
    };
    for route in routes::all().into_iter().filter(|route| !route.is_page()) {
        for (name, schema) in &route.schemas {
            add(name.clone(), serde_json::to_value(schema).unwrap_or_default());
        }
        let operation = operation(&route);
        let item = paths.entry(route.path.clone()).or_insert_with(|| json!({}));
        if let Some(item) = item.as_object_mut() {
            item.insert(route.method.as_str().to_ascii_lowercase(), operation);
        }
    }
    let mut common = Vec::new();
    ProblemDetails::schemas(&mut common);
    common.push((ProblemDetails::name().into_owned(), ProblemDetails::schema()));
    for (name, schema) in common {
        add(name, serde_json::to_value(schema).unwrap_or_default());
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Borgen",
            "description": "What stands between a cloud solution provider and the loss of its customers' fraud and misuse.",
            "version": env!("CARGO_PKG_VERSION"),
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"}
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": {"Problem": {
                "description": "What did not go, as problem details (RFC 9457).",
                "headers": {"x-error-code": {"description": "The code of the problem.", "schema": {"type": "string"}}},
                "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}}
            }},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}
        }
    })
}

fn operation(route: &Route) -> Value {
    let mut operation = route.operation.clone();
    let Some(fields) = operation.as_object_mut() else { return operation };
    let mut parameters = fields.get("parameters").and_then(Value::as_array).cloned().unwrap_or_default();
    parameters.extend(path_parameters(route, &parameters));
    parameters.extend(header_parameters(route));
    if !parameters.is_empty() {
        fields.insert("parameters".to_owned(), Value::Array(parameters));
    }
    if let Access::Needs(needs) = route.access {
        fields.insert("security".to_owned(), json!([{"token": []}]));
        let roles: Vec<&str> = needs.roles().into_iter().map(domain::permission::Role::word).collect();
        fields.insert("x-roles".to_owned(), json!(roles));
        fields.insert("x-whole-partner".to_owned(), json!(needs.whole_partner));
    }
    if let Some(responses) = fields.get_mut("responses").and_then(Value::as_object_mut) {
        for status in problem_statuses(route) {
            responses.entry(status).or_insert_with(|| json!({"$ref": "#/components/responses/Problem"}));
        }
    }
    operation
}

/// The ids in the address that the handler did not describe itself.
fn path_parameters(route: &Route, known: &[Value]) -> Vec<Value> {
    let is_known =
        |name: &str| known.iter().any(|parameter| parameter.get("name").and_then(Value::as_str) == Some(name));
    let names = route.path.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name);
    names
        .filter(|name| !is_known(name))
        .map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string", "maxLength": 200}}))
        .collect()
}

fn header_parameters(route: &Route) -> Vec<Value> {
    let mut parameters = Vec::new();
    if route.method == Method::POST && route.access != Access::Public {
        parameters.push(json!({
            "name": "Idempotency-Key", "in": "header", "required": false,
            "description": "Sent again within a day, the same request is answered as before and not carried out again.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"}
        }));
    }
    if route.changes {
        parameters.push(json!({
            "name": "If-Match", "in": "header", "required": true,
            "description": "The `ETag` of the state that the change is based on.",
            "schema": {"type": "string"}, "example": etag(7)
        }));
    }
    parameters
}

/// The statuses of problems that a route can answer with.
fn problem_statuses(route: &Route) -> Vec<&'static str> {
    let mut statuses = vec!["400", "406", "500", "503"];
    if route.access != Access::Public {
        statuses.extend(["401", "403"]);
    }
    if route.path.contains('{') {
        statuses.push("404");
    }
    if route.method != Method::GET {
        statuses.extend(["404", "409", "413", "415", "422"]);
    }
    if route.changes {
        statuses.extend(["412", "428"]);
    }
    statuses
}
