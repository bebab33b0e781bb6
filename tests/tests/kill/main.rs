//! The kill -9 loop: the real program on a real file, under load, killed at random moments and started again. What it
//! promised before it died must be true afterwards. The program is in `program.rs`, the load in `senders.rs` and
//! `people.rs`, what must be true in `proof.rs`.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test may stop at the first surprise, and prints what it did"
)]

mod calls;
mod keys;
mod people;
mod program;
mod proof;
mod senders;

use people::People;
use program::Program;
use proof::Proof;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use sandbox::{CustomerTruth, Running, Server, Trust, World, wall_clock};
use senders::Load;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How often the program is killed, unless `KILL_ROUNDS` says otherwise.
const ROUNDS: u32 = 200;
/// The seed of the moments, unless `KILL_SEED` says otherwise.
const SEED: u64 = 7;
/// After so many rounds the journal is looked at while the program lies dead.
const LOOKED_AT_EVERY: u32 = 20;
/// One in so many rounds kills the program while it is still starting.
const ONE_IN_STARTING: u32 = 8;
/// How long it lives once it serves, in milliseconds.
const LIVES_MS: std::ops::Range<u64> = 20..450;
/// How long it lives when it is killed while it starts, in milliseconds.
const STARTS_MS: std::ops::Range<u64> = 5..350;
/// So many times as fast as the wall clock Microsoft's ten minutes of cancelling pass.
const MICROSOFT_SPEED: u32 = 60;
/// Customers of the simulated Microsoft that are looked through for those with enough Azure.
const CUSTOMERS: usize = 24;
/// The most Azure subscriptions and plans that are stopped: below the policy's cap for an hour.
const MAX_STOPPED: usize = 38;

/// What the killer, the senders and the people share.
pub(crate) struct Stage {
    /// Where the program answers; nothing while it is dead.
    address: Mutex<Option<SocketAddr>>,
    /// How many rounds there were.
    pub(crate) round: AtomicU32,
    /// How many there will be.
    pub(crate) rounds: u32,
    /// Set when no more load is to be made.
    pub(crate) over: AtomicBool,
}

impl Stage {
    pub(crate) fn address(&self) -> Option<SocketAddr> {
        *self.address.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn serves_at(&self, address: Option<SocketAddr>) {
        *self.address.lock().unwrap_or_else(PoisonError::into_inner) = address;
    }

    pub(crate) fn is_over(&self) -> bool {
        self.over.load(Ordering::SeqCst)
    }
}

/// A number from the environment.
fn number<T: std::str::FromStr>(name: &str, default: T) -> T {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// Time since some moment, to print how long it took.
#[expect(clippy::disallowed_methods, reason = "a test tells how long it took")]
pub(crate) fn now() -> std::time::Instant {
    std::time::Instant::now()
}

#[test]
fn what_was_accepted_is_there_once_however_often_the_program_is_killed() {
    let (rounds, seed, begun) = (number("KILL_ROUNDS", ROUNDS), number("KILL_SEED", SEED), now());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let microsoft = runtime.block_on(microsoft(seed));
    let first = program::set_up(folder.path(), &microsoft);
    let stage = Arc::new(Stage {
        address: Mutex::new(Some(first.program.address)),
        round: AtomicU32::new(0),
        rounds,
        over: AtomicBool::new(false),
    });
    let customers = chosen(&microsoft);
    let people = People::hire(first.program.address, &first.links, first.connection);
    people.wait_for_customers(first.program.address, CUSTOMERS);
    let key = people.intake_key(first.program.address);
    let load = Load::start(&stage, &key, &customers);
    let acting = people.start(&stage, &customers);

    let mut proof = Proof::of(folder.path());
    let mut random = StdRng::seed_from_u64(seed);
    let mut killed_while_starting = 0;
    let mut program = Some(first.program);
    for round in 1..=rounds {
        stage.round.store(round, Ordering::SeqCst);
        if program.is_none() && random.random_ratio(1, ONE_IN_STARTING) {
            program::start_and_kill(folder.path(), Duration::from_millis(random.random_range(STARTS_MS)));
            killed_while_starting += 1;
        } else {
            let lives = program.take().unwrap_or_else(|| Program::start(folder.path()));
            stage.serves_at(Some(lives.address));
            std::thread::sleep(Duration::from_millis(random.random_range(LIVES_MS)));
            lives.kill();
            stage.serves_at(None);
        }
        if round % LOOKED_AT_EVERY == 0 {
            runtime.block_on(proof.look(round));
        }
    }
    let load_took = begun.elapsed();
    let last = finish(&stage, folder.path());
    let batches = load.join();
    let acted = acting.join().unwrap();
    last.stop_gracefully();
    let told = runtime.block_on(proof.end(&batches, first.connection));
    let cancelled = proof::cancelled_at_most_once(&microsoft, &customers, &acted);
    let secrets = microsoft.with_world(|world| world.credentials());
    let secrets = [key.as_str(), &secrets.client_secret, &secrets.refresh_token];
    proof::log_names_nobody(folder.path(), &all(&microsoft), &secrets);
    runtime.block_on(microsoft.stop());

    println!(
        "seed {seed}: {rounds} kills, {killed_while_starting} of them while starting, in {:.1} s",
        load_took.as_secs_f64()
    );
    println!("{} batches were answered 202, {} tries were not answered", told.accepted, told.tries_without_answer);
    println!(
        "{} facts of {} accounts, {} sealed and proven, replay Same for all",
        told.facts, told.accounts, told.sealed
    );
    println!("{} actions were approved, {cancelled} Azure subscriptions were cancelled, each once", acted.approved);
    println!(
        "{} effects ended, {} are open: in doubt, or waiting for their time",
        told.effects_ended, told.effects_open
    );
    assert!(
        told.accepted >= usize::try_from(rounds).unwrap() / 2,
        "only {} batches were accepted: there was no load",
        told.accepted
    );
    assert!(rounds < ROUNDS || cancelled > 0, "no action was under way");
}

/// The simulated Microsoft, its clock faster than ours.
async fn microsoft(seed: u64) -> Running {
    let world = World::populate(seed, CUSTOMERS, wall_clock(), Trust::shared().unwrap());
    let mut world = world;
    world.switches_mut().rate_limits = false;
    Server::start(world, "127.0.0.1:0".parse().unwrap(), wall_clock, MICROSOFT_SPEED).await.unwrap()
}

/// All customers, as they really are.
fn all(microsoft: &Running) -> Vec<CustomerTruth> {
    (0..CUSTOMERS).filter_map(|n| microsoft.with_world(|world| world.customer_truth(n))).collect()
}

/// The customers that are attacked: with Azure, and not more of it than the cap of an hour lets stop.
fn chosen(microsoft: &Running) -> Vec<CustomerTruth> {
    let mut left = MAX_STOPPED;
    let all = all(microsoft);
    let fits = |customer: &CustomerTruth| {
        let stops = customer.entitlements.len() + 1;
        let fits = customer.plan.is_some() && stops <= left;
        left -= if fits { stops } else { 0 };
        fits
    };
    let mut fits = fits;
    let chosen: Vec<_> = all.into_iter().filter(|customer| fits(customer)).collect();
    assert!(chosen.len() >= senders::SENDERS, "only {} customers have Azure", chosen.len());
    chosen
}

/// Starts the program once more, lets the senders come to their answers and everything be sealed.
fn finish(stage: &Stage, folder: &Path) -> Program {
    let last = Program::start(folder);
    stage.serves_at(Some(last.address));
    stage.over.store(true, Ordering::SeqCst);
    last
}
