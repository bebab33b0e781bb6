//! Findings of one rule in one Azure subscription on their way to one fact: while the account is being written to,
//! more of the same are counted with the first. A storm is one finding with a count.

use super::spotted::{Running, Spotted};
use domain::ids::{AzureSubscriptionId, Hash};
use domain::signals::MAX_RESOURCES_PER_FINDING;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// The most events whose keys a draft tells apart; later ones are counted without being told apart.
pub const MAX_KEYS: usize = 10_000;

/// Findings that become one fact.
#[derive(Debug, Clone)]
pub struct Draft {
    first: Spotted,
    received: Timestamp,
    count: u32,
    keys: BTreeSet<Hash>,
    resources: Vec<Running>,
    /// Where each machine is in `resources`, by the digest of its id.
    places: BTreeMap<Hash, usize>,
}

impl Draft {
    /// A draft of one finding.
    #[must_use]
    pub fn of(spotted: Spotted) -> Self {
        let running = spotted.running.clone();
        let mut draft = Self {
            received: spotted.received,
            count: spotted.count,
            keys: BTreeSet::from([Hash::of(spotted.key.as_bytes())]),
            first: spotted,
            resources: Vec::new(),
            places: BTreeMap::new(),
        };
        for running in running {
            draft.runs(running);
        }
        draft
    }

    /// What tells drafts of one account apart.
    #[must_use]
    pub fn place(spotted: &Spotted) -> (String, Option<AzureSubscriptionId>) {
        (spotted.rule.id.clone(), spotted.azure_subscription)
    }

    /// Counts one more of the same. An event that is in the draft already is not counted again.
    pub fn take_in(&mut self, spotted: Spotted) {
        let key = Hash::of(spotted.key.as_bytes());
        if self.keys.contains(&key) {
            return;
        }
        if self.keys.len() < MAX_KEYS {
            self.keys.insert(key);
        }
        self.count = self.count.saturating_add(spotted.count);
        self.received = self.received.min(spotted.received);
        self.first.rule.level = self.first.rule.level.max(spotted.rule.level);
        for running in spotted.running {
            self.runs(running);
        }
    }

    /// Counts all that a later draft of the same place holds. Events that both hold count once, unless they are so
    /// many that they are no longer told apart.
    pub fn absorb(&mut self, later: Self) {
        let shared = later.keys.iter().filter(|key| self.keys.contains(key)).count();
        let shared = u32::try_from(shared).unwrap_or(u32::MAX);
        self.count = self.count.saturating_add(later.count.saturating_sub(shared));
        self.received = self.received.min(later.received);
        self.first.rule.level = self.first.rule.level.max(later.first.rule.level);
        let room = MAX_KEYS.saturating_sub(self.keys.len());
        self.keys.extend(later.keys.into_iter().take(room));
        for running in later.resources {
            self.runs(running);
        }
    }

    /// Names a machine. One that is named already counts once, a scale set with the most machines that it had. Beyond
    /// the limit it is left out: burn is a lower bound.
    fn runs(&mut self, running: Running) {
        let id = Hash::of(running.resource.as_bytes());
        let place = self.places.get(&id).copied();
        if let Some(known) = place.and_then(|place| self.resources.get_mut(place)) {
            if known.size.eq_ignore_ascii_case(&running.size) {
                known.instances = known.instances.max(running.instances);
            }
        } else if self.resources.len() < MAX_RESOURCES_PER_FINDING {
            self.places.insert(id, self.resources.len());
            self.resources.push(running);
        }
    }

    /// The finding that came first.
    #[must_use]
    pub const fn first(&self) -> &Spotted {
        &self.first
    }

    /// The name of the draft among the account's facts: the finding's own when there is one, else made from all of
    /// them, so that the same events sent again after the program's end make the same fact, and none of them is lost
    /// because another was told before.
    #[must_use]
    pub fn source_key(&self) -> String {
        if self.keys.len() == 1 {
            return self.first.key.clone();
        }
        let all: Vec<u8> = self.keys.iter().flat_map(|key| key.0).collect();
        let all = Hash::of(&all);
        format!("finding:{}:{}:{all}", Hash::of(self.first.rule.id.as_bytes()), self.count)
    }

    /// When the first event reached us.
    #[must_use]
    pub const fn received(&self) -> Timestamp {
        self.received
    }

    /// How many events it stands for.
    #[must_use]
    pub const fn count(&self) -> u32 {
        self.count
    }

    /// The resources that are named.
    pub fn resources(&self) -> impl Iterator<Item = &Running> {
        self.resources.iter()
    }
}
