//! The simulated world kept honest: with each deliberate fault built in, some seed must fail.

use domain::mutant::{Mutant, switch};
use whole::world::play;

/// Within so many seeds every mutant has to be caught.
const SEEDS: u64 = 200;
/// So many in a thousand chances become a fault.
const PER_MILLE: u32 = 25;

#[test]
fn every_mutant_is_caught_within_200_seeds() {
    let mut survivors = Vec::new();
    println!("{:<18} {:>12}  first breach", "mutant", "caught by seed");
    for mutant in Mutant::ALL {
        switch(Some(mutant));
        let caught = (1..=SEEDS).find_map(|seed| {
            let outcome = play(seed, PER_MILLE);
            outcome.breaches.into_iter().next().map(|breach| (seed, breach))
        });
        switch(None);
        match caught {
            Some((seed, breach)) => {
                let breach = breach.lines().next().unwrap_or_default().chars().take(100).collect::<String>();
                println!("{:<18} {seed:>12}  {breach}", format!("{mutant:?}"));
            }
            None => survivors.push(mutant),
        }
    }
    assert!(survivors.is_empty(), "these mutants were not caught within {SEEDS} seeds: {survivors:?}");
}
