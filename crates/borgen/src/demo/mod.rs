//! The demonstration: the stage that is set, the story that people and attackers play over sockets, and what the
//! journal and Microsoft's own log say of it afterwards.

pub(crate) mod acts;
pub(crate) mod afterwards;
mod agreement;
mod exported;
mod people;
pub(crate) mod play;
mod seeding;
pub(crate) mod stage;
mod waiting;
