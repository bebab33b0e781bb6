//! Waiting for something to come about, with a limit, so that what does not come is said and not waited for.

use super::stage::Stage;
use crate::exit::{Exit, Failure};
use desk::Clock;
use jiff::SignedDuration;
use std::time::Duration;

/// The wall-clock time between two looks.
const BETWEEN_LOOKS: Duration = Duration::from_millis(40);

/// Looks again and again until there is something. `what` is said, with what was last seen, when the limit has passed.
pub(super) async fn until<T>(
    stage: &Stage<'_>,
    what: &str,
    limit: Duration,
    mut look: impl AsyncFnMut() -> anyhow::Result<Result<T, String>>,
) -> anyhow::Result<T> {
    let begun = stage.clock.monotonic();
    loop {
        let seen = match look().await? {
            Ok(found) => return Ok(found),
            Err(seen) => seen,
        };
        if stage.clock.monotonic().saturating_sub(begun) > limit {
            let text = format!("{what} did not come about within {} s; last seen: {seen}", limit.as_secs());
            return Err(Failure { exit: Exit::Remote, text, hint: None }.into());
        }
        let nap = SignedDuration::try_from(BETWEEN_LOOKS * stage.speed).unwrap_or(SignedDuration::from_secs(1));
        let until = stage.clock.now().saturating_add(nap).unwrap_or(jiff::Timestamp::MAX);
        stage.clock.sleep_until(until).await;
    }
}
