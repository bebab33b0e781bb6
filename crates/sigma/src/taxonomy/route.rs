//! Deciding from an event which log it belongs to, and which log sources of rules that means.
//! One pass over the top-level keys; an event without a known mark is `Unknown`.

use std::sync::LazyLock;

use wide::u8x16;

use super::path::lookup;
use crate::json::Node;
use crate::keys::{SLOTS, common};
use crate::view::View;

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
        match self {
            Self::Activity => 0,
            Self::Resource => 1,
            Self::Audit => 2,
            Self::SignIn => 3,
            Self::Risk => 4,
            Self::Office => 5,
            Self::Defender => 6,
            Self::PartnerAudit => 7,
            Self::PartnerAlert => 8,
            Self::Unknown => 9,
        }
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
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Marks(u32);

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

/// What the presence of a key says.
pub(super) const MARKS: &[(&str, u32)] = &[
    ("CategoryValue", ACTIVITY_COLUMN),
    ("OperationNameValue", ACTIVITY_COLUMN),
    ("ActivityStatusValue", ACTIVITY_COLUMN),
    ("eventDataId", ACTIVITY_COLUMN),
    ("Operation", OFFICE_OPERATION),
    ("Operations", OFFICE_OPERATION),
    ("RecordType", OFFICE_CONTEXT),
    ("Workload", OFFICE_CONTEXT),
    ("UserKey", OFFICE_CONTEXT),
    ("OrganizationId", OFFICE_CONTEXT),
    ("CreationTime", OFFICE_CONTEXT),
    ("OfficeWorkload", OFFICE_CONTEXT),
    ("AuditData", AUDIT_DATA),
    ("activityDisplayName", AUDIT_ACTIVITY),
    ("targetResources", AUDIT_CONTEXT),
    ("initiatedBy", AUDIT_CONTEXT),
    ("loggedByService", AUDIT_CONTEXT),
    ("riskEventType", RISK_TYPE),
    ("appDisplayName", SIGN_IN_APP),
    ("clientAppUsed", SIGN_IN_APP),
    ("isInteractive", SIGN_IN_APP),
    ("userPrincipalName", SIGN_IN_CONTEXT),
    ("conditionalAccessStatus", SIGN_IN_CONTEXT),
    ("authenticationRequirement", SIGN_IN_CONTEXT),
    ("servicePrincipalId", SIGN_IN_CONTEXT),
    ("operationType", PARTNER_OPERATION),
    ("operationDate", PARTNER_CONTEXT),
    ("operationStatus", PARTNER_CONTEXT),
    ("resourceNewValue", PARTNER_CONTEXT),
    ("alertType", ALERT_TYPE),
    ("customerTenantId", PARTNER_ALERT_CONTEXT),
    ("valueAddedResellerTenantId", PARTNER_ALERT_CONTEXT),
    ("catalogOfferId", PARTNER_ALERT_CONTEXT),
    ("serviceSource", ALERT_SERVICE),
    ("detectionSource", ALERT_SERVICE),
    ("alertWebUrl", ALERT_SERVICE),
    ("title", ALERT_TITLE),
    ("time", TIME),
];

/// Keys whose values decide.
pub(super) const DECIDING: [&str; 11] = [
    "category",
    "CategoryValue",
    "operationName",
    "resourceId",
    "_ResourceId",
    "Type",
    "properties",
    "authorization",
    "evt",
    "time",
    "AuditData",
];

impl Marks {
    /// What no key says.
    pub(crate) const NONE: Self = Self(0);
    /// The key has a dot.
    pub(crate) const DOTTED: Self = Self(1 << 31);

    /// Whether one of the keys has a dot.
    pub(crate) fn has_dot(self) -> bool {
        self.has(Self::DOTTED.0)
    }

    /// What the presence of a key says, by its number.
    pub(crate) fn of(id: usize) -> Self {
        static BY_ID: LazyLock<Vec<u32>> = LazyLock::new(|| {
            let mut by_id = vec![0; SLOTS];
            for (name, mark) in MARKS {
                if let Some(slot) = common().id(name).and_then(|id| by_id.get_mut(id)) {
                    *slot |= *mark;
                }
            }
            by_id
        });
        Self(BY_ID.get(id).copied().unwrap_or(0))
    }

    /// Notes one key more.
    #[inline]
    pub(crate) fn add(&mut self, other: Self) {
        self.0 |= other.0;
    }

    fn has(self, marks: u32) -> bool {
        self.0 & marks == marks
    }
}

/// The values that decide, each read when it is asked for.
struct Deciders<'v> {
    view: &'v View<'v>,
    marks: Marks,
}

impl<'v> Deciders<'v> {
    fn top(&self, at: usize) -> Option<Node<'v>> {
        // They are the first keys of every table, so that their places are their numbers.
        self.view.top(Some(at), DECIDING.get(at).copied().unwrap_or_default())
    }

    fn category(&self) -> Option<&'v str> {
        self.top(0).or_else(|| self.top(1)).and_then(text)
    }

    fn operation_name(&self) -> Option<&'v str> {
        self.top(2).and_then(text)
    }

    fn resource_id(&self) -> Option<&'v str> {
        self.top(3).or_else(|| self.top(4)).and_then(text)
    }

    fn table(&self) -> Option<&'v str> {
        self.top(5).and_then(text)
    }

    fn azure_action(&self) -> bool {
        let action = |at: usize, key: &str| {
            self.top(at).and_then(|v| lookup(v, key)).and_then(Node::text).is_some_and(is_azure_operation)
        };
        action(7, "action") || action(8, "name")
    }

    fn has_property(&self, key: &str) -> bool {
        self.top(6).is_some_and(|properties| lookup(properties, key).is_some())
    }

    fn has(&self, marks: u32) -> bool {
        self.marks.has(marks)
    }
}

/// A text, or the text of `{value, localizedValue}`.
fn text(value: Node<'_>) -> Option<&str> {
    value.text().or_else(|| lookup(value, "value").and_then(Node::text))
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
pub(crate) fn route(view: &View<'_>, found: Marks) -> LogType {
    if found.has(OFFICE_OPERATION | OFFICE_CONTEXT) {
        return LogType::Office;
    }
    let marks = Deciders { view, marks: found };
    if marks.has(AUDIT_DATA) {
        return LogType::Office;
    }
    if let Some(log_type) = marks.table().and_then(by_table) {
        return log_type;
    }
    let category = marks.category();
    if let Some(log_type) = category.and_then(by_category) {
        return log_type;
    }
    if let Some(log_type) = by_operation(&marks, category) {
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
    is_azure_head(operation.as_bytes()).unwrap_or_else(|| {
        let mut dotted = false;
        for byte in operation.bytes() {
            match byte {
                b'/' => return dotted,
                b'.' => dotted = true,
                b' ' => return false,
                _ => {}
            }
        }
        false
    })
}

/// The same by the first bytes at once: how many there are to the slash is hard to foresee. `None` where they do not say.
#[inline]
fn is_azure_head(operation: &[u8]) -> Option<bool> {
    const HEAD_BYTES: usize = 32;
    let head = operation.get(..HEAD_BYTES).unwrap_or(operation);
    let (first, last) = (u8x16::new(*head.first_chunk()?), u8x16::new(*head.last_chunk()?));
    let shift = head.len() - 16;
    let places = |byte: u8| {
        let of = |part: u8x16| u64::from(part.simd_eq(u8x16::splat(byte)).to_bitmask());
        of(first) | (of(last) << shift)
    };
    let slashes = places(b'/');
    let before = slashes.wrapping_sub(1) & !slashes;
    (slashes != 0).then(|| places(b'.') & before != 0 && places(b' ') & before == 0)
}

fn by_operation(marks: &Deciders<'_>, category: Option<&str>) -> Option<LogType> {
    let operation = marks.operation_name();
    if operation.is_some_and(is_azure_operation) || marks.has(ACTIVITY_COLUMN) || marks.azure_action() {
        return Some(LogType::Activity);
    }
    if operation.is_some_and(|o| o.eq_ignore_ascii_case("Sign-in activity")) {
        return Some(LogType::SignIn);
    }
    let inner = |key: &str| marks.has_property(key);
    if inner("targetResources") || inner("loggedByService") || inner("activityDisplayName") {
        return Some(LogType::Audit);
    }
    if inner("riskEventType") {
        return Some(LogType::Risk);
    }
    if inner("clientAppUsed") || inner("conditionalAccessStatus") || inner("appDisplayName") {
        return Some(LogType::SignIn);
    }
    let resource = marks.resource_id().map(str::to_ascii_lowercase);
    if resource.as_deref().is_some_and(|r| r.starts_with("/tenants/") && r.contains("microsoft.aadiam")) {
        return Some(LogType::Audit);
    }
    let activity_category = category.is_some_and(|c| ACTIVITY_CATEGORIES.iter().any(|a| a.eq_ignore_ascii_case(c)));
    if activity_category && (marks.has(TIME) || resource.is_some()) && operation.is_some() {
        return Some(LogType::Activity);
    }
    if resource.as_deref().is_some_and(|r| r.starts_with("/subscriptions/")) && operation.is_some() {
        return Some(LogType::Resource);
    }
    None
}

fn by_shape(marks: &Deciders<'_>) -> LogType {
    if marks.has(ALERT_TYPE | PARTNER_ALERT_CONTEXT) {
        LogType::PartnerAlert
    } else if marks.has(PARTNER_OPERATION | PARTNER_CONTEXT) {
        LogType::PartnerAudit
    } else if marks.has(AUDIT_ACTIVITY) || (marks.has(AUDIT_CONTEXT) && marks.operation_name().is_some()) {
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_deciding_keys_are_the_first_of_every_table() {
        for (at, name) in DECIDING.into_iter().enumerate() {
            assert_eq!(common().id(name), Some(at), "{name}");
        }
    }

    #[test]
    fn an_azure_operation_has_a_provider_before_its_first_slash() {
        for operation in ["Microsoft.Compute/virtualMachines/write", "a./", ".b/c d"] {
            assert!(is_azure_operation(operation), "{operation}");
        }
        for operation in
            ["", "/", "Update user", "microsoft/a.b", "Microsoft .Compute/x", "Microsoft.Compute", "a b./c"]
        {
            assert!(!is_azure_operation(operation), "{operation}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        #[test]
        fn the_first_bytes_say_what_all_say_one_by_one(operation in "[a-zA-Z]{0,20}[./ a]{0,3}[a-z]{0,20}[./ a]{0,3}[a-z]{0,6}") {
            let begin = operation.split_once('/').map(|(begin, _)| begin);
            let wanted = begin.is_some_and(|begin| begin.contains('.') && !begin.contains(' '));
            prop_assert_eq!(is_azure_operation(&operation), wanted);
            prop_assert!(is_azure_head(operation.as_bytes()).is_none_or(|told| told == wanted));
        }
    }

    #[test]
    fn every_log_type_stands_at_its_index() {
        for (at, log_type) in LogType::ALL.into_iter().enumerate() {
            assert_eq!(log_type.index(), at);
        }
    }
}
