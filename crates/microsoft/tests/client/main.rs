//! The client against an in-memory other side, and the real sender against a bare socket on loopback.
//! The simulated Microsoft is met elsewhere, over HTTP.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod changes;
mod fake;
mod headers;
mod lists;
mod network;
mod tokens;
mod webhooks;
