//! `borgen serve`: the server, until it is told to stop.

use crate::config::Loaded;
use crate::console::Console;
use crate::exit::Exit;
use crate::wiring::serving::Plan;
use crate::wiring::stop::{Asked, asked};
use crate::wiring::watching::{Figures, write_log};
use crate::wiring::{connecting, detection, entra, opening, paging};
use clap::Args;
use desk::Clock;
use desk::seam::SystemClock;
use runtime::invitations::first_links;

/// Serving.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Where; else server.listen
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// A second address for /livez, /readyz and /metrics; else `server.metrics_listen`
    #[arg(long, value_name = "ADDRESS")]
    metrics_listen: Option<String>,
}

/// Runs the command.
pub(crate) async fn run(console: &Console, command: Serve) -> anyhow::Result<Exit> {
    let settings = console
        .settings_with(&[("server.listen", command.listen), ("server.metrics_listen", command.metrics_listen)])?;
    write_log(console, &settings)?;
    let plan = plan(console, &settings).await?;
    let (tools, base) = (plan.tools.clone(), plan.public_url.clone());
    let serving = plan.start().await?;
    let here = format!("http://{}", serving.address);
    console.say("serving", &[("url", &here)]);
    // As long as nobody of that role signs in, whoever runs the program is asked in.
    let base = base.unwrap_or(here);
    for (role, link) in first_links(&tools, SystemClock::new().now()).await? {
        let url = format!("{}{}", base.trim_end_matches('/'), link.path);
        console.say("first-link", &[("role", &role.word()), ("url", &url)]);
    }
    let stop = serving.stop.clone();
    let mut by = Asked::ByTheSystem;
    let waiting = async {
        tokio::select! {
            signal = asked() => {
                by = signal?;
                console.say("stopping", &[]);
                stop.cancel();
            }
            () = stop.cancelled() => {}
        }
        Ok::<_, anyhow::Error>(())
    };
    let (served, waited) = tokio::join!(serving.run(), waiting);
    served.and(waited)?;
    Ok(if by == Asked::AtTheKeyboard { Exit::Interrupted } else { Exit::Done })
}

/// The plan of a server as the settings say.
async fn plan(console: &Console, settings: &Loaded) -> anyhow::Result<Plan> {
    let rules = detection::rules(console, settings)?;
    let connections = connecting::connections(settings)?;
    let house = opening::open(settings, opening::clock()).await?;
    if connections.is_empty() {
        console.warn("no-connection", &[]);
    }
    Ok(Plan {
        tools: house.tools,
        signer: house.signer,
        rules,
        connections,
        channels: paging::channels(settings)?,
        figures: Figures::start()?,
        listen: settings.text("server.listen"),
        metrics_listen: settings.some_text("server.metrics_listen"),
        public_url: settings.some_text("server.public_url"),
        sign_in: entra::sign_in(settings)?,
        presentation: web::Presentation { zone: console.zone().clone(), ..web::Presentation::default() },
    })
}
