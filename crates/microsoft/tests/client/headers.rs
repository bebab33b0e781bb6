//! The headers and ids of requests, what the observer is told, and that nothing secret is printed.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use microsoft::alerts::AlertFilter;
use microsoft::seam::{Outbound, SendError};
use microsoft::{CallRecord, Client, Cloud, Error, Listing, Mode, Observer, Outcome};

use crate::fake::{Fake, client, context, credentials, header, json, key, tenant, with_header};

const SUBSCRIPTION: &str = r#"{"id":"s-1","status":"active","attributes":{"etag":"e1"}}"#;

#[derive(Debug, Default)]
struct Seen(Mutex<Vec<CallRecord>>);

impl Observer for Seen {
    fn called(&self, record: &CallRecord) {
        self.0.lock().unwrap().push(record.clone());
    }
}

#[tokio::test]
async fn partner_center_is_given_its_ids_contract_and_idempotency_key() {
    let fake = Fake::new(|_| json(200, SUBSCRIPTION));
    client(&fake).suspend(&context(), &key()).await.unwrap();
    let sent = fake.requests();
    for request in &sent {
        for (name, value) in [
            ("accept", "application/json"),
            ("ms-correlationid", "00000000-0000-0000-0000-000000000002"),
            ("ms-contract-version", "v1"),
            ("x-locale", "en-US"),
            ("ms-partnercenter-application", "Borgen"),
        ] {
            assert_eq!(header(request, name), Some(value), "{name}");
        }
    }
    let own = "00000000-0000-0000-0000-000000000001";
    assert_eq!(header(&sent[1], "ms-requestid"), Some(own), "the write carries the caller's key");
    assert_ne!(header(&sent[0], "ms-requestid"), Some(own), "the read before it has its own");
    assert_eq!(header(&sent[1], "content-type"), Some("application/json"));
    assert_eq!(header(&sent[1], "validatemfa"), Some("true"), "the user's calls ask after MFA");
    assert_eq!(header(&sent[0], "validatemfa"), None, "application calls have none");

    let again = Fake::new(|_| json(200, SUBSCRIPTION));
    client(&again).suspend(&context(), &key()).await.unwrap();
    assert_eq!(header(&again.requests()[0], "ms-requestid"), header(&sent[0], "ms-requestid"));
}

#[tokio::test]
async fn graph_is_asked_for_alerts_with_an_encoded_filter() {
    let fake = Fake::new(|_| json(200, r#"{"value":[]}"#));
    let filter = AlertFilter { status: Some(microsoft::alerts::AlertStatus::Active), customer: Some(tenant("c-1")) };
    client(&fake).page(&context(), &Listing::alerts(&filter), None).await.unwrap();
    let request = &fake.requests()[0];
    assert_eq!(
        request.url,
        "https://graph.microsoft.com/beta/security/partner/securityAlerts?$filter=status%20eq%20%27active%27%20and%20customerTenantId%20eq%20%27c-1%27"
    );
    assert_eq!(header(request, "client-request-id"), Some("00000000-0000-0000-0000-000000000001"));
    assert_eq!(header(request, "ms-requestid"), None);
}

#[tokio::test]
async fn the_observer_is_told_of_every_request_its_mode_trace_and_mfa() {
    let mut told = ["True", "false", ""].into_iter();
    let fake = Fake::new(move |_| {
        let answer = with_header(json(200, SUBSCRIPTION), "ms-cv", "cv-1");
        match told.next() {
            Some("") | None => Err(SendError::Doubt { reason: "cut".to_owned() }),
            Some(value) => with_header(answer, "ismfacompliant", value),
        }
    });
    let seen = Arc::new(Seen::default());
    let outbound: Arc<dyn Outbound> = Arc::<Fake>::clone(&fake);
    let observer: Arc<dyn Observer> = Arc::<Seen>::clone(&seen);
    let client = Client::new(outbound, Cloud::public(), credentials(), observer);
    assert!(client.suspend(&context(), &key()).await.is_ok());
    assert_eq!(
        client.mfa_compliance(&context()).await.unwrap_err().call().operation(),
        "check the consent's multi-factor authentication"
    );
    let seen = seen.0.lock().unwrap();
    let facts: Vec<_> = seen.iter().map(|call| (call.writes, call.mode, call.mfa_compliant, call.outcome)).collect();
    assert_eq!(
        facts,
        [
            (false, Mode::AppOnly, Some(true), Outcome::Answered(200)),
            (true, Mode::AppUser, Some(false), Outcome::Answered(200)),
            (false, Mode::AppUser, None, Outcome::Doubt),
        ]
    );
    assert_eq!(seen[0].remote_trace.as_deref(), Some("cv-1"));
    assert_eq!(seen[1].subject, "s-1 of customer c-1");
}

#[tokio::test]
async fn the_mfa_probe_reads_header_or_body() {
    for (answer, expected) in [
        (with_header(json(200, "{}"), "ismfacompliant", "true"), Some(true)),
        (with_header(json(200, "{}"), "ismfacompliant", "false"), Some(false)),
        (json(200, r#"{"isMfaCompliant":"false","items":[]}"#), Some(false)),
        (json(200, r#"{"items":[]}"#), None),
    ] {
        let fake = Fake::new(move |_| answer.clone());
        assert_eq!(client(&fake).mfa_compliance(&context()).await, Ok(expected));
    }
}

#[tokio::test]
async fn nothing_that_is_printed_holds_a_secret() {
    let fake = Fake::new(|_| json(401, r#"{"code":"800001","description":"token token-1 refused"}"#));
    let client = client(&fake);
    let error: Error = client.suspend(&context(), &key()).await.unwrap_err();
    let mut printed = format!("{client:?} {error:?} {error}");
    for request in fake.requests().iter().chain(&fake.logins()) {
        write!(printed, "{request:?} {:?}", request.headers).unwrap();
    }
    for secret in ["s3cret", "refresh-1", "token-1", "token-2"] {
        assert!(!printed.contains(secret), "{secret} in {printed}");
    }
}

#[test]
fn every_kind_of_call_can_run_in_a_task_of_its_own() {
    fn runs_in_a_task<T: Send>(_: &T) {}
    let fake = Fake::new(|_| json(200, SUBSCRIPTION));
    let (client, context, key) = (client(&fake), context(), key());
    let (customers, alerts) = (Listing::customers(), Listing::alerts(&AlertFilter::default()));
    runs_in_a_task(&client.suspend(&context, &key));
    runs_in_a_task(&client.collect(&context, &customers));
    runs_in_a_task(&client.page(&context, &alerts, None));
    runs_in_a_task(&client.mfa_compliance(&context));
}
