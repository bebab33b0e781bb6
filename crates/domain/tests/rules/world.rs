//! A customer under a fixed policy, driven as production drives it: facts are told at an instant, and dues that pass
//! meanwhile are worked off one by one, each at its own instant.

use domain::body::Body;
use domain::cases::{Case, Claimed, Closed, Outcome, Severity};
use domain::containment::{Action, ActionClass, Approved, Remote, Requested, StepKind};
use domain::customers::{
    AzureStatus, AzureSubscriptionSeen, Cloud, CustomerRegistered, SubscriptionKind, SubscriptionSeen,
    SubscriptionStatus,
};
use domain::effects::{EffectFinished, EffectKind, EffectRef, EffectResult, effects_of};
use domain::fact::{Fact, NewFact};
use domain::file::{AccountFile, CustomerFile};
use domain::ids::{AccountId, ActionId, Actor, AzureSubscriptionId, CaseId, Hash, SubscriptionId, TenantId};
use domain::notices::{AlertId, AlertSeen, AlertSource, AlertStatus, MicrosoftReason};
use domain::permission::{Caller, Role, Scope};
use domain::policy::{
    Approvals, Band, CaseRules, Clocks, Emergency, GuardRails, Playbook, PlaybookStep, Policy, Reach, SingleOperator,
    Story,
};
use domain::sealed::{Retention, Sealed};
use domain::signals::{Evidence, FindingRecorded, Level, RuleRef, RunningResource, Token};
use domain::step::{next_due, step};
use jiff::{SignedDuration, Timestamp};
use money::{Currency, Money};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// How many dues one wait may work off.
const MAX_DUES: usize = 10_000;

pub(crate) const PLAN: SubscriptionId = SubscriptionId(Uuid::from_u128(0x10));
pub(crate) const SEATS: SubscriptionId = SubscriptionId(Uuid::from_u128(0x11));
pub(crate) const OTHER_PLAN: SubscriptionId = SubscriptionId(Uuid::from_u128(0x12));

pub(crate) const VM_BURST: &str = "vm-burst";
pub(crate) const GPU: &str = "gpu-new-region";
pub(crate) const FORWARDING: &str = "mail-forwarding";

/// An Azure subscription of the customer: 1 and 2 are under `PLAN`, 3 is under `OTHER_PLAN`.
pub(crate) const fn azure(number: u128) -> AzureSubscriptionId {
    AzureSubscriptionId(Uuid::from_u128(0x20 + number))
}

pub(crate) const fn person(number: u128) -> AccountId {
    AccountId(Uuid::from_u128(0x9000 + number))
}

/// A person who sees every customer and approves any amount.
pub(crate) fn caller(number: u128, roles: &[Role]) -> Caller {
    Caller { user: person(number), roles: roles.iter().copied().collect(), scope: Scope::All, approves_up_to: None }
}

pub(crate) const fn tenant() -> TenantId {
    TenantId(Uuid::from_u128(0x7))
}

pub(crate) fn connection() -> AccountId {
    AccountId::of_connection(TenantId(Uuid::from_u128(0x8)), "public")
}

pub(crate) fn account() -> AccountId {
    AccountId::of_customer(connection(), tenant())
}

pub(crate) const fn minutes(count: i64) -> SignedDuration {
    SignedDuration::from_mins(count)
}

pub(crate) const fn hours(count: i64) -> SignedDuration {
    SignedDuration::from_hours(count)
}

pub(crate) const fn kronor(count: i64) -> Money {
    Money::new(count * 100, Currency::SEK)
}

pub(crate) fn sealed<T>(text: &str) -> Sealed<T> {
    Sealed::from_ciphertext(Retention::Evidence, text.to_owned())
}

pub(crate) fn alert_id(number: u32) -> AlertId {
    AlertId(format!("alert-{number:03}"))
}

/// The beginning of every test's time.
pub(crate) fn beginning() -> Timestamp {
    "2026-11-02T08:00:00Z".parse().unwrap()
}

pub(crate) fn story(name: &str, rules: &[&str], alert_types: &[&str], playbook: Option<&str>) -> Story {
    let set = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    Story {
        name: name.to_owned(),
        rules: set(rules),
        alert_types: set(alert_types),
        playbook: playbook.map(str::to_owned),
    }
}

fn playbook(name: &str, reach: Reach, steps: &[PlaybookStep]) -> (String, Playbook) {
    (name.to_owned(), Playbook { name: name.to_owned(), reach, steps: steps.to_vec() })
}

/// The policy of these tests: fixed, and not the one that ships, so that changing that one changes no test here.
pub(crate) fn policy() -> Policy {
    use PlaybookStep::{CancelAzureSubscriptions, SuspendPlans};
    let reasons = [
        (Outcome::Fraud, MicrosoftReason::Fraud),
        (Outcome::Misuse, MicrosoftReason::Fraud),
        (Outcome::Legitimate, MicrosoftReason::Legitimate),
        (Outcome::FalseAlarm, MicrosoftReason::Legitimate),
        (Outcome::Duplicate, MicrosoftReason::Ignore),
        (Outcome::Test, MicrosoftReason::Ignore),
        (Outcome::Stale, MicrosoftReason::Ignore),
    ];
    Policy {
        hash: Hash::of(b"the policy of the tests"),
        currency: Currency::SEK,
        clocks: Clocks {
            answer_target: hours(1),
            answer_limit: hours(24),
            investigate_after: minutes(30),
            proposal_expires_after: hours(4),
            settle: minutes(10),
            settle_again: minutes(2),
            effect_good_for: hours(1),
            hours_to_stop: 8,
        },
        cases: CaseRules {
            minimum_level: Level::Medium,
            critical_per_hour: kronor(1_000),
            high_per_hour: kronor(200),
            assumed_per_hour: kronor(500),
            stories: vec![
                story("mining", &[VM_BURST, GPU], &["CryptoMining"], Some("takeover")),
                story("mailbox", &[FORWARDING], &[], None),
            ],
            join_within: hours(72),
        },
        playbooks: BTreeMap::from([
            playbook("takeover", Reach::Plan, &[CancelAzureSubscriptions, SuspendPlans]),
            playbook("stop-attacked", Reach::Attacked, &[CancelAzureSubscriptions]),
            playbook("attacked-and-plan", Reach::Attacked, &[CancelAzureSubscriptions, SuspendPlans]),
            playbook("suspend-only", Reach::Plan, &[SuspendPlans]),
        ]),
        guards: GuardRails { protected: BTreeSet::new(), subscriptions_per_action: 5, changes_per_hour: 10 },
        approvals: Approvals {
            bands: vec![
                Band { up_to: Some(kronor(1_000)), roles: vec![Role::AdminAgent] },
                Band { up_to: Some(kronor(10_000)), roles: vec![Role::AdminAgent, Role::BillingAdministrator] },
                Band { up_to: None, roles: vec![Role::GlobalAdministrator, Role::AdminAgent] },
            ],
            emergency: Emergency {
                enabled: true,
                cap: kronor(20_000),
                page_unanswered_after: minutes(15),
                review_within: hours(72),
            },
            single_operator: SingleOperator { enabled: false, delay: minutes(10) },
        },
        outcomes: BTreeMap::from(reasons),
        on_call: None,
    }
}

pub(crate) fn registered() -> Body {
    Body::CustomerRegistered(CustomerRegistered {
        connection: connection(),
        tenant: tenant(),
        cloud: Cloud::Public,
        name: sealed("name"),
        domain: None,
        country: Some("SE".to_owned()),
        reseller: None,
        debtor: None,
    })
}

pub(crate) fn subscription(id: SubscriptionId, kind: SubscriptionKind, status: SubscriptionStatus) -> Body {
    Body::SubscriptionSeen(SubscriptionSeen {
        subscription: id,
        kind,
        offer: "offer".to_owned(),
        status,
        quantity: 1,
        auto_renew: true,
        consumer: account(),
        debtor: account(),
        reseller: None,
        connection: connection(),
    })
}

pub(crate) const fn azure_seen(number: u128, plan: SubscriptionId, status: AzureStatus) -> Body {
    Body::AzureSubscriptionSeen(AzureSubscriptionSeen { azure_subscription: azure(number), plan, status })
}

/// A finding of a rule at a level, somewhere, with what began to run: number of the resource and kronor an hour.
pub(crate) fn finding(rule: &str, level: Level, place: Option<u128>, running: &[(u128, i64)]) -> FindingRecorded {
    let resource = |(number, rate): &(u128, i64)| RunningResource {
        resource: Token(Uuid::from_u128(0xa000 + number)),
        per_hour: kronor(*rate),
    };
    FindingRecorded {
        rule: RuleRef {
            id: rule.to_owned(),
            title: format!("the rule {rule}"),
            title_sv: None,
            author: "the tests".to_owned(),
            level,
            tags: Vec::new(),
            rule_set: Hash::of(b"rules"),
        },
        log: "azure.activity".to_owned(),
        received: beginning(),
        count: 1,
        azure_subscription: place.map(azure),
        region: None,
        size: None,
        resources: running.iter().map(resource).collect(),
        further_per_hour: None,
        price: None,
        caller: None,
        evidence: sealed::<Evidence>("event"),
    }
}

pub(crate) fn found(rule: &str, level: Level, place: Option<u128>, running: &[(u128, i64)]) -> Body {
    Body::FindingRecorded(finding(rule, level, place, running))
}

/// An alert of Microsoft's that reached us at `received`.
pub(crate) fn alert(number: u32, received: Timestamp) -> AlertSeen {
    AlertSeen {
        alert: alert_id(number),
        alert_type: "CryptoMining".to_owned(),
        status: AlertStatus::Active,
        severity: Severity::High,
        azure_subscription: Some(azure(1)),
        subscription: None,
        detected: received,
        last_observed: received,
        received,
        test: false,
        source: AlertSource::Graph,
        resources: Vec::new(),
        evidence: sealed::<Evidence>("alert"),
    }
}

pub(crate) fn requested(case: CaseId, playbook: &str) -> Requested {
    Requested {
        case,
        playbook: playbook.to_owned(),
        targets: None,
        class: ActionClass::Normal,
        revert_of: None,
        proposer: person(1),
        note: None,
    }
}

/// A person's yes to an action as it was proposed.
pub(crate) fn approval(action: &Action, by: u128, roles: &[Role]) -> Approved {
    Approved {
        action: action.proposed.action,
        parameters: action.proposed.parameters,
        approver: person(by),
        roles: roles.iter().copied().collect(),
        reauthenticated: false,
    }
}

/// A customer, its journal and the instant.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) policy: Policy,
    pub(crate) file: AccountFile,
    pub(crate) facts: Vec<Fact>,
    /// Every effect that was ever asked for, oldest first.
    pub(crate) effects: Vec<(EffectRef, EffectKind)>,
    pub(crate) at: Timestamp,
}

impl World {
    /// A customer with seats, a plan with two Azure subscriptions and another plan with one.
    pub(crate) fn new() -> Self {
        Self::under(policy())
    }

    pub(crate) fn under(policy: Policy) -> Self {
        let mut world =
            Self { policy, file: AccountFile::default(), facts: Vec::new(), effects: Vec::new(), at: beginning() };
        world.tell([
            registered(),
            subscription(PLAN, SubscriptionKind::AzurePlan, SubscriptionStatus::Active),
            subscription(OTHER_PLAN, SubscriptionKind::AzurePlan, SubscriptionStatus::Active),
            subscription(SEATS, SubscriptionKind::Seats, SubscriptionStatus::Active),
            azure_seen(1, PLAN, AzureStatus::Active),
            azure_seen(2, PLAN, AzureStatus::Active),
            azure_seen(3, OTHER_PLAN, AzureStatus::Active),
        ]);
        world
    }

    /// Tells facts in one step; gives what was decided upon them.
    pub(crate) fn tell(&mut self, bodies: impl IntoIterator<Item = Body>) -> Vec<Body> {
        let told = |body| NewFact { happened: self.at, actor: Actor::Program, source_key: None, body };
        let observed: Vec<_> = bodies.into_iter().map(told).collect();
        let count = observed.len();
        let step = step(account(), self.file.clone(), observed, Some(&self.policy), self.at).unwrap();
        let decided = step.facts.iter().skip(count).map(|fact| fact.body.clone()).collect();
        self.take(step.file, step.facts);
        decided
    }

    /// Takes a step as it was worked out.
    pub(crate) fn take(&mut self, file: AccountFile, facts: Vec<Fact>) {
        self.file = file;
        self.effects.extend(facts.iter().flat_map(effects_of).map(|effect| (effect.key, effect.kind)));
        self.facts.extend(facts);
    }

    /// Lets time pass and works off what comes due; gives what was decided meanwhile, each with its instant.
    pub(crate) fn pass(&mut self, span: SignedDuration) -> Vec<(Timestamp, Body)> {
        let until = self.at + span;
        let mut decided = Vec::new();
        for _ in 0..MAX_DUES {
            let Some(due) = next_due(&self.file, &self.policy).filter(|due| *due <= until) else {
                self.at = until;
                return decided;
            };
            self.at = due;
            let followed = self.tell([]);
            assert!(!followed.is_empty(), "nothing followed at the due instant {due}");
            decided.extend(followed.into_iter().map(|body| (due, body)));
        }
        panic!("the dues do not end");
    }

    pub(crate) fn customer(&self) -> &CustomerFile {
        self.file.customer().expect("a customer")
    }

    /// The one open case.
    pub(crate) fn case(&self) -> &Case {
        let cases = &self.customer().cases;
        assert_eq!(cases.len(), 1, "one case is open");
        cases.values().next().unwrap()
    }

    /// The one case of a story.
    pub(crate) fn case_of(&self, story: &str) -> &Case {
        let mut cases = self.customer().cases.values().filter(|case| case.story == story);
        let case = cases.next().unwrap_or_else(|| panic!("no case of the story {story}"));
        assert!(cases.next().is_none(), "more than one case of the story {story}");
        case
    }

    pub(crate) fn action(&self, action: ActionId) -> &Action {
        &self.customer().actions[&action]
    }

    /// Opens a mining case on an Azure subscription that burns so many kronor an hour.
    pub(crate) fn mined(&mut self, place: u128, rate: i64) -> CaseId {
        self.tell([found(VM_BURST, Level::High, Some(place), &[(place, rate)])]);
        self.case_of("mining").id
    }

    /// Asks for containment and gives the action that was proposed.
    pub(crate) fn propose(&mut self, request: Requested) -> ActionId {
        match self.tell([Body::ContainmentRequested(request)]).as_slice() {
            [Body::ActionProposed(proposed)] => proposed.action,
            other => panic!("no proposal: {other:?}"),
        }
    }

    /// Asks for containment that is refused, and gives the reasons.
    pub(crate) fn refused(&mut self, request: Requested) -> Vec<domain::reason::Reason> {
        match self.tell([Body::ContainmentRequested(request)]).as_slice() {
            [Body::ActionRefused(refused)] => refused.reasons.clone(),
            other => panic!("no refusal: {other:?}"),
        }
    }

    /// A person says yes; gives what was decided upon it.
    pub(crate) fn approve(&mut self, action: ActionId, by: u128, roles: &[Role]) -> Vec<Body> {
        let approved = approval(self.action(action), by, roles);
        self.tell([Body::ActionApproved(approved)])
    }

    pub(crate) fn claim(&mut self, case: CaseId) -> Vec<Body> {
        self.tell([Body::CaseClaimed(Claimed { case, owner: person(1) })])
    }

    pub(crate) fn close(&mut self, case: CaseId, outcome: Outcome, alerts: &[u32]) -> Vec<Body> {
        let alerts = alerts.iter().map(|number| alert_id(*number)).collect();
        self.tell([Body::CaseClosed(Closed { case, outcome, alerts, note: None })])
    }

    /// The effects that were asked for and have not ended, oldest first.
    pub(crate) fn open_effects(&self) -> Vec<(EffectRef, EffectKind)> {
        let ended: BTreeSet<EffectRef> = self
            .facts
            .iter()
            .filter_map(|fact| match &fact.body {
                Body::EffectFinished(finished) => Some(finished.effect),
                _ => None,
            })
            .collect();
        self.effects.iter().filter(|(effect, _)| !ended.contains(effect)).cloned().collect()
    }

    /// The one effect that is open; it ends like this.
    pub(crate) fn finish(&mut self, result: EffectResult) -> Vec<Body> {
        let open = self.open_effects();
        let [(effect, _)] = open.as_slice() else { panic!("not one effect is open: {open:?}") };
        self.end(*effect, result)
    }

    /// The oldest effect that is open ends like this.
    pub(crate) fn finish_first(&mut self, result: EffectResult) -> Vec<Body> {
        let (effect, _) = self.open_effects().first().cloned().expect("an effect is open");
        self.end(effect, result)
    }

    pub(crate) fn end(&mut self, effect: EffectRef, result: EffectResult) -> Vec<Body> {
        self.tell([Body::EffectFinished(EffectFinished { effect, result })])
    }

    /// Plays Microsoft at its best until nothing is open: every change is taken, every look finds what is wanted.
    pub(crate) fn obey(&mut self) -> Vec<Body> {
        let mut decided = Vec::new();
        for _ in 0..MAX_DUES {
            match self.open_effects().first().cloned() {
                Some((effect, EffectKind::Look(kind))) => {
                    decided.extend(self.end(effect, EffectResult::Read(kind.wanted())));
                }
                Some((effect, _)) => decided.extend(self.end(effect, EffectResult::Done { already: false })),
                None => match next_due(&self.file, &self.policy) {
                    Some(due) if due <= self.at + minutes(30) => {
                        let passed = self.pass(due.duration_since(self.at));
                        decided.extend(passed.into_iter().map(|(_, body)| body));
                    }
                    _ => return decided,
                },
            }
        }
        panic!("the effects do not end");
    }
}

/// A step that cancels an Azure subscription of `PLAN`.
pub(crate) const fn cancel(number: u128) -> StepKind {
    StepKind::CancelAzureSubscription { plan: PLAN, azure_subscription: azure(number) }
}

pub(crate) const fn inactive() -> EffectResult {
    EffectResult::Read(Remote::AzureSubscription(AzureStatus::Inactive))
}

pub(crate) const fn still_active() -> EffectResult {
    EffectResult::Read(Remote::AzureSubscription(AzureStatus::Active))
}

pub(crate) const fn done() -> EffectResult {
    EffectResult::Done { already: false }
}

/// The stable words of what was decided, to compare sequences by.
pub(crate) fn words(bodies: &[Body]) -> Vec<&'static str> {
    bodies.iter().map(Body::kind).collect()
}
