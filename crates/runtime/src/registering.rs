//! Keeps trying to register the webhooks at Microsoft: what it refuses or puts off while the program starts is tried
//! again until it comes about. How one is registered is in `setup`.

use crate::connections::{Connection, Connections};
use crate::measures;
use crate::setup::{SetupError, register_webhook};
use crate::tools::Tools;
use futures_util::future::join_all;
use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;

/// The wait after the first failure; doubled each time.
pub const FIRST_WAIT: SignedDuration = SignedDuration::from_secs(30);
/// The longest wait between two tries, also when Microsoft asks for a longer one.
pub const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(1);
/// How often the wait is doubled at most.
const MAX_DOUBLINGS: u32 = 7;

/// Registers the webhook of every connection, each by itself, and tries again what failed, until all are registered or
/// `stop`. `base` is the public address of the program.
pub async fn until_registered(tools: &Tools, connections: &Connections, base: &str, stop: &CancellationToken) {
    join_all(connections.iter().map(|connection| one(tools, connection, base, stop))).await;
}

/// A try may come at any time later: a person may have to give a consent first. So only the waits are bounded.
async fn one(tools: &Tools, connection: &Connection, base: &str, stop: &CancellationToken) {
    let mut failures: u32 = 0;
    while !stop.is_cancelled() {
        // A try under way is never cut off: every call of it has a limit of its own.
        let Err(error) = register_webhook(tools, connection, base).await else {
            if failures > 0 {
                tracing::info!(connection.id = %connection.account, webhook.failures = failures, "the webhook is registered now");
            }
            return;
        };
        let wait = wait_after(failures, asked_for(&error));
        failures = failures.saturating_add(1);
        measures::webhook_unregistered();
        tracing::warn!(
            connection.id = %connection.account, error = %error, webhook.failures = failures, wait_seconds = wait.as_secs(),
            "the webhook is not registered: it is tried again, and alerts are polled until then"
        );
        tokio::select! {
            () = tools.clock().sleep_until(tools.after(wait)) => {}
            () = stop.cancelled() => {}
        }
    }
}

fn asked_for(error: &SetupError) -> Option<SignedDuration> {
    let SetupError::Microsoft(error) = error else { return None };
    error.retry_after().and_then(|wait| SignedDuration::try_from(wait).ok())
}

/// The wait after so many failures before this one, or what Microsoft asks for when that is longer.
fn wait_after(failures: u32, asked_for: Option<SignedDuration>) -> SignedDuration {
    let factor = 1_i32.checked_shl(failures.min(MAX_DOUBLINGS)).unwrap_or(1);
    let wait = FIRST_WAIT.checked_mul(factor).unwrap_or(LONGEST_WAIT);
    wait.max(asked_for.unwrap_or(wait)).min(LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_grows_from_half_a_minute_to_an_hour_and_heeds_microsoft() {
        let seconds = |failures| wait_after(failures, None).as_secs();
        assert_eq!([0, 1, 2, 6, 7, 1_000].map(seconds), [30, 60, 120, 1_920, 3_600, 3_600]);
        assert_eq!(wait_after(0, Some(SignedDuration::from_secs(5))), FIRST_WAIT);
        assert_eq!(wait_after(0, Some(SignedDuration::from_secs(90))).as_secs(), 90);
        assert_eq!(wait_after(0, Some(SignedDuration::from_hours(9))), LONGEST_WAIT);
    }
}
