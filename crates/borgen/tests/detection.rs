//! `borgen detect` and `borgen rules` as scripts see them: every shape of file, what a finding looks like field by field,
//! what is told about malformed lines and refused rules, and how each command ends.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Stdio};

const RULE: &str = "
title: Budget gone
title_sv: Budget borta
id: 0b5d4ec2-52c5-4e0c-a6f6-4d6f5a3f1a11
author: A. Uthor
license: DRL 1.1
level: high
tags: [attack.t1562]
fields: [caller]
logsource: {product: azure, service: activitylogs}
detection:
  selection: {operationName|endswith: /budgets/delete}
  condition: selection
";

const WRONG: &str = "title: Wrong\nid: 0b5d4ec2-52c5-4e0c-a6f6-4d6f5a3f1a12\nlogsource: {product: azure}\ndetection:\n  selection: {a|nosuch: b}\n  condition: selection\n";

/// An event that fires the rule, with this caller.
fn fires(caller: &str) -> String {
    format!(
        r#"{{"time":"2026-11-20T10:00:00Z","eventDataId":"e-{caller}","operationName":"MICROSOFT.CONSUMPTION/BUDGETS/DELETE","category":"Administrative","caller":"{caller}","tenantId":"T-1"}}"#
    )
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("rules")).unwrap();
    std::fs::write(folder.path().join("rules/budget.yml"), RULE).unwrap();
    folder
}

/// How it ended, what went to standard output, and what went to standard error.
fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_borgen"));
    command.current_dir(folder).env_clear().env("HOME", folder).stdin(Stdio::null()).args(arguments);
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_finding_has_every_field_that_is_promised() {
    let folder = folder();
    std::fs::write(folder.path().join("day.ndjson"), format!("{{\"a\":1}}\n{}\n", fires("anna"))).unwrap();
    let (code, data, talk) = run(folder.path(), &["detect", "day.ndjson", "--rules", "rules", "--output", "jsonl"]);
    assert_eq!(code, 0, "{talk}");
    let wanted = json!({
        "rule": {
            "id": "0b5d4ec2-52c5-4e0c-a6f6-4d6f5a3f1a11", "title": "Budget gone", "title_sv": "Budget borta", "author": "A. Uthor",
            "level": "high", "licence": "DRL 1.1", "tags": ["attack.t1562"],
        },
        "event": {"file": "day.ndjson", "line": 2, "time": "2026-11-20T10:00:00Z", "id": "e-anna"},
        "partition": "t-1",
        "fields": {"caller": "anna", "operationName": "MICROSOFT.CONSUMPTION/BUDGETS/DELETE"},
        "reasons": [{
            "selection": "selection", "field": "operationName", "op": "endswith", "pattern": "/budgets/delete",
            "value": "MICROSOFT.CONSUMPTION/BUDGETS/DELETE",
        }],
        "kind": "single",
    });
    assert_eq!(lines(&data), [wanted]);
}

#[test]
fn every_shape_of_file_is_read_and_counts_its_lines() {
    let folder = folder();
    let (one, two) = (fires("anna"), fires("bo"));
    let ndjson = format!("{one}\n\n{two}\n");
    let shapes: Vec<(&str, Vec<u8>, Vec<u64>)> = vec![
        ("plain.ndjson", ndjson.clone().into_bytes(), vec![1, 3]),
        ("packed.ndjson.gz", gzip(ndjson.as_bytes()), vec![1, 3]),
        ("packed.ndjson.zst", zstd(ndjson.as_bytes()), vec![1, 3]),
        ("envelope.json", format!("{{\"records\":[{one},{two}]}}").into_bytes(), vec![1, 1]),
        ("pretty.json", format!("{{\n \"records\": [\n{one},\n{two}\n]}}").into_bytes(), vec![3, 4]),
        ("array.json", format!("[\n{one},\n{two}]").into_bytes(), vec![2, 3]),
    ];
    std::fs::create_dir_all(folder.path().join("all/inner")).unwrap();
    for (name, bytes, wanted) in &shapes {
        std::fs::write(folder.path().join("all/inner").join(name), bytes).unwrap();
        let path = format!("all/inner/{name}");
        let (code, data, talk) = run(folder.path(), &["detect", &path, "--rules", "rules", "-o", "jsonl"]);
        assert_eq!(code, 0, "{name}: {talk}");
        let found: Vec<u64> = lines(&data).iter().map(|finding| finding["event"]["line"].as_u64().unwrap()).collect();
        assert_eq!(&found, wanted, "{name}");
    }
    let (code, data, _) = run(folder.path(), &["detect", "all", "--rules", "rules", "-o", "jsonl"]);
    assert_eq!((code, data.lines().count()), (0, shapes.len() * 2));
}

/// A gzip file that holds the bytes as they are.
fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF];
    let mut blocks = bytes.chunks(60_000).peekable();
    while let Some(block) = blocks.next() {
        let length = u16::try_from(block.len()).unwrap();
        out.push(u8::from(blocks.peek().is_none()));
        out.extend(length.to_le_bytes());
        out.extend((!length).to_le_bytes());
        out.extend(block);
    }
    let sum = bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ if sum & 1 == 1 { 0xEDB8_8320 } else { 0 })
    });
    out.extend((!sum).to_le_bytes());
    out.extend(u32::try_from(bytes.len()).unwrap().to_le_bytes());
    out
}

/// A zstd file that holds the bytes as they are.
fn zstd(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).unwrap();
    let mut out = vec![0x28, 0xB5, 0x2F, 0xFD, 0xA0];
    out.extend(length.to_le_bytes());
    // One raw block, the last one.
    out.extend(((length << 3) | 1).to_le_bytes().iter().take(3));
    out.extend(bytes);
    out
}

#[test]
fn malformed_lines_and_a_broken_archive_are_told_and_stop_nothing() {
    let folder = folder();
    let day = format!("nonsense\n{{\"a\":}}\n[1]\n{}\n", fires("anna"));
    std::fs::write(folder.path().join("a.ndjson"), day).unwrap();
    let packed = gzip(format!("{}\n", fires("bo")).repeat(2_000).as_bytes());
    std::fs::write(folder.path().join("b.gz"), &packed[..packed.len() / 2]).unwrap();
    let packed = zstd(fires("bo").as_bytes());
    std::fs::write(folder.path().join("b.zst"), &packed[..packed.len() / 2]).unwrap();
    std::fs::write(folder.path().join("c.ndjson"), fires("carl")).unwrap();
    let arguments = ["detect", "a.ndjson", "b.gz", "b.zst", "c.ndjson", "--rules", "rules", "-o", "jsonl", "--stats"];
    let (code, data, talk) = run(folder.path(), &arguments);
    assert_eq!(code, 3, "what was not looked at is no success: {talk}");
    let callers: Vec<Value> = lines(&data).iter().map(|finding| finding["fields"]["caller"].clone()).collect();
    assert!(callers.first() == Some(&json!("anna")) && callers.last() == Some(&json!("carl")), "{talk}");
    let cut = format!("b.gz ends early, after line {}: the rest was not looked at", callers.len() - 2);
    let others = ["a.ndjson:1", "a.ndjson:2", "a.ndjson:3", "b.zst ends early", "2 files were not read to their end"];
    for place in others.into_iter().chain([cut.as_str()]) {
        assert!(talk.contains(place), "{place}: {talk}");
    }
    let stats: Value = talk.lines().find_map(|line| serde_json::from_str(line).ok()).unwrap();
    assert_eq!((&stats["malformed"], &stats["broken"], &stats["rules"]), (&json!(3), &json!(2), &json!(1)));
    assert_eq!(stats["engine"]["findings"], json!(callers.len()));
    let (code, _, talk) = run(folder.path(), &["detect", "b.gz", "--rules", "rules", "-o", "jsonl", "--lang", "sv"]);
    assert!(code == 3 && talk.contains("b.gz tar slut för tidigt, efter rad"), "{code} {talk}");
    assert!(talk.contains("alla rader som setts igenom"), "{talk}");
    let (code, _, talk) = run(folder.path(), &["detect", "explain", "x", "b.gz:99999", "--rules", "rules"]);
    assert!(code == 3 && talk.contains("b.gz ends early"), "{code} {talk}");
}

#[test]
fn a_line_that_is_no_event_says_why_in_the_readers_language_also_when_it_is_to_be_explained() {
    let folder = folder();
    std::fs::write(folder.path().join("day.ndjson"), "nonsense\n{\"a\":}\n").unwrap();
    let rule = "0b5d4ec2-52c5-4e0c-a6f6-4d6f5a3f1a11";
    for (lang, no_object, no_json) in [
        ("en", "the line is not a JSON object", "the event is not JSON"),
        ("sv", "raden är inget JSON-objekt", "händelsen är inte JSON"),
    ] {
        let (_, _, talk) = run(folder.path(), &["detect", "day.ndjson", "--rules", "rules", "--lang", lang]);
        assert!(talk.contains(no_object) && talk.contains(no_json), "{talk}");
        for (place, why) in [("day.ndjson:1", no_object), ("day.ndjson:2", no_json)] {
            let explain = ["detect", "explain", rule, place, "--rules", "rules", "--lang", lang];
            let (code, _, talk) = run(folder.path(), &explain);
            assert!(code == 2 && talk.contains(place) && talk.contains(why), "{code} {talk}");
        }
    }
}

#[test]
fn routing_off_shows_every_rule_every_event() {
    let folder = folder();
    let other = fires("anna").replace("\"category\"", "\"Type\":\"SigninLogs\",\"category\"");
    std::fs::write(folder.path().join("day.ndjson"), other).unwrap();
    let found = |route: &str| {
        let (code, data, _) =
            run(folder.path(), &["detect", "day.ndjson", "--rules", "rules", "--route", route, "-o", "jsonl"]);
        assert_eq!(code, 0);
        data.lines().count()
    };
    assert_eq!((found("auto"), found("none")), (0, 1));
}

#[test]
fn a_table_names_the_rule_its_author_and_the_place_in_both_languages() {
    let folder = folder();
    std::fs::write(folder.path().join("day.ndjson"), fires("anna")).unwrap();
    for (lang, title) in [("en", "Budget gone"), ("sv", "Budget borta")] {
        let arguments = ["detect", "day.ndjson", "--rules", "rules", "-o", "table", "--lang", lang, "--color", "never"];
        let (code, data, talk) = run(folder.path(), &arguments);
        assert_eq!(code, 0, "{talk}");
        let joined: String = data.split_whitespace().collect::<Vec<_>>().join(" ");
        for word in [title, "A. Uthor", "day.ndjson:1"] {
            assert!(word.split(' ').all(|part| joined.contains(part)), "{lang} {word}: {data}");
        }
        assert!(serde_json::from_str::<Value>(&data).is_err());
    }
}

#[test]
fn a_refused_rule_ends_with_3_and_keep_going_runs_the_others_all_the_same() {
    let folder = folder();
    std::fs::write(folder.path().join("rules/wrong.yml"), WRONG).unwrap();
    std::fs::write(folder.path().join("day.ndjson"), fires("anna")).unwrap();
    let (code, data, talk) = run(folder.path(), &["detect", "day.ndjson", "--rules", "rules", "-o", "jsonl"]);
    assert_eq!((code, data.as_str()), (3, ""), "{talk}");
    assert!(talk.contains("wrong.yml:5:"), "{talk}");
    let arguments = ["detect", "day.ndjson", "--rules", "rules", "--keep-going", "-o", "jsonl"];
    let (code, data, talk) = run(folder.path(), &arguments);
    assert_eq!((code, data.lines().count()), (3, 1), "{talk}");
}

#[test]
fn explaining_says_what_held_what_was_missing_and_how_it_ended() {
    let folder = folder();
    let other = r#"{"time":"2026-11-20T10:00:00Z","category":"Administrative","resultType":"Success","operationName":"Microsoft.Compute/disks/read"}"#;
    let bare = r#"{"time":"2026-11-20T10:00:00Z","authorization":{"action":"x"},"eventDataId":"1"}"#;
    std::fs::write(folder.path().join("day.ndjson"), format!("{}\n{other}\n{bare}\n", fires("anna"))).unwrap();
    let explain = |line: u32, output: &str| {
        let place = format!("day.ndjson:{line}");
        let rule = "0b5d4ec2-52c5-4e0c-a6f6-4d6f5a3f1a11";
        let (code, data, talk) =
            run(folder.path(), &["detect", "explain", rule, &place, "--rules", "rules", "-o", output]);
        assert_eq!(code, 0, "{talk}");
        data
    };
    let told: Value = serde_json::from_str(&explain(1, "json")).unwrap();
    assert_eq!((&told["holds"], &told["routed"], &told["log_type"]), (&json!(true), &json!(true), &json!("activity")));
    let line = &told["selections"][0]["lines"][0];
    assert_eq!(line["decided"], json!(["/budgets/delete", "MICROSOFT.CONSUMPTION/BUDGETS/DELETE"]));
    let told: Value = serde_json::from_str(&explain(2, "json")).unwrap();
    assert_eq!(told["holds"], json!(false));
    assert_eq!(told["selections"][0]["lines"][0]["found"], json!(["Microsoft.Compute/disks/read"]));
    assert!(explain(1, "table").contains("✓") && explain(2, "table").contains("✗"));
    assert_eq!(run(folder.path(), &["detect", "explain", "nobody", "day.ndjson:1", "--rules", "rules"]).0, 4);
    assert_eq!(run(folder.path(), &["detect", "explain"]).0, 2);
}

#[test]
fn rules_are_checked_tested_and_listed_with_an_end_of_their_own() {
    let folder = folder();
    let path = folder.path();
    assert_eq!(run(path, &["rules", "check", "rules"]).0, 0);
    // A rule without events beside it is not tested, which is no success.
    let (code, _, talk) = run(path, &["rules", "test", "rules"]);
    assert!(code == 3 && talk.contains("budget.yml"), "{code} {talk}");
    let events = path.join("rules/budget.events.ndjson");
    let test = |expect: bool| format!("{{\"expect\":{expect},\"note\":\"deleted\",\"events\":[{}]}}\n", fires("anna"));
    let other = "{\"expect\":false,\"note\":\"read\",\"events\":[{\"operationName\":\"MICROSOFT.CONSUMPTION/BUDGETS/READ\",\"category\":\"Administrative\",\"tenantId\":\"T-1\"}]}\n";
    // Events that must fire are half of it: others must not.
    std::fs::write(&events, test(true)).unwrap();
    assert_eq!(run(path, &["rules", "test", "rules"]).0, 3);
    std::fs::write(&events, test(true) + other).unwrap();
    assert_eq!(run(path, &["rules", "test", "rules"]).0, 0);
    std::fs::write(&events, test(false)).unwrap();
    let (code, data, _) = run(path, &["rules", "test", "rules", "-o", "jsonl"]);
    assert_eq!(code, 3);
    let failed = &lines(&data)[0];
    assert_eq!((&failed["line"], &failed["note"], &failed["got"]), (&json!(1), &json!("deleted"), &json!(1)));
    let (code, data, _) = run(path, &["rules", "list", "rules", "-o", "jsonl"]);
    assert_eq!((code, &lines(&data)[0]["title"]), (0, &json!("Budget gone")));
    let narrow = RULE.replace("1a11", "1a13").replace("selection: {", "selection: {caller: anna, ");
    std::fs::write(path.join("rules/narrow.yml"), narrow).unwrap();
    let (code, _, talk) = run(path, &["rules", "check", "rules"]);
    assert!(
        code == 0 && talk.contains("0b5d4ec2-52c5-4e0c-a6f6-4d6f5a3f1a11") && talk.contains("narrow.yml"),
        "{talk}"
    );
    std::fs::write(path.join("rules/wrong.yml"), WRONG).unwrap();
    for command in ["check", "test", "list"] {
        assert_eq!(run(path, &["rules", command, "rules"]).0, 3, "{command}");
        assert_eq!(run(path, &["rules", command, "missing"]).0, 2, "{command}");
    }
}
