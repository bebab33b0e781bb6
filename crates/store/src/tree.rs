//! The tree over all facts: hashing as RFC 6962 section 2.1 has it, and the right edge that is all one needs to add
//! leaves and to know the root. Pure. Where the leaves come from is not here.

use domain::ids::Hash;
use sha2::{Digest, Sha256};

/// Leaves that a proof can be about: a path has at most as many steps as a size has bits.
const MAX_PATH: usize = 64;

/// The hash of a leaf: SHA-256 over a zero byte and the data.
#[must_use]
pub fn leaf_hash(data: &[u8]) -> Hash {
    digest(&[&[0], data])
}

/// The hash of a node: SHA-256 over a one byte and both children.
#[must_use]
pub fn node_hash(left: Hash, right: Hash) -> Hash {
    digest(&[&[1], &left.0, &right.0])
}

fn digest(parts: &[&[u8]]) -> Hash {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    Hash(hasher.finalize().into())
}

/// The right edge of a tree: the roots of its complete subtrees, the largest first. As many as its size has ones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// The edge with this size and these bytes, or `None` when they don't belong together.
    #[must_use]
    pub fn from_bytes(size: u64, bytes: &[u8]) -> Option<Self> {
        let (chunks, rest) = bytes.as_chunks::<32>();
        let fits = rest.is_empty() && u32::try_from(chunks.len()) == Ok(size.count_ones());
        fits.then(|| Self { size, peaks: chunks.iter().map(|chunk| Hash(*chunk)).collect() })
    }

    /// The hashes of the edge, one after the other.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.peaks.iter().flat_map(|peak| peak.0).collect()
    }

    /// How many leaves the tree has.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf by its hash.
    pub fn push(&mut self, leaf: Hash) {
        let mut carried = leaf;
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.peaks.pop() {
                carried = node_hash(left, carried);
            }
        }
        self.peaks.push(carried);
        self.size = self.size.saturating_add(1);
    }

    /// The root: of an empty tree the hash of nothing.
    #[must_use]
    pub fn root(&self) -> Hash {
        let folded = self.peaks.iter().rev().copied().reduce(|right, left| node_hash(left, right));
        folded.unwrap_or_else(|| Hash::of(b""))
    }
}

/// The root that a proof leads to: the leaf at `index` of a tree with `size` leaves, and its path from the leaf up.
/// `None` when the path has not the length that index and size ask for. RFC 9162 section 2.1.3.2.
#[must_use]
pub fn root_of_proof(leaf: Hash, index: u64, size: u64, path: &[Hash]) -> Option<Hash> {
    if index >= size || path.len() > MAX_PATH {
        return None;
    }
    let (mut place, mut last, mut hash) = (index, size.checked_sub(1)?, leaf);
    for beside in path {
        if last == 0 {
            return None;
        }
        if place % 2 == 1 || place == last {
            hash = node_hash(*beside, hash);
            while place % 2 == 0 && place != 0 {
                place /= 2;
                last /= 2;
            }
        } else {
            hash = node_hash(hash, *beside);
        }
        place /= 2;
        last /= 2;
    }
    (last == 0).then_some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The leaves and roots that implementations of Certificate Transparency check themselves against.
    const LEAVES: [&str; 8] =
        ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
    const ROOTS: [&str; 9] = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    fn leaf(hex: &str) -> Hash {
        let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
        leaf_hash(&hex.as_bytes().chunks(2).map(byte).collect::<Vec<_>>())
    }

    #[test]
    fn the_roots_are_those_of_certificate_transparency() {
        let mut frontier = Frontier::default();
        assert_eq!(frontier.root().to_string(), ROOTS[0]);
        for (leaf_hex, root) in LEAVES.iter().zip(&ROOTS[1..]) {
            frontier.push(leaf(leaf_hex));
            assert_eq!(frontier.root().to_string(), *root, "size {}", frontier.size());
            assert_eq!(Frontier::from_bytes(frontier.size(), &frontier.to_bytes()), Some(frontier.clone()));
        }
        assert_eq!(Frontier::from_bytes(7, &frontier.to_bytes()), None);
    }

    #[test]
    fn the_root_is_that_of_the_recursive_definition_for_every_small_size() {
        fn root(leaves: &[Hash]) -> Hash {
            match leaves {
                [] => Hash::of(b""),
                [one] => *one,
                many => {
                    let split = many.len().next_power_of_two() / 2;
                    node_hash(root(&many[..split]), root(&many[split..]))
                }
            }
        }
        fn path(leaves: &[Hash], index: usize) -> Vec<Hash> {
            if leaves.len() == 1 {
                return Vec::new();
            }
            let split = leaves.len().next_power_of_two() / 2;
            let (mut path, beside) = if index < split {
                (path(&leaves[..split], index), root(&leaves[split..]))
            } else {
                (path(&leaves[split..], index - split), root(&leaves[..split]))
            };
            path.push(beside);
            path
        }
        let leaves: Vec<_> = (0_u64..40).map(|number| leaf_hash(&number.to_be_bytes())).collect();
        let mut frontier = Frontier::default();
        for (count, leaf) in leaves.iter().enumerate() {
            frontier.push(*leaf);
            let so_far = &leaves[..=count];
            assert_eq!(frontier.root(), root(so_far));
            for (index, leaf) in so_far.iter().enumerate() {
                let proof = path(so_far, index);
                let place = u64::try_from(index).unwrap();
                let size = frontier.size();
                assert_eq!(root_of_proof(*leaf, place, size, &proof), Some(frontier.root()));
                assert_ne!(
                    root_of_proof(*leaf, (place + 1) % size, size, &proof),
                    Some(frontier.root()).filter(|_| size > 1)
                );
            }
        }
    }
}
