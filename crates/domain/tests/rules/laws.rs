//! The laws of the architecture, on generated lives of a customer.

use crate::happenings::{Moment, between, life};
use crate::world::*;
use domain::fact::Fact;
use domain::file::{AccountFile, apply};
use domain::ids::Hash;
use domain::step::{decide, next_due, step};
use jiff::Timestamp;
use proptest::prelude::*;
use proptest::strategy::ValueTree;

/// How many lives each law is held against.
const LIVES: u32 = 192;

fn config() -> ProptestConfig {
    ProptestConfig { cases: LIVES, failure_persistence: None, ..ProptestConfig::default() }
}

/// Lives a life; `look` sees every step: the file before it, its facts, and the file after it.
fn live(world: &mut World, moments: &[Moment], mut look: impl FnMut(&World, &AccountFile, &[Fact])) {
    for moment in moments {
        let until = world.at + minutes(moment.minutes);
        while let Some(due) = next_due(&world.file, &world.policy).filter(|due| *due <= until) {
            world.at = due;
            one_step(world, Vec::new(), &mut look);
        }
        world.at = until;
        let told = world.moment(moment);
        one_step(world, told, &mut look);
    }
}

fn one_step(world: &mut World, told: Vec<domain::fact::NewFact>, look: &mut impl FnMut(&World, &AccountFile, &[Fact])) {
    let before = world.file.clone();
    let step = step(account(), before.clone(), told, Some(&world.policy), world.at).unwrap();
    world.take(step.file, step.facts.clone());
    look(world, &before, &step.facts);
}

fn folded(facts: &[Fact], onto: AccountFile) -> AccountFile {
    facts.iter().fold(onto, |mut file, fact| {
        apply(&mut file, fact);
        file
    })
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn deciding_twice_adds_nothing(moments in life(1..60)) {
        live(&mut World::new(), &moments, |world, _, _| {
            let again = decide(account(), &world.file, &world.policy, world.at);
            assert!(again.is_empty(), "{again:#?}");
        });
    }

    #[test]
    fn nothing_follows_before_the_next_due_and_something_at_it(moments in life(1..60)) {
        live(&mut World::new(), &moments, |world, _, _| {
            let due = next_due(&world.file, &world.policy);
            assert!(due.is_none_or(|due| due > world.at), "due at {due:?}, but it is {} already", world.at);
            // Without a due nothing follows however long one waits.
            let until = due.unwrap_or_else(|| world.at + hours(100_000));
            for at in between(world.at, until) {
                let early = decide(account(), &world.file, &world.policy, at);
                assert!(early.is_empty(), "at {at}, before {due:?}: {early:#?}");
            }
            if let Some(due) = due {
                let followed = decide(account(), &world.file, &world.policy, due);
                assert!(!followed.is_empty(), "nothing follows at {due}: whoever waits for it waits in a circle");
            }
        });
    }

    #[test]
    fn the_same_step_is_the_same_step(moments in life(1..40)) {
        live(&mut World::new(), &moments, |world, before, facts| {
            let told = facts.iter().filter(|fact| fact.body.class() != domain::fact::Class::Decided);
            let told = told.map(|fact| domain::fact::NewFact {
                happened: fact.happened,
                actor: fact.actor,
                source_key: fact.source_key.clone(),
                body: fact.body.clone(),
            });
            let again = step(account(), before.clone(), told.collect(), Some(&world.policy), world.at).unwrap();
            assert_eq!(again.facts, facts);
            assert_eq!(again.file, world.file);
        });
    }

    #[test]
    fn folding_a_beginning_and_then_the_rest_is_folding_the_whole(moments in life(1..60), cut in 0..=100_usize) {
        let mut world = World::new();
        live(&mut world, &moments, |_, _, _| {});
        let whole = folded(&world.facts, AccountFile::default());
        prop_assert_eq!(&whole, &world.file, "the file of the last step is the fold of all facts");
        let (beginning, rest) = world.facts.split_at(world.facts.len() * cut / 100);
        // The beginning's file goes through its stored form, as it does when it lies beside the account's head.
        let stored = serde_json::to_vec(&folded(beginning, AccountFile::default())).unwrap();
        prop_assert_eq!(folded(rest, serde_json::from_slice(&stored).unwrap()), whole);
    }

    #[test]
    fn every_fact_and_every_file_reads_as_it_was_written(moments in life(1..40)) {
        let mut before = Hash::default();
        live(&mut World::new(), &moments, |world, _, facts| {
            for fact in facts {
                let stored = fact.store(before).unwrap();
                let read = Fact::read(fact.account, fact.version, &stored.bytes).unwrap();
                assert_eq!(read, *fact);
                assert_eq!(read.store(before).unwrap(), stored);
                before = stored.hash;
            }
            let written = serde_json::to_vec(&world.file).unwrap();
            let read: AccountFile = serde_json::from_slice(&written).unwrap();
            assert_eq!(read, world.file);
            assert_eq!(serde_json::to_vec(&read).unwrap(), written);
        });
    }

    #[test]
    fn facts_are_numbered_without_gap_and_time_never_goes_back(moments in life(1..40)) {
        let mut world = World::new();
        live(&mut world, &moments, |_, _, _| {});
        let mut at = Timestamp::MIN;
        for (fact, version) in world.facts.iter().zip(1..) {
            prop_assert_eq!(fact.version, version);
            prop_assert!(fact.step <= version && fact.at >= at);
            at = fact.at;
        }
    }
}

/// The laws are worth what the lives are that they are held against: every kind of decision has to occur in them.
#[test]
fn the_generated_lives_reach_every_kind_of_decision() {
    use domain::body::Body;
    use domain::fact::Class;
    use std::collections::BTreeMap;
    let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for _ in 0..LIVES {
        let moments = life(20..60).new_tree(&mut runner).unwrap().current();
        live(&mut World::new(), &moments, |_, _, facts| {
            for fact in facts {
                *seen.entry(fact.body.kind()).or_default() += 1;
            }
        });
    }
    let decided = Body::KINDS.iter().filter(|(_, class, _)| *class == Class::Decided).map(|(word, _, _)| *word);
    let rare: Vec<_> = decided.filter(|word| seen.get(word).is_none_or(|count| *count < 20)).collect();
    assert!(rare.is_empty(), "too rare in the lives: {rare:?}; seen: {seen:#?}");
}
