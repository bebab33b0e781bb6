//! Somebody is woken over real HTTP: the receivers of the simulated Microsoft check signature and card, fail as they are
//! told, and what the journal says of each message is what came of it.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use desk::Clock;
use domain::body::Body;
use domain::effects::EffectResult;
use domain::ids::AccountId;
use domain::paging::PageAbout;
use domain::permission::Role;
use jiff::{SignedDuration, Timestamp};
use microsoft::ReqwestOutbound;
use runtime::effects::{EffectWorker, MAX_PAGE_TRIES};
use runtime::{Channels, Connections, Tools};
use sandbox::{Fault, FaultRule, Received, ReceiverKind, Running, Server, Trust, World};
use std::sync::Arc;
use whole::paging::{case_in_an_emergency, channels};
use whole::people::Person;
use whole::scheduler::Chance;
use whole::seams::{SimClock, tools};

/// A house with one customer under attack, receivers that listen on a real port, and a proposal for 03:00.
struct Night {
    clock: SimClock,
    tools: Tools,
    receivers: Running,
    customer: AccountId,
    agent: Person,
}

async fn night() -> Night {
    let clock = SimClock::new("2026-11-20T03:00:00Z".parse().unwrap());
    let microsoft = World::populate(5, 8, clock.now(), Trust::shared().unwrap());
    let told = clock.clone();
    let receivers = Server::start(microsoft, "127.0.0.1:0".parse().unwrap(), move || told.now(), 1).await.unwrap();
    let chance = Chance::new(5);
    let tools = tools(&clock, &chance).await;
    let agent = Person::new(1, Role::AdminAgent);
    let customer = case_in_an_emergency(&tools.desk, &clock, &chance, &agent).await;
    Night { clock, tools, receivers, customer, agent }
}

impl Night {
    fn worker(&self, channels: Channels) -> EffectWorker {
        EffectWorker::new(self.tools.clone(), Connections::default(), "night").with_channels(channels)
    }

    fn over_http(&self) -> EffectWorker {
        self.worker(channels(&self.receivers.origin(), Arc::new(ReqwestOutbound::for_channels().unwrap())))
    }

    fn fault(&self, fault: Fault, route: &str, count: u32) {
        self.receivers.with_world(|world| world.faults_mut().add(FaultRule::next_calls(fault, route, count)));
    }

    fn received(&self) -> Vec<Received> {
        self.receivers.with_world(|world| world.received().to_vec())
    }

    /// Lets the worker work and time pass by seconds, so long.
    async fn pass(&self, worker: &EffectWorker, seconds: i64) {
        for _ in 0..seconds {
            runtime::dues::run_once(&self.tools).await.unwrap();
            worker.run_pages_once().await.unwrap();
            self.clock.jump(SignedDuration::from_secs(1));
        }
        runtime::dues::run_once(&self.tools).await.unwrap();
    }

    async fn results(&self) -> Vec<EffectResult> {
        let facts = whole::journal::facts(self.tools.store(), self.customer).await;
        let pages: Vec<u64> =
            facts.iter().filter(|fact| matches!(fact.body, Body::PageOrdered(_))).map(|fact| fact.version).collect();
        let result = |body: &Body| match body {
            Body::EffectFinished(end) if pages.contains(&end.effect.version) => Some(end.result.clone()),
            _ => None,
        };
        facts.iter().filter_map(|fact| result(&fact.body)).collect()
    }

    async fn tries(&self) -> usize {
        let facts = whole::journal::facts(self.tools.store(), self.customer).await;
        facts.iter().filter(|fact| matches!(fact.body, Body::EffectStarted(_))).count()
    }

    async fn released(&self) -> Option<(Timestamp, Vec<domain::reason::Reason>)> {
        let facts = whole::journal::facts(self.tools.store(), self.customer).await;
        facts.iter().find_map(|fact| match &fact.body {
            Body::ActionReleased(released) => Some((fact.at, released.reasons.clone())),
            _ => None,
        })
    }
}

const DONE: EffectResult = EffectResult::Done { already: false };

#[tokio::test]
async fn a_signed_message_and_a_card_reach_their_receivers_in_their_languages() {
    let night = night().await;
    let worker = night.over_http();
    night.pass(&worker, 2).await;
    let first = night.received();
    let [phone] = first.as_slice() else { panic!("one message: {first:?}") };
    assert_eq!((phone.kind, phone.name.as_str(), phone.times), (ReceiverKind::Webhook, "phone", 1));
    assert_eq!(phone.title, "Nödläge: en åtgärd väntar på ditt godkännande");
    assert!(phone.link.as_deref().unwrap().contains("/actions/"), "{phone:?}");
    night.pass(&worker, 605).await;
    let all = night.received();
    let card = all.iter().find(|message| message.kind == ReceiverKind::Teams).expect("the card of the second step");
    assert_eq!(card.title, "Emergency: an action waits for your approval");
    assert_eq!(night.results().await, [DONE, DONE, DONE]);
}

#[tokio::test]
async fn a_channel_that_fails_is_tried_again_under_the_same_id_and_the_receiver_knows_the_repeat() {
    let night = night().await;
    night.fault(Fault::UnavailableBefore, "receiver_webhook", 1);
    night.fault(Fault::UnavailableAfter, "receiver_webhook", 1);
    let worker = night.over_http();
    night.pass(&worker, 20).await;
    assert_eq!(night.results().await, [DONE]);
    assert_eq!(night.tries().await, 3, "503 before the act, 503 after it, and then a yes");
    let received = night.received();
    let [phone] = received.as_slice() else { panic!("one message: {received:?}") };
    assert_eq!(phone.times, 2, "taken once unseen and once seen, under one id");
}

#[tokio::test]
async fn what_the_channel_asks_to_wait_is_waited() {
    let night = night().await;
    let rule = FaultRule::next_calls(Fault::ThrottledWithRetryAfter, "receiver_webhook", 1).with_seconds(40);
    night.receivers.with_world(|world| world.faults_mut().add(rule));
    let worker = night.over_http();
    night.pass(&worker, 38).await;
    assert_eq!(night.results().await, []);
    night.pass(&worker, 5).await;
    assert_eq!(night.results().await, [DONE]);
}

#[tokio::test]
async fn a_receiver_that_is_gone_a_channel_that_is_not_set_up_and_one_that_nobody_answers_at_all() {
    let gone = night().await;
    gone.fault(Fault::ReceiverGone, "receiver_webhook", 1);
    gone.pass(&gone.over_http(), 5).await;
    assert_eq!(gone.results().await, [EffectResult::Refused { code: "410".to_owned() }]);

    let none = night().await;
    none.pass(&none.worker(Channels::default()), 5).await;
    assert_eq!(none.results().await, [EffectResult::Refused { code: "no_channel".to_owned() }]);
    assert_eq!(none.tries().await, 0, "nothing was begun");

    let dead = night().await;
    let nobody = channels("http://127.0.0.1:9", Arc::new(ReqwestOutbound::for_channels().unwrap()));
    dead.pass(&dead.worker(nobody), 120).await;
    assert_eq!(dead.results().await, [EffectResult::GaveUp { code: "not_sent".to_owned() }]);
    assert_eq!(dead.tries().await, usize::try_from(MAX_PAGE_TRIES).unwrap());
}

#[tokio::test]
async fn fifteen_minutes_after_the_message_came_through_the_proposer_may_act_alone() {
    let night = night().await;
    night.agent.approve_alone(&night.tools.desk, night.customer).await.unwrap();
    let worker = night.over_http();
    let begun = night.clock.now();
    night.fault(Fault::UnavailableBefore, "receiver_webhook", 3);
    night.pass(&worker, 16 * 60).await;
    let (at, reasons) = night.released().await.expect("it is released");
    assert_eq!(reasons, [domain::reason::Reason::PageUnanswered]);
    let waited = at.duration_since(begun);
    assert!(waited >= SignedDuration::from_secs(15 * 60 + 14), "three tries went wrong before: {waited:?}");
}

#[tokio::test]
async fn whoever_takes_it_on_wakes_nobody_else_and_keeps_the_proposer_from_acting_alone() {
    let night = night().await;
    night.agent.approve_alone(&night.tools.desk, night.customer).await.unwrap();
    let worker = night.over_http();
    night.pass(&worker, 5).await;
    let boss = Person::new(2, Role::GlobalAdministrator);
    boss.take_on(&night.tools.desk, night.customer).await.unwrap();
    night.pass(&worker, 20 * 60).await;
    assert_eq!(night.received().len(), 1, "the desk is not woken");
    assert_eq!(night.released().await, None);
    let acknowledged = whole::journal::facts(night.tools.store(), night.customer).await;
    assert!(acknowledged.iter().any(|fact| {
        matches!(&fact.body, Body::PageAcknowledged(yes) if matches!(yes.about, PageAbout::Approval { .. }))
    }));
    boss.approve(&night.tools.desk, night.customer).await.unwrap();
    assert!(night.released().await.is_some());
}

#[tokio::test]
async fn a_page_that_was_answered_before_it_was_sent_is_not_sent() {
    let night = night().await;
    let boss = Person::new(2, Role::GlobalAdministrator);
    boss.approve(&night.tools.desk, night.customer).await.unwrap();
    night.pass(&night.over_http(), 5).await;
    assert_eq!(night.received(), []);
    assert_eq!(night.results().await, [EffectResult::NotWanted]);
    assert_eq!(night.tools.store().open_effects().await.unwrap().0, 1, "only the released step is left");
}
