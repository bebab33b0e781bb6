//! Stories: what happens to customers and attackers, told step by step at story time.

mod telling;

pub(crate) use telling::{Step, Story};

/// A resource that exists in an Azure subscription and may cost money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Resource {
    pub(crate) id: String,
    pub(crate) kind: &'static str,
    pub(crate) size: &'static str,
    pub(crate) region: &'static str,
    pub(crate) running: bool,
}

/// A story in short.
#[derive(Debug, Clone)]
pub(crate) struct StorySummary {
    /// The alert raised.
    pub alert: Option<String>,
}
