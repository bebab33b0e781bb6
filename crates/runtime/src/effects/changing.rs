//! A change from claim to result: is it wanted, has it happened already, is there doubt, the fence, the call.

use super::EffectWorker;
use super::calling::Called;
use super::fence::{Fenced, Try, held_back, with_a_part_done};
use super::job::{EffectError, Job, Outcome};
use super::past::{Past, code_of_note, doubt_note, not_done_note};
use super::reading::{ReadError, failed_read};
use super::waiting::{MAX_TRIES, can_wait, code_of, settle, wait_after};
use crate::connections::context;
use crate::tools::later;
use domain::effects::EffectResult;
use domain::file::AccountFile;
use jiff::{SignedDuration, Timestamp};
use microsoft::Error;
use uuid::Uuid;

/// The longest that one try may take: the write and the reads and tokens that go before it.
const CALL_BUDGET: SignedDuration = SignedDuration::from_secs(240);
/// How long after its time an effect in doubt is still asked about before a person has to look.
const DOUBT_LASTS: SignedDuration = SignedDuration::from_hours(1);
/// The word for an effect that may have been carried out, and nobody could read whether.
const IN_DOUBT: &str = "in_doubt";
/// The wait when a claim no longer outlasts a call: just long enough for it to be claimed anew.
const NEXT_CLAIM: SignedDuration = SignedDuration::from_millis(1);

impl EffectWorker {
    /// Brings a change as far as it goes now.
    pub(super) async fn change(&self, job: &Job) -> Result<Outcome, EffectError> {
        #[cfg(feature = "mutants")]
        if domain::mutant::is(domain::mutant::Mutant::NoFence) {
            return self.call_unfenced(job).await;
        }
        let past = Past::read(self.tools.store(), job.account, job.effect).await?;
        if past.ended {
            return Ok(Outcome::Elsewhere);
        }
        let file = self.tools.desk.file(job.account).await?;
        let actions_on = self.actions_on(job).await?;
        let held_back = || held_back(job, &file, actions_on, self.tools.now());
        // A try in doubt is cleared up first: what may have been done is not told as never sent.
        let may_be_done = past.may_be_done(job.note.as_deref());
        if !may_be_done && let Some(result) = held_back() {
            return Ok(Outcome::Ended(result));
        }
        // Whatever the past, look first: after a crash or a restored backup it may be so already.
        let seen = match self.read(job).await {
            Ok(seen) => seen,
            Err(ReadError::Microsoft(error)) => return self.unseen(job, &file, &past, &error).await,
            Err(ReadError::Ours(error)) => return Err(error),
        };
        if seen.is_so {
            return Ok(Outcome::Ended(EffectResult::Done { already: true }));
        }
        if seen.overtaken {
            return Ok(Outcome::Ended(EffectResult::NotWanted));
        }
        if let Some(wait) = self.must_settle(job, &file, &past).await? {
            let code = code_of_note(job.note.as_deref()).unwrap_or("no_result").to_owned();
            return Ok(Outcome::Later { wait, note: doubt_note(past.tries, &code) });
        }
        let half = may_be_done && seen.is_half;
        if let Some(result) = held_back() {
            return Ok(Outcome::Ended(if half { with_a_part_done(result) } else { result }));
        }
        if past.tries >= MAX_TRIES {
            return Ok(Outcome::gave_up(code_of_note(job.note.as_deref()).unwrap_or("too_many_tries")));
        }
        let attempt = past.tries.saturating_add(1);
        if !self.claim_outlasts_call(job) {
            let note = job.note.clone().unwrap_or_default();
            return Ok(Outcome::Later { wait: NEXT_CLAIM, note });
        }
        let request = self.request_id(job);
        match self.fence(job, attempt, Try { request, snapshot: seen.snapshot }, half).await? {
            Fenced::Begun => self.try_once(job, attempt, request, may_be_done).await,
            Fenced::Ended | Fenced::Elsewhere => Ok(Outcome::Elsewhere),
        }
    }

    /// What follows when the object could not be read. A refused read says nothing about an earlier try: while that
    /// may have been carried out, it is asked once more when the try has had its time to settle, then a person has to
    /// look.
    async fn unseen(&self, job: &Job, file: &AccountFile, past: &Past, error: &Error) -> Result<Outcome, EffectError> {
        if self.tools.now() > later(job.good_until, DOUBT_LASTS) {
            return Ok(Outcome::gave_up(IN_DOUBT));
        }
        let outcome = failed_read(job, error);
        if !past.may_be_done(job.note.as_deref()) || !matches!(outcome, Outcome::Ended(_)) {
            return Ok(outcome);
        }
        match self.must_settle(job, file, past).await? {
            Some(wait) => {
                let note = job.note.clone().unwrap_or_else(|| doubt_note(past.tries, &code_of(error)));
                Ok(Outcome::Later { wait, note })
            }
            None => Ok(Outcome::gave_up(IN_DOUBT)),
        }
    }

    /// How long a try in doubt still has to settle before it may be repeated; nothing when it may.
    async fn must_settle(
        &self,
        job: &Job,
        file: &AccountFile,
        past: &Past,
    ) -> Result<Option<SignedDuration>, EffectError> {
        if !past.in_doubt(job.note.as_deref()) {
            return Ok(None);
        }
        let policy = match file.policy {
            Some(adopted) => self.tools.desk.policies.get(adopted.hash).await.map(Some),
            None => Ok(None),
        };
        let policy = policy.map_err(desk::DeskError::from)?;
        let settled = later(past.last.unwrap_or(Timestamp::MIN), settle(&job.kind, policy.as_deref()));
        let left = settled.duration_since(self.tools.now());
        Ok((left > SignedDuration::ZERO).then_some(left))
    }

    fn claim_outlasts_call(&self, job: &Job) -> bool {
        self.tools.after(CALL_BUDGET) < job.lease_until
    }

    fn request_id(&self, job: &Job) -> Uuid {
        #[cfg(feature = "mutants")]
        if domain::mutant::is(domain::mutant::Mutant::FreshKey) {
            return self.tools.entropy.key();
        }
        let _ = self;
        job.request_id()
    }

    async fn try_once(
        &self,
        job: &Job,
        attempt: u32,
        request: Uuid,
        may_be_done: bool,
    ) -> Result<Outcome, EffectError> {
        if !self.claim_outlasts_call(job) {
            let note = not_done_note(attempt, may_be_done, "claim_too_short");
            return Ok(Outcome::Later { wait: NEXT_CLAIM, note });
        }
        let context = context(self.tools.now(), request, self.tools.entropy.key());
        match self.call(job, &context).await {
            Ok(Called::Done { already }) => Ok(Outcome::Ended(EffectResult::Done { already })),
            Ok(Called::Half(error)) => Ok(after_failure(attempt, true, &error)),
            Err(ReadError::Microsoft(error)) => Ok(after_failure(attempt, may_be_done, &error)),
            Err(ReadError::Ours(error)) => Err(error),
        }
    }

    /// The fault that the simulated world has to catch: no fence, no question whether it is wanted.
    #[cfg(feature = "mutants")]
    async fn call_unfenced(&self, job: &Job) -> Result<Outcome, EffectError> {
        self.try_once(job, job.claims, job.request_id(), false).await
    }
}

/// What follows when a try failed: doubt is resolved by reading later, a refusal is final, the rest is tried again.
/// When an earlier try or a part of this one may have been carried out, a refusal does not say that nothing was.
fn after_failure(attempt: u32, may_be_done: bool, error: &Error) -> Outcome {
    let code = code_of(error);
    if error.in_doubt() {
        return Outcome::Later { wait: wait_after(error, attempt), note: doubt_note(attempt, &code) };
    }
    let is_final = !can_wait(error);
    if is_final && !may_be_done {
        return Outcome::Ended(EffectResult::Refused { code });
    }
    if is_final || attempt >= MAX_TRIES {
        return Outcome::gave_up(code);
    }
    Outcome::Later { wait: wait_after(error, attempt), note: not_done_note(attempt, may_be_done, &code) }
}
