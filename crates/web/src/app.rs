//! What the interface stands on: the desk, the vault, randomness, and what the program tells about itself.

use crate::pages::live::{MAX_LIVE_PAGES, Pulse};
use crate::present::Reader;
use crate::problem::Problem;
use crate::session::Session;
use crate::sign_in::doors::{Doors, SignIn};
use desk::{Desk, Entropy, PoliciesError};
use domain::policy::Policy;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::ops::Deref;
use std::sync::Arc;
use store::{Vault, VerifyingKey};
use tokio::sync::{Mutex, Semaphore};
use tokio_util::sync::CancellationToken;

/// The most requests that are answered at once; the next is told to come back.
pub const MAX_REQUESTS_AT_ONCE: usize = 256;

/// Something of the program that is not up.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NotReady {
    /// Which part: `store`, `policy`, or a worker by its name.
    pub part: String,
    /// Why, without personal data.
    pub reason: String,
}

/// Whether the workers of the program are up. The program knows; the interface asks.
pub trait Ready: std::fmt::Debug + Send + Sync {
    /// What is not up; nothing when all is well.
    fn not_ready(&self) -> Vec<NotReady>;
}

/// The metrics as text, rendered by the program.
pub trait MetricsText: std::fmt::Debug + Send + Sync {
    /// The metrics in the Prometheus text format.
    fn render(&self) -> String;
}

/// What the interface is made of.
#[derive(Debug, Clone)]
pub struct Parts {
    /// The only way into the journal.
    pub desk: Desk,
    /// What opens and seals personal data.
    pub vault: Vault,
    /// Randomness for secrets and ids.
    pub entropy: Arc<dyn Entropy>,
    /// Whether the workers are up.
    pub ready: Arc<dyn Ready>,
    /// The metrics.
    pub metrics_text: Arc<dyn MetricsText>,
    /// How people sign in.
    pub sign_in: SignIn,
    /// How pages present themselves where nobody has chosen.
    pub presentation: Presentation,
    /// Cancelled when the program stops: live pages end then.
    pub closing: CancellationToken,
}

/// How pages present themselves where nobody has chosen.
#[derive(Debug, Clone)]
pub struct Presentation {
    /// Whether everything is made up: every page says so.
    pub demo: bool,
    /// The zone of times until a browser tells its own.
    pub zone: TimeZone,
    /// What the journal's checkpoints are verified with; without it nobody checks the journal from a page.
    pub journal_key: Option<VerifyingKey>,
}

impl Default for Presentation {
    fn default() -> Self {
        Self { demo: false, zone: TimeZone::UTC, journal_key: None }
    }
}

#[derive(Debug)]
pub(crate) struct Inner {
    parts: Parts,
    pub(crate) places: Arc<Semaphore>,
    doors: Doors,
    live_places: Arc<Semaphore>,
    pulse: Mutex<Pulse>,
}

/// The state of every handler. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct App(Arc<Inner>);

impl App {
    pub(crate) fn new(parts: Parts) -> Self {
        let doors = Doors::new(parts.sign_in.clone(), &parts.desk.clock);
        Self(Arc::new(Inner {
            parts,
            doors,
            places: Arc::new(Semaphore::new(MAX_REQUESTS_AT_ONCE)),
            live_places: Arc::new(Semaphore::new(MAX_LIVE_PAGES)),
            pulse: Mutex::default(),
        }))
    }

    /// The places for requests that are answered at once.
    pub(crate) fn places(&self) -> &Arc<Semaphore> {
        &self.0.places
    }

    /// What signing in stands on.
    pub(crate) fn doors(&self) -> &Doors {
        &self.0.doors
    }

    /// The places for live pages.
    pub(crate) fn live_places(&self) -> &Arc<Semaphore> {
        &self.0.live_places
    }

    /// What live pages know of the feed.
    pub(crate) fn pulse(&self) -> &Mutex<Pulse> {
        &self.0.pulse
    }

    /// The policy in force at an instant; nothing before the first was published.
    pub(crate) async fn policy(&self, at: Timestamp) -> Result<Option<Arc<Policy>>, Problem> {
        match self.desk.policies.in_force(at).await {
            Ok((_, policy)) => Ok(Some(policy)),
            Err(PoliciesError::NonePublished) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The reader that a session is.
    pub(crate) fn reader(&self, session: &Session) -> Reader<'_> {
        Reader::of(self, &session.caller)
    }
}

impl Deref for App {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0.parts
    }
}
