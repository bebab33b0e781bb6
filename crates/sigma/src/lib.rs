//! A detection engine for the logs of Microsoft clouds: Sigma 2.1 rules, correlations, and
//! what Sigma lacks (first-seen, rates, bursts). Load rules, feed events, get findings.
//!
//! ```
//! use sigma::{Engine, EngineOptions, LoadOptions, RuleSet, Source};
//!
//! let rule = "
//! title: Budget deleted
//! id: 6d8dbb1f-0e0a-4f0e-8f6f-0d8d3d6f7a10
//! logsource: {product: azure, service: activitylogs}
//! detection:
//!   selection: {operationName: Microsoft.Consumption/budgets/delete}
//!   condition: selection
//! ";
//! let loaded = RuleSet::load([Source { name: "budget.yml".into(), text: rule.into() }], &LoadOptions::default());
//! assert!(loaded.refused.is_empty());
//! let mut engine = Engine::new(loaded.set, EngineOptions::default());
//! let event = br#"{"time": "2026-05-04T10:00:00Z", "operationName": "MICROSOFT.CONSUMPTION/BUDGETS/DELETE", "category": "Administrative"}"#;
//! let findings = engine.feed("customer-1", event, jiff::Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(500_000)).unwrap();
//! assert_eq!(findings.len(), 1);
//! ```
//!
//! Nothing here reads a clock, a network or a random number; equal input gives equal output.
//! Files are read only by [`reader`], on request.

mod check;
mod condition;
mod correlation;
mod document;
mod encoding;
mod engine;
mod event;
mod finding;
mod fold;
mod glance;
mod implied;
mod json;
mod keys;
mod load;
mod modifier;
mod number;
mod pairs;
mod pattern;
mod probe;
mod program;
mod refusal;
mod rule;
mod special;
mod state;
mod stateful;
mod test;
mod time;
mod view;
mod yaml;

pub mod concepts;
pub mod explain;
pub mod reader;
pub mod report;
pub mod ruletest;
pub mod taxonomy;

/// Every limit of this crate, by name.
pub mod limits {
    pub use crate::concepts::MAX_INSTANCES;
    pub use crate::condition::{MAX_CONDITION_BYTES, MAX_CONDITION_DEPTH};
    pub use crate::correlation::MAX_CORRELATED_RULES;
    pub use crate::document::MAX_SELECTIONS;
    pub use crate::event::{MAX_EVENT_BYTES, MAX_EVENT_DEPTH};
    pub use crate::finding::MAX_NAMED_MEMBERS;
    pub use crate::load::MAX_RULES;
    pub use crate::modifier::{MAX_REGEX_BYTES, MAX_VALUES};
    pub use crate::number::MAX_NUMBER_BYTES;
    pub use crate::pattern::MAX_WILDCARDS;
    pub use crate::special::{MAX_GROUP_FIELDS, MAX_SPAN_SECONDS, MAX_THRESHOLDS};
    pub use crate::state::{MAX_GROUPS, MAX_PARTITIONS, MAX_SCANNED_ENTRIES, MAX_TERMS, MAX_WINDOW_ENTRIES};
    pub use crate::taxonomy::MAX_NESTED_JSON;
    pub use crate::yaml::{MAX_DEPTH as MAX_YAML_DEPTH, MAX_NODES as MAX_YAML_NODES, MAX_SOURCE_BYTES};
}

pub use condition::Condition;
pub use correlation::CorrelationType;
pub use engine::DEFAULT_SKEW_SECONDS;
pub use engine::{Allow, Engine, EngineOptions, Footprint, Overrides, RestoreError, Stats};
pub use event::{Event, EventError, MAX_EVENT_BYTES, MAX_EVENT_DEPTH};
pub use finding::{Asked, Finding, FindingKind, MAX_NAMED_MEMBERS, MemberRef, Reason};
pub use load::{LoadOptions, Loaded, RuleSet, Source};
pub use program::Route;
pub use refusal::{Code, Refusal, Warning};
pub use rule::{Level, RuleMeta};
pub use special::{Measure, Threshold};
pub use taxonomy::{Concept, LogType};
