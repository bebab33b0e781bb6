//! The intake over a real socket: what it takes, what it refuses and how, and that 202 means recorded.

use crate::world::{World, azure, customer_tenant, post};
use domain::body::Body;
use domain::fact::Fact;
use domain::ids::{AccountId, Actor};
use domain::signals::FindingRecorded;
use jiff::SignedDuration;
use runtime::intake::{Intake, MAX_BODY_BYTES, MAX_EVENTS, router};
use runtime::microsoft_sync::{Sync, SyncPart};
use runtime::setup;
use serde_json::{Value, json};
use sigma::{EngineOptions, LoadOptions, RuleSet, Source};
use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use store::{Append, StoreFaults};
use tokio::net::TcpListener;

const RULE: &str = "
title: Budget deleted
id: 6d8dbb1f-0e0a-4f0e-8f6f-0d8d3d6f7a10
author: A. Author
level: high
logsource: {product: azure, service: activitylogs}
detection:
  selection: {operationName: Microsoft.Consumption/budgets/delete}
  condition: selection
---
title: New region
id: 7d8dbb1f-0e0a-4f0e-8f6f-0d8d3d6f7a11
author: A. Author
level: high
logsource: {product: azure, service: activitylogs}
detection:
  selection: {operationName: Microsoft.Compute/virtualMachines/write}
  condition: selection
new_terms:
  fields: [location]
  history: 30d
---
title: Many machines
id: 8d8dbb1f-0e0a-4f0e-8f6f-0d8d3d6f7a12
author: A. Author
level: critical
logsource: {product: azure, service: activitylogs}
detection:
  selection: {operationName: Microsoft.Compute/virtualMachines/write}
  condition: selection
burst:
  group-by: [subscriptionId]
  timespan: 1h
  distinct: resourceId
  thresholds:
    - {distinct: 3}
";

pub(crate) struct Door {
    pub(crate) world: World,
    intake: Intake,
    address: SocketAddr,
    key: String,
    serving: tokio::task::JoinHandle<()>,
}

impl Drop for Door {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn intake(world: &World) -> Intake {
    intake_under(world, [Source { name: "rule.yml".into(), text: RULE.into() }])
}

fn intake_under(world: &World, rules: impl IntoIterator<Item = Source>) -> Intake {
    let loaded = RuleSet::load(rules, &LoadOptions::default());
    assert!(loaded.refused.is_empty(), "{:?}", loaded.refused);
    let prices = Arc::new(policy::Prices::embedded().unwrap());
    Intake::new(world.tools.clone(), loaded.set, EngineOptions::default(), prices)
}

async fn door() -> Door {
    door_to(World::new().await).await
}

async fn door_to(world: World) -> Door {
    let intake = intake(&world);
    door_before(world, intake).await
}

async fn door_before(world: World, intake: Intake) -> Door {
    let account = world.connection.account;
    let key = setup::issue_intake_key(&world.tools, account, "test", None, Actor::Program).await.unwrap().secret;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = router(intake.clone());
    #[expect(clippy::disallowed_methods, reason = "a test has no supervisor")]
    let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    Door { world, intake, address, key, serving }
}

/// A door whose customer is registered, with its Azure subscription.
async fn door_with_customer() -> Door {
    let door = door().await;
    sync(&door).run_once(SyncPart::Customers).await.unwrap();
    door
}

/// The same under other rules.
pub(crate) async fn door_under(rules: impl IntoIterator<Item = Source>) -> Door {
    let world = World::new().await;
    let intake = intake_under(&world, rules);
    let door = door_before(world, intake).await;
    sync(&door).run_once(SyncPart::Customers).await.unwrap();
    door
}

fn sync(door: &Door) -> Sync {
    Sync::new(door.world.tools.clone(), Arc::clone(&door.world.connection), door.intake.clone(), "test")
}

impl Door {
    async fn send(&self, headers: &str, body: &[u8]) -> (u16, String, Value) {
        post(self.address, "/intake/v1/events", headers, body).await
    }

    pub(crate) async fn events(&self, body: &str) -> Value {
        let (status, _, answer) = self.send(&self.bearer(), body.as_bytes()).await;
        assert_eq!(status, 202, "{answer}");
        answer
    }

    fn bearer(&self) -> String {
        format!("authorization: Bearer {}\r\n", self.key)
    }

    pub(crate) async fn findings(&self) -> Vec<FindingRecorded> {
        findings_of(&self.world, self.world.customer()).await
    }
}

async fn findings_of(world: &World, account: AccountId) -> Vec<FindingRecorded> {
    let stored = world.tools.store().facts(account, 0, 1_000).await.unwrap();
    let read = |stored: &domain::fact::StoredFact| Fact::read(stored.account, stored.version, &stored.bytes).unwrap();
    let finding = |fact: Fact| match fact.body {
        Body::FindingRecorded(finding) => Some(finding),
        _ => None,
    };
    stored.iter().map(read).filter_map(finding).collect()
}

fn deleted(id: usize) -> String {
    event(id, &azure().to_string(), "MICROSOFT.CONSUMPTION/BUDGETS/DELETE")
}

fn event(id: usize, subscription: &str, operation: &str) -> String {
    let resource = format!("/subscriptions/{subscription}/providers/Microsoft.Consumption/budgets/b");
    json!({
        "time": "2026-11-20T07:59:00Z", "resourceId": resource, "operationName": operation, "category": "Administrative",
        "resultType": "Success", "correlationId": "c", "properties": {"eventDataId": format!("e-{id}"), "location": "westeurope"},
    })
    .to_string()
}

#[tokio::test]
async fn a_finding_is_on_record_when_202_is_answered_and_opens_a_case() {
    let door = door_with_customer().await;
    let answer = door.events(&deleted(1)).await;
    assert_eq!(answer, json!({"accepted": 1, "parked": 0, "findings": 1, "rejected": []}));
    assert_eq!(door.findings().await.len(), 1);
    let file = door.world.file(door.world.customer()).await;
    assert_eq!(file.customer().unwrap().cases.len(), 1);
}

#[tokio::test]
async fn bad_lines_are_told_by_their_numbers_and_do_not_stop_the_others() {
    let door = door_with_customer().await;
    let body = format!("{}\nnot json\n\n[1]\n{}\n{{\"a\":1}}\n", deleted(1), deleted(2));
    let answer = door.events(&body).await;
    assert_eq!((&answer["accepted"], &answer["findings"]), (&json!(2), &json!(2)));
    let lines: Vec<_> =
        answer["rejected"].as_array().unwrap().iter().map(|bad| bad["line"].as_u64().unwrap()).collect();
    assert_eq!(lines, [2, 4, 6]);
}

#[tokio::test]
async fn a_body_of_which_no_line_is_taken_is_refused_with_every_line_named() {
    let door = door_with_customer().await;
    let (status, head, answer) = door.send(&door.bearer(), b"not json\n\n[1]\n{\"a\":1}\n").await;
    assert_eq!(status, 422, "{answer}");
    assert!(head.contains("application/problem+json") && head.contains("x-error-code: no-line-taken"), "{head}");
    assert_eq!(answer["code"], "no-line-taken");
    let told = answer["rejected"].as_array().unwrap();
    assert_eq!(told.iter().map(|bad| bad["line"].as_u64().unwrap()).collect::<Vec<_>>(), [1, 3, 4]);
    assert!(told.iter().all(|bad| !bad["reason"].as_str().unwrap().is_empty()), "{answer}");
    assert!(door.findings().await.is_empty());
}

#[tokio::test]
async fn gzip_and_the_records_envelope_are_taken() {
    let door = door_with_customer().await;
    let body = format!("{{\"records\": [{},{}]}}", deleted(1), deleted(2));
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(body.as_bytes()).unwrap();
    let headers = format!("{}content-encoding: gzip\r\n", door.bearer());
    let (status, _, answer) = door.send(&headers, &packed.finish().unwrap()).await;
    assert_eq!((status, &answer["accepted"]), (202, &json!(2)));
}

#[tokio::test]
async fn without_a_good_key_nothing_is_taken() {
    let door = door_with_customer().await;
    let world = &door.world;
    let user = setup::NewUser { name: "Anna".into(), roles: [].into(), scope: domain::permission::Scope::All };
    let user = setup::add_user(&world.tools, user, Actor::Program).await.unwrap();
    let persons = setup::issue_user_token(&world.tools, user, "x", None, Actor::Program).await.unwrap().secret;
    let soon = world.tools.now() + SignedDuration::from_secs(1);
    let account = world.connection.account;
    let expired = setup::issue_intake_key(&world.tools, account, "x", Some(soon), Actor::Program).await.unwrap().secret;
    world.clock.advance(SignedDuration::from_secs(1));
    let revoked = setup::issue_intake_key(&world.tools, account, "x", None, Actor::Program).await.unwrap();
    let kind = domain::ids::AccountKind::Connection;
    setup::revoke(&world.tools, account, kind, revoked.token, Actor::Program).await.unwrap();
    for key in ["wrong", &persons, &expired, &revoked.secret, ""] {
        let headers = format!("authorization: Bearer {key}\r\n");
        let (status, head, answer) = door.send(&headers, deleted(1).as_bytes()).await;
        assert_eq!((status, &answer["code"]), (401, &json!("unauthorized")), "{key}");
        assert!(head.contains("application/problem+json") && head.contains("www-authenticate: bearer"));
    }
    let (status, ..) = door.send("", deleted(1).as_bytes()).await;
    assert_eq!(status, 401);
    assert!(door.findings().await.is_empty());
}

#[tokio::test]
async fn what_is_too_large_or_unreadable_is_refused_with_advice() {
    let door = door_with_customer().await;
    let many = "{}\n".repeat(MAX_EVENTS + 1);
    let large = vec![b' '; MAX_BODY_BYTES + 1];
    let brotli = "content-encoding: br\r\n";
    for (headers, body, status, code) in [
        ("", large.as_slice(), 413, "body-too-large"),
        ("", many.as_bytes(), 413, "too-many-events"),
        ("", b" \n".as_slice(), 400, "body-empty"),
        ("", b"[{}".as_slice(), 400, "body-unreadable"),
        ("content-encoding: gzip\r\n", b"no gzip".as_slice(), 400, "body-unreadable"),
        (brotli, b"x".as_slice(), 415, "encoding"),
    ] {
        let headers = format!("{}{headers}", door.bearer());
        let (got, head, answer) = door.send(&headers, body).await;
        assert_eq!((got, answer["code"].as_str().unwrap()), (status, code), "{answer}");
        assert!(head.contains("application/problem+json"));
        assert!(answer["detail"].as_str().unwrap().contains(": "), "{answer}");
    }
}

#[tokio::test]
async fn a_storm_is_one_finding_with_a_count() {
    let door = door_with_customer().await;
    let storm: Vec<_> = (0..2_000).map(deleted).collect();
    let answer = door.events(&storm.join("\n")).await;
    assert_eq!((&answer["accepted"], &answer["findings"]), (&json!(2_000), &json!(2_000)));
    let findings = door.findings().await;
    assert_eq!(findings.iter().map(|finding| finding.count).collect::<Vec<_>>(), [2_000]);
}

#[tokio::test]
async fn a_burst_tells_what_all_its_machines_cost() {
    let door = door_with_customer().await;
    let machine = |number: usize| {
        let response = r#"{"location":"westeurope","properties":{"hardwareProfile":{"vmSize":"Standard_D4s_v5"}}}"#;
        json!({
            "time": "2026-11-20T07:59:00Z", "operationName": "MICROSOFT.COMPUTE/VIRTUALMACHINES/WRITE",
            "resourceId": format!("/subscriptions/{}/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm{number}", azure()),
            "category": "Administrative", "resultType": "Accept", "correlationId": format!("c{number}"),
            "properties": {"eventDataId": format!("m-{number}"), "responseBody": response},
        })
        .to_string()
    };
    // Two batches: what began with the first is remembered when the second passes the threshold.
    door.events(&machine(1)).await;
    door.events(&format!("{}\n{}", machine(2), machine(3))).await;
    let findings = door.findings().await;
    let burst = findings.iter().find(|finding| finding.rule.title == "Many machines").unwrap();
    assert_eq!((burst.resources.len(), burst.count), (3, 3));
    let file = door.world.file(door.world.customer()).await;
    let case = file.customer().unwrap().cases.values().next().unwrap();
    assert_eq!(case.resources.len(), 3, "two rules on one machine count its cost once");
}

#[tokio::test]
async fn the_same_batch_sent_again_adds_nothing() {
    let door = door_with_customer().await;
    let body = format!("{}\n{}", deleted(1), deleted(2));
    door.events(&body).await;
    door.events(&body).await;
    let findings = door.findings().await;
    assert_eq!(findings.iter().map(|finding| finding.count).collect::<Vec<_>>(), [2]);
}

#[tokio::test]
async fn many_senders_at_once_lose_and_double_nothing() {
    let door = door_with_customer().await;
    let bodies: Vec<String> = (0..8_usize)
        .map(|batch| (0..50).map(|number| deleted(batch * 50 + number)).collect::<Vec<_>>().join("\n"))
        .collect();
    let sent = bodies.iter().map(|body| door.events(body));
    for answer in futures_util::future::join_all(sent).await {
        assert_eq!(answer["accepted"], json!(50));
    }
    let findings = door.findings().await;
    assert_eq!(findings.iter().map(|finding| finding.count).sum::<u32>(), 400);
    assert!(findings.len() <= 8);
}

#[tokio::test]
async fn events_of_an_unknown_customer_wait_and_are_fed_when_it_is_known() {
    let door = door().await;
    let by_tenant = json!({
        "time": "2026-11-20T07:59:00Z", "operationName": "Update policy", "category": "AuditLogs",
        "tenantId": customer_tenant().to_string(), "properties": {"id": "a-1"},
    });
    let answer = door.events(&format!("{}\n{by_tenant}", deleted(1))).await;
    assert_eq!((&answer["accepted"], &answer["parked"]), (&json!(0), &json!(2)), "{answer}");
    let waiting = door.world.tools.store().parked_tenants("", 10).await.unwrap();
    assert_eq!(waiting.iter().map(|waiting| waiting.events).sum::<u64>(), 2);
    assert!(door.findings().await.is_empty());
    sync(&door).run_once(SyncPart::Customers).await.unwrap();
    assert_eq!(door.findings().await.len(), 1);
    assert!(door.world.tools.store().parked_tenants("", 10).await.unwrap().is_empty());
}

/// A store that refuses the next appends.
#[derive(Debug, Default)]
struct Refusing(AtomicU32);

impl StoreFaults for Refusing {
    fn before_append(&self, _: &Append) -> bool {
        self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok()
    }

    fn after_commit(&self, _: &Append) -> bool {
        false
    }
}

#[tokio::test]
async fn findings_that_could_not_be_recorded_are_kept_and_go_first() {
    let faults = Arc::new(Refusing::default());
    let mut world = World::new().await;
    let store = world.tools.store().with_faults(Arc::<Refusing>::clone(&faults));
    world.tools.desk = desk::Desk::new(store, Arc::clone(world.tools.clock()));
    let door = door_to(world).await;
    sync(&door).run_once(SyncPart::Customers).await.unwrap();
    faults.0.store(1, Ordering::SeqCst);
    let (status, head, answer) = door.send(&door.bearer(), deleted(1).as_bytes()).await;
    assert_eq!((status, &answer["code"]), (503, &json!("not-recorded")));
    assert!(head.contains("retry-after"));
    assert_eq!((door.intake.waiting(), door.findings().await.len()), (1, 0));
    // While they can't be recorded, the account's next events are not looked at, and no state is kept that knows them.
    faults.0.store(1, Ordering::SeqCst);
    let (status, ..) = door.send(&door.bearer(), deleted(2).as_bytes()).await;
    assert_eq!((status, door.intake.waiting()), (503, 1));
    faults.0.store(1, Ordering::SeqCst);
    door.intake.checkpoint().await.unwrap_err();
    let answer = door.events(&format!("{}\n{}", deleted(1), deleted(2))).await;
    assert_eq!(answer["findings"], json!(1), "the first was found before");
    assert_eq!(door.intake.waiting(), 0);
    let findings = door.findings().await;
    assert_eq!(findings.iter().map(|finding| finding.count).collect::<Vec<_>>(), [1, 1]);
    door.intake.checkpoint().await.unwrap();
}

/// A later release wrote to the account of one customer.
#[tokio::test]
async fn a_closed_account_sets_its_own_findings_aside_and_holds_up_nobody() {
    const OTHER: &str = "55555555-0000-4000-8000-000000000005";
    let door = door().await;
    door.world.microsoft.other_customer(OTHER);
    sync(&door).run_once(SyncPart::Customers).await.unwrap();
    let (closed, other) = (door.world.customer(), door.world.connection.customer(OTHER.parse().unwrap()));
    door.world.close(closed).await;
    let of_other = |id| {
        let mut event: Value = serde_json::from_str(&event(
            id,
            &uuid::Uuid::from_u128(7).to_string(),
            "MICROSOFT.CONSUMPTION/BUDGETS/DELETE",
        ))
        .unwrap();
        event["tenantId"] = OTHER.into();
        event
    };
    for round in 1..=2_usize {
        let body = format!("{}\n{}", deleted(round * 2), of_other(round * 2 + 1));
        let answer = door.events(&body).await;
        let expected = json!({"accepted": 2, "parked": 0, "findings": 2, "setAside": 1, "rejected": []});
        assert_eq!(answer, expected);
        assert_eq!(findings_of(&door.world, other).await.len(), round);
    }
    let waiting = door.world.tools.store().parked_tenants("", 10).await.unwrap();
    let waiting: Vec<_> = waiting.into_iter().map(|place| (place.tenant, place.events)).collect();
    assert_eq!(waiting, [(format!("facts:{closed}"), 2)]);
    assert_eq!(door.intake.waiting(), 0);
    door.intake.checkpoint().await.unwrap();
}

#[tokio::test]
async fn the_engines_go_on_where_they_stopped() {
    let door = door_with_customer().await;
    let vm = |id, location: &str| {
        event(id, &azure().to_string(), "MICROSOFT.COMPUTE/VIRTUALMACHINES/WRITE").replace("westeurope", location)
    };
    door.events(&vm(1, "westeurope")).await;
    let before = door.findings().await.len();
    door.intake.checkpoint().await.unwrap();
    let again = intake(&door.world);
    let report = again.restore().await.unwrap();
    assert_eq!((report.restored, report.unreadable), (16, 0));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    #[expect(clippy::disallowed_methods, reason = "a test has no supervisor")]
    let serving = tokio::spawn(async move { axum::serve(listener, router(again)).await.unwrap() });
    let (status, _, answer) = post(address, "/intake/v1/events", &door.bearer(), vm(2, "westeurope").as_bytes()).await;
    serving.abort();
    assert_eq!((status, &answer["findings"]), (202, &json!(0)), "the region is known from before: {answer}");
    assert_eq!(door.findings().await.len(), before);
}
