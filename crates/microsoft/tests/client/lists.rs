//! Paging in all styles, its limits, bad rows, and links that would carry the token elsewhere.

use microsoft::alerts::{AlertFilter, AlertSeverity, AlertStatus, SecurityAlert};
use microsoft::entitlements::EntitlementStatus;
use microsoft::fraud_events::FraudEvent;
use microsoft::score::{ComplianceStatus, RequirementType};
use microsoft::seam::Request;
use microsoft::{Continuation, Error, Listing, MAX_PAGES, Page};

use crate::fake::{Fake, at, client, context, header, json, key, tenant};

fn alerts() -> Listing<SecurityAlert> {
    Listing::alerts(&AlertFilter::default())
}

/// Partner Center's three pages of customers; links come with and without `/v1`, the token in a header.
fn customers(request: &Request) -> crate::fake::Answer {
    let next = |uri: &str, token: &str| {
        format!(
            r#","links":{{"self":{{"uri":"/customers"}},"next":{{"uri":"{uri}","method":"GET","headers":[{{"key":"MS-ContinuationToken","value":"{token}"}},{{"key":"Authorization","value":"Bearer stolen"}}]}}}}"#
        )
    };
    let (id, link) = match header(request, "ms-continuationtoken") {
        None => ("c-1", next("/customers?size=500&seekOperation=Next", "two")),
        Some("two") => ("c-2", next("/v1/customers?size=500&seekOperation=Next", "three")),
        Some("three") => ("c-3", String::new()),
        Some(other) => panic!("{other}"),
    };
    json(
        200,
        &format!(
            "\u{feff}{{\"totalCount\":3,\"items\":[{{\"id\":\"{id}\",\"companyProfile\":{{\"companyName\":\"A\"}},\"relationshipToPartner\":\"reseller\"}}]{link}}}"
        ),
    )
}

#[tokio::test]
async fn partner_centers_list_is_followed_to_its_end_and_takes_only_the_token_from_a_page() {
    let fake = Fake::new(customers);
    let all = client(&fake).collect(&context(), &Listing::customers()).await.unwrap();
    let ids: Vec<&str> = all.rows.iter().map(|row| row.view.id.as_str()).collect();
    assert_eq!(ids, ["c-1", "c-2", "c-3"]);
    assert_eq!(all.next, None);
    let sent = fake.requests();
    assert_eq!(sent[0].url, "https://api.partnercenter.microsoft.com/v1/customers?size=500");
    for request in &sent[1..] {
        assert_eq!(request.url, "https://api.partnercenter.microsoft.com/v1/customers?size=500&seekOperation=Next");
        assert_eq!(header(request, "authorization"), Some("Bearer token-1"));
    }
    assert_ne!(header(&sent[1], "ms-requestid"), header(&sent[2], "ms-requestid"));
}

#[tokio::test]
async fn a_continuation_can_be_stored_and_used_later() {
    let fake = Fake::new(customers);
    let first = client(&fake).page(&context(), &Listing::customers(), None).await.unwrap();
    let stored = serde_json::to_string(&first.next.unwrap()).unwrap();
    let next: Continuation = serde_json::from_str(&stored).unwrap();
    let second = client(&fake).page(&context(), &Listing::customers(), Some(&next)).await.unwrap();
    assert_eq!(second.rows[0].view.id.as_str(), "c-2");
}

#[tokio::test]
async fn a_stored_continuation_to_another_host_is_refused_before_anything_is_sent() {
    let fake = Fake::new(customers);
    let next: Continuation =
        serde_json::from_str(r#"{"url":"https://evil.example/v1/customers","token":null}"#).unwrap();
    let error = client(&fake).page(&context(), &Listing::customers(), Some(&next)).await.unwrap_err();
    assert!(matches!(error, Error::Malformed { .. }), "{error}");
    assert_eq!(fake.requests().len() + fake.logins().len(), 0);
}

#[tokio::test]
async fn a_next_link_to_a_foreign_host_is_refused() {
    for (field, link) in [
        ("@odata.nextLink", "https://evil.example/beta/security/partner/securityAlerts"),
        ("@odata.nextLink", "https://graph.microsoft.com@evil.example/x"),
        ("nextLink", "//evil.example/x"),
    ] {
        let fake = Fake::new(move |_| json(200, &format!(r#"{{"value":[],"{field}":"{link}"}}"#)));
        let error = client(&fake).collect(&context(), &alerts()).await.unwrap_err();
        assert!(matches!(error, Error::Malformed { .. }), "{link}");
        assert!(!error.to_string().contains("evil"), "{error}");
        assert_eq!(fake.requests().len(), 1, "{link}");
    }
}

#[tokio::test]
async fn graphs_list_is_followed_by_its_next_link() {
    let fake = Fake::new(|request| {
        let second = request.url.contains("skiptoken");
        let next = if second {
            ""
        } else {
            r#","@odata.nextLink":"https://graph.microsoft.com/beta/security/partner/securityAlerts?$skiptoken=x""#
        };
        let id = if second { "b" } else { "a" };
        json(200, &format!(r#"{{"@odata.context":"c","value":[{{"id":"{id}","status":"active"}}]{next}}}"#))
    });
    let all = client(&fake).collect(&context(), &alerts()).await.unwrap();
    assert_eq!(all.rows.iter().map(|row| row.view.id.as_str()).collect::<Vec<_>>(), ["a", "b"]);
}

#[tokio::test]
async fn an_endless_list_ends_at_the_limit_and_says_that_there_is_more() {
    let mut page = 0;
    let fake = Fake::new(move |_| {
        page += 1;
        json(200, &format!(r#"{{"value":[],"@odata.nextLink":"https://graph.microsoft.com/beta/x?p={page}"}}"#))
    });
    let all = client(&fake).collect(&context(), &alerts()).await.unwrap();
    assert!(all.next.is_some());
    assert_eq!(fake.requests().len(), MAX_PAGES);
}

#[tokio::test]
async fn a_link_that_leads_to_itself_is_refused() {
    let fake = Fake::new(|_| json(200, r#"{"value":[],"@odata.nextLink":"https://graph.microsoft.com/beta/x?p=1"}"#));
    let error = client(&fake).collect(&context(), &alerts()).await.unwrap_err();
    assert!(matches!(error, Error::Malformed { .. }), "{error}");
    assert_eq!(fake.requests().len(), 2);
}

#[tokio::test]
async fn one_bad_row_does_not_hide_the_others_and_its_place_is_told() {
    let body = r#"{"value":[{"id":"a"},{"id":"../x"},{"displayName":"none"},7,{"id":"b"}]}"#;
    let fake = Fake::new(move |_| json(200, body));
    let page = client(&fake).page(&context(), &alerts(), None).await.unwrap();
    assert_eq!(page.rows.len(), 2);
    assert_eq!(page.unreadable.len(), 3);
    assert!(page.unreadable[0].contains("row 1") && page.unreadable[0].contains("id"), "{:?}", page.unreadable);
    assert!(!page.unreadable.concat().contains("../x"), "{:?}", page.unreadable);
    assert_eq!(page.rows[0].raw.text(), r#"{"id":"a"}"#);
}

#[tokio::test]
async fn what_is_no_page_is_malformed_and_never_an_empty_list() {
    for body in ["", "{}", "null", "7", r#"{"items":null}"#, "<html>", r#"{"value":{}}"#] {
        let fake = Fake::new(move |_| json(200, body));
        let error = client(&fake).page(&context(), &alerts(), None).await.unwrap_err();
        assert!(matches!(error, Error::Malformed { .. }), "{body}");
    }
}

#[tokio::test]
async fn an_alert_is_read_with_all_its_quirks() {
    let body = r#"{"value":[{"id":"7c1e-01","displayName":"Action Required: crypto mining","alertType":"Brand_New","status":"Investigating","severity":"high","confidenceLevel":"certain","customerTenantId":"aa11","subscriptionId":"bb22","valueAddedResellerTenantId":null,"catalogOfferId":"MS-AZR-0017G","detectedDateTime":"2026-05-02T03:04:05Z","firstObservedDateTime":"2026-05-02T02:50:00","lastObservedDateTime":"9999-12-31T23:59:59.9970000","resolvedReason":null,"resolvedOnDateTime":null,"resolvedBy":null,"isTest":"false","affectedResources":[{"resourceId":"/subscriptions/bb22","resourceType":"AzureResource"}],"activityLogs":null,"additionalDetails":{"ConnectionCount":12,"VM_IP":"[\"1.2.3.4\"]"}}]}"#;
    let fake = Fake::new(move |_| json(200, body));
    let page = client(&fake).page(&context(), &alerts(), None).await.unwrap();
    let alert = &page.rows[0].view;
    assert_eq!(alert.status, AlertStatus::Investigating);
    assert_eq!(alert.severity, AlertSeverity::High);
    assert_eq!(alert.confidence_level.as_wire(), "certain");
    assert_eq!(alert.alert_type.as_deref(), Some("Brand_New"));
    assert_eq!(alert.first_observed_date_time, Some(at("2026-05-02T02:50:00Z")));
    assert_eq!(alert.last_observed_date_time, None);
    assert_eq!((alert.is_test, alert.resolved_reason.clone()), (Some(false), None));
    assert_eq!(alert.additional_details["ConnectionCount"], "12");
    assert_eq!(alert.affected_resources[0].resource_id.as_deref(), Some("/subscriptions/bb22"));
}

#[tokio::test]
async fn fraud_events_are_a_bare_array_in_numbered_pages() {
    let fake = Fake::new(|request| {
        assert_eq!(header(request, "x-neweventsmodel"), Some("true"));
        let event = r#"{"eventId":"bb_cc","eventTime":"2026-05-02T03:04:05","eventStatus":"Active","severity":"High","confidenceLevel":"HIGH","IsTest":"true","resolvedOn":"9999-12-31T23:59:59.9970000","affectedResources":[{"azureResourceId":"/x","type":"VM"}]}"#;
        let rows = if request.url.ends_with("PageNumber=1") { 100 } else { 3 };
        json(200, &format!("[{}]", vec![event; rows].join(",")))
    });
    let all: Page<FraudEvent> =
        client(&fake).collect(&context(), &Listing::fraud_events(Some(&AlertStatus::Active))).await.unwrap();
    assert_eq!(all.rows.len(), 103);
    let event = &all.rows[0].view;
    assert_eq!(event.event_time, Some(at("2026-05-02T03:04:05Z")));
    assert_eq!((event.is_test, event.resolved_on), (Some(true), None));
    assert_eq!(event.affected_resources[0].resource_id.as_deref(), Some("/x"));
    let urls: Vec<String> = fake.requests().into_iter().map(|request| request.url).collect();
    assert_eq!(
        urls[1],
        "https://api.partnercenter.microsoft.com/v1/fraudEvents?EventStatus=Active&PageSize=100&PageNumber=2"
    );
    assert_eq!(urls.len(), 2);
}

#[tokio::test]
async fn azure_subscriptions_under_a_plan_come_in_one_answer() {
    let fake = Fake::new(|_| {
        json(
            200,
            r#"{"totalCount":2,"items":[{"id":"e-1","friendlyName":"Prod","status":"active","subscriptionId":"s-1"},{"id":"e-2","status":"moved"}],"attributes":{"objectType":"Collection"}}"#,
        )
    });
    let all = client(&fake).collect(&context(), &Listing::entitlements(&key())).await.unwrap();
    assert_eq!(
        fake.requests()[0].url,
        "https://api.partnercenter.microsoft.com/v1/customers/c-1/subscriptions/s-1/azureEntitlements"
    );
    assert_eq!(all.rows[0].view.status, EntitlementStatus::Active);
    assert_eq!(all.rows[1].view.status, EntitlementStatus::Unknown("moved".to_owned()));
}

#[tokio::test]
async fn the_score_is_read_with_its_misspelt_word_and_textual_numbers() {
    let body = r##"{"value":[{"@odata.type":"#microsoft.graph.partner.security.adminsMfaEnforcedSecurityRequirement","id":"1","requirementType":"mfaEnforcedForAdmins","complianceStatus":"noncomplaint","score":"0","maxScore":20,"totalAdminsCount":3,"mfaEnabledAdminsCount":2,"legacyPerUserMfaStatus":"disabled"},{"requirementType":"securityAlertsPromptlyResolved","complianceStatus":"compliant","averageResponseTimeInHours":"1.25"},{"requirementType":"newOne","complianceStatus":"unknownFutureValue"}]}"##;
    let fake = Fake::new(move |_| json(200, body));
    let page = client(&fake).page(&context(), &Listing::security_requirements(), None).await.unwrap();
    let [mfa, speed, new] = page.rows.as_slice() else { panic!("three requirements") };
    assert_eq!(mfa.view.requirement_type, RequirementType::MfaEnforcedForAdmins);
    assert_eq!(mfa.view.compliance_status, ComplianceStatus::NonCompliant);
    assert_eq!((mfa.view.score, mfa.view.total_admins_count), (Some(0), Some(3)));
    assert_eq!(speed.view.average_response_time_hour_thousandths, Some(1250));
    assert_eq!(new.view.compliance_status, ComplianceStatus::Unknown("unknownFutureValue".to_owned()));
}

#[tokio::test]
async fn audit_records_are_asked_for_by_day() {
    let fake = Fake::new(|_| {
        json(
            200,
            r#"{"totalCount":1,"items":[{"id":"p_c_op_1","customerId":"c-1","operationType":"create_order","operationDate":"2026-05-02T03:04:05.123Z","operationStatus":"Succeeded","customizedData":[{"key":"a","value":"b"}]}]}"#,
        )
    });
    let listing = Listing::audit_records("2026-05-01".parse().unwrap(), "2026-05-02".parse().unwrap());
    let page = client(&fake).page(&context(), &listing, None).await.unwrap();
    assert_eq!(
        fake.requests()[0].url,
        "https://api.partnercenter.microsoft.com/v1/auditrecords?startDate=2026-05-01&endDate=2026-05-02&size=500"
    );
    assert_eq!(page.rows[0].view.operation_type.as_deref(), Some("create_order"));
    assert_eq!(page.rows[0].view.operation_status, microsoft::audit::OperationStatus::Succeeded);
}

#[tokio::test]
async fn the_activity_log_is_followed_within_azure_only() {
    let fake = Fake::new(|request| {
        let next = if request.url.contains("skipToken") {
            ""
        } else {
            r#","nextLink":"https://management.azure.com/subscriptions/az-1/x?$skipToken=1""#
        };
        json(
            200,
            &format!(
                r#"{{"value":[{{"eventDataId":"e","eventTimestamp":"2026-05-02T03:04:05.1234567Z","operationName":{{"value":"Microsoft.Compute/virtualMachines/write","localizedValue":"x"}},"caller":"u"}}]{next}}}"#
            ),
        )
    });
    let window = microsoft::arm::ActivityWindow {
        customer: tenant("c-1"),
        subscription: microsoft::AzureSubscriptionId::parse("az-1").unwrap(),
        from: at("2026-05-02T00:00:00Z"),
        to: at("2026-05-02T04:00:00Z"),
    };
    let all = client(&fake).collect(&context(), &Listing::activity_log(&window)).await.unwrap();
    assert_eq!(all.rows.len(), 2);
    assert_eq!(all.rows[0].view.operation_name.value.as_deref(), Some("Microsoft.Compute/virtualMachines/write"));
}
