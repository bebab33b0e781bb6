//! The same request sent twice is carried out once.

use crate::world::World;
use domain::permission::Role;
use serde_json::json;

#[tokio::test]
async fn a_repeat_gets_the_first_answer_and_changes_nothing() {
    let world = World::mined().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let (case, _) = world.case().await;
    let body = json!({"playbook": "mining-takeover", "class": "normal"});
    let propose = async || world.post(&format!("{case}:propose")).by(&agent).key("k-1").json(&body).send().await;
    let first = propose().await.is(201);
    let second = propose().await.is(201);
    assert_eq!(first.text, second.text);
    assert_eq!((first.etag(), first.header("location")), (second.etag(), second.header("location")));
    assert_eq!((first.header("idempotency-replayed"), second.header("idempotency-replayed")), ("", "true"));
    let actions = world.get("/api/v1/actions").by(&agent).send().await.is(200).json();
    assert_eq!(actions["value"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_key_with_another_request_is_refused_and_with_another_caller_is_another_key() {
    let world = World::mined().await;
    let (one, two) = (world.person(&[Role::AdminAgent]).await, world.person(&[Role::AdminAgent]).await);
    let (case, _) = world.case().await;
    let note = format!("{case}:note");
    world.post(&note).by(&one).key("k").json(&json!({"text": "a"})).send().await.is(200);
    world.post(&note).by(&one).key("k").json(&json!({"text": "b"})).send().await.problem(422, "keyReused");
    world.post(&note).by(&two).key("k").json(&json!({"text": "b"})).send().await.is(200);
    world.post(&note).by(&one).key("").json(&json!({"text": "a"})).send().await.problem(400, "badParameter");
    let long = "k".repeat(256);
    world.post(&note).by(&one).key(&long).json(&json!({"text": "a"})).send().await.problem(400, "badParameter");
    world.post(&note).by(&one).key(&"k".repeat(255)).json(&json!({"text": "a"})).send().await.is(200);
}

#[tokio::test]
async fn a_key_is_free_again_after_a_day_and_after_a_refusal() {
    let world = World::mined().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let (case, answer) = world.case().await;
    let claim = format!("{case}:claim");
    world.post(&claim).by(&agent).key("k").based_on("\"v1\"").json(&json!({})).send().await.problem(412, "stale");
    world.post(&claim).by(&agent).key("k").based_on(&answer.etag()).json(&json!({})).send().await.is(200);
    let note = format!("{case}:note");
    world.post(&note).by(&agent).key("k").json(&json!({"text": "b"})).send().await.problem(422, "keyReused");
    world.wait(60 * 24 + 1);
    world.post(&note).by(&agent).key("k").json(&json!({"text": "b"})).send().await.is(200);
}

#[tokio::test]
async fn a_repeat_whose_answer_was_lost_records_nothing_twice() {
    let world = World::mined().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let (case, _) = world.case().await;
    let body = json!({"playbook": "mining-takeover", "class": "normal"});
    let propose = async || world.post(&format!("{case}:propose")).by(&agent).key("k-1").json(&body).send().await;
    let first = propose().await.is(201);
    // As after a crash between the append and the keeping of its answer.
    let caller = format!("user:{}", agent.account);
    let expired = world.now();
    let lost = store::KeptAnswer { status: 0, body: Vec::new() };
    world.desk.store.finish_request(&caller, "k-1", &lost, expired).await.unwrap();
    let second = propose().await.is(201);
    assert_eq!(first.json()["id"], second.json()["id"]);
    let actions = world.get("/api/v1/actions").by(&agent).send().await.is(200).json();
    assert_eq!(actions["value"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn names_notes_and_secrets_are_in_no_file_in_the_open() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::on_disk(folder.path()).await;
    world.find(world.customer, crate::world::MINING_RULE, 10_000).await;
    let admin = world.person(&[Role::UserAdministrator]).await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let path = "/api/v1/me/tokens";
    let body = json!({"label": "laptop", "expires": "2026-12-01T00:00:00Z"});
    let proof = world.proof(&admin).await;
    let first = world.post(path).by(&admin).key("k").proved(&proof).json(&body).send().await.is(201);
    let secret = first.json()["secret"].as_str().unwrap().to_owned();
    let again = world.post(path).by(&admin).key("k").json(&body).send().await.is(201);
    assert_eq!((&again.text, again.header("idempotency-replayed")), (&first.text, "true"));
    let (case, _) = world.case().await;
    let note = json!({"text": "Telefonsamtal med ekonomichefen"});
    world.post(&format!("{case}:note")).by(&agent).key("n").json(&note).send().await.is(200);
    let read = world.get(&case).by(&agent).send().await.is(200);
    assert!(read.text.contains(crate::world::CANARY));
    let mut looked_at = 0;
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        for open in [secret.as_str(), crate::world::CANARY, "Telefonsamtal", "Åsa Ek"] {
            assert!(!bytes.windows(open.len()).any(|window| window == open.as_bytes()), "{open}");
        }
        looked_at += bytes.len();
    }
    assert!(looked_at > 50_000, "only {looked_at} bytes were there to look at");
}
