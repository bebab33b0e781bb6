//! How the parts of a connection's sync are doing: a fact when a part begins to fail or to work again, and no more.

use super::{MAX_TOLD_WAIT, Sync, SyncError, SyncPart};
use crate::aside;
use crate::effects::code_of;
use crate::measures;
use domain::body::Body;
use domain::fact::NewFact;
use domain::file::Part;
use domain::ids::{AccountKind, Actor};
use domain::people::ConnectionHealth;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Mutex, PoisonError};

/// The wait after a failure; doubled each time up to the part's own pace.
const FIRST_WAIT: SignedDuration = SignedDuration::from_secs(5);
/// How often the wait is doubled at most.
const MAX_DOUBLINGS: u32 = 10;
/// A part that Microsoft merely puts off counts as failing only after this many passes in a row.
const FAILURES_THAT_COUNT: u32 = 3;

/// What is remembered of the parts.
#[derive(Debug, Default)]
pub(super) struct Health {
    parts: Mutex<BTreeMap<SyncPart, Remembered>>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Remembered {
    failures: u32,
    came_through: Option<Timestamp>,
    /// Whether another program asks.
    elsewhere: bool,
    /// What was last written down: nothing before the first pass.
    told: Option<bool>,
}

impl Sync {
    /// Notes how a pass ended, and says how long to wait for the next.
    pub(super) async fn note(&self, part: SyncPart, end: Result<(), SyncError>) -> Result<SignedDuration, SyncError> {
        let now = self.tools.now();
        let (fault, wait, transient) = match end {
            Ok(()) => {
                self.remember(part, |known| *known = Remembered { failures: 0, came_through: Some(now), ..*known });
                self.tell_works(part);
                self.tell(part, None).await?;
                return Ok(part.every());
            }
            Err(SyncError::Microsoft(error)) => {
                let told = error.retry_after().and_then(|wait| SignedDuration::try_from(wait).ok());
                self.tell_failed(part, &error);
                (code_of(&error), told.map(|wait| wait.min(MAX_TOLD_WAIT)), error.retryable())
            }
            Err(SyncError::Lacks(what)) => {
                if let Some(times) = self.recurs(&format!("{} lacks", part.word()), part) {
                    tracing::warn!(connection.id = %self.connection.account, sync.part = part.word(), sync.failures = times, "Microsoft's answer lacks {what}");
                }
                ("lacks_figures".to_owned(), Some(part.every()), false)
            }
            // What the part writes to is the connection's own account, and that can't be written to.
            Err(SyncError::Desk(error)) if aside::is_the_accounts(&error) => {
                self.passed_over(part, self.connection.account, &error.into());
                ("account_closed".to_owned(), Some(part.every()), false)
            }
            Err(error) => return Err(error),
        };
        measures::sync_error(part.word(), fault.clone());
        let known = self.remember(part, |known| known.failures = known.failures.saturating_add(1));
        if !transient || known.failures >= FAILURES_THAT_COUNT {
            self.tell(part, Some(fault)).await?;
        }
        Ok(wait.unwrap_or_else(|| backed_off(known.failures, part.every())))
    }

    /// How long ago a part last came through, or the program began; nothing while another program asks. It grows by
    /// itself: also when the part hangs.
    #[must_use]
    pub fn lag(&self, part: SyncPart) -> SignedDuration {
        let known = self.remember(part, |_| {});
        if known.elsewhere {
            return SignedDuration::ZERO;
        }
        self.tools.now().duration_since(known.came_through.unwrap_or(self.began))
    }

    /// Notes whether another program asks through the connection.
    pub(super) fn note_elsewhere(&self, part: SyncPart, elsewhere: bool) {
        self.remember(part, |known| known.elsewhere = elsewhere);
    }

    fn remember(&self, part: SyncPart, change: impl FnOnce(&mut Remembered)) -> Remembered {
        let mut parts = self.health.parts.lock().unwrap_or_else(PoisonError::into_inner);
        let known = parts.entry(part).or_default();
        change(known);
        *known
    }

    /// Writes it down when it has changed.
    async fn tell(&self, part: SyncPart, fault: Option<String>) -> Result<(), SyncError> {
        let works = fault.is_none();
        let known = self.remember(part, |_| {});
        if known.told == Some(works) {
            return Ok(());
        }
        let account = self.connection.account;
        let told = self.tools.desk.act(account, AccountKind::Connection, |view| {
            let Part::Connection(file) = &view.file.part else { return Ok::<_, Infallible>(Vec::new()) };
            if file.faults.contains_key(part.word()) != works {
                return Ok(Vec::new());
            }
            let health = ConnectionHealth { part: part.word().to_owned(), fault: fault.clone() };
            Ok(vec![NewFact {
                happened: view.at,
                actor: Actor::Program,
                source_key: None,
                body: Body::ConnectionHealth(health),
            }])
        });
        match told.await.map_err(SyncError::from) {
            Ok(_) => {}
            Err(error) if error.is_the_accounts() => {
                self.passed_over(part, account, &error);
                return Ok(());
            }
            Err(error) => return Err(error),
        }
        self.remember(part, |known| known.told = Some(works));
        Ok(())
    }
}

fn backed_off(failures: u32, most: SignedDuration) -> SignedDuration {
    let factor = 1_i32.checked_shl(failures.saturating_sub(1).min(MAX_DOUBLINGS)).unwrap_or(1);
    FIRST_WAIT.checked_mul(factor).map_or(most, |wait| wait.min(most))
}
