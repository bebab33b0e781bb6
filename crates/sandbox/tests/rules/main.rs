//! The rules of the simulated Microsoft, seen from outside: one file for each side of it.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop at the first surprise")]

mod azure;
mod caller;
mod faults;
mod graph;
mod partner_center;
mod population;
mod receivers;
mod shell;
mod stories;
mod webhooks;
