//! How long an effect waits before it is tried again, and by what word an error is told. Pure.

use domain::containment::StepKind;
use domain::effects::EffectKind;
use domain::policy::Policy;
use jiff::SignedDuration;
use microsoft::Error;

/// How often an effect is tried before it is given up.
pub(super) const MAX_TRIES: u32 = 20;
/// The first wait after a failure; doubled each time.
const FIRST_WAIT: SignedDuration = SignedDuration::from_secs(2);
/// The longest wait between two tries that Microsoft did not ask for.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_mins(15);
/// The longest wait that Microsoft may ask for.
const MAX_TOLD_WAIT: SignedDuration = SignedDuration::from_hours(1);
/// An Azure subscription under the plan is still active (900115): cancelling takes about ten minutes.
const PLAN_STILL_ACTIVE_WAIT: SignedDuration = SignedDuration::from_mins(2);
/// Another operation is pending (900278), for minutes up to a day.
const PENDING_WAIT: SignedDuration = SignedDuration::from_mins(5);
/// A consent or a right that a person has to give again.
const PERSON_WAIT: SignedDuration = SignedDuration::from_mins(5);
/// How long a change that takes effect at once is given to show, after doubt: longer than a call may take.
const AT_ONCE_SETTLE: SignedDuration = SignedDuration::from_mins(2);
/// How often a wait is doubled at most.
const MAX_DOUBLINGS: u32 = 12;

/// Whether trying again later can help. What needs a person is tried again too: consent may be given meanwhile. An
/// answer that can't be read may have been cut on its way.
pub(super) fn can_wait(error: &Error) -> bool {
    error.retryable() || needs_person(error) || matches!(error, Error::Malformed { .. })
}

const fn needs_person(error: &Error) -> bool {
    matches!(error, Error::Unauthorized { .. } | Error::MfaMissing { .. } | Error::TokenNotKept { .. })
}

/// How long to wait after the `tries`th failure.
pub(super) fn wait_after(error: &Error, tries: u32) -> SignedDuration {
    if let Some(told) = error.retry_after() {
        return SignedDuration::try_from(told).unwrap_or(MAX_TOLD_WAIT).min(MAX_TOLD_WAIT);
    }
    match error {
        Error::PlanStillActive { .. } => PLAN_STILL_ACTIVE_WAIT,
        Error::PendingOperation { .. } => PENDING_WAIT,
        Error::StaleETag { .. } => FIRST_WAIT,
        error if needs_person(error) => PERSON_WAIT,
        _ => doubled(tries),
    }
}

/// The wait after this many failures, when nothing else says how long.
pub(super) fn doubled(tries: u32) -> SignedDuration {
    let factor = 1_i32.checked_shl(tries.min(MAX_DOUBLINGS)).unwrap_or(1);
    FIRST_WAIT.checked_mul(factor).map_or(LONGEST_WAIT, |wait| wait.min(LONGEST_WAIT))
}

/// How long a change is given to show at Microsoft before it may be sent again.
pub(super) fn settle(kind: &EffectKind, policy: Option<&Policy>) -> SignedDuration {
    let slow = matches!(
        kind,
        EffectKind::Step(StepKind::CancelAzureSubscription { .. } | StepKind::ReactivateAzureSubscription { .. })
    );
    match policy {
        Some(policy) if slow => policy.clocks.settle.max(AT_ONCE_SETTLE),
        _ => AT_ONCE_SETTLE,
    }
}

/// The word for an error in facts and notes: Microsoft's code where it told one, without spaces.
pub(crate) fn code_of(error: &Error) -> String {
    let code = match error {
        Error::NotSent { .. } => "not_sent".to_owned(),
        Error::Doubt { .. } => "no_answer".to_owned(),
        Error::Throttled { .. } => "429".to_owned(),
        Error::Refused { status, code, .. } if code.is_empty() => status.to_string(),
        Error::NotFound { code, .. } if code.is_empty() => "404".to_owned(),
        Error::Unauthorized { code, .. }
        | Error::MfaMissing { code, .. }
        | Error::Refused { code, .. }
        | Error::NotFound { code, .. } => code.clone(),
        Error::StaleETag { .. } => "2055".to_owned(),
        Error::PlanStillActive { .. } => "900115".to_owned(),
        Error::PendingOperation { .. } => "900278".to_owned(),
        Error::Remote5xx { status, .. } => status.to_string(),
        Error::Malformed { .. } => "malformed".to_owned(),
        Error::TokenNotKept { .. } => "token_not_kept".to_owned(),
    };
    code.replace(char::is_whitespace, "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_stay_bounded() {
        let waits: Vec<_> = [0, 1, 2, 30].into_iter().map(|tries| doubled(tries).as_secs()).collect();
        assert_eq!(waits, [2, 4, 8, 900]);
    }
}
