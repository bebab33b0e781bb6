//! The seal of the journal: positions, tree, checkpoints, exports, and what checking an export finds.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

mod attacks;
mod journal;
mod pen;
mod positions;
