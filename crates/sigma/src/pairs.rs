//! Looking for two bytes next to each other that every one of a few texts has, in any letter case and sixteen places at a
//! time. Which texts are looked for, and whether one really stands there, is for `glance.rs` to say.

use std::collections::{BTreeMap, BTreeSet};

use wide::u8x16;

/// More texts are not looked for in this way.
const MAX_NEEDLES: usize = 64;
/// Pairs that cost more than this are not worth looking for.
const MAX_COST: usize = 800;
/// Places of one step.
const BLOCK_BYTES: usize = 64;
/// Bytes around a pair by which most texts are told apart before they are compared, and how many stand before the pair.
const AROUND_BYTES: usize = 8;
const BEFORE_BYTES: usize = 5;
/// Setting one bit makes ASCII letters of both cases equal; others may become so too, which the comparison sorts out.
const CASE: u8 = 0x20;

/// One or two pairs of bytes, of which every needle has one.
#[derive(Debug, Clone)]
pub(crate) struct Pairs {
    first: [u8; 2],
    second: Option<[u8; 2]>,
    /// The bytes of which one follows a pair in some needle.
    next: Box<[bool; 256]>,
    owners: Vec<Owner>,
}

/// A needle, and where in it a pair stands.
#[derive(Debug, Clone)]
struct Owner {
    needle: usize,
    offset: usize,
    /// What stands around the pair, and which bits of that are of the needle.
    around: u64,
    mask: u64,
}

impl Pairs {
    /// Needles in lower case and of ASCII only. `None` where they have no rare pairs in common.
    pub(crate) fn new(needles: &[Box<[u8]>]) -> Option<Self> {
        let (first, second) = choose(needles)?;
        let mut next = Box::new([false; 256]);
        let mut owners = Vec::new();
        for (at, needle) in needles.iter().enumerate() {
            let is_pair =
                |window: &[u8]| [Some(first), second].into_iter().flatten().any(|pair| folded(window) == Some(pair));
            let offset = needle.windows(2).position(is_pair)?;
            let after = needle.get(offset + 2).map(|byte| byte | CASE);
            next.iter_mut()
                .zip(0..=u8::MAX)
                .filter(|(_, byte)| after.is_none_or(|after| after == byte | CASE))
                .for_each(|(follows, _)| *follows = true);
            let (mut around, mut mask) = ([0; AROUND_BYTES], [0; AROUND_BYTES]);
            for (place, (byte, kept)) in around.iter_mut().zip(&mut mask).enumerate() {
                if let Some(known) = (offset + place).checked_sub(BEFORE_BYTES).and_then(|place| needle.get(place)) {
                    (*byte, *kept) = (known | CASE, u8::MAX);
                }
            }
            owners.push(Owner {
                needle: at,
                offset,
                around: u64::from_le_bytes(around),
                mask: u64::from_le_bytes(mask),
            });
        }
        Some(Self { first, second, next, owners })
    }

    /// Tells which needle could begin where. The visitor returns true to stop.
    pub(crate) fn find(&self, bytes: &[u8], visit: &mut dyn FnMut(usize, usize) -> bool) {
        let mut from = 0;
        while let Some(block) = bytes.get(from..).and_then(<[u8]>::first_chunk) {
            if self.told(bytes, from, self.bits(block), visit) {
                return;
            }
            from += BLOCK_BYTES;
        }
        // What is left is looked at in step with the end; a shorter text in a block of its own.
        if let (Some(block), Some(start)) = (bytes.last_chunk(), bytes.len().checked_sub(BLOCK_BYTES + 1)) {
            let passed = u64::MAX.checked_shl(u32::try_from(from - start).unwrap_or(u32::MAX)).unwrap_or(0);
            self.told(bytes, start, self.bits(block) & passed, visit);
        } else {
            let mut block = [0; BLOCK_BYTES + 1];
            block.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
            self.told(bytes, 0, self.bits(&block), visit);
        }
    }

    /// Tells what stands at the places of a block that begins there.
    #[inline]
    fn told(&self, bytes: &[u8], from: usize, mut bits: u64, visit: &mut dyn FnMut(usize, usize) -> bool) -> bool {
        while bits != 0 {
            let at = from + usize::try_from(bits.trailing_zeros()).unwrap_or(0);
            bits &= bits - 1;
            if self.follows(bytes, at) && self.judge(bytes, at, visit) {
                return true;
            }
        }
        false
    }

    /// Whether what follows a pair follows it in some needle. At its end a text has nothing there.
    #[inline]
    fn follows(&self, bytes: &[u8], at: usize) -> bool {
        bytes.get(at + 2).is_none_or(|next| self.next.get(usize::from(*next)) != Some(&false))
    }

    /// Tells the needles that could stand around a pair.
    #[inline(never)]
    fn judge(&self, bytes: &[u8], at: usize, visit: &mut dyn FnMut(usize, usize) -> bool) -> bool {
        let around = || at.checked_sub(BEFORE_BYTES).and_then(|from| bytes.get(from..)?.first_chunk());
        let around = around()
            .map(|around: &[u8; AROUND_BYTES]| u64::from_le_bytes(*around) | u64::from_le_bytes([CASE; AROUND_BYTES]));
        self.owners.iter().any(|owner| {
            around.is_none_or(|around| around & owner.mask == owner.around)
                && at.checked_sub(owner.offset).is_some_and(|start| visit(owner.needle, start))
        })
    }

    /// The places of a block where a pair stands: a bit for each, the lowest for the first.
    #[inline]
    fn bits(&self, block: &[u8; BLOCK_BYTES + 1]) -> u64 {
        places(block, self.first) | self.second.map_or(0, |second| places(block, second))
    }
}

/// The same for one pair.
#[expect(clippy::inline_always, reason = "so that what is the same for all blocks is made once")]
#[inline(always)]
fn places(block: &[u8; BLOCK_BYTES + 1], pair: [u8; 2]) -> u64 {
    let (Some(here), Some(next)) = (block.first_chunk::<BLOCK_BYTES>(), block.last_chunk::<BLOCK_BYTES>()) else {
        return 0;
    };
    let (here, next) = (here.as_chunks::<16>().0, next.as_chunks::<16>().0);
    let case = u8x16::splat(CASE);
    let [one, other] = pair.map(u8x16::splat);
    let part = |at: usize| {
        here.get(at).zip(next.get(at)).map_or(u8x16::ZERO, |(here, next)| {
            (u8x16::new(*here) | case).simd_eq(one) & (u8x16::new(*next) | case).simd_eq(other)
        })
    };
    let (first, second, third, fourth) = (part(0), part(1), part(2), part(3));
    // Most blocks have none.
    if (first | second | third | fourth).to_bitmask() == 0 {
        return 0;
    }
    let bits = |part: u8x16| u64::from(part.to_bitmask());
    bits(first) | (bits(second) << 16) | (bits(third) << 32) | (bits(fourth) << 48)
}

fn folded(window: &[u8]) -> Option<[u8; 2]> {
    window.first_chunk().map(|pair: &[u8; 2]| pair.map(|byte| byte | CASE))
}

/// An event as logs write them, by which it is judged how often a pair is met in vain.
const SAMPLE: &[u8] = br#"{"time":"2026-01-07T09:41:26.0370000Z","resourceId":"/SUBSCRIPTIONS/5E0F7C7B-39D2-4C4E-8A61-D0B2F4E1A6C9/RESOURCEGROUPS/EXAMPLE/PROVIDERS/MICROSOFT.NETWORK/VIRTUALNETWORKS/ONE","operationName":"Microsoft.Network/virtualNetworks/subnets/join/action","category":"Administrative","resultType":"Success","callerIpAddress":"192.0.2.14","correlationId":"0b9d8c2f-6a55-47d3-b0b4-77aa3f1c8e52","identity":{"authorization":{"scope":"/subscriptions/5e0f7c7b-39d2-4c4e-8a61-d0b2f4e1a6c9/resourceGroups/example","action":"Microsoft.Network/virtualNetworks/subnets/join/action"}},"properties":{"message":"The request was taken","statusCode":"OK"},"location":"westeurope"}"#;
/// What it costs to meet a pair, to meet one with what follows it in a needle, and to look for a second pair, each about
/// as many instructions for an event like the sample.
const MEETING: usize = 12;
const JUDGING: usize = 80;
const SECOND: usize = 300;

/// What is known of a pair while one is chosen.
#[derive(Default)]
struct Candidate {
    /// A bit for each needle that has it.
    having: u64,
    /// What follows it there.
    next: BTreeSet<Option<u8>>,
}

impl Candidate {
    fn cost(&self, pair: [u8; 2]) -> usize {
        let follows =
            |next: Option<&u8>| self.next.contains(&None) || self.next.contains(&next.map(|byte| byte | CASE));
        let met = SAMPLE.windows(3).filter(|window| folded(window) == Some(pair));
        met.map(|window| if follows(window.last()) { MEETING + JUDGING } else { MEETING }).sum()
    }
}

/// The one or two pairs of which every needle has one, and which cost least.
fn choose(needles: &[Box<[u8]>]) -> Option<([u8; 2], Option<[u8; 2]>)> {
    if needles.is_empty() || needles.len() > MAX_NEEDLES {
        return None;
    }
    let mut candidates: BTreeMap<[u8; 2], Candidate> = BTreeMap::new();
    for (at, needle) in needles.iter().enumerate() {
        for (place, window) in needle.windows(2).enumerate() {
            let candidate = candidates.entry(folded(window)?).or_default();
            candidate.having |= 1 << at;
            candidate.next.insert(needle.get(place + 2).map(|byte| byte | CASE));
        }
    }
    let known: Vec<_> = candidates.iter().map(|(pair, each)| (*pair, each.having, each.cost(*pair))).collect();
    let all = u64::MAX >> (MAX_NEEDLES - needles.len());
    let single = known.iter().filter(|(_, having, _)| *having == all).map(|(pair, _, cost)| (*cost, *pair, None));
    let double = known.iter().flat_map(|(first, having, cost)| {
        let others = known.iter().filter(move |(_, other, _)| having | other == all);
        others.map(move |(second, _, more)| (cost + more + SECOND, *first, Some(*second)))
    });
    let (cost, first, second) = single.chain(double).min()?;
    (cost <= MAX_COST).then_some((first, second))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn boxed(needles: &[&str]) -> Vec<Box<[u8]>> {
        needles.iter().map(|needle| needle.as_bytes().into()).collect()
    }

    #[test]
    fn texts_that_have_no_rare_pair_in_common_are_left_to_others() {
        assert!(Pairs::new(&boxed(&["aat", "ion", "res", "e06"])).is_none());
        assert!(Pairs::new(&[]).is_none());
        assert!(Pairs::new(&boxed(&["x/write", "y/write"])).is_some_and(|pairs| pairs.second.is_none()));
        assert!(Pairs::new(&boxed(&["zzz", "qqq"])).is_some_and(|pairs| pairs.second.is_some()));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn every_place_of_every_needle_is_told(
            text in proptest::collection::vec(prop_oneof![3 => Just("zq/write"), 3 => Just("AQ/J"), 2 => Just("Zq"), 2 => Just("x"), 1 => Just("_\\u{7f}@`"), 2 => Just("0123456789")], 0..40),
            one in "[a-z/_]{1,3}", cut in 0..5_usize,
        ) {
            let text = text.concat();
            let text = text.get(cut..).unwrap_or_default();
            let needles = ["zq/wri", "aq/j", "zqzq", "q/w", &format!("q{one}/w"), &format!("{one}zq/")];
            let Some(pairs) = Pairs::new(&boxed(&needles)) else { return Ok(()) };
            let mut told = std::collections::BTreeSet::new();
            pairs.find(text.as_bytes(), &mut |needle, start| {
                told.insert((needle, start));
                false
            });
            for (needle, wanted) in needles.iter().enumerate() {
                for start in 0..text.len() {
                    let there = text.get(start..start + wanted.len()).is_some_and(|there| there.eq_ignore_ascii_case(wanted));
                    prop_assert!(!there || told.contains(&(needle, start)), "{wanted} {start} {text}");
                }
            }
        }
    }
}
