//! The older fraud events of Partner Center, in both models, over the same store as the Graph alerts (microsoft.md 2.1).

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::exchange::Response;
use crate::loose;
use crate::refusal;
use crate::routes::{Context, views};
use crate::state::alert::{Alert, AlertStatus, Reason};
use crate::world::World;

/// The largest page of the new model, which has no totals and no links.
pub(crate) const MAX_EVENT_PAGE: usize = 500;

/// Answers a bare array of the events that fit the query.
pub(crate) fn list(world: &World, context: &Context<'_>) -> Response {
    let new_model = is_new_model(context);
    let query = |name: &str| context.query.get(name).map(String::as_str);
    let Some((size, number)) = page(new_model, query("pagesize"), query("pagenumber")) else {
        return refusal::classic(400, "2000", "PageSize and PageNumber must be greater than 0.");
    };
    let events: Vec<Value> = world
        .alerts
        .all()
        .iter()
        .filter(|alert| query("eventstatus").is_none_or(|word| alert.status.event_word().eq_ignore_ascii_case(word)))
        .filter(|alert| {
            query("subscriptionid").is_none_or(|id| alert.subscription.to_string().eq_ignore_ascii_case(id))
        })
        .filter(|alert| {
            !new_model || query("eventtype").is_none_or(|kind| event_type(alert).eq_ignore_ascii_case(kind))
        })
        .skip(size.saturating_mul(number - 1))
        .take(size)
        .map(|alert| view(world, alert, new_model))
        .collect();
    Response::json(200, &Value::Array(events))
}

fn page(new_model: bool, size: Option<&str>, number: Option<&str>) -> Option<(usize, usize)> {
    if !new_model {
        return Some((MAX_EVENT_PAGE, 1));
    }
    let read = |text: Option<&str>, default| match text {
        None => Some(default),
        Some(text) => text.parse().ok().filter(|number| *number > 0),
    };
    Some((read(size, MAX_EVENT_PAGE)?.min(MAX_EVENT_PAGE), read(number, 1)?))
}

fn is_new_model(context: &Context<'_>) -> bool {
    context.request.header("x-neweventsmodel").is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

/// Changes the status of named events, or of all events of the subscription when none is named.
pub(crate) fn answer(world: &mut World, context: &Context<'_>, subscription: Uuid) -> Response {
    let new_model = is_new_model(context);
    let body = match context.body() {
        Ok(body) => body,
        Err(refused) => return *refused,
    };
    let status = loose::text(&body, "eventStatus").and_then(AlertStatus::from_word);
    let status = match (status, new_model) {
        (Some(AlertStatus::Resolved), _) => AlertStatus::Resolved,
        (Some(AlertStatus::Active), false) => AlertStatus::Active,
        (Some(AlertStatus::Investigating), true) => AlertStatus::Investigating,
        _ => return refusal::classic(400, "2000", "The event status is not valid."),
    };
    let reason = loose::text(&body, "resolvedReason").and_then(Reason::from_word);
    let accepted = matches!(reason, Some(Reason::Fraud | Reason::Ignore | Reason::Legitimate));
    if status == AlertStatus::Resolved && !accepted {
        return refusal::classic(400, "2000", "The resolved reason is required.");
    }
    let named = loose::texts(&body, "eventIds");
    let touched: Vec<String> = world
        .alerts
        .all()
        .iter()
        .filter(|alert| alert.subscription == subscription)
        .map(|alert| alert.id.clone())
        .filter(|id| named.is_empty() || named.contains(id))
        .collect();
    if touched.is_empty() {
        return refusal::classic(404, "800111", "No event of this subscription was found.");
    }
    let cause = context.cause();
    for id in &touched {
        world.answer_alert(id, (status, reason), &cause);
    }
    let updated: Vec<Value> =
        touched.iter().filter_map(|id| world.alerts.get(id)).map(|alert| view(world, alert, new_model)).collect();
    Response::json(200, &Value::Array(updated))
}

/// The older name of an alert's type, where there is one.
fn event_type(alert: &Alert) -> &str {
    match alert.kind.as_str() {
        "CryptoMining" => "NetworkConnectionsToCryptoMiningPools",
        "VM_AnomalousDeployment" => "VirtualMachineDeploymentAnomaly",
        "AzureMachineLearning_AnomalousDeployment" => "MultiRegionMachineLearningUsageAnomaly",
        "ARM_AnomalousResourceConsumption" => "UsageAnomalyDetection",
        other => other,
    }
}

/// A date without zone, as the fraud events write it.
fn bare(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.7f").to_string()
}

fn view(world: &World, alert: &Alert, new_model: bool) -> Value {
    let owner = world.customers.get(alert.customer);
    let customer = owner.map(|customer| customer.name.full()).unwrap_or_default();
    let resolved_on = alert.resolved_at.map_or_else(|| "9999-12-31T23:59:59.9970000".to_owned(), bare);
    let body = json!({
        "eventTime": bare(alert.detected),
        "eventId": alert.id,
        "partnerTenantId": world.partner.tenant.to_string(),
        "partnerFriendlyName": world.partner.name,
        "customerTenantId": alert.customer_tenant.to_string(),
        "customerFriendlyName": customer,
        "subscriptionId": alert.subscription.to_string(),
        "subscriptionType": "modern",
        "entityId": "",
        "entityName": "",
        "entityUrl": "",
        "hitCount": "10",
        "catalogOfferId": "ms-azr-17g",
        "eventStatus": alert.status.event_word(),
        "serviceName": "Azure.Compute",
        "resourceName": alert.resources.first().and_then(|id| id.rsplit('/').next()).unwrap_or_default(),
        "resourceGroupName": alert.resources.first().and_then(|id| id.split('/').nth(4)).unwrap_or_default(),
        "firstOccurrence": bare(alert.first_observed),
        "lastOccurrence": bare(alert.last_observed),
        "resolvedReason": alert.resolved_reason.map_or("None", Reason::event_word),
        "resolvedOn": resolved_on,
        "resolvedBy": alert.resolved_by.clone().unwrap_or_default(),
        "firstObserved": bare(alert.first_observed),
        "lastObserved": bare(alert.last_observed),
    });
    let Value::Object(mut body) = body else {
        return Value::Null;
    };
    if new_model {
        add_new_members(&mut body, world, alert);
    }
    Value::Object(body)
}

fn add_new_members(body: &mut Map<String, Value>, world: &World, alert: &Alert) {
    let resources: Vec<Value> =
        alert.resources.iter().map(|id| json!({"azureResourceId": id, "type": "AzureResource"})).collect();
    let steps: Vec<Value> = alert
        .steps
        .iter()
        .map(|step| {
            json!({
                "statusFrom": step.from.event_word(),
                "statusTo": step.to.event_word(),
                "updatedBy": step.by,
                "dateTime": views::webhook_date(step.at),
            })
        })
        .collect();
    let reseller = alert.reseller_tenant.map(|tenant| tenant.to_string());
    let name = alert
        .reseller_tenant
        .and_then(|tenant| world.resellers.iter().find(|reseller| reseller.tenant == tenant))
        .map(|reseller| reseller.name.full());
    for (name, value) in [
        ("eventType", json!(event_type(alert))),
        ("severity", json!(capital(&alert.severity))),
        ("confidenceLevel", json!(alert.confidence)),
        ("displayName", json!(alert.display_name)),
        ("description", json!(alert.description)),
        ("country", json!("SE")),
        ("valueAddedResellerTenantId", json!(reseller)),
        ("valueAddedResellerFriendlyName", json!(name)),
        ("subscriptionName", json!("")),
        ("affectedResources", json!(resources)),
        ("additionalDetails", json!(alert.details)),
        ("IsTest", json!(alert.is_test.to_string())),
        ("activityLogs", json!(steps)),
    ] {
        body.insert(name.to_owned(), value);
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
