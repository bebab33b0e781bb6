//! Caps per hour over a real store: what an incident lifts, and what a step takes that is worked off late.
#![expect(clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod hands;

use desk::Desk;
use desk::seam::Clock;
use desk::whatif::{Assume, what_if};
use domain::body::Body;
use domain::containment::{ActionClass, ActionState, Approved, PERMIT_CHANGES, Requested, StepState};
use domain::customers::{
    AzureStatus, AzureSubscriptionSeen, Cloud, CustomerRegistered, SubscriptionKind, SubscriptionSeen,
    SubscriptionStatus,
};
use domain::effects::{EffectFinished, EffectResult};
use domain::fact::{Fact, NewFact};
use domain::file::CustomerFile;
use domain::ids::{AccountId, AccountKind, Actor, AzureSubscriptionId, Hash, IncidentId, SubscriptionId, TenantId};
use domain::people::{CapLifted, IncidentDeclared, IncidentEnded, PolicyPublished};
use domain::permission::Role;
use domain::policy::Policy;
use domain::sealed::{Retention, Sealed};
use domain::signals::{FindingRecorded, Level, RuleRef};
use hands::Hands;
use jiff::{SignedDuration, Timestamp};
use policy::Bundle;
use std::collections::BTreeSet;
use std::sync::Arc;
use store::{Store, StoreConfig};
use uuid::Uuid;

const VM_BURST: &str = "409e9ded-76de-51b3-a32d-d0898c9d70d1";

/// A partner whose cap is one change an hour, with customers of one connection, each with two attacked subscriptions.
struct Office {
    desk: Desk,
    clock: Arc<Hands>,
}

impl Office {
    async fn open() -> Self {
        let store = Store::open(&StoreConfig::new("sqlite::memory:")).await.expect("a store");
        let clock = Hands::at("2026-11-20T09:10:00Z");
        let seen: Arc<dyn Clock> = clock.clone();
        let office = Self { desk: Desk::new(store, seen), clock };
        let mut files = Bundle::embedded().files().clone();
        for (name, from, to) in [
            ("containment.toml", "changes_per_hour = 40", "changes_per_hour = 1"),
            ("clocks.toml", "effect_good_for = \"1 h\"", "effect_good_for = \"24 h\""),
        ] {
            let file = files.get_mut(name).expect("the shipped file");
            let text = String::from_utf8(file.clone()).expect("text");
            *file = text.replace(from, to).into_bytes();
        }
        let bundle = Bundle::of(files).expect("a bundle");
        office.desk.store.put_bundle(bundle.hash(), &bundle.to_bytes()).await.expect("kept");
        let published = PolicyPublished { hash: bundle.hash(), from: office.clock.now(), epoch: 1 };
        office.tell(AccountId::of_policy(), AccountKind::Policy, vec![Body::PolicyPublished(published)]).await;
        office
    }

    fn forward(&self, span: SignedDuration) {
        self.clock.forward(span);
    }

    async fn tell(&self, account: AccountId, kind: AccountKind, bodies: Vec<Body>) {
        let at = self.clock.now();
        let told = |body| NewFact { happened: at, actor: Actor::Program, source_key: None, body };
        self.desk.record(account, kind, bodies.into_iter().map(told).collect()).await.expect("recorded");
    }

    async fn of_customer(&self, customer: AccountId, bodies: Vec<Body>) {
        self.tell(customer, AccountKind::Customer, bodies).await;
    }

    async fn file(&self, customer: AccountId) -> CustomerFile {
        self.desk.file(customer).await.expect("a file").customer().expect("a customer").clone()
    }

    /// A customer whose two attacked subscriptions are to be cancelled, approved by another person.
    async fn under_attack(&self, number: u128) -> AccountId {
        let customer = AccountId::of_customer(connection(), tenant(number));
        let plan = SubscriptionId(Uuid::from_u128(number * 16));
        self.of_customer(customer, bodies_of(customer, number, plan)).await;
        let file = self.file(customer).await;
        let case = *file.cases.keys().next().expect("a case");
        let request = Requested {
            case,
            playbook: "stop-attacked".to_owned(),
            targets: None,
            class: ActionClass::Normal,
            revert_of: None,
            proposer: AccountId(Uuid::from_u128(901)),
            note: None,
        };
        self.of_customer(customer, vec![Body::ContainmentRequested(request)]).await;
        let file = self.file(customer).await;
        let action = file.actions.values().next().unwrap_or_else(|| panic!("no proposal: {file:?}"));
        let yes = |by: u128| {
            Body::ActionApproved(Approved {
                action: action.proposed.action,
                parameters: action.proposed.parameters,
                approver: AccountId(Uuid::from_u128(by)),
                roles: BTreeSet::from([Role::GlobalAdministrator]),
                reauthenticated: false,
            })
        };
        self.of_customer(customer, vec![yes(902), yes(903)]).await;
        assert_eq!(self.action(customer).await.0, ActionState::Released);
        customer
    }

    async fn action(&self, customer: AccountId) -> (ActionState, Vec<StepState>) {
        let file = self.file(customer).await;
        let action = file.actions.values().next().expect("an action");
        (action.state, action.steps.clone())
    }

    async fn ordered(&self, customer: AccountId) -> usize {
        let begun = |state: &&StepState| !matches!(state, StepState::Waiting);
        self.action(customer).await.1.iter().filter(begun).count()
    }

    /// Microsoft takes the step that is ordered.
    async fn taken(&self, customer: AccountId) {
        let (_, steps) = self.action(customer).await;
        let ordered = |state: &StepState| match state {
            StepState::Ordered { effect } => Some(*effect),
            _ => None,
        };
        let effect = steps.iter().find_map(ordered).expect("an ordered step");
        let result = EffectResult::Done { already: false };
        self.of_customer(customer, vec![Body::EffectFinished(EffectFinished { effect, result })]).await;
    }

    async fn catch_up(&self, customer: AccountId) {
        self.desk.catch_up(customer, AccountKind::Customer).await.expect("caught up");
    }

    async fn of_partner(&self, body: Body) {
        self.tell(AccountId::of_partner(), AccountKind::Partner, vec![body]).await;
    }
}

fn connection() -> AccountId {
    AccountId::of_connection(TenantId(Uuid::from_u128(8)), "public")
}

const fn tenant(number: u128) -> TenantId {
    TenantId(Uuid::from_u128(number))
}

fn sealed<T>() -> Sealed<T> {
    Sealed::from_ciphertext(Retention::Evidence, "sealed".to_owned())
}

fn bodies_of(customer: AccountId, number: u128, plan: SubscriptionId) -> Vec<Body> {
    let registered = Body::CustomerRegistered(CustomerRegistered {
        connection: connection(),
        tenant: tenant(number),
        cloud: Cloud::Public,
        name: sealed(),
        domain: None,
        country: None,
        reseller: None,
        debtor: None,
    });
    let subscription = Body::SubscriptionSeen(SubscriptionSeen {
        subscription: plan,
        kind: SubscriptionKind::AzurePlan,
        offer: "Azure plan".to_owned(),
        status: SubscriptionStatus::Active,
        quantity: 1,
        auto_renew: true,
        consumer: customer,
        debtor: customer,
        reseller: None,
        connection: connection(),
    });
    let azure = |place: u128| AzureSubscriptionId(Uuid::from_u128(number * 16 + place));
    let seen = |place| {
        let status = AzureStatus::Active;
        Body::AzureSubscriptionSeen(AzureSubscriptionSeen { azure_subscription: azure(place), plan, status })
    };
    let found = |place| {
        Body::FindingRecorded(FindingRecorded {
            rule: RuleRef {
                id: VM_BURST.to_owned(),
                title: "a burst".to_owned(),
                title_sv: None,
                author: "the tests".to_owned(),
                level: Level::High,
                tags: Vec::new(),
                rule_set: Hash::of(b"rules"),
            },
            log: "azure.activity".to_owned(),
            received: Timestamp::UNIX_EPOCH,
            count: 1,
            azure_subscription: Some(azure(place)),
            region: None,
            size: None,
            resources: Vec::new(),
            further_per_hour: None,
            price: None,
            caller: None,
            evidence: sealed(),
        })
    };
    vec![registered, subscription, seen(1), seen(2), found(1), found(2)]
}

#[tokio::test]
async fn a_step_that_is_worked_off_late_takes_its_permit_in_the_hour_in_which_it_really_happens() {
    let office = Office::open().await;
    let first = office.under_attack(1).await;
    office.taken(first).await;
    let file = office.file(first).await;
    assert_eq!(file.blocked_until, Some("2026-11-20T10:00:00Z".parse().expect("an instant")));
    // The program is down for three hours. Another customer's step takes the one permit of this hour.
    office.forward(SignedDuration::from_hours(3));
    let second = office.under_attack(2).await;
    assert_eq!(office.ordered(second).await, 1);
    office.catch_up(first).await;
    assert_eq!(office.ordered(first).await, 1, "two changes in one hour, where one is allowed");
    assert_eq!(office.file(first).await.blocked_until, Some("2026-11-20T13:00:00Z".parse().expect("an instant")));
    office.forward(SignedDuration::from_mins(50));
    office.catch_up(first).await;
    assert_eq!(office.ordered(first).await, 2);
}

#[tokio::test]
async fn ending_an_incident_ends_its_lift_of_a_cap_at_once_and_no_other() {
    let office = Office::open().await;
    let permit = format!("{PERMIT_CHANGES}:{}", connection());
    let incident = |number| IncidentId(Uuid::from_u128(number));
    let now = office.clock.now();
    let lift = |number, limit| {
        let until = now + SignedDuration::from_hours(4);
        Body::CapLifted(CapLifted { incident: incident(number), permit: permit.clone(), limit, until })
    };
    for number in [1, 2] {
        let declared = IncidentDeclared { incident: incident(number), title: sealed(), cases: Vec::new() };
        office.of_partner(Body::IncidentDeclared(declared)).await;
    }
    office.of_partner(lift(1, 50)).await;
    office.of_partner(lift(2, 2)).await;
    // The lift of the second incident has taken the place of the first one's: its end changes nothing.
    office.of_partner(Body::IncidentEnded(IncidentEnded { incident: incident(1) })).await;
    let first = office.under_attack(1).await;
    office.taken(first).await;
    assert_eq!(office.ordered(first).await, 2, "the cap is lifted to two");
    let second = office.under_attack(2).await;
    assert_eq!(office.ordered(second).await, 0, "and not to fifty");
    office.of_partner(lift(2, 3)).await;
    office.of_partner(Body::IncidentEnded(IncidentEnded { incident: incident(2) })).await;
    let third = office.under_attack(3).await;
    assert_eq!(office.ordered(third).await, 0, "the lift is over with its incident");
}

#[tokio::test]
async fn what_if_shows_what_stricter_guard_rails_would_have_refused_and_which_answers_then_answer_nothing() {
    let office = Office::open().await;
    let customer = office.under_attack(7).await;
    let stored = office.desk.store.facts(customer, 0, 1_000).await.expect("facts");
    let read = |fact: &domain::fact::StoredFact| Fact::read(customer, fact.version, &fact.bytes);
    let journal: Vec<Fact> = stored.iter().map(read).collect::<Result<_, _>>().expect("readable");
    let policy = office.desk.policies.in_force(office.clock.now()).await.expect("a policy").1;
    let tried = |policy: &Policy| what_if(customer, &journal, policy, Assume::default()).expect("a trial");
    let same = tried(&policy);
    assert_eq!((&same.before, same.dropped.len()), (&same.after, 0));
    assert_eq!((same.before.proposed, same.before.refused), (1, 0));
    let (mut protecting, mut smaller) = ((*policy).clone(), (*policy).clone());
    protecting.guards.protected.insert(tenant(7));
    smaller.guards.subscriptions_per_action = 1;
    for stricter in [protecting, smaller] {
        let trial = tried(&stricter);
        assert_eq!((trial.before.proposed, trial.before.refused), (1, 0));
        assert_eq!((trial.after.proposed, trial.after.refused), (0, 1));
        let dropped: Vec<_> = trial.dropped.iter().map(|dropped| dropped.kind).collect();
        assert_eq!(dropped, ["action.approved", "action.approved"]);
    }
}
