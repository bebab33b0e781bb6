//! Faults that a simulation puts between the program and its store. Compiled only with the feature `simulation`.

use crate::append::Append;
use std::pin::Pin;

/// Draws the faults of a simulated run from its seed.
pub trait StoreFaults: std::fmt::Debug + Send + Sync {
    /// True when this append fails before anything is written.
    fn before_append(&self, append: &Append) -> bool;

    /// True when this append, which has just been committed, seems to have failed: its outcome is unknown.
    fn after_commit(&self, append: &Append) -> bool;

    /// Waited for before every read, before every write and after every commit. Here the simulated scheduler lets
    /// another worker go on, or lets the process end by never coming back.
    fn pause(&self, point: &'static str) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        let _ = point;
        Box::pin(std::future::ready(()))
    }
}
