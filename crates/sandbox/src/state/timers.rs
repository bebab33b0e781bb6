//! What happens later without anybody asking: an ordered list of instants and what is due at each.
//! What a timer does when it is due is written in `world/clockwork.rs`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use uuid::Uuid;

/// How many timers may wait; a hundred thousand customers have some two hundred thousand term ends.
pub(crate) const MAX_TIMERS: usize = 2_000_000;

/// One thing that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Due {
    /// A cancelled or reactivated Azure subscription reaches its new state, if it still has this version.
    EntitlementSettles { customer: usize, entitlement: Uuid, version: u32 },
    /// A seat subscription reaches the end of a period.
    SeatAges { customer: usize, seat: Uuid },
    /// A change accepted with 202 is carried out.
    PatchSettles { operation: u64 },
    /// An attacker enables a cancelled Azure subscription again.
    Reenable { subscription: Uuid },
    /// A story tells its next step.
    StoryStep { story: usize },
}

/// The waiting timers in order of time and, at one instant, of arrival.
#[derive(Debug, Clone, Default)]
pub(crate) struct Timers {
    waiting: BTreeMap<(Timestamp, u64), Due>,
    arrivals: u64,
}

impl Timers {
    /// Adds a timer; the newest is refused when [`MAX_TIMERS`] wait.
    pub(crate) fn set(&mut self, at: Timestamp, due: Due) {
        if self.waiting.len() < MAX_TIMERS {
            self.arrivals += 1;
            self.waiting.insert((at, self.arrivals), due);
        }
    }

    /// Takes the first timer that is due at `now`.
    pub(crate) fn pop(&mut self, now: Timestamp) -> Option<(Timestamp, Due)> {
        let entry = self.waiting.first_entry()?;
        let at = entry.key().0;
        (at <= now).then(|| (at, entry.remove()))
    }

    /// When the next timer is due.
    pub(crate) fn next(&self) -> Option<Timestamp> {
        self.waiting.keys().next().map(|(at, _)| *at)
    }
}
