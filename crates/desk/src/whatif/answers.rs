//! Which recorded answers still answer something in a trial, and which answers are assumed.

use domain::body::Body;
use domain::containment::{Action, ActionState, Approved, StepState};
use domain::effects::{EffectFinished, EffectRef, EffectResult, EffectStarted};
use domain::fact::Fact;
use domain::file::AccountFile;
use domain::ids::{AccountId, ActionId};
use domain::notices::{AlertId, AlertStatus};
use domain::permission::Role;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// What an effect is of, whatever its number: the same in the journal and in the trial.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Step(ActionId, u32),
    Look(ActionId, u32, u32),
    Answer(AlertId, AlertStatus, u32),
}

/// The effects of the journal and of the trial, matched by what they are of.
#[derive(Debug, Default)]
pub(super) struct Keys {
    recorded: BTreeMap<u64, Key>,
    made: BTreeMap<Key, u64>,
    answers: BTreeMap<(AlertId, AlertStatus), u32>,
}

impl Keys {
    /// The effects of a journal.
    pub(super) fn of(journal: &[Fact]) -> Self {
        let mut answers = BTreeMap::new();
        let recorded = journal.iter().filter_map(|fact| Some((fact.version, key_of(fact, &mut answers)?))).collect();
        Self { recorded, ..Self::default() }
    }

    /// Takes in what the trial decided.
    pub(super) fn decided(&mut self, facts: &[Fact]) {
        for fact in facts {
            if let Some(key) = key_of(fact, &mut self.answers) {
                self.made.insert(key, fact.version);
            }
        }
    }

    /// The body as it has to be told in the trial; nothing when it answers nothing there.
    pub(super) fn still_answers(&self, fact: &Fact, file: &AccountFile) -> Option<Body> {
        match &fact.body {
            Body::EffectStarted(started) => {
                let effect = self.matching(started.effect)?;
                Some(Body::EffectStarted(EffectStarted { effect, ..started.clone() }))
            }
            Body::EffectFinished(finished) => {
                let effect = self.matching(finished.effect)?;
                Some(Body::EffectFinished(EffectFinished { effect, ..finished.clone() }))
            }
            Body::ActionApproved(approved) => {
                let waits = |action: &Action| action.proposed.parameters == approved.parameters;
                action(file, approved.action).is_some_and(waits).then(|| fact.body.clone())
            }
            Body::ActionRejected(rejected) => action(file, rejected.action).map(|_| fact.body.clone()),
            Body::ActionStopped(stopped) => action(file, stopped.action).map(|_| fact.body.clone()),
            Body::ActionReviewed(reviewed) => action(file, reviewed.action).map(|_| fact.body.clone()),
            _ => Some(fact.body.clone()),
        }
    }

    fn matching(&self, effect: EffectRef) -> Option<EffectRef> {
        let version = *self.made.get(self.recorded.get(&effect.version)?)?;
        Some(EffectRef { version, ordinal: effect.ordinal })
    }
}

fn action(file: &AccountFile, action: ActionId) -> Option<&Action> {
    file.customer()?.actions.get(&action)
}

fn key_of(fact: &Fact, answers: &mut BTreeMap<(AlertId, AlertStatus), u32>) -> Option<Key> {
    match &fact.body {
        Body::StepOrdered(order) => Some(Key::Step(order.action, order.step)),
        Body::LookOrdered(order) => Some(Key::Look(order.action, order.step, order.look)),
        Body::AnswerOrdered(order) => {
            let times = answers.entry((order.alert.clone(), order.status)).or_insert(0);
            *times += 1;
            Some(Key::Answer(order.alert.clone(), order.status, *times))
        }
        _ => None,
    }
}

/// Answers that are assumed of people and of Microsoft.
#[derive(Debug)]
pub(super) struct Assumed {
    approved_after: Option<SignedDuration>,
}

impl Assumed {
    pub(super) const fn new(approved_after: Option<SignedDuration>) -> Self {
        Self { approved_after }
    }

    /// The next assumed answer and its instant.
    pub(super) fn next(&self, file: &AccountFile) -> Option<(Timestamp, Body)> {
        let after = self.approved_after?;
        let customer = file.customer()?;
        let now = file.last_at?;
        customer.actions.values().filter_map(|action| assumed_for(action, after, now)).min_by_key(|(at, _)| *at)
    }
}

fn assumed_for(action: &Action, after: SignedDuration, now: Timestamp) -> Option<(Timestamp, Body)> {
    match action.state {
        ActionState::Proposed if action.approvals.is_empty() => {
            let at = action.proposed_at.saturating_add(after).unwrap_or(Timestamp::MAX);
            Some((at, Body::ActionApproved(anyone(action))))
        }
        ActionState::Released => {
            let (kind, state) = action
                .steps_with_states()
                .find(|(_, state)| matches!(state, StepState::Ordered { .. } | StepState::Looking { .. }))?;
            let (effect, result) = match state {
                StepState::Ordered { effect } => (*effect, EffectResult::Done { already: false }),
                StepState::Looking { effect, .. } => (*effect, EffectResult::Read(kind.wanted())),
                _ => return None,
            };
            Some((now, Body::EffectFinished(EffectFinished { effect, result })))
        }
        _ => None,
    }
}

/// Somebody who holds every role that is asked for, and is not the proposer.
fn anyone(action: &Action) -> Approved {
    Approved {
        action: action.proposed.action,
        parameters: action.proposed.parameters,
        approver: AccountId::of_partner(),
        roles: BTreeSet::from([Role::GlobalAdministrator]),
        reauthenticated: true,
    }
}
