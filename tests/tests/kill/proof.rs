//! What must be true of the journal and of Microsoft's own log, whenever the program lies dead and at the end. The store
//! is opened here by itself: that it opens at all shows that no lock was left behind.

use crate::people::ActedOn;
use crate::senders::{self, Batch, RULE};
use desk::Policies;
use desk::replay::{Verdict, replay};
use domain::body::Body;
use domain::fact::{Fact, chained};
use domain::ids::{AccountId, AzureSubscriptionId, Hash, TenantId};
use domain::policy::Policy;
use sandbox::{CustomerTruth, Running};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::{Checkpoint, Signer, Store, StoreConfig, VerifyingKey, verify};
use whole::journal;

/// Breaches that are told one by one.
const MAX_TOLD: usize = 10;

/// Looks at the store of a program that does not run.
pub(crate) struct Proof {
    store: PathBuf,
    key: VerifyingKey,
    /// The newest checkpoint of the last look, kept elsewhere: here.
    kept: Option<Checkpoint>,
}

/// Findings of the senders' rule: count and source key, by account and Azure subscription.
type Found = HashMap<(AccountId, AzureSubscriptionId), Vec<(u32, String)>>;

/// What was found at the end.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) accepted: usize,
    pub(crate) tries_without_answer: u32,
    pub(crate) accounts: usize,
    pub(crate) facts: u64,
    pub(crate) sealed: u64,
    pub(crate) effects_ended: usize,
    pub(crate) effects_open: u64,
}

impl Proof {
    /// Of the program set up in this folder.
    pub(crate) fn of(folder: &Path) -> Self {
        let data = folder.join("data");
        let signer = Signer::load(&data.join("keys/signing.pem")).unwrap();
        Self { store: data.join("borgen.db"), key: signer.verifying_key(), kept: None }
    }

    async fn open(&self) -> Store {
        Store::open(&StoreConfig::new(format!("sqlite:{}", self.store.display()))).await.expect("the store opens")
    }

    /// The chains of all accounts hold, and the export verifies against the checkpoint of the look before.
    pub(crate) async fn look(&mut self, round: u32) {
        let store = self.open().await;
        let (accounts, facts) = chains(&store).await;
        let sealed = self.export(&store).await;
        println!(
            "round {round}: {facts} facts of {accounts} accounts follow from each other, {sealed} are sealed and verify"
        );
    }

    /// Exports, verifies and keeps the newest checkpoint. Returns how many facts are sealed.
    async fn export(&mut self, store: &Store) -> u64 {
        let mut bytes = Vec::new();
        let exported = store.export(&mut bytes).await.unwrap();
        let report = verify(bytes.as_slice(), &self.key, self.kept.as_ref()).unwrap();
        assert!(report.is_sound(), "the export does not verify: {:?}", report.findings);
        if self.kept.is_some() {
            assert!(matches!(report.proven, store::Proof::Proven { .. }), "not proven: {:?}", report.proven);
        }
        let newest = store.last_checkpoint().await.unwrap();
        self.kept = newest.or(self.kept.take());
        exported.facts
    }

    /// Everything, after the program was asked to stop and has.
    pub(crate) async fn end(&mut self, batches: &[Batch], connection: AccountId) -> Told {
        let store = self.open().await;
        let (accounts, facts) = chains(&store).await;
        let sealed = self.export(&store).await;
        assert_eq!(sealed, facts, "not all facts were sealed at the end");
        let policies = Policies::new(store.clone());
        let mut findings = Found::new();
        let mut effects_ended = 0;
        for (account, _) in journal::accounts(&store).await {
            let facts = journal::facts(&store, account).await;
            replays_the_same(&policies, account, &facts).await;
            for fact in facts {
                match fact.body {
                    Body::FindingRecorded(finding) if finding.rule.id == RULE => {
                        let key = fact.source_key.expect("a finding has a source key");
                        let azure = finding.azure_subscription.expect("the event names its subscription");
                        findings.entry((account, azure)).or_default().push((finding.count, key));
                    }
                    Body::EffectFinished(_) => effects_ended += 1,
                    _ => {}
                }
            }
        }
        accepted_once(batches, connection, findings);
        Told {
            accepted: batches.iter().filter(|batch| batch.accepted).count(),
            tries_without_answer: batches.iter().map(|batch| batch.tries_without_answer).sum(),
            accounts,
            facts,
            sealed,
            effects_ended,
            effects_open: store.open_effects().await.unwrap().0,
        }
    }
}

/// Every fact of every account follows from the one before. Returns how many accounts and facts there are.
async fn chains(store: &Store) -> (usize, u64) {
    let accounts = journal::accounts(store).await;
    let mut count = 0;
    for (account, _) in &accounts {
        let mut before = Hash::default();
        let stored = journal::stored(store, *account).await;
        for (number, fact) in (1_u64..).zip(&stored) {
            assert_eq!(fact.version, number, "a fact of {account} is missing");
            assert_eq!(fact.hash, chained(before, &fact.bytes), "fact {number} of {account} does not follow");
            before = fact.hash;
            count += 1;
        }
        let head = store.head(*account).await.unwrap().expect("an account that is listed has a head");
        assert_eq!((head.version, head.hash), (stored.last().map_or(0, |fact| fact.version), before), "{account}");
    }
    (accounts.len(), count)
}

/// All decisions, made again, are those of the journal.
async fn replays_the_same(policies: &Policies, account: AccountId, facts: &[Fact]) {
    let mut known: BTreeMap<Hash, Arc<Policy>> = BTreeMap::new();
    for hash in facts.iter().filter_map(|fact| fact.policy).collect::<BTreeSet<_>>() {
        known.insert(hash, policies.get(hash).await.unwrap());
    }
    match replay(account, facts, |hash| known.get(&hash).cloned()).unwrap() {
        Verdict::Same { .. } => {}
        Verdict::Differs { version, recorded, replayed } => panic!(
            "fact {version} of {account} comes out otherwise\n  recorded {}\n  replayed {}",
            recorded.unwrap_or_else(|| "nothing".to_owned()),
            replayed.unwrap_or_else(|| "nothing".to_owned())
        ),
    }
}

/// What was answered 202 is one finding with the right count; what was not is there once or not at all. A finding of one
/// event is known by the event's id. One of several is known by its count and place: a sender is alone with its customers
/// and sends the same again until it is answered, so nothing else can be merged with it.
fn accepted_once(batches: &[Batch], connection: AccountId, mut found: Found) {
    let mut breaches = Vec::new();
    let (answered, unanswered): (Vec<_>, Vec<_>) = batches.iter().partition(|batch| batch.accepted);
    for batch in answered.into_iter().chain(unanswered) {
        let place = (AccountId::of_customer(connection, batch.tenant), batch.azure);
        let here = found.entry(place).or_default();
        let is_it = |(count, key): &(u32, String)| *count == batch.count && (*count > 1 || key.ends_with(&batch.first));
        match here.iter().position(is_it) {
            Some(at) => drop(here.swap_remove(at)),
            None if batch.accepted => breaches.push(format!("accepted and not in the journal: {batch:?}")),
            None => {}
        }
    }
    let left = found.into_iter().flat_map(|(place, left)| left.into_iter().map(move |one| (place, one)));
    breaches.extend(
        left.map(|((account, _), (count, key))| format!("told twice or by nobody: {key} ({count}) of {account}")),
    );
    let told: Vec<_> = breaches.iter().take(MAX_TOLD).collect();
    assert!(breaches.is_empty(), "{} breaches with {} batches: {told:#?}", breaches.len(), batches.len());
}

/// By Microsoft's own log every Azure subscription was cancelled at most once, and none that nobody asked for. Returns
/// how many were.
pub(crate) fn cancelled_at_most_once(microsoft: &Running, customers: &[CustomerTruth], acted: &ActedOn) -> usize {
    let mut times: BTreeMap<String, u32> = BTreeMap::new();
    microsoft.with_world(|world| {
        let cancels = world.changes().after(0).filter(|change| {
            change.what == "entitlement" && change.request_id.is_some() && change.after["state"] == "cancelling"
        });
        for change in cancels {
            *times.entry(change.id.clone()).or_default() += 1;
        }
    });
    for customer in customers {
        let ordered = acted.proposed.get(&TenantId(customer.tenant)).copied().unwrap_or(0);
        for azure in &customer.entitlements {
            let done = times.get(&azure.id.to_string()).copied().unwrap_or(0);
            assert!(done <= ordered, "{} was ordered to be cancelled {ordered} times and was {done} times", azure.id);
        }
    }
    let known: BTreeSet<String> =
        customers.iter().flat_map(|customer| &customer.entitlements).map(|azure| azure.id.to_string()).collect();
    let stray: Vec<_> = times.keys().filter(|id| !known.contains(*id)).collect();
    assert!(stray.is_empty(), "cancelled though nobody asked: {stray:?}");
    times.len()
}

/// What the program said on standard error, at its most talkative, names no customer, no person, no address of either,
/// and no secret.
pub(crate) fn log_names_nobody(folder: &Path, customers: &[CustomerTruth], secrets: &[&str]) {
    let log = std::fs::read_to_string(crate::program::log_in(folder)).unwrap();
    let names = customers.iter().map(|customer| customer.name.as_str());
    let others = [senders::CALLER, senders::ADDRESS, "Greta Lind", "Agent 1", "agent-1@example.com"];
    for name in names.chain(others).chain(secrets.iter().copied()) {
        let line = log.lines().find(|line| line.contains(name));
        assert!(line.is_none(), "the log tells `{name}`: {line:?}");
    }
    let lines = log.lines().count();
    assert!(lines > 100, "only {lines} lines were said, which proves nothing");
    println!("{lines} lines of log name nobody");
}
