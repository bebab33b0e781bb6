//! Finding the rules that could match: by the value of a field, by a pattern, by a word.
//! `program.rs` decides which rule is found by what; here the tables are built and asked.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{BuildHasherDefault, Hasher};

use aho_corasick::AhoCorasick;

use crate::fold::fold_into;
use crate::glance::Glance;
use crate::keys;
use crate::load::RuleSet;
use crate::number::Number;
use crate::pattern::Pattern;
use crate::taxonomy::{self, Leaf, Path};
use crate::test::{Item, Test, places};
use crate::view::{Presence, View};

/// One table: the values of one field (with all its spellings), and the rules that need them.
#[derive(Debug)]
pub(crate) struct Probe {
    pub(crate) paths: Vec<Path>,
    /// The top-level keys of which an event must have one.
    pub(crate) wanted: Presence,
    table: Table,
    /// A bit for each length of a value in the table; the last bit stands for all longer ones too.
    lengths: u128,
    /// Patterns that are tried one by one.
    patterns: Vec<(Pattern, usize)>,
    /// Some pattern tells letter cases apart.
    cased: bool,
}

/// Rules by the folded value they need.
type Table = HashMap<Box<str>, Vec<usize>, BuildHasherDefault<TextHasher>>;

/// What stands in a table comes from rules alone, so nobody can fill it with texts of one hash.
#[derive(Debug, Default)]
struct TextHasher(u64);

impl Hasher for TextHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        const MIX: u64 = 0x9E37_79B9_7F4A_7C15;
        let hash = u64::try_from(keys::hash(bytes)).unwrap_or(0);
        self.0 = (self.0 ^ hash).wrapping_mul(MIX);
    }

    /// The mark that ends a text says nothing about it.
    fn write_u8(&mut self, _: u8) {}
}

fn length_bit(length: usize) -> u128 {
    1 << length.min(127)
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
    /// The place of a text, and whether its answer stands there. Logs write one operation in several letter cases, which
    /// have one place and, unless some pattern looks at the case, one answer.
    fn slot(&mut self, probe: usize, text: &str, cased: bool) -> Option<(&mut Answer, bool)> {
        if self.slots.is_empty() {
            self.slots.resize_with(REMEMBERED, Answer::default);
        }
        let at = (keys::hash(text.as_bytes()) ^ probe.wrapping_mul(97)) & (REMEMBERED - 1);
        let answer = self.slots.get_mut(at)?;
        let same = |known: &str| known == text || (!cased && known.eq_ignore_ascii_case(text));
        let known = answer.probe == probe && same(&answer.text);
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
        match recent.slot(number, text, self.cased) {
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
        let begins_number = text.as_bytes().first().is_some_and(|b| b.is_ascii_digit() || *b == b'-');
        // Folding keeps the length of a text of ASCII; as a number it can be written in another way.
        let other_length = self.lengths & length_bit(text.len()) == 0;
        if other_length && self.patterns.is_empty() && !begins_number && text.is_ascii() {
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
    glance: Option<Glance>,
    searcher: AhoCorasick,
    shortest: usize,
    /// No needle has a character that JSON writes in another way.
    clean: bool,
    /// The rules that cannot do without each needle.
    rules: Vec<Vec<usize>>,
}

impl Words {
    pub(crate) fn new(pairs: &[(usize, usize)], set: &RuleSet) -> Option<Self> {
        let mut by_needle: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (item, rule) in pairs {
            let tests = set.items.list.get(*item).map_or(&[][..], |item| &item.tests);
            for needle in needles(tests).unwrap_or_default() {
                by_needle.entry(needle).or_default().push(*rule);
            }
        }
        let shortest = by_needle.keys().map(String::len).min()?;
        let glance = Glance::new(by_needle.keys().map(String::as_str));
        let searcher = AhoCorasick::new(by_needle.keys()).ok()?;
        let hidden = |b: u8| b < 0x20 || matches!(b, b'"' | b'\\');
        let clean = !by_needle.keys().any(|needle| needle.bytes().any(hidden));
        Some(Self { glance, searcher, shortest, clean, rules: by_needle.into_values().collect() })
    }

    /// Where every character stands for itself, the event is searched as a whole; any other one is
    /// searched value by value.
    pub(crate) fn look(&self, event: &View<'_>, folded: &mut String, out: &mut Vec<usize>) {
        let doc = event.root().doc();
        match &self.glance {
            Some(glance) if self.clean && doc.is_spelled() && doc.is_ascii() => {
                glance.find(doc.text(), &mut |needle| {
                    self.add(needle, out);
                    false
                });
                return;
            }
            _ if self.clean && doc.is_spelled() => return self.search(doc.text(), folded, out),
            _ => {}
        }
        taxonomy::leaves(event.root(), self.shortest, &mut |leaf| {
            match leaf {
                Leaf::Text(text) | Leaf::Number(text) => self.search(text, folded, out),
                Leaf::Bool(flag) => self.search(if *flag { "true" } else { "false" }, folded, out),
                Leaf::Null | Leaf::Json(_) => {}
            }
            false
        });
    }

    fn search(&self, text: &str, folded: &mut String, out: &mut Vec<usize>) {
        if text.len() < self.shortest || self.glance.as_ref().is_some_and(|glance| !glance.sees(text)) {
            return;
        }
        fold_into(text, folded);
        for hit in self.searcher.find_overlapping_iter(folded.as_str()) {
            self.add(hit.pattern().as_usize(), out);
        }
    }

    /// The same needle often comes several times in a row.
    fn add(&self, needle: usize, out: &mut Vec<usize>) {
        let rules = self.rules.get(needle).map_or(&[][..], Vec::as_slice);
        if !out.ends_with(rules) {
            out.extend_from_slice(rules);
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
    let mut table = Table::default();
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
    let lengths = table.keys().fold(0, |bits, value| bits | length_bit(value.len()));
    let wanted = Presence::of(paths.iter().map(Path::first));
    let cased = patterns.iter().any(|(pattern, _)| pattern.cased);
    Probe { paths, wanted, table, lengths, patterns, cased }
}
