//! The rules of one log type, arranged so that an event meets only those that could match.
//! A rule is found through a value it cannot do without, by one probe of a table.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aho_corasick::{AhoCorasick, MatchKind, packed};
use sonic_rs::JsonContainerTrait;

use crate::condition::Condition;
use crate::fold::fold_into;
use crate::keys::KeyTable;
use crate::load::RuleSet;
use crate::number::Number;
use crate::pattern::Pattern;
use crate::rule::{Part, Rule};
use crate::taxonomy::{self, Leaf, LogType, Path};
use crate::test::{Item, Scratch, Test, places};
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
    words: Option<Words>,
    by_key: HashMap<Box<str>, Vec<usize>>,
    always: Vec<usize>,
}

/// One table: the values of one field (with all its spellings), and the rules that need them.
#[derive(Debug)]
struct Probe {
    paths: Vec<Path>,
    table: HashMap<Box<str>, Vec<usize>>,
    longest: usize,
    /// Patterns that are tried one by one.
    patterns: Vec<(Pattern, usize)>,
}

impl Program {
    pub(crate) fn build(set: &RuleSet, log_type: LogType, route: Route, keys: &mut KeyTable) -> Self {
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
        Self { plans, probes, words, by_key, always }
    }

    /// Writes the rules that could match the event into `out`, in order, each once.
    /// `bytes` are the event's text, where it is at hand.
    pub(crate) fn candidates(&self, event: &View<'_>, bytes: Option<&[u8]>, folded: &mut String, out: &mut Vec<usize>) {
        out.clear();
        out.extend_from_slice(&self.always);
        for probe in &self.probes {
            event.visit(&probe.paths, &mut |leaf| {
                probe.look(leaf, folded, out);
                false
            });
        }
        if let Some(words) = &self.words {
            words.look(event, bytes, folded, out);
        }
        if !self.by_key.is_empty()
            && let Some(object) = event.root().as_object()
        {
            for (key, _) in object {
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

impl Probe {
    fn look(&self, leaf: &Leaf<'_>, folded: &mut String, out: &mut Vec<usize>) {
        let text = match leaf {
            Leaf::Text(text) | Leaf::Number(text) => *text,
            Leaf::Bool(true) => "true",
            Leaf::Bool(false) => "false",
            Leaf::Null => return,
            // What a container holds is seen only by the rule itself.
            Leaf::Json(_) => return out.extend(self.patterns.iter().map(|(_, rule)| *rule)),
        };
        // Folding can shorten a text to a third of its bytes at most.
        if self.patterns.is_empty() && text.len() > self.longest.saturating_mul(3) {
            return;
        }
        fold_into(text, folded);
        if let Some(rules) = self.table.get(folded.as_str()) {
            out.extend_from_slice(rules);
        }
        for (pattern, rule) in &self.patterns {
            if pattern.matches(text, folded) {
                out.push(*rule);
            }
        }
        let begins_number = text.as_bytes().first().is_some_and(|b| b.is_ascii_digit() || *b == b'-');
        if begins_number && let Some(Number::Small(number)) = Number::parse(text) {
            let canonical = number.to_string();
            if canonical != *folded
                && let Some(rules) = self.table.get(canonical.as_str())
            {
                out.extend_from_slice(rules);
            }
        }
    }
}

/// Texts that keyword rules cannot do without, looked for all at once.
#[derive(Debug)]
struct Words {
    few: Option<packed::Searcher>,
    many: AhoCorasick,
    shortest: usize,
    rules: Vec<usize>,
}

impl Words {
    fn new(pairs: &[(usize, usize)], set: &RuleSet) -> Option<Self> {
        let items = pairs.iter().filter_map(|(item, _)| set.items.list.get(*item));
        let needles: BTreeSet<String> = items.flat_map(|item| needles(&item.tests).unwrap_or_default()).collect();
        let few = packed::Config::new().builder().extend(&needles).build();
        let many = AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(&needles).ok()?;
        let shortest = needles.iter().map(String::len).min()?;
        let mut rules: Vec<usize> = pairs.iter().map(|(_, rule)| *rule).collect();
        rules.dedup();
        Some(Self { few, many, shortest, rules })
    }

    /// Text of ASCII without a backslash stands in the event as it stands in its values;
    /// any other event is searched value by value.
    fn look(&self, event: &View<'_>, bytes: Option<&[u8]>, folded: &mut String, out: &mut Vec<usize>) {
        let plain = bytes.filter(|b| memchr::memchr(b'\\', b).is_none());
        let plain = plain.and_then(|b| std::str::from_utf8(b).ok()).filter(|t| t.is_ascii());
        let found = match plain {
            Some(text) => self.occur(text, folded),
            None => taxonomy::leaves(event.root(), &mut |leaf| match leaf {
                Leaf::Text(text) | Leaf::Number(text) => self.occur(text, folded),
                _ => false,
            }),
        };
        if found {
            out.extend_from_slice(&self.rules);
        }
    }

    fn occur(&self, text: &str, folded: &mut String) -> bool {
        if text.len() < self.shortest {
            return false;
        }
        fold_into(text, folded);
        match &self.few {
            Some(few) if folded.len() >= few.minimum_len() => few.find(folded.as_str()).is_some(),
            _ => self.many.is_match(folded.as_str()),
        }
    }
}

/// Texts of which one occurs in any value that passes one of the tests.
fn needles(tests: &[Test]) -> Option<Vec<String>> {
    const SHORTEST: usize = 4;
    let one = |test: &Test| match test {
        Test::Text(pattern, _) => pattern.needle().filter(|n| n.len() >= SHORTEST).map(|n| vec![n]),
        Test::AnyOf(tests) => needles(tests),
        _ => None,
    };
    tests.iter().map(one).collect::<Option<Vec<_>>>().map(|lists| lists.concat())
}

/// What an item is worth as the first thing to look for: the less, the better.
fn worth(item: &Item) -> Option<usize> {
    const A_PATTERN: usize = 100;
    const A_WORD: usize = 10_000;
    if item.neq || item.exists.is_some() {
        return None;
    }
    if item.field.is_none() {
        return needles(&item.tests).map(|n| n.len() + A_WORD);
    }
    let texts = || item.tests.iter().all(|t| matches!(t, Test::Text(..)));
    exact_values(item)
        .map(|v| v.len())
        .or_else(|| (texts() && item.tests.len() <= MAX_PATTERNS).then(|| item.tests.len() + A_PATTERN))
}

/// An item with more patterns than this is not looked for first.
const MAX_PATTERNS: usize = 32;

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

/// The folded values of an item that is a plain comparison with every one of them.
fn exact_values(item: &Item) -> Option<Vec<String>> {
    if item.field.is_none() || item.neq || item.exists.is_some() {
        return None;
    }
    let mut out = Vec::new();
    for test in &item.tests {
        match test {
            Test::Text(pattern, number) => {
                let text = pattern.exact().filter(|t| !t.starts_with(['[', '{']))?;
                out.push(text.to_owned());
                match number {
                    Some(Number::Small(number)) => out.push(number.to_string()),
                    Some(Number::Wide(_)) => return None,
                    None => {}
                }
            }
            Test::Number(Number::Small(number)) => out.push(number.to_string()),
            Test::Bool(flag) => out.push(flag.to_string()),
            _ => return None,
        }
    }
    Some(out)
}

/// Places that belong together: their keys, the places, and (item, rule) pairs.
type Overlap = (BTreeSet<String>, Vec<Path>, Vec<(usize, usize)>);

/// Joins fields whose places overlap into one probe, so that each place is read once.
fn merge(plans: &[Vec<Path>], anchored: BTreeMap<usize, Vec<(usize, usize)>>, set: &RuleSet) -> Vec<Probe> {
    let mut groups: Vec<Overlap> = Vec::new();
    for (field, rules) in anchored {
        let mut keys: BTreeSet<String> = places(plans, field).iter().map(key).collect();
        let mut paths = places(plans, field).to_vec();
        let mut pairs = rules;
        let (touching, apart): (Vec<_>, Vec<_>) =
            groups.into_iter().partition(|(other, _, _)| !other.is_disjoint(&keys));
        groups = apart;
        for (other_keys, other_paths, other_pairs) in touching {
            paths.extend(other_paths.into_iter().filter(|p| !keys.contains(&key(p))));
            keys.extend(other_keys);
            pairs.extend(other_pairs);
        }
        groups.push((keys, paths, pairs));
    }
    groups.into_iter().map(|(_, paths, pairs)| probe(paths, &pairs, set)).collect()
}

fn key(path: &Path) -> String {
    format!("{}#{:?}", path.text().to_ascii_lowercase(), path.transform())
}

fn probe(paths: Vec<Path>, pairs: &[(usize, usize)], set: &RuleSet) -> Probe {
    let mut table: HashMap<Box<str>, Vec<usize>> = HashMap::new();
    let mut patterns = Vec::new();
    for (item, rule) in pairs {
        let Some(item) = set.items.list.get(*item) else { continue };
        match exact_values(item) {
            Some(values) => {
                for value in values {
                    let rules = table.entry(value.into()).or_default();
                    if !rules.contains(rule) {
                        rules.push(*rule);
                    }
                }
            }
            None => patterns.extend(
                item.tests
                    .iter()
                    .filter_map(|t| if let Test::Text(pattern, _) = t { Some((pattern.clone(), *rule)) } else { None }),
            ),
        }
    }
    let longest = table.keys().map(|k| k.len()).max().unwrap_or(0);
    Probe { paths, table, longest, patterns }
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
    stamp: u32,
}

impl Memo {
    /// Forgets the results of the event before.
    pub(crate) fn next(&mut self, items: usize) {
        if self.known.len() != items || self.stamp >= u32::MAX / 2 - 1 {
            self.known.clear();
            self.known.resize(items, 0);
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
        let (yes, no) = (self.memo.stamp * 2 + 1, self.memo.stamp * 2);
        match self.memo.known.get(at) {
            Some(known) if *known == yes => return true,
            Some(known) if *known == no => return false,
            _ => {}
        }
        let holds =
            self.set.items.list.get(at).is_some_and(|item| item.holds(self.event, &self.program.plans, self.scratch));
        if let Some(known) = self.memo.known.get_mut(at) {
            *known = if holds { yes } else { no };
        }
        holds
    }
}
