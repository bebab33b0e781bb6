//! What waits to be sent: webhooks and batches of log events, with ten attempts each and then parked.
//! Sending itself is the shell's, or a simulation's.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::state::seat::later;

/// Attempts before a parcel is parked (microsoft.md 3.2).
pub(crate) const MAX_ATTEMPTS: u32 = 10;
/// How many parcels may wait at once.
pub(crate) const MAX_WAITING_PARCELS: usize = 50_000;
/// How many parked parcels are kept to be looked at.
pub(crate) const MAX_PARKED_PARCELS: usize = 1_000;
/// The first wait after a failed attempt, doubled each time; Microsoft publishes no figure.
pub(crate) const FIRST_RETRY: SignedDuration = SignedDuration::from_secs(10);
/// The longest wait between two attempts.
pub(crate) const LONGEST_RETRY: SignedDuration = SignedDuration::from_hours(1);

/// What a parcel is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParcelKind {
    /// A webhook of this event.
    Webhook {
        /// The `EventName`.
        event: String,
        /// The correlation id of the test it belongs to.
        test: Option<String>,
    },
    /// Log events as gzip NDJSON.
    Events {
        /// How many records it holds.
        records: usize,
    },
}

/// One POST that is due, ready for the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Number of the parcel; give it back with the outcome.
    pub id: u64,
    /// What it is.
    pub kind: ParcelKind,
    /// Where it goes.
    pub url: String,
    /// Header names and values.
    pub headers: Vec<(String, String)>,
    /// The raw body.
    pub body: Vec<u8>,
    /// 1 for the first attempt.
    pub attempt: u32,
}

/// What came of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The receiver answered with this status; 2xx is success.
    Answered(u16),
    /// No answer: refused, cut or timed out.
    NoAnswer,
}

impl Outcome {
    pub(crate) fn is_success(self) -> bool {
        matches!(self, Self::Answered(status) if (200..300).contains(&status))
    }
}

#[derive(Debug, Clone)]
struct Parcel {
    outgoing: Outgoing,
    /// None while it is on its way.
    due: Option<Timestamp>,
}

/// A parcel as seen after an attempt.
#[derive(Debug, Clone)]
pub(crate) struct Attempted {
    pub(crate) kind: ParcelKind,
    pub(crate) url: String,
}

/// The waiting and parked parcels.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outbox {
    waiting: BTreeMap<u64, Parcel>,
    parked: Vec<Outgoing>,
    next: u64,
    pub(crate) delivered: u64,
    pub(crate) refused_for_room: u64,
    pub(crate) parked_total: u64,
}

impl Outbox {
    /// Adds a parcel; its id and attempt are set here. None when the queue is full.
    pub(crate) fn add(&mut self, mut outgoing: Outgoing, due: Timestamp) -> Option<u64> {
        if self.waiting.len() >= MAX_WAITING_PARCELS {
            self.refused_for_room += 1;
            return None;
        }
        self.next += 1;
        outgoing.id = self.next;
        outgoing.attempt = 0;
        self.waiting.insert(self.next, Parcel { outgoing, due: Some(due) });
        Some(self.next)
    }

    /// Moves a waiting parcel to another instant.
    pub(crate) fn postpone(&mut self, id: u64, due: Timestamp) {
        if let Some(parcel) = self.waiting.get_mut(&id)
            && parcel.due.is_some()
        {
            parcel.due = Some(due);
        }
    }

    /// Takes what is due, in order of due time, and marks it as on its way.
    pub(crate) fn take_due(&mut self, now: Timestamp) -> Vec<Outgoing> {
        let mut due: Vec<(Timestamp, u64)> = self
            .waiting
            .iter()
            .filter_map(|(id, parcel)| parcel.due.filter(|at| *at <= now).map(|at| (at, *id)))
            .collect();
        due.sort_unstable();
        due.into_iter()
            .filter_map(|(_, id)| {
                let parcel = self.waiting.get_mut(&id)?;
                parcel.due = None;
                parcel.outgoing.attempt += 1;
                Some(parcel.outgoing.clone())
            })
            .collect()
    }

    /// Records what came of an attempt: done, again later, or parked.
    pub(crate) fn settle(&mut self, id: u64, outcome: Outcome, now: Timestamp) -> Option<Attempted> {
        let parcel = self.waiting.get_mut(&id)?;
        let attempted = Attempted { kind: parcel.outgoing.kind.clone(), url: parcel.outgoing.url.clone() };
        if outcome.is_success() {
            self.waiting.remove(&id);
            self.delivered += 1;
        } else if parcel.outgoing.attempt >= MAX_ATTEMPTS {
            if let Some(parcel) = self.waiting.remove(&id) {
                self.park(parcel.outgoing);
            }
        } else {
            parcel.due = Some(later(now, wait_after(parcel.outgoing.attempt)));
        }
        Some(attempted)
    }

    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        self.waiting.values().filter_map(|parcel| parcel.due).min()
    }

    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    pub(crate) fn parked(&self) -> &[Outgoing] {
        &self.parked
    }

    fn park(&mut self, outgoing: Outgoing) {
        self.parked_total += 1;
        if self.parked.len() < MAX_PARKED_PARCELS {
            self.parked.push(outgoing);
        }
    }
}

fn wait_after(attempt: u32) -> SignedDuration {
    let doublings = attempt.saturating_sub(1).min(16);
    let factor = 1_i32.checked_shl(doublings).unwrap_or(i32::MAX);
    FIRST_RETRY.saturating_mul(factor).min(LONGEST_RETRY)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parcel() -> Outgoing {
        Outgoing {
            id: 0,
            kind: ParcelKind::Events { records: 1 },
            url: "http://127.0.0.1:1/".to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
            attempt: 0,
        }
    }

    #[test]
    fn a_parcel_nobody_takes_is_tried_ten_times_and_then_parked() {
        let mut outbox = Outbox::default();
        let mut now = Timestamp::from_second(1_780_000_000).unwrap();
        outbox.add(parcel(), now).unwrap();
        let mut attempts = 0;
        while let Some(due) = outbox.next_due() {
            now = due;
            for outgoing in outbox.take_due(now) {
                attempts += 1;
                assert_eq!(outgoing.attempt, attempts);
                outbox.settle(outgoing.id, Outcome::Answered(500), now);
            }
        }
        assert_eq!(attempts, MAX_ATTEMPTS);
        assert_eq!(outbox.parked().len(), 1);
        assert_eq!(outbox.waiting(), 0);
    }

    #[test]
    fn a_parcel_on_its_way_is_not_taken_again_before_its_outcome() {
        let mut outbox = Outbox::default();
        let now = Timestamp::from_second(1_780_000_000).unwrap();
        outbox.add(parcel(), now).unwrap();
        let taken = outbox.take_due(now);
        assert_eq!(taken.len(), 1);
        assert!(outbox.take_due(Timestamp::MAX).is_empty());
        outbox.settle(1, Outcome::NoAnswer, now);
        assert_eq!(outbox.next_due(), Some(later(now, FIRST_RETRY)));
    }
}
