//! The one path that every change takes: load the file, work off what came due, ask what is to be recorded, decide,
//! append; again when somebody else was faster.

use crate::assemble::{assemble, written};
use crate::events::{Event, is_decided, next_event};
use crate::policies::{Policies, PoliciesError, Timeline};
use crate::seam::Clock;
use domain::body::Body;
use domain::containment::PermitRefused;
use domain::fact::{DecodeError, EncodeError, Fact, NewFact};
use domain::file::{AccountFile, FOLD_VERSION};
use domain::ids::{AccountId, AccountKind, Actor, Hash};
use domain::people::PolicyAdopted;
use domain::policy::Policy;
use domain::step::{Step, StepError, step};
use jiff::Timestamp;
use std::sync::Arc;
use store::{Appended, Head, Store, StoreError};

/// How often a step is tried when others append to the same account.
pub const MAX_TRIES: u32 = 64;
/// How many dues of one account are worked off in one go; the next try goes on from there.
pub const MAX_EVENTS_PER_ACT: u32 = 1_000;

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
    /// The step is on disk; the account's hash is this now.
    Appended(Box<Acted>, Hash),
    /// The account has to be read again.
    Again,
}

/// What a try rests on, beside the account.
pub(crate) struct Ground<'a> {
    /// The account.
    pub(crate) account: AccountId,
    /// What it is.
    pub(crate) kind: AccountKind,
    /// What decides; nothing for accounts that only record.
    pub(crate) policy: Option<&'a Policy>,
    /// What was published when the policy was chosen.
    pub(crate) timeline: &'a Timeline,
    /// The instant of the step.
    pub(crate) at: Timestamp,
    /// The instant by the clock: later than the step's when it is worked off late.
    pub(crate) now: Timestamp,
}

/// What earlier tries of the same step have met.
#[derive(Default)]
struct Met {
    /// Source keys that the account knows already.
    known_keys: Vec<String>,
    /// Caps that are used up.
    closed_caps: Vec<PermitRefused>,
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
        let mut met = Met::default();
        for _ in 0..MAX_TRIES {
            let mut loaded = self.load(account).await?;
            let timeline = self.policies.timeline().await.map_err(DeskError::from)?;
            let now = crate::seam::whole_microseconds(self.clock.now());
            let at = loaded.file.last_at.map_or(now, |last| last.max(now));
            if !self.work_off(account, kind, &mut loaded, &timeline, (at, now)).await? {
                continue;
            }
            let (policy, adopted) = self.policy_for(&loaded.file, kind, &timeline, at).await?;
            let view = View { file: &loaded.file, policy: policy.as_deref(), at };
            let mut facts = intent(&view).map_err(ActError::Refused)?;
            facts.retain(|fact| fact.source_key.as_ref().is_none_or(|key| !met.known_keys.contains(key)));
            if facts.is_empty() {
                return Ok(Acted { facts: Vec::new(), file: loaded.file, at });
            }
            let adopted = adopted.map(|adopted| observed(at, Body::PolicyAdopted(adopted)));
            let refused = met.closed_caps.iter().map(|refused| observed(at, Body::PermitRefused(refused.clone())));
            let facts = adopted.into_iter().chain(refused).chain(facts).collect();
            let ground = Ground { account, kind, policy: policy.as_deref(), timeline: &timeline, at, now };
            if let Tried::Appended(acted, _) = self.try_step(&ground, &loaded, facts, &mut met).await? {
                return Ok(*acted);
            }
        }
        Err(DeskError::Crowded(account).into())
    }

    /// The file of an account, as it was at its last step.
    pub async fn file(&self, account: AccountId) -> Result<AccountFile, DeskError> {
        Ok(self.load(account).await?.file)
    }

    /// Works off dues and policies until `until`, each at its own instant, when it is `now`. False when somebody else
    /// was faster.
    async fn work_off(
        &self,
        account: AccountId,
        kind: AccountKind,
        loaded: &mut Loaded,
        timeline: &Timeline,
        (until, now): (Timestamp, Timestamp),
    ) -> Result<bool, DeskError> {
        if !is_decided(&loaded.file) {
            return Ok(true);
        }
        let mut met = Met::default();
        for _ in 0..MAX_EVENTS_PER_ACT {
            let Some(adopted) = loaded.file.policy else { return Ok(true) };
            let mut policy = self.policies.get(adopted.hash).await?;
            let Some(event) = next_event(&loaded.file, &policy, &timeline.epochs, until) else { return Ok(true) };
            let at = event.at();
            let mut facts: Vec<NewFact> =
                met.closed_caps.drain(..).map(|refused| observed(at, Body::PermitRefused(refused))).collect();
            if let Event::Adopt(_, adopted) = event {
                policy = self.policies.get(adopted.hash).await?;
                facts.insert(0, observed(at, Body::PolicyAdopted(adopted)));
            }
            let ground = Ground { account, kind, policy: Some(&policy), timeline, at, now };
            match self.try_step(&ground, loaded, facts, &mut met).await? {
                Tried::Appended(acted, hash) => *loaded = Loaded { file: acted.file, hash },
                // A cap that is used up is recorded with the same event; anything else means reading again.
                Tried::Again if !met.closed_caps.is_empty() => {}
                Tried::Again => return Ok(false),
            }
        }
        // More is due than one go takes: nothing may be recorded before it, so the next try goes on from here.
        Ok(false)
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

    /// Works out a step and appends it. What stands in the way is noted for the next try.
    async fn try_step(
        &self,
        ground: &Ground<'_>,
        loaded: &Loaded,
        facts: Vec<NewFact>,
        met: &mut Met,
    ) -> Result<Tried, DeskError> {
        let (account, before) = (ground.account, &loaded.file);
        let Step { facts, file } = step(account, before.clone(), facts, ground.policy, ground.at)?;
        if facts.is_empty() {
            // The law of `next_due` says that this can't be; if it is, the due must not come back for ever.
            tracing::error!(account.id = %account, "a due step decided nothing");
            self.store.refold(account, before.version, written(account, before)?, FOLD_VERSION, None).await?;
            return Ok(Tried::Again);
        }
        let append = assemble(ground, before, loaded.hash, &file, &facts)?;
        let last = append.facts.last().map_or(loaded.hash, |fact| fact.hash);
        match self.store.append(append).await {
            Ok(Appended::Done(_)) if ground.kind == AccountKind::Policy => {
                self.policies.refresh().await?;
            }
            Ok(Appended::Done(_)) => {}
            Ok(Appended::Conflict) => return Ok(Tried::Again),
            Ok(Appended::Duplicate { source_key }) => {
                met.known_keys.push(source_key);
                return Ok(Tried::Again);
            }
            Ok(Appended::NoPermit { permit, retry_at }) => {
                met.closed_caps.push(PermitRefused { permit, until: retry_at });
                return Ok(Tried::Again);
            }
            Ok(Appended::StalePolicy) => {
                self.policies.refresh().await?;
                return Ok(Tried::Again);
            }
            Err(error @ StoreError::Unknown { .. }) => {
                tracing::warn!(account.id = %account, error = %error, "the outcome of an append is read back");
                if !self.is_committed(account, file.version, last).await? {
                    return Ok(Tried::Again);
                }
            }
            Err(error) => return Err(error.into()),
        }
        let acted = Acted { facts, file, at: ground.at };
        Ok(Tried::Appended(Box::new(acted), last))
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
            // Another release left the mark. One that knows every fact takes it away; else the account stays closed.
            let file = self.fold_anew(account, &head).await?;
            self.store.set_read_only(account, false).await?;
            return Ok(Loaded { file, hash: head.hash });
        }
        if let Some(file) = AccountFile::of_bytes(&head.file, head.fold_version) {
            return Ok(Loaded { file, hash: head.hash });
        }
        let file = self.fold_anew(account, &head).await?;
        Ok(Loaded { file, hash: head.hash })
    }

    /// Folds a file from the facts: the kept one was made by another release. A fact that this one does not know
    /// makes the account read-only.
    async fn fold_anew(&self, account: AccountId, head: &Head) -> Result<AccountFile, DeskError> {
        let folded = self.store.folded(account, head.version).await?;
        if let Err(error @ DecodeError::Newer { .. }) = &folded {
            if !head.read_only {
                tracing::warn!(account.id = %account, error = %error, "the account is read-only from now on");
                self.store.set_read_only(account, true).await?;
            }
            return Err(DeskError::ReadOnly(account));
        }
        Ok(folded?)
    }
}

fn observed(at: Timestamp, body: Body) -> NewFact {
    NewFact { happened: at, actor: Actor::Program, source_key: None, body }
}
