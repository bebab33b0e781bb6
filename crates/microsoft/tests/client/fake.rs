//! An `Outbound` that answers from a closure and remembers every request; the login is answered unless a test does it.

use std::sync::{Arc, Mutex};

use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::Timestamp;
use microsoft::seam::{Outbound, Request, Response, SendError, Sending};
use microsoft::{CallContext, Client, Cloud, Credentials, SubscriptionId, SubscriptionKey, TenantId};
use uuid::Uuid;

pub(crate) type Answer = Result<Response, SendError>;
type Handler = Box<dyn FnMut(&Request) -> Answer + Send>;

pub(crate) struct Fake {
    handler: Mutex<Handler>,
    requests: Mutex<Vec<Request>>,
}

impl std::fmt::Debug for Fake {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Fake")
    }
}

impl Outbound for Fake {
    fn send(&self, request: Request) -> Sending<'_> {
        let answer = (self.handler.lock().unwrap())(&request);
        self.requests.lock().unwrap().push(request);
        Box::pin(std::future::ready(answer))
    }
}

impl Fake {
    /// Answers everything, the login included.
    pub(crate) fn all(handler: impl FnMut(&Request) -> Answer + Send + 'static) -> Arc<Self> {
        Arc::new(Self { handler: Mutex::new(Box::new(handler)), requests: Mutex::default() })
    }

    /// Answers all but the login, which always grants `token-1`, `token-2` and so on.
    pub(crate) fn new(mut handler: impl FnMut(&Request) -> Answer + Send + 'static) -> Arc<Self> {
        let mut tokens = 0;
        Self::all(move |request| {
            if is_login(request) {
                tokens += 1;
                return json(200, &format!(r#"{{"access_token":"token-{tokens}","expires_in":"3599"}}"#));
            }
            handler(request)
        })
    }

    /// The requests so far, without those to the login.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().iter().filter(|request| !is_login(request)).cloned().collect()
    }

    /// The requests to the login so far.
    pub(crate) fn logins(&self) -> Vec<Request> {
        self.requests.lock().unwrap().iter().filter(|request| is_login(request)).cloned().collect()
    }
}

pub(crate) fn is_login(request: &Request) -> bool {
    request.url.starts_with("https://login.microsoftonline.com/")
}

#[expect(clippy::unnecessary_wraps, reason = "a handler answers with a response or a failure")]
pub(crate) fn json(status: u16, body: &str) -> Answer {
    Ok(Response { status, headers: HeaderMap::new(), body: body.as_bytes().to_vec() })
}

pub(crate) fn with_header(answer: Answer, name: &'static str, value: &str) -> Answer {
    answer.map(|mut response| {
        response.headers.insert(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
        response
    })
}

pub(crate) fn credentials() -> Credentials {
    Credentials {
        partner_tenant: tenant("partner-tenant"),
        client_id: "client".to_owned(),
        client_secret: "s3cret&=".to_owned().into(),
        refresh_token: Some("refresh-1".to_owned().into()),
    }
}

pub(crate) fn client(fake: &Arc<Fake>) -> Client {
    let outbound: Arc<dyn Outbound> = Arc::<Fake>::clone(fake);
    Client::new(outbound, Cloud::public(), credentials(), Arc::new(()))
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn context() -> CallContext {
    CallContext { now: at("2026-05-02T03:04:05Z"), request_id: Uuid::from_u128(1), correlation_id: Uuid::from_u128(2) }
}

pub(crate) fn tenant(id: &str) -> TenantId {
    TenantId::parse(id).unwrap()
}

pub(crate) fn key() -> SubscriptionKey {
    SubscriptionKey { customer: tenant("c-1"), subscription: SubscriptionId::parse("s-1").unwrap() }
}

pub(crate) fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.headers.get(name).map(|value| value.to_str().unwrap())
}

pub(crate) fn body(request: &Request) -> String {
    String::from_utf8(request.body.clone().unwrap_or_default()).unwrap()
}
