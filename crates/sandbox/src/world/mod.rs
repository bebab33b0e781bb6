//! The world: everything the simulated Microsoft knows, stepped by its owner, who also owns the time.
//! `handle` answers one request; what happens by itself is in `clockwork.rs`, what a change entails in `effects.rs`.

mod attacker;
mod clockwork;
mod effects;
mod handle;
mod truth;
mod webhooks;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::draw::{Draw, guid};
use crate::faults::Faults;
use crate::state::activity::ActivityLog;
use crate::state::alert::Alerts;
use crate::state::audit::AuditTrail;
use crate::state::change::ChangeLog;
use crate::state::customer::{Customer, Reseller};
use crate::state::outbox::Outbox;
use crate::state::patching::Operations;
use crate::state::receivers::{Received, Receivers};
use crate::state::requests::{Rates, Remembered};
use crate::state::timers::Timers;
use crate::state::token::TokenKey;
use crate::state::webhook::Webhooks;
use crate::story::{Resource, Story};
use crate::trust::Trust;

pub(crate) use effects::Cause;
pub use truth::{CustomerTruth, EntitlementTruth, SeatTruth};
pub use webhooks::AlertRequest;

/// The customers that a world can hold.
pub(crate) const MAX_CUSTOMERS: usize = 200_000;

/// What a client needs to sign in to the simulated Microsoft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Credentials {
    /// The partner's tenant.
    pub partner_tenant: Uuid,
    /// The application's id.
    pub client_id: Uuid,
    /// The application's secret; worthless outside this world.
    pub client_secret: String,
    /// A first refresh token of the integration user, from a sign-in with MFA.
    pub refresh_token: String,
}

/// The simulated partner itself.
#[derive(Debug, Clone)]
pub(crate) struct Partner {
    pub(crate) tenant: Uuid,
    pub(crate) client_id: Uuid,
    pub(crate) client_secret: String,
    pub(crate) user: String,
    pub(crate) user_object: Uuid,
    pub(crate) app_object: Uuid,
    pub(crate) name: String,
}

/// Where log events are pushed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Intake {
    /// The address to POST to, as `http://127.0.0.1:4711/intake/v1/events`.
    pub url: String,
    /// The key sent as `Authorization: Bearer`.
    pub connection_key: String,
}

/// How Microsoft behaves where its documentation leaves room, or is known to be odd.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[expect(clippy::struct_excessive_bools, reason = "each switch is its own and none excludes another")]
pub struct Switches {
    /// Sign-ins carry the MFA claim.
    pub mfa_present: bool,
    /// App+user calls without the MFA claim are refused.
    pub mfa_enforced: bool,
    /// So many in a thousand changes of subscriptions answer 202 with `Location`.
    pub accepted_patches_per_mille: u16,
    /// So many in a thousand JSON answers begin with a byte-order mark.
    pub byte_order_mark_per_mille: u16,
    /// Links carry the `/v1` prefix.
    pub links_with_version: bool,
    /// Truth values of alerts are strings, as in the published samples.
    pub text_booleans: bool,
    /// The documented rate limits are kept.
    pub rate_limits: bool,
    /// Log records become readable so many seconds after what they tell.
    pub log_delay_seconds: u32,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            mfa_present: true,
            mfa_enforced: true,
            accepted_patches_per_mille: 0,
            byte_order_mark_per_mille: 0,
            links_with_version: false,
            text_booleans: false,
            rate_limits: true,
            log_delay_seconds: 20,
        }
    }
}

/// The simulated Microsoft and its customers. Deterministic: the same seed, calls and times give the same answers.
#[derive(Debug)]
pub struct World {
    pub(crate) seed: u64,
    pub(crate) start: Timestamp,
    pub(crate) now: Timestamp,
    pub(crate) origin: String,
    pub(crate) trust: Arc<Trust>,
    pub(crate) key: TokenKey,
    pub(crate) partner: Partner,
    pub(crate) customers: Vec<Customer>,
    pub(crate) resellers: Vec<Reseller>,
    pub(crate) by_tenant: HashMap<Uuid, usize>,
    pub(crate) by_azure_subscription: HashMap<Uuid, usize>,
    pub(crate) alerts: Alerts,
    pub(crate) audit: AuditTrail,
    pub(crate) webhooks: Webhooks,
    pub(crate) outbox: Outbox,
    pub(crate) changes: ChangeLog,
    pub(crate) timers: Timers,
    pub(crate) faults: Faults,
    pub(crate) switches: Switches,
    pub(crate) receivers: Receivers,
    pub(crate) remembered: Remembered,
    pub(crate) rates: Rates,
    pub(crate) operations: Operations,
    pub(crate) activity: ActivityLog,
    pub(crate) resources: BTreeMap<Uuid, Vec<Resource>>,
    pub(crate) stories: Vec<Story>,
    /// Azure subscriptions whose attacker enables them again, and how often still.
    pub(crate) defiant: BTreeMap<Uuid, u8>,
    pub(crate) intake: Option<Intake>,
    pub(crate) records_told: u64,
    pub(crate) records_pushed: u64,
    pub(crate) calls: BTreeMap<&'static str, u64>,
    /// Chance of answers: ids, quirks.
    pub(crate) draw: Draw,
}

impl World {
    /// A world without customers at this instant.
    pub(crate) fn empty(seed: u64, start: Timestamp, trust: Arc<Trust>) -> Self {
        Self {
            seed,
            start,
            now: start,
            origin: "http://sandbox.invalid".to_owned(),
            trust,
            key: TokenKey::of_seed(seed),
            partner: Partner {
                tenant: guid(seed, "partner tenant", 0),
                client_id: guid(seed, "partner application", 0),
                client_secret: format!("sandbox-secret-{}", guid(seed, "partner secret", 0).simple()),
                user: "integration@borgpartner.onmicrosoft.com".to_owned(),
                user_object: guid(seed, "partner user", 0),
                app_object: guid(seed, "partner principal", 0),
                name: "Borgpartner AB".to_owned(),
            },
            customers: Vec::new(),
            resellers: Vec::new(),
            by_tenant: HashMap::new(),
            by_azure_subscription: HashMap::new(),
            alerts: Alerts::default(),
            audit: AuditTrail::default(),
            webhooks: Webhooks::default(),
            outbox: Outbox::default(),
            changes: ChangeLog::default(),
            timers: Timers::default(),
            faults: Faults::new(seed),
            switches: Switches::default(),
            receivers: Receivers::default(),
            remembered: Remembered::default(),
            rates: Rates::default(),
            operations: Operations::default(),
            activity: ActivityLog::default(),
            resources: BTreeMap::new(),
            stories: Vec::new(),
            defiant: BTreeMap::new(),
            intake: None,
            records_told: 0,
            records_pushed: 0,
            calls: BTreeMap::new(),
            draw: Draw::new(seed, "answers", 0),
        }
    }

    /// Sets the address under which clients reach this world, without a slash at the end. It stands in webhooks and page links.
    pub fn set_origin(&mut self, origin: &str) {
        origin.trim_end_matches('/').clone_into(&mut self.origin);
    }

    /// Sets where log events are pushed; none stops pushing.
    pub fn set_intake(&mut self, intake: Option<Intake>) {
        self.intake = intake;
    }

    /// The switches, to be changed.
    pub fn switches_mut(&mut self) -> &mut Switches {
        &mut self.switches
    }

    /// The messages that receivers took, in order.
    #[must_use]
    pub fn received(&self) -> &[Received] {
        self.receivers.all()
    }

    /// The plan of faults, to be changed.
    pub fn faults_mut(&mut self) -> &mut Faults {
        &mut self.faults
    }

    /// The plan of faults and its counters.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Every change of the world's state so far.
    #[must_use]
    pub fn changes(&self) -> &ChangeLog {
        &self.changes
    }

    /// The local root certificate in PEM.
    #[must_use]
    pub fn trust_root_pem(&self) -> &str {
        self.trust.root_pem()
    }

    /// The number of customers.
    #[must_use]
    pub fn customer_count(&self) -> usize {
        self.customers.len()
    }

    /// The simulated time last told to the world.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// What a client needs to sign in.
    #[must_use]
    pub fn credentials(&self) -> Credentials {
        Credentials {
            partner_tenant: self.partner.tenant,
            client_id: self.partner.client_id,
            client_secret: self.partner.client_secret.clone(),
            refresh_token: self.key.seal("refresh token", "0"),
        }
    }
}
