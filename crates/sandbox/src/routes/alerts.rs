//! Microsoft Graph's partner security alerts: list, get and PATCH (microsoft.md 2.2).

use serde_json::{Map, Value, json};

use crate::exchange::Response;
use crate::loose;
use crate::refusal;
use crate::routes::odata::{Comparison, comparisons, next_link};
use crate::routes::{Context, views};
use crate::state::activity::precise;
use crate::state::alert::{Alert, AlertStatus, AlertStep, Reason};
use crate::world::{Cause, World};

/// The page size when the caller names none.
pub(crate) const DEFAULT_ALERT_PAGE: usize = 100;
/// The largest page.
pub(crate) const MAX_ALERT_PAGE: usize = 300;

/// Answers the alerts that fit `$filter`, a page at a time with `@odata.nextLink`.
pub(crate) fn list(world: &World, context: &Context<'_>) -> Response {
    let filter = match context.query.get("$filter").map(|filter| read_filter(filter)) {
        None => Vec::new(),
        Some(Some(filter)) => filter,
        Some(None) => return refusal::nested(400, "BadRequest", "Invalid filter clause."),
    };
    let size = match context.query.get("$top").map(|top| top.parse::<usize>()) {
        None => DEFAULT_ALERT_PAGE,
        Some(Ok(size)) if (1..=MAX_ALERT_PAGE).contains(&size) => size,
        Some(_) => return refusal::nested(400, "BadRequest", "Invalid value for $top."),
    };
    let offset = match context.query.get("$skiptoken") {
        None => 0,
        Some(token) => match world.key.open("alerts", token).and_then(|text| text.parse().ok()) {
            Some(offset) => offset,
            None => return refusal::nested(400, "BadRequest", "Invalid skip token."),
        },
    };
    let fitting: Vec<&Alert> =
        world.alerts.all().iter().filter(|alert| filter.iter().all(|comparison| fits(alert, comparison))).collect();
    let items: Vec<Value> = fitting.iter().skip(offset).take(size).map(|alert| view(world, alert)).collect();
    let end = offset.saturating_add(items.len());
    let mut body = Map::new();
    let context_url = "https://graph.microsoft.com/beta/$metadata#security/partner/securityAlerts";
    body.insert("@odata.context".to_owned(), json!(context_url));
    if context.query.get("$count").is_some_and(|count| count == "true") {
        body.insert("@odata.count".to_owned(), json!(fitting.len()));
    }
    if end < fitting.len() {
        let token = world.key.seal("alerts", &end.to_string());
        body.insert("@odata.nextLink".to_owned(), json!(next_link(world, context, &token)));
    }
    body.insert("value".to_owned(), Value::Array(items));
    Response::json(200, &Value::Object(body))
}

fn read_filter(filter: &str) -> Option<Vec<Comparison>> {
    const NAMES: [&str; 5] = ["status", "customertenantid", "subscriptionid", "severity", "alerttype"];
    let comparisons = comparisons(filter)?;
    comparisons
        .iter()
        .all(|comparison| comparison.operator == "eq" && NAMES.contains(&comparison.name.as_str()))
        .then_some(comparisons)
}

fn fits(alert: &Alert, comparison: &Comparison) -> bool {
    let value = match comparison.name.as_str() {
        "status" => alert.status.graph_word().to_owned(),
        "customertenantid" => alert.customer_tenant.to_string(),
        "subscriptionid" => alert.subscription.to_string(),
        "severity" => alert.severity.clone(),
        _ => alert.kind.clone(),
    };
    value.eq_ignore_ascii_case(&comparison.value)
}

/// Answers one alert.
pub(crate) fn get(world: &World, id: &str) -> Response {
    match world.alerts.get(id) {
        Some(alert) => Response::json(200, &view(world, alert)),
        None => refusal::nested(404, "ResourceNotFound", "The security alert was not found."),
    }
}

/// Changes an alert's status; it only records and never stops the abuse.
pub(crate) fn patch(world: &mut World, context: &Context<'_>, id: &str) -> Response {
    let Ok(body) = context.body() else {
        return refusal::nested(400, "BadRequest", "The request body is not valid JSON.");
    };
    let Some(status) = loose::text(&body, "status").and_then(AlertStatus::from_word) else {
        return refusal::nested(400, "BadRequest", "The property 'status' is required.");
    };
    let reason = match loose::text(&body, "resolvedReason").map(Reason::from_word) {
        None => None,
        Some(Some(reason)) => Some(reason),
        Some(None) => {
            return refusal::nested(400, "BadRequest", "The property 'resolvedReason' is not valid.");
        }
    };
    if world.alerts.get(id).is_none() {
        return get(world, id);
    }
    world.answer_alert(id, (status, reason), &context.cause());
    get(world, id)
}

impl World {
    /// Sets an alert's status and reason, in the one store behind both interfaces.
    pub(crate) fn answer_alert(&mut self, id: &str, (status, reason): (AlertStatus, Option<Reason>), cause: &Cause) {
        let now = self.now;
        let Some(alert) = self.alerts.get_mut(id) else {
            return;
        };
        let before = views::alert_state(alert);
        alert.steps.push(AlertStep { from: alert.status, to: status, by: cause.actor.name.clone(), at: now });
        alert.status = status;
        let resolved = status == AlertStatus::Resolved;
        alert.resolved_reason = reason.filter(|_| resolved);
        alert.resolved_at = resolved.then_some(now);
        alert.resolved_by = resolved.then(|| cause.actor.name.clone());
        let after = views::alert_state(alert);
        let tenant = alert.customer_tenant;
        self.note("alert", id.to_owned(), Some(tenant), cause, (before, after));
    }
}

/// An alert as Graph writes it.
fn view(world: &World, alert: &Alert) -> Value {
    let resources: Vec<Value> =
        alert.resources.iter().map(|id| json!({"resourceId": id, "resourceType": "AzureResource"})).collect();
    let steps: Vec<Value> = alert
        .steps
        .iter()
        .map(|step| {
            json!({
                "statusFrom": step.from.graph_word(),
                "statusTo": step.to.graph_word(),
                "updatedBy": step.by,
                "updatedDateTime": precise(step.at),
            })
        })
        .collect();
    let is_test = if world.switches.text_booleans { json!(alert.is_test.to_string()) } else { json!(alert.is_test) };
    json!({
        "@odata.type": "#microsoft.graph.partner.security.partnerSecurityAlert",
        "id": alert.id,
        "displayName": alert.display_name,
        "description": alert.description,
        "alertType": alert.kind,
        "status": alert.status.graph_word(),
        "severity": alert.severity,
        "confidenceLevel": alert.confidence,
        "customerTenantId": alert.customer_tenant.to_string(),
        "subscriptionId": alert.subscription.to_string(),
        "valueAddedResellerTenantId": alert.reseller_tenant.map(|tenant| tenant.to_string()),
        "catalogOfferId": "MS-AZR-0017G",
        "detectedDateTime": precise(alert.detected),
        "firstObservedDateTime": precise(alert.first_observed),
        "lastObservedDateTime": precise(alert.last_observed),
        "resolvedReason": alert.resolved_reason.map(Reason::graph_word),
        "resolvedOnDateTime": alert.resolved_at.map(precise),
        "resolvedBy": alert.resolved_by,
        "isTest": is_test,
        "affectedResources": resources,
        "activityLogs": steps,
        "additionalDetails": alert.details,
    })
}
