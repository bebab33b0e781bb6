//! How many events each group usually has in a bucket of time.
//! An exponentially weighted average: half its weight is younger than the history.

use serde::{Deserialize, Serialize};

use super::{Key, KeyMap, MAX_GROUPS, make_room, sorted};
use crate::special::Rate;

/// Empty buckets are written into the average one by one up to this many, then at once.
const MAX_EMPTY_STEPS: u32 = 10_000;

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Baseline {
    /// First bucket seen.
    first: i64,
    /// Number of the current bucket.
    bucket: i64,
    count: u64,
    mean: f64,
    buckets: u64,
    /// The count at which this bucket was last reported.
    told: u64,
}

/// The baselines of one rule.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub(crate) struct Rates {
    groups: KeyMap<Baseline>,
    latest: i64,
    next_sweep: usize,
    pub dropped: u64,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    groups: Vec<(Key, Baseline)>,
    latest: i64,
    next_sweep: u64,
    dropped: u64,
}

impl From<Stored> for Rates {
    fn from(stored: Stored) -> Self {
        Self {
            groups: stored.groups.into_iter().collect(),
            latest: stored.latest,
            next_sweep: usize::try_from(stored.next_sweep).unwrap_or(0),
            dropped: stored.dropped,
        }
    }
}

impl From<Rates> for Stored {
    fn from(rates: Rates) -> Self {
        Self {
            groups: sorted(&rates.groups),
            latest: rates.latest,
            next_sweep: u64::try_from(rates.next_sweep).unwrap_or(0),
            dropped: rates.dropped,
        }
    }
}

/// A bucket that stands out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Surge {
    pub count: u64,
    pub expected: f64,
    pub buckets: u64,
}

impl Rates {
    /// Notes an event; tells when its bucket stands out, once, and again at 10 and 100 times that.
    pub(crate) fn note(&mut self, key: Key, time: i64, rate: &Rate) -> Option<Surge> {
        let number = time.div_euclid(rate.bucket_us);
        self.latest = self.latest.max(time);
        if !self.groups.contains_key(&key) {
            let keep = self.latest.saturating_sub(rate.history_us.saturating_mul(4)).div_euclid(rate.bucket_us);
            let gone = make_room(&mut self.groups, MAX_GROUPS, &mut self.next_sweep, keep, |b| b.bucket);
            self.dropped = self.dropped.saturating_add(gone);
        }
        let group = self.groups.entry(key).or_insert(Baseline {
            first: number,
            bucket: number,
            count: 0,
            mean: 0.0,
            buckets: 0,
            told: 0,
        });
        if number < group.bucket {
            // Late for a bucket that is closed: it is not added to another one.
            return None;
        }
        group.move_to(number, rate);
        group.count = group.count.saturating_add(1);
        let learnt = number.saturating_sub(group.first).saturating_mul(rate.bucket_us) >= rate.learning_us;
        let next = if group.told == 0 { 0 } else { group.told.saturating_mul(10) };
        if !learnt || group.count < rate.min.max(next) || to_f64(group.count) <= group.mean * rate.factor {
            return None;
        }
        group.told = group.count;
        Some(Surge { count: group.count, expected: group.mean, buckets: group.buckets })
    }

    pub(crate) fn len(&self) -> usize {
        self.groups.len()
    }
}

impl Baseline {
    fn move_to(&mut self, number: i64, rate: &Rate) {
        let steps = number.saturating_sub(self.bucket);
        if steps <= 0 {
            return;
        }
        let per_history = (rate.history_us / rate.bucket_us).max(1);
        let half = f64::from(u32::try_from(per_history).unwrap_or(u32::MAX));
        let weight = 1.0 - (-std::f64::consts::LN_2 / half).exp();
        let mut left = u32::try_from(steps).unwrap_or(u32::MAX).min(MAX_EMPTY_STEPS);
        let mut count = to_f64(self.count);
        while left > 0 {
            self.buckets = self.buckets.saturating_add(1);
            // The first buckets are averaged plainly, until there are enough to weigh.
            let share = weight.max(1.0 / to_f64(self.buckets));
            self.mean += (count - self.mean) * share;
            count = 0.0;
            left -= 1;
        }
        self.bucket = number;
        self.count = 0;
        self.told = 0;
    }
}

pub(crate) fn to_f64(count: u64) -> f64 {
    u32::try_from(count).map_or(f64::from(u32::MAX), f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000_000;

    fn rate() -> Rate {
        Rate { group_by: vec![], bucket_us: HOUR, history_us: 24 * HOUR, learning_us: 24 * HOUR, factor: 4.0, min: 10 }
    }

    #[test]
    fn a_steady_group_is_quiet_and_a_surge_is_told_once() {
        let mut rates = Rates::default();
        for hour in 0..72 {
            for event in 0..6 {
                assert_eq!(rates.note(1, hour * HOUR + event, &rate()), None);
            }
        }
        let told: Vec<Surge> = (0..60).filter_map(|event| rates.note(1, 72 * HOUR + event, &rate())).collect();
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].count, 25);
        assert!((told[0].expected - 6.0).abs() < 0.001);
    }

    #[test]
    fn nothing_is_told_while_learning() {
        let mut rates = Rates::default();
        assert!((0..1_000).all(|event| rates.note(1, event, &rate()).is_none()));
    }
}
