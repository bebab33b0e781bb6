//! Every type of correlation of the specification, with chains, aliases and ranges, event by event.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use sigma::{Engine, EngineOptions, FindingKind, LoadOptions, RuleSet, Source};

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
title: Correlated
id: correlated
correlation:
";

/// Feeds events as (minute, kind, who, value); returns the positions, from 0, at which `correlated` reports.
fn reported(correlation: &str, events: &[(u32, &str, &str, &str)]) -> Vec<usize> {
    let text = format!("{RULES}{correlation}");
    let loaded = RuleSet::load([Source { name: "c.yml".into(), text }], &LoadOptions::default());
    assert_eq!(loaded.refused, [], "{correlation}");
    let mut engine = Engine::new(loaded.set, EngineOptions::default());
    let received = "2026-06-01T00:00:00Z".parse().unwrap();
    let mut out = Vec::new();
    for (at, (minute, kind, who, value)) in events.iter().enumerate() {
        let event = format!(
            r#"{{"time":"2026-05-04T10:{minute:02}:00Z","id":"{at}","kind":"{kind}","user":"{who}","account":"{who}","value":{value}}}"#
        );
        let found = engine.feed("p", event.as_bytes(), received).unwrap();
        let own = found.iter().filter(|f| f.rule.id == "correlated");
        out.extend(own.filter(|f| matches!(f.kind, FindingKind::Correlation { .. })).map(|_| at));
    }
    out
}

#[test]
fn each_type_counts_what_the_specification_says() {
    let steady = [(0, "base", "a", "1"), (1, "base", "a", "2"), (2, "base", "a", "2"), (3, "base", "a", "10")];
    let of = |kind: &str, condition: &str| {
        format!("  type: {kind}\n  rules: [base]\n  group-by: [user]\n  timespan: 10m\n  condition: {condition}\n")
    };
    for (kind, condition, expected) in [
        ("event_count", "{gte: 3}", 2),
        ("event_count", "{gt: 3}", 3),
        ("event_count", "{eq: 2}", 1),
        ("value_count", "{field: value, gte: 2}", 1),
        ("value_count", "{field: value, gte: 3}", 3),
        ("value_sum", "{field: value, gte: 5}", 2),
        ("value_sum", "{field: value, gt: 5, lte: 20}", 3),
        ("value_avg", "{field: value, gt: 3}", 3),
        ("value_percentile", "{field: value, gte: 10, percentile: 100}", 3),
        ("value_percentile", "{field: value, gte: 2, percentile: 50}", 2),
    ] {
        assert_eq!(reported(&of(kind, condition), &steady), [expected], "{kind} {condition}");
    }
    assert_eq!(reported(&of("event_count", "{gte: 5}"), &steady), Vec::<usize>::new());
}

#[test]
fn temporal_takes_any_order_and_temporal_ordered_only_the_listed_one() {
    let of = |kind: &str| format!("  type: {kind}\n  rules: [base, other]\n  group-by: [user]\n  timespan: 10m\n");
    let forth = [(0, "base", "a", "1"), (1, "other", "b", "1"), (2, "other", "a", "1")];
    let back = [(0, "other", "a", "1"), (1, "base", "a", "1")];
    let far = [(0, "base", "a", "1"), (30, "other", "a", "1")];
    assert_eq!(reported(&of("temporal"), &forth), [2]);
    assert_eq!(reported(&of("temporal"), &back), [1]);
    assert_eq!(reported(&of("temporal_ordered"), &forth), [2]);
    assert_eq!(reported(&of("temporal_ordered"), &back), Vec::<usize>::new());
    assert_eq!(reported(&of("temporal"), &far), Vec::<usize>::new());
}

#[test]
fn aliases_join_rules_whose_fields_have_other_names() {
    let correlation = "  type: temporal\n  rules: [base, other]\n  group-by: [who]\n  timespan: 10m\n  aliases:\n    who: {base: user, other: account}\n";
    assert_eq!(reported(correlation, &[(0, "base", "a", "1"), (1, "other", "b", "1"), (2, "other", "A", "1")]), [2]);
}

#[test]
fn a_correlation_may_follow_another_one() {
    let chain = "  type: temporal_ordered\n  rules: [many, other]\n  group-by: [user]\n  timespan: 10m\n---\ntitle: Many\nname: many\ncorrelation: {type: event_count, rules: [base], group-by: [user], timespan: 10m, condition: {gte: 2}}\n";
    let events = [(0, "base", "a", "1"), (1, "other", "a", "1"), (2, "base", "a", "1"), (3, "other", "a", "1")];
    assert_eq!(reported(chain, &events), [3]);
}
