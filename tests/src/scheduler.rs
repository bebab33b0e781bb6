//! The order of things in a simulated world: several processes are polled one at a time, and which one goes on is
//! drawn from the seed. At each pause a process may be switched, or crash: then its future is dropped where it stands.

use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// How often all processes together are polled before a run counts as stuck.
pub const MAX_POLLS: u32 = 2_000_000;

/// The one source of chance in a run.
#[derive(Debug, Clone)]
pub struct Chance(Arc<Mutex<StdRng>>);

impl Chance {
    /// Chance from a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(StdRng::seed_from_u64(seed))))
    }

    /// True so many times in a thousand.
    #[must_use]
    pub fn hits(&self, per_mille: u32) -> bool {
        lock(&self.0).random_range(0..1000) < per_mille
    }

    /// A number below `bound` (0 when the bound is 0).
    #[must_use]
    pub fn below(&self, bound: usize) -> usize {
        if bound == 0 { 0 } else { lock(&self.0).random_range(0..bound) }
    }

    /// Fills a buffer.
    pub fn fill(&self, bytes: &mut [u8]) {
        lock(&self.0).fill_bytes(bytes);
    }
}

/// What is shared between the scheduler and the seams.
#[derive(Debug, Default)]
struct Shared {
    crash: bool,
    points: BTreeMap<&'static str, u64>,
}

/// Where seams tell that a process could be switched or crash.
#[derive(Debug, Clone, Default)]
pub struct Pauses(Arc<Mutex<Shared>>);

impl Pauses {
    /// Gives the other processes a turn.
    #[must_use]
    pub fn pause(&self, point: &'static str) -> Pause {
        *lock(&self.0).points.entry(point).or_insert(0) += 1;
        Pause { paused: false }
    }

    /// Makes the process that is being polled crash: its future is dropped after this poll.
    pub fn crash(&self) {
        lock(&self.0).crash = true;
    }

    /// How often anybody paused.
    fn count(&self) -> u64 {
        lock(&self.0).points.values().sum()
    }

    fn take_crash(&self) -> bool {
        std::mem::take(&mut lock(&self.0).crash)
    }
}

/// A future that is pending once.
#[derive(Debug)]
pub struct Pause {
    paused: bool,
}

impl Future for Pause {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if self.paused {
            return Poll::Ready(());
        }
        self.paused = true;
        Poll::Pending
    }
}

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It came to its end.
    Done,
    /// It crashed.
    Crashed,
}

/// A process: whatever it does until it ends or crashes.
pub type Process<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

/// Runs processes to their ends in an order drawn from chance.
///
/// # Panics
/// When nothing ends within [`MAX_POLLS`].
#[must_use]
pub fn run(processes: Vec<Process<'_>>, chance: &Chance, pauses: &Pauses) -> Vec<Ended> {
    let mut running: Vec<(usize, Process<'_>)> = processes.into_iter().enumerate().collect();
    let mut ended = vec![Ended::Done; running.len()];
    let mut context = Context::from_waker(Waker::noop());
    let mut waits = 0_u32;
    for _ in 0..MAX_POLLS {
        if running.is_empty() {
            return ended;
        }
        let turn = chance.below(running.len());
        let (number, process) = &mut running[turn];
        let number = *number;
        let before = pauses.count();
        let ready = process.as_mut().poll(&mut context).is_ready();
        // Pending and not by a pause of ours: it waits for a server outside. The others may go on meanwhile.
        if !ready && pauses.count() == before {
            waits = waits.saturating_add(1);
            if waits.is_multiple_of(WAITS_BEFORE_A_NAP) {
                std::thread::sleep(NAP);
            }
        }
        let crashed = pauses.take_crash();
        if crashed {
            ended[number] = Ended::Crashed;
        }
        if ready || crashed {
            drop(running.swap_remove(turn));
        }
    }
    panic!("the processes did not end in {MAX_POLLS} polls");
}

/// How often a process is polled that waits for a server outside, before everybody naps.
const WAITS_BEFORE_A_NAP: u32 = 4;
/// How long: about what a statement takes there.
const NAP: std::time::Duration = std::time::Duration::from_micros(50);

/// A lock that a panic elsewhere does not poison.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
