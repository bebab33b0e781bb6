//! Microsoft's alerts: the list with its clocks, one alert, and the answer.

use super::{csrf, read, send, value_of};
use crate::world::{Answer, CANARY, World};
use domain::permission::Role;

/// The state that the page's forms are based on.
fn state_of(page: &Answer) -> String {
    value_of(page, "state").replace("&quot;", "\"")
}

#[tokio::test]
async fn an_unanswered_alert_shows_its_clock_in_both_languages() {
    let world = World::mined().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let page = read(&world, "/notices", &agent, "en").await.is(200).text;
    assert!(page.contains("/notices/alert-1") && page.contains("Answer due in") && page.contains("CryptoMining"));
    assert!(!page.contains("class=\"late\""), "the hour has only begun");
    world.wait(90);
    let late = read(&world, "/notices", &agent, "sv").await.is(200).text;
    assert!(late.contains("för sent") && late.contains("Obesvarad"), "{late}");
    let none = read(&world, "/notices?filter=status%3Aresolved", &agent, "sv").await.is(200).text;
    assert!(none.contains("Ingen avisering passar"));
    let foreign = world.of_reseller(Role::AdminAgent, world.other_reseller).await;
    assert!(!read(&world, "/notices", &foreign, "en").await.is(200).text.contains("alert-1"));
    read(&world, "/notices/alert-1", &foreign, "en").await.is(404);
}

#[tokio::test]
async fn an_alert_is_answered_on_its_page_as_it_was_shown() {
    let world = World::mined().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let page = read(&world, "/notices/alert-1", &agent, "en").await.is(200);
    assert!(page.text.contains(CANARY) && page.text.contains("Open the case"), "{}", page.text);
    let (token, state) = (csrf(&page), state_of(&page));
    let old = [("csrf", token.as_str()), ("state", "\"v1\""), ("as", "fraud")];
    let again = send(&world, "/notices/alert-1/answer", &agent, &old).await.is(412).text;
    assert!(again.contains("It was changed meanwhile"));
    let fields = [("csrf", token.as_str()), ("state", state.as_str()), ("as", "investigating")];
    let done = send(&world, "/notices/alert-1/answer", &agent, &fields).await.is(303);
    assert_eq!(done.header("location"), "/notices/alert-1");
    let after = read(&world, "/notices/alert-1", &agent, "sv").await.is(200).text;
    assert!(after.contains("(på väg: Utreds)"), "{after}");
    send(&world, "/notices/alert-1/answer", &agent, &[("csrf", token.as_str()), ("as", "x")]).await.is(400);
}

#[tokio::test]
async fn who_may_not_answer_reads_who_may() {
    let world = World::mined().await;
    let auditor = world.person(&[Role::Auditor]).await;
    let page = read(&world, "/notices/alert-1", &auditor, "en").await.is(200).text;
    assert!(
        page.contains("value=\"fraud\" disabled")
            && page.contains("One of these roles may: Global administrator, Admin agent.")
    );
    assert!(!page.contains(CANARY), "evidence is for those who may read it");
}

#[tokio::test]
async fn an_id_that_looks_like_an_address_is_only_an_id() {
    let world = World::mined().await;
    world.alert("a/../b?c=d e#f").await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let page = read(&world, "/notices", &agent, "en").await.is(200).text;
    let link = page.split("href=\"").find(|rest| rest.starts_with("/notices/a%2F")).unwrap().split('"').next().unwrap();
    assert!(read(&world, link, &agent, "en").await.is(200).text.contains("a/../b?c=d e#f"), "{link}");
}
