//! What the engine reports: the rule, the event, and why. Texts for people are made from it
//! elsewhere, in any language.

use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;

use crate::correlation::CorrelationType;
use crate::rule::{Level, RuleMeta};
use crate::special::Measure;
use crate::taxonomy::LogType;

/// The most events named in a finding about many.
pub const MAX_NAMED_MEMBERS: usize = 32;

/// One finding.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// The rule, with its author and licence.
    pub rule: Arc<RuleMeta>,
    /// How grave it is: the rule's level, unless a threshold says otherwise.
    pub level: Level,
    /// Whose event it is.
    pub partition: String,
    /// When it happened, by the event's account (clamped to the received time plus the skew allowed).
    pub event_time: Timestamp,
    /// When the event was received.
    pub received: Timestamp,
    /// The event's own id.
    pub event_id: Option<String>,
    /// The event's log.
    pub log_type: LogType,
    /// Fields worth showing, with their values: the rule's `fields` and those that matched.
    pub fields: Vec<(Arc<str>, Arc<str>)>,
    /// Which lines of the rule decided, and by which values.
    pub reasons: Vec<Reason>,
    /// One event, or many.
    pub kind: FindingKind,
}

/// One line of the rule that held, and the value of the event by which it did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// What the rule asks; shared by all findings of it.
    pub asked: Arc<Asked>,
    /// The value of the event.
    pub value: Arc<str>,
}

/// What a line of a rule asks. A [`Reason`] has its fields as if they were its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The selection.
    pub selection: String,
    /// The field; empty for keywords.
    pub field: Arc<str>,
    /// The modifiers as written; empty for plain equality.
    pub op: String,
    /// The value of the rule that matched.
    pub pattern: String,
}

impl std::ops::Deref for Reason {
    type Target = Asked;

    fn deref(&self) -> &Asked {
        &self.asked
    }
}

impl Serialize for Reason {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut out = serializer.serialize_struct("Reason", 5)?;
        out.serialize_field("selection", &self.selection)?;
        out.serialize_field("field", &self.field)?;
        out.serialize_field("op", &self.op)?;
        out.serialize_field("pattern", &self.pattern)?;
        out.serialize_field("value", &self.value)?;
        out.end()
    }
}

/// An event that is part of a finding about many.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct MemberRef {
    /// When it happened.
    pub time: Timestamp,
    /// Its own id, or `sha256:` and the beginning of its digest.
    pub event: String,
}

/// What kind of finding it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// One event.
    Single,
    /// A correlation.
    Correlation {
        /// Its type.
        correlation: CorrelationType,
        /// Values of the group-by fields; `None` where the event has none.
        group: Vec<(String, Option<String>)>,
        /// Events in the window.
        count: u64,
        /// What the condition compares: the count, sum, average and so on.
        measured: f64,
        /// Length of the window.
        window_seconds: i64,
        /// First event of the window.
        first: Timestamp,
        /// Last event of the window.
        last: Timestamp,
        /// The latest events, at most [`MAX_NAMED_MEMBERS`].
        members: Vec<MemberRef>,
        /// 1 when the correlation begins to hold; 10, 100 and so on is news of the same storm,
        /// which by then has so many times the events it began with.
        storm: u64,
    },
    /// A combination seen for the first time.
    FirstSeen {
        /// The combination.
        terms: Vec<(String, String)>,
        /// How far back the engine looks.
        history_seconds: i64,
        /// When it was seen before, longer ago than that.
        last_seen: Option<Timestamp>,
    },
    /// More than the group's own history suggests.
    Rate {
        /// Values of the group-by fields.
        group: Vec<(String, Option<String>)>,
        /// Events in this bucket so far.
        count: u64,
        /// Events in an average bucket.
        expected: f64,
        /// Length of a bucket.
        bucket_seconds: i64,
        /// Buckets the baseline was learnt from.
        buckets: u64,
    },
    /// A burst passed a threshold.
    Burst {
        /// Values of the group-by fields.
        group: Vec<(String, Option<String>)>,
        /// What is counted.
        measure: Measure,
        /// How many there are.
        value: u64,
        /// The threshold that was passed.
        at_least: u64,
        /// Events in the window.
        count: u64,
        /// Length of the window.
        window_seconds: i64,
        /// First event of the window.
        first: Timestamp,
        /// Last event of the window.
        last: Timestamp,
        /// The latest events, at most [`MAX_NAMED_MEMBERS`].
        members: Vec<MemberRef>,
        /// As in a correlation.
        storm: u64,
    },
}
