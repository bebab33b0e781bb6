//! Any text as a rule file: it is taken or refused with a place in the file; a set that was taken evaluates any event.
use sigma::{Engine, EngineOptions, LoadOptions, RuleSet, Source};

const EVENT: &[u8] = br#"{"operationName":"Microsoft.Compute/virtualMachines/write","a":[{"b":5},"x"],"f":"alpha","time":"2026-05-04T10:00:00Z"}"#;

/// One run.
pub(crate) fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let loaded = RuleSet::load([Source { name: "f.yml".into(), text: text.into() }], &LoadOptions::default());
    // YAML breaks lines at a lone carriage return as well.
    let lines = text.split(['\n', '\r']).count() + 1;
    for refused in &loaded.refused {
        assert!(refused.line >= 1 && refused.column >= 1 && refused.line <= lines, "{refused:?}");
    }
    let mut engine = Engine::new(loaded.set.clone(), EngineOptions::default());
    for _ in 0..3 {
        let found = engine.feed("p", EVENT, jiff::Timestamp::UNIX_EPOCH).expect("the event is sound");
        assert!(found.len() <= loaded.set.len() * 64);
    }
    let bytes = engine.checkpoint();
    let again = Engine::restore(&bytes, loaded.set, EngineOptions::default()).expect("its own checkpoint");
    assert_eq!(again.checkpoint(), bytes);
}
