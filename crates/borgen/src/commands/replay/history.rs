//! Journals and the policies they were decided under, read from a store or from an export.

use desk::replay::{Verdict, replay};
use domain::fact::Fact;
use domain::ids::{AccountId, AccountKind, Hash};
use domain::policy::Policy;
use policy::Bundle;
use std::collections::BTreeMap;
use std::sync::Arc;
use store::Store;

/// Facts, and accounts, that are read at once.
const PAGE: u32 = 1_000;
/// The most facts of one account that are replayed: they lie in memory.
const MAX_FACTS: usize = 1_000_000;

/// The journals of a store, with the policies that were met.
pub(super) struct Histories<'a> {
    store: &'a Store,
    policies: BTreeMap<Hash, Arc<Policy>>,
}

/// What replaying every account of a journal gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Replayed {
    /// Accounts.
    pub(crate) accounts: u64,
    /// Facts that were made again.
    pub(crate) decided: u64,
    /// The first account and fact that came out otherwise.
    pub(crate) differs: Option<(AccountId, u64)>,
}

impl<'a> Histories<'a> {
    pub(super) fn of(store: &'a Store) -> Self {
        Self { store, policies: BTreeMap::new() }
    }

    /// Every fact of an account, and every policy it was decided under.
    pub(super) async fn journal(&mut self, account: AccountId) -> anyhow::Result<Vec<Fact>> {
        let mut journal: Vec<Fact> = Vec::new();
        loop {
            let after = journal.last().map_or(0, |fact| fact.version);
            let page = self.store.facts(account, after, PAGE).await?;
            if page.is_empty() {
                break;
            }
            for stored in &page {
                journal.push(Fact::read(account, stored.version, &stored.bytes)?);
            }
            anyhow::ensure!(journal.len() <= MAX_FACTS, "account {account} has more than {MAX_FACTS} facts");
        }
        for hash in journal.iter().filter_map(|fact| fact.policy) {
            if !self.policies.contains_key(&hash) {
                let bytes = self.store.bundle(hash).await?;
                let bytes = bytes.ok_or_else(|| anyhow::anyhow!("the policy {hash} is not in the store"))?;
                self.policies.insert(hash, policy_of(&Bundle::from_bytes(&bytes)?)?);
            }
        }
        Ok(journal)
    }

    pub(super) fn replay(&self, account: AccountId, journal: &[Fact]) -> anyhow::Result<Verdict> {
        Ok(replay(account, journal, |hash| self.policies.get(&hash).cloned())?)
    }
}

/// The accounts of a kind.
pub(super) async fn accounts_of(store: &Store, kind: AccountKind) -> anyhow::Result<Vec<AccountId>> {
    let mut accounts: Vec<AccountId> = Vec::new();
    loop {
        let page = store.accounts(kind, accounts.last().copied(), PAGE).await?;
        if page.is_empty() {
            return Ok(accounts);
        }
        accounts.extend(page);
    }
}

/// The policy that files say; they passed the check when they were published.
pub(crate) fn policy_of(bundle: &Bundle) -> anyhow::Result<Arc<Policy>> {
    let problem = |problems: Vec<policy::Problem>| problems.first().map_or_else(String::new, ToString::to_string);
    let checked =
        bundle.check().map_err(|problems| anyhow::anyhow!("policy {}: {}", bundle.hash(), problem(problems)))?;
    Ok(Arc::new(checked.policy))
}

/// Replays every account of a journal that lies in memory.
pub(crate) fn replay_all(
    journals: &BTreeMap<AccountId, Vec<Fact>>,
    policies: &BTreeMap<Hash, Arc<Policy>>,
) -> anyhow::Result<Replayed> {
    let mut replayed = Replayed { accounts: 0, decided: 0, differs: None };
    for (account, journal) in journals {
        replayed.accounts += 1;
        match replay(*account, journal, |hash| policies.get(&hash).cloned())? {
            Verdict::Same { decided, .. } => replayed.decided += decided,
            Verdict::Differs { version, .. } => {
                replayed.differs = replayed.differs.or(Some((*account, version)));
            }
        }
    }
    Ok(replayed)
}
