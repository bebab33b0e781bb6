//! Finding the rules that could match: by the value of a field, by a pattern, by a word.
//! `program.rs` decides which rule is found by what; here the tables are built and asked.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aho_corasick::{AhoCorasick, MatchKind, packed};

use crate::fold::fold_into;
use crate::keys;
use crate::load::RuleSet;
use crate::number::Number;
use crate::pattern::Pattern;
use crate::taxonomy::{self, Leaf, Path};
use crate::test::{Item, Test, places};
use crate::view::View;

/// One table: the values of one field (with all its spellings), and the rules that need them.
#[derive(Debug)]
pub(crate) struct Probe {
    pub(crate) paths: Vec<Path>,
    table: HashMap<Box<str>, Vec<usize>>,
    longest: usize,
    /// Patterns that are tried one by one.
    patterns: Vec<(Pattern, usize)>,
}

/// Longer texts are not remembered.
const MAX_REMEMBERED_BYTES: usize = 96;
/// Answers that are remembered, a power of two.
const REMEMBERED: usize = 1_024;

/// What probes answered lately: operations and services come again and again. An answer depends
/// on nothing but the text, so remembering it changes no finding.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    slots: Vec<Answer>,
}

#[derive(Debug, Default, Clone)]
struct Answer {
    /// Number of the probe, from 1; 0 in an empty slot.
    probe: usize,
    text: String,
    rules: Vec<usize>,
}

impl Recent {
    /// The place of a text, and whether its answer stands there.
    fn slot(&mut self, probe: usize, text: &str) -> Option<(&mut Answer, bool)> {
        if self.slots.is_empty() {
            self.slots.resize_with(REMEMBERED, Answer::default);
        }
        let at = (keys::hash(text.as_bytes()) ^ probe.wrapping_mul(97)) & (REMEMBERED - 1);
        let answer = self.slots.get_mut(at)?;
        let known = answer.probe == probe && answer.text == text;
        Some((answer, known))
    }
}

impl Probe {
    /// Adds the rules that need this value to `out`. `number` tells this probe from all others, from 1.
    pub(crate) fn ask(
        &self,
        number: usize,
        leaf: &Leaf<'_>,
        recent: &mut Recent,
        folded: &mut String,
        out: &mut Vec<usize>,
    ) {
        let text = match leaf {
            Leaf::Text(text) if !self.patterns.is_empty() && text.len() <= MAX_REMEMBERED_BYTES => *text,
            _ => return self.look(leaf, folded, out),
        };
        match recent.slot(number, text) {
            Some((answer, true)) => out.extend_from_slice(&answer.rules),
            Some((answer, false)) => {
                let before = out.len();
                self.look(leaf, folded, out);
                answer.probe = number;
                answer.text.clear();
                answer.text.push_str(text);
                answer.rules.clear();
                answer.rules.extend(out.iter().skip(before));
            }
            None => self.look(leaf, folded, out),
        }
    }

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
pub(crate) struct Words {
    few: Option<packed::Searcher>,
    many: AhoCorasick,
    shortest: usize,
    /// No needle has a character that JSON writes in another way.
    clean: bool,
    rules: Vec<usize>,
}

impl Words {
    pub(crate) fn new(pairs: &[(usize, usize)], set: &RuleSet) -> Option<Self> {
        let items = pairs.iter().filter_map(|(item, _)| set.items.list.get(*item));
        let needles: BTreeSet<String> = items.flat_map(|item| needles(&item.tests).unwrap_or_default()).collect();
        let few = packed::Config::new().builder().extend(&needles).build();
        let many = AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(&needles).ok()?;
        let shortest = needles.iter().map(String::len).min()?;
        let mut rules: Vec<usize> = pairs.iter().map(|(_, rule)| *rule).collect();
        rules.dedup();
        let hidden = |b: u8| b < 0x20 || matches!(b, b'"' | b'\\');
        let clean = !needles.iter().any(|needle| needle.bytes().any(hidden));
        Some(Self { few, many, shortest, clean, rules })
    }

    /// Where every character stands for itself, the event is searched as a whole; any other one is
    /// searched value by value.
    pub(crate) fn look(&self, event: &View<'_>, folded: &mut String, out: &mut Vec<usize>) {
        let doc = event.root().doc();
        let plain = (self.clean && doc.is_spelled()).then(|| doc.text());
        let found = match plain {
            Some(text) => self.occur(text, folded),
            None => taxonomy::leaves(event.root(), &mut |leaf| match leaf {
                Leaf::Text(text) | Leaf::Number(text) => self.occur(text, folded),
                Leaf::Bool(flag) => self.occur(if *flag { "true" } else { "false" }, folded),
                Leaf::Null | Leaf::Json(_) => false,
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
pub(crate) fn worth(item: &Item) -> Option<usize> {
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
pub(crate) fn merge(plans: &[Vec<Path>], anchored: BTreeMap<usize, Vec<(usize, usize)>>, set: &RuleSet) -> Vec<Probe> {
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
