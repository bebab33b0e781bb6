//! The fence: asked at the version just read whether an effect may be carried out, and written down before it is.

use super::EffectWorker;
use super::job::{EffectError, Job, finished_key, started_key};
use domain::body::Body;
use domain::containment::PlanSnapshot;
use domain::effects::{EffectFinished, EffectRef, EffectResult, EffectStarted};
use domain::fact::NewFact;
use domain::file::{AccountFile, Part};
use domain::ids::{AccountId, AccountKind, Actor};
use jiff::Timestamp;
use std::convert::Infallible;
use uuid::Uuid;

/// The word for an effect whose time has passed.
pub(super) const TOO_LATE: &str = "too_late";
/// The word for an effect that stopped with only a part of it done.
const HALF_DONE: &str = "half_done";

/// How the fence answered.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fenced {
    /// The try is on record: call now.
    Begun,
    /// The effect ended at the fence.
    Ended,
    /// Another worker has begun this try, or ended the effect.
    Elsewhere,
}

/// What is written down of a try before it is made.
#[derive(Debug, Clone)]
pub(super) struct Try {
    /// The idempotency key that is sent: the same for every try.
    pub(super) request: Uuid,
    /// What is there now and would be lost.
    pub(super) snapshot: Option<PlanSnapshot>,
}

/// What stands against carrying out an effect; nothing when it may go ahead.
pub(super) fn held_back(job: &Job, file: &AccountFile, actions_on: bool, at: Timestamp) -> Option<EffectResult> {
    let wanted = file.customer().is_some_and(|customer| customer.wants(job.effect, &job.kind));
    if !wanted {
        return Some(EffectResult::NotWanted);
    }
    if at > job.good_until {
        return Some(EffectResult::GaveUp { code: TOO_LATE.to_owned() });
    }
    (!actions_on).then_some(EffectResult::DryRun)
}

/// The same result for an effect of which a part is done: it is not told as one that changed nothing.
pub(super) fn with_a_part_done(result: EffectResult) -> EffectResult {
    match result {
        EffectResult::NotWanted | EffectResult::DryRun => EffectResult::GaveUp { code: HALF_DONE.to_owned() },
        other => other,
    }
}

impl EffectWorker {
    /// Whether changes are sent to Microsoft through the job's connection. Until a person switched them on, they
    /// are not.
    pub(super) async fn actions_on(&self, job: &Job) -> Result<bool, EffectError> {
        let file = self.tools.desk.file(job.connection.account).await?;
        Ok(matches!(&file.part, Part::Connection(connection) if connection.actions_on))
    }

    /// Asks at the version just read, and records either the beginning of a try or why there is none. `half` says
    /// whether a part of it is done.
    pub(super) async fn fence(&self, job: &Job, attempt: u32, try_: Try, half: bool) -> Result<Fenced, EffectError> {
        let actions_on = self.actions_on(job).await?;
        let against = |file: &AccountFile, at| {
            let result = held_back(job, file, actions_on, at);
            if half { result.map(with_a_part_done) } else { result }
        };
        self.begin(job.account, job.effect, attempt, try_, against).await
    }

    /// The fence of any effect: `against` says what stands against carrying it out at the version just read.
    pub(super) async fn begin(
        &self,
        account: AccountId,
        effect: EffectRef,
        attempt: u32,
        try_: Try,
        against: impl Fn(&AccountFile, Timestamp) -> Option<EffectResult>,
    ) -> Result<Fenced, EffectError> {
        let acted = self.tools.desk.act(account, AccountKind::Customer, |view| {
            let fact = |source_key, body| NewFact {
                happened: view.at,
                actor: Actor::Program,
                source_key: Some(source_key),
                body,
            };
            let told = if let Some(result) = against(view.file, view.at) {
                fact(finished_key(effect), Body::EffectFinished(EffectFinished { effect, result }))
            } else {
                let (request, snapshot) = (try_.request, try_.snapshot.clone());
                let started = EffectStarted { effect, attempt, request, snapshot };
                fact(started_key(effect, attempt), Body::EffectStarted(started))
            };
            Ok::<_, Infallible>(vec![told])
        });
        let acted = acted.await?;
        let of_this = acted.facts.iter().find_map(|fact| match &fact.body {
            Body::EffectStarted(started) if started.effect == effect => Some(Fenced::Begun),
            Body::EffectFinished(finished) if finished.effect == effect => Some(Fenced::Ended),
            _ => None,
        });
        Ok(of_this.unwrap_or(Fenced::Elsewhere))
    }
}
