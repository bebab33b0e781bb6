//! What cannot be evaluated faithfully is refused, with the place and a hint.

use sigma::{LoadOptions, Loaded, RuleSet, Source};

const HEAD: &str = "title: T\nlogsource: {product: azure, service: activitylogs}\ndetection:\n";

fn load(text: &str) -> Loaded {
    RuleSet::load([Source { name: "rules/a.yml".into(), text: text.into() }], &LoadOptions::default())
}

/// Loads a rule with this detection and returns (line, column, message, hint) of its refusal.
fn refused(detection: &str) -> (usize, usize, String, String) {
    let loaded = load(&format!("{HEAD}{detection}"));
    assert_eq!(loaded.refused.len(), 1, "{detection}\n{:?}", loaded.refused);
    assert!(loaded.set.is_empty());
    loaded
        .refused
        .into_iter()
        .next()
        .map(|r| (r.line, r.column, r.message, r.hint.unwrap_or_default()))
        .unwrap_or_default()
}

#[test]
fn every_refusal_names_its_place_and_what_to_write() {
    let cases = [
        ("  s: {f|contians: x}\n  condition: s\n", 4, 7, "`contians` is not a modifier", "contains"),
        ("  s: {f: x}\n  condition: s and t\n", 5, 20, "`t`, which is not a selection", "selections here: s"),
        ("  s: {f: x}\n  condition: s | count() > 5\n", 5, 16, "aggregation", "correlation"),
        ("  s: {f: x}\n  condition: all of t*\n", 5, 21, "no selection matches", "selections here"),
        ("  s: {f: x}\n  condition: s AND s\n", 5, 16, "`AND` is not an operator", "`and`"),
        ("  s: {f: x}\n  condition: (s\n", 5, 14, "never closed", ""),
        ("  s: {f: x}\n  condition: s)\n", 5, 15, "without an opening", ""),
        ("  s: {f: x}\n  condition: 3 of s\n", 5, 14, "can never hold", ""),
        ("  s: {f: x}\n  condition: not\n", 5, 17, "ends where a selection", ""),
        ("  s: {}\n  condition: s\n", 4, 6, "asks nothing", ""),
        ("  s: {f|all: x}\n  condition: s\n", 4, 7, "at least two", "leave"),
        ("  s:\n    f|re: a(?=b)\n  condition: s\n", 5, 11, "look-around", "look-around"),
        ("  s:\n    f|re: (a{900}){900}\n  condition: s\n", 5, 11, "too large", "smaller"),
        ("  s: {f|cidr: 10.0.0.0/33}\n  condition: s\n", 4, 15, "not a network", "10.0.0.0/8"),
        ("  s: {f|lt: many}\n  condition: s\n", 4, 13, "not a number", ""),
        ("  s: {f|expand: '%admins%'}\n  condition: s\n", 4, 17, "no list is given", "list"),
        ("  s: {f|exists: maybe}\n  condition: s\n", 4, 17, "true or false", ""),
        ("  s: {f|base64: 'a*'}\n  condition: s\n", 4, 17, "cannot be encoded", "escape"),
        ("  s: {f|re|contains: a}\n  condition: s\n", 4, 7, "cannot be used together", ""),
        ("  s: {f: {g: x}}\n  condition: s\n", 4, 10, "must have a value", "dots"),
        ("  s: {f: x}\n", 4, 3, "`condition` is missing", "condition"),
        ("  s: {f: x}\n  timeframe: 5m\n  condition: s\n", 5, 3, "old aggregation", "correlation"),
    ];
    for (detection, line, column, message, hint) in cases {
        let got = refused(detection);
        assert_eq!((got.0, got.1), (line, column), "{detection} {got:?}");
        assert!(got.2.contains(message) && got.3.contains(hint), "{detection} {got:?}");
    }
}

#[test]
fn correlations_are_refused_for_what_they_refer_to() {
    let rule = format!("{HEAD}  s: {{f: x}}\n  condition: s\nname: base\n");
    let correlation = |name: &str, body: &str| format!("{rule}---\ntitle: C\nname: {name}\ncorrelation:\n{body}");
    let message = |text: String| load(&text).refused.iter().map(|r| r.message.clone()).collect::<Vec<_>>().join("; ");
    assert!(
        message(correlation("c", "  type: event_count\n  rules: [nobody]\n  timespan: 1h\n  condition: {gte: 2}\n"))
            .contains("`nobody`")
    );
    assert!(message(correlation("c", "  type: temporal\n  rules: [base, c]\n  timespan: 1h\n")).contains("circle"));
    assert!(
        message(correlation("c", "  type: event_count\n  rules: [base]\n  condition: {gte: 2}\n"))
            .contains("`timespan` is missing")
    );
    assert!(
        message(correlation("c", "  type: event_count\n  rules: [base]\n  timespan: 1w\n  condition: {gte: 2}\n"))
            .contains("not a span of time")
    );
    assert!(
        message(correlation("c", "  type: value_count\n  rules: [base]\n  timespan: 1h\n  condition: {gte: 2}\n"))
            .contains("needs `field`")
    );
    assert!(
        message(correlation("c", "  type: event_sum\n  rules: [base]\n  timespan: 1h\n  condition: {gte: 2}\n"))
            .contains("not a type")
    );
    assert_eq!(
        message(correlation(
            "c",
            "  type: event_count\n  rules: [base]\n  timespan: 1h\n  condition: {gte: 2, lte: 5}\n"
        )),
        ""
    );
}

#[test]
fn one_bad_document_does_not_take_the_others_with_it() {
    let loaded = load(&format!(
        "{HEAD}  s: {{f: x}}\n  condition: s\n---\ntitle: bad\n---\n{HEAD}  s: {{f: y}}\n  condition: s\nid: other\n"
    ));
    assert_eq!(loaded.set.len(), 2);
    assert_eq!(loaded.refused.len(), 1);
    assert_eq!(loaded.refused.first().map(|r| (r.file.as_str(), r.line)), Some(("rules/a.yml", 7)));
}

#[test]
fn the_same_id_twice_is_refused_and_the_same_question_twice_is_remarked() {
    let text = format!("{HEAD}  s: {{f: x}}\n  condition: s\nid: one\n");
    let twice = load(&format!("{text}---\n{text}"));
    assert!(twice.refused.iter().any(|r| r.message.contains("taken by")));
    let other = load(&format!("{text}---\n{}", text.replace("id: one", "id: two")));
    assert!(other.warnings.iter().any(|w| w.rule == "two" && w.message.contains("`one`")));
}

#[test]
fn filters_take_matches_out_and_must_fit_their_rules() {
    let rule = format!("{HEAD}  s: {{f: x}}\n  condition: s\nid: one\n");
    let filter = |source: &str, rules: &str| {
        format!(
            "{rule}---\ntitle: F\nlogsource: {{product: azure, service: {source}}}\nfilter:\n  rules: {rules}\n  expected: {{g: y}}\n  condition: expected\n"
        )
    };
    let found = |text: String, event: &str| {
        let loaded = load(&text);
        let mut engine = sigma::Engine::new(loaded.set, sigma::EngineOptions::default());
        (loaded.refused.len(), engine.feed("p", event.as_bytes(), jiff::Timestamp::UNIX_EPOCH).map_or(0, |f| f.len()))
    };
    for rules in ["[one]", "any"] {
        assert_eq!(found(filter("activitylogs", rules), r#"{"f":"x","g":"z"}"#), (0, 1));
        assert_eq!(found(filter("activitylogs", rules), r#"{"f":"x","g":"y"}"#), (0, 0));
    }
    assert_eq!(found(filter("activitylogs", "[two]"), r#"{"f":"x","g":"y"}"#), (1, 1));
    assert_eq!(found(filter("signinlogs", "[one]"), r#"{"f":"x","g":"y"}"#), (1, 1));
}

#[test]
fn the_hash_depends_on_names_and_texts_and_not_on_the_order_given() {
    let source = |name: &str, text: &str| Source { name: name.into(), text: text.into() };
    let hash = |sources: Vec<Source>| RuleSet::load(sources, &LoadOptions::default()).set.hash();
    assert_eq!(hash(vec![source("a", "x"), source("b", "y")]), hash(vec![source("b", "y"), source("a", "x")]));
    assert_ne!(hash(vec![source("a", "xb"), source("b", "y")]), hash(vec![source("a", "x"), source("b", "by")]));
}
