//! What the caller may watch: one record per request to Partner Center, Graph or Azure, with its ids and outcome.
//! Records hold no names, tokens or bodies.

use std::fmt;

use uuid::Uuid;

use crate::cloud::Role;
use crate::tokens::Mode;

/// How one request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// An answer with this HTTP status.
    Answered(u16),
    /// It surely never left.
    NotSent,
    /// It may have been carried out.
    Doubt,
}

/// One request, for the audit line and the daily MFA record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallRecord {
    /// What was asked, in the words of Partner Center.
    pub operation: &'static str,
    /// For whom: ids only.
    pub subject: String,
    /// Which host was asked.
    pub role: Role,
    /// Whom the token spoke for.
    pub mode: Mode,
    /// Whether the call changes something.
    pub writes: bool,
    /// `MS-RequestId`.
    pub request_id: Uuid,
    /// `MS-CorrelationId`.
    pub correlation_id: Uuid,
    /// Microsoft's own trace id (`MS-CV`, or `request-id` of Graph and Azure), to quote in a support request.
    pub remote_trace: Option<String>,
    /// What Partner Center says of the token's MFA when asked by `ValidateMfa: true`; none when it does not say.
    pub mfa_compliant: Option<bool>,
    /// How it ended.
    pub outcome: Outcome,
}

/// Watches every request of a client.
pub trait Observer: Send + Sync + fmt::Debug {
    /// Is told of one finished request; must not block.
    fn called(&self, record: &CallRecord);
}

/// Watches nothing.
impl Observer for () {
    fn called(&self, _record: &CallRecord) {}
}
