//! Hourly rates of machine sizes, by dated list. A size that is not on the list takes its family's ceiling, and a
//! family that is not takes the ceiling of all; both are marked as estimated.

mod reading;

use crate::problem::Problem;
use domain::ids::Hash;
use domain::signals::PriceRef;
use money::{Money, Rounding};
use std::collections::BTreeMap;

/// The list that ships with the program.
const EMBEDDED: (&str, &str) = ("azure-vm-sek.toml", include_str!("../../../policy/prices/azure-vm-sek.toml"));
/// The longest size name that is looked at; what is longer is no size.
const MAX_SIZE_BYTES: usize = 128;
/// Rates are in whole percent of the list's.
const HUNDRED_PERCENT: i64 = 100;

/// A price list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prices {
    list: String,
    date: String,
    hash: Hash,
    ceiling: Money,
    /// By the letters a size begins with, in small letters.
    families: BTreeMap<String, Money>,
    /// By the size's name, in small letters and without `standard_`.
    sizes: BTreeMap<String, Money>,
    /// Regions that cost otherwise, in percent of the list's rate.
    region_percent: BTreeMap<String, i64>,
}

/// What one machine of a size costs, and where that is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Priced {
    /// The cost of each hour.
    pub per_hour: Money,
    /// The list's name.
    pub list: String,
    /// The list's date, as `2026-11-01`.
    pub date: String,
    /// The hash of the list's file.
    pub hash: Hash,
    /// Whether the size is not on the list, so that a ceiling stands for it.
    pub estimated: bool,
}

impl Priced {
    /// Where the rate is from, as a fact carries it.
    #[must_use]
    pub fn reference(&self) -> PriceRef {
        PriceRef { list: self.list.clone(), date: self.date.clone(), hash: self.hash, estimated: self.estimated }
    }
}

impl Prices {
    /// The list that ships with the program: round estimates of our own making.
    pub fn embedded() -> Result<Self, Vec<Problem>> {
        Self::read(EMBEDDED.0, EMBEDDED.1)
    }

    /// Reads a list, or tells everything that is wrong with it.
    pub fn read(file: &str, text: &str) -> Result<Self, Vec<Problem>> {
        reading::read(file, text)
    }

    /// The hash of the list's file.
    #[must_use]
    pub const fn hash(&self) -> Hash {
        self.hash
    }

    /// How many sizes the list knows.
    #[must_use]
    pub fn size_count(&self) -> usize {
        self.sizes.len()
    }

    /// What a machine of this size costs an hour in this region. Batch pools and machine-learning computes are
    /// asked for by the size of their machines. Large and small letters are alike, and `Standard_` may be left out.
    #[must_use]
    pub fn lookup(&self, size: &str, region: &str) -> Priced {
        let (rate, estimated) = match plain_size(size) {
            Some(size) => match self.sizes.get(&size) {
                Some(rate) => (*rate, false),
                None => (self.family_ceiling(&size), true),
            },
            None => (self.ceiling, true),
        };
        Priced {
            per_hour: self.in_region(rate, region),
            list: self.list.clone(),
            date: self.date.clone(),
            hash: self.hash,
            estimated,
        }
    }

    /// The ceiling of the longest family name that the size begins with.
    fn family_ceiling(&self, size: &str) -> Money {
        let letters = letters_of(size);
        let known = self.families.iter().filter(|(family, _)| letters.starts_with(family.as_str()));
        known.max_by_key(|(family, _)| family.len()).map_or(self.ceiling, |(_, ceiling)| *ceiling)
    }

    /// A rate in a region, rounded up: a loss is never shown smaller than it is.
    fn in_region(&self, rate: Money, region: &str) -> Money {
        let plain: String = region.chars().filter(|letter| *letter != ' ').collect::<String>().to_ascii_lowercase();
        let percent = self.region_percent.get(&plain).copied().unwrap_or(HUNDRED_PERCENT);
        rate.part(percent, HUNDRED_PERCENT, Rounding::Up).unwrap_or(rate)
    }
}

/// A size's name as the list keeps it; nothing when the text can't be one.
fn plain_size(size: &str) -> Option<String> {
    let small = size.trim().to_ascii_lowercase();
    let plain = small.strip_prefix("standard_").or_else(|| small.strip_prefix("basic_")).unwrap_or(&small);
    let is_size = !plain.is_empty() && plain.len() <= MAX_SIZE_BYTES;
    is_size.then(|| plain.to_owned())
}

/// The letters that a plain size begins with: `nc24ads_a100_v4` is of the letters `nc`.
fn letters_of(size: &str) -> &str {
    size.split(|letter: char| !letter.is_ascii_alphabetic()).next().unwrap_or_default()
}

#[cfg(test)]
mod tests;
