//! What the customer, or somebody in its place, can do at Microsoft without the partner.

use uuid::Uuid;

use crate::state::azure::EntitlementState;
use crate::state::change::Actor;
use crate::world::{Cause, World};

impl World {
    /// Re-enables a cancelled Azure subscription as the customer's administrator, or the attacker in its place, can
    /// while the plan is active. True when it worked, none when the subscription is unknown.
    pub fn reenable(&mut self, subscription: Uuid) -> Option<bool> {
        let cause = Cause::of(
            "azure_portal",
            Actor::named("attacker", "customer administrator"),
        );
        self.enable(subscription, &cause)
    }

    pub(crate) fn enable(&mut self, subscription: Uuid, cause: &Cause) -> Option<bool> {
        let place = *self.by_azure_subscription.get(&subscription)?;
        let suspended = self.customers.get(place)?.plan.as_ref()?.suspended;
        let state = self.entitlement(place, subscription)?.state;
        let works = !suspended && state == EntitlementState::Inactive;
        if works {
            self.set_entitlement(place, subscription, EntitlementState::Active, cause);
        }
        Some(works)
    }
}
