//! Time and chance of a simulated world, and a store whose appends fail as the ledger says.

use crate::faults::{Fault, Ledger, Step};
use crate::scheduler::{Chance, Pauses, lock};
use desk::Desk;
use desk::seam::{Clock, Entropy, Waiting};
use domain::fact::StoredFact;
use jiff::{SignedDuration, Timestamp};
use runtime::Tools;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::{Append, KeysAt, Master, Store, StoreConfig, StoreFaults, Vault, VaultConfig};

/// A clock that only the simulation moves.
#[derive(Debug, Clone)]
pub struct SimClock {
    now: Arc<Mutex<Timestamp>>,
}

impl SimClock {
    /// A clock that stands at an instant.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        Self { now: Arc::new(Mutex::new(now)) }
    }

    /// Moves the clock, forward or back.
    pub fn jump(&self, by: SignedDuration) {
        let mut now = lock(&self.now);
        *now = now.checked_add(by).unwrap_or(*now);
    }

    /// Moves the clock to an instant, if that is later.
    pub fn advance_to(&self, at: Timestamp) {
        let mut now = lock(&self.now);
        *now = (*now).max(at);
    }
}

impl Clock for SimClock {
    fn now(&self) -> Timestamp {
        *lock(&self.now)
    }

    fn sleep_until(&self, until: Timestamp) -> Waiting<'_> {
        self.advance_to(until);
        Box::pin(std::future::ready(()))
    }

    fn monotonic(&self) -> Duration {
        Duration::try_from(self.now().duration_since(Timestamp::UNIX_EPOCH)).unwrap_or_default()
    }
}

/// Randomness from the seed.
#[derive(Debug, Clone)]
pub struct SimEntropy(pub Chance);

impl Entropy for SimEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.fill(bytes);
    }
}

/// A vault in memory, with a master key of its own.
///
/// # Panics
/// When it can't be made.
pub async fn vault(chance: &Chance) -> Vault {
    let fill = SimEntropy(chance.clone());
    // Thirty-two bytes in base64, worthless outside a simulated world.
    let master = Master::Secret("c2ltdWxhdGVkLXNpbXVsYXRlZC1zaW11bGF0ZWQtMDA=".to_owned().into());
    let config = VaultConfig { keys: KeysAt::Memory, master };
    Vault::unlock(&config, Arc::new(move |bytes: &mut [u8]| fill.fill(bytes))).await.expect("a vault in memory")
}

/// What the program works with, on a store in memory.
///
/// # Panics
/// When it can't be made.
pub async fn tools(clock: &SimClock, chance: &Chance) -> Tools {
    let store = Store::open(&StoreConfig::new("sqlite::memory:")).await.expect("a store in memory");
    let desk = Desk::new(store, Arc::new(clock.clone()));
    Tools { desk, vault: vault(chance).await, entropy: Arc::new(SimEntropy(chance.clone())) }
}

/// Faults between the program and its store.
#[derive(Debug, Clone)]
pub struct SimStore {
    /// Whether and where faults are made.
    pub ledger: Ledger,
    /// Where processes are switched or crash.
    pub pauses: Pauses,
    /// What time it is when an append lands.
    pub clock: SimClock,
    /// How many changes were ordered in each hour in which that really happened.
    pub ordered: OrderedByHour,
}

/// How many changes were ordered in each hour since 1970.
pub type OrderedByHour = Arc<Mutex<BTreeMap<i64, u32>>>;

impl SimStore {
    /// Counts the changes that an append orders, in the hour in which it lands: a step that is worked off late
    /// happens now, whatever its own instant is.
    fn count_orders(&self, facts: &[StoredFact]) {
        for fact in facts.iter().filter(|fact| fact.kind == "step.ordered") {
            let hour = fact.at.max(self.clock.now()).as_second().div_euclid(3_600);
            *lock(&self.ordered).entry(hour).or_default() += 1;
        }
    }
}

/// Which step of the main job an append is.
#[must_use]
pub fn step_of(facts: &[StoredFact]) -> Step {
    let has = |kind: &str| facts.iter().any(|fact| fact.kind == kind);
    if has("finding.recorded") {
        Step::Finding
    } else if has("alert.seen") {
        Step::Alert
    } else if has("containment.requested") {
        Step::Propose
    } else if has("action.approved") {
        Step::Approve
    } else if has("case.claimed") || has("case.closed") {
        Step::Person
    } else if has("effect.started") {
        Step::Fence
    } else if has("effect.finished") {
        Step::Result
    } else {
        Step::Due
    }
}

impl StoreFaults for SimStore {
    fn before_append(&self, append: &Append) -> bool {
        let step = step_of(&append.facts);
        if self.ledger.strikes(Fault::CrashBefore, step) {
            // The append fails, and the process ends before it can tell anyone.
            self.pauses.crash();
            return true;
        }
        self.ledger.strikes(Fault::StoreBefore, step)
    }

    fn after_commit(&self, append: &Append) -> bool {
        self.count_orders(&append.facts);
        let step = step_of(&append.facts);
        if self.ledger.strikes(Fault::CrashAfter, step) {
            self.pauses.crash();
            return true;
        }
        self.ledger.strikes(Fault::StoreAfter, step)
    }

    fn pause(&self, point: &'static str) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(self.pauses.pause(point))
    }
}
