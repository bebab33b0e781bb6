//! Actions: four eyes, bound to what was shown, in time; and alone only with identity proved anew.

use crate::world::{Answer, Person, World};
use domain::permission::Role;
use serde_json::json;

async fn approve(world: &World, path: &str, by: &Person, etag: &str, parameters: &str) -> Answer {
    let (body, proof) = (json!({"parameters": parameters}), world.proof(by).await);
    world.post(&format!("{path}:approve")).by(by).based_on(etag).proved(&proof).json(&body).send().await
}

async fn approve_unproved(world: &World, path: &str, by: &Person, etag: &str, parameters: &str) -> Answer {
    let body = json!({"parameters": parameters});
    world.post(&format!("{path}:approve")).by(by).based_on(etag).json(&body).send().await
}

fn parameters(answer: &Answer) -> String {
    answer.json()["parameters"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn another_person_approves_what_was_shown_and_it_is_released() {
    let world = World::mined().await;
    let (one, two) = (world.person(&[Role::AdminAgent]).await, world.person(&[Role::AdminAgent]).await);
    let (path, shown) = world.propose(&one).await;
    approve(&world, &path, &one, &shown.etag(), &parameters(&shown)).await.problem(403, "proposerCannotApprove");
    let body = json!({"parameters": parameters(&shown)});
    world.post(&format!("{path}:approve")).by(&two).json(&body).send().await.problem(428, "ifMatchMissing");
    approve(&world, &path, &two, "\"v1\"", &parameters(&shown)).await.problem(412, "stale");
    approve(&world, &path, &two, &shown.etag(), &"0".repeat(64)).await.problem(409, "otherParameters");
    let unproved = approve_unproved(&world, &path, &two, &shown.etag(), &parameters(&shown)).await;
    unproved.problem(403, "reauthenticationNeeded");
    let approved = approve(&world, &path, &two, &shown.etag(), &parameters(&shown)).await.is(200).json();
    assert_eq!(approved["approvals"][0]["approver"], two.account.to_string());
    assert_eq!(approved["approvals"][0]["approverName"], json!({"state": "open", "value": "Åsa Ek"}));
    assert_eq!(approved["proposer"], one.account.to_string());
    assert_eq!(approved["proposerName"]["value"], "Åsa Ek");
    assert_eq!(approved["approvals"][0]["reauthenticated"], true);
    assert_eq!(approved["status"], "released");
    assert_eq!(approved["steps"][0]["state"], "ordered");
}

#[tokio::test]
async fn a_large_action_needs_a_global_administrator_and_an_agent() {
    let world = World::quiet().await;
    world.find(world.customer, crate::world::MINING_RULE, 90_000_000).await;
    let (one, two) = (world.person(&[Role::AdminAgent]).await, world.person(&[Role::AdminAgent]).await);
    let global = world.person(&[Role::GlobalAdministrator]).await;
    let (path, shown) = world.propose(&one).await;
    assert_eq!(shown.json()["roles"], json!(["global_administrator", "admin_agent"]));
    let first = approve(&world, &path, &two, &shown.etag(), &parameters(&shown)).await.is(200);
    assert_eq!(first.json()["status"], "proposed");
    approve(&world, &path, &two, &first.etag(), &parameters(&shown)).await.problem(409, "alreadyApproved");
    let second = approve(&world, &path, &global, &first.etag(), &parameters(&shown)).await.is(200);
    assert_eq!(second.json()["status"], "released");
}

#[tokio::test]
async fn an_expired_proposal_can_not_be_approved() {
    let world = World::mined().await;
    let (one, two) = (world.person(&[Role::AdminAgent]).await, world.person(&[Role::AdminAgent]).await);
    let (path, shown) = world.propose(&one).await;
    world.wait(60 * 24 * 7);
    let answer = approve(&world, &path, &two, &shown.etag(), &parameters(&shown)).await;
    assert_eq!(answer.status, 409);
    assert_eq!(world.get(&path).by(&two).send().await.json()["status"], "expired", "{}", answer.text);
}

#[tokio::test]
async fn a_rejected_action_is_over() {
    let world = World::mined().await;
    let (one, two) = (world.person(&[Role::AdminAgent]).await, world.person(&[Role::AdminAgent]).await);
    let (path, shown) = world.propose(&one).await;
    let reject = json!({"note": "It is their own test"});
    let rejected =
        world.post(&format!("{path}:reject")).by(&two).based_on(&shown.etag()).json(&reject).send().await.is(200);
    assert_eq!(rejected.json()["status"], "rejected");
    approve(&world, &path, &two, &rejected.etag(), &parameters(&shown)).await.problem(409, "notInThisState");
    let again = world.post(&format!("{path}:reject")).by(&two).based_on("*").json(&json!({})).send().await;
    again.problem(409, "notInThisState");
}

#[tokio::test]
async fn a_released_action_is_stopped_and_then_reverted_by_proposal() {
    let world = World::mined().await;
    let (one, two) = (world.person(&[Role::AdminAgent]).await, world.person(&[Role::AdminAgent]).await);
    let (path, shown) = world.propose(&one).await;
    let revert = json!({"class": "normal"});
    world.post(&format!("{path}:revert")).by(&one).json(&revert).send().await.problem(409, "notInThisState");
    let approved = approve(&world, &path, &two, &shown.etag(), &parameters(&shown)).await.is(200);
    let stopped = world.post(&format!("{path}:stop")).by(&one).based_on(&approved.etag()).send().await.is(200);
    assert_eq!(stopped.json()["status"], "stopped");
    // Nobody knows yet whether the first step was sent: what there is to undo is known once it was looked at.
    let early =
        world.post(&format!("{path}:revert")).by(&one).json(&revert).send().await.problem(409, "notInThisState");
    assert!(early["detail"].as_str().unwrap().contains("not yet read back"), "{early}");
    let offered = |shown: &Answer| shown.json()["acts"].as_array().unwrap().iter().any(|act| act["verb"] == "revert");
    assert!(!offered(&world.get(&path).by(&one).send().await.is(200)));
}

/// A stop lets the loss go on: another's action is stopped by who works with cases.
#[tokio::test]
async fn who_proposed_stops_it_and_who_works_with_cases_and_nobody_else() {
    let world = World::mined().await;
    let (agent, billing) = (world.person(&[Role::AdminAgent]).await, world.person(&[Role::BillingAdministrator]).await);
    let stop = async |path: &str, by: &Person| world.post(&format!("{path}:stop")).by(by).based_on("*").send().await;
    let (path, _) = world.propose(&agent).await;
    let acts = world.get(&path).by(&billing).send().await.is(200).json()["acts"].clone();
    let act = acts.as_array().unwrap().iter().find(|act| act["verb"] == "stop").unwrap();
    assert_eq!(act["allowed"], false, "{act}");
    let refused = stop(&path, &billing).await.problem(403, "roleMissing");
    assert_eq!(refused["roles"], act["roles"]);
    stop(&path, &agent).await.is(200);
    let (path, _) = world.propose(&billing).await;
    stop(&path, &billing).await.is(200);
    let (path, _) = world.propose(&billing).await;
    assert_eq!(stop(&path, &agent).await.is(200).json()["status"], "stopped");
}

#[tokio::test]
async fn alone_an_emergency_needs_identity_proved_anew_once() {
    let world = World::mined().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let (case, _) = world.case().await;
    let body = json!({"playbook": "mining-takeover", "class": "emergency"});
    let shown = world.post(&format!("{case}:propose")).by(&agent).json(&body).send().await.is(201);
    let path = shown.header("location").to_owned();
    let unproved = approve_unproved(&world, &path, &agent, &shown.etag(), &parameters(&shown)).await;
    unproved.problem(403, "reauthenticationNeeded");

    let anew = "/api/v1/me/reauthentication";
    let other = world.person(&[Role::AdminAgent]).await;
    let secret = json!({"secret": agent.secret});
    world.post(anew).by(&agent).json(&secret).send().await.problem(422, "badBody");
    for code in ["wrong", agent.secret.as_str(), &world.code(&other)] {
        world.post(anew).by(&agent).json(&json!({"code": code})).send().await.problem(422, "wrongCode");
    }
    let token = async |person: &Person| world.proof(person).await;
    let with = async |token: &str, etag: &str| {
        let body = json!({"parameters": parameters(&shown)});
        let ask = world.post(&format!("{path}:approve")).by(&agent).based_on(etag).json(&body);
        ask.header("borgen-reauthentication", token).send().await
    };
    let foreign = token(&other).await;
    with(&foreign, &shown.etag()).await.problem(403, "reauthenticationNeeded");
    let late = token(&agent).await;
    world.wait(5);
    with(&late, &shown.etag()).await.problem(403, "reauthenticationNeeded");
    let mut forged = token(&agent).await;
    let last = forged.pop().unwrap();
    forged.push(if last == 'A' { 'E' } else { 'A' });
    with(&forged, &shown.etag()).await.problem(403, "reauthenticationNeeded");

    let good = token(&agent).await;
    let approved = with(&good, &shown.etag()).await.is(200);
    assert_eq!(approved.json()["approvals"][0]["reauthenticated"], true);
    assert_eq!(approved.json()["status"], "proposed", "the page has to go unanswered first");
    with(&good, &approved.etag()).await.problem(403, "reauthenticationNeeded");
}

#[tokio::test]
async fn what_was_released_alone_is_reviewed_by_another_global_administrator() {
    let world = World::mined().await;
    let (one, two) = (world.person(&[Role::AdminAgent]).await, world.person(&[Role::AdminAgent]).await);
    let global = world.person(&[Role::GlobalAdministrator]).await;
    let (case, _) = world.case().await;
    let body = json!({"playbook": "mining-takeover", "class": "emergency"});
    let shown = world.post(&format!("{case}:propose")).by(&one).json(&body).send().await.is(201);
    let path = shown.header("location").to_owned();
    let mut approved = approve(&world, &path, &two, &shown.etag(), &parameters(&shown)).await.is(200);
    if approved.json()["status"] == "proposed" {
        let three = world.person(&[Role::AdminAgent]).await;
        approved = approve(&world, &path, &three, &approved.etag(), &parameters(&shown)).await.is(200);
    }
    assert!(approved.json()["reviewBy"].is_string(), "{}", approved.text);
    let review = format!("{path}:review");
    let problem = world.post(&review).by(&two).based_on(&approved.etag()).send().await.problem(403, "roleMissing");
    assert_eq!(problem["roles"], json!(["global_administrator"]));
    let reviewed = world.post(&review).by(&global).based_on(&approved.etag()).send().await.is(200);
    assert!(reviewed.json()["reviewBy"].is_null());
    world.post(&review).by(&global).based_on("*").send().await.problem(409, "notInThisState");
}

#[tokio::test]
async fn an_action_says_who_may_do_what_with_it() {
    let world = World::mined().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let auditor = world.person(&[Role::Auditor]).await;
    let (path, _) = world.propose(&agent).await;
    let act = |answer: &Answer, verb: &str| {
        let acts = answer.json()["acts"].as_array().unwrap().clone();
        acts.into_iter().find(|act| act["verb"] == verb).unwrap()
    };
    let own = world.get(&path).by(&agent).send().await.is(200);
    assert_eq!(act(&own, "approve")["allowed"], false, "the proposer does not approve");
    assert_eq!(act(&own, "stop")["allowed"], true);
    let read = world.get(&path).by(&auditor).send().await.is(200);
    assert_eq!(act(&read, "stop")["allowed"], false);
    assert_eq!(act(&read, "stop")["roles"], json!(["global_administrator", "admin_agent"]), "or who proposed it");
}

/// An emergency that nobody on call could be paged about, as the shipped policy has it.
async fn emergency(world: &World, by: &Person) -> (String, Answer) {
    let (case, _) = world.case().await;
    let body = json!({"playbook": "mining-takeover", "class": "emergency"});
    let proposed = world.post(&format!("{case}:propose")).by(by).json(&body).send().await.is(201).json();
    let path = format!("/api/v1/actions/{}", proposed["id"].as_str().unwrap());
    let shown = world.get(&path).by(by).send().await.is(200);
    (path, shown)
}

#[tokio::test]
async fn whoever_takes_an_emergency_on_keeps_its_proposer_from_acting_alone() {
    let world = World::mined().await;
    let (one, two) = (world.person(&[Role::AdminAgent]).await, world.person(&[Role::AdminAgent]).await);
    let auditor = world.person(&[Role::Auditor]).await;
    let (path, shown) = emergency(&world, &one).await;
    assert_eq!(shown.json()["page"]["rule"], "nobody_to_page", "the proposal says that nobody is woken");
    let take = |by| world.post(&format!("{path}:acknowledge")).by(by);
    take(&one).based_on(&shown.etag()).send().await.problem(403, "proposerCannotApprove");
    take(&auditor).based_on(&shown.etag()).send().await.problem(403, "roleMissing");
    take(&two).send().await.problem(428, "ifMatchMissing");
    let taken = take(&two).based_on(&shown.etag()).send().await.is(200);
    assert_eq!(taken.json()["page"]["takenOnBy"], two.account.to_string());
    assert_eq!(taken.json()["page"]["takenOnByName"]["value"], "Åsa Ek");
    take(&two).based_on(&taken.etag()).send().await.problem(409, "notInThisState");
    let alone = approve(&world, &path, &one, &taken.etag(), &parameters(&shown)).await;
    alone.problem(409, "pageAnswered");
    let approved = approve(&world, &path, &two, &taken.etag(), &parameters(&shown)).await.is(200);
    assert_eq!(approved.json()["status"], "released");
}

#[tokio::test]
async fn an_ordinary_proposal_is_not_to_be_taken_on() {
    let world = World::mined().await;
    let (one, two) = (world.person(&[Role::AdminAgent]).await, world.person(&[Role::AdminAgent]).await);
    let (path, shown) = world.propose(&one).await;
    assert!(shown.json().get("page").is_none());
    let answer = world.post(&format!("{path}:acknowledge")).by(&two).based_on(&shown.etag()).send().await;
    answer.problem(409, "notInThisState");
}
