//! Measures the detection engine against its peer and against a bare parse of the same bytes.
//!
//! `sigma speed|ratios|correlations|load|baselines|compare [SHARED]` writes one JSON object a line to standard output.
//! One thread, thread CPU time; lines are shuffled and together larger than the caches.

mod compare;
mod corpus;
mod measure;
/// Random rules and events, as the crate's own tests make them.
#[path = "../../../crates/sigma/tests/naive/mod.rs"]
#[expect(dead_code, reason = "only the generator is used here")]
mod naive;

use std::sync::Arc;

use corpus::{Corpus, foreign_rules, public_rules};
use measure::{cpu, report, resident_bytes};
use serde_json::json;
use sigma::{Engine, EngineOptions, Event, LoadOptions, RuleSet, Source};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROUNDS: usize = 7;
const FOREIGN_RULES: usize = 3_600;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let what = arguments.next().unwrap_or_else(|| "speed".into());
    let shared = arguments.next().unwrap_or_else(|| "../../../shared".into());
    match what.as_str() {
        "speed" => speed(&shared),
        // Only the engine on one set of logs, for a profiler to look at.
        "profile" => profile(&shared, &arguments.next().unwrap_or_default()),
        "ratios" => ratios(&shared),
        // Few events, for `valgrind --tool=callgrind --toggle-collect='*fed*'`: instructions do not depend on the machine's load.
        "count" => count(&shared, &arguments.next().unwrap_or_default()),
        "correlations" => correlations(&shared),
        "load" => load(&shared),
        "compare" => compare::compare(&shared),
        "baselines" => baselines(),
        other => eprintln!("unknown measurement {other}"),
    }
}

fn set_of(sources: Vec<Source>) -> Arc<RuleSet> {
    let loaded = RuleSet::load(sources, &LoadOptions::default());
    assert!(loaded.refused.is_empty(), "{:?}", loaded.refused.first());
    loaded.set
}

fn speed(shared: &str) {
    let corpora = [("mixed", Corpus::read(shared, |_| true)), ("activity", Corpus::read(shared, |f| f.contains("activitylogs")))];
    let public = public_rules(shared);
    let both: Vec<Source> = public.iter().cloned().chain(foreign_rules(FOREIGN_RULES)).collect();
    for (name, corpus) in &corpora {
        let total = corpus.lines.len();
        let bytes: usize = corpus.lines.iter().map(Vec::len).sum();
        let row = |engine: &str, rules: usize, found: u64, seconds: Vec<f64>| report(name, engine, rules, total, bytes, found, &seconds);
        row("sonic-rs DOM, no rules", 0, 0, rounds(|| corpus.lines.iter().filter(|l| sonic_rs::from_slice::<sonic_rs::Value>(l).is_ok()).count() as u64).1);
        row("serde_json Value, no rules", 0, 0, rounds(|| corpus.lines.iter().filter(|l| serde_json::from_slice::<serde_json::Value>(l).is_ok()).count() as u64).1);
        row("sigma parse and route only", 0, 0, rounds(|| corpus.lines.iter().filter(|l| Event::parse(l).is_ok()).count() as u64).1);
        for (label, sources) in [("sigma", public.clone()), ("sigma, rules of other sources loaded too", both.clone())] {
            let set = set_of(sources);
            let mut engine = Engine::new(Arc::clone(&set), EngineOptions::default());
            let received = jiff::Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(500_000);
            let (found, seconds) = rounds(|| corpus.lines.iter().filter_map(|l| engine.feed("p", l, received).ok()).map(|f| f.len() as u64).sum());
            row(label, set.len(), found, seconds);
        }
        for (label, sources) in [("rsigma 0.23", &public), ("rsigma 0.23, rules of other sources loaded too", &both)] {
            let (engine, rules) = peer(sources);
            let (found, seconds) = rounds(|| {
                corpus
                    .lines
                    .iter()
                    .filter_map(|l| serde_json::from_slice::<serde_json::Value>(l).ok())
                    .map(|value| engine.evaluate(&rsigma_eval::event::JsonEvent::borrow(&value)).len() as u64)
                    .sum()
            });
            row(label, rules, found, seconds);
        }
    }
}

fn count(shared: &str, wanted: &str) {
    let corpus = Corpus::in_order(shared, wanted);
    let mut engine = Engine::new(set_of(public_rules(shared)), EngineOptions::default());
    let parsed = bare(&corpus.lines);
    warm(&mut engine, &corpus.lines);
    let found = fed(&mut engine, &corpus.lines);
    println!("{}", json!({"measure": "count", "events": corpus.lines.len(), "findings": found, "parsed_bare": parsed}));
}

/// What is made once, when the first event of its kind comes, is not counted.
#[inline(never)]
fn warm(engine: &mut Engine, lines: &[Vec<u8>]) {
    let received = jiff::Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(500_000);
    let found: usize = lines.iter().filter_map(|l| engine.feed("p", l, received).ok()).map(|f| f.len()).sum();
    std::hint::black_box(found);
}

#[inline(never)]
fn fed(engine: &mut Engine, lines: &[Vec<u8>]) -> usize {
    let received = jiff::Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(500_000);
    lines.iter().filter_map(|l| engine.feed("p", l, received).ok()).map(|f| f.len()).sum()
}

#[inline(never)]
fn bare(lines: &[Vec<u8>]) -> usize {
    lines.iter().filter(|l| sonic_rs::from_slice::<sonic_rs::Value>(l).is_ok()).count()
}

fn profile(shared: &str, wanted: &str) {
    let corpus = Corpus::read(shared, |f| f.contains(wanted));
    let mut engine = Engine::new(set_of(public_rules(shared)), EngineOptions::default());
    let received = jiff::Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(500_000);
    let (found, seconds) = rounds(|| corpus.lines.iter().filter_map(|l| engine.feed("p", l, received).ok()).map(|f| f.len() as u64).sum());
    eprintln!("{:?}", engine.stats());
    report(wanted, "sigma", engine.rules().len(), corpus.lines.len(), 0, found, &seconds);
}

/// What the engine reaches beside its peer and beside a bare parse, round by round in turn, so that
/// a busy machine slows all three alike. The ratios are those of the fastest rounds.
fn ratios(shared: &str) {
    let public = public_rules(shared);
    for (name, corpus) in [("mixed", Corpus::read(shared, |_| true)), ("activity", Corpus::read(shared, |f| f.contains("activitylogs")))] {
        let mut engine = Engine::new(set_of(public.clone()), EngineOptions::default());
        let (rsigma, _) = peer(&public);
        let received = jiff::Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(500_000);
        let mut dom = || corpus.lines.iter().filter(|l| sonic_rs::from_slice::<sonic_rs::Value>(l).is_ok()).count() as u64;
        let mut own = || corpus.lines.iter().filter_map(|l| engine.feed("p", l, received).ok()).map(|f| f.len() as u64).sum::<u64>();
        let mut other = || {
            let values = corpus.lines.iter().filter_map(|l| serde_json::from_slice::<serde_json::Value>(l).ok());
            values.map(|value| rsigma.evaluate(&rsigma_eval::event::JsonEvent::borrow(&value)).len() as u64).sum::<u64>()
        };
        let mut best = [f64::MAX; 3];
        let mut found = [0; 3];
        measure_in_turn([&mut dom, &mut own, &mut other], &mut best, &mut found);
        let [bare, own, other] = best.map(|seconds| seconds * 1e6 / corpus.lines.len() as f64);
        println!(
            "{}",
            json!({"measure": "ratios", "corpus": name, "events": corpus.lines.len(), "rules": 145, "findings": found[1], "findings_rsigma": found[2],
                "microseconds_sonic_dom": bare, "microseconds_sigma": own, "microseconds_rsigma": other,
                "times_rsigma": other / own, "share_of_sonic_dom": bare / own})
        );
    }
}

fn measure_in_turn(mut runs: [&mut dyn FnMut() -> u64; 3], best: &mut [f64; 3], found: &mut [u64; 3]) {
    for _ in 0..=ROUNDS {
        for (at, run) in runs.iter_mut().enumerate() {
            let before = cpu();
            found[at] = std::hint::black_box(run());
            best[at] = best[at].min(cpu() - before);
        }
    }
}

fn peer(sources: &[Source]) -> (rsigma_eval::Engine, usize) {
    let mut engine = rsigma_eval::Engine::new();
    for source in sources {
        let collection = rsigma_parser::parse_sigma_yaml(&source.text).expect("the peer reads the rule");
        engine.add_collection(&collection).expect("the peer compiles the rule");
    }
    let count = engine.rule_count();
    (engine, count)
}

/// Runs once to warm up, then several times; returns what one run found, and the CPU seconds of each.
fn rounds(mut run: impl FnMut() -> u64) -> (u64, Vec<f64>) {
    let mut found = run();
    let seconds = (0..ROUNDS)
        .map(|_| {
            let before = cpu();
            found = std::hint::black_box(run());
            cpu() - before
        })
        .collect();
    (found, seconds)
}

const CORRELATED: &str = "
title: Operation of a mailbox
name: mailbox
logsource: {product: m365, service: audit}
detection:
  selection: {Workload: Exchange}
  condition: selection
---
title: Sign-in
name: signin
logsource: {product: m365, service: audit}
detection:
  selection: {Operation|startswith: UserLogg}
  condition: selection
---
title: Many operations
name: many
correlation: {type: event_count, rules: [mailbox], group-by: [UserId], timespan: 1h, condition: {gte: 50}}
---
title: Many addresses
name: addresses
correlation: {type: value_count, rules: [signin], group-by: [UserId], timespan: 1h, condition: {field: ClientIP, gte: 5}}
---
title: Many operations, then a sign-in
name: chain
correlation: {type: temporal_ordered, generate: true, rules: [many, signin], group-by: [UserId], timespan: 1h}
";

/// Events in the order of their times, once for each of many partitions: a window that only
/// sees events of long ago has nothing to do.
fn correlations(shared: &str) {
    const PARTITIONS: usize = 30;
    let corpus = Corpus::in_order(shared, "");
    let mut events: Vec<Event> = corpus.lines.iter().filter_map(|l| Event::parse(l).ok()).collect();
    events.sort_by_key(Event::time);
    let bytes: usize = corpus.lines.iter().map(Vec::len).sum();
    let set = set_of(vec![Source { name: "c.yml".into(), text: CORRELATED.into() }]);
    let received = jiff::Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(500_000);
    let names: Vec<String> = (0..PARTITIONS).map(|n| format!("partition-{n}")).collect();
    let mut matches = 0;
    let (found, seconds) = rounds(|| {
        let mut engine = Engine::new(Arc::clone(&set), EngineOptions::default());
        let found = names.iter().flat_map(|name| events.iter().map(move |e| (name, e))).map(|(name, e)| engine.feed_event(name, e, received).len() as u64).sum();
        matches = engine.stats().matches;
        found
    });
    eprintln!("{matches} matches fed the correlations");
    report("mixed, parsed before", "sigma, 2 rules and 3 correlations", set.len(), events.len() * PARTITIONS, bytes * PARTITIONS, found, &seconds);
}

fn load(shared: &str) {
    let sources: Vec<Source> = public_rules(shared).into_iter().chain(foreign_rules(FOREIGN_RULES)).collect();
    let before_bytes = resident_bytes();
    let before = cpu();
    let set = set_of(sources);
    let loaded = cpu() - before;
    let engine = Engine::new(Arc::clone(&set), EngineOptions::default());
    let seconds = cpu() - before;
    println!(
        "{}",
        json!({"measure": "load", "rules": set.len(), "load_seconds": loaded, "load_and_compile_seconds": seconds, "resident_bytes": resident_bytes() - before_bytes, "partitions": engine.footprint().partitions})
    );
}

const BASELINES: &str = "
title: New region
id: region
logsource: {product: azure, service: activitylogs}
detection:
  selection: {operationName: Microsoft.Compute/virtualMachines/write}
  condition: selection
new_terms: {fields: [location], history: 30d, learning: 7d}
---
title: New caller
id: caller
logsource: {product: azure, service: activitylogs}
detection:
  selection: {operationName|endswith: /write}
  condition: selection
new_terms: {fields: [caller, callerIpAddress], history: 14d, learning: 7d}
---
title: More than usual
id: more
logsource: {product: azure, service: activitylogs}
detection:
  selection: {operationName|endswith: /write}
  condition: selection
rate: {group-by: [subscriptionId], bucket: 1h, history: 14d, learning: 3d, factor: 5, min: 10}
---
title: Burst
id: burst
logsource: {product: azure, service: activitylogs}
detection:
  selection: {operationName: Microsoft.Compute/virtualMachines/write}
  condition: selection
burst: {group-by: [caller], timespan: 1h, distinct: resourceId, thresholds: [{distinct: 10}]}
";

/// Simulates weeks of 100,000 customers with a few writes a week each.
fn baselines() {
    let set = set_of(vec![Source { name: "b.yml".into(), text: BASELINES.into() }]);
    let start = resident_bytes();
    let mut engine = Engine::new(set, EngineOptions::default());
    let origin: jiff::Timestamp = "2026-01-05T00:00:00Z".parse().expect("a time");
    let mut found = 0_usize;
    for week in 0..8_i64 {
        for step in 0..4_i64 {
            for partition in 0..100_000_i64 {
                let time = origin + jiff::SignedDuration::from_secs(week * 604_800 + step * 151_200 + partition % 86_400);
                let region = ["westeurope", "northeurope", "swedencentral"][((partition + step + week / 3) % 3) as usize];
                let event = format!(
                    r#"{{"time":"{time}","operationName":"MICROSOFT.COMPUTE/VIRTUALMACHINES/WRITE","category":"Administrative","resourceId":"/subscriptions/s{partition}/vm{step}","caller":"admin{}@c{partition}.example","callerIpAddress":"198.51.{}.{}","location":"{region}"}}"#,
                    step % 2,
                    partition % 250,
                    week % 4
                );
                found += engine.feed(&format!("customer-{partition}"), event.as_bytes(), time).map_or(0, |f| f.len());
            }
        }
        let footprint = engine.footprint();
        println!(
            "{}",
            json!({"measure": "baselines", "week": week + 1, "partitions": footprint.partitions, "groups": footprint.groups, "terms": footprint.terms, "dropped": footprint.dropped, "findings": found, "resident_bytes": resident_bytes() - start})
        );
    }
}
