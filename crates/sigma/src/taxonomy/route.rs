//! Deciding from an event which log it belongs to, and which log sources of rules that means.
//! One pass over the top-level keys; an event without a known mark is `Unknown`.

use sonic_rs::{JsonContainerTrait, JsonValueTrait, Value};

use super::path::lookup;

/// The logs this engine knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogType {
    /// Azure Activity Log.
    Activity,
    /// Azure resource logs (storage, key vault and others).
    Resource,
    /// Entra audit log.
    Audit,
    /// Entra sign-in logs.
    SignIn,
    /// Entra risk detections and privileged identity alerts.
    Risk,
    /// Office 365 management activity (unified audit log).
    Office,
    /// Defender alerts.
    Defender,
    /// Partner Center audit records.
    PartnerAudit,
    /// Microsoft's partner security alerts.
    PartnerAlert,
    /// None of these: every rule looks at such an event.
    Unknown,
}

impl LogType {
    /// All log types, in a fixed order.
    pub const ALL: [Self; 10] = [
        Self::Activity,
        Self::Resource,
        Self::Audit,
        Self::SignIn,
        Self::Risk,
        Self::Office,
        Self::Defender,
        Self::PartnerAudit,
        Self::PartnerAlert,
        Self::Unknown,
    ];

    /// Position in [`LogType::ALL`].
    #[must_use]
    pub fn index(self) -> usize {
        Self::ALL.iter().position(|t| *t == self).unwrap_or(Self::ALL.len() - 1)
    }

    /// The log sources of Sigma rules this log carries, as (product, services).
    #[must_use]
    pub fn sources(self) -> (&'static str, &'static [&'static str]) {
        match self {
            Self::Activity => ("azure", &["activitylogs"]),
            Self::Resource => ("azure", &["resourcelogs"]),
            Self::Audit => ("azure", &["auditlogs", "pim"]),
            Self::SignIn => ("azure", &["signinlogs"]),
            Self::Risk => ("azure", &["riskdetection", "pim"]),
            Self::Office => ("m365", &["audit", "exchange", "threat_detection", "threat_management"]),
            Self::Defender => ("m365", &["defender"]),
            Self::PartnerAudit => ("partnercenter", &["auditrecords"]),
            Self::PartnerAlert => ("partnercenter", &["securityalerts"]),
            Self::Unknown => ("", &[]),
        }
    }

    /// Whether a rule with this log source looks at events of this log.
    /// A rule without a service looks at every log of its product. Every rule looks at events
    /// of unknown type, since nothing says that they are not meant.
    #[must_use]
    pub fn carries(self, product: Option<&str>, service: Option<&str>) -> bool {
        let (own_product, own_services) = self.sources();
        match (self, product, service) {
            (Self::Unknown, _, _) => true,
            (_, Some(product), service) => {
                product == own_product && service.is_none_or(|service| own_services.contains(&service))
            }
            (_, None, Some(service)) => own_services.contains(&service),
            (_, None, None) => false,
        }
    }
}

/// The marks found on the top level of an event.
#[derive(Debug, Default)]
struct Marks<'e> {
    category: Option<&'e str>,
    operation_name: Option<&'e str>,
    resource_id: Option<&'e str>,
    table: Option<&'e str>,
    authorization_action: bool,
    properties: Option<&'e Value>,
    found: u32,
}

const OFFICE_OPERATION: u32 = 1;
const OFFICE_CONTEXT: u32 = 1 << 1;
const ACTIVITY_COLUMN: u32 = 1 << 2;
const AUDIT_ACTIVITY: u32 = 1 << 3;
const AUDIT_CONTEXT: u32 = 1 << 4;
const RISK_TYPE: u32 = 1 << 5;
const SIGN_IN_APP: u32 = 1 << 6;
const SIGN_IN_CONTEXT: u32 = 1 << 7;
const PARTNER_OPERATION: u32 = 1 << 8;
const PARTNER_CONTEXT: u32 = 1 << 9;
const ALERT_TYPE: u32 = 1 << 10;
const PARTNER_ALERT_CONTEXT: u32 = 1 << 11;
const AUDIT_DATA: u32 = 1 << 12;
const TIME: u32 = 1 << 13;
const ALERT_SERVICE: u32 = 1 << 14;
const ALERT_TITLE: u32 = 1 << 15;

impl<'e> Marks<'e> {
    fn read(root: &'e Value) -> Self {
        let mut marks = Self::default();
        let Some(object) = root.as_object() else { return marks };
        for (key, value) in object {
            marks.take(key, value);
        }
        marks
    }

    fn take(&mut self, key: &str, value: &'e Value) {
        match key {
            "category" | "Category" | "CategoryValue" => {
                self.category = text(value).or(self.category);
                if key == "CategoryValue" {
                    self.found |= ACTIVITY_COLUMN;
                }
            }
            "operationName" | "OperationName" => self.operation_name = text(value),
            "OperationNameValue" | "ActivityStatusValue" | "eventDataId" => self.found |= ACTIVITY_COLUMN,
            "resourceId" | "ResourceId" | "_ResourceId" => self.resource_id = text(value),
            "Type" => self.table = text(value),
            "properties" => self.properties = Some(value),
            "authorization" => self.authorization_action = lookup(value, "action").is_some(),
            "Operation" | "operation" | "Operations" => self.found |= OFFICE_OPERATION,
            "RecordType" | "recordtype" | "Workload" | "workload" | "UserKey" | "userkey" | "OrganizationId"
            | "organizationid" | "CreationTime" | "creationtime" | "OfficeWorkload" => {
                self.found |= OFFICE_CONTEXT;
            }
            "AuditData" => self.found |= AUDIT_DATA,
            "activityDisplayName" | "ActivityDisplayName" => self.found |= AUDIT_ACTIVITY,
            "targetResources" | "TargetResources" | "initiatedBy" | "InitiatedBy" | "loggedByService"
            | "LoggedByService" => self.found |= AUDIT_CONTEXT,
            "riskEventType" | "RiskEventType" => self.found |= RISK_TYPE,
            "appDisplayName" | "AppDisplayName" | "clientAppUsed" | "ClientAppUsed" | "isInteractive" => {
                self.found |= SIGN_IN_APP;
            }
            "userPrincipalName"
            | "UserPrincipalName"
            | "conditionalAccessStatus"
            | "ConditionalAccessStatus"
            | "authenticationRequirement"
            | "AuthenticationRequirement"
            | "servicePrincipalId" => {
                self.found |= SIGN_IN_CONTEXT;
            }
            "operationType" => self.found |= PARTNER_OPERATION,
            "operationDate" | "operationStatus" | "resourceNewValue" => self.found |= PARTNER_CONTEXT,
            "evt" if lookup(value, "name").and_then(JsonValueTrait::as_str).is_some_and(is_azure_operation) => {
                self.found |= ACTIVITY_COLUMN;
            }
            "serviceSource" | "detectionSource" | "alertWebUrl" => self.found |= ALERT_SERVICE,
            "title" => self.found |= ALERT_TITLE,
            "alertType" => self.found |= ALERT_TYPE,
            "customerTenantId" | "valueAddedResellerTenantId" | "catalogOfferId" => self.found |= PARTNER_ALERT_CONTEXT,
            "time" => self.found |= TIME,
            _ => {}
        }
    }

    fn has(&self, marks: u32) -> bool {
        self.found & marks == marks
    }
}

/// A text, or the text of `{value, localizedValue}`.
fn text(value: &Value) -> Option<&str> {
    value.as_str().or_else(|| lookup(value, "value").and_then(JsonValueTrait::as_str))
}

const ACTIVITY_CATEGORIES: [&str; 11] = [
    "Administrative",
    "Security",
    "ServiceHealth",
    "Alert",
    "Recommendation",
    "Policy",
    "Autoscale",
    "ResourceHealth",
    "Write",
    "Delete",
    "Action",
];

/// Decides the log type of an event.
#[must_use]
pub fn route(root: &Value) -> LogType {
    let marks = Marks::read(root);
    if marks.has(OFFICE_OPERATION | OFFICE_CONTEXT) || marks.has(AUDIT_DATA) {
        return LogType::Office;
    }
    if let Some(log_type) = marks.table.and_then(by_table) {
        return log_type;
    }
    if let Some(log_type) = marks.category.and_then(by_category) {
        return log_type;
    }
    if let Some(log_type) = by_operation(&marks) {
        return log_type;
    }
    by_shape(&marks)
}

fn by_table(table: &str) -> Option<LogType> {
    Some(match table {
        "AzureActivity" => LogType::Activity,
        "AuditLogs" => LogType::Audit,
        "SigninLogs"
        | "AADNonInteractiveUserSignInLogs"
        | "AADServicePrincipalSignInLogs"
        | "AADManagedIdentitySignInLogs" => LogType::SignIn,
        "OfficeActivity" => LogType::Office,
        "AADUserRiskEvents" | "AADServicePrincipalRiskEvents" | "AADRiskyUsers" => LogType::Risk,
        "AzureDiagnostics" | "StorageBlobLogs" | "AZKVAuditLogs" => LogType::Resource,
        "SecurityAlert" | "AlertInfo" | "AlertEvidence" => LogType::Defender,
        _ => return None,
    })
}

fn by_category(category: &str) -> Option<LogType> {
    Some(match category {
        "SignInLogs"
        | "NonInteractiveUserSignInLogs"
        | "ServicePrincipalSignInLogs"
        | "ManagedIdentitySignInLogs"
        | "ADFSSignInLogs" => LogType::SignIn,
        "AuditLogs" => LogType::Audit,
        "UserRiskEvents" | "RiskyUsers" | "ServicePrincipalRiskEvents" | "RiskyServicePrincipals" => LogType::Risk,
        "AuditEvent" | "StorageRead" | "StorageWrite" | "StorageDelete" => LogType::Resource,
        _ if category.starts_with("AdvancedHunting-") => LogType::Defender,
        _ => return None,
    })
}

/// `Microsoft.Compute/virtualMachines/write` and the like name an Azure operation.
fn is_azure_operation(operation: &str) -> bool {
    operation.split_once('/').is_some_and(|(provider, _)| provider.contains('.') && !provider.contains(' '))
}

fn by_operation(marks: &Marks<'_>) -> Option<LogType> {
    let operation = marks.operation_name;
    let activity_category =
        marks.category.is_some_and(|c| ACTIVITY_CATEGORIES.iter().any(|a| a.eq_ignore_ascii_case(c)));
    if operation.is_some_and(is_azure_operation) || marks.has(ACTIVITY_COLUMN) || marks.authorization_action {
        return Some(LogType::Activity);
    }
    if operation.is_some_and(|o| o.eq_ignore_ascii_case("Sign-in activity")) {
        return Some(LogType::SignIn);
    }
    let inner = |key: &str| marks.properties.is_some_and(|p| lookup(p, key).is_some());
    if inner("targetResources") || inner("loggedByService") || inner("activityDisplayName") {
        return Some(LogType::Audit);
    }
    if inner("riskEventType") {
        return Some(LogType::Risk);
    }
    if inner("clientAppUsed") || inner("conditionalAccessStatus") || inner("appDisplayName") {
        return Some(LogType::SignIn);
    }
    let resource = marks.resource_id.map(str::to_ascii_lowercase);
    if resource.as_deref().is_some_and(|r| r.starts_with("/tenants/") && r.contains("microsoft.aadiam")) {
        return Some(LogType::Audit);
    }
    if activity_category && (marks.has(TIME) || resource.is_some()) && operation.is_some() {
        return Some(LogType::Activity);
    }
    if resource.as_deref().is_some_and(|r| r.starts_with("/subscriptions/")) && operation.is_some() {
        return Some(LogType::Resource);
    }
    None
}

fn by_shape(marks: &Marks<'_>) -> LogType {
    if marks.has(ALERT_TYPE | PARTNER_ALERT_CONTEXT) {
        LogType::PartnerAlert
    } else if marks.has(PARTNER_OPERATION | PARTNER_CONTEXT) {
        LogType::PartnerAudit
    } else if marks.has(AUDIT_ACTIVITY) || (marks.has(AUDIT_CONTEXT) && marks.operation_name.is_some()) {
        LogType::Audit
    } else if marks.has(ALERT_SERVICE | ALERT_TITLE) {
        LogType::Defender
    } else if marks.has(RISK_TYPE) {
        LogType::Risk
    } else if marks.has(SIGN_IN_APP | SIGN_IN_CONTEXT) {
        LogType::SignIn
    } else {
        LogType::Unknown
    }
}
