//! What cannot be evaluated faithfully is refused, with the place and a hint.

use sigma::{Code, LoadOptions, Loaded, RuleSet, Source};

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

/// A rule whose detection is this.
fn with(detection: &str) -> String {
    format!("{HEAD}{detection}")
}

/// A rule with an addition beside its detection.
fn added(addition: &str) -> String {
    with(&format!("  s: {{f: x}}\n  condition: s\n{addition}"))
}

/// A correlation over a rule called `base`.
fn correlated(body: &str) -> String {
    format!("{HEAD}  s: {{f: x}}\n  condition: s\nname: base\n---\ntitle: C\ncorrelation:\n{body}")
}

/// A filter beside a rule called `base`.
fn filtered(body: &str) -> String {
    format!("{HEAD}  s: {{f: x}}\n  condition: s\nname: base\n---\ntitle: F\n{body}")
}

/// For each code, a file about which it is said.
#[expect(clippy::too_many_lines, reason = "a table: a line for each code")]
fn said_about() -> Vec<(Code, String)> {
    use Code as C;
    let line = |line: &str| with(&format!("  s: {{{line}}}\n  condition: s\n"));
    let condition = |condition: &str| with(&format!("  s: {{f: x}}\n  condition: {condition}\n"));
    let count = |more: &str| correlated(&format!("  type: event_count\n  rules: [base]\n  timespan: 1h\n{more}"));
    let many = |values: usize| (0..values).map(|n| format!("v{n}")).collect::<Vec<_>>().join(", ");
    vec![
        (C::FileTooLarge, "# ".repeat(600_000)),
        (C::NotYaml, "title: [".into()),
        (C::NestedTooDeep, "- ".repeat(300) + "x"),
        (C::TooManyNodes, format!("a: [{}]", many(100_001))),
        (C::KeyNoWord, "? [a]\n: b\n".into()),
        (C::KeyTwice, "a: 1\na: 2\n".into()),
        (C::NoRule, "# nothing\n".into()),
        (C::RuleNoMapping, "- a\n".into()),
        (C::OldCollection, "action: global\n".into()),
        (C::IdTaken, format!("{0}---\n{0}", line("f: x"))),
        (
            C::MemberUnknown,
            correlated("  type: event_count\n  rules: [nobody]\n  timespan: 1h\n  condition: {gte: 2}\n"),
        ),
        (C::Circle, correlated("  type: temporal\n  rules: [base, C]\n  timespan: 1h\n")),
        (
            C::FilterOtherSource,
            filtered("logsource: {product: aws}\nfilter: {rules: [base], s: {f: x}, condition: s}\n"),
        ),
        (C::FilterWithoutRule, filtered("logsource: {product: aws}\nfilter: {s: {f: x}, condition: s}\n")),
        (C::NoTitle, "id: x\n".into()),
        (C::LevelUnknown, line("f: x") + "level: dreadful\n"),
        (C::NoLogSource, "title: T\ndetection: {s: {f: x}, condition: s}\n".into()),
        (C::NoDetection, "title: T\nlogsource: {product: azure}\n".into()),
        (C::DetectionNoMapping, "title: T\nlogsource: {product: azure}\ndetection: x\n".into()),
        (C::OldTimeframe, with("  s: {f: x}\n  timeframe: 5m\n  condition: s\n")),
        (C::SelectionCount, with("  condition: s\n")),
        (C::NoCondition, with("  s: {f: x}\n")),
        (C::ConditionNoText, condition("[[s]]")),
        (C::ConditionEmpty, condition("[]")),
        (C::SelectionEmpty, with("  s: {}\n  condition: s\n")),
        (C::ConditionTooLong, condition(&"s and ".repeat(4_000))),
        (C::ConditionTooDeep, condition(&"not ".repeat(100))),
        (C::CloseWithoutOpen, condition("s)")),
        (C::OpenWithoutClose, condition("(s")),
        (C::OperatorCase, condition("s AND s")),
        (C::WordMisplaced, condition("s s")),
        (C::OpenMisplaced, condition("s (s)")),
        (C::CloseMisplaced, condition("s and )")),
        (C::OldAggregation, condition("s | count() > 5")),
        (C::CharacterUnknown, condition("s + s")),
        (C::ConditionEnds, condition("not")),
        (C::PatternAlone, condition("s*")),
        (C::SelectionUnknown, condition("t")),
        (C::OfWhat, condition("1 of")),
        (C::QuantityUnknown, condition("some of s")),
        (C::PatternOfNothing, condition("all of t*")),
        (C::QuantityTooLarge, condition("3 of s")),
        (C::ModifierUnknown, line("f|contians: x")),
        (C::PlacesExclude, line("f|contains|endswith: x")),
        (C::OrdersExclude, line("f|lt|gt: 1")),
        (C::ModifiersExclude, line("f|re|contains: x")),
        (C::FieldrefAlone, line("f|fieldref|re: x")),
        (C::FlagsWithoutRe, line("f|i: x")),
        (C::ExistsAlone, line("f|exists|all: true")),
        (C::FieldNoValue, line("f: {g: x}")),
        (C::AllOfOne, line("f|all: x")),
        (C::ExistsNoBool, line("f|exists: maybe")),
        (C::TooManyValues, line(&format!("f: [{}]", many(50_001)))),
        (C::ExpandNoText, line("f|expand: 5")),
        (C::NullInText, line("f|contains: null")),
        (C::FieldrefNoName, line("f|fieldref: 5")),
        (C::TooManyWildcards, line(&format!("f: '{}'", "a*".repeat(5_000)))),
        (C::WildcardEncoded, line("f|base64: 'a*'")),
        (C::WideTwice, line("f|utf16be|wide: 'å'")),
        (C::WideAlone, line("f|wide: 'å'")),
        (C::RegexTooLarge, line("f|re: '(a{900}){900}'")),
        (C::RegexUnusable, line("f|re: 'a(?=b)'")),
        (C::NoNetwork, line("f|cidr: 10.0.0.0/33")),
        (C::NoNumber, line("f|lt: many")),
        (C::DatePartFraction, line("f|hour: 1.5")),
        (C::PlaceholderOpen, line("f|expand: '%a'")),
        (C::PlaceholderUnknown, line("f|expand: '%a%'")),
        (C::CorrelationNoMapping, "title: C\ncorrelation: x\n".into()),
        (C::CorrelationNoType, correlated("  rules: [base]\n")),
        (C::CorrelationNoRules, correlated("  type: temporal\n")),
        (C::MemberCount, correlated("  type: temporal\n  rules: []\n")),
        (C::CorrelationPartUnknown, count("  span: 1h\n")),
        (C::CorrelationTypeUnknown, correlated("  type: event_sum\n  rules: [base]\n")),
        (C::BoundsNoMapping, count("  condition: many\n")),
        (C::ComparisonUnknown, count("  condition: {above: 2}\n")),
        (C::BoundNoNumber, count("  condition: {gte: many}\n")),
        (
            C::PercentileRange,
            correlated(
                "  type: value_percentile\n  rules: [base]\n  timespan: 1h\n  condition: {gte: 2, field: f, percentile: 101}\n",
            ),
        ),
        (C::AliasesNoMapping, count("  condition: {gte: 2}\n  aliases: x\n")),
        (C::AliasNoMapping, count("  condition: {gte: 2}\n  aliases: {a: x}\n")),
        (C::GroupTooWide, count(&format!("  condition: {{gte: 2}}\n  group-by: [{}]\n", many(17)))),
        (C::CorrelationNoCondition, count("")),
        (
            C::CorrelationNoField,
            correlated("  type: value_count\n  rules: [base]\n  timespan: 1h\n  condition: {gte: 2}\n"),
        ),
        (
            C::FieldsCombined,
            correlated("  type: value_sum\n  rules: [base]\n  timespan: 1h\n  condition: {gte: 2, field: [a, b]}\n"),
        ),
        (C::BoundNeverReached, count("  condition: {gte: 99999999}\n")),
        (C::AdditionSecond, added("rate: {}\nburst: {}\n")),
        (C::NoMapping, added("rate: x\n")),
        (C::SettingUnknown, added("rate: {speed: 2}\n")),
        (C::TermsNoFields, added("new_terms: {history: 1d}\n")),
        (C::FactorTooSmall, added("rate: {factor: 1}\n")),
        (C::BurstNoThresholds, added("burst: {timespan: 1h}\n")),
        (C::ThresholdCount, added("burst: {timespan: 1h, thresholds: []}\n")),
        (C::DistinctOfNothing, added("burst: {timespan: 1h, thresholds: [{distinct: 2}]}\n")),
        (C::ThresholdBoth, added("burst: {timespan: 1h, thresholds: [{count: 2, distinct: 2}]}\n")),
        (C::ThresholdRange, added("burst: {timespan: 1h, thresholds: [{count: 0}]}\n")),
        (C::FieldsNoList, added(&format!("new_terms: {{history: 1d, fields: [{}]}}\n", many(17)))),
        (C::SettingMissing, added("new_terms: {fields: [f]}\n")),
        (C::NoSpan, added("new_terms: {fields: [f], history: long}\n")),
        (C::SettingNoNumber, added("rate: {factor: large}\n")),
        (C::SettingNoWhole, added("rate: {min: 1.5}\n")),
        (C::AnyOf, condition("any of s")),
        (C::CountOf, with("  s: {f: x}\n  t: {g: x}\n  condition: 2 of them\n")),
        (C::PatternNeverTrue, condition("s or 1 of t*")),
        (C::ListEmpty, line("f: []")),
        (C::NullInList, line("f: [a, null]")),
        (
            C::PercentileTaken,
            correlated("  type: value_percentile\n  rules: [base]\n  timespan: 1h\n  condition: {gte: 2, field: f}\n"),
        ),
        (C::NeverFires, condition("s and not s")),
        (
            C::LogUnknown,
            "title: T\nlogsource: {product: azure, service: nosuch}\ndetection: {s: {f: x}, condition: s}\n".into(),
        ),
        (C::AsksTheSame, format!("{0}id: a\n---\n{0}id: b\n", line("f: x"))),
        (C::Covered, format!("{}id: a\n---\n{}id: b\n", line("f: x"), line("f: x, g: y"))),
    ]
}

/// Codes that no file of reasonable size can bring about, or only options or a fault of the YAML reader.
const NOT_BROUGHT_ABOUT: [Code; 6] = [
    Code::AliasOfNothing,
    Code::EndWithoutBeginning,
    Code::TooManyRules,
    Code::NoForm,
    Code::PlaceholdersTooMany,
    Code::NoFilter,
];

#[test]
fn every_code_is_said_about_a_file_that_earns_it_with_all_its_values() {
    let mut seen: Vec<Code> = NOT_BROUGHT_ABOUT.to_vec();
    let mut wrong = Vec::new();
    for (code, text) in said_about() {
        let Loaded { refused, warnings, .. } = load(&text);
        let refusals = refused.iter().map(|r| (r.code, format!("{} {}", r.message, r.hint.as_deref().unwrap_or(""))));
        let remarks = warnings.iter().map(|w| (w.code, w.message.clone()));
        let all: Vec<_> = refusals.chain(remarks).collect();
        match all.iter().find(|(said, _)| *said == code) {
            Some((_, words)) if !words.contains('$') => seen.push(code),
            _ => wrong.push(format!("{code:?}: {all:?}")),
        }
    }
    assert!(wrong.is_empty(), "not said, or without a value:\n{}", wrong.join("\n"));
    let unseen: Vec<_> = Code::ALL.iter().filter(|code| !seen.contains(code)).collect();
    assert!(unseen.is_empty(), "no file brings about {unseen:?}");
}
