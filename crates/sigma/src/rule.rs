//! A rule as it stands after loading: who wrote it, what it looks at, what it asks.
//! Reading it from YAML is in `document.rs`; evaluating it in `program.rs`.

use std::sync::Arc;

use serde::Serialize;

use crate::condition::Condition;
use crate::special::Special;
use crate::test::Item;

/// How grave a match is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, serde::Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Worth knowing.
    Informational,
    /// Seldom matters.
    Low,
    /// Should be looked at.
    #[default]
    Medium,
    /// Should be looked at soon.
    High,
    /// Should be looked at now.
    Critical,
}

impl Level {
    /// Reads a level as rules write it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "informational" => Self::Informational,
            "low" => Self::Low,
            "medium" => Self::Medium,
            "high" => Self::High,
            "critical" => Self::Critical,
            _ => return None,
        })
    }
}

/// What a rule says about itself. Travels with every finding: the licence of many rule sets
/// asks that messages made from matches name the author.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct RuleMeta {
    /// Identity; the name or title for a rule without one.
    pub id: String,
    /// Reference handle for correlations.
    pub name: Option<String>,
    /// Title in English.
    pub title: String,
    /// Title in Swedish (`title_sv`, an extension).
    pub title_sv: Option<String>,
    /// Description.
    pub description: Option<String>,
    /// Who wrote it.
    pub author: Option<String>,
    /// How grave a match is.
    pub level: Level,
    /// Tags, such as `attack.t1496`.
    pub tags: Vec<String>,
    /// Licence of the rule or of the set it came with.
    pub rule_set_licence: Option<String>,
    /// Where to read more.
    pub references: Vec<String>,
    /// `stable`, `test`, `experimental` and so on.
    pub status: Option<String>,
    /// What else may cause it.
    pub falsepositives: Vec<String>,
    /// Fields worth showing.
    pub fields: Vec<String>,
    /// What to do about it (`response`, an extension).
    pub response: Option<String>,
    /// The same in Swedish (`response_sv`, an extension).
    pub response_sv: Option<String>,
    /// Log source: product.
    pub product: Option<String>,
    /// Log source: service.
    pub service: Option<String>,
    /// Log source: category.
    pub category: Option<String>,
    /// The file it came from.
    pub file: String,
}

/// A part of a selection.
#[derive(Debug, Clone)]
pub(crate) enum Part {
    /// One line: index of a shared test.
    Item(usize),
    And(Vec<Part>),
    Or(Vec<Part>),
}

/// A named selection.
#[derive(Debug, Clone)]
pub(crate) struct Selection {
    pub name: String,
    pub part: Part,
}

/// A loaded rule.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    pub meta: Arc<RuleMeta>,
    pub selections: Vec<Selection>,
    pub condition: Condition,
    /// First-seen, rate or burst on top of the match.
    pub special: Option<Special>,
    /// False when the rule only feeds correlations.
    pub emits: bool,
    /// Fields to be shown, as indexes.
    pub shown: Vec<usize>,
}

/// All tests of all rules; equal ones are stored once.
#[derive(Debug, Default)]
pub(crate) struct Items {
    pub list: Vec<Item>,
    known: std::collections::HashMap<String, usize>,
}

impl Items {
    /// Stores a test, or finds the equal one that is stored already.
    pub(crate) fn intern(&mut self, item: Item) -> usize {
        // Values are told apart with their kind, since `5` and `'5'` are different tests.
        let key = format!(
            "{:?}|{}|{:?}|{:?}",
            item.field,
            item.modifiers,
            item.values,
            item.tests.iter().map(kind).collect::<Vec<_>>()
        );
        if let Some(at) = self.known.get(&key) {
            return *at;
        }
        let at = self.list.len();
        self.list.push(item);
        self.known.insert(key, at);
        at
    }

    /// Forgets the keys once loading is over.
    pub(crate) fn seal(&mut self) {
        self.known = std::collections::HashMap::new();
        self.list.shrink_to_fit();
    }
}

fn kind(test: &crate::test::Test) -> u8 {
    use crate::test::Test;
    match test {
        Test::Text(..) => 0,
        Test::Number(_) => 1,
        Test::Bool(_) => 2,
        Test::Null => 3,
        _ => 4,
    }
}
