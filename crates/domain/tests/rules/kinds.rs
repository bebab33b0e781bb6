//! One fact of every kind, with every field set and every variant named somewhere: what the golden file was written
//! from. Only ever added to: a line that was written once stays as it is.

use crate::world::*;
use domain::activity::{ActivityEnd, ActivityRecorded, ActivityReviewed};
use domain::body::Body;
use domain::cases::{
    Claimed, ClockPassed, Closed, Grown, IncidentJoined, Mark, Noted, Opened, Outcome, Reopened, Severity,
};
use domain::contacts::{
    CallRecorded, Channel, ContactRecorded, ContactRemoved, ContactRole, ContactSource, CustomerNoted, Direction,
};
use domain::containment::{
    ActionClass, ActionOutcome, Approved, Blast, Destroys, Expired, Finished, GoesOnBilling, Guard, LookOrdered,
    PermitLifted, PermitRefused, PlanSnapshot, Proposed, Rail, Refused, Rejected, Released, Remote, Requested,
    Reviewed, StepEnd, StepEnded, StepKind, StepOrdered, Stopped,
};
use domain::customers::{AzureStatus, Cloud, CustomerRegistered, SubscriptionKind, SubscriptionStatus};
use domain::effects::{EffectFinished, EffectRef, EffectResult, EffectStarted};
use domain::erasure::{ErasureDone, ErasureOrdered, MasterKeyExchanged};
use domain::ids::{
    AccountId, ActionId, ActivityId, CaseId, ContactId, Hash, IncidentId, SignalId, SnoozeId, TokenId, ViewId,
};
use domain::notices::{
    AlertJoined, AlertSeen, AlertSource, AlertStatus, AnswerOrdered, AnswerRequested, MicrosoftReason,
};
use domain::paging::PageRule;
use domain::people::{
    ActionsSwitched, ApprovalsLimited, CapLifted, ConnectionAdded, ConnectionHealth, IncidentDeclared, IncidentEnded,
    JournalChecked, PolicyAdopted, PolicyPublished, PostureRecorded, TokenIssued, TokenRevoked, UserAdded, UserChanged,
};
use domain::permission::{Role, Scope};
use domain::reason::Reason;
use domain::sealed::Retention;
use domain::signals::{FindingRecorded, FindingSetAside, Level, PriceRef, SignalRaised, SignalRepeated, Token};
use domain::snoozes::{RuleSnoozed, SnoozeEnded, SnoozeLifted};
use domain::views::{LooksChosen, ViewChosen, ViewDeleted, ViewOf, ViewSaved};
use jiff::Timestamp;
use std::collections::BTreeSet;
use uuid::Uuid;

pub(crate) const CASE: CaseId = CaseId(Uuid::from_u128(0xca));
pub(crate) const ACTION: ActionId = ActionId(Uuid::from_u128(0xac));
const SIGNAL: SignalId = SignalId(Uuid::from_u128(0x51));
const INCIDENT: IncidentId = IncidentId(Uuid::from_u128(0x1c));
pub(crate) const TOKEN: TokenId = TokenId(Uuid::from_u128(0x70));
const EFFECT: EffectRef = EffectRef { version: 7, ordinal: 0 };

pub(crate) fn later() -> Timestamp {
    "2026-11-02T09:30:00.123456Z".parse().unwrap()
}

fn code() -> String {
    "900115".to_owned()
}

/// Every body that the golden file has, in its order.
pub(crate) fn bodies() -> Vec<Body> {
    [
        of_the_customer(),
        of_signals(),
        of_alerts(),
        of_cases(),
        of_proposals(),
        crate::kinds_of_pages::of_pages(),
        of_steps(),
        of_other_accounts(),
        crate::kinds_of_sign_in::of_sign_in(),
        of_snoozes(),
        of_own_desks(),
        of_activity(),
        of_contacts(),
    ]
    .concat()
}

fn of_the_customer() -> Vec<Body> {
    let statuses = [
        SubscriptionStatus::Active,
        SubscriptionStatus::Suspended,
        SubscriptionStatus::Pending,
        SubscriptionStatus::Expired,
        SubscriptionStatus::Disabled,
        SubscriptionStatus::Deleted,
        SubscriptionStatus::Unknown,
    ];
    let kinds = [SubscriptionKind::Seats, SubscriptionKind::AzurePlan, SubscriptionKind::Other];
    let seen = statuses.iter().zip(kinds.iter().cycle()).map(|(status, kind)| subscription(PLAN, *kind, *status));
    let registered = CustomerRegistered {
        connection: connection(),
        tenant: tenant(),
        cloud: Cloud::UsGovernment,
        name: sealed("name"),
        domain: Some(sealed("domain")),
        country: Some("SE".to_owned()),
        reseller: Some(person(70)),
        debtor: Some(person(71)),
    };
    let azure = [AzureStatus::Active, AzureStatus::Inactive].map(|status| azure_seen(1, PLAN, status));
    [Body::CustomerRegistered(registered)].into_iter().chain(seen).chain(azure).collect()
}

fn of_signals() -> Vec<Body> {
    let mut whole = finding(VM_BURST, Level::Critical, Some(1), &[(1, 100), (2, 50)]);
    whole.rule.title_sv = Some("regeln".to_owned());
    whole.rule.tags = vec!["attack.t1496".to_owned()];
    let whole = FindingRecorded {
        region: Some("westeurope".to_owned()),
        size: Some("Standard_NC24ads_A100_v4".to_owned()),
        further_per_hour: Some(kronor(7)),
        price: Some(PriceRef {
            list: "list".to_owned(),
            date: "2026-11-01".to_owned(),
            hash: Hash::of(b"list"),
            estimated: true,
        }),
        caller: Some(Token(Uuid::from_u128(0xca11))),
        ..whole
    };
    let fired = Reason::RuleFired { rule: VM_BURST.to_owned(), level: Level::High };
    vec![
        Body::FindingRecorded(whole),
        Body::FindingRecorded(finding(GPU, Level::Informational, None, &[])),
        Body::FindingSetAside(FindingSetAside {
            finding: 3,
            reasons: vec![Reason::BelowLevel { level: Level::Low, minimum: Level::Medium }],
        }),
        Body::SignalRaised(SignalRaised {
            signal: SIGNAL,
            finding: 3,
            case: CASE,
            rule: VM_BURST.to_owned(),
            azure_subscription: Some(azure(1)),
            count: 12,
            severity: Severity::High,
            reasons: vec![fired],
        }),
        Body::SignalRepeated(SignalRepeated { signal: SIGNAL, finding: 4, case: CASE, count: 120 }),
    ]
}

fn of_alerts() -> Vec<Body> {
    let whole = AlertSeen {
        subscription: Some(PLAN),
        resources: vec![Token(Uuid::from_u128(0xa1))],
        severity: Severity::Critical,
        test: true,
        source: AlertSource::FraudEvents,
        ..alert(1, later())
    };
    let asked = |status, reason| Body::AnswerRequested(AnswerRequested { alert: alert_id(1), status, reason });
    let reasons =
        vec![Reason::EarlyAnswerDue, Reason::CaseClaimed, Reason::AskedByPerson, Reason::CaseClosed { case: CASE }];
    vec![
        Body::AlertSeen(whole),
        Body::AlertSeen(AlertSeen { azure_subscription: None, status: AlertStatus::Resolved, ..alert(2, later()) }),
        Body::AlertJoined(AlertJoined { alert: alert_id(1), case: CASE }),
        asked(AlertStatus::Active, None),
        asked(AlertStatus::Resolved, Some(MicrosoftReason::Legitimate)),
        asked(AlertStatus::Resolved, Some(MicrosoftReason::Ignore)),
        Body::AnswerOrdered(AnswerOrdered {
            alert: alert_id(1),
            status: AlertStatus::Investigating,
            reason: Some(MicrosoftReason::Fraud),
            good_until: later(),
            reasons,
        }),
    ]
}

fn of_cases() -> Vec<Body> {
    let opened = Opened {
        case: CASE,
        story: "mining".to_owned(),
        severity: Severity::Medium,
        since: beginning(),
        per_hour: Some(kronor(150)),
        assumed_per_hour: Some(kronor(500)),
        at_stake: Some(kronor(1_200)),
        playbook: Some("takeover".to_owned()),
        reasons: vec![
            Reason::MicrosoftAlert { alert_type: "CryptoMining".to_owned() },
            Reason::Burns { per_hour: kronor(150) },
            Reason::BurnAssumed { per_hour: kronor(500) },
        ],
    };
    let grown = Grown {
        case: CASE,
        severity: Severity::Critical,
        per_hour: None,
        at_stake: None,
        reasons: vec![Reason::SignalAndAlert],
    };
    let closed = Outcome::ALL.map(|outcome| {
        Body::CaseClosed(Closed {
            case: CASE,
            outcome,
            alerts: vec![alert_id(1), alert_id(2)],
            note: Some(sealed("why")),
        })
    });
    let plain = [
        Body::CaseOpened(opened),
        Body::CaseGrown(grown),
        Body::ClockPassed(ClockPassed { case: CASE, mark: Mark::Target }),
        Body::ClockPassed(ClockPassed { case: CASE, mark: Mark::Limit }),
        Body::CaseClaimed(Claimed { case: CASE, owner: person(1) }),
        Body::CaseNoted(Noted { case: CASE, note: sealed("note") }),
        Body::CaseReopened(Reopened { case: CASE }),
        Body::IncidentJoined(IncidentJoined { incident: INCIDENT, case: CASE }),
    ];
    plain.into_iter().chain(closed).collect()
}

fn all_steps() -> Vec<StepKind> {
    let snapshot = PlanSnapshot { auto_renew: true, instructions: "{\"renew\":true}".to_owned() };
    vec![
        cancel(1),
        StepKind::SuspendPlan { plan: PLAN },
        StepKind::ReactivatePlan { plan: PLAN, snapshot: Some(snapshot) },
        StepKind::ReactivatePlan { plan: OTHER_PLAN, snapshot: None },
        StepKind::ReactivateAzureSubscription { plan: PLAN, azure_subscription: azure(1) },
    ]
}

pub(crate) fn proposed() -> Proposed {
    let rails = [Rail::Protected, Rail::Size, Rail::Emergency, Rail::OneAtATime];
    Proposed {
        action: ACTION,
        requested_in: 9,
        case: CASE,
        playbook: "takeover".to_owned(),
        steps: all_steps(),
        class: ActionClass::Normal,
        revert_of: Some(ActionId(Uuid::from_u128(0xab))),
        proposer: person(1),
        blast: Blast {
            widened: true,
            azure_subscriptions: 2,
            plans: 1,
            users: 3,
            saved_per_hour: Some(kronor(150)),
            goes_on_billing: vec![GoesOnBilling::Reservations, GoesOnBilling::Marketplace, GoesOnBilling::Seats],
            destroys: vec![Destroys::RunningState, Destroys::DataAfterRetention, Destroys::ScheduledChanges],
            undo_minutes: 30,
        },
        at_stake: Some(kronor(1_200)),
        roles: Role::ALL.to_vec(),
        guards: rails.map(|rail| Guard { rail, passed: rail != Rail::Size }).to_vec(),
        parameters: Hash::of(b"parameters"),
        page: PageRule::OnCall,
        expires: later(),
    }
}

fn refusals() -> Vec<Reason> {
    vec![
        Reason::Protected,
        Reason::TooManySubscriptions { count: 9, limit: 5 },
        Reason::NothingToStop,
        Reason::NoPlaybook { playbook: "no-such".to_owned() },
        Reason::NoOpenCase,
        Reason::AlreadyUnderWay { action: ACTION },
        Reason::NoTarget,
        Reason::EmergencyNotAllowed,
        Reason::WaitsForPlan { plan: PLAN },
        Reason::CapReached { until: later() },
        Reason::StepFailed { step: cancel(1), code: code() },
        Reason::TooManyOpen,
    ]
}

fn of_proposals() -> Vec<Body> {
    let request = Requested {
        targets: Some(BTreeSet::from([azure(1), azure(2)])),
        class: ActionClass::Emergency,
        revert_of: Some(ACTION),
        note: Some(sealed("why")),
        ..requested(CASE, "takeover")
    };
    let approved = Approved {
        action: ACTION,
        parameters: Hash::of(b"parameters"),
        approver: person(2),
        roles: Role::ALL.into_iter().collect(),
        reauthenticated: true,
    };
    let released = Released {
        action: ACTION,
        reasons: vec![
            Reason::ApprovedBy { role: Role::AdminAgent },
            Reason::PageUnanswered,
            Reason::SingleOperator,
            Reason::NobodyPaged,
        ],
        review_by: Some(later()),
    };
    vec![
        Body::ContainmentRequested(request),
        Body::ActionProposed(proposed()),
        Body::ActionRefused(Refused { requested_in: 9, reasons: refusals() }),
        Body::ActionApproved(approved),
        Body::ActionRejected(Rejected { action: ACTION, note: Some(sealed("no")) }),
        Body::ActionStopped(Stopped { action: ACTION }),
        Body::ActionReleased(released),
        Body::ActionExpired(Expired { action: ACTION }),
        Body::ActionReviewed(Reviewed { action: ACTION }),
        Body::PermitRefused(PermitRefused { permit: "changes_per_hour".to_owned(), until: later() }),
        Body::PermitLifted(PermitLifted { permit: "changes_per_hour".to_owned() }),
    ]
}

fn of_steps() -> Vec<Body> {
    let orders = all_steps()
        .into_iter()
        .map(|kind| Body::StepOrdered(StepOrdered { action: ACTION, step: 1, kind, good_until: later() }));
    let ends = [StepEnd::Verified, StepEnd::AlreadySo, StepEnd::DryRun, StepEnd::Failed { code: code() }];
    let ends = ends.map(|end| Body::StepEnded(StepEnded { action: ACTION, step: 1, end }));
    let outcomes = [ActionOutcome::Verified, ActionOutcome::DryRun, ActionOutcome::Failed];
    let outcomes = outcomes.map(|outcome| Body::ActionFinished(Finished { action: ACTION, outcome }));
    let results = [
        EffectResult::Done { already: true },
        EffectResult::Read(Remote::AzureSubscription(AzureStatus::Inactive)),
        EffectResult::Read(Remote::Plan(SubscriptionStatus::Suspended)),
        EffectResult::DryRun,
        EffectResult::NotWanted,
        EffectResult::Refused { code: code() },
        EffectResult::GaveUp { code: code() },
    ];
    let results = results.map(|result| Body::EffectFinished(EffectFinished { effect: EFFECT, result }));
    let snapshot = PlanSnapshot { auto_renew: false, instructions: "{}".to_owned() };
    let started = [Some(snapshot), None].map(|snapshot| {
        Body::EffectStarted(EffectStarted { effect: EFFECT, attempt: 2, request: Uuid::from_u128(0x1d), snapshot })
    });
    let look = LookOrdered { action: ACTION, step: 1, kind: cancel(1), look: 3, good_until: later() };
    orders.chain([Body::LookOrdered(look)]).chain(ends).chain(outcomes).chain(started).chain(results).collect()
}

fn of_other_accounts() -> Vec<Body> {
    let only = Scope::Only { resellers: BTreeSet::from([person(70)]), customers: BTreeSet::from([account()]) };
    let roles: BTreeSet<Role> = Role::ALL.into_iter().collect();
    let hash = Hash::of(b"bundle");
    let issued = |expires| {
        let digest = Hash::of(b"token");
        Body::TokenIssued(TokenIssued { token: TOKEN, digest, label: "laptop".to_owned(), expires })
    };
    vec![
        Body::PolicyAdopted(PolicyAdopted { hash, from: later(), epoch: 2 }),
        Body::PolicyPublished(PolicyPublished { hash, from: later(), epoch: 2 }),
        Body::UserAdded(UserAdded { name: sealed("name"), roles: roles.clone(), scope: Scope::All }),
        Body::UserChanged(UserChanged { roles, scope: only, active: false }),
        issued(Some(later())),
        issued(None),
        Body::TokenRevoked(TokenRevoked { token: TOKEN }),
        Body::ConnectionAdded(ConnectionAdded {
            partner_tenant: tenant(),
            cloud: Cloud::Public,
            label: "public cloud".to_owned(),
        }),
        Body::ActionsSwitched(ActionsSwitched { on: true }),
        Body::ConnectionHealth(ConnectionHealth { part: "alerts".to_owned(), fault: Some("401".to_owned()) }),
        Body::ConnectionHealth(ConnectionHealth { part: "alerts".to_owned(), fault: None }),
        Body::PostureRecorded(PostureRecorded { day: "2026-11-02".to_owned(), administrators: 5, with_mfa: 4 }),
        Body::IncidentDeclared(IncidentDeclared {
            incident: INCIDENT,
            title: sealed("title"),
            cases: vec![(AccountId::of_partner(), CASE)],
        }),
        Body::IncidentEnded(IncidentEnded { incident: INCIDENT }),
        Body::ErasureOrdered(ErasureOrdered { class: Retention::Contact }),
        Body::MasterKeyExchanged(MasterKeyExchanged { keys: 7 }),
        Body::ErasureDone(ErasureDone { class: Retention::Contact, keys: 2, reason: sealed("reason") }),
        Body::CapLifted(CapLifted {
            incident: INCIDENT,
            permit: "changes_per_hour".to_owned(),
            limit: 500,
            until: later(),
        }),
    ]
}

fn of_activity() -> Vec<Body> {
    let activity = ActivityId(Uuid::from_u128(0xa0));
    let recorded = |end, is_whole: bool| {
        Body::ActivityRecorded(ActivityRecorded {
            activity,
            connection: connection(),
            operation: "update_subscription".to_owned(),
            resource: "subscription".to_owned(),
            end,
            user: is_whole.then(|| sealed("user")),
            who: is_whole.then(|| Token(Uuid::from_u128(0x3b0))),
            application: is_whole.then(|| "app".to_owned()),
            values: is_whole.then(|| sealed("values")),
        })
    };
    let ends = ActivityEnd::ALL.map(|end| recorded(end, end != ActivityEnd::Unknown));
    let reviewed = Body::ActivityReviewed(ActivityReviewed { activities: BTreeSet::from([activity]) });
    ends.into_iter().chain([reviewed]).collect()
}

fn of_contacts() -> Vec<Body> {
    let contact = ContactId(Uuid::from_u128(0xc0));
    let recorded = |role: &ContactRole, source: &ContactSource| {
        Body::ContactRecorded(ContactRecorded {
            contact,
            role: *role,
            name: sealed("name"),
            phone: Some(sealed("phone")),
            mail: (*source != ContactSource::Customer).then(|| sealed("mail")),
            source: *source,
        })
    };
    let contacts = ContactRole::ALL.iter().zip(ContactSource::ALL.iter().cycle());
    let call = |channel: &Channel, direction: &Direction| {
        let is_ours = *direction == Direction::Outgoing;
        Body::CallRecorded(CallRecorded {
            channel: *channel,
            direction: *direction,
            contact: is_ours.then_some(contact),
            with: sealed("with"),
            number: is_ours.then(|| sealed("number")),
            known_number: is_ours,
            said: sealed("said"),
            agreed: is_ours.then(|| sealed("agreed")),
            confirms: is_ours.then_some(contact),
            case: is_ours.then_some(CASE),
        })
    };
    let calls = Channel::ALL.iter().zip(Direction::ALL.iter().cycle());
    let others =
        [Body::ContactRemoved(ContactRemoved { contact }), Body::CustomerNoted(CustomerNoted { note: sealed("note") })];
    let contacts = contacts.map(|(role, source)| recorded(role, source));
    contacts.chain(calls.map(|(channel, direction)| call(channel, direction))).chain(others).collect()
}

fn of_snoozes() -> Vec<Body> {
    let snooze = SnoozeId(Uuid::from_u128(0x57));
    let ended = |reason| Body::SnoozeEnded(SnoozeEnded { snooze, rule: VM_BURST.to_owned(), reasons: vec![reason] });
    vec![
        Body::RuleSnoozed(RuleSnoozed { rule: VM_BURST.to_owned(), until: later(), reason: sealed("why") }),
        Body::SnoozeLifted(SnoozeLifted { snooze }),
        ended(Reason::SnoozeOver { until: later() }),
        ended(Reason::BurnDoubled { was: Some(kronor(10)), per_hour: kronor(20) }),
        ended(Reason::BurnDoubled { was: None, per_hour: kronor(20) }),
    ]
}

fn of_own_desks() -> Vec<Body> {
    let view = ViewId(Uuid::from_u128(0x71));
    let saved = |list| {
        let (name, filter) = (sealed("name"), "status:open".to_owned());
        Body::ViewSaved(ViewSaved { view, list, name, filter, shared: true })
    };
    let looks = LooksChosen {
        language: Some("sv".to_owned()),
        theme: Some("dark".to_owned()),
        keys: Some(false),
        zone: Some("Europe/Stockholm".to_owned()),
    };
    let others = [
        Body::ViewDeleted(ViewDeleted { view }),
        Body::ViewChosen(ViewChosen { list: ViewOf::Cases, view: Some(view) }),
        Body::ViewChosen(ViewChosen { list: ViewOf::Signals, view: None }),
        Body::LooksChosen(looks),
        Body::LooksChosen(LooksChosen::default()),
        Body::ApprovalsLimited(ApprovalsLimited { up_to: Some(kronor(500)) }),
        Body::ApprovalsLimited(ApprovalsLimited { up_to: None }),
        Body::JournalChecked(JournalChecked { facts: 12, root: Hash::of(b"root"), findings: 0 }),
    ];
    ViewOf::ALL.map(saved).into_iter().chain(others).collect()
}
