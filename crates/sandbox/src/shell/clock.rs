//! Simulated time: the real clock, sped up and moved ahead.

use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::state::seat::later;

/// The fastest that simulated time runs: a day in about nine seconds.
pub(crate) const MAX_SPEED: u32 = 10_000;
/// The furthest that one call moves simulated time ahead.
pub(crate) const MAX_ADVANCE: SignedDuration = SignedDuration::from_hours(24 * 366);

type RealClock = Box<dyn Fn() -> Timestamp + Send + Sync>;

/// The computer's clock, to be given to `Server::start`.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the simulated Microsoft has its own clock")]
pub fn wall_clock() -> Timestamp {
    Timestamp::now()
}

/// A real instant, the simulated instant that belongs to it, and how fast it goes from there.
#[derive(Debug, Clone, Copy)]
struct Mark {
    real: Timestamp,
    simulated: Timestamp,
    speed: u32,
}

/// Simulated time.
pub(crate) struct SimulatedClock {
    real: RealClock,
    mark: Mutex<Mark>,
}

impl SimulatedClock {
    pub(crate) fn new(real: RealClock, simulated: Timestamp, speed: u32) -> Self {
        let mark = Mark { real: real(), simulated, speed: speed.min(MAX_SPEED) };
        Self { real, mark: Mutex::new(mark) }
    }

    /// The simulated time.
    pub(crate) fn now(&self) -> Timestamp {
        let mark = *self.mark.lock().unwrap_or_else(PoisonError::into_inner);
        self.at(mark)
    }

    pub(crate) fn speed(&self) -> u32 {
        self.mark.lock().unwrap_or_else(PoisonError::into_inner).speed
    }

    /// Lets time jump ahead, never back.
    pub(crate) fn advance(&self, by: SignedDuration) {
        let by = by.clamp(SignedDuration::ZERO, MAX_ADVANCE);
        let mut mark = self.mark.lock().unwrap_or_else(PoisonError::into_inner);
        mark.simulated = later(mark.simulated, by);
    }

    /// Changes how fast time goes from now on; 0 stops it.
    pub(crate) fn set_speed(&self, speed: u32) {
        let mut mark = self.mark.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.at(*mark);
        *mark = Mark { real: (self.real)(), simulated: now, speed: speed.min(MAX_SPEED) };
    }

    fn at(&self, mark: Mark) -> Timestamp {
        let passed = (self.real)().duration_since(mark.real).max(SignedDuration::ZERO);
        let speed = i32::try_from(mark.speed).unwrap_or(i32::MAX);
        later(mark.simulated, passed.saturating_mul(speed))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;

    #[test]
    fn simulated_time_runs_at_its_speed_jumps_ahead_and_keeps_its_place_when_the_speed_changes() {
        let real = Arc::new(AtomicI64::new(1_000));
        let told = Arc::clone(&real);
        let tell = move || Timestamp::from_second(told.load(Ordering::SeqCst)).unwrap();
        let begin = Timestamp::from_second(50_000).unwrap();
        let clock = SimulatedClock::new(Box::new(tell), begin, 60);
        assert_eq!(clock.now(), begin);
        real.store(1_010, Ordering::SeqCst);
        assert_eq!(clock.now().as_second(), 50_600);
        clock.advance(SignedDuration::from_secs(400));
        assert_eq!(clock.now().as_second(), 51_000);
        clock.set_speed(0);
        real.store(2_000, Ordering::SeqCst);
        assert_eq!(clock.now().as_second(), 51_000);
        clock.advance(SignedDuration::from_secs(-5));
        assert_eq!(clock.now().as_second(), 51_000);
    }
}
