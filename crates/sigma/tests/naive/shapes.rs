//! Random events in every shape that the logs have, drawn from a few values, so that rules meet them.

use serde_json::{Value as Event, json};

use super::dice::Dice;

pub const TEXTS: &[&str] = &[
    "alpha",
    "Alpha",
    "ALPHA beta",
    "beta",
    "alphabeta",
    "",
    "a",
    "ab*c",
    "a\\b",
    "a\\\\b",
    "line\nbreak",
    "5",
    "5.0",
    "50",
    "true",
    "False",
    "null",
    "Återställ",
    "ÅTERSTÄLL",
    "straße",
    "STRASSE",
    "-x",
    "/x",
    "\u{2013}x",
    "10.1.2.3",
    "10.1.9.9:443",
    "192.0.2.7",
    "2026-05-04T13:07:09Z",
    "2026-05-04 23:59:00",
    "{\"b\":\"alpha\"}",
    "[{\"b\":5}]",
    "YWxwaGE=",
    "xxYWxwaGE",
    "\"alpha\"",
    "Microsoft.Compute/virtualMachines/write",
    "Set-Mailbox",
    "MICROSOFT.COMPUTE/VIRTUALMACHINES/WRITE",
    "Add user",
    "Success",
    "Succeeded",
    "failed",
    "50126",
    "İx",
    "😀 alpha",
];
pub const NUMBERS: &[&str] =
    &["0", "5", "-5", "5.5", "50", "50126", "9007199254740993", "9007199254740992", "18446744073709551615"];

/// A log source with the fields its rules name and the shapes its events have.
#[derive(Debug, Clone, Copy)]
pub struct Log {
    pub product: &'static str,
    pub service: &'static str,
    pub fields: &'static [&'static str],
    pub shape: fn(&mut Dice) -> Event,
}

pub const LOGS: &[Log] = &[
    Log {
        product: "azure",
        service: "activitylogs",
        fields: &[
            "operationName",
            "eventName",
            "properties.message",
            "category",
            "status",
            "resultType",
            "caller",
            "scope",
            "location",
            "vmSize",
            "ResourceProvider",
            "subscriptionId",
            "identity.claims.name",
            "properties.requestbody",
            "properties.requestbody.location",
            "roleDefinitionId",
            "httpRequest.clientIpAddress",
            "level",
        ],
        shape: activity,
    },
    Log {
        product: "azure",
        service: "auditlogs",
        fields: &[
            "operationName",
            "activityDisplayName",
            "properties.message",
            "initiatedBy.user.userPrincipalName",
            "result",
            "targetResources.displayName",
            "targetResources.modifiedProperties.Role",
            "TargetResources",
            "Initiatied.By",
            "ConsentContext.IsAdminConsent",
            "status",
            "loggedByService",
            "additionalInfo",
        ],
        shape: audit,
    },
    Log {
        product: "m365",
        service: "audit",
        fields: &[
            "Operation",
            "eventName",
            "eventSource",
            "Workload",
            "Parameters",
            "Parameters.ForwardTo",
            "status",
            "ClientIP",
            "ResultStatus",
            "Payload",
            "requestType",
            "AuditData.Operation",
            "OperationProperties",
            "UserId",
            "RecordType",
        ],
        shape: office,
    },
    Log {
        product: "azure",
        service: "signinlogs",
        fields: &[
            "ResultType",
            "errorCode",
            "status",
            "Status",
            "username",
            "userPrincipalName",
            "properties.message",
            "clientApp",
            "Location",
            "country",
            "properties.userAgent",
            "riskEventType",
            "AuthenticationRequirement",
            "conditionalAccessStatus",
        ],
        shape: sign_in,
    },
    Log {
        product: "azure",
        service: "riskdetection",
        fields: &[
            "riskEventType",
            "riskType",
            "properties.riskEventType",
            "user",
            "status",
            "ipAddress",
            "country",
            "location",
        ],
        shape: risk,
    },
    Log {
        product: "azure",
        service: "resourcelogs",
        fields: &[
            "operationName",
            "category",
            "status",
            "result",
            "callerIpAddress",
            "user",
            "userAgent",
            "properties.f",
            "f",
        ],
        shape: resource,
    },
    Log {
        product: "m365",
        service: "defender",
        fields: &["eventName", "Title", "properties.Title", "eventSource", "status", "user", "category", "Severity"],
        shape: defender,
    },
    Log {
        product: "partnercenter",
        service: "auditrecords",
        fields: &[
            "operation",
            "operationType",
            "status",
            "user",
            "customerId",
            "subscriptionId",
            "resourceNewValue.Id",
            "target",
        ],
        shape: partner_audit,
    },
    Log {
        product: "partnercenter",
        service: "securityalerts",
        fields: &[
            "alertType",
            "operationName",
            "status",
            "severity",
            "tenantId",
            "resourceId",
            "affectedResources.resourceId",
        ],
        shape: partner_alert,
    },
    Log {
        product: "linux",
        service: "auditd",
        fields: &["f", "g", "F", "a.b", "a.b.c", "list", "list.b", "missing", "a", "deep.list.x"],
        shape: plain,
    },
];

fn scalar(dice: &mut Dice) -> Event {
    match dice.below(10) {
        0 => Event::Null,
        1 => Event::Bool(dice.one_in(2)),
        2 | 3 => serde_json::from_str(dice.pick(NUMBERS)).unwrap(),
        _ => json!(dice.pick(TEXTS)),
    }
}

/// Any value: a scalar, a list, an object, or JSON inside a text.
fn value(dice: &mut Dice, depth: usize) -> Event {
    match dice.below(if depth == 0 { 6 } else { 10 }) {
        6 => Event::Array((0..dice.below(4)).map(|_| value(dice, depth - 1)).collect()),
        7 => object(dice, depth, &["b", "c", "x", "B", "b.c"]),
        8 => {
            json!([{"Name": dice.pick(&["ForwardTo", "forwardto", "Role", "b"]), "Value": value(dice, depth - 1)}, object(dice, depth, &["b"])])
        }
        9 => json!(value(dice, depth - 1).to_string()),
        _ => scalar(dice),
    }
}

fn object(dice: &mut Dice, depth: usize, keys: &[&str]) -> Event {
    keys.iter()
        .filter_map(|key| if dice.one_in(3) { None } else { Some(((*key).to_owned(), value(dice, depth - 1))) })
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// Puts fields on top, each with some chance, in some letter case.
fn sprinkle(dice: &mut Dice, event: &mut Event, keys: &[&str], depth: usize) {
    for key in keys {
        if !dice.one_in(3) {
            let name = if dice.one_in(8) { key.to_uppercase() } else { (*key).to_owned() };
            event[name] = value(dice, depth);
        }
    }
}

fn operation(dice: &mut Dice) -> &'static str {
    dice.pick(&[
        "Microsoft.Compute/virtualMachines/write",
        "MICROSOFT.COMPUTE/VIRTUALMACHINES/WRITE",
        "Microsoft.X/y/delete",
    ])
}

fn activity(dice: &mut Dice) -> Event {
    let body = json!({"location": dice.pick(TEXTS), "properties": {"hardwareProfile": {"vmSize": scalar(dice)}, "roleDefinitionId": scalar(dice)}});
    let body = if dice.one_in(2) { json!(body.to_string()) } else { body };
    let mut event = match dice.below(3) {
        0 => {
            json!({"time": "2026-05-04T10:00:00Z", "operationName": operation(dice), "category": "Administrative", "resultType": dice.pick(TEXTS),
            "resourceId": "/SUBSCRIPTIONS/5/x", "identity": {"claims": object(dice, 1, &["name", "appid"])}, "properties": {"requestbody": body}})
        }
        1 => {
            json!({"eventTimestamp": "2026-05-04T10:00:00Z", "operationName": {"value": operation(dice), "localizedValue": scalar(dice)},
            "status": {"value": scalar(dice)}, "caller": scalar(dice), "httpRequest": {"clientIpAddress": scalar(dice)}, "properties": {"responseBody": body}})
        }
        _ => {
            json!({"OperationNameValue": operation(dice), "ActivityStatusValue": scalar(dice), "Caller": scalar(dice), "Type": "AzureActivity",
            "Properties": json!({"requestbody": body}).to_string()})
        }
    };
    sprinkle(dice, &mut event, &["level", "location", "f"], 2);
    event
}

fn audit(dice: &mut Dice) -> Event {
    let target = json!([{"displayName": scalar(dice), "type": "User", "modifiedProperties": [
        {"displayName": dice.pick(&["Role", "ConsentContext.IsAdminConsent"]), "newValue": json!(scalar(dice).to_string()), "oldValue": null}]}]);
    let record = json!({"activityDisplayName": scalar(dice), "targetResources": target, "result": scalar(dice), "loggedByService": "Core Directory",
        "initiatedBy": {"user": {"userPrincipalName": scalar(dice), "ipAddress": scalar(dice)}}, "additionalDetails": [{"key": "additionalInfo", "value": scalar(dice)}]});
    let mut event = match dice.below(3) {
        0 => {
            json!({"time": "2026-05-04T10:00:00Z", "category": "AuditLogs", "operationName": scalar(dice), "properties": record})
        }
        1 => record,
        _ => {
            json!({"Type": "AuditLogs", "OperationName": scalar(dice), "TargetResources": record["targetResources"].to_string(),
            "InitiatedBy": record["initiatedBy"].to_string(), "Result": scalar(dice)})
        }
    };
    sprinkle(dice, &mut event, &["status", "f"], 2);
    event
}

fn office(dice: &mut Dice) -> Event {
    let parameters =
        json!([{"Name": "ForwardTo", "Value": scalar(dice)}, {"Name": "Identity", "Value": value(dice, 1)}]);
    let operation = dice.pick(&["Set-Mailbox", "New-InboxRule", "Add user", "alpha"]);
    let record = json!({"Operation": operation, "Workload": dice.pick(&["Exchange", "AzureActiveDirectory"]), "ResultStatus": scalar(dice),
        "RecordType": scalar(dice), "Parameters": parameters, "ClientIP": scalar(dice),
        "ExtendedProperties": [{"Name": "RequestType", "Value": scalar(dice)}]});
    let mut event = match dice.below(3) {
        0 => record,
        1 => json!({"AuditData": record.to_string(), "Operations": operation, "CreationDate": "2026-05-04 10:00:00"}),
        _ => {
            json!({"Type": "OfficeActivity", "Operation": operation, "OfficeWorkload": "Exchange", "Parameters": record["Parameters"].to_string(), "UserId": scalar(dice)})
        }
    };
    sprinkle(dice, &mut event, &["Data", "UserId", "f"], 2);
    event
}

fn sign_in(dice: &mut Dice) -> Event {
    let mut record = json!({"userPrincipalName": scalar(dice), "appDisplayName": scalar(dice), "clientAppUsed": scalar(dice), "ipAddress": scalar(dice),
        "status": {"errorCode": scalar(dice), "failureReason": scalar(dice)}, "location": {"countryOrRegion": scalar(dice)},
        "authenticationProtocol": dice.pick(&["deviceCode", "ropc"]), "riskEventTypes_v2": [scalar(dice), scalar(dice)]});
    sprinkle(dice, &mut record, &["userAgent", "conditionalAccessStatus"], 1);
    match dice.below(3) {
        0 => record,
        1 => {
            json!({"time": "2026-05-04T10:00:00Z", "category": "SignInLogs", "operationName": "Sign-in activity", "resultType": scalar(dice),
            "resultDescription": scalar(dice), "properties": record})
        }
        _ => {
            json!({"Type": "SigninLogs", "ResultType": scalar(dice), "UserPrincipalName": scalar(dice), "Status": record["status"].to_string(),
            "LocationDetails": record["location"].to_string(), "Location": scalar(dice)})
        }
    }
}

fn risk(dice: &mut Dice) -> Event {
    let record = json!({"riskEventType": scalar(dice), "riskState": scalar(dice), "userPrincipalName": scalar(dice), "ipAddress": scalar(dice),
        "location": {"countryOrRegion": scalar(dice)}});
    match dice.below(3) {
        0 => record,
        1 => json!({"category": "UserRiskEvents", "operationName": "User Risk Detection", "properties": record}),
        _ => {
            json!({"Type": "AADUserRiskEvents", "RiskEventType": scalar(dice), "Location": record["location"].to_string(), "RiskState": scalar(dice)})
        }
    }
}

fn resource(dice: &mut Dice) -> Event {
    let mut event = json!({"time": "2026-05-04T10:00:00Z", "category": dice.pick(&["AuditEvent", "StorageRead"]), "operationName": scalar(dice),
        "resourceId": "/SUBSCRIPTIONS/5/x", "statusText": scalar(dice), "identity": {"claim": {"upn": scalar(dice)}},
        "properties": object(dice, 2, &["userAgentHeader", "clientInfo", "f"])});
    sprinkle(dice, &mut event, &["resultType", "callerIpAddress", "f"], 2);
    event
}

fn defender(dice: &mut Dice) -> Event {
    let record = json!({"Title": scalar(dice), "ServiceSource": scalar(dice), "Severity": scalar(dice), "AccountUpn": scalar(dice)});
    if dice.one_in(2) {
        json!({"category": "AdvancedHunting-AlertInfo", "time": "2026-05-04T10:00:00Z", "properties": record})
    } else {
        json!({"title": scalar(dice), "serviceSource": scalar(dice), "severity": scalar(dice), "status": scalar(dice), "category": scalar(dice)})
    }
}

fn partner_audit(dice: &mut Dice) -> Event {
    let new = object(dice, 2, &["Id", "SubscriptionId"]);
    let new = if dice.one_in(2) { json!(new.to_string()) } else { new };
    let mut event = json!({"operationType": scalar(dice), "operationDate": "2026-05-04T10:00:00Z", "operationStatus": scalar(dice), "resourceNewValue": new,
        "customizedData": [{"key": "SubscriptionId", "value": scalar(dice)}, {"key": "ClientIpAddress", "value": scalar(dice)}]});
    sprinkle(dice, &mut event, &["customerId", "userPrincipalName", "resourceType"], 1);
    event
}

fn partner_alert(dice: &mut Dice) -> Event {
    let mut event = json!({"alertType": scalar(dice), "customerTenantId": scalar(dice), "severity": scalar(dice),
        "affectedResources": [{"resourceId": scalar(dice), "resourceType": "x"}, {"resourceId": scalar(dice)}]});
    sprinkle(dice, &mut event, &["status", "subscriptionId"], 1);
    event
}

fn plain(dice: &mut Dice) -> Event {
    let mut event = json!({});
    sprinkle(dice, &mut event, &["f", "g", "a", "list", "a.b", "b", "deep"], 3);
    event
}
