//! Every promise of the store, once, on each database: SQLite in memory and in a file, and PostgreSQL when
//! `BORGEN_TEST_POSTGRES` names a scratch server whose superuser may make databases.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

#[path = "conformance/accounts.rs"]
mod accounts;
#[path = "conformance/append.rs"]
mod append;
#[path = "conformance/crowd.rs"]
mod crowd;
#[path = "conformance/effects.rs"]
mod effects;
#[path = "conformance/lists.rs"]
mod lists;
#[path = "conformance/memory.rs"]
mod memory;
#[path = "conformance/opening.rs"]
mod opening;
#[path = "conformance/sessions.rs"]
mod sessions;
#[path = "conformance/signals.rs"]
mod signals;
#[path = "conformance/stores.rs"]
mod stores;
#[path = "conformance/world.rs"]
mod world;
