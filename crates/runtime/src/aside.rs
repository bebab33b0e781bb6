//! What is for an account that can't be written to, for a reason of its own: a later release wrote to it, or its facts
//! can't be read. Such an account holds up no other. What nobody would tell again waits in the parking table, in sight,
//! and is recorded once the account can be written to again.

use crate::measures;
use crate::tools::Tools;
use desk::DeskError;
use domain::fact::{DECIDE_VERSION, DecodeError, Fact, NewFact};
use domain::ids::{AccountId, Hash};
use std::collections::HashSet;
use store::{Parked, ParkedEvent, StoreError, VaultError};

/// Before the account, in the name of the place where its facts wait.
const PLACE: &str = "facts:";
/// How many places are read at once.
const PLACES_PER_PAGE: u32 = 500;
/// How many pages of places one round reads at most.
const MAX_PAGES_OF_PLACES: u32 = 1_000;
/// How many waiting facts of an account are recorded at once: with what follows from them they fit into a step.
const FACTS_PER_APPEND: u32 = 40;
/// How many appends one account takes at most in a round: more than can wait for it.
const MAX_APPENDS: u32 = 300;

/// Whether an error is of the one account, so that the others can go on. That others are faster passes, and what is
/// wrong with store or policies is wrong for all.
pub(crate) const fn is_the_accounts(error: &DeskError) -> bool {
    match error {
        DeskError::ReadOnly(_)
        | DeskError::Decode(_)
        | DeskError::Encode(_)
        | DeskError::File { .. }
        | DeskError::Step(_)
        | DeskError::Store(StoreError::BrokenChain { .. } | StoreError::TooMany { .. }) => true,
        DeskError::Store(_) | DeskError::Policies(_) | DeskError::Crowded(_) => false,
    }
}

/// The same of an error of the vault: keys or values of this one account.
pub(crate) const fn is_the_accounts_vault(error: &VaultError) -> bool {
    matches!(
        error,
        VaultError::KeyMissing { .. }
            | VaultError::NotSealedForThis { .. }
            | VaultError::Value { .. }
            | VaultError::TooLarge { .. }
    )
}

/// The word for what is wrong, for the figures.
pub(crate) const fn word_of(error: &DeskError) -> &'static str {
    match error {
        DeskError::ReadOnly(_) => "read_only",
        DeskError::Decode(_) | DeskError::File { .. } => "unreadable",
        DeskError::Step(_) => "restless",
        DeskError::Encode(_) | DeskError::Store(_) | DeskError::Policies(_) | DeskError::Crowded(_) => "other",
    }
}

/// Says and counts that a worker passes an account over.
pub(crate) fn passed_over(work: &'static str, account: AccountId, error: &DeskError) {
    tracing::error!(account.id = %account, work, error = %error, "an account can't be written to: the others go on");
    measures::account_passed_over(work, word_of(error));
}

/// Lets facts wait until their account can be written to again, as far as there is room. What is personal in them is
/// sealed already.
pub(crate) async fn put(
    tools: &Tools,
    work: &'static str,
    account: AccountId,
    facts: &[NewFact],
) -> Result<Parked, StoreError> {
    let at = tools.now();
    let written = |fact: &NewFact| {
        let fact = fact.clone();
        let whole = Fact {
            account,
            // It has no number yet: it gets one when it is recorded.
            version: 0,
            step: 0,
            at,
            happened: fact.happened,
            actor: fact.actor,
            source_key: fact.source_key,
            policy: None,
            decide: DECIDE_VERSION,
            body: fact.body,
        };
        whole.store(Hash::default()).map(|stored| stored.bytes)
    };
    let mut waiting = Vec::with_capacity(facts.len());
    for fact in facts {
        match written(fact) {
            Ok(bytes) => waiting.push(bytes),
            Err(error) => tracing::error!(account.id = %account, work, error = %error, "a fact can't wait"),
        }
    }
    let parked = tools.store().park(&place_of(account), work, at, &waiting).await?;
    let given = u64::try_from(facts.len()).unwrap_or(u64::MAX);
    let parked = Parked { kept: parked.kept, dropped: given.saturating_sub(parked.kept) };
    measures::set_aside("kept", parked.kept);
    if parked.dropped > 0 {
        measures::set_aside("dropped", parked.dropped);
        tracing::error!(
            account.id = %account, work, facts.dropped = parked.dropped,
            "facts of an account that can't be written to are lost: too many wait, or too large"
        );
    }
    Ok(parked)
}

/// Records what waits for accounts that can be written to again. Returns how many facts were recorded.
pub async fn record_all(tools: &Tools) -> Result<usize, DeskError> {
    let mut recorded = 0_usize;
    let mut after = String::new();
    for _ in 0..MAX_PAGES_OF_PLACES {
        let places = tools.store().parked_tenants(&after, PLACES_PER_PAGE).await?;
        let Some(last) = places.last() else { break };
        last.tenant.clone_into(&mut after);
        for account in places.iter().filter_map(|place| place.tenant.strip_prefix(PLACE)?.parse().ok()) {
            recorded = recorded.saturating_add(record(tools, account).await?);
        }
    }
    Ok(recorded)
}

/// Records what waits for one account, as long as that goes well.
async fn record(tools: &Tools, account: AccountId) -> Result<usize, DeskError> {
    let (store, place) = (tools.store(), place_of(account));
    let mut recorded = 0_usize;
    for _ in 0..MAX_APPENDS {
        let waiting = store.parked_events(&place, FACTS_PER_APPEND).await?;
        let Some(last) = waiting.last().map(|waiting| waiting.id) else { break };
        match append(tools, account, &waiting).await {
            Ok(()) => {}
            Err(error) if is_the_accounts(&error) => {
                passed_over("aside", account, &error);
                break;
            }
            Err(error) => return Err(error),
        }
        // Only now that they are on record.
        store.unpark(&place, last).await?;
        tracing::info!(account.id = %account, facts.recorded = waiting.len(), "facts that waited are recorded");
        recorded = recorded.saturating_add(waiting.len());
    }
    Ok(recorded)
}

async fn append(tools: &Tools, account: AccountId, waiting: &[ParkedEvent]) -> Result<(), DeskError> {
    let Some(head) = tools.store().head(account).await? else { return Err(DeskError::ReadOnly(account)) };
    let mut facts = waiting.iter().map(|waiting| read(account, &waiting.bytes)).collect::<Result<Vec<_>, _>>()?;
    // What was set aside twice is one fact: an append takes a source key once.
    let mut told = HashSet::new();
    facts.retain(|fact| fact.source_key.clone().is_none_or(|key| told.insert(key)));
    let acted = tools.desk.record(account, head.kind, facts).await?;
    measures::facts(&acted.facts);
    Ok(())
}

fn read(account: AccountId, bytes: &[u8]) -> Result<NewFact, DecodeError> {
    let fact = Fact::read(account, 0, bytes)?;
    Ok(NewFact { happened: fact.happened, actor: fact.actor, source_key: fact.source_key, body: fact.body })
}

fn place_of(account: AccountId) -> String {
    format!("{PLACE}{account}")
}
