//! A clock that only the test moves, for every test of the desk.

use desk::seam::{Clock, Waiting};
use jiff::{SignedDuration, Timestamp};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The hands of the clock.
#[derive(Debug)]
pub(crate) struct Hands(Mutex<Timestamp>);

impl Hands {
    /// A clock that stands at an instant.
    pub(crate) fn at(text: &str) -> Arc<Self> {
        Arc::new(Self(Mutex::new(text.parse().expect("an instant"))))
    }

    pub(crate) fn forward(&self, span: SignedDuration) {
        let mut now = self.0.lock().expect("the clock");
        *now = now.checked_add(span).expect("a later instant");
    }
}

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        *self.0.lock().expect("the clock")
    }
    fn sleep_until(&self, _: Timestamp) -> Waiting<'_> {
        Box::pin(std::future::ready(()))
    }
    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
}
