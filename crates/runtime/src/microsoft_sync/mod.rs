//! The sync with Microsoft, one per connection: customers and what they have, security alerts, the audit log's hints,
//! the daily MFA figures. It asks and records what changed; what follows is decided elsewhere.

mod alerts;
mod audit;
mod customers;
mod health;
mod holdings;
mod posture;
mod telling;

use crate::aside;
use crate::connections::{Connection, context};
use crate::intake::{Intake, IntakeError};
use crate::pace::repeat;
use crate::supervisor::TaskError;
use crate::tools::{Tools, later};
use desk::{ActError, DeskError};
use jiff::{SignedDuration, Timestamp};
use microsoft::CallContext;
use std::convert::Infallible;
use std::sync::Arc;
use store::{StoreError, VaultError};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// How long the right to ask through a connection holds.
const LEASE: SignedDuration = SignedDuration::from_mins(10);
/// The wait of a program that does not hold the right.
const NOT_OURS: SignedDuration = SignedDuration::from_secs(30);
/// The longest wait that Microsoft may ask of a part.
const MAX_TOLD_WAIT: SignedDuration = SignedDuration::from_mins(15);

/// Why a part of the sync did not come through.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// Microsoft did not answer, or refused.
    #[error(transparent)]
    Microsoft(#[from] microsoft::Error),
    /// The desk could not record.
    #[error(transparent)]
    Desk(#[from] DeskError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Sealing failed.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// Parked events could not be fed.
    #[error(transparent)]
    Intake(#[from] IntakeError),
    /// An id of ours is none in Microsoft's eyes.
    #[error(transparent)]
    BadId(#[from] microsoft::BadId),
    /// Microsoft's answer lacks what the part is for.
    #[error("Microsoft's answer lacks {0}")]
    Lacks(&'static str),
}

impl SyncError {
    /// Whether it is of the one account that was to be written to, so that the others can go on.
    const fn is_the_accounts(&self) -> bool {
        match self {
            Self::Desk(error) => aside::is_the_accounts(error),
            Self::Vault(error) => aside::is_the_accounts_vault(error),
            Self::Microsoft(_) | Self::Store(_) | Self::Intake(_) | Self::BadId(_) | Self::Lacks(_) => false,
        }
    }

    /// The word for what is wrong with the account, for the figures.
    const fn word(&self) -> &'static str {
        match self {
            Self::Desk(error) => aside::word_of(error),
            Self::Vault(_) => "sealing",
            Self::Microsoft(_) | Self::Store(_) | Self::Intake(_) | Self::BadId(_) | Self::Lacks(_) => "other",
        }
    }
}

impl From<ActError<Infallible>> for SyncError {
    fn from(error: ActError<Infallible>) -> Self {
        match error {
            ActError::Desk(error) => Self::Desk(error),
            ActError::Refused(never) => match never {},
        }
    }
}

/// A part of the sync.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SyncPart {
    /// Customers, subscriptions, Azure subscriptions.
    Customers,
    /// Security alerts.
    Alerts,
    /// Partner Center's audit log.
    Audit,
    /// The MFA figures of the day.
    Posture,
}

impl SyncPart {
    /// Every part.
    pub const ALL: [Self; 4] = [Self::Customers, Self::Alerts, Self::Audit, Self::Posture];

    /// The word of the part, in health facts, metrics and task names.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Customers => "customers",
            Self::Alerts => "alerts",
            Self::Audit => "audit",
            Self::Posture => "posture",
        }
    }

    /// The time between two passes when nothing rings.
    const fn every(self) -> SignedDuration {
        match self {
            Self::Alerts => SignedDuration::from_secs(60),
            Self::Customers => SignedDuration::from_mins(15),
            Self::Audit | Self::Posture => SignedDuration::from_hours(1),
        }
    }
}

/// The sync of one connection.
#[derive(Debug)]
pub struct Sync {
    tools: Tools,
    connection: Arc<Connection>,
    intake: Intake,
    /// Its name in the lease.
    name: String,
    /// When it was made: what never came through lags since then.
    began: Timestamp,
    health: health::Health,
    customers: customers::Memory,
    alerts: alerts::Memory,
    audit: audit::Memory,
    telling: telling::Telling,
}

impl Sync {
    /// The sync of a connection.
    #[must_use]
    pub fn new(tools: Tools, connection: Arc<Connection>, intake: Intake, name: impl Into<String>) -> Self {
        Self {
            began: tools.now(),
            tools,
            connection,
            intake,
            name: name.into(),
            health: health::Health::default(),
            telling: telling::Telling::default(),
            customers: customers::Memory::default(),
            alerts: alerts::Memory::default(),
            audit: audit::Memory::default(),
        }
    }

    /// Makes one pass of a part. Returns how long to wait for the next. What Microsoft refuses is noted in the
    /// connection's health and no error of the pass.
    pub async fn run_once(&self, part: SyncPart) -> Result<SignedDuration, SyncError> {
        let ours = self.has_lease().await?;
        self.note_elsewhere(part, !ours);
        if !ours {
            return Ok(NOT_OURS);
        }
        let end = match part {
            SyncPart::Customers => self.sync_customers().await,
            SyncPart::Alerts => self.sync_alerts().await,
            SyncPart::Audit => self.sync_audit().await,
            SyncPart::Posture => self.sync_posture().await,
        };
        self.note(part, end).await
    }

    /// Makes passes of a part until `stop`.
    pub async fn run(&self, part: SyncPart, stop: CancellationToken) -> Result<(), TaskError> {
        let never = Notify::new();
        let wake = match part {
            SyncPart::Customers => &self.connection.wake_customers,
            SyncPart::Alerts => &self.connection.wake_alerts,
            SyncPart::Audit | SyncPart::Posture => &never,
        };
        repeat(&self.tools, &stop, wake, || self.run_once(part)).await
    }

    /// Takes or renews the right to ask through the connection: its rate budget is for one program.
    async fn has_lease(&self) -> Result<bool, StoreError> {
        let now = self.tools.now();
        let name = format!("sync:{}", self.connection.account);
        Ok(self.tools.store().take_lease(&name, &self.name, now, later(now, LEASE)).await?.is_some())
    }

    /// Ids for a read: nothing hangs on them.
    fn reading(&self) -> CallContext {
        context(self.tools.now(), self.tools.entropy.key(), self.tools.entropy.key())
    }
}
