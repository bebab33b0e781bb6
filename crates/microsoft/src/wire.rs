//! Tolerant reading of Microsoft's JSON: the byte order mark, booleans and numbers told as text, dates without a zone, the
//! sentinel dates, enums with values this program does not know. What each resource looks like lives with the resource.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::de::{Deserialize, DeserializeOwned, Deserializer};
use serde_json::Value;

use crate::call::Call;
use crate::error::Error;

/// The years of `0001-01-01` and `9999-12-31`, with which Microsoft says "no date"; both sit at the edges, zones included.
const FIRST_REAL_YEAR: i16 = 1900;
const LAST_REAL_YEAR: i16 = 9000;

/// A UTF-8 byte order mark has been seen before bodies.
pub(crate) fn without_bom(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)
}

/// Reads a body; the error tells the place and never the content.
pub(crate) fn parse<T: DeserializeOwned>(call: &Call, what: &'static str, body: &[u8]) -> Result<T, Error> {
    parse_text(what, without_bom(body)).map_err(|place| Error::Malformed { call: call.clone(), what, place })
}

/// Reads a body as it was told.
pub(crate) fn parse_raw<T: DeserializeOwned>(call: &Call, what: &'static str, body: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(without_bom(body)).map_err(|error| Error::Malformed {
        call: call.clone(),
        what,
        place: format!("line {}, column {}", error.line(), error.column()),
    })
}

/// Reads one JSON value; the error is the place where it went wrong.
pub(crate) fn parse_text<T: DeserializeOwned>(what: &'static str, json: &[u8]) -> Result<T, String> {
    let mut reader = serde_json::Deserializer::from_slice(json);
    serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let inner = error.inner();
        format!("{what} {} (line {}, column {})", error.path(), inner.line(), inner.column())
    })
}

/// A text, also when told as a number or boolean; empty text stays empty, null and other kinds are none.
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(text_of(Value::deserialize(deserializer)?))
}

fn text_of(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(yes) => Some(yes.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A boolean, also when told as the text `true` or `False`.
pub(crate) fn boolean<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Bool(yes) => Some(yes),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    })
}

/// A whole number, also when told as text or with an empty fraction (`20.0`).
pub(crate) fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    let milli = text_of(Value::deserialize(deserializer)?).and_then(|text| thousandths_of(&text));
    Ok(milli.filter(|milli| milli % 1000 == 0).map(|milli| milli / 1000))
}

/// A decimal number in thousandths, also when told as text; further digits are cut.
pub(crate) fn thousandths<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Ok(text_of(Value::deserialize(deserializer)?).and_then(|text| thousandths_of(&text)))
}

fn thousandths_of(text: &str) -> Option<i64> {
    let text = text.trim();
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (before, after) = digits.split_once('.').unwrap_or((digits, ""));
    if before.is_empty() || !after.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let fraction: String = after.chars().chain("000".chars()).take(3).collect();
    let units: i64 = before.parse::<u64>().ok()?.try_into().ok()?;
    units.checked_mul(1000)?.checked_add(fraction.parse().ok()?)?.checked_mul(sign)
}

/// An instant: with zone, or without one (UTC). Null, empty, the sentinels and what is no date are none, so that one bad
/// date never hides an alert.
pub(crate) fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    Ok(text_of(Value::deserialize(deserializer)?).and_then(|text| instant(&text)))
}

/// Reads one date as Microsoft writes it.
pub(crate) fn instant(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    // With a zone first; jiff refuses `Z` in a civil date, since it would be lost there.
    let zoned = text.parse::<Timestamp>().ok();
    let told = zoned.or_else(|| {
        let civil: DateTime = text.parse().ok()?;
        Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp())
    })?;
    let year = told.to_zoned(TimeZone::UTC).year();
    (FIRST_REAL_YEAR..=LAST_REAL_YEAR).contains(&year).then_some(told)
}

/// A list; null is the empty list.
pub(crate) fn list<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    Ok(Option::<Vec<T>>::deserialize(deserializer)?.unwrap_or_default())
}

/// An open dictionary; values that are not text keep their JSON.
pub(crate) fn dictionary<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    let Value::Object(map) = Value::deserialize(deserializer)? else {
        return Ok(BTreeMap::new());
    };
    let as_text = |value: Value| match value {
        Value::String(text) => text,
        other => other.to_string(),
    };
    Ok(map.into_iter().map(|(key, value)| (key, as_text(value))).collect())
}

/// Defines an enum of Microsoft's that keeps values it does not know. Reading ignores case.
macro_rules! open_enum {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name {
            $(#[doc = concat!("`", $text, "`.")] $variant,)+
            /// A value that is not in the documentation this was written from, as told; empty when none was told.
            Unknown(String),
        }

        impl $name {
            /// Reads the value as told by Microsoft, whatever its case.
            #[must_use]
            pub fn from_wire(text: &str) -> Self {
                $(if text.eq_ignore_ascii_case($text) { return Self::$variant; })+
                Self::Unknown(text.to_owned())
            }

            /// The value as Microsoft spells it.
            #[must_use]
            pub fn as_wire(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)+
                    Self::Unknown(text) => text,
                }
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::Unknown(String::new())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_wire())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let told = crate::wire::text(deserializer)?.unwrap_or_default();
                Ok(Self::from_wire(&told))
            }
        }
    };
}
pub(crate) use open_enum;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_with_zone_without_zone_and_with_seven_digits() {
        for (told, expected) in [
            ("2026-05-02T03:04:05Z", Some("2026-05-02T03:04:05Z")),
            ("2026-05-02T03:04:05.1234567+00:00", Some("2026-05-02T03:04:05.1234567Z")),
            ("2026-05-02T05:04:05+02:00", Some("2026-05-02T03:04:05Z")),
            ("2026-05-02T03:04:05", Some("2026-05-02T03:04:05Z")),
            ("2026-05-02", Some("2026-05-02T00:00:00Z")),
            ("9999-12-31T23:59:59.9970000", None),
            ("0001-01-01T00:00:00", None),
            ("0001-01-01T00:00:00Z", None),
            ("", None),
            ("soon", None),
        ] {
            assert_eq!(instant(told), expected.map(|text| text.parse().unwrap()), "{told}");
        }
    }

    #[test]
    fn numbers_are_read_from_numbers_and_texts_exactly() {
        for (told, expected) in [
            ("1.2", Some(1200)),
            ("-0.5", Some(-500)),
            ("20", Some(20_000)),
            ("20.0", Some(20_000)),
            ("1.23456", Some(1234)),
            ("", None),
            ("1e3", None),
            ("x", None),
            ("--1", None),
            ("+1", Some(1000)),
        ] {
            assert_eq!(thousandths_of(told), expected, "{told}");
        }
    }
}
