//! Currency codes and how many decimals each has (ISO 4217).

use crate::MoneyError;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;

/// An ISO 4217 currency code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

/// Currencies whose minor unit is the unit itself.
const WITHOUT_DECIMALS: [&[u8; 3]; 8] = [b"CLP", b"ISK", b"JPY", b"KRW", b"PYG", b"UGX", b"VND", b"XAF"];
/// Currencies with thousandths.
const WITH_THREE_DECIMALS: [&[u8; 3]; 7] = [b"BHD", b"IQD", b"JOD", b"KWD", b"LYD", b"OMR", b"TND"];

impl Currency {
    /// The Swedish krona.
    pub const SEK: Self = Self(*b"SEK");
    /// The euro.
    pub const EUR: Self = Self(*b"EUR");
    /// The US dollar.
    pub const USD: Self = Self(*b"USD");

    /// Reads three capital letters.
    pub fn parse(code: &str) -> Result<Self, MoneyError> {
        match code.as_bytes() {
            [a, b, c] if code.bytes().all(|letter| letter.is_ascii_uppercase()) => Ok(Self([*a, *b, *c])),
            _ => Err(MoneyError::NoCurrency(code.to_owned())),
        }
    }

    /// How many decimals an amount is written with.
    #[must_use]
    pub fn decimals(self) -> usize {
        if WITHOUT_DECIMALS.contains(&&self.0) {
            0
        } else if WITH_THREE_DECIMALS.contains(&&self.0) {
            3
        } else {
            2
        }
    }

    /// The three letters.
    #[must_use]
    pub fn code(&self) -> &str {
        // The letters were checked to be ASCII when the value was made.
        std::str::from_utf8(&self.0).unwrap_or("???")
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        Self::parse(&code).map_err(de::Error::custom)
    }
}
