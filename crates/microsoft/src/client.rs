//! The client: puts token and headers on a request, sends it once, and turns what is no success into an error. A 401 is
//! answered once with a fresh token. What can be asked lives with each resource.

use std::sync::Arc;
use std::time::Duration;

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method};

use crate::call::{Call, CallContext};
use crate::cloud::{Cloud, Role};
use crate::error::Error;
use crate::ids::TenantId;
use crate::observer::{CallRecord, Observer, Outcome};
use crate::refusal;
use crate::seam::{Outbound, Request, Response, SendError};
use crate::tokens::{Credentials, Mode, TokenKey, TokenStore, Tokens};

/// How long a read may take.
pub const READ_TIME_LIMIT: Duration = Duration::from_secs(30);
/// How long a write may take; the lease of an effect must outlast it, with the token's 20 seconds before it.
pub const WRITE_TIME_LIMIT: Duration = Duration::from_mins(1);
/// The largest answer that is read: a full page of 500 rows needs about one megabyte.
pub const MAX_RESPONSE_BYTES: usize = 16 * 1024 * 1024;
/// The longest trace id that is recorded.
const MAX_TRACE_CHARS: usize = 100;

/// Whom a route wants the token to speak for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needs {
    /// Only app+user is taken.
    User,
    /// Both are taken; the user is asked for first, since roles and the name in Microsoft's record are the user's.
    UserFirst,
    /// Both are taken; the application alone is used, so that watching goes on when the consent lapses.
    AppFirst,
}

/// One request before token and headers.
#[derive(Debug, Clone)]
pub(crate) struct Outgoing {
    pub(crate) call: Call,
    pub(crate) role: Role,
    pub(crate) method: Method,
    pub(crate) url: String,
    pub(crate) needs: Needs,
    /// The tenant whose token is used; the partner's own when none.
    pub(crate) tenant: Option<TenantId>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<Vec<u8>>,
}

/// Asks Microsoft on behalf of one connection (one Partner Center tenant).
#[derive(Debug)]
pub struct Client {
    outbound: Arc<dyn Outbound>,
    pub(crate) cloud: Cloud,
    tokens: Tokens,
    observer: Arc<dyn Observer>,
}

impl Client {
    /// Makes a client; nothing is sent yet. Without a token store a rotated refresh token lives in memory only.
    #[must_use]
    pub fn new(
        outbound: Arc<dyn Outbound>,
        cloud: Cloud,
        credentials: Credentials,
        observer: Arc<dyn Observer>,
    ) -> Self {
        Self { outbound, cloud, tokens: Tokens::new(credentials, None), observer }
    }

    /// Stores rotated refresh tokens there, before they are used.
    #[must_use]
    pub fn with_token_store(mut self, store: Arc<dyn TokenStore>) -> Self {
        self.tokens.set_store(store);
        self
    }

    /// The cloud this client asks.
    #[must_use]
    pub fn cloud(&self) -> &Cloud {
        &self.cloud
    }

    /// A read of one thing.
    pub(crate) fn reading(&self, call: Call, role: Role, path: &str, needs: Needs) -> Outgoing {
        Outgoing {
            call,
            role,
            method: Method::GET,
            url: self.cloud.url(role, path),
            needs,
            tenant: None,
            headers: HeaderMap::new(),
            body: None,
        }
    }

    /// A write; without a body `Content-Length: 0` is sent.
    pub(crate) fn writing(&self, call: Call, role: Role, method: Method, path: &str, body: Vec<u8>) -> Outgoing {
        Outgoing { method, body: Some(body), ..self.reading(call, role, path, Needs::UserFirst) }
    }

    /// Sends, and returns only a success (200 to 299).
    pub(crate) async fn exchange(&self, context: &CallContext, outgoing: &Outgoing) -> Result<Response, Error> {
        let key = self.token_key(outgoing);
        let bearer = self.bearer(context, &key).await?;
        let first = self.attempt(context, outgoing, key.mode, &bearer).await;
        match first {
            // The token may have been revoked or lapsed early: one fresh one. A refused call was not carried out.
            // A wrong audience (900420) is configuration: no token cures it.
            Err(Error::Unauthorized { code, .. }) if code != "900420" => {
                self.tokens.forget(&key, &bearer, context.now).await;
                let fresh = self.bearer(context, &key).await?;
                self.attempt(context, outgoing, key.mode, &fresh).await
            }
            other => other,
        }
    }

    async fn bearer(&self, context: &CallContext, key: &TokenKey) -> Result<HeaderValue, Error> {
        self.tokens.bearer(self.outbound.as_ref(), &self.cloud, context, key).await
    }

    fn token_key(&self, outgoing: &Outgoing) -> TokenKey {
        let mode = match outgoing.needs {
            Needs::User => Mode::AppUser,
            Needs::UserFirst if self.tokens.has_user() => Mode::AppUser,
            Needs::UserFirst | Needs::AppFirst => Mode::AppOnly,
        };
        let tenant = outgoing.tenant.as_ref().unwrap_or(self.tokens.partner_tenant()).clone();
        TokenKey { mode, audience: self.cloud.audience(outgoing.role).to_owned(), tenant }
    }

    async fn attempt(
        &self,
        context: &CallContext,
        outgoing: &Outgoing,
        mode: Mode,
        bearer: &HeaderValue,
    ) -> Result<Response, Error> {
        let request = Request {
            method: outgoing.method.clone(),
            url: outgoing.url.clone(),
            headers: headers(context, outgoing, mode, bearer),
            body: outgoing.body.clone(),
            time_limit: if outgoing.call.writes() { WRITE_TIME_LIMIT } else { READ_TIME_LIMIT },
            max_response_bytes: MAX_RESPONSE_BYTES,
        };
        let answer = self.outbound.send(request).await;
        self.observer.called(&record(context, outgoing, mode, &answer));
        let response = answer.map_err(|error| Error::unsent(&outgoing.call, error))?;
        if (200..300).contains(&response.status) {
            Ok(response)
        } else {
            Err(refusal::read(&outgoing.call, &response, context.now))
        }
    }
}

fn headers(context: &CallContext, outgoing: &Outgoing, mode: Mode, bearer: &HeaderValue) -> HeaderMap {
    let mut headers = outgoing.headers.clone();
    let mut put = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    match outgoing.role {
        Role::PartnerCenter => {
            put("ms-requestid", &context.request_id.to_string());
            put("ms-correlationid", &context.correlation_id.to_string());
            put("ms-contract-version", "v1");
            put("ms-partnercenter-application", "Borgen");
            put("x-locale", "en-US");
            if mode == Mode::AppUser {
                put("validatemfa", "true");
            }
        }
        Role::Graph => put("client-request-id", &context.request_id.to_string()),
        Role::Arm => {
            put("x-ms-client-request-id", &context.request_id.to_string());
            put("x-ms-correlation-request-id", &context.correlation_id.to_string());
        }
    }
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    if outgoing.body.is_some() {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    headers.insert(AUTHORIZATION, bearer.clone());
    headers
}

fn record(context: &CallContext, outgoing: &Outgoing, mode: Mode, answer: &Result<Response, SendError>) -> CallRecord {
    let header = |name: &str| {
        let response = answer.as_ref().ok()?;
        response.headers.get(name)?.to_str().ok()
    };
    let trace = header("ms-cv").or_else(|| header("request-id")).or_else(|| header("x-ms-request-id"));
    CallRecord {
        operation: outgoing.call.operation(),
        subject: outgoing.call.subject().to_owned(),
        role: outgoing.role,
        mode,
        writes: outgoing.call.writes(),
        request_id: context.request_id,
        correlation_id: context.correlation_id,
        remote_trace: trace.map(|text| text.chars().take(MAX_TRACE_CHARS).collect()),
        mfa_compliant: header("ismfacompliant").and_then(|text| text.trim().to_ascii_lowercase().parse().ok()),
        outcome: match answer {
            Ok(response) => Outcome::Answered(response.status),
            Err(SendError::NotSent { .. }) => Outcome::NotSent,
            Err(SendError::Doubt { .. }) => Outcome::Doubt,
        },
    }
}
