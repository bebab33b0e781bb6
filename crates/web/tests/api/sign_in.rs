//! Signing in as people do: by a link, with password and code, in sessions that end.

use crate::world::{Answer, Ask, Person, World};
use domain::body::Body;
use domain::fact::Fact;
use domain::ids::AccountId;
use domain::permission::Role;
use http::Method;
use serde_json::{Value, json};

pub(crate) const PASSWORD: &str = "fyra gröna elefanter";

/// Somebody who came in by a link: the secret of the codes, the recovery codes, the cookie, and what forms carry.
pub(crate) struct Entered {
    pub(crate) account: AccountId,
    pub(crate) totp: String,
    pub(crate) recovery: Vec<String>,
    pub(crate) cookie: String,
    pub(crate) csrf: String,
}

/// The part of a cookie that goes back.
pub(crate) fn cookie(answer: &Answer) -> String {
    answer.header("set-cookie").split(';').next().unwrap().to_owned()
}

impl Entered {
    pub(crate) fn ask<'a>(&self, world: &'a World, method: Method, path: &str) -> Ask<'a> {
        let ask = world.ask(method, path).header("cookie", &self.cookie);
        ask.header("borgen-csrf", &self.csrf).header("sec-fetch-site", "same-origin")
    }
}

/// Asks somebody in; gives the account and the link.
pub(crate) async fn invite(world: &World, role: Role, name: &str) -> (AccountId, String) {
    let admin = world.person(&[Role::UserAdministrator]).await;
    let new = json!({"name": "Åsa Ekström", "roles": [role.word()], "scope": {"all": true}});
    let added = world.post("/api/v1/users").by(&admin).json(&new).send().await.is(201);
    let path = added.header("location").to_owned();
    let link = ask_in(world, &admin, &path, name).await.is(200).json();
    (added.json()["id"].as_str().unwrap().parse().unwrap(), link["link"].as_str().unwrap().to_owned())
}

async fn ask_in(world: &World, admin: &Person, path: &str, name: &str) -> Answer {
    world.post(&format!("{path}:invite")).by(admin).json(&json!({"signInName": name})).send().await
}

async fn look(world: &World, link: &str) -> Answer {
    world.post("/api/v1/enrolment:look").json(&json!({"link": link})).send().await
}

async fn choose(world: &World, link: &str, password: &str, code: &str) -> Answer {
    let chosen = json!({"link": link, "password": password, "code": code});
    world.post("/api/v1/enrolment").json(&chosen).send().await
}

pub(crate) async fn enter(world: &World, role: Role, name: &str) -> Entered {
    let (account, link) = invite(world, role, name).await;
    let offered = look(world, &link).await.is(200).json();
    let totp = offered["totpSecret"].as_str().unwrap().to_owned();
    let answer = choose(world, &link, PASSWORD, &world.code_of(&totp)).await.is(200);
    let recovery = answer.json()["recoveryCodes"].as_array().unwrap().clone();
    let recovery = recovery.iter().map(|code| code.as_str().unwrap().to_owned()).collect();
    let cookie = cookie(&answer);
    let me = world.get("/api/v1/me").header("cookie", &cookie).send().await.is(200).json();
    assert_eq!(me["id"], account.to_string());
    Entered { account, totp, recovery, cookie, csrf: me["csrf"].as_str().unwrap().to_owned() }
}

async fn sign_in(world: &World, name: &str, password: &str, code: &str) -> Answer {
    let typed = json!({"name": name, "password": password, "code": code});
    world.post("/api/v1/sign-in").json(&typed).send().await
}

async fn facts(world: &World, account: AccountId) -> Vec<Fact> {
    let stored = world.desk.store.facts(account, 0, 1_000).await.unwrap();
    stored.iter().zip(1..).map(|(fact, version)| Fact::read(account, version, &fact.bytes).unwrap()).collect()
}

#[tokio::test]
async fn a_person_comes_in_by_a_link_once_and_the_administrator_learns_nothing() {
    let world = World::quiet().await;
    let (account, link) = invite(&world, Role::AdminAgent, "asa@example.com").await;
    let offered = look(&world, &link).await.is(200).json();
    assert_eq!((&offered["name"], &offered["signInName"]), (&json!("Åsa Ekström"), &json!("asa@example.com")));
    assert!(offered["totpAddress"].as_str().unwrap().starts_with("otpauth://totp/Borgen:asa%40example.com?secret="));
    let totp = offered["totpSecret"].as_str().unwrap().to_owned();
    choose(&world, &link, PASSWORD, "000000").await.problem(422, "wrongCode");
    for weak in ["för kort", "Password2026!", "ekström är bäst"] {
        choose(&world, &link, weak, &world.code_of(&totp)).await.problem(422, "weakPassword");
    }
    let chosen = choose(&world, &link, PASSWORD, &world.code_of(&totp)).await.is(200);
    assert_eq!(chosen.json()["recoveryCodes"].as_array().unwrap().len(), 10);
    choose(&world, &link, PASSWORD, &world.code_of(&totp)).await.problem(410, "linkNoGood");
    look(&world, &link).await.problem(410, "linkNoGood");

    let admin = world.person(&[Role::UserAdministrator]).await;
    let path = format!("/api/v1/users/{account}");
    let shown = world.get(&path).by(&admin).send().await.is(200);
    assert_eq!(shown.json()["entry"], "local");
    for secret in [PASSWORD, totp.as_str(), link.as_str()] {
        assert!(!shown.text.contains(secret));
        for fact in facts(&world, account).await {
            let body = format!("{:?}", fact.body);
            assert!(!body.contains(secret), "{body}");
        }
    }
    // Whoever could ask a person in anew could become that person.
    ask_in(&world, &admin, &path, "asa@example.com").await.problem(409, "alreadyEnrolled");
}

#[tokio::test]
async fn a_link_ends_after_a_quarter_of_an_hour_and_with_the_next_one() {
    let world = World::quiet().await;
    let (account, old) = invite(&world, Role::AdminAgent, "asa@example.com").await;
    world.wait(14);
    look(&world, &old).await.is(200);
    let admin = world.person(&[Role::UserAdministrator]).await;
    let path = format!("/api/v1/users/{account}");
    let new = ask_in(&world, &admin, &path, "asa@example.com").await.is(200).json();
    let new = new["link"].as_str().unwrap();
    look(&world, &old).await.problem(410, "linkNoGood");
    world.wait(15);
    look(&world, new).await.problem(410, "linkNoGood");
    for wrong in ["", "x", "00000000000000000000000000000000.x", &format!("{}.x", account.0.as_simple())] {
        look(&world, wrong).await.problem(410, "linkNoGood");
    }
}

#[tokio::test]
async fn two_people_do_not_sign_in_under_one_name() {
    let world = World::quiet().await;
    invite(&world, Role::AdminAgent, "asa@example.com").await;
    let admin = world.person(&[Role::UserAdministrator]).await;
    let other = world.person(&[Role::Auditor]).await;
    let path = format!("/api/v1/users/{}", other.account);
    ask_in(&world, &admin, &path, " ASA@example.com").await.problem(422, "badBody");
    ask_in(&world, &admin, &path, "asa.b@example.com").await.is(200);
}

#[tokio::test]
async fn password_and_code_begin_a_session_and_a_code_is_good_once() {
    let world = World::quiet().await;
    let entered = enter(&world, Role::AdminAgent, "asa@example.com").await;
    let code = world.code_of(&entered.totp);
    let signed_in = sign_in(&world, "Asa@Example.com ", PASSWORD, &code).await.is(200);
    let set = signed_in.header("set-cookie");
    assert!(
        set.starts_with("__Host-borgen=") && set.ends_with("; Path=/; Max-Age=43200; HttpOnly; SameSite=Lax; Secure")
    );
    let me = world.get("/api/v1/me").header("cookie", &cookie(&signed_in)).send().await.is(200).json();
    assert_eq!(me["id"], entered.account.to_string());
    sign_in(&world, "asa@example.com", PASSWORD, &code).await.problem(401, "signInRefused");
    let next = world.code_of(&entered.totp);
    sign_in(&world, "asa@example.com", "fyra blå elefanter", &next).await.problem(401, "signInRefused");
    sign_in(&world, "asa@example.com", PASSWORD, &next).await.is(200);
    let told = facts(&world, entered.account).await;
    let count = |wanted: fn(&Body) -> bool| told.iter().filter(|fact| wanted(&fact.body)).count();
    assert_eq!(count(|body| matches!(body, Body::SignedIn(_))), 3);
    assert_eq!(count(|body| matches!(body, Body::SignInRefused(refused) if refused.password_held)), 1);
    assert_eq!(count(|body| matches!(body, Body::SignInRefused(refused) if !refused.password_held)), 1);
}

#[tokio::test]
async fn a_recovery_code_stands_in_for_the_app_once() {
    let world = World::quiet().await;
    let entered = enter(&world, Role::AdminAgent, "asa@example.com").await;
    let typed = entered.recovery[0].to_uppercase().replace('-', " ");
    sign_in(&world, "asa@example.com", PASSWORD, &typed).await.is(200);
    sign_in(&world, "asa@example.com", PASSWORD, &typed).await.problem(401, "signInRefused");
    sign_in(&world, "asa@example.com", PASSWORD, &entered.recovery[1]).await.is(200);
    let made = entered.ask(&world, Method::POST, "/api/v1/me/recovery-codes").send().await.is(200).json();
    assert_eq!(made["recoveryCodes"].as_array().unwrap().len(), 10);
    sign_in(&world, "asa@example.com", PASSWORD, &entered.recovery[2]).await.problem(401, "signInRefused");
}

#[tokio::test]
async fn whoever_is_refused_can_not_tell_why() {
    let world = World::quiet().await;
    let entered = enter(&world, Role::AdminAgent, "asa@example.com").await;
    let good = world.code_of(&entered.totp);
    let mut answers = Vec::new();
    for (name, password, code) in [
        ("asa@example.com", PASSWORD, "000000"),
        ("asa@example.com", "fel lösenord här", good.as_str()),
        ("nobody@example.com", PASSWORD, good.as_str()),
        ("", "", ""),
    ] {
        let problem = sign_in(&world, name, password, code).await.problem(401, "signInRefused");
        answers.push([problem["title"].clone(), problem["detail"].clone(), problem["errors"].clone()]);
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:?}");
}

#[tokio::test]
async fn tries_wait_longer_and_longer_for_known_and_unknown_names_alike() {
    let world = World::quiet().await;
    let entered = enter(&world, Role::AdminAgent, "asa@example.com").await;
    for name in ["asa@example.com", "nobody@example.com"] {
        for _ in 0..5 {
            sign_in(&world, name, "fel lösenord här", "000000").await.problem(401, "signInRefused");
        }
        let locked = sign_in(&world, name, PASSWORD, &world.code_of(&entered.totp)).await;
        assert_eq!(locked.header("retry-after"), "60", "{name}");
        locked.problem(429, "tooManyTries");
    }
    world.wait(1);
    sign_in(&world, "asa@example.com", "fel lösenord här", "000000").await.problem(401, "signInRefused");
    let locked = sign_in(&world, "asa@example.com", PASSWORD, "000000").await;
    assert_eq!(locked.header("retry-after"), "120");
    world.wait(2);
    sign_in(&world, "asa@example.com", PASSWORD, &world.code_of(&entered.totp)).await.is(200);
    // It went well: counting begins anew.
    sign_in(&world, "asa@example.com", PASSWORD, "000000").await.problem(401, "signInRefused");
    sign_in(&world, "asa@example.com", PASSWORD, "000000").await.problem(401, "signInRefused");
}

#[tokio::test]
async fn an_address_that_tries_many_names_waits_too() {
    let world = World::quiet().await;
    let typed = |name: usize| json!({"name": format!("n{name}@example.com"), "password": "x", "code": "x"});
    for name in 0..30 {
        let ask = world.post("/api/v1/sign-in").from([203, 0, 113, 9]).json(&typed(name));
        ask.send().await.problem(401, "signInRefused");
    }
    world.post("/api/v1/sign-in").from([203, 0, 113, 9]).json(&typed(30)).send().await.problem(429, "tooManyTries");
    world.post("/api/v1/sign-in").from([203, 0, 113, 8]).json(&typed(30)).send().await.problem(401, "signInRefused");
}

#[tokio::test]
async fn codes_of_the_app_are_not_tried_out_in_a_session_either() {
    let world = World::quiet().await;
    let entered = enter(&world, Role::AdminAgent, "asa@example.com").await;
    let code = async |code: &str| {
        let body = json!({"code": code});
        entered.ask(&world, Method::POST, "/api/v1/me/reauthentication").json(&body).send().await
    };
    for _ in 0..5 {
        code("000000").await.problem(422, "wrongCode");
    }
    code(&world.code_of(&entered.totp)).await.problem(429, "tooManyTries");
}

#[tokio::test]
async fn a_session_ends_when_it_is_idle_and_after_half_a_day_in_any_case() {
    let world = World::quiet().await;
    let entered = enter(&world, Role::AdminAgent, "asa@example.com").await;
    let me = async |world: &World| world.get("/api/v1/me").header("cookie", &entered.cookie).send().await;
    for _ in 0..24 {
        world.wait(29);
        me(&world).await.is(200);
    }
    world.wait(24);
    me(&world).await.problem(401, "unauthenticated");
    let other = enter(&world, Role::AdminAgent, "bo@example.com").await;
    world.wait(30);
    world.get("/api/v1/me").header("cookie", &other.cookie).send().await.problem(401, "unauthenticated");
}

#[tokio::test]
async fn signing_in_begins_another_session_and_ends_the_one_before() {
    let world = World::quiet().await;
    let entered = enter(&world, Role::AdminAgent, "asa@example.com").await;
    let typed = json!({"name": "asa@example.com", "password": PASSWORD, "code": world.code_of(&entered.totp)});
    let again = world.post("/api/v1/sign-in").header("cookie", &entered.cookie).json(&typed).send().await.is(200);
    assert_ne!(cookie(&again), entered.cookie);
    world.get("/api/v1/me").header("cookie", &entered.cookie).send().await.problem(401, "unauthenticated");
    world.get("/api/v1/me").header("cookie", &cookie(&again)).send().await.is(200);
}

#[tokio::test]
async fn own_sessions_are_listed_and_ended() {
    let world = World::quiet().await;
    let entered = enter(&world, Role::AdminAgent, "asa@example.com").await;
    let other = sign_in(&world, "asa@example.com", PASSWORD, &world.code_of(&entered.totp)).await.is(200);
    let stranger = enter(&world, Role::AdminAgent, "bo@example.com").await;
    let list = entered.ask(&world, Method::GET, "/api/v1/me/sessions").send().await.is(200).json();
    let list: Vec<Value> = list["value"].as_array().unwrap().clone();
    assert_eq!(list.iter().map(|one| one["this"] == true).collect::<Vec<_>>(), [false, true]);
    let path = format!("/api/v1/me/sessions/{}", list[0]["id"].as_str().unwrap());
    stranger.ask(&world, Method::DELETE, &path).send().await.problem(404, "notFound");
    world.get("/api/v1/me").header("cookie", &cookie(&other)).send().await.is(200);
    entered.ask(&world, Method::DELETE, &path).send().await.is(204);
    world.get("/api/v1/me").header("cookie", &cookie(&other)).send().await.problem(401, "unauthenticated");
    let out = entered.ask(&world, Method::POST, "/api/v1/sign-out").send().await.is(204);
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    world.get("/api/v1/me").header("cookie", &entered.cookie).send().await.problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_change_of_the_password_ends_every_other_session() {
    let world = World::quiet().await;
    let entered = enter(&world, Role::AdminAgent, "asa@example.com").await;
    let other = sign_in(&world, "asa@example.com", PASSWORD, &world.code_of(&entered.totp)).await.is(200);
    let change = async |current: &str, password: &str, code: &str| {
        let body = json!({"current": current, "password": password, "code": code});
        entered.ask(&world, Method::POST, "/api/v1/me/password").json(&body).send().await
    };
    let new = "fem blå elefanter";
    change("fel lösenord här", new, &world.code_of(&entered.totp)).await.problem(422, "wrongCode");
    change(PASSWORD, new, "000000").await.problem(422, "wrongCode");
    change(PASSWORD, "kort", &world.code_of(&entered.totp)).await.problem(422, "weakPassword");
    change(PASSWORD, new, &world.code_of(&entered.totp)).await.is(204);
    world.get("/api/v1/me").header("cookie", &entered.cookie).send().await.is(200);
    world.get("/api/v1/me").header("cookie", &cookie(&other)).send().await.problem(401, "unauthenticated");
    sign_in(&world, "asa@example.com", PASSWORD, &world.code_of(&entered.totp)).await.problem(401, "signInRefused");
    sign_in(&world, "asa@example.com", new, &world.code_of(&entered.totp)).await.is(200);
}

#[tokio::test]
async fn another_app_takes_over_once_it_shows_its_code() {
    let world = World::quiet().await;
    let entered = enter(&world, Role::AdminAgent, "asa@example.com").await;
    let offered = entered.ask(&world, Method::POST, "/api/v1/me/totp:offer").send().await.is(200).json();
    let next = offered["totpSecret"].as_str().unwrap().to_owned();
    assert_ne!(next, entered.totp);
    let change = async |code: &str| {
        entered.ask(&world, Method::POST, "/api/v1/me/totp").json(&json!({"code": code})).send().await
    };
    change(&world.code_of(&entered.totp)).await.problem(422, "wrongCode");
    change(&world.code_of(&next)).await.is(204);
    sign_in(&world, "asa@example.com", PASSWORD, &world.code_of(&entered.totp)).await.problem(401, "signInRefused");
    sign_in(&world, "asa@example.com", PASSWORD, &world.code_of(&next)).await.is(200);
}

#[tokio::test]
async fn who_may_no_longer_come_in_is_out_at_once() {
    let world = World::quiet().await;
    let entered = enter(&world, Role::AdminAgent, "asa@example.com").await;
    let admin = world.person(&[Role::UserAdministrator]).await;
    let path = format!("/api/v1/users/{}", entered.account);
    let active = async |active: bool| {
        let body = json!({"active": active});
        world.ask(Method::PATCH, &path).by(&admin).based_on("*").json(&body).send().await.is(200);
    };
    active(false).await;
    world.get("/api/v1/me").header("cookie", &entered.cookie).send().await.problem(401, "unauthenticated");
    sign_in(&world, "asa@example.com", PASSWORD, &world.code_of(&entered.totp)).await.problem(401, "signInRefused");
    active(true).await;
    // The session does not come to life again.
    world.get("/api/v1/me").header("cookie", &entered.cookie).send().await.problem(401, "unauthenticated");
    sign_in(&world, "asa@example.com", PASSWORD, &world.code_of(&entered.totp)).await.is(200);
}

#[tokio::test]
async fn a_change_by_cookie_comes_from_our_own_pages_and_carries_the_sessions_token() {
    let world = World::quiet().await;
    let entered = enter(&world, Role::AdminAgent, "asa@example.com").await;
    let other = enter(&world, Role::AdminAgent, "bo@example.com").await;
    let out = |csrf: &str, site: &str| {
        let ask = world.post("/api/v1/sign-out").header("cookie", &entered.cookie).header("host", "borgen.example.com");
        ask.header("borgen-csrf", csrf).header("sec-fetch-site", site).send()
    };
    out("", "same-origin").await.problem(403, "foreignForm");
    out(&other.csrf, "same-origin").await.problem(403, "foreignForm");
    out(&entered.csrf, "cross-site").await.problem(403, "foreignForm");
    out(&entered.csrf, "same-site").await.problem(403, "foreignForm");
    world.get("/api/v1/me").header("cookie", &entered.cookie).send().await.is(200);
    let foreign = world.post("/api/v1/sign-in").header("sec-fetch-site", "cross-site");
    let typed = json!({"name": "asa@example.com", "password": PASSWORD, "code": world.code_of(&entered.totp)});
    foreign.json(&typed).send().await.problem(403, "foreignForm");
    out(&entered.csrf, "same-origin").await.is(204);
}

#[tokio::test]
async fn a_session_may_approve_while_its_second_factor_is_fresh() {
    let world = World::mined().await;
    let entered = enter(&world, Role::AdminAgent, "asa@example.com").await;
    let proposer = world.person(&[Role::AdminAgent]).await;
    let (path, shown) = world.propose(&proposer).await;
    let body = json!({"parameters": shown.json()["parameters"]});
    let approve = async || {
        let ask = entered.ask(&world, Method::POST, &format!("{path}:approve")).based_on(&shown.etag());
        ask.json(&body).send().await
    };
    world.wait(5);
    approve().await.problem(403, "reauthenticationNeeded");
    let code = json!({"code": world.code_of(&entered.totp)});
    entered.ask(&world, Method::POST, "/api/v1/me/reauthentication").json(&code).send().await.is(200);
    assert_eq!(approve().await.is(200).json()["approvals"][0]["reauthenticated"], true);
}
