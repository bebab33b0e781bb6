//! What one change of a customer entails: the change log, the audit record, the webhook and the timers.
//! Every write of customers and subscriptions goes through here, so that the change log is whole.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::routes::views;
use crate::state::activity::ticks;
use crate::state::audit::AuditRecord;
use crate::state::azure::{CANCEL_TAKES, Entitlement, EntitlementState, REACTIVATE_TAKES};
use crate::state::change::{Actor, Change};
use crate::state::seat::{Seat, later, next_age};
use crate::state::timers::Due;
use crate::world::World;

/// Why something changes: the route, who, and under which request id.
#[derive(Debug, Clone)]
pub(crate) struct Cause {
    pub(crate) route: &'static str,
    pub(crate) actor: Actor,
    pub(crate) request_id: Option<String>,
}

impl Cause {
    /// The clock alone.
    pub(crate) fn clock() -> Self {
        Self { route: "clock", actor: Actor::microsoft(), request_id: None }
    }

    /// Somebody in a story or at the control plane.
    pub(crate) fn of(route: &'static str, actor: Actor) -> Self {
        Self { route, actor, request_id: None }
    }
}

impl World {
    pub(crate) fn customer_place(&self, tenant: Uuid) -> Option<usize> {
        self.by_tenant.get(&tenant).copied()
    }

    pub(crate) fn seat(&self, customer: usize, seat: Uuid) -> Option<&Seat> {
        self.customers.get(customer)?.seats.iter().find(|found| found.id == seat)
    }

    pub(crate) fn entitlement(&self, customer: usize, entitlement: Uuid) -> Option<&Entitlement> {
        let plan = self.customers.get(customer)?.plan.as_ref()?;
        plan.entitlements.iter().find(|found| found.id == entitlement)
    }

    /// Writes a changed seat subscription with all that follows from it.
    pub(crate) fn put_seat(&mut self, customer: usize, changed: Seat, cause: &Cause) {
        let Some(owner) = self.customers.get_mut(customer) else {
            return;
        };
        let tenant = owner.tenant;
        let Some(place) = owner.seats.iter_mut().find(|seat| seat.id == changed.id) else {
            return;
        };
        let before = views::seat_state(place);
        let after = views::seat_state(&changed);
        let id = changed.id;
        let next = next_age(&changed);
        *place = changed;
        if let Some(at) = next {
            self.timers.set(at, Due::SeatAges { customer, seat: id });
        }
        self.note("subscription", id.to_string(), Some(tenant), cause, (before, after));
        self.audit(customer, cause, ("subscription", "update_subscription"));
        self.raise_subscription_updated(tenant, id);
    }

    /// Suspends or reactivates an Azure plan.
    pub(crate) fn set_plan_suspended(&mut self, customer: usize, suspended: bool, cause: &Cause) {
        let Some(owner) = self.customers.get_mut(customer) else {
            return;
        };
        let tenant = owner.tenant;
        let Some(plan) = owner.plan.as_mut() else {
            return;
        };
        let before = views::plan_state(plan);
        plan.suspended = suspended;
        plan.version += 1;
        let id = plan.id;
        let after = views::plan_state(plan);
        self.note("azurePlan", id.to_string(), Some(tenant), cause, (before, after));
        self.audit(customer, cause, ("subscription", "update_subscription"));
        self.raise_subscription_updated(tenant, id);
    }

    /// Moves an Azure subscription to a state; pending states set their own timer.
    pub(crate) fn set_entitlement(
        &mut self,
        customer: usize,
        entitlement: Uuid,
        state: EntitlementState,
        cause: &Cause,
    ) {
        let Some(owner) = self.customers.get_mut(customer) else {
            return;
        };
        let tenant = owner.tenant;
        let Some(plan) = owner.plan.as_mut() else {
            return;
        };
        let Some(found) = plan.entitlements.iter_mut().find(|found| found.id == entitlement) else {
            return;
        };
        let before = json!({"status": found.state.word(), "state": found.state});
        found.state = state;
        found.version += 1;
        let version = found.version;
        let after = json!({"status": state.word(), "state": state});
        let takes = match state {
            EntitlementState::Cancelling => Some(CANCEL_TAKES),
            EntitlementState::Reactivating => Some(REACTIVATE_TAKES),
            EntitlementState::Active | EntitlementState::Inactive => None,
        };
        if let Some(takes) = takes {
            let due = Due::EntitlementSettles { customer, entitlement, version };
            self.timers.set(later(self.now, takes), due);
        }
        if state == EntitlementState::Inactive {
            self.deallocate_all(entitlement, cause);
        }
        self.note("entitlement", entitlement.to_string(), Some(tenant), cause, (before, after));
        if cause.route != "clock" {
            self.audit(customer, cause, ("subscription", "update_subscription"));
        }
    }

    /// Marks all compute of an Azure subscription as deallocated, as its cancellation does.
    fn deallocate_all(&mut self, entitlement: Uuid, cause: &Cause) {
        let mut stopped = Vec::new();
        for resource in self.resources.entry(entitlement).or_default() {
            if resource.running {
                resource.running = false;
                stopped.push(resource.id.clone());
            }
        }
        for id in stopped {
            self.note_resource(entitlement, &id, (true, false), cause);
        }
    }

    /// Records that a resource was started or stopped.
    pub(crate) fn note_resource(&mut self, subscription: Uuid, id: &str, (before, after): (bool, bool), cause: &Cause) {
        let tenant = self
            .by_azure_subscription
            .get(&subscription)
            .and_then(|place| self.customers.get(*place))
            .map(|customer| customer.tenant);
        let states = (json!({"running": before}), json!({"running": after}));
        self.note("resource", id.to_owned(), tenant, cause, states);
    }

    /// Appends to the change log.
    pub(crate) fn note(
        &mut self,
        what: &'static str,
        id: String,
        customer: Option<Uuid>,
        cause: &Cause,
        (before, after): (Value, Value),
    ) {
        self.changes.push(Change {
            sequence: 0,
            at: self.now,
            route: cause.route,
            what,
            id,
            customer,
            actor: cause.actor.clone(),
            request_id: cause.request_id.clone(),
            before,
            after,
        });
    }

    /// Writes an audit record that repeats the newest change of the log.
    pub(crate) fn audit(
        &mut self,
        customer: usize,
        cause: &Cause,
        (resource_type, operation): (&'static str, &'static str),
    ) {
        let newest = self.changes.after(self.changes.total().saturating_sub(1)).last();
        let (old, new) = newest.map_or((None, None), |change| (text(&change.before), text(&change.after)));
        let owner = self.customers.get(customer).map(|owner| (owner.tenant, owner.name.full()));
        let tenant = owner.as_ref().map_or(self.partner.tenant, |(tenant, _)| *tenant);
        let user = (cause.actor.kind == "appUser").then(|| cause.actor.name.clone());
        let application = (cause.actor.kind == "app").then(|| cause.actor.name.clone());
        self.audit.push(AuditRecord {
            id: format!(
                "{}_{tenant}_{}_{}",
                self.partner.tenant,
                operation.replace('_', ""),
                ticks(self.now) + i128::from(self.changes.total())
            ),
            at: self.now,
            customer: owner,
            user,
            application,
            resource_type,
            operation,
            old,
            new,
        });
    }
}

/// A state as JSON text; none for null.
fn text(state: &Value) -> Option<Box<str>> {
    (!state.is_null()).then(|| state.to_string().into_boxed_str())
}
