//! How pages look stays with the person, whatever browser it sits at.

use super::{csrf, page, read, send};
use crate::world::World;
use domain::permission::Role;

#[tokio::test]
async fn language_theme_keys_and_zone_are_the_persons_on_whatever_machine() {
    let world = World::mined().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let token = csrf(&read(&world, "/", &agent, "en").await);
    for (name, value) in [("language", "sv"), ("theme", "dark"), ("keys", "off")] {
        send(&world, "/preferences", &agent, &[("csrf", &token), ("back", "/"), (name, value)]).await.is(303);
    }
    let zone = [("csrf", token.as_str()), ("back", "/profile"), ("zone-sent", "yes"), ("zone", "Asia/Tokyo")];
    send(&world, "/preferences", &agent, &zone).await.is(303);
    // Another browser: it wants English, has other cookies, and gets what the person chose.
    let other = page(&world, "/cases", &agent)
        .header("accept-language", "en")
        .header("cookie", "language=en; theme=light; keys=on; zone=UTC")
        .send()
        .await
        .is(200);
    assert!(other.text.contains("<html lang=\"sv\" data-theme=\"dark\" data-keys=\"off\""), "{}", other.text);
    assert_eq!(other.header("content-language"), "sv");
    let profile = read(&world, "/profile", &agent, "en").await.is(200).text;
    assert!(profile.contains("value=\"Asia/Tokyo\"") && profile.contains("Tidszon"), "{profile}");
    let case = world.case().await.0.replace("/api/v1", "");
    let times = read(&world, &case, &agent, "en").await.is(200).text;
    assert!(times.contains("2026-11-22 12:00"), "03:00 in UTC is noon in Tokyo: {times}");
    let colleague = world.person(&[Role::AdminAgent]).await;
    let theirs = read(&world, "/", &colleague, "en").await.is(200).text;
    assert!(theirs.contains("<html lang=\"en\" data-theme=\"system\" data-keys=\"on\""), "{theirs}");
    let api = world.get("/api/v1/users").by(&agent).send().await;
    assert_eq!(api.header("content-language"), "en", "programs say it with each request");
}

#[tokio::test]
async fn a_zone_that_does_not_exist_is_refused_and_an_empty_one_follows_the_browser() {
    let world = World::quiet().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let token = csrf(&read(&world, "/", &agent, "en").await);
    let zone =
        |zone: &'static str| [("csrf", token.clone()), ("zone-sent", "yes".to_owned()), ("zone", zone.to_owned())];
    for (text, status) in [("Mars/Olympus", 422), ("Europe/Stockholm", 303), ("", 303)] {
        let fields = zone(text);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        send(&world, "/preferences", &agent, &fields).await.is(status);
    }
    let page = page(&world, "/profile", &agent).header("cookie", "zone=Asia%2FTokyo").send().await.is(200);
    assert!(page.text.contains("name=\"zone\" maxlength=\"64\" value=\"\""), "{}", page.text);
}

#[tokio::test]
async fn who_opens_a_page_without_a_session_is_led_to_sign_in_and_back() {
    let world = World::quiet().await;
    let open = |path: &'static str| world.get(path).header("accept", "text/html");
    assert_eq!(open("/").send().await.is(303).header("location"), "/sign-in");
    let way = open("/cases?filter=status%3Aopen").send().await.is(303).header("location").to_owned();
    assert_eq!(way, "/sign-in?next=%2Fcases%3Ffilter%3Dstatus%253Aopen");
    let page = world.get(&way).header("accept", "text/html").send().await.is(200);
    assert_eq!(super::value_of(&page, "next"), "/cases?filter=status%3Aopen");
    // A part of a page that is open still says what happened; programs get their status.
    let part = open("/").header("hx-request", "true").header("accept-language", "sv").send().await.is(401);
    assert!(part.text.contains("Logga in"), "{}", part.text);
    world.get("/api/v1/cases").header("accept", "text/html").send().await.problem(401, "unauthenticated");
    world.get("/").send().await.problem(401, "unauthenticated");
}
