//! Findings on their way into the journal. While an account is being written to, more of the same are counted with
//! those that wait; what could not be recorded is kept and tried before the account's next events.

use crate::aside;
use crate::findings::{Draft, Edge, Spotted, recorded};
use crate::measures;
use crate::tools::Tools;
use desk::DeskError;
use domain::fact::NewFact;
use domain::ids::{AccountId, AccountKind, AzureSubscriptionId};
use domain::sealed::Retention;
use policy::Prices;
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use store::{Parked, StoreError, VaultError};

/// The most findings that wait in all. Beyond it no events are taken.
pub const MAX_WAITING_DRAFTS: usize = 20_000;
/// The most findings of one append: with what follows from them they fit into a step.
const MAX_FINDINGS_PER_APPEND: usize = 40;
/// Accounts that nothing waits for are forgotten when more than this are known.
const MAX_IDLE_SLOTS: usize = 4_096;

type Place = (String, Option<AzureSubscriptionId>);

/// Why findings could not be recorded.
#[derive(Debug, thiserror::Error)]
pub(super) enum FilingError {
    #[error(transparent)]
    Desk(#[from] DeskError),
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What waits for one account.
#[derive(Debug, Default)]
struct Slot {
    waiting: Mutex<Waiting>,
    /// Held while the account is written to.
    writing: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct Waiting {
    connection: Option<AccountId>,
    drafts: BTreeMap<Place, Draft>,
    /// Counts what was put in; what was put in up to `recorded` is on record.
    put_in: u64,
    recorded: u64,
    /// Whether some of it could not be recorded when it was tried.
    owed: bool,
}

#[derive(Debug)]
pub(super) struct Filing {
    tools: Tools,
    prices: Arc<Prices>,
    slots: Mutex<HashMap<AccountId, Arc<Slot>>>,
    count: AtomicUsize,
}

impl Filing {
    pub(super) fn new(tools: Tools, prices: Arc<Prices>) -> Self {
        Self { tools, prices, slots: Mutex::default(), count: AtomicUsize::new(0) }
    }

    /// How many findings wait.
    pub(super) fn waiting(&self) -> usize {
        self.count.load(Ordering::SeqCst)
    }

    /// Whether findings of this account wait that could not be recorded when it was tried.
    pub(super) fn owes(&self, account: AccountId) -> bool {
        self.known(account).is_some_and(|slot| lock(&slot.waiting).owed)
    }

    /// Puts findings of an account in line. Once it returns they are not lost any more, short of the program's end.
    pub(super) fn put(&self, account: AccountId, connection: AccountId, spotted: Vec<Spotted>) {
        if spotted.is_empty() {
            return;
        }
        let slot = self.slot(account);
        let mut waiting = lock(&slot.waiting);
        waiting.connection = Some(connection);
        waiting.put_in = waiting.put_in.saturating_add(1);
        for one in spotted {
            match waiting.drafts.entry(Draft::place(&one)) {
                std::collections::btree_map::Entry::Occupied(mut draft) => draft.get_mut().take_in(one),
                std::collections::btree_map::Entry::Vacant(place) => {
                    place.insert(Draft::of(one));
                    self.count.fetch_add(1, Ordering::SeqCst);
                }
            }
        }
    }

    /// Records what waits for an account, by this call or by another that got there first. Findings of an account that
    /// can't be written to are set aside, so that it holds up no other; returns how many were, and how many were lost.
    pub(super) async fn flush(&self, account: AccountId) -> Result<Parked, FilingError> {
        let mut aside = Parked::default();
        let Some(slot) = self.known(account) else { return Ok(aside) };
        let ours = lock(&slot.waiting).put_in;
        let writing = slot.writing.lock().await;
        let Some(mut taken) = self.take(&slot, ours) else { return Ok(aside) };
        while !taken.drafts.is_empty() {
            let chunk = taken.chunk();
            let facts = self.facts(account, taken.connection, &chunk).await?;
            match self.tools.desk.record(account, AccountKind::Customer, facts.clone()).await {
                Ok(acted) => measures::facts(&acted.facts),
                Err(error) if aside::is_the_accounts(&error) => {
                    aside::passed_over("intake", account, &error);
                    let parked = aside::put(&self.tools, "intake", account, &facts).await?;
                    aside.kept = aside.kept.saturating_add(parked.kept);
                    aside.dropped = aside.dropped.saturating_add(parked.dropped);
                }
                Err(error) => return Err(error.into()),
            }
            taken.done(chunk.len());
        }
        drop(taken);
        drop(writing);
        Ok(aside)
    }

    /// Records all that waits. Returns how much still does.
    pub(super) async fn flush_all(&self) -> usize {
        let accounts: Vec<AccountId> = lock(&self.slots).keys().copied().collect();
        for account in accounts {
            if let Err(error) = self.flush(account).await {
                tracing::warn!(account.id = %account, error = %error, "findings could not be recorded yet");
            }
        }
        self.waiting()
    }

    fn take<'a>(&'a self, slot: &'a Slot, ours: u64) -> Option<Held<'a>> {
        let mut waiting = lock(&slot.waiting);
        if waiting.recorded >= ours && waiting.drafts.is_empty() {
            return None;
        }
        let connection = waiting.connection?;
        let drafts = std::mem::take(&mut waiting.drafts);
        Some(Held { filing: self, slot, connection, drafts: drafts.into_iter().collect(), through: waiting.put_in })
    }

    async fn facts(
        &self,
        account: AccountId,
        connection: AccountId,
        drafts: &[(Place, Draft)],
    ) -> Result<Vec<NewFact>, FilingError> {
        let mut facts = Vec::with_capacity(drafts.len());
        for (_, draft) in drafts {
            let edge = self.edge(account, draft).await?;
            facts.push(recorded(draft, connection, &self.prices, edge));
        }
        Ok(facts)
    }

    /// Seals what is personal, and makes the tokens that stand for it.
    async fn edge(&self, account: AccountId, draft: &Draft) -> Result<Edge, VaultError> {
        let vault = &self.tools.vault;
        let evidence = vault.seal(account, Retention::Evidence, &draft.first().evidence).await?;
        let resources = draft.resources().map(|running| vault.token("resource", &running.resource)).collect();
        let caller = draft.first().caller.as_ref().map(|caller| vault.token("caller", &caller.to_lowercase()));
        Ok(Edge { evidence, resources, caller })
    }

    fn known(&self, account: AccountId) -> Option<Arc<Slot>> {
        lock(&self.slots).get(&account).cloned()
    }

    fn slot(&self, account: AccountId) -> Arc<Slot> {
        let mut slots = lock(&self.slots);
        if slots.len() >= MAX_IDLE_SLOTS {
            slots.retain(|_, slot| Arc::strong_count(slot) > 1 || !lock(&slot.waiting).drafts.is_empty());
        }
        Arc::clone(slots.entry(account).or_default())
    }
}

/// Findings taken out of the line to be recorded. What is not done when it is dropped goes back into the line,
/// whatever the cause: an error, or a sender that hung up.
struct Held<'a> {
    filing: &'a Filing,
    slot: &'a Slot,
    connection: AccountId,
    drafts: Vec<(Place, Draft)>,
    through: u64,
}

impl Held<'_> {
    fn chunk(&self) -> Vec<(Place, Draft)> {
        self.drafts.iter().take(MAX_FINDINGS_PER_APPEND).cloned().collect()
    }

    fn done(&mut self, count: usize) {
        self.drafts.drain(..count.min(self.drafts.len()));
        self.filing.count.fetch_sub(count, Ordering::SeqCst);
        if self.drafts.is_empty() {
            let mut waiting = lock(&self.slot.waiting);
            waiting.recorded = waiting.recorded.max(self.through);
            waiting.owed = false;
        }
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        if self.drafts.is_empty() {
            return;
        }
        let mut waiting = lock(&self.slot.waiting);
        waiting.owed = true;
        for (place, mut earlier) in self.drafts.drain(..) {
            if let Some(later) = waiting.drafts.remove(&place) {
                earlier.absorb(later);
                self.filing.count.fetch_sub(1, Ordering::SeqCst);
            }
            waiting.drafts.insert(place, earlier);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
