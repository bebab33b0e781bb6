//! Who is on call: the file is read, what is wrong in it is told with its place, and a policy without it wakes nobody.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop at the first surprise")]

use domain::paging::{Language, OnCall, Target};
use jiff::SignedDuration;
use policy::Bundle;

const FILE: &str = r#"enabled = true
[answers]
before_target = "15 min"
before_limit = "2 h"
[[receiver]]
name = "anna"
channel = "anna-phone"
user = "0199aaaa-0000-7000-8000-000000000001"
lang = "sv"
[[receiver]]
name = "desk"
channel = "teams"
lang = "en"
[rota]
time_zone = "Europe/Stockholm"
begins = "2026-03-23 08:00"
turns = ["anna", "desk"]
[[step]]
to = ["on-call"]
[[step]]
after = "10 min"
to = ["desk", "anna"]
"#;

fn with(text: Option<&str>) -> Bundle {
    let mut files = Bundle::embedded().files().clone();
    files.remove("on-call.toml").expect("the file ships");
    if let Some(text) = text {
        files.insert("on-call.toml".to_owned(), text.as_bytes().to_vec());
    }
    Bundle::of(files).unwrap()
}

fn on_call(text: &str) -> OnCall {
    with(Some(text)).check().unwrap().policy.on_call.expect("somebody is on call")
}

#[test]
fn nobody_is_woken_by_the_policy_that_ships_nor_by_one_without_the_file() {
    assert_eq!(Bundle::embedded().check().unwrap().policy.on_call, None);
    assert_eq!(with(None).check().unwrap().policy.on_call, None);
    let off = FILE.replace("enabled = true", "enabled = false");
    assert_eq!(with(Some(&off)).check().unwrap().policy.on_call, None);
}

#[test]
fn receivers_turns_and_steps_are_read_as_they_are_written() {
    let on_call = on_call(FILE);
    let anna = on_call.receivers.get("anna").unwrap();
    assert_eq!((anna.channel.as_str(), anna.language), ("anna-phone", Language::Sv));
    assert!(anna.user.is_some());
    assert_eq!(on_call.receivers.get("desk").unwrap().user, None);
    let steps: Vec<_> = on_call.steps.iter().map(|step| (step.after, step.to.clone())).collect();
    let desk = Target::Receiver("desk".to_owned());
    let anna = Target::Receiver("anna".to_owned());
    let expected =
        vec![(SignedDuration::ZERO, vec![Target::OnCall]), (SignedDuration::from_mins(10), vec![desk, anna])];
    assert_eq!(steps, expected);
}

#[test]
fn a_turn_is_handed_over_by_the_clock_of_the_zone_also_when_the_clocks_change() {
    let rota = on_call(FILE).rota.unwrap();
    // The clocks go forward on 29 March 2026: 08:00 is 07:00 UTC before and 06:00 UTC after.
    let table = [
        ("2026-03-23T06:59:59Z", None),
        ("2026-03-23T07:00:00Z", Some("anna")),
        ("2026-03-30T05:59:59Z", Some("anna")),
        ("2026-03-30T06:00:00Z", Some("desk")),
        ("2026-04-06T06:00:00Z", Some("anna")),
    ];
    for (at, turn) in table {
        assert_eq!(rota.turn(at.parse().unwrap()), turn, "{at}");
    }
}

#[test]
fn what_is_wrong_in_it_is_told_with_its_line() {
    let table = [
        ("name = \"desk\"", "name = \"anna\"", 11, "the name `anna` is taken"),
        ("lang = \"en\"", "lang = \"fi\"", 13, "`fi` is not known"),
        ("0199aaaa-0000-7000-8000-000000000001", "anna", 8, "`anna` is no id of a user"),
        ("Europe/Stockholm", "Europe/Stokholm", 15, "is no time zone"),
        ("2026-03-23 08:00", "monday", 16, "is no date with a time"),
        ("turns = [\"anna\"", "turns = [\"bo\"", 17, "there is no receiver `bo`"),
        ("after = \"10 min\"\n", "", 20, "`after` is missing"),
        ("to = [\"desk\", \"anna\"]", "to = [\"dask\"]", 22, "there is no receiver `dask`"),
        ("to = [\"on-call\"]", "to = []", 18, "a step wakes 1 to 5"),
        ("before_target = \"15 min\"", "before_target = \"2 h\"", 3, "`before_target` has to be shorter"),
        ("channel = \"teams\"", "channel = \"Teams!\"", 12, "is no name"),
    ];
    for (from, to, line, message) in table {
        let text = FILE.replacen(from, to, 1);
        assert_ne!(text, FILE, "{from}");
        let problems = with(Some(&text)).check().expect_err(message);
        let found = problems
            .iter()
            .any(|problem| problem.file == "on-call.toml" && problem.line == line && problem.message.contains(message));
        assert!(found, "{message}: {problems:#?}");
    }
    let without_rota = FILE.split("[rota]").next().unwrap().to_owned() + "[[step]]\nto = [\"on-call\"]\n";
    let problems = with(Some(&without_rota)).check().expect_err("there is no rota");
    assert!(problems.iter().any(|problem| problem.message.contains("needs a [rota]")), "{problems:#?}");
    let nobody = "enabled = true\n[answers]\nbefore_target = \"15 min\"\nbefore_limit = \"2 h\"\n";
    let problems = with(Some(nobody)).check().expect_err("nobody is there to be woken");
    assert!(problems.iter().any(|problem| problem.message.contains("at least one [[receiver]]")), "{problems:#?}");
}
