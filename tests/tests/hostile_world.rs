//! The main job in a hostile world: many seeds, faults at every step, and what must be true of every run.
#![expect(clippy::expect_used, reason = "a test may stop at the first surprise")]

use std::collections::BTreeMap;
use whole::faults::{Counts, table};
use whole::world::{Outcome, play};

/// How many seeds are always played.
const FIXED_SEEDS: u64 = 200;
/// So many in a thousand chances become a fault.
const PER_MILLE: u32 = 25;

/// Seeds that once failed, kept for good.
const REGRESSIONS: &[u64] = &[];

fn seeds() -> Vec<u64> {
    let wanted = std::env::var("SIM_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(FIXED_SEEDS);
    REGRESSIONS.iter().copied().chain(1..=wanted).collect()
}

/// Plays the seeds on two threads; each world is alone.
fn play_all(seeds: &[u64]) -> Vec<Outcome> {
    let (one, two) = seeds.split_at(seeds.len() / 2);
    let play_each = |seeds: &[u64]| seeds.iter().map(|seed| play(*seed, PER_MILLE)).collect::<Vec<_>>();
    std::thread::scope(|scope| {
        let first = scope.spawn(|| play_each(one));
        let mut outcomes = play_each(two);
        outcomes.extend(first.join().expect("no world may stop a thread"));
        outcomes
    })
}

#[test]
fn the_main_job_comes_to_its_end_in_every_world() {
    let mut counts = Counts::new();
    let mut failed = BTreeMap::new();
    for outcome in play_all(&seeds()) {
        for (pair, count) in outcome.counts {
            *counts.entry(pair).or_insert(0) += count;
        }
        if !outcome.breaches.is_empty() {
            println!(
                "seed {} failed after {} rounds:\n  {}",
                outcome.seed,
                outcome.rounds,
                outcome.breaches.join("\n  ")
            );
            failed.insert(outcome.seed, outcome.breaches);
        }
    }
    let (text, missing) = table(&counts);
    println!("{text}");
    assert!(failed.is_empty(), "these seeds failed: {:?}", failed.keys().collect::<Vec<_>>());
    assert!(missing.is_empty(), "these faults never struck these steps: {missing:?}");
}

#[test]
fn a_seed_plays_the_same_twice() {
    let (one, two) = (play(7, PER_MILLE), play(7, PER_MILLE));
    assert_eq!(one.counts, two.counts);
    assert_eq!(one.rounds, two.rounds);
    assert_eq!(one.breaches, two.breaches);
}
