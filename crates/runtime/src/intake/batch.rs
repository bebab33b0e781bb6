//! A batch of events on its way through the intake: parsed, sorted by customer, looked at, filed, recorded.

use super::Intake;
use super::body::{Incoming, MAX_LINE_BYTES};
use super::filing::{FilingError, MAX_WAITING_DRAFTS};
use super::owners::{Named, azure_place, tenant_place};
use crate::measures;
use axum::body::Bytes;
use domain::ids::{AccountId, AzureSubscriptionId, TenantId};
use domain::sealed::{Retention, Sealed};
use jiff::Timestamp;
use serde::Serialize;
use sigma::Event;
use sigma::concepts::{self, Concepts};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use store::{StoreError, VaultError};

/// How many events are parsed and looked at in one go.
const MAX_EVENTS_AT_ONCE: usize = 512;
/// A go of more bytes than this is worked on off the threads that serve requests.
const LARGE_BYTES: usize = 64 * 1024;
/// The most bad lines that are told one by one.
const MAX_REJECTED_TOLD: usize = 1_000;
/// The longest reason of a bad line.
const MAX_REASON_CHARS: usize = 200;
/// The largest event that can wait for its customer: sealed it has to fit into the parking table.
const MAX_PARKABLE_BYTES: usize = 24 * 1024;
/// How many parked events are fed at once when their customer becomes known.
const UNPARK_AT_ONCE: u32 = 500;
/// Before the name of a place whose events can't be read.
const UNREADABLE: &str = "unreadable:";
/// How many times parked events of one place are fetched in one go.
const MAX_UNPARK_PAGES: u32 = 1_000;

/// A line that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rejected {
    /// Its line, or its number in the array, from 1.
    pub line: usize,
    /// Why.
    pub reason: String,
}

/// What became of a batch.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Taken {
    /// Events that were looked at.
    pub accepted: usize,
    /// Events that wait until their customer is known.
    pub parked: usize,
    /// Findings that were made and recorded.
    pub findings: usize,
    /// Of the findings, those that wait because their customer's account can't be written to just now.
    #[serde(rename = "setAside", skip_serializing_if = "is_zero")]
    pub set_aside: usize,
    /// Lines that were not taken.
    pub rejected: Vec<Rejected>,
    /// How many more were not taken, beyond those told.
    #[serde(rename = "furtherRejected", skip_serializing_if = "is_zero")]
    pub further_rejected: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the serialiser wants a reference")]
const fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// Why a batch could not be taken. The same batch may be sent again: what was recorded is not recorded twice.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Findings were made and could not be recorded yet.
    #[error("findings for account {account} could not be recorded yet: {why}")]
    Unrecorded {
        /// The account.
        account: AccountId,
        /// What stood in the way.
        why: String,
    },
    /// Sealing failed.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// Too many findings wait already.
    #[error("{MAX_WAITING_DRAFTS} findings wait to be recorded: no events are taken until they are")]
    Full,
    /// Looking broke off.
    #[error("the look at the events broke off: {0}")]
    Broken(#[from] tokio::task::JoinError),
}

/// An event that was parsed.
#[derive(Debug)]
pub(super) struct Looked {
    pub(super) incoming: Incoming,
    pub(super) event: Event,
    pub(super) concepts: Concepts,
}

impl Looked {
    /// The Azure subscription that the event names.
    pub(super) fn azure(&self) -> Option<AzureSubscriptionId> {
        self.concepts.subscription_id.as_deref().and_then(|id| id.parse().ok())
    }
}

/// Events by whose they are.
#[derive(Default)]
struct Sorted {
    known: BTreeMap<AccountId, Vec<Looked>>,
    unknown: BTreeMap<String, Vec<Bytes>>,
    rejected: Vec<Rejected>,
}

impl Intake {
    /// Takes events of a connection. When this returns well, every finding made from them is on record.
    pub(super) async fn take(&self, connection: AccountId, events: Vec<Incoming>) -> Result<Taken, IntakeError> {
        if self.inner.filing.waiting() >= MAX_WAITING_DRAFTS {
            return Err(IntakeError::Full);
        }
        let gate = Arc::new(Arc::clone(&self.inner.gate).read_owned().await);
        let received = self.inner.tools.now();
        let mut taken = Taken::default();
        let mut touched = BTreeSet::new();
        let mut rest = events.into_iter();
        loop {
            let go: Vec<Incoming> = rest.by_ref().take(MAX_EVENTS_AT_ONCE).collect();
            if go.is_empty() {
                break;
            }
            let large = go.iter().map(|incoming| incoming.bytes.len()).sum::<usize>() > LARGE_BYTES;
            let parsed = off_thread(large, move || go.into_iter().map(parse).collect::<Vec<_>>()).await?;
            let sorted = self.sort(connection, parsed).await?;
            self.park(connection, sorted.unknown, received, &mut taken).await?;
            reject(&mut taken, sorted.rejected);
            for (account, looked) in sorted.known {
                taken.accepted = taken.accepted.saturating_add(looked.len());
                let found = self.look(account, connection, looked, received, large, (&gate, &mut taken)).await?;
                taken.findings = taken.findings.saturating_add(found);
                touched.insert(account);
            }
        }
        for account in touched {
            self.record(account, &mut taken).await?;
        }
        drop(gate);
        let rejected = taken.rejected.len().saturating_add(taken.further_rejected);
        for (result, count) in [("accepted", taken.accepted), ("parked", taken.parked), ("rejected", rejected)] {
            measures::events(result, count);
        }
        measures::findings(taken.findings);
        Ok(taken)
    }

    async fn sort(&self, connection: AccountId, parsed: Vec<Result<Looked, Rejected>>) -> Result<Sorted, StoreError> {
        let mut sorted = Sorted::default();
        let mut asked: BTreeMap<Named, Option<AccountId>> = BTreeMap::new();
        for parsed in parsed {
            let looked = match parsed {
                Ok(looked) => looked,
                Err(rejected) => {
                    sorted.rejected.push(rejected);
                    continue;
                }
            };
            let named = Named::by(&looked.concepts);
            let owner = match asked.get(&named) {
                Some(owner) => *owner,
                None => *asked.entry(named).or_insert(self.inner.owners.of(connection, named).await?),
            };
            match (owner, named.place(connection)) {
                (Some(owner), _) => sorted.known.entry(owner).or_default().push(looked),
                (None, Some(place)) => sorted.unknown.entry(place).or_default().push(looked.incoming.bytes),
                (None, None) => sorted.rejected.push(Rejected {
                    line: looked.incoming.line,
                    reason: "the event names neither a tenant nor an Azure subscription".to_owned(),
                }),
            }
        }
        Ok(sorted)
    }

    /// Looks at events of one account and puts what is found in line. What an earlier batch could not record goes
    /// first. Once the engine has seen the events, their findings are in line even if the sender hangs up.
    async fn look(
        &self,
        account: AccountId,
        connection: AccountId,
        looked: Vec<Looked>,
        received: Timestamp,
        large: bool,
        (gate, taken): (&Arc<tokio::sync::OwnedRwLockReadGuard<()>>, &mut Taken),
    ) -> Result<usize, IntakeError> {
        if self.inner.filing.owes(account) {
            self.record(account, taken).await?;
        }
        let inner = Arc::clone(&self.inner);
        let gate = Arc::clone(gate);
        let work = move || {
            let events: Vec<&Looked> = looked.iter().collect();
            let spotted = inner.engines.look(account, &events, received);
            let count = spotted.len();
            inner.filing.put(account, connection, spotted);
            drop(gate);
            count
        };
        off_thread(large, work).await
    }

    /// Records what was found for an account. What could neither be recorded nor wait is said to the sender.
    async fn record(&self, account: AccountId, taken: &mut Taken) -> Result<(), IntakeError> {
        let recorded = self.inner.filing.flush(account).await;
        let aside =
            recorded.map_err(|error: FilingError| IntakeError::Unrecorded { account, why: error.to_string() })?;
        let count = |facts: u64| usize::try_from(facts).unwrap_or(usize::MAX);
        taken.set_aside = taken.set_aside.saturating_add(count(aside.kept));
        if aside.dropped > 0 {
            let dropped = aside.dropped;
            let reason = format!(
                "{dropped} findings of a customer whose account can't be written to were not kept: too many wait, or too large"
            );
            reject(taken, vec![Rejected { line: 0, reason }]);
        }
        Ok(())
    }

    /// Lets events wait whose customer is not known. They name people, so they wait sealed under the connection.
    async fn park(
        &self,
        connection: AccountId,
        unknown: BTreeMap<String, Vec<Bytes>>,
        received: Timestamp,
        taken: &mut Taken,
    ) -> Result<(), IntakeError> {
        let source = connection.to_string();
        for (place, events) in unknown {
            let mut sealed = Vec::with_capacity(events.len());
            let given = events.len();
            for event in events.into_iter().filter(|event| event.len() <= MAX_PARKABLE_BYTES) {
                let text = String::from_utf8_lossy(&event).into_owned();
                let event = self.inner.tools.vault.seal(connection, Retention::Evidence, &text).await?;
                sealed.push(serde_json::to_vec(&event).unwrap_or_default());
            }
            let parked = self.inner.tools.store().park(&place, &source, received, &sealed).await?;
            taken.parked = taken.parked.saturating_add(usize::try_from(parked.kept).unwrap_or(usize::MAX));
            let dropped = given.saturating_sub(usize::try_from(parked.kept).unwrap_or(given));
            if dropped > 0 {
                // Said to the sender too: what can't wait is not taken.
                let reason =
                    format!("{dropped} events of an unknown customer were not kept: too many wait, or too large");
                reject(taken, vec![Rejected { line: 0, reason }]);
            }
        }
        Ok(())
    }

    /// Feeds the events that waited for a customer that is known now. Returns how many there were.
    pub async fn unpark(
        &self,
        connection: AccountId,
        tenant: TenantId,
        azure: &[AzureSubscriptionId],
    ) -> Result<usize, IntakeError> {
        let places = azure.iter().map(|id| azure_place(connection, *id)).chain([tenant_place(connection, tenant)]);
        let mut fed = 0_usize;
        for place in places {
            for _ in 0..MAX_UNPARK_PAGES {
                let waited = self.inner.tools.store().parked_events(&place, UNPARK_AT_ONCE).await?;
                let Some(last) = waited.last().map(|waited| waited.id) else { break };
                let mut events = Vec::with_capacity(waited.len());
                let mut unreadable = Vec::new();
                for (line, waited) in waited.into_iter().enumerate() {
                    match self.opened(connection, &waited.bytes).await? {
                        Some(bytes) => events.push(Incoming { line, bytes }),
                        None => unreadable.push(waited.bytes),
                    }
                }
                fed = fed.saturating_add(events.len());
                self.take(connection, events).await?;
                if !self.keep_unreadable(connection, &place, &unreadable).await? {
                    break;
                }
                // Only now that their findings are on record.
                self.inner.tools.store().unpark(&place, last).await?;
            }
        }
        Ok(fed)
    }

    /// Puts events that can't be read where they don't stand in the way of the others, in sight of whoever looks at
    /// what is parked. False when there is no room for them: then all of them stay where they are.
    async fn keep_unreadable(
        &self,
        connection: AccountId,
        place: &str,
        events: &[Vec<u8>],
    ) -> Result<bool, IntakeError> {
        if events.is_empty() {
            return Ok(true);
        }
        let store = self.inner.tools.store();
        let aside = format!("{UNREADABLE}{place}");
        let kept = store.park(&aside, &connection.to_string(), self.inner.tools.now(), events).await?;
        measures::events("unreadable", events.len());
        tracing::error!(
            connection.id = %connection, parking.place = %aside, events.unreadable = events.len(), events.kept = kept.kept,
            "parked events can't be read: they are kept"
        );
        Ok(kept.dropped == 0)
    }

    /// An event that waited; nothing when its key was erased, or when it is damaged.
    async fn opened(&self, connection: AccountId, bytes: &[u8]) -> Result<Option<Bytes>, IntakeError> {
        let Ok(sealed) = serde_json::from_slice::<Sealed<String>>(bytes) else { return Ok(None) };
        let text = self.inner.tools.vault.open(connection, &sealed).await?;
        Ok(text.map(Bytes::from))
    }

    /// Forgets which customer holds which Azure subscription: the holdings have changed.
    pub fn holdings_changed(&self) {
        self.inner.owners.forget();
    }
}

fn parse(incoming: Incoming) -> Result<Looked, Rejected> {
    let line = incoming.line;
    if incoming.bytes.len() > MAX_LINE_BYTES {
        return Err(Rejected { line, reason: format!("the event has more than {MAX_LINE_BYTES} bytes") });
    }
    match Event::parse(&incoming.bytes) {
        Ok(event) => Ok(Looked { concepts: concepts::of(&event), event, incoming }),
        Err(error) => {
            let reason = error.to_string().chars().filter(|c| !c.is_control()).take(MAX_REASON_CHARS).collect();
            Err(Rejected { line, reason })
        }
    }
}

fn reject(taken: &mut Taken, rejected: Vec<Rejected>) {
    for rejected in rejected {
        if taken.rejected.len() < MAX_REJECTED_TOLD {
            taken.rejected.push(rejected);
        } else {
            taken.further_rejected = taken.further_rejected.saturating_add(1);
        }
    }
}

/// Does costly work off the threads that serve requests, and cheap work at once.
async fn off_thread<T: Send + 'static>(
    large: bool,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, IntakeError> {
    if large { Ok(tokio::task::spawn_blocking(work).await?) } else { Ok(work()) }
}
