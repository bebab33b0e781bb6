//! Signals: rule, author, evidence and price, in the reader's language where the rule has it.

use crate::world::{MINING_RULE, World};
use domain::permission::Role;
use serde_json::json;

#[tokio::test]
async fn a_signal_names_rule_author_and_price() {
    let world = World::mined().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let page = world.get("/api/v1/signals").by(&agent).send().await.is(200).json();
    assert!(page["value"][0]["evidence"].is_null(), "a list shows no evidence");
    let path = format!("/api/v1/signals/{}", page["value"][0]["id"].as_str().unwrap());
    let signal = world.get(&path).by(&agent).header("accept-language", "sv").send().await.is(200).json();
    assert_eq!(signal["rule"]["title"], "GPU-maskin skriven");
    assert_eq!(signal["rule"]["author"], "A. Author");
    assert_eq!(signal["perHour"], json!({"amount": "412.00", "currency": "SEK"}));
    assert_eq!(signal["price"]["list"], "azure-vm-sek");
    assert_eq!(signal["evidence"]["value"]["matched"][0], "selection: operation is write");
}

#[tokio::test]
async fn signals_are_filtered_by_rule_and_severity() {
    let world = World::mined().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let rule = format!("rule:{MINING_RULE}");
    for (filter, count) in [(rule.as_str(), 1), ("rule:other", 0), ("severity:high", 1), ("severity:critical", 0)] {
        let page = world.get(&format!("/api/v1/signals?filter={filter}")).by(&agent).send().await.is(200).json();
        assert_eq!(page["value"].as_array().unwrap().len(), count, "{filter}");
    }
}
