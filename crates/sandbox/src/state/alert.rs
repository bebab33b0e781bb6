//! Security alerts: one store behind both the Graph alerts and the older fraud events.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// How many alerts the world keeps.
pub(crate) const MAX_ALERTS: usize = 100_000;

/// One security alert about a customer's Azure subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Alert {
    pub(crate) id: String,
    /// Microsoft's `alertType`, a free text.
    pub(crate) kind: String,
    pub(crate) display_name: String,
    pub(crate) description: String,
    pub(crate) severity: String,
    pub(crate) confidence: String,
    pub(crate) status: AlertStatus,
    pub(crate) customer: usize,
    pub(crate) customer_tenant: Uuid,
    pub(crate) subscription: Uuid,
    pub(crate) reseller_tenant: Option<Uuid>,
    pub(crate) detected: Timestamp,
    pub(crate) first_observed: Timestamp,
    pub(crate) last_observed: Timestamp,
    pub(crate) resolved_reason: Option<Reason>,
    pub(crate) resolved_at: Option<Timestamp>,
    pub(crate) resolved_by: Option<String>,
    pub(crate) is_test: bool,
    pub(crate) resources: Vec<String>,
    pub(crate) steps: Vec<AlertStep>,
    pub(crate) details: BTreeMap<String, String>,
}

/// One entry of an alert's own log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AlertStep {
    pub(crate) from: AlertStatus,
    pub(crate) to: AlertStatus,
    pub(crate) by: String,
    pub(crate) at: Timestamp,
}

/// The status of an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum AlertStatus {
    Active,
    Investigating,
    Resolved,
}

impl AlertStatus {
    /// As Graph writes it.
    pub(crate) fn graph_word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Investigating => "investigating",
            Self::Resolved => "resolved",
        }
    }

    /// As the fraud events write it.
    pub(crate) fn event_word(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Investigating => "Investigating",
            Self::Resolved => "Resolved",
        }
    }

    pub(crate) fn from_word(word: &str) -> Option<Self> {
        [Self::Active, Self::Investigating, Self::Resolved]
            .into_iter()
            .find(|status| status.graph_word().eq_ignore_ascii_case(word))
    }
}

/// Why an alert was resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    Legitimate,
    Ignore,
    Fraud,
}

impl Reason {
    pub(crate) fn graph_word(self) -> &'static str {
        match self {
            Self::Legitimate => "legitimate",
            Self::Ignore => "ignore",
            Self::Fraud => "fraud",
        }
    }

    pub(crate) fn event_word(self) -> &'static str {
        match self {
            Self::Legitimate => "Legitimate",
            Self::Ignore => "Ignore",
            Self::Fraud => "Fraud",
        }
    }

    pub(crate) fn from_word(word: &str) -> Option<Self> {
        [Self::Legitimate, Self::Ignore, Self::Fraud]
            .into_iter()
            .find(|reason| reason.graph_word().eq_ignore_ascii_case(word))
    }
}

/// All alerts in the order in which they were raised.
#[derive(Debug, Clone, Default)]
pub(crate) struct Alerts {
    list: Vec<Alert>,
    by_id: HashMap<String, usize>,
}

impl Alerts {
    /// Adds an alert; false when [`MAX_ALERTS`] are kept already.
    pub(crate) fn add(&mut self, alert: Alert) -> bool {
        if self.list.len() >= MAX_ALERTS {
            return false;
        }
        self.by_id.insert(alert.id.clone(), self.list.len());
        self.list.push(alert);
        true
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Alert> {
        self.list.get(*self.by_id.get(id)?)
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut Alert> {
        self.list.get_mut(*self.by_id.get(id)?)
    }

    pub(crate) fn all(&self) -> &[Alert] {
        &self.list
    }
}
