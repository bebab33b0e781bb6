//! The webhook registration and its test events (microsoft.md 3.1).

use serde_json::{Map, Value, json};

use crate::exchange::Response;
use crate::loose;
use crate::refusal;
use crate::routes::{Context, views};
use crate::state::webhook::{EVENT_NAMES, MAX_TESTS, Registration, TestEvent};
use crate::world::World;

/// Answers the names of the events that can be sent.
pub(crate) fn events() -> Response {
    Response::json(200, &json!(EVENT_NAMES))
}

/// Answers the registration.
pub(crate) fn view(world: &World) -> Response {
    match &world.webhooks.registration {
        None => not_registered(),
        Some(registration) => {
            Response::json(200, &json!({"WebhookUrl": registration.url, "WebhookEvents": registration.events}))
        }
    }
}

fn not_registered() -> Response {
    refusal::classic(404, "2000", "The partner has no webhook registration.")
}

/// Registers or changes the registration; there is one per partner tenant.
pub(crate) fn register(world: &mut World, context: &Context<'_>) -> Response {
    let body = match context.body() {
        Ok(body) => body,
        Err(refused) => return *refused,
    };
    let url = loose::text(&body, "WebhookUrl").unwrap_or_default().to_owned();
    let events = loose::texts(&body, "WebhookEvents");
    let known = events.iter().all(|event| EVENT_NAMES.contains(&event.as_str()));
    if !(url.starts_with("https://") || url.starts_with("http://")) || events.is_empty() || !known {
        return refusal::classic(400, "2000", "The webhook address or the list of events is not valid.");
    }
    let before = state(world);
    let subscriber = match &world.webhooks.registration {
        Some(registration) => registration.subscriber,
        None => world.draw.guid(),
    };
    let own_header = loose::truth(&body, "SignatureTokenToMsSignatureHeader").unwrap_or(false);
    world.webhooks.registration = Some(Registration { subscriber, url, events, own_header });
    let after = state(world);
    let cause = context.cause();
    world.note("webhookRegistration", subscriber.to_string(), None, &cause, (before, after.clone()));
    let mut answer = Map::new();
    answer.insert("SubscriberId".to_owned(), json!(subscriber.to_string()));
    if let Value::Object(members) = after {
        answer.extend(members);
    }
    Response::json(200, &Value::Object(answer))
}

fn state(world: &World) -> Value {
    world.webhooks.registration.as_ref().map_or(
        Value::Null,
        |registration| json!({"WebhookUrl": registration.url, "WebhookEvents": registration.events}),
    )
}

/// Sends a test event to the registered address; two a minute are allowed.
pub(crate) fn send_test(world: &mut World) -> Response {
    let Some(registration) = world.webhooks.registration.clone() else {
        return not_registered();
    };
    if !registration.events.iter().any(|event| event == "test-created") {
        return refusal::classic(400, "2000", "The registration does not include test-created.");
    }
    let id = world.draw.guid().to_string();
    if world.webhooks.tests.len() >= MAX_TESTS {
        world.webhooks.tests.pop_first();
    }
    let test = TestEvent { callback: registration.url, attempts: Vec::new() };
    world.webhooks.tests.insert(id.clone(), test);
    let body = json!({
        "EventName": "test-created",
        "ResourceUri": format!("https://api.partnercenter.microsoft.com/webhooks/v1/registration/validationEvents/{id}"),
        "ResourceName": "test",
        "AuditUri": Value::Null,
        "ResourceChangeUtcDate": views::webhook_date(world.now),
    });
    world.raise_webhook("test-created", &body, Some(id.clone()));
    Response::json(200, &json!({"correlationId": id}))
}

/// Answers how the attempts to deliver a test event went.
pub(crate) fn test_result(world: &World, id: &str) -> Response {
    let Some(test) = world.webhooks.tests.get(id) else {
        return refusal::classic(404, "2000", "The test event was not found.");
    };
    let results: Vec<Value> = test
        .attempts
        .iter()
        .map(|attempt| {
            json!({
                "responseCode": attempt.status.map_or_else(|| "ConnectFailure".to_owned(), code_word),
                "responseMessage": "",
                "systemError": attempt.status.is_none(),
                "dateTimeUtc": views::webhook_date(attempt.at),
            })
        })
        .collect();
    let done = test.attempts.last().is_some_and(|attempt| attempt.status.is_some_and(|code| code < 300));
    Response::json(
        200,
        &json!({
            "correlationId": id,
            "partnerId": world.partner.tenant.to_string(),
            "status": if done { "completed" } else { "pending" },
            "callbackUrl": test.callback,
            "results": results,
        }),
    )
}

fn code_word(status: u16) -> String {
    match status {
        200 => "OK".to_owned(),
        202 => "Accepted".to_owned(),
        204 => "NoContent".to_owned(),
        401 => "Unauthorized".to_owned(),
        500 => "InternalServerError".to_owned(),
        other => other.to_string(),
    }
}
