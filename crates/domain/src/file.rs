//! The folded file of an account: what deciding needs, bounded, made from its facts alone and disposable.

use crate::body::Body;
use crate::cases::Case;
use crate::contacts::{self, Contacts};
use crate::containment::{Action, ActionState, Requested};
use crate::customers::Holdings;
use crate::fact::Fact;
use crate::ids::{ActionId, CaseId, Hash};
use crate::notices::{Alert, AlertId};
use crate::paging::PagePace;
use crate::people::{
    CapLifted, ConnectionFile, Lift, MAX_FAULTS, MAX_INCIDENTS, MAX_LIFTS, MAX_TIMELINE, MAX_TOKENS, PartnerFile,
    PolicyFile, UserFile,
};
use crate::signals::Unsorted;
use crate::snoozes::Snooze;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version of the fold. A file with another one is folded anew from the facts.
pub const FOLD_VERSION: u32 = 3;

/// The file of any account.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct AccountFile {
    /// The number of the last fact that is folded in.
    pub version: u64,
    /// The instant of the last step; nothing before the first.
    pub last_at: Option<Timestamp>,
    /// The policy that the account has adopted.
    pub policy: Option<Adopted>,
    /// What the account is.
    pub part: Part,
}

/// The policy an account has adopted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adopted {
    /// The bundle of files.
    pub hash: Hash,
    /// Its number.
    pub epoch: u64,
}

/// What an account is.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Nothing has been recorded yet.
    #[default]
    Unborn,
    /// A customer or a reseller.
    Customer(Box<CustomerFile>),
    /// A person at the partner.
    User(UserFile),
    /// A Partner Center tenant of the partner.
    Connection(ConnectionFile),
    /// The partner.
    Partner(PartnerFile),
    /// The policy files.
    Policy(PolicyFile),
}

/// The file of a customer.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct CustomerFile {
    /// Who it is and what it has.
    pub holdings: Holdings,
    /// Findings that wait, within their own step, to become signals.
    pub unsorted: Vec<Unsorted>,
    /// Alerts of Microsoft's.
    pub alerts: BTreeMap<AlertId, Alert>,
    /// Open cases.
    pub cases: BTreeMap<CaseId, Case>,
    /// The case that was closed last, so that closing can be undone.
    pub closed: Option<Case>,
    /// Requests that wait, within their own step, to become proposals.
    pub requests: BTreeMap<u64, Requested>,
    /// Actions, open and lately ended.
    pub actions: BTreeMap<ActionId, Action>,
    /// Until when the cap per hour is used up.
    pub blocked_until: Option<Timestamp>,
    /// Rules that ask for no attention for a while, by rule. Older files have none, and no older fact made one.
    #[serde(default)]
    pub snoozes: BTreeMap<String, Snooze>,
    /// How many messages to whoever is on call were ordered lately.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paged: Option<PagePace>,
    /// Whom we speak with. Older files have none, and no older fact made one.
    #[serde(default)]
    pub contacts: Contacts,
}

impl AccountFile {
    /// The bytes that are kept beside the account's head, with [`FOLD_VERSION`].
    pub fn to_bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }

    /// The file that kept bytes hold; nothing when another release folded it, so that it has to be folded anew.
    #[must_use]
    pub fn of_bytes(bytes: &[u8], fold_version: u32) -> Option<Self> {
        if fold_version == FOLD_VERSION { serde_json::from_slice(bytes).ok() } else { None }
    }

    /// The customer's part, if the account is a customer's.
    #[must_use]
    pub fn customer(&self) -> Option<&CustomerFile> {
        match &self.part {
            Part::Customer(file) => Some(file),
            Part::Unborn | Part::User(_) | Part::Connection(_) | Part::Partner(_) | Part::Policy(_) => None,
        }
    }
}

/// Folds a fact into its account's file.
pub fn apply(file: &mut AccountFile, fact: &Fact) {
    file.version = fact.version;
    file.last_at = Some(fact.at);
    if let Body::PolicyAdopted(adopted) = &fact.body {
        file.policy = Some(Adopted { hash: adopted.hash, epoch: adopted.epoch });
    }
    match &mut file.part {
        Part::Unborn => file.part = born(fact),
        Part::Customer(_) | Part::User(_) | Part::Connection(_) | Part::Partner(_) | Part::Policy(_) => {}
    }
    match &mut file.part {
        Part::Unborn => {}
        Part::Customer(customer) => customer.apply(fact),
        Part::User(user) => apply_to_user(user, &fact.body),
        Part::Connection(connection) => apply_to_connection(connection, &fact.body),
        Part::Partner(partner) => apply_to_partner(partner, fact),
        Part::Policy(policy) => apply_to_policy(policy, &fact.body),
    }
}

/// What an account becomes with its first telling fact.
fn born(fact: &Fact) -> Part {
    match &fact.body {
        Body::UserAdded(added) => Part::User(UserFile {
            name: added.name.clone(),
            roles: added.roles.clone(),
            scope: added.scope.clone(),
            active: true,
            tokens: BTreeMap::new(),
            credentials: Box::default(),
            approves_up_to: None,
            desk: Box::default(),
            has_checked_journal: false,
        }),
        Body::ConnectionAdded(added) => Part::Connection(ConnectionFile {
            partner_tenant: added.partner_tenant,
            cloud: added.cloud,
            label: added.label.clone(),
            actions_on: false,
            keys: BTreeMap::new(),
            faults: BTreeMap::new(),
            posture_day: None,
        }),
        Body::IncidentDeclared(_) | Body::CapLifted(_) | Body::IncidentEnded(_) | Body::MasterKeyExchanged(_) => {
            Part::Partner(PartnerFile::default())
        }
        Body::PolicyPublished(_) | Body::PolicyWanted(_) => Part::Policy(PolicyFile::default()),
        Body::PolicyAdopted(_) => Part::Unborn,
        _ => Part::Customer(Box::default()),
    }
}

impl CustomerFile {
    fn apply(&mut self, fact: &Fact) {
        let (version, at) = (fact.version, fact.at);
        match &fact.body {
            Body::CustomerRegistered(seen) => self.holdings.registered(seen),
            Body::SubscriptionSeen(seen) => self.holdings.subscription_seen(seen),
            Body::AzureSubscriptionSeen(seen) => self.holdings.azure_seen(at, seen),
            Body::FindingRecorded(finding) => self.unsorted.push(Unsorted::of(version, fact.happened, finding)),
            Body::FindingSetAside(aside) => self.finding_set_aside(aside.finding),
            Body::SignalRaised(raised) => self.signal_raised(at, raised),
            Body::SignalRepeated(repeated) => self.signal_repeated(at, repeated),
            Body::AlertSeen(seen) => self.alert_seen(version, seen),
            Body::AlertJoined(joined) => self.alert_joined(at, &joined.alert, joined.case),
            Body::AnswerRequested(asked) => self.answer_requested(asked),
            Body::AnswerOrdered(order) => self.answer_ordered(version, order),
            Body::CaseOpened(opened) => self.case_opened(version, at, opened),
            Body::CaseGrown(grown) => self.case_grown(at, grown),
            Body::ClockPassed(passed) => self.clock_passed(passed),
            Body::CaseClaimed(claimed) => {
                self.with_case(claimed.case, |case| case.owner = Some(claimed.owner));
                self.case_taken_on(claimed.case, fact.actor, at);
            }
            Body::CaseNoted(noted) => {
                self.with_case(noted.case, |case| case.last = at);
                self.case_taken_on(noted.case, fact.actor, at);
            }
            Body::CaseClosed(closed) => self.case_closed(closed),
            Body::CaseReopened(reopened) => self.case_reopened(at, reopened),
            Body::IncidentJoined(joined) => self.with_case(joined.case, |case| case.incident = Some(joined.incident)),
            Body::RuleSnoozed(snoozed) => self.rule_snoozed(fact, snoozed),
            Body::SnoozeLifted(lifted) => self.snooze_over(lifted.snooze),
            Body::SnoozeEnded(ended) => self.snooze_over(ended.snooze),
            Body::ContactRecorded(recorded) => contacts::recorded(&mut self.contacts, at, recorded),
            Body::ContactRemoved(removed) => {
                self.contacts.remove(&removed.contact);
            }
            Body::CallRecorded(call) => contacts::called(&mut self.contacts, fact.happened, call),
            _ => self.apply_containment(fact),
        }
    }

    fn apply_containment(&mut self, fact: &Fact) {
        let (version, at) = (fact.version, fact.at);
        match &fact.body {
            Body::ContainmentRequested(request) => {
                self.requests.insert(version, request.clone());
            }
            Body::ActionProposed(proposed) => self.action_proposed(at, proposed),
            Body::ActionRefused(refused) => {
                self.requests.remove(&refused.requested_in);
            }
            Body::ActionApproved(approved) => self.action_approved(at, approved),
            Body::ActionRejected(rejected) => self.action_rejected(rejected.action),
            Body::ActionStopped(stopped) => self.action_set(stopped.action, ActionState::Stopped),
            Body::ActionReleased(released) => self.action_released(released),
            Body::ActionExpired(expired) => self.action_set(expired.action, ActionState::Expired),
            Body::ActionReviewed(reviewed) => self.action_reviewed(reviewed.action),
            Body::StepOrdered(ordered) => self.step_ordered(version, ordered),
            Body::LookOrdered(ordered) => self.look_ordered(version, ordered),
            Body::StepEnded(ended) => self.step_ended(ended),
            Body::ActionFinished(finished) => self.action_finished(finished),
            Body::PageOrdered(ordered) => self.page_ordered(version, at, ordered),
            Body::PageAcknowledged(acknowledged) => self.page_acknowledged(at, acknowledged),
            Body::PermitRefused(refused) => self.permit_refused(refused),
            Body::PermitLifted(_) => self.blocked_until = None,
            Body::EffectStarted(started) => self.step_started(started.effect, started.snapshot.as_ref()),
            Body::EffectFinished(finished) => {
                self.answer_finished(finished.effect, at, &finished.result);
                self.step_finished(finished.effect, at, &finished.result);
                self.page_finished(finished.effect, at, &finished.result);
            }
            // Facts of other kinds of accounts say nothing about a customer.
            _ => {}
        }
    }

    fn with_case(&mut self, case: CaseId, change: impl FnOnce(&mut Case)) {
        if let Some(case) = self.cases.get_mut(&case) {
            change(case);
        }
    }
}

fn apply_to_user(user: &mut UserFile, body: &Body) {
    match body {
        Body::UserChanged(changed) => {
            user.roles.clone_from(&changed.roles);
            user.scope.clone_from(&changed.scope);
            user.active = changed.active;
        }
        Body::TokenIssued(issued) => {
            insert_if_room(&mut user.tokens, issued.token, issued.clone(), MAX_TOKENS);
        }
        Body::TokenRevoked(revoked) => {
            user.tokens.remove(&revoked.token);
        }
        Body::UserInvited(invited) => user.credentials.invited(invited),
        Body::UserEnrolled(enrolled) => user.credentials.enrolled(enrolled),
        Body::PasswordChanged(changed) => user.credentials.password = Some(changed.password.clone()),
        Body::TotpChanged(changed) => user.credentials.totp = Some(changed.secret.clone()),
        Body::RecoveryMade(made) => user.credentials.recovery.clone_from(&made.digests),
        Body::RecoveryUsed(spent) => {
            user.credentials.recovery.remove(&spent.digest);
        }
        Body::EntraLinked(linked) => user.credentials.entra = Some(*linked),
        Body::ApprovalsLimited(limited) => user.approves_up_to = limited.up_to,
        Body::JournalChecked(_) => user.has_checked_journal = true,
        Body::ViewSaved(saved) => user.view_saved(saved),
        Body::ViewDeleted(deleted) => user.view_deleted(*deleted),
        Body::ViewChosen(chosen) => user.view_chosen(*chosen),
        Body::LooksChosen(looks) => user.desk.looks.clone_from(looks),
        _ => {}
    }
}

fn apply_to_connection(connection: &mut ConnectionFile, body: &Body) {
    match body {
        Body::ActionsSwitched(switched) => connection.actions_on = switched.on,
        Body::TokenIssued(issued) => {
            insert_if_room(&mut connection.keys, issued.token, issued.clone(), MAX_TOKENS);
        }
        Body::TokenRevoked(revoked) => {
            connection.keys.remove(&revoked.token);
        }
        Body::ConnectionHealth(health) => match &health.fault {
            Some(fault) => {
                insert_if_room(&mut connection.faults, health.part.clone(), fault.clone(), MAX_FAULTS);
            }
            None => {
                connection.faults.remove(&health.part);
            }
        },
        Body::PostureRecorded(posture) => connection.posture_day = Some(posture.day.clone()),
        _ => {}
    }
}

fn apply_to_partner(partner: &mut PartnerFile, fact: &Fact) {
    match &fact.body {
        Body::IncidentDeclared(declared) if partner.incidents.len() < MAX_INCIDENTS => {
            partner.incidents.insert(declared.incident);
        }
        Body::IncidentEnded(ended) => {
            partner.incidents.remove(&ended.incident);
            partner.lifts.retain(|_, lift| lift.incident != ended.incident);
        }
        Body::CapLifted(lifted) => {
            partner.lifts.retain(|_, lift| lift.until > fact.at);
            // Without room the lift that would have ended first is over now.
            let first = || partner.lifts.iter().min_by_key(|(_, lift)| lift.until).map(|(permit, _)| permit.clone());
            if partner.lifts.len() >= MAX_LIFTS
                && !partner.lifts.contains_key(&lifted.permit)
                && let Some(permit) = first()
            {
                partner.lifts.remove(&permit);
            }
            let CapLifted { incident, permit, limit, until } = lifted.clone();
            partner.lifts.insert(permit, Lift { incident, limit, since: fact.at, until, by: fact.actor });
        }
        _ => {}
    }
}

/// Files are bounded: what is beyond the limit stays in the journal alone.
fn insert_if_room<K: Ord, V>(map: &mut BTreeMap<K, V>, key: K, value: V, limit: usize) {
    if map.len() < limit || map.contains_key(&key) {
        map.insert(key, value);
    }
}

fn apply_to_policy(policy: &mut PolicyFile, body: &Body) {
    if let Body::PolicyWanted(wanted) = body {
        policy.wanted = Some(*wanted);
    }
    if let Body::PolicyPublished(published) = body {
        policy.wanted = None;
        policy.timeline.push(published.clone());
        let surplus = policy.timeline.len().saturating_sub(MAX_TIMELINE);
        policy.timeline.drain(..surplus);
    }
}
