//! A policy by which one person alone decides is not brought about by one person alone.

use crate::world::{Answer, Person, World};
use domain::permission::Role;
use serde_json::json;
use std::collections::BTreeMap;

fn alone() -> BTreeMap<String, String> {
    let shipped = policy::Bundle::embedded();
    let text = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).into_owned();
    let mut files: BTreeMap<_, _> = shipped.files().iter().map(|(name, bytes)| (name.clone(), text(bytes))).collect();
    let approvals = files.get_mut("approvals.toml").unwrap();
    let (before, after) = approvals.split_once("[single_operator]").unwrap();
    *approvals = format!("{before}[single_operator]{}", after.replacen("enabled = false", "enabled = true", 1));
    assert!(approvals.contains("enabled = true"));
    files
}

async fn publish(world: &World, by: &Person, files: &BTreeMap<String, String>) -> Answer {
    let proof = world.proof(by).await;
    let ask = world.post("/api/v1/policies:publish").by(by).based_on("*").proved(&proof);
    ask.json(&json!({"files": files})).send().await
}

#[tokio::test]
async fn another_global_administrator_has_to_want_it_too() {
    let world = World::quiet().await;
    let (one, two) =
        (world.person(&[Role::GlobalAdministrator]).await, world.person(&[Role::GlobalAdministrator]).await);
    let files = alone();
    let unproved = world.post("/api/v1/policies:publish").by(&one).based_on("*").json(&json!({"files": files}));
    unproved.send().await.problem(403, "reauthenticationNeeded");
    publish(&world, &one, &files).await.problem(409, "secondAdministratorNeeded");
    publish(&world, &one, &files).await.problem(409, "secondAdministratorNeeded");
    // Other files are another wish.
    let mut others = files.clone();
    others.get_mut("approvals.toml").unwrap().push_str("\n# another\n");
    publish(&world, &two, &others).await.problem(409, "secondAdministratorNeeded");
    publish(&world, &one, &files).await.problem(409, "secondAdministratorNeeded");
    publish(&world, &two, &files).await.is(200);
}

#[tokio::test]
async fn a_wish_is_forgotten_after_a_day() {
    let world = World::quiet().await;
    let (one, two) =
        (world.person(&[Role::GlobalAdministrator]).await, world.person(&[Role::GlobalAdministrator]).await);
    publish(&world, &one, &alone()).await.problem(409, "secondAdministratorNeeded");
    world.wait(24 * 60);
    publish(&world, &two, &alone()).await.problem(409, "secondAdministratorNeeded");
}

#[tokio::test]
async fn one_global_administrator_among_others_can_not_and_the_only_user_can() {
    let world = World::quiet().await;
    let one = world.person(&[Role::GlobalAdministrator]).await;
    let agent = world.person(&[Role::AdminAgent]).await;
    publish(&world, &one, &alone()).await.problem(403, "notAlone");
    let manager = world.person(&[Role::UserAdministrator]).await;
    let revoke = format!("/api/v1/users/{}/tokens/{}", agent.account, agent.token);
    world.ask(http::Method::DELETE, &revoke).by(&manager).send().await.is(204);
    publish(&world, &one, &alone()).await.problem(403, "notAlone");
    let revoke = format!("/api/v1/me/tokens/{}", manager.token);
    world.ask(http::Method::DELETE, &revoke).by(&manager).send().await.is(204);
    // Nobody else can come in any more.
    publish(&world, &one, &alone()).await.is(200);
}
