//! The simulated world: a partner with attacked customers, its people, two workers, and Microsoft, all from a seed.
//! A run goes on until every case is closed and every answer given, or says what did not come about.

use crate::beginning::{connect, publish_policy, register};
use crate::faults::{Counts, Fault, Ledger, Step};
use crate::invariants;
use crate::outbound::{Network, ORIGIN};
use crate::people::Person;
use crate::scheduler::{Chance, Pauses, Process, lock, run};
use crate::seams::{OrderedByHour, SimClock, SimEntropy, SimStore, vault};
use desk::{Clock, Desk, Entropy};
use domain::body::Body;
use domain::containment::ActionClass;
use domain::customers::Cloud;
use domain::fact::NewFact;
use domain::ids::{AccountId, AccountKind, AzureSubscriptionId, TenantId};
use domain::permission::Role;
use domain::policy::Policy;
use jiff::{SignedDuration, Timestamp};
use runtime::effects::EffectWorker;
use runtime::intake::Intake;
use runtime::microsoft_sync::{Sync, SyncPart};
use runtime::{ConnectionParts, Connections, Tools};
use sandbox::{AlertRequest, Trust, World};
use std::sync::{Arc, Mutex};
use store::{Store, StoreConfig, Vault};

/// How many rounds a run may take until everything has come to rest.
const MAX_ROUNDS: u32 = 900;
/// In how many of them faults are made.
const ROUNDS_WITH_FAULTS: u32 = 110;
/// How many changes an hour are allowed: few, so that the cap is met.
pub(crate) const CAP: u32 = 3;
/// How many customers are attacked.
pub(crate) const ATTACKED: usize = 2;
/// The customers there are.
pub(crate) const CUSTOMERS: usize = 8;

/// What came of a run.
#[derive(Debug)]
pub struct Outcome {
    /// The seed it was made from.
    pub seed: u64,
    /// What struck.
    pub counts: Counts,
    /// What was wrong; empty when all is well.
    pub breaches: Vec<String>,
    /// How many rounds it took.
    pub rounds: u32,
}

/// A customer under attack.
#[derive(Debug, Clone)]
pub(crate) struct Victim {
    pub(crate) account: AccountId,
    pub(crate) azure: AzureSubscriptionId,
    pub(crate) findings: Vec<(u32, NewFact)>,
    pub(crate) alert_in_round: u32,
}

/// What outlives a crash.
struct Lasting {
    chance: Chance,
    pauses: Pauses,
    ledger: Ledger,
    clock: SimClock,
    store: Store,
    ordered: OrderedByHour,
    vault: Vault,
    network: Network,
    microsoft: Arc<Mutex<World>>,
    connection: AccountId,
    partner_tenant: TenantId,
}

/// What a crash destroys: one process of the program.
struct Node {
    tools: Tools,
    worker: EffectWorker,
    sync: Sync,
}

/// Runs a world from a seed, with faults so many times in a thousand.
///
/// # Panics
/// When the world can't even be set up.
#[must_use]
pub fn play(seed: u64, per_mille: u32) -> Outcome {
    let mut config = StoreConfig::new("sqlite::memory:");
    config.inline = true;
    play_on(&config, seed, per_mille)
}

/// The same in a fresh store of any kind. On a server the world is not the same twice: when an answer comes back decides
/// who goes on. What must be true of every run is asked all the same.
///
/// # Panics
/// When the world can't even be set up.
#[must_use]
pub fn play_on(config: &StoreConfig, seed: u64, per_mille: u32) -> Outcome {
    let chance = Chance::new(seed);
    let pauses = Pauses::default();
    let mut outcome = None;
    let whole: Process<'_> = Box::pin(async {
        outcome = Some(Lasting::new(config, seed, per_mille, chance.clone(), pauses.clone()).await);
    });
    let _ = run(vec![whole], &chance, &pauses);
    let (lasting, policy, victims) = outcome.expect("the world is set up");
    lasting.live(seed, &policy, &victims)
}

impl Lasting {
    async fn new(
        config: &StoreConfig,
        seed: u64,
        per_mille: u32,
        chance: Chance,
        pauses: Pauses,
    ) -> (Self, Arc<Policy>, Vec<Victim>) {
        let start: Timestamp = "2026-11-20T02:17:00Z".parse().expect("an instant");
        let clock = SimClock::new(start);
        let microsoft = World::populate(seed, CUSTOMERS, start, trust());
        let credentials = microsoft.credentials();
        let microsoft = Arc::new(Mutex::new(microsoft));
        lock(&microsoft).set_origin(ORIGIN);
        lock(&microsoft).switches_mut().rate_limits = false;
        let calm = Ledger::new(chance.clone(), 0);
        let store = Store::open(config).await.expect("a fresh store");
        let vault = vault(&chance).await;
        let partner_tenant = TenantId(credentials.partner_tenant);
        let connection = AccountId::of_connection(partner_tenant, Cloud::Public.word());
        let network = Network {
            world: Arc::clone(&microsoft),
            clock: Arc::new(clock.clone()),
            ledger: calm,
            chance: chance.clone(),
            pauses: pauses.clone(),
            store: store.clone(),
            breaches: Arc::default(),
        };
        let desk = Desk::new(store.clone(), Arc::new(clock.clone()));
        let policy = publish_policy(&desk, &clock).await;
        connect(&desk, connection, partner_tenant, start).await;
        let victims = register(&desk, connection, &microsoft, start, &chance).await;
        let ledger = Ledger::new(chance.clone(), per_mille);
        let ordered = OrderedByHour::default();
        let faulty = store.with_faults(Arc::new(SimStore {
            ledger: ledger.clone(),
            pauses: pauses.clone(),
            clock: clock.clone(),
            ordered: Arc::clone(&ordered),
        }));
        let network = Network { ledger: ledger.clone(), ..network };
        let lasting = Self {
            chance,
            pauses,
            ledger,
            clock,
            store: faulty,
            ordered,
            vault,
            network,
            microsoft,
            connection,
            partner_tenant,
        };
        (lasting, policy, victims)
    }

    /// A process of the program, as it starts.
    fn node(&self, name: &str) -> Node {
        let desk = Desk::new(self.store.clone(), Arc::new(self.clock.clone()));
        let entropy: Arc<dyn Entropy> = Arc::new(SimEntropy(self.chance.clone()));
        let tools = Tools { desk, vault: self.vault.clone(), entropy };
        let credentials = lock(&self.microsoft).credentials();
        let outbound: Arc<dyn microsoft::seam::Outbound> = Arc::new(self.network.clone());
        let client = microsoft::Client::new(
            Arc::clone(&outbound),
            microsoft::Cloud::sandbox(ORIGIN),
            microsoft::Credentials {
                partner_tenant: microsoft::TenantId::parse(credentials.partner_tenant.to_string()).expect("a tenant"),
                client_id: credentials.client_id.to_string(),
                client_secret: credentials.client_secret.into(),
                refresh_token: Some(credentials.refresh_token.into()),
            },
            Arc::new(()),
        );
        let parts = ConnectionParts {
            partner_tenant: self.partner_tenant,
            cloud: Cloud::Public,
            client,
            outbound,
            verifier: None,
        };
        let connections = Connections::new(vec![parts]);
        let connection = Arc::clone(connections.get(self.connection).expect("the connection"));
        let prices = Arc::new(policy::Prices::embedded().expect("the shipped prices"));
        let intake = Intake::new(tools.clone(), no_rules(), sigma::EngineOptions::default(), prices);
        let sync = Sync::new(tools.clone(), connection, intake, name);
        let channels = crate::paging::channels(ORIGIN, Arc::new(self.network.clone()));
        let worker = EffectWorker::new(tools.clone(), connections, name).with_channels(channels);
        Node { tools, worker, sync }
    }

    fn live(self, seed: u64, policy: &Arc<Policy>, victims: &[Victim]) -> Outcome {
        let mut nodes = [self.node("one"), self.node("two")];
        let agent = Person::new(1, Role::AdminAgent);
        let boss = Person::new(2, Role::GlobalAdministrator);
        let mut rounds = 0;
        let mut quiet = 0;
        let mut forgotten = None;
        while rounds < MAX_ROUNDS && quiet < 3 {
            if rounds == ROUNDS_WITH_FAULTS {
                self.ledger.stop();
            }
            self.microsoft_goes_on(rounds, victims);
            let two = rounds < ROUNDS_WITH_FAULTS && self.chance.hits(400);
            let mut processes: Vec<Process<'_>> = vec![Box::pin(self.program(&nodes[0]))];
            if two {
                for step in Fault::TwoWorkers.steps() {
                    self.ledger.count(Fault::TwoWorkers, step);
                }
                processes.push(Box::pin(self.program(&nodes[1])));
            }
            processes.push(Box::pin(self.outside(&nodes[0], rounds, victims, &agent, &boss)));
            let ended = run(processes, &self.chance, &self.pauses);
            for (number, end) in ended.iter().take(nodes.len()).enumerate() {
                if *end == crate::scheduler::Ended::Crashed {
                    nodes[number] = self.node(if number == 0 { "one" } else { "two" });
                }
            }
            forgotten = forgotten.or_else(|| self.ask(invariants::forgotten_due(&self.store, policy, victims)));
            self.time_passes(rounds);
            rounds += 1;
            let done = rounds > ROUNDS_WITH_FAULTS && self.is_at_rest(victims);
            quiet = if done { quiet + 1 } else { 0 };
        }
        let mut breaches = std::mem::take(&mut *lock(&self.network.breaches));
        breaches.extend(forgotten);
        if quiet < 3 {
            breaches.push(format!(
                "liveness: after {rounds} rounds something is still open: {}",
                self.what_is_open(victims)
            ));
        }
        let counts = self.ledger.counts();
        breaches.extend(self.ask(invariants::breaches(&self.store, policy, &lock(&self.microsoft))));
        invariants::within_the_cap(&lock(&self.ordered), CAP, &mut breaches);
        Outcome { seed, counts, breaches, rounds }
    }

    /// Runs a question to its end, undisturbed.
    fn ask<T>(&self, question: impl Future<Output = T>) -> T {
        let mut answer = None;
        let process: Process<'_> = Box::pin(async { answer = Some(question.await) });
        let _ = run(vec![process], &self.chance, &self.pauses);
        answer.expect("a question has an answer")
    }

    /// One pass of the program: dues, effects, alerts. What fails is tried again in the next round.
    async fn program(&self, node: &Node) {
        let _ = runtime::dues::run_once(&node.tools).await;
        let _ = node.worker.run_pages_once().await;
        let _ = node.worker.run_once().await;
        if self.chance.hits(500) {
            let _ = node.sync.run_once(SyncPart::Alerts).await;
        }
        let _ = runtime::dues::run_once(&node.tools).await;
    }

    /// What comes from outside in a round: findings, and people at work.
    async fn outside(&self, node: &Node, round: u32, victims: &[Victim], agent: &Person, boss: &Person) {
        let desk = &node.tools.desk;
        for victim in victims {
            for (when, finding) in &victim.findings {
                let told = round == *when || (round > *when && round < ROUNDS_WITH_FAULTS && self.chance.hits(40));
                let last_call = round == ROUNDS_WITH_FAULTS + 1;
                if told || last_call {
                    if round != *when {
                        self.ledger.count(Fault::ToldTwice, Step::Finding);
                    }
                    let _ = desk.record(victim.account, AccountKind::Customer, vec![finding.clone()]).await;
                }
            }
            let works = |chance: &Chance| round >= ROUNDS_WITH_FAULTS || chance.hits(300);
            let class = if self.chance.hits(400) { ActionClass::Emergency } else { ActionClass::Normal };
            if works(&self.chance) {
                let _ = agent.claim(desk, victim.account).await;
            }
            if works(&self.chance) {
                let _ = agent.propose(desk, victim.account, class).await;
            }
            if self.chance.hits(200) {
                let _ = agent.approve_alone(desk, victim.account).await;
            }
            if self.chance.hits(60) {
                let _ = boss.take_on(desk, victim.account).await;
            }
            if round < ROUNDS_WITH_FAULTS && self.chance.hits(150) {
                let _ = boss.approve_something_else(desk, victim.account).await;
            }
            if works(&self.chance) && (class == ActionClass::Normal || round >= ROUNDS_WITH_FAULTS) {
                let _ = boss.approve(desk, victim.account).await;
            }
            if works(&self.chance) {
                let _ = agent.close(desk, victim.account).await;
                let _ = agent.answer_what_failed(desk, victim.account).await;
            }
            if round < ROUNDS_WITH_FAULTS && self.chance.hits(30) {
                self.tell_alerts_again(desk, victim.account).await;
            }
        }
    }

    /// A webhook that comes twice, or a poll that is older than the last: the same alerts are told once more.
    async fn tell_alerts_again(&self, desk: &Desk, customer: AccountId) {
        let facts = crate::journal::facts(&desk.store, customer).await;
        let told = |fact: &domain::fact::Fact| match &fact.body {
            Body::AlertSeen(_) => Some(NewFact {
                happened: fact.happened,
                actor: fact.actor,
                source_key: fact.source_key.clone(),
                body: fact.body.clone(),
            }),
            _ => None,
        };
        let again: Vec<NewFact> = facts.iter().filter_map(told).collect();
        if !again.is_empty() {
            self.ledger.count(Fault::ToldTwice, Step::Alert);
            let _ = desk.record(customer, AccountKind::Customer, again).await;
        }
    }

    /// Microsoft's own life: alerts, and what takes its time there.
    fn microsoft_goes_on(&self, round: u32, victims: &[Victim]) {
        let mut world = lock(&self.microsoft);
        for parcel in world.tick(self.clock.now()) {
            // Webhooks are taken and thrown away: the poll has to find what they would have told.
            world.settled(self.clock.now(), parcel.id, sandbox::Outcome::Answered(200));
        }
        for victim in victims.iter().filter(|victim| victim.alert_in_round == round) {
            let request = AlertRequest { subscription: Some(victim.azure.0), ..AlertRequest::default() };
            world.raise_alert(&request).expect("an alert about a known subscription");
            if self.chance.hits(500) {
                // Nobody listens for webhooks here: the poll finds what they lost.
                self.ledger.count(Fault::WebhookLate, Step::Poll);
            }
        }
    }

    fn time_passes(&self, round: u32) {
        self.clock.jump(SignedDuration::from_secs(60));
        if round >= ROUNDS_WITH_FAULTS {
            self.clock.jump(SignedDuration::from_mins(9));
            return;
        }
        for (fault, by) in
            [(Fault::ClockForward, SignedDuration::from_mins(47)), (Fault::ClockBack, SignedDuration::from_mins(-13))]
        {
            for step in fault.steps() {
                if self.ledger.strikes(fault, step) {
                    self.clock.jump(by);
                }
            }
        }
    }

    fn is_at_rest(&self, victims: &[Victim]) -> bool {
        self.what_is_open(victims).is_empty()
    }

    fn what_is_open(&self, victims: &[Victim]) -> String {
        let desk = Desk::new(self.store.clone(), Arc::new(self.clock.clone()));
        self.ask(async {
            let mut open = Vec::new();
            for victim in victims {
                let Ok(file) = desk.file(victim.account).await else { return "a file that can't be read".to_owned() };
                let Some(customer) = file.customer() else { return "a customer without a file".to_owned() };
                if victim.findings.iter().any(|(_, finding)| finding.source_key.is_none()) {
                    open.push("a finding without a key".to_owned());
                }
                open.extend(customer.cases.keys().map(|case| format!("case {case}")));
                let active = customer.actions.values().filter(|action| action.is_open());
                open.extend(active.map(|action| format!("action {} {:?}", action.proposed.action, action.steps)));
                let unanswered =
                    customer.alerts.iter().filter(|(_, alert)| alert.status != domain::notices::AlertStatus::Resolved);
                open.extend(unanswered.map(|(id, alert)| format!("alert {id} {alert:?}")));
                if customer.alerts.is_empty() {
                    open.push("an alert that never came".to_owned());
                }
            }
            open.join(", ")
        })
    }
}

/// No detection rules: findings are told as they are.
fn no_rules() -> Arc<sigma::RuleSet> {
    sigma::RuleSet::load(Vec::<sigma::Source>::new(), &sigma::LoadOptions::default()).set
}

/// The certificates of the simulated Microsoft: made once, they are the same for every seed.
fn trust() -> Arc<Trust> {
    Trust::shared().expect("certificates")
}

/// How often Microsoft carried out a change of this thing.
#[must_use]
pub fn times_changed(world: &World, id: &str) -> u32 {
    let of_request = |change: &&sandbox::Change| change.id == id && change.request_id.is_some();
    u32::try_from(world.changes().after(0).filter(of_request).count()).unwrap_or(u32::MAX)
}
