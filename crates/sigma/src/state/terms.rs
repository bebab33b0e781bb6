//! Combinations of field values seen in a partition, with the time they were last seen.

use serde::{Deserialize, Serialize};

use super::{Key, KeyMap, MAX_TERMS, make_room, sorted};

/// The combinations one `new_terms` rule has seen.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub(crate) struct Terms {
    seen: KeyMap<i64>,
    latest: i64,
    next_sweep: usize,
    /// Combinations forgotten for want of room.
    pub dropped: u64,
}

/// What noting a combination tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sighting {
    /// Never seen, or forgotten since.
    First,
    /// Seen, but longer ago than the history: when.
    Again(i64),
    /// Seen within the history.
    Known,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    seen: Vec<(Key, i64)>,
    latest: i64,
    next_sweep: u64,
    dropped: u64,
}

impl From<Stored> for Terms {
    fn from(stored: Stored) -> Self {
        Self {
            seen: stored.seen.into_iter().collect(),
            latest: stored.latest,
            next_sweep: usize::try_from(stored.next_sweep).unwrap_or(0),
            dropped: stored.dropped,
        }
    }
}

impl From<Terms> for Stored {
    fn from(terms: Terms) -> Self {
        Self {
            seen: sorted(&terms.seen),
            latest: terms.latest,
            next_sweep: u64::try_from(terms.next_sweep).unwrap_or(0),
            dropped: terms.dropped,
        }
    }
}

impl Terms {
    /// Notes a combination and tells whether it is new for `history_us`.
    pub(crate) fn note(&mut self, key: Key, time: i64, history_us: i64) -> Sighting {
        self.latest = self.latest.max(time);
        if let Some(last) = self.seen.get_mut(&key) {
            let before = *last;
            *last = before.max(time);
            // An event from before the last sighting is late, not new.
            return if time.saturating_sub(before) > history_us { Sighting::Again(before) } else { Sighting::Known };
        }
        let gone = make_room(
            &mut self.seen,
            MAX_TERMS,
            &mut self.next_sweep,
            self.latest.saturating_sub(history_us),
            |last| *last,
        );
        self.dropped = self.dropped.saturating_add(gone);
        self.seen.insert(key, time);
        Sighting::First
    }

    /// Number of combinations remembered.
    pub(crate) fn len(&self) -> usize {
        self.seen.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_combination_is_new_once_and_again_after_its_history() {
        let mut terms = Terms::default();
        assert_eq!(terms.note(1, 100, 50), Sighting::First);
        assert_eq!(terms.note(1, 140, 50), Sighting::Known);
        assert_eq!(terms.note(1, 90, 50), Sighting::Known);
        assert_eq!(terms.note(1, 191, 50), Sighting::Again(140));
        assert_eq!(terms.note(2, 191, 50), Sighting::First);
    }
}
