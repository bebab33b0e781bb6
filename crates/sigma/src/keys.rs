//! Numbers for the top-level keys that rules and logs use, so that an event's keys are read
//! once and every later look is one step. Letter case of ASCII does not matter.

use std::sync::LazyLock;

use crate::taxonomy;

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

    /// Whether a number is the number of a key, in exactly this spelling.
    pub(crate) fn is(&self, id: usize, key: &str) -> bool {
        self.names.get(id).is_some_and(|name| **name == *key)
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

/// Which key usually follows which: logs write their keys in the same order.
#[derive(Debug, Clone)]
pub(crate) struct Order([u8; SLOTS]);

impl Default for Order {
    fn default() -> Self {
        Self([0; SLOTS])
    }
}

impl Order {
    /// The number of a key that follows the key `before`.
    pub(crate) fn id(&mut self, keys: &KeyTable, before: usize, key: &str) -> Option<usize> {
        let expected = self.0.get(before).map_or(0, |next| usize::from(*next));
        if keys.is(expected, key) {
            return Some(expected);
        }
        let found = keys.id(key)?;
        if let (Some(next), Ok(number)) = (self.0.get_mut(before), u8::try_from(found)) {
            *next = number;
        }
        Some(found)
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
}
