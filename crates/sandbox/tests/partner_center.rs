//! The documented rules of Partner Center, Graph and Azure, one test each, against the world without sockets.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

mod common;

use common::{Desk, PARTNER_CENTER, refusal, text};
use http::Method;
use sandbox::Request;
use serde_json::{Value, json};

fn keys(value: &Value) -> Vec<String> {
    value.as_object().unwrap().keys().cloned().collect()
}

fn assert_keys(value: &Value, expected: &[&str]) {
    let found = keys(value);
    for key in expected {
        assert!(
            found.iter().any(|name| name == key),
            "{key} is missing in {found:?}"
        );
    }
}

#[test]
fn customers_come_in_pages_until_links_next_is_absent() {
    let mut desk = Desk::open(1_120);
    let mut seen = std::collections::BTreeSet::new();
    let mut path = "/partnercenter/v1/customers?size=500".to_owned();
    let mut token: Option<String> = None;
    let mut pages = 0;
    loop {
        let mut request = Request::new(Method::GET, path.clone());
        if let Some(token) = &token {
            request = request.with_header("ms-continuationtoken", token);
        }
        let body = desk.reply(request).response.body_json();
        pages += 1;
        for item in body["items"].as_array().unwrap() {
            assert_keys(
                item,
                &[
                    "id",
                    "companyProfile",
                    "relationshipToPartner",
                    "attributes",
                ],
            );
            assert!(seen.insert(text(item, "/id")));
        }
        let Some(next) = body.pointer("/links/next") else {
            break;
        };
        assert_eq!(text(next, "/headers/0/key"), "MS-ContinuationToken");
        assert!(text(next, "/uri").starts_with("/customers?size=500&seekOperation=Next"));
        token = Some(text(next, "/headers/0/value"));
        path = format!("/partnercenter/v1{}", text(next, "/uri"));
    }
    assert_eq!((pages, seen.len()), (3, 1_120));
    assert_eq!(
        refusal(&desk.get("/partnercenter/v1/customers?size=500&seekOperation=Next")),
        (400, "2000".to_owned())
    );
}

#[test]
fn a_customer_in_full_has_the_documented_members() {
    let mut desk = Desk::open(3);
    let customer = desk.customer(|_| true);
    let body = desk
        .get(&format!("/partnercenter/v1/customers/{}", customer.tenant))
        .body_json();
    assert_keys(
        &body,
        &[
            "id",
            "commerceId",
            "companyProfile",
            "billingProfile",
            "relationshipToPartner",
            "allowDelegatedAccess",
            "customDomains",
            "associatedPartnerId",
            "attributes",
        ],
    );
    assert_keys(
        &body["companyProfile"],
        &["tenantId", "domain", "companyName"],
    );
    assert_keys(
        &body["billingProfile"]["defaultAddress"],
        &[
            "country",
            "city",
            "addressLine1",
            "postalCode",
            "phoneNumber",
        ],
    );
    let stranger = desk.get("/partnercenter/v1/customers/6f1f3a0e-0000-4000-8000-000000000000");
    assert_eq!(refusal(&stranger), (403, "20002".to_owned()));
}

#[test]
fn a_cancelled_azure_subscription_answers_active_for_ten_minutes() {
    let mut desk = Desk::open(20);
    let customer = desk.customer(|customer| customer.entitlements.len() > 1);
    let plan = customer.plan.unwrap();
    let base = format!(
        "/partnercenter/v1/customers/{}/subscriptions/{plan}/azureEntitlements",
        customer.tenant
    );
    let one = format!("{base}/{}", customer.entitlements[0].id);
    let cancel = format!("{one}/cancel");
    assert_eq!(
        desk.post(&cancel, &json!({"cancellationReason": "boredom"}))
            .status,
        400
    );
    let answer = desk.post(&cancel, &json!({"CancellationReason": "compromise"}));
    assert_eq!(
        (answer.status, text(&answer.body_json(), "/status")),
        (200, "active".to_owned())
    );
    assert_keys(
        &answer.body_json(),
        &["id", "friendlyName", "status", "subscriptionId", "links"],
    );
    let again = desk.post(&cancel, &json!({"cancellationReason": "compromise"}));
    assert_eq!(refusal(&again), (409, "900278".to_owned()));
    desk.wait(599);
    assert_eq!(text(&desk.get(&one).body_json(), "/status"), "active");
    desk.wait(1);
    assert_eq!(text(&desk.get(&one).body_json(), "/status"), "inactive");
    assert_eq!(
        refusal(&desk.post(&cancel, &json!({"cancellationReason": "compromise"}))),
        (400, "900314".to_owned())
    );
    let back = desk.post(&format!("{one}/reactivate"), &json!({}));
    assert_eq!((back.status, back.body.len()), (202, 0));
    assert_eq!(text(&desk.get(&one).body_json(), "/status"), "inactive");
    desk.wait(300);
    assert_eq!(text(&desk.get(&one).body_json(), "/status"), "active");
}

#[test]
fn a_token_for_another_audience_is_refused_with_900420() {
    let mut desk = Desk::open(2);
    desk.sign_in("https://graph.windows.net");
    assert_eq!(
        refusal(&desk.get("/partnercenter/v1/customers")),
        (401, "900420".to_owned())
    );
    desk.sign_in(PARTNER_CENTER);
    assert_eq!(desk.get("/partnercenter/v1/customers").status, 200);
    desk.wait(3_599);
    assert_eq!(
        refusal(&desk.get("/partnercenter/v1/customers")),
        (401, "400".to_owned())
    );
}
