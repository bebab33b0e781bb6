//! Every fault that the simulated Microsoft can make is shown here once, with its effect and its counter.

use crate::caller::{Desk, refusal, text};
use http::Method;
use sandbox::{Act, AlertRequest, Fault, FaultRule, Outcome, ParcelKind, Request};
use serde_json::json;

const CUSTOMERS: &str = "/partnercenter/v1/customers";

fn next(desk: &mut Desk, fault: Fault, route: &str) {
    assert!(desk.world.faults_mut().add(FaultRule::next_calls(fault, route, 1)));
}

#[test]
fn throttling_comes_with_and_without_retry_after_in_the_gateways_shape() {
    let mut desk = Desk::open(2);
    next(&mut desk, Fault::ThrottledWithRetryAfter, "customers");
    let answer = desk.get(CUSTOMERS);
    assert_eq!((answer.status, answer.header("retry-after")), (429, Some("57")));
    assert_eq!(
        answer.body_json(),
        json!({"statusCode": 429, "message": "Rate limit is exceeded. Try again in 57 seconds."})
    );
    next(&mut desk, Fault::ThrottledWithoutRetryAfter, "customers");
    let answer = desk.get(CUSTOMERS);
    assert_eq!((answer.status, answer.header("retry-after")), (429, None));
    assert_eq!(desk.get(CUSTOMERS).status, 200);
    assert_eq!(desk.world.faults().count(Fault::ThrottledWithRetryAfter), 1);
    assert_eq!(desk.world.faults().count(Fault::ThrottledWithoutRetryAfter), 1);
}

#[test]
fn a_503_before_the_act_changes_nothing_and_one_after_it_hides_the_act() {
    let mut desk = Desk::open(20);
    let customer = desk.customer(|customer| customer.entitlements.len() > 1);
    let base = format!("{CUSTOMERS}/{}/subscriptions/{}/azureEntitlements", customer.tenant, customer.plan.unwrap());
    let cancel = |place: usize| {
        Request::new(Method::POST, format!("{base}/{}/cancel", customer.entitlements[place].id))
            .with_json(&json!({"cancellationReason": "compromise"}))
    };
    next(&mut desk, Fault::UnavailableBefore, "entitlement_cancel");
    let before = desk.reply(cancel(0));
    assert_eq!((before.response.status, before.changes), (503, 0));
    next(&mut desk, Fault::UnavailableAfter, "entitlement_cancel");
    desk.request_id = Some("aaaaaaaa-0000-4000-8000-000000000001".to_owned());
    let after = desk.reply(cancel(0));
    assert_eq!((after.response.status, after.changes), (503, 1));
    // The same request id learns what really happened, and acts no second time.
    let again = desk.reply(cancel(0));
    assert_eq!((again.response.status, again.changes), (200, 0));
    // Another request id meets the pending cancellation.
    desk.request_id = Some("aaaaaaaa-0000-4000-8000-000000000002".to_owned());
    assert_eq!(refusal(&desk.reply(cancel(0)).response), (409, "900278".to_owned()));
}

#[test]
fn a_cut_answer_stops_in_the_middle_of_the_body_after_the_act() {
    let mut desk = Desk::open(2);
    next(&mut desk, Fault::CutMidBody, "customers");
    let reply = desk.reply(Request::new(Method::GET, CUSTOMERS));
    let Act::CutAfter(length) = reply.act else { panic!("the answer is whole") };
    assert!(length > 0 && length < reply.response.body.len());
    assert_eq!(desk.world.faults().count(Fault::CutMidBody), 1);
}

#[test]
fn tokens_expire_early_and_lose_their_mfa_claim() {
    let mut desk = Desk::open(2);
    next(&mut desk, Fault::TokenExpired, "customers");
    assert_eq!(refusal(&desk.get(CUSTOMERS)), (401, "400".to_owned()));
    next(&mut desk, Fault::MfaMissing, "customers");
    assert_eq!(refusal(&desk.get(CUSTOMERS)), (401, "900421".to_owned()));
    assert_eq!(desk.get(CUSTOMERS).status, 200);
}

#[test]
fn etags_go_stale_plans_refuse_and_operations_are_pending() {
    let mut desk = Desk::open(40);
    let customer = desk.customer(|customer| !customer.seats.is_empty());
    let seat = format!("{CUSTOMERS}/{}/subscriptions/{}", customer.tenant, customer.seats[0].id);
    let body = desk.get(&seat).body_json();
    let etag = format!("\"{}\"", text(&body, "/attributes/etag"));
    let patch = || Request::new(Method::PATCH, seat.clone()).with_json(&body).with_header("if-match", &etag);
    next(&mut desk, Fault::StaleEtag, "subscription_patch");
    assert_eq!(refusal(&desk.reply(patch()).response), (400, "2055".to_owned()));
    next(&mut desk, Fault::PendingOperation, "subscription_patch");
    assert_eq!(refusal(&desk.reply(patch()).response), (409, "900278".to_owned()));
    assert_eq!(desk.reply(patch()).response.status, 200);

    let owner = desk.customer(|customer| customer.entitlements.len() == 1);
    let plan = format!("{CUSTOMERS}/{}/subscriptions/{}", owner.tenant, owner.plan.unwrap());
    let cancel = format!("{plan}/azureEntitlements/{}/cancel", owner.entitlements[0].id);
    assert_eq!(desk.post(&cancel, &json!({"cancellationReason": "compromise"})).status, 200);
    desk.wait(600);
    let mut wish = desk.get(&plan).body_json();
    wish["status"] = json!("suspended");
    next(&mut desk, Fault::PlanSuspendedTooEarly, "subscription_patch");
    assert_eq!(refusal(&desk.patch(&plan, &wish)), (403, "900115".to_owned()));
    assert_eq!(desk.patch(&plan, &wish).status, 200);
    for fault in [Fault::StaleEtag, Fault::PendingOperation, Fault::PlanSuspendedTooEarly] {
        assert_eq!(desk.world.faults().count(fault), 1, "{fault:?}");
    }
}

/// Registers for fraud webhooks and raises so many alerts; gives the instants and bodies that arrive within an hour.
fn arrivals(desk: &mut Desk, alerts: usize) -> Vec<(i64, String)> {
    let registration =
        json!({"WebhookUrl": "http://127.0.0.1:9/hook", "WebhookEvents": ["azure-fraud-event-detected"]});
    assert_eq!(desk.post("/partnercenter/webhooks/v1/registration", &registration).status, 200);
    let begin = desk.now;
    for _ in 0..alerts {
        desk.wait(2);
        desk.world.tick(desk.now);
        desk.world.raise_alert(&AlertRequest::default()).unwrap();
    }
    let mut arrived = Vec::new();
    while let Some(due) = desk.world.next_due().filter(|due| due.duration_since(begin).as_hours() < 1) {
        for parcel in desk.world.tick(due) {
            assert!(matches!(parcel.kind, ParcelKind::Webhook { .. }));
            arrived.push((due.duration_since(begin).as_secs(), String::from_utf8(parcel.body).unwrap()));
            desk.world.settled(due, parcel.id, Outcome::Answered(200));
        }
    }
    arrived
}

#[test]
fn webhooks_are_late_doubled_lost_and_out_of_order_on_demand() {
    const EVENT: &str = "azure-fraud-event-detected";
    let plain = arrivals(&mut Desk::open(30), 2);
    assert_eq!(plain.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [7, 9]);

    let mut desk = Desk::open(30);
    desk.world.faults_mut().add(FaultRule::next_calls(Fault::WebhookLate, EVENT, 1).with_seconds(600));
    let late = arrivals(&mut desk, 1);
    assert_eq!(late[0].0, 607);

    let mut desk = Desk::open(30);
    next(&mut desk, Fault::WebhookDoubled, EVENT);
    let doubled = arrivals(&mut desk, 1);
    assert_eq!(doubled.len(), 2);
    assert_eq!(doubled[0].1, doubled[1].1);

    let mut desk = Desk::open(30);
    next(&mut desk, Fault::WebhookLost, EVENT);
    assert_eq!(arrivals(&mut desk, 2).len(), 1);
    assert_eq!(desk.world.faults().count(Fault::WebhookLost), 1);

    let mut desk = Desk::open(30);
    next(&mut desk, Fault::WebhookReordered, EVENT);
    let turned = arrivals(&mut desk, 2);
    assert_eq!(turned[0].1, plain[1].1);
    assert_eq!(turned[1].1, plain[0].1);
}
