//! The rules of one log type, arranged so that an event meets only those that could match.
//! A rule is found through a value it cannot do without, by one probe of a table.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::condition::Condition;
use crate::fold::fold_into;
use crate::keys::KeyTable;
use crate::load::RuleSet;
use crate::probe::{Probe, Recent, Words, merge, worth};
use crate::rule::{Part, Rule};
use crate::taxonomy::{self, LogType, Path};
use crate::test::{Decision, Item, Scratch, Seen, Test, places};
use crate::view::View;

/// Rules without an exact value are found through top-level keys once there are more than this.
const FEW_RULES: usize = 48;

/// Which rules look at which events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Route {
    /// A rule looks only at events of its own log source, and at events of unknown type.
    #[default]
    Auto,
    /// Every rule looks at every event.
    None,
}

/// The rules that look at one log type.
#[derive(Debug)]
pub(crate) struct Program {
    /// Places of every field that these rules name.
    pub plans: Vec<Vec<Path>>,
    probes: Vec<Probe>,
    /// Number of the first probe among those of all programs.
    first_probe: usize,
    words: Option<Words>,
    by_key: HashMap<Box<str>, Vec<usize>>,
    always: Vec<usize>,
}

impl Program {
    pub(crate) fn build(
        set: &RuleSet,
        log_type: LogType,
        route: Route,
        keys: &mut KeyTable,
        first_probe: usize,
    ) -> Self {
        let carried: Vec<usize> =
            set.rules.iter().enumerate().filter(|(_, rule)| carries(rule, log_type, route)).map(|(at, _)| at).collect();
        let mut plans = plans(set, &carried, log_type);
        plans.iter_mut().flatten().for_each(|path| path.bind(keys));
        let mut anchored: BTreeMap<usize, Vec<(usize, usize)>> = BTreeMap::new();
        let mut worded = Vec::new();
        let mut loose = Vec::new();
        for at in carried {
            let Some(rule) = set.rules.get(at) else { continue };
            let Some(items) = anchors(rule, &rule.condition, &worth, set) else {
                loose.push(at);
                continue;
            };
            for item in items {
                match set.items.list.get(item).and_then(|i| i.field) {
                    Some(field) => anchored.entry(field).or_default().push((item, at)),
                    None => worded.push((item, at)),
                }
            }
        }
        let probes = merge(&plans, anchored, set);
        let words = Words::new(&worded, set);
        let (by_key, always) =
            if loose.len() > FEW_RULES { keyed(set, &plans, loose) } else { (HashMap::new(), loose) };
        Self { plans, probes, first_probe, words, by_key, always }
    }

    /// How many probes there are.
    pub(crate) fn probes(&self) -> usize {
        self.probes.len()
    }

    /// Writes the rules that could match the event into `out`, in order, each once.
    pub(crate) fn candidates(&self, event: &View<'_>, recent: &mut Recent, folded: &mut String, out: &mut Vec<usize>) {
        out.clear();
        out.extend_from_slice(&self.always);
        for (number, probe) in (self.first_probe..).zip(&self.probes) {
            if !event.may_have(&probe.wanted) {
                continue;
            }
            event.visit(&probe.paths, &mut |leaf| {
                probe.ask(number, leaf, recent, folded, out);
                false
            });
        }
        if let Some(words) = &self.words {
            words.look(event, folded, out);
        }
        if !self.by_key.is_empty() {
            for (key, _) in event.root().fields() {
                fold_into(key, folded);
                if let Some(rules) = self.by_key.get(folded.as_str()) {
                    out.extend_from_slice(rules);
                }
            }
        }
        if out.len() > 1 {
            out.sort_unstable();
            out.dedup();
        }
    }
}

fn carries(rule: &Rule, log_type: LogType, route: Route) -> bool {
    route == Route::None || log_type.carries(rule.meta.product.as_deref(), rule.meta.service.as_deref())
}

/// The places of all fields the rules name; fields of other rules stay empty.
fn plans(set: &RuleSet, carried: &[usize], log_type: LogType) -> Vec<Vec<Path>> {
    let mut used = BTreeSet::new();
    for rule in carried.iter().filter_map(|at| set.rules.get(*at)) {
        used.extend(rule.shown.iter().copied());
        used.extend(special_fields(rule));
        for selection in &rule.selections {
            visit_items(&selection.part, &mut |item| {
                let Some(item) = set.items.list.get(item) else { return };
                used.extend(item.field);
                used.extend(
                    item.tests
                        .iter()
                        .filter_map(|t| if let Test::FieldRef { field, .. } = t { Some(*field) } else { None }),
                );
            });
        }
    }
    for correlation in &set.correlations {
        used.extend(correlation.fields.iter().copied());
        used.extend(
            correlation.group_by.iter().flat_map(|g| g.aliases.iter().map(|(_, field)| *field).chain([g.field])),
        );
    }
    set.fields
        .iter()
        .enumerate()
        .map(|(at, name)| if used.contains(&at) { taxonomy::plan(log_type, name) } else { Vec::new() })
        .collect()
}

fn special_fields(rule: &Rule) -> Vec<usize> {
    use crate::special::Special;
    match &rule.special {
        None => Vec::new(),
        Some(Special::NewTerms(terms)) => terms.fields.clone(),
        Some(Special::Rate(rate)) => rate.group_by.clone(),
        Some(Special::Burst(burst)) => burst.group_by.iter().copied().chain(burst.distinct).collect(),
    }
}

pub(crate) fn visit_items(part: &Part, visit: &mut dyn FnMut(usize)) {
    match part {
        Part::Item(item) => visit(*item),
        Part::And(parts) | Part::Or(parts) => parts.iter().for_each(|p| visit_items(p, visit)),
    }
}

/// Items of which at least one holds whenever the rule holds, as few as possible by `cost`.
/// `None` when the rule can hold without any item that has a cost.
fn anchors(
    rule: &Rule,
    condition: &Condition,
    cost: &dyn Fn(&Item) -> Option<usize>,
    set: &RuleSet,
) -> Option<Vec<usize>> {
    let selection = |at: usize| rule.selections.get(at).and_then(|s| part_anchors(&s.part, cost, set));
    match condition {
        Condition::Selection(at) => selection(*at),
        Condition::And(list) => {
            list.iter().filter_map(|c| anchors(rule, c, cost, set)).min_by_key(|items| total(items, cost, set))
        }
        Condition::Or(list) => {
            list.iter().map(|c| anchors(rule, c, cost, set)).collect::<Option<Vec<_>>>().map(|lists| lists.concat())
        }
        Condition::Not(_) => None,
        Condition::AtLeast(_, members) => {
            members.iter().map(|at| selection(*at)).collect::<Option<Vec<_>>>().map(|lists| lists.concat())
        }
    }
}

fn part_anchors(part: &Part, cost: &dyn Fn(&Item) -> Option<usize>, set: &RuleSet) -> Option<Vec<usize>> {
    match part {
        Part::Item(at) => set.items.list.get(*at).and_then(cost).map(|_| vec![*at]),
        Part::And(parts) => {
            parts.iter().filter_map(|p| part_anchors(p, cost, set)).min_by_key(|items| total(items, cost, set))
        }
        Part::Or(parts) => {
            parts.iter().map(|p| part_anchors(p, cost, set)).collect::<Option<Vec<_>>>().map(|lists| lists.concat())
        }
    }
}

/// Fields that tell events apart come first: an operation is worth more than a category.
fn total(items: &[usize], cost: &dyn Fn(&Item) -> Option<usize>, set: &RuleSet) -> usize {
    let one = |at: &usize| {
        let item = set.items.list.get(*at)?;
        let name = item.field.and_then(|f| set.fields.get(f)).map(|n| n.to_ascii_lowercase()).unwrap_or_default();
        let telling = ["operation", "message", "activity", "eventname", "riskeventtype", "resulttype", "alerttype"]
            .iter()
            .any(|word| name.contains(word));
        cost(item).map(|c| if telling { c } else { c.saturating_add(1_000) })
    };
    items.iter().filter_map(one).sum()
}

/// Finds rules through a top-level key that must be there for them to match.
fn keyed(set: &RuleSet, plans: &[Vec<Path>], loose: Vec<usize>) -> (HashMap<Box<str>, Vec<usize>>, Vec<usize>) {
    let mut by_key: HashMap<Box<str>, Vec<usize>> = HashMap::new();
    let mut always = Vec::new();
    for at in loose {
        let needed = set
            .rules
            .get(at)
            .and_then(|rule| anchors(rule, &rule.condition, &|item| needs_presence(item).then_some(1), set));
        let Some(items) = needed else {
            always.push(at);
            continue;
        };
        let mut folded = String::new();
        for field in items.iter().filter_map(|item| set.items.list.get(*item)?.field) {
            for key in places(plans, field).iter().flat_map(Path::top_keys) {
                fold_into(key, &mut folded);
                let rules = by_key.entry(folded.as_str().into()).or_default();
                if rules.last() != Some(&at) {
                    rules.push(at);
                }
            }
        }
    }
    (by_key, always)
}

fn needs_presence(item: &Item) -> bool {
    item.field.is_some() && item.exists != Some(false) && !item.tests.iter().any(|t| matches!(t, Test::Null))
}

/// Results of items for the event at hand, so that a test shared by rules runs once.
#[derive(Debug, Default)]
pub(crate) struct Memo {
    known: Vec<u32>,
    /// What was seen where an item holds.
    seen: Vec<Option<Seen>>,
    stamp: u32,
}

impl Memo {
    /// Forgets the results of the event before.
    pub(crate) fn next(&mut self, items: usize) {
        if self.known.len() != items || self.stamp >= u32::MAX / 2 - 1 {
            self.known.clear();
            self.known.resize(items, 0);
            self.seen.resize(items, None);
            self.stamp = 0;
        }
        self.stamp += 1;
    }
}

/// Evaluates rules of one program against one event.
pub(crate) struct Evaluation<'e> {
    pub set: &'e RuleSet,
    pub program: &'e Program,
    pub event: &'e View<'e>,
    pub scratch: &'e mut Scratch,
    pub memo: &'e mut Memo,
}

impl Evaluation<'_> {
    pub(crate) fn rule(&mut self, rule: &Rule) -> bool {
        self.condition(rule, &rule.condition)
    }

    fn condition(&mut self, rule: &Rule, condition: &Condition) -> bool {
        match condition {
            Condition::Selection(at) => self.selection(rule, *at),
            Condition::And(list) => list.iter().all(|c| self.condition(rule, c)),
            Condition::Or(list) => list.iter().any(|c| self.condition(rule, c)),
            Condition::Not(inner) => !self.condition(rule, inner),
            Condition::AtLeast(count, members) => {
                members.iter().filter(|at| self.selection(rule, **at)).count() >= *count
            }
        }
    }

    pub(crate) fn selection(&mut self, rule: &Rule, at: usize) -> bool {
        rule.selections.get(at).is_some_and(|selection| self.part(&selection.part))
    }

    fn part(&mut self, part: &Part) -> bool {
        match part {
            Part::Item(at) => self.item(*at),
            Part::And(parts) => parts.iter().all(|p| self.part(p)),
            Part::Or(parts) => parts.iter().any(|p| self.part(p)),
        }
    }

    fn item(&mut self, at: usize) -> bool {
        self.decision(at).holds()
    }

    /// Whether an item holds, and what was seen: worked out once for an event.
    pub(crate) fn decision(&mut self, at: usize) -> Decision {
        let (yes, no) = (self.memo.stamp * 2 + 1, self.memo.stamp * 2);
        match self.memo.known.get(at) {
            Some(known) if *known == yes => return Decision::Yes(self.memo.seen.get(at).copied().flatten()),
            Some(known) if *known == no => return Decision::No,
            _ => {}
        }
        let Some(item) = self.set.items.list.get(at) else { return Decision::No };
        let decision = item.decide(self.event, &self.program.plans, self.scratch);
        if let (Some(known), Some(seen)) = (self.memo.known.get_mut(at), self.memo.seen.get_mut(at)) {
            *known = if decision.holds() { yes } else { no };
            *seen = decision.seen();
        }
        decision
    }
}
