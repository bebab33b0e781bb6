//! Finding where texts begin and end: the quotation marks and backslashes of a document, in wide steps and without a
//! decision for each byte. What they mean is for `reader.rs` to judge.

use wide::u8x16;

/// Bytes of one step.
const BLOCK_BYTES: usize = 64;

/// Walks over the quotation marks and backslashes of a text, those left out that a backslash stands before.
#[derive(Debug)]
pub(super) struct Marks<'t> {
    bytes: &'t [u8],
    /// Where the block at hand begins.
    block: usize,
    /// What is still to come of the block at hand: a bit for each byte, the lowest for the first.
    bits: u64,
    /// 1 when a backslash stands before the next block.
    escaped: u64,
    /// A control character stands somewhere in the blocks so far, be it only between values.
    controls: bool,
}

impl<'t> Marks<'t> {
    pub(super) fn new(bytes: &'t [u8]) -> Self {
        let mut marks = Self { bytes, block: 0, bits: 0, escaped: 0, controls: false };
        marks.look();
        marks
    }

    /// Where the next one is; the end of the text where there is none.
    #[expect(clippy::inline_always, reason = "called for every end of a text; a call costs more than the work")]
    #[inline(always)]
    pub(super) fn next(&mut self) -> usize {
        while self.bits == 0 {
            self.block += BLOCK_BYTES;
            if self.block >= self.bytes.len() {
                return self.bytes.len();
            }
            self.look();
        }
        let at = self.block + usize::try_from(self.bits.trailing_zeros()).unwrap_or(0);
        self.bits &= self.bits - 1;
        at
    }

    /// Whether a control character stands before the place that was told last, or soon after it.
    #[inline]
    pub(super) fn controls(&self) -> bool {
        self.controls
    }

    /// Looks at the block at hand.
    #[inline(never)]
    fn look(&mut self) {
        let rest = self.bytes.get(self.block..).unwrap_or_default();
        let mut last = [b' '; BLOCK_BYTES];
        let block = match rest.first_chunk() {
            Some(block) => block,
            None => {
                last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
                &last
            }
        };
        let (parts, _) = block.as_chunks::<16>();
        let [Some(first), Some(second), Some(third), Some(fourth)] =
            [0, 1, 2, 3].map(|at| parts.get(at).copied().map(u8x16::new))
        else {
            return;
        };
        let all = |byte: u8| {
            let wanted = u8x16::splat(byte);
            let bits = |part: u8x16| u64::from(part.simd_eq(wanted).to_bitmask());
            bits(first) | (bits(second) << 16) | (bits(third) << 32) | (bits(fourth) << 48)
        };
        let least = first.min(second).min(third.min(fourth));
        self.controls |= least.simd_eq(least.min(u8x16::splat(0x1F))).to_bitmask() != 0;
        let slashes = all(b'\\');
        let (escapes, escaped) = self.escapes(slashes);
        self.bits = (all(b'"') & !escaped) | escapes;
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
        let escaped = ended ^ (slashes | self.escaped);
        let escapes = ended & slashes;
        self.escaped = escapes >> 63;
        (escapes, escaped)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn told(bytes: &[u8]) -> (Vec<usize>, bool) {
        let mut marks = Marks::new(bytes);
        let told = std::iter::from_fn(|| Some(marks.next()).filter(|at| *at < bytes.len())).collect();
        (told, marks.controls())
    }

    fn one_by_one(bytes: &[u8]) -> (Vec<usize>, bool) {
        let mut out = Vec::new();
        let mut escaped = false;
        for (at, byte) in bytes.iter().enumerate() {
            if !escaped && matches!(byte, b'"' | b'\\') {
                out.push(at);
            }
            escaped = !escaped && *byte == b'\\';
        }
        (out, bytes.iter().any(|byte| *byte < 0x20))
    }

    #[test]
    fn every_byte_is_told_at_every_place() {
        for around in [b'a', b'"', b'\\', 0x1F, 0x20, 0x7F, 0x80, 0xA2, 0xDC, 0xFF, 0x21, 0x23, 0x5B, 0x5D, 0] {
            for byte in 0..=u8::MAX {
                for at in 0..70 {
                    let mut bytes = [around; 70];
                    bytes[at] = byte;
                    assert_eq!(told(&bytes), one_by_one(&bytes), "{bytes:?}");
                }
            }
        }
        assert_eq!(told(b""), (Vec::new(), false));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn runs_of_backslashes_are_told_wherever_they_are(bytes in proptest::collection::vec(prop_oneof![4 => Just(b'\\'), 2 => Just(b'"'), 2 => 0x20_u8..0x7F, 1 => any::<u8>()], 0..200)) {
            prop_assert_eq!(told(&bytes), one_by_one(&bytes));
        }
    }
}
