//! What-if: a policy that is not in force is run over an account's real history by the code that runs live.
//! First-order, and it says so: what people and Microsoft did is kept as far as it still answers something; what
//! they would have done instead is not known. Caps per hour are counted for this account alone. Pure.

mod answers;
mod summary;

pub use summary::{CaseSummary, Change, Summary};

use crate::events::due_step;
use crate::replay::ReplayError;
use answers::{Assumed, Keys};
use domain::body::Body;
use domain::containment::PermitRefused;
use domain::effects::permits_of;
use domain::fact::{Class, Fact, NewFact};
use domain::file::{AccountFile, Part};
use domain::ids::{AccountId, Actor};
use domain::people::PolicyAdopted;
use domain::policy::Policy;
use domain::step::{Step, step_numbered};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// Decided facts are numbered from here on, so that the observed ones keep the numbers they have.
const FIRST_DECIDED: u64 = 1 << 40;
/// How many dues one trial works off between two recorded steps.
const MAX_DUES_BETWEEN: usize = 100_000;
/// The window of caps per hour.
const HOUR_SECONDS: i64 = 3_600;

/// What is assumed of those who have not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Assume {
    /// New proposals are approved by whoever may, this long after they were made, and Microsoft does what it is
    /// asked. Nothing means that nobody answers them.
    pub approved_after: Option<SignedDuration>,
}

/// An answer that no longer answers anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dropped {
    /// The number of the fact.
    pub version: u64,
    /// Its kind.
    pub kind: &'static str,
}

/// What a trial found for one account.
#[derive(Debug, Clone, PartialEq)]
pub struct WhatIf {
    /// The account.
    pub account: AccountId,
    /// What really happened.
    pub before: Summary,
    /// What would have happened.
    pub after: Summary,
    /// Answers that no longer answer anything.
    pub dropped: Vec<Dropped>,
}

impl WhatIf {
    /// What differs, case by case.
    #[must_use]
    pub fn changes(&self) -> Vec<Change> {
        summary::changes(&self.before, &self.after)
    }
}

/// A trial under way.
struct Trial<'a> {
    account: AccountId,
    policy: &'a Policy,
    file: AccountFile,
    made: Vec<Fact>,
    decided: u64,
    keys: Keys,
    assumed: Assumed,
    used: BTreeMap<i64, u32>,
}

/// Runs `policy` over an account's journal, from its first fact on.
pub fn what_if(account: AccountId, journal: &[Fact], policy: &Policy, assume: Assume) -> Result<WhatIf, ReplayError> {
    let mut trial = Trial {
        account,
        policy,
        file: AccountFile::default(),
        made: Vec::with_capacity(journal.len()),
        decided: FIRST_DECIDED,
        keys: Keys::of(journal),
        assumed: Assumed::new(assume.approved_after),
        used: BTreeMap::new(),
    };
    let mut dropped = Vec::new();
    for fact in journal {
        match fact.body {
            // The trial has one policy from the beginning, and meets its own caps.
            Body::PolicyAdopted(_) | Body::PermitRefused(_) => continue,
            _ if fact.body.class() == Class::Decided => continue,
            _ => {}
        }
        trial.work_off(fact.at)?;
        match trial.keys.still_answers(fact, &trial.file) {
            Some(body) => trial.take(&[(fact.version, told(fact, body))], fact.at)?,
            None => dropped.push(Dropped { version: fact.version, kind: fact.body.kind() }),
        }
    }
    let end = journal.last().map(|fact| fact.at);
    if let Some(end) = end {
        trial.work_off(end)?;
    }
    Ok(WhatIf { account, before: summary::of(journal, end), after: summary::of(&trial.made, end), dropped })
}

fn told(fact: &Fact, body: Body) -> NewFact {
    NewFact { happened: fact.happened, actor: fact.actor, source_key: fact.source_key.clone(), body }
}

impl Trial<'_> {
    /// Dues, and answers that are assumed, until `until`.
    fn work_off(&mut self, until: Timestamp) -> Result<(), ReplayError> {
        for _ in 0..MAX_DUES_BETWEEN {
            let due = due_step(&self.file, self.policy);
            let assumed = self.assumed.next(&self.file);
            let (at, facts) = match (due, assumed) {
                (due, Some((at, body))) if due.is_none_or(|due| at <= due) => (at, vec![body]),
                (Some(due), _) => (due, Vec::new()),
                (None, _) => return Ok(()),
            };
            if at > until {
                return Ok(());
            }
            let at = self.file.last_at.map_or(at, |last| last.max(at));
            let facts: Vec<_> = facts.into_iter().map(|body| self.assume(at, body)).collect();
            let before = self.made.len();
            self.take(&facts, at)?;
            if self.made.len() == before {
                return Ok(());
            }
        }
        Err(ReplayError::Endless(self.account))
    }

    fn assume(&mut self, at: Timestamp, body: Body) -> (u64, NewFact) {
        self.decided += 1;
        (self.decided, NewFact { happened: at, actor: Actor::Program, source_key: None, body })
    }

    /// One step, and again with the cap closed when it takes more than the hour has left.
    fn take(&mut self, told: &[(u64, NewFact)], at: Timestamp) -> Result<(), ReplayError> {
        let step = self.try_step(told, None, at)?;
        let hour = at.as_second().div_euclid(HOUR_SECONDS);
        let wanted = self.permits(&step);
        let used = self.used.get(&hour).copied().unwrap_or(0);
        let limit = self.policy.guards.changes_per_hour;
        let step = if wanted > 0 && used.saturating_add(wanted) > limit {
            let opens = Timestamp::from_second((hour + 1) * HOUR_SECONDS).unwrap_or(Timestamp::MAX);
            self.try_step(told, Some(opens), at)?
        } else {
            self.used.insert(hour, used.saturating_add(wanted));
            step
        };
        self.keys.decided(&step.facts);
        self.decided += u64::try_from(step.facts.len()).unwrap_or(0) + 1;
        self.file = step.file;
        self.made.extend(step.facts);
        Ok(())
    }

    fn try_step(
        &self,
        told: &[(u64, NewFact)],
        cap_until: Option<Timestamp>,
        at: Timestamp,
    ) -> Result<Step, ReplayError> {
        let by_program = |body| NewFact { happened: at, actor: Actor::Program, source_key: None, body };
        let adopted = PolicyAdopted { hash: self.policy.hash, from: at, epoch: 1 };
        let adoption = self.file.policy.is_none().then(|| by_program(Body::PolicyAdopted(adopted)));
        let cap =
            cap_until.map(|until| by_program(Body::PermitRefused(PermitRefused { permit: String::new(), until })));
        let ahead: Vec<NewFact> = adoption.into_iter().chain(cap).collect();
        let mut decided = self.decided;
        let mut fresh = || {
            decided += 1;
            decided
        };
        let mut numbers: Vec<u64> =
            ahead.iter().map(|_| fresh()).chain(told.iter().map(|(version, _)| *version)).collect();
        numbers.reverse();
        let facts = ahead.into_iter().chain(told.iter().map(|(_, fact)| fact.clone())).collect();
        let number = || {
            numbers.pop().unwrap_or_else(|| {
                decided += 1;
                decided
            })
        };
        Ok(step_numbered(self.account, self.file.clone(), facts, Some(self.policy), at, number)?)
    }

    fn permits(&self, step: &Step) -> u32 {
        let Part::Customer(customer) = &step.file.part else { return 0 };
        let taken = step.facts.iter().map(|fact| permits_of(fact, customer, self.policy).len()).sum::<usize>();
        u32::try_from(taken).unwrap_or(u32::MAX)
    }
}
