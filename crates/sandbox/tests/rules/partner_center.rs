//! The documented rules of Partner Center, Graph and Azure, one test each, against the world without sockets.

use crate::caller::{Desk, PARTNER_CENTER, refusal, text};
use http::Method;
use sandbox::Request;
use serde_json::{Value, json};

pub(crate) fn keys(value: &Value) -> Vec<String> {
    value.as_object().unwrap().keys().cloned().collect()
}

pub(crate) fn assert_keys(value: &Value, expected: &[&str]) {
    let found = keys(value);
    for key in expected {
        assert!(found.iter().any(|name| name == key), "{key} is missing in {found:?}");
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
            assert_keys(item, &["id", "companyProfile", "relationshipToPartner", "attributes"]);
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
    assert_eq!(refusal(&desk.get("/partnercenter/v1/customers?size=500&seekOperation=Next")), (400, "2000".to_owned()));
}

#[test]
fn a_customer_in_full_has_the_documented_members() {
    let mut desk = Desk::open(3);
    let customer = desk.customer(|_| true);
    let body = desk.get(&format!("/partnercenter/v1/customers/{}", customer.tenant)).body_json();
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
    assert_keys(&body["companyProfile"], &["tenantId", "domain", "companyName"]);
    assert_keys(
        &body["billingProfile"]["defaultAddress"],
        &["country", "city", "addressLine1", "postalCode", "phoneNumber"],
    );
    let stranger = desk.get("/partnercenter/v1/customers/6f1f3a0e-0000-4000-8000-000000000000");
    assert_eq!(refusal(&stranger), (403, "20002".to_owned()));
}

#[test]
fn a_cancelled_azure_subscription_answers_active_for_ten_minutes() {
    let mut desk = Desk::open(20);
    let customer = desk.customer(|customer| customer.entitlements.len() > 1);
    let plan = customer.plan.unwrap();
    let base = format!("/partnercenter/v1/customers/{}/subscriptions/{plan}/azureEntitlements", customer.tenant);
    let one = format!("{base}/{}", customer.entitlements[0].id);
    let cancel = format!("{one}/cancel");
    assert_eq!(desk.post(&cancel, &json!({"cancellationReason": "boredom"})).status, 400);
    let answer = desk.post(&cancel, &json!({"CancellationReason": "compromise"}));
    assert_eq!((answer.status, text(&answer.body_json(), "/status")), (200, "active".to_owned()));
    assert_keys(&answer.body_json(), &["id", "friendlyName", "status", "subscriptionId", "links"]);
    let again = desk.post(&cancel, &json!({"cancellationReason": "compromise"}));
    assert_eq!(refusal(&again), (409, "900278".to_owned()));
    desk.wait(599);
    assert_eq!(text(&desk.get(&one).body_json(), "/status"), "active");
    desk.wait(1);
    assert_eq!(text(&desk.get(&one).body_json(), "/status"), "inactive");
    assert_eq!(refusal(&desk.post(&cancel, &json!({"cancellationReason": "compromise"}))), (400, "900314".to_owned()));
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
    assert_eq!(refusal(&desk.get("/partnercenter/v1/customers")), (401, "900420".to_owned()));
    desk.sign_in(PARTNER_CENTER);
    assert_eq!(desk.get("/partnercenter/v1/customers").status, 200);
    desk.wait(3_599);
    assert_eq!(refusal(&desk.get("/partnercenter/v1/customers")), (401, "400".to_owned()));
}

#[test]
fn a_plan_is_suspended_only_when_nothing_under_it_is_active_and_then_nobody_enables_again() {
    let mut desk = Desk::open(40);
    let customer = desk.customer(|customer| customer.entitlements.len() > 2);
    let plan = format!("/partnercenter/v1/customers/{}/subscriptions/{}", customer.tenant, customer.plan.unwrap());
    let mut suspend = desk.get(&plan).body_json();
    suspend["status"] = json!("suspended");
    assert_eq!(refusal(&desk.patch(&plan, &suspend)), (403, "900115".to_owned()));
    for entitlement in &customer.entitlements {
        let cancel = format!("{plan}/azureEntitlements/{}/cancel", entitlement.id);
        assert_eq!(desk.post(&cancel, &json!({"cancellationReason": "compromise"})).status, 200);
    }
    // Cancelled and still active: the plan refuses as before.
    assert_eq!(refusal(&desk.patch(&plan, &suspend)), (403, "900115".to_owned()));
    desk.wait(600);
    desk.world.tick(desk.now);
    let first = customer.entitlements[0].id;
    assert_eq!(desk.world.reenable(first), Some(true), "the attacker comes back while the plan is active");
    assert_eq!(refusal(&desk.patch(&plan, &suspend)), (403, "900115".to_owned()));
    let cancel = format!("{plan}/azureEntitlements/{first}/cancel");
    assert_eq!(desk.post(&cancel, &json!({"cancellationReason": "compromise"})).status, 200);
    desk.wait(600);
    let suspended = desk.patch(&plan, &suspend);
    assert_eq!((suspended.status, text(&suspended.body_json(), "/status")), (200, "suspended".to_owned()));
    assert_eq!(desk.world.reenable(first), Some(false), "a suspended plan keeps the attacker out");
    let back = desk.post(&format!("{plan}/azureEntitlements/{first}/reactivate"), &json!({}));
    assert_eq!(refusal(&back), (400, "900132".to_owned()));
}

#[test]
fn a_patch_that_leaves_members_out_resets_them_and_its_etag_must_fit() {
    let mut desk = Desk::open(200);
    let mut found = None;
    for number in 0..200 {
        let customer = desk.world.customer_truth(number).unwrap();
        for seat in &customer.seats {
            let path = format!("/partnercenter/v1/customers/{}/subscriptions/{}", customer.tenant, seat.id);
            let body = desk.get(&path).body_json();
            if body.get("scheduledNextTermInstructions").is_some() && found.is_none() {
                found = Some((path, body));
            }
        }
    }
    let (path, body) = found.unwrap();
    assert_keys(
        &body,
        &[
            "id",
            "offerId",
            "friendlyName",
            "quantity",
            "unitType",
            "creationDate",
            "effectiveStartDate",
            "commitmentEndDate",
            "status",
            "autoRenewEnabled",
            "billingType",
            "billingCycle",
            "termDuration",
            "cancellationAllowedUntilDate",
            "refundOptions",
            "productType",
            "attributes",
            "links",
            "orderId",
        ],
    );
    let kept = desk.patch(&path, &body).body_json();
    assert_eq!(kept["scheduledNextTermInstructions"], body["scheduledNextTermInstructions"]);
    assert_eq!(kept["autoRenewEnabled"], json!(true));
    let old = format!("\"{}\"", text(&body, "/attributes/etag"));
    let stale = Request::new(Method::PATCH, path.clone()).with_json(&kept).with_header("if-match", &old);
    assert_eq!(refusal(&desk.reply(stale).response), (400, "2055".to_owned()));
    let unquoted = Request::new(Method::PATCH, path.clone())
        .with_json(&kept)
        .with_header("if-match", &text(&kept, "/attributes/etag"));
    assert_eq!(refusal(&desk.reply(unquoted).response), (400, "2055".to_owned()));
    // Names in another case are read; what is left out is reset.
    let bare = json!({"Status": "active", "Quantity": body["quantity"]});
    let reset = desk.patch(&path, &bare).body_json();
    assert_eq!(reset["autoRenewEnabled"], json!(false));
    assert_eq!(reset.get("scheduledNextTermInstructions"), None);
}

#[test]
fn a_patch_may_be_accepted_with_202_and_is_done_a_minute_later() {
    let mut desk = Desk::open(40);
    desk.world.switches_mut().accepted_patches_per_mille = 1_000;
    let customer = desk.customer(|customer| !customer.seats.is_empty());
    let path = format!("/partnercenter/v1/customers/{}/subscriptions/{}", customer.tenant, customer.seats[0].id);
    let mut body = desk.get(&path).body_json();
    body["status"] = json!("suspended");
    let accepted = desk.patch(&path, &body);
    assert_eq!((accepted.status, accepted.body.len()), (202, 0));
    let location = format!("/partnercenter/v1{}", accepted.header("location").unwrap());
    assert_eq!(text(&desk.get(&path).body_json(), "/status"), "active");
    assert_eq!(refusal(&desk.patch(&path, &body)), (409, "900278".to_owned()));
    assert_eq!(desk.get(&location).status, 202);
    desk.wait(60);
    let done = desk.get(&location);
    assert_eq!((done.status, text(&done.body_json(), "/status")), (200, "suspended".to_owned()));
}

#[test]
fn the_same_request_id_acts_once_and_answers_the_same() {
    let mut desk = Desk::open(40);
    let customer = desk.customer(|customer| !customer.seats.is_empty());
    let path = format!("/partnercenter/v1/customers/{}/subscriptions/{}", customer.tenant, customer.seats[0].id);
    let mut body = desk.get(&path).body_json();
    body["quantity"] = json!(customer.seats[0].quantity + 1);
    desk.request_id = Some("bbbbbbbb-0000-4000-8000-000000000001".to_owned());
    let first =
        desk.reply(Request::new(Method::PATCH, path.clone()).with_json(&body).with_header("ms-correlationid", "c1"));
    let again =
        desk.reply(Request::new(Method::PATCH, path.clone()).with_json(&body).with_header("ms-correlationid", "c2"));
    assert_eq!((first.changes, again.changes), (1, 0));
    assert_eq!(first.response.body, again.response.body);
    assert_eq!(again.response.header("ms-correlationid"), Some("c2"));
    assert_eq!(again.response.header("ms-requestid"), desk.request_id.as_deref());
    assert!(again.response.header("ms-cv").is_some() && again.response.header("ms-serverid").is_some());
    let change = desk.world.changes().after(0).last().unwrap();
    assert_eq!((change.what, change.route), ("subscription", "subscription_patch"));
    assert_eq!(change.request_id, desk.request_id);
    assert_eq!(change.actor.kind, "appUser");
    assert_ne!(change.before, change.after);
}

#[test]
fn five_hundred_calls_a_minute_and_customer_are_allowed() {
    let mut desk = Desk::open(3);
    let path = format!("/partnercenter/v1/customers/{}", desk.customer(|_| true).tenant);
    for _ in 0..500 {
        assert_eq!(desk.get(&path).status, 200);
    }
    let refused = desk.get(&path);
    assert_eq!((refused.status, refused.header("retry-after").is_some()), (429, true));
    desk.wait(60);
    assert_eq!(desk.get(&path).status, 200);
}

#[test]
fn app_only_tokens_are_refused_where_a_person_is_needed_and_mfa_is_enforced() {
    let mut desk = Desk::open(2);
    let tenant = desk.world.credentials().partner_tenant.to_string();
    let form = [("grant_type", "client_credentials"), ("resource", PARTNER_CENTER)];
    let (answer, token) = desk.token_for(&tenant, &form);
    assert_keys(
        &answer.body_json(),
        &["token_type", "expires_in", "expires_on", "not_before", "resource", "access_token"],
    );
    assert_eq!(answer.body_json()["expires_in"], json!("3599"));
    desk.token = token;
    assert_eq!(refusal(&desk.get("/partnercenter/v1/fraudEvents")), (403, "900329".to_owned()));
    assert_eq!(desk.get("/partnercenter/v1/customers").status, 200);
    desk.world.switches_mut().mfa_present = false;
    desk.sign_in(PARTNER_CENTER);
    assert_eq!(refusal(&desk.get("/partnercenter/v1/customers")), (401, "900421".to_owned()));
    desk.world.switches_mut().mfa_enforced = false;
    let probe = desk.reply(Request::new(Method::GET, "/partnercenter/v1/customers").with_header("ValidateMfa", "true"));
    assert_eq!((probe.response.status, probe.response.header("ismfacompliant")), (200, Some("false")));
    let wrong = [("grant_type", "refresh_token"), ("refresh_token", "made-up"), ("resource", PARTNER_CENTER)];
    assert_eq!(refusal(&desk.token_for(&tenant, &wrong).0), (400, "invalid_grant".to_owned()));
}

#[test]
fn audit_records_older_than_ninety_days_are_refused_and_writes_leave_one() {
    let mut desk = Desk::open(40);
    let customer = desk.customer(|customer| !customer.seats.is_empty());
    let path = format!("/partnercenter/v1/customers/{}/subscriptions/{}", customer.tenant, customer.seats[0].id);
    let body = desk.get(&path).body_json();
    assert_eq!(desk.patch(&path, &body).status, 200);
    assert_eq!(desk.patch(&path, &body).status, 200);
    let records = desk.get("/partnercenter/v1/auditrecords?startDate=2026-06-15&endDate=2026-06-15").body_json();
    assert_ne!(text(&records["items"][0], "/id"), text(&records["items"][1], "/id"), "two of one instant");
    let record = &records["items"][0];
    assert_keys(
        record,
        &[
            "id",
            "partnerId",
            "customerId",
            "customerName",
            "userPrincipalName",
            "applicationId",
            "resourceType",
            "resourceOldValue",
            "resourceNewValue",
            "operationType",
            "operationDate",
            "operationStatus",
            "customizedData",
        ],
    );
    assert_eq!(
        (text(record, "/operationType"), text(record, "/resourceType")),
        ("update_subscription".to_owned(), "subscription".to_owned())
    );
    assert!(serde_json::from_str::<Value>(&text(record, "/resourceNewValue")).is_ok());
    assert_eq!(desk.get("/partnercenter/v1/auditrecords?startDate=2026-03-17").status, 200);
    assert_eq!(desk.get("/partnercenter/v1/auditrecords?startDate=2026-03-16").status, 400);
    let other = desk.get("/partnercenter/v1/auditrecords?filter=%7B%22Field%22%3A%22ResourceType%22%2C%22Value%22%3A%22order%22%2C%22Operator%22%3A%22equals%22%7D");
    assert_eq!(other.body_json()["items"], json!([]));
}

#[test]
fn oddities_are_switched_on_one_by_one() {
    let mut desk = Desk::open(10);
    desk.world.switches_mut().byte_order_mark_per_mille = 1_000;
    desk.world.switches_mut().links_with_version = true;
    let page = desk.get("/partnercenter/v1/customers?size=5");
    assert!(page.body.starts_with(b"\xEF\xBB\xBF"));
    assert!(text(&page.body_json(), "/links/next/uri").starts_with("/v1/customers?size=5"));
    let customer = desk.customer(|customer| customer.plan.is_some());
    let list = desk.get(&format!("/partnercenter/v1/customers/{}/subscriptions", customer.tenant)).body_json();
    assert!(text(&list, "/items/0/links/self/uri").starts_with("/v1/customers/"));
    assert_eq!(text(&list, "/items/0/unitType"), "Usage-based");
    let status = desk.get(&format!("/partnercenter/v1/customers/{}/validationStatus?type=account", customer.tenant));
    assert_eq!(refusal(&status), (404, "600074".to_owned()));
    assert_eq!(status.body_json()["isRetryable"], json!(false));
    desk.world.switches_mut().text_booleans = true;
    let id = desk.world.raise_alert(&sandbox::AlertRequest::default()).unwrap();
    desk.sign_in("https://graph.microsoft.com");
    let alert = desk.get(&format!("/graph/beta/security/partner/securityAlerts/{id}")).body_json();
    assert_eq!(alert["isTest"], json!("false"));
}

#[test]
fn customers_are_found_by_the_beginning_of_their_name() {
    let mut desk = Desk::open(600);
    let wanted = desk.customer(|customer| customer.number == 333);
    let start: String = wanted.name.chars().take(6).collect();
    let filter = json!({"Field": "CompanyName", "Value": start.to_uppercase(), "Operator": "starts_with"}).to_string();
    let query: String = form_urlencoded::byte_serialize(filter.as_bytes()).collect();
    let body = desk.get(&format!("/partnercenter/v1/customers?size=500&filter={query}")).body_json();
    let names: Vec<String> =
        body["items"].as_array().unwrap().iter().map(|item| text(item, "/companyProfile/companyName")).collect();
    assert!(names.contains(&wanted.name) && names.len() < 600);
    assert!(names.iter().all(|name| name.to_lowercase().starts_with(&start.to_lowercase())));
}
