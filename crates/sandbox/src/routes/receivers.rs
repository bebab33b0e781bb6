//! The receivers of messages: a webhook that checks its signature, and a workflow of Teams that takes nothing but a card.
//! Neither is Microsoft's own; they stand here since the rest of the simulated world does.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::exchange::{Request, Response};
use crate::faults::Fault;
use crate::routes::Context;
use crate::state::receivers::{Received, ReceiverKind};
use crate::world::World;

/// The key that messages to the webhook are signed with; worthless outside this world.
pub const RECEIVER_SECRET: &str = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
/// How far the time of a message may be from this world's, in seconds.
const TOLERANCE_SECONDS: i64 = 300;
/// The largest card that Teams takes.
const MAX_CARD_BYTES: usize = 28 * 1024;

/// A message at the signed webhook.
pub(crate) fn webhook(world: &mut World, context: &Context<'_>, name: &str) -> Response {
    if let Some(gone) = gone(world, context) {
        return gone;
    }
    let Some((id, seconds)) = signed(context.request) else {
        return Response::json(401, &json!({"error": "the signature does not fit"}));
    };
    if (world.now.as_second() - seconds).abs() > TOLERANCE_SECONDS {
        return Response::json(401, &json!({"error": "the message is too old or too new"}));
    }
    let Ok(body) = serde_json::from_slice::<Value>(&context.request.body) else {
        return Response::json(400, &json!({"error": "no JSON"}));
    };
    let data = body.get("data").cloned().unwrap_or_default();
    let Some(title) = data.get("title").and_then(Value::as_str).map(str::to_owned) else {
        return Response::json(400, &json!({"error": "no title"}));
    };
    let link = data.get("link").and_then(Value::as_str).map(str::to_owned);
    world.receivers.take(Received {
        kind: ReceiverKind::Webhook,
        name: name.to_owned(),
        at: world.now,
        id: Some(id),
        title,
        link,
        times: 1,
    });
    Response::empty(204)
}

/// The id and time of a message whose signature fits.
fn signed(request: &Request) -> Option<(String, i64)> {
    let (id, time) = (request.header("webhook-id")?, request.header("webhook-timestamp")?);
    let key = STANDARD.decode(RECEIVER_SECRET.strip_prefix("whsec_")?).ok()?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    let mut text = format!("{id}.{time}.").into_bytes();
    text.extend_from_slice(&request.body);
    let fits = |signature: &str| {
        let given = signature.strip_prefix("v1,").and_then(|signature| STANDARD.decode(signature).ok());
        given.is_some_and(|given| hmac::verify(&key, &text, &given).is_ok())
    };
    let good = request.header("webhook-signature")?.split(' ').any(fits);
    good.then(|| Some((id.to_owned(), time.parse().ok()?))).flatten()
}

/// A card at a workflow of Teams.
pub(crate) fn teams(world: &mut World, context: &Context<'_>, name: &str) -> Response {
    if let Some(gone) = gone(world, context) {
        return gone;
    }
    let body = &context.request.body;
    let message = serde_json::from_slice::<Value>(body).ok().filter(|_| body.len() <= MAX_CARD_BYTES);
    let card = message.as_ref().and_then(card_of);
    let Some((title, link)) = card else {
        return Response::json(400, &json!({"error": {"code": "WorkflowTriggerIsNotEnabled", "message": "no card"}}));
    };
    let received =
        Received { kind: ReceiverKind::Teams, name: name.to_owned(), at: world.now, id: None, title, link, times: 1 };
    world.receivers.take(received);
    Response::empty(202)
}

/// Title and link of the one card of a message; nothing when it is not of the documented shape.
fn card_of(body: &Value) -> Option<(String, Option<String>)> {
    let is = |value: &Value, key: &str, wanted: &str| value.get(key).and_then(Value::as_str) == Some(wanted);
    let attachment = body.get("attachments")?.as_array()?.first()?;
    let card = attachment.get("content")?;
    let fits = is(body, "type", "message")
        && is(attachment, "contentType", "application/vnd.microsoft.card.adaptive")
        && is(card, "type", "AdaptiveCard")
        && card.get("version").and_then(Value::as_str).is_some();
    let blocks = card.get("body").and_then(Value::as_array).filter(|_| fits)?;
    let title = blocks.first()?.get("text")?.as_str()?.to_owned();
    let action = card.get("actions").and_then(Value::as_array).and_then(|actions| actions.first());
    let link = action.filter(|action| is(action, "type", "Action.OpenUrl")).and_then(|action| action.get("url"));
    Some((title, link.and_then(Value::as_str).map(str::to_owned)))
}

/// A workflow whose owner has left, or a webhook that was taken away.
fn gone(world: &mut World, context: &Context<'_>) -> Option<Response> {
    world.faults.strike(Fault::ReceiverGone, context.call.name(), 0)?;
    Some(Response::json(410, &json!({"error": "gone"})))
}
