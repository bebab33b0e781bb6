//! Graph's partner security score and its requirements (microsoft.md 2.3), computed from what the world knows.

use serde_json::{Value, json};

use crate::exchange::Response;
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

fn requirement_list(world: &World) -> Vec<Value> {
    let admins_ok = world.switches.mfa_present;
    let admins_without = if admins_ok { 0 } else { 2 };
    let hours = mean_answer_hours(world.alerts.all());
    let prompt = hours.is_none_or(|hours| hours <= 24);
    let customers = world.customers.len();
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
                "compliantTenantCount": customers.saturating_mul(9) / 10,
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
