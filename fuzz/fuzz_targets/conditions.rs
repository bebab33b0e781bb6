//! Any text as a condition: refused at a place within it, or a condition that can be evaluated.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sigma::{Engine, EngineOptions, LoadOptions, RuleSet, Source};

fuzz_target!(|condition: &str| {
    let written = serde_json::to_string(condition).expect("a text");
    let rule = format!(
        "title: T\nlogsource: {{product: azure}}\ndetection:\n  sel_a: {{f: x}}\n  sel_b: {{g: y}}\n  _h: {{h: z}}\n  condition: {written}\n"
    );
    let loaded = RuleSet::load([Source { name: "f.yml".into(), text: rule }], &LoadOptions::default());
    assert_eq!(loaded.set.len() + loaded.refused.len(), 1);
    let mut engine = Engine::new(loaded.set, EngineOptions::default());
    for event in [&br#"{"f":"x"}"#[..], br#"{"g":"y","h":"z"}"#, b"{}"] {
        engine.feed("p", event, jiff::Timestamp::UNIX_EPOCH).expect("the event is sound");
    }
});
