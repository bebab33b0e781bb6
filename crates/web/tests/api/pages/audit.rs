//! The audit log: the newest first, page by page to the beginning, with reasons and the proof.

use super::read;
use crate::world::{CANARY, World};
use domain::permission::Role;

#[tokio::test]
async fn the_log_is_read_back_to_its_beginning_and_nothing_is_skipped() {
    let world = World::mined().await;
    for number in 0..60 {
        world.alert(&format!("more-{number}")).await;
    }
    world.seal().await;
    let auditor = world.person(&[Role::Auditor]).await;
    world.seal().await;
    let mut link = "/audit".to_owned();
    let mut rows = 0;
    let mut pages = 0;
    loop {
        let page = read(&world, &link, &auditor, "en").await.is(200).text;
        rows += page.matches("id=\"fact-").count();
        pages += 1;
        assert!(!page.contains(CANARY), "an auditor reads no names");
        match page.split("hx-get=\"").find(|rest| rest.starts_with("/audit?before=")) {
            Some(rest) => link = rest.split('"').next().unwrap().to_owned(),
            None => break,
        }
    }
    let size = world.desk.store.last_checkpoint().await.unwrap().unwrap().size;
    assert_eq!(u64::try_from(rows).unwrap(), size);
    assert!(pages > 2, "{pages}");
}

#[tokio::test]
async fn the_proof_stands_above_the_log_in_both_languages() {
    let world = World::mined().await;
    let global = world.person(&[Role::GlobalAdministrator]).await;
    let none = read(&world, "/audit", &global, "en").await.is(200).text;
    assert!(none.contains("Nothing has been signed yet."));
    world.seal().await;
    let root = world.desk.store.last_checkpoint().await.unwrap().unwrap().root.to_string();
    let page = read(&world, "/audit", &global, "sv").await.is(200).text;
    assert!(
        page.contains(&root) && page.contains("href=\"/api/v1/audit/export\"") && page.contains("Ett ärende öppnades")
    );
    assert!(page.contains("Beslutat enligt policyn") && page.contains("Regeln"), "facts come with their reasons");
    read(&world, "/audit?before=x", &global, "en").await.is(400);
    let agent = world.person(&[Role::AdminAgent]).await;
    read(&world, "/audit", &agent, "en").await.is(403);
}
