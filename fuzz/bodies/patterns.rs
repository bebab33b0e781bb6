//! Any text as a value with wildcards, as a regular expression and as a network, against any text of an event.
use sigma::{Engine, EngineOptions, LoadOptions, RuleSet, Source};

/// One run.
pub(crate) fn run(bytes: &[u8]) {
    let Ok(input) = std::str::from_utf8(bytes) else { return };
    let which = bytes.first().copied().unwrap_or_default();
    let (value, text) = input.split_once('\n').unwrap_or((input, ""));
    let modifier = [
        "",
        "|contains",
        "|re",
        "|re|i|m|s",
        "|cidr",
        "|windash|contains",
        "|base64offset|contains",
        "|wide|base64",
        "|cased|startswith",
        "|gt",
        "|hour",
    ]
    .get(usize::from(which) % 11)
    .expect("within the list");
    let value = serde_json::to_string(value).expect("a text");
    let rule = format!(
        "title: T\nlogsource: {{product: azure}}\ndetection:\n  s:\n    f{modifier}: {value}\n  condition: s\n"
    );
    let loaded = RuleSet::load([Source { name: "f.yml".into(), text: rule }], &LoadOptions::default());
    let mut engine = Engine::new(loaded.set, EngineOptions::default());
    let event = serde_json::json!({ "f": text, "g": [text] }).to_string();
    engine.feed("p", event.as_bytes(), jiff::Timestamp::UNIX_EPOCH).expect("the event is sound");
}
