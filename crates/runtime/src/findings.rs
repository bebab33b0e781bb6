//! A finding of the engine becomes a fact, purely: what fired, where, what began to run and what that costs. Neither
//! severity nor case is set here. Sealing, tokens and the price list are the caller's.

mod draft;
mod spotted;
mod starts;

pub use draft::{Draft, MAX_KEYS};
pub(crate) use spotted::cut;
pub use spotted::{
    MAX_EVIDENCE_EVENT_BYTES, MAX_EVIDENCE_LINES, MAX_EVIDENCE_VALUE_BYTES, Running, Spotted, window_of,
};
pub use starts::Starts;

use domain::body::Body;
use domain::fact::NewFact;
use domain::ids::{AccountId, Actor};
use domain::sealed::Sealed;
use domain::signals::{Evidence, FindingRecorded, PriceRef, RunningResource, Token};
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

/// The fact of a finding, with what its resources cost an hour by this price list. What the draft had no room for is
/// left out: burn is a lower bound.
#[must_use]
pub fn recorded(draft: &Draft, connection: AccountId, prices: &Prices, edge: Edge) -> NewFact {
    let first = draft.first();
    let mut price: Option<PriceRef> = None;
    let mut rate = |running: &Running| {
        let found = prices.lookup(&running.size, &running.region);
        let reference = found.reference();
        match &mut price {
            Some(known) => known.estimated |= reference.estimated,
            none => *none = Some(reference),
        }
        // Beyond the largest amount the rate of one machine stands.
        found.per_hour.times(i64::from(running.instances)).unwrap_or(found.per_hour)
    };
    let named = draft.resources().zip(edge.resources);
    let resources =
        named.map(|(running, token)| RunningResource { resource: token, per_hour: rate(running) }).collect();
    let body = FindingRecorded {
        rule: first.rule.clone(),
        log: first.log.clone(),
        received: draft.received(),
        count: draft.count(),
        azure_subscription: first.azure_subscription,
        region: first.region.clone(),
        size: first.size.clone(),
        resources,
        further_per_hour: None,
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
