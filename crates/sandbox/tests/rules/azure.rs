//! Azure Resource Manager: tokens of the customer's tenant, the closed filter grammar, pages, and stopping things.

use sandbox::{Plot, StoryRequest};
use serde_json::{Value, json};

use crate::caller::{Desk, refusal, text};
use crate::partner_center::assert_keys;

fn sign_in(desk: &mut Desk, tenant: &str) {
    let credentials = desk.world.credentials();
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", credentials.refresh_token.as_str()),
        ("resource", "https://management.azure.com/"),
    ];
    desk.token = desk.token_for(tenant, &form).1;
}

#[test]
fn the_activity_log_reads_only_its_closed_filter_grammar() {
    let mut desk = Desk::open(20);
    let customer = desk.customer(|customer| !customer.entitlements.is_empty());
    let stranger = desk.customer(|other| !other.entitlements.is_empty() && other.tenant != customer.tenant);
    sign_in(&mut desk, &customer.tenant.to_string());
    let log = format!(
        "/arm/subscriptions/{}/providers/microsoft.insights/eventtypes/management/values?api-version=2015-04-01&$filter=",
        customer.entitlements[0].id
    );
    let window = "eventTimestamp%20ge%20'2026-06-01T00:00:00Z'%20and%20eventTimestamp%20le%20'2026-06-15T23:59:59Z'";
    let body = desk.get(&format!("{log}{window}")).body_json();
    let records = body["value"].as_array().unwrap();
    assert!(records.len() >= 4, "the days before have ordinary records");
    assert_keys(
        &records[0],
        &[
            "authorization",
            "caller",
            "channels",
            "claims",
            "correlationId",
            "eventDataId",
            "eventName",
            "category",
            "eventTimestamp",
            "id",
            "level",
            "operationId",
            "operationName",
            "resourceGroupName",
            "resourceProviderName",
            "resourceType",
            "resourceId",
            "status",
            "subStatus",
            "submissionTimestamp",
            "subscriptionId",
            "tenantId",
            "properties",
        ],
    );
    let narrowed = desk.get(&format!("{log}{window}%20and%20resourceProvider%20eq%20'Microsoft.Compute'")).body_json();
    assert!(
        narrowed["value"]
            .as_array()
            .unwrap()
            .iter()
            .all(|record| text(record, "/resourceProviderName/value") == "Microsoft.Compute")
    );
    for wrong in [
        "",
        "eventTimestamp%20ge%20'2026-06-01T00:00:00Z'",
        "caller%20eq%20'a'",
        &format!("{window}%20and%20caller%20eq%20'a'"),
        &format!("{window}%20and%20status%20eq%20'Failed'"),
        &format!("{window}%20and%20resourceGroupName%20eq%20'a'%20and%20correlationId%20eq%20'b'"),
        &window.replace("%20and%20", "%20or%20"),
    ] {
        let refused = desk.get(&format!("{log}{wrong}"));
        assert_eq!(refusal(&refused), (400, "BadRequest".to_owned()), "{wrong}");
    }
    let foreign = log.replace(&customer.entitlements[0].id.to_string(), &stranger.entitlements[0].id.to_string());
    assert_eq!(refusal(&desk.get(&format!("{foreign}{window}"))), (401, "InvalidAuthenticationTokenTenant".to_owned()));
}

#[test]
fn long_logs_come_in_pages_and_every_record_once() {
    let mut desk = Desk::open(1);
    let summary = (1..=40).map(|seed| {
        let request = StoryRequest { seed, plot: Some(Plot::GpuBurst), quiet_customers: 0, ..StoryRequest::default() };
        desk.world.start_story(desk.now, &request).unwrap()
    });
    let summary = summary.last().unwrap();
    desk.wait(7_200);
    desk.world.tick(desk.now);
    sign_in(&mut desk, &summary.customer.to_string());
    let mut path = format!(
        "/arm/subscriptions/{}/providers/microsoft.insights/eventtypes/management/values?api-version=2015-04-01&$filter=eventTimestamp%20ge%20'2026-06-01T00:00:00Z'%20and%20eventTimestamp%20le%20'2026-06-16T00:00:00Z'",
        summary.subscription
    );
    let mut ids = std::collections::BTreeSet::new();
    let mut pages = 0;
    loop {
        let body = desk.get(&path).body_json();
        pages += 1;
        for record in body["value"].as_array().unwrap() {
            assert!(ids.insert(text(record, "/eventDataId")));
        }
        let Some(next) = body.get("nextLink").and_then(Value::as_str) else { break };
        path = next.strip_prefix("http://sandbox.invalid").unwrap().to_owned();
    }
    assert!(pages > 1 && ids.len() > 200, "{pages} pages, {} records", ids.len());
}

#[test]
fn machines_are_deallocated_and_a_cancelled_subscription_stops_them_all() {
    let mut desk = Desk::open(30);
    let request = StoryRequest { plot: Some(Plot::GpuBurst), ..StoryRequest::default() };
    let summary = desk.world.start_story(desk.now, &request).unwrap();
    desk.wait(3_600);
    desk.world.tick(desk.now);
    sign_in(&mut desk, &summary.customer.to_string());
    let resources = format!("/arm/subscriptions/{}/resources?api-version=2021-04-01", summary.subscription);
    let running = |body: &Value| {
        body["value"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|one| text(one, "/properties/powerState") == "VM running")
            .count()
    };
    assert_eq!(running(&desk.get(&resources).body_json()), summary.resources.len());
    let stop = format!("/arm{}/deallocate?api-version=2024-07-01", summary.resources[0]);
    let answer = desk.post(&stop, &json!({}));
    assert_eq!((answer.status, answer.header("azure-asyncoperation").is_some()), (202, true));
    assert_eq!(running(&desk.get(&resources).body_json()), summary.resources.len() - 1);
    let base = format!("/arm/subscriptions/{}/providers/Microsoft.Subscription", summary.subscription);
    let cancelled = desk.post(&format!("{base}/cancel?api-version=2021-10-01"), &json!({}));
    assert_eq!(cancelled.body_json(), json!({"subscriptionId": summary.subscription}));
    desk.wait(600);
    sign_in(&mut desk, &summary.customer.to_string());
    assert_eq!(running(&desk.get(&resources).body_json()), 0);
    let list = desk.get("/arm/subscriptions?api-version=2022-12-01").body_json();
    let state = list["value"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| text(one, "/subscriptionId") == summary.subscription.to_string());
    assert_eq!(text(state.unwrap(), "/state"), "Disabled");
    assert_eq!(desk.post(&format!("{base}/enable?api-version=2021-10-01"), &json!({})).status, 200);
}
