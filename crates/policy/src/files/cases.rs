//! `cases.toml`: which findings become signals, what makes a case severe, which stories there are.

use super::{MAX_NAME_BYTES, plain_name};
use crate::document::{Document, Placed};
use crate::section::Section;
use domain::policy::{CaseRules, OTHER_STORY, Story};
use domain::signals::Level;
use jiff::SignedDuration;
use money::{Currency, Money};
use std::collections::{BTreeMap, BTreeSet};

/// Sigma's levels by their words.
const LEVELS: [(&str, Level); 5] = [
    ("informational", Level::Informational),
    ("low", Level::Low),
    ("medium", Level::Medium),
    ("high", Level::High),
    ("critical", Level::Critical),
];

/// What `cases.toml` says.
pub(crate) struct CasesFile {
    pub(crate) rules: CaseRules,
    pub(crate) currency: Placed<Currency>,
    /// The playbooks that stories name, to be held against `containment.toml`.
    pub(crate) playbooks: Vec<Placed<String>>,
}

/// The amounts per hour.
struct Marks {
    currency: Placed<Currency>,
    critical: Money,
    high: Money,
    assumed: Money,
}

/// A story and where its parts stand.
struct PlacedStory {
    name: Placed<String>,
    rules: Vec<Placed<String>>,
    alert_types: Vec<Placed<String>>,
    playbook: Option<Placed<String>>,
}

pub(crate) fn read(document: &Document<'_>) -> Option<CasesFile> {
    let root = document.root();
    let signals = root.section("signals").and_then(signals);
    let marks = root.section("money").and_then(marks);
    let stories: Vec<_> = root.sections("story").into_iter().map(story).collect();
    root.finish();
    let stories: Vec<PlacedStory> = stories.into_iter().collect::<Option<_>>()?;
    claims_once(document, "story", stories.iter().map(|story| (&story.name, &story.name)));
    let of_rules = |story: &'_ PlacedStory| {
        story.rules.clone().into_iter().map(|rule| (rule, story.name.clone())).collect::<Vec<_>>()
    };
    let of_alerts = |story: &'_ PlacedStory| {
        let small =
            |alert: &Placed<String>| Placed { value: alert.value.to_ascii_lowercase(), place: alert.place.clone() };
        story.alert_types.iter().map(|alert| (small(alert), story.name.clone())).collect::<Vec<_>>()
    };
    let rules: Vec<_> = stories.iter().flat_map(of_rules).collect();
    let alerts: Vec<_> = stories.iter().flat_map(of_alerts).collect();
    claims_once(document, "rule", rules.iter().map(|(rule, story)| (rule, story)));
    claims_once(document, "alert type", alerts.iter().map(|(alert, story)| (alert, story)));
    let playbooks = stories.iter().filter_map(|story| story.playbook.clone()).collect();
    let (minimum_level, join_within) = signals?;
    let marks = marks?;
    let rules = CaseRules {
        minimum_level,
        critical_per_hour: marks.critical,
        high_per_hour: marks.high,
        assumed_per_hour: marks.assumed,
        stories: stories.into_iter().map(PlacedStory::told).collect(),
        join_within,
    };
    Some(CasesFile { rules, currency: marks.currency, playbooks })
}

impl PlacedStory {
    fn told(self) -> Story {
        let values = |placed: Vec<Placed<String>>| placed.into_iter().map(|text| text.value).collect::<BTreeSet<_>>();
        Story {
            name: self.name.value,
            rules: values(self.rules),
            alert_types: values(self.alert_types),
            playbook: self.playbook.map(|playbook| playbook.value),
        }
    }
}

fn signals(section: Section<'_, '_>) -> Option<(Level, SignedDuration)> {
    let level = section.word("minimum_level", &LEVELS);
    let join_within = section.duration("join_within");
    section.finish();
    Some((level?.value, join_within?.value))
}

fn marks(section: Section<'_, '_>) -> Option<Marks> {
    let currency = section.currency("currency");
    let critical = section.money("critical_per_hour");
    let high = section.money("high_per_hour");
    let assumed = section.money("assumed_per_hour");
    if let (Some(critical), Some(high)) = (&critical, &high)
        && critical.value.currency == high.value.currency
        && critical.value.minor <= high.value.minor
    {
        section.problem(&critical.place, "`critical_per_hour` has to be more than `high_per_hour`", None);
    }
    section.finish();
    Some(Marks { currency: currency?, critical: critical?.value, high: high?.value, assumed: assumed?.value })
}

fn story(section: Section<'_, '_>) -> Option<PlacedStory> {
    let name = plain_name(&section, "name");
    let rules = section.texts("rules");
    let alert_types = section.texts("alert_types");
    let playbook = section.optional_text("playbook");
    for rule in rules.iter().chain(&alert_types).flatten() {
        if rule.value.len() > MAX_NAME_BYTES || rule.value.trim() != rule.value {
            section.problem(
                &rule.place,
                format!("`{}` is no id: it is too long or has blanks around it", rule.value),
                None,
            );
        }
    }
    if let (Some(name), Some([]), Some([])) = (&name, rules.as_deref(), alert_types.as_deref())
        && name.value != OTHER_STORY
    {
        let hint = Some(format!("only the story `{OTHER_STORY}` takes what no other claims"));
        section.problem(&name.place, format!("no rule and no alert tells the story `{}`", name.value), hint);
    }
    section.finish();
    Some(PlacedStory { name: name?, rules: rules?, alert_types: alert_types?, playbook })
}

/// Notes what is claimed a second time, and by whom it was claimed first.
fn claims_once<'a>(
    document: &Document<'_>,
    what: &str,
    claims: impl Iterator<Item = (&'a Placed<String>, &'a Placed<String>)>,
) {
    let mut first: BTreeMap<&str, &str> = BTreeMap::new();
    for (claimed, story) in claims {
        match first.get(claimed.value.as_str()) {
            Some(other) if what == "story" => {
                document.problem(&claimed.place, format!("the story `{other}` is told twice"), None);
            }
            Some(other) => {
                let message = format!("the {what} `{}` is already in the story `{other}`", claimed.value);
                let hint = Some("a rule or alert tells one story: remove it from one of them".to_owned());
                document.problem(&claimed.place, message, hint);
            }
            None => {
                first.insert(&claimed.value, &story.value);
            }
        }
    }
}
