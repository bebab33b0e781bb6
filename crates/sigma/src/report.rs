//! Which loaded rules can fire at all on the fields that events really have.
//! An observer looks at events beside the engine; the report is data.

use std::sync::Arc;

use serde::Serialize;

use crate::condition::Condition;
use crate::event::Event;
use crate::load::RuleSet;
use crate::rule::{Part, Rule, RuleMeta};
use crate::taxonomy::{self, LogType, Path};
use crate::test::Test;

/// A rule that cannot fire on what was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NeverFires {
    /// The rule.
    pub rule: Arc<RuleMeta>,
    /// Why.
    pub why: Why,
}

/// Why a rule cannot fire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// No event of its log source was seen.
    NoEvents {
        /// Product and service the rule names.
        source: String,
    },
    /// Events of its log source never had these fields, under any of their names.
    MissingFields {
        /// As the rule names them.
        fields: Vec<String>,
        /// The log types that were seen.
        seen: Vec<LogType>,
    },
}

/// Notes which of the fields that rules name occur in events.
#[derive(Debug)]
pub struct Coverage {
    set: Arc<RuleSet>,
    /// For each log type: its events, and for each field whether it was seen.
    logs: Vec<Seen>,
}

#[derive(Debug)]
struct Seen {
    events: u64,
    plans: Vec<Vec<Path>>,
    fields: Vec<bool>,
}

impl Coverage {
    /// Begins with nothing seen.
    #[must_use]
    pub fn new(set: Arc<RuleSet>) -> Self {
        let logs = LogType::ALL
            .into_iter()
            .map(|log_type| Seen {
                events: 0,
                plans: set.fields.iter().map(|name| taxonomy::plan(log_type, name)).collect(),
                fields: vec![false; set.fields.len()],
            })
            .collect();
        Self { set, logs }
    }

    /// Notes the fields of one event. Costs less the more has been seen.
    pub fn observe(&mut self, event: &Event) {
        let Some(seen) = self.logs.get_mut(event.log_type().index()) else { return };
        seen.events += 1;
        let view = event.view();
        for (paths, known) in seen.plans.iter().zip(&mut seen.fields) {
            if !*known {
                let (stopped, found) = view.visit(paths, &mut |_| true);
                *known = stopped || found;
            }
        }
    }

    /// Events seen of a log type.
    #[must_use]
    pub fn events(&self, log_type: LogType) -> u64 {
        self.logs.get(log_type.index()).map_or(0, |seen| seen.events)
    }

    /// The rules that could not have fired on anything seen so far, and why.
    #[must_use]
    pub fn never_fires(&self) -> Vec<NeverFires> {
        self.set
            .rules
            .iter()
            .filter_map(|rule| self.why(rule).map(|why| NeverFires { rule: Arc::clone(&rule.meta), why }))
            .collect()
    }

    fn why(&self, rule: &Rule) -> Option<Why> {
        let (product, service) = (rule.meta.product.as_deref(), rule.meta.service.as_deref());
        let carried = |log_type: &LogType| log_type.carries(product, service) && self.events(*log_type) > 0;
        let seen: Vec<LogType> = LogType::ALL.into_iter().filter(carried).collect();
        if seen.is_empty() {
            let source = [product, service].into_iter().flatten().collect::<Vec<_>>().join("/");
            return Some(Why::NoEvents { source });
        }
        let mut missing = Vec::new();
        for log_type in &seen {
            let Some(log) = self.logs.get(log_type.index()) else { continue };
            let mut here = Vec::new();
            if self.possible(rule, &rule.condition, log, &mut here) {
                return None;
            }
            missing.append(&mut here);
        }
        missing.sort();
        missing.dedup();
        Some(Why::MissingFields { fields: missing, seen })
    }

    /// Whether a condition could hold if every field seen had the value asked for.
    fn possible(&self, rule: &Rule, condition: &Condition, log: &Seen, missing: &mut Vec<String>) -> bool {
        let selection = |at: usize, missing: &mut Vec<String>| {
            rule.selections.get(at).is_some_and(|s| self.part_possible(&s.part, log, missing))
        };
        match condition {
            Condition::Selection(at) => selection(*at, missing),
            Condition::And(list) => list.iter().filter(|c| self.possible(rule, c, log, missing)).count() == list.len(),
            Condition::Or(list) => list.iter().filter(|c| self.possible(rule, c, log, missing)).count() > 0,
            Condition::Not(_) => true,
            Condition::AtLeast(count, members) => {
                members.iter().filter(|at| selection(**at, missing)).count() >= *count
            }
        }
    }

    fn part_possible(&self, part: &Part, log: &Seen, missing: &mut Vec<String>) -> bool {
        match part {
            Part::Item(at) => {
                let Some(item) = self.set.items.list.get(*at) else { return false };
                let Some(field) = item.field else { return true };
                let without = item.exists == Some(false) || item.tests.iter().any(|t| matches!(t, Test::Null));
                let possible = without || log.fields.get(field).copied().unwrap_or(false);
                if !possible {
                    missing.extend(self.set.fields.get(field).map(ToString::to_string));
                }
                possible
            }
            Part::And(parts) => parts.iter().filter(|p| self.part_possible(p, log, missing)).count() == parts.len(),
            Part::Or(parts) => parts.iter().filter(|p| self.part_possible(p, log, missing)).count() > 0,
        }
    }
}
