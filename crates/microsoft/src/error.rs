//! Every way a call can end without its answer, and the two questions callers ask: may it have been carried out, and may it
//! be sent again as it is. How Microsoft's error bodies become these is in `refusal.rs`.

use std::time::Duration;

use crate::call::Call;
use crate::seam::SendError;

/// The code of `Error::Unauthorized` when a call needs a user's token and no refresh token is configured.
pub const NO_REFRESH_TOKEN: &str = "no-refresh-token";

/// Why Microsoft refused, as far as its code tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RefusalKind {
    /// The role, GDAP relationship or right is missing (900308, 900150, 90000).
    MissingRole,
    /// Conditional Access stopped the call (900309).
    ConditionalAccess,
    /// The route does not take app-only tokens (900329).
    AppOnlyNotSupported,
    /// The partner has no commerce relationship with the customer (20002).
    Detached,
    /// The customer's account is under review, not approved or locked (800073, 800074, 800075, 900416).
    CustomerBlocked,
    /// The order failed Microsoft's risk check (800069).
    RiskCheck,
    /// The partner's credit line is used up (800023, 800025, 900121).
    CreditLine,
    /// The partner's own programme status is not active (800039, 900149).
    PartnerSuspended,
    /// An agreement is not accepted or not confirmed (900123, 900124, 13605).
    AgreementMissing,
    /// The window to cancel or to give back seats has passed (900117, 900213, 900214, 900257).
    WindowPassed,
    /// The resource is in a state that does not allow the change (2001, 2011, 800040, 800091, 800096, 27009, 900132, 900279,
    /// 900280, 900314, 900318).
    WrongState,
    /// Another operation is in progress; later it may go (800014, 800060, 800064, 800082).
    Busy,
    /// The resource was changed too many times; a person must look (900311).
    NeedsPerson,
    /// A maximum of subscriptions, seats or assets is exceeded (800066, 800067, 800068, 800088, 800089, 900419).
    MaximumExceeded,
    /// The operation link has aged out (HTTP 410); read the resource itself.
    LinkExpired,
    /// Any other refusal.
    Other,
}

/// How long Microsoft asks to wait, as it stands in an error.
fn told(wait: Option<Duration>) -> String {
    wait.map(|wait| format!(", retry after {wait:?}")).unwrap_or_default()
}

/// Why a call has no answer. Messages hold ids, codes and causes; never tokens, secrets or bodies.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The request surely never reached Microsoft.
    #[error("{call}: not sent: {reason}")]
    NotSent {
        /// The call.
        call: Call,
        /// What stopped it.
        reason: String,
    },
    /// The request may have reached Microsoft and no usable answer came back.
    #[error("{call}: no answer, it may have been carried out: {reason}")]
    Doubt {
        /// The call.
        call: Call,
        /// What went wrong.
        reason: String,
    },
    /// HTTP 429. Waiting first is the caller's: every try counts against the limit.
    #[error("{call}: throttled{}", told(*.retry_after))]
    Throttled {
        /// The call.
        call: Call,
        /// How long to wait, when Microsoft said so.
        retry_after: Option<Duration>,
    },
    /// HTTP 401 that a fresh token did not cure, or a token that was not issued.
    #[error("{call}: not authorised ({code})")]
    Unauthorized {
        /// The call.
        call: Call,
        /// Microsoft's code (`900420`: audience; `AADSTS...`: no token was issued), or `NO_REFRESH_TOKEN`.
        code: String,
    },
    /// The user's token carries no MFA claim (900421), or the login demands MFA: a person must consent again.
    #[error("{call}: the consent lacks multi-factor authentication ({code}), it must be given again")]
    MfaMissing {
        /// The call.
        call: Call,
        /// Microsoft's code.
        code: String,
    },
    /// Microsoft understood and refused.
    #[error("{call}: refused with {status} {code} ({kind:?})")]
    Refused {
        /// The call.
        call: Call,
        /// The HTTP status.
        status: u16,
        /// Microsoft's code, empty when none was told.
        code: String,
        /// Microsoft's own words, cut short and with anything token-like taken out; not part of the displayed error.
        message: String,
        /// What the code means.
        kind: RefusalKind,
    },
    /// The resource changed since it was read (2055 or HTTP 412): read again and decide again, with a new request id.
    #[error("{call}: the resource has changed since it was read")]
    StaleETag {
        /// The call.
        call: Call,
    },
    /// The Azure plan has an active Azure subscription under it (900115): cancel those first.
    #[error("{call}: an Azure subscription under the plan is still active")]
    PlanStillActive {
        /// The call.
        call: Call,
    },
    /// An operation on the subscription is pending, for up to 24 hours (900278).
    #[error("{call}: another operation on the subscription is pending")]
    PendingOperation {
        /// The call.
        call: Call,
    },
    /// HTTP 404.
    #[error("{call}: not found ({code})")]
    NotFound {
        /// The call.
        call: Call,
        /// Microsoft's code, empty when none was told.
        code: String,
    },
    /// HTTP 5xx. A write may have been carried out before the failure.
    #[error("{call}: Microsoft failed with {status}")]
    Remote5xx {
        /// The call.
        call: Call,
        /// The HTTP status.
        status: u16,
        /// How long to wait, when Microsoft said so.
        retry_after: Option<Duration>,
    },
    /// An answer (or a link in it) that does not have the documented shape.
    #[error("{call}: {what} cannot be read at {place}")]
    Malformed {
        /// The call.
        call: Call,
        /// What was being read.
        what: &'static str,
        /// Where in it: a path or a line and column, never the content.
        place: String,
    },
    /// A rotated refresh token could not be stored, so the tokens that came with it were not used; nothing was sent.
    #[error("{call}: the rotated refresh token could not be kept: {reason}")]
    TokenNotKept {
        /// The call.
        call: Call,
        /// Why, in the words of the token store.
        reason: String,
    },
}

impl Error {
    pub(crate) fn unsent(call: &Call, error: SendError) -> Self {
        let call = call.clone();
        match error {
            SendError::NotSent { reason } => Self::NotSent { call, reason },
            SendError::Doubt { reason } => Self::Doubt { call, reason },
        }
    }

    /// The call that failed. A failed token is a call of its own (`get a token`), which writes nothing.
    #[must_use]
    pub fn call(&self) -> &Call {
        match self {
            Self::NotSent { call, .. }
            | Self::Doubt { call, .. }
            | Self::Throttled { call, .. }
            | Self::Unauthorized { call, .. }
            | Self::MfaMissing { call, .. }
            | Self::Refused { call, .. }
            | Self::StaleETag { call }
            | Self::PlanStillActive { call }
            | Self::PendingOperation { call }
            | Self::NotFound { call, .. }
            | Self::Remote5xx { call, .. }
            | Self::Malformed { call, .. }
            | Self::TokenNotKept { call, .. } => call,
        }
    }

    /// Tells whether a write may have been carried out although no good answer came: read the remote state before repeating.
    #[must_use]
    pub fn in_doubt(&self) -> bool {
        match self {
            Self::Doubt { call, .. } | Self::Remote5xx { call, .. } | Self::Malformed { call, .. } => call.writes(),
            Self::NotSent { .. }
            | Self::Throttled { .. }
            | Self::Unauthorized { .. }
            | Self::MfaMissing { .. }
            | Self::Refused { .. }
            | Self::StaleETag { .. }
            | Self::PlanStillActive { .. }
            | Self::PendingOperation { .. }
            | Self::NotFound { .. }
            | Self::TokenNotKept { .. } => false,
        }
    }

    /// Tells whether the same call may succeed later without anything being changed or looked at first.
    /// A write in doubt is not: its doubt is resolved first.
    #[must_use]
    pub fn retryable(&self) -> bool {
        match self {
            Self::NotSent { .. }
            | Self::Throttled { .. }
            | Self::StaleETag { .. }
            | Self::PlanStillActive { .. }
            | Self::PendingOperation { .. }
            | Self::TokenNotKept { .. } => true,
            Self::Doubt { call, .. } | Self::Remote5xx { call, .. } => !call.writes(),
            Self::Refused { kind, .. } => *kind == RefusalKind::Busy,
            Self::Unauthorized { .. } | Self::MfaMissing { .. } | Self::NotFound { .. } | Self::Malformed { .. } => {
                false
            }
        }
    }

    /// How long Microsoft asked to wait, if it did.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Throttled { retry_after, .. } | Self::Remote5xx { retry_after, .. } => *retry_after,
            Self::NotSent { .. }
            | Self::Doubt { .. }
            | Self::Unauthorized { .. }
            | Self::MfaMissing { .. }
            | Self::Refused { .. }
            | Self::StaleETag { .. }
            | Self::PlanStillActive { .. }
            | Self::PendingOperation { .. }
            | Self::NotFound { .. }
            | Self::Malformed { .. }
            | Self::TokenNotKept { .. } => None,
        }
    }
}
