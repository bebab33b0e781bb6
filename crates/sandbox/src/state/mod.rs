//! What the simulated Microsoft knows: customers, subscriptions, alerts, audit records, webhooks and the change log.
//! Routes read and write it; nothing here knows about HTTP.

pub(crate) mod activity;
pub(crate) mod alert;
pub(crate) mod audit;
pub(crate) mod azure;
pub(crate) mod change;
pub(crate) mod customer;
pub(crate) mod outbox;
pub(crate) mod patching;
pub(crate) mod receivers;
pub(crate) mod requests;
pub(crate) mod seat;
pub(crate) mod timers;
pub(crate) mod token;
pub(crate) mod webhook;
