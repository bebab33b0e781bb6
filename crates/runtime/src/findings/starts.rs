//! Machines that began to run lately, by Azure subscription: a finding about many events is made at one of them, and
//! has to tell what all of them cost. Bounded; what falls out makes the burn smaller, never larger.

use super::spotted::Running;
use domain::ids::{AccountId, AzureSubscriptionId};
use domain::signals::MAX_RESOURCES_PER_FINDING;
use jiff::{SignedDuration, Timestamp};
use std::collections::{HashMap, VecDeque};

/// The most machines that are remembered of one Azure subscription: as many as one finding can name.
const MAX_MACHINES: usize = MAX_RESOURCES_PER_FINDING;
/// The most Azure subscriptions that are remembered.
const MAX_SUBSCRIPTIONS: usize = 4_096;
/// How long a machine is remembered: longer than the window of any rule that ships.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24);

type Place = (AccountId, AzureSubscriptionId);

/// What began to run lately.
#[derive(Debug, Default)]
pub struct Starts {
    by_place: HashMap<Place, VecDeque<(Timestamp, Running)>>,
}

impl Starts {
    /// Remembers a machine that began to run at `at`, by the event's account.
    pub fn began(&mut self, place: Place, at: Timestamp, running: Running) {
        if self.by_place.len() >= MAX_SUBSCRIPTIONS && !self.by_place.contains_key(&place) {
            self.forget_before(at);
            if self.by_place.len() >= MAX_SUBSCRIPTIONS {
                return;
            }
        }
        let machines = self.by_place.entry(place).or_default();
        if machines.len() >= MAX_MACHINES {
            machines.pop_front();
        }
        machines.push_back((at, running));
    }

    /// The machines that began to run in a window, both ends included.
    pub fn between(&self, place: Place, first: Timestamp, last: Timestamp) -> impl Iterator<Item = &Running> {
        let machines = self.by_place.get(&place).into_iter().flatten();
        machines.filter(move |(at, _)| (first..=last).contains(at)).map(|(_, running)| running)
    }

    fn forget_before(&mut self, now: Timestamp) {
        let oldest = now.saturating_sub(REMEMBERED).unwrap_or(Timestamp::MIN);
        self.by_place.retain(|_, machines| machines.back().is_some_and(|(at, _)| *at >= oldest));
    }
}
