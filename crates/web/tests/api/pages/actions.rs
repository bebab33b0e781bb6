//! Actions: the list, one action with all that an approver has to see, and the forms.

use super::{csrf, read, send, value_of};
use crate::world::{Answer, CANARY, Person, World};
use domain::permission::Role;

/// The page of an action that someone proposed by the interface for programs.
async fn proposed(world: &World, by: &Person) -> (String, String) {
    let (path, shown) = world.propose(by).await;
    let parameters = shown.json()["parameters"].as_str().unwrap().to_owned();
    (path.replace("/api/v1", ""), parameters)
}

/// Sends a form with a fresh proof, as a session that has just proved itself does.
async fn proved(world: &World, path: &str, by: &Person, fields: &[(&str, &str)]) -> Answer {
    let proof = world.proof(by).await;
    let mut body = form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(fields);
    let ask = world.post(path).by(by).header("accept", "text/html").proved(&proof);
    ask.text("application/x-www-form-urlencoded", &body.finish()).send().await
}

/// The state that the page's forms are based on.
fn state_of(page: &Answer) -> String {
    value_of(page, "state").replace("&quot;", "\"")
}

#[tokio::test]
async fn what_waits_for_approval_is_the_first_view() {
    let world = World::mined().await;
    let one = world.person(&[Role::AdminAgent]).await;
    let empty = read(&world, "/actions", &one, "sv").await.is(200).text;
    assert!(empty.contains("Ingen åtgärd passar"));
    let (path, _) = proposed(&world, &one).await;
    let english = read(&world, "/actions", &one, "en").await.is(200).text;
    assert!(english.contains(&path) && english.contains("Waits for approval") && english.contains(CANARY));
    let swedish = read(&world, "/actions?filter=status%3Areleased", &one, "sv").await.is(200).text;
    assert!(!swedish.contains(&path), "{swedish}");
    let foreign = world.of_reseller(Role::AdminAgent, world.other_reseller).await;
    assert!(!read(&world, "/actions", &foreign, "en").await.is(200).text.contains(&path));
    read(&world, &path, &foreign, "en").await.is(404);
}

#[tokio::test]
async fn an_approver_sees_what_it_touches_and_approves_exactly_that() {
    let world = World::mined().await;
    let (one, two) = (world.person(&[Role::AdminAgent]).await, world.person(&[Role::AdminAgent]).await);
    let (path, parameters) = proposed(&world, &one).await;
    for (language, wanted) in [
        ("en", ["Bound to", "Azure subscriptions that stop", "Guard rails", "Cancel the Azure subscription"]),
        ("sv", ["Bundet till", "Azure-prenumerationer som stoppas", "Skyddsregler", "Avsluta Azure-prenumerationen"]),
    ] {
        let page = read(&world, &path, &two, language).await.is(200).text;
        for text in wanted.into_iter().chain([parameters.as_str(), &world.azure.to_string()]) {
            assert!(page.contains(text), "{text} in {page}");
        }
    }
    let own = read(&world, &path, &one, "en").await.is(200);
    assert!(own.text.contains("another person has to"), "{}", own.text);

    let page = read(&world, &path, &two, "en").await.is(200);
    let (token, state) = (csrf(&page), state_of(&page));
    let approve = format!("{path}/approve");
    let fields = [("csrf", token.as_str()), ("state", state.as_str()), ("parameters", parameters.as_str())];
    let away = send(&world, &approve, &two, &fields).await.is(303);
    assert!(away.header("location").starts_with("/prove?next=%2Factions%2F"), "{}", away.header("location"));
    let other = "0".repeat(64);
    let wrong = [("csrf", token.as_str()), ("state", state.as_str()), ("parameters", other.as_str())];
    let refused = proved(&world, &approve, &two, &wrong).await.is(409).text;
    assert!(refused.contains("The action is not the one you were shown"), "{refused}");
    let old = [("csrf", token.as_str()), ("state", "\"v1\""), ("parameters", parameters.as_str())];
    let refused = proved(&world, &approve, &two, &old).await.is(412).text;
    assert!(refused.contains("It was changed meanwhile"), "{refused}");
    let done = proved(&world, &approve, &two, &fields).await.is(303);
    assert_eq!(done.header("location"), path);
    assert!(done.header("set-cookie").contains("done-approved"));
    let after = read(&world, &path, &two, "en").await.is(200).text;
    assert!(after.contains("<strong>you</strong>, Admin agent"), "{after}");
    let read_by_one = read(&world, &path, &one, "sv").await.is(200).text;
    assert!(read_by_one.contains("<strong>Åsa Ek</strong>"), "{read_by_one}");
    assert!(after.contains("Under way") && after.contains("with a fresh second factor") && after.contains("Ordered"));
}

#[tokio::test]
async fn a_rejected_action_keeps_why_and_offers_nothing_more() {
    let world = World::mined().await;
    let (one, two) = (world.person(&[Role::AdminAgent]).await, world.person(&[Role::AdminAgent]).await);
    let (path, _) = proposed(&world, &one).await;
    let page = read(&world, &path, &two, "en").await.is(200);
    let (token, state) = (csrf(&page), state_of(&page));
    let long = "x".repeat(5_000);
    let typed = [("csrf", token.as_str()), ("state", state.as_str()), ("note", long.as_str())];
    let again = send(&world, &format!("{path}/reject"), &two, &typed).await.is(422).text;
    assert!(again.contains(&long), "what was typed stays");
    let typed = [("csrf", token.as_str()), ("state", state.as_str()), ("note", "Their own test")];
    send(&world, &format!("{path}/reject"), &two, &typed).await.is(303);
    let after = read(&world, &path, &two, "sv").await.is(200).text;
    assert!(after.contains("Avslagen") && after.contains("Inget mer ska göras"), "{after}");
    let late = send(&world, &format!("{path}/reject"), &two, &typed).await;
    assert!(late.status == 409 || late.status == 303, "{}", late.text);
    let timeline = format!("/customers/{}?part=actions", world.customer);
    assert!(read(&world, &timeline, &two, "en").await.is(200).text.contains("“Their own test”"));
}

#[tokio::test]
async fn who_may_not_sees_the_button_and_who_may() {
    let world = World::mined().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let auditor = world.person(&[Role::Auditor]).await;
    let (path, _) = proposed(&world, &agent).await;
    let page = read(&world, &path, &auditor, "en").await.is(200).text;
    assert!(page.contains("class=\"danger\" disabled") && page.contains("class=\"primary\" disabled"), "{page}");
    assert!(page.contains("One of these roles may: Global administrator, Admin agent, Billing administrator."));
    assert!(!page.contains(CANARY));
    let token = csrf(&read(&world, &path, &auditor, "en").await);
    send(&world, &format!("{path}/stop"), &auditor, &[("csrf", token.as_str())]).await.is(403);
}

#[tokio::test]
async fn an_action_is_stopped_and_what_was_done_alone_is_reviewed_by_another() {
    let world = World::mined().await;
    let (one, two) = (world.person(&[Role::AdminAgent]).await, world.person(&[Role::AdminAgent]).await);
    let (path, _) = proposed(&world, &one).await;
    let page = read(&world, &path, &one, "en").await.is(200);
    let (token, state) = (csrf(&page), state_of(&page));
    let fields = [("csrf", token.as_str()), ("state", state.as_str())];
    send(&world, &format!("{path}/stop"), &one, &fields).await.is(303);
    let page = read(&world, &path, &one, "sv").await.is(200);
    assert!(page.text.contains("Stoppad") && page.text.contains("Ångra"));
    let nothing = [("csrf", token.as_str()), ("class", "normal"), ("note", "Vi hade fel")];
    let refused = send(&world, &format!("{path}/revert"), &one, &nothing).await.is(422).text;
    assert!(refused.contains("Nothing is left to stop.") && refused.contains("Vi hade fel"), "{refused}");

    let (case, _) = world.case().await;
    let body = serde_json::json!({"playbook": "mining-takeover", "class": "emergency"});
    let shown = world.post(&format!("{case}:propose")).by(&one).json(&body).send().await.is(201);
    let path = shown.header("location").replace("/api/v1", "");
    let parameters = shown.json()["parameters"].as_str().unwrap().to_owned();
    let page = read(&world, &path, &two, "en").await.is(200);
    let (token, state) = (csrf(&page), state_of(&page));
    let fields = [("csrf", token.as_str()), ("state", state.as_str()), ("parameters", parameters.as_str())];
    proved(&world, &format!("{path}/approve"), &two, &fields).await.is(303);
    if read(&world, &path, &two, "en").await.text.contains("Waits for approval") {
        let three = world.person(&[Role::AdminAgent]).await;
        let page = read(&world, &path, &three, "en").await.is(200);
        let (token, state) = (csrf(&page), state_of(&page));
        let fields = [("csrf", token.as_str()), ("state", state.as_str()), ("parameters", parameters.as_str())];
        proved(&world, &format!("{path}/approve"), &three, &fields).await.is(303);
    }
    let global = world.person(&[Role::GlobalAdministrator]).await;
    let page = read(&world, &path, &global, "en").await.is(200);
    assert!(page.text.contains("has to review it before") && page.text.contains("Mark as reviewed"), "{}", page.text);
    let (token, state) = (csrf(&page), state_of(&page));
    let fields = [("csrf", token.as_str()), ("state", state.as_str())];
    send(&world, &format!("{path}/review"), &global, &fields).await.is(303);
    assert!(!read(&world, &path, &global, "en").await.text.contains("Mark as reviewed"));
}

#[tokio::test]
async fn the_page_of_an_emergency_says_who_is_woken_and_lets_another_take_it_on() {
    let world = World::mined().await;
    let (one, two) = (world.person(&[Role::AdminAgent]).await, world.person(&[Role::AdminAgent]).await);
    let (case, _) = world.case().await;
    let body = serde_json::json!({"playbook": "mining-takeover", "class": "emergency"});
    let proposed = world.post(&format!("{case}:propose")).by(&one).json(&body).send().await.is(201).json();
    let path = format!("/actions/{}", proposed["id"].as_str().unwrap());
    for (language, nobody, button) in [
        ("en", "the policy names nobody else on call", "I have it"),
        ("sv", "policyn nämner ingen annan i jour", "Jag tar det"),
    ] {
        let page = read(&world, &path, &two, language).await.is(200).text;
        assert!(page.contains(nobody) && page.contains(button), "{page}");
    }
    let page = read(&world, &path, &two, "en").await;
    let fields = [("csrf", csrf(&page)), ("state", state_of(&page))];
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    send(&world, &format!("{path}/acknowledge"), &two, &fields).await.is(303);
    let taken = read(&world, &path, &one, "sv").await.is(200).text;
    assert!(taken.contains("Tagen av") && !taken.contains("Jag tar det"), "{taken}");
}
