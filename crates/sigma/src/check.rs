//! Checks of the rules as a set: what can never fire, what another rule says already.

use crate::load::{RuleSet, Warning};
use crate::rule::{Part, Rule};
use crate::taxonomy::LogType;

/// Returns remarks on rules that load but will not do what their author hoped.
pub(crate) fn check(set: &RuleSet) -> Vec<Warning> {
    let mut out = Vec::new();
    for rule in &set.rules {
        if let Some(message) = unrouted(rule) {
            out.push(warn(rule, message));
        }
    }
    out.extend(shadowed(set));
    out
}

fn warn(rule: &Rule, message: String) -> Warning {
    Warning { file: rule.meta.file.clone(), rule: rule.meta.id.clone(), message }
}

/// A rule whose log source no known log carries looks at events of unknown type only.
fn unrouted(rule: &Rule) -> Option<String> {
    let (product, service) = (rule.meta.product.as_deref(), rule.meta.service.as_deref());
    let carried = LogType::ALL.into_iter().any(|t| t != LogType::Unknown && t.carries(product, service));
    let known_product = LogType::ALL.into_iter().any(|t| Some(t.sources().0) == product);
    (!carried && known_product).then(|| {
        format!(
            "no log of `{}` is called `{}`: the rule looks only at events of unknown type",
            product.unwrap_or_default(),
            service.unwrap_or_default()
        )
    })
}

/// Two rules with the same tests, condition, source and addition: the second tells nothing new.
fn shadowed(set: &RuleSet) -> Vec<Warning> {
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
            Some(other) => out.push(warn(rule, format!("it asks exactly what the rule `{other}` asks"))),
            None => {
                seen.insert(key, &rule.meta.id);
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
