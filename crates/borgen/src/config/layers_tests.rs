//! Tests of where values come from.

use super::{ConfigError, Sources};
use secrecy::ExposeSecret;
use std::path::{Path, PathBuf};

fn file(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

fn environment(set: &[(&str, &str)]) -> std::collections::BTreeMap<String, String> {
    set.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn the_stronger_place_wins_and_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let machine = file(folder.path(), "etc.toml", "lang = \"sv\"\nserver.listen = \"etc:1\"\nlog.filter = \"etc\"");
    let here = file(folder.path(), "here.toml", "server.listen = \"here:1\"\nlog.format = \"json\"");
    let given = file(folder.path(), "given.toml", "[server]\nlisten = \"given:1\"");
    let mut sources = Sources { ordinary: vec![machine.clone(), here], given: Some(given), ..Sources::default() };
    assert_eq!(sources.load(&[]).unwrap().text("server.listen"), "given:1");
    sources.environment = environment(&[("BORGEN_SERVER__LISTEN", "env:1")]);
    let loaded = sources.load(&[]).unwrap();
    assert_eq!(loaded.text("server.listen"), "env:1");
    assert_eq!(
        (loaded.text("lang"), loaded.text("log.filter"), loaded.text("log.format")),
        ("sv".into(), "etc".into(), "json".into())
    );
    let loaded = sources.load(&[("server.listen", Some("flag:1".to_owned()))]).unwrap();
    assert_eq!(loaded.text("server.listen"), "flag:1");
    let shown = loaded.shown();
    let origin = |key: &str| shown.iter().find(|(path, ..)| path == key).unwrap().2.clone();
    assert_eq!(origin("server.listen"), "flag");
    assert_eq!(origin("lang"), machine.display().to_string());
    assert_eq!(origin("data.folder"), "default");
}

#[test]
fn an_unknown_key_is_refused_with_what_was_near() {
    let folder = tempfile::tempdir().unwrap();
    let wrong = file(folder.path(), "borgen.toml", "[server]\nlisten_on = \"x\"\n");
    let refused = Sources { given: Some(wrong), ..Sources::default() }.load(&[]).unwrap_err();
    assert!(
        matches!(&refused, ConfigError::UnknownKey { key, near: Some(near), .. } if key == "server.listen_on" && near == "server.listen"),
        "{refused:?}"
    );
    let refused = Sources { environment: environment(&[("BORGEN_SERVER__LISTN", "x")]), ..Sources::default() }
        .load(&[])
        .unwrap_err();
    assert!(
        matches!(&refused, ConfigError::UnknownKey { place, .. } if place == "BORGEN_SERVER__LISTN"),
        "{refused:?}"
    );
    let sources = Sources {
        environment: environment(&[("BORGEN_SHARED", "x"), ("BORGEN_TEST_POSTGRES", "y")]),
        ..Sources::default()
    };
    assert!(sources.load(&[]).is_ok());
}

#[test]
fn a_value_that_cannot_be_is_refused() {
    let table = [
        ("client.time_limit_seconds", "0"),
        ("client.time_limit_seconds", "soon"),
        ("log.format", "xml"),
        ("lang", "de"),
        ("server.listen", "x"),
        ("server.listen", ""),
        ("server.metrics_listen", "host"),
        ("entra.tenant", "contoso.com"),
        ("connections.north.tenant", "notaguid"),
    ];
    for (key, value) in table {
        let refused = Sources::default().load(&[(key, Some(value.to_owned()))]).unwrap_err();
        assert!(matches!(refused, ConfigError::WrongValue { .. }), "{key} = {value}: {refused:?}");
    }
}

#[test]
fn secrets_come_from_files_are_never_shown_and_not_given_twice() {
    let folder = tempfile::tempdir().unwrap();
    file(folder.path(), "token", "brg_secret\n");
    let config = file(folder.path(), "borgen.toml", "client.token_file = \"token\"\n");
    let mut sources = Sources { given: Some(config), ..Sources::default() };
    let loaded = sources.load(&[]).unwrap();
    assert_eq!(loaded.secret("client.token").unwrap().expose_secret(), "brg_secret");
    assert!(!format!("{:?}", loaded.shown()).contains("brg_secret"));
    sources.environment = environment(&[("BORGEN_TOKEN", "brg_other")]);
    assert_eq!(sources.load(&[]).unwrap().secret("client.token").unwrap().expose_secret(), "brg_other");
    sources.environment = environment(&[("BORGEN_TOKEN", "a"), ("BORGEN_TOKEN_FILE", "b")]);
    assert!(matches!(sources.load(&[]).unwrap_err(), ConfigError::Twice { key } if key == "client.token"));
}

#[test]
fn paths_are_relative_to_the_file_they_stand_in() {
    let folder = tempfile::tempdir().unwrap();
    let tenant = "11111111-2222-4333-8444-555555555555";
    let text =
        format!("data.folder = \"here\"\ndetection.rules = \"rules\"\n[connections.north]\ntenant = \"{tenant}\"\n");
    let config = file(folder.path(), "borgen.toml", &text);
    let loaded = Sources { given: Some(config), ..Sources::default() }.load(&[]).unwrap();
    assert_eq!(loaded.data_folder(), folder.path().join("here"));
    assert_eq!(loaded.store_url(), format!("sqlite:{}/here/borgen.db", folder.path().display()));
    assert_eq!(loaded.rules_folder(), Some(folder.path().join("rules")));
    let connections = loaded.connections();
    let north = connections.get("north").unwrap();
    assert_eq!((north.tenant.as_str(), north.cloud.as_str()), (tenant, "public"));
}
