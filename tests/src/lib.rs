//! Whole-system tests live in `tests/`; what they share lives here: a simulated world with people, a network and a
//! store that go wrong as a seed says, and what must be true of every run.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a simulated world stops at the first surprise"
)]

mod attack;
mod beginning;
pub mod faults;
pub mod invariants;
pub mod journal;
pub mod outbound;
pub mod paging;
pub mod people;
pub mod scheduler;
pub mod seams;
pub mod world;
