//! Any text as a condition: refused at a place within it, or a condition that can be evaluated.
use sigma::{Engine, EngineOptions, LoadOptions, RuleSet, Source};

/// One run.
pub(crate) fn run(bytes: &[u8]) {
    let Ok(condition) = std::str::from_utf8(bytes) else { return };
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
}
