//! Stories: every plot leaves its documented traces, other seeds tell other stories, and quiet life goes on around them.

use std::collections::BTreeSet;
use std::io::Read;

use jiff::Timestamp;
use sandbox::{Intake, Outcome, ParcelKind, Plot, StoryRequest, StorySummary};
use serde_json::Value;

use crate::caller::{Desk, start, text};

/// Tells a story to its end with an intake that takes everything; gives the summary and all lines in order.
fn told(desk: &mut Desk, request: &StoryRequest) -> (StorySummary, Vec<(Timestamp, Value)>) {
    desk.world.set_intake(Some(Intake {
        url: "http://127.0.0.1:9/intake/v1/events".to_owned(),
        connection_key: "key-1".to_owned(),
    }));
    let summary = desk.world.start_story(desk.now, request).unwrap();
    let mut lines = Vec::new();
    while let Some(due) = desk.world.next_due().filter(|due| due.duration_since(start()).as_hours() < 12) {
        desk.now = due;
        for parcel in desk.world.tick(due) {
            if let ParcelKind::Events { records } = parcel.kind {
                assert!(parcel.headers.contains(&("authorization".to_owned(), "Bearer key-1".to_owned())));
                assert!(parcel.headers.contains(&("content-encoding".to_owned(), "gzip".to_owned())));
                let mut body = String::new();
                flate2::read::GzDecoder::new(parcel.body.as_slice()).read_to_string(&mut body).unwrap();
                let before = lines.len();
                lines.extend(body.lines().map(|line| (due, serde_json::from_str(line).unwrap())));
                assert_eq!(lines.len() - before, records);
            }
            desk.world.settled(due, parcel.id, Outcome::Answered(202));
        }
    }
    (summary, lines)
}

fn operation(line: &Value) -> String {
    line.get("operationName")
        .map(|name| name.get("value").unwrap_or(name))
        .or_else(|| line.get("Operation"))
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_lowercase()
}

fn of_plot(plot: Plot) -> StoryRequest {
    StoryRequest { plot: Some(plot), ..StoryRequest::default() }
}

#[test]
fn every_plot_leaves_its_operations_and_an_alert_about_its_customer() {
    let cases: [(Plot, &[&str]); 6] = [
        (
            Plot::GpuBurst,
            &[
                "microsoft.quota/quotas/write",
                "microsoft.resources/subscriptions/resourcegroups/write",
                "microsoft.compute/virtualmachines/write",
            ],
        ),
        (Plot::BatchCompute, &["microsoft.quota/quotas/write"]),
        (
            Plot::OwnerTakeover,
            &[
                "microsoft.authorization/roleassignments/write",
                "microsoft.authorization/roleassignments/delete",
                "microsoft.insights/diagnosticsettings/delete",
                "microsoft.consumption/budgets/delete",
                "microsoft.quota/quotas/write",
            ],
        ),
        (Plot::MailForwarding, &["new-inboxrule", "set-mailbox"]),
        (Plot::SubscriptionMoved, &["microsoft.subscription/updatetenant/action"]),
        (Plot::PlannedPeak, &["microsoft.resources/deployments/write", "microsoft.compute/virtualmachines/write"]),
    ];
    for (plot, operations) in cases {
        let mut desk = Desk::open(40);
        let (summary, lines) = told(&mut desk, &of_plot(plot));
        let seen: BTreeSet<String> = lines.iter().map(|(_, line)| operation(line)).collect();
        for wanted in operations {
            assert!(seen.contains(*wanted), "{plot:?} lacks {wanted}: {seen:?}");
        }
        assert_eq!(lines.len(), summary.records + summary.ordinary_records, "{plot:?}");
        let alert = desk.world.stories().next().unwrap().alert.clone().unwrap();
        assert!(alert.starts_with(&summary.subscription.to_string()));
        assert_eq!(summary.false_alarm, plot == Plot::PlannedPeak);
    }
}

#[test]
fn the_size_and_region_of_a_machine_stand_in_the_accept_records_body() {
    let mut desk = Desk::open(40);
    let (summary, lines) = told(&mut desk, &of_plot(Plot::GpuBurst));
    let bodies: Vec<Value> = lines
        .iter()
        .filter(|(_, line)| operation(line).ends_with("virtualmachines/write") && text(line, "/resultType") == "Accept")
        .map(|(_, line)| serde_json::from_str(&text(line, "/properties/responseBody")).unwrap())
        .collect();
    assert!(!bodies.is_empty());
    for body in bodies {
        assert_eq!(text(&body, "/properties/hardwareProfile/vmSize"), summary.vm_size.unwrap());
        assert_eq!(text(&body, "/location"), summary.region);
    }
    let (_, line) = lines.iter().find(|(_, line)| line.get("resultType").is_some()).unwrap();
    for key in [
        "time",
        "resourceId",
        "operationName",
        "category",
        "resultType",
        "resultSignature",
        "callerIpAddress",
        "correlationId",
        "identity",
        "level",
        "location",
        "tenantId",
        "properties",
    ] {
        assert!(line.get(key).is_some(), "{key}");
    }
    assert!(lines.iter().any(|(_, line)| line.get("eventTimestamp").is_some()), "some records have the REST form");
}

#[test]
fn history_never_names_the_region_size_or_address_of_an_attack() {
    let mut desk = Desk::open(40);
    let summary = desk.world.start_story(desk.now, &of_plot(Plot::GpuBurst)).unwrap();
    let history = desk.world.history(summary.customer);
    assert!(history.len() >= 4);
    for line in &history {
        assert_ne!(text(line, "/location"), summary.region);
        assert_ne!(text(line, "/callerIpAddress"), summary.address);
        assert!(!line.to_string().contains(summary.vm_size.unwrap()));
        assert!(text(line, "/time").parse::<Timestamp>().unwrap() < start());
    }
    let peak =
        desk.world.start_story(desk.now, &StoryRequest { false_alarm: true, ..StoryRequest::default() }).unwrap();
    assert!(peak.address.starts_with("198.51.100."), "a planned peak comes from the office");
}

#[test]
fn another_seed_tells_of_another_customer_plot_and_resources() {
    let mut stories = BTreeSet::new();
    let mut plots = BTreeSet::new();
    let mut customers = BTreeSet::new();
    for seed in 1..=30 {
        let mut desk = Desk::open(100);
        let request = StoryRequest { seed, ..StoryRequest::default() };
        let summary = desk.world.start_story(desk.now, &request).unwrap();
        let again = Desk::open(100).world.start_story(desk.now, &request).unwrap();
        assert_eq!(summary, again, "the same seed tells the same story");
        plots.insert(format!("{:?}", summary.plot));
        customers.insert(summary.customer);
        stories.insert(format!("{summary:?}"));
    }
    assert_eq!(stories.len(), 30);
    assert_eq!(plots.len(), 5);
    assert!(customers.len() > 20, "{} customers", customers.len());
}

#[test]
fn a_cancelled_subscription_ends_the_attack_and_a_fighting_attacker_comes_back_until_the_plan_is_suspended() {
    let mut desk = Desk::open(40);
    let request = StoryRequest { fights_back: true, ..of_plot(Plot::GpuBurst) };
    let summary = desk.world.start_story(desk.now, &request).unwrap();
    let customer = desk.world.customer_truth(desk.world.customer_number(summary.customer).unwrap()).unwrap();
    let plan = format!("/partnercenter/v1/customers/{}/subscriptions/{}", summary.customer, customer.plan.unwrap());
    let cancel = |desk: &mut Desk, id| {
        let path = format!("{plan}/azureEntitlements/{id}/cancel");
        desk.post(&path, &serde_json::json!({"cancellationReason": "compromise"})).status
    };
    for entitlement in &customer.entitlements {
        assert_eq!(cancel(&mut desk, entitlement.id), 200);
    }
    desk.wait(1_000);
    desk.world.tick(desk.now);
    let state = |desk: &Desk| {
        let truth = desk.world.customer_truth(customer.number).unwrap();
        truth.entitlements.iter().find(|one| one.id == summary.subscription).unwrap().status
    };
    assert_eq!(state(&desk), "active", "the attacker came back");
    assert!(
        desk.world.changes().after(0).any(|change| change.actor.kind == "attacker" && change.what == "entitlement")
    );
    assert_eq!(cancel(&mut desk, summary.subscription), 200);
    desk.wait(601);
    let mut suspend = desk.get(&plan).body_json();
    suspend["status"] = serde_json::json!("suspended");
    assert_eq!(desk.patch(&plan, &suspend).status, 200);
    desk.wait(7_200);
    desk.world.tick(desk.now);
    assert_eq!(state(&desk), "inactive");
    let running = desk
        .world
        .changes()
        .after(0)
        .filter(|change| change.what == "resource")
        .fold(0_i32, |sum, change| sum + if change.after["running"] == true { 1 } else { -1 });
    assert_eq!(running, 0, "nothing of the attack still runs");
}
