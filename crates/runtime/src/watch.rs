//! Figures that are true at any moment and not only when something happens: how long Microsoft was not read, how long
//! the oldest alert waits, how many proposals wait. A worker that hangs must not keep its own figure still.

use crate::measures;
use crate::microsoft_sync::{Sync, SyncPart};
use crate::pace::repeat;
use crate::supervisor::TaskError;
use crate::tools::Tools;
use domain::permission::Scope;
use jiff::SignedDuration;
use std::sync::Arc;
use store::{StoreError, rows};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// The time between two looks at the lag: as often as anybody reads the figures.
const LAG_EVERY: SignedDuration = SignedDuration::from_secs(1);
/// The time between two counts.
const COUNT_EVERY: SignedDuration = SignedDuration::from_secs(15);
/// The most pages of proposals that are counted; more are told as so many.
const MAX_PAGES: usize = 20;
/// Proposals of one page.
const PER_PAGE: u32 = 500;

/// What waits for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// How long the oldest alert waits for an answer; zero when none does.
    pub oldest_unanswered: SignedDuration,
    /// How many proposals wait for approval.
    pub proposals: u64,
}

/// How long ago each part last came through, the worst of all connections.
#[must_use]
pub fn lags(syncs: &[Arc<Sync>]) -> Vec<(SyncPart, SignedDuration)> {
    let worst = |part| syncs.iter().map(|sync| sync.lag(part)).max().unwrap_or_default();
    SyncPart::ALL.into_iter().map(|part| (part, worst(part))).collect()
}

/// Tells the lags until `stop`. It asks nobody and waits for nothing but the clock.
pub(crate) async fn tell_lags(tools: Tools, syncs: Vec<Arc<Sync>>, stop: CancellationToken) -> Result<(), TaskError> {
    let pass = || async {
        for (part, lag) in lags(&syncs) {
            measures::sync_lag(part.word(), lag);
        }
        Ok::<_, std::convert::Infallible>(LAG_EVERY)
    };
    repeat(&tools, &stop, &Notify::new(), pass).await
}

/// Counts what waits for people.
pub async fn waiting(tools: &Tools) -> Result<Waiting, StoreError> {
    let counts = rows::counts(tools.store(), &Scope::All).await?;
    let now = tools.now();
    let age = counts.oldest_unanswered.map_or(SignedDuration::ZERO, |since| now.duration_since(since));
    let filter = rows::Filter { status: "proposed".to_owned(), ..rows::Filter::default() };
    let (mut proposals, mut after) = (0, None);
    for _ in 0..MAX_PAGES {
        let page = rows::actions::list(tools.store(), &Scope::All, &filter, after.as_ref(), PER_PAGE).await?;
        proposals += u64::try_from(page.items.len()).unwrap_or(u64::MAX);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    Ok(Waiting { oldest_unanswered: age, proposals })
}

/// Tells what waits until `stop`.
pub(crate) async fn tell_waiting(tools: Tools, stop: CancellationToken) -> Result<(), TaskError> {
    let pass = || async {
        let waiting = waiting(&tools).await?;
        measures::oldest_unanswered(waiting.oldest_unanswered);
        measures::proposals_waiting(waiting.proposals);
        Ok::<_, StoreError>(COUNT_EVERY)
    };
    repeat(&tools, &stop, &Notify::new(), pass).await
}
