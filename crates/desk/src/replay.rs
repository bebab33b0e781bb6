//! Replay: all decided facts of an account are dropped and made again by the code that runs live; under the same
//! policies and the same decision code they are equal to the byte. What an earlier release decided by other code is
//! taken as it was recorded, and what follows goes on from there. Pure.

use crate::events::due_step;
use domain::body::Body;
use domain::fact::{Class, DECIDE_VERSION, EncodeError, Fact, NewFact};
use domain::file::{AccountFile, apply};
use domain::ids::{AccountId, Hash};
use domain::policy::Policy;
use domain::step::{Step, StepError, step};
use jiff::Timestamp;
use std::sync::Arc;

/// How many dues one replay works off between two recorded steps.
const MAX_DUES_BETWEEN: usize = 100_000;

/// Why a replay could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// A step could not be worked out.
    #[error(transparent)]
    Step(#[from] StepError),
    /// A fact could not be written.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// A fact names a policy that is not to be had.
    #[error("fact {version} of account {account} was decided under policy {hash}, which is not to be had")]
    NoPolicy {
        /// The account.
        account: AccountId,
        /// The fact.
        version: u64,
        /// The policy.
        hash: Hash,
    },
    /// Dues follow upon dues without end.
    #[error("the dues of account {0} follow upon each other without end")]
    Endless(AccountId),
}

/// What a replay found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Every fact came out the same, to the byte.
    Same {
        /// How many facts there are.
        facts: u64,
        /// How many of them were made again.
        decided: u64,
    },
    /// This is the first fact that did not.
    Differs {
        /// Its number.
        version: u64,
        /// As it lies in the journal; nothing when the journal ends before it.
        recorded: Option<String>,
        /// As it came out; nothing when the replay ends before it.
        replayed: Option<String>,
    },
}

/// Replays an account's journal. `policy_of` gives a policy by its hash.
pub fn replay(
    account: AccountId,
    journal: &[Fact],
    policy_of: impl Fn(Hash) -> Option<Arc<Policy>>,
) -> Result<Verdict, ReplayError> {
    let mut made = Vec::with_capacity(journal.len());
    let mut file = AccountFile::default();
    let mut rest = journal;
    while let Some(first) = rest.first() {
        let length = rest.iter().take_while(|fact| fact.step == first.step).count();
        let (recorded, later) = rest.split_at(length);
        rest = later;
        if first.decide != DECIDE_VERSION {
            for fact in recorded {
                apply(&mut file, fact);
            }
            made.extend_from_slice(recorded);
            continue;
        }
        let told: Vec<NewFact> =
            recorded.iter().filter(|fact| fact.body.class() != Class::Decided).map(told_again).collect();
        let policy = policy_under(account, first, &policy_of)?;
        if told.is_empty() {
            // A due brought this step about: it is made again when the time comes.
            continue;
        }
        let with_its_own_dues = !brought_about_by_an_event(&told);
        work_off(account, &mut file, &mut made, &policy_of, first.at, with_its_own_dues)?;
        take(account, &mut file, &mut made, told, policy.as_deref(), first.at)?;
    }
    if let Some(last) = journal.last().filter(|last| last.decide == DECIDE_VERSION) {
        work_off(account, &mut file, &mut made, &policy_of, last.at, true)?;
    }
    compare(journal, &made)
}

/// A step that begins with a policy or with a used-up cap was itself brought about by what came due then.
fn brought_about_by_an_event(told: &[NewFact]) -> bool {
    told.iter().all(|fact| matches!(fact.body, Body::PolicyAdopted(_) | Body::PermitRefused(_)))
}

fn told_again(fact: &Fact) -> NewFact {
    NewFact { happened: fact.happened, actor: fact.actor, source_key: fact.source_key.clone(), body: fact.body.clone() }
}

fn policy_under(
    account: AccountId,
    fact: &Fact,
    policy_of: &impl Fn(Hash) -> Option<Arc<Policy>>,
) -> Result<Option<Arc<Policy>>, ReplayError> {
    let Some(hash) = fact.policy else { return Ok(None) };
    let missing = ReplayError::NoPolicy { account, version: fact.version, hash };
    policy_of(hash).ok_or(missing).map(Some)
}

fn work_off(
    account: AccountId,
    file: &mut AccountFile,
    made: &mut Vec<Fact>,
    policy_of: &impl Fn(Hash) -> Option<Arc<Policy>>,
    until: Timestamp,
    inclusive: bool,
) -> Result<(), ReplayError> {
    for _ in 0..MAX_DUES_BETWEEN {
        let Some(adopted) = file.policy else { return Ok(()) };
        let missing = ReplayError::NoPolicy { account, version: file.version, hash: adopted.hash };
        let policy = policy_of(adopted.hash).ok_or(missing)?;
        let due = due_step(file, &policy).filter(|at| *at < until || (inclusive && *at == until));
        let Some(at) = due else { return Ok(()) };
        let before = made.len();
        take(account, file, made, Vec::new(), Some(&policy), at)?;
        if made.len() == before {
            return Ok(());
        }
    }
    Err(ReplayError::Endless(account))
}

fn take(
    account: AccountId,
    file: &mut AccountFile,
    made: &mut Vec<Fact>,
    told: Vec<NewFact>,
    policy: Option<&Policy>,
    at: Timestamp,
) -> Result<(), ReplayError> {
    let Step { facts, file: after } = step(account, std::mem::take(file), told, policy, at)?;
    *file = after;
    made.extend(facts);
    Ok(())
}

fn compare(journal: &[Fact], made: &[Fact]) -> Result<Verdict, ReplayError> {
    let mut hashes = (Hash::default(), Hash::default());
    let longest = journal.len().max(made.len());
    for index in 0..longest {
        let recorded = journal.get(index).map(|fact| fact.store(hashes.0)).transpose()?;
        let replayed = made.get(index).map(|fact| fact.store(hashes.1)).transpose()?;
        if recorded != replayed {
            let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
            return Ok(Verdict::Differs {
                version: u64::try_from(index).unwrap_or(u64::MAX).saturating_add(1),
                recorded: recorded.map(|fact| text(fact.bytes)),
                replayed: replayed.map(|fact| text(fact.bytes)),
            });
        }
        if let (Some(recorded), Some(replayed)) = (recorded, replayed) {
            hashes = (recorded.hash, replayed.hash);
        }
    }
    let count = |facts: usize| u64::try_from(facts).unwrap_or(u64::MAX);
    let made_again = |fact: &&Fact| fact.body.class() == Class::Decided && fact.decide == DECIDE_VERSION;
    let decided = journal.iter().filter(made_again).count();
    Ok(Verdict::Same { facts: count(journal.len()), decided: count(decided) })
}

/// Folds a journal, for those who only want the file.
#[must_use]
pub fn fold(journal: &[Fact]) -> AccountFile {
    let mut file = AccountFile::default();
    for fact in journal {
        apply(&mut file, fact);
    }
    file
}
