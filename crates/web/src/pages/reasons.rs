//! Reasons of decisions as pages tell them: a rule by its title, money and times as the reader's language writes them,
//! words of ours translated. Which decision has which reasons is in the facts; programs get them as they were recorded.

use super::page::Page;
use crate::acts::word_of;
use crate::reasons::ReasonView;
use domain::reason::Reason;

/// A reason as a sentence; `title` gives the title of a rule.
pub(crate) fn said(page: &Page, reason: &Reason, title: impl Fn(&str) -> String) -> String {
    let money = |money: money::Money| page.formats.money(money);
    match reason {
        Reason::RuleFired { rule, level } => {
            page.ta("why-rule", &[("rule", title(rule)), ("level", page.word("level", &word_of(level)))])
        }
        Reason::BelowLevel { level, minimum } => page.ta(
            "why-below",
            &[("level", page.word("level", &word_of(level))), ("minimum", page.word("level", &word_of(minimum)))],
        ),
        Reason::Burns { per_hour } => page.ta("why-burns", &[("money", money(*per_hour))]),
        Reason::BurnAssumed { per_hour } => page.ta("why-assumed", &[("money", money(*per_hour))]),
        Reason::BurnDoubled { per_hour, .. } => page.ta("reason-burn-doubled", &[("perHour", money(*per_hour))]),
        Reason::ApprovedBy { role } => page.ta("reason-approved-by", &[("role", page.word("role", role.word()))]),
        Reason::CapReached { until } => page.ta("reason-cap-reached", &[("until", page.formats.minute(*until))]),
        Reason::SnoozeOver { until } => page.ta("reason-snooze-over", &[("until", page.formats.minute(*until))]),
        other => ReasonView::of(other, page.language()).text,
    }
}

/// The rule that a reason names.
pub(crate) const fn rule_of(reason: &Reason) -> Option<&String> {
    match reason {
        Reason::RuleFired { rule, .. } => Some(rule),
        _ => None,
    }
}

/// The letters of a policy's hash that are shown.
const HASH_CHARS: usize = 12;

/// Under which policy something was decided: the beginning of its hash, which names its files.
pub(crate) fn policy(page: &Page, hash: &str) -> String {
    page.ta("case-policy", &[("policy", hash.chars().take(HASH_CHARS).collect())])
}
