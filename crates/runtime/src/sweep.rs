//! The sweep after a policy has taken force: every account that still decides under an older one adopts it, slowly,
//! so that the desk's work goes first.

use crate::measures;
use crate::pace::repeat;
use crate::supervisor::TaskError;
use crate::tools::Tools;
use desk::DeskError;
use jiff::SignedDuration;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// How many accounts one pass takes.
pub const MAX_ACCOUNTS_PER_PASS: u32 = 50;
/// The wait between passes while there is work: this is what makes the sweep give way.
const BETWEEN: SignedDuration = SignedDuration::from_millis(50);
/// The wait when every account is up to date.
const IDLE: SignedDuration = SignedDuration::from_secs(30);

/// Lets some accounts adopt the policy that is in force. Returns how many were behind.
pub async fn run_once(tools: &Tools) -> Result<usize, DeskError> {
    let now = tools.now();
    let timeline = tools.desk.policies.refresh().await?;
    let in_force = timeline.epochs.iter().filter(|epoch| epoch.from <= now).map(|epoch| epoch.number).max();
    let Some(epoch) = in_force else { return Ok(0) };
    let behind = tools.store().accounts_on_older_epoch(epoch, MAX_ACCOUNTS_PER_PASS).await?;
    measures::left("policy_sweep", behind.len());
    for account in &behind {
        let Some(head) = tools.store().head(*account).await? else { continue };
        match tools.desk.catch_up(*account, head.kind).await {
            Ok(acted) => measures::facts(&acted.facts),
            Err(error) => tracing::error!(account.id = %account, error = %error, "an account did not adopt the policy"),
        }
    }
    Ok(behind.len())
}

/// Makes passes until `stop`.
pub async fn run(tools: Tools, stop: CancellationToken) -> Result<(), TaskError> {
    let pass = || async {
        let behind = run_once(&tools).await;
        behind.map(|behind| if behind == 0 { IDLE } else { BETWEEN })
    };
    repeat(&tools, &stop, &Notify::new(), pass).await
}
