//! Tests of the texts: both languages say the same things, no forbidden word occurs, no key is missing or idle.

use super::{Lang, Talk};
use fluent_bundle::FluentResource;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Words that machine translation made of the business's words (ux.md 5): none may reach a person.
const FORBIDDEN: &[&str] = &[
    "samlingar",
    "snedfördelad",
    "rekognosering",
    "förfallo mängd",
    "kredit kommentar",
    "dunning",
    "kontokompromiss",
    "kreditkort finns inte",
    "säkerhetstoken för",
];

/// Key and the values it takes, of one language.
fn keys(lang: Lang) -> BTreeMap<String, BTreeSet<String>> {
    let mut keys = BTreeMap::new();
    for text in lang.texts() {
        FluentResource::try_new((*text).to_owned()).unwrap_or_else(|(_, errors)| panic!("{lang:?}: {errors:?}"));
        let mut key = String::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if let Some((name, _)) =
                line.split_once('=').filter(|_| line.starts_with(|first: char| first.is_ascii_lowercase()))
            {
                key = name.trim().to_owned();
                assert!(keys.insert(key.clone(), BTreeSet::new()).is_none(), "{lang:?} has {key} twice");
            }
            for value in line.split('$').skip(1) {
                let name =
                    value.split(|sign: char| !sign.is_ascii_alphanumeric() && sign != '_').next().unwrap_or_default();
                keys.get_mut(&key).unwrap().insert(name.to_owned());
            }
        }
    }
    keys
}

#[test]
fn both_languages_have_the_same_keys_with_the_same_values() {
    assert_eq!(keys(Lang::En), keys(Lang::Sv));
}

#[test]
fn no_forbidden_swedish_word_occurs() {
    for text in Lang::Sv.texts() {
        let text = text.to_lowercase();
        for word in FORBIDDEN {
            assert!(!text.contains(word), "`{word}`");
        }
    }
}

/// Every string literal in the sources.
fn literals(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            literals(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("talk_tests.rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            found.extend(text.lines().flat_map(|line| line.split('"').skip(1).step_by(2)).map(str::to_owned));
        }
    }
}

#[test]
fn every_text_is_used_somewhere() {
    let mut found = BTreeSet::new();
    literals(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    // Families of texts are named by what they are about: `step-verified`, `check-store`.
    let families = ["permission-", "actions-are-", "fault-", "unproven-", "word-", "personal-", "fix-", "check-"];
    let idle: Vec<String> = keys(Lang::En)
        .into_keys()
        .filter(|key| !found.contains(key) && !families.iter().any(|family| key.starts_with(family)))
        .collect();
    assert!(idle.is_empty(), "{idle:?}");
}

#[test]
fn every_text_that_the_sources_ask_for_exists() {
    let known = keys(Lang::En);
    let mut asked = BTreeSet::new();
    asked_for(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut asked);
    assert!(asked.len() > 20, "the sources ask for too few texts to be true: {asked:?}");
    // Settings are asked for by a method of the same name.
    let is_setting = |key: &str| key == "lang" || key.contains('.');
    // Help and wrong use are put into Swedish only; in English clap speaks for itself.
    let swedish = Talk::new(Lang::Sv);
    let is_of_help =
        |key: &str| (key.starts_with("help-") || key.starts_with("usage-")) && swedish.maybe(key).is_some();
    let is_known = |key: &String| known.contains_key(key) || is_setting(key) || is_of_help(key);
    let missing: Vec<_> = asked.into_iter().filter(|key| !is_known(key)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// The keys that calls of `say`, `text`, `fail` and `hint` name.
fn asked_for(folder: &Path, asked: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            asked_for(&path, asked);
        } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("talk_tests.rs") {
            let text: String = std::fs::read_to_string(&path).unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
            for call in [".say(\"", ".text(\"", ".text( \"", ".say( \""] {
                asked.extend(text.split(call).skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned));
            }
            for call in [".fail(", ".warn("] {
                let named = text
                    .split(call)
                    .skip(1)
                    .filter_map(|rest| rest.split(')').next())
                    .filter_map(|call| call.split('"').nth(1));
                asked.extend(named.map(str::to_owned));
            }
        }
    }
}

#[test]
fn numbers_choose_between_one_and_many_and_names_are_put_in() {
    let talk = Talk::new(Lang::En);
    assert_eq!(talk.text("files-wrong", &[("count", &1)]), "1 problem was found.");
    assert_eq!(talk.text("files-wrong", &[("count", &2)]), "2 problems were found.");
    assert_eq!(Talk::new(Lang::Sv).text("files-wrong", &[("count", &2)]), "2 problem hittades.");
    assert_eq!(talk.text("no-such-key", &[]), "no-such-key");
}

#[test]
fn the_language_is_taken_from_the_environment() {
    let set = |value: &str| {
        let value = value.to_owned();
        move |name: &str| (name == "LANG").then(|| value.clone())
    };
    assert_eq!(Lang::from_environment(set("sv_SE.UTF-8")), Lang::Sv);
    assert_eq!(Lang::from_environment(set("C.UTF-8")), Lang::En);
    assert_eq!(Lang::from_environment(set("svarc")), Lang::En);
    let both = |name: &str| match name {
        "LC_ALL" => Some("en_GB".to_owned()),
        "LANG" => Some("sv_SE".to_owned()),
        _ => None,
    };
    assert_eq!(Lang::from_environment(both), Lang::En);
}
