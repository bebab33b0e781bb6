//! The table of routes, walked: no route without an access, and every role gets exactly the table's answer.

use crate::world::{Person, World};
use domain::permission::{Role, Scope};
use http::Method;
use std::collections::BTreeSet;
use web::{Access, Listed, table};

/// An address of a route with ids that name nothing.
fn address(route: &Listed) -> String {
    let mut path = String::new();
    let mut rest = route.path.as_str();
    while let Some((before, after)) = rest.split_once('{') {
        path.push_str(before);
        path.push_str(if before.ends_with("/policies/") { NO_HASH } else { NO_ID });
        rest = after.split_once('}').unwrap().1;
    }
    path.push_str(rest);
    path
}

/// What nobody needs to have signed in for: probes, the description, what pages load, and the doors themselves.
fn public_ones() -> Vec<&'static str> {
    let doors = ["/api/v1/sign-in", "/api/v1/enrolment:look", "/api/v1/enrolment"];
    let demo = "/demo/sign-in/{role}";
    let pages =
        ["/sign-in", "/sign-in", demo, "/welcome/{link}", "/welcome/{link}", "/sign-in/entra", "/sign-in/entra/return"];
    [&["/livez", "/readyz", "/api/v1/openapi.json"][..], &doors, &pages, &["/assets/{hash}/{name}"]].concat()
}

const NO_ID: &str = "00000000-0000-4000-8000-000000000000";
const NO_HASH: &str = "0000000000000000000000000000000000000000000000000000000000000000";

async fn asked(world: &World, route: &Listed, by: Option<&Person>) -> crate::world::Answer {
    let mut ask = world.ask(route.method.clone(), &address(route));
    if let Some(person) = by {
        ask = ask.by(person);
    }
    if route.method == Method::POST || route.method == Method::PATCH {
        ask = ask.json(&serde_json::json!({}));
    }
    ask.send().await
}

#[tokio::test]
async fn nobody_gets_through_without_a_token_except_where_the_table_says_so() {
    let world = World::quiet().await;
    let mut public = Vec::new();
    for route in table() {
        let answer = asked(&world, &route, None).await;
        match route.access {
            Access::Public => public.push(route.path),
            Access::Needs(_) => {
                let problem = answer.problem(401, "unauthenticated");
                assert_eq!(problem["instance"], address(&route).as_str());
            }
        }
    }
    assert_eq!(public, public_ones());
}

#[tokio::test]
async fn every_role_gets_exactly_the_tables_answer() {
    let world = World::quiet().await;
    let mut refused = 0;
    for role in Role::ALL {
        let person = world.person(&[role]).await;
        for route in table() {
            let Access::Needs(needs) = route.access else { continue };
            let answer = asked(&world, &route, Some(&person)).await;
            let may = needs.roles().contains(&role);
            let name = format!("{} {} as {}", route.method, route.path, role.word());
            assert_ne!(answer.status, 401, "{name}");
            assert!(answer.status.as_u16() < 500 || answer.status == 503, "{name}: {}", answer.text);
            if may && answer.header("x-error-code") != "reauthenticationNeeded" {
                assert_ne!(answer.status, 403, "{name}: {}", answer.text);
            } else if !may {
                let problem = answer.problem(403, "roleMissing");
                let words: Vec<_> = needs.roles().into_iter().map(Role::word).collect();
                assert_eq!(problem["roles"], serde_json::json!(words), "{name}");
                refused += 1;
            }
        }
    }
    assert!(refused > 50, "only {refused} refusals were seen");
}

#[tokio::test]
async fn an_auditor_with_another_role_still_changes_nothing() {
    let world = World::quiet().await;
    let person = world.person(&[Role::Auditor, Role::GlobalAdministrator]).await;
    for route in table().into_iter().filter(|route| route.method != Method::GET) {
        let answer = asked(&world, &route, Some(&person)).await;
        let reads = [
            "/api/v1/me/reauthentication",
            "/api/v1/audit:check",
            "/audit/check",
            "/api/v1/policies:check",
            "/api/v1/policies:what-if",
            "/api/v1/policies:replay",
            "/policies/draft",
            "/policies/try",
            "/policies/replay",
            "/preferences",
        ];
        // What is about the caller alone, every role may.
        let is_own = ["/api/v1/me/", "/api/v1/sign-out", "/sign-out", "/profile", "/prove", "/api/v1/views", "/views"]
            .iter()
            .any(|own| route.path.starts_with(own));
        if route.access == Access::Public || (is_own && answer.header("x-error-code") == "reauthenticationNeeded") {
            continue;
        }
        if is_own || reads.contains(&route.path.as_str()) {
            assert_ne!(answer.status, 403, "{}", route.path);
        } else {
            answer.problem(403, "roleMissing");
        }
    }
}

#[tokio::test]
async fn what_concerns_the_whole_partner_needs_someone_who_sees_every_customer() {
    let world = World::quiet().await;
    for role in Role::ALL {
        let person = world.of_reseller(role, world.reseller).await;
        for route in table() {
            let Access::Needs(needs) = route.access else { continue };
            if needs.roles().contains(&role) && needs.whole_partner {
                asked(&world, &route, Some(&person)).await.problem(403, "scopeTooNarrow");
            }
        }
    }
}

#[tokio::test]
async fn a_foreign_id_and_an_unknown_one_are_answered_alike() {
    let world = World::mined().await;
    let (case, answer) = world.case().await;
    let signal = answer.json()["signalList"][0]["id"].as_str().unwrap().to_owned();
    let foreign = world.of_reseller(Role::AdminAgent, world.other_reseller).await;
    let agent = world.of_reseller(Role::AdminAgent, world.reseller).await;
    let (path, proposed) = world.propose(&agent).await;
    let action = proposed.json()["id"].as_str().unwrap().to_owned();
    world.get(&path).by(&agent).send().await.is(200);
    let case = case.rsplit('/').next().unwrap();
    let customer = world.customer.to_string();
    for (path, id) in [
        ("customers/{}", customer.as_str()),
        ("customers/{}/timeline", customer.as_str()),
        ("customers/{}/subscriptions", customer.as_str()),
        ("customers/{}/contacts", customer.as_str()),
        ("customers/{}/calls", customer.as_str()),
        ("signals/{}", signal.as_str()),
        ("alerts/{}", "alert-1"),
        ("cases/{}", case),
        ("actions/{}", action.as_str()),
    ] {
        let shown = |id: &str| format!("/api/v1/{}", path.replace("{}", id));
        let of_foreign = world.get(&shown(id)).by(&foreign).send().await.problem(404, "notFound");
        let of_unknown = world.get(&shown(NO_ID)).by(&foreign).send().await.problem(404, "notFound");
        for field in ["type", "title", "detail", "code", "status"] {
            assert_eq!(of_foreign[field], of_unknown[field], "{path}");
        }
    }
}

#[tokio::test]
async fn lists_show_only_what_the_caller_sees() {
    let world = World::mined().await;
    let own = world.of_reseller(Role::AdminAgent, world.reseller).await;
    let foreign = world.of_reseller(Role::AdminAgent, world.other_reseller).await;
    let nobody = Scope::Only { resellers: BTreeSet::new(), customers: BTreeSet::new() };
    let blind = world.person_seeing(&[Role::AdminAgent], nobody).await;
    for (list, of_own, of_foreign) in
        [("customers", 1, 1), ("signals", 1, 0), ("alerts", 1, 0), ("cases", 1, 0), ("actions", 0, 0)]
    {
        let path = format!("/api/v1/{list}");
        for (person, count) in [(&own, of_own), (&foreign, of_foreign), (&blind, 0)] {
            let page = world.get(&path).by(person).send().await.is(200).json();
            assert_eq!(page["value"].as_array().unwrap().len(), count, "{list}");
            let text = page.to_string();
            let is_own = person.account == own.account;
            assert!(is_own || !text.contains(&world.customer.to_string()), "{list}");
        }
    }
    let filter = format!("/api/v1/cases?filter=customer:{}", world.customer);
    let page = world.get(&filter).by(&foreign).send().await.is(200).json();
    assert_eq!(page["value"].as_array().unwrap().len(), 0, "a filter does not reach beyond the scope");
}
