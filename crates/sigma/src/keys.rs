//! Numbers for the top-level keys that rules and logs use, so that an event's keys are read
//! once and every later look is one step. Letter case of ASCII does not matter.

use std::sync::LazyLock;

use crate::taxonomy::{self, Marks};

/// Keys that have a slot in a view; further ones are found by searching.
pub(crate) const SLOTS: usize = 192;

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

/// A key as numbers, exact for keys of up to [`MAX_PRINTED_BYTES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Print {
    /// Length of the key; `usize::MAX` in an empty place.
    length: usize,
    words: [u64; 3],
}

const MAX_PRINTED_BYTES: usize = 24;

impl Print {
    /// Its bytes in three words, the last of which may overlap the others.
    fn of(key: &[u8]) -> Option<Self> {
        let length = key.len();
        let words = if let (Some(first), Some(last)) = (key.first_chunk::<8>(), key.last_chunk::<8>()) {
            let middle = if length > 16 { u64::from_le_bytes(*key.get(8..)?.first_chunk()?) } else { 0 };
            [u64::from_le_bytes(*first), middle, u64::from_le_bytes(*last)]
        } else if let (Some(first), Some(last)) = (key.first_chunk::<4>(), key.last_chunk::<4>()) {
            [u64::from(u32::from_le_bytes(*first)), 0, u64::from(u32::from_le_bytes(*last))]
        } else {
            [key.iter().fold(0, |sum, byte| (sum << 8) | u64::from(*byte)), 0, 0]
        };
        (length <= MAX_PRINTED_BYTES).then_some(Self { length, words })
    }

    /// Where it stands among the familiar keys.
    fn place(self) -> usize {
        const MIX: u64 = 0x9E37_79B9_7F4A_7C15;
        let [first, middle, last] = self.words;
        let sum = first ^ last.rotate_left(23) ^ middle.rotate_left(41) ^ u64::try_from(self.length).unwrap_or(0);
        usize::try_from(sum.wrapping_mul(MIX) >> 55).unwrap_or(0)
    }
}

/// What is known about a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Known {
    /// Its number, if it has one.
    pub(crate) id: Option<u8>,
    /// It has a dot, so that it could be meant by a whole path.
    pub(crate) dotted: bool,
    /// What its presence says about the log.
    pub(crate) marks: Marks,
}

impl Known {
    const NOTHING: Self = Self { id: None, dotted: false, marks: Marks::NONE };

    fn read(keys: &KeyTable, key: &[u8]) -> Self {
        let Ok(text) = std::str::from_utf8(key) else { return Self::NOTHING };
        let number = keys.id(text);
        let id = number.and_then(|number| u8::try_from(number).ok());
        // A key with a number is the first part of a path, which has no dots.
        Self { id, dotted: id.is_none() && key.contains(&b'.'), marks: number.map_or(Marks::NONE, Marks::of) }
    }
}

/// Keys met lately: logs write the same keys again and again, in the same letters.
#[derive(Debug, Clone)]
pub(crate) struct Familiar(Vec<(Print, Known)>);

/// How many, a power of two: 2 to the 64 less the shift of [`Print::place`].
const FAMILIAR: usize = 512;

impl Default for Familiar {
    fn default() -> Self {
        let empty = Print { length: usize::MAX, words: [0; 3] };
        Self(vec![(empty, Known::NOTHING); FAMILIAR])
    }
}

impl Familiar {
    /// What is known about a key.
    #[inline]
    pub(crate) fn know(&mut self, keys: &KeyTable, key: &[u8]) -> Known {
        let Some(print) = Print::of(key) else { return Known::read(keys, key) };
        match self.0.get_mut(print.place()) {
            Some((met, known)) if *met == print => *known,
            Some(place) => {
                let known = Known::read(keys, key);
                *place = (print, known);
                known
            }
            None => Known::read(keys, key),
        }
    }
}

impl KeyTable {
    /// What is known about a key, without memory of others.
    pub(crate) fn know(&self, key: &[u8]) -> Known {
        Known::read(self, key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        for _ in 0..3 {
            for key in made.into_iter().chain(logs).chain([long.as_str(), ""]) {
                assert_eq!(familiar.know(table, key.as_bytes()), table.know(key.as_bytes()), "{key}");
            }
        }
        assert!(familiar.know(table, b"a.b").dotted);
        let prints: std::collections::BTreeSet<String> =
            made.iter().map(|key| format!("{:?}", Print::of(key.as_bytes()))).collect();
        assert_eq!(prints.len(), made.len());
    }
}
