//! Keys that were unwrapped lately, so that not every value asks the key store. Bounded; forgets at once what is erased.

use super::cipher::SecretKey;
use domain::ids::AccountId;
use domain::sealed::Retention;
use std::collections::HashMap;

/// Keys that are remembered; half of them are forgotten together when there is no room.
pub(super) const MAX_REMEMBERED_KEYS: usize = 20_000;

type Place = (AccountId, Retention);

/// The keys of an account and class, the number of the newest if it is known.
#[derive(Default)]
struct Known {
    newest: Option<u32>,
    keys: Vec<(u32, SecretKey)>,
}

/// Keys in two generations: what is asked for moves to the young one, and when that is full the old one is dropped.
pub(super) struct Cache {
    young: HashMap<Place, Known>,
    old: HashMap<Place, Known>,
    count: usize,
    /// Rises with everything that is forgotten, so that a key read before an erasure is not kept after it.
    generation: u64,
    /// How often keys had been erased when this was last compared.
    erasures: u64,
}

impl Cache {
    pub(super) fn new(erasures: u64) -> Self {
        Self { young: HashMap::new(), old: HashMap::new(), count: 0, generation: 0, erasures }
    }

    pub(super) fn generation(&self) -> u64 {
        self.generation
    }

    fn known(&mut self, place: Place) -> Option<&Known> {
        if let Some(known) = self.old.remove(&place) {
            let moved = known.keys.len();
            self.make_room(moved);
            self.young.insert(place, known);
        }
        self.young.get(&place)
    }

    pub(super) fn get(&mut self, account: AccountId, class: Retention, version: u32) -> Option<SecretKey> {
        let known = self.known((account, class))?;
        known.keys.iter().find(|(number, _)| *number == version).map(|(_, key)| key.clone())
    }

    pub(super) fn current(&mut self, account: AccountId, class: Retention) -> Option<(u32, SecretKey)> {
        let newest = self.known((account, class))?.newest?;
        self.get(account, class, newest).map(|key| (newest, key))
    }

    /// Remembers a key that was read at `generation`, unless something was forgotten since.
    pub(super) fn keep(
        &mut self,
        generation: u64,
        account: AccountId,
        class: Retention,
        version: u32,
        key: &SecretKey,
        newest: bool,
    ) {
        if generation != self.generation {
            return;
        }
        let place = (account, class);
        self.known(place);
        self.make_room(1);
        let known = self.young.entry(place).or_default();
        if known.keys.iter().all(|(number, _)| *number != version) {
            known.keys.push((version, key.clone()));
        }
        if newest {
            known.newest = Some(version);
        }
    }

    fn make_room(&mut self, keys: usize) {
        self.count = self.count.saturating_add(keys);
        if self.count > MAX_REMEMBERED_KEYS / 2 {
            self.old = std::mem::take(&mut self.young);
            self.count = keys;
        }
    }

    pub(super) fn forget(&mut self, account: AccountId, class: Retention) {
        self.generation = self.generation.saturating_add(1);
        self.young.remove(&(account, class));
        self.old.remove(&(account, class));
    }

    /// Forgets everything if keys were erased since the last comparison.
    pub(super) fn erased_elsewhere(&mut self, erasures: u64) {
        if self.erasures != erasures {
            let generation = self.generation.saturating_add(1);
            *self = Self { generation, ..Self::new(erasures) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(number: u128) -> AccountId {
        AccountId(uuid::Uuid::from_u128(number))
    }

    fn key() -> SecretKey {
        SecretKey::draw(&|bytes| bytes.fill(1))
    }

    #[test]
    fn it_stays_bounded_and_remembers_what_was_asked_for_lately() {
        let mut cache = Cache::new(0);
        for number in 0..100_000 {
            cache.keep(0, account(number), Retention::Contact, 1, &key(), true);
            assert!(cache.get(account(0), Retention::Contact, 1).is_some(), "asked for all the time");
        }
        assert!(cache.young.len() + cache.old.len() <= MAX_REMEMBERED_KEYS + 1);
        assert!(cache.current(account(99_999), Retention::Contact).is_some());
        assert!(cache.get(account(1), Retention::Contact, 1).is_none());
    }

    #[test]
    fn a_key_that_was_read_before_an_erasure_is_not_kept_after_it() {
        let mut cache = Cache::new(0);
        let before = cache.generation();
        cache.forget(account(1), Retention::Contact);
        cache.keep(before, account(1), Retention::Contact, 1, &key(), true);
        assert!(cache.get(account(1), Retention::Contact, 1).is_none());
    }

    #[test]
    fn an_erasure_elsewhere_forgets_everything() {
        let mut cache = Cache::new(3);
        cache.keep(0, account(1), Retention::Contact, 1, &key(), true);
        cache.erased_elsewhere(3);
        assert!(cache.get(account(1), Retention::Contact, 1).is_some());
        cache.erased_elsewhere(4);
        assert!(cache.get(account(1), Retention::Contact, 1).is_none());
    }
}
