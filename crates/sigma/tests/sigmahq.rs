//! The public rules for these clouds, unchanged, against real events: they load, and they fire
//! where a field has another name than the rule expects. Data stays outside the repository.
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a test may stop at the first surprise and say why it was skipped"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use sigma::reader::{Item, Lines, files};
use sigma::report::Coverage;
use sigma::{Engine, EngineOptions, Event, LoadOptions, RuleSet, ruletest};

fn shared() -> Option<PathBuf> {
    let root = std::env::var("BORGEN_SHARED")
        .map_or_else(|_| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
    let there = root.join("data/sigma-rules").exists() && root.join("data/activity-logs").exists();
    if !there {
        eprintln!("skipped: BORGEN_SHARED holds no rules or logs");
    }
    there.then_some(root)
}

fn live_rules(root: &std::path::Path) -> Arc<RuleSet> {
    let mut sources = ruletest::sources(&root.join("data/sigma-rules/rules")).unwrap();
    sources.extend(ruletest::sources(&root.join("data/sigma-rules/rules-threat-hunting")).unwrap());
    let options =
        LoadOptions { licences: BTreeMap::from([(String::new(), "DRL 1.1".to_owned())]), ..LoadOptions::default() };
    let loaded = RuleSet::load(sources, &options);
    assert!(loaded.refused.is_empty(), "{:?}", loaded.refused);
    loaded.set
}

fn for_each_event(root: &std::path::Path, mut take: impl FnMut(&str, usize, &[u8])) {
    for file in files(&root.join("data/activity-logs")).unwrap() {
        let name = file.display().to_string();
        if !name.ends_with(".ndjson") {
            continue;
        }
        let mut lines = Lines::open(&file).unwrap();
        while let Some(item) = lines.next_item().unwrap() {
            if let Item::Record { line, bytes } = item {
                take(&name, line, bytes);
            }
        }
    }
}

#[test]
fn all_145_public_rules_load_and_28_of_them_fire_on_the_shared_raw_events() {
    let Some(root) = shared() else { return };
    let set = live_rules(&root);
    assert_eq!(set.len(), 145);
    let mut engine = Engine::new(Arc::clone(&set), EngineOptions::default());
    let mut fired: BTreeMap<String, usize> = BTreeMap::new();
    let mut types: BTreeMap<(String, String), usize> = BTreeMap::new();
    for_each_event(&root, |file, line, bytes| {
        let event = Event::parse(bytes).unwrap_or_else(|e| std::panic::panic_any(format!("{file}:{line} {e}")));
        let short = file.rsplit('/').take(2).collect::<Vec<_>>().join("<");
        *types.entry((short, format!("{:?}", event.log_type()))).or_default() += 1;
        for finding in engine.feed_event("p", &event, jiff::Timestamp::now()) {
            assert!(finding.rule.author.is_some());
            assert_eq!(finding.rule.rule_set_licence.as_deref(), Some("DRL 1.1"));
            assert!(!finding.reasons.is_empty(), "{}", finding.rule.title);
            *fired.entry(finding.rule.title.clone()).or_default() += 1;
        }
    });
    eprintln!("{types:#?}\n{fired:#?}\n{} rules, {} findings", fired.len(), fired.values().sum::<usize>());
    assert!(fired.len() >= 28, "{}", fired.len());
    let mail: BTreeSet<&str> = fired.keys().map(String::as_str).collect();
    assert!(mail.iter().any(|t| t.contains("Inbox") || t.contains("inbox")), "{mail:?}");
}

#[test]
fn the_report_says_which_public_rules_can_never_fire_on_these_events() {
    let Some(root) = shared() else { return };
    let set = live_rules(&root);
    let mut coverage = Coverage::new(Arc::clone(&set));
    for_each_event(&root, |_, _, bytes| {
        if let Ok(event) = Event::parse(bytes) {
            coverage.observe(&event);
        }
    });
    let never = coverage.never_fires();
    for rule in &never {
        eprintln!("{}: {:?}", rule.rule.title, rule.why);
    }
    assert!(never.len() < 60, "{}", never.len());
}

#[derive(serde::Deserialize)]
struct Labelled {
    event_id: String,
    label: Label,
}

#[derive(serde::Deserialize)]
struct Label {
    expected: bool,
}

/// The table of shipped rules against labelled events: a label belongs to a rule of another set,
/// so agreement is read by people; what is tested is that the table in the repository is this one
/// (`UPDATE_LABELLED=1 cargo nextest run -p sigma the_table_of_shipped_rules` writes it anew).
#[test]
fn the_table_of_shipped_rules_and_labelled_events_is_up_to_date() {
    use std::fmt::Write as _;
    let Some(root) = shared() else { return };
    let pack = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../policy/sigma");
    let set = RuleSet::load(ruletest::sources(&pack).unwrap(), &LoadOptions::default()).set;
    let received = "2027-01-01T00:00:00Z".parse().unwrap();
    let (mut rows, mut all, mut expected_and_found, mut expected, mut quiet_and_found) = (String::new(), 0, 0, 0, 0);
    for file in files(&root.join("data/activity-logs/panther-tests")).unwrap() {
        let name = file.display().to_string();
        let Some(stem) = name.strip_suffix(".labels.jsonl") else { continue };
        let events = std::fs::read_to_string(format!("{stem}.ndjson")).unwrap();
        let log = stem.rsplit('/').next().unwrap();
        for line in std::fs::read_to_string(&file).unwrap().lines() {
            let Labelled { event_id, label } = serde_json::from_str(line).unwrap();
            let at: usize = event_id.rsplit(':').next().unwrap().parse().unwrap();
            let mut engine = Engine::new(Arc::clone(&set), EngineOptions::default());
            let found = engine.feed("p", events.lines().nth(at).unwrap().as_bytes(), received).unwrap();
            let titles: Vec<&str> = found.iter().map(|f| f.rule.title.as_str()).collect();
            if label.expected || !titles.is_empty() {
                writeln!(rows, "| {log} {} | {} | {} |", at + 1, yes_or_no(label.expected), titles.join("; ")).unwrap();
            }
            all += 1;
            expected += usize::from(label.expected);
            expected_and_found += usize::from(label.expected && !titles.is_empty());
            quiet_and_found += usize::from(!label.expected && !titles.is_empty());
        }
    }
    let text = format!(
        "# The shipped rules on labelled events\n\nWritten by `crates/sigma/tests/sigmahq.rs`. {all} events carry the label of a rule of another set, which says whether\nthat rule is expected to fire: {expected} are, and {expected_and_found} of these fire a rule here; so do {quiet_and_found} of the others. Rules that need\nhistory (bursts, baselines, correlations) cannot fire on one event. Events on which both are silent are left out.\n\n| event | expected to fire | fires here |\n|---|---|---|\n{rows}"
    );
    let path = pack.join("LABELLED.md");
    if std::env::var("UPDATE_LABELLED").is_ok() {
        std::fs::write(&path, &text).unwrap();
    }
    eprintln!("{text}");
    assert_eq!((all, std::fs::read_to_string(&path).unwrap()), (283, text));
    assert!(expected_and_found >= 45 && quiet_and_found <= 10, "{expected_and_found}, {quiet_and_found} of {expected}");
}

fn yes_or_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}
