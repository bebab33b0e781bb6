//! The same rules and events for the engine and its peer: which pairs only one of them finds, and by which line of the
//! rule on what kind of value. Writes a table; the causes stand in the notes above it, kept by hand.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sigma::explain::{LineTrace, explain};
use sigma::{Engine, EngineOptions, Event, LoadOptions, Route, RuleSet, Source};

use crate::corpus::{Corpus, public_rules};
use crate::naive::dice::Dice;
use crate::naive::generator::rule;
use crate::naive::shapes::LOGS;

const RANDOM_ROUNDS: u64 = 60;
const RANDOM_RULES: usize = 50;
const RANDOM_EVENTS: usize = 40;

/// (who finds it, what decides) and how often, with an example.
#[derive(Default)]
struct Differences {
    pairs: usize,
    both: usize,
    not_taken: usize,
    causes: BTreeMap<(&'static str, String), (usize, String)>,
}

pub fn compare(shared: &str) {
    let mut real = Differences::default();
    let lines = Corpus::in_order(shared, "").lines;
    real.round(public_rules(shared), &lines);
    let mut random = Differences::default();
    for seed in 1..=RANDOM_ROUNDS {
        let mut dice = Dice(seed);
        let rules = (0..RANDOM_RULES).map(|n| {
            let log = dice.pick(LOGS);
            let text = rule(&mut dice, &log, format!("r{n:03}")).yaml();
            Source { name: format!("r{n:03}.yml"), text }
        });
        let rules = rules.collect();
        let events: Vec<Vec<u8>> = (0..RANDOM_EVENTS).map(|_| (dice.pick(LOGS).shape)(&mut dice).to_string().into_bytes()).collect();
        random.round(rules, &events);
    }
    println!("| rules and events | only | decided by | on | pairs |\n|---|---|---|---|--:|");
    for (name, found) in [("SigmaHQ, shared logs", &real), ("random", &random)] {
        println!("| {name} | – | all pairs of a rule and an event | – | {} |", found.pairs);
        println!("| {name} | – | both find it | – | {} |", found.both);
        if found.not_taken > 0 {
            println!("| {name} | sigma | the peer does not take the rule | – | {} rules |", found.not_taken);
        }
        for ((who, what), (count, example)) in &found.causes {
            let (how, on) = what.split_once('@').unwrap_or((what, ""));
            println!("| {name} | {who} | {} | {on} | {count} |", how.replace('|', "\\|"));
            eprintln!("{name} / {who} / {what}: {example}");
        }
    }
}

impl Differences {
    fn round(&mut self, sources: Vec<Source>, lines: &[Vec<u8>]) {
        let mut peer = rsigma_eval::Engine::new();
        let taken: Vec<Source> = sources
            .into_iter()
            .filter(|source| {
                let parsed = rsigma_parser::parse_sigma_yaml(&source.text).ok();
                let added = parsed.is_some_and(|collection| collection.errors.is_empty() && peer.add_collection(&collection).is_ok());
                self.not_taken += usize::from(!added);
                added
            })
            .collect();
        let set = RuleSet::load(taken, &LoadOptions::default()).set;
        let mut engine = Engine::new(Arc::clone(&set), EngineOptions { route: Route::None, ..EngineOptions::default() });
        for line in lines {
            let (Ok(value), Ok(event)) = (serde_json::from_slice::<serde_json::Value>(line), Event::parse(line)) else { continue };
            let own: BTreeSet<String> = engine.feed_event("p", &event, jiff::Timestamp::UNIX_EPOCH).into_iter().map(|f| f.rule.id.clone()).collect();
            let found = peer.evaluate(&rsigma_eval::event::JsonEvent::borrow(&value));
            let theirs: BTreeSet<String> = found.into_iter().filter_map(|r| r.header.rule_id).collect();
            self.pairs += set.len();
            self.both += own.intersection(&theirs).count();
            for id in own.symmetric_difference(&theirs) {
                let who = if own.contains(id) { "sigma" } else { "rsigma" };
                let what = cause(&engine, id, &event, &value, own.contains(id));
                let entry = self.causes.entry((who, what)).or_insert_with(|| (0, format!("{id} {}", String::from_utf8_lossy(line).chars().take(1_500).collect::<String>())));
                entry.0 += 1;
            }
        }
    }
}

/// The line of the rule that decided, with the kind of value it met where the rule says the field is.
fn cause(engine: &Engine, id: &str, event: &Event, value: &serde_json::Value, held: bool) -> String {
    let Some(told) = explain(engine, id, event) else { return "no such rule".into() };
    let lines: Vec<&LineTrace> = told.selections.iter().flat_map(|s| &s.lines).collect();
    let of_interest: Vec<&LineTrace> = lines.iter().copied().filter(|line| line.holds == held).collect();
    let labels: BTreeSet<(u8, String)> = if of_interest.is_empty() { lines } else { of_interest }
        .into_iter()
        .map(|line| {
            let op = match (line.field.is_empty(), line.op.as_str()) {
                (true, "") => "keyword".to_owned(),
                (true, op) => format!("keyword {op}"),
                (false, "") => "equality".to_owned(),
                (false, op) => op.to_owned(),
            };
            let (rank, kind) = if line.field.is_empty() { (1, "all values") } else { kind(value, &line.field) };
            let kind = match kind {
                "" if line.missing => "a field that is nowhere",
                "" => "a field under another name, or inside a list or a text",
                known => known,
            };
            (rank, format!("{op}@{kind}"))
        })
        .collect();
    labels.into_iter().next().map(|(_, label)| label).unwrap_or_default()
}

/// The kind of value at a dotted path, the least usual first.
fn kind(value: &serde_json::Value, field: &str) -> (u8, &'static str) {
    use serde_json::Value;
    let found = value.get(field).or_else(|| field.split('.').try_fold(value, |at, key| at.get(key)));
    match found {
        None => (0, ""),
        Some(Value::Array(list)) if list.iter().any(|item| item.is_object() || item.is_array()) => (0, "a list of objects"),
        Some(Value::Object(_)) => (0, "an object"),
        Some(Value::Null) => (1, "null"),
        Some(Value::Array(_)) => (2, "a list of values"),
        Some(Value::Bool(_)) => (2, "a truth value"),
        Some(Value::Number(_)) => (2, "a number"),
        Some(Value::String(text)) if text.contains('\n') => (2, "a text with a line break"),
        Some(Value::String(text)) if !text.is_ascii() => (3, "a text beyond ASCII"),
        Some(Value::String(_)) => (4, "a text"),
    }
}
