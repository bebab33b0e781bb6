//! Graph's partner security score, its requirements and the customers' MFA posture (microsoft.md 2.3), from what the world knows.

use serde_json::{Map, Value, json};

use crate::draw::Draw;
use crate::exchange::Response;
use crate::refusal;
use crate::routes::Context;
use crate::routes::odata::next_link;
use crate::state::activity::precise;
use crate::state::alert::Alert;
use crate::world::World;

const TYPE: &str = "#microsoft.graph.partner.security.";

/// Answers the score.
pub(crate) fn score(world: &World) -> Response {
    let current: u32 = requirement_list(world)
        .iter()
        .filter_map(|requirement| requirement.get("score")?.as_u64())
        .filter_map(|score| u32::try_from(score).ok())
        .sum();
    let now = precise(world.now);
    Response::json(
        200,
        &json!({
            "@odata.type": format!("{TYPE}partnerSecurityScore"),
            "currentScore": f64::from(current),
            "maxScore": 100.0,
            "lastRefreshDateTime": now,
            "updatedDateTime": now,
        }),
    )
}

/// Answers the requirements, one page.
pub(crate) fn requirements(world: &World) -> Response {
    Response::json(200, &json!({"value": requirement_list(world)}))
}

/// Customers on one page of the MFA posture.
pub(crate) const INSIGHTS_PAGE: usize = 200;

/// Answers the MFA posture of every customer, a page at a time.
pub(crate) fn insights(world: &World, context: &Context<'_>) -> Response {
    let opened = context.query.get("$skiptoken").map(|token| world.key.open("insights", token));
    let offset = match opened {
        None => 0,
        Some(text) => match text.and_then(|text| text.parse::<usize>().ok()) {
            Some(offset) => offset,
            None => return refusal::nested(400, "BadRequest", "Invalid skip token."),
        },
    };
    let end = offset.saturating_add(INSIGHTS_PAGE).min(world.customers.len());
    let rows: Vec<Value> = (offset..end).filter_map(|number| insight(world, number)).collect();
    let mut body = Map::new();
    if end < world.customers.len() {
        let token = world.key.seal("insights", &end.to_string());
        body.insert("@odata.nextLink".to_owned(), json!(next_link(world, context, &token)));
    }
    body.insert("value".to_owned(), Value::Array(rows));
    Response::json(200, &Value::Object(body))
}

fn insight(world: &World, number: usize) -> Option<Value> {
    let tenant = world.customers.get(number)?.tenant;
    let (admins, safe_admins, users) = posture(world, number);
    let enforced = if admins == safe_admins { "enabled" } else { "disabled" };
    Some(json!({
        "tenantId": tenant.to_string(),
        "mfa": {
            "compliantAdminsCount": safe_admins,
            "compliantNonAdminsCount": users.saturating_mul(8) / 10,
            "totalUsersCount": admins + users,
            "securityDefaultsStatus": "disabled",
            "mfaConditionalAccessPolicyStatus": enforced,
            "legacyPerUserMfaStatus": "disabled",
        },
    }))
}

/// A customer's administrators, those of them with MFA, and its other users. Nine in ten customers are in order.
fn posture(world: &World, number: usize) -> (u64, u64, u64) {
    let mut draw = Draw::new(world.seed, "posture", u64::try_from(number).unwrap_or(u64::MAX));
    let admins = draw.between(1, 5);
    let safe = if draw.per_mille(900) { admins } else { draw.below(admins) };
    (admins, safe, draw.between(3, 200))
}

fn requirement_list(world: &World) -> Vec<Value> {
    let admins_ok = world.switches.mfa_present;
    let admins_without = if admins_ok { 0 } else { 2 };
    let hours = mean_answer_hours(world.alerts.all());
    let prompt = hours.is_none_or(|hours| hours <= 24);
    let customers = world.customers.len();
    let in_order =
        (0..customers).map(|number| posture(world, number)).filter(|(admins, safe, _)| admins == safe).count();
    vec![
        requirement(
            world,
            ("mfaEnforcedForAdmins", "adminsMfaEnforcedSecurityRequirement"),
            (admins_ok, 20),
            &json!({
                "totalAdminsCount": 4,
                "mfaEnabledAdminsCount": 4 - admins_without,
                "adminsRequiredNotUsingMfaCount": admins_without,
                "totalUsersCount": 25,
                "mfaEnabledUsersCount": 25 - admins_without,
                "usersRequiredNotUsingMfaCount": admins_without,
                "securityDefaultsStatus": "disabled",
                "mfaConditionalAccessPolicyStatus": if admins_ok { "enabled" } else { "disabled" },
                "legacyPerUserMfaStatus": "disabled",
            }),
        ),
        requirement(
            world,
            ("mfaEnforcedForAdminsOfCustomers", "customersMfaEnforcedSecurityRequirement"),
            (false, 20),
            &json!({
                "totalTenantCount": customers,
                "compliantTenantCount": in_order,
            }),
        ),
        requirement(
            world,
            ("securityAlertsPromptlyResolved", "responseTimeSecurityRequirement"),
            (prompt, 10),
            &json!({
                // The published sample writes this number as a string.
                "averageResponseTimeInHours": hours.unwrap_or(0).to_string(),
            }),
        ),
        requirement(world, ("securityContactProvided", "partnerSecurityRequirement"), (true, 30), &json!({})),
        requirement(
            world,
            ("spendingBudgetSetForCustomerAzureSubscriptions", "customersSpendingBudgetSecurityRequirement"),
            (false, 20),
            &json!({
                "customersWithSpendBudgetCount": customers / 2,
                "totalCustomersCount": customers,
            }),
        ),
    ]
}

fn requirement(world: &World, (name, kind): (&str, &str), (met, max): (bool, u32), extra: &Value) -> Value {
    let mut body = json!({
        "@odata.type": format!("{TYPE}{kind}"),
        "id": name,
        "requirementType": name,
        // The contract misspells the word.
        "complianceStatus": if met { "compliant" } else { "noncomplaint" },
        "actionUrl": "https://partner.microsoft.com/dashboard",
        "helpUrl": "https://learn.microsoft.com/partner-center/security/",
        "score": if met { max } else { 0 },
        "maxScore": max,
        "state": "active",
        "updatedDateTime": precise(world.now),
    });
    if let (Value::Object(body), Value::Object(extra)) = (&mut body, extra) {
        body.extend(extra.clone());
    }
    body
}

/// The mean whole hours from detection to resolution of the resolved alerts; none while nothing is resolved.
fn mean_answer_hours(alerts: &[Alert]) -> Option<i64> {
    let hours: Vec<i64> =
        alerts.iter().filter_map(|alert| Some(alert.resolved_at?.duration_since(alert.detected).as_hours())).collect();
    let count = i64::try_from(hours.len()).ok()?;
    hours.iter().sum::<i64>().checked_div(count)
}
