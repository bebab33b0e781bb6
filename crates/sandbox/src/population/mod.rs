//! The customers of the simulated partner, all from one seed: who they are and what they have bought.

pub(crate) mod names;
pub(crate) mod offers;
pub(crate) mod words;

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::draw::{Draw, guid};
use crate::population::names::CompanyName;
use crate::population::offers::{SEAT_OFFERS, country_of};
use crate::population::words::{Country, SUBSCRIPTIONS};
use crate::state::azure::{AzurePlan, Entitlement, EntitlementState};
use crate::state::customer::{Customer, Reseller};
use crate::state::seat::{Billing, NextTerm, Seat, SeatStatus, Term, later, next_age};
use crate::state::timers::Due;
use crate::trust::Trust;
use crate::world::{MAX_CUSTOMERS, World};

const RESELLERS: u64 = 5;
const DAY: SignedDuration = SignedDuration::from_hours(24);

impl World {
    /// A world with so many customers (at most 200,000) whose simulated time begins at `start`.
    #[must_use]
    pub fn populate(seed: u64, customers: usize, start: Timestamp, trust: Arc<Trust>) -> Self {
        let mut world = Self::empty(seed, start, trust);
        world.resellers = (0..RESELLERS).map(|number| reseller(seed, number)).collect();
        for number in 0..customers.min(MAX_CUSTOMERS) {
            let customer = customer(seed, number, start);
            world.by_tenant.insert(customer.tenant, number);
            for entitlement in customer.plan.iter().flat_map(|plan| &plan.entitlements) {
                world.by_azure_subscription.insert(entitlement.id, number);
            }
            for seat in &customer.seats {
                if let Some(at) = next_age(seat) {
                    world.timers.set(at, Due::SeatAges { customer: number, seat: seat.id });
                }
            }
            world.customers.push(customer);
        }
        world
    }
}

fn reseller(seed: u64, number: u64) -> Reseller {
    let mut draw = Draw::new(seed, "reseller", number);
    Reseller {
        tenant: guid(seed, "reseller tenant", number),
        name: CompanyName::draw(&mut draw, Country::Sweden),
        partner_id: u32::try_from(draw.between(4_000_000, 6_999_999)).unwrap_or(4_000_000),
    }
}

fn customer(seed: u64, number: usize, start: Timestamp) -> Customer {
    let index = u64::try_from(number).unwrap_or(u64::MAX);
    let mut draw = Draw::new(seed, "customer", index);
    let tenant = draw.guid();
    let country = country_of(draw.below(100));
    let name = CompanyName::draw(&mut draw, country);
    // Most customers are billed directly; about one in eight buys through a reseller.
    let reseller = draw.per_mille(125).then(|| u8::try_from(draw.below(RESELLERS)).unwrap_or(0));
    // Seven in eight have Azure; the first customer always, so that every world has somebody to attack.
    let plan = (number == 0 || draw.per_mille(875)).then(|| Box::new(azure_plan(&mut draw, country, start)));
    let seats = (0..draw.below(4)).map(|_| seat(&mut draw, start)).collect();
    Customer { tenant, name, country, reseller, plan, seats }
}

fn azure_plan(draw: &mut Draw, country: Country, start: Timestamp) -> AzurePlan {
    let id = draw.guid();
    let created = days_before(start, draw.between(30, 1_000));
    let entitlements = (0..draw.between(1, 6))
        .map(|_| Entitlement {
            id: draw.guid(),
            name: small(draw.place(SUBSCRIPTIONS.len())),
            region: small(draw.place(country.regions().len())),
            state: EntitlementState::Active,
            version: 1,
        })
        .collect();
    AzurePlan { id, suspended: false, version: 1, created, entitlements }
}

fn seat(draw: &mut Draw, start: Timestamp) -> Seat {
    let term = if draw.per_mille(700) { Term::Year } else { Term::Month };
    let bought = days_before(start, draw.between(0, 700));
    let (term_start, term_end) = running_term(bought, term, start);
    let quantity = u32::try_from(draw.between(1, 120)).unwrap_or(1);
    let auto_renew = draw.per_mille(800);
    let next_term = if auto_renew && draw.per_mille(400) {
        NextTerm::Quantity(u32::try_from(draw.between(1, 120)).unwrap_or(1))
    } else {
        NextTerm::Nothing
    };
    Seat {
        id: draw.guid(),
        offer: small(draw.place(SEAT_OFFERS.len())),
        quantity,
        status: SeatStatus::Active,
        version: 1,
        auto_renew,
        bought,
        term_start,
        term_end,
        term,
        billing: if draw.per_mille(600) { Billing::Monthly } else { Billing::Annual },
        extended: false,
        cancel_at_term_end: false,
        next_term,
        next_charge: None,
        friendly_name: None,
    }
}

/// The term that runs at `start` of a subscription bought earlier and renewed since.
fn running_term(bought: Timestamp, term: Term, start: Timestamp) -> (Timestamp, Timestamp) {
    const MAX_RENEWALS: usize = 1_000;
    let mut begin = bought;
    for _ in 0..MAX_RENEWALS {
        let end = later(begin, term.length());
        if end > start {
            return (begin, end);
        }
        begin = end;
    }
    (begin, later(begin, term.length()))
}

fn days_before(start: Timestamp, days: u64) -> Timestamp {
    let days = i32::try_from(days).unwrap_or(0);
    later(start, DAY.saturating_mul(-days))
}

fn small(place: usize) -> u8 {
    u8::try_from(place).unwrap_or(0)
}
