//! Changing subscriptions, Azure subscriptions and alerts: what is sent, what survives, and what each refusal means.

use std::time::Duration;

use microsoft::alerts::{AlertAnswer, AlertStatus, ResolvedReason};
use microsoft::entitlements::EntitlementStatus;
use microsoft::renewal::RenewalSnapshot;
use microsoft::seam::{Request, SendError};
use microsoft::subscriptions::SubscriptionStatus;
use microsoft::{
    AlertId, AzureSubscriptionId, EntitlementKey, Error, OperationLink, Patched, Polled, RefusalKind, SubscriptionId,
};
use proptest::prelude::*;

use crate::fake::{Answer, Fake, at, body, client, context, header, json, key, tenant, with_header};

const SEATS: &str = r#"{ "id":"s-1","quantity":25.0,"status":"active","autoRenewEnabled":true,
  "commitmentEndDate":"2027-01-01T00:00:00Z","refundOptions":[{"type":"Full","expiresAt":"2026-05-09T00:00:00Z"}],
  "scheduledNextTermInstructions":{"product":{"productId":"P","skuId":"S","billingCycle":"monthly","termDuration":"P1Y"},"quantity":20,"customTermEndDate":"2028-01-01T00:00:00Z"},
  "nextChargeInstructions":null,"renewalTermDuration":"P1Y","price":12345678901234567890.10,"unheardOf":{"a":[1, 2]},
  "attributes":{"objectType":"Subscription","etag":"abc=="}}"#;

fn method(request: &Request) -> &str {
    request.method.as_str()
}

fn seats(answer: impl Fn(&Request) -> Answer + Send + 'static) -> std::sync::Arc<Fake> {
    Fake::new(move |request| if method(request) == "GET" { json(200, SEATS) } else { answer(request) })
}

#[tokio::test]
async fn suspending_changes_one_field_and_sends_all_others_back_byte_for_byte() {
    let fake = seats(|request| json(200, &body(request)));
    let patched = client(&fake).suspend(&context(), &key()).await.unwrap();
    let sent = &fake.requests()[1];
    assert_eq!(
        (method(sent), sent.url.as_str()),
        ("PATCH", "https://api.partnercenter.microsoft.com/v1/customers/c-1/subscriptions/s-1")
    );
    assert_eq!(header(sent, "if-match"), Some("\"abc==\""));
    let expected = [
        r#"{"id":"s-1","quantity":25.0,"status":"suspended","autoRenewEnabled":true,"#,
        r#""scheduledNextTermInstructions":{"product":{"productId":"P","skuId":"S","billingCycle":"monthly","termDuration":"P1Y"},"quantity":20,"customTermEndDate":"2028-01-01T00:00:00Z"}"#,
        r#""nextChargeInstructions":null"#,
        r#""price":12345678901234567890.10"#,
        r#""unheardOf":{"a":[1, 2]}"#,
    ];
    for part in expected {
        assert!(body(sent).contains(part), "{part} in {}", body(sent));
    }
    let Patched::Done(after) = patched else { panic!("done") };
    assert_eq!(after.view.status, SubscriptionStatus::Suspended);
    assert_eq!((after.view.quantity, after.view.commitment_end_date), (Some(25), Some(at("2027-01-01T00:00:00Z"))));
}

#[tokio::test]
async fn a_subscription_that_is_already_so_is_not_written() {
    let fake = seats(|_| panic!("nothing is sent"));
    let client = client(&fake);
    assert!(matches!(client.reactivate(&context(), &key()).await, Ok(Patched::Unchanged(_))));
    assert!(matches!(client.set_auto_renew(&context(), &key(), true).await, Ok(Patched::Unchanged(_))));
}

#[tokio::test]
async fn an_etag_with_quotes_is_not_quoted_twice_and_none_sends_none() {
    for (etag, expected) in [(r#""\"q\"""#, Some("\"q\"")), (r#""plain""#, Some("\"plain\"")), ("null", None)] {
        let document = format!(r#"{{"id":"s-1","status":"active","attributes":{{"etag":{etag}}}}}"#);
        let fake = Fake::new(move |_| json(200, &document));
        client(&fake).suspend(&context(), &key()).await.unwrap();
        assert_eq!(header(&fake.requests()[1], "if-match"), expected, "{etag}");
    }
}

#[tokio::test]
async fn an_accepted_change_is_a_state_that_is_asked_again_by_the_caller() {
    let fake = Fake::new(|request| match (method(request), request.url.contains("/operations/")) {
        ("PATCH", _) => {
            with_header(with_header(json(202, ""), "location", "/customers/c-1/operations/o-1"), "retry-after", "7")
        }
        (_, true) => with_header(json(202, ""), "retry-after", "9"),
        _ => json(200, SEATS),
    });
    let client = client(&fake);
    let Patched::Accepted { operation, retry_after } = client.suspend(&context(), &key()).await.unwrap() else {
        panic!("accepted")
    };
    assert_eq!(retry_after, Some(Duration::from_secs(7)));
    let stored = serde_json::to_string(&operation.unwrap()).unwrap();
    let link: OperationLink = serde_json::from_str(&stored).unwrap();
    let polled = client.poll(&context(), &link).await.unwrap();
    assert_eq!(polled, Polled::Pending { retry_after: Some(Duration::from_secs(9)) });
    assert_eq!(fake.requests()[2].url, "https://api.partnercenter.microsoft.com/v1/customers/c-1/operations/o-1");
    assert_eq!(fake.requests().len(), 3, "asked once, no loop");
}

#[tokio::test]
async fn an_operation_link_to_another_host_is_not_followed() {
    let fake = Fake::new(|request| match method(request) {
        "PATCH" => with_header(json(202, ""), "location", "https://evil.example/o"),
        _ => json(200, SEATS),
    });
    let accepted = client(&fake).suspend(&context(), &key()).await.unwrap();
    assert_eq!(accepted, Patched::Accepted { operation: None, retry_after: None });
    let link: OperationLink = serde_json::from_str(r#"{"url":"https://evil.example/o"}"#).unwrap();
    assert!(matches!(client(&fake).poll(&context(), &link).await, Err(Error::Malformed { .. })));
    assert!(fake.requests().iter().all(|request| !request.url.contains("evil")));
}

#[tokio::test]
async fn every_end_of_a_write_says_whether_it_may_have_been_carried_out() {
    let told = |status: u16, code: &str| json(status, &format!(r#"{{"code":"{code}","description":"d"}}"#));
    for (answer, name, in_doubt, retryable) in [
        (Err(SendError::NotSent { reason: "r".into() }), "NotSent", false, true),
        (Err(SendError::Doubt { reason: "r".into() }), "Doubt", true, false),
        (told(503, ""), "Remote5xx", true, false),
        (json(200, "<html>"), "Malformed", true, false),
        (told(400, "2055"), "StaleETag", false, true),
        (told(412, ""), "StaleETag", false, true),
        (told(403, "900115"), "PlanStillActive", false, true),
        (told(409, "900278"), "PendingOperation", false, true),
        (told(404, "20003"), "NotFound", false, false),
        (told(429, ""), "Throttled", false, true),
        (told(400, "900117"), "Refused", false, false),
        (told(409, "800060"), "Refused", false, true),
    ] {
        let fake = seats(move |_| answer.clone());
        let error = client(&fake).suspend(&context(), &key()).await.unwrap_err();
        assert!(format!("{error:?}").starts_with(name), "{name}: {error:?}");
        assert_eq!((error.in_doubt(), error.retryable()), (in_doubt, retryable), "{error}");
        assert_eq!(fake.requests().len(), 2, "one try: {error}");
    }
}

#[tokio::test]
async fn a_failed_read_before_the_write_is_never_in_doubt() {
    for answer in [json(503, ""), Err(SendError::Doubt { reason: "r".into() }), json(200, "{}")] {
        let fake = Fake::new(move |_| answer.clone());
        let error = client(&fake).suspend(&context(), &key()).await.unwrap_err();
        assert!(!error.in_doubt(), "{error}");
    }
}

#[tokio::test]
async fn what_a_suspension_destroys_is_kept_and_put_back() {
    let fake = seats(|request| json(200, &body(request)));
    let before = client(&fake).subscription(&context(), &key()).await.unwrap();
    let snapshot = RenewalSnapshot::of(&before);
    assert_eq!(snapshot.auto_renew_enabled(), Some(true));
    let next = snapshot.next_term().unwrap();
    assert_eq!((next.quantity, next.custom_term_end_date), (Some(20), Some(at("2028-01-01T00:00:00Z"))));
    assert!(snapshot.holds(&before));
    let stored = serde_json::to_string(&snapshot).unwrap();
    let snapshot: RenewalSnapshot = serde_json::from_str(&stored).unwrap();

    let stripped = r#"{"id":"s-1","status":"active","autoRenewEnabled":false,"renewalTermDuration":"P1Y","later":1,"attributes":{"etag":"e2"}}"#;
    let fake = Fake::new(move |request| match method(request) {
        "GET" => json(200, stripped),
        _ => json(200, &body(request)),
    });
    let Patched::Done(after) = client(&fake).restore_renewal(&context(), &key(), &snapshot).await.unwrap() else {
        panic!("restored")
    };
    assert!(snapshot.holds(&after));
    assert_eq!(after.raw.get("scheduledNextTermInstructions"), before.raw.get("scheduledNextTermInstructions"));
    assert_eq!(after.raw.get("later").map(microsoft::RawJson::text), Some("1"));

    let whole = seats(|_| panic!("nothing to restore"));
    let again = client(&whole).restore_renewal(&context(), &key(), &snapshot).await.unwrap();
    assert!(matches!(again, Patched::Unchanged(_)));
}

fn entitlement() -> EntitlementKey {
    EntitlementKey {
        customer: tenant("c-1"),
        plan: SubscriptionId::parse("s-1").unwrap(),
        entitlement: AzureSubscriptionId::parse("e-1").unwrap(),
    }
}

#[tokio::test]
async fn an_azure_subscription_is_cancelled_for_compromise_though_the_answer_says_active() {
    let fake = Fake::new(|_| json(200, r#"{"id":"e-1","status":"active","subscriptionId":"s-1"}"#));
    let accepted = client(&fake).cancel_entitlement(&context(), &entitlement()).await.unwrap();
    assert_eq!(accepted.told.map(|told| told.status), Some(EntitlementStatus::Active));
    let sent = &fake.requests()[0];
    assert_eq!(
        sent.url,
        "https://api.partnercenter.microsoft.com/v1/customers/c-1/subscriptions/s-1/azureEntitlements/e-1/cancel"
    );
    assert_eq!((method(sent), body(sent).as_str()), ("POST", r#"{"cancellationReason":"compromise"}"#));
    assert_eq!(sent.time_limit, microsoft::WRITE_TIME_LIMIT);
}

#[tokio::test]
async fn a_reactivation_accepted_without_a_body_is_accepted() {
    let fake = Fake::new(|_| json(202, ""));
    let accepted = client(&fake).reactivate_entitlement(&context(), &entitlement()).await.unwrap();
    assert_eq!(accepted.told, None);
    let sent = &fake.requests()[0];
    assert!(sent.url.ends_with("/azureEntitlements/e-1/reactivate"), "{}", sent.url);
    assert_eq!(sent.body.as_deref(), Some(b"".as_slice()), "Content-Length: 0 is sent");
}

#[tokio::test]
async fn an_alert_is_answered_by_name_with_a_reason_only_when_resolved() {
    for (answer, sent) in [
        (AlertAnswer::Investigating, r#"{"status":"investigating"}"#),
        (AlertAnswer::Resolved(ResolvedReason::Fraud), r#"{"resolvedReason":"fraud","status":"resolved"}"#),
        (AlertAnswer::Reopened, r#"{"status":"active"}"#),
    ] {
        let fake = Fake::new(|request| {
            let status = if body(request).contains("resolved") { "resolved" } else { "investigating" };
            json(200, &format!(r#"{{"id":"a-1","status":"{status}"}}"#))
        });
        let alert = AlertId::parse("a-1").unwrap();
        let row = client(&fake).answer_alert(&context(), &alert, &answer).await.unwrap();
        assert_ne!(row.view.status, AlertStatus::Active);
        let request = &fake.requests()[0];
        assert_eq!(
            (method(request), request.url.as_str()),
            ("PATCH", "https://graph.microsoft.com/beta/security/partner/securityAlerts/a-1")
        );
        let told: serde_json::Value = serde_json::from_str(&body(request)).unwrap();
        assert_eq!(told, serde_json::from_str::<serde_json::Value>(sent).unwrap());
    }
}

#[tokio::test]
async fn a_customer_that_left_is_told_apart_from_one_that_cannot_be_read() {
    let fake = Fake::new(|_| json(403, r#"{"code":"20002","description":"no relationship"}"#));
    let error = client(&fake).customer(&context(), &tenant("c-1")).await.unwrap_err();
    assert!(matches!(error, Error::Refused { kind: RefusalKind::Detached, .. }), "{error}");
    assert_eq!(error.to_string(), "read customer (c-1): refused with 403 20002 (Detached)");
}

#[test]
fn an_id_that_could_change_a_path_is_no_id() {
    for text in ["", "a/b", "..", "a b", "a?b", "a%2fb", "å", "a#b", &"a".repeat(129)] {
        assert!(SubscriptionId::parse(text).is_err(), "{text}");
        assert!(serde_json::from_value::<SubscriptionId>(text.into()).is_err(), "{text}");
    }
}

fn json_text() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|b| b.to_string()),
        any::<i64>().prop_map(|n| n.to_string()),
        "[0-9]{1,25}\\.[0-9]{1,12}"
            .prop_map(|n| n.trim_start_matches('0').to_owned())
            .prop_filter("a number", |n| !n.starts_with('.')),
        ".{0,10}".prop_map(|text| serde_json::Value::from(text).to_string()),
    ];
    leaf.prop_recursive(2, 12, 4, |inner| {
        prop::collection::vec(inner, 0..4).prop_map(|all| format!("[{}]", all.join(", ")))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_read_modify_write_never_drops_or_alters_a_key(
        unknown in prop::collection::btree_map("x[a-zA-Z]{0,8}", json_text(), 0..10),
    ) {
        let fields: Vec<String> = unknown.iter().map(|(key, text)| format!("\"{key}\":{text}")).collect();
        let fields = fields.join(",");
        let comma = if unknown.is_empty() { "" } else { "," };
        let told = format!("{{\"id\":\"s-1\",\"status\":\"active\",\"attributes\":{{\"etag\":\"e\"}}{comma}{fields}}}");
        let fake = Fake::new(move |request| match method(request) {
            "GET" => json(200, &told),
            _ => json(200, &body(request)),
        });
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(client(&fake).suspend(&context(), &key())).unwrap();
        let sent: microsoft::RawObject = serde_json::from_str(&body(&fake.requests()[1])).unwrap();
        prop_assert_eq!(sent.names().count(), unknown.len() + 3);
        for (key, text) in &unknown {
            prop_assert_eq!(sent.get(key).map(microsoft::RawJson::text), Some(text.as_str()));
        }
    }
}
