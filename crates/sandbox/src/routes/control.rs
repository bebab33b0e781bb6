//! The control plane under `/sandbox`: plainly not Microsoft's. Tests and demonstrations set faults, raise alerts,
//! start stories and read what is true. Time and stopping belong to the shell.

use std::collections::BTreeMap;

use http::Method;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::exchange::{Request, Response};
use crate::faults::{Fault, FaultRule};
use crate::state::change::Change;
use crate::world::{AlertRequest, Intake, Switches, World};

/// Entries of the change log, or customers, in one answer.
pub(crate) const MAX_CONTROL_PAGE: usize = 1_000;

/// Answers one call of the control plane; `path` is in lower case.
pub(crate) fn answer(world: &mut World, request: &Request, path: &str) -> Response {
    let query = request.query();
    let number = |name: &str, default: usize| query.get(name).and_then(|text| text.parse().ok()).unwrap_or(default);
    match (&request.method, path.trim_end_matches('/')) {
        (&Method::GET, "/sandbox") => Response::json(200, &index()),
        (&Method::GET, "/sandbox/credentials") => Response::json(200, &credentials(world)),
        (&Method::GET, "/sandbox/trust-root.pem") => {
            Response::bytes("application/x-pem-file", world.trust_root_pem().as_bytes().to_vec())
        }
        (&Method::GET, "/sandbox/faults") => Response::json(200, &json!(world.faults().rules())),
        (&Method::DELETE, "/sandbox/faults") => {
            world.faults_mut().clear();
            Response::empty(204)
        }
        (&Method::POST, "/sandbox/faults") => read(request, |rules: Vec<FaultRule>| add_faults(world, rules)),
        (&Method::GET, "/sandbox/counters") => Response::json(200, &counters(world)),
        (&Method::GET, "/sandbox/switches") => Response::json(200, &json!(world.switches)),
        (&Method::PUT, "/sandbox/switches") => read(request, |switches: Switches| {
            world.switches = switches;
            Response::json(200, &json!(world.switches))
        }),
        (&Method::GET, "/sandbox/changes") => {
            let after = query.get("after").and_then(|text| text.parse().ok()).unwrap_or(0);
            let limit = number("limit", MAX_CONTROL_PAGE).min(MAX_CONTROL_PAGE);
            let changes: Vec<&Change> = world.changes().after(after).take(limit).collect();
            Response::json(200, &json!({"total": world.changes().total(), "changes": changes}))
        }
        (&Method::GET, "/sandbox/customers") => {
            let limit = number("limit", MAX_CONTROL_PAGE).min(MAX_CONTROL_PAGE);
            let from = number("from", 0);
            let customers: Vec<_> =
                (from..from.saturating_add(limit)).map_while(|place| world.customer_truth(place)).collect();
            Response::json(200, &json!({"total": world.customer_count(), "customers": customers}))
        }
        (&Method::POST, "/sandbox/alerts") => read(request, |alert: AlertRequest| match world.raise_alert(&alert) {
            Some(id) => Response::json(201, &json!({"id": id})),
            None => Response::json(404, &json!({"error": "no such Azure subscription"})),
        }),
        (&Method::POST, "/sandbox/reenable") => {
            read(request, |target: Target| match world.reenable(target.subscription) {
                Some(worked) => Response::json(200, &json!({"worked": worked})),
                None => Response::json(404, &json!({"error": "no such Azure subscription"})),
            })
        }
        (&Method::POST, "/sandbox/term-end") => read(request, |end: TermEnd| {
            if world.cancel_at_term_end(end.customer, end.subscription, end.cancel) {
                Response::empty(204)
            } else {
                Response::json(404, &json!({"error": "no such seat subscription"}))
            }
        }),
        (&Method::PUT, "/sandbox/intake") => read(request, |intake: Intake| {
            world.set_intake(Some(intake));
            Response::empty(204)
        }),
        (&Method::GET, "/sandbox/received") => Response::json(200, &json!({"received": world.received()})),
        (&Method::GET, "/sandbox/parked") => Response::json(200, &parked(world)),
        (method, path) => crate::story::control(world, request, (method, path))
            .unwrap_or_else(|| Response::json(404, &json!({"error": "no such control"}))),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Target {
    subscription: Uuid,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TermEnd {
    customer: Uuid,
    subscription: Uuid,
    cancel: bool,
}

/// Reads a JSON body and goes on with it, or says what is wrong with it.
pub(crate) fn read<T: DeserializeOwned>(request: &Request, go_on: impl FnOnce(T) -> Response) -> Response {
    let body: &[u8] = if request.body.is_empty() { b"{}" } else { &request.body };
    match serde_json::from_slice(body) {
        Ok(value) => go_on(value),
        Err(error) => Response::json(400, &json!({"error": error.to_string()})),
    }
}

fn add_faults(world: &mut World, rules: Vec<FaultRule>) -> Response {
    let added = rules.into_iter().filter(|rule| world.faults_mut().add(rule.clone())).count();
    Response::json(200, &json!({"added": added, "rules": world.faults().rules()}))
}

fn credentials(world: &World) -> Value {
    let mut body = json!(world.credentials());
    if let Value::Object(members) = &mut body {
        members.insert("authorizationCode".to_owned(), json!(world.key.seal("authorization code", "0")));
        members.insert("trustRootPem".to_owned(), json!(world.trust_root_pem()));
    }
    body
}

fn counters(world: &World) -> Value {
    let faults: BTreeMap<Fault, u64> = world.faults().made().clone();
    json!({
        "faults": faults,
        "calls": world.calls,
        "changes": world.changes().total(),
        "webhooksRaised": world.webhooks.raised,
        "parcels": {
            "waiting": world.outbox.waiting(),
            "delivered": world.outbox.delivered,
            "parked": world.outbox.parked_total,
            "refusedForRoom": world.outbox.refused_for_room,
        },
        "recordsTold": world.records_told,
        "recordsPushed": world.records_pushed,
        "customers": world.customer_count(),
    })
}

fn parked(world: &World) -> Value {
    let list: Vec<Value> = world
        .outbox
        .parked()
        .iter()
        .map(|parcel| {
            json!({
                "id": parcel.id,
                "kind": format!("{:?}", parcel.kind),
                "url": parcel.url,
                "attempts": parcel.attempt,
                "body": String::from_utf8_lossy(&parcel.body),
            })
        })
        .collect();
    json!({"parked": list})
}

fn index() -> Value {
    json!({
        "about": "The control plane of the simulated Microsoft. Nothing here exists at Microsoft.",
        "controls": [
            "GET /sandbox/credentials", "GET /sandbox/trust-root.pem",
            "GET|POST|DELETE /sandbox/faults", "GET /sandbox/counters", "GET|PUT /sandbox/switches",
            "GET /sandbox/changes?after=&limit=", "GET /sandbox/customers?from=&limit=",
            "POST /sandbox/alerts", "POST /sandbox/reenable", "POST /sandbox/term-end", "PUT /sandbox/intake", "GET /sandbox/parked", "GET /sandbox/received",
            "GET|POST /sandbox/stories", "POST /sandbox/history", "GET|POST /sandbox/time", "POST /sandbox/stop",
        ],
    })
}
