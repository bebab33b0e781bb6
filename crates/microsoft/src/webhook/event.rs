//! A believed event: its name, the ids in its links (never a link to follow) and the key by which a repeat is known.

use std::fmt;

use jiff::Timestamp;
use serde::Deserialize;

use super::Rejection;
use crate::ids::{
    AzureSubscriptionId, InvoiceId, RelationshipId, SubscriptionId, SubscriptionKey, TenantId, WebhookTestId,
};
use crate::wire;
use crate::wire::open_enum;

open_enum!(
    /// What happened.
    EventName {
        TestCreated = "test-created",
        AzureFraudEventDetected = "azure-fraud-event-detected",
        SubscriptionUpdated = "subscription-updated",
        UsageThresholdExceeded = "usagerecords-thresholdExceeded",
        InvoiceReady = "invoice-ready",
        ResellerRelationshipAccepted = "reseller-relationship-accepted-by-customer",
        IndirectResellerRelationshipAccepted = "indirect-reseller-relationship-accepted-by-customer",
        DapApproved = "dap-admin-relationship-approved",
        DapTerminated = "dap-admin-relationship-terminated",
        DapTerminatedByMicrosoft = "dap-admin-relationship-terminated-by-microsoft",
        GdapApproved = "granular-admin-relationship-approved",
        GdapActivated = "granular-admin-relationship-activated",
        GdapTerminated = "granular-admin-relationship-terminated",
        GdapExpired = "granular-admin-relationship-expired",
        GdapAssignmentCreated = "granular-admin-access-assignment-created",
        GdapAssignmentActivated = "granular-admin-access-assignment-activated",
        GdapAssignmentUpdated = "granular-admin-access-assignment-updated",
        GdapAssignmentDeleted = "granular-admin-access-assignment-deleted",
    }
);

/// What an event is about: ids to read again by the client, with URLs of our own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventSubject {
    /// An Azure subscription, of a customer not told.
    AzureSubscription(AzureSubscriptionId),
    /// A subscription or Azure plan.
    Subscription(SubscriptionKey),
    /// The Azure use of all customers.
    UsageOfAllCustomers,
    /// A customer.
    Customer(TenantId),
    /// An invoice to the partner.
    Invoice(InvoiceId),
    /// A granular admin relationship.
    Relationship(RelationshipId),
    /// A test.
    Test(WebhookTestId),
    /// Nothing that could be read from the link.
    Untold,
}

/// SHA-256 of the body: the same delivery has the same key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ReplayKey([u8; 32]);

impl ReplayKey {
    fn of(body: &[u8]) -> Self {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, body);
        let mut key = [0_u8; 32];
        for (to, from) in key.iter_mut().zip(digest.as_ref()) {
            *to = *from;
        }
        Self(key)
    }

    /// The 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for ReplayKey {
    /// Lower-case hexadecimal.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

/// An event that Microsoft signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What happened.
    pub name: EventName,
    /// To what.
    pub subject: EventSubject,
    /// The audit record that goes with it, when told: `{partner}_{customer}_{operation}_{ticks}`.
    pub audit_record: Option<String>,
    /// When it happened.
    pub changed_at: Option<Timestamp>,
    /// By which a repeat is known.
    pub replay_key: ReplayKey,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Body {
    event_name: EventName,
    #[serde(default, deserialize_with = "wire::text")]
    resource_uri: Option<String>,
    #[serde(default, alias = "AuditUrl", deserialize_with = "wire::text")]
    audit_uri: Option<String>,
    #[serde(default, deserialize_with = "wire::time")]
    resource_change_utc_date: Option<Timestamp>,
}

impl Event {
    pub(super) fn read(raw_body: &[u8]) -> Result<Self, Rejection> {
        let body: Body = serde_json::from_slice(wire::without_bom(raw_body)).map_err(|_| Rejection::UnreadableEvent)?;
        if body.event_name.as_wire().is_empty() {
            return Err(Rejection::UnreadableEvent);
        }
        let link = Link::of(body.resource_uri.as_deref().unwrap_or_default());
        let audit_link = body.audit_uri.as_deref().unwrap_or_default();
        Ok(Self {
            name: body.event_name,
            subject: link.subject().unwrap_or(EventSubject::Untold),
            audit_record: Link::of(audit_link).after("auditrecords").and_then(as_audit_record),
            changed_at: body.resource_change_utc_date,
            replay_key: ReplayKey::of(raw_body),
        })
    }
}

/// Audit record ids are several ids joined; they are looked up in a list, never put into a path.
fn as_audit_record(text: &str) -> Option<String> {
    const MAX_AUDIT_RECORD_BYTES: usize = 256;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (text.len() <= MAX_AUDIT_RECORD_BYTES && text.bytes().all(plain)).then(|| text.to_owned())
}

/// A link taken apart; its host is not looked at, since it is never followed.
struct Link<'a> {
    segments: Vec<&'a str>,
    query: &'a str,
}

impl<'a> Link<'a> {
    fn of(text: &'a str) -> Self {
        let (path, query) = text.split_once('?').unwrap_or((text, ""));
        let path = path.split_once("://").map_or(path, |(_, rest)| rest.split_once('/').map_or("", |(_, path)| path));
        Self { segments: path.split('/').filter(|segment| !segment.is_empty()).collect(), query }
    }

    /// The segment after the last one with this name.
    fn after(&self, name: &str) -> Option<&'a str> {
        let at = self.segments.iter().rposition(|segment| segment.eq_ignore_ascii_case(name))?;
        self.segments.get(at.checked_add(1)?).copied()
    }

    fn has(&self, name: &str) -> bool {
        self.segments.iter().any(|segment| segment.eq_ignore_ascii_case(name))
    }

    fn in_query(&self, name: &str) -> Option<&'a str> {
        let mut pairs = self.query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    fn subject(&self) -> Option<EventSubject> {
        if self.has("fraudEvents") {
            let id = self.in_query("SubscriptionId")?;
            return AzureSubscriptionId::parse(id).ok().map(EventSubject::AzureSubscription);
        }
        if let Some(id) = self.after("validationEvents") {
            return WebhookTestId::parse(id).ok().map(EventSubject::Test);
        }
        if let Some(id) = self.after("invoices") {
            return InvoiceId::parse(id).ok().map(EventSubject::Invoice);
        }
        if let Some(id) = self.after("granularAdminRelationships") {
            return RelationshipId::parse(id).ok().map(EventSubject::Relationship);
        }
        let customer = self.after("customers")?;
        if customer.eq_ignore_ascii_case("usagerecords") {
            return Some(EventSubject::UsageOfAllCustomers);
        }
        let customer = TenantId::parse(customer).ok()?;
        match self.after("subscriptions") {
            Some(id) => {
                let subscription = SubscriptionId::parse(id).ok()?;
                Some(EventSubject::Subscription(SubscriptionKey { customer, subscription }))
            }
            None => Some(EventSubject::Customer(customer)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject_of(uri: &str) -> EventSubject {
        Link::of(uri).subject().unwrap_or(EventSubject::Untold)
    }

    #[test]
    fn ids_are_taken_from_every_documented_link_and_from_nothing_else() {
        let azure = EventSubject::AzureSubscription(AzureSubscriptionId::parse("aa-1").unwrap());
        let seat = EventSubject::Subscription(SubscriptionKey {
            customer: TenantId::parse("c-1").unwrap(),
            subscription: SubscriptionId::parse("s-1").unwrap(),
        });
        for (uri, expected) in [
            (
                "https://api.partnercenter.microsoft.com/v1/fraudEvents?SubscriptionId=aa-1&EventStatus=Active",
                azure.clone(),
            ),
            ("http://evil.example/v1/fraudevents?eventstatus=Active&subscriptionid=aa-1", azure),
            ("https://x/webhooks/v1/customers/c-1/subscriptions/s-1", seat.clone()),
            ("/v1/customers/c-1/subscriptions/s-1", seat),
            ("https://x/v1/customers/usagerecords", EventSubject::UsageOfAllCustomers),
            ("https://x/v1/customers/c-1", EventSubject::Customer(TenantId::parse("c-1").unwrap())),
            ("https://x/v1/invoices/G01", EventSubject::Invoice(InvoiceId::parse("G01").unwrap())),
            (
                "https://partner.microsoft.com/granularAdminRelationships/r-1/accessAssignments/a-1",
                EventSubject::Relationship(RelationshipId::parse("r-1").unwrap()),
            ),
            (
                "https://x/webhooks/v1/registration/validationEvents/t-1",
                EventSubject::Test(WebhookTestId::parse("t-1").unwrap()),
            ),
            ("https://x/v1/fraudEvents?SubscriptionId=../../x", EventSubject::Untold),
            ("https://x/v1/customers/..%2f/subscriptions/s-1", EventSubject::Untold),
            ("https://x/v1/customers", EventSubject::Untold),
            ("", EventSubject::Untold),
        ] {
            assert_eq!(subject_of(uri), expected, "{uri}");
        }
    }

    #[test]
    fn a_body_without_a_resource_name_or_audit_link_is_still_an_event() {
        let body = br#"{"EventName":"azure-fraud-event-detected","ResourceUri":"https://x/v1/fraudEvents?SubscriptionId=aa","AuditUri":null,"ResourceChangeUtcDate":"2026-05-02T03:04:05.1234567+00:00"}"#;
        let event = Event::read(body).unwrap();
        assert_eq!(event.name, EventName::AzureFraudEventDetected);
        assert_eq!(event.changed_at, "2026-05-02T03:04:05.1234567Z".parse().ok());
        assert_eq!(event.audit_record, None);
        assert_eq!(event.replay_key.to_string().len(), 64);
        let audited = br#"{"EventName":"x-y","AuditUri":"/auditactivity/v1/auditrecords/p_c_updatesubscription_636"}"#;
        let event = Event::read(audited).unwrap();
        assert_eq!(event.name, EventName::Unknown("x-y".into()));
        assert_eq!(event.audit_record.as_deref(), Some("p_c_updatesubscription_636"));
        assert_eq!(Event::read(b"{}"), Err(Rejection::UnreadableEvent));
        assert_eq!(Event::read(br#"{"EventName":null}"#), Err(Rejection::UnreadableEvent));
        assert_eq!(Event::read(b"[]"), Err(Rejection::UnreadableEvent));
    }
}
