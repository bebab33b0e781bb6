//! What the log says of trouble with Microsoft: one line when it begins, one each ten minutes while it goes on, with
//! how often it was met, and one when it is over. The journal's own account of it is in `health`.

use super::{Sync, SyncError, SyncPart};
use crate::effects::code_of;
use crate::measures;
use domain::ids::AccountId;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

/// How long nothing more is said of trouble that goes on.
const REMIND_AFTER: SignedDuration = SignedDuration::from_mins(10);
/// What was not met for so long was over in between: the next time is a beginning again.
const FORGOTTEN_AFTER: SignedDuration = SignedDuration::from_hours(2);
/// The most troubles that are remembered; beyond it new ones are said each time.
const MAX_TROUBLES: usize = 10_000;
/// The trouble of a Microsoft that can't be reached, fails or puts off: it is one, however many parts meet it.
const AWAY: &str = "microsoft";

/// The troubles that last.
#[derive(Debug, Default)]
pub(super) struct Telling {
    troubles: Mutex<BTreeMap<String, Trouble>>,
}

#[derive(Debug)]
struct Trouble {
    since: Timestamp,
    told: Timestamp,
    last: Timestamp,
    times: u64,
    /// Who meets it: it is over once nobody does.
    met_by: BTreeSet<&'static str>,
}

/// What is to be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tell {
    /// It has begun.
    Begun,
    /// It goes on.
    GoesOn {
        /// How often it was met.
        times: u64,
        /// For how many minutes.
        minutes: i64,
    },
}

/// What is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Over {
    /// How often it was met.
    pub(super) times: u64,
    /// For how many minutes it lasted.
    pub(super) minutes: i64,
}

impl Telling {
    /// Notes that somebody met a trouble; says what is to be told of it, which mostly is nothing.
    pub(super) fn met(&self, trouble: &str, by: &'static str, now: Timestamp) -> Option<Tell> {
        let mut troubles = self.troubles.lock().unwrap_or_else(PoisonError::into_inner);
        let lasts = |known: &&mut Trouble| now.duration_since(known.last) < FORGOTTEN_AFTER;
        let Some(known) = troubles.get_mut(trouble).filter(lasts) else {
            if troubles.len() >= MAX_TROUBLES && !troubles.contains_key(trouble) {
                troubles.retain(|_, known| now.duration_since(known.last) < FORGOTTEN_AFTER);
                if troubles.len() >= MAX_TROUBLES {
                    return Some(Tell::Begun);
                }
            }
            let new = Trouble { since: now, told: now, last: now, times: 1, met_by: BTreeSet::from([by]) };
            troubles.insert(trouble.to_owned(), new);
            return Some(Tell::Begun);
        };
        known.times = known.times.saturating_add(1);
        known.last = now;
        known.met_by.insert(by);
        if now.duration_since(known.told) < REMIND_AFTER {
            return None;
        }
        known.told = now;
        Some(Tell::GoesOn { times: known.times, minutes: minutes_between(known.since, now) })
    }

    /// Notes that somebody does not meet a trouble any more; says what is over when nobody does.
    pub(super) fn passed(&self, trouble: &str, by: &'static str, now: Timestamp) -> Option<Over> {
        let mut troubles = self.troubles.lock().unwrap_or_else(PoisonError::into_inner);
        let known = troubles.get_mut(trouble)?;
        known.met_by.remove(by);
        if !known.met_by.is_empty() {
            return None;
        }
        let over = Over { times: known.times, minutes: minutes_between(known.since, now) };
        troubles.remove(trouble);
        Some(over)
    }
}

fn minutes_between(from: Timestamp, to: Timestamp) -> i64 {
    to.duration_since(from).as_secs().max(0) / 60
}

impl Sync {
    /// Says, where it is due, that a part could not be read.
    pub(super) fn tell_failed(&self, part: SyncPart, error: &microsoft::Error) {
        let (now, word) = (self.tools.now(), part.word());
        let is_away = error.retryable();
        let trouble = if is_away { AWAY.to_owned() } else { format!("{word} {}", code_of(error)) };
        if !is_away {
            // It answers, so it is not away for this part.
            self.tell_back(word, now);
        }
        match self.telling.met(&trouble, word, now) {
            None => {}
            Some(Tell::Begun) => {
                tracing::warn!(connection.id = %self.connection.account, sync.part = word, error = %error, "a sync failed: it is tried again, and this is said again in ten minutes if it goes on");
            }
            Some(Tell::GoesOn { times, minutes }) => {
                tracing::warn!(connection.id = %self.connection.account, sync.part = word, error = %error, sync.failures = times, sync.minutes = minutes, "a sync still fails");
            }
        }
    }

    /// Says, where there was trouble, that a part is read again.
    pub(super) fn tell_works(&self, part: SyncPart) {
        let (now, word) = (self.tools.now(), part.word());
        self.tell_back(word, now);
        for trouble in self.telling.of_part(word) {
            if let Some(Over { times, minutes }) = self.telling.passed(&trouble, word, now) {
                tracing::info!(connection.id = %self.connection.account, sync.part = word, sync.failures = times, sync.minutes = minutes, "a sync works again");
            }
        }
    }

    fn tell_back(&self, word: &'static str, now: Timestamp) {
        if let Some(Over { times, minutes }) = self.telling.passed(AWAY, word, now) {
            tracing::info!(connection.id = %self.connection.account, sync.failures = times, sync.minutes = minutes, "Microsoft is back");
        }
    }

    /// Whether something that recurs with every pass is to be said now, and how often it was met until then.
    pub(super) fn recurs(&self, trouble: &str, part: SyncPart) -> Option<u64> {
        match self.telling.met(trouble, part.word(), self.tools.now())? {
            Tell::Begun => Some(1),
            Tell::GoesOn { times, .. } => Some(times),
        }
    }

    /// Says, where it is due, that an account can't be written to and is passed over, and counts it.
    pub(super) fn passed_over(&self, part: SyncPart, account: AccountId, error: &SyncError) {
        measures::account_passed_over(part.word(), error.word());
        if let Some(times) = self.recurs(&format!("account-{}-{account}", part.word()), part) {
            tracing::error!(connection.id = %self.connection.account, account.id = %account, sync.part = part.word(), error = %error, sync.failures = times, "an account can't be written to: the others go on");
        }
    }

    /// Says, where it is due, that rows of Microsoft's can't be read, and counts them.
    pub(super) fn unreadable(&self, part: SyncPart, places: &[String]) {
        let Some(first) = places.first() else { return };
        for _ in places {
            measures::sync_error(part.word(), "unreadable".to_owned());
        }
        if let Some(times) = self.recurs(&format!("unreadable-{}", part.word()), part) {
            tracing::warn!(connection.id = %self.connection.account, sync.part = part.word(), sync.unreadable = places.len(), sync.place = %first, sync.failures = times, "rows of Microsoft's can't be read and are left out");
        }
    }
}

impl Telling {
    /// The troubles that are a part's alone.
    fn of_part(&self, word: &str) -> Vec<String> {
        let troubles = self.troubles.lock().unwrap_or_else(PoisonError::into_inner);
        let own = |name: &&String| name.strip_prefix(word).is_some_and(|rest| rest.starts_with(' '));
        troubles.keys().filter(own).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minute(minute: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + minute * 60).unwrap()
    }

    #[test]
    fn trouble_is_told_when_it_begins_each_ten_minutes_and_when_it_is_over_for_everybody() {
        let telling = Telling::default();
        assert_eq!(telling.met("m", "alerts", minute(0)), Some(Tell::Begun));
        assert_eq!(telling.met("m", "customers", minute(0)), None, "another part meets the same");
        let told: Vec<i64> = (1..30).filter(|at| telling.met("m", "alerts", minute(*at)).is_some()).collect();
        assert_eq!(told, [10, 20]);
        assert_eq!(telling.met("m", "alerts", minute(30)), Some(Tell::GoesOn { times: 32, minutes: 30 }));
        assert_eq!(telling.passed("m", "alerts", minute(31)), None, "customers still meet it");
        assert_eq!(telling.passed("m", "customers", minute(31)), Some(Over { times: 32, minutes: 31 }));
        assert_eq!(telling.passed("m", "customers", minute(32)), None);
        assert_eq!(telling.met("m", "alerts", minute(33)), Some(Tell::Begun));
        assert_eq!(telling.met("m", "alerts", minute(33 + 121)), Some(Tell::Begun), "it was over in between");
    }
}
