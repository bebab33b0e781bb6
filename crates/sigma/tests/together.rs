//! Rules checked as a set: what never fires, and what another rule says already.

use sigma::{LoadOptions, RuleSet, Source};

/// A rule for the activity log with this detection.
fn rule(id: &str, level: &str, detection: &str) -> Source {
    let text = format!(
        "title: {id}\nid: {id}\nlevel: {level}\nlogsource: {{product: azure, service: activitylogs}}\ndetection:\n{detection}\n"
    );
    Source { name: format!("{id}.yml"), text }
}

/// The remarks on these rules, as (rule, beginning of the remark).
fn remarks(sources: Vec<Source>) -> Vec<(String, String)> {
    let loaded = RuleSet::load(sources, &LoadOptions::default());
    assert_eq!(loaded.refused, []);
    let short = |message: &str| message.split(':').next().unwrap_or_default().to_owned();
    loaded.warnings.iter().map(|w| (w.rule.clone(), short(&w.message))).collect()
}

/// The remark on a rule beside a wider one.
fn beside(wide: &str, narrow: &str) -> Vec<(String, String)> {
    remarks(vec![rule("wide", "high", wide), rule("narrow", "high", narrow)])
}

fn covered() -> Vec<(String, String)> {
    vec![("narrow".to_owned(), "wherever it fires, the rule `wide` fires too".to_owned())]
}

#[test]
fn a_rule_that_fires_only_where_another_one_does_is_named() {
    for (wide, narrow) in [
        (
            "  s: {operationName: a/write}\n  condition: s",
            "  s: {operationName: a/write, caller: anna}\n  condition: s",
        ),
        ("  s: {operationName: [a/write, b/write]}\n  condition: s", "  s: {operationName: b/write}\n  condition: s"),
        ("  s: {operationName|endswith: /write}\n  condition: s", "  s: {operationName: A/Write}\n  condition: s"),
        (
            "  s: {operationName|contains: wri}\n  condition: s",
            "  s: {operationName: [a/write, b/writer]}\n  condition: s",
        ),
        (
            "  s: {operationName|contains|all: [a, b]}\n  condition: s",
            "  s: {operationName|contains|all: [a, b, c]}\n  condition: s",
        ),
        ("  s: {caller: anna}\n  t: {caller: bo}\n  condition: s or t", "  t: {caller: bo}\n  condition: t"),
        (
            "  s: {caller: anna}\n  f: {level: [a, b]}\n  condition: s and not f",
            "  s: {caller: anna}\n  f: {level: [a, b, c]}\n  condition: s and not f",
        ),
        ("  s: {caller: anna}\n  condition: s", "  s: {caller: anna}\n  f: {level: a}\n  condition: s and not f"),
        (
            "  s1: {caller: anna}\n  s2: {level: a}\n  condition: 1 of s*",
            "  s1: {caller: anna}\n  s2: {level: a}\n  condition: all of s*",
        ),
    ] {
        assert_eq!(beside(wide, narrow), covered(), "{wide} / {narrow}");
    }
}

#[test]
fn what_cannot_be_proven_is_not_said() {
    for (wide, narrow) in [
        (
            "  s: {operationName: a/write, caller: anna}\n  condition: s",
            "  s: {operationName: a/write}\n  condition: s",
        ),
        ("  s: {operationName|cased: A/Write}\n  condition: s", "  s: {operationName: a/write}\n  condition: s"),
        // A number written in another way equals the first text and does not end as the second asks.
        ("  s: {code|endswith: '5'}\n  condition: s", "  s: {code: '5'}\n  condition: s"),
        ("  s: {caller: '5'}\n  condition: s", "  s: {caller|cased: '5'}\n  condition: s"),
        (
            "  s: {caller: anna}\n  f: {level: [a, b, c]}\n  condition: s and not f",
            "  s: {caller: anna}\n  f: {level: [a, b]}\n  condition: s and not f",
        ),
        ("  s: {caller: anna}\n  condition: s", "  s: {level: anna}\n  condition: s"),
        ("  s: {caller|neq: anna}\n  condition: s", "  s: {caller|neq: [anna, bo]}\n  condition: s"),
    ] {
        // The other way round some of these hold.
        assert!(beside(wide, narrow).iter().all(|(rule, _)| rule == "wide"), "{wide} / {narrow}");
    }
}

#[test]
fn a_graver_rule_and_a_rule_of_another_log_stand_for_themselves() {
    let wide = "  s: {caller: anna}\n  condition: s";
    let narrow = "  s: {caller: anna, level: a}\n  condition: s";
    assert_eq!(remarks(vec![rule("wide", "low", wide), rule("narrow", "high", narrow)]), []);
    let mut other = rule("narrow", "high", narrow);
    other.text = other.text.replace("activitylogs", "auditlogs");
    assert_eq!(remarks(vec![rule("wide", "high", wide), other]), []);
}

#[test]
fn two_rules_that_ask_the_same_are_named_once() {
    let detection = "  s: {caller: anna}\n  condition: s";
    let found = remarks(vec![rule("first", "high", detection), rule("second", "high", detection)]);
    assert_eq!(found, [("second".to_owned(), "it asks exactly what the rule `first` asks".to_owned())]);
    let words = "  s: {caller: anna}\n  t: {caller: anna}\n  condition: s or t";
    assert_eq!(remarks(vec![rule("first", "high", detection), rule("second", "high", words)]).len(), 1);
}

#[test]
fn a_rule_that_excludes_what_it_asks_for_can_never_fire() {
    for detection in [
        "  s: {caller: anna}\n  condition: s and not s",
        "  s: {caller: anna}\n  f: {caller|contains: nn}\n  condition: s and not f",
        "  s: {caller: anna, level|exists: false}\n  t: {level: a}\n  condition: s and t",
        "  s: {caller: anna}\n  t: {level: a}\n  condition: (s and not s) or (t and not t)",
    ] {
        assert_eq!(
            remarks(vec![rule("r", "low", detection)]),
            [("r".to_owned(), "it can never fire".to_owned())],
            "{detection}"
        );
    }
    for detection in [
        "  s: {caller: anna}\n  f: {caller: bo}\n  condition: s and not f",
        // A list can hold both.
        "  s: {caller: anna}\n  t: {caller: bo}\n  condition: s and t",
        "  s: {caller: null, level: a}\n  t: {caller|exists: false}\n  condition: s and t",
    ] {
        assert_eq!(remarks(vec![rule("r", "low", detection)]), [], "{detection}");
    }
}

#[test]
fn a_rule_for_a_log_that_no_product_has_is_named() {
    let mut lost = rule("lost", "low", "  s: {caller: anna}\n  condition: s");
    lost.text = lost.text.replace("activitylogs", "activitylog");
    let found = remarks(vec![lost]);
    assert_eq!(found.len(), 1);
    assert!(found[0].1.starts_with("no log of `azure` is called `activitylog`"), "{found:?}");
}
