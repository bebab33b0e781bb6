//! Partner Center's own activity log: who did what in the partner's tenant, kept for 90 days.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::state::seat::later;

/// How many days records are kept.
pub(crate) const AUDIT_DAYS: i64 = 90;
/// How many records are kept at most.
pub(crate) const MAX_AUDIT_RECORDS: usize = 100_000;

/// One audit record.
#[derive(Debug, Clone)]
pub(crate) struct AuditRecord {
    pub(crate) id: String,
    pub(crate) at: Timestamp,
    pub(crate) customer: Option<(Uuid, String)>,
    pub(crate) user: Option<String>,
    pub(crate) application: Option<String>,
    pub(crate) resource_type: &'static str,
    pub(crate) operation: &'static str,
    /// JSON text of the members before, as the interface writes it.
    pub(crate) old: Option<Box<str>>,
    /// JSON text of the members after.
    pub(crate) new: Option<Box<str>>,
}

/// The records in the order of their time.
#[derive(Debug, Clone, Default)]
pub(crate) struct AuditTrail {
    records: VecDeque<AuditRecord>,
}

impl AuditTrail {
    pub(crate) fn push(&mut self, record: AuditRecord) {
        let oldest = later(record.at, SignedDuration::from_hours(-24 * (AUDIT_DAYS + 1)));
        while self.records.len() >= MAX_AUDIT_RECORDS || self.records.front().is_some_and(|first| first.at < oldest) {
            self.records.pop_front();
        }
        self.records.push_back(record);
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &AuditRecord> {
        self.records.iter()
    }
}
