//! The rules of the domain, each with its table of cases, the laws that hold for all of them, and the journals that
//! must not change. They go through `step` as production does; nothing here knows a store.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

mod alerts;
mod approving;
mod bounds;
mod carrying_out;
mod clocks;
mod contacts;
mod golden_decisions;
mod golden_facts;
mod guarding;
mod happenings;
mod kinds;
mod kinds_of_pages;
mod kinds_of_sign_in;
mod laws;
mod paging;
mod proposing;
mod reverting;
mod severity;
mod snoozing;
mod stories;
mod storm;
mod world;
