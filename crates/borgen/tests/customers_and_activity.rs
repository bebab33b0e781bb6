//! `borgen customers` and `borgen activity` against a demonstration that serves: what they show and write down, in both
//! languages, and what becomes of wrong input.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// How often is looked for what has to come about, and how long is waited between.
const MAX_LOOKS: u32 = 300;
const BETWEEN_LOOKS: Duration = Duration::from_millis(200);
/// An id that nothing has.
const NOBODY: &str = "00000000-0000-8000-8000-000000000001";

fn borgen(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_borgen"));
    command.current_dir(folder).env_clear().env("HOME", folder).stdin(Stdio::null());
    command
}

/// A demonstration with its people's tokens, until it is dropped.
struct Demo {
    child: Child,
    folder: tempfile::TempDir,
    handed: Value,
}

impl Demo {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // Partner Center's log is read every hour of the story: here that is some seconds.
        let words = ["--lang", "en", "--quiet", "demo", "--output", "json", "--customers", "12", "--speed", "600"];
        let mut child = borgen(folder.path()).args(words).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = lines.next().unwrap_or_else(|| panic!("the demonstration ended")).unwrap();
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, folder, handed: serde_json::from_str(&first).unwrap() }
    }

    /// Exit, standard output and standard error of a command by one of the people.
    fn run(&self, person: &str, words: &[&str]) -> (i32, String, String) {
        let mut command = borgen(self.folder.path());
        command.args(["--server", self.handed["url"].as_str().unwrap()]).args(words);
        if let Some(token) = self.handed["tokens"][person].as_str() {
            command.env("BORGEN_TOKEN", token);
        }
        let output = command.output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    }

    fn agent(&self, words: &[&str]) -> (i32, String, String) {
        self.run("adminAgent", words)
    }

    /// The data of a command that has to come to something.
    fn data(&self, words: &[&str]) -> Vec<Value> {
        let words = [words, &["-o", "jsonl"]].concat();
        for _ in 0..MAX_LOOKS {
            let (code, data, talk) = self.agent(&words);
            assert_eq!(code, 0, "{words:?}: {talk}");
            if !data.trim().is_empty() {
                return data.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
            }
            std::thread::sleep(BETWEEN_LOOKS);
        }
        panic!("nothing came of {words:?}")
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
    }
}

fn id(of: &Value) -> &str {
    of["id"].as_str().unwrap()
}

#[test]
fn customers_are_listed_spoken_with_and_noted() {
    let demo = Demo::start();
    let customers = demo.data(&["customers", "list"]);
    let customer = id(customers.first().unwrap()).to_owned();
    let name = customers.first().unwrap()["name"]["value"].as_str().unwrap().to_owned();
    let (code, table, _) = demo.agent(&["customers", "list", "--limit", "1", "--lang", "sv"]);
    assert!(code == 0 && table.contains("Namn") && table.contains(&name), "{table}");
    let (_, table, _) = demo.agent(&["customers", "list", &format!("customer:{customer}"), "--lang", "en"]);
    assert!(table.contains("Name") && table.contains(&name) && table.contains(&customer), "{table}");

    let new = ["customers", "contact", &customer, "Åsa Ek", "--role", "finance", "--phone", "+46 8 1", "--source"];
    let written = [&new[..], &["agreement", "--lang", "sv"]].concat();
    // Who asks for money writes down whom to call.
    let (code, table, talk) = demo.run("billingAdministrator", &written);
    assert!(code == 0 && table.contains("Åsa Ek") && talk.contains("är antecknad"), "{code} {table} {talk}");
    let contacts = demo.data(&["customers", "contacts", &customer]);
    assert_eq!(contacts.len(), 1);
    let contact = id(contacts.first().unwrap()).to_owned();
    let call = ["customers", "call", &customer, "Lovade betala", "--contact", &contact];
    let confirms = [&call[..], &["--known-number", "--confirms", &contact, "--lang", "en"]].concat();
    let (code, data, talk) = demo.agent(&confirms);
    assert_eq!((code, data.as_str()), (0, ""), "{talk}");
    assert!(talk.contains("is written down"), "{talk}");
    let (_, table, _) = demo.agent(&["customers", "calls", &customer, "--lang", "sv"]);
    assert!(table.contains("Lovade betala") && table.contains("Åsa Ek"), "{table}");
    assert!(demo.data(&["customers", "contacts", &customer]).first().unwrap()["confirmed"].is_string());
    let (code, _, talk) = demo.agent(&["customers", "note", &customer, "Bad om faktura", "--lang", "sv"]);
    assert!(code == 0 && talk.contains("Antecknat om kunden"), "{talk}");
    let (code, _, talk) = demo.agent(&["customers", "remove-contact", &customer, &contact, "--lang", "en"]);
    assert!(code == 0 && talk.contains("is taken away"), "{talk}");
    let (code, data, _) = demo.agent(&["customers", "contacts", &customer, "-o", "jsonl"]);
    assert_eq!((code, data.as_str()), (0, ""));

    for (words, wanted) in [
        (vec!["customers", "contacts", NOBODY], 4),
        (vec!["customers", "note", NOBODY, "x"], 4),
        (vec!["customers", "contacts", "no-id"], 2),
        (vec!["customers", "list", "colour:blue"], 2),
        (vec!["customers", "list", "--limit", "many"], 2),
        (vec!["customers", "note", &customer, " "], 3),
        (vec!["customers", "call", &customer, "Hej"], 2),
        (vec!["customers", "call", &customer, "Hej", "--with", "Bo", "--at", "yesterday"], 2),
        (vec!["customers", "call", &customer, "Hej", "--with", "Bo", "--confirms", &contact], 2),
        (vec!["customers", "contact", &customer, "Bo", "--role", "king", "--phone", "1", "--source", "customer"], 2),
        (vec!["customers", "contact", &customer, "Bo", "--role", "finance", "--source", "customer"], 2),
        (vec!["customers", "remove-contact", &customer, NOBODY], 4),
    ] {
        for language in ["en", "sv"] {
            let (code, data, talk) = demo.agent(&[&words[..], &["--lang", language]].concat());
            assert_eq!((code, data.as_str()), (wanted, ""), "{words:?} in {language}: {talk}");
            assert!(!talk.trim().is_empty(), "{words:?} in {language} says nothing");
        }
    }
    let (code, data, talk) = demo.run("userAdministrator", &["customers", "note", &customer, "x", "--lang", "sv"]);
    assert_eq!((code, data.as_str()), (5, ""), "{talk}");
    assert!(talk.contains("Din roll") && talk.contains("billing_administrator"), "it says who may: {talk}");
}

#[test]
fn what_was_done_in_partner_center_is_listed_shown_and_reviewed() {
    let demo = Demo::start();
    let records = demo.data(&["activity", "list", "status:unreviewed"]);
    let record = id(records.first().unwrap()).to_owned();
    let (code, table, _) = demo.agent(&["activity", "list", "--limit", "5", "--lang", "sv"]);
    assert!(code == 0 && table.contains(&record), "{table}");
    let (code, table, _) = demo.agent(&["activity", "show", &record, "--lang", "en"]);
    let operation = records.first().unwrap()["operation"].as_str().unwrap();
    assert!(code == 0 && table.contains(operation) && table.contains(&record), "{table}");
    let (code, data, talk) = demo.agent(&["activity", "review", &record, "--lang", "sv"]);
    assert_eq!((code, data.as_str()), (0, ""), "{talk}");
    assert!(talk.contains("1 post är markerad som granskad av dig"), "{talk}");
    let (code, _, talk) = demo.agent(&["activity", "review", &record, NOBODY, "--lang", "en"]);
    assert_eq!(code, 3, "{talk}");
    assert!(talk.contains("it was reviewed before") && talk.contains("there is no such record"), "{talk}");
    let shown = demo.data(&["activity", "list", "status:reviewed"]);
    assert!(shown.iter().any(|one| id(one) == record && one["reviewed"]["by"].is_string()), "{shown:?}");

    for (words, wanted) in [
        (vec!["activity", "show", NOBODY], 4),
        (vec!["activity", "show", "no-id"], 2),
        (vec!["activity", "list", "status:seen"], 2),
        (vec!["activity", "list", "--limit", "-1"], 2),
        (vec!["activity", "review"], 2),
        (vec!["activity", "review", "no-id"], 2),
    ] {
        for language in ["en", "sv"] {
            let (code, data, talk) = demo.agent(&[&words[..], &["--lang", language]].concat());
            assert_eq!((code, data.as_str()), (wanted, ""), "{words:?} in {language}: {talk}");
            assert!(!talk.trim().is_empty(), "{words:?} in {language} says nothing");
        }
    }
    let (code, _, talk) = demo.run("billingAdministrator", &["activity", "review", &record, "--lang", "sv"]);
    assert_eq!(code, 5, "{talk}");
    let (code, _, talk) = demo.run("nobody", &["activity", "list", "--lang", "en"]);
    assert!(code != 0 && !talk.trim().is_empty(), "without a token: {code} {talk}");
}
