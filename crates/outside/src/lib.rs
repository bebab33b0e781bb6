//! Those outside who are neither Microsoft nor a customer. Today: the channels by which people are reached. What a
//! request to a channel is and what its answer means is here, purely; who sends it and when is `runtime`'s.

mod channel;
mod message;
mod teams;
mod webhook;
mod words;

pub use channel::{Channel, ChannelError, ChannelKind, Posted, Verdict};
pub use message::{Message, Subject};
pub use webhook::MIN_SECRET_BYTES;
