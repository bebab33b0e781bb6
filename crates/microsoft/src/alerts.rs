//! Partner security alerts in Graph (beta): list, read, set status and reason. Setting a status answers Microsoft; it never
//! stops the abuse. The older fraud events are in `fraud_events.rs`.

use std::collections::BTreeMap;

use http::Method;
use jiff::Timestamp;
use serde::Deserialize;

use crate::call::{Call, CallContext};
use crate::client::{Client, Needs};
use crate::cloud::Role;
use crate::error::Error;
use crate::ids::{AlertId, TenantId};
use crate::links::percent;
use crate::page::{Listing, Paging, Row};
use crate::wire;
use crate::wire::open_enum;

const ALERTS: &str = "/beta/security/partner/securityAlerts";

open_enum!(
    /// Where an alert stands.
    AlertStatus {
        Active = "active",
        Investigating = "investigating",
        Resolved = "resolved",
    }
);

open_enum!(
    /// How bad Microsoft holds it to be.
    AlertSeverity {
        Informational = "informational",
        Low = "low",
        Medium = "medium",
        High = "high",
    }
);

open_enum!(
    /// How sure Microsoft is.
    AlertConfidence {
        Low = "low",
        Medium = "medium",
        High = "high",
    }
);

open_enum!(
    /// What the partner found.
    ResolvedReason {
        Legitimate = "legitimate",
        Ignore = "ignore",
        Fraud = "fraud",
    }
);

/// A partner security alert. `alert_type` is free text: new kinds appear with little notice.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SecurityAlert {
    /// The alert.
    pub id: AlertId,
    /// Its headline.
    #[serde(default, deserialize_with = "wire::text")]
    pub display_name: Option<String>,
    /// Its text.
    #[serde(default, deserialize_with = "wire::text")]
    pub description: Option<String>,
    /// Its kind, as told (`CryptoMining`, `VM_AnomalousDeployment` ...).
    #[serde(default, deserialize_with = "wire::text")]
    pub alert_type: Option<String>,
    /// Where it stands.
    #[serde(default)]
    pub status: AlertStatus,
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
    /// The indirect reseller.
    #[serde(default, deserialize_with = "wire::text")]
    pub value_added_reseller_tenant_id: Option<String>,
    /// When Microsoft detected it.
    #[serde(default, deserialize_with = "wire::time")]
    pub detected_date_time: Option<Timestamp>,
    /// When it was first seen.
    #[serde(default, deserialize_with = "wire::time")]
    pub first_observed_date_time: Option<Timestamp>,
    /// When it was last seen.
    #[serde(default, deserialize_with = "wire::time")]
    pub last_observed_date_time: Option<Timestamp>,
    /// What the partner found; none while open.
    #[serde(default)]
    pub resolved_reason: Option<ResolvedReason>,
    /// When it was resolved.
    #[serde(default, deserialize_with = "wire::time")]
    pub resolved_on_date_time: Option<Timestamp>,
    /// Who resolved it (a user name).
    #[serde(default, deserialize_with = "wire::text")]
    pub resolved_by: Option<String>,
    /// Whether it is only a test.
    #[serde(default, deserialize_with = "wire::boolean")]
    pub is_test: Option<bool>,
    /// The resources at stake; may be empty, then the whole Azure subscription is.
    #[serde(default, deserialize_with = "wire::list")]
    pub affected_resources: Vec<AffectedResource>,
    /// What was done with it.
    #[serde(default, deserialize_with = "wire::list")]
    pub activity_logs: Vec<AlertActivity>,
    /// Whatever else Microsoft tells (addresses of pools, counts).
    #[serde(default, deserialize_with = "wire::dictionary")]
    pub additional_details: BTreeMap<String, String>,
}

/// A resource named by an alert.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AffectedResource {
    /// Azure resource id.
    #[serde(default, alias = "azureResourceId", deserialize_with = "wire::text")]
    pub resource_id: Option<String>,
    /// Its kind.
    #[serde(default, alias = "type", deserialize_with = "wire::text")]
    pub resource_type: Option<String>,
}

/// One change of an alert's status.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AlertActivity {
    /// Status before.
    #[serde(default)]
    pub status_from: AlertStatus,
    /// Status after.
    #[serde(default)]
    pub status_to: AlertStatus,
    /// Who changed it (a user name).
    #[serde(default, deserialize_with = "wire::text")]
    pub updated_by: Option<String>,
    /// When.
    #[serde(default, deserialize_with = "wire::time")]
    pub updated_date_time: Option<Timestamp>,
}

/// Which alerts to list; an empty filter lists all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AlertFilter {
    /// Only with this status.
    pub status: Option<AlertStatus>,
    /// Only of this customer.
    pub customer: Option<TenantId>,
}

/// The answer given to Microsoft about an alert. Resolving needs a reason, the other states have none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AlertAnswer {
    /// Somebody looks at it: sent within the hour.
    Investigating,
    /// Done, with what was found.
    Resolved(ResolvedReason),
    /// Open again.
    Reopened,
}

impl AlertAnswer {
    fn body(&self) -> serde_json::Value {
        match self {
            Self::Investigating => serde_json::json!({ "status": "investigating" }),
            Self::Resolved(reason) => {
                serde_json::json!({ "status": "resolved", "resolvedReason": reason.as_wire() })
            }
            Self::Reopened => serde_json::json!({ "status": "active" }),
        }
    }
}

impl Listing<SecurityAlert> {
    /// The partner's security alerts of all its customers, or those the filter names.
    #[must_use]
    pub fn alerts(filter: &AlertFilter) -> Self {
        let status = filter.status.as_ref().map(|status| format!("status eq '{}'", quoted(status.as_wire())));
        let customer = filter.customer.as_ref().map(|customer| format!("customerTenantId eq '{customer}'"));
        let terms: Vec<String> = status.into_iter().chain(customer).collect();
        let path = if terms.is_empty() {
            ALERTS.to_owned()
        } else {
            format!("{ALERTS}?$filter={}", percent(&terms.join(" and ")))
        };
        Self::new("list security alerts", "", Role::Graph, path, Paging::NextLink)
    }
}

/// A quote inside an `OData` text is doubled.
fn quoted(text: &str) -> String {
    text.replace('\'', "''")
}

impl Client {
    /// Reads one alert.
    pub async fn alert(&self, context: &CallContext, alert: &AlertId) -> Result<Row<SecurityAlert>, Error> {
        let call = Call::read("read security alert", alert);
        let outgoing = self.reading(call, Role::Graph, &format!("{ALERTS}/{alert}"), Needs::AppFirst);
        self.read_row(context, &outgoing, "a security alert").await
    }

    /// Answers one named alert, and returns it as Microsoft now tells it. Answering twice with the same is harmless.
    pub async fn answer_alert(
        &self,
        context: &CallContext,
        alert: &AlertId,
        answer: &AlertAnswer,
    ) -> Result<Row<SecurityAlert>, Error> {
        let call = Call::write("answer security alert", alert);
        let body = answer.body().to_string().into_bytes();
        let outgoing = self.writing(call, Role::Graph, Method::PATCH, &format!("{ALERTS}/{alert}"), body);
        self.read_row(context, &outgoing, "a security alert").await
    }
}
