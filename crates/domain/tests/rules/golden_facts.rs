//! Facts as they were stored by the releases before this one: every one of them is read, and is written again to the
//! same byte as long as its schema is the newest. A line of the file is never changed; new kinds and schemas are
//! appended by running this test with `BORGEN_GOLDEN=append`.

use crate::kinds::bodies;
use crate::world::*;
use domain::body::Body;
use domain::fact::{DECIDE_VERSION, DecodeError, Fact};
use domain::file::{AccountFile, apply};
use domain::ids::{Actor, Hash};
use std::collections::BTreeSet;
use std::path::Path;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/facts-v1.ndjson");

/// The lines of the golden file.
fn lines() -> Vec<String> {
    let text = std::fs::read_to_string(FILE).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

fn field(line: &str, name: &str) -> serde_json::Value {
    let value: serde_json::Value = serde_json::from_str(line).unwrap();
    value.get(name).cloned().unwrap_or_default()
}

/// A fact with this body at a place of the file.
fn fact(version: u64, body: Body) -> Fact {
    let actor = match version % 3 {
        0 => Actor::Program,
        1 => Actor::User(person(1)),
        _ => Actor::Connection(connection()),
    };
    Fact {
        account: account(),
        version,
        step: version.saturating_sub(1).max(1),
        at: beginning() + minutes(i64::try_from(version).unwrap()),
        happened: beginning(),
        actor,
        source_key: version.is_multiple_of(2).then(|| format!("source-{version}")),
        policy: (!version.is_multiple_of(4)).then(|| policy().hash),
        decide: DECIDE_VERSION,
        body,
    }
}

/// Writes what the file does not have yet, and nothing else.
fn append_what_is_missing() {
    let mut lines = lines();
    let known: BTreeSet<String> = lines.iter().map(|line| written_body(line)).collect();
    for body in bodies() {
        let new = fact(u64::try_from(lines.len()).unwrap() + 1, body);
        let line = String::from_utf8(new.store(Hash::default()).unwrap().bytes).unwrap();
        if !known.contains(&written_body(&line)) {
            lines.push(line);
        }
    }
    std::fs::create_dir_all(Path::new(FILE).parent().unwrap()).unwrap();
    std::fs::write(FILE, lines.join("\n") + "\n").unwrap();
}

/// Kind, schema and body of a line: what makes it another one.
fn written_body(line: &str) -> String {
    format!("{} {} {}", field(line, "kind"), field(line, "schema"), field(line, "body"))
}

#[test]
fn every_fact_that_was_ever_written_is_read_and_written_to_the_same_byte() {
    if std::env::var("BORGEN_GOLDEN").is_ok_and(|wanted| wanted == "append") {
        append_what_is_missing();
    }
    for (line, version) in lines().iter().zip(1..) {
        let read = Fact::read(account(), version, line.as_bytes()).unwrap();
        assert_eq!(read.version, version);
        assert_eq!(read.body.class().word(), field(line, "class"), "{line}");
        if u64::from(read.body.schema()) == field(line, "schema") {
            let again = String::from_utf8(read.store(Hash::default()).unwrap().bytes).unwrap();
            assert_eq!(
                again,
                *line,
                "the written form of `{}` has changed: it needs the next schema",
                read.body.kind()
            );
        }
        // Whatever it says, folding takes it.
        apply(&mut AccountFile::default(), &read);
    }
}

#[test]
fn the_golden_file_has_every_kind_in_its_newest_schema_and_every_variant() {
    let lines = lines();
    let schemas: BTreeSet<_> =
        lines.iter().map(|line| (field(line, "kind").to_string(), field(line, "schema").to_string())).collect();
    for (word, _, schema) in Body::KINDS {
        let wanted = (format!("\"{word}\""), schema.to_string());
        assert!(schemas.contains(&wanted), "no `{word}` of schema {schema}: run with BORGEN_GOLDEN=append");
    }
    let known: BTreeSet<String> = lines.iter().map(|line| written_body(line)).collect();
    for body in bodies() {
        let line = String::from_utf8(fact(1, body).store(Hash::default()).unwrap().bytes).unwrap();
        assert!(known.contains(&written_body(&line)), "not in the file: {line}: run with BORGEN_GOLDEN=append");
    }
}

#[test]
fn a_customer_of_schema_one_has_no_debtor_and_owes_for_itself() {
    let line = r#"{"account":"00000000-0000-0000-0000-000000000001","version":1,"step":1,"class":"observed","kind":"customer.registered","schema":1,"at":"2025-01-02T03:04:05Z","happened":"2025-01-02T03:04:05Z","actor":"program","decide":1,"body":{"connection":"00000000-0000-0000-0000-000000000002","tenant":"00000000-0000-0000-0000-000000000003","cloud":"public","name":{"k":"contact","v":"x"}}}"#;
    let read = Fact::read(account(), 1, line.as_bytes()).unwrap();
    let Body::CustomerRegistered(registered) = &read.body else { panic!("{read:?}") };
    assert_eq!((registered.debtor, registered.reseller, &registered.country), (None, None, &None));
    let mut file = AccountFile::default();
    apply(&mut file, &read);
    assert_eq!(file.customer().unwrap().holdings.identity.as_ref().unwrap().debtor, None);
}

#[test]
fn what_a_later_release_wrote_is_told_apart_from_what_nobody_can_read() {
    let line = lines().first().cloned().expect("the golden file has facts");
    let newest = Body::KINDS.iter().find(|(word, _, _)| *word == "customer.registered").unwrap().2;
    let later_schema = line.replacen(&format!("\"schema\":{newest}"), &format!("\"schema\":{}", newest + 1), 1);
    let later_kind = line.replacen("customer.registered", "customer.teleported", 1);
    for (text, kind, schema) in [
        (&later_schema, "customer.registered", newest + 1),
        (&later_kind, "customer.teleported", newest),
        (&line.replacen(&format!("\"schema\":{newest}"), "\"schema\":0", 1), "customer.registered", 0),
    ] {
        let error = Fact::read(account(), 5, text.as_bytes()).unwrap_err();
        let DecodeError::Newer { account: of, version, kind: found, schema: number } = error else { panic!("{error}") };
        assert_eq!((of, version, found.as_str(), number), (account(), 5, kind, schema));
    }
    for text in ["", "{}", "[]", line.strip_suffix("}").unwrap(), &line.replacen("\"tenant\"", "\"tenants\"", 1)] {
        let error = Fact::read(account(), 5, text.as_bytes()).unwrap_err();
        assert!(matches!(error, DecodeError::Unreadable { .. }), "{text}: {error}");
    }
}
