//! A finding of the engine becomes a fact, purely: what fired, where, what began to run and what that costs. Neither
//! severity nor case is set here. Sealing, tokens and the price list are the caller's.

mod draft;
mod spotted;
mod starts;

pub use draft::{Draft, MAX_FURTHER_RESOURCES, MAX_KEYS};
pub(crate) use spotted::cut;
pub use spotted::{
    MAX_EVIDENCE_EVENT_BYTES, MAX_EVIDENCE_LINES, MAX_EVIDENCE_VALUE_BYTES, Running, Spotted, window_of,
};
pub use starts::Starts;

use domain::body::Body;
use domain::fact::NewFact;
use domain::ids::{AccountId, Actor};
use domain::sealed::Sealed;
use domain::signals::{Evidence, FindingRecorded, MAX_RESOURCES_PER_FINDING, PriceRef, RunningResource, Token};
use money::Money;
use policy::Prices;

/// What is made at the edge for a finding: ciphertext and tokens.
#[derive(Debug, Clone)]
pub struct Edge {
    /// The sealed evidence.
    pub evidence: Sealed<Evidence>,
    /// A token of each resource of the draft, in the draft's order.
    pub resources: Vec<Token>,
    /// A token of the caller, when the draft names one.
    pub caller: Option<Token>,
}

/// The fact of a finding, with what its resources cost an hour by this price list.
#[must_use]
pub fn recorded(draft: &Draft, connection: AccountId, prices: &Prices, edge: Edge) -> NewFact {
    let first = draft.first();
    let mut price: Option<PriceRef> = None;
    let mut rate = |size: &str, region: &str| {
        let found = prices.lookup(size, region);
        let reference = found.reference();
        match &mut price {
            Some(known) => known.estimated |= reference.estimated,
            none => *none = Some(reference),
        }
        found.per_hour
    };
    let mut resources = Vec::new();
    let mut further: Option<Money> = None;
    for (running, token) in draft.resources().zip(edge.resources) {
        let per_hour = rate(&running.size, &running.region);
        if resources.len() < MAX_RESOURCES_PER_FINDING {
            resources.push(RunningResource { resource: token, per_hour });
        } else {
            further = added(further, Some(per_hour));
        }
    }
    for ((size, region), count) in draft.further() {
        let all = rate(size, region).times(i64::from(*count)).ok();
        further = added(further, all);
    }
    let body = FindingRecorded {
        rule: first.rule.clone(),
        log: first.log.clone(),
        received: draft.received(),
        count: draft.count(),
        azure_subscription: first.azure_subscription,
        region: first.region.clone(),
        size: first.size.clone(),
        resources,
        further_per_hour: further,
        price,
        caller: edge.caller,
        evidence: edge.evidence,
    };
    NewFact {
        happened: first.happened,
        actor: Actor::Connection(connection),
        source_key: Some(draft.source_key()),
        body: Body::FindingRecorded(body),
    }
}

/// The sum; what can't be added (another currency, beyond the largest number) is left out: burn is a lower bound.
fn added(sum: Option<Money>, more: Option<Money>) -> Option<Money> {
    match (sum, more) {
        (Some(sum), Some(more)) => Some(sum.plus(more).unwrap_or(sum)),
        (sum, more) => sum.or(more),
    }
}
