//! Azure subscriptions under a plan: list, get, cancel and reactivate (microsoft.md 5.5).

use serde_json::{Value, json};
use uuid::Uuid;

use crate::exchange::Response;
use crate::faults::Fault;
use crate::loose;
use crate::refusal::{self, Refused};
use crate::routes::customers::no_relationship;
use crate::routes::paging::collection;
use crate::routes::subscriptions::pending;
use crate::routes::{Context, views};
use crate::state::azure::{AzurePlan, EntitlementState};
use crate::state::customer::Customer;
use crate::world::World;

/// Answers all Azure subscriptions under a plan.
pub(crate) fn list(world: &World, tenant: Uuid, plan: Uuid) -> Response {
    match find(world, tenant, plan) {
        Err(refused) => *refused,
        Ok((_, customer, plan)) => {
            let items: Vec<Value> =
                plan.entitlements.iter().map(|found| views::entitlement(customer, plan, found)).collect();
            Response::json(200, &collection(&items, &json!({})))
        }
    }
}

/// Answers one Azure subscription.
pub(crate) fn get(world: &World, (tenant, plan): (Uuid, Uuid), entitlement: Uuid) -> Response {
    match find(world, tenant, plan) {
        Err(refused) => *refused,
        Ok((_, customer, plan)) => {
            let found = plan.entitlements.iter().find(|found| found.id == entitlement);
            found.map_or_else(not_found, |found| Response::json(200, &views::entitlement(customer, plan, found)))
        }
    }
}

/// Cancels an Azure subscription; it stays active for about ten minutes and the answer says so.
pub(crate) fn cancel(
    world: &mut World,
    context: &Context<'_>,
    (tenant, plan): (Uuid, Uuid),
    entitlement: Uuid,
) -> Response {
    let (place, state) = match state_of(world, (tenant, plan), entitlement) {
        Ok(found) => found,
        Err(refused) => return *refused,
    };
    let body = match context.body() {
        Ok(body) => body,
        Err(refused) => return *refused,
    };
    let compromise =
        loose::text(&body, "cancellationReason").is_some_and(|reason| reason.eq_ignore_ascii_case("compromise"));
    if !compromise {
        return refusal::classic(400, "2000", "The cancellation reason is not supported.");
    }
    if state.is_pending() || struck(world, context) {
        return pending();
    }
    if state == EntitlementState::Inactive {
        return refusal::classic(400, "900314", "The Azure subscription is not active.");
    }
    world.set_entitlement(place, entitlement, EntitlementState::Cancelling, &context.cause());
    get(world, (tenant, plan), entitlement)
}

/// Accepts the reactivation of an Azure subscription with 202.
pub(crate) fn reactivate(
    world: &mut World,
    context: &Context<'_>,
    (tenant, plan): (Uuid, Uuid),
    entitlement: Uuid,
) -> Response {
    let (place, state) = match state_of(world, (tenant, plan), entitlement) {
        Ok(found) => found,
        Err(refused) => return *refused,
    };
    let suspended = find(world, tenant, plan).is_ok_and(|(_, _, plan)| plan.suspended);
    if suspended {
        return refusal::classic(400, "900132", "The Azure plan is not active.");
    }
    if state.is_pending() || struck(world, context) {
        return pending();
    }
    if state == EntitlementState::Active {
        return refusal::classic(400, "800096", "Cannot update the status: the Azure subscription is active.");
    }
    world.set_entitlement(place, entitlement, EntitlementState::Reactivating, &context.cause());
    Response::empty(202)
}

fn struck(world: &mut World, context: &Context<'_>) -> bool {
    world.faults.strike(Fault::PendingOperation, context.call.name(), 0).is_some()
}

fn state_of(
    world: &World,
    (tenant, plan): (Uuid, Uuid),
    entitlement: Uuid,
) -> Result<(usize, EntitlementState), Refused> {
    let (place, _, plan) = find(world, tenant, plan)?;
    plan.entitlements
        .iter()
        .find(|found| found.id == entitlement)
        .map(|found| (place, found.state))
        .ok_or_else(|| not_found().into())
}

fn find(world: &World, tenant: Uuid, plan: Uuid) -> Result<(usize, &Customer, &AzurePlan), Refused> {
    let place = world.customer_place(tenant).ok_or_else(|| Box::new(no_relationship()))?;
    let customer = world.customers.get(place).ok_or_else(|| Box::new(no_relationship()))?;
    let found = customer
        .plan
        .as_deref()
        .filter(|found| found.id == plan)
        .ok_or_else(|| Box::new(refusal::classic(404, "20003", "The subscription was not found.")))?;
    Ok((place, customer, found))
}

fn not_found() -> Response {
    refusal::classic(404, "800111", "The Azure subscription was not found.")
}
