//! What the engine remembers between events, bounded, and serialisable as it stands.
//! Windows of correlations and bursts, terms seen, rates learnt; keys are digests.

mod rates;
mod terms;
mod window;

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub(crate) use rates::{Rates, Surge};
pub(crate) use terms::{Sighting, Terms};
pub(crate) use window::{Arrival, Window, Windows};

/// The most events one window holds; older ones are dropped, which only storms reach.
pub const MAX_WINDOW_ENTRIES: usize = 100_000;
/// The same for windows that are read as a whole at each event.
pub const MAX_SCANNED_ENTRIES: usize = 10_000;
/// The most groups one correlation, burst or rate follows at a time.
pub const MAX_GROUPS: usize = 500_000;
/// The most combinations one `new_terms` rule remembers.
pub const MAX_TERMS: usize = 4_000_000;
/// The most partitions whose first event is remembered.
pub const MAX_PARTITIONS: usize = 2_000_000;

/// A digest of a partition and the values of a group.
pub(crate) type Key = u128;

/// Makes the keys of groups, and keeps those made lately: the same groups come again and again.
#[derive(Debug, Default)]
pub(crate) struct Keyring {
    joined: Vec<u8>,
    folded: String,
    /// What was joined, and its key.
    recent: Vec<(Vec<u8>, Key)>,
}

/// Keys that are kept, a power of two.
const KEPT_KEYS: usize = 4_096;
/// Longer groups are not kept.
const MAX_KEPT_BYTES: usize = 256;

impl Keyring {
    /// The key of a group: a digest. Values are told apart from missing ones, and letter case is folded before, since
    /// the same resource is written in both cases.
    pub(crate) fn key<'v>(&mut self, partition: &str, values: impl IntoIterator<Item = Option<&'v str>>) -> Key {
        self.joined.clear();
        self.part(partition.as_bytes());
        for value in values {
            match value {
                Some(text) => {
                    self.part(b"v");
                    let mut folded = std::mem::take(&mut self.folded);
                    crate::fold::fold_into(text, &mut folded);
                    self.part(folded.as_bytes());
                    self.folded = folded;
                }
                None => self.part(b"n"),
            }
        }
        if self.joined.len() > MAX_KEPT_BYTES {
            return digest(&self.joined);
        }
        if self.recent.is_empty() {
            self.recent.resize_with(KEPT_KEYS, || (Vec::new(), 0));
        }
        match self.recent.get_mut(crate::keys::hash(&self.joined) & (KEPT_KEYS - 1)) {
            Some((joined, key)) if *joined == self.joined => *key,
            Some((joined, key)) => {
                joined.clone_from(&self.joined);
                *key = digest(&self.joined);
                *key
            }
            None => digest(&self.joined),
        }
    }

    fn part(&mut self, bytes: &[u8]) {
        self.joined.extend_from_slice(&u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
        self.joined.extend_from_slice(bytes);
    }
}

fn first_16(digest: &[u8]) -> u128 {
    digest.iter().take(16).fold(0, |sum, byte| (sum << 8) | u128::from(*byte))
}

/// The first half of a SHA-256.
pub(crate) fn digest(bytes: &[u8]) -> u128 {
    first_16(&Sha256::digest(bytes))
}

/// A short digest of a text.
pub(crate) fn short(text: &str) -> u64 {
    u64::try_from(digest(text.as_bytes()) >> 64).unwrap_or(0)
}

/// Keys are digests already: their low bits are the hash.
#[derive(Debug, Default, Clone)]
pub(crate) struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().take(8).fold(0, |sum, byte| (sum << 8) | u64::from(*byte));
    }
    fn write_u128(&mut self, key: u128) {
        self.0 = u64::try_from(key & u128::from(u64::MAX)).unwrap_or(0);
    }
}

/// A map over digests.
pub(crate) type KeyMap<V> = HashMap<Key, V, BuildHasherDefault<KeyHasher>>;

/// Entries of a map in the order of their keys, for snapshots.
pub(crate) fn sorted<V: Clone>(map: &KeyMap<V>) -> Vec<(Key, V)> {
    let mut out: Vec<(Key, V)> = map.iter().map(|(k, v)| (*k, v.clone())).collect();
    out.sort_unstable_by_key(|(k, _)| *k);
    out
}

/// Makes room in a map: first what has expired goes, then, if it is still full, the oldest
/// sixteenth. The same entries go whatever the order of the map.
pub(crate) fn make_room<V>(
    map: &mut KeyMap<V>,
    limit: usize,
    next_sweep: &mut usize,
    expired_before: i64,
    last: impl Fn(&V) -> i64,
) -> u64 {
    // A snapshot may hold any number here; the limit holds all the same.
    if map.len() < (*next_sweep).min(limit) {
        return 0;
    }
    map.retain(|_, v| last(v) >= expired_before);
    let mut dropped = 0;
    if map.len() >= limit {
        let mut ages: Vec<(i64, Key)> = map.iter().map(|(k, v)| (last(v), *k)).collect();
        let count = (limit / 16).clamp(1, ages.len());
        ages.sort_unstable();
        for (_, key) in ages.iter().take(count) {
            map.remove(key);
            dropped += 1;
        }
    }
    *next_sweep = map.len().saturating_mul(2).clamp(1_024, limit);
    dropped
}

/// State of one rule or correlation in a snapshot.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum RuleState {
    Windows(Windows),
    Terms(Terms),
    Rates(Rates),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_the_same_whether_it_was_kept_or_not() {
        let mut keyring = Keyring::default();
        let long = "x".repeat(300);
        let groups: [(&str, Vec<Option<&str>>); 7] = [
            ("p", vec![Some("a"), None]),
            ("p", vec![None, Some("a")]),
            ("p", vec![Some("a")]),
            ("pa", vec![]),
            ("p", vec![Some("")]),
            ("p", vec![Some("n")]),
            ("p", vec![Some(&long)]),
        ];
        let mut seen = std::collections::BTreeSet::new();
        for (partition, values) in &groups {
            let first = keyring.key(partition, values.iter().copied());
            assert_eq!(first, keyring.key(partition, values.iter().copied()));
            assert_eq!(first, Keyring::default().key(partition, values.iter().copied()));
            seen.insert(first);
        }
        assert_eq!(seen.len(), groups.len());
        assert_eq!(keyring.key("p", [Some("\u{c5}sa")]), keyring.key("p", [Some("\u{e5}SA")]));
    }
}
