//! Wrong use ends one way everywhere: 2 for what can't be, 3 for what a check refuses, 4 for what is not there, 7 for a
//! server that does not answer; with a reason, in the language of the settings, and nothing on standard output.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod program;

use program::{Serving, folder, run, run_as};

const TENANT: &str = "11111111-2222-4333-8444-555555555555";

/// What is called, and how it ends.
const WRONG: &[(&str, i32)] = &[
    ("", 2),
    ("nonsense", 2),
    ("cases", 2),
    ("cases show", 2),
    ("cases show nope", 2),
    ("cases close X", 2),
    ("cases close X --outcome nonsense", 2),
    ("alerts answer X --status resolved", 2),
    ("action approve", 2),
    ("incident declare title", 2),
    ("incident declare title --case nope", 2),
    ("activity review nope", 2),
    ("customers call 00000000-0000-4000-8000-000000000000 x --contact nope", 2),
    ("incident lift-cap X --connection Y", 2),
    ("incident lift-cap X --connection Y --limit 0", 2),
    ("incident lift-cap X --connection Y --limit 10001", 2),
    ("incident lift-cap X --connection Y --limit 5 --minutes 0", 2),
    ("incident lift-cap X --connection Y --limit 5 --minutes 1441", 2),
    ("rules check", 2),
    ("rules check missing", 2),
    ("rules check empty", 2),
    ("rules test missing", 2),
    ("rules test empty", 2),
    ("rules list missing", 2),
    ("detect", 2),
    ("detect missing", 2),
    ("detect --rules missing day.ndjson", 2),
    ("detect --route nonsense day.ndjson", 2),
    ("detect explain rule missing:1", 2),
    ("detect --rules empty day.ndjson", 2),
    ("detect explain rule day.ndjson", 2),
    ("detect explain rule day.ndjson:99", 4),
    ("detect explain no-such-rule day.ndjson:1", 4),
    ("audit verify missing --key key.pub", 2),
    ("audit verify day.ndjson --key missing", 2),
    ("audit verify day.ndjson --key key.pub --checkpoint missing", 2),
    ("audit verify day.ndjson --key key.pub", 3),
    ("audit verify - --key key.pub", 3),
    ("policy check missing", 2),
    ("policy check empty", 3),
    ("policy diff missing --shipped", 2),
    ("policy diff empty --with missing", 2),
    ("policy publish missing --yes", 2),
    ("policy publish empty --from yesterday", 2),
    ("policy write day.ndjson", 2),
    ("policy write /proc/nowhere", 2),
    ("audit export /nodir/journal", 2),
    ("audit export - --server http://127.0.0.1:1", 7),
    ("audit checkpoint - --server http://127.0.0.1:1", 7),
    ("replay", 2),
    ("replay nonsense", 2),
    ("replay --all --store sqlite:missing", 2),
    ("replay --all --what-if missing", 2),
    ("replay 00000000-0000-4000-8000-000000000000", 4),
    ("admin erase", 2),
    ("admin erase --account X --class contact --reason x", 2),
    ("admin erase --account 00000000-0000-4000-8000-000000000000 --class nonsense --reason x", 2),
    ("admin erase --account 00000000-0000-4000-8000-000000000000 --class contact --reason x", 4),
    ("admin rotate-master-key", 2),
    ("admin rotate-master-key --new-key-file data/keys/master.key --yes", 2),
    ("admin connection add X --tenant nonsense --client-id x --client-secret-file a --refresh-token-file b", 2),
    (
        "admin connection add north --tenant 11111111-2222-4333-8444-555555555555 --client-id x --client-secret-file missing --refresh-token-file missing",
        2,
    ),
    ("config show --config missing", 2),
    ("config show --set nonsense=1", 2),
    ("config show --set lang=de", 2),
    ("config show --set time_zone=Mars/Olympus", 2),
    ("config show --set connections.north.tenant=nope", 2),
    ("serve --listen nonsense", 2),
    ("serve --set detection.rules=missing", 2),
    ("serve --set detection.rules=empty", 2),
    ("sandbox serve --listen nonsense", 2),
    ("serve --set log.filter=[[", 2),
    ("cases list --server nonsense", 2),
    ("cases list --server http://127.0.0.1:1", 7),
    ("completions nonsense", 2),
    ("man nonsense", 4),
    ("demo --customers 1", 2),
    ("init .", 6),
    ("init other --non-interactive --tenant nope", 2),
    ("init day.ndjson --non-interactive", 2),
];

/// What is called, and what has to be said of it in English and in Swedish.
const SAID: &[(&str, &[&str], &[&str])] = &[
    ("incident declare x --case nope", &["nope", "--case", ID], &["nope", "--case", "ett id som", ID]),
    ("activity review nope", &["nope", ID], &["ett id som", ID]),
    ("policy publish empty --from yesterday", &["2026-12-01T06:00:00Z"], &["en tid som 2026-12-01T06:00:00Z"]),
    ("init other --non-interactive --tenant nope", &["--tenant", ID], &["--tenant", "ett id som", ID]),
    (
        "config show --set connections.north.tenant=nope",
        &["the command line: connections.north.tenant", "an id such as", ID],
        &["kommandoraden: connections.north.tenant", "ett id som", ID],
    ),
    ("serve --listen x", &["server.listen", "127.0.0.1:8477"], &["server.listen", "en värd och en port"]),
    ("serve --set detection.rules=missing", &["detection.rules", "no such file"], &["detection.rules", "finns inte"]),
    ("serve --set detection.rules=empty", &["detection.rules", ".yml"], &["detection.rules", ".yml"]),
    ("detect day.ndjson --rules empty", &["There is no rule file"], &["ingen regelfil"]),
    ("detect explain rule four.ndjson:99", &["four.ndjson has 4 lines"], &["four.ndjson har 4 rader"]),
    ("detect explain rule four.ndjson:2", &["No event begins on line 2", "line 3"], &["på rad 2", "rad 3"]),
    ("detect explain rule four.ndjson", &["FILE:LINE"], &["FIL:RAD"]),
    ("audit export /nodir/x", &["can't be written", "no such file"], &["går inte att skriva", "finns inte"]),
    ("policy write day.ndjson", &["can't be written", "there already"], &["går inte att skriva", "finns redan"]),
    // Without a server of its own the client talks to the one of the settings.
    ("cases list --set server.listen=0.0.0.0:1", &["http://127.0.0.1:1 "], &["http://127.0.0.1:1 "]),
];
const ID: &str = "00000000-0000-0000-0000-000000000000";

#[test]
fn wrong_use_is_told_with_what_is_wanted() {
    let folder = folder();
    let folder = folder.path();
    std::fs::create_dir(folder.join("empty")).unwrap();
    std::fs::write(folder.join("day.ndjson"), "{}\n").unwrap();
    std::fs::write(folder.join("four.ndjson"), "{\n}\n{\n}").unwrap();
    for (words, english, swedish) in SAID {
        for (lang, parts) in [("en", english), ("sv", swedish)] {
            let arguments: Vec<&str> = words.split_whitespace().chain(["--lang", lang]).collect();
            let (_, _, talk) = run(folder, &arguments);
            for part in *parts {
                assert!(talk.contains(part), "{lang}: borgen {words}: `{part}` is not in {talk}");
            }
        }
    }
    let (code, data, _) = run(folder, &["audit", "export", "-", "--server", "http://127.0.0.1:1"]);
    assert!(code == 7 && data.is_empty() && !folder.join("-").exists(), "- is standard output");
}

#[test]
fn an_address_that_another_program_has_is_told_with_its_setting_and_what_to_do() {
    let folder = folder();
    let folder = folder.path();
    assert_eq!(run(folder, &["init", ".", "--non-interactive"]).0, 0);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let free = "server.listen=127.0.0.1:0";
    for (words, setting) in [
        (vec!["serve", "--listen", &address], "server.listen (--listen)"),
        (vec!["serve", "--set", free, "--metrics-listen", &address], "server.metrics_listen (--metrics-listen)"),
        (vec!["sandbox", "serve", "--customers", "3", "--listen", &address], "--listen"),
        (vec!["demo", "--customers", "12", "--sandbox-listen", &address], "--sandbox-listen"),
    ] {
        for (lang, why, what) in
            [("en", "is in use", "name another address"), ("sv", "används redan", "ange en annan adress")]
        {
            let (code, _, talk) = run(folder, &[&words[..], &["--lang", lang]].concat());
            assert_eq!(code, 6, "{talk}");
            for part in [&address, setting, why, what] {
                assert!(talk.contains(part), "{lang}: {words:?}: `{part}` is not in {talk}");
            }
            assert!(!talk.contains("os error"), "{talk}");
        }
    }
}

#[test]
fn every_wrong_input_ends_as_the_table_says_in_both_languages() {
    let folder = folder();
    let folder = folder.path();
    assert_eq!(run(folder, &["init", ".", "--non-interactive"]).0, 0);
    std::fs::create_dir(folder.join("empty")).unwrap();
    std::fs::write(folder.join("day.ndjson"), "{}\n").unwrap();
    let (_, pem, _) = run(folder, &["audit", "key"]);
    std::fs::write(folder.join("key.pub"), pem).unwrap();
    let settings = std::fs::read_to_string(folder.join("borgen.toml")).unwrap();
    for lang in ["en", "sv"] {
        // Only the settings say the language: it reaches every command.
        let line = settings.lines().find(|line| line.starts_with("lang = ")).unwrap();
        std::fs::write(folder.join("borgen.toml"), settings.replacen(line, &format!("lang = \"{lang}\""), 1)).unwrap();
        for (words, wanted) in WRONG {
            let arguments: Vec<&str> = words.split_whitespace().collect();
            let (code, _, talk) = run(folder, &arguments);
            assert_eq!(code, *wanted, "{lang}: borgen {words}: {talk}");
            assert!(!talk.trim().is_empty(), "{lang}: borgen {words} says nothing");
            if lang == "sv" {
                for english in ["Usage:", "error:", "can't be", "There is no", "invalid value", "is no "] {
                    assert!(!talk.contains(english), "borgen {words} in Swedish: `{english}` in {talk}");
                }
            }
        }
    }
}

#[test]
fn a_connection_goes_by_its_name_and_without_secrets_it_gets_no_tick() {
    let folder = folder();
    let folder = folder.path();
    let (code, data, _) = run(folder, &["init", ".", "--non-interactive", "--tenant", TENANT, "--with-tokens"]);
    assert_eq!(code, 0);
    let first: serde_json::Value = serde_json::from_str(data.lines().next().unwrap()).unwrap();
    let token = first["token"].as_str().unwrap();
    let (code, data, _) = run(folder, &["doctor", "--offline"]);
    assert_eq!(code, 3, "{data}");
    let line = data.lines().find(|line| line.contains("Settings of connections")).unwrap();
    assert!(line.starts_with('✗') && line.contains("client_secret") && line.contains("refresh_token"), "{data}");
    for (line, next) in data.lines().zip(data.lines().skip(1)) {
        assert!(!line.starts_with('✗') || next.starts_with("    "), "no word on what to do: {line}");
    }
    let serving = Serving::start(folder);
    let on = |name: &str| {
        let words = ["admin", "connection", "key", name, "--server", &serving.url];
        run_as(folder, token, &words)
    };
    let (code, data, talk) = on("north");
    assert!(code == 0 && !data.trim().is_empty(), "{talk}");
    let (code, _, talk) = on("nowhere");
    assert!(code == 4 && talk.contains("north"), "it says which there are: {talk}");
}

#[test]
fn publishing_what_is_in_force_changes_nothing_and_a_conflict_says_who_was_faster() {
    let folder = folder();
    let folder = folder.path();
    let (_, data, _) = run(folder, &["init", ".", "--non-interactive", "--admin", "Greta Lind", "--with-tokens"]);
    let first: serde_json::Value = serde_json::from_str(data.lines().next().unwrap()).unwrap();
    let token = first["token"].as_str().unwrap();
    assert_eq!(run(folder, &["policy", "write", "mine"]).0, 0);
    let serving = Serving::start(folder);
    let publish = |more: &[&str]| {
        let words = ["policy", "publish", "mine", "--yes", "--server", &serving.url];
        run_as(folder, token, &[&words[..], more].concat())
    };
    let (code, _, talk) = publish(&[]);
    assert!(code == 0 && talk.contains("Nothing has changed"), "{talk}");
    let clocks = folder.join("mine/clocks.toml");
    let text = std::fs::read_to_string(&clocks).unwrap();
    for (target, based_on, wanted, said) in [("50 min", "1", 0, "is published"), ("40 min", "1", 6, "was faster")] {
        std::fs::write(&clocks, text.replacen("target = \"1 h\"", &format!("target = \"{target}\""), 1)).unwrap();
        let (code, _, talk) = publish(&["--based-on", based_on]);
        assert!(code == wanted && talk.contains(said), "{code} {talk}");
        assert!(wanted == 0 || (talk.contains("Greta Lind") && talk.contains("policy 2")), "{talk}");
    }
    let (code, data, _) = run_as(folder, token, &["policy", "timeline", "-o", "jsonl", "--server", &serving.url]);
    assert_eq!((code, data.lines().count()), (0, 2), "{data}");
}
