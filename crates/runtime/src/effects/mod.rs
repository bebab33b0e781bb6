//! Carries out effects: claims them, asks at the fence whether they are still wanted, calls Microsoft once, tells the
//! result. After doubt the remote state is read before anything is sent again; nothing is ever resent blindly.

mod calling;
mod changing;
mod fence;
mod job;
mod paging;
mod past;
mod reading;
mod waiting;

pub use job::EffectError;
pub use paging::MAX_PAGE_TRIES;
pub(crate) use reading::{azure_status, plan_status};
pub(crate) use waiting::code_of;

use crate::channels::Channels;
use crate::connections::Connections;
use crate::measures;
use crate::pace::repeat;
use crate::supervisor::TaskError;
use crate::tools::Tools;
use domain::body::Body;
use domain::effects::{EffectFinished, EffectKind, EffectRef, EffectResult};
use domain::fact::NewFact;
use domain::ids::{AccountKind, Actor};
use domain::notices::AlertStatus;
use futures_util::future::join_all;
use jiff::SignedDuration;
use job::{Job, Orphan, Outcome, finished_key};
use store::{ClaimedEffect, StoreError};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// How many effects one worker has in hand at once.
pub const MAX_IN_HAND: u32 = 16;
/// How long a claim holds. A call starts only when the claim outlasts it.
pub const LEASE: SignedDuration = SignedDuration::from_mins(6);
/// How long an effect waits that failed for a reason of ours.
const AFTER_OUR_FAULT: SignedDuration = SignedDuration::from_secs(5);
/// How long an effect waits whose connection is not set up in this program.
const NO_CONNECTION_WAIT: SignedDuration = SignedDuration::from_mins(1);
/// The wait when there was nothing to do.
const IDLE: SignedDuration = SignedDuration::from_millis(250);

/// A worker that carries out effects. Several may run, in one program or in many.
#[derive(Debug, Clone)]
pub struct EffectWorker {
    tools: Tools,
    connections: Connections,
    channels: Channels,
    /// Its name in the claims.
    name: String,
}

impl EffectWorker {
    /// A worker with a name that no other has.
    #[must_use]
    pub fn new(tools: Tools, connections: Connections, name: impl Into<String>) -> Self {
        Self { tools, connections, channels: Channels::default(), name: name.into() }
    }

    /// The same, with the channels by which people are reached.
    #[must_use]
    pub fn with_channels(mut self, channels: Channels) -> Self {
        self.channels = channels;
        self
    }

    /// Claims what is ready and carries it out. Returns how many effects were in hand. An effect that fails for a
    /// reason of ours is given back, with what is known of its last try, and does not hold up the others.
    pub async fn run_once(&self) -> Result<usize, StoreError> {
        let now = self.tools.now();
        let lease_until = crate::tools::later(now, LEASE);
        let claimed = self.tools.store().claim_effects(&self.name, lease_until, now, MAX_IN_HAND).await?;
        self.carry_all(claimed).await
    }

    async fn carry_all(&self, claimed: Vec<ClaimedEffect>) -> Result<usize, StoreError> {
        let count = claimed.len();
        join_all(claimed.into_iter().map(|effect| self.carry_or_give_back(effect))).await;
        Ok(count)
    }

    async fn carry_or_give_back(&self, claimed: ClaimedEffect) {
        let (key, note) = (claimed.row.key, claimed.note.clone().unwrap_or_default());
        let Err(error) = self.carry(claimed).await else { return };
        tracing::error!(
            account.id = %key.account, effect.version = key.version, error = %error, "an effect could not be handled"
        );
        metrics::counter!("borgen_effect_errors_total").increment(1);
        // Should this fail too, the claim ends by itself. Either way the next worker reads before it acts.
        let released = self.tools.store().release_effect(key, self.tools.after(AFTER_OUR_FAULT), &note).await;
        if let Err(error) = released {
            tracing::warn!(account.id = %key.account, error = %error, "an effect could not be given back");
        }
    }

    /// Makes passes until `stop`.
    pub async fn run(&self, stop: CancellationToken) -> Result<(), TaskError> {
        let pass = || async {
            let done = self.run_once().await;
            done.map(|done| if done == 0 { IDLE } else { SignedDuration::ZERO })
        };
        repeat(&self.tools, &stop, &Notify::new(), pass).await
    }

    /// Sends messages until `stop`.
    pub async fn run_pages(&self, stop: CancellationToken) -> Result<(), TaskError> {
        let pass = || async {
            let done = self.run_pages_once().await;
            done.map(|done| if done == 0 { IDLE } else { SignedDuration::ZERO })
        };
        repeat(&self.tools, &stop, &Notify::new(), pass).await
    }

    async fn carry(&self, claimed: ClaimedEffect) -> Result<(), EffectError> {
        if claimed.row.kind == paging::PAGE {
            return self.page(claimed).await;
        }
        let job = match self.job(claimed).await? {
            Ok(job) => job,
            Err(orphan) => return self.wait_for_connection(&orphan).await,
        };
        let outcome = if job.kind.changes_the_world() { self.change(&job).await? } else { self.look(&job).await? };
        match outcome {
            Outcome::Ended(result) => self.finish(&job, result).await,
            Outcome::Later { wait, note } => {
                let ready_at = self.tools.after(wait);
                tracing::info!(
                    account.id = %job.account, effect.version = job.effect.version, effect.kind = job.kind.word(),
                    wait_seconds = wait.as_secs(), effect.note = %note, "an effect waits"
                );
                Ok(self.tools.store().release_effect(job.key, ready_at, &note).await?)
            }
            Outcome::Elsewhere => Ok(()),
        }
    }

    /// Lets an effect wait whose connection is not set up in this program, until its time has passed.
    async fn wait_for_connection(&self, orphan: &Orphan) -> Result<(), EffectError> {
        let key = orphan.key;
        if self.tools.now() <= orphan.good_until {
            let ready_at = self.tools.after(NO_CONNECTION_WAIT);
            return Ok(self.tools.store().release_effect(key, ready_at, &orphan.note).await?);
        }
        let effect = EffectRef { version: key.version, ordinal: key.ordinal };
        let result = EffectResult::GaveUp { code: "no_connection".to_owned() };
        let fact = NewFact {
            happened: self.tools.now(),
            actor: Actor::Program,
            source_key: Some(finished_key(effect)),
            body: Body::EffectFinished(EffectFinished { effect, result }),
        };
        self.tools.desk.record(key.account, AccountKind::Customer, vec![fact]).await?;
        Ok(())
    }

    /// Tells how an effect ended; that closes it in the outbox.
    async fn finish(&self, job: &Job, result: EffectResult) -> Result<(), EffectError> {
        let word = word_of(&result);
        let answers =
            matches!(result, EffectResult::Done { .. } | EffectResult::Read(_) | EffectResult::Refused { .. });
        let actor = if answers { Actor::Connection(job.connection.account) } else { Actor::Program };
        let fact = NewFact {
            happened: self.tools.now(),
            actor,
            source_key: Some(finished_key(job.effect)),
            body: Body::EffectFinished(EffectFinished { effect: job.effect, result }),
        };
        let acted = self.tools.desk.record(job.account, AccountKind::Customer, vec![fact]).await?;
        measures::action(job.kind.word(), word);
        measures::facts(&acted.facts);
        if let (EffectKind::AnswerAlert { alert, status, .. }, "done") = (&job.kind, word) {
            let alert = acted.file.customer().and_then(|file| file.alerts.get(alert));
            if let Some(alert) = alert.filter(|_| *status != AlertStatus::Active) {
                measures::alert_answered(*status, alert.received, acted.at);
            }
        }
        tracing::info!(
            account.id = %job.account, effect.version = job.effect.version, effect.kind = job.kind.word(),
            effect.result = word, "an effect ended"
        );
        Ok(())
    }
}

const fn word_of(result: &EffectResult) -> &'static str {
    match result {
        EffectResult::Done { already: false } => "done",
        EffectResult::Done { already: true } => "already_so",
        EffectResult::Read(_) => "read",
        EffectResult::DryRun => "dry_run",
        EffectResult::NotWanted => "not_wanted",
        EffectResult::Refused { .. } => "refused",
        EffectResult::GaveUp { .. } => "gave_up",
    }
}
