//! The engine against a second, slow reading of the specification: random rules and events in
//! every shape, many rules at once, so that whatever the engine leaves out to be fast is noticed.
#![expect(
    clippy::unwrap_used,
    clippy::string_slice,
    clippy::indexing_slicing,
    clippy::format_push_string,
    unreachable_pub,
    reason = "a test may stop at the first surprise, and its modules are read by nobody else"
)]

mod naive;

use naive::dice::Dice;
use naive::generator::rule;
use naive::json::Json;
use naive::rule::Rule;
use naive::shapes::LOGS;
use naive::values::Reading;
use sigma::taxonomy::{Transform, plan, taxonomy};
use sigma::{Engine, EngineOptions, Event, LoadOptions, LogType, Route, RuleSet, Source};

/// Rules in one set: enough that rules without an exact value are found by their keys.
const RULES: usize = 100;
const EVENTS: usize = 20;

fn places(log_type: LogType, field: &str) -> Vec<(String, Option<String>)> {
    let name = |transform| match transform {
        Transform::None => None,
        Transform::Provider => Some("provider".to_owned()),
        Transform::Subscription => Some("subscription".to_owned()),
        Transform::Outcome => Some("outcome".to_owned()),
        Transform::Words => Some("words".to_owned()),
    };
    plan(log_type, field).iter().map(|path| (path.text().to_owned(), name(path.transform()))).collect()
}

fn expected(rules: &[Rule], text: &str, route: Route) -> Vec<String> {
    let json = Json::parse(text).unwrap();
    let log_type = Event::parse(text.as_bytes()).unwrap().log_type();
    let how = taxonomy(log_type);
    let reading = Reading { nested_json: how.nested_json, localized: how.localized };
    let looked = |rule: &&Rule| route == Route::None || log_type.carries(Some(rule.product), Some(rule.service));
    let held = |rule: &&Rule| rule.holds(&json, reading, &|field| places(log_type, field));
    rules.iter().filter(looked).filter(held).map(|rule| rule.id.clone()).collect()
}

/// Runs one set of rules against events; returns how many pairs held.
fn round(seed: u64) -> usize {
    let mut dice = Dice(seed);
    let rules: Vec<Rule> = (0..RULES)
        .map(|n| {
            let log = dice.pick(LOGS);
            rule(&mut dice, &log, format!("r{n:03}"))
        })
        .collect();
    let texts = rules.iter().map(Rule::yaml).map(|text| Source { name: text.lines().next().unwrap().to_owned(), text });
    let loaded = RuleSet::load(texts, &LoadOptions::default());
    let refused = |at: &sigma::Refusal| {
        format!(
            "seed {seed}: {at:?}\n{}",
            rules.iter().find(|r| at.file.ends_with(&r.id)).map_or_else(String::new, Rule::yaml)
        )
    };
    assert!(loaded.refused.is_empty(), "{}", refused(&loaded.refused[0]));
    let mut held = 0;
    for route in [Route::Auto, Route::None] {
        let mut engine = Engine::new(loaded.set.clone(), EngineOptions { route, ..EngineOptions::default() });
        for _ in 0..EVENTS / 2 {
            let log = dice.pick(LOGS);
            let event = (log.shape)(&mut dice);
            let text = if dice.one_in(4) { serde_json::to_string_pretty(&event).unwrap() } else { event.to_string() };
            let findings = engine.feed("p", text.as_bytes(), jiff::Timestamp::UNIX_EPOCH).unwrap();
            let parsed = Event::parse(text.as_bytes()).unwrap();
            assert_eq!(engine.feed_event("p", &parsed, jiff::Timestamp::UNIX_EPOCH), findings, "{text}");
            let mut got: Vec<String> = findings.iter().map(|f| f.rule.id.clone()).collect();
            got.sort();
            let wanted = expected(&rules, &text, route);
            let differ = |id: &String| got.contains(id) != wanted.contains(id);
            let rule = rules.iter().find(|rule| differ(&rule.id));
            assert!(
                rule.is_none(),
                "seed {seed}, {route:?}, engine fires: {}\n{}\n{text}",
                got.contains(&rule.unwrap().id),
                rule.unwrap().yaml()
            );
            held += wanted.len();
        }
    }
    held
}

/// `SIGMA_SEED` and `SIGMA_ROUNDS` run other and more pairs than the 50,000 of every run.
#[test]
fn every_log_has_events_of_its_own_shapes() {
    let mut seen = std::collections::BTreeMap::<(&str, &str), std::collections::BTreeSet<LogType>>::new();
    let mut dice = Dice(7);
    for log in LOGS.iter().cycle().take(2_000) {
        let event = (log.shape)(&mut dice).to_string();
        seen.entry((log.product, log.service)).or_default().insert(Event::parse(event.as_bytes()).unwrap().log_type());
    }
    for ((product, service), types) in &seen {
        let own = |log_type: &LogType| *log_type != LogType::Unknown && log_type.carries(Some(product), Some(service));
        assert!(*product == "linux" || types.iter().any(own), "{product} {service} {types:?}");
    }
    assert_eq!(
        seen.values().flatten().collect::<std::collections::BTreeSet<_>>().len(),
        LogType::ALL.len(),
        "{seen:?}"
    );
}

#[test]
fn the_engine_and_a_slow_reading_of_the_specification_agree() {
    let given = |name: &str, usual: u64| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual);
    let (first, rounds) = (given("SIGMA_SEED", 1), given("SIGMA_ROUNDS", 25));
    let held: usize = (first..first + rounds).map(round).sum();
    let pairs = usize::try_from(rounds).unwrap() * RULES * EVENTS;
    // A tenth at least: pairs that never meet would show nothing.
    assert!(held * 20 > pairs && held * 2 < pairs, "{held} of {pairs} pairs hold");
    eprintln!("{pairs} pairs, {held} hold");
}
