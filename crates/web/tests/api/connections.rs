//! Connections: health, keys, the switch for actions, and parked events.

use crate::world::World;
use domain::body::Body;
use domain::ids::AccountKind;
use domain::people::ConnectionHealth;
use domain::permission::Role;
use http::Method;
use serde_json::json;

#[tokio::test]
async fn a_connection_shows_what_does_not_work() {
    let world = World::quiet().await;
    let global = world.person(&[Role::GlobalAdministrator]).await;
    let path = format!("/api/v1/connections/{}", world.connection);
    assert_eq!(world.get(&path).by(&global).send().await.is(200).json()["healthy"], true);
    let health = ConnectionHealth { part: "alerts".to_owned(), fault: Some("900421".to_owned()) };
    world.tell(world.connection, AccountKind::Connection, Body::ConnectionHealth(health)).await;
    let connection = world.get(&path).by(&global).send().await.is(200).json();
    assert_eq!((&connection["healthy"], &connection["faults"]["alerts"]), (&json!(false), &json!("900421")));
    let page = world.get("/api/v1/connections?filter=status:faulty").by(&global).send().await.is(200).json();
    assert_eq!(page["value"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn actions_are_switched_on_by_a_named_person() {
    let world = World::quiet().await;
    let global = world.person(&[Role::GlobalAdministrator]).await;
    let path = format!("/api/v1/connections/{}", world.connection);
    let shown = world.get(&path).by(&global).send().await.is(200);
    assert_eq!(shown.json()["actionsOn"], false, "everything is a dry run until then");
    let switch = async |etag: &str, on: bool| {
        let (ask, proof) = (world.post(&format!("{path}:switch-actions")), world.proof(&global).await);
        ask.by(&global).based_on(etag).proved(&proof).json(&json!({"on": on})).send().await
    };
    let unproved = world.post(&format!("{path}:switch-actions")).by(&global).based_on(&shown.etag());
    unproved.json(&json!({"on": true})).send().await.problem(403, "reauthenticationNeeded");
    switch("\"v99\"", true).await.problem(412, "stale");
    let on = switch(&shown.etag(), true).await.is(200);
    assert_eq!(on.json()["actionsOn"], true);
    assert_eq!(switch(&on.etag(), true).await.is(200).etag(), on.etag(), "nothing to change records nothing");
}

#[tokio::test]
async fn a_key_is_shown_once_and_taken_back() {
    let world = World::quiet().await;
    let global = world.person(&[Role::GlobalAdministrator]).await;
    let path = format!("/api/v1/connections/{}", world.connection);
    let issued = world.post(&format!("{path}/keys")).by(&global).json(&json!({"label": "siem"})).send().await.is(201);
    let secret = issued.json()["secret"].as_str().unwrap().to_owned();
    let shown = world.get(&path).by(&global).send().await.is(200);
    assert!(!shown.text.contains(&secret));
    assert_eq!(shown.json()["keys"][0]["id"], issued.json()["id"]);
    let key = format!("{path}/keys/{}", issued.json()["id"].as_str().unwrap());
    world.ask(Method::DELETE, &key).by(&global).send().await.is(204);
    assert_eq!(world.get(&path).by(&global).send().await.is(200).json()["keys"], json!([]));
    let unknown = format!("/api/v1/connections/{}/keys", crate::world::id(99));
    world.post(&unknown).by(&global).json(&json!({"label": "siem"})).send().await.problem(404, "notFound");
}

#[tokio::test]
async fn parked_tenants_are_listed_page_by_page() {
    let world = World::quiet().await;
    let global = world.person(&[Role::GlobalAdministrator]).await;
    for tenant in ["a", "b", "c"] {
        let parked = world.desk.store.park(tenant, "intake", world.now(), &[b"{}".to_vec()]).await.unwrap();
        assert_eq!(parked.kept, 1);
    }
    let page = world.get("/api/v1/parking?maxpagesize=2").by(&global).send().await.is(200).json();
    assert_eq!((page["value"][0]["tenant"].as_str(), page["value"][0]["events"].as_u64()), (Some("a"), Some(1)));
    let next = world.get(page["nextLink"].as_str().unwrap()).by(&global).send().await.is(200).json();
    assert_eq!(next["value"].as_array().unwrap().len(), 1);
    assert!(next["nextLink"].is_null());
}
