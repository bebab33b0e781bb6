//! Azure Resource Manager on behalf of the customer: subscriptions, activity log, resources, and stopping them (microsoft.md 9).

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::exchange::Response;
use crate::refusal;
use crate::routes::odata::{Comparison, comparisons, next_link};
use crate::routes::{Context, views};
use crate::state::activity::{Activity, Record, provider};
use crate::state::azure::EntitlementState;
use crate::world::World;

/// Records on one page of the activity log.
pub(crate) const ACTIVITY_PAGE: usize = 200;

/// Answers the Azure subscriptions of the token's tenant.
pub(crate) fn list(world: &World, context: &Context<'_>) -> Response {
    let tenant = context.claims.as_ref().map(|claims| claims.tid);
    let items: Vec<Value> = tenant
        .and_then(|tenant| world.customer_place(tenant))
        .and_then(|place| world.customers.get(place))
        .and_then(|customer| customer.plan.as_ref())
        .into_iter()
        .flat_map(|plan| &plan.entitlements)
        .filter_map(|entitlement| subscription(world, entitlement.id))
        .collect();
    Response::json(200, &json!({"value": items, "count": {"type": "Total", "value": items.len()}}))
}

/// Answers one Azure subscription.
pub(crate) fn get(world: &World, _context: &Context<'_>, id: Uuid) -> Response {
    subscription(world, id).map_or_else(not_found, |body| Response::json(200, &body))
}

fn subscription(world: &World, id: Uuid) -> Option<Value> {
    let place = *world.by_azure_subscription.get(&id)?;
    let customer = world.customers.get(place)?;
    let plan = customer.plan.as_ref()?;
    let entitlement = world.entitlement(place, id)?;
    let view = views::entitlement(customer, plan, entitlement);
    Some(json!({
        "id": format!("/subscriptions/{id}"),
        "subscriptionId": id.to_string(),
        "tenantId": customer.tenant.to_string(),
        "displayName": view.get("friendlyName"),
        "state": if entitlement.state.is_active() { "Enabled" } else { "Disabled" },
        "authorizationSource": "RoleBased",
    }))
}

fn not_found() -> Response {
    refusal::nested(404, "SubscriptionNotFound", "The subscription could not be found.")
}

/// Answers the activity log for a window of time; any filter outside the closed grammar is refused.
pub(crate) fn activity_log(world: &World, context: &Context<'_>, id: Uuid) -> Response {
    let filter = context.query.get("$filter").map(String::as_str).unwrap_or_default();
    let Some(window) = Window::read(filter) else {
        return refusal::flat(
            400,
            "BadRequest",
            "The $filter must be eventTimestamp ge and le, and at most one of resourceGroupName, resourceUri, resourceProvider and correlationId.",
        );
    };
    let offset = match context.query.get("$skiptoken") {
        None => 0,
        Some(token) => match world.key.open("activity log", token).and_then(|text| text.parse().ok()) {
            Some(offset) => offset,
            None => return refusal::flat(400, "BadRequest", "The $skipToken is not valid."),
        },
    };
    let history = world.history_of_subscription(id);
    let mut fitting: Vec<&Record> = history
        .iter()
        .chain(world.activity.of(id))
        .filter(|record| matches!(record, Record::Azure(activity) if window.holds(activity)))
        .collect();
    fitting.sort_by_key(|record| std::cmp::Reverse(record.at()));
    let items: Vec<Value> = fitting.iter().skip(offset).take(ACTIVITY_PAGE).map(|record| record.rest()).collect();
    let end = offset.saturating_add(items.len());
    let mut body = Map::new();
    body.insert("value".to_owned(), Value::Array(items));
    if end < fitting.len() {
        let token = world.key.seal("activity log", &end.to_string());
        let link = next_link(world, context, &token);
        body.insert("nextLink".to_owned(), json!(link));
    }
    Response::json(200, &Value::Object(body))
}

/// What the closed filter grammar can say.
struct Window {
    from: Timestamp,
    until: Timestamp,
    narrowed: Option<Comparison>,
}

impl Window {
    fn read(filter: &str) -> Option<Self> {
        const NARROWING: [&str; 4] = ["resourcegroupname", "resourceuri", "resourceprovider", "correlationid"];
        let mut read = comparisons(filter)?.into_iter();
        let (from, until) = (read.next()?, read.next()?);
        let bound = |comparison: &Comparison, operator: &str| {
            (comparison.name == "eventtimestamp" && comparison.operator == operator)
                .then(|| comparison.value.parse::<Timestamp>().ok())
                .flatten()
        };
        let narrowed = read.next();
        let fits = narrowed.as_ref().is_none_or(|one| one.operator == "eq" && NARROWING.contains(&one.name.as_str()));
        if !fits || read.next().is_some() {
            return None;
        }
        Some(Self { from: bound(&from, "ge")?, until: bound(&until, "le")?, narrowed })
    }

    fn holds(&self, activity: &Activity) -> bool {
        let narrowed = self.narrowed.as_ref().is_none_or(|one| {
            let value = match one.name.as_str() {
                "resourcegroupname" => activity.resource_group.clone(),
                "resourceuri" => activity.resource_id.clone(),
                "resourceprovider" => provider(activity).to_owned(),
                _ => activity.correlation.to_string(),
            };
            value.eq_ignore_ascii_case(&one.value)
        });
        narrowed && activity.at >= self.from && activity.at <= self.until
    }
}

/// Answers the resources that exist in the Azure subscription.
pub(crate) fn resources(world: &World, _context: &Context<'_>, id: Uuid) -> Response {
    let items: Vec<Value> = world
        .resources
        .get(&id)
        .into_iter()
        .flatten()
        .map(|resource| {
            json!({
                "id": resource.id,
                "name": resource.id.rsplit('/').next(),
                "type": resource.kind,
                "location": resource.region,
                "properties": {
                    "hardwareProfile": {"vmSize": resource.size},
                    "powerState": if resource.running { "VM running" } else { "VM deallocated" },
                },
            })
        })
        .collect();
    Response::json(200, &json!({"value": items}))
}

/// Cancels the subscription from Azure's side; the effect is the same as Partner Center's.
pub(crate) fn cancel(world: &mut World, context: &Context<'_>, id: Uuid) -> Response {
    let Some(place) = world.by_azure_subscription.get(&id).copied() else {
        return not_found();
    };
    match world.entitlement(place, id).map(|entitlement| entitlement.state) {
        Some(EntitlementState::Active) => {
            world.set_entitlement(place, id, EntitlementState::Cancelling, &context.cause());
            Response::json(200, &json!({"subscriptionId": id.to_string()}))
        }
        Some(_) => refusal::nested(409, "SubscriptionNotActive", "The subscription is not active."),
        None => not_found(),
    }
}

/// Enables a cancelled subscription, which anybody with access can do while the plan is active.
pub(crate) fn enable(world: &mut World, context: &Context<'_>, id: Uuid) -> Response {
    match world.enable(id, &context.cause()) {
        Some(true) => Response::json(200, &json!({"subscriptionId": id.to_string()})),
        Some(false) => {
            refusal::nested(409, "SubscriptionCannotBeEnabled", "The subscription or its plan does not allow it.")
        }
        None => not_found(),
    }
}

/// Deallocates a virtual machine, which stops its compute charges: 202 with an operation to follow.
pub(crate) fn deallocate(world: &mut World, context: &Context<'_>, (id, path): (Uuid, &str)) -> Response {
    let wanted = format!("/subscriptions/{}", path.trim_end_matches("/deallocate"));
    let found = world
        .resources
        .get_mut(&id)
        .and_then(|list| list.iter_mut().find(|resource| resource.id.eq_ignore_ascii_case(&wanted)));
    let Some(resource) = found else {
        return refusal::nested(404, "ResourceNotFound", "The resource was not found.");
    };
    let was_running = resource.running;
    resource.running = false;
    let name = resource.id.clone();
    if was_running {
        world.note_resource(id, &name, (true, false), &context.cause());
    }
    let operation = format!("{}/arm/subscriptions/{id}/resources", world.origin);
    Response::empty(202).with_header("azure-asyncoperation", &operation).with_header("location", &operation)
}
