//! A partner with users of every role, two resellers with a customer each, a case with signals and an alert, and a way
//! to ask the interface.

pub(crate) use crate::asking::{Answer, Ask};
use axum::Router;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use desk::seam::Waiting;
use desk::{Clock, Desk, Entropy};
use domain::body::Body;
use domain::cases::Severity;
use domain::credentials::TotpChanged;
use domain::customers::{
    AzureStatus, AzureSubscriptionSeen, Cloud, CustomerRegistered, SubscriptionKind, SubscriptionSeen,
    SubscriptionStatus,
};
use domain::fact::NewFact;
use domain::ids::{AccountId, AccountKind, Actor, AzureSubscriptionId, Hash, SubscriptionId, TenantId, TokenId};
use domain::notices::{AlertId, AlertSeen, AlertSource, AlertStatus};
use domain::people::{ConnectionAdded, PolicyPublished, TokenIssued, UserAdded};
use domain::permission::{Role, Scope};
use domain::sealed::Retention;
use domain::signals::{Evidence, FindingRecorded, Level, PriceRef, RuleRef, RunningResource, Token};
use http::Method;
use jiff::{SignedDuration, Timestamp};
use money::{Currency, Money};
use secrecy::SecretString;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::{KeysAt, Master, Randomness, Signer, Store, StoreConfig, Vault, VaultConfig};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use web::{MetricsText, NotReady, Parts, Ready};

/// A rule that the shipped policy counts to the mining story.
pub(crate) const MINING_RULE: &str = "f4f787ea-e625-5507-934a-f302f2c1a7e6";
/// What stands in sealed places and must not be met elsewhere.
pub(crate) const CANARY: &str = "Kanariefågel AB";

/// A clock that stands until it is moved.
#[derive(Debug)]
pub(crate) struct TestClock {
    microseconds: AtomicI64,
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(self.microseconds.load(Ordering::SeqCst)).unwrap()
    }
    fn sleep_until(&self, _: Timestamp) -> Waiting<'_> {
        Box::pin(std::future::pending())
    }
    fn monotonic(&self) -> Duration {
        Duration::from_micros(u64::try_from(self.microseconds.load(Ordering::SeqCst)).unwrap())
    }
}

/// Numbers in order: enough to tell secrets apart.
#[derive(Debug, Default)]
pub(crate) struct TestEntropy {
    next: AtomicU64,
}

impl Entropy for TestEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            let digest = Hash::of(&self.next.fetch_add(1, Ordering::SeqCst).to_be_bytes());
            chunk.copy_from_slice(&digest.0[..chunk.len()]);
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct TestReady {
    pub(crate) reasons: Mutex<Vec<NotReady>>,
}

impl Ready for TestReady {
    fn not_ready(&self) -> Vec<NotReady> {
        self.reasons.lock().unwrap().clone()
    }
}

#[derive(Debug)]
struct TestMetrics;

impl MetricsText for TestMetrics {
    fn render(&self) -> String {
        "borgen_build_info 1\n".to_owned()
    }
}

/// Someone who works at the partner.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) account: AccountId,
    pub(crate) token: TokenId,
    pub(crate) secret: String,
    /// The secret of the person's one-time codes.
    pub(crate) totp: String,
}

/// A program that is about to stop: live pages end at once, so that every answer has an end.
fn closed() -> CancellationToken {
    let closing = CancellationToken::new();
    closing.cancel();
    closing
}

/// Who signs the journal.
fn signer() -> Signer {
    Signer::from_seed(&[9; 32])
}

/// The partner, its people, its customers, and the interface.
pub(crate) struct World {
    pub(crate) router: Router,
    pub(crate) desk: Desk,
    pub(crate) vault: Vault,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) ready: Arc<TestReady>,
    pub(crate) entropy: Arc<TestEntropy>,
    pub(crate) connection: AccountId,
    /// A customer of the first reseller, with a case.
    pub(crate) customer: AccountId,
    /// A customer of the second reseller.
    pub(crate) other_customer: AccountId,
    pub(crate) reseller: AccountId,
    pub(crate) other_reseller: AccountId,
    pub(crate) plan: SubscriptionId,
    pub(crate) azure: AzureSubscriptionId,
    /// The last step whose code was used, by secret.
    used_steps: Mutex<BTreeMap<String, i64>>,
}

pub(crate) fn id(number: u128) -> Uuid {
    uuid::Builder::from_custom_bytes(number.to_be_bytes()).into_uuid()
}

impl World {
    /// Everything but the policy and people.
    pub(crate) async fn empty() -> Self {
        Self::at("sqlite::memory:", KeysAt::Memory).await
    }

    /// As [`World::quiet`], in files of a folder.
    pub(crate) async fn on_disk(folder: &Path) -> Self {
        let keys = KeysAt::Sqlite(folder.join("keys.db"));
        Self::at(&format!("sqlite:{}", folder.join("borgen.db").display()), keys).await.filled().await
    }

    async fn at(url: &str, keys: KeysAt) -> Self {
        let start: Timestamp = "2026-11-22T03:00:00Z".parse().unwrap();
        let clock = Arc::new(TestClock { microseconds: AtomicI64::new(start.as_microsecond()) });
        let store = Store::open(&StoreConfig::new(url)).await.unwrap();
        let master = Master::Secret(SecretString::from(STANDARD.encode([7; 32])));
        let randomness: Randomness = Arc::new({
            let entropy = TestEntropy::default();
            move |bytes| entropy.fill(bytes)
        });
        let vault = Vault::unlock(&VaultConfig { keys, master }, randomness).await.unwrap();
        let desk = Desk::new(store, clock.clone());
        let ready = Arc::new(TestReady::default());
        let entropy = Arc::new(TestEntropy::default());
        let parts = Parts {
            desk: desk.clone(),
            vault: vault.clone(),
            entropy: entropy.clone(),
            ready: ready.clone(),
            metrics_text: Arc::new(TestMetrics),
            sign_in: web::SignIn::default(),
            presentation: web::Presentation::default(),
            closing: closed(),
        };
        let connection = AccountId::of_connection(TenantId(id(1)), "public");
        Self {
            router: web::router(parts),
            desk,
            vault,
            clock,
            ready,
            entropy,
            connection,
            customer: AccountId::of_customer(connection, TenantId(id(2))),
            other_customer: AccountId::of_customer(connection, TenantId(id(3))),
            reseller: AccountId(id(4)),
            other_reseller: AccountId(id(5)),
            plan: SubscriptionId(id(6)),
            azure: AzureSubscriptionId(id(7)),
            used_steps: Mutex::default(),
        }
    }

    /// A partner with the shipped policy, a connection and two customers without cases.
    pub(crate) async fn quiet() -> Self {
        Self::empty().await.filled().await
    }

    async fn filled(self) -> Self {
        let world = self;
        world.publish(&policy::Bundle::embedded()).await;
        let added =
            ConnectionAdded { partner_tenant: TenantId(id(1)), cloud: Cloud::Public, label: "Public".to_owned() };
        world.tell(world.connection, AccountKind::Connection, Body::ConnectionAdded(added)).await;
        world.register(world.customer, TenantId(id(2)), world.reseller).await;
        world.register(world.other_customer, TenantId(id(3)), world.other_reseller).await;
        world
    }

    /// The same partner, whose people sign in otherwise.
    pub(crate) fn signing_in(mut self, sign_in: web::SignIn) -> Self {
        self.router = web::router(Parts { sign_in, ..self.parts() });
        self
    }

    /// The same partner, in a demonstration.
    pub(crate) fn made_up(mut self) -> Self {
        let presentation = web::Presentation { demo: true, ..self.parts().presentation };
        self.router = web::router(Parts { presentation, ..self.parts() });
        self
    }

    /// A partner whose first customer is being mined: one case with a signal and an alert.
    pub(crate) async fn mined() -> Self {
        let world = Self::quiet().await;
        world.find(world.customer, MINING_RULE, 41_200).await;
        world.alert("alert-1").await;
        world
    }

    pub(crate) async fn publish(&self, bundle: &policy::Bundle) {
        let hash = bundle.hash();
        self.desk.store.put_bundle(hash, &bundle.to_bytes()).await.unwrap();
        let epoch = self.desk.policies.refresh().await.unwrap().newest() + 1;
        let published = PolicyPublished { hash, from: self.clock.now(), epoch };
        self.tell(AccountId::of_policy(), AccountKind::Policy, Body::PolicyPublished(published)).await;
        self.desk.policies.refresh().await.unwrap();
    }

    pub(crate) fn parts(&self) -> Parts {
        Parts {
            desk: self.desk.clone(),
            vault: self.vault.clone(),
            entropy: self.entropy.clone(),
            ready: self.ready.clone(),
            metrics_text: Arc::new(TestMetrics),
            sign_in: web::SignIn::default(),
            presentation: web::Presentation {
                journal_key: Some(signer().verifying_key()),
                ..web::Presentation::default()
            },
            closing: closed(),
        }
    }

    /// The same partner, whose journal can be checked from the pages.
    pub(crate) fn checkable(mut self) -> Self {
        self.router = web::router(self.parts());
        self
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Gives every fact its place and signs that.
    pub(crate) async fn seal(&self) {
        while self.desk.store.seal_batch("test", self.now(), 100).await.unwrap() > 0 {}
        self.desk.store.checkpoint(self.now(), &signer()).await.unwrap();
    }

    pub(crate) fn wait(&self, minutes: i64) {
        let later = self.clock.now().saturating_add(SignedDuration::from_mins(minutes)).unwrap();
        self.clock.microseconds.store(later.as_microsecond(), Ordering::SeqCst);
    }

    pub(crate) async fn tell(&self, account: AccountId, kind: AccountKind, body: Body) {
        let fact = NewFact { happened: self.clock.now(), actor: Actor::Program, source_key: None, body };
        self.desk.record(account, kind, vec![fact]).await.unwrap();
    }

    pub(crate) async fn register(&self, account: AccountId, tenant: TenantId, reseller: AccountId) {
        let name = self.vault.seal(account, Retention::Contact, &CANARY.to_owned()).await.unwrap();
        let registered = CustomerRegistered {
            connection: self.connection,
            tenant,
            cloud: Cloud::Public,
            name,
            domain: None,
            country: Some("SE".to_owned()),
            reseller: Some(reseller),
            debtor: Some(reseller),
        };
        self.tell(account, AccountKind::Customer, Body::CustomerRegistered(registered)).await;
        let plan = SubscriptionSeen {
            subscription: self.plan,
            kind: SubscriptionKind::AzurePlan,
            offer: "Azure plan".to_owned(),
            status: SubscriptionStatus::Active,
            quantity: 1,
            auto_renew: true,
            consumer: account,
            debtor: reseller,
            reseller: Some(reseller),
            connection: self.connection,
        };
        self.tell(account, AccountKind::Customer, Body::SubscriptionSeen(plan)).await;
        let azure =
            AzureSubscriptionSeen { azure_subscription: self.azure, plan: self.plan, status: AzureStatus::Active };
        self.tell(account, AccountKind::Customer, Body::AzureSubscriptionSeen(azure)).await;
    }

    /// The customer's Azure subscription is read back as inactive.
    pub(crate) async fn stop_azure(&self) {
        let seen =
            AzureSubscriptionSeen { azure_subscription: self.azure, plan: self.plan, status: AzureStatus::Inactive };
        self.tell(self.customer, AccountKind::Customer, Body::AzureSubscriptionSeen(seen)).await;
    }

    /// The first reseller is one of our customers too, so that its name is known.
    pub(crate) async fn name_reseller(&self, name: &str) {
        let tenant = TenantId(id(8));
        let sealed = self.vault.seal(self.reseller, Retention::Contact, &name.to_owned()).await.unwrap();
        let registered = CustomerRegistered {
            connection: self.connection,
            tenant,
            cloud: Cloud::Public,
            name: sealed,
            domain: None,
            country: Some("SE".to_owned()),
            reseller: None,
            debtor: None,
        };
        self.tell(self.reseller, AccountKind::Customer, Body::CustomerRegistered(registered)).await;
    }

    /// A rule fires: something began to run that costs this much an hour, in öre.
    pub(crate) async fn find(&self, account: AccountId, rule: &str, per_hour_minor: i64) {
        let evidence = Evidence {
            fields: vec![("operation".to_owned(), "write".to_owned())],
            matched: vec!["selection: operation is write".to_owned()],
            event: format!("{{\"caller\":\"{CANARY}\"}}"),
        };
        let mut resource = [0; 16];
        self.entropy.fill(&mut resource);
        let found = FindingRecorded {
            rule: RuleRef {
                id: rule.to_owned(),
                title: "GPU machine written".to_owned(),
                title_sv: Some("GPU-maskin skriven".to_owned()),
                author: "A. Author".to_owned(),
                level: Level::High,
                tags: Vec::new(),
                rule_set: Hash::of(b"rules"),
            },
            log: "azure.activitylogs".to_owned(),
            received: self.clock.now(),
            count: 1,
            azure_subscription: Some(self.azure),
            region: Some("brazilsouth".to_owned()),
            size: Some("Standard_NC24ads_A100_v4".to_owned()),
            resources: vec![RunningResource {
                resource: Token(Uuid::from_bytes(resource)),
                per_hour: Money::new(per_hour_minor, Currency::SEK),
            }],
            further_per_hour: None,
            price: Some(PriceRef {
                list: "azure-vm-sek".to_owned(),
                date: "2026-11-01".to_owned(),
                hash: Hash::of(b"prices"),
                estimated: false,
            }),
            caller: None,
            evidence: self.vault.seal(account, Retention::Evidence, &evidence).await.unwrap(),
        };
        self.tell(account, AccountKind::Customer, Body::FindingRecorded(found)).await;
    }

    pub(crate) async fn alert(&self, alert: &str) {
        self.alert_is(alert, AlertStatus::Active).await;
    }

    /// Microsoft shows an alert in a state.
    pub(crate) async fn alert_is(&self, alert: &str, status: AlertStatus) {
        let evidence = Evidence { event: CANARY.to_owned(), ..Evidence::default() };
        let now = self.clock.now();
        let seen = AlertSeen {
            alert: AlertId(alert.to_owned()),
            alert_type: "CryptoMining".to_owned(),
            status,
            severity: Severity::High,
            azure_subscription: Some(self.azure),
            subscription: None,
            detected: now,
            last_observed: now,
            received: now,
            test: false,
            source: AlertSource::Graph,
            resources: Vec::new(),
            evidence: self.vault.seal(self.customer, Retention::Evidence, &evidence).await.unwrap(),
        };
        self.tell(self.customer, AccountKind::Customer, Body::AlertSeen(seen)).await;
    }

    /// A person with these roles who sees every customer.
    pub(crate) async fn person(&self, roles: &[Role]) -> Person {
        self.person_seeing(roles, Scope::All).await
    }

    pub(crate) async fn person_seeing(&self, roles: &[Role], scope: Scope) -> Person {
        let account = AccountId(self.entropy.key());
        let secret = format!("secret-{account}");
        let name = self.vault.seal(account, Retention::Contact, &"Åsa Ek".to_owned()).await.unwrap();
        let added = UserAdded { name, roles: roles.iter().copied().collect(), scope };
        self.tell(account, AccountKind::User, Body::UserAdded(added)).await;
        let token = TokenId(self.entropy.key());
        let expires = self.clock.now().saturating_add(SignedDuration::from_hours(24 * 30)).unwrap();
        let issued = TokenIssued {
            token,
            digest: Hash::of(secret.as_bytes()),
            label: "test".to_owned(),
            expires: Some(expires),
        };
        self.tell(account, AccountKind::User, Body::TokenIssued(issued)).await;
        let totp = web::totp::to_base_32(&Hash::of(secret.as_bytes()).0[..20]);
        let sealed = self.vault.seal(account, Retention::Contact, &totp).await.unwrap();
        self.tell(account, AccountKind::User, Body::TotpChanged(TotpChanged { secret: sealed })).await;
        Person { account, token, secret, totp }
    }

    /// A code of the person's authenticator app that was not used yet. Time goes on where there is none left.
    pub(crate) fn code(&self, person: &Person) -> String {
        self.code_of(&person.totp)
    }

    pub(crate) fn code_of(&self, totp: &str) -> String {
        let mut used = self.used_steps.lock().unwrap();
        let last = used.get(totp).copied().unwrap_or(i64::MIN);
        if last > web::totp::step_at(self.now()) {
            self.wait(1);
        }
        let step = (web::totp::step_at(self.now()) - 1).max(last.saturating_add(1));
        used.insert(totp.to_owned(), step);
        web::totp::code(totp, step).unwrap()
    }

    /// A token for one use that says that the person has just proved itself.
    pub(crate) async fn proof(&self, person: &Person) -> String {
        let code = serde_json::json!({"code": self.code(person)});
        let answer = self.post("/api/v1/me/reauthentication").by(person).json(&code).send().await.is(200);
        answer.json()["token"].as_str().unwrap().to_owned()
    }

    /// Who sees the customers of one reseller only.
    pub(crate) async fn of_reseller(&self, role: Role, reseller: AccountId) -> Person {
        let scope = Scope::Only { resellers: BTreeSet::from([reseller]), customers: BTreeSet::new() };
        self.person_seeing(&[role], scope).await
    }

    pub(crate) fn ask(&self, method: Method, path: &str) -> Ask<'_> {
        Ask::of(&self.router, method, path)
    }
    pub(crate) fn get(&self, path: &str) -> Ask<'_> {
        self.ask(Method::GET, path)
    }
    pub(crate) fn post(&self, path: &str) -> Ask<'_> {
        self.ask(Method::POST, path)
    }

    /// The one open case, as an Admin agent reads it: its address and its answer.
    pub(crate) async fn case(&self) -> (String, Answer) {
        let agent = self.person(&[Role::AdminAgent]).await;
        let list = self.get("/api/v1/cases?filter=status:open").by(&agent).send().await.is(200).json();
        let path = format!("/api/v1/cases/{}", list["value"][0]["id"].as_str().unwrap());
        let answer = self.get(&path).by(&agent).send().await.is(200);
        (path, answer)
    }

    /// An action for the one open case, proposed by someone: its address and its answer.
    pub(crate) async fn propose(&self, proposer: &Person) -> (String, Answer) {
        let (case, _) = self.case().await;
        let body = serde_json::json!({"playbook": "mining-takeover", "class": "normal"});
        let answer = self.post(&format!("{case}:propose")).by(proposer).json(&body).send().await.is(201);
        (answer.header("location").to_owned(), answer)
    }
}
