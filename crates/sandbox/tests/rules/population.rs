//! The population: the same seed gives the same world byte for byte, and a hundred thousand customers fit.

use std::collections::BTreeSet;

use http::Method;
use sandbox::{Fault, FaultRule, Request, SeatTruth, StoryRequest, Trust, World};
use uuid::Uuid;

use crate::caller::{Desk, start};

/// Everything a world says in a day of calls, faults and stories.
fn day(seed: u64) -> Vec<u8> {
    let mut said = Vec::new();
    let mut world = World::populate(seed, 150, start(), Trust::shared().unwrap());
    world.faults_mut().add(FaultRule::chance(Fault::UnavailableBefore, 100));
    let mut desk = Desk { world, now: start(), token: String::new(), request_id: None };
    desk.sign_in(crate::caller::PARTNER_CENTER);
    for seed in 0..3 {
        desk.world.start_story(desk.now, &StoryRequest { seed, ..StoryRequest::default() });
    }
    for number in 0..150 {
        let customer = desk.world.customer_truth(number).unwrap();
        desk.wait(10);
        for path in ["", "/subscriptions"] {
            let reply =
                desk.reply(Request::new(Method::GET, format!("/partnercenter/v1/customers/{}{path}", customer.tenant)));
            said.extend(reply.response.status.to_be_bytes());
            said.extend(reply.response.body);
            said.extend(format!("{:?}", reply.response.headers).into_bytes());
        }
    }
    desk.wait(86_400);
    for parcel in desk.world.tick(desk.now) {
        said.extend(parcel.body);
    }
    said.extend(format!("{:?}", desk.world.changes()).into_bytes());
    said
}

#[test]
fn the_same_seed_gives_the_same_day_byte_for_byte() {
    let first = day(5);
    assert!(first.len() > 100_000);
    assert!(first == day(5));
    assert!(first != day(6));
}

#[test]
fn a_hundred_thousand_customers_have_distinct_tenants_and_mixed_lives() {
    let world = World::populate(9, 100_000, start(), Trust::shared().unwrap());
    let (mut tenants, mut subscriptions) = (BTreeSet::new(), BTreeSet::new());
    let (mut with_azure, mut with_reseller, mut with_seats, mut swedish) = (0, 0, 0, 0);
    for number in 0..100_000 {
        let customer = world.customer_truth(number).unwrap();
        assert!(tenants.insert(customer.tenant));
        for entitlement in &customer.entitlements {
            assert!(subscriptions.insert(entitlement.id));
        }
        assert!(customer.plan.is_none() || (1..=6).contains(&customer.entitlements.len()));
        with_azure += u32::from(customer.plan.is_some());
        with_reseller += u32::from(customer.reseller.is_some());
        with_seats += u32::from(!customer.seats.is_empty());
        swedish += u32::from(customer.country == "SE");
    }
    for (found, low, high) in [
        (with_azure, 85_000, 90_000),
        (with_reseller, 10_000, 15_000),
        (with_seats, 70_000, 80_000),
        (swedish, 55_000, 65_000),
    ] {
        assert!((low..high).contains(&found), "{found} is not from {low} to {high}");
    }
}

#[test]
fn over_a_year_the_clock_alone_renews_extends_ends_and_deletes() {
    let mut desk = Desk::open(200);
    let seats = |desk: &Desk| -> Vec<(Uuid, SeatTruth)> {
        (0..200)
            .filter_map(|number| desk.world.customer_truth(number))
            .flat_map(|customer| customer.seats.into_iter().map(move |seat| (customer.tenant, seat)))
            .collect()
    };
    let before = seats(&desk);
    let mut ending: Vec<_> = before.iter().filter(|(_, seat)| !seat.auto_renew).take(10).collect();
    let suspended = ending.split_off(5);
    for (customer, seat) in &ending {
        assert!(desk.world.cancel_at_term_end(*customer, seat.id, true));
    }
    for (customer, seat) in &suspended {
        let path = format!("/partnercenter/v1/customers/{customer}/subscriptions/{}", seat.id);
        let mut body = desk.get(&path).body_json();
        body["status"] = serde_json::json!("suspended");
        assert_eq!(desk.patch(&path, &body).status, 200);
    }
    for _ in 0..75 {
        desk.wait(7 * 86_400);
        desk.world.tick(desk.now);
    }
    let after = seats(&desk);
    let stopped: Vec<Uuid> = ending.iter().chain(&suspended).map(|(_, seat)| seat.id).collect();
    for (_, seat) in &after {
        if stopped.contains(&seat.id) {
            assert_eq!(seat.status, "deleted");
        } else {
            assert_eq!((seat.status, seat.extended), ("active", !seat.auto_renew), "{seat:?}");
            assert!(seat.term_end > desk.now);
        }
    }
    assert!(after.iter().filter(|(_, seat)| seat.extended).count() > 10);
}
