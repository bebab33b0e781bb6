//! What a case costs: the burn rate of what it names and what is lost until an effective stop.

use super::{Case, MAX_RESOURCES_PER_CASE};
use crate::customers::MAX_SUBSCRIPTIONS;
use crate::ids::AzureSubscriptionId;
use crate::policy::Policy;
use crate::signals::Unsorted;
use money::Money;

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
        self.name_attacked(finding.azure_subscription);
        for running in &finding.resources {
            let known = self.resources.get(&running.resource).copied();
            let rate = known.map_or(Ok(running.per_hour), |known| known.at_least(running.per_hour));
            match rate {
                Ok(rate) if known.is_some() || self.resources.len() < MAX_RESOURCES_PER_CASE => {
                    self.resources.insert(running.resource, rate);
                }
                Ok(_) => self.further_per_hour = added(self.further_per_hour, Some(running.per_hour)),
                // A rate in another currency can't be compared; the known one stands.
                Err(_) => {}
            }
        }
        self.further_per_hour = added(self.further_per_hour, finding.further_per_hour);
    }
}

/// The known burn rate of a case; nothing when no rate is known, which is not the same as nothing burning.
#[must_use]
pub fn burn(case: &Case) -> Option<Money> {
    case.resources.values().copied().fold(case.further_per_hour, |sum, rate| added(sum, Some(rate)))
}

/// The burn rate of a case if it took the finding in as well.
pub(super) fn burn_with(case: &Case, finding: &Unsorted) -> Option<Money> {
    let mut larger = case.clone();
    larger.take_in(finding);
    burn(&larger)
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
