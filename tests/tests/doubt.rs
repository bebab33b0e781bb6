//! Doubt over real HTTP: a change that Microsoft may have carried out is never told as one that was surely not, so that
//! a person looks at it and a revert puts it back.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

use desk::Clock;
use domain::body::Body;
use domain::containment::{
    Action, ActionClass, ActionState, Approved, Requested, StepEnd, StepKind, StepState, Stopped,
};
use domain::customers::Cloud;
use domain::fact::NewFact;
use domain::ids::{AccountId, AccountKind, ActionId, Actor, TenantId};
use domain::permission::Role;
use http::{HeaderMap, Method};
use jiff::SignedDuration;
use microsoft::ReqwestOutbound;
use microsoft::seam::{Outbound, Request, Response, SendError, Sending};
use runtime::effects::EffectWorker;
use runtime::intake::Intake;
use runtime::microsoft_sync::{Sync, SyncPart};
use runtime::{ConnectionParts, Connections, Tools, setup};
use sandbox::{AlertRequest, CustomerTruth, Fault, FaultRule, Running, Server, Trust, World};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use uuid::Uuid;
use whole::scheduler::Chance;
use whole::seams::{SimClock, tools};

/// After so many passes an action that is not at its end will not come to one.
const MAX_PASSES: u32 = 400;

/// What stands between Borgen and the simulated Microsoft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Guard {
    /// Nothing.
    Open,
    /// What belongs to a subscription may not be read any more, as when the customer ends the relationship.
    ReadsRefused(u16),
    /// The same from the moment a plan is active again.
    ReadsRefusedOnceActive,
    /// From that moment the plan has lost its renewal, and changes are throttled.
    RenewalLostOnceActive,
    /// It has.
    RenewalLost,
}

/// The way to the simulated Microsoft, with a guard on it.
#[derive(Debug)]
struct Gate {
    inner: ReqwestOutbound,
    guard: Mutex<Guard>,
}

impl Gate {
    async fn pass(&self, request: Request) -> Result<Response, SendError> {
        let about_subscription = request.url.contains("/subscriptions/");
        let guard = *self.guard.lock().unwrap();
        match guard {
            Guard::ReadsRefused(status) if about_subscription && request.method == Method::GET => {
                return Ok(answer(status, r#"{"code":"900308","description":"The relationship has ended."}"#));
            }
            Guard::RenewalLost if about_subscription && request.method == Method::PATCH => {
                return Ok(answer(429, r#"{"statusCode":429,"message":"Rate limit is exceeded."}"#));
            }
            _ => {}
        }
        let activates = request.method == Method::PATCH && about_subscription;
        let reads = request.method == Method::GET && about_subscription;
        let mut response = self.inner.send(request).await?;
        if activates && response.status == 200 && text(&response).contains(r#""status":"active""#) {
            let mut guard = self.guard.lock().unwrap();
            *guard = match *guard {
                Guard::ReadsRefusedOnceActive => Guard::ReadsRefused(403),
                Guard::RenewalLostOnceActive => Guard::RenewalLost,
                other => other,
            };
        }
        if reads && guard == Guard::RenewalLost {
            let lost = text(&response).replace(r#""autoRenewEnabled":false"#, r#""autoRenewEnabled":true"#);
            response.body = lost.into_bytes();
        }
        Ok(response)
    }
}

impl Outbound for Gate {
    fn send(&self, request: Request) -> Sending<'_> {
        Box::pin(self.pass(request))
    }
}

fn answer(status: u16, body: &str) -> Response {
    Response { status, headers: HeaderMap::new(), body: body.as_bytes().to_vec() }
}

fn text(response: &Response) -> String {
    String::from_utf8_lossy(&response.body).into_owned()
}

/// A house connected to a simulated Microsoft that listens on a real port, with one customer under attack.
struct House {
    clock: SimClock,
    tools: Tools,
    gate: Arc<Gate>,
    microsoft: Running,
    worker: EffectWorker,
    customer: AccountId,
    number: usize,
}

async fn house() -> House {
    let clock = SimClock::new("2026-11-20T08:00:00Z".parse().unwrap());
    let world = World::populate(5, 8, clock.now(), Trust::shared().unwrap());
    let told = clock.clone();
    let microsoft = Server::start(world, "127.0.0.1:0".parse().unwrap(), move || told.now(), 1).await.unwrap();
    let tools = tools(&clock, &Chance::new(5)).await;
    setup::publish_default_policy(&tools, Actor::Program).await.unwrap();
    let truths = |world: &mut World| (0..8).filter_map(|number| world.customer_truth(number)).collect::<Vec<_>>();
    let attacked = microsoft.with_world(truths).into_iter().find_map(|truth| {
        let [only] = truth.entitlements.as_slice() else { return None };
        (only.status == "active" && truth.reseller.is_none()).then_some((truth.number, truth.tenant, only.id))
    });
    let (number, tenant, azure) = attacked.unwrap();
    let request = AlertRequest { subscription: Some(azure), ..AlertRequest::default() };
    microsoft.with_world(|world| world.raise_alert(&request)).unwrap();

    let cloud = microsoft::Cloud::sandbox(&microsoft.origin());
    let gate = Arc::new(Gate { inner: ReqwestOutbound::new(&cloud).unwrap(), guard: Mutex::new(Guard::Open) });
    let outbound: Arc<dyn Outbound> = Arc::<Gate>::clone(&gate);
    let credentials = microsoft.with_world(|world| world.credentials());
    let partner = TenantId(credentials.partner_tenant);
    let signing_in = microsoft::Credentials {
        partner_tenant: microsoft::TenantId::parse(partner.to_string()).unwrap(),
        client_id: credentials.client_id.to_string(),
        client_secret: credentials.client_secret.into(),
        refresh_token: Some(credentials.refresh_token.into()),
    };
    let client = microsoft::Client::new(Arc::clone(&outbound), cloud, signing_in, Arc::new(()));
    let account = setup::add_connection(&tools, partner, Cloud::Public, "simulated", Actor::Program).await.unwrap();
    setup::switch_actions(&tools, account, true, Actor::Program).await.unwrap();
    let parts = ConnectionParts { partner_tenant: partner, cloud: Cloud::Public, client, outbound, verifier: None };
    let connections = Connections::new(vec![parts]);
    let connection = Arc::clone(connections.get(account).unwrap());
    let set = sigma::RuleSet::load(Vec::<sigma::Source>::new(), &sigma::LoadOptions::default()).set;
    let prices = Arc::new(policy::Prices::embedded().unwrap());
    let intake = Intake::new(tools.clone(), set, sigma::EngineOptions::default(), prices);
    let sync = Sync::new(tools.clone(), connection, intake, "house");
    sync.run_once(SyncPart::Customers).await.unwrap();
    sync.run_once(SyncPart::Alerts).await.unwrap();
    let worker = EffectWorker::new(tools.clone(), connections, "house");
    let customer = AccountId::of_customer(account, TenantId(tenant));
    House { clock, tools, gate, microsoft, worker, customer, number }
}

fn person(number: u128) -> AccountId {
    AccountId(Uuid::from_u128(number))
}

impl House {
    async fn record(&self, body: Body) {
        let fact = NewFact { happened: self.clock.now(), actor: Actor::User(person(1)), source_key: None, body };
        self.tools.desk.record(self.customer, AccountKind::Customer, vec![fact]).await.unwrap();
    }

    async fn actions(&self) -> Vec<Action> {
        let file = self.tools.desk.file(self.customer).await.unwrap();
        file.customer().unwrap().actions.values().cloned().collect()
    }

    async fn action(&self, action: ActionId) -> Action {
        self.actions().await.into_iter().find(|known| known.proposed.action == action).unwrap()
    }

    /// Proposes the playbook, or what reverts an action.
    async fn propose(&self, revert_of: Option<ActionId>) -> Option<Action> {
        let file = self.tools.desk.file(self.customer).await.unwrap();
        let case = *file.customer().unwrap().cases.keys().next().unwrap();
        let known: Vec<_> = self.actions().await.into_iter().map(|action| action.proposed.action).collect();
        self.record(Body::ContainmentRequested(Requested {
            case,
            playbook: "mining-takeover".into(),
            targets: None,
            class: ActionClass::Normal,
            revert_of,
            proposer: person(1),
            note: None,
        }))
        .await;
        self.actions().await.into_iter().find(|action| !known.contains(&action.proposed.action))
    }

    async fn approve(&self, action: &Action) {
        for number in 2..=3 {
            let approved = Approved {
                action: action.proposed.action,
                parameters: action.proposed.parameters,
                approver: person(number),
                roles: BTreeSet::from([Role::GlobalAdministrator, Role::AdminAgent]),
                reauthenticated: false,
            };
            self.record(Body::ActionApproved(approved)).await;
        }
    }

    /// One pass of the program.
    async fn pass(&self) {
        self.worker.run_once().await.unwrap();
        runtime::dues::run_once(&self.tools).await.unwrap();
    }

    /// Lets the program work and time pass until an action has come to rest, and returns it.
    async fn carried_out(&self, action: ActionId) -> Action {
        for _ in 0..MAX_PASSES {
            self.pass().await;
            let now = self.action(action).await;
            if !now.is_open() && !now.is_under_way() {
                return now;
            }
            self.clock.jump(SignedDuration::from_secs(30));
        }
        panic!("the action did not come to rest: {:?}", self.action(action).await)
    }

    /// The customer's subscriptions contained, and read back.
    async fn contained(&self) -> Action {
        let action = self.propose(None).await.unwrap();
        self.approve(&action).await;
        let action = self.carried_out(action.proposed.action).await;
        assert_eq!(action.state, ActionState::Finished(domain::containment::ActionOutcome::Verified), "{action:?}");
        action
    }

    /// A containment whose first cancellation was cut off while Microsoft answered that it took it.
    async fn cut_cancellation(&self) -> Action {
        let action = self.propose(None).await.unwrap();
        self.approve(&action).await;
        let cut = FaultRule::next_calls(Fault::CutMidBody, "entitlement_cancel", 1);
        self.microsoft.with_world(|world| world.faults_mut().add(cut));
        self.pass().await;
        assert_eq!(self.microsoft.with_world(|world| world.faults().count(Fault::CutMidBody)), 1);
        action
    }

    fn guard(&self, guard: Guard) {
        *self.gate.guard.lock().unwrap() = guard;
    }

    fn truth(&self) -> CustomerTruth {
        self.microsoft.with_world(|world| world.customer_truth(self.number)).unwrap()
    }
}

fn failed_with(state: Option<&StepState>) -> &str {
    match state {
        Some(StepState::Ended(StepEnd::Failed { code })) => code,
        other => panic!("it has not failed: {other:?}"),
    }
}

#[tokio::test]
async fn a_cancellation_that_was_cut_needs_a_person_when_its_reads_are_refused_and_a_revert_includes_it() {
    for refusal in [403, 404] {
        let house = house().await;
        let action = house.cut_cancellation().await;
        house.guard(Guard::ReadsRefused(refusal));
        let ended = house.carried_out(action.proposed.action).await;
        assert_eq!(failed_with(ended.steps.first()), "in_doubt", "{refusal}");
        assert!(ended.needs_person(), "{refusal}: {:?} {:?}", ended.steps, ended.touched);
        assert!(house.truth().entitlements.iter().any(|azure| azure.status == "inactive" || azure.pending));
        let back = house.propose(Some(ended.proposed.action)).await.expect("it can be reverted");
        assert!(matches!(back.proposed.steps.as_slice(), [StepKind::ReactivateAzureSubscription { .. }]));
    }
}

#[tokio::test]
async fn a_refused_read_right_after_a_cut_is_asked_again_when_the_change_has_had_its_time() {
    let house = house().await;
    let action = house.cut_cancellation().await;
    house.guard(Guard::ReadsRefused(404));
    house.clock.jump(SignedDuration::from_mins(1));
    house.pass().await;
    house.guard(Guard::Open);
    let ended = house.carried_out(action.proposed.action).await;
    assert_eq!(ended.state, ActionState::Finished(domain::containment::ActionOutcome::Verified), "{ended:?}");
}

#[tokio::test]
async fn a_read_that_is_refused_before_anything_was_sent_needs_nobody() {
    let house = house().await;
    let action = house.propose(None).await.unwrap();
    house.approve(&action).await;
    house.guard(Guard::ReadsRefused(403));
    let ended = house.carried_out(action.proposed.action).await;
    assert_eq!(failed_with(ended.steps.first()), "900308");
    assert!(!ended.needs_person() && ended.touched.is_empty());
}

#[tokio::test]
async fn a_plan_that_is_active_again_without_its_renewal_needs_a_person() {
    let house = house().await;
    let action = house.contained().await;
    assert!(house.truth().plan_suspended);
    let back = house.propose(Some(action.proposed.action)).await.unwrap();
    house.approve(&back).await;
    house.guard(Guard::ReadsRefusedOnceActive);
    let ended = house.carried_out(back.proposed.action).await;
    assert!(!house.truth().plan_suspended, "the first half was done");
    assert_eq!(failed_with(ended.steps.first()), "900308");
    assert!(ended.needs_person(), "{:?} {:?}", ended.steps, ended.touched);
}

#[tokio::test]
async fn a_half_done_reactivation_that_was_stopped_needs_a_person() {
    let house = house().await;
    let action = house.contained().await;
    let back = house.propose(Some(action.proposed.action)).await.unwrap();
    house.approve(&back).await;
    house.guard(Guard::RenewalLostOnceActive);
    house.pass().await;
    assert!(!house.truth().plan_suspended, "the first half was done");
    house.record(Body::ActionStopped(Stopped { action: back.proposed.action })).await;
    let ended = house.carried_out(back.proposed.action).await;
    assert_eq!(failed_with(ended.steps.first()), "half_done");
    assert!(ended.needs_person(), "{:?} {:?}", ended.steps, ended.touched);
}
