//! Views that people keep: own, shared, renamed, where a list begins, deleted; on the pages and by the interface.

use crate::pages::{csrf, read, send};
use crate::world::{Person, World};
use domain::permission::Role;
use http::Method;
use serde_json::{Value, json};

async fn keep(world: &World, by: &Person, name: &str, filter: &str, shared: bool) -> Value {
    let new = json!({"list": "cases", "name": name, "filter": filter, "shared": shared});
    world.post("/api/v1/views").by(by).json(&new).send().await.is(201).json()
}

async fn of(world: &World, by: &Person) -> Vec<Value> {
    let list = world.get("/api/v1/views").by(by).send().await.is(200).json();
    list["value"].as_array().unwrap().clone()
}

#[tokio::test]
async fn an_own_view_is_seen_by_nobody_else_until_it_is_shared() {
    let world = World::mined().await;
    let (agent, other) = (world.person(&[Role::AdminAgent]).await, world.person(&[Role::BillingAdministrator]).await);
    let view = keep(&world, &agent, "Min kö", "status:open owner:me", false).await;
    let path = format!("/api/v1/views/{}", view["id"].as_str().unwrap());
    assert_eq!(of(&world, &agent).await.len(), 1);
    assert!(of(&world, &other).await.is_empty());
    world.ask(Method::PATCH, &path).by(&other).json(&json!({"name": "x"})).send().await.problem(404, "notFound");
    world.ask(Method::DELETE, &path).by(&other).send().await.problem(404, "notFound");

    let shared = json!({"name": "Allas kö", "shared": true});
    world.ask(Method::PATCH, &path).by(&agent).json(&shared).send().await.is(200);
    let seen = of(&world, &other).await;
    assert_eq!((&seen[0]["name"], &seen[0]["own"]), (&json!("Allas kö"), &json!(false)));
    let page = read(&world, "/", &other, "sv").await.is(200).text;
    assert!(page.contains("Sparade vyer") && page.contains("Allas kö"), "{page}");
    world.ask(Method::PATCH, &path).by(&other).json(&json!({"name": "x"})).send().await.problem(404, "notFound");
    world.ask(Method::DELETE, &path).by(&agent).send().await.is(204);
    assert!(of(&world, &other).await.is_empty() && of(&world, &agent).await.is_empty());
}

#[tokio::test]
async fn a_filter_that_the_list_does_not_take_is_no_view() {
    let world = World::mined().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    for (list, filter) in
        [("cases", "colour:blue"), ("cases", "status:lost"), ("signals", "status:open"), ("cases", "x")]
    {
        let new = json!({"list": list, "name": "x", "filter": filter});
        world.post("/api/v1/views").by(&agent).json(&new).send().await.problem(400, "badFilter");
    }
    for (list, filter) in
        [("signals", "severity:high"), ("customers", "severity:low"), ("actions", ""), ("notices", "status:active")]
    {
        let new = json!({"list": list, "name": "x", "filter": filter});
        world.post("/api/v1/views").by(&agent).json(&new).send().await.is(201);
    }
    let auditor = world.person(&[Role::Auditor]).await;
    keep(&world, &auditor, "own", "status:open", false).await;
    let shared = json!({"list": "cases", "name": "x", "filter": "", "shared": true});
    world.post("/api/v1/views").by(&auditor).json(&shared).send().await.problem(403, "roleMissing");
}

#[tokio::test]
async fn a_list_begins_with_the_view_that_was_chosen_and_a_shared_one_can_be_chosen_too() {
    let world = World::mined().await;
    let (agent, other) = (world.person(&[Role::AdminAgent]).await, world.person(&[Role::AdminAgent]).await);
    let view = keep(&world, &agent, "Kritiska", "status:open severity:critical", true).await;
    let path = format!("/api/v1/views/{}:choose", view["id"].as_str().unwrap());
    let before = read(&world, "/cases", &other, "en").await.is(200).text;
    assert!(before.contains("value=\"status:open\""), "{before}");
    let chosen = world.post(&path).by(&other).json(&json!({"chosen": true})).send().await.is(200).json();
    assert_eq!(chosen["chosen"], true);
    let after = read(&world, "/cases", &other, "en").await.is(200).text;
    assert!(after.contains("value=\"status:open severity:critical\""), "{after}");
    let explicit = read(&world, "/cases?filter=status%3Aclosed", &other, "en").await.is(200).text;
    assert!(explicit.contains("value=\"status:closed\""), "an address says what it says");
    let of_agent = read(&world, "/cases", &agent, "en").await.is(200).text;
    assert!(of_agent.contains("value=\"status:open\""), "everybody chooses for themselves");
    world.post(&path).by(&other).json(&json!({"chosen": false})).send().await.is(200);
    let again = read(&world, "/cases", &other, "en").await.is(200).text;
    assert!(again.contains("value=\"status:open\""));
}

#[tokio::test]
async fn a_view_is_kept_renamed_chosen_and_deleted_by_forms() {
    let world = World::mined().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let page = read(&world, "/cases?filter=status%3Aopen+story%3Amining", &agent, "sv").await.is(200);
    assert!(page.text.contains("Spara den här vyn"), "{}", page.text);
    let token = csrf(&page);
    let new = [("csrf", token.as_str()), ("list", "cases"), ("filter", "status:open story:mining"), ("name", "Gruvan")];
    let kept = send(&world, "/views", &agent, &new).await.is(303);
    assert_eq!(kept.header("location"), "/cases?filter=status%3Aopen+story%3Amining");
    let id = of(&world, &agent).await[0]["id"].as_str().unwrap().to_owned();
    let way = read(&world, &format!("/views/{id}"), &agent, "sv").await.is(303);
    assert_eq!(way.header("location"), "/cases?filter=status%3Aopen+story%3Amining", "its address leads to its list");
    let changed = [("csrf", token.as_str()), ("name", "Gruvan 2"), ("filter", "story:mining"), ("shared", "yes")];
    send(&world, &format!("/views/{id}/change"), &agent, &changed).await.is(303);
    let wrong = [("csrf", token.as_str()), ("name", "Gruvan 2"), ("filter", "färg:blå")];
    let refused = send(&world, &format!("/views/{id}/change"), &agent, &wrong).await.is(400).text;
    assert!(refused.contains("At character 1"), "{refused}");
    let choose = [("csrf", token.as_str()), ("chosen", "true")];
    send(&world, &format!("/views/{id}/choose"), &agent, &choose).await.is(303);
    let all = read(&world, "/views", &agent, "en").await.is(200).text;
    for text in ["Gruvan 2", "your list begins with it", "shared with everybody"] {
        assert!(all.contains(text), "{text}: {all}");
    }
    send(&world, &format!("/views/{id}/delete"), &agent, &[("csrf", token.as_str())]).await.is(303);
    assert!(read(&world, "/views", &agent, "en").await.is(200).text.contains("You keep no view"));
    read(&world, &format!("/views/{id}"), &agent, "en").await.is(404);
}

#[tokio::test]
async fn a_shared_view_shows_nobody_more_than_they_may_see() {
    let world = World::mined().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    keep(&world, &agent, "Kunden", &format!("customer:{}", world.customer), true).await;
    let foreign = world.of_reseller(Role::AdminAgent, world.other_reseller).await;
    let view = of(&world, &foreign).await.remove(0);
    let way = read(&world, &format!("/views/{}", view["id"].as_str().unwrap()), &foreign, "en").await.is(303);
    let list = read(&world, way.header("location"), &foreign, "en").await.is(200).text;
    assert!(list.contains("No case fits"), "{list}");
}

#[tokio::test]
async fn what_is_wrong_with_a_filter_is_said_beside_it_with_its_place() {
    let world = World::mined().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    for (list, filter, at, known) in [
        ("cases", "status:open%20colour:blue", 13, "status, severity"),
        ("cases", "status:lost", 8, "open, snoozed, closed"),
        ("signals", "severity:huge", 10, "low, medium, high, critical"),
        ("customers", "name:x", 1, "severity"),
        ("actions", "status:proposed%20x", 17, "name:value"),
        ("notices", "status:lost", 8, "active"),
    ] {
        let path = format!("/{list}?filter={filter}");
        let page = read(&world, &path, &agent, "en").await.is(400).text;
        assert!(page.contains(&format!("At character {at}:")) && page.contains(known), "{path}: {page}");
        assert!(page.contains("aria-invalid=\"true\"") && page.contains("<h1>"), "{path}: the list stays: {page}");
        let swedish = read(&world, &path, &agent, "sv").await.is(400).text;
        assert!(swedish.contains(&format!("Vid tecken {at}:")), "{swedish}");
    }
    let problem = world.get("/api/v1/cases?filter=status:lost").by(&agent).send().await.problem(400, "badFilter");
    assert_eq!(problem["errors"][0]["column"], 8);
}
