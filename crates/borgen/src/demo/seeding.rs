//! Waiting until the demonstration's customers are known and their last days are told. How many there are is asked of
//! the simulated Microsoft's counters, which cost nothing; the list itself is read once, at the end.

use super::stage::Stage;
use super::waiting::until;
use crate::remote::Method;
use crate::table::at;
use desk::Clock;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use std::cell::Cell;
use std::time::Duration;

/// How long the first sync may take, for each thousand customers.
const SYNC_LIMIT_PER_THOUSAND: Duration = Duration::from_mins(2);
/// How long telling the last days may take, for each thousand customers, and at least.
const HISTORY_LIMIT: Duration = Duration::from_mins(1);
/// So many customers are waited for without a word.
const CUSTOMERS_IN_SILENCE: u32 = 2_000;
/// How often it is said how far the sync is.
const SAID_EVERY: Duration = Duration::from_secs(10);

/// Waits until so many of the customers that Microsoft lists are known, and says meanwhile how far it is.
pub(super) async fn customers_known(stage: &Stage<'_>, wanted: u32) -> anyhow::Result<()> {
    let limit = SYNC_LIMIT_PER_THOUSAND * wanted.div_ceil(1_000);
    let begun = stage.clock.monotonic();
    let said = Cell::new(begun);
    until(stage, "the first sync of the customers", limit, async || {
        let asked = asked_for(stage).await?;
        let now = stage.clock.monotonic();
        if wanted > CUSTOMERS_IN_SILENCE && now.saturating_sub(said.get()) >= SAID_EVERY {
            said.set(now);
            let minutes = minutes_left(asked, wanted, now.saturating_sub(begun));
            stage.console.say("demo-seeding", &[("known", &asked), ("customers", &wanted), ("minutes", &minutes)]);
        }
        Ok(if asked >= u64::from(wanted) { Ok(()) } else { Err(format!("{asked} of {wanted} customers")) })
    })
    .await?;
    // The last ones were asked for, and are being written; a long list is not read more often than need be.
    let pause = if wanted > CUSTOMERS_IN_SILENCE { SAID_EVERY } else { Duration::ZERO };
    let wanted = usize::try_from(wanted)?;
    until(stage, "the customers in the list", limit, async || {
        rest(stage, pause).await;
        let known = stage.people.admin_agent.remote.list("/customers?maxpagesize=1000", wanted).await?.len();
        Ok(if known >= wanted { Ok(()) } else { Err(format!("{known} of {wanted} customers")) })
    })
    .await
}

/// Waits for so long by the wall clock.
async fn rest(stage: &Stage<'_>, pause: Duration) {
    let nap = SignedDuration::try_from(pause * stage.speed).unwrap_or(SignedDuration::ZERO);
    stage.clock.sleep_until(stage.clock.now().saturating_add(nap).unwrap_or(Timestamp::MAX)).await;
}

/// For how many customers Microsoft was asked what they have.
async fn asked_for(stage: &Stage<'_>) -> anyhow::Result<u64> {
    let counters = stage.sandbox.control(Method::GET, "/sandbox/counters", &json!({})).await?;
    Ok(at(&counters, "calls.subscriptions").parse().unwrap_or(0))
}

/// The whole minutes that are left at the pace so far, at least one.
fn minutes_left(asked: u64, wanted: u32, since: Duration) -> u64 {
    let left = u64::from(wanted).saturating_sub(asked);
    let seconds = since.as_secs().saturating_mul(left).checked_div(asked).unwrap_or(0);
    seconds.div_ceil(60).max(1)
}

/// Lets Microsoft tell the last days of the first customers, so that the engines know what is ordinary, and waits until
/// it was told.
pub(super) async fn history_told(stage: &Stage<'_>, customers: u32) -> anyhow::Result<()> {
    stage.sandbox.control(Method::POST, "/sandbox/history", &json!({"customers": customers})).await?;
    let limit = HISTORY_LIMIT * customers.div_ceil(1_000);
    until(stage, "the telling of the customers' last days", limit, async || {
        let counters = stage.sandbox.control(Method::GET, "/sandbox/counters", &json!({})).await?;
        let waiting = at(&counters, "parcels.waiting");
        Ok(if waiting == "0" { Ok(()) } else { Err(format!("{waiting} parcels of log records wait")) })
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_minutes_that_are_left_follow_the_pace_so_far() {
        assert_eq!(minutes_left(10_000, 100_000, Duration::from_mins(1)), 9);
        assert_eq!(minutes_left(99_999, 100_000, Duration::from_mins(10)), 1);
        assert_eq!(minutes_left(0, 100_000, Duration::from_secs(5)), 1, "nobody knows yet");
    }
}
