//! Everything that remembers gives the same findings after a snapshot, a restore and the rest of the stream again, and
//! ends with the same memory: every type of correlation, chains, first-seen, rates and bursts.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::collections::BTreeSet;
use std::sync::Arc;

use sigma::{Engine, EngineOptions, Finding, FindingKind, LoadOptions, RuleSet, Source};

const RULES: &str = "
title: Base
name: base
logsource: {product: linux, service: auditd}
detection: {s: {kind: base}, condition: s}
---
title: Other
name: other
logsource: {product: linux, service: auditd}
detection: {s: {kind: other}, condition: s}
---
title: Counted
id: event_count
correlation: {type: event_count, rules: [base], group-by: [user], timespan: 20m, condition: {gte: 3}}
---
title: Distinct
id: value_count
correlation: {type: value_count, rules: [base], group-by: [user], timespan: 20m, condition: {field: value, gte: 3}}
---
title: Sum
id: value_sum
correlation: {type: value_sum, rules: [base], group-by: [user], timespan: 20m, condition: {field: value, gt: 9, lt: 30}}
---
title: Average
id: value_avg
correlation: {type: value_avg, rules: [base], group-by: [user], timespan: 20m, condition: {field: value, gte: 4}}
---
title: Percentile
id: value_percentile
correlation: {type: value_percentile, rules: [base], group-by: [user], timespan: 20m, condition: {field: value, percentile: 90, gte: 6}}
---
title: Both
id: temporal
correlation: {type: temporal, rules: [base, other], group-by: [user], timespan: 10m}
---
title: In order
id: temporal_ordered
correlation: {type: temporal_ordered, rules: [base, other], group-by: [user], timespan: 10m}
---
title: Chained
id: chained
correlation: {type: temporal_ordered, rules: [event_count, other], group-by: [user], timespan: 30m}
---
title: First seen
id: new_terms
logsource: {product: linux, service: auditd}
detection: {s: {kind: [base, other]}, condition: s}
new_terms: {fields: [user, value], history: 1h, learning: 10m}
---
title: More than usual
id: rate
logsource: {product: linux, service: auditd}
detection: {s: {kind: base}, condition: s}
rate: {group-by: [user], bucket: 5m, history: 1h, learning: 15m, factor: 1.5, min: 2}
---
title: Burst
id: burst
logsource: {product: linux, service: auditd}
detection: {s: {kind: base}, condition: s}
burst: {group-by: [user], timespan: 15m, distinct: value, thresholds: [{count: 3}, {distinct: 3, level: high}]}
";

/// Times that wander, come late and come twice; three users, two kinds, eight values. Numbers without a generator of
/// random ones: each is made from the one before.
fn stream() -> Vec<String> {
    let mut state = 12_345_u64;
    let mut next = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut minute = 30;
    let mut events: Vec<String> = Vec::new();
    for id in 0..400 {
        minute += next(3);
        let late = if next(10) == 0 { next(30) } else { 0 };
        let (kind, user, value) = (["base", "base", "other"], ["a", "b", "c"], next(8));
        let kind = kind.get(usize::try_from(next(3)).unwrap()).unwrap();
        let user = user.get(usize::try_from(next(3)).unwrap()).unwrap();
        let at = minute - late;
        let time = format!("2026-05-04T{:02}:{:02}:00Z", 10 + at / 60, at % 60);
        events.push(format!(r#"{{"time":"{time}","id":"{id}","kind":"{kind}","user":"{user}","value":{value}}}"#));
        if next(15) == 0 {
            events.push(events.last().cloned().unwrap_or_default());
        }
    }
    events
}

fn feed(engine: &mut Engine, event: &str) -> Vec<Finding> {
    engine.feed("p", event.as_bytes(), "2026-06-01T00:00:00Z".parse().unwrap()).unwrap()
}

#[test]
fn every_kind_of_memory_is_the_same_after_rewinding() {
    let loaded = RuleSet::load([Source { name: "r.yml".into(), text: RULES.into() }], &LoadOptions::default());
    assert_eq!(loaded.refused, []);
    let events = stream();
    let mut whole = Engine::new(Arc::clone(&loaded.set), EngineOptions::default());
    let expected: Vec<Vec<Finding>> = events.iter().map(|event| feed(&mut whole, event)).collect();
    let fired: BTreeSet<&str> = expected.iter().flatten().map(|finding| finding.rule.id.as_str()).collect();
    let wanted = [
        "burst",
        "chained",
        "new_terms",
        "rate",
        "temporal",
        "temporal_ordered",
        "value_avg",
        "value_count",
        "value_percentile",
        "value_sum",
    ];
    assert_eq!(fired.into_iter().collect::<Vec<_>>(), wanted, "the stream has to fire all of them");
    for cut in [0, 1, 50, 199, 300, events.len()] {
        let mut first = Engine::new(Arc::clone(&loaded.set), EngineOptions::default());
        let (before, after) = events.split_at(cut);
        for event in before {
            feed(&mut first, event);
        }
        let bytes = first.checkpoint();
        // What the first engine goes on to see is forgotten with it.
        for event in after.iter().take(40) {
            feed(&mut first, event);
        }
        let mut second = Engine::restore(&bytes, Arc::clone(&loaded.set), EngineOptions::default()).unwrap();
        assert_eq!(second.checkpoint(), bytes);
        for (event, findings) in after.iter().zip(expected.iter().skip(cut)) {
            assert_eq!(&feed(&mut second, event), findings, "after {cut} events: {event}");
        }
        assert_eq!(second.checkpoint(), whole.checkpoint(), "after {cut} events");
    }
}

#[test]
fn a_correlation_that_is_only_counted_for_another_one_reports_through_it() {
    let text = RULES.replace("rules: [event_count, other]", "rules: [event_count, other], generate: true");
    let loaded = RuleSet::load([Source { name: "r.yml".into(), text }], &LoadOptions::default());
    let mut engine = Engine::new(loaded.set, EngineOptions::default());
    let found: Vec<Finding> = stream().iter().flat_map(|event| feed(&mut engine, event)).collect();
    let counted = found.iter().find(|finding| finding.rule.id == "event_count").unwrap();
    assert!(matches!(&counted.kind, FindingKind::Correlation { count: 3, .. }), "{:?}", counted.kind);
}
