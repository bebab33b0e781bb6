//! Security alerts in Graph and the older fraud events are one store; the score is computed from the world.

use http::Method;
use sandbox::{AlertRequest, Request};
use serde_json::{Value, json};

use crate::caller::{Desk, PARTNER_CENTER, refusal, text};
use crate::partner_center::assert_keys;

const GRAPH: &str = "https://graph.microsoft.com";
const ALERTS: &str = "/graph/beta/security/partner/securityAlerts";

/// The members of a security alert (microsoft.md 2.2).
const ALERT_MEMBERS: [&str; 21] = [
    "id",
    "displayName",
    "description",
    "alertType",
    "status",
    "severity",
    "confidenceLevel",
    "customerTenantId",
    "subscriptionId",
    "valueAddedResellerTenantId",
    "catalogOfferId",
    "detectedDateTime",
    "firstObservedDateTime",
    "lastObservedDateTime",
    "resolvedReason",
    "resolvedOnDateTime",
    "resolvedBy",
    "isTest",
    "affectedResources",
    "activityLogs",
    "additionalDetails",
];
/// The members of a fraud event of the old model (microsoft.md 2.1).
const EVENT_MEMBERS: [&str; 24] = [
    "eventTime",
    "eventId",
    "partnerTenantId",
    "partnerFriendlyName",
    "customerTenantId",
    "customerFriendlyName",
    "subscriptionId",
    "subscriptionType",
    "entityId",
    "entityName",
    "entityUrl",
    "hitCount",
    "catalogOfferId",
    "eventStatus",
    "serviceName",
    "resourceName",
    "resourceGroupName",
    "firstOccurrence",
    "lastOccurrence",
    "resolvedReason",
    "resolvedOn",
    "resolvedBy",
    "firstObserved",
    "lastObserved",
];

#[test]
fn an_alert_has_the_documented_members_and_its_answer_shows_in_both_interfaces() {
    let mut desk = Desk::open(20);
    let id = desk.world.raise_alert(&AlertRequest::default()).unwrap();
    desk.sign_in(GRAPH);
    let alert = desk.get(&format!("{ALERTS}/{id}")).body_json();
    assert_keys(&alert, &ALERT_MEMBERS);
    assert_eq!(refusal(&desk.patch(&format!("{ALERTS}/{id}"), &json!({"resolvedReason": "fraud"}))).0, 400);
    desk.wait(1_800);
    let answered = desk.patch(&format!("{ALERTS}/{id}"), &json!({"status": "investigating"}));
    assert_eq!((answered.status, text(&answered.body_json(), "/status")), (200, "investigating".to_owned()));
    let step = &answered.body_json()["activityLogs"][0];
    assert_eq!((text(step, "/statusFrom"), text(step, "/statusTo")), ("active".to_owned(), "investigating".to_owned()));
    desk.sign_in(PARTNER_CENTER);
    let subscription = text(&alert, "/subscriptionId");
    let resolve = json!({"EventIds": [id], "EventStatus": "Resolved", "ResolvedReason": "Fraud"});
    let path = format!("/partnercenter/v1/fraudEvents/subscription/{subscription}/status");
    let updated = desk.post(&path, &resolve).body_json();
    assert_keys(&updated[0], &EVENT_MEMBERS);
    desk.sign_in(GRAPH);
    let resolved = desk.get(&format!("{ALERTS}/{id}")).body_json();
    assert_eq!(
        (text(&resolved, "/status"), text(&resolved, "/resolvedReason")),
        ("resolved".to_owned(), "fraud".to_owned())
    );
    assert_eq!(text(&resolved, "/resolvedBy"), "integration@borgpartner.onmicrosoft.com");
    let changes: Vec<&str> = desk.world.changes().after(0).map(|change| change.route).collect();
    assert_eq!(changes, ["control", "alert_patch", "fraud_events_status"]);
}

#[test]
fn alerts_are_filtered_and_paged_by_next_link() {
    let mut desk = Desk::open(60);
    for _ in 0..25 {
        desk.world.raise_alert(&AlertRequest::default()).unwrap();
    }
    desk.sign_in(GRAPH);
    let one = desk.get(&format!("{ALERTS}?$top=1")).body_json();
    let (id, customer) = (text(&one["value"][0], "/id"), text(&one["value"][0], "/customerTenantId"));
    assert_eq!(
        desk.patch(&format!("{ALERTS}/{id}"), &json!({"status": "resolved", "resolvedReason": "ignore"})).status,
        200
    );
    let mut seen = 0;
    let mut path = format!("{ALERTS}?$filter=status%20eq%20%27active%27&$top=10&$count=true");
    for _ in 0..5 {
        let body = desk.get(&path).body_json();
        assert_eq!(body["@odata.count"], json!(24));
        seen += body["value"].as_array().unwrap().len();
        let Some(next) = body.get("@odata.nextLink").and_then(Value::as_str) else { break };
        path = next.strip_prefix("http://sandbox.invalid").unwrap().to_owned();
    }
    assert_eq!(seen, 24);
    let filter = format!("$filter=status%20eq%20%27resolved%27%20and%20customerTenantId%20eq%20%27{customer}%27");
    assert_eq!(desk.get(&format!("{ALERTS}?{filter}")).body_json()["value"].as_array().unwrap().len(), 1);
    assert_eq!(
        refusal(&desk.get(&format!("{ALERTS}?$filter=status%20ne%20%27active%27"))),
        (400, "BadRequest".to_owned())
    );
    assert_eq!(refusal(&desk.get(&format!("{ALERTS}/unknown"))), (404, "ResourceNotFound".to_owned()));
}

#[test]
fn the_new_model_of_fraud_events_is_a_bare_array_in_pages_without_links() {
    let mut desk = Desk::open(30);
    for _ in 0..7 {
        desk.world.raise_alert(&AlertRequest::default()).unwrap();
    }
    let page = |number: u32| {
        let path = format!("/partnercenter/v1/fraudEvents?EventStatus=Active&PageSize=5&PageNumber={number}");
        Request::new(Method::GET, path).with_header("X-NewEventsModel", "true")
    };
    let first = desk.reply(page(1)).response.body_json();
    assert_eq!(first.as_array().unwrap().len(), 5);
    assert_keys(
        &first[0],
        &[
            "eventType",
            "severity",
            "confidenceLevel",
            "affectedResources",
            "additionalDetails",
            "IsTest",
            "activityLogs",
        ],
    );
    assert_eq!(desk.reply(page(2)).response.body_json().as_array().unwrap().len(), 2);
    assert_eq!(desk.reply(page(0)).response.status, 400);
    let old = desk.get("/partnercenter/v1/fraudEvents").body_json();
    assert_eq!(old[0].get("eventType"), None);
    assert_eq!(text(&old[0], "/resolvedOn"), "9999-12-31T23:59:59.9970000");
}

#[test]
fn the_security_score_follows_the_admins_mfa_and_keeps_the_contracts_misspelling() {
    let mut desk = Desk::open(10);
    desk.sign_in(GRAPH);
    let path = "/graph/beta/security/partner/securityScore/requirements";
    let body = desk.get(path).body_json();
    let admins = &body["value"][0];
    assert_keys(
        admins,
        &[
            "@odata.type",
            "id",
            "requirementType",
            "complianceStatus",
            "score",
            "maxScore",
            "state",
            "updatedDateTime",
            "totalAdminsCount",
            "mfaEnabledAdminsCount",
        ],
    );
    assert_eq!(text(admins, "/complianceStatus"), "compliant");
    desk.world.switches_mut().mfa_present = false;
    assert_eq!(text(&desk.get(path).body_json(), "/value/0/complianceStatus"), "noncomplaint");
    let score = desk.get("/graph/beta/security/partner/securityScore").body_json();
    assert_eq!(score["currentScore"], json!(40.0));
}

#[test]
fn the_mfa_posture_of_every_customer_agrees_with_the_requirement() {
    let mut desk = Desk::open(450);
    desk.sign_in(GRAPH);
    let base = "/graph/beta/security/partner/securityScore";
    let requirement = desk.get(&format!("{base}/requirements")).body_json()["value"][1].clone();
    let (mut seen, mut in_order) = (0_u64, 0_u64);
    let mut path = format!("{base}/customerInsights");
    loop {
        let body = desk.get(&path).body_json();
        for row in body["value"].as_array().unwrap() {
            assert_keys(
                &row["mfa"],
                &[
                    "compliantAdminsCount",
                    "compliantNonAdminsCount",
                    "totalUsersCount",
                    "securityDefaultsStatus",
                    "mfaConditionalAccessPolicyStatus",
                    "legacyPerUserMfaStatus",
                ],
            );
            seen += 1;
            in_order += u64::from(text(row, "/mfa/mfaConditionalAccessPolicyStatus") == "enabled");
        }
        let Some(next) = body.get("@odata.nextLink").and_then(Value::as_str) else { break };
        path = next.strip_prefix("http://sandbox.invalid").unwrap().to_owned();
    }
    assert_eq!((seen, json!(in_order)), (450, requirement["compliantTenantCount"].clone()));
    assert!(in_order < 450);
}
