//! The shipped rules load without a refusal or remark, and every line of events beside them
//! does what it says.

use std::collections::BTreeSet;
use std::path::PathBuf;

use sigma::{LoadOptions, RuleSet, ruletest};

fn pack() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../policy/sigma")
}

#[test]
fn every_shipped_rule_passes_its_own_events() {
    let report = ruletest::run(&pack(), &LoadOptions::default()).unwrap();
    let failed: Vec<String> = report.outcomes.iter().filter(|o| !o.passed).map(|o| format!("{o:?}")).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert!(report.refused.is_empty(), "{:?}", report.refused);
    assert!(report.untested.is_empty(), "{:?}", report.untested);
    let files: BTreeSet<&str> = report.outcomes.iter().map(|o| o.rule_file.as_str()).collect();
    assert!(files.len() > 80, "{}", files.len());
    for file in files {
        let of_file = || report.outcomes.iter().filter(|o| o.rule_file == file);
        let nothing = |expect: &str| ["false", "0"].contains(&expect);
        assert!(of_file().any(|o| nothing(&o.expect)), "{file}: no events that must not fire it");
        assert!(of_file().any(|o| !nothing(&o.expect)), "{file}: no events that must fire it");
    }
}

#[test]
fn the_shipped_rules_load_together_and_say_what_people_need() {
    let loaded = RuleSet::load(ruletest::sources(&pack()).unwrap(), &LoadOptions::default());
    assert!(loaded.refused.is_empty(), "{:?}", loaded.refused);
    assert!(loaded.warnings.is_empty(), "{:?}", loaded.warnings);
    for meta in loaded.set.metas() {
        assert!(meta.title_sv.is_some(), "{}: Swedish title", meta.file);
        assert!(meta.response.is_some() && meta.response_sv.is_some(), "{}: response", meta.file);
        assert!(!meta.falsepositives.is_empty(), "{}: false positives", meta.file);
        assert!(!meta.tags.is_empty(), "{}: tags", meta.file);
    }
}
