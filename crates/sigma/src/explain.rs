//! Why a rule holds for an event, or does not: as data, for texts in any language.

use std::sync::Arc;

use serde::Serialize;

use crate::condition::Condition;
use crate::engine::Engine;
use crate::event::Event;
use crate::finding::{Asked, Reason};
use crate::load::RuleSet;
use crate::program::Evaluation;
use crate::rule::{Part, Rule, RuleMeta};
use crate::taxonomy::LogType;
use crate::test::{Plans, Scratch, describe, places, shorten};
use crate::view::View;

/// The most values shown for one field.
const MAX_SHOWN_VALUES: usize = 16;

/// An explanation of one rule for one event.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    /// The rule.
    pub rule: std::sync::Arc<RuleMeta>,
    /// The event's log.
    pub log_type: LogType,
    /// Whether the rule looks at this log at all.
    pub routed: bool,
    /// Whether the rule's condition holds for the event alone.
    pub holds: bool,
    /// The condition; selections by their index below.
    pub condition: Condition,
    /// The selections.
    pub selections: Vec<SelectionTrace>,
    /// Whether more than this event is needed for a finding (first-seen, rate, burst, correlation).
    pub needs_history: bool,
}

/// A selection in an explanation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SelectionTrace {
    /// Its name.
    pub name: String,
    /// Whether it holds.
    pub holds: bool,
    /// Its lines.
    pub lines: Vec<LineTrace>,
}

/// One line of a selection in an explanation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LineTrace {
    /// The field as the rule names it; empty for keywords.
    pub field: String,
    /// The modifiers as written.
    pub op: String,
    /// The values the rule asks for.
    pub wanted: Vec<String>,
    /// Whether it holds.
    pub holds: bool,
    /// What the event has there.
    pub found: Vec<String>,
    /// The event has no such field, under any of its names.
    pub missing: bool,
    /// Where it was looked for.
    pub looked_at: Vec<String>,
    /// The value of the rule that matched, and the event's value that it matched.
    pub decided: Option<(String, String)>,
}

/// Explains a rule for an event. `None` when the set has no rule with this id or name.
#[must_use]
pub fn explain(engine: &Engine, rule: &str, event: &Event) -> Option<Explanation> {
    let set = engine.rules();
    let rule = set.rules.iter().find(|r| r.meta.id == rule || r.meta.name.as_deref() == Some(rule))?;
    let fallback: Vec<Vec<crate::taxonomy::Path>> =
        set.fields.iter().map(|name| crate::taxonomy::plan(event.log_type(), name)).collect();
    let routed = event.log_type().carries(rule.meta.product.as_deref(), rule.meta.service.as_deref());
    let view = event.view();
    let mut tracer = Tracer { set, event: &view, plans: &fallback, scratch: Scratch::default() };
    let selections: Vec<SelectionTrace> = rule.selections.iter().map(|s| tracer.selection(&s.name, &s.part)).collect();
    let holds = condition_holds(&rule.condition, &|at| selections.get(at).is_some_and(|s| s.holds));
    let needs_history = rule.special.is_some() || !rule.emits;
    Some(Explanation {
        rule: rule.meta.clone(),
        log_type: event.log_type(),
        routed,
        holds,
        condition: rule.condition.clone(),
        selections,
        needs_history,
    })
}

fn condition_holds(condition: &Condition, selection: &dyn Fn(usize) -> bool) -> bool {
    match condition {
        Condition::Selection(at) => selection(*at),
        Condition::And(list) => list.iter().all(|c| condition_holds(c, selection)),
        Condition::Or(list) => list.iter().any(|c| condition_holds(c, selection)),
        Condition::Not(inner) => !condition_holds(inner, selection),
        Condition::AtLeast(count, members) => members.iter().filter(|at| selection(**at)).count() >= *count,
    }
}

struct Tracer<'t> {
    set: &'t RuleSet,
    event: &'t View<'t>,
    plans: &'t Plans,
    scratch: Scratch,
}

impl Tracer<'_> {
    fn selection(&mut self, name: &str, part: &Part) -> SelectionTrace {
        let mut lines = Vec::new();
        let holds = self.part(part, &mut lines);
        SelectionTrace { name: name.to_owned(), holds, lines }
    }

    /// Traces every line, also those that evaluation would skip.
    fn part(&mut self, part: &Part, lines: &mut Vec<LineTrace>) -> bool {
        match part {
            Part::Item(at) => {
                let Some(line) = self.line(*at) else { return false };
                let holds = line.holds;
                lines.push(line);
                holds
            }
            Part::And(parts) => {
                let held = parts.iter().filter(|p| self.part(p, lines)).count();
                held == parts.len()
            }
            Part::Or(parts) => {
                let held = parts.iter().filter(|p| self.part(p, lines)).count();
                held > 0
            }
        }
    }

    fn line(&mut self, at: usize) -> Option<LineTrace> {
        let item = self.set.items.list.get(at)?;
        self.scratch.next();
        let decision = item.decide(self.event, self.plans, &mut self.scratch);
        let paths = item.field.map_or(&[][..], |field| places(self.plans, field));
        let mut found = Vec::new();
        let (_, present) = self.event.visit(paths, &mut |leaf| {
            found.push(describe(leaf).to_string());
            found.len() >= MAX_SHOWN_VALUES
        });
        Some(LineTrace {
            field: item.field.and_then(|f| self.set.fields.get(f)).map(ToString::to_string).unwrap_or_default(),
            op: item.modifiers.clone(),
            wanted: item.values.clone(),
            holds: decision.holds(),
            missing: item.field.is_some() && !present && found.is_empty(),
            found,
            looked_at: paths.iter().map(|p| p.text().to_owned()).collect(),
            decided: decision
                .seen()
                .and_then(|seen| Some((item.values.get(seen.value)?.clone(), self.scratch.text(seen).to_owned()))),
        })
    }
}

/// What rules ask, as findings say it: made when a line holds for the first time.
#[derive(Debug, Default)]
pub(crate) struct Questions {
    /// For each rule: selection, item, value, and the words for them.
    rules: Vec<Vec<Question>>,
}

type Question = ((usize, usize, Option<usize>), Arc<Asked>);

impl Questions {
    fn of(&mut self, rule: usize, key: (usize, usize, Option<usize>), make: impl FnOnce() -> Asked) -> Arc<Asked> {
        if self.rules.len() <= rule {
            self.rules.resize_with(rule + 1, Vec::new);
        }
        let Some(known) = self.rules.get_mut(rule) else { return Arc::new(make()) };
        if let Some((_, asked)) = known.iter().find(|(place, _)| *place == key) {
            return Arc::clone(asked);
        }
        let asked = Arc::new(make());
        known.push((key, Arc::clone(&asked)));
        asked
    }
}

/// A rule that holds for an event, and what is needed to say why.
pub(crate) struct Holding<'h, 'e> {
    pub at: usize,
    pub rule: &'h Rule,
    /// Knows what was found out while the rule was evaluated.
    pub evaluation: &'h mut Evaluation<'e>,
}

impl Holding<'_, '_> {
    /// The lines that made the rule hold.
    pub(crate) fn reasons(&mut self, questions: &mut Questions) -> Vec<Reason> {
        let mut collector =
            Collector { at: self.at, rule: self.rule, evaluation: self.evaluation, questions, out: Vec::new() };
        collector.condition(&self.rule.condition);
        collector.out
    }

    /// The fields to show: those the rule names, and those that decided.
    pub(crate) fn fields(&self, reasons: &[Reason]) -> Vec<(Arc<str>, Arc<str>)> {
        let mut out: Vec<(Arc<str>, Arc<str>)> = Vec::with_capacity(self.rule.shown.len() + reasons.len());
        for field in &self.rule.shown {
            let mut value = None;
            let plans = &self.evaluation.program.plans;
            self.evaluation.event.visit(places(plans, *field), &mut |leaf| {
                let text = describe(leaf);
                let useful = !text.is_empty() && *text != *"null";
                if useful {
                    value = Some(text);
                }
                useful
            });
            if let (Some(name), Some(value)) = (self.evaluation.set.fields.get(*field), value) {
                out.push((Arc::clone(name), value));
            }
        }
        for reason in reasons {
            if !reason.field.is_empty() && !out.iter().any(|(name, _)| *name == reason.field) {
                out.push((Arc::clone(&reason.field), Arc::clone(&reason.value)));
            }
        }
        out
    }
}

struct Collector<'c, 'e> {
    at: usize,
    rule: &'c Rule,
    evaluation: &'c mut Evaluation<'e>,
    questions: &'c mut Questions,
    out: Vec<Reason>,
}

impl Collector<'_, '_> {
    /// Collects from the branches that hold; what is negated gives no reason.
    fn condition(&mut self, condition: &Condition) -> bool {
        let mark = self.out.len();
        let holds = match condition {
            Condition::Selection(at) => self.selection(*at),
            Condition::And(list) => list.iter().all(|c| self.condition(c)),
            Condition::Or(list) => list.iter().any(|c| self.condition(c)),
            Condition::Not(inner) => {
                let inner = self.condition(inner);
                self.out.truncate(mark);
                !inner
            }
            Condition::AtLeast(count, members) => members.iter().filter(|at| self.selection(**at)).count() >= *count,
        };
        if !holds {
            self.out.truncate(mark);
        }
        holds
    }

    fn selection(&mut self, at: usize) -> bool {
        let mark = self.out.len();
        let Some(selection) = self.rule.selections.get(at) else { return false };
        let holds = self.part(at, &selection.part);
        if !holds {
            self.out.truncate(mark);
        }
        holds
    }

    fn part(&mut self, selection: usize, part: &Part) -> bool {
        let mark = self.out.len();
        let holds = match part {
            Part::Item(at) => self.item(selection, *at),
            Part::And(parts) => parts.iter().all(|p| self.part(selection, p)),
            Part::Or(parts) => parts.iter().any(|p| self.part(selection, p)),
        };
        if !holds {
            self.out.truncate(mark);
        }
        holds
    }

    fn item(&mut self, selection: usize, at: usize) -> bool {
        let decision = self.evaluation.decision(at);
        let set = self.evaluation.set;
        let Some(item) = set.items.list.get(at).filter(|_| decision.holds()) else { return false };
        let seen = decision.seen();
        let which = seen.map(|seen| seen.value);
        let asked = self.questions.of(self.at, (selection, at, which), || {
            let pattern = match which {
                Some(value) => item.values.get(value).cloned().unwrap_or_default(),
                None => item.values.join(", "),
            };
            Asked {
                selection: self.rule.selections.get(selection).map(|s| s.name.clone()).unwrap_or_default(),
                field: item.field.and_then(|f| set.fields.get(f)).map_or_else(|| "".into(), Arc::clone),
                op: item.modifiers.clone(),
                pattern: shorten(&pattern),
            }
        });
        let value = seen.map_or("", |seen| self.evaluation.scratch.text(seen)).into();
        self.out.push(Reason { asked, value });
        true
    }
}
