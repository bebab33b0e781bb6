//! What two bundles set otherwise, as people read it before they publish one.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use policy::{Bundle, Change};

fn bundle(file: &str, text: &str) -> Bundle {
    Bundle::of([(file.to_owned(), text.as_bytes().to_vec())]).unwrap()
}

/// The changes as `key: before -> after`.
fn told(before: &str, after: &str) -> Vec<String> {
    let word = |value: Option<String>| value.unwrap_or_else(|| "nothing".to_owned());
    let line = |change: Change| format!("{}: {} -> {}", change.key, word(change.before), word(change.after));
    bundle("cases.toml", before).diff(&bundle("cases.toml", after)).into_iter().map(line).collect()
}

#[test]
fn each_changed_value_is_told_with_its_place() {
    let cases: &[(&str, &str, &[&str])] = &[
        ("a = 1", "a = 1 # a comment", &[]),
        ("[x]\na = \"1 h\"", "[x]\na = \"2 h\"", &["x.a: 1 h -> 2 h"]),
        ("[x]\na = 1", "[x]\nb = true", &["x.a: 1 -> nothing", "x.b: nothing -> true"]),
        ("a = [\"p\", \"q\", \"s\"]", "a = [\"q\", \"r\", \"s\"]", &["a: p -> nothing", "a: nothing -> r"]),
        ("a = [\"p\", \"q\"]", "a = [\"q\", \"p\"]", &["a: p, q -> q, p"]),
        (
            "[[s]]\nname = \"m\"\nx = 1",
            "[[s]]\nname = \"n\"\nx = 1\n[[s]]\nname = \"m\"\nx = 2",
            &["s.m.x: 1 -> 2", "s.n.name: nothing -> n", "s.n.x: nothing -> 1"],
        ),
        ("[[b]]\nx = 1\n[[b]]\nx = 2", "[[b]]\nx = 1\n[[b]]\nx = 3", &["b.2.x: 2 -> 3"]),
        ("a = 1", "a = ", &[": nothing -> (not readable)", "a: 1 -> nothing"]),
    ];
    for (before, after, expected) in cases {
        assert_eq!(told(before, after), *expected, "{before:?} -> {after:?}");
    }
}

#[test]
fn a_file_that_came_or_went_tells_all_its_values() {
    let (full, empty) = (bundle("clocks.toml", "a = 1\nb = 2"), Bundle::of([]).unwrap());
    assert_eq!(empty.diff(&full).len(), 2);
    assert!(full.diff(&empty).iter().all(|change| change.after.is_none() && change.file == "clocks.toml"));
    assert!(full.diff(&full).is_empty());
}
