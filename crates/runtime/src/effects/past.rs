//! What the journal says of an effect's earlier tries. The journal and nothing else: it survives crashes and
//! restored backups.

use super::job::EffectError;
use domain::body::Body;
use domain::effects::EffectRef;
use domain::fact::Fact;
use domain::ids::AccountId;
use jiff::Timestamp;
use store::Store;

/// How many facts are read at once.
const PAGE: u32 = 500;
/// How many pages are looked through; an effect that old has long been given up.
const MAX_PAGES: u32 = 200;
/// How a note begins when the last try was surely not carried out.
const NOT_DONE: &str = "not done";
/// The word in such a note when an earlier try, or a part of the last one, may have been carried out all the same.
const MAY_BE_DONE: &str = "may_be_done";

/// The earlier tries of an effect.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Past {
    /// How many began.
    pub(super) tries: u32,
    /// When the last one began.
    pub(super) last: Option<Timestamp>,
    /// Whether the effect has ended.
    pub(super) ended: bool,
}

impl Past {
    /// Reads the tries of an effect from its account's journal.
    pub(super) async fn read(store: &Store, account: AccountId, effect: EffectRef) -> Result<Self, EffectError> {
        let mut past = Self::default();
        let mut after = effect.version;
        for _ in 0..MAX_PAGES {
            let page = store.facts(account, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.version;
            for stored in page.iter().filter(|stored| stored.kind.starts_with("effect.")) {
                let fact = Fact::read(account, stored.version, &stored.bytes).map_err(desk::DeskError::from)?;
                past.take_in(effect, &fact);
            }
        }
        Ok(past)
    }

    fn take_in(&mut self, effect: EffectRef, fact: &Fact) {
        match &fact.body {
            Body::EffectStarted(started) if started.effect == effect => {
                self.tries = self.tries.max(started.attempt);
                self.last = Some(fact.at);
            }
            Body::EffectFinished(finished) if finished.effect == effect => self.ended = true,
            _ => {}
        }
    }

    /// Whether the last try may have been carried out: it began, and nobody noted that it surely was not.
    pub(super) fn in_doubt(&self, note: Option<&str>) -> bool {
        self.tries > 0 && note.and_then(not_done_try) != Some(self.tries)
    }

    /// Whether any try, or a part of one, may have been carried out: then the effect is not told as surely not done.
    pub(super) fn may_be_done(&self, note: Option<&str>) -> bool {
        let noted = || note.is_some_and(|note| note.split(' ').any(|word| word == MAY_BE_DONE));
        self.tries > 0 && (self.in_doubt(note) || noted())
    }
}

/// The note that a try was surely not carried out, with what stood in the way; and whether something may be done
/// all the same, by an earlier try or by a part of this one.
pub(super) fn not_done_note(attempt: u32, may_be_done: bool, code: &str) -> String {
    if may_be_done {
        format!("{NOT_DONE} {attempt} {MAY_BE_DONE} {code}")
    } else {
        format!("{NOT_DONE} {attempt} {code}")
    }
}

/// The note that a try may have been carried out.
pub(super) fn doubt_note(attempt: u32, code: &str) -> String {
    format!("in doubt {attempt} {code}")
}

/// What stood in the way last, as the note has it.
pub(super) fn code_of_note(note: Option<&str>) -> Option<&str> {
    note.and_then(|note| note.rsplit(' ').next())
}

fn not_done_try(note: &str) -> Option<u32> {
    note.strip_prefix(NOT_DONE)?.trim_start().split(' ').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_try_is_in_doubt_unless_its_own_note_says_that_it_was_not_done() {
        let past = |tries| Past { tries, last: None, ended: false };
        assert!(!past(0).in_doubt(None));
        assert!(past(1).in_doubt(None));
        assert!(past(1).in_doubt(Some(&doubt_note(1, "503"))));
        assert!(!past(1).in_doubt(Some(&not_done_note(1, false, "429"))));
        assert!(past(2).in_doubt(Some(&not_done_note(1, false, "429"))), "the note is of an earlier try");
        assert_eq!(code_of_note(Some(&not_done_note(12, false, "429"))), Some("429"));
    }

    #[test]
    fn a_doubt_is_remembered_through_later_tries_that_were_not_done() {
        let past = |tries| Past { tries, last: None, ended: false };
        assert!(!past(0).may_be_done(None));
        assert!(past(1).may_be_done(Some(&doubt_note(1, "503"))));
        assert!(!past(2).may_be_done(Some(&not_done_note(2, false, "429"))));
        let note = not_done_note(2, true, "429");
        assert!(past(2).may_be_done(Some(&note)) && !past(2).in_doubt(Some(&note)));
        assert_eq!(code_of_note(Some(&note)), Some("429"));
    }
}
