//! Requests that nobody should send: whatever comes in, the answer is a refusal and never a failure.

use crate::world::World;
use domain::permission::Role;
use http::Method;
use web::{Listed, table};

/// Bodies that are no good, or good by accident.
fn bodies() -> Vec<String> {
    let mut bodies: Vec<String> =
        ["", "null", "[]", "1", "\"x\"", "{}", "{\"a\":1}", "{\"text\":\"\\u0000\"}", "\u{feff}{}"]
            .map(str::to_owned)
            .to_vec();
    bodies.push("[".repeat(2_000));
    bodies.push(format!("{{\"files\":{{\"../x\":\"{}\"}}}}", "y".repeat(1_000)));
    bodies.push("{\"files\":{\"clocks.toml\":\"= = =\"},\"from\":\"9999-12-30T22:00:00.999999999Z\"}".to_owned());
    bodies.push("{\"label\":\"x\",\"expires\":\"-009999-01-02T01:59:59Z\"}".to_owned());
    bodies.push("{\"title\":\"x\",\"cases\":[\"00000000-0000-0000-0000-000000000000\"]}".to_owned());
    bodies.push("{\"outcome\":\"fraud\",\"alerts\":[\"\\u0000\"]}".to_owned());
    bodies.push("{\"archive\":\"Ym9yZ2VuIHBvbGljeSBidW5kbGUgMQo=\"}".to_owned());
    bodies.push("{\"name\":\"\u{1b}[2J\",\"roles\":[\"auditor\"],\"scope\":{\"all\":true}}".to_owned());
    bodies
}

fn addresses(route: &Listed) -> Vec<String> {
    let ids = ["x", "%00", "%FF", "%2F..%2F", "00000000-0000-0000-0000-000000000000", "'%20OR%201=1--", "%E2%80%AE"];
    if !route.path.contains('{') {
        return vec![route.path.clone()];
    }
    let filled = |id: &str| {
        let parts = route.path.split('{').enumerate();
        parts
            .map(
                |(number, part)| {
                    if number == 0 { part.to_owned() } else { format!("{id}{}", &part.split_once('}').unwrap().1) }
                },
            )
            .collect()
    };
    ids.iter().map(|id| filled(id)).chain([filled(&"9".repeat(5_000))]).collect()
}

const QUERIES: [&str; 12] = [
    "after=%00",
    "after=MTIzOgA",
    "after=OTk5OTk5OTk5OTk5OTk5OTk5OTk6eA",
    "after=18446744073709551615",
    "after=%FF%FE",
    "maxpagesize=-1",
    "maxpagesize=4294967296",
    "filter=%22",
    "filter=status%3A%00",
    "filter=customer%3A%27%3B--",
    "preview=maybe",
    "filter=owner%3Ame%20owner%3Ame",
];

#[tokio::test]
async fn no_odd_request_makes_the_server_fail() {
    let world = World::mined().await;
    world.seal().await;
    let people = [
        world.person(&[Role::GlobalAdministrator]).await,
        world.person(&[Role::UserAdministrator]).await,
        world.person(&[Role::AdminAgent]).await,
    ];
    let mut asked = 0;
    for route in table() {
        for path in addresses(&route) {
            for person in &people {
                if route.method == Method::GET || route.method == Method::DELETE {
                    for query in [""].into_iter().chain(QUERIES) {
                        let path = format!("{path}?{query}");
                        let answer = world.ask(route.method.clone(), &path).by(person).send().await;
                        assert!(answer.status.as_u16() < 500, "{} {path}: {}", route.method, answer.text);
                        asked += 1;
                    }
                    continue;
                }
                for body in bodies() {
                    let ask = world.ask(route.method.clone(), &path).by(person).based_on("\"v0\"");
                    let answer = ask.text("application/json", &body).send().await;
                    assert!(answer.status.as_u16() < 500, "{} {path} {body}: {}", route.method, answer.text);
                    asked += 1;
                }
            }
        }
    }
    assert!(asked > 5_000, "only {asked} requests were sent");
}

#[tokio::test]
async fn a_server_on_a_socket_answers_and_stops_when_told() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let world = World::quiet().await;
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = web::serve(world.parts(), listener, async {
        let _ = stopped.await;
    });
    let asking = async {
        let mut socket = tokio::net::TcpStream::connect(address).await.unwrap();
        let request = b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        socket.write_all(request).await.unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await.unwrap();
        stop.send(()).unwrap();
        answer
    };
    let (served, answer) = tokio::join!(serving, asking);
    served.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
}
