//! Rules and events that mean harm: bounded in time and memory, never a panic.

use std::time::Duration;

use proptest::prelude::*;
use sigma::{Engine, EngineOptions, LoadOptions, Loaded, RuleSet, Source, reader};

fn load(text: &str) -> Loaded {
    RuleSet::load([Source { name: "h.yml".into(), text: text.into() }], &LoadOptions::default())
}

fn rule(line: &str) -> String {
    format!(
        "title: H\nlogsource: {{product: azure, service: activitylogs}}\ndetection:\n  s:\n    {line}\n  condition: s\n"
    )
}

/// The time of the fastest of three runs, so that a busy machine does not fail the test.
#[expect(clippy::disallowed_methods, reason = "a test may measure time")]
fn fastest(mut run: impl FnMut()) -> Duration {
    let one = |run: &mut dyn FnMut()| {
        let start = std::time::Instant::now();
        run();
        start.elapsed()
    };
    (0..3).map(|_| one(&mut run)).min().unwrap_or_default()
}

#[test]
fn bombs_of_regular_expressions_are_refused_or_fast() {
    let bombs = [
        "(a+)+$",
        "(a|aa)+$",
        "(a*)*b",
        "(.*)*x",
        "^(([a-z])+.)+[A-Z]([a-z])+$",
        "(x+x+)+y",
        "a{1000}{1000}",
        "((a{100}){100}){100}",
        "(?:a?){200}a{200}",
        "[01]*1[01]{16}$",
        "(\\w+\\s?)+$",
        ".*.*.*.*=.*",
        "(a|a?)+$",
        "(([^a]*)*)*x",
        "^(a?){60}a{60}$",
        "(?i)(\\p{L}+)+\\d",
        "(\\d+|\\w+|\\s+)*!x",
        "a{1,500}b{1,500}c{1,500}",
        "((((a*)*)*)*)*b",
        "[a-z]*[a-z]*[a-z]*[a-z]*[0-9]",
        "(.{0,200}a){5}x",
        "\\pL{100}\\pN{100}$",
    ];
    let event = format!(r#"{{"f":"{}!"}}"#, "a".repeat(20_000));
    for bomb in bombs {
        let mut found = 0;
        let time = fastest(|| {
            let loaded = load(&rule(&format!("f|re: '{bomb}'")));
            let mut engine = Engine::new(loaded.set, EngineOptions::default());
            found += engine.feed("p", event.as_bytes(), jiff::Timestamp::UNIX_EPOCH).map_or(0, |f| f.len());
        });
        // Unoptimised code is some twenty times slower than what ships, which keeps below 50 ms.
        let limit = if cfg!(debug_assertions) { 1_000 } else { 50 };
        assert!(time < Duration::from_millis(limit), "{bomb}: {time:?} ({found})");
    }
}

#[test]
fn hostile_rules_are_refused_in_bounded_time() {
    let deep_condition = format!(
        "title: H\nlogsource: {{product: azure}}\ndetection:\n  s: {{f: x}}\n  condition: {}s{}\n",
        "(".repeat(5_000),
        ")".repeat(5_000)
    );
    let nots = format!(
        "title: H\nlogsource: {{product: azure}}\ndetection:\n  s: {{f: x}}\n  condition: {} s\n",
        "not ".repeat(3_000)
    );
    for text in [
        deep_condition,
        nots,
        rule(&format!("f: '{}'", "*?".repeat(500))),
        "[".repeat(100_000),
        "a: &a [*a]".into(),
        "%YAML 9\n---\n".repeat(500),
        "\u{0}\u{1}".into(),
        "!!binary x".into(),
    ] {
        let loaded = load(&text);
        assert!(loaded.set.is_empty() && !loaded.refused.is_empty(), "{}", text.chars().take(60).collect::<String>());
    }
}

#[test]
fn hostile_events_are_refused_or_read_in_bounded_time() {
    let loaded = load(&rule("properties.a.b.c|contains: x"));
    let mut engine = Engine::new(loaded.set, EngineOptions::default());
    let nested = |depth: usize| format!("{}1{}", r#"{"properties":"#.repeat(depth), "}".repeat(depth));
    let json_in_json = (0..12)
        .fold(String::from("{}"), |inner, _| format!(r#"{{"properties":{}}}"#, serde_json::Value::String(inner)));
    for event in [
        nested(100_000),
        nested(500),
        json_in_json,
        format!(r#"{{"a":{}}}"#, "9".repeat(100_000)),
        "x".repeat(5 << 20),
        String::from("{\"a\":\"\\ud800\"}"),
    ] {
        let time = fastest(|| {
            let _ = engine.feed("p", event.as_bytes(), jiff::Timestamp::UNIX_EPOCH);
        });
        assert!(time < Duration::from_secs(5), "{time:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_bytes_make_the_engine_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let mut engine = Engine::new(load(&rule("a.b|contains|all: [x, y]")).set, EngineOptions::default());
        let _ = engine.feed("p", &bytes, jiff::Timestamp::UNIX_EPOCH);
    }

    #[test]
    fn no_text_makes_loading_panic(text in "[a-z:|'\\[\\]{}\\- \n*&%]{0,200}") {
        let _ = load(&text);
        let _ = load(&rule(&text));
    }

    #[test]
    fn no_stream_makes_the_reader_panic_or_hang(text in "[{}\\[\\]\",:a\\\\ \n]{0,200}") {
        let stream = std::io::Cursor::new(text.into_bytes());
        if let Ok(mut lines) = reader::Lines::new(std::path::Path::new("x"), Box::new(stream)) {
            for _ in 0..1_000 {
                match lines.next_item() {
                    Ok(Some(_)) => {}
                    _ => return Ok(()),
                }
            }
            prop_assert!(false, "more items than bytes");
        }
    }

    #[test]
    fn a_checkpoint_of_any_bytes_is_refused_or_restored(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let set = load(&rule("a: x")).set;
        let mut whole = vec![0, 0, 0, 1];
        whole.extend(bytes);
        let _ = Engine::restore(&whole, set, EngineOptions::default());
    }
}
