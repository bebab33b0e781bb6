//! Money as whole minor units of one currency, and money per hour.
//! Nothing here knows a customer, a rule or a rate source.

mod currency;
mod rounding;

pub use currency::Currency;
pub use rounding::{Rounding, divide};

use serde::{Deserialize, Serialize};
use std::fmt;

/// What can go wrong when money is reckoned with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Two currencies met in one sum.
    #[error("cannot reckon {left} with {right}: they are two currencies")]
    TwoCurrencies {
        /// The currency of the sum so far.
        left: Currency,
        /// The currency that was to be added.
        right: Currency,
    },
    /// The result does not fit in 64 bits of minor units.
    #[error("the amount does not fit")]
    Overflow,
    /// The text is no amount of this currency.
    #[error("`{0}` is no amount: write digits, a full stop and at most the decimals of the currency")]
    NoAmount(String),
    /// The text is no currency code.
    #[error("`{0}` is no currency code: write three capital letters, such as SEK")]
    NoCurrency(String),
}

/// An amount in minor units (öre, cent) of one currency.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Minor units: 41 200,00 kr is 4 120 000.
    pub minor: i64,
    /// The currency the minor units are of.
    pub currency: Currency,
}

impl Money {
    /// An amount of `minor` units.
    #[must_use]
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Nothing, in `currency`.
    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    /// The sum. Fails on two currencies and on overflow.
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        let minor = self.minor.checked_add(other.minor).ok_or(MoneyError::Overflow)?;
        Ok(Self::new(minor, self.currency))
    }

    /// The difference. Fails on two currencies and on overflow.
    pub fn minus(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        let minor = self.minor.checked_sub(other.minor).ok_or(MoneyError::Overflow)?;
        Ok(Self::new(minor, self.currency))
    }

    /// `count` times the amount. Fails on overflow.
    pub fn times(self, count: i64) -> Result<Self, MoneyError> {
        let minor = self.minor.checked_mul(count).ok_or(MoneyError::Overflow)?;
        Ok(Self::new(minor, self.currency))
    }

    /// The amount times `numerator / denominator`, rounded by name. Fails on overflow
    /// and on a denominator that is not positive.
    pub fn part(self, numerator: i64, denominator: i64, rounding: Rounding) -> Result<Self, MoneyError> {
        let product = i128::from(self.minor).checked_mul(i128::from(numerator)).ok_or(MoneyError::Overflow)?;
        let minor = divide(product, i128::from(denominator), rounding).ok_or(MoneyError::Overflow)?;
        let minor = i64::try_from(minor).map_err(|_| MoneyError::Overflow)?;
        Ok(Self::new(minor, self.currency))
    }

    /// The larger of two amounts of one currency.
    pub fn at_least(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        Ok(if self.minor >= other.minor { self } else { other })
    }

    /// Reads `41200.00` as an amount of `currency`; fewer decimals are allowed, more are not.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let wrong = || MoneyError::NoAmount(text.to_owned());
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let decimals = currency.decimals();
        let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) || fraction.len() > decimals {
            return Err(wrong());
        }
        let padded = format!("{whole}{fraction:0<decimals$}");
        let minor: i64 = padded.parse().map_err(|_| wrong())?;
        Ok(Self::new(if negative { -minor } else { minor }, currency))
    }

    /// The amount without its currency, as `41200.00`: the form the API uses.
    #[must_use]
    pub fn amount(self) -> String {
        let decimals = self.currency.decimals();
        let sign = if self.minor < 0 { "-" } else { "" };
        let digits = format!("{:0>width$}", self.minor.unsigned_abs(), width = decimals + 1);
        let (whole, fraction) = digits.split_at(digits.len() - decimals);
        if decimals == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
    }

    fn same_currency(self, other: Self) -> Result<(), MoneyError> {
        if self.currency == other.currency {
            Ok(())
        } else {
            Err(MoneyError::TwoCurrencies { left: self.currency, right: other.currency })
        }
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.currency, self.amount())
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Money for every hour that something runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PerHour(pub Money);

/// Seconds in an hour.
const SECONDS_PER_HOUR: i64 = 3600;

impl PerHour {
    /// What `seconds` of it cost, rounded up: a loss is never shown smaller than it is.
    pub fn over_seconds(self, seconds: i64) -> Result<Money, MoneyError> {
        self.0.part(seconds.max(0), SECONDS_PER_HOUR, Rounding::Up)
    }

    /// Two rates of one currency together.
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        Ok(Self(self.0.plus(other.0)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEK: Currency = Currency::SEK;

    #[test]
    fn two_currencies_never_meet_in_a_sum() {
        let usd = Currency::parse("USD").unwrap();
        let sum = Money::new(1, SEK).plus(Money::new(1, usd));
        assert_eq!(sum, Err(MoneyError::TwoCurrencies { left: SEK, right: usd }));
    }

    #[test]
    fn amounts_are_read_and_written_alike() {
        for (text, minor) in [("41200.00", 4_120_000), ("0.05", 5), ("-1.50", -150), ("7", 700)] {
            let money = Money::parse(text, SEK).unwrap();
            assert_eq!(money.minor, minor);
            assert_eq!(Money::parse(&money.amount(), SEK).unwrap(), money);
        }
        for text in ["", "1.234", "1,5", "--1", ".5", "1e3", "９"] {
            assert!(Money::parse(text, SEK).is_err(), "{text}");
        }
    }

    #[test]
    fn a_currency_without_decimals_has_none() {
        let yen = Currency::parse("JPY").unwrap();
        assert_eq!(Money::new(1234, yen).amount(), "1234");
        assert!(Money::parse("1.5", yen).is_err());
    }

    #[test]
    fn overflow_is_an_error_and_not_a_small_number() {
        assert_eq!(Money::new(i64::MAX, SEK).plus(Money::new(1, SEK)), Err(MoneyError::Overflow));
        assert_eq!(Money::new(i64::MAX, SEK).times(2), Err(MoneyError::Overflow));
    }

    #[test]
    fn an_hourly_loss_is_rounded_up() {
        let rate = PerHour(Money::new(100, SEK));
        assert_eq!(rate.over_seconds(1).unwrap().minor, 1);
        assert_eq!(rate.over_seconds(7200).unwrap().minor, 200);
        assert_eq!(rate.over_seconds(-5).unwrap().minor, 0);
    }
}
