//! Partner Center audit records and Microsoft's partner security alerts.
//! Both are events like any other, so that correlations can join them with logs.

use super::{Concept, Entry, Taxonomy};

/// Source: Partner Center developer documentation, "Get a record of Partner Center activity".
pub(super) const AUDIT: Taxonomy = Taxonomy {
    entries: &[
        Entry { concept: Concept::Operation, spellings: &["operation", "operationName"], paths: &["operationType"] },
        Entry {
            concept: Concept::Status,
            spellings: &["status", "result"],
            paths: &["operationStatus", "operationStatus#outcome"],
        },
        Entry { concept: Concept::Category, spellings: &["category"], paths: &["resourceType"] },
        Entry {
            concept: Concept::Caller,
            spellings: &["user", "caller"],
            paths: &["userPrincipalName", "applicationId"],
        },
        Entry { concept: Concept::EventTime, spellings: &["time", "timestamp"], paths: &["operationDate"] },
        Entry { concept: Concept::EventId, spellings: &[], paths: &["id"] },
        Entry { concept: Concept::TenantId, spellings: &["tenantId"], paths: &["customerId"] },
        Entry {
            concept: Concept::SubscriptionId,
            spellings: &["subscriptionId"],
            paths: &["resourceNewValue.Id", "resourceNewValue.SubscriptionId", "customizedData.SubscriptionId"],
        },
        Entry {
            concept: Concept::CallerIp,
            spellings: &["callerIp", "ipAddress"],
            paths: &["customizedData.ClientIpAddress", "attributes.clientIp"],
        },
        Entry { concept: Concept::Targets, spellings: &["target"], paths: &["resourceNewValue", "resourceOldValue"] },
    ],
    containers: &[],
    nested_json: true,
    localized: false,
    source: "learn.microsoft.com: partner-center/developer/get-a-record-of-partner-center-activity-by-user; auditing-resources",
};

/// Source: Graph `partnerSecurityAlert`.
pub(super) const ALERT: Taxonomy = Taxonomy {
    entries: &[
        Entry {
            concept: Concept::Operation,
            spellings: &["operation", "operationName", "eventName"],
            paths: &["alertType"],
        },
        Entry { concept: Concept::Status, spellings: &[], paths: &["status"] },
        Entry { concept: Concept::Category, spellings: &["category"], paths: &["severity"] },
        Entry {
            concept: Concept::EventTime,
            spellings: &["time", "timestamp"],
            paths: &["firstObservedDateTime", "detectedDateTime", "lastObservedDateTime"],
        },
        Entry { concept: Concept::EventId, spellings: &[], paths: &["id"] },
        Entry { concept: Concept::TenantId, spellings: &["tenantId"], paths: &["customerTenantId"] },
        Entry { concept: Concept::SubscriptionId, spellings: &[], paths: &["subscriptionId"] },
        Entry { concept: Concept::ResourceId, spellings: &["resourceId"], paths: &["affectedResources.resourceId"] },
    ],
    containers: &[],
    nested_json: false,
    localized: false,
    source: "learn.microsoft.com: graph/api/resources/partner-security-partnersecurityalert",
};
