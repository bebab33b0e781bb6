//! Reasons of decisions, for people and for programs: the code and values as they were recorded, and a sentence in
//! the reader's language.

use crate::language::Language;
use crate::present::shown;
use domain::reason::Reason;
use serde::Serialize;
use serde_json::{Map, Value};

/// One reason.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReasonView {
    /// The stable word of the reason.
    #[schema(example = "rule_fired")]
    pub(crate) code: String,
    /// What it names.
    #[schema(value_type = Object)]
    pub(crate) values: Value,
    /// The reason in the reader's language.
    pub(crate) text: String,
}

impl ReasonView {
    /// The reason as a reader of this language sees it.
    pub(crate) fn of(reason: &Reason, language: Language) -> Self {
        let written = serde_json::to_value(reason).unwrap_or_default();
        let (code, values) = match &written {
            Value::String(code) => (code.clone(), Value::Object(Map::new())),
            Value::Object(object) => match object.iter().next() {
                Some((code, values)) => (code.clone(), shown(values)),
                None => return Self::unknown(),
            },
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => return Self::unknown(),
        };
        let args: Vec<(&str, String)> =
            values.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), plain(value))).collect();
        let text = language.text(&format!("reason-{}", code.replace('_', "-")), None, &args);
        Self { code, values, text }
    }

    fn unknown() -> Self {
        Self { code: "unknown".to_owned(), values: Value::Object(Map::new()), text: String::new() }
    }
}

/// The reasons as a reader of this language sees them.
pub(crate) fn reasons(reasons: &[Reason], language: Language) -> Vec<ReasonView> {
    reasons.iter().map(|reason| ReasonView::of(reason, language)).collect()
}

/// A value as it stands in a sentence.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(object) => match (object.get("amount"), object.get("currency")) {
            (Some(Value::String(amount)), Some(Value::String(currency))) => format!("{amount} {currency}"),
            _ => object.keys().next().cloned().unwrap_or_default(),
        },
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::{AccountId, ActionId, CaseId, SubscriptionId};
    use domain::permission::Role;
    use domain::signals::Level;
    use jiff::Timestamp;
    use money::{Currency, Money};

    fn every_reason() -> Vec<Reason> {
        let id = AccountId::of_partner().0;
        let per_hour = Money::new(412_050, Currency::SEK);
        vec![
            Reason::RuleFired { rule: "r".to_owned(), level: Level::High },
            Reason::BelowLevel { level: Level::Low, minimum: Level::High },
            Reason::MicrosoftAlert { alert_type: "a".to_owned() },
            Reason::Burns { per_hour },
            Reason::BurnAssumed { per_hour },
            Reason::SignalAndAlert,
            Reason::CaseClosed { case: CaseId(id) },
            Reason::CaseClaimed,
            Reason::EarlyAnswerDue,
            Reason::AskedByPerson,
            Reason::Protected,
            Reason::TooManySubscriptions { count: 9, limit: 5 },
            Reason::NothingToStop,
            Reason::NoPlaybook { playbook: "p".to_owned() },
            Reason::NoOpenCase,
            Reason::AlreadyUnderWay { action: ActionId(id) },
            Reason::NoTarget,
            Reason::EmergencyNotAllowed,
            Reason::ApprovedBy { role: Role::AdminAgent },
            Reason::PageUnanswered,
            Reason::NobodyPaged,
            Reason::SingleOperator,
            Reason::WaitsForPlan { plan: SubscriptionId(id) },
            Reason::CapReached { until: Timestamp::UNIX_EPOCH },
            Reason::StepFailed {
                step: domain::containment::StepKind::SuspendPlan { plan: SubscriptionId(id) },
                code: "900115".to_owned(),
            },
            Reason::TooManyOpen,
            Reason::SnoozeOver { until: Timestamp::UNIX_EPOCH },
            Reason::BurnDoubled { was: Some(per_hour), per_hour },
            Reason::BurnDoubled { was: None, per_hour },
        ]
    }

    #[test]
    fn every_reason_is_a_sentence_in_both_languages() {
        for language in [Language::English, Language::Swedish] {
            for reason in every_reason() {
                let view = ReasonView::of(&reason, language);
                assert!(
                    view.text.ends_with('.') && !view.text.contains("reason-") && !view.text.contains('{'),
                    "{view:?}"
                );
            }
        }
    }

    #[test]
    fn a_reason_keeps_its_values() {
        let view = ReasonView::of(&Reason::TooManySubscriptions { count: 9, limit: 5 }, Language::English);
        assert_eq!(view.code, "too_many_subscriptions");
        assert_eq!(view.values, serde_json::json!({"count": 9, "limit": 5}));
        assert!(view.text.contains('9') && view.text.contains('5'), "{}", view.text);
    }
}
