//! The registration of Borgen's webhook at Partner Center: which events, where to, and a test of the whole way.
//! Checking what then arrives is in `webhook.rs`.

use http::Method;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::call::{Call, CallContext};
use crate::client::{Client, Needs};
use crate::cloud::Role;
use crate::error::Error;
use crate::ids::WebhookTestId;
use crate::wire;

const REGISTRATION: &str = "/webhooks/v1/registration";

/// What to register. A partner tenant has one registration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct WebhookWish {
    /// Where Microsoft posts: https, reachable from the internet.
    pub webhook_url: String,
    /// Which events; the names come from `webhook_events`.
    pub webhook_events: Vec<String>,
    /// Whether the signature goes into `x-ms-signature`, for receivers whose gateway eats `Authorization`.
    pub signature_token_to_ms_signature_header: bool,
}

/// What is registered.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct WebhookRegistration {
    /// Microsoft's name for this receiver; told when registering.
    #[serde(default, alias = "subscriberId", deserialize_with = "wire::text")]
    pub subscriber_id: Option<String>,
    /// Where Microsoft posts.
    #[serde(default, alias = "webhookUrl", deserialize_with = "wire::text")]
    pub webhook_url: Option<String>,
    /// Which events.
    #[serde(default, alias = "webhookEvents", deserialize_with = "wire::list")]
    pub webhook_events: Vec<String>,
}

/// How a test event fared; purged by Microsoft after seven days.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WebhookTestResult {
    /// `completed` when over, as told.
    #[serde(default, deserialize_with = "wire::text")]
    pub status: Option<String>,
    /// Where it was posted.
    #[serde(default, deserialize_with = "wire::text")]
    pub callback_url: Option<String>,
    /// One entry per attempt.
    #[serde(default, deserialize_with = "wire::list")]
    pub results: Vec<DeliveryAttempt>,
}

/// One attempt to deliver.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryAttempt {
    /// What the receiver answered (`OK`).
    #[serde(default, deserialize_with = "wire::text")]
    pub response_code: Option<String>,
    /// Whether Microsoft's side failed.
    #[serde(default, deserialize_with = "wire::boolean")]
    pub system_error: Option<bool>,
    /// When.
    #[serde(default, deserialize_with = "wire::time")]
    pub date_time_utc: Option<Timestamp>,
}

#[derive(Deserialize)]
struct TestSent {
    #[serde(rename = "correlationId", alias = "CorrelationId")]
    correlation_id: WebhookTestId,
}

impl Client {
    /// The names of all events that can be registered, the truth about which exist.
    pub async fn webhook_events(&self, context: &CallContext) -> Result<Vec<String>, Error> {
        let call = Call::read("list webhook events", "");
        let path = format!("{REGISTRATION}/events");
        let outgoing = self.reading(call, Role::PartnerCenter, &path, Needs::AppFirst);
        let response = self.exchange(context, &outgoing).await?;
        wire::parse(&outgoing.call, "the list of webhook events", &response.body)
    }

    /// What is registered; none when nothing is.
    pub async fn webhook(&self, context: &CallContext) -> Result<Option<WebhookRegistration>, Error> {
        let call = Call::read("read webhook registration", "");
        let outgoing = self.reading(call, Role::PartnerCenter, REGISTRATION, Needs::AppFirst);
        match self.exchange(context, &outgoing).await {
            Ok(response) => wire::parse(&outgoing.call, "the webhook registration", &response.body).map(Some),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Registers a webhook where none is.
    pub async fn register_webhook(
        &self,
        context: &CallContext,
        wish: &WebhookWish,
    ) -> Result<WebhookRegistration, Error> {
        self.put_webhook(context, Call::write("register webhook", ""), Method::POST, wish).await
    }

    /// Changes the webhook that is registered.
    pub async fn update_webhook(
        &self,
        context: &CallContext,
        wish: &WebhookWish,
    ) -> Result<WebhookRegistration, Error> {
        self.put_webhook(context, Call::write("update webhook", ""), Method::PUT, wish).await
    }

    async fn put_webhook(
        &self,
        context: &CallContext,
        call: Call,
        method: Method,
        wish: &WebhookWish,
    ) -> Result<WebhookRegistration, Error> {
        let body = serde_json::to_vec(wish).map_err(|error| Error::Malformed {
            call: Call::read(call.operation(), call.subject()),
            what: "the wished registration",
            place: format!("line {}", error.line()),
        })?;
        let outgoing = self.writing(call, Role::PartnerCenter, method, REGISTRATION, body);
        let response = self.exchange(context, &outgoing).await?;
        wire::parse(&outgoing.call, "the webhook registration", &response.body)
    }

    /// Asks Microsoft to send a test event. `test-created` must be registered; two a minute are allowed.
    pub async fn send_webhook_test(&self, context: &CallContext) -> Result<WebhookTestId, Error> {
        let call = Call::write("send webhook test", "");
        let path = format!("{REGISTRATION}/validationEvents");
        let outgoing = self.writing(call, Role::PartnerCenter, Method::POST, &path, Vec::new());
        let response = self.exchange(context, &outgoing).await?;
        let sent: TestSent = wire::parse(&outgoing.call, "the sent test", &response.body)?;
        Ok(sent.correlation_id)
    }

    /// How a test fared.
    pub async fn webhook_test_result(
        &self,
        context: &CallContext,
        test: &WebhookTestId,
    ) -> Result<WebhookTestResult, Error> {
        let call = Call::read("read webhook test", test);
        let path = format!("{REGISTRATION}/validationEvents/{test}");
        let outgoing = self.reading(call, Role::PartnerCenter, &path, Needs::AppFirst);
        let response = self.exchange(context, &outgoing).await?;
        wire::parse(&outgoing.call, "the webhook test", &response.body)
    }
}
