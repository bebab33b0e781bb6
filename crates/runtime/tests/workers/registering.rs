//! The webhook is registered as soon as Microsoft lets it, however late that is.

use crate::world::{Trouble, World};
use jiff::SignedDuration;
use runtime::registering::{FIRST_WAIT, until_registered};
use tokio_util::sync::CancellationToken;

const BASE: &str = "https://borgen.example.se";

/// Lets what runs beside get as far as it can without the clock.
async fn let_run() {
    for _ in 0..1_000 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_webhook_that_is_refused_at_the_start_is_registered_later_without_a_restart() {
    let world = World::new().await;
    let stop = CancellationToken::new();
    // First the list of events fails, then the registration itself, then Microsoft asks for patience.
    world.microsoft.reads_fail(1);
    world.microsoft.trouble([Trouble::UnavailableBefore, Trouble::Throttled(300)]);
    let story = async {
        let_run().await;
        let mut registered = vec![world.microsoft.webhook().is_some()];
        for wait in [FIRST_WAIT, FIRST_WAIT * 2, SignedDuration::from_secs(299), SignedDuration::from_secs(1)] {
            world.clock.advance(wait);
            let_run().await;
            registered.push(world.microsoft.webhook().is_some());
        }
        registered
    };
    let (registered, ()) = tokio::join!(story, until_registered(&world.tools, &world.connections, BASE, &stop));
    assert_eq!(registered, [false, false, false, false, true]);
    let webhook = world.microsoft.webhook().unwrap();
    assert!(webhook.to_string().contains(&world.connection.account.to_string()), "{webhook}");
}

#[tokio::test]
async fn who_waits_for_the_next_try_ends_when_the_program_does() {
    let world = World::new().await;
    let stop = CancellationToken::new();
    world.microsoft.reads_fail(100);
    let ending = async {
        let_run().await;
        stop.cancel();
    };
    tokio::join!(ending, until_registered(&world.tools, &world.connections, BASE, &stop));
    assert!(world.microsoft.webhook().is_none());
}
