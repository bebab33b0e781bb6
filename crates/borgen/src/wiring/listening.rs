//! Serving routers on a listener: those of the interface and of the intake share one, and neither knows the other.
//! The one place of the program that names the HTTP server.

pub(crate) use axum::Router;

use crate::exit::{Exit, Failure};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// How long open requests may take to end once the listener is closed.
const CLOSING_LIMIT: Duration = Duration::from_secs(20);

/// Opens a listener.
pub(crate) async fn open(address: &str) -> anyhow::Result<(TcpListener, SocketAddr)> {
    let refused = |error: std::io::Error| match error.kind() {
        // What is no address, or one of another machine, is a slip in the settings.
        std::io::ErrorKind::InvalidInput | std::io::ErrorKind::AddrNotAvailable => {
            Failure { exit: Exit::Usage, text: format!("{address}: {error}"), hint: None }.into()
        }
        _ => anyhow::anyhow!("{address}: {error}"),
    };
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
