//! What leaves the house: signed as the specification's own example, a card of the documented shape, and nothing that
//! tells of whom it is.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::cases::Mark;
use domain::ids::{ActionId, CaseId};
use domain::paging::{Language, PageAbout};
use hmac::{Hmac, KeyInit, Mac};
use outside::{Channel, ChannelKind, Message, Posted, Subject};
use secrecy::SecretString;
use serde_json::Value;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn message(subject: Subject, language: Language) -> Message {
    Message {
        id: "msg_1".to_owned(),
        subject,
        language,
        at: "2026-11-20T03:00:00Z".parse().unwrap(),
        base: Some("https://borgen.example.se/".to_owned()),
    }
}

fn posted(kind: ChannelKind, message: &Message) -> Posted {
    let secret = (kind == ChannelKind::Webhook).then(|| SecretString::from(SECRET));
    Channel::new(kind, "https://example.se/hook".into(), secret).unwrap().request(message).unwrap()
}

fn approval() -> Subject {
    Subject::Page(PageAbout::Approval { action: ActionId(uuid()) })
}

fn uuid() -> uuid::Uuid {
    "0199aaaa-0000-7000-8000-000000000001".parse().unwrap()
}

#[test]
fn a_webhook_is_signed_over_id_time_and_body() {
    let sent = posted(ChannelKind::Webhook, &message(approval(), Language::En));
    let header = |name: &str| sent.headers.iter().find(|(known, _)| *known == name).unwrap().1.clone();
    let key = STANDARD.decode(SECRET.strip_prefix("whsec_").unwrap()).unwrap();
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(&key).unwrap();
    mac.update(format!("{}.{}.", header("webhook-id"), header("webhook-timestamp")).as_bytes());
    mac.update(&sent.body);
    assert_eq!(header("webhook-signature"), format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())));
    assert_eq!((header("webhook-id").as_str(), header("webhook-timestamp").as_str()), ("msg_1", "1795143600"));
    let body: Value = serde_json::from_slice(&sent.body).unwrap();
    assert_eq!(body["type"], "action.approval_wanted");
    assert_eq!(body["data"]["link"], "https://borgen.example.se/actions/0199aaaa-0000-7000-8000-000000000001");
}

#[test]
fn a_card_has_title_text_id_and_a_button_in_the_receivers_language() {
    for (language, title, button) in [
        (Language::En, "Emergency: an action waits for your approval", "Open the proposal"),
        (Language::Sv, "Nödläge: en åtgärd väntar på ditt godkännande", "Öppna förslaget"),
    ] {
        let sent = posted(ChannelKind::Teams, &message(approval(), language));
        let body: Value = serde_json::from_slice(&sent.body).unwrap();
        assert_eq!(body["type"], "message");
        let attachment = &body["attachments"][0];
        assert_eq!(attachment["contentType"], "application/vnd.microsoft.card.adaptive");
        let card = &attachment["content"];
        assert_eq!((card["type"].as_str(), card["version"].as_str()), (Some("AdaptiveCard"), Some("1.4")));
        assert_eq!(card["body"][0]["text"], title);
        assert_eq!(
            (&card["actions"][0]["type"], &card["actions"][0]["title"]),
            (&"Action.OpenUrl".into(), &button.into())
        );
        assert!(sent.body.len() < 20_000);
    }
}

#[test]
fn a_message_without_a_known_address_of_the_pages_still_has_the_id() {
    let mut message = message(approval(), Language::En);
    message.base = None;
    let sent = posted(ChannelKind::Teams, &message);
    let body: Value = serde_json::from_slice(&sent.body).unwrap();
    let card = &body["attachments"][0]["content"];
    assert_eq!(card["actions"], serde_json::json!([]));
    assert_eq!(card["body"][2]["facts"][0]["value"], "0199aaaa-0000-7000-8000-000000000001");
}

#[test]
fn each_subject_leads_to_its_own_page() {
    let answer = |mark| Subject::Page(PageAbout::Answer { case: CaseId(uuid()), mark });
    let table = [
        (answer(Mark::Target), "alert.answer_target_near", "/cases/0199aaaa-0000-7000-8000-000000000001"),
        (answer(Mark::Limit), "alert.answer_limit_near", "/cases/0199aaaa-0000-7000-8000-000000000001"),
        (Subject::Test, "channel.test", "/"),
    ];
    for (subject, kind, path) in table {
        let sent = posted(ChannelKind::Webhook, &message(subject, Language::Sv));
        let body: Value = serde_json::from_slice(&sent.body).unwrap();
        assert_eq!(body["type"], kind);
        assert_eq!(body["data"]["link"], format!("https://borgen.example.se{path}"));
    }
}
