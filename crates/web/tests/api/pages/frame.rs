//! What holds for every page: headers, languages, forms that only our own pages can send, files that stay for ever.

use super::{csrf, page, read, send};
use crate::world::World;
use domain::permission::Role;
use http::Method;
use web::{Access, table};

#[tokio::test]
async fn a_page_may_load_only_what_the_program_serves() {
    let world = World::mined().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    for route in table().into_iter().filter(|route| route.page && route.method == Method::GET) {
        if route.path.contains('{') || route.path == "/live" {
            continue;
        }
        let answer = read(&world, &route.path, &agent, "en").await;
        if answer.status.is_redirection() {
            continue;
        }
        let policy = answer.header("content-security-policy").to_owned();
        for wanted in [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "require-trusted-types-for 'script'",
        ] {
            assert!(policy.contains(wanted), "{}: {policy}", route.path);
        }
        assert!(!policy.contains("unsafe"), "{policy}");
        for (name, value) in [
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("x-frame-options", "DENY"),
        ] {
            assert_eq!(answer.header(name), value, "{} {name}", route.path);
        }
        assert!(answer.header("permissions-policy").contains("camera=()"));
        assert!(answer.header("vary").contains("hx-request"));
        for inline in [" style=", "<style", "onclick=", "onload=", "javascript:", "<script>"] {
            assert!(!answer.text.contains(inline), "{} has {inline}", route.path);
        }
    }
}

#[tokio::test]
async fn the_language_is_the_chosen_one_else_the_browsers() {
    let world = World::quiet().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let swedish = read(&world, "/", &agent, "sv-SE,sv;q=0.9").await.is(200);
    assert!(swedish.text.contains("<html lang=\"sv\"") && swedish.text.contains("I dag"), "{}", swedish.text);
    let chosen = page(&world, "/", &agent).header("accept-language", "sv").header("cookie", "language=en").send().await;
    assert!(chosen.text.contains("<html lang=\"en\"") && chosen.text.contains("Today"));
    assert_eq!(chosen.header("content-language"), "en");
    let api = world.get("/api/v1/users").by(&agent).header("cookie", "language=sv").send().await;
    assert_eq!(api.header("content-language"), "en", "programs say it with each request");
}

#[tokio::test]
async fn a_choice_of_language_and_theme_works_without_a_script_and_comes_back() {
    let world = World::quiet().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let token = csrf(&read(&world, "/", &agent, "en").await);
    let fields = [("csrf", token.as_str()), ("back", "/cases?view=mine"), ("language", "sv")];
    let answer = send(&world, "/preferences", &agent, &fields).await.is(303);
    assert_eq!(answer.header("location"), "/cases?view=mine");
    assert!(answer.header("set-cookie").starts_with("language=sv; Path=/"), "{}", answer.header("set-cookie"));
    let away = [("csrf", token.as_str()), ("back", "//evil.example/"), ("theme", "dark")];
    let answer = send(&world, "/preferences", &agent, &away).await.is(303);
    assert_eq!(answer.header("location"), "/", "nobody is sent elsewhere");
}

#[tokio::test]
async fn a_form_that_no_page_of_the_session_sent_is_refused() {
    let world = World::quiet().await;
    let other = world.person(&[Role::AdminAgent]).await;
    let foreign = csrf(&read(&world, "/", &other, "en").await);
    for token in ["", "x", foreign.as_str()] {
        for route in table().into_iter().filter(|route| route.page && route.method == Method::POST) {
            if !matches!(route.access, Access::Needs(_)) {
                continue;
            }
            let path = route.path.replace("{id}", "00000000-0000-4000-8000-000000000000");
            let ask = world
                .post(&path)
                .by(&world.person(&[Role::AdminAgent, Role::GlobalAdministrator, Role::UserAdministrator]).await);
            let answer = ask.text("application/x-www-form-urlencoded", &format!("csrf={token}")).send().await;
            answer.problem(403, "foreignForm");
        }
    }
}

#[tokio::test]
async fn a_problem_is_a_page_for_people_and_a_body_for_programs() {
    let world = World::quiet().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let part = world.get("/").header("accept", "text/html").header("hx-request", "true");
    let stranger = part.header("accept-language", "sv").send().await.is(401);
    assert!(stranger.text.contains("Logga in") && stranger.text.contains("/sign-in?next=%2F"), "{}", stranger.text);
    assert!(!stranger.text.contains("Bearer"), "people are not told of headers");
    let lost = read(&world, "/nowhere", &agent, "en").await.is(404);
    assert!(lost.header("content-type").starts_with("text/html") && lost.text.contains("There is no such thing"));
    assert_eq!(lost.header("x-error-code"), "notFound");
    world.get("/nowhere").by(&agent).send().await.problem(404, "notFound");
    let wrong = read(&world, "/?colour=blue", &agent, "en").await.is(400);
    assert!(wrong.text.contains("colour") && wrong.text.contains("<nav"), "a problem has the reader's pages around it");
}

#[tokio::test]
async fn what_pages_load_stays_for_ever_and_is_sent_small() {
    let world = World::quiet().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let page = read(&world, "/", &agent, "en").await.is(200);
    let mut wire = page.text.len();
    let links: Vec<&str> = page.text.split('"').filter(|text| text.starts_with("/assets/")).collect();
    assert!(links.len() >= 3, "{links:?}");
    for link in links {
        // Compressed bytes are no text, so only their headers and their plain twin are looked at.
        let plain = world.get(link).send().await.is(200);
        assert_eq!(plain.header("cache-control"), "public, max-age=31536000, immutable");
        let tag = plain.header("etag").to_owned();
        let again = world.get(link).header("if-none-match", &tag).send().await.is(304);
        assert!(again.text.is_empty());
        wire += plain.text.len() / 3;
    }
    assert!(wire < 100_000, "{wire}");
    world.get("/assets/0000000000000000/app.css").send().await.problem(404, "notFound");
}
