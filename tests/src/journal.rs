//! Reading journals whole, for invariants.

use domain::body::Body;
use domain::fact::{Fact, StoredFact};
use domain::ids::{AccountId, AccountKind};
use store::Store;

/// How many accounts or facts are read at once.
const PAGE: u32 = 1_000;

/// The accounts of every kind.
///
/// # Panics
/// When the store fails.
pub async fn accounts(store: &Store) -> Vec<(AccountId, AccountKind)> {
    let mut all = Vec::new();
    for kind in [
        AccountKind::Customer,
        AccountKind::Reseller,
        AccountKind::User,
        AccountKind::Connection,
        AccountKind::Partner,
        AccountKind::Policy,
    ] {
        let mut after = None;
        loop {
            let page = store.accounts(kind, after, PAGE).await.expect("accounts can be listed");
            let Some(last) = page.last() else { break };
            after = Some(*last);
            all.extend(page.into_iter().map(|account| (account, kind)));
        }
    }
    all
}

/// The journal of an account as it is stored.
///
/// # Panics
/// When the store fails.
pub async fn stored(store: &Store, account: AccountId) -> Vec<StoredFact> {
    let mut all: Vec<StoredFact> = Vec::new();
    loop {
        let after = all.last().map_or(0, |fact| fact.version);
        let page = store.facts(account, after, PAGE).await.expect("facts can be read");
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}

/// The journal of an account.
///
/// # Panics
/// When the store fails.
pub async fn facts(store: &Store, account: AccountId) -> Vec<Fact> {
    let stored = stored(store, account).await;
    let read = |fact: &StoredFact| Fact::read(account, fact.version, &fact.bytes).expect("a stored fact can be read");
    stored.iter().map(read).collect()
}

/// The facts of all customers.
pub async fn all_facts(store: &Store) -> Vec<Fact> {
    let mut all = Vec::new();
    for (account, kind) in accounts(store).await {
        if kind == AccountKind::Customer {
            all.extend(facts(store, account).await);
        }
    }
    all
}

/// Whether the answer to the alert that an URL names has been announced in the journal.
pub async fn answer_is_started(store: &Store, url: &str) -> bool {
    let facts = all_facts(store).await;
    let ordered = facts.iter().filter_map(|fact| match &fact.body {
        Body::AnswerOrdered(order) if url.contains(&order.alert.0) => Some((fact.account, fact.version)),
        _ => None,
    });
    let ordered: Vec<_> = ordered.collect();
    facts.iter().any(|fact| {
        matches!(&fact.body, Body::EffectStarted(started) if ordered.contains(&(fact.account, started.effect.version)))
    })
}
