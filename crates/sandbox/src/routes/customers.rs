//! Customers of the partner: the paged list, one customer, its validation status, and the partner's resellers.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::exchange::Response;
use crate::loose;
use crate::refusal;
use crate::routes::paging::{collection, page, seek};
use crate::routes::{Context, views};
use crate::world::World;

/// Answers the list, with `size`, `filter` and seek paging.
pub(crate) fn list(world: &World, context: &Context<'_>) -> Response {
    let seek = match seek(world, context) {
        Ok(seek) => seek,
        Err(refused) => return *refused,
    };
    let filter = match context.query.get("filter").map(|text| Filter::read(text)) {
        None => None,
        Some(Some(filter)) => Some(filter),
        Some(None) => return refusal::classic(400, "2000", "The filter is not valid."),
    };
    let fits = |number: &usize| filter.as_ref().is_none_or(|filter| filter.fits(world, *number));
    let all = world.customers.len();
    let total = if filter.is_none() { all } else { (0..all).filter(fits).count() };
    let items: Vec<Value> = (0..all)
        .filter(fits)
        .skip(seek.offset)
        .take(seek.size)
        .filter_map(|number| views::customer(world, number, false))
        .collect();
    Response::json(200, &page(world, context, (seek, total), &items))
}

/// Answers one customer.
pub(crate) fn get(world: &World, tenant: Uuid) -> Response {
    match world.customer_place(tenant).and_then(|number| views::customer(world, number, true)) {
        Some(body) => Response::json(200, &body),
        None => no_relationship(),
    }
}

/// Answers that nothing blocks the customer: 404 600074 means the same as Allowed (microsoft.md 4.1).
pub(crate) fn validation_status(world: &World, tenant: Uuid) -> Response {
    match world.customer_place(tenant) {
        Some(_) => refusal::newer(404, 600_074, "AccountStatusNotFound", "No account status was found."),
        None => no_relationship(),
    }
}

/// Answers the partner's resellers.
pub(crate) fn relationships(world: &World) -> Response {
    let items: Vec<Value> = world
        .resellers
        .iter()
        .map(|reseller| {
            json!({
                "id": reseller.tenant.to_string(),
                "mpnId": reseller.partner_id.to_string(),
                "name": reseller.name.full(),
                "relationshipType": "is_indirect_cloud_solution_provider_of",
                "state": "active",
                "location": "SE",
                "attributes": {"objectType": "PartnerRelationship"},
            })
        })
        .collect();
    Response::json(200, &collection(&items, &json!({})))
}

/// The refusal for a tenant that is no customer of the partner.
pub(crate) fn no_relationship() -> Response {
    refusal::classic(403, "20002", "The partner has no commerce relationship with this customer.")
}

/// A `starts_with` filter on name or domain.
struct Filter {
    on_domain: bool,
    start: String,
}

impl Filter {
    fn read(text: &str) -> Option<Self> {
        let filter: Value = serde_json::from_str(text).ok()?;
        let operator = loose::text(&filter, "Operator")?;
        if !operator.eq_ignore_ascii_case("starts_with") {
            return None;
        }
        let field = loose::text(&filter, "Field")?.to_lowercase();
        let on_domain = match field.as_str() {
            "companyname" => false,
            "domain" => true,
            _ => return None,
        };
        let start = loose::text(&filter, "Value")?.to_lowercase();
        Some(Self { on_domain, start })
    }

    fn fits(&self, world: &World, number: usize) -> bool {
        world.customers.get(number).is_some_and(|customer| {
            let text =
                if self.on_domain { views::domain(customer, number) } else { customer.name.full().to_lowercase() };
            text.starts_with(&self.start)
        })
    }
}
