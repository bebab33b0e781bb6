//! What the program tells about itself while it runs: log lines, metrics, and whether it is ready.

use crate::config::Loaded;
use crate::console::Console;
use crate::exit::Exit;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use runtime::Board;
use tracing_subscriber::EnvFilter;
use web::{MetricsText, NotReady, Ready};

/// Starts writing log lines to standard error.
pub(crate) fn write_log(console: &Console, settings: &Loaded) -> anyhow::Result<()> {
    let wanted = settings.text("log.filter");
    let filter = EnvFilter::try_new(&wanted)
        .map_err(|why| console.fail(Exit::Usage, "log-filter-wrong", &[("filter", &wanted), ("why", &why)]))?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(console.talk_is_painted());
    let started =
        if settings.text("log.format") == "json" { lines.json().try_init() } else { lines.compact().try_init() };
    started.map_err(|error| anyhow::anyhow!("{error}"))
}

/// The metrics as text.
#[derive(Clone)]
pub(crate) struct Figures {
    handle: PrometheusHandle,
}

impl std::fmt::Debug for Figures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Figures")
    }
}

impl Figures {
    /// Starts counting.
    pub(crate) fn start() -> anyhow::Result<Self> {
        let recorder = PrometheusBuilder::new().build_recorder();
        let handle = recorder.handle();
        metrics::set_global_recorder(recorder).map_err(|error| anyhow::anyhow!("{error}"))?;
        metrics::gauge!("borgen_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
        Ok(Self { handle })
    }
}

impl MetricsText for Figures {
    fn render(&self) -> String {
        self.handle.run_upkeep();
        self.handle.render()
    }
}

/// The workers as `/readyz` tells of them.
#[derive(Debug, Clone)]
pub(crate) struct Workers {
    /// What they report on.
    pub(crate) board: Board,
}

impl Ready for Workers {
    fn not_ready(&self) -> Vec<NotReady> {
        let failing = self.board.failing().into_iter();
        failing.map(|part| NotReady { part, reason: "it failed and waits to be started again".to_owned() }).collect()
    }
}
