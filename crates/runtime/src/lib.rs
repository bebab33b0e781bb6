//! Everything that runs by itself: the intake of log events, the workers that carry out effects, the sync with
//! Microsoft, dues, the sealer. What follows from what they bring is decided elsewhere; nothing here decides.

pub mod aside;
pub mod channels;
pub mod connections;
pub mod courier;
pub mod dues;
pub mod effects;
pub mod findings;
pub mod intake;
pub mod invitations;
mod measures;
pub mod microsoft_sync;
mod pace;
pub mod registering;
pub mod runtime;
pub mod sealer;
pub mod setup;
pub mod supervisor;
pub mod sweep;
pub mod tools;
pub mod waking;
pub mod watch;
pub mod webhooks;

pub use channels::Channels;
pub use connections::{Connection, ConnectionParts, Connections};
pub use runtime::{Parts, Running, Runtime};
pub use supervisor::{Board, Supervisor, TaskState};
pub use tools::Tools;
