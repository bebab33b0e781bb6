//! Azure activity-log and Office 365 records: what happened in a customer's tenant, and the forms in which Microsoft tells it.
//! Which records are written is decided by the stories and the history.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// How many records of one Azure subscription are kept beside its history.
pub(crate) const MAX_RECORDS_PER_SUBSCRIPTION: usize = 10_000;

/// Who did something in a customer's tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Person {
    pub(crate) user: String,
    pub(crate) object: Uuid,
    /// The tenant in which the person signed in; another than the customer's is a foreign principal.
    pub(crate) home_tenant: Uuid,
    pub(crate) address: String,
    pub(crate) mfa: bool,
}

/// How far an operation has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    Start,
    Accept,
    Success,
    Failure,
}

impl Phase {
    fn export_word(self) -> &'static str {
        match self {
            Self::Start => "Start",
            Self::Accept => "Accept",
            Self::Success => "Success",
            Self::Failure => "Failure",
        }
    }

    fn rest_word(self) -> &'static str {
        match self {
            Self::Start => "Started",
            Self::Accept => "Accepted",
            Self::Success => "Succeeded",
            Self::Failure => "Failed",
        }
    }

    fn sub_status(self) -> (&'static str, &'static str) {
        match self {
            Self::Start => ("Started.", ""),
            Self::Accept => ("Accepted.Created", "Created"),
            Self::Success => ("Succeeded.OK", "OK"),
            Self::Failure => ("Failed.Forbidden", "Forbidden"),
        }
    }
}

/// One Azure activity-log event.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Activity {
    pub(crate) at: Timestamp,
    pub(crate) event_id: Uuid,
    pub(crate) correlation: Uuid,
    pub(crate) tenant: Uuid,
    pub(crate) subscription: Uuid,
    pub(crate) resource_group: String,
    pub(crate) resource_id: String,
    pub(crate) operation: &'static str,
    pub(crate) phase: Phase,
    pub(crate) person: Person,
    pub(crate) region: &'static str,
    pub(crate) request_body: Option<Value>,
    pub(crate) response_body: Option<Value>,
    pub(crate) message: Option<String>,
}

/// One Office 365 management-activity record of Exchange.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct MailActivity {
    pub(crate) at: Timestamp,
    pub(crate) event_id: Uuid,
    pub(crate) tenant: Uuid,
    pub(crate) tenant_name: String,
    pub(crate) operation: &'static str,
    pub(crate) person: Person,
    pub(crate) mailbox: String,
    pub(crate) parameters: Vec<(&'static str, String)>,
}

/// One log record of a customer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Record {
    Azure(Box<Activity>),
    Mail(Box<MailActivity>),
}

impl Record {
    pub(crate) fn at(&self) -> Timestamp {
        match self {
            Self::Azure(activity) => activity.at,
            Self::Mail(mail) => mail.at,
        }
    }

    /// The form of diagnostic settings and Event Hubs; mail records have only the Office 365 form.
    pub(crate) fn export(&self) -> Value {
        match self {
            Self::Azure(activity) => export_form(activity),
            Self::Mail(mail) => office_form(mail),
        }
    }

    /// The form of the activity-log REST interface; mail records have only the Office 365 form.
    pub(crate) fn rest(&self) -> Value {
        match self {
            Self::Azure(activity) => rest_form(activity),
            Self::Mail(mail) => office_form(mail),
        }
    }
}

fn claims(person: &Person) -> Value {
    json!({
        "aud": "https://management.core.windows.net/",
        "iss": format!("https://sts.windows.net/{}/", person.home_tenant),
        "http://schemas.microsoft.com/claims/authnmethodsreferences": if person.mfa { "pwd,mfa" } else { "pwd" },
        "http://schemas.microsoft.com/identity/claims/objectidentifier": person.object.to_string(),
        "http://schemas.microsoft.com/identity/claims/tenantid": person.home_tenant.to_string(),
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn": person.user,
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name": person.user,
        "ipaddr": person.address,
        "appid": "c44b4083-3bb0-49c1-b47d-974e53cbdf3c",
    })
}

fn export_form(activity: &Activity) -> Value {
    let (signature, _) = activity.phase.sub_status();
    json!({
        "time": precise(activity.at),
        "resourceId": activity.resource_id.to_uppercase(),
        "operationName": activity.operation.to_uppercase(),
        "category": "Administrative",
        "resultType": activity.phase.export_word(),
        "resultSignature": signature,
        "durationMs": "0",
        "callerIpAddress": activity.person.address,
        "correlationId": activity.correlation.to_string(),
        "identity": {
            "authorization": {
                "scope": activity.resource_id,
                "action": activity.operation,
                "evidence": {
                    "role": "Owner",
                    "roleAssignmentScope": format!("/subscriptions/{}", activity.subscription),
                    "principalId": activity.person.object.simple().to_string(),
                    "principalType": "User",
                },
            },
            "claims": claims(&activity.person),
        },
        "level": "Information",
        "location": activity.region,
        "tenantId": activity.tenant.to_string(),
        "properties": properties(activity),
    })
}

fn rest_form(activity: &Activity) -> Value {
    let (_, sub_status) = activity.phase.sub_status();
    let event_name = if activity.phase == Phase::Start { "BeginRequest" } else { "EndRequest" };
    json!({
        "authorization": {"action": activity.operation, "role": "Subscription Admin", "scope": activity.resource_id},
        "caller": activity.person.user,
        "category": localized("Administrative"),
        "channels": "Operation",
        "claims": claims(&activity.person),
        "correlationId": activity.correlation.to_string(),
        "description": "",
        "eventDataId": activity.event_id.to_string(),
        "eventName": localized(event_name),
        "eventTimestamp": precise(activity.at),
        "httpRequest": {
            "clientRequestId": activity.correlation.to_string(),
            "clientIpAddress": activity.person.address,
            "method": if activity.operation.ends_with("delete") { "DELETE" } else { "PUT" },
        },
        "id": format!("{}/events/{}/ticks/{}", activity.resource_id, activity.event_id, ticks(activity.at)),
        "level": "Informational",
        "operationId": activity.correlation.to_string(),
        "operationName": localized(activity.operation),
        "resourceGroupName": activity.resource_group,
        "resourceId": activity.resource_id,
        "resourceProviderName": localized(provider(activity)),
        "resourceType": localized(resource_type(activity.operation)),
        "status": localized(activity.phase.rest_word()),
        "subStatus": localized(sub_status),
        "submissionTimestamp": precise(activity.at),
        "subscriptionId": activity.subscription.to_string(),
        "tenantId": activity.tenant.to_string(),
        "properties": properties(activity),
    })
}

fn properties(activity: &Activity) -> Value {
    let (_, status_code) = activity.phase.sub_status();
    let mut properties = Map::new();
    let mut put = |name: &str, value: String| properties.insert(name.to_owned(), Value::String(value));
    put("eventCategory", "Administrative".to_owned());
    put("entity", activity.resource_id.clone());
    put("message", activity.message.clone().unwrap_or_else(|| activity.operation.to_owned()));
    put("hierarchy", format!("{}/{}", activity.tenant, activity.subscription));
    if !status_code.is_empty() {
        put("statusCode", status_code.to_owned());
    }
    if let Some(body) = &activity.request_body {
        put("requestbody", body.to_string());
    }
    if let Some(body) = &activity.response_body {
        put("responseBody", body.to_string());
    }
    Value::Object(properties)
}

fn office_form(mail: &MailActivity) -> Value {
    let parameters: Vec<Value> =
        mail.parameters.iter().map(|(name, value)| json!({"Name": name, "Value": value})).collect();
    json!({
        "CreationTime": mail.at.strftime("%Y-%m-%dT%H:%M:%S").to_string(),
        "Id": mail.event_id.to_string(),
        "Operation": mail.operation,
        "OrganizationId": mail.tenant.to_string(),
        "OrganizationName": mail.tenant_name,
        "RecordType": 1,
        "ResultStatus": "True",
        "UserKey": mail.person.object.simple().to_string(),
        "UserType": 2,
        "Version": 1,
        "Workload": "Exchange",
        "ClientIP": mail.person.address,
        "ObjectId": mail.mailbox,
        "UserId": mail.person.user,
        "ExternalAccess": false,
        "Parameters": parameters,
    })
}

fn localized(word: &str) -> Value {
    json!({"value": word, "localizedValue": word})
}

/// `Microsoft.Compute` of `Microsoft.Compute/virtualMachines/write`.
pub(crate) fn provider(activity: &Activity) -> &'static str {
    activity.operation.split_once('/').map_or(activity.operation, |(provider, _)| provider)
}

fn resource_type(operation: &'static str) -> &'static str {
    operation.rsplit_once('/').map_or(operation, |(kind, _)| kind)
}

/// ISO 8601 with seven fractional digits.
pub(crate) fn precise(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.7fZ").to_string()
}

/// The instant in hundreds of nanoseconds since year 1, as Microsoft numbers its records.
pub(crate) fn ticks(at: Timestamp) -> i128 {
    const TICKS_AT_1970: i128 = 621_355_968_000_000_000;
    at.as_nanosecond() / 100 + TICKS_AT_1970
}

/// The records that became readable since the world began, by Azure subscription.
#[derive(Debug, Clone, Default)]
pub(crate) struct ActivityLog {
    by_subscription: BTreeMap<Uuid, VecDeque<Record>>,
}

impl ActivityLog {
    pub(crate) fn push(&mut self, subscription: Uuid, record: Record) {
        let list = self.by_subscription.entry(subscription).or_default();
        if list.len() >= MAX_RECORDS_PER_SUBSCRIPTION {
            list.pop_front();
        }
        list.push_back(record);
    }

    pub(crate) fn of(&self, subscription: Uuid) -> impl Iterator<Item = &Record> {
        self.by_subscription.get(&subscription).into_iter().flatten()
    }
}
