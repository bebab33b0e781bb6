//! Azure Activity Log and Azure resource logs: where each concept stands.
//! Forms: diagnostic export (Event Hubs, storage), REST and command line, Log Analytics.

use super::{Concept, Entry, Taxonomy};

/// `evt.*` is the form in which Datadog passes the log on (its Azure integration's log pipeline).
/// Sources: Azure Monitor "Azure Activity Log event schema" (REST and diagnostic export),
/// `AzureActivity` table reference (Log Analytics).
pub(super) const ACTIVITY: Taxonomy = Taxonomy {
    entries: &[
        Entry {
            concept: Concept::Operation,
            spellings: &["operation", "eventName", "properties.message", "ActivityDisplayName", "activityType"],
            paths: &[
                "operationName",
                "OperationNameValue",
                "authorization.action",
                "identity.authorization.action",
                "evt.name",
            ],
        },
        Entry {
            concept: Concept::Category,
            spellings: &["Category"],
            paths: &["category", "CategoryValue", "properties.eventCategory", "evt.category"],
        },
        Entry {
            concept: Concept::Status,
            spellings: &["ActivityStatus", "properties.result", "result", "outcome"],
            paths: &[
                "resultType",
                "status",
                "ActivityStatusValue",
                "resultType#outcome",
                "status#outcome",
                "ActivityStatusValue#outcome",
                "evt.outcome",
            ],
        },
        Entry {
            concept: Concept::StatusReason,
            spellings: &["ActivitySubstatus"],
            paths: &["resultSignature", "subStatus", "ActivitySubstatusValue", "properties.statusCode"],
        },
        Entry {
            concept: Concept::Provider,
            spellings: &["ResourceProvider"],
            paths: &[
                "ResourceProviderValue",
                "resourceProviderName",
                "operationName#provider",
                "OperationNameValue#provider",
            ],
        },
        Entry {
            concept: Concept::ResourceId,
            spellings: &["resource", "scope"],
            paths: &[
                "resourceId",
                "resourceUri",
                "_ResourceId",
                "properties.entity",
                "authorization.scope",
                "identity.authorization.scope",
            ],
        },
        Entry {
            concept: Concept::SubscriptionId,
            spellings: &[],
            paths: &[
                "subscriptionId",
                "resourceId#subscription",
                "_ResourceId#subscription",
                "properties.entity#subscription",
            ],
        },
        Entry {
            concept: Concept::TenantId,
            spellings: &[],
            paths: &[
                "tenantId",
                "AADTenantId",
                "tenantGuid",
                "identity.claims.http://schemas.microsoft.com/identity/claims/tenantid",
                "claims.http://schemas.microsoft.com/identity/claims/tenantid",
            ],
        },
        Entry {
            concept: Concept::Caller,
            spellings: &["user", "userPrincipalName", "initiatedBy"],
            paths: &[
                "caller",
                "identity.claims.http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn",
                "claims.http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn",
                "identity.claims.http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name",
                "identity.claims.http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
                "identity.claims.name",
                "identity.claims.http://schemas.microsoft.com/identity/claims/objectidentifier",
                "identity.claims.appid",
                "claims.appid",
            ],
        },
        Entry {
            concept: Concept::CallerIp,
            spellings: &["ipAddress", "sourceIp"],
            paths: &["callerIpAddress", "httpRequest.clientIpAddress", "identity.claims.ipaddr", "claims.ipaddr"],
        },
        Entry {
            concept: Concept::EventTime,
            spellings: &["timestamp"],
            paths: &["time", "eventTimestamp", "TimeGenerated", "submissionTimestamp"],
        },
        Entry { concept: Concept::EventId, spellings: &[], paths: &["eventDataId", "properties.eventDataId"] },
        Entry { concept: Concept::CorrelationId, spellings: &[], paths: &["correlationId", "operationId"] },
        Entry {
            concept: Concept::Location,
            spellings: &["region"],
            paths: &["properties.responseBody.location", "properties.requestbody.location", "location"],
        },
        Entry {
            concept: Concept::VmSize,
            spellings: &["vmSize", "sku"],
            paths: &[
                "properties.responseBody.properties.hardwareProfile.vmSize",
                "properties.requestbody.properties.hardwareProfile.vmSize",
                "properties.responseBody.sku.name",
                "properties.requestbody.sku.name",
                "properties.responseBody.properties.vmSize",
                "properties.requestbody.properties.vmSize",
            ],
        },
        Entry {
            concept: Concept::Instances,
            spellings: &[],
            paths: &["properties.responseBody.sku.capacity", "properties.requestbody.sku.capacity"],
        },
        Entry {
            concept: Concept::RoleDefinition,
            spellings: &["roleDefinitionId"],
            paths: &[
                "properties.requestbody.properties.roleDefinitionId",
                "properties.responseBody.properties.roleDefinitionId",
                "properties.requestbody.roleDefinitionId",
            ],
        },
        Entry {
            concept: Concept::PrincipalType,
            spellings: &["principalType"],
            paths: &[
                "properties.requestbody.properties.principalType",
                "properties.responseBody.properties.principalType",
            ],
        },
        Entry {
            concept: Concept::PrincipalId,
            spellings: &["principalId"],
            paths: &["properties.requestbody.properties.principalId", "properties.responseBody.properties.principalId"],
        },
    ],
    containers: &[],
    nested_json: true,
    localized: true,
    source: "learn.microsoft.com: azure-monitor/platform/activity-log-schema; azure-monitor/reference/tables/azureactivity",
};

/// Source: Azure Monitor "Common and service-specific schemas for resource logs".
pub(super) const RESOURCE: Taxonomy = Taxonomy {
    entries: &[
        Entry { concept: Concept::Operation, spellings: &["operation", "eventName"], paths: &["operationName"] },
        Entry { concept: Concept::Category, spellings: &[], paths: &["category"] },
        Entry {
            concept: Concept::Status,
            spellings: &["result"],
            paths: &["resultType", "status", "statusText", "properties.metricResponseType"],
        },
        Entry { concept: Concept::ResourceId, spellings: &[], paths: &["resourceId", "_ResourceId"] },
        Entry {
            concept: Concept::SubscriptionId,
            spellings: &[],
            paths: &["subscriptionId", "resourceId#subscription"],
        },
        Entry { concept: Concept::TenantId, spellings: &[], paths: &["tenantId"] },
        Entry {
            concept: Concept::Caller,
            spellings: &["user"],
            paths: &[
                "identity.claim.http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn",
                "identity.claim.upn",
                "identity.requester.upn",
            ],
        },
        Entry { concept: Concept::CallerIp, spellings: &["ipAddress"], paths: &["callerIpAddress"] },
        Entry { concept: Concept::EventTime, spellings: &[], paths: &["time", "TimeGenerated"] },
        Entry { concept: Concept::CorrelationId, spellings: &[], paths: &["correlationId"] },
        Entry { concept: Concept::Location, spellings: &["region"], paths: &["location"] },
        Entry {
            concept: Concept::UserAgent,
            spellings: &["userAgent"],
            paths: &["properties.userAgentHeader", "properties.clientInfo"],
        },
    ],
    containers: &["properties"],
    nested_json: true,
    localized: false,
    source: "learn.microsoft.com: azure-monitor/platform/resource-logs-schema",
};
