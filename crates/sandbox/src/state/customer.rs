//! One customer of the simulated partner, and the resellers between them.
//! Kept compact: names are places in word lists, and everything for display follows from the seed.

use uuid::Uuid;

use crate::population::names::CompanyName;
use crate::population::words::Country;
use crate::state::azure::AzurePlan;
use crate::state::seat::Seat;

/// One customer tenant.
#[derive(Debug, Clone)]
pub(crate) struct Customer {
    pub(crate) tenant: Uuid,
    pub(crate) name: CompanyName,
    pub(crate) country: Country,
    /// Place in the world's list of resellers; none when the partner bills the customer itself.
    pub(crate) reseller: Option<u8>,
    pub(crate) plan: Option<Box<AzurePlan>>,
    pub(crate) seats: Vec<Seat>,
}

/// A reseller who owes the partner for its customers.
#[derive(Debug, Clone)]
pub(crate) struct Reseller {
    pub(crate) tenant: Uuid,
    pub(crate) name: CompanyName,
    /// The reseller's location identifier at Microsoft, seven digits.
    pub(crate) partner_id: u32,
}
