//! Policies: checked by place, published on the state one has seen, tried on real histories.

use crate::world::World;
use domain::permission::Role;
use serde_json::{Map, Value, json};

fn files() -> Map<String, Value> {
    let bundle = policy::Bundle::embedded();
    let text = |bytes: &Vec<u8>| Value::String(String::from_utf8(bytes.clone()).unwrap());
    bundle.files().iter().map(|(name, bytes)| (name.clone(), text(bytes))).collect()
}

fn with(name: &str, from: &str, to: &str) -> Value {
    let mut files = files();
    let text = files[name].as_str().unwrap();
    assert!(text.contains(from), "{name} no longer says {from}");
    let text = text.replace(from, to);
    files.insert(name.to_owned(), Value::String(text));
    Value::Object(files)
}

#[tokio::test]
async fn files_are_read_back_as_they_were_published() {
    let world = World::quiet().await;
    let global = world.person(&[Role::GlobalAdministrator]).await;
    let list = world.get("/api/v1/policies").by(&global).send().await.is(200).json();
    assert_eq!((&list["value"][0]["epoch"], &list["value"][0]["inForce"]), (&json!(1), &json!(true)));
    let path = format!("/api/v1/policies/{}", list["value"][0]["hash"].as_str().unwrap());
    let policy = world.get(&path).by(&global).send().await.is(200).json();
    assert_eq!(policy["files"], Value::Object(files()));
}

#[tokio::test]
async fn a_check_names_every_wrong_place_and_what_would_change() {
    let world = World::quiet().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let check = async |files: Value| {
        world.post("/api/v1/policies:check").by(&agent).json(&json!({"files": files})).send().await.is(200).json()
    };
    let broken =
        check(with("approvals.toml", "page_unanswered_after = \"15 min\"", "page_unanswered_after = \"soon\"")).await;
    assert_eq!(broken["valid"], false);
    assert_eq!(broken["problems"][0]["field"], "approvals.toml");
    assert!(broken["problems"][0]["line"].as_u64().unwrap() > 1);
    let changed =
        check(with("approvals.toml", "page_unanswered_after = \"15 min\"", "page_unanswered_after = \"20 min\"")).await;
    assert_eq!(changed["valid"], true);
    assert_eq!(changed["changes"][0]["after"], "20 min");
    let same = check(Value::Object(files())).await;
    assert_eq!(same["changes"], json!([]));
    let neither = world.post("/api/v1/policies:check").by(&agent).json(&json!({})).send().await;
    neither.problem(422, "badBody");
}

#[tokio::test]
async fn publishing_is_based_on_the_timeline_one_has_seen() {
    let world = World::mined().await;
    let global = world.person(&[Role::GlobalAdministrator]).await;
    let list = world.get("/api/v1/policies").by(&global).send().await.is(200);
    let files = with("approvals.toml", "page_unanswered_after = \"15 min\"", "page_unanswered_after = \"20 min\"");
    let publish = async |etag: &str, body: Value| {
        world.post("/api/v1/policies:publish").by(&global).based_on(etag).json(&body).send().await
    };
    let broken = with("approvals.toml", "page_unanswered_after = \"15 min\"", "page_unanswered_after = \"soon\"");
    let refused = publish(&list.etag(), json!({"files": broken})).await.problem(422, "policyRefused");
    assert_eq!(refused["errors"][0]["field"], "approvals.toml");
    publish("\"v99\"", json!({"files": files})).await.problem(412, "stale");
    let past = json!({"files": files, "from": "2026-11-01T00:00:00Z"});
    publish(&list.etag(), past).await.problem(422, "badBody");
    let published = publish(&list.etag(), json!({"files": files})).await.is(200);
    assert_eq!((&published.json()["epoch"], &published.json()["inForce"]), (&json!(2), &json!(true)));
    // The very files that are in force are published already, whatever was seen; others need the timeline as it is.
    let again = publish(&list.etag(), json!({"files": files})).await.is(200).json();
    assert_eq!((&again["epoch"], &again["inForce"]), (&json!(2), &json!(true)));
    let others = with("approvals.toml", "page_unanswered_after = \"15 min\"", "page_unanswered_after = \"25 min\"");
    publish(&list.etag(), json!({"files": others})).await.problem(412, "stale");
    let later = json!({"files": files, "from": "2026-11-30T00:00:00Z"});
    let later = publish(&published.etag(), later).await.is(200).json();
    assert_eq!((&later["epoch"], &later["inForce"]), (&json!(3), &json!(false)));
    let pages = world.get("/api/v1/policies?maxpagesize=2").by(&global).send().await.is(200).json();
    let next = world.get(pages["nextLink"].as_str().unwrap()).by(&global).send().await.is(200).json();
    assert_eq!((next["value"].as_array().unwrap().len(), &next["value"][0]["epoch"]), (1, &json!(1)));
}

#[tokio::test]
async fn an_archive_does_as_well_as_files() {
    use base64::Engine as _;
    let world = World::quiet().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let bundle = policy::Bundle::embedded();
    let archive = base64::engine::general_purpose::STANDARD.encode(bundle.to_bytes());
    let checked =
        world.post("/api/v1/policies:check").by(&agent).json(&json!({"archive": archive})).send().await.is(200);
    assert_eq!(checked.json()["hash"], bundle.hash().to_string());
    let broken = json!({"archive": "%%%"});
    world.post("/api/v1/policies:check").by(&agent).json(&broken).send().await.problem(422, "badBody");
}

#[tokio::test]
async fn a_trial_tells_which_cases_would_not_have_been() {
    let world = World::mined().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let run = async |files: Value| {
        world.post("/api/v1/policies:what-if").by(&agent).json(&json!({"files": files})).send().await.is(200).json()
    };
    let same = run(Value::Object(files())).await;
    assert_eq!((&same["customers"], &same["value"]), (&json!(2), &json!([])));
    let quieter = run(with("cases.toml", "minimum_level = \"medium\"", "minimum_level = \"critical\"")).await;
    assert_eq!(quieter["value"][0]["customer"], world.customer.to_string());
    assert!(!quieter["value"][0]["differences"].as_array().unwrap().is_empty(), "{quieter}");
    let foreign = world.of_reseller(Role::AdminAgent, world.other_reseller).await;
    let body = json!({"files": files(), "customers": [world.customer.to_string()]});
    world.post("/api/v1/policies:what-if").by(&foreign).json(&body).send().await.problem(403, "scopeTooNarrow");
}

#[tokio::test]
async fn the_files_in_force_published_again_make_no_new_epoch_and_the_timeline_says_who_published() {
    let world = World::quiet().await;
    let global = world.person(&[Role::GlobalAdministrator]).await;
    let publish = async |files: Value| {
        let ask = world.post("/api/v1/policies:publish").by(&global).based_on("*");
        ask.json(&json!({"files": files})).send().await.is(200).json()
    };
    assert_eq!(publish(Value::Object(files())).await["epoch"], 1, "nothing was changed");
    let other = with("approvals.toml", "page_unanswered_after = \"15 min\"", "page_unanswered_after = \"20 min\"");
    assert_eq!(publish(other.clone()).await["epoch"], 2);
    assert_eq!(publish(other).await["epoch"], 2, "nothing was changed");
    assert_eq!(publish(Value::Object(files())).await["epoch"], 3, "going back is a change");
    let list = world.get("/api/v1/policies").by(&global).send().await.is(200).json();
    assert_eq!(list["value"][0]["by"], format!("user:{}", global.account));
    assert_eq!(list["value"][0]["byName"]["state"], "open");
    assert!(list["value"][0]["published"].is_string());
    assert_eq!(list["value"][2]["by"], "program");
}
