//! What is true in the world, for tests and demonstrations to compare with. No client of Microsoft could see this.

use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use crate::world::World;

/// One customer as it really is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomerTruth {
    /// Place in the world's list.
    pub number: usize,
    /// The customer tenant.
    pub tenant: Uuid,
    /// The company's name.
    pub name: String,
    /// ISO 3166 code.
    pub country: &'static str,
    /// The reseller's tenant, when the reseller owes for the customer.
    pub reseller: Option<Uuid>,
    /// The Azure plan's id.
    pub plan: Option<Uuid>,
    /// Whether the plan is suspended.
    pub plan_suspended: bool,
    /// The Azure subscriptions.
    pub entitlements: Vec<EntitlementTruth>,
    /// The seat subscriptions.
    pub seats: Vec<SeatTruth>,
}

/// One Azure subscription as it really is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EntitlementTruth {
    /// The Azure subscription's id.
    pub id: Uuid,
    /// `active` or `inactive`, as Microsoft says.
    pub status: &'static str,
    /// Whether a cancellation or reactivation is under way.
    pub pending: bool,
}

/// One seat subscription as it really is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SeatTruth {
    /// The subscription's id.
    pub id: Uuid,
    /// Its status.
    pub status: &'static str,
    /// The number of seats.
    pub quantity: u32,
    /// Whether it renews by itself.
    pub auto_renew: bool,
    /// Until when it can be cancelled.
    pub cancellable_until: Timestamp,
    /// When the term ends.
    pub term_end: Timestamp,
    /// Whether it runs in a paid extended service term.
    pub extended: bool,
}

impl World {
    /// The customer at this place of the list.
    #[must_use]
    pub fn customer_truth(&self, number: usize) -> Option<CustomerTruth> {
        let customer = self.customers.get(number)?;
        let plan = customer.plan.as_ref();
        let entitlements = plan
            .into_iter()
            .flat_map(|plan| &plan.entitlements)
            .map(|entitlement| EntitlementTruth {
                id: entitlement.id,
                status: entitlement.state.word(),
                pending: entitlement.state.is_pending(),
            })
            .collect();
        let seats = customer
            .seats
            .iter()
            .map(|seat| SeatTruth {
                id: seat.id,
                status: seat.status.word(),
                quantity: seat.quantity,
                auto_renew: seat.auto_renew,
                cancellable_until: seat.cancellable_until(),
                term_end: seat.term_end,
                extended: seat.extended,
            })
            .collect();
        Some(CustomerTruth {
            number,
            tenant: customer.tenant,
            name: customer.name.full(),
            country: customer.country.code(),
            reseller: customer
                .reseller
                .and_then(|reseller| self.resellers.get(usize::from(reseller)))
                .map(|reseller| reseller.tenant),
            plan: plan.map(|plan| plan.id),
            plan_suspended: plan.is_some_and(|plan| plan.suspended),
            entitlements,
            seats,
        })
    }

    /// The place of the customer with this tenant.
    #[must_use]
    pub fn customer_number(&self, tenant: Uuid) -> Option<usize> {
        self.customer_place(tenant)
    }
}
