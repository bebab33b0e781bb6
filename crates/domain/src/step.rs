//! A step: what was observed, then what follows, round after round until nothing new. Pure: production, replay and
//! what-if run this very code.

use crate::fact::{DECIDE_VERSION, Fact, NewFact};
use crate::file::{AccountFile, CustomerFile, Part, apply};
use crate::ids::AccountId;
use crate::policy::Policy;
use crate::{cases, containment, notices, paging, signals, snoozes};
use jiff::Timestamp;

/// How many rounds of deciding one step may take.
pub const MAX_ROUNDS: usize = 500;
/// How many facts one step may hold.
pub const MAX_FACTS_PER_STEP: usize = 500;

/// A step that was worked out and is ready to be appended.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The facts, in order.
    pub facts: Vec<Fact>,
    /// The file with them folded in.
    pub file: AccountFile,
}

/// Why a step can't be worked out.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// Deciding does not come to rest: a fault of the program.
    #[error("deciding for account {account} did not come to rest in {MAX_ROUNDS} rounds or {MAX_FACTS_PER_STEP} facts")]
    Restless {
        /// The account.
        account: AccountId,
    },
}

/// Works out a step at `at`: folds the observed facts, then decides until nothing follows.
/// Without a policy nothing is decided: such accounts only record.
pub fn step(
    account: AccountId,
    file: AccountFile,
    observed: Vec<NewFact>,
    policy: Option<&Policy>,
    at: Timestamp,
) -> Result<Step, StepError> {
    let mut last = file.version;
    step_numbered(account, file, observed, policy, at, || {
        last += 1;
        last
    })
}

/// Works out a step whose facts take their numbers from `number`: a trial on history keeps the numbers that the
/// observed facts have, so that what is derived from them keeps its name.
pub fn step_numbered(
    account: AccountId,
    mut file: AccountFile,
    observed: Vec<NewFact>,
    policy: Option<&Policy>,
    at: Timestamp,
    mut number: impl FnMut() -> u64,
) -> Result<Step, StepError> {
    let mut first = None;
    let mut facts = Vec::new();
    let mut news = observed;
    for _ in 0..MAX_ROUNDS {
        for new in news {
            let version = number();
            let fact = Fact {
                account,
                version,
                step: *first.get_or_insert(version),
                at,
                happened: new.happened,
                actor: new.actor,
                source_key: new.source_key,
                policy: policy.map(|policy| policy.hash),
                decide: DECIDE_VERSION,
                body: new.body,
            };
            apply(&mut file, &fact);
            facts.push(fact);
        }
        news = policy.map_or_else(Vec::new, |policy| decide(account, &file, policy, at));
        if news.is_empty() {
            return Ok(Step { facts, file });
        }
        if facts.len() + news.len() > MAX_FACTS_PER_STEP {
            break;
        }
    }
    Err(StepError::Restless { account })
}

/// One capability's word on what follows.
type Capability = fn(AccountId, &CustomerFile, &Policy, Timestamp) -> Vec<NewFact>;

/// What follows from a file at an instant, with reasons. The first capability that has something to say speaks
/// alone; the next round asks again.
#[must_use]
pub fn decide(account: AccountId, file: &AccountFile, policy: &Policy, at: Timestamp) -> Vec<NewFact> {
    let Part::Customer(customer) = &file.part else { return Vec::new() };
    let capabilities: [Capability; 6] = [
        signals::decide,
        notices::decide,
        |_, file, policy, at| cases::decide(file, policy, at),
        containment::decide,
        |_, file, policy, at| paging::decide(file, policy, at),
        |_, file, _, at| snoozes::decide(file, at),
    ];
    capabilities
        .into_iter()
        .map(|capability| capability(account, customer, policy, at))
        .find(|facts| !facts.is_empty())
        .unwrap_or_default()
}

/// When to look again if nothing happens. Before it nothing follows.
#[must_use]
pub fn next_due(file: &AccountFile, policy: &Policy) -> Option<Timestamp> {
    let Part::Customer(customer) = &file.part else { return None };
    let dues = [
        notices::next_due(customer, policy),
        cases::next_due(customer, policy),
        containment::next_due(customer, policy),
        paging::next_due(customer, policy),
        snoozes::next_due(customer),
    ];
    dues.into_iter().flatten().min()
}
