//! A small caller of the simulated Microsoft for these tests: signs in, sends, and reads the answer. No sockets.

use http::Method;
use jiff::{SignedDuration, Timestamp};
use sandbox::{CustomerTruth, Reply, Request, Response, Trust, World};
use serde_json::Value;

/// Partner Center's audience.
pub(crate) const PARTNER_CENTER: &str = "https://api.partnercenter.microsoft.com";

/// When the simulated time of the tests begins.
pub(crate) fn start() -> Timestamp {
    "2026-06-15T08:00:00Z".parse().unwrap()
}

/// A world, its time and a caller with tokens.
pub(crate) struct Desk {
    pub(crate) world: World,
    pub(crate) now: Timestamp,
    pub(crate) token: String,
    pub(crate) request_id: Option<String>,
}

impl Desk {
    /// A world with so many customers, signed in as the integration user for Partner Center.
    pub(crate) fn open(customers: usize) -> Self {
        let world = World::populate(42, customers, start(), Trust::shared().unwrap());
        let mut desk = Self { world, now: start(), token: String::new(), request_id: None };
        desk.sign_in(PARTNER_CENTER);
        desk
    }

    /// Signs the integration user in for an audience in the partner's tenant.
    pub(crate) fn sign_in(&mut self, audience: &str) {
        let credentials = self.world.credentials();
        let tenant = credentials.partner_tenant.to_string();
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", credentials.refresh_token.as_str()),
            ("resource", audience),
        ];
        self.token = self.token_for(&tenant, &form).1;
    }

    /// Asks the token service; the whole answer and the access token.
    pub(crate) fn token_for(&mut self, tenant: &str, form: &[(&str, &str)]) -> (Response, String) {
        let credentials = self.world.credentials();
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.append_pair("client_id", &credentials.client_id.to_string());
        body.append_pair("client_secret", &credentials.client_secret);
        for (name, value) in form {
            body.append_pair(name, value);
        }
        let mut request = Request::new(Method::POST, format!("/login/{tenant}/oauth2/token"));
        request.body = body.finish().into_bytes();
        let response = self.world.handle(self.now, &request).response;
        let token = response.body_json().get("access_token").and_then(Value::as_str).unwrap_or_default().to_owned();
        (response, token)
    }

    /// Lets simulated time pass.
    pub(crate) fn wait(&mut self, seconds: i64) {
        self.now = self.now.checked_add(SignedDuration::from_secs(seconds)).unwrap();
    }

    /// Sends a request with the token and, when set, the request id.
    pub(crate) fn reply(&mut self, request: Request) -> Reply {
        let mut request = request.with_header("authorization", &format!("Bearer {}", self.token));
        if let Some(id) = &self.request_id {
            request = request.with_header("ms-requestid", id);
        }
        self.world.handle(self.now, &request)
    }

    pub(crate) fn send(&mut self, method: Method, path: &str, body: Option<&Value>) -> Response {
        let request = Request::new(method, path);
        let request = match body {
            None => request,
            Some(body) => request.with_json(body),
        };
        self.reply(request).response
    }

    pub(crate) fn get(&mut self, path: &str) -> Response {
        self.send(Method::GET, path, None)
    }

    pub(crate) fn post(&mut self, path: &str, body: &Value) -> Response {
        self.send(Method::POST, path, Some(body))
    }

    pub(crate) fn patch(&mut self, path: &str, body: &Value) -> Response {
        self.send(Method::PATCH, path, Some(body))
    }

    /// The first customer that fits.
    pub(crate) fn customer(&self, fits: impl Fn(&CustomerTruth) -> bool) -> CustomerTruth {
        (0..self.world.customer_count())
            .filter_map(|number| self.world.customer_truth(number))
            .find(fits)
            .expect("the population has such a customer")
    }
}

/// The text at a JSON pointer, or empty.
pub(crate) fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Status and code of a refusal: `(400, "2055")`.
pub(crate) fn refusal(response: &Response) -> (u16, String) {
    let body = response.body_json();
    let code = body
        .get("code")
        .map(|code| code.as_str().map_or_else(|| code.to_string(), str::to_owned))
        .or_else(|| body.pointer("/error/code").and_then(Value::as_str).map(str::to_owned))
        .or_else(|| body.get("error").and_then(Value::as_str).map(str::to_owned))
        .unwrap_or_default();
    (response.status, code)
}
