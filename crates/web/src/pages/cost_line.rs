//! The cost line of a case: what was lost until each change of the burn rate, until now, and until an effective stop if
//! nothing is done. Pure; the page draws it and shows the same numbers as a table.

use jiff::{SignedDuration, Timestamp};
use money::{Money, PerHour};

/// A point of the line.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Point {
    pub(crate) at: Timestamp,
    /// Lost until then.
    pub(crate) lost: Money,
    /// What runs from then on costs an hour.
    pub(crate) per_hour: Money,
    pub(crate) what: Moment,
}

/// What a point of the line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// The first of it happened.
    First,
    /// The burn rate changed.
    Changed,
    /// Now, or when the case was stopped or closed.
    Now,
    /// An effective stop, if nothing is done until then.
    Stop,
}

/// The line from the first use over the changes of the burn rate, in their order, to `now`; an open case goes on until
/// an effective stop.
pub(crate) fn line(
    since: Timestamp,
    rates: &[(Timestamp, Money)],
    now: Timestamp,
    stop: Option<SignedDuration>,
) -> Vec<Point> {
    let Some((_, first)) = rates.first() else { return Vec::new() };
    // Until the second rate was known the first one is taken: money is never told too small.
    let mut points =
        vec![Point { at: since, lost: Money::zero(first.currency), per_hour: *first, what: Moment::First }];
    for (at, per_hour) in rates.iter().skip(1) {
        let is_new = points.last().is_some_and(|last| last.per_hour != *per_hour && *at > last.at && *at <= now);
        if is_new {
            push(&mut points, *at, *per_hour, Moment::Changed);
        }
    }
    let last = points.last().map_or(*first, |last| last.per_hour);
    push(&mut points, now.max(since), last, Moment::Now);
    if let Some(stop) = stop.and_then(|stop| now.checked_add(stop).ok()) {
        push(&mut points, stop, last, Moment::Stop);
    }
    points
}

fn push(points: &mut Vec<Point>, at: Timestamp, per_hour: Money, what: Moment) {
    let Some(before) = points.last() else { return };
    let seconds = at.duration_since(before.at).as_secs();
    let lost = PerHour(before.per_hour).over_seconds(seconds).and_then(|more| before.lost.plus(more));
    points.push(Point { at, lost: lost.unwrap_or(before.lost), per_hour, what });
}

#[cfg(test)]
mod tests {
    use super::*;
    use money::Currency;

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_second(hour * 3600).unwrap()
    }

    fn sek(minor: i64) -> Money {
        Money::new(minor, Currency::SEK)
    }

    #[test]
    fn what_was_lost_adds_up_over_every_change_of_the_rate() {
        let rates = [(at(1), sek(100)), (at(3), sek(300)), (at(4), sek(300))];
        let line = line(at(0), &rates, at(5), Some(SignedDuration::from_hours(2)));
        let told: Vec<_> = line.iter().map(|point| (point.at, point.lost.minor, point.what)).collect();
        assert_eq!(
            told,
            [
                (at(0), 0, Moment::First),
                (at(3), 300, Moment::Changed),
                (at(5), 900, Moment::Now),
                (at(7), 1_500, Moment::Stop)
            ]
        );
    }

    #[test]
    fn without_a_rate_there_is_no_line_and_a_closed_case_goes_no_further() {
        assert!(line(at(0), &[], at(5), None).is_empty());
        let closed = line(at(0), &[(at(0), sek(100))], at(2), None);
        assert_eq!(closed.last().map(|point| (point.what, point.lost.minor)), Some((Moment::Now, 200)));
    }
}
