//! Any bytes as a checkpoint: refused, or an engine that goes on and writes what it can read again.
use std::sync::LazyLock;

use sigma::{Engine, EngineOptions, LoadOptions, RuleSet, Source};

const RULES: &str = "
title: W
name: w
logsource: {product: azure, service: activitylogs}
detection: {s: {f: x}, condition: s}
---
title: N
id: n
logsource: {product: azure, service: activitylogs}
detection: {s: {f: x}, condition: s}
new_terms: {fields: [f], history: 1d, learning: 0d}
---
title: R
id: r
logsource: {product: azure, service: activitylogs}
detection: {s: {f: x}, condition: s}
rate: {group-by: [f], bucket: 1h}
---
title: C
id: c
correlation: {type: value_count, rules: [w], group-by: [f], timespan: 1h, condition: {field: f, gte: 1}}
---
title: S
id: s
correlation: {type: value_sum, rules: [w], group-by: [f], timespan: 1h, condition: {field: g, gte: 1}}
";

/// One run.
pub(crate) fn run(bytes: &[u8]) {
    static SET: LazyLock<std::sync::Arc<RuleSet>> = LazyLock::new(|| {
        let loaded = RuleSet::load([Source { name: "r.yml".into(), text: RULES.into() }], &LoadOptions::default());
        assert!(loaded.refused.is_empty(), "{:?}", loaded.refused);
        loaded.set
    });
    let framed: Vec<u8> = [&[0, 0, 0, 1], bytes].concat();
    for bytes in [bytes, &framed] {
        let Ok(mut engine) = Engine::restore(bytes, SET.clone(), EngineOptions::default()) else { continue };
        let event = br#"{"time":"2026-05-04T10:00:00Z","operationName":"A.B/c","f":"x","g":5}"#;
        let received = jiff::Timestamp::from_second(1_780_000_000).expect("a time");
        for _ in 0..3 {
            engine.feed("p", event, received).expect("the event is sound");
        }
        let written = engine.checkpoint();
        let again = Engine::restore(&written, SET.clone(), EngineOptions::default()).expect("its own checkpoint");
        assert_eq!(again.checkpoint(), written);
    }
}
