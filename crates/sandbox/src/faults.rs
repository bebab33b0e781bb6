//! The faults that the simulated Microsoft can be told to make: a plan of rules, and a counter for each fault made.
//! What a fault looks like to the caller is written where it happens.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::draw::Draw;

/// How many rules a plan may hold.
pub const MAX_FAULT_RULES: usize = 200;

/// One way in which Microsoft, or the network before it, goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// A webhook comes `seconds` later than it should (48 hours unless told).
    WebhookLate,
    /// A webhook is sent twice.
    WebhookDoubled,
    /// A webhook is never sent.
    WebhookLost,
    /// A webhook comes after the one that follows it.
    WebhookReordered,
    /// A webhook carries a signature that does not fit its body.
    WebhookCorrupted,
    /// 429 with `Retry-After` of `seconds` (57 unless told).
    ThrottledWithRetryAfter,
    /// 429 without `Retry-After`.
    ThrottledWithoutRetryAfter,
    /// 503, and nothing was done.
    UnavailableBefore,
    /// 503, although the write was carried out. Only writes that succeed are hit.
    UnavailableAfter,
    /// The connection is cut in the middle of the answer's body, after the act.
    CutMidBody,
    /// 401: the token is treated as expired.
    TokenExpired,
    /// 401 900421: the token is treated as one without the MFA claim. Only app+user tokens are hit.
    MfaMissing,
    /// 400 2055: the `If-Match` is treated as stale.
    StaleEtag,
    /// 403 900115: suspending an Azure plan is refused although nothing is active under it.
    PlanSuspendedTooEarly,
    /// 409 900278: an operation is said to be pending.
    PendingOperation,
    /// 410: the receiver of a message is no longer there. Only receivers are hit.
    ReceiverGone,
}

/// One rule of the plan: which fault, on which route, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FaultRule {
    /// What goes wrong.
    pub fault: Fault,
    /// The route's name (`subscription_patch`; for webhooks the event's name); every route when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
    /// Hits exactly so many of the next calls that the fault can hit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<u32>,
    /// Hits so many in a thousand calls, drawn from the seed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_mille: Option<u16>,
    /// The delay or waiting time that goes with the fault, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<u32>,
}

impl FaultRule {
    /// Hits the next `count` calls to `route`.
    #[must_use]
    pub fn next_calls(fault: Fault, route: &str, count: u32) -> Self {
        Self { fault, route: Some(route.to_owned()), next: Some(count), per_mille: None, seconds: None }
    }

    /// Hits so many in a thousand calls on every route.
    #[must_use]
    pub fn chance(fault: Fault, per_mille: u16) -> Self {
        Self { fault, route: None, next: None, per_mille: Some(per_mille), seconds: None }
    }

    /// Sets the delay or waiting time that goes with the fault.
    #[must_use]
    pub fn with_seconds(mut self, seconds: u32) -> Self {
        self.seconds = Some(seconds);
        self
    }
}

/// The plan of faults and what came of it.
#[derive(Debug, Clone)]
pub struct Faults {
    rules: Vec<FaultRule>,
    made: BTreeMap<Fault, u64>,
    draw: Draw,
}

impl Faults {
    pub(crate) fn new(seed: u64) -> Self {
        Self { rules: Vec::new(), made: BTreeMap::new(), draw: Draw::new(seed, "faults", 0) }
    }

    /// Adds a rule; false when the plan is full ([`MAX_FAULT_RULES`]).
    pub fn add(&mut self, rule: FaultRule) -> bool {
        let room = self.rules.len() < MAX_FAULT_RULES;
        if room {
            self.rules.push(rule);
        }
        room
    }

    /// Takes all rules away; the counters stay.
    pub fn clear(&mut self) {
        self.rules.clear();
    }

    /// The rules that still stand.
    #[must_use]
    pub fn rules(&self) -> &[FaultRule] {
        &self.rules
    }

    /// How often each fault was made since the world began.
    #[must_use]
    pub fn made(&self) -> &BTreeMap<Fault, u64> {
        &self.made
    }

    /// How often this fault was made.
    #[must_use]
    pub fn count(&self, fault: Fault) -> u64 {
        self.made.get(&fault).copied().unwrap_or(0)
    }

    /// Decides whether the fault happens now, and counts it. Ask only where the fault can happen.
    /// Returns the rule's seconds, or `default_seconds`.
    pub(crate) fn strike(&mut self, fault: Fault, route: &str, default_seconds: u32) -> Option<u32> {
        let draw = &mut self.draw;
        let place = self.rules.iter_mut().position(|rule| {
            let fits = rule.fault == fault && rule.route.as_deref().is_none_or(|wanted| wanted == route);
            fits && hits(rule, draw)
        })?;
        let rule = self.rules.get(place)?;
        let seconds = rule.seconds.unwrap_or(default_seconds);
        if rule.next == Some(0) {
            self.rules.remove(place);
        }
        *self.made.entry(fault).or_insert(0) += 1;
        Some(seconds)
    }
}

fn hits(rule: &mut FaultRule, draw: &mut Draw) -> bool {
    match (rule.next, rule.per_mille) {
        (Some(left), _) if left > 0 => {
            rule.next = Some(left - 1);
            true
        }
        (None, Some(chance)) => draw.per_mille(chance),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_for_the_next_two_calls_hits_exactly_two() {
        let mut faults = Faults::new(1);
        faults.add(FaultRule::next_calls(Fault::UnavailableBefore, "customer", 2));
        let hits = (0..5).filter(|_| faults.strike(Fault::UnavailableBefore, "customer", 0).is_some()).count();
        assert_eq!(hits, 2);
        assert!(faults.rules().is_empty());
        assert_eq!(faults.count(Fault::UnavailableBefore), 2);
    }

    #[test]
    fn a_chance_hits_about_its_share_and_the_same_calls_for_the_same_seed() {
        let run = |seed| {
            let mut faults = Faults::new(seed);
            faults.add(FaultRule::chance(Fault::CutMidBody, 100));
            (0..2000).map(|_| faults.strike(Fault::CutMidBody, "any", 0).is_some()).collect::<Vec<bool>>()
        };
        let first = run(3);
        assert_eq!(first, run(3));
        let hits = first.iter().filter(|hit| **hit).count();
        assert!((140..260).contains(&hits), "{hits} of 2000");
    }
}
