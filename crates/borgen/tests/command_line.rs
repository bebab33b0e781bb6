//! The command line as scripts see it: what goes to which stream, and how it ends. Needs no server.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use serde_json::Value;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn borgen(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_borgen"));
    command
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", folder);
    command
}

fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    told(borgen(folder).args(arguments).output().unwrap())
}

fn told(output: Output) -> (i32, String, String) {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// One event that the rule on deleted budgets is for, and one that no rule is for.
const EVENTS: &str = concat!(
    r#"{"time":"2026-11-20T10:00:00Z","resourceId":"/SUBSCRIPTIONS/11111111-2222-4333-8444-555555555555/PROVIDERS/MICROSOFT.CONSUMPTION/BUDGETS/B","operationName":"MICROSOFT.CONSUMPTION/BUDGETS/DELETE","category":"Administrative","resultType":"Success","tenantId":"99999999-2222-4333-8444-555555555555"}"#,
    "\nnot json\n",
    r#"{"time":"2026-11-20T10:00:01Z","resourceId":"/SUBSCRIPTIONS/11111111-2222-4333-8444-555555555555","operationName":"MICROSOFT.RESOURCES/TAGS/READ","category":"Administrative","resultType":"Success"}"#,
    "\n"
);

#[test]
fn a_wrong_use_ends_with_2_and_an_unknown_setting_with_what_was_meant() {
    let folder = folder();
    assert_eq!(run(folder.path(), &["no-such-command"]).0, 2);
    std::fs::write(folder.path().join("borgen.toml"), "server.lisen = \"x\"\n").unwrap();
    let (code, data, talk) = run(folder.path(), &["config", "show"]);
    assert_eq!((code, data.as_str()), (2, ""));
    assert!(talk.contains("server.lisen") && talk.contains("Did you mean server.listen?"), "{talk}");
    let (_, _, talk) = run(folder.path(), &["config", "show", "--lang", "sv"]);
    assert!(talk.contains("Menade du server.listen?"), "{talk}");
}

#[test]
fn the_settings_say_where_they_come_from_and_no_secret() {
    let folder = folder();
    let mut command = borgen(folder.path());
    command
        .args(["config", "show", "--origin", "-o", "jsonl", "--set", "log.filter=debug"])
        .env("BORGEN_TOKEN", "secret-thing");
    let (code, data, _) = told(command.output().unwrap());
    assert_eq!(code, 0);
    assert!(!data.contains("secret-thing"), "{data}");
    let lines: Vec<Value> = data.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let origin = |key: &str| lines.iter().find(|line| line["key"] == key).unwrap()["origin"].clone();
    assert_eq!(origin("log.filter"), "flag");
    assert_eq!(origin("client.token"), "BORGEN_TOKEN");
    assert_eq!(origin("server.listen"), "default");
}

#[test]
fn a_server_that_is_not_there_ends_with_7() {
    let folder = folder();
    let (code, data, talk) = run(folder.path(), &["cases", "list", "--server", "http://127.0.0.1:1"]);
    assert_eq!((code, data.as_str()), (7, ""), "{talk}");
    assert!(talk.contains("borgen serve"), "{talk}");
}

#[test]
fn detecting_names_rule_author_event_and_reasons_and_goes_past_what_it_cannot_read() {
    let folder = folder();
    std::fs::write(folder.path().join("day.ndjson"), EVENTS).unwrap();
    let (code, data, talk) = run(folder.path(), &["detect", "day.ndjson", "--output", "jsonl", "--stats"]);
    assert_eq!(code, 0, "{talk}");
    let findings: Vec<Value> = data.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let budget = findings.iter().find(|finding| finding["rule"]["title"] == "Budget deleted").unwrap();
    assert_eq!(budget["event"]["file"], "day.ndjson");
    assert_eq!(budget["event"]["line"], 1);
    assert!(!budget["rule"]["author"].as_str().unwrap().is_empty());
    assert!(!budget["reasons"].as_array().unwrap().is_empty());
    assert_eq!(budget["partition"], "99999999-2222-4333-8444-555555555555");
    assert!(talk.contains("day.ndjson:2"), "{talk}");
    let rule = budget["rule"]["id"].as_str().unwrap();
    let (code, data, _) = run(folder.path(), &["detect", "explain", rule, "day.ndjson:3"]);
    assert_eq!(code, 0);
    assert!(data.contains("does not hold"), "{data}");
    assert_eq!(run(folder.path(), &["detect", "explain", rule, "day.ndjson:99"]).0, 4);
    assert_eq!(run(folder.path(), &["detect", "explain", "no-such-rule", "day.ndjson:1"]).0, 4);
}

#[test]
fn standard_input_is_read_and_a_field_names_whose_an_event_is() {
    let folder = folder();
    let mut command = borgen(folder.path());
    command.args(["detect", "-", "--partition", "resultType", "-o", "jsonl", "-q"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(EVENTS.as_bytes()).unwrap();
    let (code, data, _) = told(child.wait_with_output().unwrap());
    assert_eq!(code, 0);
    let finding: Value = serde_json::from_str(data.lines().next().unwrap()).unwrap();
    assert_eq!((finding["partition"].as_str(), finding["event"]["file"].as_str()), (Some("Success"), Some("-")));
}

#[test]
fn a_refused_rule_is_named_by_its_place_and_stops_unless_told_to_go_on() {
    let folder = folder();
    let rules = folder.path().join("rules");
    std::fs::create_dir(&rules).unwrap();
    let wrong = "title: Wrong\nid: 0b5d4ec2-52c5-4e0c-a6f6-4d6f5a3f1a11\nlogsource: {product: azure}\ndetection:\n  selection: {a|nosuch: b}\n  condition: selection\n";
    std::fs::write(rules.join("wrong.yml"), wrong).unwrap();
    std::fs::write(folder.path().join("day.ndjson"), EVENTS).unwrap();
    let (code, data, _) = run(folder.path(), &["rules", "check", "rules", "-o", "jsonl"]);
    assert_eq!(code, 3);
    let refusal: Value = serde_json::from_str(data.lines().next().unwrap()).unwrap();
    assert!(refusal["file"].as_str().unwrap().ends_with("wrong.yml"));
    assert_eq!(refusal["line"], 5);
    assert_eq!(run(folder.path(), &["detect", "--rules", "rules", "day.ndjson"]).0, 3);
    let (code, _, talk) = run(folder.path(), &["detect", "--rules", "rules", "--keep-going", "day.ndjson"]);
    assert_eq!(code, 3);
    assert!(talk.contains("0 findings in 2 events; 1 line could not be read"), "{talk}");
}

#[test]
fn a_refused_rule_is_told_in_swedish_wherever_rules_are_loaded() {
    let folder = folder();
    let rules = folder.path().join("rules");
    std::fs::create_dir(&rules).unwrap();
    let wrong =
        "title: Wrong\nlogsource: {product: azure}\ndetection:\n  selection: {a|nosuch: b}\n  condition: selection\n";
    std::fs::write(rules.join("wrong.yml"), wrong).unwrap();
    let never = "title: Never\nid: n\nlogsource: {product: azure, service: activitylogs}\ndetection:\n  a: {b: c}\n  condition: a and not a\n";
    std::fs::write(rules.join("never.yml"), never).unwrap();
    std::fs::write(folder.path().join("day.ndjson"), EVENTS).unwrap();
    let (code, data, talk) = run(folder.path(), &["rules", "check", "rules", "--lang", "sv"]);
    assert_eq!(code, 3);
    assert!(data.contains("wrong.yml:4:15") && data.contains("`nosuch` är ingen modifierare"), "{data}");
    assert!(data.contains("modifierare: contains"), "{data}");
    assert!(talk.contains("den kan aldrig slå till"), "{talk}");
    let (code, _, talk) = run(folder.path(), &["detect", "--rules", "rules", "day.ndjson", "--lang", "sv"]);
    assert!(code == 3 && talk.contains("`nosuch` är ingen modifierare (modifierare: contains"), "{talk}");
    let (_, data, _) = run(folder.path(), &["rules", "test", "rules", "--lang", "sv"]);
    assert!(data.contains("`nosuch` är ingen modifierare"), "{data}");
    assert_eq!(run(folder.path(), &["init", ".", "--non-interactive"]).0, 0);
    let serve = ["serve", "--listen", "127.0.0.1:0", "--set", "detection.rules=rules", "--lang", "sv"];
    let (code, _, talk) = run(folder.path(), &serve);
    assert!(code == 3 && talk.contains("wrong.yml:4:15: `nosuch` är ingen modifierare"), "{talk}");
    // What goes to programs is the same in every language.
    let (_, data, _) = run(folder.path(), &["rules", "check", "rules", "--lang", "sv", "-o", "jsonl"]);
    let refusal: Value = serde_json::from_str(data.lines().next().unwrap()).unwrap();
    assert_eq!(
        (refusal["code"].as_str(), refusal["args"]["word"].as_str()),
        (Some("modifier-unknown"), Some("nosuch"))
    );
    assert_eq!(refusal["message"], "`nosuch` is not a modifier");
}

#[test]
fn the_rules_that_ship_are_listed_with_their_authors() {
    let folder = folder();
    let (code, data, _) = run(folder.path(), &["rules", "list", "-o", "json"]);
    assert_eq!(code, 0);
    let listed: Value = serde_json::from_str(&data).unwrap();
    let rules = listed["value"].as_array().unwrap();
    assert!(rules.len() >= 8);
    assert!(rules.iter().all(|rule| rule["author"].is_string()));
}

#[test]
fn policy_files_are_written_checked_and_compared_without_a_server() {
    let folder = folder();
    assert_eq!(run(folder.path(), &["policy", "write", "mine"]).0, 0);
    assert_eq!(run(folder.path(), &["policy", "write", "mine"]).0, 6, "nothing is written over");
    assert_eq!(run(folder.path(), &["policy", "check", "mine"]).0, 0);
    let clocks = folder.path().join("mine/clocks.toml");
    let text = std::fs::read_to_string(&clocks).unwrap();
    std::fs::write(&clocks, text.replacen("target = \"1 h\"", "target = \"2 h\"", 1)).unwrap();
    let (code, data, _) = run(folder.path(), &["policy", "diff", "mine", "--shipped", "-o", "jsonl"]);
    assert_eq!(code, 0);
    let change: Value = serde_json::from_str(data.trim()).unwrap();
    assert_eq!((change["file"].as_str(), change["after"].as_str()), (Some("clocks.toml"), Some("2 h")));
    std::fs::write(&clocks, text.replacen("target = ", "tarket = ", 1)).unwrap();
    let (code, data, _) = run(folder.path(), &["policy", "check", "mine", "-o", "jsonl"]);
    assert_eq!(code, 3);
    let problem: Value = serde_json::from_str(data.lines().next().unwrap()).unwrap();
    assert_eq!(problem["file"], "clocks.toml");
    assert!(problem["line"].as_u64().unwrap() > 1 && problem["column"].as_u64().unwrap() >= 1, "{problem}");
}

#[test]
fn a_new_installation_is_whole_private_and_never_written_over() {
    let folder = folder();
    let arguments = ["init", "here", "--non-interactive", "--admin", "Greta"];
    let (code, data, talk) = run(folder.path(), &arguments);
    assert_eq!(code, 0, "{talk}");
    let users: Vec<Value> = data.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(
        (users[0]["role"].as_str(), users[1]["role"].as_str()),
        (Some("global_administrator"), Some("user_administrator"))
    );
    assert!(users.iter().all(|user| user.get("token").is_none()), "links are enough: {data}");
    assert!(users.iter().all(|user| user["link"].as_str().unwrap().starts_with("/welcome/")));
    let (_, data, _) = run(folder.path(), &["init", "scripted", "--non-interactive", "--with-tokens"]);
    let users: Vec<Value> = data.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(users.iter().all(|user| user["token"].as_str().unwrap().len() > 40));
    assert_eq!(run(folder.path(), &arguments).0, 6);
    let here = folder.path().join("here");
    let (code, data, talk) = run(&here, &["doctor"]);
    assert_eq!(code, 0, "{data}{talk}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        for key in ["master.key", "signing.pem"] {
            let path = here.join("data/keys").join(key);
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        }
        assert_eq!(run(&here, &["doctor"]).0, 3);
        assert_eq!(run(&here, &["doctor", "--fix"]).0, 0);
    }
    let (code, pem, _) = run(&here, &["audit", "key"]);
    assert_eq!(code, 0);
    assert!(pem.starts_with("-----BEGIN PUBLIC KEY-----"));
    let (code, _, talk) = run(&here, &["replay", "--all"]);
    assert_eq!(code, 0, "{talk}");
}

#[test]
fn the_doctor_makes_no_store_where_there_is_none() {
    let folder = folder();
    assert_eq!(run(folder.path(), &["doctor"]).0, 3);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn an_export_that_cannot_be_read_as_one_is_refused() {
    let folder = folder();
    assert_eq!(run(folder.path(), &["init", ".", "--non-interactive"]).0, 0);
    let (_, pem, _) = run(folder.path(), &["audit", "key"]);
    std::fs::write(folder.path().join("key.pub"), pem).unwrap();
    std::fs::write(folder.path().join("export"), "{}\n").unwrap();
    let (code, data, _) = run(folder.path(), &["audit", "verify", "export", "--key", "key.pub", "-o", "json"]);
    assert_eq!(code, 3);
    let report: Value = serde_json::from_str(&data).unwrap();
    assert_eq!((report["verified"].as_bool(), report["proven"].as_bool()), (Some(false), Some(false)));
    assert_eq!(run(folder.path(), &["audit", "verify", "export", "--key", "export"]).0, 2);
}

#[test]
fn a_connection_is_added_to_the_settings_without_its_secrets() {
    let folder = folder();
    assert_eq!(run(folder.path(), &["init", ".", "--non-interactive"]).0, 0);
    for name in ["secret", "refresh"] {
        let path = folder.path().join(name);
        std::fs::write(&path, "s3cret\n").unwrap();
        #[cfg(unix)]
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    }
    let tenant = "11111111-2222-4333-8444-555555555555";
    let files = ["--client-secret-file", "secret", "--refresh-token-file", "refresh"];
    let add = [
        &[
            "admin",
            "connection",
            "add",
            "north",
            "--tenant",
            tenant,
            "--client-id",
            "22222222-2222-4333-8444-555555555555",
        ][..],
        &files,
    ]
    .concat();
    assert_eq!(run(folder.path(), &add).0, 0);
    assert_eq!(run(folder.path(), &add).0, 6);
    let settings = std::fs::read_to_string(folder.path().join("borgen.toml")).unwrap();
    assert!(settings.contains("[connections.north]") && !settings.contains("s3cret"), "{settings}");
    let (code, data, talk) = run(folder.path(), &["doctor", "--offline"]);
    assert_eq!(code, 0, "{data}{talk}");
    assert!(data.contains("✓ Settings of connections: north"), "{data}");
}

#[test]
fn manuals_and_completions_are_made_for_every_command() {
    let folder = folder();
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let (code, data, _) = run(folder.path(), &["completions", shell]);
        assert!(code == 0 && data.contains("borgen"), "{shell}");
    }
    let (code, page, _) = run(folder.path(), &["man", "action", "approve"]);
    assert!(code == 0 && page.contains("parameters"), "{page}");
    assert_eq!(run(folder.path(), &["man", "nonsense"]).0, 4);
}

#[test]
fn the_settings_that_are_written_are_those_of_the_sample() {
    let folder = folder();
    let (_, sample, _) = run(folder.path(), &["config", "sample"]);
    let kept = std::fs::read_to_string(repository().join("crates/borgen/borgen.sample.toml")).unwrap();
    assert_eq!(sample, kept);
}
