//! Deliberate faults, one at a time, which the simulated world has to catch. Compiled for tests only.

use std::sync::atomic::{AtomicU8, Ordering};

/// A deliberate fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Mutant {
    /// The worker calls Microsoft without having written `EffectStarted`.
    NoFence = 1,
    /// Outbox rows are written in a transaction of their own.
    OutboxAfterCommit = 2,
    /// Every try of an effect carries another idempotency key.
    FreshKey = 3,
    /// An event that is told twice is recorded twice.
    SourceKeyIgnored = 4,
    /// An append does not look at the version.
    VersionUnchecked = 5,
    /// An approval counts for another action than the one that was shown.
    ApprovalUnbound = 6,
    /// The due instant is not written.
    DueLost = 7,
    /// A step is ordered without its permit.
    PermitNotTaken = 8,
}

impl Mutant {
    /// Every mutant.
    pub const ALL: [Self; 8] = [
        Self::NoFence,
        Self::OutboxAfterCommit,
        Self::FreshKey,
        Self::SourceKeyIgnored,
        Self::VersionUnchecked,
        Self::ApprovalUnbound,
        Self::DueLost,
        Self::PermitNotTaken,
    ];

    const fn number(self) -> u8 {
        match self {
            Self::NoFence => 1,
            Self::OutboxAfterCommit => 2,
            Self::FreshKey => 3,
            Self::SourceKeyIgnored => 4,
            Self::VersionUnchecked => 5,
            Self::ApprovalUnbound => 6,
            Self::DueLost => 7,
            Self::PermitNotTaken => 8,
        }
    }
}

static ACTIVE: AtomicU8 = AtomicU8::new(0);

/// Switches a mutant on for the whole process, or all off.
pub fn switch(mutant: Option<Mutant>) {
    ACTIVE.store(mutant.map_or(0, Mutant::number), Ordering::SeqCst);
}

/// Whether this mutant is on.
#[must_use]
pub fn is(mutant: Mutant) -> bool {
    ACTIVE.load(Ordering::SeqCst) == mutant.number()
}
