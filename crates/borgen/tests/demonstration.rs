//! The whole way over sockets, by the program itself: one attack from the first event to the proof; and that it fails
//! when the simulated Microsoft goes away in the middle.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// How often the simulated Microsoft is asked whether it is time, and how long between.
const MAX_LOOKS: u32 = 600;
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

fn demo(seed: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_borgen"));
    command.args(["demo", "--once", "--customers", "12", "--seed", seed]).env_remove("BORGEN_TOKEN");
    command
}

#[test]
fn the_story_ends_proven_and_microsofts_log_tells_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let output = demo("11").current_dir(folder.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(summary["agrees"], true);
    assert_eq!(summary["verify"]["proven"], true);
    assert_eq!(summary["replay"]["same"], true);
    assert_eq!(summary["action"]["outcome"], "verified");
    assert_ne!(summary["action"]["proposer"], summary["action"]["approvals"][0]["by"]);
    assert_eq!(summary["customer"]["tenant"], summary["story"]["customer"]);
    assert!(summary["rules"].as_array().unwrap().iter().all(|rule| rule["author"].is_string()));
    let attacked = summary["attacked"].as_array().unwrap();
    assert!(attacked.contains(&summary["story"]["subscription"]), "{attacked:?}");
    let answers = summary["alerts"][0]["answers"].as_array().unwrap();
    let told: Vec<&str> = answers.iter().map(|answer| answer["status"].as_str().unwrap()).collect();
    assert_eq!(told, ["investigating", "resolved"]);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "the demonstration leaves something behind");
}

#[test]
fn it_fails_when_microsoft_goes_away_in_the_middle() {
    let folder = tempfile::tempdir().unwrap();
    let mut child =
        demo("12").current_dir(folder.path()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let sandbox = sandbox_of(&mut child);
    let mut under_way = false;
    for _ in 0..MAX_LOOKS {
        under_way = ask(&sandbox, "GET", "/sandbox/changes?limit=1000").contains("entitlement_cancel");
        if under_way || child.try_wait().unwrap().is_some() {
            break;
        }
        std::thread::sleep(BETWEEN_LOOKS);
    }
    assert!(under_way, "nothing was ever cancelled");
    ask(&sandbox, "POST", "/sandbox/stop");
    let ended = child.wait_with_output().unwrap();
    assert!(!ended.status.success());
    assert!(ended.stdout.is_empty(), "a summary was written all the same");
}

/// The address of the simulated Microsoft, from what the program says. The rest of its talk is read beside, so that it
/// never waits for a reader.
fn sandbox_of(child: &mut Child) -> String {
    let mut talk = BufReader::new(child.stderr.take().unwrap()).lines();
    let line = talk.by_ref().map(Result::unwrap).find(|line| line.contains("the simulated Microsoft is at")).unwrap();
    std::thread::spawn(move || talk.for_each(drop));
    line.rsplit("http://").next().unwrap().trim_end_matches('.').to_owned()
}

/// One request, without a library: the answer, or nothing when there is none.
fn ask(address: &str, method: &str, path: &str) -> String {
    let mut answer = String::new();
    let Ok(mut stream) = TcpStream::connect(address) else { return answer };
    let request =
        format!("{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
    if stream.write_all(request.as_bytes()).is_ok() {
        // A connection that is cut gives what came until then.
        let _ = stream.read_to_string(&mut answer);
    }
    answer
}
