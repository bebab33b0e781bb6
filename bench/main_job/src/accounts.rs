//! Stores with many customers: lives are made in memory and written by the store's own append.

use crate::life::Life;
use crate::{start_task, today};
use anyhow::{Result, bail};
use domain::fact::{Fact, StoredFact};
use domain::file::{AccountFile, FOLD_VERSION};
use domain::ids::{AccountId, AccountKind, Actor, Hash};
use domain::people::{PolicyAdopted, PolicyPublished};
use domain::policy::Policy;
use domain::step::next_due;
use desk::Desk;
use desk::seam::SystemClock;
use domain::body::Body;
use domain::fact::NewFact;
use jiff::{SignedDuration, Timestamp};
use policy::Bundle;
use std::sync::Arc;
use store::{Append, Appended, Store};

/// Accounts filled at the same time.
const FILLED_AT_ONCE: u32 = 32;
/// A life is written when it has so many facts that are not stored: one append takes at most 512.
const WRITTEN_AT: usize = 400;
/// The sealer's name.
const SEALER: &str = "bench";
/// Facts that are sealed at once.
const SEALED_AT_ONCE: u64 = 4_096;

/// Facts of an account before the measure: a median of 50, and one in a hundred has more than 2,000.
#[must_use]
pub fn usual_size(number: u32) -> u64 {
    if number % 100 == 99 {
        2_001 + u64::from(number % 1_000)
    } else {
        20 + u64::from(number.wrapping_mul(2_654_435_761) >> 8) % 61
    }
}

/// Publishes the policy that ships, unless one is.
pub async fn publish_policy(store: &Store) -> Result<(Arc<Policy>, PolicyAdopted)> {
    let desk = Desk::new(store.clone(), Arc::new(SystemClock::new()));
    let bundle = Bundle::embedded();
    let hash = bundle.hash();
    // Long before the first life begins, so that it is in force for all of them.
    let from = today().saturating_sub(SignedDuration::from_hours(24 * 3_650))?;
    if desk.policies.refresh().await?.newest() == 0 {
        store.put_bundle(hash, &bundle.to_bytes()).await?;
        let body = Body::PolicyPublished(PolicyPublished { hash, from, epoch: 1 });
        let fact = NewFact { happened: from, actor: Actor::Program, source_key: None, body };
        desk.record(AccountId::of_policy(), AccountKind::Policy, vec![fact]).await?;
    }
    let epoch = desk.policies.refresh().await?.epochs.first().copied();
    let Some(epoch) = epoch else { bail!("no policy was published") };
    let policy = desk.policies.get(epoch.hash).await?;
    Ok((policy, PolicyAdopted { hash: epoch.hash, from: epoch.from, epoch: epoch.number }))
}

/// Fills a store with customers whose numbers are below `count`, each with about `size` facts, and seals them.
pub async fn fill(store: &Store, count: u32, size: fn(u32) -> u64) -> Result<u64> {
    let (policy, epoch) = publish_policy(store).await?;
    let now = today();
    let tasks: Vec<_> = (0..FILLED_AT_ONCE)
        .map(|first| {
            let (store, policy, epoch) = (store.clone(), Arc::clone(&policy), epoch.clone());
            start_task(async move {
                let mut facts = 0;
                for number in (first..count).step_by(FILLED_AT_ONCE as usize) {
                    facts += fill_one(&store, number, size(number), &policy, epoch.clone(), now).await?;
                }
                anyhow::Ok(facts)
            })
        })
        .collect();
    let mut facts = 0;
    for task in tasks {
        facts += task.await??;
    }
    while store.seal_batch(SEALER, today(), SEALED_AT_ONCE).await? > 0 {}
    Ok(facts)
}

/// One life of about `size` facts, which ends shortly before `now`.
async fn fill_one(
    store: &Store,
    number: u32,
    size: u64,
    policy: &Arc<Policy>,
    epoch: PolicyAdopted,
    now: Timestamp,
) -> Result<u64> {
    // A happening makes some two facts.
    let happenings = i64::try_from(size / 2 + 2)?;
    let hours = (24 * 300 / happenings).clamp(1, 20);
    let begun = now.saturating_sub(SignedDuration::from_hours(hours * (happenings + 2)))?;
    let mut life = Life::begin(number, policy, epoch, begun)?;
    let mut hash = Hash::default();
    for _ in 0..happenings {
        if life.len() >= size {
            break;
        }
        life.goes_on(hours)?;
        if life.facts.len() >= WRITTEN_AT {
            hash = write(store, &mut life, hash, policy).await?;
        }
    }
    if !life.facts.is_empty() {
        write(store, &mut life, hash, policy).await?;
    }
    Ok(life.len())
}

async fn write(store: &Store, life: &mut Life, before: Hash, policy: &Policy) -> Result<Hash> {
    let (file_before, facts) = life.take();
    let append = append(life.account, &file_before, &life.file, &facts, before, policy)?;
    let hash = append.facts.last().map_or(before, |fact| fact.hash);
    match store.append(append).await? {
        Appended::Done(_) => Ok(hash),
        other => bail!("account {} could not be filled: {other:?}", life.account),
    }
}

/// What the desk would append, except effects: nobody is there to carry them out.
fn append(
    account: AccountId,
    before: &AccountFile,
    after: &AccountFile,
    facts: &[Fact],
    hash: Hash,
    policy: &Policy,
) -> Result<Append> {
    let mut last = hash;
    let mut stored: Vec<StoredFact> = Vec::with_capacity(facts.len());
    for fact in facts {
        let fact = fact.store(last)?;
        last = fact.hash;
        stored.push(fact);
    }
    Ok(Append {
        account,
        kind: AccountKind::Customer,
        expected_version: before.version,
        before: hash,
        policy_epoch: 1,
        rows: store::rows::project(account, before, after, facts),
        effects: Vec::new(),
        closed: Vec::new(),
        due: next_due(after, policy),
        permits: Vec::new(),
        file: after.to_bytes()?,
        fold_version: FOLD_VERSION,
        policy: after.policy.map(|adopted| adopted.hash),
        adopted_epoch: after.policy.map(|adopted| adopted.epoch),
        next_epoch: None,
        facts: stored,
    })
}
