//! Fraud events, Partner Center's older list of alerts: read only, and only when Graph's alerts cannot be had.
//! Answers go to the alert in Graph (`alerts.rs`), which names one alert and never a whole subscription by accident.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;

use crate::alerts::{AffectedResource, AlertConfidence, AlertSeverity, AlertStatus};
use crate::client::Needs;
use crate::cloud::Role;
use crate::ids::AlertId;
use crate::page::{Listing, Paging};
use crate::wire;

/// How many events a page asks for.
const PAGE_SIZE: usize = 100;

/// A fraud event in the newer model.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FraudEvent {
    /// The event.
    pub event_id: AlertId,
    /// When it happened; told without a zone, meant as UTC.
    #[serde(default, deserialize_with = "wire::time")]
    pub event_time: Option<Timestamp>,
    /// Its kind, as told.
    #[serde(default, deserialize_with = "wire::text")]
    pub event_type: Option<String>,
    /// Where it stands.
    #[serde(default)]
    pub event_status: AlertStatus,
    /// How bad.
    #[serde(default)]
    pub severity: AlertSeverity,
    /// How sure.
    #[serde(default)]
    pub confidence_level: AlertConfidence,
    /// The customer.
    #[serde(default, deserialize_with = "wire::text")]
    pub customer_tenant_id: Option<String>,
    /// The Azure subscription.
    #[serde(default, deserialize_with = "wire::text")]
    pub subscription_id: Option<String>,
    /// When it was first seen.
    #[serde(default, deserialize_with = "wire::time")]
    pub first_observed: Option<Timestamp>,
    /// When it was last seen.
    #[serde(default, deserialize_with = "wire::time")]
    pub last_observed: Option<Timestamp>,
    /// When it was resolved; none while open.
    #[serde(default, deserialize_with = "wire::time")]
    pub resolved_on: Option<Timestamp>,
    /// `None`, `Fraud`, `Ignore` or `Legitimate`, as told.
    #[serde(default, deserialize_with = "wire::text")]
    pub resolved_reason: Option<String>,
    /// Whether it is only a test.
    #[serde(rename = "IsTest", alias = "isTest", default, deserialize_with = "wire::boolean")]
    pub is_test: Option<bool>,
    /// The resources at stake; may be empty, then the whole Azure subscription is.
    #[serde(default, deserialize_with = "wire::list")]
    pub affected_resources: Vec<AffectedResource>,
    /// Whatever else Microsoft tells.
    #[serde(default, deserialize_with = "wire::dictionary")]
    pub additional_details: BTreeMap<String, String>,
}

impl Listing<FraudEvent> {
    /// The fraud events of all customers, or those with one status.
    #[must_use]
    pub fn fraud_events(status: Option<&AlertStatus>) -> Self {
        let wanted = match status {
            Some(AlertStatus::Active) => "EventStatus=Active&",
            Some(AlertStatus::Investigating) => "EventStatus=Investigating&",
            Some(AlertStatus::Resolved) => "EventStatus=Resolved&",
            Some(AlertStatus::Unknown(_)) | None => "",
        };
        let path = format!("/v1/fraudEvents?{wanted}PageSize={PAGE_SIZE}&PageNumber=1");
        let paging = Paging::Numbered { page_size: PAGE_SIZE };
        Self {
            needs: Needs::User,
            extra: Some(("x-neweventsmodel", "true")),
            ..Self::new("list fraud events", "", Role::PartnerCenter, path, paging)
        }
    }
}
