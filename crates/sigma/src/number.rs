//! Exact comparison of numbers written in decimal, of any length.
//! No floating point: 9007199254740993 and 9007199254740992 are different numbers.

use std::cmp::Ordering;

/// The longest number text that is compared as a number; a longer one is text.
pub const MAX_NUMBER_BYTES: usize = 400;

/// A decimal number, compared by value: `5`, `5.0` and `50e-1` are equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Number {
    /// Fits 64 bits: nearly all.
    Small(i64),
    /// Anything else.
    Wide(Wide),
}

/// `0.digits × 10^exponent`, without leading or trailing zero digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wide {
    negative: bool,
    digits: Box<[u8]>,
    exponent: i64,
}

impl Number {
    /// Reads a number in JSON's grammar (no leading zeros, no plus sign, no spaces).
    /// Returns `None` for any other text.
    #[must_use]
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let first = bytes.first()?;
        if !(first.is_ascii_digit() || *first == b'-') || bytes.len() > MAX_NUMBER_BYTES {
            return None;
        }
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        if unsigned.bytes().all(|b| b.is_ascii_digit()) {
            if unsigned.is_empty() || (unsigned.len() > 1 && unsigned.starts_with('0')) {
                return None;
            }
            if let Ok(small) = text.parse::<i64>() {
                return Some(Self::Small(small));
            }
        }
        Wide::parse(text).map(Self::from_wide)
    }

    /// A whole number becomes small when it fits, so that equal values have equal forms.
    fn from_wide(wide: Wide) -> Self {
        let whole = usize::try_from(wide.exponent).ok().filter(|e| *e <= 19 && *e >= wide.digits.len());
        if wide.digits.is_empty() {
            return Self::Small(0);
        }
        if let Some(length) = whole {
            let mut text = String::with_capacity(length + 1);
            if wide.negative {
                text.push('-');
            }
            text.extend(wide.digits.iter().map(|d| char::from(*d)));
            text.extend(std::iter::repeat_n('0', length - wide.digits.len()));
            if let Ok(small) = text.parse::<i64>() {
                return Self::Small(small);
            }
        }
        Self::Wide(wide)
    }

    fn to_wide(&self) -> Option<Wide> {
        match self {
            Self::Small(small) => Wide::parse(&small.to_string()),
            Self::Wide(wide) => Some(wide.clone()),
        }
    }

    /// The value as a float, for averages and sums over fields only; never for comparison.
    #[must_use]
    pub(crate) fn to_f64(&self) -> f64 {
        match self {
            Self::Small(small) => small.to_string().parse().unwrap_or(f64::NAN),
            Self::Wide(wide) => {
                let digits: String = wide.digits.iter().map(|d| char::from(*d)).collect();
                let sign = if wide.negative { "-" } else { "" };
                format!("{sign}0.{digits}e{}", wide.exponent).parse().unwrap_or(f64::NAN)
            }
        }
    }
}

impl Wide {
    fn parse(text: &str) -> Option<Self> {
        let (negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (rest, 0),
        };
        let (whole, fraction) = match mantissa.split_once('.') {
            Some((_, "")) => return None,
            Some(parts) => parts,
            None => (mantissa, ""),
        };
        let digits_only = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty()
            || !digits_only(whole)
            || !digits_only(fraction)
            || (whole.len() > 1 && whole.starts_with('0'))
        {
            return None;
        }
        let all = format!("{whole}{fraction}");
        let leading = all.bytes().take_while(|b| *b == b'0').count();
        let digits = all.trim_start_matches('0').trim_end_matches('0');
        let exponent = i64::try_from(whole.len()).ok()? - i64::try_from(leading).ok()? + i64::from(exponent);
        let zero = digits.is_empty();
        Some(Self {
            negative: negative && !zero,
            digits: digits.as_bytes().into(),
            exponent: if zero { 0 } else { exponent },
        })
    }

    fn magnitude(&self, other: &Self) -> Ordering {
        match (self.digits.is_empty(), other.digits.is_empty()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (false, false) => self.exponent.cmp(&other.exponent).then_with(|| self.digits.cmp(&other.digits)),
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        if let (Self::Small(left), Self::Small(right)) = (self, other) {
            return Some(left.cmp(right));
        }
        let (left, right) = (self.to_wide()?, other.to_wide()?);
        Some(match (left.negative, right.negative) {
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (false, false) => left.magnitude(&right),
            (true, true) => right.magnitude(&left),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        Number::parse(text).unwrap()
    }

    #[test]
    fn equal_values_are_equal_however_they_are_written() {
        for (left, right) in [
            ("5", "5.0"),
            ("5", "50e-1"),
            ("-0", "0"),
            ("0.000", "0"),
            ("1e3", "1000"),
            ("123456789012345678901234567890", "1.2345678901234567890123456789e29"),
        ] {
            assert_eq!(number(left), number(right), "{left} {right}");
        }
    }

    #[test]
    fn neighbours_beyond_2_to_the_53_differ() {
        assert!(number("9007199254740993") > number("9007199254740992"));
        assert!(number("99999999999999999999999") < number("99999999999999999999999.1"));
        assert!(number("-99999999999999999999999") > number("-99999999999999999999999.1"));
        assert!(number("-1") < number("0.5"));
    }

    #[test]
    fn text_that_only_looks_like_a_number_is_not_one() {
        for text in ["05", "", "-", "1.", ".5", "+1", "1e", "0x10", " 1", "1 ", "--1", "1.2.3"] {
            assert_eq!(Number::parse(text), None, "{text:?}");
        }
    }
}
