//! `borgen sandbox serve`: the simulated Microsoft as a server of its own, to try a connection against.

use crate::console::Console;
use crate::exit::Exit;
use crate::forms;
use crate::wiring::listening::NotListening;
use clap::{Args, Subcommand};
use desk::Clock;
use desk::seam::SystemClock;
use std::net::SocketAddr;

/// The commands about the simulated Microsoft.
#[derive(Debug, Subcommand)]
pub(crate) enum Sandbox {
    /// Serve it until it is told to stop
    Serve(Serve),
}

/// Serving.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Where
    #[arg(long, default_value = "127.0.0.1:8478", value_parser = forms::address)]
    listen: SocketAddr,
    /// Another seed gives other customers
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// How many customers there are
    #[arg(long, default_value_t = 1_200, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    customers: u32,
    /// How many times as fast as the wall clock its time runs
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    speed: u32,
}

/// Runs a command about the simulated Microsoft.
pub(crate) async fn run(console: &Console, command: Sandbox) -> anyhow::Result<Exit> {
    let Sandbox::Serve(serve) = command;
    let start = SystemClock::new().now();
    let customers = usize::try_from(serve.customers)?;
    let world = sandbox::World::populate(serve.seed, customers, start, sandbox::Trust::shared()?);
    let started = sandbox::Server::start(world, serve.listen, sandbox::wall_clock, serve.speed).await;
    let running = started.map_err(|error| NotListening::of_sandbox("--listen", error))?;
    let credentials = running.with_world(|world| world.credentials());
    console.line(&serde_json::to_string_pretty(
        &serde_json::json!({"base": running.origin(), "credentials": credentials}),
    )?)?;
    console.say("sandbox-serves", &[("url", &running.origin()), ("count", &serve.customers)]);
    tokio::select! {
        () = running.finished() => {}
        signal = crate::wiring::stop::asked() => {
            signal?;
            console.say("stopping", &[]);
        }
    }
    Ok(Exit::Done)
}
