//! Accounts that were closed because a later release had written to them. Such an account is never due, so nothing else
//! would look at it again: this asks whether the release that runs now knows its facts, and opens it then.

use crate::aside;
use crate::measures;
use crate::pace::repeat;
use crate::supervisor::TaskError;
use crate::tools::Tools;
use desk::DeskError;
use domain::ids::AccountId;
use jiff::SignedDuration;
use std::sync::{Mutex, PoisonError};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// How many accounts one pass looks at.
pub const MAX_ACCOUNTS_PER_PASS: u32 = 500;
/// The wait between passes of one round: the desk's work goes first.
const BETWEEN: SignedDuration = SignedDuration::from_millis(20);
/// The time between two rounds. The first begins with the program; later ones are for several machines, of which one
/// may still run an older release.
const ROUND_EVERY: SignedDuration = SignedDuration::from_hours(1);

/// What a pass found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pass {
    /// Accounts that are open again.
    pub woken: Vec<AccountId>,
    /// Accounts that stay closed: this release does not know every fact of theirs either.
    pub closed: Vec<AccountId>,
    /// Where the next pass begins; nothing at the end of a round.
    pub next: Option<AccountId>,
}

/// Looks at the next accounts after `after` and tries those that are closed; at the end of a round, what was set aside
/// for accounts is recorded where they can be written to again.
pub async fn run_once(tools: &Tools, after: Option<AccountId>) -> Result<Pass, DeskError> {
    let (marked, next) = tools.store().read_only_accounts(after, MAX_ACCOUNTS_PER_PASS).await?;
    let mut pass = Pass { next, ..Pass::default() };
    for (account, kind) in marked {
        // Loading the account takes the mark away once every fact is known; then what came due is worked off.
        match tools.desk.catch_up(account, kind).await {
            Ok(acted) => {
                tracing::info!(account.id = %account, "a closed account is open again");
                measures::facts(&acted.facts);
                pass.woken.push(account);
            }
            Err(DeskError::ReadOnly(_)) => pass.closed.push(account),
            Err(error) => tracing::error!(account.id = %account, error = %error, "a closed account can't be read"),
        }
    }
    if pass.next.is_none() {
        aside::record_all(tools).await?;
    }
    Ok(pass)
}

/// Makes rounds until `stop`.
pub async fn run(tools: Tools, stop: CancellationToken) -> Result<(), TaskError> {
    let place: Mutex<Option<AccountId>> = Mutex::default();
    let pass = || async {
        let after = *place.lock().unwrap_or_else(PoisonError::into_inner);
        let pass = run_once(&tools, after).await?;
        *place.lock().unwrap_or_else(PoisonError::into_inner) = pass.next;
        Ok::<_, DeskError>(if pass.next.is_some() { BETWEEN } else { ROUND_EVERY })
    };
    repeat(&tools, &stop, &Notify::new(), pass).await
}
