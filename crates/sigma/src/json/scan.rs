//! Finding where texts end: the quotation marks and backslashes of a document, in wide steps and without a decision for
//! each byte. What they mean is for `reader.rs` to judge.

use wide::u8x16;

/// Bytes of one step.
const BLOCK_BYTES: usize = 64;

/// Walks over the quotation marks that end texts and the backslashes that begin escapes.
#[derive(Debug)]
pub(super) struct Marks<'t> {
    /// What is to come after the block at hand: a bit for each byte, the lowest for the first.
    ahead: std::slice::Iter<'t, u64>,
    /// What is still to come of the block at hand.
    bits: u64,
    /// Where the block after the one at hand begins.
    next: usize,
    /// Where the document ends.
    end: usize,
    controls: bool,
    high: bool,
}

impl<'t> Marks<'t> {
    /// Looks at the whole document before any of it is read, so that the look is one loop that holds what it needs. What it
    /// sees is kept in `seen`.
    #[expect(clippy::inline_always, reason = "a copy of what has just been made would be waited for")]
    #[inline(always)]
    pub(super) fn new(bytes: &[u8], seen: &'t mut Vec<u64>) -> Self {
        let (controls, high) = look(bytes, seen);
        Self { ahead: seen.iter(), bits: 0, next: 0, end: bytes.len(), controls, high }
    }

    /// Where the next one is; the end of the document where there is none.
    #[expect(clippy::inline_always, reason = "called for every end of a text; a call costs more than the work")]
    #[inline(always)]
    pub(super) fn next(&mut self) -> usize {
        while self.bits == 0 {
            let Some(bits) = self.ahead.next() else { return self.end };
            self.bits = *bits;
            self.next += BLOCK_BYTES;
        }
        let at = self.next - BLOCK_BYTES + usize::try_from(self.bits.trailing_zeros()).unwrap_or(0);
        self.bits &= self.bits - 1;
        at
    }

    /// Whether a control character stands in a text.
    #[inline]
    pub(super) fn controls(&self) -> bool {
        self.controls
    }

    /// Whether there is no character beyond ASCII.
    #[inline]
    pub(super) fn ascii(&self) -> bool {
        !self.high
    }
}

/// Sees what is looked for in every block of a document; tells whether a text has a control character, and whether
/// anything is beyond ASCII.
#[inline(never)]
fn look(bytes: &[u8], seen: &mut Vec<u64>) -> (bool, bool) {
    seen.clear();
    let mut blocks = Blocks { escaped: 0, inside: 0, controls: false, high: false };
    let (whole, rest) = bytes.as_chunks();
    seen.extend(whole.iter().map(|block| blocks.look(block, 0)));
    if !rest.is_empty() {
        // The last block is looked at from where it begins in step with the end: a copy would be waited for.
        seen.push(match bytes.last_chunk() {
            Some(block) => blocks.look(block, BLOCK_BYTES - rest.len()),
            None => blocks.look(&filled(rest), 0),
        });
    }
    (blocks.controls, blocks.high)
}

/// What is carried from block to block.
#[derive(Debug)]
struct Blocks {
    /// 1 when a backslash stands before the next block.
    escaped: u64,
    /// All bits when the next block begins inside a text.
    inside: u64,
    controls: bool,
    high: bool,
}

impl Blocks {
    /// The places that are looked for in a block, without its first bytes: a bit for each, the lowest for the first.
    #[expect(clippy::inline_always, reason = "so that what is the same for all blocks is made once")]
    #[inline(always)]
    fn look(&mut self, block: &[u8; BLOCK_BYTES], passed: usize) -> u64 {
        let (parts, _) = block.as_chunks::<16>();
        let [Some(first), Some(second), Some(third), Some(fourth)] =
            [0, 1, 2, 3].map(|at| parts.get(at).copied().map(u8x16::new))
        else {
            return 0;
        };
        let all = |is: &dyn Fn(u8x16) -> u8x16| {
            let bits = |part: u8x16| u64::from(is(part).to_bitmask());
            (bits(first) | (bits(second) << 16) | (bits(third) << 32) | (bits(fourth) << 48)) >> passed
        };
        let slash = |part: u8x16| part.simd_eq(u8x16::splat(b'\\'));
        let slashes = (slash(first) | slash(second) | slash(third) | slash(fourth)).to_bitmask() != 0;
        // Most blocks have no backslash.
        let (escapes, hidden) = if slashes || self.escaped != 0 { self.escapes(all(&slash)) } else { (0, 0) };
        let quotes = all(&|part| part.simd_eq(u8x16::splat(b'"'))) & !hidden;
        let inside = odd(quotes) ^ self.inside;
        self.inside = 0_u64.wrapping_sub(inside >> 63);
        // Less than a space is what has its highest bit set after a space is taken from it.
        let least = first.min(second).min(third.min(fourth));
        let joined = first | second | third | fourth;
        if ((least - u8x16::splat(b' ')) | joined).to_bitmask() != 0 {
            let control = |part: u8x16| part.simd_eq(part.min(u8x16::splat(0x1F)));
            self.controls |= all(&control) & inside != 0;
            self.high |= joined.to_bitmask() != 0;
        }
        (quotes & !inside) | escapes
    }

    /// Of the backslashes of a block, those that escape what follows, and all bytes that are escaped.
    #[inline]
    fn escapes(&mut self, slashes: u64) -> (u64, u64) {
        /// Every other byte, from the second on.
        const ODD: u64 = 0xAAAA_AAAA_AAAA_AAAA;
        // In a run of backslashes every other one escapes. Taking the run's beginning from the place after each of its
        // members carries through the run, and what differs from every other place is where it ends in step.
        let begun = slashes & !self.escaped;
        let ended = (((begun << 1) | ODD).wrapping_sub(begun)) ^ ODD;
        let hidden = ended ^ (slashes | self.escaped);
        let escapes = ended & slashes;
        self.escaped = escapes >> 63;
        (escapes, hidden)
    }
}

/// A document that is shorter than a block, with spaces after it.
#[inline(never)]
fn filled(bytes: &[u8]) -> [u8; BLOCK_BYTES] {
    let mut block = [b' '; BLOCK_BYTES];
    block.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    block
}

/// The bits at which the count of bits up to and with them is odd.
#[inline]
fn odd(bits: u64) -> u64 {
    [1, 2, 4, 8, 16, 32].into_iter().fold(bits, |odd, shift| odd ^ (odd << shift))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The places told, whether a text has a control character, and whether all is ASCII.
    type Told = (Vec<usize>, bool, bool);

    fn told(bytes: &[u8]) -> Told {
        let mut seen = vec![7; 3];
        let mut marks = Marks::new(bytes, &mut seen);
        let told = std::iter::from_fn(|| Some(marks.next()).filter(|at| *at < bytes.len())).collect();
        (told, marks.controls(), marks.ascii())
    }

    fn one_by_one(bytes: &[u8]) -> Told {
        let mut out = Vec::new();
        let (mut escaped, mut inside, mut controls) = (false, false, false);
        for (at, byte) in bytes.iter().enumerate() {
            controls |= inside && *byte < 0x20;
            if !escaped && *byte == b'"' {
                inside = !inside;
            }
            if !escaped && (*byte == b'\\' || (*byte == b'"' && !inside)) {
                out.push(at);
            }
            escaped = !escaped && *byte == b'\\';
        }
        (out, controls, bytes.is_ascii())
    }

    #[test]
    fn every_byte_is_told_at_every_place() {
        for around in [b'a', b'"', b'\\', 0x1F, 0x20, 0x7F, 0x80, 0xA2, 0xDC, 0xFF, 0x21, 0x23, 0x5B, 0x5D, 0] {
            for byte in 0..=u8::MAX {
                for (at, length) in
                    [(0, 1), (5, 9), (62, 63), (63, 64), (64, 65), (3, 70), (63, 70), (66, 70), (129, 130)]
                {
                    let mut bytes = vec![around; length];
                    bytes[at] = byte;
                    assert_eq!(told(&bytes), one_by_one(&bytes), "{bytes:?}");
                }
            }
        }
        assert_eq!(told(b""), (Vec::new(), false, true));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn runs_of_backslashes_are_told_wherever_they_are(bytes in proptest::collection::vec(prop_oneof![4 => Just(b'\\'), 2 => Just(b'"'), 2 => 0x20_u8..0x7F, 1 => any::<u8>()], 0..200)) {
            prop_assert_eq!(told(&bytes), one_by_one(&bytes));
        }
    }
}
