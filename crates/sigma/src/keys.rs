//! Numbers for the top-level keys that rules and logs use, so that an event's keys are read
//! once and every later look is one step. Letter case of ASCII does not matter.

use std::sync::LazyLock;

use crate::json::Key;
use crate::taxonomy::{self, Marks};
use crate::view::Presence;

/// Keys that have a slot in a view; further ones are found by searching.
pub(crate) const SLOTS: usize = 192;
/// The slot of a key that has none.
pub(crate) const NO_SLOT: u8 = u8::MAX;

/// Known keys and their numbers.
#[derive(Debug, Clone)]
pub(crate) struct KeyTable {
    /// Number of the key plus one, or 0, by hash; its length is a power of two.
    buckets: Vec<u16>,
    names: Vec<Box<str>>,
}

/// The keys of all taxonomies. Every other table begins with them, so their numbers hold everywhere.
pub(crate) fn common() -> &'static KeyTable {
    static COMMON: LazyLock<KeyTable> = LazyLock::new(|| {
        let mut table = KeyTable { buckets: vec![0; 1_024], names: Vec::new() };
        for name in taxonomy::top_keys() {
            table.insert(name);
        }
        table
    });
    &COMMON
}

impl KeyTable {
    /// The number of a key, if it is known.
    pub(crate) fn id(&self, key: &str) -> Option<usize> {
        let mask = self.buckets.len().saturating_sub(1);
        let mut at = hash(key.as_bytes()) & mask;
        // The table is at most half full, so an empty bucket ends the search.
        while let Some(bucket) = self.buckets.get(at) {
            let number = usize::from(*bucket).checked_sub(1)?;
            if self.names.get(number).is_some_and(|name| **name == *key || name.eq_ignore_ascii_case(key)) {
                return Some(number);
            }
            at = (at + 1) & mask;
        }
        None
    }

    /// How many keys have a number.
    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }

    /// Adds a key; returns its number. Keys beyond the slots are not added.
    pub(crate) fn insert(&mut self, key: &str) -> Option<usize> {
        if let Some(known) = self.id(key) {
            return Some(known);
        }
        if self.names.len() >= SLOTS {
            return None;
        }
        self.names.push(key.into());
        let mask = self.buckets.len().saturating_sub(1);
        let mut at = hash(key.as_bytes()) & mask;
        while self.buckets.get(at).is_some_and(|bucket| *bucket != 0) {
            at = (at + 1) & mask;
        }
        if let (Some(bucket), Ok(number)) = (self.buckets.get_mut(at), u16::try_from(self.names.len())) {
            *bucket = number;
        }
        Some(self.names.len() - 1)
    }
}

/// Setting one bit makes ASCII letters of both cases equal; other characters may collide,
/// which the comparison of names sorts out.
pub(crate) fn hash(key: &[u8]) -> usize {
    const MIX: u64 = 0x9E37_79B9_7F4A_7C15;
    const CASE: u64 = 0x2020_2020_2020_2020;
    let (chunks, tail) = key.as_chunks::<8>();
    let mut sum = u64::try_from(key.len()).unwrap_or(0).wrapping_mul(MIX);
    for chunk in chunks {
        sum = (sum ^ (u64::from_le_bytes(*chunk) | CASE)).wrapping_mul(MIX).rotate_left(23);
    }
    let last = tail.iter().fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte | 0x20));
    sum = (sum ^ last).wrapping_mul(MIX);
    usize::try_from(sum >> 40).unwrap_or(0)
}

/// A key as numbers, exact for keys of up to [`MAX_PRINTED_BYTES`]: its bytes, and zeros after them, which no key that is
/// written without escapes has.
#[derive(Debug, Clone, Copy)]
struct Print {
    first: u64,
    second: u64,
    third: u64,
}

/// Keys that are longer are not remembered.
pub(crate) const MAX_PRINTED_BYTES: usize = 24;

impl Print {
    const EMPTY: Self = Self { first: 0, second: 0, third: 0 };

    /// `None` for a key that is empty or too long, or that ends so near to the end of the document that it is rare.
    #[inline]
    fn of(key: Key<'_>) -> Option<Self> {
        /// For each length of a key what is kept of the three words.
        const KEPT: [[u64; 3]; MAX_PRINTED_BYTES + 1] = kept();
        let (length, ahead) = key.ahead()?;
        let ([first, second, third], _) = ahead.as_chunks::<8>() else { return None };
        let [kept_first, kept_second, kept_third] = KEPT.get(length)?;
        let print = Self {
            first: u64::from_le_bytes(*first) & kept_first,
            second: u64::from_le_bytes(*second) & kept_second,
            third: u64::from_le_bytes(*third) & kept_third,
        };
        (print.first != 0).then_some(print)
    }

    /// Written so that numbers are compared as numbers: they have just been made, and a comparison of memory would
    /// wait for them.
    #[inline]
    fn is(self, other: Self) -> bool {
        (self.first ^ other.first) | (self.second ^ other.second) | (self.third ^ other.third) == 0
    }

    /// Where it stands among the familiar keys.
    #[inline]
    fn place(self) -> u8 {
        const MIX: u64 = 0x9E37_79B9_7F4A_7C15;
        let sum = self.first.wrapping_add(self.second.rotate_left(23)).wrapping_add(self.third.rotate_left(41));
        u8::try_from(sum.wrapping_mul(MIX) >> 56).unwrap_or(0)
    }
}

#[expect(clippy::indexing_slicing, reason = "worked out while compiling, where a wrong place is an error")]
const fn kept() -> [[u64; 3]; MAX_PRINTED_BYTES + 1] {
    let mut kept = [[0; 3]; MAX_PRINTED_BYTES + 1];
    let mut length = 1;
    while length <= MAX_PRINTED_BYTES {
        kept[length] = kept[length - 1];
        let at = length - 1;
        kept[length][at / 8] |= 0xFF << (at % 8 * 8);
        length += 1;
    }
    kept
}

/// What is known about a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Known {
    /// Its number, if it has one, as a set, so that the keys of an event are joined without asking for each.
    pub(crate) present: Presence,
    /// The number itself, or [`NO_SLOT`].
    pub(crate) slot: u8,
    /// What its presence says about the log, and whether it has a dot, so that it could be meant by a whole path.
    pub(crate) marks: Marks,
}

impl Known {
    const NOTHING: Self = Self { present: Presence::NONE, slot: NO_SLOT, marks: Marks::NONE };

    #[cold]
    #[inline(never)]
    fn read(keys: &KeyTable, key: Key<'_>) -> Self {
        Self::of(keys, key.bytes())
    }

    fn of(keys: &KeyTable, key: &[u8]) -> Self {
        let Ok(text) = std::str::from_utf8(key) else { return Self::NOTHING };
        match keys.id(text).and_then(|number| Some((number, u8::try_from(number).ok()?))) {
            // A key with a number is the first part of a path, which has no dots.
            Some((number, slot)) => Self { present: Presence::of([Some(number)]), slot, marks: Marks::of(number) },
            None if key.contains(&b'.') => Self { marks: Marks::DOTTED, ..Self::NOTHING },
            None => Self::NOTHING,
        }
    }
}

/// Keys met lately: logs write the same keys again and again, in the same letters. Two have room at one place.
#[derive(Debug, Clone)]
pub(crate) struct Familiar(Box<[[Met; 2]; FAMILIAR]>);

/// A key that was met; read from memory in one piece.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
struct Met {
    print: Print,
    known: Known,
}

/// How many places: one for each [`Print::place`].
const FAMILIAR: usize = 256;

impl Default for Familiar {
    fn default() -> Self {
        Self(Box::new(std::array::from_fn(|_| [Met { print: Print::EMPTY, known: Known::NOTHING }; 2])))
    }
}

impl Familiar {
    /// Tells what is known about a key where it stands: a copy of what has just been read would be waited for.
    #[inline]
    pub(crate) fn know<T>(&mut self, keys: &KeyTable, key: Key<'_>, tell: impl FnOnce(&Known) -> T) -> T {
        let Some(print) = Print::of(key) else { return tell(&Known::read(keys, key)) };
        match self.0.get_mut(usize::from(print.place())) {
            Some([met, _] | [_, met]) if met.print.is(print) => tell(&met.known),
            Some([latest, other]) => {
                *other = *latest;
                *latest = Met { print, known: Known::read(keys, key) };
                tell(&latest.known)
            }
            None => tell(&Known::read(keys, key)),
        }
    }
}

impl KeyTable {
    /// What is known about a key, without memory of others.
    pub(crate) fn know(&self, key: &[u8]) -> Known {
        Known::of(self, key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{self, Tape};

    #[test]
    fn keys_are_found_in_any_letter_case_and_unknown_ones_are_not() {
        let table = common();
        assert_eq!(table.id("operationName"), table.id("OPERATIONNAME"));
        assert!(table.id("operationName").is_some());
        assert_eq!(table.id("operationNam"), None);
        assert!(table.names.len() < SLOTS - 32, "rules need room of their own: {}", table.names.len());
    }

    #[test]
    fn a_familiar_key_is_told_from_all_that_resemble_it() {
        let table = common();
        let mut familiar = Familiar::default();
        let long = "a".repeat(30);
        let made = [
            "a",
            "b",
            "ab",
            "ba",
            "aab",
            "abb",
            "abcd",
            "abcde",
            "abcdf",
            "abcdefgh",
            "abcdefgi",
            "a.b",
            "x.yyyyyyyyyyyyyyyyyyy",
        ];
        let logs = ["operationName", "OPERATIONNAME", "operationNamf", "Id", "time", "Time", "conditionalAccessStatus"];
        // Once with enough after it to be read as numbers, once at the end of the document.
        let each_way = |familiar: &mut Familiar, text: &str| {
            let mut told = Vec::new();
            for gap in [" ".repeat(MAX_PRINTED_BYTES), String::new()] {
                let (event, mut tape) = (format!("{{\"{text}\":1{gap}}}"), Tape::default());
                let doc = json::read(&event, &mut tape).unwrap();
                doc.root().each_key(|key, _| told.push(familiar.know(table, key, |known| *known)));
            }
            told
        };
        for _ in 0..3 {
            for text in made.into_iter().chain(logs).chain([long.as_str(), ""]) {
                let known = table.know(text.as_bytes());
                assert_eq!(each_way(&mut familiar, text), [known, known], "{text}");
            }
        }
        assert!(table.know(b"a.b").marks.has_dot());
        let prints: std::collections::BTreeSet<String> = made
            .iter()
            .map(|text| {
                let (event, mut tape) = (format!("{{\"{text}\":1{}}}", " ".repeat(MAX_PRINTED_BYTES)), Tape::default());
                let mut print = String::new();
                json::read(&event, &mut tape)
                    .unwrap()
                    .root()
                    .each_key(|key, _| print = format!("{:?}", Print::of(key).unwrap()));
                print
            })
            .collect();
        assert_eq!(prints.len(), made.len());
    }
}
