//! Microsoft's alerts: shown, filtered and answered.

use crate::world::World;
use domain::permission::Role;
use serde_json::json;

#[tokio::test]
async fn an_alert_is_answered_once_it_is_known_how() {
    let world = World::mined().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let shown = world.get("/api/v1/alerts/alert-1").by(&agent).send().await.is(200);
    let answer = async |body: serde_json::Value, etag: &str| {
        world.post("/api/v1/alerts/alert-1:answer").by(&agent).based_on(etag).json(&body).send().await
    };
    answer(json!({"status": "resolved"}), &shown.etag()).await.problem(422, "badBody");
    answer(json!({"status": "investigating", "reason": "fraud"}), &shown.etag()).await.problem(422, "badBody");
    answer(json!({"status": "active"}), &shown.etag()).await.problem(422, "badBody");
    answer(json!({"status": "investigating"}), "\"v1\"").await.problem(412, "stale");
    let told = answer(json!({"status": "resolved", "reason": "ignore"}), &shown.etag()).await.is(200);
    assert_eq!(told.json()["ordered"], json!({"status": "resolved", "settled": false}));
}

#[tokio::test]
async fn alerts_are_filtered_by_state_and_type() {
    let world = World::mined().await;
    world.alert("alert-2").await;
    let agent = world.person(&[Role::AdminAgent]).await;
    for (filter, count) in [("status:active", 2), ("status:resolved", 0), ("type:CryptoMining", 2), ("type:Other", 0)] {
        let page = world.get(&format!("/api/v1/alerts?filter={filter}")).by(&agent).send().await.is(200).json();
        assert_eq!(page["value"].as_array().unwrap().len(), count, "{filter}");
    }
}
