//! The engine through its public interface: routing, memory, checkpoints, exceptions, explanations.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use jiff::Timestamp;
use sigma::explain::explain;
use sigma::{
    Allow, Engine, EngineOptions, Event, Finding, FindingKind, Level, LoadOptions, LogType, Overrides, Route, RuleSet,
    Source, concepts,
};

fn load(text: &str) -> Arc<RuleSet> {
    let loaded = RuleSet::load([Source { name: "test.yml".into(), text: text.into() }], &LoadOptions::default());
    assert_eq!(loaded.refused, []);
    loaded.set
}

fn engine(text: &str) -> Engine {
    Engine::new(load(text), EngineOptions::default())
}

fn received() -> Timestamp {
    "2026-06-01T00:00:00Z".parse().unwrap_or(Timestamp::UNIX_EPOCH)
}

fn feed(engine: &mut Engine, event: &str) -> Vec<Finding> {
    engine.feed("p", event.as_bytes(), received()).unwrap_or_default()
}

const COUNTED: &str = "
title: Machine written
name: written
logsource: {product: azure, service: activitylogs}
detection:
  selection: {operationName: Microsoft.Compute/virtualMachines/write}
  condition: selection
---
title: Three machines in an hour
id: three
level: high
correlation:
  type: event_count
  rules: [written]
  group-by: [caller]
  timespan: 1h
  condition: {gte: 3}
";

fn write(minute: u32, caller: &str) -> String {
    format!(
        r#"{{"time":"2026-05-04T10:{minute:02}:00Z","operationName":"MICROSOFT.COMPUTE/VIRTUALMACHINES/WRITE","caller":"{caller}","eventDataId":"{caller}-{minute}"}}"#
    )
}

const CASED: &str = "
title: Something written
id: loose
logsource: {product: azure, service: activitylogs}
detection:
  selection: {operationName|endswith: /write}
  condition: selection
---
title: Something written, in small letters
id: small
logsource: {product: azure, service: activitylogs}
detection:
  selection: {operationName|cased|endswith: /write}
  condition: selection
";

#[test]
fn one_operation_in_several_letter_cases_is_remembered_by_each_of_them_where_a_rule_tells_them_apart() {
    let found = |engine: &mut Engine, operation: &str| -> Vec<String> {
        let event = format!(r#"{{"time":"2026-05-04T10:00:00Z","operationName":"{operation}","eventDataId":"1"}}"#);
        feed(engine, &event).iter().map(|finding| finding.rule.id.clone()).collect()
    };
    let (mut both, mut loose) = (engine(CASED), engine(CASED.split("---").next().unwrap_or_default()));
    for _ in 0..2 {
        assert_eq!(found(&mut both, "A.B/C/WRITE"), ["loose"]);
        assert_eq!(found(&mut both, "a.b/c/write"), ["loose", "small"]);
        assert_eq!(found(&mut loose, "A.B/C/WRITE"), ["loose"]);
        assert_eq!(found(&mut loose, "a.b/c/write"), ["loose"]);
        assert_eq!(found(&mut loose, "a.b/c/writf"), [""; 0]);
    }
}

#[test]
fn a_rule_that_only_feeds_a_correlation_reports_nothing_unless_generate_says_so() {
    let mut quiet = engine(COUNTED);
    let all: Vec<Finding> = (0..3).flat_map(|m| feed(&mut quiet, &write(m, "a"))).collect();
    assert_eq!(all.len(), 1);
    let FindingKind::Correlation { count, group, members, storm, .. } = &all[0].kind else { unreachable_kind(&all[0]) };
    assert_eq!((*count, *storm), (3, 1));
    assert_eq!(group, &[("caller".to_owned(), Some("a".to_owned()))]);
    assert_eq!(members.iter().map(|m| m.event.as_str()).collect::<Vec<_>>(), ["a-0", "a-1", "a-2"]);
    let mut loud = engine(&COUNTED.replace("  type: event_count", "  generate: true\n  type: event_count"));
    let all: Vec<Finding> = (0..3).flat_map(|m| feed(&mut loud, &write(m, "a"))).collect();
    assert_eq!(all.len(), 4);
}

#[expect(clippy::panic, reason = "the test has found another kind than it asks for")]
fn unreachable_kind(finding: &Finding) -> ! {
    panic!("another kind: {:?}", finding.kind)
}

#[test]
fn late_and_repeated_events_are_counted_where_and_as_often_as_they_happened() {
    let mut engine = engine(COUNTED);
    let order = [40, 5, 5, 41, 5];
    let found: Vec<usize> = order.iter().map(|m| feed(&mut engine, &write(*m, "a")).len()).collect();
    assert_eq!(found, [0, 0, 0, 1, 0]);
}

#[test]
fn partitions_never_mix() {
    let mut engine = engine(COUNTED);
    for partition in ["p1", "p2", "p3"] {
        let found = engine.feed(partition, write(1, "a").as_bytes(), received());
        assert_eq!(found, Ok(vec![]));
    }
}

#[test]
fn a_stream_rewound_to_a_checkpoint_gives_the_same_findings_and_the_same_state() {
    let set = load(COUNTED);
    let events: Vec<String> = (0..50).map(|m| write(m, ["a", "b", "c"][usize::try_from(m % 3).unwrap_or(0)])).collect();
    let mut whole = Engine::new(Arc::clone(&set), EngineOptions::default());
    let expected: Vec<Vec<Finding>> = events.iter().map(|e| feed(&mut whole, e)).collect();
    for cut in [0, 1, 7, 30, 50] {
        let mut first = Engine::new(Arc::clone(&set), EngineOptions::default());
        for event in &events[..cut] {
            feed(&mut first, event);
        }
        let bytes = first.checkpoint();
        let restored = Engine::restore(&bytes, Arc::clone(&set), EngineOptions::default());
        let Ok(mut second) = restored else { return assert!(restored.is_ok()) };
        assert_eq!(second.checkpoint(), bytes);
        for (event, wanted) in events[cut..].iter().zip(&expected[cut..]) {
            assert_eq!(&feed(&mut second, event), wanted);
        }
        assert_eq!(second.checkpoint(), whole.checkpoint());
    }
}

#[test]
fn damaged_checkpoints_are_refused() {
    let set = load(COUNTED);
    let mut engine = Engine::new(Arc::clone(&set), EngineOptions::default());
    feed(&mut engine, &write(1, "a"));
    let bytes = engine.checkpoint();
    for cut in 0..bytes.len() {
        assert!(Engine::restore(&bytes[..cut], Arc::clone(&set), EngineOptions::default()).is_err(), "{cut}");
    }
    let mut other = bytes;
    other[3] = 99;
    assert!(Engine::restore(&other, set, EngineOptions::default()).is_err());
}

/// Found by fuzzing: counters at their end overflowed.
#[test]
fn a_checkpoint_with_counters_at_their_end_is_restored_and_goes_on() {
    let set = load(COUNTED);
    let bytes =
        [&[0, 0, 0, 1][..], &[0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1].repeat(5), &[0, 0]].concat();
    let restored = Engine::restore(&bytes, set, EngineOptions::default());
    let Ok(mut engine) = restored else { return assert!(restored.is_ok()) };
    feed(&mut engine, &write(1, "a"));
    assert_eq!(engine.stats().events, u64::MAX);
}

#[test]
fn exceptions_of_one_partition_do_not_touch_another() {
    let overrides =
        |o: Overrides| EngineOptions { overrides: HashMap::from([("p".to_owned(), o)]), ..EngineOptions::default() };
    let run = |options: EngineOptions| {
        let mut engine = Engine::new(load(COUNTED), options);
        (0..6).map(|m| feed(&mut engine, &write(m, "a")).len()).collect::<Vec<_>>()
    };
    assert_eq!(run(EngineOptions::default()), [0, 0, 1, 0, 0, 0]);
    let higher = Overrides { thresholds: BTreeMap::from([("three".to_owned(), 5.0)]), ..Overrides::default() };
    assert_eq!(run(overrides(higher)), [0, 0, 0, 0, 1, 0]);
    let allow = Allow { rule: None, field: "Caller".into(), values: BTreeSet::from(["A".to_owned()]) };
    assert_eq!(run(overrides(Overrides { allow: vec![allow], ..Overrides::default() })), [0; 6]);
    let off = Overrides { off: BTreeSet::from(["three".to_owned()]), ..Overrides::default() };
    assert_eq!(run(overrides(off)), [0; 6]);
}

#[test]
fn a_rule_looks_only_at_its_log_unless_routing_is_off() {
    let rule = "
title: Not from here
logsource: {product: zeek, service: dns}
detection:
  selection: {query: x}
  condition: not selection
";
    let event = write(1, "a");
    assert_eq!(feed(&mut engine(rule), &event).len(), 0);
    let mut open = Engine::new(load(rule), EngineOptions { route: Route::None, ..EngineOptions::default() });
    assert_eq!(feed(&mut open, &event).len(), 1);
    assert_eq!(
        feed(&mut engine(rule), r#"{"query":"y"}"#).len(),
        1,
        "an event of unknown type is looked at by every rule"
    );
}

#[test]
fn an_event_ahead_of_its_arrival_is_dated_by_its_arrival() {
    let mut engine = engine(COUNTED.replace("name: written", "id: single").split("---").next().unwrap_or_default());
    let early = write(1, "a").replace("2026-05-04", "2031-05-04");
    let found = feed(&mut engine, &early);
    assert_eq!(found[0].event_time, received());
    assert_eq!(engine.stats().redated, 1);
    let late = feed(&mut engine, &write(2, "a"));
    assert_eq!(late[0].event_time.to_string(), "2026-05-04T10:02:00Z");
}

const LEVELS: &str = "
title: Steps
id: steps
level: low
logsource: {product: azure, service: activitylogs}
detection:
  selection: {operationName: Microsoft.Compute/virtualMachines/write}
  condition: selection
burst:
  group-by: [caller]
  timespan: 1h
  thresholds:
    - {count: 2}
    - {count: 4, level: critical}
";

#[test]
fn a_burst_reports_each_threshold_once_with_its_level() {
    let mut engine = engine(LEVELS);
    let found: Vec<Vec<Level>> =
        (0..6).map(|m| feed(&mut engine, &write(m, "a")).iter().map(|f| f.level).collect()).collect();
    assert_eq!(found, [vec![], vec![Level::Low], vec![], vec![Level::Critical], vec![], vec![]]);
}

#[test]
fn an_explanation_says_what_held_what_decided_and_what_was_missing() {
    let engine = engine(
        "
title: Explained
id: explained
logsource: {product: azure, service: activitylogs}
detection:
  operation: {operationName|endswith: /write, nothing: here}
  other: {Caller|contains: [zzz, nna]}
  condition: operation or other
",
    );
    let event = Event::parse(write(1, "anna@kund.example").as_bytes());
    let Ok(event) = event else { return assert!(event.is_ok()) };
    let Some(explanation) = explain(&engine, "explained", &event) else { return assert_eq!(1, 0, "no such rule") };
    assert!(explanation.holds && explanation.routed && !explanation.needs_history);
    assert_eq!(explanation.selections.iter().map(|s| s.holds).collect::<Vec<_>>(), [false, true]);
    let lines = &explanation.selections[0].lines;
    assert_eq!(lines[0].decided, Some(("/write".to_owned(), "MICROSOFT.COMPUTE/VIRTUALMACHINES/WRITE".to_owned())));
    assert!(lines[1].missing && !lines[1].holds);
    assert_eq!(explanation.selections[1].lines[0].decided, Some(("nna".to_owned(), "anna@kund.example".to_owned())));
    assert!(explain(&engine, "nothing", &event).is_none());
}

#[test]
fn findings_carry_the_author_and_the_reasons() {
    let mut engine = engine(
        "
title: Signed
id: signed
author: A. Uthor
license: DRL 1.1
tags: [attack.t1496]
fields: [callerIpAddress, Caller]
logsource: {product: azure, service: activitylogs}
detection:
  selection: {operationName|startswith: Microsoft.Compute, caller: anna}
  filter: {caller: nobody}
  condition: selection and not filter
",
    );
    let found = feed(&mut engine, &write(1, "anna"));
    assert_eq!(found.len(), 1);
    let finding = &found[0];
    assert_eq!(finding.rule.author.as_deref(), Some("A. Uthor"));
    assert_eq!(finding.rule.rule_set_licence.as_deref(), Some("DRL 1.1"));
    assert_eq!(finding.event_id.as_deref(), Some("anna-1"));
    assert_eq!(finding.log_type, LogType::Activity);
    assert_eq!(finding.fields[0], ("Caller".into(), "anna".into()));
    let reasons: Vec<(&str, &str, &str)> =
        finding.reasons.iter().map(|r| (&*r.field, r.op.as_str(), r.pattern.as_str())).collect();
    assert_eq!(reasons, [("operationName", "startswith", "Microsoft.Compute"), ("caller", "", "anna")]);
    let json = serde_json::to_value(finding).unwrap_or_default();
    assert_eq!(json["rule"]["author"], "A. Uthor");
    assert_eq!(json["kind"], "single");
}

#[test]
fn how_many_machines_a_scale_set_has_is_read_and_bounded() {
    for (capacity, instances) in [
        ("100", Some(100)),
        (r#"\"100\""#, Some(100)),
        ("0", Some(0)),
        ("1001", Some(concepts::MAX_INSTANCES)),
        ("99999999999999999999999", Some(concepts::MAX_INSTANCES)),
        ("-5", None),
        ("2.5", None),
        ("null", None),
        ("true", None),
        (r#"\"many\""#, None),
        ("{}", None),
    ] {
        let sku = format!(r#"{{\"sku\":{{\"name\":\"Standard_NC6\",\"capacity\":{capacity}}}}}"#);
        for body in ["requestbody", "responseBody"] {
            let event = format!(
                r#"{{"operationName":"MICROSOFT.COMPUTE/VIRTUALMACHINESCALESETS/WRITE","category":"Administrative","resultType":"Accept","resourceId":"/SUBSCRIPTIONS/AB12","properties":{{"{body}":"{sku}"}}}}"#
            );
            let Ok(read) = concepts::read(event.as_bytes()) else { return assert_eq!(event, "") };
            assert_eq!((read.vm_size.as_deref(), read.instances), (Some("Standard_NC6"), instances), "{capacity}");
        }
    }
}

#[test]
fn the_concepts_of_every_shape_are_read() {
    let export = r#"{"time":"2026-05-04T10:00:00Z","resourceId":"/SUBSCRIPTIONS/AB12/RESOURCEGROUPS/RG","operationName":"MICROSOFT.COMPUTE/VIRTUALMACHINES/WRITE","category":"Administrative","resultType":"Accept","callerIpAddress":"198.51.100.7","correlationId":"c","tenantId":"t","identity":{"claims":{"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn":"a@b.example"}},"properties":{"responseBody":"{\"location\":\"westeurope\",\"properties\":{\"hardwareProfile\":{\"vmSize\":\"Standard_NC6\"}}}"}}"#;
    let Ok(read) = concepts::read(export.as_bytes()) else { return assert_eq!(1, 0) };
    assert_eq!(read.log_type, LogType::Activity);
    assert_eq!(read.subscription_id.as_deref(), Some("AB12"));
    assert_eq!(read.vm_size.as_deref(), Some("Standard_NC6"));
    assert_eq!(read.location.as_deref(), Some("westeurope"));
    assert_eq!(read.caller.as_deref(), Some("a@b.example"));
    assert_eq!(
        (read.status.as_deref(), read.tenant_id.as_deref(), read.correlation_id.as_deref()),
        (Some("Accept"), Some("t"), Some("c"))
    );
    for (event, log_type, operation) in [
        (
            r#"{"operationName":{"value":"Microsoft.Compute/disks/write","localizedValue":"Create disk"},"status":{"value":"Succeeded"}}"#,
            LogType::Activity,
            "Microsoft.Compute/disks/write",
        ),
        (
            r#"{"OperationNameValue":"MICROSOFT.X/Y","ActivityStatusValue":"Success"}"#,
            LogType::Activity,
            "MICROSOFT.X/Y",
        ),
        (r#"{"activityDisplayName":"Add user","targetResources":[]}"#, LogType::Audit, "Add user"),
        (r#"{"Operation":"New-InboxRule","Workload":"Exchange"}"#, LogType::Office, "New-InboxRule"),
        (
            r#"{"operationType":"create_order","operationDate":"2026-05-04T10:00:00Z","operationStatus":"succeeded"}"#,
            LogType::PartnerAudit,
            "create_order",
        ),
        (r#"{"alertType":"CryptoMining","customerTenantId":"c"}"#, LogType::PartnerAlert, "CryptoMining"),
    ] {
        let Ok(read) = concepts::read(event.as_bytes()) else { return assert_eq!(event, "") };
        assert_eq!((read.log_type, read.operation.as_deref()), (log_type, Some(operation)), "{event}");
    }
}
