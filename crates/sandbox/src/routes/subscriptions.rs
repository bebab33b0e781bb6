//! Subscriptions of a customer: list, get, and the PATCH of the whole resource with its traps.
//! Which changes of seats are allowed is in `state/seat.rs`.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::exchange::Response;
use crate::faults::Fault;
use crate::loose;
use crate::refusal;
use crate::routes::customers::no_relationship;
use crate::routes::paging::collection;
use crate::routes::{Context, views};
use crate::state::patching::{ACCEPTED_TAKES, Operation};
use crate::state::seat::{Refusal, Seat, Wish, change, later};
use crate::state::timers::Due;
use crate::world::World;

/// Answers all subscriptions of a customer, the Azure plan first.
pub(crate) fn list(world: &World, tenant: Uuid) -> Response {
    let Some(customer) = world.customer_place(tenant).and_then(|place| world.customers.get(place)) else {
        return no_relationship();
    };
    let plan = customer.plan.iter().map(|plan| views::plan(world, customer, plan));
    let seats = customer.seats.iter().map(|seat| views::seat(world, customer, seat));
    let items: Vec<Value> = plan.chain(seats).collect();
    let own = json!({"self": {"uri": format!("/customers/{tenant}/subscriptions"), "method": "GET", "headers": []}});
    Response::json(200, &collection(&items, &own))
}

/// Answers one subscription.
pub(crate) fn get(world: &World, tenant: Uuid, subscription: Uuid) -> Response {
    let Some(place) = world.customer_place(tenant) else {
        return no_relationship();
    };
    match resource(world, place, subscription) {
        Some(body) => Response::json(200, &body),
        None => not_found(),
    }
}

/// The subscription as JSON, whether seats or plan.
fn resource(world: &World, place: usize, subscription: Uuid) -> Option<Value> {
    let customer = world.customers.get(place)?;
    if let Some(plan) = customer.plan.as_ref().filter(|plan| plan.id == subscription) {
        return Some(views::plan(world, customer, plan));
    }
    world.seat(place, subscription).map(|seat| views::seat(world, customer, seat))
}

fn not_found() -> Response {
    refusal::classic(404, "20003", "The subscription was not found.")
}

/// Changes a subscription as the whole resource in the body says.
pub(crate) fn patch(world: &mut World, context: &Context<'_>, tenant: Uuid, subscription: Uuid) -> Response {
    let Some(place) = world.customer_place(tenant) else {
        return no_relationship();
    };
    let Some(current) = resource(world, place, subscription) else {
        return not_found();
    };
    let body = match context.body() {
        Ok(body) => body,
        Err(refused) => return *refused,
    };
    if let Some(stale) = stale(world, context, &current) {
        return stale;
    }
    let name = context.call.name();
    if world.operations.is_running(subscription) || world.faults.strike(Fault::PendingOperation, name, 0).is_some() {
        return pending();
    }
    let wish = wish(&body);
    let seat = world.seat(place, subscription).cloned();
    match seat {
        Some(seat) => patch_seat(world, context, (place, &seat), &wish),
        None => patch_plan(world, context, place, &wish),
    }
    .unwrap_or_else(|refused| refusal::classic(refused.status, refused.code, &refused.text))
}

/// The refusal of an operation while another is pending (900278).
pub(crate) fn pending() -> Response {
    refusal::classic(
        409,
        "900278",
        "There is a pending operation on this subscription. Wait for it to complete; it may take up to 24 hours.",
    )
}

/// Compares `If-Match` with the etag: quoted and equal, or 2055.
fn stale(world: &mut World, context: &Context<'_>, current: &Value) -> Option<Response> {
    let sent = context.request.header("if-match")?;
    let etag = current.pointer("/attributes/etag").and_then(Value::as_str).unwrap_or_default();
    let fits = sent == format!("\"{etag}\"");
    let struck = world.faults.strike(Fault::StaleEtag, context.call.name(), 0).is_some();
    (!fits || struck)
        .then(|| refusal::classic(400, "2055", "The resource was changed since it was read: the ETag does not match."))
}

fn wish(body: &Value) -> Wish {
    Wish {
        status: loose::text(body, "status").map(str::to_owned),
        quantity: loose::number(body, "quantity"),
        auto_renew: loose::truth(body, "autoRenewEnabled"),
        next_term: loose::field(body, "scheduledNextTermInstructions").cloned(),
        next_charge: loose::field(body, "nextChargeInstructions").cloned(),
        friendly_name: loose::text(body, "friendlyName").map(str::to_owned),
    }
}

fn patch_seat(
    world: &mut World,
    context: &Context<'_>,
    (place, seat): (usize, &Seat),
    wish: &Wish,
) -> Result<Response, Refusal> {
    let changed = change(seat, wish, world.now)?;
    let subscription = seat.id;
    let cause = context.cause();
    if world.draw.per_mille(world.switches.accepted_patches_per_mille) {
        let number = world.operations.start(Operation {
            customer: place,
            subscription,
            wish: wish.clone(),
            actor: cause.actor,
            request_id: cause.request_id,
            running: true,
        });
        let due = later(world.now, ACCEPTED_TAKES);
        world.timers.set(due, Due::PatchSettles { operation: number });
        return Ok(accepted(world, place, subscription, number));
    }
    world.put_seat(place, changed, &cause);
    Ok(shown(world, place, subscription))
}

fn patch_plan(world: &mut World, context: &Context<'_>, place: usize, wish: &Wish) -> Result<Response, Refusal> {
    let Some(plan) = world.customers.get(place).and_then(|customer| customer.plan.as_ref()) else {
        return Ok(not_found());
    };
    let (id, suspended, children) = (plan.id, plan.suspended, plan.has_active_child());
    let wanted = match wish.status.as_deref().map(str::to_lowercase).as_deref() {
        None => suspended,
        Some("active") => false,
        Some("suspended") => true,
        Some(other) => {
            let text = format!("The asset status cannot change to {other}.");
            return Err(Refusal::new(400, "800040", text));
        }
    };
    if wanted && !suspended {
        let struck = world.faults.strike(Fault::PlanSuspendedTooEarly, context.call.name(), 0).is_some();
        if children || struck {
            let text = "The Azure plan cannot be suspended while any Azure subscription under it is active.";
            return Err(Refusal::new(403, "900115", text));
        }
    }
    if wanted != suspended {
        world.set_plan_suspended(place, wanted, &context.cause());
    }
    Ok(shown(world, place, id))
}

fn shown(world: &World, place: usize, subscription: Uuid) -> Response {
    match resource(world, place, subscription) {
        Some(body) => Response::json(200, &body),
        None => not_found(),
    }
}

fn accepted(world: &World, place: usize, subscription: Uuid, number: u64) -> Response {
    let tenant = world.customers.get(place).map_or(Uuid::nil(), |customer| customer.tenant);
    let prefix = if world.switches.links_with_version { "/v1" } else { "" };
    Response::empty(202)
        .with_header(
            "location",
            &format!("{prefix}/customers/{tenant}/subscriptions/{subscription}/operations/{number}"),
        )
        .with_header("retry-after", "10")
}

/// Answers how far an accepted change is: 202 while it waits, then 200 with the subscription.
pub(crate) fn operation(world: &World, (tenant, subscription): (Uuid, Uuid), number: u64) -> Response {
    let Some(place) = world.customer_place(tenant) else {
        return no_relationship();
    };
    match world.operations.get(number) {
        Some(operation) if operation.subscription == subscription && operation.customer == place => {
            if operation.running {
                accepted(world, place, subscription, number)
            } else {
                shown(world, place, subscription)
            }
        }
        _ => refusal::classic(404, "20003", "The operation was not found."),
    }
}
