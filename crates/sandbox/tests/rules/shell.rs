//! The shell over real sockets on loopback: serving, cutting, sending, simulated time and stopping.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sandbox::{AlertRequest, Fault, FaultRule, Running, Server, Trust, World, wall_clock};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::caller::{start, text};

async fn running(speed: u32) -> Running {
    let world = World::populate(42, 20, start(), Trust::shared().unwrap());
    let listen: SocketAddr = "127.0.0.1:0".parse().unwrap();
    Server::start(world, listen, wall_clock, speed).await.unwrap()
}

/// One request on its own connection; status, body, and whether the promised length arrived.
async fn call(address: SocketAddr, method: &str, path: &str, headers: &str, body: &str) -> (u16, String, bool) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: sandbox\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A reset is how a cut may look from here.
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    let promised = head
        .lines()
        .find_map(|line| line.to_lowercase().strip_prefix("content-length: ").and_then(|length| length.parse().ok()));
    let whole = promised.is_none_or(|promised: usize| promised == body.len());
    (status, body.to_owned(), whole)
}

async fn bearer(running: &Running) -> String {
    let credentials = running.with_world(|world| world.credentials());
    let form = format!(
        "grant_type=refresh_token&refresh_token={}&client_id={}&client_secret={}&resource=https%3A%2F%2Fapi.partnercenter.microsoft.com",
        credentials.refresh_token, credentials.client_id, credentials.client_secret
    );
    let path = format!("/login/{}/oauth2/token", credentials.partner_tenant);
    let (status, body, _) =
        call(running.address(), "POST", &path, "content-type: application/x-www-form-urlencoded\r\n", &form).await;
    assert_eq!(status, 200);
    let body: Value = serde_json::from_str(&body).unwrap();
    format!("authorization: Bearer {}\r\n", text(&body, "/access_token"))
}

#[tokio::test]
async fn customers_are_served_over_http_and_a_cut_really_breaks_the_connection() {
    let running = running(1).await;
    let headers = bearer(&running).await;
    let customers = "/partnercenter/v1/customers?size=5";
    let (status, body, whole) = call(running.address(), "GET", customers, &headers, "").await;
    assert_eq!((status, whole), (200, true));
    assert_eq!(serde_json::from_str::<Value>(&body).unwrap()["totalCount"], json!(5));
    running.with_world(|world| world.faults_mut().add(FaultRule::next_calls(Fault::CutMidBody, "customers", 1)));
    let (_, part, whole) = call(running.address(), "GET", customers, &headers, "").await;
    assert!(!whole && part.len() < body.len());
    let (status, again, whole) = call(running.address(), "GET", customers, &headers, "").await;
    assert_eq!((status, again.len(), whole), (200, body.len(), true));
    running.stop().await;
}

/// A receiver that answers each request with the next status, and keeps what it was sent.
async fn receiver(statuses: Vec<u16>) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let received = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&received);
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(async move {
        for status in statuses {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut bytes = Vec::new();
            let mut part = [0; 4096];
            loop {
                let length = stream.read(&mut part).await.unwrap();
                bytes.extend(part.iter().take(length));
                let text = String::from_utf8_lossy(&bytes).into_owned();
                if length == 0 || text.split_once("\r\n\r\n").is_some_and(|(_, body)| body.ends_with('}')) {
                    break;
                }
            }
            kept.lock().unwrap().push(String::from_utf8_lossy(&bytes).into_owned());
            let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    tasks.detach_all();
    (address, received)
}

#[tokio::test]
async fn webhooks_are_sent_by_simulated_time_and_tried_again_after_a_500() {
    let running = running(1_000).await;
    let (address, received) = receiver(vec![500, 200]).await;
    let headers = bearer(&running).await;
    let body = json!({"WebhookUrl": format!("http://{address}/hook"), "WebhookEvents": ["azure-fraud-event-detected"]});
    let (status, ..) =
        call(running.address(), "POST", "/partnercenter/webhooks/v1/registration", &headers, &body.to_string()).await;
    assert_eq!(status, 200);
    running.with_world(|world| world.raise_alert(&AlertRequest::default()).unwrap());
    for _ in 0..200 {
        if received.lock().unwrap().len() == 2 {
            break;
        }
        let _ = tokio::time::timeout(Duration::from_millis(25), std::future::pending::<()>()).await;
    }
    let received = received.lock().unwrap().clone();
    assert_eq!(received.len(), 2);
    for sent in &received {
        assert!(sent.starts_with("POST /hook HTTP/1.1"));
        assert!(sent.to_lowercase().contains(&format!("x-ms-certificate-url: http://{}/cert/", running.address())));
    }
    let (_, certificate, _) =
        call(running.address(), "GET", "/cert/pcnotifications-dispatch.microsoft.com.cer", "", "").await;
    assert!(!certificate.is_empty());
    running.stop().await;
}

#[tokio::test]
async fn the_control_plane_moves_time_and_stops_the_server() {
    let running = running(0).await;
    let address = running.address();
    let (_, before, _) = call(address, "GET", "/sandbox/time", "", "").await;
    let before: Value = serde_json::from_str(&before).unwrap();
    assert_eq!(text(&before, "/now"), "2026-06-15T08:00:00Z");
    let (_, after, _) = call(address, "POST", "/sandbox/time", "", "{\"advanceSeconds\": 3600, \"speed\": 0}").await;
    assert_eq!(text(&serde_json::from_str(&after).unwrap(), "/now"), "2026-06-15T09:00:00Z");
    let (status, story, _) = call(address, "POST", "/sandbox/stories", "", "{\"seed\": 3}").await;
    assert_eq!(status, 201);
    assert!(story.contains("\"plot\""));
    let (_, counters, _) = call(address, "GET", "/sandbox/counters", "", "").await;
    assert!(counters.contains("\"recordsTold\""));
    let (status, ..) = call(address, "POST", "/sandbox/faults", "", "[{\"fault\": \"no_such_fault\"}]").await;
    assert_eq!(status, 400);
    let (status, ..) = call(address, "POST", "/sandbox/stop", "", "").await;
    assert_eq!(status, 202);
    tokio::time::timeout(Duration::from_secs(8), running.finished()).await.unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}
