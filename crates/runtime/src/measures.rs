//! The figures that the workers count, by the names of the operator's manual. No tenant is ever a label.

use domain::body::Body;
use domain::fact::Fact;
use domain::notices::AlertStatus;
use jiff::{SignedDuration, Timestamp};

/// Events that came in, by what became of them.
pub(crate) fn events(result: &'static str, count: usize) {
    metrics::counter!("borgen_intake_events_total", "result" => result).increment(u64::try_from(count).unwrap_or(0));
}

/// Findings of the engines, before they are told apart and counted together.
pub(crate) fn findings(count: usize) {
    metrics::counter!("borgen_findings_total").increment(u64::try_from(count).unwrap_or(0));
}

/// An effect that ended, by kind and result.
pub(crate) fn action(kind: &'static str, result: &'static str) {
    metrics::counter!("borgen_actions_total", "kind" => kind, "result" => result).increment(1);
}

/// A part of the sync that failed.
pub(crate) fn sync_error(source: &'static str, code: String) {
    metrics::counter!("borgen_sync_errors_total", "source" => source, "code" => code).increment(1);
}

/// How long ago a part of the sync last came through, over all connections.
pub(crate) fn sync_lag(source: &'static str, lag: SignedDuration) {
    metrics::gauge!("borgen_sync_lag_seconds", "source" => source).set(float(lag.as_secs().max(0)));
}

/// How long the oldest alert waits for an answer; nothing waits when it is zero.
pub(crate) fn oldest_unanswered(age: SignedDuration) {
    metrics::gauge!("borgen_oldest_unanswered_alert_seconds").set(float(age.as_secs().max(0)));
}

/// How many proposals wait for approval.
pub(crate) fn proposals_waiting(count: u64) {
    metrics::gauge!("borgen_proposals_waiting").set(float(i64::try_from(count).unwrap_or(i64::MAX)));
}

/// A delivery at the webhook.
pub(crate) fn webhook(result: &'static str) {
    metrics::counter!("borgen_webhook_deliveries_total", "result" => result).increment(1);
}

/// An alert of a tenant that is not known (yet).
pub(crate) fn alert_skipped() {
    metrics::counter!("borgen_alerts_of_unknown_tenants_total").increment(1);
}

/// An account that a worker passed over, because it can't be written to.
pub(crate) fn account_passed_over(work: &'static str, why: &'static str) {
    metrics::counter!("borgen_accounts_passed_over_total", "work" => work, "why" => why).increment(1);
}

/// Facts of accounts that can't be written to, by whether there was room for them.
pub(crate) fn set_aside(result: &'static str, count: u64) {
    metrics::counter!("borgen_facts_set_aside_total", "result" => result).increment(count);
}

/// A webhook that could not be registered at Microsoft; it is tried again.
pub(crate) fn webhook_unregistered() {
    metrics::counter!("borgen_webhook_registration_failures_total").increment(1);
}

/// What the facts of a step say to the counters.
pub(crate) fn facts(facts: &[Fact]) {
    for fact in facts {
        match &fact.body {
            Body::SignalRaised(raised) => {
                metrics::counter!(
                    "borgen_signals_opened_total", "rule" => raised.rule.clone(), "severity" => raised.severity.word()
                )
                .increment(1);
            }
            Body::CaseOpened(opened) => {
                metrics::counter!("borgen_cases_opened_total", "severity" => opened.severity.word()).increment(1);
            }
            _ => {}
        }
    }
}

/// How long an alert waited for an answer.
pub(crate) fn alert_answered(status: AlertStatus, received: Timestamp, now: Timestamp) {
    let status = match status {
        AlertStatus::Active => "active",
        AlertStatus::Investigating => "investigating",
        AlertStatus::Resolved => "resolved",
    };
    let seconds = now.duration_since(received).as_secs().max(0);
    metrics::histogram!("borgen_microsoft_alert_answer_seconds", "status" => status).record(float(seconds));
}

/// Pages, accounts and the like that are still to be worked off.
pub(crate) fn left(what: &'static str, count: usize) {
    metrics::gauge!("borgen_work_left", "work" => what).set(float(i64::try_from(count).unwrap_or(i64::MAX)));
}

/// Facts that got their positions.
pub(crate) fn sealed(count: u64) {
    metrics::counter!("borgen_facts_sealed_total").increment(count);
}

/// Whole numbers as the metrics want them; beyond what a day or a table holds the last digit does not matter.
fn float(number: i64) -> f64 {
    f64::from(i32::try_from(number).unwrap_or(i32::MAX))
}
