//! The one path that every change takes: load the file, work off what came due, ask what is to be recorded, decide,
//! append; again when somebody else was faster.

use crate::events::{Event, is_decided, next_event};
use crate::policies::{Policies, PoliciesError, Timeline};
use crate::seam::Clock;
use domain::body::Body;
use domain::containment::PermitRefused;
use domain::effects::{effects_of, permits_of};
use domain::fact::{DecodeError, EncodeError, Fact, NewFact, StoredFact};
use domain::file::{AccountFile, FOLD_VERSION, Part, apply};
use domain::ids::{AccountId, AccountKind, Actor, Hash};
use domain::people::PolicyAdopted;
use domain::policy::Policy;
use domain::step::{Step, StepError, next_due, step};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use store::{Append, Appended, EffectKey, NextEpoch, OutboxRow, PermitTake, Store, StoreError};

/// How often a step is tried when others append to the same account.
pub const MAX_TRIES: u32 = 64;
/// How many dues of one account are worked off in one go; the rest follows with the next.
pub const MAX_EVENTS_PER_ACT: u32 = 1_000;
/// How many facts are read at once when a file is folded anew.
const FOLD_PAGE: u32 = 1_000;
/// The window of caps per hour.
const HOUR_SECONDS: i64 = 3_600;

/// Why something could not be recorded.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No policy is to be had.
    #[error(transparent)]
    Policies(#[from] PoliciesError),
    /// A step could not be worked out.
    #[error(transparent)]
    Step(#[from] StepError),
    /// A fact could not be written.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// A fact could not be read.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The folded file could not be written or read.
    #[error("the file of account {account} can't be written or read: {source}")]
    File {
        /// The account.
        account: AccountId,
        /// What the serialiser said.
        source: serde_json::Error,
    },
    /// A later release wrote to the account.
    #[error("account {0} was written by a later release: use that one; it is read-only here")]
    ReadOnly(AccountId),
    /// Others were faster every time.
    #[error("account {0} is written to by so many at once that {MAX_TRIES} tries were not enough: try again")]
    Crowded(AccountId),
}

/// Why an act did not come about.
#[derive(Debug, thiserror::Error)]
pub enum ActError<R: std::error::Error + 'static> {
    /// What was asked does not go, for a reason of the business.
    #[error(transparent)]
    Refused(R),
    /// The desk could not do it.
    #[error(transparent)]
    Desk(#[from] DeskError),
}

impl<R: std::error::Error + 'static> From<StoreError> for ActError<R> {
    fn from(error: StoreError) -> Self {
        Self::Desk(error.into())
    }
}

/// What is known at the moment of acting.
#[derive(Debug)]
pub struct View<'a> {
    /// The account's file, with everything that came due worked off.
    pub file: &'a AccountFile,
    /// The policy in force for the account; nothing for accounts that only record.
    pub policy: Option<&'a Policy>,
    /// The instant of the step.
    pub at: Timestamp,
}

/// What came of an act.
#[derive(Debug, Clone)]
pub struct Acted {
    /// The facts that were appended by this act; empty when there was nothing to record.
    pub facts: Vec<Fact>,
    /// The file after it.
    pub file: AccountFile,
    /// The instant of the step.
    pub at: Timestamp,
}

/// An account as it was loaded.
struct Loaded {
    file: AccountFile,
    hash: Hash,
}

/// How one try ended.
enum Tried {
    Appended(Acted, Hash),
    Again,
}

/// The desk. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Desk {
    /// Where facts go.
    pub store: Store,
    /// What decides.
    pub policies: Policies,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

impl Desk {
    /// A desk over a store.
    #[must_use]
    pub fn new(store: Store, clock: Arc<dyn Clock>) -> Self {
        Self { policies: Policies::new(store.clone()), store, clock }
    }

    /// Records facts about an account, and what follows from them. Facts whose source key is known are left out.
    pub async fn record(&self, account: AccountId, kind: AccountKind, facts: Vec<NewFact>) -> Result<Acted, DeskError> {
        let acted = self.act(account, kind, |_| Ok::<_, std::convert::Infallible>(facts.clone())).await;
        acted.map_err(|error| match error {
            ActError::Desk(error) => error,
            ActError::Refused(never) => match never {},
        })
    }

    /// Works off what has come due for an account, and nothing else.
    pub async fn catch_up(&self, account: AccountId, kind: AccountKind) -> Result<Acted, DeskError> {
        self.record(account, kind, Vec::new()).await
    }

    /// Asks `intent` what to record about an account as it now is, and records that with what follows. When others
    /// append first, or a policy takes force, `intent` is asked again.
    pub async fn act<R, F>(&self, account: AccountId, kind: AccountKind, mut intent: F) -> Result<Acted, ActError<R>>
    where
        R: std::error::Error + 'static,
        F: FnMut(&View<'_>) -> Result<Vec<NewFact>, R>,
    {
        let mut known_keys: Vec<String> = Vec::new();
        let mut closed_caps: Vec<PermitRefused> = Vec::new();
        for _ in 0..MAX_TRIES {
            let mut loaded = self.load(account).await?;
            let timeline = self.policies.timeline().await.map_err(DeskError::from)?;
            let now = crate::seam::whole_microseconds(self.clock.now());
            let at = loaded.file.last_at.map_or(now, |last| last.max(now));
            if !self.work_off(account, kind, &mut loaded, &timeline, at).await? {
                continue;
            }
            let (policy, adopted) = self.policy_for(&loaded.file, kind, &timeline, at).await?;
            let view = View { file: &loaded.file, policy: policy.as_deref(), at };
            let mut facts = intent(&view).map_err(ActError::Refused)?;
            facts.retain(|fact| fact.source_key.as_ref().is_none_or(|key| !known_keys.contains(key)));
            if facts.is_empty() {
                return Ok(Acted { facts: Vec::new(), file: loaded.file, at });
            }
            let adopted = adopted.map(|adopted| observed(at, Body::PolicyAdopted(adopted)));
            let refused = closed_caps.iter().cloned().map(|refused| observed(at, Body::PermitRefused(refused)));
            let facts = adopted.into_iter().chain(refused).chain(facts).collect();
            let tried = self.try_step(
                account,
                kind,
                &loaded,
                facts,
                policy.as_deref(),
                &timeline,
                at,
                &mut known_keys,
                &mut closed_caps,
            );
            if let Tried::Appended(acted, _) = tried.await? {
                return Ok(acted);
            }
        }
        Err(DeskError::Crowded(account).into())
    }

    /// The file of an account, as it was at its last step.
    pub async fn file(&self, account: AccountId) -> Result<AccountFile, DeskError> {
        Ok(self.load(account).await?.file)
    }

    /// Works off dues and policies until `until`, each at its own instant. False when somebody else was faster.
    async fn work_off(
        &self,
        account: AccountId,
        kind: AccountKind,
        loaded: &mut Loaded,
        timeline: &Timeline,
        until: Timestamp,
    ) -> Result<bool, DeskError> {
        if !is_decided(&loaded.file) {
            return Ok(true);
        }
        let mut closed_caps = Vec::new();
        for _ in 0..MAX_EVENTS_PER_ACT {
            let Some(adopted) = loaded.file.policy else { return Ok(true) };
            let mut policy = self.policies.get(adopted.hash).await?;
            let Some(event) = next_event(&loaded.file, &policy, &timeline.epochs, until) else { return Ok(true) };
            let at = event.at();
            let mut facts: Vec<NewFact> =
                closed_caps.drain(..).map(|refused| observed(at, Body::PermitRefused(refused))).collect();
            if let Event::Adopt(_, adopted) = event {
                policy = self.policies.get(adopted.hash).await?;
                facts.insert(0, observed(at, Body::PolicyAdopted(adopted)));
            }
            let mut known_keys = Vec::new();
            let tried = self.try_step(
                account,
                kind,
                loaded,
                facts,
                Some(&policy),
                timeline,
                at,
                &mut known_keys,
                &mut closed_caps,
            );
            match tried.await? {
                Tried::Appended(acted, hash) => *loaded = Loaded { file: acted.file, hash },
                // A cap that is used up is recorded with the same event; anything else means reading again.
                Tried::Again if !closed_caps.is_empty() => {}
                Tried::Again => return Ok(false),
            }
        }
        Ok(true)
    }

    /// The policy a step is decided under, and its adoption if the account is new.
    async fn policy_for(
        &self,
        file: &AccountFile,
        kind: AccountKind,
        timeline: &Timeline,
        at: Timestamp,
    ) -> Result<(Option<Arc<Policy>>, Option<PolicyAdopted>), DeskError> {
        if !matches!(kind, AccountKind::Customer | AccountKind::Reseller) {
            return Ok((None, None));
        }
        if let Some(adopted) = file.policy {
            return Ok((Some(self.policies.get(adopted.hash).await?), None));
        }
        let epoch = crate::events::in_force(&timeline.epochs, at).ok_or(PoliciesError::NonePublished)?;
        let adopted = PolicyAdopted { hash: epoch.hash, from: epoch.from, epoch: epoch.number };
        Ok((Some(self.policies.get(epoch.hash).await?), Some(adopted)))
    }

    #[expect(clippy::too_many_arguments, reason = "everything one try rests on, in one place")]
    async fn try_step(
        &self,
        account: AccountId,
        kind: AccountKind,
        loaded: &Loaded,
        facts: Vec<NewFact>,
        policy: Option<&Policy>,
        timeline: &Timeline,
        at: Timestamp,
        known_keys: &mut Vec<String>,
        closed_caps: &mut Vec<PermitRefused>,
    ) -> Result<Tried, DeskError> {
        let before = &loaded.file;
        let Step { facts, file } = step(account, before.clone(), facts, policy, at)?;
        if facts.is_empty() {
            // The law of `next_due` says that this can't be; if it is, the due must not come back for ever.
            tracing::error!(account.id = %account, "a due step decided nothing");
            self.store.refold(account, before.version, written(account, before)?, FOLD_VERSION, None).await?;
            return Ok(Tried::Again);
        }
        let stored = stored(&facts, loaded.hash)?;
        let last = stored.last().map_or(loaded.hash, |fact| fact.hash);
        let append = assemble(account, kind, before, &file, &facts, stored, loaded.hash, policy, timeline)?;
        match self.store.append(append).await {
            Ok(Appended::Done(_)) => {}
            Ok(Appended::Conflict) => return Ok(Tried::Again),
            Ok(Appended::Duplicate { source_key }) => {
                known_keys.push(source_key);
                return Ok(Tried::Again);
            }
            Ok(Appended::NoPermit { permit, retry_at }) => {
                closed_caps.push(PermitRefused { permit, until: retry_at });
                return Ok(Tried::Again);
            }
            Ok(Appended::StalePolicy) => {
                self.policies.refresh().await?;
                return Ok(Tried::Again);
            }
            Err(StoreError::Unknown { .. }) if self.is_committed(account, file.version, last).await? => {}
            Err(StoreError::Unknown { .. }) => return Ok(Tried::Again),
            Err(error) => return Err(error.into()),
        }
        Ok(Tried::Appended(Acted { facts, file, at }, last))
    }

    /// After an append whose outcome is unknown, only the journal tells.
    async fn is_committed(&self, account: AccountId, version: u64, hash: Hash) -> Result<bool, DeskError> {
        let facts = self.store.facts(account, version.saturating_sub(1), 1).await?;
        Ok(facts.first().is_some_and(|fact| fact.version == version && fact.hash == hash))
    }

    async fn load(&self, account: AccountId) -> Result<Loaded, DeskError> {
        let Some(head) = self.store.head(account).await? else {
            return Ok(Loaded { file: AccountFile::default(), hash: Hash::default() });
        };
        if head.read_only {
            return Err(DeskError::ReadOnly(account));
        }
        if head.fold_version == FOLD_VERSION
            && let Ok(file) = serde_json::from_slice(&head.file)
        {
            return Ok(Loaded { file, hash: head.hash });
        }
        let file = self.fold_anew(account, head.version).await?;
        Ok(Loaded { file, hash: head.hash })
    }

    /// Folds a file from the facts: the kept one was made by another release.
    async fn fold_anew(&self, account: AccountId, version: u64) -> Result<AccountFile, DeskError> {
        let mut file = AccountFile::default();
        while file.version < version {
            let page = self.store.facts(account, file.version, FOLD_PAGE).await?;
            if page.is_empty() {
                break;
            }
            for stored in page {
                match Fact::read(account, stored.version, &stored.bytes) {
                    Ok(fact) => apply(&mut file, &fact),
                    Err(error @ DecodeError::Newer { .. }) => {
                        self.store.set_read_only(account, true).await?;
                        return Err(error.into());
                    }
                    Err(error) => return Err(error.into()),
                }
            }
        }
        Ok(file)
    }
}

fn observed(at: Timestamp, body: Body) -> NewFact {
    NewFact { happened: at, actor: Actor::Program, source_key: None, body }
}

fn stored(facts: &[Fact], before: Hash) -> Result<Vec<StoredFact>, EncodeError> {
    let mut hash = before;
    let mut stored = Vec::with_capacity(facts.len());
    for fact in facts {
        let fact = fact.store(hash)?;
        hash = fact.hash;
        stored.push(fact);
    }
    Ok(stored)
}

fn written(account: AccountId, file: &AccountFile) -> Result<Vec<u8>, DeskError> {
    serde_json::to_vec(file).map_err(|source| DeskError::File { account, source })
}

/// Puts a step into the form of the one write.
#[expect(clippy::too_many_arguments, reason = "everything the one write carries, in one place")]
fn assemble(
    account: AccountId,
    kind: AccountKind,
    before: &AccountFile,
    after: &AccountFile,
    facts: &[Fact],
    stored: Vec<StoredFact>,
    hash: Hash,
    policy: Option<&Policy>,
    timeline: &Timeline,
) -> Result<Append, DeskError> {
    let newest = timeline.newest();
    let published = facts.iter().find_map(|fact| match &fact.body {
        Body::PolicyPublished(published) => Some(NextEpoch { hash: published.hash, from: published.from }),
        _ => None,
    });
    Ok(Append {
        account,
        kind,
        expected_version: before.version,
        before: hash,
        policy_epoch: i64::try_from(newest).unwrap_or(i64::MAX),
        rows: store::rows::project(account, before, after, facts),
        effects: outbox_rows(account, facts)?,
        closed: closed_effects(account, facts),
        due: policy.and_then(|policy| next_due(after, policy)),
        permits: permits(facts, after, policy),
        file: written(account, after)?,
        fold_version: FOLD_VERSION,
        policy: after.policy.map(|adopted| adopted.hash),
        adopted_epoch: after.policy.map(|adopted| adopted.epoch),
        next_epoch: published,
        facts: stored,
    })
}

fn outbox_rows(account: AccountId, facts: &[Fact]) -> Result<Vec<OutboxRow>, DeskError> {
    let mut rows = Vec::new();
    for fact in facts {
        for effect in effects_of(fact) {
            rows.push(OutboxRow {
                key: EffectKey { account, version: effect.key.version, ordinal: effect.key.ordinal },
                kind: effect.kind.word().to_owned(),
                object: effect.object,
                payload: serde_json::to_vec(&effect.kind).map_err(|source| DeskError::File { account, source })?,
                ready_at: fact.at,
                good_until: Some(effect.good_until),
            });
        }
    }
    Ok(rows)
}

fn closed_effects(account: AccountId, facts: &[Fact]) -> Vec<EffectKey> {
    let closed = facts.iter().filter_map(|fact| match &fact.body {
        Body::EffectFinished(finished) => Some(finished.effect),
        _ => None,
    });
    closed.map(|effect| EffectKey { account, version: effect.version, ordinal: effect.ordinal }).collect()
}

fn permits(facts: &[Fact], file: &AccountFile, policy: Option<&Policy>) -> Vec<PermitTake> {
    let (Part::Customer(customer), Some(policy)) = (&file.part, policy) else { return Vec::new() };
    let taken = |fact: &Fact| {
        let (window_start, window_end) = hour_of(fact.at);
        let wanted = permits_of(fact, customer, policy);
        wanted.into_iter().map(move |permit| PermitTake {
            name: permit.name,
            window_start,
            window_end,
            take: 1,
            limit: i64::from(permit.limit),
        })
    };
    facts.iter().flat_map(taken).collect()
}

/// The whole hour that an instant is in.
fn hour_of(at: Timestamp) -> (Timestamp, Timestamp) {
    let second = at.as_second();
    let start = Timestamp::from_second(second - second.rem_euclid(HOUR_SECONDS)).unwrap_or(at);
    let end = start.saturating_add(SignedDuration::from_secs(HOUR_SECONDS)).unwrap_or(Timestamp::MAX);
    (start, end)
}
