//! The doctor against a simulated Microsoft: each permission, the clock, the webhook, what is a dry run, and a word on
//! what to do under every failing line.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

mod program;

use program::{Serving, borgen, folder, run, run_as};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Stdio};

/// A simulated Microsoft, until it is dropped.
struct Microsoft {
    child: Child,
    base: String,
    credentials: Value,
}

impl Microsoft {
    fn start(folder: &Path) -> Self {
        let mut command = borgen(folder);
        command.args(["sandbox", "serve", "--listen", "127.0.0.1:0", "--customers", "3"]);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut text = String::new();
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            text.push_str(&line);
            if line == "}" {
                break;
            }
        }
        let told: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        Self { child, base: told["base"].as_str().unwrap().to_owned(), credentials: told["credentials"].clone() }
    }

    fn of(&self, name: &str) -> &str {
        let found = self.credentials.get(name);
        found.and_then(Value::as_str).unwrap_or_else(|| panic!("no {name} in {}", self.credentials))
    }
}

impl Drop for Microsoft {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn connect(folder: &Path, microsoft: &Microsoft, secret: &str) {
    let settings = std::fs::read_to_string(folder.join("borgen.toml")).unwrap();
    let before = settings.split("\n[connections.north]").next().unwrap().to_owned();
    let section = format!(
        "\n[connections.north]\ntenant = \"{}\"\ncloud = \"sandbox\"\nbase = \"{}\"\nclient_id = \"{}\"\nclient_secret = \"{secret}\"\nrefresh_token = \"{}\"\n",
        microsoft.of("partnerTenant"),
        microsoft.base,
        microsoft.of("clientId"),
        microsoft.of("refreshToken"),
    );
    std::fs::write(folder.join("borgen.toml"), before + &section).unwrap();
}

/// What the doctor found: exit, and (check, health, detail, what to do).
fn looked(folder: &Path) -> (i32, Vec<[String; 4]>) {
    let (code, data, talk) = run_as(folder, "", &["doctor", "-o", "jsonl"]);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let read = |line: &str| {
        let one: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line} {talk}"));
        [text(&one["check"]), text(&one["health"]), text(&one["detail"]), text(&one["fix"])]
    };
    let found: Vec<_> = data.lines().map(read).collect();
    for [check, health, detail, fix] in &found {
        assert!(health == "good" || !fix.is_empty(), "no word on what to do: {check} {detail}");
    }
    (code, found)
}

fn count(found: &[[String; 4]], check: &str, health: &str) -> usize {
    found.iter().filter(|[of, how, _, _]| of == check && how == health).count()
}

#[test]
fn each_permission_the_clock_the_webhook_and_the_dry_run_are_looked_at() {
    let folder = folder();
    let folder = folder.path();
    assert_eq!(run(folder, &["init", ".", "--non-interactive"]).0, 0);
    let microsoft = Microsoft::start(folder);
    connect(folder, &microsoft, microsoft.of("clientSecret"));
    // Once served, the connection is known to the store, with actions off.
    let serving = Serving::start(folder);
    assert!(serving.url.starts_with("http://127.0.0.1:"), "{}", serving.url);
    drop(serving);
    let (code, found) = looked(folder);
    assert_eq!(code, 0, "{found:#?}");
    assert_eq!(count(&found, "permission", "good"), 5, "{found:#?}");
    assert_eq!(count(&found, "clock-microsoft", "good"), 1, "{found:#?}");
    assert_eq!(count(&found, "actions", "warning"), 1, "everything is a dry run: {found:#?}");
    assert_eq!(count(&found, "webhook", "warning"), 1, "no public address is set: {found:#?}");

    connect(folder, &microsoft, "wrong");
    let (code, found) = looked(folder);
    assert_eq!(code, 3);
    assert!(count(&found, "permission", "bad") >= 4, "{found:#?}");
    assert!(
        found.iter().any(|[check, _, _, fix]| check == "permission" && fix.contains("client_secret")),
        "{found:#?}"
    );

    let base = microsoft.base.clone();
    drop(microsoft);
    let (code, found) = looked(folder);
    assert_eq!(code, 3, "{base} is gone");
    assert_eq!((count(&found, "microsoft", "bad"), count(&found, "permission", "good")), (1, 0), "{found:#?}");
}

/// Tells the simulated Microsoft to answer every question with 429.
fn throttle(microsoft: &Microsoft) {
    let body = r#"[{"fault":"throttled_with_retry_after","perMille":1000}]"#;
    let address = microsoft.base.trim_start_matches("http://");
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    let length = body.len();
    write!(
        stream,
        "POST /sandbox/faults HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[test]
fn when_microsoft_asks_to_wait_that_is_what_is_told_and_not_the_network() {
    let folder = folder();
    let folder = folder.path();
    assert_eq!(run(folder, &["init", ".", "--non-interactive"]).0, 0);
    let microsoft = Microsoft::start(folder);
    connect(folder, &microsoft, microsoft.of("clientSecret"));
    throttle(&microsoft);
    for (lang, told) in [("en", "Microsoft asks us to wait 57 s"), ("sv", "Microsoft ber oss vänta 57 s")] {
        let (_, data, talk) = run(folder, &["doctor", "--lang", lang]);
        assert!(data.contains(told), "{data} {talk}");
        assert!(!data.contains("Some(") && !data.contains("DNS"), "{data}");
    }
}

#[test]
fn channels_are_tried_when_asked_and_a_policy_that_wakes_nobody_is_a_warning() {
    let folder = folder();
    let folder = folder.path();
    assert_eq!(run(folder, &["init", ".", "--non-interactive"]).0, 0);
    let microsoft = Microsoft::start(folder);
    let settings = std::fs::read_to_string(folder.join("borgen.toml")).unwrap();
    let with = |base: &str| {
        let channels = format!(
            "\n[channels.phone]\nkind = \"webhook\"\nurl = \"{base}/receivers/webhook/phone\"\nsecret = \"whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\"\n\
             \n[channels.desk]\nkind = \"teams\"\nurl = \"{base}/receivers/teams/desk\"\n"
        );
        std::fs::write(folder.join("borgen.toml"), settings.clone() + &channels).unwrap();
    };
    with(&microsoft.base);
    let doctor = |more: &[&str]| {
        let (code, data, talk) = run(folder, &[&["doctor", "-o", "jsonl"], more].concat());
        let found: Vec<Value> = data.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        (code, found, talk)
    };
    let of = |found: &[Value], check: &str| -> Vec<String> {
        let found = found.iter().filter(|one| one["check"] == check);
        found.map(|one| format!("{} {}", one["health"].as_str().unwrap(), one["detail"].as_str().unwrap())).collect()
    };
    let (code, found, talk) = doctor(&[]);
    assert_eq!(code, 0, "{talk}");
    assert_eq!(of(&found, "channel"), ["good desk", "good phone"], "nothing is sent unasked");
    let on_call = of(&found, "on-call");
    assert!(on_call.len() == 1 && on_call[0].starts_with("warning") && on_call[0].contains("15"), "{on_call:?}");

    let (code, found, talk) = doctor(&["--page"]);
    assert_eq!(code, 0, "{found:#?} {talk}");
    assert!(of(&found, "channel").iter().all(|one| one.contains("a test message was taken")), "{found:#?}");

    let base = microsoft.base.clone();
    drop(microsoft);
    let (code, found, _) = doctor(&["--page"]);
    assert_eq!(code, 3, "{base} is gone");
    assert_eq!(of(&found, "channel"), ["bad desk: not_sent", "bad phone: not_sent"]);

    with("http://example.se");
    let (code, found, _) = doctor(&[]);
    assert_eq!(code, 3);
    assert!(of(&found, "channel")[0].contains("https://"), "an address in the open is refused: {found:#?}");
}
