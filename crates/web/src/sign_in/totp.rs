//! One-time codes of RFC 6238: six digits, thirty seconds, HMAC-SHA-1, as every authenticator app makes them. That a
//! code is used once is kept by who checks it.

use aws_lc_rs::hmac;
use jiff::Timestamp;
use subtle::ConstantTimeEq;

/// How long a code is shown, in seconds.
pub const STEP_SECONDS: i64 = 30;
/// How many steps a clock may be off, either way.
const STEPS_OFF: i64 = 1;
/// The digits of a code.
const DIGITS: usize = 6;
const TEN_TO_THE_DIGITS: u32 = 1_000_000;
/// The letters of base 32 (RFC 4648).
const BASE_32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The step of an instant.
#[must_use]
pub fn step_at(at: Timestamp) -> i64 {
    at.as_second().div_euclid(STEP_SECONDS)
}

/// The code of a secret in base 32 at a step; nothing when the secret is no base 32.
#[must_use]
pub fn code(secret: &str, step: i64) -> Option<String> {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &from_base_32(secret)?);
    let mac = hmac::sign(&key, &step.to_be_bytes());
    let mac = mac.as_ref();
    let offset = usize::from(mac.last()? & 0x0f);
    let four: [u8; 4] = mac.get(offset..)?.first_chunk().copied()?;
    let number = (u32::from_be_bytes(four) & 0x7fff_ffff) % TEN_TO_THE_DIGITS;
    Some(format!("{number:0DIGITS$}"))
}

/// The step whose code was typed, if it is one of those that are good now. Every one is compared, whichever it is.
pub(crate) fn matching_step(secret: &str, typed: &str, now: Timestamp) -> Option<i64> {
    let typed: String = typed.chars().filter(|sign| !sign.is_whitespace()).take(DIGITS + 1).collect();
    let current = step_at(now);
    let mut matching = None;
    for step in current.saturating_sub(STEPS_OFF)..=current.saturating_add(STEPS_OFF) {
        let made = code(secret, step)?;
        let is_same: bool = made.as_bytes().ct_eq(typed.as_bytes()).into();
        if is_same {
            matching = Some(step);
        }
    }
    matching
}

/// What an authenticator app reads: the secret with who it is for.
pub(crate) fn address(secret: &str, name: &str) -> String {
    let name: String = form_urlencoded::byte_serialize(name.as_bytes()).collect();
    let name = name.replace('+', "%20");
    format!("otpauth://totp/Borgen:{name}?secret={secret}&issuer=Borgen&algorithm=SHA1&digits=6&period=30")
}

/// Bytes in base 32, without padding.
#[must_use]
pub fn to_base_32(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().saturating_mul(8).div_ceil(5));
    for five in bytes.chunks(5) {
        let mut whole = [0; 8];
        for (place, byte) in whole.iter_mut().skip(3).zip(five) {
            *place = *byte;
        }
        let number = u64::from_be_bytes(whole);
        let letters = five.len().saturating_mul(8).div_ceil(5);
        for place in 0..letters {
            let shift = 35_usize.saturating_sub(place.saturating_mul(5));
            let index = usize::try_from((number >> shift) & 31).unwrap_or_default();
            text.push(char::from(BASE_32.get(index).copied().unwrap_or(b'A')));
        }
    }
    text
}

fn from_base_32(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let (mut held, mut bits) = (0_u32, 0_u32);
    for letter in text.bytes() {
        let value = BASE_32.iter().position(|known| *known == letter.to_ascii_uppercase())?;
        held = ((held << 5) | u32::try_from(value).ok()?) & 0xfff;
        bits = bits.saturating_add(5);
        if bits >= 8 {
            bits = bits.saturating_sub(8);
            bytes.push(u8::try_from((held >> bits) & 0xff).ok()?);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret of RFC 6238, appendix B.
    const OF_THE_RFC: &[u8] = b"12345678901234567890";

    #[test]
    fn codes_are_those_of_the_rfc() {
        let secret = to_base_32(OF_THE_RFC);
        assert_eq!(secret, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        // The last six of the eight digits in the table.
        for (second, expected) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let at = Timestamp::from_second(second).unwrap();
            assert_eq!(code(&secret, step_at(at)).unwrap(), expected);
        }
    }

    #[test]
    fn base_32_is_read_as_it_is_written() {
        for bytes in [&b""[..], b"f", b"fo", b"foo", b"foob", b"fooba", b"foobar"] {
            assert_eq!(from_base_32(&to_base_32(bytes)).unwrap(), bytes);
        }
        assert_eq!(to_base_32(b"foobar"), "MZXW6YTBOI");
        assert_eq!(from_base_32("1"), None);
    }

    #[test]
    fn a_clock_may_be_one_step_off_and_no_more() {
        let secret = to_base_32(OF_THE_RFC);
        let now = Timestamp::from_second(1_234_567_890).unwrap();
        for (off, is_good) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
            let step = step_at(now) + off;
            let typed = code(&secret, step).unwrap();
            assert_eq!(matching_step(&secret, &typed, now), is_good.then_some(step), "{off}");
        }
        assert_eq!(matching_step(&secret, "005 924", now), Some(step_at(now)));
        assert_eq!(matching_step(&secret, "", now), None);
        assert_eq!(matching_step(&secret, "0059240", now), None);
    }
}
