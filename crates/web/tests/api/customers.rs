//! Customers: who they are, what they have, and what happened with them.

use crate::world::World;
use domain::body::Body;
use domain::customers::{Cloud, CustomerRegistered};
use domain::ids::{AccountKind, TenantId};
use domain::permission::Role;
use domain::sealed::{Retention, Sealed};
use serde_json::json;

#[tokio::test]
async fn a_customer_shows_its_gravest_case_and_what_it_burns() {
    let world = World::mined().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let page = world.get("/api/v1/customers").by(&agent).send().await.is(200).json();
    assert_eq!(page["value"][0]["id"], world.customer.to_string(), "the gravest comes first");
    let path = format!("/api/v1/customers/{}", world.customer);
    let answer = world.get(&path).by(&agent).send().await.is(200);
    assert!(answer.etag().starts_with("\"v"));
    let customer = answer.json();
    assert_eq!((&customer["openCases"], &customer["worstSeverity"]), (&json!(1), &json!("critical")));
    assert_eq!(customer["perHour"], json!({"amount": "412.00", "currency": "SEK"}));
    assert_eq!(customer["reseller"], world.reseller.to_string());
}

#[tokio::test]
async fn the_timeline_is_paged_and_tells_reasons() {
    let world = World::mined().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let mut link = format!("/api/v1/customers/{}/timeline?maxpagesize=4", world.customer);
    let mut versions = Vec::new();
    let mut kinds = Vec::new();
    loop {
        let page = world.get(&link).by(&agent).send().await.is(200).json();
        for fact in page["value"].as_array().unwrap() {
            versions.push(fact["version"].as_u64().unwrap());
            kinds.push(fact["kind"].as_str().unwrap().to_owned());
            if fact["kind"] == "case.opened" {
                assert_eq!(fact["reasons"][0]["code"], "rule_fired");
                assert_eq!(fact["body"]["perHour"], json!({"amount": "412.00", "currency": "SEK"}));
            }
        }
        match page["nextLink"].as_str() {
            Some(next) => link = next.to_owned(),
            None => break,
        }
    }
    let expected: Vec<u64> = (1..=u64::try_from(versions.len()).unwrap()).collect();
    assert_eq!(versions, expected);
    assert!(kinds.contains(&"case.opened".to_owned()) && kinds.contains(&"alert.seen".to_owned()), "{kinds:?}");
}

#[tokio::test]
async fn subscriptions_of_both_sorts_are_listed() {
    let world = World::quiet().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let path = format!("/api/v1/customers/{}/subscriptions", world.customer);
    let page = world.get(&path).by(&agent).send().await.is(200).json();
    let mut types: Vec<_> = page["value"].as_array().unwrap().iter().map(|one| one["type"].as_str().unwrap()).collect();
    types.sort_unstable();
    assert_eq!(types, ["azure", "partner_center"]);
    let page = world.get(&format!("{path}?filter=status:inactive")).by(&agent).send().await.is(200).json();
    assert_eq!(page["value"], json!([]));
}

#[tokio::test]
async fn a_name_that_was_erased_and_one_that_cannot_be_read_now_are_told_apart() {
    let world = World::quiet().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let state = async |customer: domain::ids::AccountId| {
        let path = format!("/api/v1/customers/{customer}");
        world.get(&path).by(&agent).send().await.is(200).json()["name"]["state"].clone()
    };
    assert_eq!(state(world.customer).await, "open");
    world.vault.erase(world.customer, Retention::Contact).await.unwrap();
    assert_eq!(state(world.customer).await, "erased");
    // What is sealed is damaged, or the key store fails: nobody may say that it was erased.
    let damaged = CustomerRegistered {
        connection: world.connection,
        tenant: TenantId(crate::world::id(3)),
        cloud: Cloud::Public,
        name: Sealed::from_ciphertext(Retention::Contact, "AAAAAAAA".to_owned()),
        domain: None,
        country: None,
        reseller: Some(world.other_reseller),
        debtor: None,
    };
    world.tell(world.other_customer, AccountKind::Customer, Body::CustomerRegistered(damaged)).await;
    assert_eq!(state(world.other_customer).await, "unreadable");
}
