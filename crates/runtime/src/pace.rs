//! How a worker's passes follow each other: one, then the wait it asks for, cut short by a wake or a stop.

use crate::supervisor::TaskError;
use crate::tools::Tools;
use jiff::SignedDuration;
use std::future::Future;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// Makes passes until `stop`. A pass says how long to wait for the next; a wake begins it at once. A pass under way
/// is always brought to its end.
pub(crate) async fn repeat<P, F, E>(
    tools: &Tools,
    stop: &CancellationToken,
    wake: &Notify,
    mut pass: P,
) -> Result<(), TaskError>
where
    P: FnMut() -> F + Send,
    F: Future<Output = Result<SignedDuration, E>> + Send,
    E: std::error::Error + Send + Sync + 'static,
{
    while !stop.is_cancelled() {
        let wait = pass().await?;
        if wait <= SignedDuration::ZERO {
            continue;
        }
        tokio::select! {
            () = tools.clock().sleep_until(tools.after(wait)) => {}
            () = wake.notified() => {}
            () = stop.cancelled() => {}
        }
    }
    Ok(())
}
