//! Setting the stage: a folder that is forgotten, a clock that runs faster, the simulated Microsoft on a listener of its
//! own, a server with one connection, four people. Nothing of the story happens here.

use super::people::People;
use crate::config::ConnectionSettings;
use crate::console::Console;
use crate::remote::Remote;
use crate::wiring::listening::NotListening;
use crate::wiring::serving::{Plan, Serving};
use crate::wiring::watching::{Figures, write_log};
use crate::wiring::{connecting, detection, opening};
use desk::Clock;
use desk::seam::SystemClock;
use domain::ids::{AccountId, Actor, TenantId};
use runtime::setup::{add_connection, issue_intake_key, publish_default_policy};
use secrecy::SecretString;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use store::VerifyingKey;
use tempfile::TempDir;

/// How long the simulated Microsoft's controls are waited for: telling the last days of 100,000 customers takes a while.
const CONTROL_LIMIT: Duration = Duration::from_mins(3);
/// What the connection is called.
const CONNECTION: &str = "demo";

/// What is wanted.
#[derive(Debug)]
pub(crate) struct Wish {
    /// The seed of customers and story.
    pub(crate) seed: u64,
    /// How many customers there are.
    pub(crate) customers: u32,
    /// How many times as fast as the wall clock the story runs.
    pub(crate) speed: u32,
    /// Where to serve.
    pub(crate) listen: String,
    /// Where the simulated Microsoft serves.
    pub(crate) sandbox_listen: SocketAddr,
}

/// The stage.
pub(crate) struct Stage<'a> {
    /// Where people are told what happens.
    pub(super) console: &'a Console,
    /// The seed.
    pub(crate) seed: u64,
    /// How many customers Microsoft knows.
    pub(crate) customers: u32,
    /// How fast the story runs.
    pub(crate) speed: u32,
    /// The story's time.
    pub(crate) clock: Arc<SystemClock>,
    /// The server's address.
    pub(crate) url: String,
    /// The simulated Microsoft's address.
    pub(crate) sandbox_url: String,
    /// The simulated Microsoft's controls.
    pub(crate) sandbox: Remote<'a>,
    /// The connection's account.
    pub(crate) connection: AccountId,
    /// The key that log events are sent with.
    pub(crate) intake_key: String,
    /// The four.
    pub(crate) people: People<'a>,
    /// What the journal's checkpoints are verified with.
    pub(crate) key: VerifyingKey,
    /// The same, to be handed on.
    pub(crate) public_pem: String,
    microsoft: sandbox::Running,
    /// The folder that is forgotten.
    pub(super) folder: TempDir,
}

impl<'a> Stage<'a> {
    /// Sets the stage. The server answers while what is given back beside it is run.
    pub(crate) async fn set(console: &'a Console, wish: &Wish) -> anyhow::Result<(Self, Serving)> {
        let settings = console.settings_with(&[("log.filter", Some("warn".to_owned()))])?;
        write_log(console, &settings)?;
        let folder = tempfile::Builder::new().prefix("borgen-demo-").tempdir()?;
        let (microsoft, clock) = microsoft(wish).await?;
        let dynamic: Arc<dyn Clock> = Arc::<SystemClock>::clone(&clock);
        let house = opening::open_in(folder.path(), dynamic).await?;
        let credentials = microsoft.with_world(|world| world.credentials());
        let roots = folder.path().join("sandbox-root.pem");
        std::fs::write(&roots, microsoft.with_world(|world| world.trust_root_pem().to_owned()))?;
        let connection = ConnectionSettings {
            tenant: credentials.partner_tenant.to_string(),
            cloud: "sandbox".to_owned(),
            base: Some(microsoft.origin()),
            webhook_roots: Some(roots),
            client_id: credentials.client_id.to_string(),
            client_secret: Some(SecretString::from(credentials.client_secret)),
            refresh_token: Some(SecretString::from(credentials.refresh_token)),
        };
        let parts = connecting::parts(folder.path(), CONNECTION, &connection)?;
        publish_default_policy(&house.tools, Actor::Program).await?;
        let tenant = TenantId(credentials.partner_tenant);
        let account = add_connection(&house.tools, tenant, parts.cloud, CONNECTION, Actor::Program).await?;
        let key = issue_intake_key(&house.tools, account, "demo", None, Actor::Program).await?;
        let plan = Plan {
            tools: house.tools.clone(),
            signer: house.signer.clone(),
            rules: detection::rules(console, &settings)?,
            connections: vec![(CONNECTION.to_owned(), parts)],
            channels: runtime::Channels::default(),
            figures: Figures::start()?,
            listen: wish.listen.clone(),
            metrics_listen: None,
            public_url: None,
            // The story runs fast; people and their authenticator apps do not.
            sign_in: web::SignIn { clock: Some(Arc::new(SystemClock::new())), entra: None },
            presentation: web::Presentation { demo: true, ..web::Presentation::default() },
        };
        let mut serving = plan.start().await?;
        let url = format!("http://{}", serving.address);
        serving.reached_at(&url);
        let stage = Self {
            console,
            seed: wish.seed,
            customers: wish.customers,
            speed: wish.speed,
            clock,
            sandbox_url: microsoft.origin(),
            sandbox: Remote::new(console, &microsoft.origin(), None, CONTROL_LIMIT)?,
            connection: account,
            intake_key: key.secret,
            people: People::hire(console, &house.tools, &url).await?,
            key: house.signer.verifying_key(),
            public_pem: house.signer.public_pem()?,
            microsoft,
            folder,
            url,
        };
        Ok((stage, serving))
    }

    /// What whoever tries the demonstration needs.
    pub(crate) fn handed_out(&self) -> Value {
        json!({
            "url": self.url,
            "sandbox": self.sandbox_url,
            "tokens": {
                "globalAdministrator": self.people.global_administrator.token(),
                "userAdministrator": self.people.user_administrator.token(),
                "adminAgent": self.people.admin_agent.token(),
                "billingAdministrator": self.people.billing_administrator.token(),
            },
            "totp": {
                "globalAdministrator": self.people.global_administrator.totp(),
                "userAdministrator": self.people.user_administrator.totp(),
                "adminAgent": self.people.admin_agent.totp(),
                "billingAdministrator": self.people.billing_administrator.totp(),
            },
            "connection": self.connection,
            "intakeKey": self.intake_key,
            "publicKey": self.public_pem,
            "seed": self.seed,
            "speed": self.speed,
        })
    }

    /// Stops the simulated Microsoft and forgets everything.
    pub(crate) async fn close(self) {
        self.microsoft.stop().await;
        if let Err(error) = self.folder.close() {
            tracing::warn!(error = %error, "the demonstration's folder is still there");
        }
    }
}

/// The simulated Microsoft, and the one clock that it and the server live by.
async fn microsoft(wish: &Wish) -> anyhow::Result<(sandbox::Running, Arc<SystemClock>)> {
    let start = SystemClock::new().now();
    let world = sandbox::World::populate(wish.seed, usize::try_from(wish.customers)?, start, sandbox::Trust::shared()?);
    let clock = Arc::new(SystemClock::story(start, wish.speed));
    let time = Arc::clone(&clock);
    let started = sandbox::Server::start(world, wish.sandbox_listen, move || time.now(), 1).await;
    let running = started.map_err(|error| NotListening::of_sandbox("--sandbox-listen", error))?;
    // Starting took a moment, in which only one of the two clocks ran.
    running.advance(clock.now().duration_since(running.now()));
    Ok((running, clock))
}
