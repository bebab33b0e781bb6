//! The state as Microsoft writes it: customers, subscriptions, Azure subscriptions and the members of the change log.
//! Alerts are written in `alerts.rs` and `fraud_events.rs`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::draw::Draw;
use crate::population::names::Contact;
use crate::population::offers::{AZURE_PLAN, Offer, seat_offer};
use crate::population::words::SUBSCRIPTIONS;
use crate::state::alert::{Alert, Reason};
use crate::state::azure::{AzurePlan, Entitlement};
use crate::state::customer::Customer;
use crate::state::seat::{NextTerm, Seat, SeatStatus};
use crate::world::World;

/// The customer's first domain.
pub(crate) fn domain(customer: &Customer, number: usize) -> String {
    format!("{}.onmicrosoft.com", customer.name.domain_label(number))
}

/// The customer's contact, who follows from the seed.
pub(crate) fn contact(world: &World, number: usize, customer: &Customer) -> Contact {
    let index = u64::try_from(number).unwrap_or(u64::MAX);
    Contact::draw(&mut Draw::new(world.seed, "contact", index), customer.country)
}

/// A customer as in the list, or in full as when asked for by id.
pub(crate) fn customer(world: &World, number: usize, full: bool) -> Option<Value> {
    let customer = world.customers.get(number)?;
    let tenant = customer.tenant.to_string();
    let domain = domain(customer, number);
    let mut body = Map::new();
    let mut put = |name: &str, value: Value| body.insert(name.to_owned(), value);
    put("id", json!(tenant));
    put(
        "companyProfile",
        json!({
            "tenantId": tenant,
            "domain": domain,
            "companyName": customer.name.full(),
            "attributes": {"objectType": "CustomerCompanyProfile"},
        }),
    );
    put("relationshipToPartner", json!("reseller"));
    put("attributes", json!({"objectType": "Customer"}));
    if full {
        let reseller = customer.reseller.and_then(|place| world.resellers.get(usize::from(place)));
        put(
            "commerceId",
            json!(crate::draw::guid(world.seed, "commerce", u64::try_from(number).unwrap_or(0)).to_string()),
        );
        put("billingProfile", billing_profile(world, number, customer));
        put("allowDelegatedAccess", json!(true));
        put("customDomains", json!([domain]));
        put("associatedPartnerId", json!(reseller.map(|reseller| reseller.partner_id.to_string())));
    }
    Some(Value::Object(body))
}

fn billing_profile(world: &World, number: usize, customer: &Customer) -> Value {
    let contact = contact(world, number, customer);
    let domain = domain(customer, number);
    json!({
        "id": customer.tenant.to_string(),
        "firstName": contact.given,
        "lastName": contact.family,
        "email": format!("{}@{domain}", contact.mailbox()),
        "culture": customer.country.culture(),
        "language": "en",
        "companyName": customer.name.full(),
        "defaultAddress": {
            "country": customer.country.code(),
            "city": contact.city,
            "addressLine1": format!("Storgatan {}", contact.street_number),
            "postalCode": contact.postal_code.to_string(),
            "firstName": contact.given,
            "lastName": contact.family,
            "phoneNumber": contact.phone,
        },
        "attributes": {"etag": etag("billing", &customer.tenant.to_string(), 1), "objectType": "CustomerBillingProfile"},
    })
}

/// The etag of a resource: an opaque text that changes with its version.
pub(crate) fn etag(kind: &str, id: &str, version: u32) -> String {
    STANDARD.encode(format!("{{\"id\":\"{id}\",\"kind\":\"{kind}\",\"version\":{version}}}"))
}

fn link(path: &str) -> Value {
    json!({"uri": path, "method": "GET", "headers": []})
}

/// A seat subscription in full.
pub(crate) fn seat(world: &World, customer: &Customer, seat: &Seat) -> Value {
    let offer = seat_offer(seat.offer);
    let mut body = common(world, customer, (&seat.id.to_string(), offer));
    let mut put = |name: &str, value: Value| body.insert(name.to_owned(), value);
    let id = seat.id.to_string();
    put("friendlyName", json!(seat.friendly_name.as_deref().unwrap_or(offer.name)));
    put("quantity", json!(seat.quantity));
    put("unitType", json!("Licenses"));
    put("creationDate", json!(seat.bought));
    put("effectiveStartDate", json!(seat.term_start));
    put("commitmentEndDate", json!(seat.term_end));
    put("commitmentEndDateTime", json!(seat.term_end));
    put("status", json!(seat.status.word()));
    put("autoRenewEnabled", json!(seat.auto_renew));
    put("billingType", json!("license"));
    put("billingCycle", json!(seat.billing.word()));
    put("termDuration", json!(seat.term.iso()));
    put("renewalTermDuration", json!(""));
    put("cancellationAllowedUntilDate", json!(seat.cancellable_until()));
    put("refundOptions", json!([{"type": "Partial", "expiresAt": seat.cancellable_until()}]));
    put("suspensionReasons", suspension_reasons(seat.status == SeatStatus::Suspended));
    put("productType", json!({"id": "OnlineServicesNCE", "displayName": "OnlineServicesNCE"}));
    if let Some(next) = next_term(seat) {
        put("scheduledNextTermInstructions", next);
    }
    if let Some(next) = &seat.next_charge {
        put("nextChargeInstructions", next.as_ref().clone());
    }
    put("attributes", json!({"etag": etag("subscription", &id, seat.version), "objectType": "Subscription"}));
    Value::Object(body)
}

/// The Azure plan as the Partner Center subscription that it is.
pub(crate) fn plan(world: &World, customer: &Customer, plan: &AzurePlan) -> Value {
    let id = plan.id.to_string();
    let mut body = common(world, customer, (&id, AZURE_PLAN));
    let mut put = |name: &str, value: Value| body.insert(name.to_owned(), value);
    put("friendlyName", json!(AZURE_PLAN.name));
    put("quantity", json!(1));
    put("unitType", json!("Usage-based"));
    put("creationDate", json!(plan.created));
    put("effectiveStartDate", json!(plan.created));
    // A plan has no term; Partner Center writes the end of its calendar.
    put("commitmentEndDate", json!("9999-12-14T00:00:00Z"));
    put("status", json!(plan_word(plan)));
    put("autoRenewEnabled", json!(false));
    put("billingType", json!("usage"));
    put("billingCycle", json!("monthly"));
    put("suspensionReasons", suspension_reasons(plan.suspended));
    put("productType", json!({"id": "Azure", "displayName": "Azure"}));
    put("attributes", json!({"etag": etag("subscription", &id, plan.version), "objectType": "Subscription"}));
    Value::Object(body)
}

fn common(world: &World, customer: &Customer, (id, offer): (&str, Offer)) -> Map<String, Value> {
    let reseller = customer.reseller.and_then(|place| world.resellers.get(usize::from(place)));
    let partner_id = reseller.map_or_else(|| "1234567".to_owned(), |reseller| reseller.partner_id.to_string());
    let own = format!("/customers/{}/subscriptions/{id}", customer.tenant);
    let prefix = if world.switches.links_with_version { "/v1" } else { "" };
    let body = json!({
        "id": id,
        "offerId": offer.id(),
        "entitlementId": id,
        "offerName": offer.name,
        "hasPurchasableAddons": false,
        "isTrial": false,
        "isMicrosoftProduct": true,
        "publisherName": "Microsoft Corporation",
        "actions": ["edit", "cancel"],
        "partnerId": partner_id,
        "contractType": "subscription",
        "links": {
            "self": link(&format!("{prefix}{own}")),
            "product": link(&format!("{prefix}/products/{}", offer.product)),
        },
        "orderId": id.get(..12).unwrap_or(id),
    });
    match body {
        Value::Object(body) => body,
        _ => Map::new(),
    }
}

fn suspension_reasons(suspended: bool) -> Value {
    if suspended { json!(["Partner"]) } else { json!([]) }
}

/// `active` or `suspended`.
pub(crate) fn plan_word(plan: &AzurePlan) -> &'static str {
    if plan.suspended { "suspended" } else { "active" }
}

/// What is scheduled for the next term, as the interface writes it.
pub(crate) fn next_term(seat: &Seat) -> Option<Value> {
    match &seat.next_term {
        NextTerm::Nothing => None,
        NextTerm::Given(value) => Some(value.as_ref().clone()),
        NextTerm::Quantity(quantity) => {
            let offer = seat_offer(seat.offer);
            Some(json!({
                "product": {
                    "productId": offer.product,
                    "skuId": offer.sku,
                    "availabilityId": offer.availability,
                    "billingCycle": seat.billing.word(),
                    "termDuration": seat.term.iso(),
                },
                "quantity": quantity,
            }))
        }
    }
}

/// One Azure subscription under a plan.
pub(crate) fn entitlement(customer: &Customer, plan: &AzurePlan, found: &Entitlement) -> Value {
    let name = SUBSCRIPTIONS.get(usize::from(found.name)).copied().unwrap_or("Azure subscription");
    json!({
        "id": found.id.to_string(),
        "friendlyName": name,
        "status": found.state.word(),
        "subscriptionId": plan.id.to_string(),
        "links": {
            "self": link(&format!(
                "/customers/{}/subscriptions/{}/azureEntitlements/{}",
                customer.tenant, plan.id, found.id
            )),
        },
        "attributes": {"objectType": "AzureEntitlement"},
    })
}

/// The members of a seat subscription that the change log compares.
pub(crate) fn seat_state(seat: &Seat) -> Value {
    json!({
        "status": seat.status.word(),
        "quantity": seat.quantity,
        "autoRenewEnabled": seat.auto_renew,
        "scheduledNextTermInstructions": next_term(seat),
        "nextChargeInstructions": seat.next_charge,
        "commitmentEndDate": seat.term_end,
        "extended": seat.extended,
        "cancelAtTermEnd": seat.cancel_at_term_end,
        "version": seat.version,
    })
}

/// The members of an Azure plan that the change log compares.
pub(crate) fn plan_state(plan: &AzurePlan) -> Value {
    json!({"status": plan_word(plan), "version": plan.version})
}

/// The members of an alert that the change log compares.
pub(crate) fn alert_state(alert: &Alert) -> Value {
    json!({
        "status": alert.status.graph_word(),
        "resolvedReason": alert.resolved_reason.map(Reason::graph_word),
        "alertType": alert.kind,
        "subscriptionId": alert.subscription,
    })
}

/// The date of a webhook: seven fractional digits and a written offset.
pub(crate) fn webhook_date(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.7f+00:00").to_string()
}
