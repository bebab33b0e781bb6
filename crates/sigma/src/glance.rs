//! A quick look whether one of a few texts could stand in another one, in any letter case and without folding it.
//! "No" is certain; after "maybe" the exact test decides.

use std::collections::BTreeMap;

use aho_corasick::{Span, packed};

use crate::pairs::Pairs;

/// The most letter cases that are searched for side by side.
const MAX_FRAGMENTS: usize = 64;
/// A shorter text is tested faster than it is looked at.
const SHORTEST_TEXT: usize = 32;
/// Length of the part that is searched for; a shorter needle is searched for as a whole.
const FRAGMENT_BYTES: usize = 4;
/// A needle must have this many bytes: shorter ones are nearly everywhere.
const SHORTEST_NEEDLE: usize = 3;
/// The characters of logs, those seen most often first; any other one is rare.
const COMMON: &[u8] = b"e0aitonrs-1c\"2dlm4:u3.58p679/bfgyvh,_wkxqjz ";

/// A part of each needle, searched for in every letter case; where one stands, the needle is compared.
#[derive(Debug, Clone)]
pub(crate) struct Glance {
    parts: Parts,
    needles: Vec<Box<[u8]>>,
}

/// What is searched for.
#[derive(Debug, Clone)]
enum Parts {
    Pairs(Pairs),
    Fragments(Fragments),
}

/// Texts in every letter case.
#[derive(Debug, Clone)]
struct Fragments {
    searcher: packed::Searcher,
    /// For each thing that is searched for: the needles it is part of, and where in them.
    owners: Vec<Vec<(usize, usize)>>,
}

impl Glance {
    /// Needles in lower case and of ASCII only. `None` where a look would cost more than it saves.
    pub(crate) fn new<'n>(needles: impl IntoIterator<Item = &'n str>) -> Option<Self> {
        let needles: Vec<Box<[u8]>> = needles.into_iter().map(|needle| needle.as_bytes().into()).collect();
        if needles.iter().any(|needle| needle.len() < SHORTEST_NEEDLE || !needle.is_ascii()) {
            return None;
        }
        let parts = match Pairs::new(&needles) {
            Some(pairs) => Parts::Pairs(pairs),
            None => Parts::Fragments(Fragments::new(&needles)?),
        };
        Some(Self { parts, needles })
    }

    /// False when none of the needles is in the text, whatever the letter case.
    pub(crate) fn sees(&self, text: &str) -> bool {
        if text.len() < SHORTEST_TEXT {
            return true;
        }
        let mut seen = false;
        self.find(text, &mut |_| {
            seen = true;
            true
        });
        // Outside ASCII there are letters that fold into ASCII ones.
        seen || !text.is_ascii()
    }

    /// Tells the needles that are in a text of ASCII only, by their number, possibly several times each. The visitor
    /// returns true to stop.
    pub(crate) fn find(&self, text: &str, visit: &mut dyn FnMut(usize) -> bool) {
        let bytes = text.as_bytes();
        let mut compare = |needle: usize, start: usize| {
            let wanted = self.needles.get(needle).map_or(&[][..], |needle| needle);
            let there = bytes.get(start..start + wanted.len());
            there.is_some_and(|there| there.eq_ignore_ascii_case(wanted)) && visit(needle)
        };
        match &self.parts {
            Parts::Pairs(pairs) => pairs.find(bytes, &mut compare),
            Parts::Fragments(fragments) => fragments.find(bytes, &mut compare),
        }
    }
}

impl Fragments {
    fn new(needles: &[Box<[u8]>]) -> Option<Self> {
        let mut chosen: BTreeMap<&[u8], Vec<(usize, usize)>> = BTreeMap::new();
        for (at, needle) in needles.iter().enumerate() {
            let windows = || needle.windows(FRAGMENT_BYTES.min(needle.len())).enumerate();
            let shared = windows().find(|(_, window)| chosen.contains_key(window));
            let (offset, fragment) = shared.or_else(|| windows().min_by_key(|(_, window)| commonness(window)))?;
            chosen.entry(fragment).or_default().push((at, offset));
        }
        let fragments: BTreeMap<Vec<u8>, Vec<(usize, usize)>> = chosen
            .into_iter()
            .flat_map(|(fragment, owners)| cases(fragment).into_iter().map(move |case| (case, owners.clone())))
            .collect();
        if fragments.is_empty() || fragments.len() > MAX_FRAGMENTS {
            return None;
        }
        let searcher = packed::Config::new().builder().extend(fragments.keys()).build()?;
        Some(Self { searcher, owners: fragments.into_values().collect() })
    }

    /// Tells which needle could begin where. The visitor returns true to stop.
    fn find(&self, bytes: &[u8], visit: &mut dyn FnMut(usize, usize) -> bool) {
        let mut from = 0;
        while let Some(hit) = self.searcher.find_in(bytes, Span { start: from, end: bytes.len() }) {
            // Fragments may overlap, and needles that share one are compared one by one.
            from = hit.start() + 1;
            for (needle, offset) in self.owners.get(hit.pattern().as_usize()).into_iter().flatten() {
                if hit.start().checked_sub(*offset).is_some_and(|start| visit(*needle, start)) {
                    return;
                }
            }
        }
    }
}

/// How often a fragment is met where it is not meant; a letter costs twice, since both cases are searched for.
fn commonness(fragment: &[u8]) -> usize {
    fragment.iter().map(|byte| weight(*byte) + if byte.is_ascii_alphabetic() { 8 } else { 0 }).sum()
}

/// The more, the more often a byte is met.
fn weight(byte: u8) -> usize {
    COMMON.iter().rev().position(|common| *common == byte).map_or(1, |place| place + 2)
}

fn cases(fragment: &[u8]) -> Vec<Vec<u8>> {
    let mut out: Vec<Vec<u8>> = vec![Vec::new()];
    for byte in fragment {
        let upper = byte.to_ascii_uppercase();
        let raised: Vec<Vec<u8>> = if upper == *byte {
            Vec::new()
        } else {
            out.iter().map(|begun| [begun.as_slice(), &[upper]].concat()).collect()
        };
        for begun in &mut out {
            begun.push(*byte);
        }
        out.extend(raised);
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_letter_case_is_searched_for() {
        let mut cases = cases(b"a/bc");
        cases.sort();
        assert_eq!(cases.len(), 8);
        cases.dedup();
        assert_eq!(cases.len(), 8);
        assert!(cases.contains(&b"A/bC".to_vec()));
    }

    #[test]
    fn a_text_without_the_needles_is_seen_to_have_none() {
        let glance = Glance::new(["microsoft.compute/virtualmachines/write", "roleassignments/write"]).unwrap();
        let other = "MICROSOFT.STORAGE/STORAGEACCOUNTS/LISTKEYS/ACTION, MICROSOFT.NETWORK/LOADBALANCERS/READ";
        assert!(!glance.sees(other));
        assert!(glance.sees(&format!("{other} Microsoft.Compute/virtualMachines/WRITE")));
        // The Kelvin sign folds into k.
        assert!(Glance::new(["kkkk"]).unwrap().sees(&"\u{212a}".repeat(40)));
        assert!(Glance::new(["ab"]).is_none() && Glance::new(["åäö"]).is_none());
    }

    proptest! {
        #[test]
        fn what_is_there_is_always_seen(before in "[ -~]{0,80}", needle in "[a-z/.0-9]{3,12}", upper in any::<u32>(), after in "[ -~]{0,80}") {
            let glance = Glance::new([needle.as_str(), "other"]).unwrap();
            let cased: String = needle.chars().enumerate().map(|(at, c)| if upper >> at & 1 == 1 { c.to_ascii_uppercase() } else { c }).collect();
            let text = format!("{before}{cased}{after}");
            prop_assert!(glance.sees(&text));
            let mut found = Vec::new();
            glance.find(&text, &mut |at| {
                found.push(at);
                false
            });
            prop_assert!(found.contains(&0));
            prop_assert_eq!(found.contains(&1), text.to_ascii_lowercase().contains("other"));
        }
    }
}
