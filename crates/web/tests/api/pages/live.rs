//! Live pages: a fact becomes a word on the open stream, the page's own part shows it, a stream that begins again has
//! missed nothing, many streams hear the same, and nobody hears of what they may not see.

use super::page;
use crate::world::{MINING_RULE, Person, World};
use axum::Router;
use axum::body::{Body, BodyDataStream};
use domain::permission::Role;
use futures_util::StreamExt;
use http::Request;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// How long a word may take to come: streams look at the feed every 300 ms.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long is listened when nothing may come.
const QUIET: Duration = Duration::from_millis(1_200);

/// The same partner, on a program that is not about to stop.
fn running(world: &World) -> Router {
    web::router(web::Parts { closing: CancellationToken::new(), ..world.parts() })
}

/// An open stream.
struct Stream(BodyDataStream);

impl Stream {
    async fn open(router: &Router, person: &Person, from: Option<u64>, last: Option<u64>) -> Self {
        let query = from.map(|from| format!("?since={from}")).unwrap_or_default();
        let mut request = Request::get(format!("/live{query}"))
            .header("authorization", format!("Bearer {}", person.secret))
            .header("accept", "text/event-stream");
        if let Some(last) = last {
            request = request.header("last-event-id", last.to_string());
        }
        let response = router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status(), 200);
        assert!(response.headers()["content-type"].to_str().unwrap().starts_with("text/event-stream"));
        Self(response.into_body().into_data_stream())
    }

    /// The position of the next word; nothing when none comes.
    async fn news(&mut self, within: Duration) -> Option<u64> {
        let next = tokio::time::timeout(within, async {
            loop {
                let chunk = self.0.next().await?.unwrap();
                let text = String::from_utf8(chunk.to_vec()).unwrap();
                if text.contains("event: news") {
                    let id = text.lines().find_map(|line| line.strip_prefix("id: ")).unwrap();
                    return Some(id.parse().unwrap());
                }
            }
        });
        next.await.ok().flatten()
    }
}

/// The position that an open page was made at.
async fn position(world: &World, router: &Router, person: &Person) -> u64 {
    let request = Request::get("/")
        .header("authorization", format!("Bearer {}", person.secret))
        .header("accept", "text/html")
        .body(Body::empty())
        .unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    let bytes = http_body_util::BodyExt::collect(response.into_body()).await.unwrap().to_bytes();
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    let _ = world;
    text.split("/live?since=").nth(1).unwrap().split('"').next().unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fact_becomes_a_word_on_the_open_stream_and_the_part_shows_it() {
    let world = World::quiet().await;
    world.seal().await;
    let router = running(&world);
    let agent = world.person(&[Role::AdminAgent]).await;
    let since = position(&world, &router, &agent).await;
    let mut stream = Stream::open(&router, &agent, Some(since), None).await;
    world.find(world.customer, MINING_RULE, 41_200).await;
    world.seal().await;
    let at = stream.news(PATIENCE).await.expect("the page is told");
    assert!(at > since);
    let part = page(&world, "/?view=all", &agent).header("hx-request", "true").header("hx-target", "section#now");
    let part = part.send().await.is(200).text;
    assert!(!part.contains("<html") && part.contains("id=\"case-"), "{part}");
    assert_eq!(stream.news(QUIET).await, None, "nothing has changed since");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_begins_again_has_missed_nothing() {
    let world = World::quiet().await;
    world.seal().await;
    let router = running(&world);
    let agent = world.person(&[Role::AdminAgent]).await;
    world.seal().await;
    let since = position(&world, &router, &agent).await;
    let mut stream = Stream::open(&router, &agent, Some(since), None).await;
    world.find(world.customer, MINING_RULE, 41_200).await;
    world.seal().await;
    let heard = stream.news(PATIENCE).await.unwrap();
    drop(stream);
    // The network was away: meanwhile something happened.
    world.alert("alert-1").await;
    world.seal().await;
    let mut again = Stream::open(&router, &agent, Some(since), Some(heard)).await;
    let told = again.news(PATIENCE).await.expect("what happened meanwhile is told");
    assert!(told > heard);
    drop(again);
    let mut third = Stream::open(&router, &agent, Some(since), Some(told)).await;
    assert_eq!(third.news(QUIET).await, None, "what was heard is not told twice");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_streams_hear_every_word() {
    let world = World::quiet().await;
    world.seal().await;
    let router = running(&world);
    let agent = world.person(&[Role::AdminAgent]).await;
    world.seal().await;
    let since = position(&world, &router, &agent).await;
    let mut streams = Vec::new();
    for _ in 0..200 {
        streams.push(Stream::open(&router, &agent, Some(since), None).await);
    }
    let mut heard = since;
    for round in 0..3 {
        world.find(world.customer, MINING_RULE, 41_200 + round).await;
        world.seal().await;
        let told = futures_util::future::join_all(streams.iter_mut().map(|stream| stream.news(PATIENCE))).await;
        let lost = told.iter().filter(|at| at.is_none_or(|at| at <= heard)).count();
        assert_eq!(lost, 0, "in round {round} {lost} of 200 pages were not told");
        heard = told.into_iter().flatten().min().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_hears_of_what_they_may_not_see() {
    let world = World::quiet().await;
    let own = world.of_reseller(Role::AdminAgent, world.reseller).await;
    let foreign = world.of_reseller(Role::AdminAgent, world.other_reseller).await;
    world.seal().await;
    let router = running(&world);
    let since = position(&world, &router, &own).await;
    let mut of_own = Stream::open(&router, &own, Some(since), None).await;
    let mut of_foreign = Stream::open(&router, &foreign, Some(since), None).await;
    world.find(world.customer, MINING_RULE, 41_200).await;
    world.seal().await;
    assert!(of_own.news(PATIENCE).await.is_some());
    assert_eq!(of_foreign.news(QUIET).await, None, "not even that something happened");
}

#[tokio::test]
async fn a_stream_needs_who_is_signed_in() {
    let world = World::quiet().await;
    world.get("/live").header("accept", "text/event-stream").send().await.problem(401, "unauthenticated");
}
