//! Sliding windows over event time: what a group did in the last minutes, hours or days.
//! Late events are put in their place; repeated deliveries of one event count once.

use std::collections::{HashMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::{Key, KeyMap, MAX_GROUPS, make_room, sorted};
use crate::finding::MAX_NAMED_MEMBERS;

/// How many neighbours with the same time are compared to find a repeated delivery.
const MAX_DUPLICATE_SCAN: usize = 128;

/// One event in a window.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Arrival {
    /// Event time in microseconds.
    pub time: i64,
    /// Digest of the event's identity.
    pub id: u64,
    /// Digest of the value that is counted, or the bits of the number that is summed.
    pub value: u64,
    /// Which of the correlated rules fired.
    pub member: u16,
}

/// An event's name, kept for the latest ones only.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct MemberNote {
    pub time: i64,
    pub event: String,
}

/// The window of one group.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Window {
    pub entries: VecDeque<Arrival>,
    pub latest: i64,
    pub notes: VecDeque<MemberNote>,
    /// Events when the condition began to hold, and since then with those; zeros while it does
    /// not. One per threshold.
    pub storms: Vec<(u64, u64)>,
    /// Distinct values and how often each occurs; rebuilt after a restore.
    #[serde(skip)]
    values: Option<HashMap<u64, u32>>,
    /// No note is older than this; worked out anew after a restore.
    #[serde(skip)]
    oldest_note: Option<i64>,
}

impl Window {
    /// Puts an event into the window. Returns false when it is a repeated delivery or too late.
    pub(crate) fn push(
        &mut self,
        arrival: Arrival,
        note: &str,
        span_us: i64,
        limit: usize,
        count_values: bool,
    ) -> bool {
        if !self.entries.is_empty() && arrival.time < self.latest.saturating_sub(span_us) {
            return false;
        }
        let place = self.entries.iter().rev().take_while(|e| e.time > arrival.time).count();
        let at = self.entries.len() - place;
        let same = self.entries.range(..at).rev().take(MAX_DUPLICATE_SCAN).take_while(|e| e.time == arrival.time);
        if same.into_iter().any(|e| e.id == arrival.id && e.member == arrival.member) {
            return false;
        }
        if count_values {
            self.values();
            if let Some(values) = &mut self.values {
                *values.entry(arrival.value).or_insert(0) += 1;
            }
        }
        self.entries.insert(at, arrival);
        self.latest = self.latest.max(arrival.time);
        if self.entries.len() == 1 {
            self.latest = arrival.time;
        }
        // The room of the note that leaves is used for the one that comes.
        let left = if self.notes.len() >= MAX_NAMED_MEMBERS { self.notes.pop_front() } else { None };
        let mut event = left.map(|note| note.event).unwrap_or_default();
        event.clear();
        event.push_str(note);
        self.notes.push_back(MemberNote { time: arrival.time, event });
        self.oldest_note = self.oldest_note.map(|oldest| oldest.min(arrival.time));
        self.expire(span_us, limit);
        true
    }

    fn expire(&mut self, span_us: i64, limit: usize) {
        let from = self.latest.saturating_sub(span_us);
        while self.entries.front().is_some_and(|e| e.time < from) || self.entries.len() > limit {
            let Some(gone) = self.entries.pop_front() else { break };
            if let Some(values) = &mut self.values
                && let Some(count) = values.get_mut(&gone.value)
            {
                *count -= 1;
                if *count == 0 {
                    values.remove(&gone.value);
                }
            }
        }
        if self.oldest_note.is_none_or(|oldest| oldest < from) {
            self.notes.retain(|n| n.time >= from);
            self.oldest_note = self.notes.iter().map(|n| n.time).min();
        }
    }

    fn values(&mut self) -> &HashMap<u64, u32> {
        let entries = &self.entries;
        self.values.get_or_insert_with(|| {
            let mut values = HashMap::new();
            for entry in entries {
                *values.entry(entry.value).or_insert(0) += 1;
            }
            values
        })
    }

    /// Number of distinct values in the window.
    pub(crate) fn distinct(&mut self) -> usize {
        self.values().len()
    }

    /// First event time in the window.
    pub(crate) fn first(&self) -> i64 {
        self.entries.front().map_or(self.latest, |e| e.time)
    }

    /// Follows whether threshold number `at` holds. Returns 1 when it begins to hold, and 10, 100
    /// and so on when the storm has so many times the events it began with; else `None`.
    pub(crate) fn storm(&mut self, at: usize, holds: bool) -> Option<u64> {
        let now = u64::try_from(self.entries.len()).unwrap_or(u64::MAX).max(1);
        if self.storms.len() <= at {
            self.storms.resize(at + 1, (0, 0));
        }
        let (base, total) = self.storms.get_mut(at)?;
        if !holds {
            (*base, *total) = (0, 0);
            return None;
        }
        if *base == 0 {
            (*base, *total) = (now, now);
            return Some(1);
        }
        *total = total.saturating_add(1);
        let mut step = 10_u64;
        while base.saturating_mul(step) < *total {
            step = step.saturating_mul(10);
        }
        (base.saturating_mul(step) == *total).then_some(step)
    }
}

/// The windows of all groups of one correlation or burst.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub(crate) struct Windows {
    groups: KeyMap<Window>,
    latest: i64,
    next_sweep: usize,
    pub dropped: u64,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    groups: Vec<(Key, Window)>,
    latest: i64,
    next_sweep: u64,
    dropped: u64,
}

impl From<Stored> for Windows {
    fn from(stored: Stored) -> Self {
        Self {
            groups: stored.groups.into_iter().collect(),
            latest: stored.latest,
            next_sweep: usize::try_from(stored.next_sweep).unwrap_or(0),
            dropped: stored.dropped,
        }
    }
}

impl From<Windows> for Stored {
    fn from(windows: Windows) -> Self {
        Self {
            groups: sorted(&windows.groups),
            latest: windows.latest,
            next_sweep: u64::try_from(windows.next_sweep).unwrap_or(0),
            dropped: windows.dropped,
        }
    }
}

impl Windows {
    /// The window of a group; made when it is new, with room made before.
    pub(crate) fn group(&mut self, key: Key, time: i64, keep_us: i64) -> &mut Window {
        self.latest = self.latest.max(time);
        if !self.groups.contains_key(&key) {
            let expired = self.latest.saturating_sub(keep_us);
            let gone = make_room(&mut self.groups, MAX_GROUPS, &mut self.next_sweep, expired, |w| w.latest);
            self.dropped = self.dropped.saturating_add(gone);
        }
        self.groups.entry(key).or_default()
    }

    pub(crate) fn len(&self) -> usize {
        self.groups.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrival(time: i64, id: u64) -> Arrival {
        Arrival { time, id, value: id % 3, member: 0 }
    }

    #[test]
    fn late_events_take_their_place_and_old_ones_leave() {
        let mut window = Window::default();
        for (time, id) in [(10, 1), (30, 2), (20, 3), (5, 4)] {
            window.push(arrival(time, id), "", 100, 100, true);
        }
        let times: Vec<i64> = window.entries.iter().map(|e| e.time).collect();
        assert_eq!(times, [5, 10, 20, 30]);
        assert_eq!(window.distinct(), 3);
        window.push(arrival(125, 7), "", 100, 100, true);
        assert_eq!(window.entries.len(), 2);
        assert!(!window.push(arrival(20, 8), "", 100, 100, true));
        assert_eq!(window.distinct(), 2);
    }

    #[test]
    fn a_repeated_delivery_counts_once() {
        let mut window = Window::default();
        assert!(window.push(arrival(10, 1), "", 100, 100, false));
        assert!(!window.push(arrival(10, 1), "", 100, 100, false));
        assert!(window.push(arrival(10, 2), "", 100, 100, false));
    }

    #[test]
    fn a_storm_is_told_at_once_and_at_10_and_100_times_its_beginning() {
        let mut window = Window::default();
        for id in 0..5 {
            window.push(arrival(10, id), "", 100, 100, false);
        }
        let told: Vec<(usize, u64)> = (5..=600).filter_map(|event| Some((event, window.storm(0, true)?))).collect();
        assert_eq!(told, [(5, 1), (50, 10), (500, 100)]);
        assert_eq!(window.storm(0, false), None);
        assert_eq!(window.storm(0, true), Some(1));
    }

    #[test]
    fn a_window_never_grows_beyond_its_limit() {
        let mut window = Window::default();
        for id in 0..1_000 {
            window.push(arrival(10, id), "", 100, 50, true);
        }
        assert_eq!(window.entries.len(), 50);
    }
}
