//! What a caller passes to every call (time and ids: none are made here) and what names a call in errors and records.

use std::fmt;

use jiff::Timestamp;
use uuid::Uuid;

/// The time and the ids of one call. The clock and the randomness are the caller's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallContext {
    /// The present instant: decides whether a token is still good and how long a `Retry-After` date is.
    pub now: Timestamp,
    /// `MS-RequestId`, Microsoft's idempotency key: the same value repeats one operation whose outcome is in doubt,
    /// a new value begins a new operation. After a definite refusal take a new one.
    pub request_id: Uuid,
    /// `MS-CorrelationId`: for tracing, new for every call.
    pub correlation_id: Uuid,
}

impl CallContext {
    /// The context of a part of this call (the read before a write, a further page): its own request id, the same each time.
    #[must_use]
    pub fn part(&self, name: &str) -> Self {
        let mut digest = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
        digest.update(self.request_id.as_bytes());
        digest.update(name.as_bytes());
        let hash = digest.finish();
        let mut id = [0_u8; 16];
        for (to, from) in id.iter_mut().zip(hash.as_ref()) {
            *to = *from;
        }
        Self { request_id: Uuid::new_v8(id), ..*self }
    }
}

/// Names a call in an error: what was tried, for whom, and whether it changes anything at Microsoft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    operation: &'static str,
    subject: Box<str>,
    writes: bool,
}

impl Call {
    pub(crate) fn read(operation: &'static str, subject: impl fmt::Display) -> Self {
        Self { operation, subject: subject.to_string().into(), writes: false }
    }

    pub(crate) fn write(operation: &'static str, subject: impl fmt::Display) -> Self {
        Self { writes: true, ..Self::read(operation, subject) }
    }

    /// What was tried, in the words of Partner Center (`cancel Azure subscription`, `suspend subscription`).
    #[must_use]
    pub fn operation(&self) -> &'static str {
        self.operation
    }

    /// For whom: ids only, never names.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Tells whether the call changes something at Microsoft.
    #[must_use]
    pub fn writes(&self) -> bool {
        self.writes
    }
}

impl fmt::Display for Call {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.operation)?;
        if !self.subject.is_empty() {
            write!(formatter, " ({})", self.subject)?;
        }
        Ok(())
    }
}
