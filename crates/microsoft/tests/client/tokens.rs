//! How tokens are asked for, kept, renewed and rotated.

use std::sync::{Arc, Mutex};

use jiff::ToSpan;
use microsoft::arm::ActivityWindow;
use microsoft::seam::{Outbound, Response, SendError};
use microsoft::{
    AzureSubscriptionId, CallContext, Client, Cloud, Credentials, Error, Keeping, Listing, NO_REFRESH_TOKEN,
    TokenStore, TokenStoreError,
};
use secrecy::ExposeSecret;

use crate::fake::{Fake, body, client, context, credentials, header, is_login, json, key, tenant};

const SUBSCRIPTION: &str = r#"{"id":"s-1","status":"active","attributes":{"etag":"e1"}}"#;

#[tokio::test]
async fn each_mode_asks_the_login_in_its_own_way_with_the_real_audience() {
    let fake = Fake::new(|_| json(200, SUBSCRIPTION));
    client(&fake).suspend(&context(), &key()).await.unwrap();
    let logins = fake.logins();
    assert_eq!(logins.len(), 2);
    assert_eq!(logins[0].url, "https://login.microsoftonline.com/partner-tenant/oauth2/token");
    let resource = "resource=https%3A%2F%2Fapi.partnercenter.microsoft.com";
    assert_eq!(
        body(&logins[0]),
        format!("client_id=client&client_secret=s3cret%26%3D&{resource}&grant_type=client_credentials")
    );
    assert_eq!(
        body(&logins[1]),
        format!(
            "client_id=client&client_secret=s3cret%26%3D&{resource}&grant_type=refresh_token&scope=openid&refresh_token=refresh-1"
        )
    );
    assert_eq!(header(&logins[0], "content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(header(&fake.requests()[1], "authorization"), Some("Bearer token-2"));
}

#[tokio::test]
async fn azure_is_read_through_the_customers_tenant() {
    let fake = Fake::new(|_| json(200, r#"{"value":[]}"#));
    let window = ActivityWindow {
        customer: tenant("c-1"),
        subscription: AzureSubscriptionId::parse("az-1").unwrap(),
        from: context().now - 1.hour(),
        to: context().now,
    };
    client(&fake).page(&context(), &Listing::activity_log(&window), None).await.unwrap();
    assert_eq!(fake.logins()[0].url, "https://login.microsoftonline.com/c-1/oauth2/token");
    assert!(
        body(&fake.logins()[0]).contains("resource=https%3A%2F%2Fmanagement.azure.com%2F&grant_type=refresh_token")
    );
    assert_eq!(
        fake.requests()[0].url,
        "https://management.azure.com/subscriptions/az-1/providers/microsoft.insights/eventtypes/management/values?api-version=2015-04-01&$filter=eventTimestamp%20ge%20%272026-05-02T02%3A04%3A05Z%27%20and%20eventTimestamp%20le%20%272026-05-02T03%3A04%3A05Z%27"
    );
}

#[tokio::test]
async fn a_token_is_kept_until_shortly_before_its_end_told_as_number_or_text() {
    for told in ["3600", "\"3600\""] {
        let fake = Fake::all(move |request| {
            if is_login(request) {
                return json(200, &format!(r#"{{"access_token":"t","expires_in":{told}}}"#));
            }
            json(200, SUBSCRIPTION)
        });
        let client = client(&fake);
        for (minutes, logins) in [(0, 1), (54, 1), (55, 2)] {
            let later = CallContext { now: context().now + minutes.minutes(), ..context() };
            client.subscription(&later, &key()).await.unwrap();
            assert_eq!(fake.logins().len(), logins, "{told} {minutes}");
        }
    }
}

#[tokio::test]
async fn a_401_is_answered_once_with_a_fresh_token() {
    let fake = Fake::new(|request| match header(request, "authorization") {
        Some("Bearer token-1") => json(401, r#"{"code":"800001"}"#),
        _ => json(200, SUBSCRIPTION),
    });
    client(&fake).subscription(&context(), &key()).await.unwrap();
    assert_eq!((fake.logins().len(), fake.requests().len()), (2, 2));
    let ids: Vec<_> = fake.requests().iter().map(|r| header(r, "ms-requestid").map(str::to_owned)).collect();
    assert_eq!(ids[0], ids[1], "it is the same operation");

    let fake = Fake::new(|_| json(401, r#"{"code":"800001"}"#));
    let error = client(&fake).subscription(&context(), &key()).await.unwrap_err();
    assert!(matches!(error, Error::Unauthorized { ref code, .. } if code == "800001"), "{error}");
    assert_eq!((fake.logins().len(), fake.requests().len()), (2, 2));
}

#[tokio::test]
async fn a_missing_mfa_claim_or_a_wrong_audience_asks_for_no_further_token() {
    for (code, mfa) in [("900421", true), ("900420", false)] {
        let fake = Fake::new(move |_| json(401, &format!(r#"{{"code":{code},"message":"m"}}"#)));
        let error = client(&fake).mfa_compliance(&context()).await.unwrap_err();
        assert_eq!(matches!(error, Error::MfaMissing { .. }), mfa, "{error}");
        assert_eq!((fake.logins().len(), fake.requests().len()), (1, 1));
    }
}

#[tokio::test]
async fn without_a_refresh_token_the_application_stands_in_where_it_may() {
    let fake = Fake::new(|_| json(200, SUBSCRIPTION));
    let outbound: Arc<dyn Outbound> = Arc::<Fake>::clone(&fake);
    let alone = Credentials { refresh_token: None, ..credentials() };
    let client = Client::new(outbound, Cloud::public(), alone, Arc::new(()));
    client.suspend(&context(), &key()).await.unwrap();
    assert!(fake.logins().iter().all(|login| body(login).contains("client_credentials")));
    let error = client.mfa_compliance(&context()).await.unwrap_err();
    assert!(matches!(error, Error::Unauthorized { ref code, .. } if code == NO_REFRESH_TOKEN), "{error}");
}

#[tokio::test]
async fn a_failed_login_is_never_in_doubt_and_sends_nothing() {
    let answers: [(Result<Response, SendError>, bool); 4] = [
        (Err(SendError::Doubt { reason: "time-out".to_owned() }), true),
        (Err(SendError::NotSent { reason: "refused".to_owned() }), true),
        (json(503, ""), true),
        (json(200, "no json"), false),
    ];
    for (answer, retryable) in answers {
        let fake = Fake::all(move |_| answer.clone());
        let error = client(&fake).suspend(&context(), &key()).await.unwrap_err();
        assert_eq!((error.in_doubt(), error.retryable()), (false, retryable), "{error}");
        assert_eq!(fake.requests().len(), 0);
    }
}

#[derive(Debug)]
struct Store {
    kept: Mutex<Vec<String>>,
    works: bool,
}

impl TokenStore for Store {
    fn keep(&self, refresh_token: secrecy::SecretString) -> Keeping<'_> {
        self.kept.lock().unwrap().push(refresh_token.expose_secret().to_owned());
        let answer = if self.works { Ok(()) } else { Err(TokenStoreError { reason: "disk full".to_owned() }) };
        Box::pin(std::future::ready(answer))
    }
}

fn rotating() -> Arc<Fake> {
    let mut number = 1;
    Fake::all(move |request| {
        if is_login(request) {
            number += 1;
            return json(
                200,
                &format!(r#"{{"access_token":"t","expires_in":"60","refresh_token":"refresh-{number}"}}"#),
            );
        }
        json(200, SUBSCRIPTION)
    })
}

fn storing(fake: &Arc<Fake>, works: bool) -> (Client, Arc<Store>) {
    let store = Arc::new(Store { kept: Mutex::default(), works });
    let keeper: Arc<dyn TokenStore> = Arc::<Store>::clone(&store);
    (client(fake).with_token_store(keeper), store)
}

#[tokio::test]
async fn a_rotated_refresh_token_is_stored_and_then_used() {
    let fake = rotating();
    let (client, store) = storing(&fake, true);
    client.mfa_compliance(&context()).await.unwrap();
    let later = CallContext { now: context().now + 1.hour(), ..context() };
    client.mfa_compliance(&later).await.unwrap();
    assert_eq!(*store.kept.lock().unwrap(), ["refresh-2", "refresh-3"]);
    assert!(body(&fake.logins()[0]).ends_with("refresh_token=refresh-1"));
    assert!(body(&fake.logins()[1]).ends_with("refresh_token=refresh-2"));
}

#[tokio::test]
async fn a_rotated_refresh_token_that_cannot_be_stored_is_not_used() {
    let fake = rotating();
    let (client, _) = storing(&fake, false);
    for _ in 0..2 {
        let error = client.mfa_compliance(&context()).await.unwrap_err();
        assert!(matches!(error, Error::TokenNotKept { .. }), "{error}");
        assert!(error.retryable() && !error.in_doubt());
    }
    assert_eq!(fake.requests().len(), 0);
    assert!(fake.logins().iter().all(|login| body(login).ends_with("refresh_token=refresh-1")));
}

#[tokio::test]
async fn a_refresh_token_from_a_customers_tenant_does_not_replace_the_consent() {
    let fake = rotating();
    let (client, store) = storing(&fake, true);
    let error = client.page(&context(), &Listing::azure_subscriptions(&tenant("c-1")), None).await;
    assert!(matches!(error, Err(Error::Malformed { .. })), "a subscription is no page");
    assert_eq!(*store.kept.lock().unwrap(), Vec::<String>::new());
    client.mfa_compliance(&context()).await.unwrap();
    assert!(body(&fake.logins()[1]).ends_with("refresh_token=refresh-1"));
}

/// Answers after letting others run, as a network does.
#[derive(Debug)]
struct Slow(Arc<Fake>);

impl Outbound for Slow {
    fn send(&self, request: microsoft::seam::Request) -> microsoft::seam::Sending<'_> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            self.0.send(request).await
        })
    }
}

#[tokio::test]
async fn callers_at_the_same_time_share_one_login() {
    let fake = Fake::new(|_| json(200, SUBSCRIPTION));
    let outbound: Arc<dyn Outbound> = Arc::new(Slow(Arc::clone(&fake)));
    let client = Client::new(outbound, Cloud::public(), credentials(), Arc::new(()));
    let (context, key) = (context(), key());
    let (one, two) = tokio::join!(client.subscription(&context, &key), client.subscription(&context, &key));
    assert_eq!(one.unwrap(), two.unwrap());
    assert_eq!((fake.logins().len(), fake.requests().len()), (1, 2));
}
