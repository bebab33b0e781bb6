//! The order of the one queue: money at stake, times how likely it is lost, over the time that is left. It only sorts
//! what is shown; nothing is decided by it. The numbers are told on every row ("why first?").

use domain::cases::Severity;
use jiff::SignedDuration;
use money::Money;

/// Less time than this left counts as this much, so that what is overdue does not grow beyond all bounds, in seconds.
const LEAST_SECONDS: i64 = 300;
/// The time that is reckoned with where no clock runs, in seconds: a day.
const WITHOUT_CLOCK_SECONDS: i64 = 86_400;

/// How urgent something is, and from what that was reckoned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Urgency {
    /// What is lost if nothing is done.
    pub(crate) stake: Option<Money>,
    /// How likely it is lost, in percent.
    pub(crate) likely: u8,
    /// Until when somebody has to act; nothing where no clock runs. Negative when it has passed.
    pub(crate) left: Option<SignedDuration>,
}

impl Urgency {
    /// The number that the queue is sorted by, the greatest first: minor units lost for each hour that is left.
    pub(crate) fn weight(&self) -> i128 {
        let seconds = self.left.map_or(WITHOUT_CLOCK_SECONDS, |left| left.as_secs().max(LEAST_SECONDS));
        let minor = self.stake.map_or(0, |stake| i128::from(stake.minor.max(0)));
        minor * i128::from(self.likely) * 36 / i128::from(seconds.max(1))
    }
}

/// How likely a case of a severity is a loss, in percent, until the partner's own outcomes say better.
pub(crate) const fn likelihood(severity: Severity) -> u8 {
    match severity {
        Severity::Critical => 90,
        Severity::High => 60,
        Severity::Medium => 30,
        Severity::Low => 10,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use money::Currency;

    fn urgency(minor: i64, likely: u8, minutes: Option<i64>) -> Urgency {
        let left = minutes.map(SignedDuration::from_mins);
        Urgency { stake: Some(Money::new(minor, Currency::SEK)), likely, left }
    }

    #[test]
    fn more_money_more_likely_and_less_time_come_first() {
        let base = urgency(100_000, 60, Some(60)).weight();
        assert!(urgency(200_000, 60, Some(60)).weight() > base);
        assert!(urgency(100_000, 90, Some(60)).weight() > base);
        assert!(urgency(100_000, 60, Some(30)).weight() > base);
        assert!(urgency(100_000, 60, None).weight() < base, "without a clock a day is left");
    }

    #[test]
    fn what_is_overdue_stays_bounded_and_large_money_does_not_overflow() {
        assert_eq!(urgency(100, 60, Some(-500)).weight(), urgency(100, 60, Some(5)).weight());
        assert!(urgency(i64::MAX, 90, Some(-1)).weight() > 0);
        let nothing = Urgency { stake: None, likely: 90, left: None };
        assert_eq!(nothing.weight(), 0);
    }
}
