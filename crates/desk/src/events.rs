//! What happens to an account by itself while time passes: dues, and policies that take force. Production and
//! replay take the order from here, so that they can't differ. Pure.

use domain::file::{AccountFile, Part};
use domain::ids::Hash;
use domain::people::PolicyAdopted;
use domain::policy::Policy;
use domain::step::next_due;
use jiff::Timestamp;

/// A policy that was published, as the timeline keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Epoch {
    /// Its number: 1, 2, 3 ...
    pub number: u64,
    /// The bundle of files.
    pub hash: Hash,
    /// From when it decides.
    pub from: Timestamp,
}

/// What happens to an account next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Something came due; the step's instant.
    Due(Timestamp),
    /// A policy takes force; the step's instant and its first fact.
    Adopt(Timestamp, PolicyAdopted),
}

impl Event {
    /// The instant of the event's step.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        match self {
            Self::Due(at) | Self::Adopt(at, _) => *at,
        }
    }
}

/// Whether policies decide for this account. The others only record.
#[must_use]
pub const fn is_decided(file: &AccountFile) -> bool {
    matches!(file.part, Part::Customer(_))
}

/// The due step of an account: its instant is the due, but never before the account's last step.
#[must_use]
pub fn due_step(file: &AccountFile, policy: &Policy) -> Option<Timestamp> {
    let due = next_due(file, policy)?;
    Some(file.last_at.map_or(due, |last| last.max(due)))
}

/// The adoption that comes next for an account that has adopted a policy before.
#[must_use]
pub fn next_adoption(file: &AccountFile, timeline: &[Epoch]) -> Option<(Timestamp, PolicyAdopted)> {
    let adopted = file.policy?;
    let next = timeline.iter().find(|epoch| epoch.number > adopted.epoch)?;
    let at = file.last_at.map_or(next.from, |last| last.max(next.from));
    Some((at, PolicyAdopted { hash: next.hash, from: next.from, epoch: next.number }))
}

/// What happens next until `until`, if anything. A policy takes force before a due of the same instant.
#[must_use]
pub fn next_event(file: &AccountFile, policy: &Policy, timeline: &[Epoch], until: Timestamp) -> Option<Event> {
    if !is_decided(file) {
        return None;
    }
    let adoption = next_adoption(file, timeline).map(|(at, adopted)| Event::Adopt(at, adopted));
    let due = due_step(file, policy).map(Event::Due);
    let next = match (due, adoption) {
        (Some(due), Some(adoption)) if due.at() < adoption.at() => due,
        (_, Some(adoption)) => adoption,
        (due, None) => due?,
    };
    (next.at() <= until).then_some(next)
}

/// The policy that a new account adopts at an instant: the last that is in force, or the first there is.
#[must_use]
pub fn in_force(timeline: &[Epoch], at: Timestamp) -> Option<Epoch> {
    timeline.iter().rev().find(|epoch| epoch.from <= at).or(timeline.first()).copied()
}
