//! Users: added, changed, given tokens; never by themselves for themselves.

use crate::world::{Person, World};
use domain::permission::Role;
use http::Method;
use serde_json::json;

#[tokio::test]
async fn a_machine_is_added_gets_a_token_and_comes_in() {
    let world = World::quiet().await;
    let admin = world.person(&[Role::UserAdministrator]).await;
    let new = json!({"name": "Exporter", "roles": ["auditor"], "scope": {"resellers": [world.reseller.to_string()]}});
    let added = world.post("/api/v1/users").by(&admin).json(&new).send().await.is(201);
    let path = added.header("location").to_owned();
    assert_eq!(added.json()["name"], json!({"state": "open", "value": "Exporter"}));
    let token = json!({"label": "laptop", "expires": "2026-12-24T00:00:00Z"});
    let tokens = format!("{path}/tokens");
    world.post(&tokens).by(&admin).json(&token).send().await.problem(403, "reauthenticationNeeded");
    let proof = world.proof(&admin).await;
    let issued = world.post(&tokens).by(&admin).proved(&proof).json(&token).send().await.is(201);
    let secret = issued.json()["secret"].as_str().unwrap().to_owned();
    let shown = world.get(&path).by(&admin).send().await.is(200);
    assert!(!shown.text.contains(&secret), "the secret is shown once");
    assert_eq!(shown.json()["tokens"][0]["label"], "laptop");
    let me = world.get("/api/v1/me").header("authorization", &format!("Bearer {secret}")).send().await.is(200).json();
    assert_eq!(me["id"], added.json()["id"]);
    assert_eq!(me["scope"]["resellers"][0], world.reseller.to_string());

    let revoke = format!("{path}/tokens/{}", issued.json()["id"].as_str().unwrap());
    world.ask(Method::DELETE, &revoke).by(&admin).send().await.is(204);
    world.ask(Method::DELETE, &revoke).by(&admin).send().await.problem(404, "notFound");
    let again = world.get("/api/v1/me").header("authorization", &format!("Bearer {secret}")).send().await;
    again.problem(401, "unauthenticated");
}

#[tokio::test]
async fn the_same_request_adds_one_user() {
    let world = World::quiet().await;
    let admin = world.person(&[Role::UserAdministrator]).await;
    let new = json!({"name": "Bo Berg", "roles": ["auditor"], "scope": {"all": true}});
    let add =
        async || world.post("/api/v1/users").by(&admin).key("bo").json(&new).send().await.is(201).json()["id"].clone();
    assert_eq!(add().await, add().await);
    let users = world.get("/api/v1/users").by(&admin).send().await.is(200).json();
    assert_eq!(users["value"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn roles_and_access_change_at_once_and_only_for_others() {
    let world = World::quiet().await;
    let admin = world.person(&[Role::UserAdministrator]).await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let path = |person: &Person| format!("/api/v1/users/{}", person.account);
    let change = async |person: &Person, etag: &str, body: serde_json::Value| {
        world.ask(Method::PATCH, &path(person)).by(&admin).based_on(etag).json(&body).send().await
    };
    let shown = world.get(&path(&agent)).by(&admin).send().await.is(200);
    change(&admin, "*", json!({"roles": ["global_administrator"]})).await.problem(403, "notYourself");
    change(&agent, "\"v9\"", json!({"active": false})).await.problem(412, "stale");
    change(&agent, &shown.etag(), json!({"roles": []})).await.problem(422, "badBody");
    change(&agent, &shown.etag(), json!({"roles": ["auditor", "admin_agent"]})).await.problem(422, "badBody");
    let changed = change(&agent, &shown.etag(), json!({"active": false})).await.is(200).json();
    assert_eq!((&changed["active"], &changed["roles"]), (&json!(false), &json!(["admin_agent"])));
    world.get("/api/v1/me").by(&agent).send().await.problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_persons_token_has_an_end() {
    let world = World::quiet().await;
    let admin = world.person(&[Role::UserAdministrator]).await;
    let path = "/api/v1/me/tokens";
    for expires in [json!(null), json!("2026-11-22T03:00:00Z"), json!("2028-01-01T00:00:00Z")] {
        let body = json!({"label": "x", "expires": expires});
        let proof = world.proof(&admin).await;
        world.post(path).by(&admin).proved(&proof).json(&body).send().await.problem(422, "badBody");
    }
}

#[tokio::test]
async fn nobody_makes_tokens_for_a_person_or_for_who_may_approve() {
    let world = World::quiet().await;
    let admin = world.person(&[Role::UserAdministrator]).await;
    let person = world.person(&[Role::Auditor]).await;
    let approver = json!({"name": "Robot", "roles": ["admin_agent"], "scope": {"all": true}});
    let approver = world.post("/api/v1/users").by(&admin).json(&approver).send().await.is(201);
    let token = json!({"label": "laptop", "expires": "2026-12-24T00:00:00Z"});
    for path in [format!("/api/v1/users/{}", person.account), approver.header("location").to_owned()] {
        let (ask, proof) = (world.post(&format!("{path}/tokens")), world.proof(&admin).await);
        ask.by(&admin).proved(&proof).json(&token).send().await.problem(403, "tokensAreOwn");
    }
    // The person does it itself, and only with a second factor.
    let own = world.post("/api/v1/me/tokens").by(&person).json(&token);
    own.send().await.problem(403, "reauthenticationNeeded");
    let (own, proof) = (world.post("/api/v1/me/tokens"), world.proof(&person).await);
    let issued = own.by(&person).proved(&proof).json(&token).send().await.is(201);
    let bearer = format!("Bearer {}", issued.json()["secret"].as_str().unwrap());
    let me = world.get("/api/v1/me").header("authorization", &bearer).send().await.is(200).json();
    assert_eq!(me["id"], person.account.to_string());
    let revoke = issued.header("location").to_owned();
    world.ask(Method::DELETE, &revoke).by(&admin).send().await.problem(404, "notFound");
    world.ask(Method::DELETE, &revoke).by(&person).send().await.is(204);
    world.get("/api/v1/me").header("authorization", &bearer).send().await.problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_machine_that_becomes_somebody_who_approves_loses_its_tokens() {
    let world = World::quiet().await;
    let admin = world.person(&[Role::UserAdministrator]).await;
    let new = json!({"name": "Exporter", "roles": ["auditor"], "scope": {"all": true}});
    let path = world.post("/api/v1/users").by(&admin).json(&new).send().await.is(201).header("location").to_owned();
    let token = json!({"label": "export", "expires": "2026-12-24T00:00:00Z"});
    let (ask, proof) = (world.post(&format!("{path}/tokens")), world.proof(&admin).await);
    let issued = ask.by(&admin).proved(&proof).json(&token).send().await.is(201);
    let bearer = format!("Bearer {}", issued.json()["secret"].as_str().unwrap());
    world.get("/api/v1/me").header("authorization", &bearer).send().await.is(200);
    let change = json!({"roles": ["admin_agent"]});
    world.ask(Method::PATCH, &path).by(&admin).based_on("*").json(&change).send().await.is(200);
    world.get("/api/v1/me").header("authorization", &bearer).send().await.problem(401, "unauthenticated");
}

#[tokio::test]
async fn an_approver_with_a_limit_approves_no_more_than_that_and_nothing_of_unknown_size() {
    let world = World::mined().await;
    let admin = world.person(&[Role::UserAdministrator]).await;
    let (proposer, global) =
        (world.person(&[Role::AdminAgent]).await, world.person(&[Role::GlobalAdministrator]).await);
    let (action, answer) = world.propose(&proposer).await;
    let parameters = json!({"parameters": answer.json()["parameters"]});
    let path = format!("/api/v1/users/{}", global.account);
    let limit = async |up_to: serde_json::Value| {
        let body = json!({"approvals": {"upTo": up_to}});
        world.ask(Method::PATCH, &path).by(&admin).based_on("*").json(&body).send().await
    };
    for wrong in [
        json!({"amount": "-1.00", "currency": "SEK"}),
        json!({"amount": "1.00", "currency": "kronor"}),
        json!({"amount": "much", "currency": "SEK"}),
    ] {
        limit(wrong).await.problem(422, "badBody");
    }
    let limited = limit(json!({"amount": "10.00", "currency": "SEK"})).await.is(200).json();
    assert_eq!(limited["approvesUpTo"], json!({"amount": "10.00", "currency": "SEK"}));
    assert_eq!(limited["roles"], json!(["global_administrator"]), "what is left out stays");
    let approve = format!("{action}:approve");
    let refused = world.post(&approve).by(&global).based_on("*").json(&parameters).send().await;
    let problem = refused.problem(403, "aboveLimit");
    assert!(problem["detail"].as_str().unwrap().contains("10.00 SEK"), "{problem}");
    let acts = world.get(&action).by(&global).send().await.is(200).json()["acts"].clone();
    let offered = acts.as_array().unwrap().iter().find(|act| act["verb"] == "approve").unwrap();
    assert_eq!(offered["allowed"], false);
    // In another currency it can't be compared, which is as if it were above.
    limit(json!({"amount": "99999999.00", "currency": "EUR"})).await.is(200);
    world.post(&approve).by(&global).based_on("*").json(&parameters).send().await.problem(403, "aboveLimit");
    limit(json!(null)).await.is(200);
    let proof = world.proof(&global).await;
    world.post(&approve).by(&global).based_on("*").proved(&proof).json(&parameters).send().await.is(200);
}

#[tokio::test]
async fn the_limit_of_an_approver_is_set_on_the_page_of_users() {
    let world = World::quiet().await;
    let admin = world.person(&[Role::UserAdministrator]).await;
    let global = world.person(&[Role::GlobalAdministrator]).await;
    let page = crate::pages::read(&world, "/users", &admin, "sv").await.is(200);
    assert!(page.text.contains("Får godkänna upp till"), "{}", page.text);
    let token = crate::pages::csrf(&page);
    let path = format!("/users/{}/change", global.account);
    let fields = |approves: &'static str| {
        [("csrf", token.clone()), ("roles", "global_administrator".to_owned()), ("scope", "all".to_owned())]
            .into_iter()
            .chain([("approves", approves.to_owned())])
            .collect::<Vec<_>>()
    };
    for (approves, status, shown) in [("50 000,50", 303, "50000.50 SEK"), ("mycket", 422, ""), ("", 303, "")] {
        let fields = fields(approves);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        crate::pages::send(&world, &path, &admin, &fields).await.is(status);
        let page = crate::pages::read(&world, "/users", &admin, "sv").await.is(200).text;
        assert_eq!(page.contains("Godkänner upp till"), !shown.is_empty() || approves == "mycket", "{approves}");
        assert!(page.contains(shown), "{page}");
    }
}
