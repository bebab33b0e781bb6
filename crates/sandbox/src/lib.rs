//! The simulated Microsoft: Partner Center, Graph, Azure and the token service, with customers, attackers and faults, all from a seed.
//! A pure core (`World`) that simulations call without sockets, and a thin shell (`Server`) that serves it over HTTP.
//! It shares no types with Borgen's client; its JSON is written from the documented examples.

mod draw;
mod exchange;
mod faults;
mod loose;
mod population;
mod refusal;
mod routes;
mod shell;
mod state;
mod story;
mod trust;
mod world;

pub use exchange::{Act, Reply, Request, Response};
pub use faults::{Fault, FaultRule, Faults, MAX_FAULT_RULES};
pub use routes::receivers::RECEIVER_SECRET;
pub use shell::{Running, Server, ServerError, wall_clock};
pub use state::change::{Actor, Change, ChangeLog};
pub use state::outbox::{Outcome, Outgoing, ParcelKind};
pub use state::receivers::{Received, ReceiverKind};
pub use story::{Plot, StoryRequest, StorySummary};
pub use trust::{SIGNER_NAME, Trust, TrustError};
pub use world::{AlertRequest, Credentials, CustomerTruth, EntitlementTruth, Intake, SeatTruth, Switches, World};
