//! Raising alerts and the webhooks that tell of them, with the faults that webhooks suffer.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::faults::Fault;
use crate::routes::views;
use crate::state::alert::{Alert, AlertStatus};
use crate::state::change::Actor;
use crate::state::outbox::{Outgoing, ParcelKind};
use crate::state::seat::later;
use crate::world::{Cause, World};

/// How long a webhook takes when nothing is wrong.
pub(crate) const WEBHOOK_TAKES: SignedDuration = SignedDuration::from_secs(5);
/// How much later a late one comes unless the fault says otherwise (microsoft.md 3.3: up to 48 hours).
pub(crate) const LATE_SECONDS: u32 = 48 * 3600;
/// How long a webhook is held back at most to come after the next one.
pub(crate) const HELD_SECONDS: i64 = 600;

/// An alert to be raised.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct AlertRequest {
    /// The Azure subscription; drawn from the seed when absent.
    pub subscription: Option<Uuid>,
    /// The alert's type; `CryptoMining` when absent. Any text is taken, as Microsoft adds types with little notice.
    pub alert_type: Option<String>,
    /// `high` when absent.
    pub severity: Option<String>,
    /// `medium` when absent.
    pub confidence: Option<String>,
    /// The affected resources' ids.
    pub resources: Vec<String>,
    /// Whether it is a test alert.
    pub is_test: bool,
    /// Seconds by which the first observation lies before now.
    pub observed_seconds_ago: u32,
    /// Whether to send the webhook.
    pub silent: bool,
}

impl World {
    /// Raises an alert about a customer's Azure subscription, records it in the audit trail and sends the webhook.
    /// Returns the alert's id; none when the subscription is unknown or no more alerts fit.
    pub fn raise_alert(&mut self, request: &AlertRequest) -> Option<String> {
        self.raise_alert_because(request, &Cause::of("control", Actor::microsoft()))
    }

    pub(crate) fn raise_alert_because(&mut self, request: &AlertRequest, cause: &Cause) -> Option<String> {
        let subscription = match request.subscription {
            Some(subscription) => subscription,
            None => self.draw_azure_subscription()?,
        };
        let place = *self.by_azure_subscription.get(&subscription)?;
        let customer = self.customers.get(place)?;
        let customer_tenant = customer.tenant;
        let reseller_tenant = customer
            .reseller
            .and_then(|reseller| self.resellers.get(usize::from(reseller)))
            .map(|reseller| reseller.tenant);
        let kind = request.alert_type.clone().unwrap_or_else(|| "CryptoMining".to_owned());
        let id = format!("{subscription}-{}", self.draw.guid());
        let observed = SignedDuration::from_secs(-i64::from(request.observed_seconds_ago));
        let or = |text: &Option<String>, default: &str| text.clone().unwrap_or_else(|| default.to_owned());
        let alert = Alert {
            id: id.clone(),
            display_name: format!("Action Required: {kind}"),
            description: "Unusual activity was seen in an Azure subscription of your customer.".to_owned(),
            kind,
            severity: or(&request.severity, "high"),
            confidence: or(&request.confidence, "medium"),
            status: AlertStatus::Active,
            customer: place,
            customer_tenant,
            subscription,
            reseller_tenant,
            detected: self.now,
            first_observed: later(self.now, observed),
            last_observed: self.now,
            resolved_reason: None,
            resolved_at: None,
            resolved_by: None,
            is_test: request.is_test,
            resources: request.resources.clone(),
            steps: Vec::new(),
            details: BTreeMap::from([("ConnectionCount".to_owned(), "12".to_owned())]),
        };
        let after = views::alert_state(&alert);
        if !self.alerts.add(alert) {
            return None;
        }
        self.note("alert", id.clone(), Some(customer_tenant), cause, (Value::Null, after));
        self.audit(place, cause, ("subscription", "azure_fraud_event_detected"));
        if !request.silent {
            self.raise_fraud_webhook(subscription);
        }
        Some(id)
    }

    fn draw_azure_subscription(&mut self) -> Option<Uuid> {
        let start = self.draw.place(self.customers.len());
        let (before, from) = self.customers.split_at_checked(start)?;
        from.iter()
            .chain(before)
            .filter_map(|customer| customer.plan.as_ref())
            .find_map(|plan| plan.entitlements.first())
            .map(|entitlement| entitlement.id)
    }

    fn raise_fraud_webhook(&mut self, subscription: Uuid) {
        // The published example of this event has no ResourceName.
        let body = json!({
            "EventName": "azure-fraud-event-detected",
            "ResourceUri": format!("https://api.partnercenter.microsoft.com/v1/fraudEvents?SubscriptionId={subscription}&EventStatus=Active"),
            "AuditUri": Value::Null,
            "ResourceChangeUtcDate": views::webhook_date(self.now),
        });
        self.raise_webhook("azure-fraud-event-detected", &body, None);
    }

    pub(crate) fn raise_subscription_updated(&mut self, tenant: Uuid, subscription: Uuid) {
        let body = json!({
            "EventName": "subscription-updated",
            "ResourceUri": format!("https://api.partnercenter.microsoft.com/webhooks/v1/customers/{tenant}/subscriptions/{subscription}"),
            "ResourceName": "subscription",
            "AuditUri": Value::Null,
            "ResourceChangeUtcDate": views::webhook_date(self.now),
        });
        self.raise_webhook("subscription-updated", &body, None);
    }

    /// Queues a webhook for the registered address, with whatever the plan of faults does to it.
    pub(crate) fn raise_webhook(&mut self, event: &'static str, body: &Value, test: Option<String>) {
        self.webhooks.raised += 1;
        let Some(registration) = self.webhooks.registration.clone() else {
            return;
        };
        if !registration.events.iter().any(|wanted| wanted == event) {
            return;
        }
        if self.faults.strike(Fault::WebhookLost, event, 0).is_some() {
            return;
        }
        let body = body.to_string().into_bytes();
        let corrupted = self.faults.strike(Fault::WebhookCorrupted, event, 0).is_some();
        let outgoing = Outgoing {
            id: 0,
            kind: ParcelKind::Webhook { event: event.to_owned(), test },
            url: registration.url,
            headers: self.signed_headers(&body, registration.own_header, corrupted),
            body,
            attempt: 0,
        };
        let mut due = later(self.now, WEBHOOK_TAKES);
        if let Some(seconds) = self.faults.strike(Fault::WebhookLate, event, LATE_SECONDS) {
            due = later(due, SignedDuration::from_secs(i64::from(seconds)));
        }
        if self.faults.strike(Fault::WebhookDoubled, event, 0).is_some() {
            self.outbox.add(outgoing.clone(), later(due, SignedDuration::from_secs(1)));
        }
        if let Some(held) = self.webhooks.held.take() {
            self.outbox.postpone(held, later(due, SignedDuration::from_secs(1)));
        }
        let hold = self.faults.strike(Fault::WebhookReordered, event, 0).is_some();
        if hold {
            due = later(due, SignedDuration::from_secs(HELD_SECONDS));
        }
        let id = self.outbox.add(outgoing, due);
        if hold {
            self.webhooks.held = id;
        }
    }

    fn signed_headers(&self, body: &[u8], own_header: bool, corrupted: bool) -> Vec<(String, String)> {
        let mut signature = match self.trust.sign(body) {
            Ok(signature) => signature,
            Err(error) => {
                tracing::error!(%error, "a webhook leaves without a valid signature");
                Vec::new()
            }
        };
        if corrupted && let Some(first) = signature.first_mut() {
            *first ^= 0x55;
        }
        let signature = format!("Signature {}", STANDARD.encode(signature));
        let name = if own_header { "x-ms-signature" } else { "authorization" };
        let certificate = format!("{}/cert/pcnotifications-dispatch.microsoft.com.cer", self.origin);
        [
            ("content-type", "application/json".to_owned()),
            (name, signature),
            ("x-ms-certificate-url", certificate),
            ("x-ms-signature-algorithm", "rsa-sha256".to_owned()),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
    }
}
