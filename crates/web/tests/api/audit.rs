//! The journal: the feed in order, the export that proves itself, the checkpoint.

use crate::world::{CANARY, World};
use domain::permission::Role;

#[tokio::test]
async fn the_feed_is_read_in_order_and_the_export_streams_all_of_it() {
    let world = World::mined().await;
    let auditor = world.person(&[Role::Auditor]).await;
    world.get("/api/v1/audit/checkpoint").by(&auditor).send().await.problem(404, "notFound");
    world.seal().await;
    let mut link = "/api/v1/audit/facts?maxpagesize=5".to_owned();
    let mut positions = Vec::new();
    loop {
        let page = world.get(&link).by(&auditor).send().await.is(200).json();
        positions.extend(page["value"].as_array().unwrap().iter().map(|fact| fact["position"].as_u64().unwrap()));
        match page["nextLink"].as_str() {
            Some(next) => link = next.to_owned(),
            None => break,
        }
    }
    let expected: Vec<u64> = (1..=u64::try_from(positions.len()).unwrap()).collect();
    assert_eq!(positions, expected);
    assert!(positions.len() > 10);

    let export = world.get("/api/v1/audit/export").by(&auditor).send().await.is(200);
    assert_eq!(export.header("content-type"), "application/x-ndjson");
    assert!(export.text.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()));
    assert!(export.text.lines().count() > positions.len(), "facts, and what holds them together");
    assert!(!export.text.contains(CANARY), "personal data stay sealed");
    let checkpoint = world.get("/api/v1/audit/checkpoint").by(&auditor).send().await.is(200).json();
    assert_eq!(checkpoint["size"].as_u64(), u64::try_from(positions.len()).ok());
}

#[tokio::test]
async fn an_export_is_not_made_of_json() {
    let world = World::quiet().await;
    let auditor = world.person(&[Role::Auditor]).await;
    let answer = world.get("/api/v1/audit/export").by(&auditor).header("accept", "application/json").send().await;
    answer.problem(406, "notAcceptable");
}
