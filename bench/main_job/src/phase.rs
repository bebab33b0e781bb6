//! The times of many steps, and what is told of them.

use serde_json::{Value, json};
use std::time::Duration;

/// The times of all steps of a phase, shortest first.
#[derive(Debug)]
pub struct Phase {
    /// How long the phase took, in seconds.
    pub seconds: f64,
    times: Vec<Duration>,
}

impl Phase {
    /// A phase of these times.
    #[must_use]
    pub fn new(took: Duration, mut times: Vec<Duration>) -> Self {
        times.sort();
        Self { seconds: took.as_secs_f64(), times }
    }

    /// How many steps there were.
    #[must_use]
    pub fn count(&self) -> usize {
        self.times.len()
    }

    /// Steps a second.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.times.len() as f64 / self.seconds
    }

    /// The time that this share of the steps took at most, in milliseconds.
    #[must_use]
    pub fn at(&self, share: f64) -> f64 {
        let last = self.times.len().saturating_sub(1);
        let place = ((self.times.len() as f64 * share) as usize).min(last);
        self.times.get(place).map_or(0.0, |time| time.as_secs_f64() * 1e3)
    }

    /// All of it.
    #[must_use]
    pub fn report(&self) -> Value {
        json!({ "count": self.count(), "perSecond": self.rate(), "p50Ms": self.at(0.5), "p99Ms": self.at(0.99), "maxMs": self.at(1.0) })
    }
}
