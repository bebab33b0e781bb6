//! Dues: accounts whose time to be looked at again has come. What follows is decided by the desk.

use crate::measures;
use crate::pace::repeat;
use crate::supervisor::TaskError;
use crate::tools::Tools;
use desk::DeskError;
use jiff::SignedDuration;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// How many accounts one pass takes.
pub const MAX_DUES_PER_PASS: u32 = 100;
/// The wait when nothing is due.
const IDLE: SignedDuration = SignedDuration::from_millis(250);

/// Works off what has come due. Returns how many accounts were claimed. An account that fails is due again when its
/// claim ends; the others are not kept waiting by it.
pub async fn run_once(tools: &Tools) -> Result<usize, DeskError> {
    let claimed = tools.store().claim_due(tools.now(), MAX_DUES_PER_PASS).await?;
    for waiting in &claimed {
        match tools.desk.catch_up(waiting.account, waiting.kind).await {
            Ok(acted) => measures::facts(&acted.facts),
            Err(error) => {
                tracing::error!(account.id = %waiting.account, due.at = %waiting.due, error = %error, "a due failed");
            }
        }
    }
    Ok(claimed.len())
}

/// Makes passes until `stop`.
pub async fn run(tools: Tools, stop: CancellationToken) -> Result<(), TaskError> {
    let pass = || async {
        let done = run_once(&tools).await;
        done.map(|done| if done == 0 { IDLE } else { SignedDuration::ZERO })
    };
    repeat(&tools, &stop, &Notify::new(), pass).await
}
