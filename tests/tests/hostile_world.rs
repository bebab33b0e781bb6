//! The main job in a hostile world: many seeds, faults at every step, and what must be true of every run.
#![expect(clippy::expect_used, reason = "a test may stop at the first surprise")]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use store::StoreConfig;
use whole::faults::{Counts, table};
use whole::world::{Outcome, play, play_on};

/// How many seeds are always played.
const FIXED_SEEDS: u64 = 200;
/// So many in a thousand chances become a fault.
const PER_MILLE: u32 = 25;

/// The fewest worlds on PostgreSQL.
const FEWEST_ON_POSTGRES: u64 = 3;
/// The most.
const MOST_ON_POSTGRES: u64 = 40;
/// After this long no further world is begun there.
const POSTGRES_TIME: Duration = Duration::from_secs(45);

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

/// The same worlds on PostgreSQL, as many as fit into a bounded time and never fewer than [`FEWEST_ON_POSTGRES`]. The clock
/// is the simulation's there as well; what is not is when the server answers, so that a seed is not the same run twice,
/// and the server's own crash, which the kill loop tries.
#[test]
fn the_main_job_comes_to_its_end_on_postgresql_as_well() {
    let Some(server) = server() else { return };
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let _inside = runtime.enter();
    let begun = now();
    let (mut played, mut failed) = (0, Vec::new());
    for seed in 1..=MOST_ON_POSTGRES {
        if played >= FEWEST_ON_POSTGRES && begun.elapsed() > POSTGRES_TIME {
            break;
        }
        let name = format!("borgen_world_{}_{seed}", std::process::id());
        let url = runtime.block_on(store::scratch::make_database(&server, &name)).expect("a database");
        let outcome = play_on(&StoreConfig::new(url), seed, PER_MILLE);
        runtime.block_on(store::scratch::drop_database(&server, &name)).expect("it is gone");
        if !outcome.breaches.is_empty() {
            println!("seed {seed} failed after {} rounds:\n  {}", outcome.rounds, outcome.breaches.join("\n  "));
            failed.push(seed);
        }
        played += 1;
    }
    println!("{played} worlds on PostgreSQL in {} s", begun.elapsed().as_secs());
    assert!(failed.is_empty(), "these seeds failed on PostgreSQL: {failed:?}");
}

/// The scratch server, if there is one. Where tests must not be skipped, there has to be.
#[expect(clippy::print_stderr, reason = "who runs the tests must see what was not tried")]
fn server() -> Option<String> {
    let server = std::env::var("BORGEN_TEST_POSTGRES").ok();
    if server.is_none() {
        assert!(std::env::var("CI").is_err(), "BORGEN_TEST_POSTGRES is not set, and nothing may be skipped here");
        eprintln!("skipped on PostgreSQL: BORGEN_TEST_POSTGRES is not set");
    }
    server
}

#[expect(clippy::disallowed_methods, reason = "how long the test may take is the machine's time")]
fn now() -> Instant {
    Instant::now()
}

#[test]
fn a_seed_plays_the_same_twice() {
    let (one, two) = (play(7, PER_MILLE), play(7, PER_MILLE));
    assert_eq!(one.counts, two.counts);
    assert_eq!(one.rounds, two.rounds);
    assert_eq!(one.breaches, two.breaches);
}
