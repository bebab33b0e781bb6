//! How a case begins and how it grows: by a finding or by an alert of Microsoft's.

use super::money_at_stake::{at_stake, burn, burn_of, burn_with};
use super::{Case, CaseId, Grown, MAX_OPEN_CASES, Opened, Severity};
use crate::file::CustomerFile;
use crate::notices::Alert;
use crate::policy::{Policy, severity_of_burn};
use crate::reason::Reason;
use crate::signals::{Unsorted, severity_of_level};
use jiff::Timestamp;

/// Where something that tells a story goes.
#[derive(Debug)]
pub enum StoryFit<'a> {
    /// Into this open case.
    Joins(&'a Case),
    /// Into a case of its own.
    Opens,
}

impl CustomerFile {
    /// The open case that a story joins: the newest of that story that is not too long silent. A customer
    /// with [`MAX_OPEN_CASES`] open has no room for another, so the newest of all takes it.
    #[must_use]
    pub fn case_for(&self, story: &str, policy: &Policy, at: Timestamp) -> StoryFit<'_> {
        let recent = |case: &&Case| {
            let silent_from = case.last.saturating_add(policy.cases.join_within).unwrap_or(Timestamp::MAX);
            at <= silent_from
        };
        let newest =
            self.cases.values().filter(|case| case.story == story).filter(recent).max_by_key(|case| case.opened_in);
        match newest {
            Some(case) => StoryFit::Joins(case),
            None if self.cases.len() < MAX_OPEN_CASES => StoryFit::Opens,
            None => self.cases.values().max_by_key(|case| case.opened_in).map_or(StoryFit::Opens, StoryFit::Joins),
        }
    }
}

impl Opened {
    pub(crate) fn by_finding(case: CaseId, story: &str, finding: &Unsorted, policy: &Policy, at: Timestamp) -> Self {
        let per_hour = burn_of(finding);
        let fired = Reason::RuleFired { rule: finding.rule.clone(), level: finding.level };
        let burns = per_hour.map(|per_hour| Reason::Burns { per_hour });
        Self {
            case,
            story: story.to_owned(),
            severity: severity_of_level(finding.level).max(severity_of_burn(&policy.cases, per_hour)),
            since: finding.happened.min(at),
            per_hour,
            assumed_per_hour: None,
            at_stake: at_stake(per_hour, policy),
            playbook: policy.playbook_of(story).map(str::to_owned),
            reasons: [fired].into_iter().chain(burns).collect(),
        }
    }

    pub(crate) fn by_alert(case: CaseId, story: &str, alert: &Alert, policy: &Policy, at: Timestamp) -> Self {
        let assumed = policy.cases.assumed_per_hour;
        Self {
            case,
            story: story.to_owned(),
            severity: alert.severity,
            since: alert.detected.min(at),
            per_hour: None,
            assumed_per_hour: Some(assumed),
            at_stake: at_stake(Some(assumed), policy),
            playbook: policy.playbook_of(story).map(str::to_owned),
            reasons: vec![
                Reason::MicrosoftAlert { alert_type: alert.alert_type.clone() },
                Reason::BurnAssumed { per_hour: assumed },
            ],
        }
    }
}

impl Grown {
    /// What a finding changes about a case; nothing when it is neither dearer nor more severe.
    pub(crate) fn by_finding(case: &Case, finding: &Unsorted, policy: &Policy) -> Option<Self> {
        let per_hour = burn_with(case, finding);
        let mut severity =
            case.severity.max(severity_of_level(finding.level)).max(severity_of_burn(&policy.cases, per_hour));
        let mut reasons = vec![Reason::RuleFired { rule: finding.rule.clone(), level: finding.level }];
        reasons.extend(per_hour.map(|per_hour| Reason::Burns { per_hour }));
        // What only repeats Microsoft's alert does not confirm it.
        if both_agree(!case.alerts.is_empty(), !finding.echo && !case.own_signal) {
            severity = Severity::Critical;
            reasons.push(Reason::SignalAndAlert);
        }
        let changes = severity != case.severity || per_hour != burn(case);
        changes.then(|| Self {
            case: case.id,
            severity,
            per_hour,
            at_stake: at_stake(per_hour.or(case.assumed_per_hour), policy),
            reasons,
        })
    }

    /// What an alert changes about a case; nothing when the case is as severe already.
    pub(crate) fn by_alert(case: &Case, alert: &Alert, policy: &Policy) -> Option<Self> {
        let mut severity = case.severity.max(alert.severity);
        let mut reasons = vec![Reason::MicrosoftAlert { alert_type: alert.alert_type.clone() }];
        if both_agree(case.own_signal, case.alerts.is_empty()) {
            severity = Severity::Critical;
            reasons.push(Reason::SignalAndAlert);
        }
        let per_hour = burn(case);
        let changes = severity != case.severity;
        changes.then(|| Self {
            case: case.id,
            severity,
            per_hour,
            at_stake: at_stake(per_hour.or(case.assumed_per_hour), policy),
            reasons,
        })
    }
}

/// Our own signal and Microsoft's alert meet in this case for the first time.
const fn both_agree(has_the_other_side: bool, first_of_this_side: bool) -> bool {
    has_the_other_side && first_of_this_side
}
