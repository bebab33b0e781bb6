//! Lets the world's time go on while nobody asks, and sends what becomes due.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::MissedTickBehavior;

use crate::shell::House;
use crate::shell::sender::Sender;
use crate::state::outbox::{Outcome, Outgoing};

/// How often the world is asked what is due.
pub(crate) const TICK: Duration = Duration::from_millis(25);
/// How many parcels are on their way at once.
pub(crate) const MAX_SENDING: usize = 32;

#[expect(clippy::disallowed_methods, reason = "the simulated Microsoft starts its own tasks")]
pub(crate) fn spawn(house: Arc<House>, sender: Sender, stopped: watch::Receiver<bool>) -> JoinHandle<()> {
    tokio::spawn(run(house, sender, stopped))
}

async fn run(house: Arc<House>, sender: Sender, mut stopped: watch::Receiver<bool>) {
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut waiting: VecDeque<Outgoing> = VecDeque::new();
    let mut sending: JoinSet<(u64, Outcome)> = JoinSet::new();
    loop {
        tokio::select! {
            _ = stopped.wait_for(|stop| *stop) => break,
            _ = ticks.tick() => {
                if waiting.is_empty() {
                    let now = house.clock.now();
                    waiting.extend(house.world().tick(now));
                }
            }
            Some(sent) = sending.join_next() => settle(&house, sent.ok()),
        }
        while sending.len() < MAX_SENDING
            && let Some(parcel) = waiting.pop_front()
        {
            let sender = sender.clone();
            sending.spawn(async move { (parcel.id, sender.send(parcel).await) });
        }
    }
    while let Some(sent) = sending.join_next().await {
        settle(&house, sent.ok());
    }
}

fn settle(house: &House, sent: Option<(u64, Outcome)>) {
    if let Some((id, outcome)) = sent {
        let now = house.clock.now();
        house.world().settled(now, id, outcome);
    }
}
