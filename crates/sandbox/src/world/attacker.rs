//! What people do at Microsoft outside the interfaces: the customer, somebody in its place, and the partner in the portal.

use jiff::SignedDuration;
use uuid::Uuid;

use crate::state::azure::EntitlementState;
use crate::state::change::Actor;
use crate::state::seat::later;
use crate::state::timers::Due;
use crate::world::{Cause, World};

/// How long an attacker needs to notice the cancellation.
pub(crate) const NOTICES_AFTER: SignedDuration = SignedDuration::from_mins(6);

impl World {
    /// Sets in the portal whether a seat subscription ends with its term. The interface's way is not published in any
    /// source seen, so none is invented. False when there is no such subscription.
    pub fn cancel_at_term_end(&mut self, customer: Uuid, subscription: Uuid, cancel: bool) -> bool {
        let Some(place) = self.customer_place(customer) else { return false };
        let Some(mut seat) = self.seat(place, subscription).cloned() else { return false };
        seat.cancel_at_term_end = cancel;
        seat.version += 1;
        self.put_seat(place, seat, &Cause::of("portal", Actor::named("portal", "partner administrator")));
        true
    }

    /// Lets the attacker of a story come back to a cancelled Azure subscription, if it still has the will to.
    pub(crate) fn defy(&mut self, subscription: Uuid) {
        if let Some(left) = self.defiant.get_mut(&subscription).filter(|left| **left > 0) {
            *left -= 1;
            let at = later(self.now, NOTICES_AFTER);
            self.timers.set(at, Due::Reenable { subscription });
        }
    }

    /// Re-enables a cancelled Azure subscription as the customer's administrator, or the attacker in its place, can
    /// while the plan is active. True when it worked, none when the subscription is unknown.
    pub fn reenable(&mut self, subscription: Uuid) -> Option<bool> {
        let cause = Cause::of("azure_portal", Actor::named("attacker", "customer administrator"));
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
