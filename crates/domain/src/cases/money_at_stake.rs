//! What a case costs: the burn rate of what it names and what is lost until an effective stop.

use super::{Case, MAX_RESOURCES_PER_CASE};
use crate::customers::{AzureStatus, Holdings, MAX_SUBSCRIPTIONS};
use crate::ids::AzureSubscriptionId;
use crate::policy::Policy;
use crate::signals::{Token, Unsorted};
use jiff::Timestamp;
use money::Money;
use std::collections::BTreeMap;

impl Case {
    /// Names an attacked Azure subscription, as long as there is room for one.
    pub(super) fn name_attacked(&mut self, azure_subscription: Option<AzureSubscriptionId>) {
        if self.attacked.len() < MAX_SUBSCRIPTIONS {
            self.attacked.extend(azure_subscription);
        }
    }

    /// Takes a finding's resources and place into the case. A resource that was known keeps the dearer rate.
    pub(super) fn take_in(&mut self, finding: &Unsorted) {
        self.since = self.since.min(finding.happened);
        self.until = self.until.max(Some(finding.happened));
        self.own_signal |= !finding.echo;
        self.name_attacked(finding.azure_subscription);
        let costs = self.costs_with(finding);
        self.resources_per_hour = costs.resources_per_hour;
        self.further_per_hour = costs.further_per_hour;
        self.resources.extend(costs.changed);
    }

    /// What the case would cost with the finding: only what the finding names is looked at, so that a storm of
    /// findings costs no more the larger its case is.
    fn costs_with(&self, finding: &Unsorted) -> Costs {
        let mut costs = Costs {
            resources_per_hour: self.resources_per_hour,
            further_per_hour: self.further_per_hour,
            changed: BTreeMap::new(),
        };
        let mut room = MAX_RESOURCES_PER_CASE.saturating_sub(self.resources.len());
        for running in &finding.resources {
            let known = costs.changed.get(&running.resource).or_else(|| self.resources.get(&running.resource)).copied();
            match known {
                None if room == 0 => costs.further_per_hour = added(costs.further_per_hour, Some(running.per_hour)),
                None => {
                    room = room.saturating_sub(1);
                    costs.resources_per_hour = added(costs.resources_per_hour, Some(running.per_hour));
                    costs.changed.insert(running.resource, running.per_hour);
                }
                // The dearer rate counts. One in another currency can't be compared; the known one stands.
                Some(known) => {
                    if let Ok(rate) = known.at_least(running.per_hour) {
                        let more = rate.minor.saturating_sub(known.minor);
                        costs.resources_per_hour =
                            added(costs.resources_per_hour, Some(Money::new(more, rate.currency)));
                        costs.changed.insert(running.resource, rate);
                    }
                }
            }
        }
        costs.further_per_hour = added(costs.further_per_hour, finding.further_per_hour);
        costs
    }
}

/// What a case costs after a finding.
struct Costs {
    resources_per_hour: Option<Money>,
    further_per_hour: Option<Money>,
    /// The resources that are new or dearer.
    changed: BTreeMap<Token, Money>,
}

/// The known burn rate of a case; nothing when no rate is known, which is not the same as nothing burning.
#[must_use]
pub fn burn(case: &Case) -> Option<Money> {
    added(case.further_per_hour, case.resources_per_hour)
}

/// Since when a case burns nothing more: every Azure subscription that it names was seen inactive, and nothing of it
/// happened later. Nothing while one of them runs or is not known.
#[must_use]
pub fn stopped(case: &Case, holdings: &Holdings) -> Option<Timestamp> {
    let inactive = |id| holdings.azure.get(id).filter(|azure| azure.status == AzureStatus::Inactive);
    let ends: Option<Vec<Timestamp>> = case.attacked.iter().map(|id| Some(inactive(id)?.since)).collect();
    ends?.into_iter().max().filter(|end| case.until.unwrap_or(case.since) <= *end)
}

/// The known burn rate of a case now: zero once it is stopped.
#[must_use]
pub fn burning(case: &Case, holdings: &Holdings) -> Option<Money> {
    burn(case).map(|rate| if stopped(case, holdings).is_some() { Money::zero(rate.currency) } else { rate })
}

/// The burn rate of a case if it took the finding in as well.
pub(super) fn burn_with(case: &Case, finding: &Unsorted) -> Option<Money> {
    let costs = case.costs_with(finding);
    added(costs.further_per_hour, costs.resources_per_hour)
}

/// The burn rate of a finding alone.
pub(super) fn burn_of(finding: &Unsorted) -> Option<Money> {
    let listed = finding.resources.iter().fold(None, |sum, running| added(sum, Some(running.per_hour)));
    added(listed, finding.further_per_hour)
}

/// What is lost if nothing is done now: the burn rate over the policy's hours to an effective stop (L of exposure).
#[must_use]
pub fn at_stake(per_hour: Option<Money>, policy: &Policy) -> Option<Money> {
    per_hour.and_then(|rate| rate.times(i64::from(policy.clocks.hours_to_stop)).ok())
}

/// A sum of rates; one in another currency or beyond all bounds is left out rather than added wrongly.
fn added(sum: Option<Money>, more: Option<Money>) -> Option<Money> {
    match (sum, more) {
        (None, more) => more,
        (sum, None) => sum,
        (Some(sum), Some(more)) => Some(sum.plus(more).unwrap_or(sum)),
    }
}
