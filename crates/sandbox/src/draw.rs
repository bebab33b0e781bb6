//! Chance from a seed: the same seed, label and index give the same numbers on every machine and in every version.
//! Nothing here is fit for secrets; the simulated Microsoft has none worth keeping.

use sha2::{Digest, Sha256};
use uuid::Uuid;

/// A stream of numbers that follows from a seed.
#[derive(Debug, Clone)]
pub(crate) struct Draw(u64);

impl Draw {
    /// Starts the stream of one named purpose and index.
    pub(crate) fn new(seed: u64, label: &str, index: u64) -> Self {
        Self(number(seed, label, index))
    }

    /// The next number (`SplitMix64`).
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`; 0 when the limit is 0.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.next().checked_rem(limit).unwrap_or(0)
    }

    /// A number from `low` up to and including `high`.
    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        low.saturating_add(self.below(high.saturating_sub(low).saturating_add(1)))
    }

    /// Whether an event of this many in a thousand happens.
    pub(crate) fn per_mille(&mut self, chance: u16) -> bool {
        self.below(1000) < u64::from(chance)
    }

    /// A place in a list of this length; 0 for the empty list.
    pub(crate) fn place(&mut self, length: usize) -> usize {
        usize::try_from(self.below(u64::try_from(length).unwrap_or(0))).unwrap_or(0)
    }

    /// One of the list, or the type's default for the empty list.
    pub(crate) fn pick<T: Copy + Default>(&mut self, list: &[T]) -> T {
        list.get(self.place(list.len())).copied().unwrap_or_default()
    }

    /// A GUID of version 4's form.
    pub(crate) fn guid(&mut self) -> Uuid {
        let bits = (u128::from(self.next()) << 64) | u128::from(self.next());
        uuid::Builder::from_random_bytes(bits.to_be_bytes()).into_uuid()
    }
}

/// The digest of seed, label and index, for keys and tokens.
pub(crate) fn digest(seed: u64, label: &str, index: u64) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(seed.to_be_bytes());
    hash.update(label.as_bytes());
    hash.update([0]);
    hash.update(index.to_be_bytes());
    hash.finalize().into()
}

fn number(seed: u64, label: &str, index: u64) -> u64 {
    digest(seed, label, index).iter().take(8).fold(0, |sum, byte| (sum << 8) | u64::from(*byte))
}

/// A GUID that follows from seed, label and index.
pub(crate) fn guid(seed: u64, label: &str, index: u64) -> Uuid {
    Draw::new(seed, label, index).guid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_numbers_and_another_seed_others() {
        let mut first = Draw::new(7, "a", 0);
        let mut again = Draw::new(7, "a", 0);
        let mut other = Draw::new(8, "a", 0);
        let left: Vec<u64> = (0..8).map(|_| first.next()).collect();
        let right: Vec<u64> = (0..8).map(|_| again.next()).collect();
        assert_eq!(left, right);
        assert_ne!(left.first().copied(), Some(other.next()));
        assert_eq!(guid(7, "tenant", 1).get_version_num(), 4);
    }
}
