//! Partner Center's own activity log (audit records): everything done for all customers, day by day. The article's
//! "customer activity logs"; Azure's own log is in `arm.rs`.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;

use crate::cloud::Role;
use crate::page::{Listing, Paging};
use crate::raw::RawJson;
use crate::wire;
use crate::wire::open_enum;

/// How many records a page asks for.
const PAGE_SIZE: usize = 500;

open_enum!(
    /// How an operation ended.
    OperationStatus {
        Succeeded = "succeeded",
        Failed = "failed",
        Progress = "progress",
    }
);

/// One thing done in Partner Center. Old and new values are JSON in text and can hold names.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditRecord {
    /// `{partner}_{customer}_{operation}_{ticks}`: the key by which a record told twice is one.
    #[serde(default, deserialize_with = "wire::text")]
    pub id: Option<String>,
    /// The customer.
    #[serde(default, deserialize_with = "wire::text")]
    pub customer_id: Option<String>,
    /// The customer's name.
    #[serde(default, deserialize_with = "wire::text")]
    pub customer_name: Option<String>,
    /// Who did it.
    #[serde(default, deserialize_with = "wire::text")]
    pub user_principal_name: Option<String>,
    /// With which application.
    #[serde(default, deserialize_with = "wire::text")]
    pub application_id: Option<String>,
    /// To what kind of thing (`subscription`, `order`, `credit` ...).
    #[serde(default, deserialize_with = "wire::text")]
    pub resource_type: Option<String>,
    /// The thing before, JSON in text.
    #[serde(default, deserialize_with = "wire::text")]
    pub resource_old_value: Option<String>,
    /// The thing after, JSON in text.
    #[serde(default, deserialize_with = "wire::text")]
    pub resource_new_value: Option<String>,
    /// What was done (`update_subscription`, `azure_fraud_event_detected` ...).
    #[serde(default, deserialize_with = "wire::text")]
    pub operation_type: Option<String>,
    /// When.
    #[serde(default, deserialize_with = "wire::time")]
    pub operation_date: Option<Timestamp>,
    /// How it ended.
    #[serde(default)]
    pub operation_status: OperationStatus,
    /// Further pairs.
    #[serde(default)]
    pub customized_data: Option<RawJson>,
}

impl Listing<AuditRecord> {
    /// The records of the days from `first` through `last`; Microsoft keeps 90 days and refuses to be asked for more.
    #[must_use]
    pub fn audit_records(first: Date, last: Date) -> Self {
        let path = format!("/v1/auditrecords?startDate={first}&endDate={last}&size={PAGE_SIZE}");
        Self::new("list audit records", format!("{first} to {last}"), Role::PartnerCenter, path, Paging::Collection)
    }
}
