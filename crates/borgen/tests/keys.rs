//! Erasing personal data and exchanging the master key, with the program as people run it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

mod program;

use program::{Serving, borgen, folder, run, run_as, told};
use serde_json::Value;
use std::path::Path;

/// A new installation, and its first two users with their tokens.
fn installed(folder: &Path) -> Vec<Value> {
    let (code, data, talk) = run(folder, &["init", ".", "--non-interactive", "--admin", "Greta Lind", "--with-tokens"]);
    assert_eq!(code, 0, "{talk}");
    data.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// The state of each user's name, as the interface shows it to somebody who may read names.
fn names(folder: &Path, token: &str) -> Vec<(String, String)> {
    let serving = Serving::start(folder);
    let (code, data, talk) = run_as(folder, token, &["admin", "user", "list", "-o", "json", "--server", &serving.url]);
    assert_eq!(code, 0, "{talk}");
    let listed: Value = serde_json::from_str(&data).unwrap();
    let users = listed["value"].as_array().unwrap();
    users.iter().map(|user| (text(&user["id"]).to_owned(), text(&user["name"]["state"]).to_owned())).collect()
}

#[test]
fn what_is_erased_is_shown_as_erased_and_the_journal_still_verifies_and_replays() {
    let folder = folder();
    let folder = folder.path();
    let users = installed(folder);
    let (global, manager) = (&users[0], &users[1]);
    let account = text(&global["user"]).to_owned();
    let erase = |token: &str, more: &[&str]| {
        let words = ["admin", "erase", "--account", &account, "--class", "contact", "--reason", "asked for by Greta"];
        run_as(folder, token, &[&words[..], more].concat())
    };
    let before = names(folder, text(&manager["token"]));
    assert!(before.iter().all(|(_, state)| state != "erased"), "{before:?}");

    let (code, data, _) = erase(text(&global["token"]), &["--dry-run", "-o", "jsonl"]);
    let shown: Value = serde_json::from_str(data.lines().next().unwrap()).unwrap();
    assert_eq!((code, &shown["kind"], &shown["values"]), (0, &"user.added".into(), &1.into()));
    let (code, _, talk) = erase(text(&global["token"]), &[]);
    assert!(code == 0 && talk.contains("--yes"), "nobody can be asked, so it is only shown: {talk}");
    assert_eq!(erase(text(&manager["token"]), &["--yes"]).0, 5, "only a Global administrator erases");
    assert_eq!(erase("borgen_user_nobody", &["--yes"]).0, 5);
    assert_eq!(names(folder, text(&manager["token"])), before, "until now nothing was erased");

    let (code, _, talk) = erase(text(&global["token"]), &["--yes"]);
    assert!(code == 0 && talk.contains("1 key is erased"), "{talk}");
    let after = names(folder, text(&manager["token"]));
    let of = |id: &str| after.iter().find(|(user, _)| user == id).unwrap().1.clone();
    assert_eq!(of(&account), "erased");
    assert_ne!(of(text(&manager["user"])), "erased", "another account's key is not touched");
    let (code, _, talk) = run(folder, &["replay", &account]);
    assert_eq!(code, 0, "{talk}");

    let serving = Serving::start(folder);
    let server = serving.url.clone();
    let as_global = |words: &[&str]| run_as(folder, text(&global["token"]), &[words, &["--server", &server]].concat());
    assert_eq!(as_global(&["audit", "export", "journal.ndjson"]).0, 0);
    assert_eq!(as_global(&["audit", "checkpoint", "checkpoint.txt"]).0, 0);
    drop(serving);
    let (_, pem, _) = run(folder, &["audit", "key"]);
    std::fs::write(folder.join("key.pub"), pem).unwrap();
    let verify = ["audit", "verify", "journal.ndjson", "--key", "key.pub", "--checkpoint", "checkpoint.txt"];
    let (code, _, talk) = run(folder, &verify);
    assert_eq!(code, 0, "{talk}");
    let journal = std::fs::read_to_string(folder.join("journal.ndjson")).unwrap();
    assert!(journal.contains("erasure.ordered") && journal.contains("erasure.done"), "it stands in the journal");
    assert!(journal.contains(&format!("user:{account}")), "with the name of who did it");
    assert!(!journal.contains("asked for by Greta"), "the reason is personal data itself");
    let mut piped = borgen(folder);
    piped
        .args(["audit", "verify", "-", "--key", "key.pub"])
        .stdin(std::fs::File::open(folder.join("journal.ndjson")).unwrap());
    assert_eq!(told(piped.output().unwrap()).0, 0, "standard input is an export as well");
}

#[test]
fn an_account_that_is_not_there_and_a_store_in_use_are_told_apart() {
    let folder = folder();
    let folder = folder.path();
    let users = installed(folder);
    let token = text(&users[0]["token"]);
    let nobody = "00000000-0000-4000-8000-000000000000";
    let words = ["admin", "erase", "--class", "contact", "--reason", "x", "--yes", "--account"];
    assert_eq!(run_as(folder, token, &[&words[..], &[nobody]].concat()).0, 4);
    let serving = Serving::start(folder);
    let (code, _, talk) = run_as(folder, token, &[&words[..], &[text(&users[0]["user"])]].concat());
    assert!(code == 6 && talk.contains("stop the server"), "{talk}");
    drop(serving);
}

#[test]
fn after_an_exchange_the_old_master_key_is_refused_and_the_new_one_opens() {
    let folder = folder();
    let folder = folder.path();
    let users = installed(folder);
    let token = text(&users[1]["token"]);
    let before = names(folder, token);
    let exchange = ["admin", "rotate-master-key", "--new-key-file", "new.key"];
    let (code, _, talk) = run(folder, &exchange);
    assert!(code == 0 && talk.contains("--yes") && !folder.join("new.key").exists(), "{talk}");
    let (code, _, talk) = run(folder, &[&exchange[..], &["--yes"]].concat());
    assert!(code == 0 && talk.contains("keys.master_file"), "{talk}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(folder.join("new.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let (code, data, _) = run(folder, &["doctor", "-o", "jsonl"]);
    assert_eq!(code, 3, "the old key is refused");
    let vault =
        data.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).find(|one| one["check"] == "vault");
    assert_eq!(vault.unwrap()["health"], "bad");
    assert_eq!(run(folder, &["serve", "--listen", "127.0.0.1:0"]).0, 2);

    let settings = std::fs::read_to_string(folder.join("borgen.toml")).unwrap();
    let changed = settings.replacen("# master_file = \"\"", "master_file = \"new.key\"", 1);
    assert_ne!(settings, changed, "the sample no longer has this line");
    let keys = changed.replacen("# [keys]", "[keys]", 1);
    std::fs::write(folder.join("borgen.toml"), keys).unwrap();
    let (code, data, talk) = run(folder, &["doctor"]);
    assert_eq!(code, 0, "{data}{talk}");
    assert_eq!(names(folder, token), before, "everything is read as before");
    let (code, _, talk) = run(folder, &[&exchange[..3], &["again.key", "--yes"]].concat());
    assert!(code == 0 && talk.contains("wrapped"), "{talk}");
    assert_eq!(partners_facts(folder), ["master_key.exchanged", "master_key.exchanged"], "each exchange is on record");
}

/// The kinds of the facts of the partner's account, read from the store itself.
fn partners_facts(folder: &Path) -> Vec<String> {
    let url = format!("sqlite:{}", folder.join("data/borgen.db").display());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = store::Store::open(&store::StoreConfig::new(url)).await.unwrap();
        let facts = store.facts(domain::ids::AccountId::of_partner(), 0, 100).await.unwrap();
        facts.into_iter().map(|fact| fact.kind).collect()
    })
}
