//! From an event through the engine to the fact: what is taken over, what it costs, what is counted.

use domain::body::Body;
use domain::fact::NewFact;
use domain::ids::{AccountId, Hash};
use domain::sealed::{Retention, Sealed};
use domain::signals::{FindingRecorded, Level, MAX_RESOURCES_PER_FINDING, Token};
use jiff::Timestamp;
use money::Money;
use policy::Prices;
use runtime::findings::{Draft, Edge, Running, Spotted, Starts, recorded};
use sigma::{Engine, EngineOptions, LoadOptions, RuleSet, Source, concepts};
use uuid::Uuid;

const RULE: &str = "
title: Machine written
title_sv: Maskin skapad
id: 6d8dbb1f-0e0a-4f0e-8f6f-0d8d3d6f7a10
author: A. Author
level: high
tags: [attack.t1496]
logsource: {product: azure, service: activitylogs}
detection:
  selection: {operationName|startswith: Microsoft.Compute/virtualMachines/}
  condition: selection
fields: [caller]
";

fn event(machine: &str, operation: &str, result: &str, size: &str) -> Vec<u8> {
    let resource = format!(
        "/SUBSCRIPTIONS/44444444-0000-4000-8000-000000000004/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/{machine}"
    );
    let response = format!(r#"{{"location":"westeurope","properties":{{"hardwareProfile":{{"vmSize":"{size}"}}}}}}"#);
    serde_json::json!({
        "time": "2026-11-20T07:00:00Z", "resourceId": resource, "operationName": operation, "category": "Administrative",
        "resultType": result, "callerIpAddress": "198.51.100.7", "correlationId": format!("c-{machine}"),
        "identity": {"claims": {"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn": "anna@kund.example"}},
        "properties": {"eventDataId": format!("{machine}-{operation}-{result}"), "responseBody": response},
    })
    .to_string()
    .into_bytes()
}

fn spotted(bytes: &[u8]) -> Spotted {
    let source = Source { name: "rule.yml".into(), text: RULE.into() };
    let loaded = RuleSet::load([source], &LoadOptions::default());
    assert!(loaded.refused.is_empty(), "{:?}", loaded.refused);
    let hash = Hash(loaded.set.hash());
    let mut engine = Engine::new(loaded.set, EngineOptions::default());
    let received: Timestamp = "2026-11-20T07:05:00Z".parse().unwrap();
    let findings = engine.feed("customer", bytes, received).unwrap();
    Spotted::of(&findings[0], &concepts::read(bytes).unwrap(), bytes, hash)
}

fn fact(draft: &Draft) -> (NewFact, FindingRecorded) {
    let prices = Prices::embedded().unwrap();
    let token = |(number, _): (usize, _)| Token(Uuid::from_u128(u128::try_from(number).unwrap()));
    let edge = Edge {
        evidence: Sealed::from_ciphertext(Retention::Evidence, "x".into()),
        resources: draft.resources().enumerate().map(token).collect(),
        caller: Some(Token(Uuid::from_u128(7))),
    };
    let fact = recorded(draft, AccountId::of_partner(), &prices, edge);
    let Body::FindingRecorded(finding) = fact.body.clone() else { panic!("no finding") };
    (fact, finding)
}

fn rate(size: &str) -> Money {
    Prices::embedded().unwrap().lookup(size, "westeurope").per_hour
}

const WRITE: &str = "MICROSOFT.COMPUTE/VIRTUALMACHINES/WRITE";

#[test]
fn a_finding_says_what_fired_where_and_what_it_burns() {
    let bytes = event("vm1", WRITE, "Accept", "Standard_NC24ads_A100_v4");
    let spotted = spotted(&bytes);
    assert_eq!(spotted.evidence.event.as_bytes(), bytes);
    assert_eq!(spotted.caller.as_deref(), Some("anna@kund.example"));
    let (fact, finding) = fact(&Draft::of(spotted));
    assert_eq!(fact.happened, "2026-11-20T07:00:00Z".parse().unwrap());
    assert_eq!(finding.received, "2026-11-20T07:05:00Z".parse().unwrap());
    assert!(fact.source_key.unwrap().starts_with("finding:6d8dbb1f-0e0a-4f0e-8f6f-0d8d3d6f7a10:"));
    assert_eq!(
        (finding.rule.title.as_str(), finding.rule.title_sv.as_deref()),
        ("Machine written", Some("Maskin skapad"))
    );
    assert_eq!((finding.rule.author.as_str(), finding.rule.level), ("A. Author", Level::High));
    assert_eq!(finding.azure_subscription.unwrap().to_string(), "44444444-0000-4000-8000-000000000004");
    assert_eq!((finding.region.as_deref(), finding.count), (Some("westeurope"), 1));
    assert_eq!(finding.resources[0].per_hour, rate("Standard_NC24ads_A100_v4"));
    assert!(!finding.price.unwrap().estimated);
}

#[test]
fn only_a_write_that_azure_took_begins_to_cost() {
    for (operation, result, runs) in [
        (WRITE, "Accept", true),
        (WRITE, "Accepted", true),
        (WRITE, "Success", true),
        (WRITE, "Succeeded", true),
        (WRITE, "Start", false),
        (WRITE, "Failure", false),
        ("MICROSOFT.COMPUTE/VIRTUALMACHINES/DELETE", "Success", false),
        ("MICROSOFT.COMPUTE/VIRTUALMACHINES/RESTART/ACTION", "Success", false),
    ] {
        let (_, finding) = fact(&Draft::of(spotted(&event("vm1", operation, result, "Standard_D4s_v5"))));
        assert_eq!(!finding.resources.is_empty(), runs, "{operation} {result}");
        assert_eq!(finding.price.is_some(), runs);
    }
}

#[test]
fn an_unknown_size_is_priced_at_a_ceiling_and_marked_estimated() {
    let (_, finding) = fact(&Draft::of(spotted(&event("vm1", WRITE, "Accept", "Standard_ZZ999_v9"))));
    assert!(finding.price.unwrap().estimated);
    assert!(finding.resources[0].per_hour.minor > 0);
}

#[test]
fn a_storm_is_one_finding_with_a_count_and_each_machine_costs_once() {
    let size = "Standard_D4s_v5";
    let mut draft = Draft::of(spotted(&event("vm0", WRITE, "Accept", size)));
    let machines = MAX_RESOURCES_PER_FINDING + 10;
    for number in 1..machines {
        draft.take_in(spotted(&event(&format!("vm{number}"), WRITE, "Accept", size)));
    }
    // The same machine once more, as taken and as done; and an event that was told before.
    draft.take_in(spotted(&event("vm0", WRITE, "Success", size)));
    draft.take_in(spotted(&event("vm3", WRITE, "Accept", size)));
    let (_, finding) = fact(&draft);
    assert_eq!(finding.count, u32::try_from(machines + 1).unwrap());
    assert_eq!(finding.resources.len(), MAX_RESOURCES_PER_FINDING);
    assert_eq!(finding.further_per_hour, None, "what has no room is left out");
}

#[test]
fn machines_of_a_burst_are_remembered_for_the_finding_that_tells_of_them() {
    let place = (AccountId::of_partner(), "44444444-0000-4000-8000-000000000004".parse().unwrap());
    let at = |minute: i64| Timestamp::from_second(1_800_000_000 + minute * 60).unwrap();
    let mut starts = Starts::default();
    for minute in 0..10 {
        let machine = format!("m{minute}");
        starts.began(
            place,
            at(minute),
            Running { resource: machine, instances: 1, size: "s".into(), region: String::new() },
        );
    }
    let told: Vec<_> = starts.between(place, at(3), at(5)).map(|running| running.resource.as_str()).collect();
    assert_eq!(told, ["m3", "m4", "m5"]);
    assert_eq!(starts.between((AccountId::of_policy(), place.1), at(0), at(9)).count(), 0);
}

/// After a failed append what waited meets what came since: the sender has sent it all again.
#[test]
fn machines_that_both_drafts_know_are_named_once() {
    let size = "Standard_D4s_v5";
    let storm = |names: std::ops::Range<usize>| {
        let mut all = names.map(|number| spotted(&event(&format!("vm{number}"), WRITE, "Accept", size)));
        let mut draft = Draft::of(all.next().unwrap());
        all.for_each(|one| draft.take_in(one));
        draft
    };
    for (later, expected) in [
        (storm(0..100), 100),
        (storm(5..105), 105),
        (storm(100..300), 300),
        (storm(50..MAX_RESOURCES_PER_FINDING + 50), MAX_RESOURCES_PER_FINDING),
    ] {
        let mut draft = storm(0..100);
        draft.absorb(later);
        let (_, finding) = fact(&draft);
        assert_eq!(finding.resources.len(), expected);
        assert_eq!(finding.further_per_hour, None);
    }
}

/// With as much evidence as can be sealed, every resource that has room, and a rule that says much.
#[test]
fn the_largest_finding_fits_into_a_fact() {
    let long = "\"".repeat(512);
    let mut first = spotted(&event("vm0", WRITE, "Accept", "Standard_ND96amsr_A100_v4"));
    first.rule.tags = vec![long.clone(); 32];
    (first.rule.title, first.rule.title_sv, first.rule.author) = (long.clone(), Some(long.clone()), long.clone());
    (first.region, first.size) = (Some(long.clone()), Some(long.clone()));
    first.running = (0..MAX_RESOURCES_PER_FINDING)
        .map(|number| Running {
            resource: format!("vm{number}"),
            instances: 1_000,
            size: long.clone(),
            region: long.clone(),
        })
        .collect();
    let (mut new, _) = fact(&Draft::of(first));
    let Body::FindingRecorded(finding) = &mut new.body else { panic!("no finding") };
    assert_eq!(finding.resources.len(), MAX_RESOURCES_PER_FINDING);
    // Sealed bytes are written in base 64.
    finding.evidence =
        Sealed::from_ciphertext(Retention::Evidence, "x".repeat(store::MAX_SEALED_BYTES.div_ceil(3) * 4 + 1_000));
    let fact = domain::fact::Fact {
        account: AccountId::of_partner(),
        version: u64::MAX,
        step: u64::MAX,
        at: new.happened,
        happened: new.happened,
        actor: new.actor,
        source_key: new.source_key,
        policy: Some(Hash::default()),
        decide: u32::MAX,
        body: new.body,
    };
    let bytes = fact.store(Hash::default()).unwrap().bytes.len();
    assert!(bytes > 256 * 1024, "{bytes}: not the largest");
}

#[test]
fn drafts_that_meet_again_are_counted_together() {
    let one = |name: &str| spotted(&event(name, WRITE, "Accept", "Standard_D4s_v5"));
    let mut earlier = Draft::of(one("a"));
    earlier.take_in(one("b"));
    let mut later = Draft::of(one("b"));
    later.take_in(one("c"));
    earlier.absorb(later);
    let (_, finding) = fact(&earlier);
    assert_eq!((finding.count, finding.resources.len()), (3, 3));
}
