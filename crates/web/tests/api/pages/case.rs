//! A case: what it shows, and its forms as a browser without a script sends them.

use super::{csrf, read, send, value_of};
use crate::world::{Answer, Person, World};
use domain::permission::Role;

async fn address(world: &World) -> String {
    let (path, _) = world.case().await;
    path.replace("/api/v1", "")
}

async fn sent(world: &World, page: &Answer, path: &str, by: &Person, fields: &[(&str, &str)]) -> Answer {
    let (token, state) = (csrf(page), value_of(page, "state").replace("&quot;", "\""));
    let common = [("csrf", token.as_str()), ("state", state.as_str())];
    send(world, path, by, &[common.as_slice(), fields].concat()).await
}

#[tokio::test]
async fn a_case_tells_what_is_known_why_and_what_it_costs_in_both_languages() {
    let world = World::mined().await;
    world.wait(60);
    let agent = world.person(&[Role::AdminAgent]).await;
    let path = address(&world).await;
    let english = read(&world, &path, &agent, "en").await.is(200).text;
    for text in [
        "Crypto mining, Kanariefågel AB",
        "What we know",
        "The rule “GPU machine written” fired",
        "SEK\u{a0}412.00",
        "SEK\u{a0}412 lost so far",
        "Decided under policy",
        "selection: operation is write",
        "brazilsouth",
        "azure-vm-sek",
        "Microsoft&#39;s alert CryptoMining",
        "Rule by A. Author",
        "stop every Azure subscription of the plan",
    ] {
        let text = text.replace("&#39;", "'");
        assert!(english.contains(&text), "{text} in {english}");
    }
    // A form names the rule to the program; people are told its title.
    let told = english.replace(&format!("value=\"{}\"", crate::world::MINING_RULE), "");
    assert!(!told.contains(crate::world::MINING_RULE), "rules are told by their title");
    let swedish = read(&world, &path, &agent, "sv").await.is(200).text;
    for text in [
        "Kryptoutvinning",
        "Vad vi vet",
        "Regeln ”GPU-maskin skriven” slog till",
        "412,00\u{a0}kr",
        "Bevisunderlag",
        "Avgör",
    ] {
        assert!(swedish.contains(text), "{text} in {swedish}");
    }
}

#[tokio::test]
async fn a_case_is_taken_noted_and_closed_without_a_script() {
    let world = World::mined().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let path = address(&world).await;
    let page = read(&world, &path, &agent, "en").await.is(200);
    sent(&world, &page, &format!("{path}/claim"), &agent, &[]).await.is(303);
    let page = read(&world, &path, &agent, "en").await.is(200);
    assert!(!page.text.contains("Take the case") && page.text.contains("you</dd>"), "{}", page.text);
    sent(&world, &page, &format!("{path}/note"), &agent, &[("text", "Called the customer.")]).await.is(303);
    let page = read(&world, &path, &agent, "en").await.is(200);
    let fields = [("outcome", "fraud"), ("alert", "alert-1"), ("note", "A miner."), ("then", "next")];
    let done = sent(&world, &page, &format!("{path}/close"), &agent, &fields).await.is(303);
    assert_eq!(done.header("location"), "/", "there is no next case");
    let closed = read(&world, &path, &agent, "en").await.is(200).text;
    assert!(closed.contains("Closed as") && closed.contains("Open it again") && !closed.contains("Take the case"));
}

#[tokio::test]
async fn what_was_typed_stays_when_something_is_wrong_with_it() {
    let world = World::mined().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let path = address(&world).await;
    let page = read(&world, &path, &agent, "en").await.is(200);
    let answer = sent(&world, &page, &format!("{path}/close"), &agent, &[("note", "a long thought")]).await.is(422);
    assert!(
        answer.text.contains("a long thought</textarea>") && answer.text.contains("role=\"alert\""),
        "{}",
        answer.text
    );
    let stale = [
        ("csrf", csrf(&page)),
        ("state", "\"v1\"".to_owned()),
        ("outcome", "fraud".to_owned()),
        ("note", "typed".to_owned()),
    ];
    let stale: Vec<(&str, &str)> = stale.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let answer = send(&world, &format!("{path}/close"), &agent, &stale).await.is(412);
    assert!(answer.text.contains("It was changed meanwhile") && answer.text.contains("typed</textarea>"));
    assert!(answer.text.contains("value=\"fraud\" required checked"), "{}", answer.text);
}

#[tokio::test]
async fn sending_a_form_twice_records_it_once() {
    let world = World::mined().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let path = address(&world).await;
    let page = read(&world, &path, &agent, "en").await.is(200);
    let before = world.desk.file(world.customer).await.unwrap().version;
    for _ in 0..2 {
        let fields = [("text", "once"), ("key", "the-same")];
        sent(&world, &page, &format!("{path}/note"), &agent, &fields).await.is(303);
    }
    assert_eq!(world.desk.file(world.customer).await.unwrap().version, before + 1);
}

#[tokio::test]
async fn a_proposal_shows_what_it_touches_before_anything_is_recorded() {
    let world = World::mined().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let path = address(&world).await;
    let page = read(&world, &path, &agent, "sv").await.is(200);
    let fields = [("playbook", "mining-takeover"), ("class", "normal"), ("reason", "Brådskar")];
    let before = world.desk.file(world.customer).await.unwrap().version;
    let review = sent(&world, &page, &format!("{path}/propose"), &agent, &fields).await.is(200);
    assert_eq!(world.desk.file(world.customer).await.unwrap().version, before, "a preview records nothing");
    for text in
        ["What it touches", "Azure subscriptions that stop", "Not by you", "Send for approval", "value=\"Brådskar\""]
    {
        assert!(review.text.contains(text), "{text} in {}", review.text);
    }
    let sure = [fields.as_slice(), &[("sure", "yes")]].concat();
    sent(&world, &page, &format!("{path}/propose"), &agent, &sure).await.is(303);
    let shown = read(&world, &path, &agent, "en").await.is(200).text;
    assert!(shown.contains("Waits for approval"), "{shown}");
    let today = read(&world, "/?view=approvals", &agent, "en").await.is(200).text;
    assert!(today.contains("Approve: stop every Azure subscription"), "{today}");
    let again = sent(&world, &page, &format!("{path}/propose"), &agent, &fields).await.is(422);
    assert!(again.text.contains("The policy refuses this"), "{}", again.text);
}

#[tokio::test]
async fn who_may_not_act_reads_who_may() {
    let world = World::mined().await;
    let auditor = world.person(&[Role::Auditor]).await;
    let path = address(&world).await;
    let page = read(&world, &path, &auditor, "en").await.is(200);
    assert!(page.text.contains("One of these roles may: Global administrator, Admin agent"), "{}", page.text);
    assert!(page.text.contains("disabled") && !page.text.contains(crate::world::CANARY));
    sent(&world, &page, &format!("{path}/claim"), &auditor, &[]).await.is(403);
}
