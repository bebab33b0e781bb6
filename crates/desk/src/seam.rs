//! Two of the four seams to the world: time and randomness. Everything else takes them from here, so that a
//! simulated world can hold both. (The other two are the store's append and `microsoft::seam::Outbound`.)

use jiff::{SignedDuration, Timestamp, TimestampRound, Unit};
use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// A future that a seam gives.
pub type Waiting<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Time, and waiting for it.
pub trait Clock: Debug + Send + Sync {
    /// The instant, in whole microseconds.
    fn now(&self) -> Timestamp;
    /// Waits until an instant is reached.
    fn sleep_until(&self, until: Timestamp) -> Waiting<'_>;
    /// Time since some moment, for measuring only.
    fn monotonic(&self) -> Duration;
}

/// Randomness.
pub trait Entropy: Debug + Send + Sync {
    /// Fills a buffer from a source that is fit for secrets.
    fn fill(&self, bytes: &mut [u8]);

    /// An id for something that is born at the edge at `now` (UUID version 7).
    fn id(&self, now: Timestamp) -> Uuid {
        let mut random = [0; 10];
        self.fill(&mut random);
        let millis = u64::try_from(now.as_millisecond()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }

    /// A key for a request, with nothing in it to guess.
    fn key(&self) -> Uuid {
        let mut random = [0; 16];
        self.fill(&mut random);
        uuid::Builder::from_random_bytes(random).into_uuid()
    }
}

/// Drops what is below a microsecond, the finest that is stored.
#[must_use]
pub fn whole_microseconds(at: Timestamp) -> Timestamp {
    let down = TimestampRound::new().smallest(Unit::Microsecond).mode(jiff::RoundMode::Trunc);
    at.round(down).unwrap_or(at)
}

/// The time of the machine, or a story's time that starts at an instant and runs faster.
#[derive(Debug, Clone)]
pub struct SystemClock {
    origin: Instant,
    starts_at: Timestamp,
    speed: u32,
}

/// How often a sleeper looks at the clock again: the machine's clock may be set while it sleeps.
const MAX_NAP: Duration = Duration::from_secs(1);

impl SystemClock {
    /// The time of the machine.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the Clock seam")]
    pub fn new() -> Self {
        Self { origin: Instant::now(), starts_at: Timestamp::now(), speed: 1 }
    }

    /// A story's time: it starts at `starts_at` and runs `speed` times as fast as the machine's.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the Clock seam")]
    pub fn story(starts_at: Timestamp, speed: u32) -> Self {
        Self { origin: Instant::now(), starts_at, speed: speed.max(1) }
    }

    #[expect(clippy::disallowed_methods, reason = "this is the Clock seam")]
    async fn wait_until(&self, until: Timestamp) {
        loop {
            let left = until.duration_since(self.now());
            if left <= SignedDuration::ZERO {
                return;
            }
            let left = Duration::try_from(left).unwrap_or(MAX_NAP) / self.speed;
            tokio::time::sleep(left.clamp(Duration::from_millis(1), MAX_NAP)).await;
        }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the Clock seam")]
    fn now(&self) -> Timestamp {
        let now = if self.speed == 1 {
            Timestamp::now()
        } else {
            self.starts_at.saturating_add(self.origin.elapsed() * self.speed).unwrap_or(Timestamp::MAX)
        };
        whole_microseconds(now)
    }

    fn sleep_until(&self, until: Timestamp) -> Waiting<'_> {
        Box::pin(self.wait_until(until))
    }

    fn monotonic(&self) -> Duration {
        self.origin.elapsed()
    }
}

/// The randomness of the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    #[expect(clippy::disallowed_methods, reason = "this is the Entropy seam")]
    fn fill(&self, bytes: &mut [u8]) {
        rand::Rng::fill_bytes(&mut rand::rng(), bytes);
    }
}
