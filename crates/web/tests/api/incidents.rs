//! Incidents: declared over several cases, with caps that fall back.

use crate::pages::read;
use crate::world::{CANARY, MINING_RULE, Person, World};
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

/// An incident over the one case, with a cap lifted for half an hour: its address, and who lifted it.
async fn lifted(world: &World) -> (String, Person) {
    let global = world.person(&[Role::GlobalAdministrator]).await;
    let case = world.case().await.1.json()["id"].clone();
    let declare = json!({"title": "Stolen reseller administrator", "cases": [case]});
    let declared = world.post("/api/v1/incidents").by(&global).json(&declare).send().await.is(201);
    let path = declared.header("location").to_owned();
    assert_eq!(declared.json()["liftedCaps"], json!([]));
    let lift = json!({"connection": world.connection.to_string(), "limit": 200, "minutes": 30});
    let lift_cap = format!("{path}:lift-cap");
    let done = world.post(&lift_cap).by(&global).based_on(&declared.etag()).json(&lift).send().await.is(200);
    assert_eq!(done.json()["liftedCaps"][0]["limit"], 200);
    // What is lifted is a part of the incident's state.
    world.post(&lift_cap).by(&global).based_on(&declared.etag()).json(&lift).send().await.problem(412, "stale");
    (path, global)
}

#[tokio::test]
async fn an_incident_tells_what_is_lifted_by_whom_until_when_and_to_what_until_the_time_is_over() {
    let world = World::mined().await;
    let (path, global) = lifted(&world).await;
    let wanted = json!([{
        "connection": world.connection.to_string(), "connectionLabel": "Public", "limit": 200,
        "since": "2026-11-22T03:00:00Z", "until": "2026-11-22T03:30:00Z",
        "by": format!("user:{}", global.account), "byName": {"state": "open", "value": "Åsa Ek"},
    }]);
    let caps = async || {
        let one = world.get(&path).by(&global).send().await.is(200).json();
        let list = world.get("/api/v1/incidents").by(&global).send().await.is(200).json();
        assert_eq!(list["value"][0]["liftedCaps"], one["liftedCaps"]);
        assert_eq!(one["byName"]["value"], "Åsa Ek");
        one["liftedCaps"].clone()
    };
    assert_eq!(caps().await, wanted);
    world.wait(29);
    assert_eq!(caps().await, wanted);
    world.wait(1);
    assert_eq!(caps().await, json!([]), "nobody has to write anything for a lift to be over");
}

#[tokio::test]
async fn a_cap_that_is_lifted_again_in_another_incident_is_told_there_alone_and_ends_with_it() {
    let world = World::mined().await;
    let (first, global) = lifted(&world).await;
    let (second, _) = lifted(&world).await;
    let count = async |path: &str| {
        let shown = world.get(path).by(&global).send().await.is(200).json();
        shown["liftedCaps"].as_array().unwrap().len()
    };
    assert_eq!((count(&first).await, count(&second).await), (0, 1));
    world.post(&format!("{second}:end")).by(&global).based_on("*").send().await.is(200);
    assert_eq!((count(&first).await, count(&second).await), (0, 0));
}

#[tokio::test]
async fn the_pages_of_incidents_and_connections_show_what_is_lifted_in_both_languages() {
    let world = World::mined().await;
    let (path, _) = lifted(&world).await;
    let other = world.person(&[Role::GlobalAdministrator]).await;
    let row = format!("incident-{}", path.rsplit('/').next().unwrap());
    let shown = async |language: &str| {
        let incidents = read(&world, "/incidents", &other, language).await.is(200).text;
        assert!(incidents.contains(&row) && incidents.contains("Stolen reseller administrator"), "{incidents}");
        assert!(incidents.contains(CANARY), "the case goes by its customer's name: {incidents}");
        let connections = read(&world, "/connections", &other, language).await.is(200).text;
        [incidents, connections]
    };
    for (language, wanted) in [
        ("en", ["200 changes an hour until", "lifted by Åsa Ek", "2026-11-22T03:30:00Z"]),
        ("sv", ["200 ändringar i timmen fram till", "höjt av Åsa Ek", "2026-11-22T03:30:00Z"]),
    ] {
        for page in shown(language).await {
            for text in wanted {
                assert!(page.contains(text), "{text} in {page}");
            }
        }
    }
    world.wait(30);
    for page in shown("en").await {
        assert!(!page.contains("200 changes an hour"), "{page}");
    }
    let agent = world.of_reseller(Role::AdminAgent, world.reseller).await;
    read(&world, "/incidents", &agent, "en").await.is(403);
    let ended = read(&world, "/incidents?filter=status%3Aended", &other, "en").await.is(200).text;
    assert!(!ended.contains(&row) && ended.contains("No such incident"), "{ended}");
}
