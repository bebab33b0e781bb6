//! Signals: what their rows keep, what is read from the file and from the newest finding, and what can't be.

use crate::stores::on_every_store;
use crate::world::*;
use domain::body::Body;
use domain::cases::{CaseId, Closed, Opened, Outcome, Severity};
use domain::fact::{DECIDE_VERSION, Fact};
use domain::file::{AccountFile, FOLD_VERSION, apply};
use domain::ids::{AccountId, Actor, Hash, SignalId};
use domain::permission::Scope;
use domain::sealed::{Retention, Sealed};
use domain::signals::{FindingRecorded, Level, RuleRef, SignalRaised, SignalRepeated};
use store::rows::signals::{SignalRow, list};
use store::rows::{Filter, Listed, project};
use store::{Append, Store};

const RULE: &str = "rule";

/// One customer's facts, step by step, as the desk writes them.
struct Life {
    account: AccountId,
    file: AccountFile,
    hash: Hash,
}

impl Life {
    fn new(number: u64) -> Self {
        Self { account: account(number), file: AccountFile::default(), hash: Hash::default() }
    }

    fn case(&self) -> CaseId {
        CaseId(self.account.0)
    }

    fn signal(&self) -> SignalId {
        SignalId(self.account.0)
    }

    /// Appends a step of these facts, a minute after the one before.
    async fn goes_on(&mut self, store: &Store, bodies: Vec<Body>) {
        let before = self.file.clone();
        let now = at(60 * i64::try_from(before.version).unwrap());
        let facts: Vec<Fact> =
            (before.version + 1..).zip(bodies).map(|(version, body)| self.fact(version, now, body)).collect();
        let start = self.hash;
        let stored: Vec<_> = facts
            .iter()
            .map(|fact| {
                apply(&mut self.file, fact);
                let stored = fact.store(self.hash).unwrap();
                self.hash = stored.hash;
                stored
            })
            .collect();
        let append = Append {
            expected_version: before.version,
            before: start,
            rows: project(self.account, &before, &self.file, &facts),
            file: self.file.to_bytes().unwrap(),
            fold_version: FOLD_VERSION,
            facts: stored,
            ..first(self.account, 1, now)
        };
        done(store, append).await;
    }

    fn fact(&self, version: u64, at: jiff::Timestamp, body: Body) -> Fact {
        Fact {
            account: self.account,
            version,
            step: version,
            at,
            happened: at,
            actor: Actor::Program,
            source_key: None,
            policy: None,
            decide: DECIDE_VERSION,
            body,
        }
    }

    /// A finding that raises a signal of a new case.
    async fn raises(&mut self, store: &Store) {
        let opened = Opened {
            case: self.case(),
            story: "mining".to_owned(),
            severity: Severity::High,
            since: at(0),
            per_hour: None,
            assumed_per_hour: None,
            at_stake: None,
            playbook: None,
            reasons: Vec::new(),
        };
        let raised = self.raised(self.file.version + 1);
        self.goes_on(store, vec![finding("westeurope"), Body::CaseOpened(opened), raised]).await;
    }

    fn raised(&self, finding: u64) -> Body {
        Body::SignalRaised(SignalRaised {
            signal: self.signal(),
            finding,
            case: self.case(),
            rule: RULE.to_owned(),
            azure_subscription: None,
            count: 1,
            severity: Severity::High,
            reasons: Vec::new(),
        })
    }

    async fn repeats(&mut self, store: &Store, region: &str) {
        let (signal, case) = (self.signal(), self.case());
        let repeated = SignalRepeated { signal, finding: self.file.version + 1, case, count: 2 };
        self.goes_on(store, vec![finding(region), Body::SignalRepeated(repeated)]).await;
    }

    async fn closes(&mut self, store: &Store) {
        let closed = Closed { case: self.case(), outcome: Outcome::Fraud, alerts: Vec::new(), note: None };
        self.goes_on(store, vec![Body::CaseClosed(closed)]).await;
    }
}

/// A finding of several kilobytes, which is packed.
fn finding(region: &str) -> Body {
    Body::FindingRecorded(FindingRecorded {
        rule: RuleRef {
            id: RULE.to_owned(),
            title: "Machines".to_owned(),
            title_sv: None,
            author: "Borgen".to_owned(),
            level: Level::High,
            tags: Vec::new(),
            rule_set: Hash::of(b"rules"),
        },
        log: "azure_activity".to_owned(),
        received: at(0),
        count: 1,
        azure_subscription: None,
        region: Some(region.to_owned()),
        size: None,
        resources: Vec::new(),
        further_per_hour: None,
        price: None,
        caller: None,
        evidence: Sealed::from_ciphertext(Retention::Evidence, "å".repeat(2_000)),
    })
}

async fn signals(store: &Store) -> Vec<Listed<SignalRow>> {
    list(store, &Scope::All, &Filter::default(), None, 100).await.unwrap().items
}

async fn only(store: &Store) -> SignalRow {
    let mut signals = signals(store).await;
    assert_eq!(signals.len(), 1);
    signals.remove(0).row
}

#[test]
fn a_signal_shows_its_newest_finding_before_and_after_its_case_is_closed_and_when_the_fold_is_another() {
    on_every_store(async |store| {
        let mut life = Life::new(1);
        life.raises(&store).await;
        let raised = only(&store).await;
        assert_eq!((raised.count, raised.region.as_deref(), raised.finding), (1, Some("westeurope"), 1));
        life.repeats(&store, "northeurope").await;
        let repeated = only(&store).await;
        assert_eq!((repeated.count, repeated.region.as_deref(), repeated.finding), (2, Some("northeurope"), 4));
        assert_eq!((repeated.first, repeated.last), (raised.first, at(180)));

        // Another release folded the file: it is folded anew, once.
        let version = life.file.version;
        assert!(store.refold(life.account, version, b"old".to_vec(), FOLD_VERSION + 1, None).await.unwrap());
        assert_eq!(only(&store).await, repeated);
        let head = store.head(life.account).await.unwrap().unwrap();
        assert_eq!((head.fold_version, head.file), (FOLD_VERSION, life.file.to_bytes().unwrap()));

        life.closes(&store).await;
        // The file says nothing of the signal any more.
        life.file.part = domain::file::Part::Unborn;
        let forgotten = life.file.to_bytes().unwrap();
        assert!(store.refold(life.account, life.file.version, forgotten, FOLD_VERSION, None).await.unwrap());
        assert_eq!(only(&store).await, repeated);
        assert_eq!(store.facts(life.account, 0, 1).await.unwrap().remove(0).kind, "finding.recorded");
    });
}

#[test]
fn a_signal_whose_finding_can_t_be_read_does_not_take_the_others_away() {
    on_every_store(async |store| {
        Life::new(1).raises(&store).await;
        let life = Life::new(2);
        // A fact of a kind that this release does not know stands where the finding should.
        let mut append = first(life.account, 1, at(0));
        let raised = life.fact(2, at(0), life.raised(1));
        append.rows = project(life.account, &AccountFile::default(), &raised_file(&raised), &[raised]);
        done(&store, append).await;
        let shown: Vec<_> = signals(&store).await.into_iter().map(|listed| listed.account).collect();
        assert_eq!(shown, [account(1)]);
    });
}

/// A customer's file with one fact in it.
fn raised_file(fact: &Fact) -> AccountFile {
    let mut file = AccountFile::default();
    apply(&mut file, fact);
    file
}
