//! The workers from outside: findings as facts, the intake over a socket, effects and sync against a Microsoft of a
//! few lines, all workers together.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

mod at_stake;
mod closed;
mod effects;
mod findings;
mod intake;
mod registering;
mod sync;
mod telling;
mod waking;
mod watch;
mod webhooks;
mod whole;
mod world;
