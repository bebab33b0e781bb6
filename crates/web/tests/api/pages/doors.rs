//! The pages of the doors, without a script: in by a link, out, in again, and what people change about their own way in.

use super::value_of;
use crate::sign_in::{PASSWORD, cookie, invite};
use crate::world::{Answer, World};
use domain::permission::Role;

/// Sends a form as a browser does, with the cookie of a session.
async fn send(world: &World, path: &str, cookie: &str, fields: &[(&str, &str)]) -> Answer {
    let mut body = form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(fields);
    let ask = world.post(path).header("accept", "text/html").header("cookie", cookie);
    let ask = ask.header("sec-fetch-site", "same-origin");
    ask.text("application/x-www-form-urlencoded", &body.finish()).send().await
}

async fn read(world: &World, path: &str, cookie: &str) -> Answer {
    world.get(path).header("accept", "text/html").header("cookie", cookie).send().await
}

/// The secret that a page shows for the authenticator app.
fn secret(page: &Answer) -> String {
    let rest = page.text.split("<code class=\"secret\">").nth(1).unwrap();
    rest.split('<').next().unwrap().replace(' ', "")
}

#[tokio::test]
async fn a_person_comes_in_by_the_link_leaves_and_comes_in_again() {
    let world = World::quiet().await;
    let (_, link) = invite(&world, Role::AdminAgent, "asa@example.com").await;
    let path = format!("/welcome/{link}");
    for (language, title) in [("en", "Welcome"), ("sv", "Välkommen")] {
        let page = world.get(&path).header("accept", "text/html").header("accept-language", language).send().await;
        assert!(page.is(200).text.contains(title));
    }
    let page = read(&world, &path, "").await.is(200);
    assert!(page.text.contains("<svg class=\"qr\"") && page.text.contains("h1v1h-1z"), "a square for the camera");
    assert!(!page.text.contains(" style="), "the policy of the page forbids styles");
    let totp = secret(&page);
    let wrong = send(&world, &path, "", &[("password", PASSWORD), ("code", "000000")]).await.is(422);
    assert!(wrong.text.contains("The code is wrong") && !wrong.text.contains(PASSWORD));
    let code = world.code_of(&totp);
    let begun = send(&world, &path, "", &[("password", PASSWORD), ("code", &code)]).await.is(200);
    assert_eq!(begun.text.matches("<li><code>").count(), 10, "the recovery codes are shown once");
    let held = cookie(&begun);
    assert!(read(&world, &path, "").await.is(410).text.contains("no longer good"));

    let profile = read(&world, "/profile", &held).await.is(200);
    let csrf = value_of(&profile, "csrf");
    assert!(send(&world, "/sign-out", &held, &[("csrf", "wrong")]).await.status == 403);
    let out = send(&world, "/sign-out", &held, &[("csrf", &csrf)]).await.is(303);
    assert_eq!(out.header("location"), "/sign-in");
    assert_eq!(read(&world, "/profile", &held).await.is(303).header("location"), "/sign-in?next=%2Fprofile");

    let page = read(&world, "/sign-in?next=%2Fprofile", "").await.is(200);
    assert_eq!(value_of(&page, "next"), "/profile");
    let code = world.code_of(&totp);
    let typed = [("name", "asa@example.com"), ("password", PASSWORD), ("code", &code), ("next", "/profile")];
    let foreign = world.post("/sign-in").header("accept", "text/html").header("sec-fetch-site", "cross-site");
    foreign.text("application/x-www-form-urlencoded", "name=a").send().await.is(403);
    let again = send(&world, "/sign-in", "", &typed).await.is(303);
    assert_eq!(again.header("location"), "/profile");
    let elsewhere = [("name", "asa@example.com"), ("password", "x"), ("code", "1"), ("next", "//evil.example")];
    let refused = send(&world, "/sign-in", "", &elsewhere).await.is(401);
    assert!(refused.text.contains("asa@example.com") && !refused.text.contains("evil.example"));
    assert!(refused.text.contains("Which of them is not told"));
}

#[tokio::test]
async fn a_token_is_made_in_the_profile_with_a_fresh_second_factor() {
    let world = World::quiet().await;
    let entered = crate::sign_in::enter(&world, Role::AdminAgent, "asa@example.com").await;
    let held = entered.cookie.as_str();
    world.wait(5);
    let fields = [("csrf", entered.csrf.as_str()), ("label", "laptop")];
    let away = send(&world, "/profile/tokens", held, &fields).await.is(303);
    assert_eq!(away.header("location"), "/prove?next=%2Fprofile");
    let page = read(&world, away.header("location"), held).await.is(200);
    assert_eq!(value_of(&page, "next"), "/profile");
    let code = world.code_of(&entered.totp);
    let proof = [("csrf", entered.csrf.as_str()), ("next", "/profile"), ("code", &code)];
    assert_eq!(send(&world, "/prove", held, &proof).await.is(303).header("location"), "/profile");
    let made = send(&world, "/profile/tokens", held, &fields).await.is(200);
    let bearer = format!("Bearer {}", secret(&made));
    world.get("/api/v1/me").header("authorization", &bearer).send().await.is(200);
    assert!(!read(&world, "/profile", held).await.text.contains(&secret(&made)));
}

#[tokio::test]
async fn users_are_added_asked_in_and_shut_out_on_their_page() {
    let world = World::quiet().await;
    let manager = crate::sign_in::enter(&world, Role::UserAdministrator, "ulf@example.com").await;
    let held = manager.cookie.as_str();
    let csrf = ("csrf", manager.csrf.as_str());
    let add = [csrf, ("name", "Bo <b>Berg</b>"), ("roles", "admin_agent"), ("scope", "all")];
    send(&world, "/users", held, &add).await.is(303);
    let page = read(&world, "/users", held).await.is(200);
    assert!(page.text.contains("Bo &lt;b&gt;Berg&lt;/b&gt;"));
    let below =
        page.text.split("action=\"/users/").filter_map(|rest| rest.split("/invite\"").next()).find(|id| id.len() == 36);
    let below = format!("/users/{}", below.unwrap());
    let link = send(&world, &format!("{below}/invite"), held, &[csrf, ("signInName", "bo@example.com")]).await.is(200);
    assert!(link.text.contains("/welcome/"));
    send(&world, &format!("{below}/access"), held, &[csrf, ("active", "false")]).await.is(303);
    assert!(read(&world, "/users", held).await.text.contains("No longer comes in"));
    let agent = crate::sign_in::enter(&world, Role::AdminAgent, "asa@example.com").await;
    read(&world, "/users", &agent.cookie).await.is(403);
}

#[tokio::test]
async fn what_a_person_may_is_kept_when_the_form_is_sent_as_it_was() {
    let world = World::quiet().await;
    let manager = crate::sign_in::enter(&world, Role::UserAdministrator, "ulf@example.com").await;
    let held = manager.cookie.as_str();
    let csrf = ("csrf", manager.csrf.as_str());
    let reseller = world.reseller.0.to_string();
    let unsaid = [csrf, ("name", "Bo"), ("roles", "admin_agent")];
    send(&world, "/users", held, &unsaid).await.is(422);
    let add = [csrf, ("name", "Bo"), ("roles", "admin_agent"), ("scope", "only"), ("resellers", &reseller)];
    send(&world, "/users", held, &add).await.is(303);
    let page = read(&world, "/users", held).await.is(200);
    let form = page.text.split("/change\"").find(|part| part.contains(&format!("value=\"{reseller}\""))).unwrap();
    assert!(form.contains("value=\"only\" required checked"), "{form}");
    assert!(!form.contains("value=\"all\" required checked"), "{form}");
}

#[tokio::test]
async fn one_click_lets_in_where_everything_is_made_up_and_nowhere_else() {
    let world = World::quiet().await;
    world.person(&[Role::AdminAgent]).await;
    send(&world, "/demo/sign-in/admin_agent", "", &[]).await.is(404);
    let world = world.made_up();
    let page = read(&world, "/sign-in", "").await.is(200);
    assert!(page.text.contains("action=\"/demo/sign-in/admin_agent\""));
    let foreign = world.post("/demo/sign-in/admin_agent").header("accept", "text/html");
    foreign.header("sec-fetch-site", "cross-site").send().await.is(403);
    let begun = send(&world, "/demo/sign-in/admin_agent", "", &[]).await.is(303);
    assert!(read(&world, "/", &cookie(&begun)).await.is(200).text.contains("DEMO DATA"));
    send(&world, "/demo/sign-in/auditor", "", &[]).await.is(404);
}
