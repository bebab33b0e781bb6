//! A storm: what one finding costs must not grow with the case that takes it in.

use crate::world::*;
use domain::cases::{MAX_RESOURCES_PER_CASE, MAX_SIGNALS_PER_CASE, burn};
use domain::fact::NewFact;
use domain::ids::Actor;
use domain::signals::Level;
use domain::step::step;
use std::time::{Duration, Instant};

/// Findings of the storm.
const FINDINGS: u128 = 100_000;
/// The rules that fire in it: more than a case tells apart.
const RULES: u128 = 700;
/// Findings of one step, as the intake files them.
const PER_STEP: u128 = 40;
/// What is timed is timed in so many parts, of which the quickest counts: the machine may be busy.
const PARTS: u128 = 20;
/// How much more a finding may cost in a full case than in one with a single machine. Copying the case for every
/// finding, as it once was, costs a hundred times as much.
const DEARER: u32 = 5;

/// Takes findings in from `first` on, each of another machine at one krona an hour.
#[expect(clippy::disallowed_methods, reason = "what is measured is the machine's own time")]
fn take_in(world: &mut World, first: u128, count: u128) -> Duration {
    let begun = Instant::now();
    for from in (first..first + count).step_by(usize::try_from(PER_STEP).unwrap()) {
        let of = |number: u128| NewFact {
            happened: world.at,
            actor: Actor::Program,
            source_key: None,
            body: found(&format!("rule-{}", number % RULES), Level::High, Some(1), &[(number, 1)]),
        };
        let told = (from..from + PER_STEP).map(of).collect();
        let file = std::mem::take(&mut world.file);
        world.file = step(account(), file, told, Some(&world.policy), world.at).unwrap().file;
    }
    begun.elapsed()
}

/// The quickest of some parts, all about machines that the case knows already.
fn quickest(world: &mut World, known: u128) -> Duration {
    (0..PARTS).map(|_| take_in(world, 0, known)).min().unwrap()
}

#[test]
fn a_hundred_thousand_findings_in_one_storm_cost_each_the_same() {
    let mut policy = policy();
    policy.cases.stories[0].rules.extend((0..RULES).map(|number| format!("rule-{number}")));
    let mut small = World::under(policy.clone());
    take_in(&mut small, 0, PER_STEP);
    let in_a_small_case = quickest(&mut small, PER_STEP);
    let mut world = World::under(policy);
    let whole = take_in(&mut world, 0, FINDINGS);
    let case = world.case();
    assert_eq!(case.resources.len(), MAX_RESOURCES_PER_CASE);
    assert_eq!(case.signals.len(), MAX_SIGNALS_PER_CASE);
    assert_eq!(burn(case), Some(kronor(i64::try_from(FINDINGS).unwrap())));
    let in_a_full_case = quickest(&mut world, PER_STEP);
    println!(
        "{FINDINGS} findings in {whole:?}; {PER_STEP} in a small case {in_a_small_case:?}, in a full one {in_a_full_case:?}"
    );
    assert!(in_a_full_case < in_a_small_case * DEARER, "{in_a_full_case:?} against {in_a_small_case:?}");
}
