//! The seven attacks on an export, each by somebody who changes the file only, and by somebody who makes everything
//! anew that can be made without the signing key. Where even the signing key is used, the kept checkpoint has to tell.
//! Every file is also checked by `verify.py`, written from the description of the format alone.

use crate::journal::{Chain, at, databases, signer};
use crate::pen::Export;
use domain::ids::AccountId;
use serde_json::{Value, json};
use std::io::Write as _;
use std::process::Command;
use store::{Checkpoint, Problem, Proof, Report, Store, VerifyError, verify};
use uuid::Uuid;

/// A journal of five accounts with four checkpoints, exported, and the third of the checkpoints, kept elsewhere.
struct Case {
    export: Export,
    kept: Checkpoint,
}

async fn export(store: &Store) -> Vec<u8> {
    let mut bytes = Vec::new();
    store.export(&mut bytes).await.unwrap();
    bytes
}

async fn journal(store: &Store) -> Case {
    let mut chains: Vec<Chain> = (0..5).map(Chain::new).collect();
    let mut checkpoints = Vec::new();
    for round in 0..4 {
        let now = at(60 * round);
        for chain in &mut chains {
            chain.append(store, 2, now).await;
        }
        assert_eq!(store.seal_batch("sealer", now, 1_000).await.unwrap(), 10);
        checkpoints.push(store.checkpoint(now, &signer(1)).await.unwrap().unwrap());
    }
    Case { export: Export::read(&export(store).await), kept: checkpoints.swap_remove(2) }
}

async fn case() -> Case {
    let store = databases().await.swap_remove(0);
    journal(&store).await
}

/// Checks a file with the program and with the script, which must agree.
fn check(bytes: &[u8], kept: Option<&Checkpoint>) -> Report {
    let report = verify(bytes, &signer(1).verifying_key(), kept).unwrap();
    if let Some(script) = by_script(bytes, kept) {
        let lines: Vec<u64> = report.findings.iter().map(|fault| fault.line).collect();
        let theirs: Vec<u64> =
            script["findings"].as_array().unwrap().iter().map(|f| f["line"].as_u64().unwrap()).collect();
        assert_eq!(theirs, lines, "{script} / {:?}", report.findings);
        assert_eq!(script["facts"], json!(report.facts));
        assert_eq!(script["accounts"], json!(report.accounts));
        assert_eq!(script["root"], json!(report.root));
        assert_eq!(script["proven"], json!(matches!(report.proven, Proof::Proven { .. })));
    }
    report
}

#[expect(clippy::print_stderr, reason = "a skipped test says so")]
fn by_script(bytes: &[u8], kept: Option<&Checkpoint>) -> Option<Value> {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::File::create(&path).unwrap().write_all(bytes).unwrap();
        path
    };
    let mut command = Command::new("python3");
    command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/verify.py")).arg(put("export.ndjson", bytes));
    command.arg("--key").arg(put("key.pem", signer(1).public_pem().unwrap().as_bytes()));
    if let Some(kept) = kept {
        command.arg("--checkpoint").arg(put("kept.txt", kept.note.as_bytes()));
    }
    let output = match command.output() {
        Ok(output) => output,
        Err(error) => {
            assert!(std::env::var("CI").is_err(), "CI needs python3: {error}");
            eprintln!("skipped by script: python3 is not there");
            return None;
        }
    };
    assert!(matches!(output.status.code(), Some(0 | 3)), "{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

/// The problems that are found, with and without the kept checkpoint.
fn problems(export: &Export, kept: &Checkpoint) -> (Vec<Problem>, Vec<Problem>) {
    let list = |report: Report| {
        assert!(matches!(report.proven, Proof::NotProven { .. }));
        report.findings.into_iter().map(|fault| fault.what).collect()
    };
    let bytes = export.bytes();
    (list(check(&bytes, Some(kept))), list(check(&bytes, None)))
}

#[tokio::test]
async fn an_export_as_it_was_made_is_sound_and_proven_by_a_kept_checkpoint_only() {
    for store in databases().await {
        let Case { export, kept } = journal(&store).await;
        let report = check(&export.bytes(), Some(&kept));
        assert_eq!(report.findings, []);
        assert_eq!((report.facts, report.accounts, report.last_position, report.signed), (40, 5, 40, 40));
        assert_eq!(report.proven, Proof::Proven { size: 30, at: kept.at });
        let report = check(&export.bytes(), None);
        assert!(report.is_sound());
        assert!(matches!(report.proven, Proof::NotProven { .. }));
    }
}

#[tokio::test]
async fn attack_1_an_edited_fact_is_found() {
    let Case { mut export, kept } = case().await;
    let line = export.facts()[6];
    export.edit(line, "Åsa", "Eva");
    let (with, without) = problems(&export, &kept);
    assert!(matches!(without[0], Problem::Edited { .. }), "{without:?}");
    assert!(with.len() > without.len(), "the kept checkpoint contradicts it too");
    let (_, without) = problems(&export.chained_anew(), &kept);
    assert!(matches!(without[..], [Problem::Root { size: 10 }, Problem::Root { size: 20 }, ..]), "{without:?}");
}

#[tokio::test]
async fn attack_2_a_deleted_fact_is_found() {
    let Case { mut export, kept } = case().await;
    let line = export.facts()[12];
    export.0.remove(line);
    let (_, without) = problems(&export, &kept);
    assert!(matches!(without[0], Problem::Position { expected: 13, found: 14 }), "{without:?}");
    assert!(without.iter().any(|problem| matches!(problem, Problem::Version { .. })));
    let (_, without) = problems(&export.chained_anew(), &kept);
    assert!(matches!(without[0], Problem::Count { signed: 20, found: 19 }), "{without:?}");
}

#[tokio::test]
async fn attack_3_facts_in_another_order_are_found() {
    let Case { mut export, kept } = case().await;
    let facts = export.facts();
    // Two facts of different accounts, so that both chains stay whole.
    export.0.swap(facts[3], facts[4]);
    let (_, without) = problems(&export, &kept);
    assert!(matches!(without[0], Problem::Position { expected: 4, found: 5 }), "{without:?}");
    let (_, without) = problems(&export.chained_anew(), &kept);
    assert!(matches!(without[0], Problem::Root { size: 10 }), "{without:?}");
}

#[tokio::test]
async fn attack_4_an_inserted_fact_is_found() {
    let Case { mut export, kept } = case().await;
    let line = export.facts()[7];
    export.insert(line, AccountId(Uuid::from_u128(0xBAD)), at(0));
    let (_, without) = problems(&export, &kept);
    assert!(matches!(without[0], Problem::Position { expected: 9, found: 1 }), "{without:?}");
    let (_, without) = problems(&export.chained_anew(), &kept);
    assert!(matches!(without[0], Problem::Count { signed: 10, found: 11 }), "{without:?}");
}

#[tokio::test]
async fn attack_5_a_cut_off_end_is_found_against_a_kept_checkpoint() {
    let Case { mut export, kept } = case().await;
    let mut cut = export.clone();
    cut.0.truncate(20);
    let (_, without) = problems(&cut, &kept);
    assert_eq!(without, [Problem::NoEnd], "cut without care");
    // Cut at the second checkpoint, with a good end: nothing in the file is wrong.
    let end = export.facts()[20];
    export.0.truncate(end);
    export.0.push(json!({"trailer": {}}));
    let export = export.chained_anew();
    assert!(check(&export.bytes(), None).is_sound(), "the file alone can't tell");
    let (with, _) = problems(&export, &kept);
    assert_eq!(with, [Problem::Truncated { size: 30, at: kept.at, found: 20 }]);
}

#[tokio::test]
async fn attack_6_a_journal_written_anew_is_found_against_a_kept_checkpoint() {
    let Case { mut export, kept } = case().await;
    let line = export.facts()[6];
    export.edit(line, "Åsa", "Eva");
    let rewritten = export.chained_anew();
    let with_our_key = rewritten.clone().signed_anew(&signer(1));
    assert!(check(&with_our_key.bytes(), None).is_sound(), "the file alone can't tell");
    let (with, _) = problems(&with_our_key, &kept);
    assert_eq!(with, [Problem::Rewritten { size: 30, at: kept.at }]);
    let with_another_key = rewritten.signed_anew(&signer(2));
    let (_, without) = problems(&with_another_key, &kept);
    assert_eq!(without[0], Problem::OtherKey { size: 10 });
}

#[tokio::test]
async fn attack_7_a_clock_that_was_set_back_is_found() {
    let Case { export, kept } = case().await;
    let mut backdated = export.clone();
    let line = backdated.facts()[25];
    backdated.edit(line, &at(120).to_string(), &at(-3_600).to_string());
    let (_, without) = problems(&backdated.chained_anew().signed_anew(&signer(1)), &kept);
    assert!(matches!(without[..], [Problem::ClockBack { .. }]), "{without:?}");
    // A fact that is later than the checkpoint that covers it, and a checkpoint that is older than the one before.
    for (number, now) in [(9, 90), (25, 60)] {
        let mut early = export.clone();
        let line = early.facts()[number];
        let before = at(if number == 9 { 0 } else { 120 });
        if number == 9 {
            early.edit(line, &before.to_string(), &at(now).to_string());
            early = early.chained_anew().signed_anew(&signer(1));
        } else {
            let note = early.0.iter_mut().filter_map(|line| line.get_mut("checkpoint")).nth(2).unwrap();
            let old = Checkpoint::parse(note["note"].as_str().unwrap()).unwrap();
            let new = Checkpoint::sign(&old.origin, old.size, old.root, at(now), &signer(1));
            note["note"] = json!(new.note);
        }
        let (_, without) = problems(&early, &kept);
        assert!(without.iter().any(|problem| matches!(problem, Problem::CheckpointClockBack { .. })), "{without:?}");
    }
}

#[tokio::test]
async fn a_checkpoint_of_another_key_proves_nothing() {
    let Case { export, kept } = case().await;
    let foreign = Checkpoint::sign(&kept.origin, kept.size, kept.root, kept.at, &signer(2));
    let refused = verify(export.bytes().as_slice(), &signer(1).verifying_key(), Some(&foreign));
    assert!(matches!(refused, Err(VerifyError::Kept(_))));
    let elsewhere = Checkpoint::sign("elsewhere", kept.size, kept.root, kept.at, &signer(1));
    let report = check(&export.bytes(), Some(&elsewhere));
    assert!(matches!(report.findings[0].what, Problem::OtherStore { .. }));
    assert!(matches!(report.proven, Proof::NotProven { .. }));
}

#[tokio::test]
async fn any_byte_that_is_changed_is_found() {
    let Case { export, kept } = case().await;
    let bytes = export.bytes();
    for place in (0..bytes.len()).step_by(11) {
        let mut changed = bytes.clone();
        changed[place] ^= 1;
        let report = verify(changed.as_slice(), &signer(1).verifying_key(), Some(&kept)).unwrap();
        assert!(
            !report.is_sound(),
            "byte {place}: {:?}",
            String::from_utf8_lossy(&bytes[place.saturating_sub(30)..place + 9])
        );
    }
}

#[tokio::test]
async fn what_is_no_export_is_reported_and_nothing_else_happens() {
    let long = vec![b'x'; 5 * 1024 * 1024];
    for bytes in [&b""[..], b"\n", b"{}\n[]\n", b"\xff\xfe\n", &long] {
        assert!(!check(bytes, None).is_sound());
    }
    let Case { export, .. } = case().await;
    let mut twice = export.bytes();
    twice.extend(export.bytes());
    assert!(!check(&twice, None).is_sound());
}

#[tokio::test]
async fn an_export_beside_appends_is_sound() {
    let store = databases().await.swap_remove(0);
    journal(&store).await;
    let mut more = Chain::new(77);
    let writing = async {
        for round in 0..50 {
            more.append(&store, 3, at(1_000 + round)).await;
            store.seal_batch("sealer", at(1_000 + round), 100).await.unwrap();
        }
    };
    let (bytes, ()) = tokio::join!(export(&store), writing);
    assert!(check(&bytes, None).is_sound());
    let later = check(&export(&store).await, None);
    assert_eq!((later.facts, later.signed), (190, 40), "what no checkpoint covers yet is told");
}
