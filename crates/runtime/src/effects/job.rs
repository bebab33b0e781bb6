//! An effect in hand: what it is, for whom, through which connection, and how handling it can end.

use super::EffectWorker;
use crate::connections::Connection;
use desk::{ActError, DeskError};
use domain::effects::{EffectKind, EffectRef, EffectResult};
use domain::file::Part;
use domain::ids::{AccountId, TenantId, derived_id};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use store::{ClaimedEffect, EffectKey, StoreError};
use uuid::Uuid;

/// Why an effect could not be handled, for a reason of ours.
#[derive(Debug, thiserror::Error)]
pub enum EffectError {
    /// The desk could not record.
    #[error(transparent)]
    Desk(#[from] DeskError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What lies in the outbox is no effect that this release knows.
    #[error("effect {version} of account {account} can't be read: {source}")]
    Unreadable {
        /// The account.
        account: AccountId,
        /// The fact that asked for it.
        version: u64,
        /// What the parser said.
        source: serde_json::Error,
    },
    /// A snapshot could not be written or read.
    #[error("the snapshot of effect {version} of account {account} can't be written or read: {source}")]
    Snapshot {
        /// The account.
        account: AccountId,
        /// The fact that asked for the effect.
        version: u64,
        /// What the serialiser said.
        source: serde_json::Error,
    },
    /// An id of ours is none in Microsoft's eyes.
    #[error(transparent)]
    BadId(#[from] microsoft::BadId),
}

impl From<ActError<std::convert::Infallible>> for EffectError {
    fn from(error: ActError<std::convert::Infallible>) -> Self {
        match error {
            ActError::Desk(error) => Self::Desk(error),
            ActError::Refused(never) => match never {},
        }
    }
}

/// An effect in hand.
#[derive(Debug)]
pub(super) struct Job {
    /// Its name in the outbox.
    pub(super) key: EffectKey,
    /// The account it is of.
    pub(super) account: AccountId,
    /// Its name within the account.
    pub(super) effect: EffectRef,
    /// What to do.
    pub(super) kind: EffectKind,
    /// Until when it is worth doing.
    pub(super) good_until: Timestamp,
    /// Until when it is ours.
    pub(super) lease_until: Timestamp,
    /// How often it has been claimed, this time included.
    pub(super) claims: u32,
    /// What was noted when it was released last.
    pub(super) note: Option<String>,
    /// Through which connection.
    pub(super) connection: Arc<Connection>,
    /// The customer's tenant.
    pub(super) tenant: TenantId,
}

impl Job {
    /// The idempotency key of the effect: the same for every try, today and after a restart.
    pub(super) fn request_id(&self) -> Uuid {
        derived_id(self.account, "effect.request", self.effect.version, self.effect.ordinal)
    }
}

/// The source key of a try: two workers can't both begin the same one.
pub(super) fn started_key(effect: EffectRef, attempt: u32) -> String {
    format!("effect:{}:{}:try:{attempt}", effect.version, effect.ordinal)
}

/// The source key of a result: an effect ends once.
pub(super) fn finished_key(effect: EffectRef) -> String {
    format!("effect:{}:{}:finished", effect.version, effect.ordinal)
}

/// An effect whose connection is not to be had here.
#[derive(Debug)]
pub(super) struct Orphan {
    /// Its name in the outbox.
    pub(super) key: EffectKey,
    /// Until when it is worth doing.
    pub(super) good_until: Timestamp,
    /// What was noted when it was released last; it is kept.
    pub(super) note: String,
}

/// How handling an effect ended.
#[derive(Debug)]
pub(super) enum Outcome {
    /// This is its result.
    Ended(EffectResult),
    /// It is to be claimed again later.
    Later {
        /// How long to wait.
        wait: SignedDuration,
        /// What the next worker should know.
        note: String,
    },
    /// Another worker has begun the same try: it is theirs.
    Elsewhere,
}

impl Outcome {
    pub(super) fn gave_up(code: impl Into<String>) -> Self {
        Self::Ended(EffectResult::GaveUp { code: code.into() })
    }
}

impl EffectWorker {
    /// What is to be done for a claimed effect; or what is left of it when its connection is not to be had here.
    pub(super) async fn job(&self, claimed: ClaimedEffect) -> Result<Result<Job, Orphan>, EffectError> {
        let key = claimed.row.key;
        let (account, version) = (key.account, key.version);
        let kind: EffectKind = serde_json::from_slice(&claimed.row.payload)
            .map_err(|source| EffectError::Unreadable { account, version, source })?;
        let file = self.tools.desk.file(account).await?;
        let identity = match &file.part {
            Part::Customer(customer) => customer.holdings.identity.as_ref(),
            _ => None,
        };
        let connection = identity.and_then(|identity| Some((identity, self.connections.get(identity.connection)?)));
        let good_until = claimed.row.good_until.unwrap_or(Timestamp::MAX);
        let Some((identity, connection)) = connection else {
            return Ok(Err(Orphan { key, good_until, note: claimed.note.unwrap_or_default() }));
        };
        Ok(Ok(Job {
            key,
            account,
            effect: EffectRef { version, ordinal: key.ordinal },
            kind,
            good_until,
            lease_until: claimed.lease_until,
            claims: claimed.attempts,
            note: claimed.note,
            connection: Arc::clone(connection),
            tenant: identity.tenant,
        }))
    }
}
