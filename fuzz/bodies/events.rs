//! Any bytes as an event: taken exactly when they are a JSON object, and read without a surprise.
use std::sync::{LazyLock, Mutex};

use sigma::{Engine, EngineOptions, Event, EventError, LoadOptions, RuleSet, Source, concepts};

const RULES: &str = "
title: A
id: a
logsource: {product: azure, service: activitylogs}
detection:
  s: {properties.a.b|contains: x, operationName|endswith: write}
  k: [keyword, 5]
  t: {Parameters.ForwardTo|exists: true}
  condition: s or k or not t
---
title: B
id: b
logsource: {product: m365, service: audit}
detection:
  s: {Operation: Set-Mailbox}
  r: {Parameters|re: 'a+b'}
  condition: 1 of them
";

/// One run.
pub(crate) fn run(bytes: &[u8]) {
    static SET: LazyLock<std::sync::Arc<RuleSet>> = LazyLock::new(|| {
        RuleSet::load([Source { name: "r.yml".into(), text: RULES.into() }], &LoadOptions::default()).set
    });
    // These rules remember nothing, so one engine does for all runs.
    static ENGINE: LazyLock<Mutex<Engine>> =
        LazyLock::new(|| Mutex::new(Engine::new(SET.clone(), EngineOptions::default())));
    let mut engine = ENGINE.lock().expect("nobody panicked with it");
    let fed = engine.feed("p", bytes, jiff::Timestamp::UNIX_EPOCH);
    // A second reader of JSON says whether it is an object; depth is limited differently there.
    let sound = serde_json::from_slice::<serde_json::Value>(bytes);
    match (&fed, &sound) {
        (Ok(_), Ok(value)) => assert!(value.is_object()),
        (Ok(_), Err(error)) => assert!(unlike(error), "taken, but {error}"),
        (Err(EventError::TooDeep | EventError::TooLarge { .. }), _) | (Err(_), Err(_)) => {}
        (Err(error), Ok(value)) => assert!(!value.is_object(), "refused, but sound: {error}"),
    }
    if let Ok(event) = Event::parse(bytes) {
        assert_eq!(engine.feed_event("p", &event, jiff::Timestamp::UNIX_EPOCH), fed.expect("the same bytes"));
        let _ = concepts::of(&event);
    }
}

/// What the second reader refuses though it is JSON: deep nesting, and numbers beyond a float.
fn unlike(error: &serde_json::Error) -> bool {
    let text = error.to_string();
    text.starts_with("recursion limit") || text.starts_with("number out of range")
}
