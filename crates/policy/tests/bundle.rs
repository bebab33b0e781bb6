//! The bundle as a whole: the one that ships is good, its hash depends on names and bytes alone, its archive and a
//! folder give it back, and every broken file is named with its place.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop at the first surprise")]

use domain::cases::Outcome;
use domain::ids::Hash;
use domain::policy::Policy;
use policy::{Bundle, Problem};

/// The bundle that ships, with one text replaced in one file.
fn changed(file: &str, from: &str, to: &str) -> Bundle {
    let mut files = Bundle::embedded().files().clone();
    let text = String::from_utf8(files.remove(file).expect("the file ships")).unwrap();
    let changed = text.replacen(from, to, 1);
    assert_ne!(text, changed, "`{from}` is not in {file}");
    files.insert(file.to_owned(), changed.into_bytes());
    Bundle::of(files).unwrap()
}

fn problems(bundle: &Bundle) -> Vec<Problem> {
    bundle.check().expect_err("the bundle is broken")
}

/// Where a text of the file that ships begins: line and column.
fn place_of(bundle: &Bundle, file: &str, text: &str) -> (usize, usize) {
    let whole = std::str::from_utf8(bundle.files().get(file).expect("the file ships")).unwrap();
    let before = whole.split_once(text).expect("the text is there").0;
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}

#[test]
fn the_policy_that_ships_is_good() {
    let bundle = Bundle::embedded();
    let Policy { hash, outcomes, playbooks, approvals, cases, .. } = bundle.check().unwrap().policy;
    assert_eq!(hash, bundle.hash());
    assert_eq!(outcomes.len(), Outcome::ALL.len());
    assert!(playbooks.contains_key("mining-takeover"));
    assert!(!approvals.single_operator.enabled, "a partner of one person has to say so");
    assert_eq!(approvals.bands.last().unwrap().up_to, None);
    assert_eq!(cases.stories.first().unwrap().name, "mining");
}

#[test]
fn the_policy_that_ships_tells_microsoft_what_each_outcome_means() {
    use domain::notices::MicrosoftReason::{Fraud, Ignore, Legitimate};
    let outcomes = Bundle::embedded().check().unwrap().policy.outcomes;
    let expected = [
        (Outcome::Fraud, Fraud),
        (Outcome::Misuse, Fraud),
        (Outcome::Legitimate, Legitimate),
        (Outcome::FalseAlarm, Legitimate),
        (Outcome::Duplicate, Ignore),
        (Outcome::Test, Ignore),
        (Outcome::Stale, Ignore),
    ];
    assert_eq!(outcomes, expected.into_iter().collect());
}

#[test]
fn the_folder_that_ships_is_the_policy_inside_the_program() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policy");
    assert_eq!(Bundle::read_dir(folder).unwrap(), Bundle::embedded());
}

#[test]
fn the_hash_is_of_names_and_bytes_whatever_order_files_come_in() {
    let files = Bundle::embedded().files().clone();
    let forwards = Bundle::of(files.clone()).unwrap();
    let backwards = Bundle::of(files.into_iter().rev()).unwrap();
    assert_eq!(forwards.hash(), backwards.hash());
    assert_eq!(forwards.hash(), Hash::of(&forwards.to_bytes()));
    assert_ne!(changed("clocks.toml", "\"1 h\"", "\"2 h\"").hash(), forwards.hash());
    let of = |name: &str, text: &str| Bundle::of([(name.to_owned(), text.as_bytes().to_vec())]).unwrap().hash();
    assert_ne!(of("a.toml", "x"), of("b.toml", "x"));
    assert_ne!(of("a.toml", "x"), of("a.toml", "y"));
}

#[test]
fn an_archive_gives_the_same_bundle_and_policy_back() {
    let bundle = Bundle::embedded();
    let again = Bundle::from_bytes(&bundle.to_bytes()).unwrap();
    assert_eq!(again, bundle);
    assert_eq!(again.check().unwrap(), bundle.check().unwrap());
    assert!(Bundle::from_bytes(b"").is_err());
}

#[test]
fn a_folder_gives_its_toml_files_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in Bundle::embedded().files() {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    std::fs::write(folder.path().join("README.md"), "words").unwrap();
    std::fs::create_dir(folder.path().join("sigma")).unwrap();
    std::fs::write(folder.path().join("sigma/inner.toml"), "x = 1").unwrap();
    assert_eq!(Bundle::read_dir(folder.path()).unwrap(), Bundle::embedded());
    std::fs::write(folder.path().join("clock.toml"), "x = 1").unwrap();
    let foreign = problems(&Bundle::read_dir(folder.path()).unwrap());
    assert_eq!(
        foreign.first().unwrap().to_string(),
        "clock.toml:1:1: this file is no part of a policy (did you mean `clocks.toml`?)"
    );
    std::fs::write(folder.path().join("clock.toml"), vec![b'#'; policy::MAX_FILE_BYTES + 1]).unwrap();
    assert!(Bundle::read_dir(folder.path()).is_err(), "a file without bounds");
    assert!(Bundle::read_dir(folder.path().join("nowhere")).is_err());
}

#[test]
fn a_missing_file_is_named_and_the_others_are_read_all_the_same() {
    let mut files = Bundle::embedded().files().clone();
    files.remove("clocks.toml");
    files.insert("outcomes.toml".to_owned(), b"[outcomes]\n".to_vec());
    let found = problems(&Bundle::of(files).unwrap());
    assert!(found.iter().any(|problem| problem.file == "clocks.toml" && problem.message == "the file is missing"));
    let missing =
        found.iter().filter(|problem| problem.file == "outcomes.toml" && problem.message.contains("is missing"));
    assert_eq!(missing.count(), Outcome::ALL.len());
}

#[test]
fn every_problem_of_every_file_is_told_at_once() {
    let mut files = changed("clocks.toml", "\"1 h\"", "\"soon\"").files().clone();
    let cases = changed("cases.toml", "minimum_level = \"medium\"", "minimum_level = \"mediun\"");
    files.insert("cases.toml".to_owned(), cases.files().get("cases.toml").unwrap().clone());
    files.insert("outcomes.toml".to_owned(), b"[outcomes\n".to_vec());
    let found = problems(&Bundle::of(files).unwrap());
    let named: std::collections::BTreeSet<_> = found.iter().map(|problem| problem.file.as_str()).collect();
    assert_eq!(named.into_iter().collect::<Vec<_>>(), ["cases.toml", "clocks.toml", "outcomes.toml"]);
    let mut sorted = found.clone();
    sorted.sort();
    assert_eq!(found, sorted);
}

#[test]
fn a_file_that_is_not_text_is_told_where_it_stops_being_so() {
    let mut files = Bundle::embedded().files().clone();
    files.insert("clocks.toml".to_owned(), b"# \xc3\xa5\n# \xff".to_vec());
    let found = problems(&Bundle::of(files).unwrap());
    assert_eq!(found.first().unwrap().to_string(), "clocks.toml:2:3: this is not UTF-8 text (save the file as UTF-8)");
}

/// File, what is replaced, by what, at which of the new text's places the problem stands, and what it says.
type Broken = (&'static str, &'static str, &'static str, &'static str, &'static str);

const BROKEN: &[Broken] = &[
    // TOML itself.
    ("clocks.toml", "target = \"1 h\"", "target = 1 h", "1 h\n\n", "this is not TOML"),
    ("clocks.toml", "target = \"1 h\"", "target = \"1 h\"\ntarget = \"2 h\"", "target = \"2 h\"", "this is not TOML"),
    // Keys.
    ("clocks.toml", "target =", "targt =", "targt =", "unknown key `targt` in [answers]"),
    ("clocks.toml", "target =", "targt =", "[answers]", "`target` is missing in [answers]"),
    ("clocks.toml", "[exposure]", "[exposures]", "exposures]", "unknown key `exposures`"),
    (
        "containment.toml",
        "reach = \"plan\"",
        "reach = \"plan\"\nforce = true",
        "force",
        "unknown key `force` in [[playbook]]",
    ),
    // Kinds and bounds.
    ("clocks.toml", "\"1 h\"", "60", "60", "`target` is a whole number: a text in quotation marks is wanted"),
    ("clocks.toml", "\"1 h\"", "\"\"", "\"\"", "`target` is empty"),
    ("clocks.toml", "\"1 h\"", "\"1 fortnight\"", "\"1 fortnight\"", "no span of time"),
    ("clocks.toml", "\"1 h\"", "\"1 day\"", "\"1 day\"", "no span of time"),
    ("clocks.toml", "\"1 h\"", "\"-1 h\"", "\"-1 h\"", "above zero"),
    ("clocks.toml", "\"1 h\"", "\"0 s\"", "\"0 s\"", "above zero"),
    ("clocks.toml", "\"1 h\"", "\"99999 h\"", "\"99999 h\"", "at most"),
    ("clocks.toml", "\"1 h\"", "\"24 h\"", "\"24 h\"\n\n# A1, P3", "`target` has to be shorter than `limit`"),
    ("clocks.toml", "\"30 min\"", "\"61 min\"", "\"61 min\"", "`investigate_after` has to be shorter than `target`"),
    ("clocks.toml", "hours_to_stop = 8", "hours_to_stop = 0", "0\n", "from 1 to"),
    ("clocks.toml", "hours_to_stop = 8", "hours_to_stop = 8.5", "8.5", "a number with a fraction"),
    ("clocks.toml", "hours_to_stop = 8", "hours_to_stop = 99999999999", "99999999999", "from 1 to"),
    ("cases.toml", "\"medium\"", "\"mediun\"", "\"mediun\"", "`mediun` is not known in `minimum_level`"),
    ("cases.toml", "\"500.00 SEK\"", "\"500,00 SEK\"", "\"500,00 SEK\"", "is no amount"),
    ("cases.toml", "\"500.00 SEK\"", "\"500.00\"", "\"500.00\"", "no amount with a currency"),
    ("cases.toml", "\"500.00 SEK\"", "500.00", "500.00\n", "a text in quotation marks"),
    ("cases.toml", "\"500.00 SEK\"", "\"500.001 SEK\"", "\"500.001 SEK\"", "is no amount"),
    ("cases.toml", "\"500.00 SEK\"", "\"0.00 SEK\"", "\"0.00 SEK\"", "above zero"),
    ("cases.toml", "\"500.00 SEK\"", "\"-1.00 SEK\"", "\"-1.00 SEK\"", "above zero"),
    ("cases.toml", "\"500.00 SEK\"", "\"500.00 sek\"", "\"500.00 sek\"", "no currency code"),
    ("cases.toml", "\"500.00 SEK\"", "\"50.00 EUR\"", "\"50.00 EUR\"", "not in SEK, the currency of cases.toml"),
    ("cases.toml", "currency = \"SEK\"", "currency = \"kr\"", "\"kr\"", "no currency code"),
    ("cases.toml", "\"1000.00 SEK\"", "\"200.00 SEK\"", "\"200.00 SEK\"", "more than `high_per_hour`"),
    ("approvals.toml", "cap = \"500000.00 SEK\"", "cap = \"500000.00 NOK\"", "\"500000.00 NOK\"", "not in SEK"),
    ("approvals.toml", "cap = \"500000.00 SEK\"", "cap = \"0 SEK\"", "\"0 SEK\"", "above zero"),
    ("approvals.toml", "enabled = true", "enabled = \"yes\"", "\"yes\"", "`enabled` is a text"),
    // Stories.
    ("cases.toml", "name = \"mining\"", "name = \"Mining!\"", "\"Mining!\"", "is no name"),
    (
        "cases.toml",
        "playbook = \"mining-takeover\"",
        "playbook = \"mining-takover\"",
        "\"mining-takover\"",
        "no playbook `mining-takover`",
    ),
    (
        "cases.toml",
        "\"CryptoMining\",",
        "\"CryptoMining\", \"cryptomining\",",
        "\"cryptomining\"",
        "the alert type `cryptomining` is already in the story `mining`",
    ),
    (
        "cases.toml",
        "[[story]]",
        "[[story]]\nname = \"early\"\nrules = [\"r1\"]\nalert_types = []\n[[story]]\nname = \"late\"\nrules = [\"r2\", \"r1\"]\nalert_types = []\n[[story]]",
        "\"r1\"]\nalert_types = []\n[[story]]\nname = \"mining\"",
        "the rule `r1` is already in the story `early`",
    ),
    (
        "cases.toml",
        "[[story]]",
        "[[story]]\nname = \"empty\"\nrules = []\nalert_types = []\n[[story]]",
        "\"empty\"",
        "no rule and no alert tells the story `empty`",
    ),
    (
        "cases.toml",
        "[[story]]",
        "[[story]]\nname = \"mining\"\nrules = [\"r1\"]\nalert_types = []\n[[story]]",
        "\"mining\"\nplaybook",
        "the story `mining` is told twice",
    ),
    ("cases.toml", "\"CryptoMining\",", "\" CryptoMining\",", "\" CryptoMining\"", "is no id"),
    // Containment.
    ("containment.toml", "reach = \"plan\"", "reach = \"plans\"", "\"plans\"", "`plans` is not known in `reach`"),
    ("containment.toml", "\"suspend_plans\"]", "\"suspend_plan\"]", "\"suspend_plan\"", "`suspend_plan` is not known"),
    (
        "containment.toml",
        "[\"cancel_azure_subscriptions\", \"suspend_plans\"]",
        "[\"suspend_plans\", \"cancel_azure_subscriptions\"]",
        "\"suspend_plans\",",
        "before its Azure subscriptions are cancelled",
    ),
    (
        "containment.toml",
        "[\"cancel_azure_subscriptions\", \"suspend_plans\"]",
        "[\"suspend_plans\", \"suspend_plans\"]",
        "\"suspend_plans\"]",
        "in the playbook already",
    ),
    (
        "containment.toml",
        "steps = [\"cancel_azure_subscriptions\"]",
        "steps = []",
        "[[playbook]]\nname = \"stop-attacked\"",
        "at least one step",
    ),
    (
        "containment.toml",
        "name = \"stop-attacked\"",
        "name = \"mining-takeover\"",
        "\"mining-takeover\"\nreach = \"attacked\"",
        "there twice",
    ),
    ("containment.toml", "protected = []", "protected = [\"contoso\"]", "\"contoso\"", "no tenant"),
    (
        "containment.toml",
        "subscriptions_per_action = 20",
        "subscriptions_per_action = 0",
        "0\n\n# The most cancellations",
        "from 1 to",
    ),
    ("containment.toml", "changes_per_hour = 40", "changes_per_hour = -1", "-1", "from 1 to"),
    // Approvals.
    ("approvals.toml", "[\"admin_agent\"]", "[\"auditor\"]", "\"auditor\"", "the role `auditor` can't approve actions"),
    ("approvals.toml", "[\"admin_agent\"]", "[\"admin\"]", "\"admin\"", "`admin` is not known in `roles`"),
    ("approvals.toml", "[\"admin_agent\"]", "[]", "[[band]]", "a band needs 1 to"),
    (
        "approvals.toml",
        "up_to = \"100000.00 SEK\"",
        "up_to = \"10000.00 SEK\"",
        "\"10000.00 SEK\"\nroles = [\"admin_agent\", \"admin_agent\"]",
        "not above the one before",
    ),
    (
        "approvals.toml",
        "up_to = \"100000.00 SEK\"\n",
        "",
        "[[band]]\nroles = [\"admin_agent\", \"admin_agent\"]",
        "only the last band",
    ),
    (
        "approvals.toml",
        "roles = [\"global_administrator\"",
        "up_to = \"900000.00 SEK\"\nroles = [\"global_administrator\"",
        "\"900000.00 SEK\"",
        "the last band has to be without upper end",
    ),
    (
        "approvals.toml",
        "\"15 min\"",
        "\"4 h\"",
        "\"4 h\"",
        "`page_unanswered_after` has to be shorter than `expire_after`",
    ),
    (
        "approvals.toml",
        "delay = \"10 min\"",
        "delay = \"5 h\"",
        "\"5 h\"",
        "`delay` has to be shorter than `expire_after`",
    ),
    // Outcomes.
    ("outcomes.toml", "stale = \"ignore\"\n", "", "[outcomes]", "`stale` is missing in [outcomes]"),
    ("outcomes.toml", "stale = \"ignore\"", "stale = \"ignored\"", "\"ignored\"", "`ignored` is not known in `stale`"),
    ("outcomes.toml", "misuse =", "abuse =", "abuse", "unknown key `abuse` in [outcomes]"),
];

#[test]
fn every_wrong_thing_is_named_with_file_line_and_column() {
    let mut missed = Vec::new();
    for (file, from, to, at, message) in BROKEN {
        let bundle = changed(file, from, to);
        let place = place_of(&bundle, file, at);
        let found = problems(&bundle);
        let named = |problem: &Problem| {
            problem.file == *file && (problem.line, problem.column) == place && problem.message.contains(message)
        };
        if !found.iter().any(named) {
            missed.push(format!("`{to}` in {file}, expected at {place:?}: {found:#?}"));
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn a_near_word_is_offered() {
    let hints = [
        ("clocks.toml", "target =", "targt =", "did you mean `target`?"),
        ("cases.toml", "\"medium\"", "\"mediun\"", "did you mean `medium`?"),
        ("cases.toml", "\"mining-takeover\"", "\"mining-takover\"", "did you mean `mining-takeover`?"),
        ("approvals.toml", "[\"admin_agent\"]", "[\"boss\"]", "known are: global_administrator, "),
    ];
    for (file, from, to, hint) in hints {
        let found = problems(&changed(file, from, to));
        let offered = found.iter().filter_map(|problem| problem.hint.as_deref()).any(|offered| offered.contains(hint));
        assert!(offered, "{to}: {found:#?}");
    }
}
