//! Connections: what works and what does not, the switch for actions, what waits.

use super::{csrf, read, send, value_of};
use crate::world::{Answer, World};
use domain::body::Body;
use domain::ids::AccountKind;
use domain::people::ConnectionHealth;
use domain::permission::Role;

/// The state that the page's forms are based on.
fn state_of(page: &Answer) -> String {
    value_of(page, "state").replace("&quot;", "\"")
}

#[tokio::test]
async fn what_does_not_work_is_told_part_by_part_in_both_languages() {
    let world = World::quiet().await;
    let global = world.person(&[Role::GlobalAdministrator]).await;
    let well = read(&world, "/connections", &global, "en").await.is(200).text;
    assert!(
        well.contains("Security alerts</strong>: works") && well.contains("Off: everything is a dry run"),
        "{well}"
    );
    let health = ConnectionHealth { part: "alerts".to_owned(), fault: Some("900421".to_owned()) };
    world.tell(world.connection, AccountKind::Connection, Body::ConnectionHealth(health)).await;
    world.desk.store.park("a-tenant", "intake", world.now(), &[b"{}".to_vec()]).await.unwrap();
    let faulty = read(&world, "/connections", &global, "sv").await.is(200).text;
    assert!(faulty.contains("Något fungerar inte") && faulty.contains("<code>900421</code>"), "{faulty}");
    assert!(faulty.contains("a-tenant") && faulty.contains("Kunder och prenumerationer</strong>: fungerar"));
    let agent = world.person(&[Role::AdminAgent]).await;
    read(&world, "/connections", &agent, "en").await.is(403);
}

#[tokio::test]
async fn actions_are_switched_on_with_a_fresh_second_factor_and_off_at_once() {
    let world = World::quiet().await;
    let global = world.person(&[Role::GlobalAdministrator]).await;
    let path = format!("/connections/{}/actions", world.connection);
    let page = read(&world, "/connections", &global, "en").await.is(200);
    let (token, state) = (csrf(&page), state_of(&page));
    let fields = [("csrf", token.as_str()), ("state", state.as_str()), ("on", "true")];
    let away = send(&world, &path, &global, &fields).await.is(303);
    assert_eq!(away.header("location"), "/prove?next=%2Fconnections");
    let mut body = form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(fields);
    let proof = world.proof(&global).await;
    let ask = world.post(&path).by(&global).header("accept", "text/html").proved(&proof);
    let done = ask.text("application/x-www-form-urlencoded", &body.finish()).send().await.is(303);
    assert!(done.header("set-cookie").contains("done-switched-on"));
    let page = read(&world, "/connections", &global, "en").await.is(200);
    assert!(page.text.contains("Switch actions off"));
    let old = [("csrf", token.as_str()), ("state", state.as_str()), ("on", "false")];
    send(&world, &path, &global, &old).await.is(412);
    let state = state_of(&page);
    let fields = [("csrf", token.as_str()), ("state", state.as_str()), ("on", "false")];
    let done = send(&world, &path, &global, &fields).await.is(303);
    assert!(done.header("set-cookie").contains("done-switched-off"), "off needs no second factor");
}
