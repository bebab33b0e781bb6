//! The faults of the simulated world, by step of the main job, with a count of each pair: a pair that never came
//! about proves nothing.

use crate::scheduler::{Chance, lock};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

/// A step of the main job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// A finding is recorded.
    Finding,
    /// An alert is recorded.
    Alert,
    /// A case is claimed or closed by a person.
    Person,
    /// An action is asked for.
    Propose,
    /// An action is approved.
    Approve,
    /// A due is worked off.
    Due,
    /// An effect is about to be tried.
    Fence,
    /// An effect's result is recorded.
    Result,
    /// Alerts are read at Microsoft.
    Poll,
    /// An alert is answered at Microsoft.
    Answer,
    /// An Azure subscription is cancelled at Microsoft.
    Cancel,
    /// A plan is suspended at Microsoft.
    Suspend,
    /// The remote state is read.
    Look,
    /// Somebody on call is sent a message.
    Page,
}

impl Step {
    /// The steps that end in an append.
    pub const APPENDS: [Self; 8] =
        [Self::Finding, Self::Alert, Self::Person, Self::Propose, Self::Approve, Self::Due, Self::Fence, Self::Result];
    /// The steps that are requests to Microsoft.
    pub const REQUESTS: [Self; 6] = [Self::Poll, Self::Answer, Self::Cancel, Self::Suspend, Self::Look, Self::Page];
    /// The requests that change something.
    pub const CHANGES: [Self; 3] = [Self::Answer, Self::Cancel, Self::Suspend];

    /// Whether the step changes something at Microsoft.
    #[must_use]
    pub fn changes_microsoft(self) -> bool {
        Self::CHANGES.contains(&self)
    }
}

/// A fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// The process ends before the step.
    CrashBefore,
    /// The process ends after the step, before it knows.
    CrashAfter,
    /// The store fails before it writes.
    StoreBefore,
    /// The store fails after it wrote.
    StoreAfter,
    /// The request never arrives.
    RequestLost,
    /// The request arrives twice.
    RequestDoubled,
    /// The reply never arrives.
    ReplyLost,
    /// What is told is told twice.
    ToldTwice,
    /// The clock jumps forward.
    ClockForward,
    /// The clock jumps back.
    ClockBack,
    /// A webhook comes late, or never.
    WebhookLate,
    /// Two workers are at it at once.
    TwoWorkers,
}

impl Fault {
    /// The steps that the fault has to strike somewhere in a full run.
    #[must_use]
    pub fn steps(self) -> Vec<Step> {
        match self {
            Self::CrashBefore | Self::CrashAfter => Step::APPENDS.into_iter().chain(Step::REQUESTS).collect(),
            Self::StoreBefore | Self::StoreAfter => Step::APPENDS.to_vec(),
            Self::RequestLost | Self::ReplyLost => Step::REQUESTS.to_vec(),
            Self::RequestDoubled => Step::CHANGES.into_iter().chain([Step::Page]).collect(),
            Self::ToldTwice => vec![Step::Finding, Step::Alert],
            Self::ClockForward | Self::ClockBack => vec![Step::Due, Step::Fence, Step::Approve],
            Self::WebhookLate => vec![Step::Poll],
            Self::TwoWorkers => vec![Step::Due, Step::Fence, Step::Result, Step::Poll],
        }
    }

    /// Every fault.
    pub const ALL: [Self; 12] = [
        Self::CrashBefore,
        Self::CrashAfter,
        Self::StoreBefore,
        Self::StoreAfter,
        Self::RequestLost,
        Self::RequestDoubled,
        Self::ReplyLost,
        Self::ToldTwice,
        Self::ClockForward,
        Self::ClockBack,
        Self::WebhookLate,
        Self::TwoWorkers,
    ];
}

/// How often each fault struck each step.
pub type Counts = BTreeMap<(Fault, Step), u64>;

/// Decides where faults strike, and counts them.
#[derive(Debug, Clone)]
pub struct Ledger {
    chance: Chance,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    per_mille: u32,
    counts: Counts,
}

impl Ledger {
    /// A ledger whose faults strike so many times in a thousand.
    #[must_use]
    pub fn new(chance: Chance, per_mille: u32) -> Self {
        Self { chance, state: Arc::new(Mutex::new(State { per_mille, counts: Counts::new() })) }
    }

    /// Whether a fault strikes here and now; counted when it does.
    #[must_use]
    pub fn strikes(&self, fault: Fault, step: Step) -> bool {
        let per_mille = lock(&self.state).per_mille;
        let hit = per_mille > 0 && self.chance.hits(per_mille);
        if hit {
            self.count(fault, step);
        }
        hit
    }

    /// Counts a fault that was brought about elsewhere.
    pub fn count(&self, fault: Fault, step: Step) {
        *lock(&self.state).counts.entry((fault, step)).or_insert(0) += 1;
    }

    /// No more faults: what is left has to come to its end.
    pub fn stop(&self) {
        lock(&self.state).per_mille = 0;
    }

    /// What struck so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        lock(&self.state).counts.clone()
    }
}

/// The table of faults and steps, and the pairs that never came about.
#[must_use]
pub fn table(counts: &Counts) -> (String, Vec<(Fault, Step)>) {
    let steps: Vec<Step> = Step::APPENDS.into_iter().chain(Step::REQUESTS).collect();
    let mut text = format!("{:<16}", "fault x step");
    for step in &steps {
        let _ = write!(text, "{:>9}", format!("{step:?}"));
    }
    let mut missing = Vec::new();
    for fault in Fault::ALL {
        let _ = write!(text, "\n{:<16}", format!("{fault:?}"));
        let wanted = fault.steps();
        for step in &steps {
            let count = counts.get(&(fault, *step)).copied().unwrap_or(0);
            if count == 0 && wanted.contains(step) {
                missing.push((fault, *step));
            }
            let shown = if wanted.contains(step) || count > 0 { count.to_string() } else { "-".to_owned() };
            let _ = write!(text, "{shown:>9}");
        }
    }
    (text, missing)
}
