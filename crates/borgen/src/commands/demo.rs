//! `borgen demo`: everything on this machine, with a simulated Microsoft and made-up customers. With `--once` one attack
//! is played from the first event to the proof, and told as JSON.

use crate::cli::Output;
use crate::console::Console;
use crate::demo::stage::{Stage, Wish};
use crate::demo::{acts, afterwards, play};
use crate::exit::Exit;
use crate::wiring::stop::asked;
use clap::Args;
use serde_json::json;

/// How many customers there are when nobody says: a direct-bill partner's, or few for one attack.
const CUSTOMERS: u32 = 1_200;
const CUSTOMERS_ONCE: u32 = 40;
/// How many times as fast as the wall clock the story runs when nobody says.
const SPEED: u32 = 20;
const SPEED_ONCE: u32 = 60;

/// The demonstration.
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Play one attack from the first event to the proof, print what the journal says of it, and end
    #[arg(long)]
    once: bool,
    /// Another seed gives other customers, another attack, other resources
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// How many customers there are [default: 1200; 40 with --once]
    #[arg(long, value_parser = clap::value_parser!(u32).range(10..=100_000))]
    customers: Option<u32>,
    /// How many times as fast as the wall clock the story runs [default: 20; 60 with --once]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=600))]
    speed: Option<u32>,
    /// Where to serve; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: String,
    /// Where the simulated Microsoft serves; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:0", value_parser = crate::forms::address)]
    sandbox_listen: std::net::SocketAddr,
}

/// Runs the command.
pub(crate) async fn run(console: &Console, command: Demo) -> anyhow::Result<Exit> {
    let wish = Wish {
        seed: command.seed,
        customers: command.customers.unwrap_or(if command.once { CUSTOMERS_ONCE } else { CUSTOMERS }),
        speed: command.speed.unwrap_or(if command.once { SPEED_ONCE } else { SPEED }),
        listen: command.listen,
        sandbox_listen: command.sandbox_listen,
    };
    let (stage, serving) = Stage::set(console, &wish).await?;
    console.say("demo-data", &[]);
    console.say("demo-serves", &[("url", &stage.url), ("sandbox", &stage.sandbox_url)]);
    let stop = serving.stop.clone();
    let acting = async {
        let told = if command.once { once(console, &stage).await } else { stay(console, &stage).await };
        stop.cancel();
        told
    };
    let (served, told) = tokio::join!(serving.run(), acting);
    stage.close().await;
    let exit = told?;
    served?;
    Ok(exit)
}

/// Plays the story and tells what came of it.
async fn once(console: &Console, stage: &Stage<'_>) -> anyhow::Result<Exit> {
    let played = tokio::select! {
        played = play::whole(stage) => played?,
        signal = asked() => {
            signal?;
            return Ok(Exit::Interrupted);
        }
    };
    let summary = afterwards::summary(stage, &played).await?;
    console.line(&serde_json::to_string_pretty(&summary)?)?;
    if summary.get("agrees") == Some(&json!(true)) {
        return Ok(Exit::Done);
    }
    Err(console.fail(Exit::Refused, "demo-disagrees", &[]))
}

/// Lets people try, until they have seen enough.
async fn stay(console: &Console, stage: &Stage<'_>) -> anyhow::Result<Exit> {
    hand_out(console, stage)?;
    console.say("demo-try", &[("url", &stage.url), ("token", &stage.people.admin_agent.token())]);
    let opening = async {
        // Whoever tries the server goes on trying it when no attack comes.
        if let Err(error) = acts::all(stage).await {
            console.warn("demo-no-attack", &[("why", &format!("{error:#}"))]);
        }
        std::future::pending::<anyhow::Result<Exit>>().await
    };
    tokio::select! {
        opened = opening => opened,
        signal = asked() => {
            signal?;
            console.say("stopping", &[]);
            Ok(Exit::Done)
        }
    }
}

/// Tokens and keys: a line each for people, JSON for programs.
fn hand_out(console: &Console, stage: &Stage<'_>) -> anyhow::Result<()> {
    if console.output != Output::Table {
        return console.line(&serde_json::to_string(&stage.handed_out())?);
    }
    let people = &stage.people;
    for (role, person) in [
        ("global_administrator", &people.global_administrator),
        ("user_administrator", &people.user_administrator),
        ("admin_agent", &people.admin_agent),
        ("billing_administrator", &people.billing_administrator),
    ] {
        console.line(&format!("{role:<22} {}", person.token()))?;
    }
    for (role, person) in [
        ("global_administrator", &people.global_administrator),
        ("admin_agent", &people.admin_agent),
        ("billing_administrator", &people.billing_administrator),
    ] {
        console.line(&format!("{:<26} {}", format!("{role}_totp"), person.totp()))?;
    }
    console.line(&format!("{:<22} {}", "intake_key", stage.intake_key))?;
    let key: String = stage.public_pem.lines().filter(|line| !line.starts_with('-')).collect();
    console.line(&format!("{:<22} {key}", "public_key"))
}
