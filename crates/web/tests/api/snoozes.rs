//! Snoozes: what leaves the queue, comes back, and never left; by the interface and by the pages.

use crate::pages::{csrf, read, send};
use crate::world::{CANARY, MINING_RULE, Person, World};
use domain::ids::AccountKind;
use domain::permission::Role;
use serde_json::{Value, json};

const DAY_MINUTES: i64 = 24 * 60;

async fn ids(world: &World, path: &str, by: &Person) -> Vec<String> {
    let list = world.get(path).by(by).send().await.is(200).json();
    list["value"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

/// One case of medium money that only our own rule found.
async fn found() -> (World, Person, String) {
    let world = World::quiet().await;
    world.find(world.customer, MINING_RULE, 41_200).await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let case = ids(&world, "/api/v1/cases?filter=status:open", &agent).await.remove(0);
    (world, agent, case)
}

fn week() -> Value {
    json!({"days": 7, "reason": "the customer announced this batch"})
}

#[tokio::test]
async fn a_snoozed_case_leaves_the_queue_and_comes_back_by_itself() {
    let (world, agent, case) = found().await;
    let path = format!("/api/v1/cases/{case}:snooze");
    let snoozed = world.post(&path).by(&agent).json(&week()).send().await.is(200).json();
    assert_eq!((&snoozed["status"], &snoozed["snoozed"]["until"]), (&json!("snoozed"), &json!("2026-11-29T03:00:00Z")));
    assert!(ids(&world, "/api/v1/cases?filter=status:open", &agent).await.is_empty());
    assert_eq!(ids(&world, "/api/v1/cases?filter=status:snoozed", &agent).await, [case.as_str()]);
    let today = read(&world, "/", &agent, "sv").await.is(200).text;
    assert!(today.contains("1 ärende väntar till senare") && !today.contains(&format!("case-{case}")), "{today}");
    let list = world.get("/api/v1/snoozes").by(&agent).send().await.is(200).json();
    assert_eq!(list["value"][0]["reason"]["value"], "the customer announced this batch");
    assert_eq!(list["value"][0]["by"], format!("user:{}", agent.account));

    world.wait(7 * DAY_MINUTES);
    world.desk.catch_up(world.customer, AccountKind::Customer).await.unwrap();
    assert_eq!(ids(&world, "/api/v1/cases?filter=status:open", &agent).await, [case.as_str()]);
    assert!(ids(&world, "/api/v1/snoozes", &agent).await.is_empty());
    assert_eq!(ids(&world, "/api/v1/snoozes?filter=status:over", &agent).await.len(), 1);
    let timeline = format!("/api/v1/customers/{}/timeline", world.customer);
    let facts = world.get(&timeline).by(&agent).send().await.is(200).text;
    for kind in ["rule.snoozed", "snooze.ended", "snooze_over"] {
        assert!(facts.contains(kind), "{kind}");
    }
    let page = read(&world, &format!("/customers/{}", world.customer), &agent, "sv").await.is(200).text;
    assert!(page.contains("En väntan är slut") && page.contains("som en person gav den är slut"), "{page}");
}

#[tokio::test]
async fn what_microsoft_waits_for_is_never_hidden_and_the_page_says_so() {
    let (world, agent, case) = found().await;
    world.post(&format!("/api/v1/cases/{case}:snooze")).by(&agent).json(&week()).send().await.is(200);
    world.alert("alert-1").await;
    let shown = world.get(&format!("/api/v1/cases/{case}")).by(&agent).send().await.is(200).json();
    assert_eq!(shown["status"], "open");
    // Our own signal and Microsoft's alert together are critical, which is told first.
    assert_eq!(shown["snoozed"]["stillShown"], "critical");
    assert_eq!(ids(&world, "/api/v1/cases?filter=status:open", &agent).await, [case.as_str()]);
    for (language, text) in [("en", "It stays in the queue because it is critical"), ("sv", "eftersom det är kritiskt")]
    {
        let page = read(&world, &format!("/cases/{case}"), &agent, language).await.is(200).text;
        assert!(page.contains(text), "{page}");
    }
}

#[tokio::test]
async fn a_snooze_needs_an_end_a_reason_and_a_rule() {
    let (world, agent, case) = found().await;
    let path = format!("/api/v1/cases/{case}:snooze");
    for body in [
        json!({"reason": "x"}),
        json!({"days": 0, "reason": "x"}),
        json!({"days": 31, "reason": "x"}),
        json!({"days": 1, "until": "2026-11-23T03:00:00Z", "reason": "x"}),
        json!({"until": "2026-11-22T02:00:00Z", "reason": "x"}),
        json!({"until": "2027-01-22T02:00:00Z", "reason": "x"}),
        json!({"days": 1, "reason": " "}),
    ] {
        world.post(&path).by(&agent).json(&body).send().await.problem(422, "badBody");
    }
    let other = json!({"days": 1, "reason": "x", "rules": ["no-rule-of-the-case"]});
    world.post(&path).by(&agent).json(&other).send().await.problem(409, "nothingToSnooze");
    let billing = world.person(&[Role::BillingAdministrator]).await;
    world.post(&path).by(&billing).json(&week()).send().await.problem(403, "roleMissing");
}

#[tokio::test]
async fn a_foreign_customers_snooze_is_unknown() {
    let (world, agent, case) = found().await;
    world.post(&format!("/api/v1/cases/{case}:snooze")).by(&agent).json(&week()).send().await.is(200);
    let snooze = ids(&world, "/api/v1/snoozes", &agent).await.remove(0);
    let foreign = world.of_reseller(Role::AdminAgent, world.other_reseller).await;
    assert!(ids(&world, "/api/v1/snoozes", &foreign).await.is_empty());
    let page = read(&world, "/snoozes", &foreign, "en").await.is(200).text;
    assert!(!page.contains(&snooze) && page.contains("Nothing is snoozed"));
    world.post(&format!("/api/v1/snoozes/{snooze}:end")).by(&foreign).send().await.problem(404, "notFound");
    world
        .post(&format!("/api/v1/cases/{case}:snooze"))
        .by(&foreign)
        .json(&week())
        .send()
        .await
        .problem(404, "notFound");
    // Who may not read personal data does not read the reason either.
    let billing = world.person(&[Role::BillingAdministrator]).await;
    let told = world.get("/api/v1/snoozes").by(&billing).send().await.is(200).text;
    assert!(!told.contains("announced") && told.contains("closed") && !told.contains(CANARY), "{told}");
}

#[tokio::test]
async fn a_person_snoozes_on_the_page_of_a_case_and_ends_it_there() {
    let (world, agent, case) = found().await;
    let address = format!("/cases/{case}");
    let page = read(&world, &address, &agent, "sv").await.is(200);
    assert!(page.text.contains("Låt de här reglerna vänta") && page.text.contains("7 dagar"), "{}", page.text);
    let token = csrf(&page);
    let form = format!("{address}/snooze");
    let empty = [("csrf", token.as_str()), ("rule", MINING_RULE), ("days", "7"), ("snooze-reason", "")];
    let again = send(&world, &form, &agent, &empty).await.is(422).text;
    assert!(again.contains("id=\"snooze-reason-error\""), "{again}");
    let fields = [("csrf", token.as_str()), ("rule", MINING_RULE), ("days", "7"), ("snooze-reason", "känt batchjobb")];
    let done = send(&world, &form, &agent, &fields).await.is(303);
    assert_eq!(done.header("location"), address);
    let shown = read(&world, &address, &agent, "sv").await.is(200).text;
    assert!(shown.contains("Väntar till") && shown.contains("känt batchjobb"), "{shown}");
    let list = read(&world, "/snoozes", &agent, "en").await.is(200);
    assert!(list.text.contains("GPU machine written") && list.text.contains("känt batchjobb"), "{}", list.text);
    let snooze = ids(&world, "/api/v1/snoozes", &agent).await.remove(0);
    let end = [("csrf", token.as_str()), ("back", "/snoozes")];
    send(&world, &format!("/snoozes/{snooze}/end"), &agent, &end).await.is(303);
    send(&world, &format!("/snoozes/{snooze}/end"), &agent, &end).await.is(409);
    assert_eq!(ids(&world, "/api/v1/cases?filter=status:open", &agent).await, [case.as_str()]);
}

#[tokio::test]
async fn many_are_snoozed_at_once_and_those_that_can_not_be_are_named_with_the_reason() {
    let (world, agent, case) = found().await;
    world.find(world.other_customer, MINING_RULE, 900_000_000).await;
    let cases = ids(&world, "/api/v1/cases?filter=status:open", &agent).await;
    assert_eq!(cases.len(), 2);
    let page = read(&world, "/cases", &agent, "en").await.is(200);
    let token = csrf(&page);
    let both = [("csrf", token.as_str()), ("verb", "snooze"), ("case", &cases[0]), ("case", &cases[1])];
    let review = send(&world, "/cases/many", &agent, &both).await.is(200).text;
    assert!(review.contains("1 of 2 can be done.") && review.contains("is critical"), "{review}");
    let sure = [both.as_slice(), &[("sure", "yes"), ("days", "1"), ("snooze-reason", "")]].concat();
    send(&world, "/cases/many", &agent, &sure).await.is(422);
    let sure = [both.as_slice(), &[("sure", "yes"), ("days", "1"), ("snooze-reason", "known")]].concat();
    let done = send(&world, "/cases/many", &agent, &sure).await.is(303);
    assert!(done.header("set-cookie").contains("done-many-snoozed+1"), "{}", done.header("set-cookie"));
    assert_eq!(ids(&world, "/api/v1/cases?filter=status:snoozed", &agent).await, [case]);
}

#[tokio::test]
async fn the_next_case_is_the_gravest_that_nobody_has_taken() {
    let (world, agent, case) = found().await;
    let page = read(&world, "/cases/next", &agent, "en").await.is(303);
    assert_eq!(page.header("location"), format!("/cases/{case}"));
    assert_eq!(ids(&world, "/api/v1/cases?filter=owner:nobody", &agent).await, [case.as_str()]);
    let path = format!("/api/v1/cases/{case}:claim");
    world.post(&path).by(&agent).based_on("*").json(&json!({})).send().await.is(200);
    assert!(ids(&world, "/api/v1/cases?filter=owner:nobody", &agent).await.is_empty());
    let page = read(&world, "/cases/next", &agent, "en").await.is(303);
    assert_eq!(page.header("location"), "/cases");
}
