//! Entra audit, sign-in and risk records: where each concept stands.
//! Forms: diagnostic export (wrapped in `properties`), Microsoft Graph, Log Analytics.

use super::{Concept, Entry, Taxonomy};

/// Sources: Graph `directoryAudit`; `AuditLogs` table reference; "Interpret the Microsoft Entra
/// audit log schema in Azure Monitor".
pub(super) const AUDIT: Taxonomy = Taxonomy {
    entries: &[
        Entry {
            concept: Concept::Operation,
            spellings: &["operation", "message", "activityType", "eventName", "ActivityDetails", "activity"],
            paths: &["operationName", "activityDisplayName", "OperationNameValue"],
        },
        Entry { concept: Concept::Category, spellings: &[], paths: &["category"] },
        Entry {
            concept: Concept::Status,
            spellings: &["status", "outcome"],
            paths: &["result", "resultType", "resultReason", "resultDescription", "status"],
        },
        Entry {
            concept: Concept::StatusReason,
            spellings: &["failure_status_reason"],
            paths: &["resultReason", "resultDescription"],
        },
        Entry {
            concept: Concept::Caller,
            spellings: &["initiatedBy", "initiated.By", "initiatied.By", "user", "caller"],
            paths: &[
                "initiatedBy.user.userPrincipalName",
                "initiatedBy.app.displayName",
                "initiatedBy.user.id",
                "initiatedBy.app.appId",
                "identity",
                "initiatedBy",
            ],
        },
        Entry {
            concept: Concept::CallerIp,
            spellings: &["ipAddress", "callerIp"],
            paths: &["callerIpAddress", "initiatedBy.user.ipAddress", "initiatedBy.app.ipAddress"],
        },
        Entry {
            concept: Concept::EventTime,
            spellings: &["timestamp"],
            paths: &["time", "activityDateTime", "TimeGenerated"],
        },
        Entry { concept: Concept::EventId, spellings: &[], paths: &["id"] },
        Entry { concept: Concept::CorrelationId, spellings: &[], paths: &["correlationId"] },
        Entry { concept: Concept::TenantId, spellings: &[], paths: &["tenantId", "AADTenantId"] },
        Entry { concept: Concept::ResourceId, spellings: &[], paths: &["targetResources.id", "resourceId"] },
        Entry { concept: Concept::Targets, spellings: &["target"], paths: &["targetResources"] },
        Entry { concept: Concept::Service, spellings: &["service"], paths: &["loggedByService"] },
        Entry {
            concept: Concept::Other,
            spellings: &["ConsentContext.IsAdminConsent"],
            paths: &["targetResources.modifiedProperties.ConsentContext.IsAdminConsent"],
        },
        Entry {
            concept: Concept::Other,
            spellings: &["ConsentAction.Permissions"],
            paths: &["targetResources.modifiedProperties.ConsentAction.Permissions"],
        },
        Entry { concept: Concept::RiskType, spellings: &[], paths: &["riskEventType"] },
        Entry { concept: Concept::Other, spellings: &["additionalInfo"], paths: &["additionalDetails.additionalInfo"] },
    ],
    containers: &["properties"],
    nested_json: true,
    localized: false,
    source: "learn.microsoft.com: graph/api/resources/directoryaudit; azure-monitor/reference/tables/auditlogs",
};

/// Sources: Graph `signIn`; `SigninLogs` table reference; "Sign-in log schema in Azure Monitor".
pub(super) const SIGN_IN: Taxonomy = Taxonomy {
    entries: &[
        Entry { concept: Concept::Operation, spellings: &["operation"], paths: &["operationName"] },
        Entry { concept: Concept::Category, spellings: &[], paths: &["category"] },
        Entry { concept: Concept::ResultCode, spellings: &["errorCode"], paths: &["resultType", "status.errorCode"] },
        Entry {
            concept: Concept::Status,
            spellings: &["result", "outcome"],
            paths: &[
                "status",
                "status.additionalDetails",
                "status.failureReason",
                "resultSignature",
                "resultType#outcome",
                "status.errorCode#outcome",
            ],
        },
        Entry {
            concept: Concept::StatusReason,
            spellings: &["failureReason"],
            paths: &[
                "resultDescription",
                "status.failureReason",
                "status.additionalDetails",
                "resultType#outcome",
                "status.errorCode#outcome",
            ],
        },
        Entry {
            concept: Concept::Caller,
            spellings: &["username", "user", "caller", "userId_"],
            paths: &["userPrincipalName", "servicePrincipalName", "alternateSignInName", "identity"],
        },
        Entry { concept: Concept::CallerIp, spellings: &["callerIp"], paths: &["callerIpAddress", "ipAddress"] },
        Entry {
            concept: Concept::Location,
            spellings: &["country"],
            paths: &["location.countryOrRegion", "locationDetails.countryOrRegion", "location"],
        },
        Entry { concept: Concept::Client, spellings: &["clientApp"], paths: &["clientAppUsed"] },
        Entry {
            concept: Concept::Other,
            spellings: &["message"],
            paths: &["authenticationProtocol", "authenticationProtocol#words", "originalTransferMethod#words"],
        },
        Entry { concept: Concept::UserAgent, spellings: &[], paths: &["userAgent"] },
        Entry {
            concept: Concept::RiskType,
            spellings: &["riskEventType"],
            paths: &["riskEventTypes_v2", "riskEventTypes"],
        },
        Entry {
            concept: Concept::EventTime,
            spellings: &["timestamp"],
            paths: &["time", "createdDateTime", "TimeGenerated"],
        },
        Entry { concept: Concept::EventId, spellings: &[], paths: &["id"] },
        Entry { concept: Concept::CorrelationId, spellings: &[], paths: &["correlationId"] },
        Entry { concept: Concept::TenantId, spellings: &[], paths: &["tenantId", "AADTenantId", "resourceTenantId"] },
    ],
    containers: &["properties"],
    nested_json: true,
    localized: false,
    source: "learn.microsoft.com: graph/api/resources/signin; azure-monitor/reference/tables/signinlogs",
};

/// Sources: Graph `riskDetection` and privileged identity alerts; `AADUserRiskEvents` table reference.
pub(super) const RISK: Taxonomy = Taxonomy {
    entries: &[
        Entry {
            concept: Concept::RiskType,
            spellings: &["riskType"],
            paths: &["riskEventType", "alertDefinitionId", "alertType"],
        },
        Entry { concept: Concept::Operation, spellings: &["operation"], paths: &["operationName", "riskEventType"] },
        Entry { concept: Concept::Status, spellings: &["status"], paths: &["riskState"] },
        Entry { concept: Concept::Category, spellings: &[], paths: &["category"] },
        Entry {
            concept: Concept::Caller,
            spellings: &["user", "username"],
            paths: &["userPrincipalName", "userDisplayName", "userId"],
        },
        Entry { concept: Concept::CallerIp, spellings: &["callerIp"], paths: &["ipAddress", "callerIpAddress"] },
        Entry { concept: Concept::Location, spellings: &["country"], paths: &["location.countryOrRegion", "location"] },
        Entry {
            concept: Concept::EventTime,
            spellings: &["timestamp"],
            paths: &["time", "activityDateTime", "detectedDateTime", "TimeGenerated"],
        },
        Entry { concept: Concept::EventId, spellings: &[], paths: &["id"] },
        Entry { concept: Concept::CorrelationId, spellings: &[], paths: &["correlationId"] },
        Entry { concept: Concept::TenantId, spellings: &[], paths: &["tenantId", "AADTenantId"] },
    ],
    containers: &["properties"],
    nested_json: true,
    localized: false,
    source: "learn.microsoft.com: graph/api/resources/riskdetection; azure-monitor/reference/tables/aaduserriskevents",
};
