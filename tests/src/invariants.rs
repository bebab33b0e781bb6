//! What must be true of every run, whatever went wrong in it. Each has a name; a breach says which and where.

use crate::journal;
use crate::world::Victim;
use domain::body::Body;
use domain::effects::EffectRef;
use domain::fact::{Fact, chained};
use domain::file::AccountFile;
use domain::ids::{AccountId, ActionId, Hash};
use domain::policy::Policy;
use domain::reason::Reason;
use domain::step::next_due;
use sandbox::World;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use store::Store;

/// Everything that is wrong with a run that has come to its end.
pub async fn breaches(store: &Store, policy: &Arc<Policy>, world: &World) -> Vec<String> {
    let mut breaches = Vec::new();
    let mut customers = Vec::new();
    for (account, _) in journal::accounts(store).await {
        let stored = journal::stored(store, account).await;
        let mut before = Hash::default();
        for (index, fact) in stored.iter().enumerate() {
            if usize::try_from(fact.version) != Ok(index + 1) {
                breaches.push(format!("chain: fact {} of {account} stands at place {}", fact.version, index + 1));
            }
            if chained(before, &fact.bytes) != fact.hash {
                breaches.push(format!("chain: fact {} of {account} does not follow from the one before", fact.version));
            }
            before = fact.hash;
        }
        let facts = journal::facts(store, account).await;
        told_once(account, &facts, &mut breaches);
        match desk::replay::replay(account, &facts, |hash| (hash == policy.hash).then(|| Arc::clone(policy))) {
            Ok(desk::replay::Verdict::Same { .. }) => {}
            Ok(desk::replay::Verdict::Differs { version, recorded, replayed }) => breaches.push(format!(
                "replay: fact {version} of {account} differs\n  recorded {}\n  replayed {}",
                recorded.unwrap_or_else(|| "nothing".to_owned()),
                replayed.unwrap_or_else(|| "nothing".to_owned())
            )),
            Err(error) => breaches.push(format!("replay: {error}")),
        }
        customers.push((account, facts));
    }
    for (account, facts) in &customers {
        approved_as_shown(*account, facts, &mut breaches);
        crate::paging::breaches(*account, facts, world, &mut breaches);
        one_key_per_effect(*account, facts, &mut breaches);
    }
    done_once(&customers, world, &mut breaches);
    breaches
}

/// A customer that is not looked at again when its file says so.
pub(crate) async fn forgotten_due(store: &Store, policy: &Policy, victims: &[Victim]) -> Option<String> {
    for account in victims.iter().map(|victim| victim.account) {
        let Ok(Some(head)) = store.head(account).await else { continue };
        let Ok(file) = serde_json::from_slice::<AccountFile>(&head.file) else { continue };
        let due = next_due(&file, policy);
        if head.policy == Some(policy.hash) && head.due != due {
            return Some(format!("due: {account} is due at {due:?} and kept as due at {:?}", head.due));
        }
    }
    None
}

/// What a source tells twice is one fact.
fn told_once(account: AccountId, facts: &[Fact], breaches: &mut Vec<String>) {
    let mut told = BTreeSet::new();
    for fact in facts.iter().filter(|fact| matches!(fact.body, Body::FindingRecorded(_) | Body::AlertSeen(_))) {
        let event = serde_json::to_string(&fact.happened).unwrap_or_default()
            + fact.source_key.as_deref().unwrap_or("an event without a source key");
        if !told.insert(event) {
            breaches.push(format!("told once: fact {} of {account} repeats an event", fact.version));
        }
    }
}

/// Nothing is released but what another person approved, as it was shown; alone only by the rule for 03:00.
fn approved_as_shown(account: AccountId, facts: &[Fact], breaches: &mut Vec<String>) {
    let mut proposed = BTreeMap::new();
    let mut approved: BTreeSet<ActionId> = BTreeSet::new();
    for fact in facts {
        match &fact.body {
            Body::ActionProposed(action) => {
                proposed.insert(action.action, (action.parameters, action.proposer));
            }
            Body::ActionApproved(yes) => {
                let shown = proposed.get(&yes.action);
                if shown
                    .is_some_and(|(parameters, proposer)| *parameters == yes.parameters && *proposer != yes.approver)
                {
                    approved.insert(yes.action);
                }
            }
            // Whether that was allowed is asked of the pages.
            Body::ActionReleased(released)
                if matches!(released.reasons[..], [Reason::PageUnanswered | Reason::NobodyPaged]) => {}
            Body::ActionReleased(released) if !approved.contains(&released.action) => {
                breaches.push(format!("four eyes: action {} of {account} was released unapproved", released.action));
            }
            _ => {}
        }
    }
}

/// Every try of an effect carries one idempotency key, until Microsoft refuses for good.
fn one_key_per_effect(account: AccountId, facts: &[Fact], breaches: &mut Vec<String>) {
    let mut keys: BTreeMap<EffectRef, BTreeSet<uuid::Uuid>> = BTreeMap::new();
    for fact in facts {
        if let Body::EffectStarted(started) = &fact.body {
            keys.entry(started.effect).or_default().insert(started.request);
        }
    }
    for (effect, keys) in keys.into_iter().filter(|(_, keys)| keys.len() > 1) {
        breaches.push(format!("one key: effect {} of {account} was tried under {} keys", effect.version, keys.len()));
    }
}

/// Not more changes are ordered in an hour than the cap allows, whoever they are for, counted when they really happen.
pub fn within_the_cap(ordered: &BTreeMap<i64, u32>, cap: u32, breaches: &mut Vec<String>) {
    for (hour, ordered) in ordered.iter().filter(|(_, ordered)| **ordered > cap) {
        breaches.push(format!("cap: {ordered} changes were ordered in hour {hour}, {cap} are allowed"));
    }
}

/// Microsoft carried out each ordered cancellation once.
fn done_once(customers: &[(AccountId, Vec<Fact>)], world: &World, breaches: &mut Vec<String>) {
    let ordered = customers.iter().flat_map(|(_, facts)| facts).filter_map(|fact| match &fact.body {
        Body::StepOrdered(order) => Some(order.kind.object()),
        _ => None,
    });
    let mut wanted: BTreeMap<String, u32> = BTreeMap::new();
    for object in ordered {
        *wanted.entry(object).or_default() += 1;
    }
    for (object, times) in wanted {
        let id = object.split_once(':').map_or("", |(_, id)| id);
        let done = crate::world::times_changed(world, id);
        if done > times {
            breaches.push(format!("once: {object} was ordered {times} times and carried out {done} times"));
        }
    }
}
