//! What the service remembers of requests: answers by `MS-RequestId`, and how many calls a minute each tenant made.

use std::collections::{BTreeMap, HashMap, VecDeque};

use jiff::Timestamp;

use crate::exchange::Response;

/// How many answers are remembered for repetition; the oldest goes first.
pub(crate) const MAX_REMEMBERED_ANSWERS: usize = 50_000;
/// How many calling windows are counted at once.
pub(crate) const MAX_RATE_WINDOWS: usize = 20_000;
/// Microsoft's documented limit for customer, subscription and order resources, per tenant id.
pub(crate) const CALLS_PER_MINUTE_AND_TENANT: u32 = 500;
/// Microsoft's documented limit for webhook test events.
pub(crate) const TEST_EVENTS_PER_MINUTE: u32 = 2;

/// The answers given to writes, kept so that the same request id acts once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Remembered {
    answers: HashMap<String, Response>,
    order: VecDeque<String>,
}

impl Remembered {
    pub(crate) fn find(&self, key: &str) -> Option<Response> {
        self.answers.get(key).cloned()
    }

    pub(crate) fn keep(&mut self, key: String, answer: Response) {
        if self.order.len() >= MAX_REMEMBERED_ANSWERS
            && let Some(oldest) = self.order.pop_front()
        {
            self.answers.remove(&oldest);
        }
        self.order.push_back(key.clone());
        self.answers.insert(key, answer);
    }
}

/// Calls per named window of one minute.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rates {
    windows: BTreeMap<String, (i64, u32)>,
}

impl Rates {
    /// Counts a call; when the minute's limit is passed, says how many seconds are left of it.
    pub(crate) fn count(&mut self, name: &str, limit: u32, now: Timestamp) -> Result<(), u32> {
        let minute = now.as_second().div_euclid(60);
        if self.windows.len() >= MAX_RATE_WINDOWS {
            self.windows.retain(|_, (begun, _)| *begun == minute);
        }
        let window = self.windows.entry(name.to_owned()).or_insert((minute, 0));
        if window.0 != minute {
            *window = (minute, 0);
        }
        window.1 = window.1.saturating_add(1);
        if window.1 > limit {
            let left = 60 - now.as_second().rem_euclid(60);
            return Err(u32::try_from(left).unwrap_or(60));
        }
        Ok(())
    }
}
