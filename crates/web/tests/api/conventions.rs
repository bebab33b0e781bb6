//! What holds for every route: methods, forms, languages, headers, parameters, tokens that are no good any more.

use crate::world::{CANARY, World};
use domain::body::Body;
use domain::ids::AccountKind;
use domain::people::{TokenRevoked, UserChanged};
use domain::permission::{Role, Scope};
use http::Method;
use std::collections::BTreeSet;

#[tokio::test]
async fn an_unknown_address_and_a_wrong_method_are_problems_too() {
    let world = World::quiet().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    world.get("/api/v1/nothing").by(&agent).send().await.problem(404, "notFound");
    world.get("/api/v1/cases/x/~claim").by(&agent).send().await.problem(404, "notFound");
    let answer = world.ask(Method::DELETE, "/api/v1/cases").by(&agent).send().await;
    assert!(answer.header("allow").contains("GET"), "{:?}", answer.headers);
    answer.problem(405, "methodNotAllowed");
}

#[tokio::test]
async fn a_body_of_another_kind_or_size_is_refused() {
    let world = World::mined().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let (case, _) = world.case().await;
    let note = format!("{case}:note");
    world.post(&note).by(&agent).text("text/plain", "x").send().await.problem(415, "unsupportedMediaType");
    world.post(&note).by(&agent).text("application/json", "{").send().await.problem(400, "badJson");
    let problem =
        world.post(&note).by(&agent).text("application/json", "{\"text\": \"x").send().await.problem(400, "badJson");
    assert_eq!((&problem["errors"][0]["field"], &problem["errors"][0]["line"]), (&"1:11".into(), &1.into()));
    let problem =
        world.post(&note).by(&agent).json(&serde_json::json!({"text": 1})).send().await.problem(422, "badBody");
    assert_eq!(problem["errors"][0]["field"], "text");
    let problem =
        world.post(&note).by(&agent).json(&serde_json::json!(["sneaky"])).send().await.problem(422, "badBody");
    assert_eq!(problem["errors"][0]["detail"], "an object is wanted");
    let extra = serde_json::json!({"text": "x", "colour": "blue"});
    world.post(&note).by(&agent).json(&extra).send().await.problem(422, "badBody");
    let long = serde_json::json!({"text": "x".repeat(70_000)});
    world.post(&note).by(&agent).json(&long).send().await.problem(413, "bodyTooLarge");
    let answer = world.get("/api/v1/cases").by(&agent).header("accept", "text/html").send().await;
    answer.problem(406, "notAcceptable");
}

#[tokio::test]
async fn an_unknown_parameter_or_term_is_named() {
    let world = World::quiet().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let problem = world.get("/api/v1/cases?colour=blue").by(&agent).send().await.problem(400, "unknownParameter");
    assert!(problem["detail"].as_str().unwrap().contains("colour"));
    let problem = world.get("/api/v1/cases?filter=colour:blue").by(&agent).send().await.problem(400, "badFilter");
    assert!(problem["detail"].as_str().unwrap().contains("colour"));
    world.get("/api/v1/cases?filter=severity:huge").by(&agent).send().await.problem(400, "badFilter");
    world.get("/api/v1/cases?maxpagesize=0").by(&agent).send().await.problem(400, "badParameter");
    world.get("/api/v1/cases?maxpagesize=1001").by(&agent).send().await.problem(400, "badParameter");
    world.get("/api/v1/cases?after=rubbish").by(&agent).send().await.problem(400, "badParameter");
}

#[tokio::test]
async fn problems_speak_the_readers_language() {
    let world = World::quiet().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let answer = world.get("/api/v1/users").by(&agent).header("accept-language", "sv-SE,sv;q=0.9").send().await;
    assert_eq!(answer.header("content-language"), "sv");
    let problem = answer.problem(403, "roleMissing");
    assert_eq!(problem["title"], "Din roll tillåter inte detta");
    let english = world.get("/api/v1/users").by(&agent).header("accept-language", "de").send().await;
    assert_eq!(english.problem(403, "roleMissing")["title"], "Your role does not allow this");
}

#[tokio::test]
async fn every_answer_has_an_id_and_the_security_headers() {
    let world = World::quiet().await;
    let answer = world.get("/api/v1/cases").header("x-request-id", "mine-7").send().await;
    assert_eq!(answer.header("x-request-id"), "mine-7");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(answer.header("strict-transport-security").contains("max-age=31536000"));
    assert!(answer.header("content-security-policy").contains("default-src 'none'"));
    assert!(answer.header("www-authenticate").starts_with("Bearer"));
    assert_eq!(answer.json()["traceId"], "mine-7");
    let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let traced = world.get("/api/v1/cases").header("traceparent", parent).send().await;
    assert_eq!(traced.json()["traceId"], "0af7651916cd43dd8448eb211c80319c");
    let strange = world.get("/livez").header("x-request-id", "a b").send().await;
    assert_eq!(strange.header("x-request-id").len(), 32, "a strange id is not taken over");
}

#[tokio::test]
async fn a_token_that_is_no_good_any_more_lets_nobody_in() {
    let world = World::quiet().await;
    let revoked = world.person(&[Role::AdminAgent]).await;
    world.get("/api/v1/me").by(&revoked).send().await.is(200);
    let body = Body::TokenRevoked(TokenRevoked { token: revoked.token });
    world.tell(revoked.account, AccountKind::User, body).await;
    world.get("/api/v1/me").by(&revoked).send().await.problem(401, "unauthenticated");

    let gone = world.person(&[Role::AdminAgent]).await;
    let changed = UserChanged { roles: BTreeSet::from([Role::AdminAgent]), scope: Scope::All, active: false };
    world.tell(gone.account, AccountKind::User, Body::UserChanged(changed)).await;
    world.get("/api/v1/me").by(&gone).send().await.problem(401, "unauthenticated");

    let expiring = world.person(&[Role::AdminAgent]).await;
    world.wait(60 * 24 * 30 - 1);
    world.get("/api/v1/me").by(&expiring).send().await.is(200);
    world.wait(1);
    world.get("/api/v1/me").by(&expiring).send().await.problem(401, "unauthenticated");

    for header in ["Basic x", "Bearer", "Bearer ", "Bearer nobody", "Bearer  "] {
        let answer = world.get("/api/v1/me").header("authorization", header).send().await;
        answer.problem(401, "unauthenticated");
    }
}

#[tokio::test]
async fn an_intake_key_is_no_persons_token() {
    let world = World::quiet().await;
    let secret = "an intake key";
    let issued = domain::people::TokenIssued {
        token: domain::ids::TokenId(crate::world::id(77)),
        digest: domain::ids::Hash::of(secret.as_bytes()),
        label: "intake".to_owned(),
        expires: None,
    };
    world.tell(world.connection, AccountKind::Connection, Body::TokenIssued(issued)).await;
    let answer = world.get("/api/v1/me").header("authorization", &format!("Bearer {secret}")).send().await;
    answer.problem(401, "unauthenticated");
}

#[tokio::test]
async fn personal_data_are_opened_only_for_those_who_may() {
    let world = World::mined().await;
    let (case, _) = world.case().await;
    let customer = format!("/api/v1/customers/{}", world.customer);
    let timeline = format!("{customer}/timeline");
    for path in [case.as_str(), customer.as_str(), timeline.as_str(), "/api/v1/customers", "/api/v1/alerts/alert-1"] {
        let agent = world.person(&[Role::AdminAgent]).await;
        assert!(world.get(path).by(&agent).send().await.is(200).text.contains(CANARY), "{path}");
        let biller = world.person(&[Role::BillingAdministrator]).await;
        let named = world.get(path).by(&biller).send().await.is(200).text;
        assert_eq!(named.contains(CANARY), !path.contains("alerts"), "names but no evidence: {path}");
        assert!(!named.contains("\"evidence\":{\"state\":\"open\""), "{path}: {named}");
        for role in [Role::UserAdministrator, Role::Auditor] {
            let person = world.person(&[role]).await;
            let answer = world.get(path).by(&person).send().await.is(200);
            assert!(!answer.text.contains(CANARY), "{path} as {}", role.word());
            assert!(answer.text.contains("\"closed\""), "{path} as {}", role.word());
        }
    }
}

#[tokio::test]
async fn what_is_not_there_says_where_the_interface_is_in_both_languages() {
    let world = World::quiet().await;
    for path in ["/nope", "/api/v1/nope", "/intake/v2/events"] {
        for (language, word) in [("en", "Check"), ("sv", "Kontrollera")] {
            let answer = world.get(path).header("accept-language", language).send().await;
            let problem = answer.problem(404, "notFound");
            let detail = problem["detail"].as_str().unwrap();
            assert!(detail.contains("/api/v1/openapi.json") && detail.contains(word), "{path} {language}: {detail}");
        }
    }
}
