//! The desk over a real store: dues at their own instants, one fact for what is told twice, policies that take force,
//! caps, and replay.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test may stop at the first surprise")]

mod hands;

use desk::replay::{Verdict, replay};
use desk::seam::Clock;
use desk::whatif::{Assume, Change, what_if};
use desk::{Acted, Desk, DeskError};
use domain::body::Body;
use domain::cases::{Closed, Mark, Outcome, Severity};
use domain::customers::{Cloud, CustomerRegistered};
use domain::fact::{DECIDE_VERSION, Fact, NewFact, StoredFact, chained};
use domain::file::FOLD_VERSION;
use domain::ids::{AccountId, AccountKind, Actor, Hash, TenantId};
use domain::notices::{AlertId, AlertSeen, AlertSource, AlertStatus};
use domain::people::PolicyPublished;
use domain::sealed::{Retention, Sealed};
use hands::Hands;
use jiff::{SignedDuration, Timestamp};
use policy::Bundle;
use std::sync::Arc;
use store::{Append, Appended, Store, StoreConfig};

struct Office {
    desk: Desk,
    clock: Arc<Hands>,
    customer: AccountId,
}

fn minutes(count: i64) -> SignedDuration {
    SignedDuration::from_mins(count)
}

fn told(at: Timestamp, key: Option<&str>, body: Body) -> NewFact {
    NewFact { happened: at, actor: Actor::Program, source_key: key.map(str::to_owned), body }
}

impl Office {
    async fn open() -> Self {
        let store = Store::open(&StoreConfig::new("sqlite::memory:")).await.expect("a store");
        let clock = Hands::at("2026-11-20T09:00:00Z");
        let seen: Arc<dyn Clock> = clock.clone();
        let desk = Desk::new(store, seen);
        let customer = AccountId::of_customer(AccountId::of_partner(), TenantId(uuid::Uuid::from_u128(7)));
        let office = Self { desk, clock, customer };
        office.publish(&Bundle::embedded(), 1, office.clock.now()).await;
        office
    }

    async fn publish(&self, bundle: &Bundle, epoch: u64, from: Timestamp) {
        self.desk.store.put_bundle(bundle.hash(), &bundle.to_bytes()).await.expect("kept");
        let published = Body::PolicyPublished(PolicyPublished { hash: bundle.hash(), from, epoch });
        let facts = vec![told(self.clock.now(), None, published)];
        self.desk.record(AccountId::of_policy(), AccountKind::Policy, facts).await.expect("published");
    }

    async fn tell(&self, facts: Vec<NewFact>) -> Acted {
        self.desk.record(self.customer, AccountKind::Customer, facts).await.expect("recorded")
    }

    fn registered(&self) -> NewFact {
        let body = Body::CustomerRegistered(CustomerRegistered {
            connection: AccountId::of_partner(),
            tenant: TenantId(uuid::Uuid::from_u128(7)),
            cloud: Cloud::Public,
            name: Sealed::from_ciphertext(Retention::Contact, String::new()),
            domain: None,
            country: None,
            reseller: None,
            debtor: None,
        });
        told(self.clock.now(), None, body)
    }

    fn alert(&self) -> NewFact {
        let now = self.clock.now();
        let body = Body::AlertSeen(AlertSeen {
            alert: AlertId("a-1".to_owned()),
            alert_type: "CryptoMining".to_owned(),
            status: AlertStatus::Active,
            severity: Severity::High,
            azure_subscription: None,
            subscription: None,
            detected: now,
            last_observed: now,
            received: now,
            test: false,
            source: AlertSource::Graph,
            resources: Vec::new(),
            evidence: Sealed::from_ciphertext(Retention::Evidence, String::new()),
        });
        told(now, Some("alert:a-1:active"), body)
    }

    async fn journal(&self) -> Vec<Fact> {
        let stored = self.desk.store.facts(self.customer, 0, 1_000).await.expect("facts");
        let read = |fact: &domain::fact::StoredFact| Fact::read(self.customer, fact.version, &fact.bytes);
        stored.iter().map(read).collect::<Result<_, _>>().expect("readable")
    }

    async fn kinds(&self) -> Vec<&'static str> {
        self.journal().await.iter().map(|fact| fact.body.kind()).collect()
    }

    async fn replayed(&self) -> Verdict {
        let journal = self.journal().await;
        let mut policies = std::collections::BTreeMap::<Hash, _>::new();
        for hash in journal.iter().filter_map(|fact| fact.policy) {
            policies.insert(hash, self.desk.policies.get(hash).await.expect("a policy"));
        }
        replay(self.customer, &journal, |hash| policies.get(&hash).cloned()).expect("a replay")
    }
}

#[tokio::test]
async fn dues_passed_while_the_program_was_down_are_decided_each_at_its_own_instant() {
    let office = Office::open().await;
    let start = office.clock.now();
    office.tell(vec![office.registered(), office.alert()]).await;
    office.clock.forward(SignedDuration::from_hours(72));
    let claimed = office.tell(vec![office.registered()]).await;
    let facts = office.journal().await;
    let at_of =
        |kind: &str| facts.iter().filter(|fact| fact.body.kind() == kind).map(|fact| fact.at).collect::<Vec<_>>();
    assert_eq!(at_of("answer.ordered"), [start + minutes(30)]);
    assert_eq!(at_of("case.clock_passed"), [start + minutes(60), start + minutes(24 * 60)]);
    assert_eq!(claimed.at, start + SignedDuration::from_hours(72));
    assert!(matches!(office.replayed().await, Verdict::Same { decided: 5, .. }), "{:?}", office.replayed().await);
}

#[tokio::test]
async fn what_is_told_twice_is_one_fact_and_what_was_told_beside_it_is_kept() {
    let office = Office::open().await;
    office.tell(vec![office.alert()]).await;
    let again = office.tell(vec![office.alert(), office.registered()]).await;
    assert_eq!(again.facts.iter().map(|fact| fact.body.kind()).collect::<Vec<_>>(), ["customer.registered"]);
    assert!(office.tell(vec![office.alert()]).await.facts.is_empty());
    assert_eq!(office.kinds().await.iter().filter(|kind| **kind == "alert.seen").count(), 1);
}

#[tokio::test]
async fn a_policy_that_takes_force_reaches_a_quiet_account_at_its_instant_and_replays() {
    let office = Office::open().await;
    office.tell(vec![office.registered(), office.alert()]).await;
    let mut files = Bundle::embedded().files().clone();
    let clocks = files.get_mut("clocks.toml").expect("the shipped file");
    let text = String::from_utf8(clocks.clone()).expect("text");
    *clocks = text.replace("investigate_after = \"30 min\"", "investigate_after = \"20 min\"").into_bytes();
    let from = office.clock.now() + minutes(10);
    office.publish(&Bundle::of(files).expect("a bundle"), 2, from).await;
    office.clock.forward(minutes(25));
    office.desk.catch_up(office.customer, AccountKind::Customer).await.expect("caught up");
    let facts = office.journal().await;
    let adopted =
        facts.iter().filter(|fact| fact.body.kind() == "policy.adopted").map(|fact| fact.at).collect::<Vec<_>>();
    assert_eq!(adopted.last(), Some(&from));
    let answered = facts.iter().find(|fact| fact.body.kind() == "answer.ordered").expect("an answer");
    assert_eq!(answered.at, from + minutes(10), "twenty minutes after the alert, as the newer policy says");
    assert!(matches!(office.replayed().await, Verdict::Same { .. }), "{:?}", office.replayed().await);
}

#[tokio::test]
async fn an_edited_decision_does_not_replay() {
    let office = Office::open().await;
    office.tell(vec![office.registered(), office.alert()]).await;
    let mut journal = office.journal().await;
    for fact in &mut journal {
        if let Body::CaseOpened(opened) = &mut fact.body {
            opened.severity = Severity::Low;
        }
    }
    let policy = office.desk.policies.in_force(office.clock.now()).await.expect("a policy").1;
    let verdict = replay(office.customer, &journal, |_| Some(Arc::clone(&policy))).expect("a replay");
    assert!(matches!(verdict, Verdict::Differs { .. }), "{verdict:?}");
}

/// A release decides some things otherwise than the one before it; what that one decided stays as it is.
#[tokio::test]
async fn what_an_earlier_release_decided_by_other_code_is_taken_as_recorded_and_goes_on_from_there() {
    let office = Office::open().await;
    office.tell(vec![office.registered(), office.alert()]).await;
    let earlier = office.journal().await.len();
    office.clock.forward(SignedDuration::from_hours(3));
    office.tell(vec![office.registered()]).await;
    let policy = office.desk.policies.in_force(office.clock.now()).await.expect("a policy").1;
    let verdict = |journal: &[Fact]| replay(office.customer, journal, |_| Some(Arc::clone(&policy))).expect("a replay");
    let mut journal = office.journal().await;
    let Verdict::Same { decided: all, .. } = verdict(&journal) else { panic!("it replays as it is") };
    for fact in journal.iter_mut().take(earlier) {
        fact.decide = DECIDE_VERSION - 1;
        if let Body::CaseOpened(opened) = &mut fact.body {
            opened.severity = Severity::Low;
        }
    }
    let Verdict::Same { decided: later, .. } = verdict(&journal) else { panic!("{:?}", verdict(&journal)) };
    assert!(0 < later && later < all, "{later} of {all}");
    // What this release decided is still compared.
    for fact in &mut journal {
        if let Body::AnswerOrdered(order) = &mut fact.body {
            order.reasons.clear();
        }
    }
    assert!(matches!(verdict(&journal), Verdict::Differs { .. }));
}

#[tokio::test]
async fn an_alert_that_was_not_named_on_closing_is_listed_with_its_new_case_and_no_longer_with_the_old() {
    let office = Office::open().await;
    office.tell(vec![office.registered(), office.alert()]).await;
    let case_of = async || {
        let file = office.desk.file(office.customer).await.expect("a file");
        let cases: Vec<_> = file.customer().expect("a customer").cases.keys().copied().collect();
        let [case] = cases.as_slice() else { panic!("{cases:?}") };
        *case
    };
    let case = case_of().await;
    let closed = Closed { case, outcome: Outcome::FalseAlarm, alerts: Vec::new(), note: None };
    office.tell(vec![told(office.clock.now(), None, Body::CaseClosed(closed))]).await;
    let next = case_of().await;
    assert_ne!(next, case);
    let listed = async |case| store::rows::notices::of_case(&office.desk.store, case, 10).await.expect("rows").len();
    assert_eq!((listed(case).await, listed(next).await), (0, 1));
}

#[tokio::test]
async fn what_if_shows_case_by_case_what_a_shorter_clock_would_have_done() {
    let office = Office::open().await;
    office.tell(vec![office.registered(), office.alert()]).await;
    office.clock.forward(SignedDuration::from_hours(3));
    office.tell(vec![office.registered()]).await;
    let journal = office.journal().await;
    let policy = office.desk.policies.in_force(office.clock.now()).await.expect("a policy").1;
    let same = what_if(office.customer, &journal, &policy, Assume::default()).expect("a trial");
    assert!(same.changes().is_empty(), "{:?}", same.changes());
    let mut shorter = (*policy).clone();
    shorter.clocks.investigate_after = minutes(5);
    shorter.clocks.answer_target = SignedDuration::from_hours(4);
    let trial = what_if(office.customer, &journal, &shorter, Assume::default()).expect("a trial");
    let changes = trial.changes();
    let [Change::Other(_, was, is)] = changes.as_slice() else {
        panic!("the case should differ");
    };
    assert_eq!(was.first_answer.map(|at| at.duration_since(was.opened)), Some(minutes(30)));
    assert_eq!(is.first_answer.map(|at| at.duration_since(is.opened)), Some(minutes(5)));
    assert!(was.marks.contains(&Mark::Target) && !is.marks.contains(&Mark::Target));
}

/// A fact of a kind and schema that only a later release knows, appended as that release would.
async fn written_by_a_later_release(office: &Office) {
    let store = &office.desk.store;
    let head = store.head(office.customer).await.expect("read").expect("there");
    let last = store.facts(office.customer, head.version - 1, 1).await.expect("read").remove(0);
    let version = head.version + 1;
    let mut fact: serde_json::Value = serde_json::from_slice(&last.bytes).expect("a fact");
    for (name, value) in [("version", version), ("step", version), ("schema", 999)] {
        fact[name] = value.into();
    }
    let bytes = serde_json::to_vec(&fact).expect("written");
    let fact = StoredFact { version, hash: chained(head.hash, &bytes), source_key: None, bytes, ..last };
    let append = Append {
        account: office.customer,
        kind: AccountKind::Customer,
        expected_version: head.version,
        before: head.hash,
        policy_epoch: 1,
        facts: vec![fact],
        rows: Vec::new(),
        effects: Vec::new(),
        closed: Vec::new(),
        due: head.due,
        permits: Vec::new(),
        file: b"a form of its own".to_vec(),
        fold_version: FOLD_VERSION + 1,
        policy: head.policy,
        adopted_epoch: Some(1),
        next_epoch: None,
    };
    assert!(matches!(store.append(append).await.expect("appended"), Appended::Done(_)));
}

#[tokio::test]
async fn an_account_with_a_fact_of_a_later_release_is_read_only_and_is_not_folded_without_it() {
    let office = Office::open().await;
    office.tell(vec![office.registered()]).await;
    written_by_a_later_release(&office).await;
    for _ in 0..2 {
        let refused = office.desk.record(office.customer, AccountKind::Customer, vec![office.alert()]).await;
        assert!(matches!(refused, Err(DeskError::ReadOnly(account)) if account == office.customer), "{refused:?}");
        assert!(office.desk.store.head(office.customer).await.expect("read").expect("there").read_only);
    }
}

#[tokio::test]
async fn a_release_that_knows_every_fact_opens_an_account_that_an_older_one_closed() {
    let office = Office::open().await;
    office.tell(vec![office.registered()]).await;
    office.desk.store.set_read_only(office.customer, true).await.expect("closed");
    let acted = office.tell(vec![office.alert()]).await;
    assert!(acted.facts.iter().any(|fact| fact.body.kind() == "case.opened"), "{:?}", acted.facts);
    assert!(!office.desk.store.head(office.customer).await.expect("read").expect("there").read_only);
}
