//! What a case says is at stake, from events through the shipped rules to the case: each machine counts once, however
//! many findings tell of it, and a scale set counts with all its machines.

use crate::intake::{Door, door_under};
use crate::world::azure;
use domain::cases::burn;
use money::Money;
use policy::Prices;
use serde_json::{Value, json};
use sigma::ruletest;
use std::path::Path;

const SIZE: &str = "Standard_NC24ads_A100_v4";
/// The most machines of a scale set, as Azure has it.
const MOST: i64 = 1_000;

/// A customer under the rules that ship.
async fn door() -> Door {
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policy/sigma");
    door_under(ruletest::sources(&rules).unwrap()).await
}

fn rate() -> Money {
    Prices::embedded().unwrap().lookup(SIZE, "westeurope").per_hour
}

/// A write of something under a subscription, as Azure's diagnostic export tells it.
fn written(kind: &str, name: &str, result: &str, request: &Value, response: &Value) -> String {
    let operation = format!("MICROSOFT.COMPUTE/{}/WRITE", kind.to_ascii_uppercase());
    json!({
        "time": "2026-11-20T07:59:00Z", "operationName": operation, "category": "Administrative", "resultType": result,
        "resourceId": format!("/subscriptions/{}/resourceGroups/rg/providers/Microsoft.Compute/{kind}/{name}", azure()),
        "callerIpAddress": "198.51.100.7", "correlationId": format!("c-{name}"),
        "identity": {"claims": {"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn": "anna@kund.example"}},
        "properties": {
            "eventDataId": format!("{kind}-{name}-{result}"),
            "requestbody": request.to_string(), "responseBody": response.to_string(),
        },
    })
    .to_string()
}

fn machine(number: usize, result: &str) -> String {
    let body = json!({"location": "westeurope", "properties": {"hardwareProfile": {"vmSize": SIZE}}});
    written("virtualMachines", &format!("vm{number}"), result, &body, &body)
}

fn scale_set(name: &str, request: &Value, response: &Value) -> String {
    let body = |sku: &Value| json!({"location": "westeurope", "sku": sku, "properties": {}});
    written("virtualMachineScaleSets", name, "Accept", &body(request), &body(response))
}

/// What the customer's one case costs an hour.
async fn burns(door: &Door) -> Option<Money> {
    let file = door.world.file(door.world.customer()).await;
    let cases = &file.customer().unwrap().cases;
    assert_eq!(cases.len(), 1);
    burn(cases.values().next().unwrap())
}

/// The findings of several rules, and their news at ten and a hundred times the storm's beginning, tell of the same
/// machines.
#[tokio::test]
async fn three_hundred_machines_in_a_storm_count_once_each() {
    for at_once in [300, 50, 7] {
        let door = door().await;
        let numbers: Vec<usize> = (0..300).collect();
        for batch in numbers.chunks(at_once) {
            let events: Vec<_> = batch.iter().map(|number| machine(*number, "Accept")).collect();
            door.events(&events.join("\n")).await;
        }
        // Azure says of each machine that it is there, after it said that it will be.
        for batch in numbers.chunks(at_once) {
            let events: Vec<_> = batch.iter().map(|number| machine(*number, "Success")).collect();
            door.events(&events.join("\n")).await;
        }
        assert_eq!(burns(&door).await, Some(rate().times(300).unwrap()), "{at_once} at once");
        assert!(door.findings().await.iter().all(|finding| finding.further_per_hour.is_none()));
    }
}

/// What is beyond a finding's room is left out: what is shown is at least what burns.
#[tokio::test]
async fn more_machines_than_a_finding_names_never_count_twice() {
    let door = door().await;
    let events: Vec<_> = (0..1_500).map(|number| machine(number, "Accept")).collect();
    door.events(&events.join("\n")).await;
    let shown = burns(&door).await.unwrap();
    assert!(shown.minor >= rate().times(1_000).unwrap().minor, "{shown:?}");
    assert!(shown.minor <= rate().times(1_500).unwrap().minor, "{shown:?}");
}

#[tokio::test]
async fn a_scale_set_costs_as_many_machines_as_it_has() {
    let named = |capacity: Value| json!({"name": SIZE, "tier": "Standard", "capacity": capacity});
    let silent = json!({"name": SIZE});
    for (number, (request, response, machines)) in [
        (named(json!(100)), named(json!(100)), 100),
        (named(json!(100)), silent.clone(), 100),
        (silent.clone(), named(json!("100")), 100),
        (json!({"capacity": 7}), named(json!(100)), 100),
        (named(json!(3)), named(Value::Null), 3),
        (silent.clone(), silent.clone(), 1),
        (named(json!(1)), named(json!(1)), 1),
        (named(json!(-5)), named(json!(-5)), 1),
        (named(json!("many")), named(json!("many")), 1),
        (named(json!(true)), named(json!({"count": 100})), 1),
        (named(json!(2.5)), named(json!(2.5)), 1),
        (named(json!(1_000)), named(json!(1_000)), MOST),
        (named(json!(1_001)), named(json!(1_001)), MOST),
        (named(json!(u64::MAX)), named(json!("99999999999999999999999999")), MOST),
    ]
    .into_iter()
    .enumerate()
    {
        let door = door().await;
        door.events(&scale_set("set", &request, &response)).await;
        assert_eq!(burns(&door).await, Some(rate().times(machines).unwrap()), "{number}: {request} {response}");
        let findings = door.findings().await;
        assert!(findings.iter().filter_map(|finding| finding.price.as_ref()).all(|price| !price.estimated));
    }
}

#[tokio::test]
async fn a_scale_set_without_machines_costs_nothing_until_it_grows() {
    let door = door().await;
    let of = |capacity: u32| json!({"name": SIZE, "capacity": capacity});
    let set = |capacity: u32| {
        scale_set(&format!("set?{capacity}"), &of(capacity), &of(capacity)).replace(&format!("/set?{capacity}"), "/set")
    };
    door.events(&set(0)).await;
    assert_eq!(burns(&door).await, None);
    // In one batch and in the next: the most that it had counts, and it counts once.
    door.events(&format!("{}\n{}", set(10), set(40))).await;
    assert_eq!(burns(&door).await, Some(rate().times(40).unwrap()));
    door.events(&set(60)).await;
    door.events(&set(5)).await;
    assert_eq!(burns(&door).await, Some(rate().times(60).unwrap()));
}

/// A capacity means other things elsewhere, such as throughput.
#[tokio::test]
async fn only_the_capacity_of_a_scale_set_multiplies() {
    let door = door().await;
    let body = json!({
        "location": "westeurope", "sku": {"capacity": 500}, "properties": {"hardwareProfile": {"vmSize": SIZE}},
    });
    door.events(&written("virtualMachines", "vm", "Accept", &body, &body)).await;
    assert_eq!(burns(&door).await, Some(rate()));
}
