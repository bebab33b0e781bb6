//! Incidents: declared over several cases, with caps that fall back.

use crate::world::{MINING_RULE, World};
use domain::permission::Role;
use serde_json::json;

#[tokio::test]
async fn an_incident_names_its_cases_lifts_a_cap_and_ends() {
    let world = World::mined().await;
    world.find(world.other_customer, MINING_RULE, 10_000).await;
    let global = world.person(&[Role::GlobalAdministrator]).await;
    let cases = world.get("/api/v1/cases").by(&global).send().await.is(200).json();
    let ids: Vec<_> = cases["value"].as_array().unwrap().iter().map(|case| case["id"].clone()).collect();
    assert_eq!(ids.len(), 2);
    let declare = json!({"title": "Stolen reseller administrator", "cases": ids});
    let declared = world.post("/api/v1/incidents").by(&global).json(&declare).send().await.is(201);
    let path = declared.header("location").to_owned();
    assert_eq!(declared.json()["cases"].as_array().unwrap().len(), 2);
    assert_eq!(declared.json()["title"]["value"], "Stolen reseller administrator");

    let lift = async |until: &str, etag: &str| {
        let body = json!({"connection": world.connection.to_string(), "limit": 100, "until": until});
        world.post(&format!("{path}:lift-cap")).by(&global).based_on(etag).json(&body).send().await
    };
    lift("2026-11-22T02:00:00Z", &declared.etag()).await.problem(422, "badBody");
    lift("2026-11-24T03:00:00Z", &declared.etag()).await.problem(422, "badBody");
    lift("2026-11-22T09:00:00Z", &declared.etag()).await.is(200);
    let by_minutes = json!({"connection": world.connection.to_string(), "limit": 50, "minutes": 30});
    let lift_cap = format!("{path}:lift-cap");
    world.post(&lift_cap).by(&global).based_on("*").json(&by_minutes).send().await.is(200);
    let neither = json!({"connection": world.connection.to_string(), "limit": 50});
    world.post(&lift_cap).by(&global).based_on("*").json(&neither).send().await.problem(422, "badBody");

    let ended = world.post(&format!("{path}:end")).by(&global).based_on("*").send().await;
    ended.is(200);
    world.post(&format!("{path}:end")).by(&global).based_on("*").send().await.problem(409, "notInThisState");
    lift("2026-11-22T09:00:00Z", "*").await.problem(409, "notInThisState");
    let open = world.get("/api/v1/incidents?filter=status:open").by(&global).send().await.is(200).json();
    assert_eq!(open["value"], json!([]));
}

#[tokio::test]
async fn an_incident_over_an_unknown_case_is_refused() {
    let world = World::mined().await;
    let global = world.person(&[Role::GlobalAdministrator]).await;
    let declare = json!({"title": "x", "cases": [crate::world::id(99)]});
    world.post("/api/v1/incidents").by(&global).json(&declare).send().await.problem(422, "badBody");
    let empty = json!({"title": "x", "cases": []});
    world.post("/api/v1/incidents").by(&global).json(&empty).send().await.problem(422, "badBody");
}
