//! Every case of the shared conformance set has a stated answer, and CONFORMANCE.md says it.
//! The unanimous cases must agree; for the others the table here is the decision.
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test may stop at the first surprise and say why it was skipped"
)]

use std::fmt::Write as _;
use std::path::PathBuf;

use sigma::{Engine, EngineOptions, LoadOptions, RuleSet, Source};

/// Our answer to each case on which engines differ, and why.
const DECISIONS: &[(&str, &str, &str)] = &[
    ("field NAME case differs", "match", "an exact name wins; without one, letter case of names does not matter"),
    ("int rule vs float event 5.0", "match", "numbers compare by value"),
    ("int rule vs string event", "match", "a number equals a text that writes this number"),
    ("string rule vs int event", "match", "a text that writes a number equals this number"),
    ("bool rule true vs string \"True\"", "match", "true and false equal their words, in any letter case"),
    ("null vs missing field", "match", "null means null or missing"),
    ("empty string vs empty string", "match", "'' is the empty text"),
    ("empty string vs JSON null", "no match", "'' is only the empty text"),
    ("empty list of values", "no match", "no alternative can match; a warning says so"),
    ("null inside list", "match", "one more alternative; outside the specification, so a warning says so"),
    ("exists true, present null", "match", "exists asks for presence, whatever the value"),
    ("exists false, present null", "no match", "exists asks for presence, whatever the value"),
    ("wildcard spans newline", "match", "* is any run of characters"),
    ("triple backslash star = literal \\*", "match", "escapes as the specification says"),
    ("single backslash plain", "match", "escapes as the specification says"),
    ("double backslash = one backslash", "match", "escapes as the specification says"),
    ("four backslashes = two", "match", "escapes as the specification says"),
    ("contains on array of strings", "match", "any element"),
    ("equality on array of strings", "match", "any element"),
    ("equality on array of ints", "match", "any element"),
    ("contains|all across array elements", "match", "each value may be met by another element"),
    ("contains on array of objects (UAL Parameters)", "match", "an object is seen as its compact JSON text"),
    ("contains on nested object", "match", "an object is seen as its compact JSON text"),
    ("dotted path into nested object", "match", "dots lead into objects"),
    ("path through array of objects", "match", "a path goes through every element"),
    ("re plain unanchored", "match", "a regular expression matches anywhere"),
    ("re|i", "match", "part of the specification"),
    ("re|s dot matches newline", "match", "part of the specification"),
    ("re|m anchors", "match", "part of the specification"),
    ("re list OR", "match", "a list is OR"),
    ("re lookahead (unsupported metachar)", "refused", "look-around is outside the specification"),
    ("re backreference", "refused", "backreferences are outside the specification"),
    ("cidr host bits set", "match", "the network of the address is meant"),
    ("cidr value with port", "match", "Microsoft's logs write addresses with ports"),
    ("utf16le base64offset", "match", "part of the specification"),
    ("base64 is case-sensitive?", "no match", "another letter case is another encoded text"),
    ("windash from slash to dash", "match", "all permutations of the dashes and the slash"),
    ("windash all dashes mixed", "match", "all permutations of the dashes and the slash"),
    ("gt string number event", "match", "a text that writes a number is this number"),
    ("gt float", "match", "numbers compare by value"),
    ("neq value differs", "match", "part of the specification"),
    ("neq equal", "no match", "part of the specification"),
    ("neq missing field", "no match", "a comparison needs a value; absence is written as a negated selection"),
    ("neq list", "match", "differs from every value of the list"),
    ("neq list one equal", "no match", "differs from every value of the list"),
    ("neq with contains", "match", "contains none of the values"),
    ("fieldref equal", "match", "part of the specification"),
    ("fieldref case", "match", "letter case matters only with cased"),
    ("fieldref missing both", "no match", "a comparison needs two values"),
    ("fieldref neq", "match", "part of the specification"),
    ("fieldref startswith", "match", "combines like contains and endswith"),
    ("expand unresolved placeholder", "refused", "the specification demands it"),
    ("hour", "match", "part of the specification"),
    ("minute gte", "match", "a part of a date is a number and compares like one"),
    ("day", "match", "part of the specification"),
    ("week", "match", "ISO 8601 week"),
    ("month", "match", "part of the specification"),
    ("year", "match", "part of the specification"),
    ("hour with +02:00 offset", "no match", "times are compared in UTC"),
    ("keyword list top value", "match", "a keyword is part of any value"),
    ("keyword nested", "match", "a keyword is part of any value"),
    ("keyword int value", "match", "numbers are values too"),
    ("keyword with wildcard", "match", "a keyword is part of any value"),
    ("keyword '|all' AND", "match", "each keyword may be in another value"),
    ("keyword '|re'", "match", "a regular expression over any value"),
    ("keyword single string selection", "match", "a list of one"),
    ("list mixed map and keyword", "match", "a list is OR of its parts"),
    ("1 of them ignores _hidden", "no match", "names with an underscore are not part of them"),
    ("all of them ignores _hidden", "match", "names with an underscore are not part of them"),
    ("any of selection_*", "match", "read as 1 of; outside the specification, so a warning says so"),
    ("2 of selection_*", "match", "read as at least 2; outside the specification, so a warning says so"),
    ("1 of pattern with no match", "no match", "never true; a warning says so"),
    ("all of pattern with no match", "refused", "it would be true of every event"),
    ("uppercase AND/OR/NOT", "refused", "operators are lower case; the hint says so"),
    ("unknown identifier", "refused", "nothing could be evaluated"),
    ("condition list is OR", "match", "a list is OR"),
    ("pipe aggregation (old)", "refused", "replaced by correlations"),
    ("unicode case fold (Swedish)", "match", "letters fold in every script"),
    ("unicode contains fold", "match", "letters fold in every script"),
    ("Turkish dotted I", "no match", "simple folding: one character stays one character"),
    ("German sharp s vs SS", "no match", "simple folding: one character stays one character"),
    ("very large int", "match", "numbers compare exactly"),
    ("number > 2^53 vs neighbour", "no match", "numbers compare exactly"),
    ("unknown modifier", "refused", "nothing could be evaluated"),
    ("single value with all", "refused", "the specification forbids it"),
    ("map empty selection", "refused", "it would be true of every event"),
];

/// Cases of our own for decisions that the shared set does not hold: name, detection, event.
const OWN: &[(&str, &str, &str)] = &[
    ("int rule vs string event", "s: {f: 5}", r#"{"f":"5"}"#),
    ("string rule vs int event", "s: {f: '5'}", r#"{"f":5}"#),
    ("bool rule true vs string \"True\"", "s: {f: true}", r#"{"f":"True"}"#),
    ("null vs missing field", "s: {f: null}", r#"{"g":1}"#),
    ("empty string vs JSON null", "s: {f: ''}", r#"{"f":null}"#),
    ("empty list of values", "s: {f: []}", r#"{"f":"x"}"#),
    ("exists true, present null", "s: {f|exists: true}", r#"{"f":null}"#),
    ("wildcard spans newline", "s: {f: 'a*c'}", r#"{"f":"a\nb\nc"}"#),
    ("single backslash plain", r"s: {f: 'a\b'}", r#"{"f":"a\\b"}"#),
    ("equality on array of ints", "s: {f: 7}", r#"{"f":[5,7]}"#),
    (
        "contains on array of objects (UAL Parameters)",
        "s: {f|contains: ForwardTo}",
        r#"{"f":[{"Name":"ForwardTo","Value":"x"}]}"#,
    ),
    ("re|m anchors", "s: {f|re|m: '^b$'}", r#"{"f":"a\nb\nc"}"#),
    ("utf16le base64offset", "s: {f|utf16le|base64offset|contains: foo}", r#"{"f":"xxZgBvAG8A"}"#),
    ("windash from slash to dash", "s: {f|windash|contains: ' /foo'}", r#"{"f":"cmd -foo"}"#),
    ("gt float", "s: {f|gt: 5}", r#"{"f":5.5}"#),
    ("neq with contains", "s: {f|neq|contains: zz}", r#"{"f":"abc"}"#),
    ("fieldref missing both", "s: {f|fieldref: g}", r#"{"h":1}"#),
    ("keyword int value", "s: ['500']", r#"{"f":15003}"#),
    ("keyword single string selection", "s: foo", r#"{"a":"xfoox"}"#),
    ("1 of them ignores _hidden", "s: {f: x}\n  _h: {g: y}", r#"{"g":"y"}"#),
    ("1 of pattern with no match", "s: {f: x}", r#"{"f":"x"}"#),
    ("German sharp s vs SS", "s: {f: straße}", r#"{"f":"STRASSE"}"#),
    ("unknown modifier", "s: {f|nearly: x}", r#"{"f":"x"}"#),
];

#[derive(serde::Deserialize)]
struct Case {
    name: String,
    rule: String,
    event: serde_json::Value,
    #[serde(default)]
    expected: Option<bool>,
}

fn answer(rule: &str, event: &serde_json::Value) -> &'static str {
    let loaded = RuleSet::load([Source { name: "case.yml".into(), text: rule.into() }], &LoadOptions::default());
    if !loaded.refused.is_empty() {
        return "refused";
    }
    let mut engine = Engine::new(loaded.set, EngineOptions::default());
    let findings = engine.feed("p", event.to_string().as_bytes(), jiff::Timestamp::UNIX_EPOCH).unwrap();
    if findings.is_empty() { "no match" } else { "match" }
}

fn shared_cases() -> Option<Vec<Case>> {
    let root = std::env::var("BORGEN_SHARED")
        .map_or_else(|_| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
    let text = std::fs::read_to_string(root.join("data/sigma-conformance/cases.json"));
    let Ok(text) = text else {
        eprintln!("skipped: BORGEN_SHARED holds no conformance cases");
        return None;
    };
    Some(serde_json::from_str(&text).unwrap())
}

#[test]
fn every_shared_case_has_its_stated_answer() {
    let Some(cases) = shared_cases() else { return };
    let mut wrong = Vec::new();
    for case in cases {
        let got = answer(&case.rule, &case.event);
        let wanted = match case.expected {
            Some(true) => "match",
            Some(false) => "no match",
            None => DECISIONS
                .iter()
                .find(|(name, _, _)| *name == case.name)
                .map_or("a stated answer", |(_, answer, _)| *answer),
        };
        if got != wanted {
            wrong.push(format!("{}: wanted {wanted}, got {got}", case.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn decision(name: &str) -> Option<&'static str> {
    DECISIONS.iter().find(|(known, _, _)| *known == name).map(|(_, answer, _)| *answer)
}

#[test]
fn every_case_of_our_own_has_its_stated_answer() {
    for (name, detection, event) in OWN {
        let condition = match *name {
            "1 of them ignores _hidden" => "1 of them",
            "1 of pattern with no match" => "1 of nothing_*",
            _ => "s",
        };
        let rule = format!(
            "title: T\nlogsource: {{product: azure, service: activitylogs}}\ndetection:\n  {detection}\n  condition: {condition}\n"
        );
        let event: serde_json::Value = serde_json::from_str(event).unwrap();
        assert_eq!(Some(answer(&rule, &event)), decision(name), "{name}");
    }
}

#[test]
fn no_decision_stands_in_the_table_without_a_case() {
    let Some(cases) = shared_cases() else { return };
    let without = DECISIONS.iter().map(|(name, _, _)| *name);
    let without: Vec<&str> =
        without.filter(|n| !cases.iter().any(|c| c.name == **n) && !OWN.iter().any(|(own, _, _)| own == n)).collect();
    assert_eq!(without, Vec::<&str>::new());
}

#[test]
fn the_table_of_decisions_is_up_to_date() {
    let mut text = String::from(
        "# Conformance\n\nWhere engines differ, this engine answers as follows. The table is written by `tests/conformance.rs`\n(`UPDATE_CONFORMANCE=1 cargo nextest run -p sigma the_table_of_decisions` writes it anew); cases on\nwhich all engines agree are run there too and are not listed.\n\n| case | answer | why |\n|---|---|---|\n",
    );
    for (name, answer, why) in DECISIONS {
        writeln!(text, "| {} | {answer} | {why} |", name.replace('|', "\\|")).unwrap();
    }
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("CONFORMANCE.md");
    if std::env::var("UPDATE_CONFORMANCE").is_ok() {
        std::fs::write(&path, &text).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
}
