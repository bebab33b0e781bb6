//! The receivers of messages take what fits and nothing else, know a repeat, and fail as they are told.

use crate::caller::Desk;
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use sandbox::{Fault, FaultRule, RECEIVER_SECRET, ReceiverKind, Request};
use serde_json::{Value, json};

fn signed(id: &str, seconds: i64, body: &Value, secret: &str) -> Request {
    let key = hmac::Key::new(hmac::HMAC_SHA256, &STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap());
    let text = format!("{id}.{seconds}.{body}");
    let signature = format!("v1,{}", STANDARD.encode(hmac::sign(&key, text.as_bytes())));
    Request::new(Method::POST, "/receivers/webhook/anna")
        .with_json(body)
        .with_header("webhook-id", id)
        .with_header("webhook-timestamp", &seconds.to_string())
        .with_header("webhook-signature", &signature)
}

fn told() -> Value {
    json!({"type": "action.approval_wanted", "data": {"title": "wake up", "link": "https://x/actions/1"}})
}

fn card() -> Value {
    json!({"type": "message", "attachments": [{
        "contentType": "application/vnd.microsoft.card.adaptive",
        "content": {"type": "AdaptiveCard", "version": "1.4", "body": [{"type": "TextBlock", "text": "wake up"}],
            "actions": [{"type": "Action.OpenUrl", "url": "https://x/actions/1"}]},
    }]})
}

#[test]
fn a_signed_message_is_taken_and_a_repeat_is_known_by_its_id() {
    let mut desk = Desk::open(3);
    let now = desk.now.as_second();
    let other = "whsec_YmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJi";
    let table = [
        (signed("one", now, &told(), RECEIVER_SECRET), 204),
        (signed("one", now, &told(), RECEIVER_SECRET), 204),
        (signed("two", now, &told(), other), 401),
        (signed("two", now - 301, &told(), RECEIVER_SECRET), 401),
        (signed("two", now, &json!({"data": {}}), RECEIVER_SECRET), 400),
        (Request::new(Method::POST, "/receivers/webhook/anna").with_json(&told()), 401),
    ];
    for (request, status) in table {
        assert_eq!(desk.world.handle(desk.now, &request).response.status, status, "{request:?}");
    }
    let [received] = desk.world.received() else { panic!("one message: {:?}", desk.world.received()) };
    assert_eq!((received.kind, received.name.as_str(), received.times), (ReceiverKind::Webhook, "anna", 2));
    assert_eq!(received.link.as_deref(), Some("https://x/actions/1"));
}

#[test]
fn teams_takes_cards_only() {
    let mut desk = Desk::open(3);
    let mut post = |body: &Value| {
        let request = Request::new(Method::POST, "/receivers/teams/desk").with_json(body);
        desk.world.handle(desk.now, &request).response.status
    };
    assert_eq!(post(&card()), 202);
    assert_eq!(post(&json!({"text": "an old message card"})), 400);
    let mut other = card();
    other["attachments"][0]["contentType"] = json!("text/html");
    assert_eq!(post(&other), 400);
    let [received] = desk.world.received() else { panic!("one card") };
    assert_eq!((received.kind, received.title.as_str()), (ReceiverKind::Teams, "wake up"));
}

#[test]
fn receivers_fail_as_they_are_told() {
    let mut desk = Desk::open(3);
    let faults = [
        (Fault::ThrottledWithRetryAfter, 429),
        (Fault::UnavailableBefore, 503),
        (Fault::UnavailableAfter, 503),
        (Fault::ReceiverGone, 410),
    ];
    for (fault, status) in faults {
        desk.world.faults_mut().add(FaultRule::next_calls(fault, "receiver_teams", 1));
        let request = Request::new(Method::POST, "/receivers/teams/desk").with_json(&card());
        assert_eq!(desk.world.handle(desk.now, &request).response.status, status);
        assert_eq!(desk.world.faults().count(fault), 1);
    }
    assert_eq!(desk.world.received().len(), 1, "the 503 after the act had taken the card");
}
