//! The desk: the only way into the journal. It loads an account's file, works off what has come due, decides, and
//! appends. Replay and what-if run the same steps without the store.

mod assemble;
pub mod desk;
pub mod events;
pub mod policies;
pub mod replay;
pub mod seam;
pub mod whatif;

pub use desk::{ActError, Acted, Desk, DeskError, View};
pub use policies::{Policies, PoliciesError};
pub use seam::{Clock, Entropy};
