//! The business, pure: facts, the files they fold into, and what follows by policy. No clock, randomness,
//! database, network or async lives here.

pub mod activity;
pub mod body;
pub mod cases;
pub mod contacts;
pub mod containment;
pub mod credentials;
pub mod customers;
pub mod effects;
pub mod erasure;
pub mod fact;
pub mod file;
pub mod ids;
#[cfg(feature = "mutants")]
pub mod mutant;
pub mod notices;
pub mod paging;
pub mod people;
pub mod permission;
pub mod policy;
pub mod reason;
pub mod sealed;
pub mod signals;
pub mod snoozes;
pub mod step;
pub mod views;
