//! Azure activity-log events as an export sends them: ordinary ones, and one that a shipped rule finds by itself.

use crate::life::{azure, tenant};
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

/// What ordinary events do.
const ORDINARY: [&str; 6] = [
    "MICROSOFT.COMPUTE/VIRTUALMACHINES/START/ACTION",
    "MICROSOFT.STORAGE/STORAGEACCOUNTS/READ",
    "MICROSOFT.RESOURCES/DEPLOYMENTS/VALIDATE/ACTION",
    "MICROSOFT.WEB/SITES/CONFIG/READ",
    "MICROSOFT.SQL/SERVERS/DATABASES/READ",
    "MICROSOFT.NETWORK/NETWORKINTERFACES/READ",
];
/// A budget is deleted.
const FIRES: &str = "MICROSOFT.CONSUMPTION/BUDGETS/DELETE";

/// An event of the customer with a number. `serial` is its identity.
#[must_use]
pub fn line(customer: u32, serial: u64, fires: bool, at: Timestamp) -> String {
    let operation = if fires { FIRES } else { ORDINARY[(serial % 6) as usize] };
    let subscription = azure(customer, serial as u32);
    let id = Uuid::from_u64_pair(0xe7e7, serial);
    let user = format!("operator{}@customer{customer}.example", serial % 5);
    json!({
        "time": at, "resourceId": format!("/SUBSCRIPTIONS/{subscription}/RESOURCEGROUPS/RG-{}/PROVIDERS/X/Y/Z-{}", serial % 4, serial % 9),
        "operationName": operation, "category": "Administrative", "resultType": "Success", "resultSignature": "Succeeded.OK",
        "durationMs": "0", "callerIpAddress": format!("198.51.100.{}", serial % 250), "correlationId": id, "level": "Information",
        "tenantId": tenant(customer).to_string(),
        "identity": { "authorization": { "scope": format!("/subscriptions/{subscription}"), "action": operation,
                "evidence": { "role": "Contributor", "roleAssignmentScope": format!("/subscriptions/{subscription}"), "principalType": "User" } },
            "claims": { "aud": "https://management.core.windows.net/", "ipaddr": format!("198.51.100.{}", serial % 250),
                "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn": user,
                "http://schemas.microsoft.com/identity/claims/tenantid": tenant(customer).to_string(),
                "appid": "c44b4083-3bb0-49c1-b47d-974e53cbdf3c" } },
        "properties": { "eventDataId": id, "eventCategory": "Administrative", "entity": format!("/subscriptions/{subscription}"),
            "message": operation, "hierarchy": "" },
    })
    .to_string()
}
