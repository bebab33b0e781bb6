//! Serving routers on a listener: those of the interface and of the intake share one, and neither knows the other.
//! The one place of the program that names the HTTP server.

pub(crate) use axum::Router;

use crate::console::Console;
use crate::exit::Exit;
use crate::forms;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// How long open requests may take to end once the listener is closed.
const CLOSING_LIMIT: Duration = Duration::from_secs(20);

/// Why nobody can listen on an address.
#[derive(Debug, thiserror::Error)]
#[error("{setting}: {address}: {source}")]
pub(crate) struct NotListening {
    /// The setting and the flag that say the address.
    pub(crate) setting: &'static str,
    /// The address.
    pub(crate) address: String,
    /// What the system said.
    pub(crate) source: std::io::Error,
}

impl NotListening {
    /// Why the simulated Microsoft did not start: mostly for its address, which `setting` says.
    pub(crate) fn of_sandbox(setting: &'static str, error: sandbox::ServerError) -> anyhow::Error {
        match error {
            sandbox::ServerError::Listen { address, source } => {
                Self { setting, address: address.to_string(), source }.into()
            }
            sandbox::ServerError::Sender(_) => error.into(),
        }
    }

    /// The error in the reader's language, with what to do. An address that another program has is a conflict; any
    /// other is a slip in the settings.
    pub(crate) fn told(&self, console: &Console) -> anyhow::Error {
        let taken = self.source.kind() == std::io::ErrorKind::AddrInUse;
        let why = console.of_system(&self.source);
        let text =
            console.text("listen-refused", &[("setting", &self.setting), ("address", &self.address), ("why", &why)]);
        let key = if taken { "hint-address-in-use" } else { "hint-address" };
        let hint = console.text(key, &[("setting", &self.setting), ("form", &forms::ADDRESS)]);
        console.failure(if taken { Exit::Conflict } else { Exit::Usage }, text, Some(hint))
    }
}

/// Opens a listener; `setting` names what says its address.
pub(crate) async fn open(setting: &'static str, address: &str) -> anyhow::Result<(TcpListener, SocketAddr)> {
    let refused = |source| NotListening { setting, address: address.to_owned(), source };
    let listener = TcpListener::bind(address).await.map_err(refused)?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// Serves until `stop` is cancelled, then waits for open requests, though not for ever.
pub(crate) async fn serve(router: Router, listener: TcpListener, stop: CancellationToken) -> anyhow::Result<()> {
    let closing = stop.clone();
    // Where a request comes from is told, so that tries to sign in can be counted by it.
    let router = router.into_make_service_with_connect_info::<SocketAddr>();
    let serving = axum::serve(listener, router).with_graceful_shutdown(async move { closing.cancelled().await });
    let late = async {
        stop.cancelled().await;
        tokio::time::timeout(CLOSING_LIMIT, std::future::pending::<()>()).await
    };
    tokio::select! {
        served = serving.into_future() => Ok(served?),
        _ = late => {
            tracing::warn!(limit_ms = CLOSING_LIMIT.as_millis(), "open requests did not end in time and were cut off");
            Ok(())
        }
    }
}
