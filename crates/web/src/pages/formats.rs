//! How dates, spans, money and numbers are written in each language (ux.md 5.3): 2026-11-22 14:05 and 1 842 300,50 kr in
//! Swedish, 22 Nov 2026 14:05 and SEK 1,842,300.50 in English. Times are in the reader's zone.

use crate::language::Language;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use money::{Currency, Money};

/// Between groups of digits and before units: it does not break a line.
const NO_BREAK: char = '\u{a0}';
/// The sign of numbers below zero.
const MINUS: char = '\u{2212}';

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// How a reader wants values written.
#[derive(Debug, Clone)]
pub(crate) struct Formats {
    pub(crate) language: Language,
    pub(crate) zone: TimeZone,
    /// The instant that spans count from.
    pub(crate) now: Timestamp,
}

impl Formats {
    /// The minute, in the reader's zone: `22 Nov 2026 14:05`, `2026-11-22 14:05`.
    pub(crate) fn minute(&self, at: Timestamp) -> String {
        let local = at.to_zoned(self.zone.clone());
        format!("{} {:02}:{:02}", self.date(at), local.hour(), local.minute())
    }

    /// The day, in the reader's zone.
    pub(crate) fn date(&self, at: Timestamp) -> String {
        let local = at.to_zoned(self.zone.clone());
        let month = usize::try_from(local.month() - 1).ok().and_then(|month| MONTHS.get(month)).copied().unwrap_or("?");
        match self.language {
            Language::English => format!("{} {month} {}", local.day(), local.year()),
            Language::Swedish => format!("{:04}-{:02}-{:02}", local.year(), local.month(), local.day()),
        }
    }

    /// The instant in UTC, to the second, for machines and for showing beside the local one.
    pub(crate) fn utc(at: Timestamp) -> String {
        let local = at.to_zoned(TimeZone::UTC);
        format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
            local.year(),
            local.month(),
            local.day(),
            local.hour(),
            local.minute(),
            local.second()
        )
    }

    /// How long ago, or in how long: `41 min ago`, `in 3 h`, `för 41 min sedan`, `om 3 h`.
    pub(crate) fn relative(&self, at: Timestamp) -> String {
        let span = at.duration_since(self.now);
        if span.as_secs() == 0 {
            return self.language.text("span-now", None, &[]);
        }
        let text = self.span(span);
        let key = if span.is_negative() { "span-ago" } else { "span-in" };
        self.language.text(key, None, &[("span", text)])
    }

    /// A length of time in its two greatest units; its sign is left out.
    pub(crate) fn span(&self, span: SignedDuration) -> String {
        let seconds = span.as_secs().saturating_abs();
        let unit =
            |count: i64, key: &str| format!("{}{NO_BREAK}{}", self.number(count), self.language.text(key, None, &[]));
        let two =
            |first: String, rest: i64, key: &str| if rest > 0 { format!("{first} {}", unit(rest, key)) } else { first };
        match seconds {
            0..MINUTE => unit(seconds, "span-s"),
            MINUTE..HOUR => unit(seconds / MINUTE, "span-min"),
            HOUR..DAY => two(unit(seconds / HOUR, "span-h"), seconds % HOUR / MINUTE, "span-min"),
            _ => two(unit(seconds / DAY, "span-d"), seconds % DAY / HOUR, "span-h"),
        }
    }

    /// A whole number with its digits in groups.
    pub(crate) fn number(&self, number: i64) -> String {
        let digits = grouped(&number.unsigned_abs().to_string(), self.group());
        if number < 0 { format!("{MINUS}{digits}") } else { digits }
    }

    /// A count of things.
    pub(crate) fn count(&self, count: usize) -> String {
        self.number(i64::try_from(count).unwrap_or(i64::MAX))
    }

    /// An amount with all its decimals.
    pub(crate) fn money(&self, money: Money) -> String {
        self.amount(money, true)
    }

    /// An amount without decimals, rounded up, where it is read at a glance: what is lost is never told too small.
    pub(crate) fn round_money(&self, money: Money) -> String {
        let unit = 10_i64.saturating_pow(u32::try_from(money.currency.decimals()).unwrap_or(0));
        let whole = money::divide(i128::from(money.minor), i128::from(unit), money::Rounding::Up);
        let minor = whole.and_then(|whole| i64::try_from(whole).ok()).and_then(|whole| whole.checked_mul(unit));
        self.amount(Money::new(minor.unwrap_or(money.minor), money.currency), false)
    }

    fn amount(&self, money: Money, decimals: bool) -> String {
        let text = money.amount();
        let unsigned = text.trim_start_matches('-');
        let (whole, part) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let mut digits = grouped(whole, self.group());
        if decimals && !part.is_empty() {
            digits = format!("{digits}{}{part}", if self.language == Language::Swedish { ',' } else { '.' });
        }
        let sign = if money.minor < 0 { MINUS.to_string() } else { String::new() };
        match self.language {
            Language::English => format!("{sign}{}{NO_BREAK}{digits}", money.currency.code()),
            Language::Swedish if money.currency == Currency::SEK => format!("{sign}{digits}{NO_BREAK}kr"),
            Language::Swedish => format!("{sign}{digits}{NO_BREAK}{}", money.currency.code()),
        }
    }

    const fn group(&self) -> char {
        match self.language {
            Language::English => ',',
            Language::Swedish => NO_BREAK,
        }
    }
}

/// Digits in groups of three.
fn grouped(digits: &str, between: char) -> String {
    let mut written = String::with_capacity(digits.len() * 2);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            written.push(between);
        }
        written.push(digit);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    fn formats(language: Language) -> Formats {
        let zone = TimeZone::get("Europe/Stockholm").unwrap();
        Formats { language, zone, now: "2026-11-22T13:05:00Z".parse().unwrap() }
    }

    #[test]
    fn every_language_writes_as_its_readers_do() {
        let (english, swedish) = (formats(Language::English), formats(Language::Swedish));
        let at: Timestamp = "2026-11-22T13:05:09Z".parse().unwrap();
        assert_eq!(english.minute(at), "22 Nov 2026 14:05");
        assert_eq!(swedish.minute(at), "2026-11-22 14:05");
        let money = Money::new(184_230_050, Currency::SEK);
        assert_eq!(english.money(money), "SEK\u{a0}1,842,300.50");
        assert_eq!(swedish.money(money), "1\u{a0}842\u{a0}300,50\u{a0}kr");
        assert_eq!(english.round_money(money), "SEK\u{a0}1,842,301");
        assert_eq!(swedish.money(Money::new(-5, Currency::EUR)), "\u{2212}0,05\u{a0}EUR");
        assert_eq!(swedish.number(-1_204), "\u{2212}1\u{a0}204");
        assert_eq!(english.number(999), "999");
        assert_eq!(english.money(Money::new(1_234, Currency::parse("JPY").unwrap())), "JPY\u{a0}1,234");
    }

    #[test]
    fn spans_are_told_in_their_greatest_units() {
        let english = formats(Language::English);
        for (seconds, text) in [
            (5, "5\u{a0}s"),
            (41 * 60, "41\u{a0}min"),
            (3 * 3600, "3\u{a0}h"),
            (3 * 3600 + 300, "3\u{a0}h 5\u{a0}min"),
            (4 * 86_400 + 3600, "4\u{a0}d 1\u{a0}h"),
            (-60, "1\u{a0}min"),
        ] {
            assert_eq!(english.span(SignedDuration::from_secs(seconds)), text);
        }
        let earlier: Timestamp = "2026-11-22T12:24:00Z".parse().unwrap();
        assert_eq!(english.relative(earlier), "41\u{a0}min ago");
        assert_eq!(formats(Language::Swedish).relative(earlier), "för 41\u{a0}min sedan");
    }
}
