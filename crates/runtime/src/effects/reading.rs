//! Reading at Microsoft what an effect is about: for looks, and to resolve doubt before anything is sent.

use super::EffectWorker;
use super::fence::TOO_LATE;
use super::job::{EffectError, Job, Outcome};
use super::waiting::{can_wait, code_of, doubled, wait_after};
use crate::connections::{context, entitlement_of, subscription_of};
use domain::containment::{PlanSnapshot, Remote, StepKind};
use domain::customers::{AzureStatus, SubscriptionStatus};
use domain::effects::{EffectKind, EffectResult};
use domain::ids::{AzureSubscriptionId, SubscriptionId};
use domain::notices::{AlertId, AlertStatus, MicrosoftReason};
use microsoft::alerts::{AlertStatus as TheirStatus, ResolvedReason};
use microsoft::entitlements::EntitlementStatus;
use microsoft::renewal::RenewalSnapshot;
use microsoft::subscriptions::{SubscriptionDocument, SubscriptionStatus as TheirSubscription};
use microsoft::{CallContext, Error};

/// What was read of the object of an effect.
#[derive(Debug)]
pub(super) struct Seen {
    /// Whether it is as the effect wants it.
    pub(super) is_so: bool,
    /// Whether a part of it is: the plan is active, and what its suspension removed is not back.
    pub(super) is_half: bool,
    /// Whether it has gone beyond what the effect wants: nobody wants it any more.
    pub(super) overtaken: bool,
    /// What a suspension would remove.
    pub(super) snapshot: Option<PlanSnapshot>,
}

impl Seen {
    const fn is_so(is_so: bool) -> Self {
        Self { is_so, is_half: false, overtaken: false, snapshot: None }
    }
}

/// How a read of ours can fail: by Microsoft, or by us.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReadError {
    #[error(transparent)]
    Microsoft(#[from] Error),
    #[error(transparent)]
    Ours(#[from] EffectError),
}

impl From<microsoft::BadId> for ReadError {
    fn from(error: microsoft::BadId) -> Self {
        Self::Ours(error.into())
    }
}

impl EffectWorker {
    /// Ids for a read: nothing hangs on them.
    fn reading(&self) -> CallContext {
        context(self.tools.now(), self.tools.entropy.key(), self.tools.entropy.key())
    }

    /// Reads whether a step has taken effect, and tells what was there.
    pub(super) async fn look(&self, job: &Job) -> Result<Outcome, EffectError> {
        let EffectKind::Look(step) = &job.kind else { return Ok(Outcome::Elsewhere) };
        if self.tools.now() > job.good_until {
            return Ok(Outcome::gave_up(TOO_LATE));
        }
        match self.remote(job, step).await {
            Ok(Some(remote)) => Ok(Outcome::Ended(EffectResult::Read(remote))),
            // A word we do not know: perhaps it passes.
            Ok(None) => Ok(Outcome::Later { wait: doubled(job.claims), note: "unknown_state".to_owned() }),
            Err(ReadError::Microsoft(error)) => Ok(failed_read(job, &error)),
            Err(ReadError::Ours(error)) => Err(error),
        }
    }

    async fn remote(&self, job: &Job, step: &StepKind) -> Result<Option<Remote>, ReadError> {
        match step {
            StepKind::CancelAzureSubscription { plan, azure_subscription }
            | StepKind::ReactivateAzureSubscription { plan, azure_subscription } => {
                let status = self.entitlement(job, *plan, *azure_subscription).await?;
                Ok(status.map(Remote::AzureSubscription))
            }
            StepKind::SuspendPlan { plan } | StepKind::ReactivatePlan { plan, .. } => {
                let document = self.plan(job, *plan).await?;
                let status = plan_status(&document.view.status);
                Ok((status != SubscriptionStatus::Unknown).then_some(Remote::Plan(status)))
            }
        }
    }

    /// Reads the object of a change.
    pub(super) async fn read(&self, job: &Job) -> Result<Seen, ReadError> {
        match &job.kind {
            EffectKind::AnswerAlert { alert, status, reason } => self.read_alert(job, alert, *status, *reason).await,
            EffectKind::Step(step) | EffectKind::Look(step) => self.read_step(job, step).await,
            EffectKind::Page { .. } => Ok(Seen::is_so(false)),
        }
    }

    async fn read_step(&self, job: &Job, step: &StepKind) -> Result<Seen, ReadError> {
        match step {
            StepKind::CancelAzureSubscription { plan, azure_subscription } => {
                let status = self.entitlement(job, *plan, *azure_subscription).await?;
                Ok(Seen::is_so(status == Some(AzureStatus::Inactive)))
            }
            StepKind::ReactivateAzureSubscription { plan, azure_subscription } => {
                let status = self.entitlement(job, *plan, *azure_subscription).await?;
                Ok(Seen::is_so(status == Some(AzureStatus::Active)))
            }
            StepKind::SuspendPlan { plan } => {
                let document = self.plan(job, *plan).await?;
                let is_so = document.view.status == TheirSubscription::Suspended;
                let snapshot = if is_so { None } else { Some(snapshot_of(job, &document)?) };
                Ok(Seen { snapshot, ..Seen::is_so(is_so) })
            }
            StepKind::ReactivatePlan { plan, snapshot } => {
                let document = self.plan(job, *plan).await?;
                let whole = match snapshot {
                    Some(snapshot) => renewal_of(job, snapshot)?.holds(&document),
                    None => true,
                };
                let active = document.view.status == TheirSubscription::Active;
                Ok(Seen { is_half: active && !whole, ..Seen::is_so(active && whole) })
            }
        }
    }

    async fn read_alert(
        &self,
        job: &Job,
        alert: &AlertId,
        wanted: AlertStatus,
        reason: Option<MicrosoftReason>,
    ) -> Result<Seen, ReadError> {
        let alert = microsoft::AlertId::parse(alert.0.clone())?;
        let row = job.connection.client.alert(&self.reading(), &alert).await?;
        let (told, because) = (&row.view.status, row.view.resolved_reason.as_ref());
        let is_so = match wanted {
            AlertStatus::Active => *told == TheirStatus::Active,
            AlertStatus::Investigating => *told == TheirStatus::Investigating,
            AlertStatus::Resolved => *told == TheirStatus::Resolved && because == reason.map(their_reason).as_ref(),
        };
        // Somebody has resolved it elsewhere: "we look into it" would open it again.
        let overtaken = wanted == AlertStatus::Investigating && *told == TheirStatus::Resolved;
        Ok(Seen { overtaken, ..Seen::is_so(is_so) })
    }

    async fn entitlement(
        &self,
        job: &Job,
        plan: SubscriptionId,
        azure: AzureSubscriptionId,
    ) -> Result<Option<AzureStatus>, ReadError> {
        let key = entitlement_of(job.tenant, plan, azure)?;
        let row = job.connection.client.entitlement(&self.reading(), &key).await?;
        Ok(azure_status(&row.view.status))
    }

    pub(super) async fn plan(&self, job: &Job, plan: SubscriptionId) -> Result<SubscriptionDocument, ReadError> {
        let key = subscription_of(job.tenant, plan)?;
        Ok(job.connection.client.subscription(&self.reading(), &key).await?)
    }
}

/// A read that failed: again later, or the end when Microsoft refused for good.
pub(super) fn failed_read(job: &Job, error: &Error) -> Outcome {
    let code = code_of(error);
    // A read has no doubt about itself: whatever failed on the way may be asked again.
    let transient =
        can_wait(error) || matches!(error, Error::Doubt { .. } | Error::Remote5xx { .. } | Error::Malformed { .. });
    if transient {
        // The note of the last try stays what it was: this was no try.
        let note = job.note.clone().unwrap_or(code);
        Outcome::Later { wait: wait_after(error, job.claims), note }
    } else {
        Outcome::Ended(EffectResult::Refused { code })
    }
}

/// The state of an Azure subscription; nothing for a word this release does not know.
pub(crate) const fn azure_status(status: &EntitlementStatus) -> Option<AzureStatus> {
    match status {
        EntitlementStatus::Active => Some(AzureStatus::Active),
        EntitlementStatus::Inactive => Some(AzureStatus::Inactive),
        EntitlementStatus::Unknown(_) => None,
    }
}

/// The state of a subscription in our words.
pub(crate) const fn plan_status(status: &TheirSubscription) -> SubscriptionStatus {
    match status {
        TheirSubscription::Active => SubscriptionStatus::Active,
        TheirSubscription::Pending => SubscriptionStatus::Pending,
        TheirSubscription::Suspended => SubscriptionStatus::Suspended,
        TheirSubscription::Expired => SubscriptionStatus::Expired,
        TheirSubscription::Disabled => SubscriptionStatus::Disabled,
        TheirSubscription::Deleted => SubscriptionStatus::Deleted,
        TheirSubscription::None | TheirSubscription::Unknown(_) => SubscriptionStatus::Unknown,
    }
}

/// Microsoft's word for a reason.
pub(super) const fn their_reason(reason: MicrosoftReason) -> ResolvedReason {
    match reason {
        MicrosoftReason::Fraud => ResolvedReason::Fraud,
        MicrosoftReason::Legitimate => ResolvedReason::Legitimate,
        MicrosoftReason::Ignore => ResolvedReason::Ignore,
    }
}

fn snapshot_of(job: &Job, document: &SubscriptionDocument) -> Result<PlanSnapshot, EffectError> {
    let renewal = RenewalSnapshot::of(document);
    let instructions = serde_json::to_string(&renewal).map_err(|source| snapshot_error(job, source))?;
    Ok(PlanSnapshot { auto_renew: renewal.auto_renew_enabled().unwrap_or(false), instructions })
}

pub(super) fn renewal_of(job: &Job, snapshot: &PlanSnapshot) -> Result<RenewalSnapshot, EffectError> {
    serde_json::from_str(&snapshot.instructions).map_err(|source| snapshot_error(job, source))
}

fn snapshot_error(job: &Job, source: serde_json::Error) -> EffectError {
    EffectError::Snapshot { account: job.account, version: job.effect.version, source }
}
