//! The guided path of the demonstration ticks what has really happened, and the journal can be checked from its page.

use super::{csrf, read, send};
use crate::world::{Person, World};
use domain::permission::Role;
use serde_json::json;

/// How many steps are done, as the page says.
async fn done(world: &World, by: &Person) -> String {
    let page = read(world, "/", by, "en").await.is(200).text;
    let rest = page.split("Try it, step by step").nth(1).unwrap_or_else(|| panic!("no path in {page}"));
    let (before, _) = rest.split_once(" done").unwrap();
    before.rsplit('>').next().unwrap().trim_matches([' ', '·']).to_owned()
}

#[tokio::test]
async fn each_step_is_ticked_when_it_has_happened_and_not_before() {
    let world = World::mined().await.made_up();
    let (agent, global) = (world.person(&[Role::AdminAgent]).await, world.person(&[Role::GlobalAdministrator]).await);
    assert_eq!(done(&world, &agent).await, "1 of 7");
    let swedish = read(&world, "/", &agent, "sv").await.is(200).text;
    assert!(swedish.contains("Prova, steg för steg") && swedish.contains("aria-current=\"step\""), "{swedish}");
    let (case, answer) = world.case().await;
    world.post(&format!("{case}:claim")).by(&agent).based_on(&answer.etag()).json(&json!({})).send().await.is(200);
    assert_eq!(done(&world, &agent).await, "2 of 7", "Microsoft has no answer yet");
    let (action, proposed) = world.propose(&agent).await;
    assert_eq!(done(&world, &agent).await, "3 of 7");
    let proof = world.proof(&global).await;
    let body = json!({"parameters": proposed.json()["parameters"]});
    let approved = world.post(&format!("{action}:approve")).by(&global).based_on("*").proved(&proof).json(&body);
    approved.send().await.is(200);
    assert_eq!(done(&world, &agent).await, "4 of 7");
    world.seal().await;
    let token = csrf(&read(&world, "/audit", &global, "en").await.is(200));
    send(&world, "/audit/check", &global, &[("csrf", &token)]).await.is(200);
    assert_eq!(done(&world, &agent).await, "5 of 7");
}

#[tokio::test]
async fn outside_the_demonstration_there_is_no_path() {
    let world = World::mined().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    assert!(!read(&world, "/", &agent, "en").await.is(200).text.contains("Try it, step by step"));
}

#[tokio::test]
async fn the_journal_is_checked_from_its_page_and_by_the_interface_and_that_is_recorded() {
    let world = World::mined().await.checkable();
    world.seal().await;
    let auditor = world.person(&[Role::Auditor]).await;
    let page = read(&world, "/audit", &auditor, "sv").await.is(200);
    assert!(page.text.contains("Kontrollera journalen nu"), "{}", page.text);
    let checked = send(&world, "/audit/check", &auditor, &[("csrf", &csrf(&page))]).await.is(200).text;
    assert!(checked.contains("Nothing is wrong.") && checked.contains("kept elsewhere"), "{checked}");
    let told = world.post("/api/v1/audit:check").by(&auditor).send().await.is(200).json();
    assert_eq!((&told["wrong"], &told["findings"]), (&json!(0), &json!([])));
    assert!(told["facts"].as_u64().unwrap() > 5 && told["signed"] == told["facts"], "{told}");
    world.seal().await;
    let facts = world.get("/api/v1/audit/facts?maxpagesize=1000").by(&auditor).send().await.is(200).text;
    assert_eq!(facts.matches("journal.checked").count(), 2, "{facts}");
    let agent = world.person(&[Role::AdminAgent]).await;
    world.post("/api/v1/audit:check").by(&agent).send().await.problem(403, "roleMissing");
}

#[tokio::test]
async fn a_decision_explains_itself_in_the_readers_language_with_rule_values_and_policy() {
    let world = World::mined().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let path = format!("/customers/{}", world.customer);
    let swedish = read(&world, &path, &agent, "sv").await.is(200).text;
    for text in
        ["Regeln ”GPU-maskin skriven” slog till", "nivån hög", "412,00\u{a0}kr", "Avgjort enligt policyn", "Beslutskod"]
    {
        assert!(swedish.contains(text), "{text} in {swedish}");
    }
    let english = read(&world, &path, &agent, "en").await.is(200).text;
    for text in ["The rule “GPU machine written” fired", "SEK\u{a0}412.00 an hour", "Decided under policy"] {
        assert!(english.contains(text), "{text} in {english}");
    }
    let timeline = format!("/api/v1{path}/timeline");
    let facts = world.get(&timeline).by(&agent).send().await.is(200).json();
    let opened = facts["value"].as_array().unwrap().iter().find(|fact| fact["kind"] == "case.opened").unwrap();
    assert_eq!(opened["policy"].as_str().unwrap().len(), 64);
    assert!(opened["decide"].is_u64());
}
