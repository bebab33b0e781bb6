//! A server: store, workers and interface on one listener, started together and stopped in order.

use super::listening;
use super::watching::{Figures, Workers};
use anyhow::Context;
use policy::Prices;
use runtime::registering::until_registered;
use runtime::setup::{add_connection, publish_default_policy};
use runtime::{Channels, ConnectionParts, Connections, Parts, Running, Runtime, Tools};
use sigma::{EngineOptions, RuleSet};
use std::net::SocketAddr;
use std::sync::Arc;
use store::Signer;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// What a server is made of.
pub(crate) struct Plan {
    /// Desk, vault, randomness.
    pub(crate) tools: Tools,
    /// Signs the checkpoints.
    pub(crate) signer: Signer,
    /// The detection rules.
    pub(crate) rules: Arc<RuleSet>,
    /// The connections, by the names that people gave them.
    pub(crate) connections: Vec<(String, ConnectionParts)>,
    /// The channels by which people on call are reached.
    pub(crate) channels: Channels,
    /// The metrics.
    pub(crate) figures: Figures,
    /// Where to listen.
    pub(crate) listen: String,
    /// Where to tell of itself besides.
    pub(crate) metrics_listen: Option<String>,
    /// How Microsoft reaches the server.
    pub(crate) public_url: Option<String>,
    /// How people sign in.
    pub(crate) sign_in: web::SignIn,
    /// How pages present themselves.
    pub(crate) presentation: web::Presentation,
}

/// A server that was started; it answers while [`Serving::run`] is polled.
pub(crate) struct Serving {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// Cancelled to stop it.
    pub(crate) stop: CancellationToken,
    running: Running,
    main: (listening::Router, TcpListener),
    metrics: Option<(listening::Router, TcpListener)>,
    connections: Connections,
    public_url: Option<String>,
    tools: Tools,
}

impl Plan {
    /// Opens the listeners and starts the workers.
    pub(crate) async fn start(self) -> anyhow::Result<Serving> {
        let (listener, address) = listening::open("server.listen (--listen)", &self.listen).await?;
        let actor = domain::ids::Actor::Program;
        publish_default_policy(&self.tools, actor).await?;
        for (name, parts) in &self.connections {
            add_connection(&self.tools, parts.partner_tenant, parts.cloud, name, actor).await?;
        }
        let connections = Connections::new(self.connections.into_iter().map(|(_, parts)| parts).collect());
        let prices = Prices::embedded().map_err(|problems| anyhow::anyhow!("the price list: {problems:?}"))?;
        let journal_key = self.signer.verifying_key();
        let parts = Parts {
            tools: self.tools.clone(),
            connections: connections.clone(),
            channels: self.channels,
            rules: self.rules,
            engine: EngineOptions::default(),
            prices: Arc::new(prices),
            signer: self.signer,
            name: name_of_this_program(&self.tools),
        };
        let running = Runtime::start(parts).await.map_err(|error| anyhow::anyhow!("{error}"))?;
        let interface = web::Parts {
            desk: self.tools.desk.clone(),
            vault: self.tools.vault.clone(),
            entropy: Arc::clone(&self.tools.entropy),
            ready: Arc::new(Workers { board: running.board.clone() }),
            metrics_text: Arc::new(self.figures),
            sign_in: self.sign_in,
            presentation: web::Presentation { journal_key: Some(journal_key), ..self.presentation },
            closing: running.closing(),
        };
        let metrics = match self.metrics_listen {
            Some(address) => {
                let (listener, _) = listening::open("server.metrics_listen (--metrics-listen)", &address).await?;
                Some((web::metrics_router(interface.clone()), listener))
            }
            None => None,
        };
        Ok(Serving {
            address,
            stop: running.closing(),
            main: (web::router(interface).merge(running.router()), listener),
            metrics,
            connections,
            public_url: self.public_url,
            tools: self.tools,
            running,
        })
    }
}

impl Serving {
    /// Tells how Microsoft reaches the server, when that is known only now.
    pub(crate) fn reached_at(&mut self, url: &str) {
        self.public_url = Some(url.to_owned());
    }

    /// Serves until it is stopped, then stops the workers in order.
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let Self { stop, running, main, metrics, connections, public_url, tools, .. } = self;
        let beside = async {
            match metrics {
                Some((router, listener)) => listening::serve(router, listener, stop.clone()).await,
                None => Ok(()),
            }
        };
        // Microsoft may deliver at once, so the listener answers while the webhook is being registered.
        let closed = stop.child_token();
        let registering = async {
            if let Some(url) = public_url {
                until_registered(&tools, &connections, &url, &closed).await;
            }
        };
        // Without a listener there is nothing to register.
        let serving = async {
            let served = listening::serve(main.0, main.1, stop.clone()).await;
            closed.cancel();
            served
        };
        let (served, told, ()) = tokio::join!(serving, beside, registering);
        if !running.stop().await {
            tracing::warn!("not everything ended by itself");
        }
        served.and(told).context("serving")
    }
}

/// A name that no other program sharing the store has.
fn name_of_this_program(tools: &Tools) -> String {
    format!("serve-{}", tools.entropy.key().simple())
}
