//! Webhooks as delivered: five documented keys, a signature over the raw body, a certificate below the local root.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sandbox::{AlertRequest, Fault, FaultRule, Outcome, Outgoing, ParcelKind, SIGNER_NAME};
use serde_json::{Value, json};
use x509_parser::prelude::{FromDer, X509Certificate, parse_x509_pem};

use crate::caller::{Desk, refusal, text};
use crate::partner_center::keys;

const REGISTRATION: &str = "/partnercenter/webhooks/v1/registration";

fn header<'a>(parcel: &'a Outgoing, name: &str) -> &'a str {
    parcel.headers.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
}

/// Verifies as the documentation says: certificate below the root, organisation, subject, and PKCS#1 over the raw body.
fn is_genuine(desk: &mut Desk, parcel: &Outgoing, signature_header: &str) -> bool {
    let signature = header(parcel, signature_header).strip_prefix("Signature ").unwrap();
    let signature = STANDARD.decode(signature).unwrap();
    assert_eq!(header(parcel, "x-ms-signature-algorithm"), "rsa-sha256");
    let path = header(parcel, "x-ms-certificate-url").strip_prefix("http://sandbox.invalid").unwrap().to_owned();
    let der = desk.get(&path).body;
    let (_, certificate) = X509Certificate::from_der(&der).unwrap();
    let pem = desk.world.trust_root_pem().to_owned();
    let (_, root) = parse_x509_pem(pem.as_bytes()).unwrap();
    let root = root.parse_x509().unwrap();
    assert!(certificate.issuer().to_string().contains("O=Microsoft Corporation"));
    assert!(certificate.subject().to_string().contains(SIGNER_NAME));
    assert_eq!(certificate.issuer(), root.subject());
    let verify = |key: &[u8], message: &[u8], signature: &[u8]| {
        aws_lc_rs::signature::UnparsedPublicKey::new(&aws_lc_rs::signature::RSA_PKCS1_2048_8192_SHA256, key)
            .verify(message, signature)
            .is_ok()
    };
    let root_key = &root.public_key().subject_public_key.data;
    assert!(verify(root_key, certificate.tbs_certificate.as_ref(), &certificate.signature_value.data));
    verify(&certificate.public_key().subject_public_key.data, &parcel.body, &signature)
}

fn register(desk: &mut Desk, own_header: bool) {
    let body = json!({
        "WebhookUrl": "https://borgen.example/hook",
        "WebhookEvents": ["test-created", "azure-fraud-event-detected", "subscription-updated"],
        "SignatureTokenToMsSignatureHeader": own_header,
    });
    let answer = desk.post(REGISTRATION, &body);
    assert_eq!(
        (answer.status, keys(&answer.body_json())),
        (200, vec!["SubscriberId".to_owned(), "WebhookEvents".to_owned(), "WebhookUrl".to_owned()])
    );
}

fn next_webhook(desk: &mut Desk) -> Outgoing {
    desk.now = desk.world.next_due().unwrap().max(desk.now);
    desk.world.tick(desk.now).remove(0)
}

#[test]
fn a_webhook_carries_a_signature_that_verifies_in_either_header() {
    for (own_header, name) in [(false, "authorization"), (true, "x-ms-signature")] {
        let mut desk = Desk::open(20);
        register(&mut desk, own_header);
        desk.world.raise_alert(&AlertRequest::default()).unwrap();
        let parcel = next_webhook(&mut desk);
        assert!(is_genuine(&mut desk, &parcel, name));
        let body: Value = serde_json::from_slice(&parcel.body).unwrap();
        assert_eq!(keys(&body), ["AuditUri", "EventName", "ResourceChangeUtcDate", "ResourceUri"]);
        assert!(text(&body, "/ResourceUri").contains("/v1/fraudEvents?SubscriptionId="));
        let date = text(&body, "/ResourceChangeUtcDate");
        assert!(date.ends_with(".0000000+00:00"), "{date}");
    }
}

#[test]
fn a_corrupted_webhook_does_not_verify() {
    let mut desk = Desk::open(20);
    register(&mut desk, false);
    desk.world.faults_mut().add(FaultRule::next_calls(Fault::WebhookCorrupted, "azure-fraud-event-detected", 1));
    desk.world.raise_alert(&AlertRequest::default()).unwrap();
    let parcel = next_webhook(&mut desk);
    assert!(!is_genuine(&mut desk, &parcel, "authorization"));
}

#[test]
fn changed_subscriptions_are_told_with_five_keys() {
    let mut desk = Desk::open(40);
    register(&mut desk, false);
    let customer = desk.customer(|customer| !customer.seats.is_empty());
    let path = format!("/partnercenter/v1/customers/{}/subscriptions/{}", customer.tenant, customer.seats[0].id);
    let body = desk.get(&path).body_json();
    assert_eq!(desk.patch(&path, &body).status, 200);
    let parcel = next_webhook(&mut desk);
    let told: Value = serde_json::from_slice(&parcel.body).unwrap();
    assert_eq!(keys(&told), ["AuditUri", "EventName", "ResourceChangeUtcDate", "ResourceName", "ResourceUri"]);
    assert_eq!(text(&told, "/EventName"), "subscription-updated");
}

#[test]
fn test_events_are_two_a_minute_and_their_attempts_can_be_asked_for() {
    let mut desk = Desk::open(2);
    assert_eq!(desk.get(REGISTRATION).status, 404);
    assert_eq!(
        desk.get(&format!("{REGISTRATION}/events")).body_json(),
        json!(["test-created", "azure-fraud-event-detected", "subscription-updated"])
    );
    register(&mut desk, false);
    let tests = format!("{REGISTRATION}/validationEvents");
    let first = desk.post(&tests, &json!({}));
    let id = text(&first.body_json(), "/correlationId");
    assert_eq!(desk.post(&tests, &json!({})).status, 200);
    assert_eq!(refusal(&desk.post(&tests, &json!({}))).0, 429);
    let parcel = next_webhook(&mut desk);
    assert!(matches!(&parcel.kind, ParcelKind::Webhook { test: Some(test), .. } if *test == id));
    desk.world.settled(desk.now, parcel.id, Outcome::Answered(500));
    let result = desk.get(&format!("{tests}/{id}")).body_json();
    assert_eq!(text(&result, "/status"), "pending");
    let again = std::iter::from_fn(|| Some(next_webhook(&mut desk))).find(|again| again.id == parcel.id).unwrap();
    desk.world.settled(desk.now, again.id, Outcome::Answered(200));
    let result = desk.get(&format!("{tests}/{id}")).body_json();
    assert_eq!(keys(&result), ["callbackUrl", "correlationId", "partnerId", "results", "status"]);
    assert_eq!(text(&result, "/status"), "completed");
    assert_eq!(text(&result, "/results/0/responseCode"), "InternalServerError");
    assert_eq!(text(&result, "/results/1/responseCode"), "OK");
}
