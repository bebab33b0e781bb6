//! Office 365 management activity and Defender alerts: where each concept stands.
//! Forms: management activity feed, audit search export (`AuditData`), Log Analytics.

use super::{Concept, Entry, Taxonomy};

/// Sources: "Office 365 Management Activity API schema"; `OfficeActivity` table reference.
pub(super) const OFFICE: Taxonomy = Taxonomy {
    entries: &[
        Entry {
            concept: Concept::Operation,
            spellings: &["operationName", "eventName", "ActivityDisplayName", "activityType"],
            paths: &["Operation", "Operations", "Name", "AlertType"],
        },
        Entry {
            concept: Concept::Service,
            spellings: &["eventSource", "LoggedByService"],
            paths: &["Workload", "OfficeWorkload", "Source"],
        },
        Entry {
            concept: Concept::Status,
            spellings: &["status", "result", "outcome"],
            paths: &["ResultStatus", "ResultStatus#outcome"],
        },
        Entry { concept: Concept::Category, spellings: &[], paths: &["Category", "RecordType"] },
        Entry {
            concept: Concept::Parameters,
            spellings: &["OperationProperties", "payload"],
            paths: &["Parameters", "OperationProperties", "Data"],
        },
        Entry {
            concept: Concept::Client,
            spellings: &["requestType"],
            paths: &["ExtendedProperties.RequestType", "RequestType"],
        },
        Entry {
            concept: Concept::UserAgent,
            spellings: &["userAgent"],
            paths: &["UserAgent", "ExtendedProperties.UserAgent", "ClientInfoString"],
        },
        Entry {
            concept: Concept::Targets,
            spellings: &["target", "targetResources"],
            paths: &["Target", "ModifiedProperties"],
        },
        Entry {
            concept: Concept::Caller,
            spellings: &["user", "username", "userPrincipalName", "caller"],
            paths: &["UserId", "UserIds"],
        },
        Entry {
            concept: Concept::CallerIp,
            spellings: &["callerIpAddress", "ipAddress"],
            paths: &["ClientIP", "ClientIPAddress", "Client_IPAddress", "ActorIpAddress"],
        },
        Entry {
            concept: Concept::EventTime,
            spellings: &["time", "timestamp"],
            paths: &["CreationTime", "TimeGenerated", "CreationDate"],
        },
        Entry { concept: Concept::EventId, spellings: &[], paths: &["Id", "OfficeId", "Identity"] },
        Entry { concept: Concept::TenantId, spellings: &["tenantId"], paths: &["OrganizationId"] },
        Entry { concept: Concept::ResourceId, spellings: &["resourceId"], paths: &["ObjectId", "OfficeObjectId"] },
        Entry {
            concept: Concept::CorrelationId,
            spellings: &["correlationId"],
            paths: &["CorrelationId", "InterSystemsId"],
        },
    ],
    containers: &["AuditData"],
    nested_json: true,
    localized: false,
    source: "learn.microsoft.com: office/office-365-management-api/office-365-management-activity-api-schema; azure-monitor/reference/tables/officeactivity",
};

/// Sources: `AlertInfo` and `AlertEvidence` tables of advanced hunting; Graph `security alert`.
pub(super) const DEFENDER: Taxonomy = Taxonomy {
    entries: &[
        Entry {
            concept: Concept::Operation,
            spellings: &["operation", "eventName"],
            paths: &["Title", "operationName", "alertType"],
        },
        Entry { concept: Concept::Category, spellings: &[], paths: &["category"] },
        Entry { concept: Concept::Service, spellings: &["eventSource"], paths: &["ServiceSource", "DetectionSource"] },
        Entry { concept: Concept::Status, spellings: &[], paths: &["status", "severity"] },
        Entry {
            concept: Concept::EventTime,
            spellings: &["timestamp"],
            paths: &["time", "Timestamp", "createdDateTime"],
        },
        Entry { concept: Concept::EventId, spellings: &[], paths: &["AlertId", "id"] },
        Entry { concept: Concept::TenantId, spellings: &[], paths: &["tenantId"] },
        Entry { concept: Concept::Caller, spellings: &["user"], paths: &["AccountUpn", "AccountName"] },
    ],
    containers: &["properties"],
    nested_json: true,
    localized: false,
    source: "learn.microsoft.com: defender-xdr/advanced-hunting-alertinfo-table; graph/api/resources/security-alert",
};
