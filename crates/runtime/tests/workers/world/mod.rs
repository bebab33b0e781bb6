//! A small world for the tests of the runtime: a clock that stands still, a store in memory, and a Microsoft that
//! answers from a few lines of state and fails as it is told.

mod fake;
mod post;

pub(crate) use fake::{Fake, Trouble};
pub(crate) use post::post;

use desk::Desk;
use desk::seam::{Clock, Entropy, Waiting};
use domain::customers::Cloud;
use domain::fact::{StoredFact, chained};
use domain::file::{AccountFile, FOLD_VERSION};
use domain::ids::{AccountId, Actor, AzureSubscriptionId, SubscriptionId, TenantId};
use jiff::{SignedDuration, Timestamp};
use microsoft::seam::Outbound;
use microsoft::{Client, Credentials};
use runtime::{Connection, ConnectionParts, Connections, Tools, setup};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::{Append, Appended, KeysAt, Master, Store, StoreConfig, Vault, VaultConfig};
use tokio::sync::Notify;

/// The address under which the fake Microsoft is asked; nothing listens there.
pub(crate) const BASE: &str = "http://127.0.0.1:9";

/// A clock that moves only when it is told to.
#[derive(Debug)]
pub(crate) struct TestClock {
    now: Mutex<Timestamp>,
    moved: Notify,
}

impl TestClock {
    pub(crate) fn new(at: &str) -> Arc<Self> {
        Arc::new(Self { now: Mutex::new(at.parse().unwrap()), moved: Notify::new() })
    }

    pub(crate) fn advance(&self, span: SignedDuration) {
        let mut now = self.now.lock().unwrap();
        *now += span;
        drop(now);
        self.moved.notify_waiters();
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap()
    }

    fn sleep_until(&self, until: Timestamp) -> Waiting<'_> {
        Box::pin(async move {
            loop {
                let moved = self.moved.notified();
                if self.now() >= until {
                    return;
                }
                moved.await;
            }
        })
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
}

/// Numbers in order instead of randomness.
#[derive(Debug, Default)]
pub(crate) struct Counting(AtomicU64);

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        let number = self.0.fetch_add(1, Ordering::SeqCst).to_be_bytes();
        for (index, byte) in bytes.iter_mut().enumerate() {
            *byte = number[index % 8] ^ u8::try_from(index / 8).unwrap();
        }
    }
}

pub(crate) fn partner_tenant() -> TenantId {
    "11111111-0000-4000-8000-000000000001".parse().unwrap()
}

pub(crate) fn customer_tenant() -> TenantId {
    "22222222-0000-4000-8000-000000000002".parse().unwrap()
}

pub(crate) fn plan() -> SubscriptionId {
    "33333333-0000-4000-8000-000000000003".parse().unwrap()
}

pub(crate) fn azure() -> AzureSubscriptionId {
    "44444444-0000-4000-8000-000000000004".parse().unwrap()
}

/// The world.
pub(crate) struct World {
    pub(crate) clock: Arc<TestClock>,
    pub(crate) tools: Tools,
    pub(crate) microsoft: Arc<Fake>,
    pub(crate) connections: Connections,
    pub(crate) connection: Arc<Connection>,
}

impl World {
    /// A world with a published policy and one connection, without customers.
    pub(crate) async fn new() -> Self {
        let clock = TestClock::new("2026-11-20T08:00:00Z");
        let shared: Arc<dyn Clock> = Arc::<TestClock>::clone(&clock);
        Self::with_clock(clock, shared).await
    }

    /// The same under another clock.
    pub(crate) async fn with_clock(clock: Arc<TestClock>, shared: Arc<dyn Clock>) -> Self {
        let store = Store::open(&StoreConfig::new("sqlite::memory:")).await.unwrap();
        let tools =
            Tools { desk: Desk::new(store, shared), vault: vault().await, entropy: Arc::new(Counting::default()) };
        setup::publish_default_policy(&tools, Actor::Program).await.unwrap();
        setup::add_connection(&tools, partner_tenant(), Cloud::Public, "test", Actor::Program).await.unwrap();
        let microsoft = Fake::new();
        let connections = connections(&microsoft);
        let connection = Arc::clone(connections.iter().next().unwrap());
        Self { clock, tools, microsoft, connections, connection }
    }

    /// The account of the one customer.
    pub(crate) fn customer(&self) -> AccountId {
        self.connection.customer(customer_tenant())
    }

    pub(crate) async fn file(&self, account: AccountId) -> AccountFile {
        self.tools.desk.file(account).await.unwrap()
    }

    /// A later release writes a fact to the account that this one does not know: it can't be written to here.
    pub(crate) async fn close(&self, account: AccountId) {
        let store = self.tools.store();
        let head = store.head(account).await.unwrap().unwrap();
        let last = store.facts(account, head.version - 1, 1).await.unwrap().remove(0);
        let version = head.version + 1;
        let mut fact: serde_json::Value = serde_json::from_slice(&last.bytes).unwrap();
        for (name, value) in [("version", version), ("step", version), ("schema", 999)] {
            fact[name] = value.into();
        }
        let bytes = serde_json::to_vec(&fact).unwrap();
        let append = Append {
            account,
            kind: head.kind,
            expected_version: head.version,
            before: head.hash,
            policy_epoch: 1,
            facts: vec![StoredFact { version, hash: chained(head.hash, &bytes), source_key: None, bytes, ..last }],
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
        assert!(matches!(store.append(append).await.unwrap(), Appended::Done(_)));
    }

    pub(crate) async fn actions_on(&self) {
        setup::switch_actions(&self.tools, self.connection.account, true, Actor::Program).await.unwrap();
    }
}

/// One connection to the fake, as a program that was just started has it.
pub(crate) fn connections(microsoft: &Arc<Fake>) -> Connections {
    let outbound: Arc<dyn Outbound> = Arc::<Fake>::clone(microsoft);
    let credentials = Credentials {
        partner_tenant: microsoft::TenantId::parse(partner_tenant().to_string()).unwrap(),
        client_id: "client".to_owned(),
        client_secret: "secret".to_owned().into(),
        refresh_token: Some("refresh".to_owned().into()),
    };
    let cloud = microsoft::Cloud::sandbox(BASE);
    let client = Client::new(Arc::clone(&outbound), cloud, credentials, Arc::new(()));
    Connections::new(vec![ConnectionParts {
        partner_tenant: partner_tenant(),
        cloud: Cloud::Public,
        client,
        outbound,
        verifier: None,
    }])
}

async fn vault() -> Vault {
    let master = Master::Secret("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=".to_owned().into());
    let config = VaultConfig { keys: KeysAt::Memory, master };
    // A counter in place of randomness: no nonce comes twice.
    let counting = Counting::default();
    Vault::unlock(&config, Arc::new(move |bytes: &mut [u8]| counting.fill(bytes))).await.unwrap()
}
