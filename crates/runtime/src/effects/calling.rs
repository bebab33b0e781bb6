//! The one call of a try. What it means when it fails is decided by whoever asked for it.

use super::EffectWorker;
use super::job::Job;
use super::reading::{ReadError, renewal_of, their_reason};
use crate::connections::{entitlement_of, subscription_of};
use domain::containment::{PlanSnapshot, StepKind};
use domain::effects::EffectKind;
use domain::ids::SubscriptionId;
use domain::notices::{AlertStatus, MicrosoftReason};
use microsoft::alerts::AlertAnswer;
use microsoft::{CallContext, Error, Patched};

/// What a call came to.
#[derive(Debug)]
pub(super) enum Called {
    /// All of it was done.
    Done {
        /// It was so already.
        already: bool,
    },
    /// The plan is active, and this stood in the way of putting back what its suspension removed.
    Half(Error),
}

impl EffectWorker {
    /// Calls Microsoft once.
    pub(super) async fn call(&self, job: &Job, context: &CallContext) -> Result<Called, ReadError> {
        let client = &job.connection.client;
        match &job.kind {
            EffectKind::AnswerAlert { alert, status, reason } => {
                let alert = microsoft::AlertId::parse(alert.0.clone())?;
                client.answer_alert(context, &alert, &answer(*status, *reason)).await?;
                Ok(Called::Done { already: false })
            }
            EffectKind::Step(StepKind::CancelAzureSubscription { plan, azure_subscription }) => {
                let key = entitlement_of(job.tenant, *plan, *azure_subscription)?;
                client.cancel_entitlement(context, &key).await?;
                Ok(Called::Done { already: false })
            }
            EffectKind::Step(StepKind::ReactivateAzureSubscription { plan, azure_subscription }) => {
                let key = entitlement_of(job.tenant, *plan, *azure_subscription)?;
                client.reactivate_entitlement(context, &key).await?;
                Ok(Called::Done { already: false })
            }
            EffectKind::Step(StepKind::SuspendPlan { plan }) => {
                let key = subscription_of(job.tenant, *plan)?;
                Ok(Called::Done { already: was_so(&client.suspend(context, &key).await?) })
            }
            EffectKind::Step(StepKind::ReactivatePlan { plan, snapshot }) => {
                self.reactivate_plan(job, context, *plan, snapshot.as_ref()).await
            }
            // A look changes nothing, a page goes elsewhere: neither comes here.
            EffectKind::Look(_) | EffectKind::Page { .. } => Ok(Called::Done { already: true }),
        }
    }

    /// Makes a plan active and puts back what its suspension removed.
    async fn reactivate_plan(
        &self,
        job: &Job,
        context: &CallContext,
        plan: SubscriptionId,
        snapshot: Option<&PlanSnapshot>,
    ) -> Result<Called, ReadError> {
        let client = &job.connection.client;
        let key = subscription_of(job.tenant, plan)?;
        let renewal = snapshot.map(|snapshot| renewal_of(job, snapshot)).transpose()?;
        let active = was_so(&client.reactivate(context, &key).await?);
        let Some(renewal) = renewal else { return Ok(Called::Done { already: active }) };
        match client.restore_renewal(&context.part("restore renewal"), &key, &renewal).await {
            Ok(restored) => Ok(Called::Done { already: active && was_so(&restored) }),
            Err(error) => Ok(Called::Half(error)),
        }
    }
}

const fn was_so(patched: &Patched) -> bool {
    matches!(patched, Patched::Unchanged(_))
}

fn answer(status: AlertStatus, reason: Option<MicrosoftReason>) -> AlertAnswer {
    match status {
        AlertStatus::Active => AlertAnswer::Reopened,
        AlertStatus::Investigating => AlertAnswer::Investigating,
        AlertStatus::Resolved => AlertAnswer::Resolved(their_reason(reason.unwrap_or(MicrosoftReason::Ignore))),
    }
}
