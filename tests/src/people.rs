//! The people of a simulated world: what each would do when looking at a case. Everything goes through the desk with
//! the same questions that the REST interface asks first.

use desk::{ActError, Desk, DeskError};
use domain::body::Body;
use domain::cases::{Claimed, Closed, Outcome};
use domain::containment::{Action, ActionClass, ActionOutcome, ActionState, Approved, Refusal, Requested, may_approve};
use domain::fact::NewFact;
use domain::file::CustomerFile;
use domain::ids::{AccountId, AccountKind, Actor, Hash};
use domain::notices::{AlertStatus, AnswerRequested, MicrosoftReason};
use domain::paging::{PageAbout, PageAcknowledged, may_acknowledge_action};
use domain::permission::{Caller, Role, Scope};
use jiff::Timestamp;
use std::collections::BTreeSet;
use uuid::Uuid;

/// A person with one role.
#[derive(Debug, Clone)]
pub struct Person {
    /// Who, and what the person may do.
    pub caller: Caller,
}

impl Person {
    /// A person, by number.
    #[must_use]
    pub fn new(number: u128, role: Role) -> Self {
        let user = AccountId(Uuid::from_u128(0xbeef_0000_0000_0000 + number));
        Self { caller: Caller { user, roles: BTreeSet::from([role]), scope: Scope::All, approves_up_to: None } }
    }

    fn says(&self, at: Timestamp, body: Body) -> NewFact {
        NewFact { happened: at, actor: Actor::User(self.caller.user), source_key: None, body }
    }

    /// Takes every case of a customer that nobody has.
    pub async fn claim(&self, desk: &Desk, customer: AccountId) -> Result<(), DeskError> {
        let owner = self.caller.user;
        self.act(desk, customer, |file, _| {
            let free = file.cases.values().filter(|case| case.owner.is_none());
            free.map(|case| Body::CaseClaimed(Claimed { case: case.id, owner })).collect()
        })
        .await
    }

    /// Proposes the suggested playbook for every case that has an attacked subscription and no action yet.
    pub async fn propose(&self, desk: &Desk, customer: AccountId, class: ActionClass) -> Result<(), DeskError> {
        let proposer = self.caller.user;
        self.act(desk, customer, |file, _| {
            let wants = |case: &&domain::cases::Case| {
                !case.attacked.is_empty()
                    && case.playbook.is_some()
                    && file.actions.values().all(|action| action.proposed.case != case.id || is_void(action.state))
                    && file.actions.values().all(|action| !action.is_open())
                    && file.holdings.azure.values().any(|azure| azure.status == domain::customers::AzureStatus::Active)
            };
            let case = file.cases.values().find(wants);
            let request = case.map(|case| {
                Body::ContainmentRequested(Requested {
                    case: case.id,
                    playbook: case.playbook.clone().unwrap_or_default(),
                    targets: None,
                    class,
                    revert_of: None,
                    proposer,
                    note: None,
                })
            });
            request.into_iter().collect()
        })
        .await
    }

    /// Approves every proposal as it is shown.
    ///
    /// # Panics
    /// When an honest approver is refused.
    pub async fn approve(&self, desk: &Desk, customer: AccountId) -> Result<(), DeskError> {
        let waits = |file: &CustomerFile| file.actions.values().any(|action| action.state == ActionState::Proposed);
        if !desk.file(customer).await?.customer().is_some_and(waits) {
            return Ok(());
        }
        let approved = desk.act(customer, AccountKind::Customer, |view| {
            let Some((file, policy)) = view.file.customer().zip(view.policy) else { return Ok(Vec::new()) };
            let mut facts = Vec::new();
            for action in file.actions.values().filter(|action| action.state == ActionState::Proposed) {
                let (id, seen) = (action.proposed.action, action.proposed.parameters);
                match may_approve(file, policy, id, seen, &self.caller, false, view.at) {
                    Ok(_) => facts.push(self.says(view.at, Body::ActionApproved(self.yes(id, seen)))),
                    Err(Refusal::AlreadyApproved | Refusal::Expired(_)) => {}
                    Err(refusal) => return Err(refusal),
                }
            }
            Ok(facts)
        });
        match approved.await {
            Ok(_) => Ok(()),
            Err(ActError::Desk(error)) => Err(error),
            Err(ActError::Refused(refusal)) => panic!("an honest approver was refused: {refusal}"),
        }
    }

    /// Approves alone, with its identity proved anew, what it proposed for 03:00.
    ///
    /// # Panics
    /// When it is refused for another reason than that somebody answered, or that it is done.
    pub async fn approve_alone(&self, desk: &Desk, customer: AccountId) -> Result<(), DeskError> {
        let is_own =
            |action: &Action| action.is_by(self.caller.user) && action.proposed.class == ActionClass::Emergency;
        let waits = |action: &&Action| action.state == ActionState::Proposed && is_own(action);
        let approved = desk.act(customer, AccountKind::Customer, |view| {
            let Some((file, policy)) = view.file.customer().zip(view.policy) else { return Ok(Vec::new()) };
            let mut facts = Vec::new();
            for action in file.actions.values().filter(waits) {
                let (id, seen) = (action.proposed.action, action.proposed.parameters);
                match may_approve(file, policy, id, seen, &self.caller, true, view.at) {
                    Ok(_) => {
                        let yes = Approved { reauthenticated: true, ..self.yes(id, seen) };
                        facts.push(self.says(view.at, Body::ActionApproved(yes)));
                    }
                    Err(Refusal::AlreadyApproved | Refusal::Expired(_) | Refusal::PageAnswered) => {}
                    Err(refusal) => return Err(refusal),
                }
            }
            Ok(facts)
        });
        match approved.await {
            Ok(_) => Ok(()),
            Err(ActError::Desk(error)) => Err(error),
            Err(ActError::Refused(refusal)) => panic!("a proposer was refused: {refusal}"),
        }
    }

    /// Takes on what somebody was woken about.
    pub async fn take_on(&self, desk: &Desk, customer: AccountId) -> Result<(), DeskError> {
        let by = self.caller.user;
        self.act(desk, customer, |file, _| {
            let open =
                file.actions.keys().filter(|action| may_acknowledge_action(file, **action, &self.caller).is_ok());
            let about = open.map(|action| PageAbout::Approval { action: *action });
            about.map(|about| Body::PageAcknowledged(PageAcknowledged { about, by })).collect()
        })
        .await
    }

    /// Says yes to something else than what was shown: an answer that was meant for another proposal, past the
    /// questions that the interface asks.
    pub async fn approve_something_else(&self, desk: &Desk, customer: AccountId) -> Result<bool, DeskError> {
        let mut said = false;
        self.act(desk, customer, |file, _| {
            let waiting = file
                .actions
                .values()
                .find(|action| action.state == ActionState::Proposed && action.approvals.is_empty());
            said = waiting.is_some();
            let wrong = Hash::of(b"another proposal");
            waiting.map(|action| Body::ActionApproved(self.yes(action.proposed.action, wrong))).into_iter().collect()
        })
        .await?;
        Ok(said)
    }

    /// Answers by hand what the program gave up: an alert of a closed case is fraud, one of an open case is looked into.
    pub async fn answer_what_failed(&self, desk: &Desk, customer: AccountId) -> Result<(), DeskError> {
        self.act(desk, customer, |file, _| {
            let failed = file.alerts.iter().filter(|(_, alert)| {
                alert.failed.is_some() && alert.wanted.is_none() && alert.status != AlertStatus::Resolved
            });
            let answer = |(id, alert): (&domain::notices::AlertId, &domain::notices::Alert)| {
                let is_open = alert.case.is_some_and(|case| file.cases.contains_key(&case));
                let (status, reason) = if is_open {
                    (AlertStatus::Investigating, None)
                } else {
                    (AlertStatus::Resolved, Some(MicrosoftReason::Fraud))
                };
                Body::AnswerRequested(AnswerRequested { alert: id.clone(), status, reason })
            };
            failed.map(answer).collect()
        })
        .await
    }

    /// Closes every case whose action was verified, naming its alerts, as fraud.
    pub async fn close(&self, desk: &Desk, customer: AccountId) -> Result<(), DeskError> {
        self.act(desk, customer, |file, _| {
            let contained = |case: &&domain::cases::Case| {
                let verified = ActionState::Finished(ActionOutcome::Verified);
                let by_action =
                    file.actions.values().any(|action| action.proposed.case == case.id && action.state == verified);
                let nothing_runs =
                    file.holdings.azure.values().all(|azure| azure.status == domain::customers::AzureStatus::Inactive);
                by_action || nothing_runs
            };
            let done = file.cases.values().filter(contained);
            done.map(|case| {
                let alerts = case.alerts.iter().cloned().collect();
                Body::CaseClosed(Closed { case: case.id, outcome: Outcome::Fraud, alerts, note: None })
            })
            .collect()
        })
        .await
    }

    fn yes(&self, action: domain::ids::ActionId, parameters: Hash) -> Approved {
        Approved {
            action,
            parameters,
            approver: self.caller.user,
            roles: self.caller.roles.clone(),
            reauthenticated: false,
        }
    }

    async fn act<F>(&self, desk: &Desk, customer: AccountId, mut what: F) -> Result<(), DeskError>
    where
        F: FnMut(&CustomerFile, Timestamp) -> Vec<Body>,
    {
        // A person looks before acting; looking works nothing off.
        let file = desk.file(customer).await?;
        if file.customer().is_none_or(|customer| what(customer, desk.clock.now()).is_empty()) {
            return Ok(());
        }
        let acted = desk.act(customer, AccountKind::Customer, |view| {
            let bodies = view.file.customer().map_or_else(Vec::new, |file| what(file, view.at));
            Ok::<_, std::convert::Infallible>(bodies.into_iter().map(|body| self.says(view.at, body)).collect())
        });
        match acted.await {
            Ok(_) => Ok(()),
            Err(ActError::Desk(error)) => Err(error),
            Err(ActError::Refused(never)) => match never {},
        }
    }
}

/// An action that came to nothing, so that another may be proposed.
const fn is_void(state: ActionState) -> bool {
    matches!(
        state,
        ActionState::Rejected
            | ActionState::Expired
            | ActionState::Stopped
            | ActionState::Finished(ActionOutcome::Failed | ActionOutcome::DryRun)
    )
}
