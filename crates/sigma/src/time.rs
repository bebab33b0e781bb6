//! Reading the times that Microsoft's logs write. A time without a zone is UTC.

use std::sync::LazyLock;

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

use crate::taxonomy::{self, Concept, LogType, Path};

/// Reads a time: RFC 3339, or the same without a zone, with `T` or a space between.
#[must_use]
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    if text.len() > 64 {
        return None;
    }
    if let Some(fast) = fast(text.as_bytes()) {
        return Some(fast);
    }
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time);
    }
    let civil = text.parse::<DateTime>().ok()?;
    TimeZone::UTC.to_timestamp(civil).ok()
}

/// The common form `2024-05-06T13:07:09[.fraction][Z]`, read without a grammar.
fn fast(bytes: &[u8]) -> Option<Timestamp> {
    let digits = |from: usize, count: usize| -> Option<i64> {
        bytes
            .get(from..from + count)?
            .iter()
            .try_fold(0_i64, |sum, b| b.is_ascii_digit().then(|| sum * 10 + i64::from(b - b'0')))
    };
    let is = |at: usize, wanted: &[u8]| bytes.get(at).is_some_and(|b| wanted.contains(b));
    if !(is(4, b"-") && is(7, b"-") && is(10, b"T ") && is(13, b":") && is(16, b":")) {
        return None;
    }
    let (year, month, day) = (digits(0, 4)?, digits(5, 2)?, digits(8, 2)?);
    let (hour, minute, second) = (digits(11, 2)?, digits(14, 2)?, digits(17, 2)?);
    if !(1..=12).contains(&month) || !(1..=28).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let rest = bytes.get(19..)?;
    let (fraction, zone) = match rest.split_first() {
        Some((b'.', rest)) => {
            let length = rest.iter().take_while(|b| b.is_ascii_digit()).count();
            if length == 0 || length > 9 {
                return None;
            }
            rest.split_at_checked(length)?
        }
        _ => (&[][..], rest),
    };
    if !matches!(zone, [] | [b'Z']) {
        return None;
    }
    let nanos = (0..9).fold(0_i32, |sum, at| sum * 10 + fraction.get(at).map_or(0, |b| i32::from(b - b'0')));
    let days = days_from_civil(year, month, day);
    Timestamp::new(days * 86_400 + hour * 3_600 + minute * 60 + second, nanos).ok()
}

/// Days since 1970-01-01 of a Gregorian date, counting years from March.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Where events of a log type keep their time.
pub(crate) fn paths(log_type: LogType) -> &'static [Path] {
    static PATHS: LazyLock<Vec<Vec<Path>>> = LazyLock::new(|| {
        let fallback =
            ["time", "TimeGenerated", "CreationTime", "createdDateTime", "timestamp", "@timestamp", "eventTimestamp"];
        let of = |log_type| match log_type {
            LogType::Unknown => fallback.iter().map(|p| Path::new(p)).collect(),
            known => taxonomy::concept_paths(known, Concept::EventTime).to_vec(),
        };
        LogType::ALL.into_iter().map(of).collect()
    });
    PATHS.get(log_type.index()).map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_forms_that_the_logs_use_are_read_as_utc() {
        for text in [
            "2024-05-06T13:07:09Z",
            "2024-05-06T13:07:09",
            "2024-05-06 13:07:09.000",
            "2024-05-06T13:07:09.0000000Z",
            "2024-05-06T15:07:09+02:00",
            "2024-05-06 13:07:09.000000000",
        ] {
            assert_eq!(parse(text).unwrap().to_string(), "2024-05-06T13:07:09Z", "{text}");
        }
        for text in ["", "yesterday", "2024-13-06T13:07:09Z", "2024-05-06T25:07:09Z"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_fast_reader_agrees_with_the_grammar() {
        let mut time = Timestamp::from_second(-3_000_000_000).unwrap();
        while time.as_second() < 6_000_000_000 {
            let text = time.to_string();
            if let Some(read) = fast(text.as_bytes()) {
                assert_eq!(read, time, "{text}");
            }
            time = Timestamp::new(time.as_second() + 7_777_777, 123_456_700).unwrap();
        }
    }
}
