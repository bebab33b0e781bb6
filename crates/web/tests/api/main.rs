//! The interface as its users meet it: a real store, a real desk, users of every role, requests through the router.
//! One file for each resource; what they share is in `world`.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

mod actions;
mod activity;
mod alerts;
mod asking;
mod audit;
mod cases;
mod connections;
mod contacts;
mod conventions;
mod customers;
mod entra;
mod foreign;
mod health;
mod hostile;
mod idempotency;
mod incidents;
mod me;
mod openapi;
mod pages;
mod policies;
mod routes;
mod scope;
mod seconding;
mod sign_in;
mod signals;
mod snoozes;
mod users;
mod views;
mod world;
