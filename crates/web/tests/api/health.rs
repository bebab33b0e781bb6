//! Whether the program lives and is ready, and its metrics.

use crate::world::World;
use domain::permission::Role;
use serde_json::json;
use web::NotReady;

#[tokio::test]
async fn it_is_ready_when_a_policy_is_published_and_the_workers_are_up() {
    let world = World::empty().await;
    world.get("/livez").send().await.is(200);
    let answer = world.get("/readyz").header("accept-language", "sv").send().await.is(503).json();
    assert_eq!(answer["reasons"][0]["part"], "policy");
    assert!(answer["reasons"][0]["reason"].as_str().unwrap().contains("publicerad"), "{answer}");
    world.publish(&policy::Bundle::embedded()).await;
    assert_eq!(world.get("/readyz").send().await.is(200).json(), json!({"ready": true, "reasons": []}));
    let down = NotReady { part: "effects".to_owned(), reason: "restarting".to_owned() };
    world.ready.reasons.lock().unwrap().push(down);
    let answer = world.get("/readyz").send().await.is(503).json();
    assert_eq!(answer, json!({"ready": false, "reasons": [{"part": "effects", "reason": "restarting"}]}));
}

#[tokio::test]
async fn without_a_policy_a_customer_is_not_acted_on() {
    let world = World::empty().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let page = world.get("/api/v1/cases").by(&agent).send().await.is(200).json();
    assert_eq!(page["value"], json!([]));
}

#[tokio::test]
async fn metrics_are_text_for_who_may_read_them() {
    let world = World::quiet().await;
    let auditor = world.person(&[Role::Auditor]).await;
    let answer = world.get("/metrics").by(&auditor).send().await.is(200);
    assert!(answer.header("content-type").starts_with("text/plain"));
    assert!(answer.text.contains("borgen_build_info"));
    world.get("/metrics").send().await.problem(401, "unauthenticated");
}
