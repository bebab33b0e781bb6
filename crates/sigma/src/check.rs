//! Checks of the rules as a set: what can never fire, what another rule says already.

use std::collections::BTreeMap;

use crate::implied::{Formula, implies, never};
use crate::load::RuleSet;
use crate::refusal::{Code, Said, Warning};
use crate::rule::{Part, Rule};
use crate::taxonomy::LogType;

/// Returns remarks on rules that load but will not do what their author hoped.
pub(crate) fn check(set: &RuleSet) -> Vec<Warning> {
    let mut out = Vec::new();
    for rule in &set.rules {
        if let Some(said) = unrouted(rule) {
            out.push(warn(rule, said));
        }
        if never(set, &Formula::of(rule)) {
            out.push(warn(rule, Said::new(Code::NeverFires)));
        }
    }
    let equal = equal(set);
    let told: Vec<&str> = equal.iter().map(|warning| warning.rule.as_str()).collect();
    out.extend(shadowed(set, &told));
    out.extend(equal);
    out
}

fn warn(rule: &Rule, said: Said) -> Warning {
    said.warn(&rule.meta.file, &rule.meta.id)
}

/// A rule whose log source no known log carries looks at events of unknown type only.
fn unrouted(rule: &Rule) -> Option<Said> {
    let (product, service) = (rule.meta.product.as_deref(), rule.meta.service.as_deref());
    let carried = LogType::ALL.into_iter().any(|t| t != LogType::Unknown && t.carries(product, service));
    let known_product = LogType::ALL.into_iter().any(|t| Some(t.sources().0) == product);
    (!carried && known_product).then(|| {
        Said::new(Code::LogUnknown)
            .with("product", product.unwrap_or_default())
            .with("service", service.unwrap_or_default())
    })
}

/// Two rules with the same tests, condition, source and addition: the second tells nothing new.
fn equal(set: &RuleSet) -> Vec<Warning> {
    let mut seen: std::collections::HashMap<String, &str> = std::collections::HashMap::new();
    let mut out = Vec::new();
    // Two correlations may each bring a rule of their own that only feeds them.
    for rule in set.rules.iter().filter(|rule| rule.emits) {
        let parts: Vec<String> = rule.selections.iter().map(|s| shape(&s.part)).collect();
        let key = format!(
            "{:?}|{:?}|{:?}|{:?}|{parts:?}|{:?}",
            rule.meta.product, rule.meta.service, rule.meta.category, rule.condition, rule.special
        );
        match seen.get(key.as_str()) {
            Some(other) => out.push(warn(rule, Said::new(Code::AsksTheSame).with("rule", other))),
            None => {
                seen.insert(key, &rule.meta.id);
            }
        }
    }
    out
}

/// A larger set of rules for one log source is only searched for equal ones: each rule is compared with each other.
const MAX_COMPARED_RULES: usize = 256;

/// A rule that fires only where another one of its log source fires too, which is at least as grave: it tells nothing
/// that the other one does not.
fn shadowed(set: &RuleSet, told: &[&str]) -> Vec<Warning> {
    let mut sources: BTreeMap<_, Vec<(&Rule, Formula)>> = BTreeMap::new();
    let alone = |rule: &&Rule| rule.emits && rule.special.is_none() && !told.contains(&rule.meta.id.as_str());
    for rule in set.rules.iter().filter(alone) {
        let meta = &rule.meta;
        sources.entry((&meta.product, &meta.service, &meta.category)).or_default().push((rule, Formula::of(rule)));
    }
    let mut out = Vec::new();
    for rules in sources.values().filter(|rules| rules.len() <= MAX_COMPARED_RULES) {
        for (narrow, formula) in rules.iter().filter(|(_, formula)| !never(set, formula)) {
            let covers = |(wide, other): &&(&Rule, Formula)| {
                wide.meta.id != narrow.meta.id
                    && wide.meta.level >= narrow.meta.level
                    && implies(set, formula, other)
                    // Of two that ask the same in other words, the first stays.
                    && !(implies(set, other, formula) && out.iter().any(|w: &Warning| w.rule == wide.meta.id))
            };
            if let Some((wide, _)) = rules.iter().find(covers) {
                out.push(warn(narrow, Said::new(Code::Covered).with("rule", &wide.meta.id)));
            }
        }
    }
    out
}

fn shape(part: &Part) -> String {
    match part {
        Part::Item(at) => at.to_string(),
        Part::And(parts) => format!("({})", parts.iter().map(shape).collect::<Vec<_>>().join("&")),
        Part::Or(parts) => format!("({})", parts.iter().map(shape).collect::<Vec<_>>().join("|")),
    }
}
