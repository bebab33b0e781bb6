//! The encoding modifiers: UTF-16 and base64 at its three offsets.
//! Pure transformations of a rule's value, done once at load.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A UTF-16 flavour named by a modifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Utf16 {
    /// `utf16le`, `wide`.
    Little,
    /// `utf16be`.
    Big,
    /// `utf16`: byte order mark FF FE, then little endian.
    Marked,
}

/// Encodes text as UTF-16 bytes.
#[must_use]
pub(crate) fn utf16(text: &str, flavour: Utf16) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() * 2 + 2);
    if flavour == Utf16::Marked {
        out.extend([0xFF, 0xFE]);
    }
    for unit in text.encode_utf16() {
        out.extend(if flavour == Utf16::Big { unit.to_be_bytes() } else { unit.to_le_bytes() });
    }
    out
}

/// Encodes bytes as standard base64 with padding.
#[must_use]
pub(crate) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Returns the three texts that the bytes can become inside a longer base64 text, one for
/// each offset modulo three, cut to the characters that do not depend on the neighbours.
#[must_use]
pub(crate) fn base64_offsets(bytes: &[u8]) -> [String; 3] {
    [0_usize, 1, 2].map(|offset| {
        let mut padded = vec![0_u8; offset];
        padded.extend_from_slice(bytes);
        let encoded = STANDARD.encode(&padded);
        let start = [0, 2, 3].get(offset).copied().unwrap_or(0);
        let cut = match padded.len() % 3 {
            0 => 0,
            1 => 3,
            _ => 2,
        };
        encoded.get(start..encoded.len().saturating_sub(cut)).unwrap_or_default().to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_offset_is_found_in_a_longer_text() {
        let offsets = base64_offsets(b"http://");
        for (prefix, offset) in ["", "x", "xy"].iter().zip(&offsets) {
            for suffix in ["", "1", "12"] {
                let whole = base64(format!("{prefix}http://{suffix}").as_bytes());
                assert!(whole.contains(offset.as_str()), "{prefix} {suffix} {offset}");
            }
        }
    }

    #[test]
    fn marked_utf16_begins_with_its_byte_order_mark() {
        assert_eq!(base64(&utf16("foo", Utf16::Marked)), "//5mAG8AbwA=");
        assert_eq!(base64(&utf16("foo", Utf16::Little)), "ZgBvAG8A");
    }
}
