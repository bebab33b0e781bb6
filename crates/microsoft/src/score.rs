//! The partner's security score in Graph (beta): its requirements, recorded every day (a claim needs the state on the day
//! the fraud began, and Microsoft keeps a week), and the MFA posture of every customer in one list.

use jiff::Timestamp;
use serde::Deserialize;

use crate::call::{Call, CallContext};
use crate::client::{Client, Needs};
use crate::cloud::Role;
use crate::error::Error;
use crate::ids::TenantId;
use crate::page::{Listing, Paging, Row};
use crate::wire;
use crate::wire::open_enum;

const SCORE: &str = "/beta/security/partner/securityScore";

open_enum!(
    /// What Microsoft requires of the partner.
    RequirementType {
        MfaEnforcedForAdmins = "mfaEnforcedForAdmins",
        MfaEnforcedForAdminsOfCustomers = "mfaEnforcedForAdminsOfCustomers",
        SecurityAlertsPromptlyResolved = "securityAlertsPromptlyResolved",
        SecurityContactProvided = "securityContactProvided",
        SpendingBudgetSetForCustomerAzureSubscriptions = "spendingBudgetSetForCustomerAzureSubscriptions",
    }
);

/// Whether a requirement is met.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ComplianceStatus {
    /// Met.
    Compliant,
    /// Not met. Microsoft's contract spells it `noncomplaint`; the right spelling is read too.
    NonCompliant,
    /// Another value, as told; never to be taken for met.
    Unknown(String),
    /// None told.
    #[default]
    Untold,
}

impl<'de> Deserialize<'de> for ComplianceStatus {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let told = wire::text(deserializer)?.unwrap_or_default();
        Ok(match told.to_ascii_lowercase().as_str() {
            "" => Self::Untold,
            "compliant" => Self::Compliant,
            "noncomplaint" | "noncompliant" => Self::NonCompliant,
            _ => Self::Unknown(told),
        })
    }
}

/// The whole score, in thousandths of a point.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SecurityScore {
    /// Reached, in thousandths.
    #[serde(rename = "currentScore", default, deserialize_with = "wire::thousandths")]
    pub current_thousandths: Option<i64>,
    /// Possible, in thousandths.
    #[serde(rename = "maxScore", default, deserialize_with = "wire::thousandths")]
    pub max_thousandths: Option<i64>,
    /// When Microsoft last computed it.
    #[serde(default, deserialize_with = "wire::time")]
    pub last_refresh_date_time: Option<Timestamp>,
}

/// One requirement with the figures of its kind; figures of other kinds are none.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SecurityRequirement {
    /// The requirement's id.
    #[serde(default, deserialize_with = "wire::text")]
    pub id: Option<String>,
    /// Which one.
    #[serde(default)]
    pub requirement_type: RequirementType,
    /// Whether it is met.
    #[serde(default)]
    pub compliance_status: ComplianceStatus,
    /// Points reached.
    #[serde(default, deserialize_with = "wire::whole")]
    pub score: Option<i64>,
    /// Points possible.
    #[serde(default, deserialize_with = "wire::whole")]
    pub max_score: Option<i64>,
    /// `active` or `preview`.
    #[serde(default, deserialize_with = "wire::text")]
    pub state: Option<String>,
    /// When Microsoft last computed it.
    #[serde(default, deserialize_with = "wire::time")]
    pub updated_date_time: Option<Timestamp>,
    /// The partner's administrators.
    #[serde(default, deserialize_with = "wire::whole")]
    pub total_admins_count: Option<i64>,
    /// Those with MFA enabled.
    #[serde(default, deserialize_with = "wire::whole")]
    pub mfa_enabled_admins_count: Option<i64>,
    /// Those who must and do not use it.
    #[serde(default, deserialize_with = "wire::whole")]
    pub admins_required_not_using_mfa_count: Option<i64>,
    /// The partner's users.
    #[serde(default, deserialize_with = "wire::whole")]
    pub total_users_count: Option<i64>,
    /// Those with MFA enabled.
    #[serde(default, deserialize_with = "wire::whole")]
    pub mfa_enabled_users_count: Option<i64>,
    /// Those who must and do not use it.
    #[serde(default, deserialize_with = "wire::whole")]
    pub users_required_not_using_mfa_count: Option<i64>,
    /// `enabled` or `disabled`.
    #[serde(default, deserialize_with = "wire::text")]
    pub security_defaults_status: Option<String>,
    /// `enabled` or `disabled`.
    #[serde(default, deserialize_with = "wire::text")]
    pub mfa_conditional_access_policy_status: Option<String>,
    /// `enabled` or `disabled`.
    #[serde(default, deserialize_with = "wire::text")]
    pub legacy_per_user_mfa_status: Option<String>,
    /// Customer tenants counted.
    #[serde(default, deserialize_with = "wire::whole")]
    pub total_tenant_count: Option<i64>,
    /// Those that comply.
    #[serde(default, deserialize_with = "wire::whole")]
    pub compliant_tenant_count: Option<i64>,
    /// Customers with Azure.
    #[serde(default, deserialize_with = "wire::whole")]
    pub total_customers_count: Option<i64>,
    /// Those with a budget.
    #[serde(default, deserialize_with = "wire::whole")]
    pub customers_with_spend_budget_count: Option<i64>,
    /// Mean answer time of the last 30 days, in thousandths of an hour.
    #[serde(rename = "averageResponseTimeInHours", default, deserialize_with = "wire::thousandths")]
    pub average_response_time_hour_thousandths: Option<i64>,
}

/// The MFA posture of one customer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomerInsight {
    /// The customer.
    pub tenant_id: TenantId,
    /// Its figures.
    #[serde(default)]
    pub mfa: CustomerMfa,
}

/// The MFA figures of one customer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CustomerMfa {
    /// Administrators that comply.
    #[serde(deserialize_with = "wire::whole")]
    pub compliant_admins_count: Option<i64>,
    /// Other users that comply.
    #[serde(deserialize_with = "wire::whole")]
    pub compliant_non_admins_count: Option<i64>,
    /// All users.
    #[serde(deserialize_with = "wire::whole")]
    pub total_users_count: Option<i64>,
    /// `enabled` or `disabled`.
    #[serde(deserialize_with = "wire::text")]
    pub security_defaults_status: Option<String>,
    /// `enabled` or `disabled`.
    #[serde(deserialize_with = "wire::text")]
    pub mfa_conditional_access_policy_status: Option<String>,
    /// `enabled` or `disabled`.
    #[serde(deserialize_with = "wire::text")]
    pub legacy_per_user_mfa_status: Option<String>,
}

impl Listing<SecurityRequirement> {
    /// The requirements of the partner's score; their raw rows are the daily MFA record.
    #[must_use]
    pub fn security_requirements() -> Self {
        let path = format!("{SCORE}/requirements");
        Self::new("list security requirements", "", Role::Graph, path, Paging::NextLink)
    }
}

impl Listing<CustomerInsight> {
    /// The MFA posture of every customer.
    #[must_use]
    pub fn customer_insights() -> Self {
        let path = format!("{SCORE}/customerInsights");
        Self::new("list customers' MFA posture", "", Role::Graph, path, Paging::NextLink)
    }
}

impl Client {
    /// Reads the partner's security score.
    pub async fn security_score(&self, context: &CallContext) -> Result<Row<SecurityScore>, Error> {
        let outgoing = self.reading(Call::read("read security score", ""), Role::Graph, SCORE, Needs::AppFirst);
        self.read_row(context, &outgoing, "the security score").await
    }
}
