//! The thin shell: serves a world over HTTP, gives it time, and sends what it has to send.
//! No rule of Microsoft's lives here.

mod clock;
mod sender;
mod serve;
mod ticking;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub use clock::wall_clock;

use crate::shell::clock::SimulatedClock;
use crate::shell::sender::Sender;
use crate::world::World;

/// How long a stop waits for open connections and parcels on their way.
pub(crate) const STOP_LIMIT: Duration = Duration::from_secs(5);

/// Why the server did not start.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The address could not be bound.
    #[error("the sandbox could not listen on {address}: {source}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The sender of webhooks and log events could not be made.
    #[error("the sandbox could not make its sender of webhooks: {0}")]
    Sender(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Serves a world.
#[derive(Debug)]
pub struct Server;

/// What the tasks of one server share.
pub(crate) struct House {
    world: Mutex<World>,
    clock: SimulatedClock,
    stop: watch::Sender<bool>,
}

impl House {
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        // A world is whole between calls; a panic in one of them must not take the others along.
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Server {
    /// Serves the world on this address. Simulated time begins at the world's own time and runs `speed` times as fast
    /// as `clock`; port 0 takes a free port. Stops with [`Running::stop`] or `POST /sandbox/stop`.
    pub async fn start(
        world: World,
        listen: SocketAddr,
        clock: impl Fn() -> Timestamp + Send + Sync + 'static,
        speed: u32,
    ) -> Result<Running, ServerError> {
        let failed = |source| ServerError::Listen { address: listen, source };
        let listener = TcpListener::bind(listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let sender = Sender::new().map_err(|source| ServerError::Sender(source.into()))?;
        let clock = SimulatedClock::new(Box::new(clock), world.now(), speed);
        let (stop, stopped) = watch::channel(false);
        let house = Arc::new(House { world: Mutex::new(world), clock, stop });
        house.world().set_origin(&format!("http://{address}"));
        let serving = serve::spawn(listener, Arc::clone(&house), stopped.clone());
        let ticking = ticking::spawn(Arc::clone(&house), sender, stopped.clone());
        Ok(Running { address, house, stopped, tasks: vec![serving, ticking] })
    }
}

/// A server that runs until it is stopped.
pub struct Running {
    address: SocketAddr,
    house: Arc<House>,
    stopped: watch::Receiver<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl std::fmt::Debug for Running {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Running").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Running {
    /// The address it listens on, with the real port.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The base of all its addresses: `http://127.0.0.1:4711`.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The simulated time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.house.clock.now()
    }

    /// Lets simulated time jump ahead.
    pub fn advance(&self, by: jiff::SignedDuration) {
        self.house.clock.advance(by);
    }

    /// Looks into the world, or changes it, while it is served.
    pub fn with_world<T>(&self, look: impl FnOnce(&mut World) -> T) -> T {
        look(&mut self.house.world())
    }

    /// Waits until the server is told to stop, and has stopped.
    pub async fn finished(mut self) {
        while !*self.stopped.borrow_and_update() {
            if self.stopped.changed().await.is_err() {
                break;
            }
        }
        self.wind_up().await;
    }

    /// Stops: no new requests, open ones are answered, and what is on its way is waited for, five seconds at most.
    pub async fn stop(self) {
        self.house.stop.send_replace(true);
        self.wind_up().await;
    }

    async fn wind_up(self) {
        for mut task in self.tasks {
            if tokio::time::timeout(STOP_LIMIT, &mut task).await.is_err() {
                task.abort();
            }
        }
    }
}
