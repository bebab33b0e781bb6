//! Whether the journal and the simulated Microsoft's own log tell the same acts. The two share no code and no store:
//! what Borgen says it did has to stand in the other's log with the same request id, in time; and nothing else may.

use super::stage::Stage;
use crate::remote::Method;
use crate::table::at;
use domain::body::Body;
use domain::containment::{StepEnd, StepKind};
use domain::effects::{EffectKind, EffectRef, EffectResult, effects_of};
use domain::fact::Fact;
use domain::ids::TenantId;
use domain::notices::{AlertId, AlertStatus};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// How many changes are read at once.
const PAGE: u64 = 1_000;
/// The most pages of changes that are read.
const MAX_PAGES: u32 = 1_000;

/// How far the two clocks may be apart in story time: they are one, read a moment apart when they were set.
const CLOCKS_APART: SignedDuration = SignedDuration::from_millis(500);

/// An act that the journal says was done at Microsoft.
#[derive(Debug)]
struct Act {
    kind: EffectKind,
    request: Option<String>,
    /// When it was tried first, and when its answer was recorded.
    between: (Timestamp, Timestamp),
    /// It was so before anything was sent.
    already: bool,
}

/// What the journal of a customer says was done.
#[derive(Debug)]
pub(super) struct Told {
    acts: Vec<Act>,
    verified: Vec<StepKind>,
    answered: BTreeMap<AlertId, AlertStatus>,
}

impl Told {
    /// Reads it from the facts.
    pub(super) fn of(journal: &[Fact]) -> Self {
        let mut kinds: BTreeMap<EffectRef, EffectKind> = BTreeMap::new();
        let mut started: BTreeMap<EffectRef, (Timestamp, String)> = BTreeMap::new();
        let mut steps = BTreeMap::new();
        let mut told = Self { acts: Vec::new(), verified: Vec::new(), answered: BTreeMap::new() };
        for fact in journal {
            kinds.extend(effects_of(fact).into_iter().map(|effect| (effect.key, effect.kind)));
            match &fact.body {
                Body::StepOrdered(order) => {
                    steps.insert((order.action, order.step), order.kind.clone());
                }
                Body::StepEnded(ended) if ended.end == StepEnd::Verified => {
                    told.verified.extend(steps.get(&(ended.action, ended.step)).cloned());
                }
                Body::EffectStarted(start) => {
                    started.entry(start.effect).or_insert((fact.at, start.request.to_string()));
                }
                Body::EffectFinished(finished) => {
                    let EffectResult::Done { already } = finished.result else { continue };
                    let Some(kind) = kinds.get(&finished.effect).cloned() else { continue };
                    // A message to somebody on call is nothing that Microsoft could agree to.
                    if matches!(kind, EffectKind::Page { .. }) {
                        continue;
                    }
                    if let EffectKind::AnswerAlert { alert, status, .. } = &kind {
                        told.answered.insert(alert.clone(), *status);
                    }
                    let start = started.get(&finished.effect);
                    let between = (start.map_or(fact.at, |(at, _)| *at), fact.at);
                    told.acts.push(Act { kind, request: start.map(|(_, request)| request.clone()), between, already });
                }
                _ => {}
            }
        }
        told
    }
}

/// Every change of a customer's in the simulated Microsoft's log.
pub(super) async fn changes(stage: &Stage<'_>, tenant: Option<TenantId>) -> anyhow::Result<Vec<Value>> {
    let tenant = tenant.map(|tenant| tenant.to_string()).unwrap_or_default();
    let mut found = Vec::new();
    let mut after = 0;
    for _ in 0..MAX_PAGES {
        let path = format!("/sandbox/changes?after={after}&limit={PAGE}");
        let page = stage.sandbox.control(Method::GET, &path, &json!({})).await?;
        let page = page.get("changes").and_then(Value::as_array).cloned().unwrap_or_default();
        let Some(last) = page.last().and_then(|change| change.get("sequence")).and_then(Value::as_u64) else { break };
        after = last;
        found.extend(page.into_iter().filter(|change| at(change, "customer") == tenant));
    }
    Ok(found)
}

/// Where the two tell different things; empty when they agree.
pub(super) fn disagreements(told: &Told, changes: &[Value]) -> Vec<String> {
    let mut wrong = Vec::new();
    for act in told.acts.iter().filter(|act| !act.already) {
        if !changes.iter().any(|change| is_the_same(act, change)) {
            wrong.push(format!("the journal says that {} was done, Microsoft's log does not", act.kind.word()));
        }
    }
    for change in changes.iter().filter(|change| at(change, "actor.kind").starts_with("app")) {
        let known = told.acts.iter().any(|act| is_the_same(act, change));
        // What a change brings about by itself carries its request id as well.
        let follows = told.acts.iter().any(|act| act.request.is_some() && act.request == text(change, "requestId"));
        if !known && !follows {
            wrong.push(format!(
                "Microsoft's log has {} of {} by us, the journal has not",
                at(change, "what"),
                at(change, "id")
            ));
        }
    }
    for kind in &told.verified {
        let (what, id, wanted) = state_of(kind);
        let state = last_state(changes, what, &id);
        if state != wanted {
            wrong.push(format!(
                "the journal says {what} {id} was read back as {wanted}, Microsoft's log ends with {state}"
            ));
        }
    }
    for (alert, status) in &told.answered {
        let wanted = word(*status);
        let state = last_state(changes, "alert", &alert.0);
        if state != wanted {
            wrong.push(format!(
                "the journal says alert {alert} was answered {wanted}, Microsoft's log ends with {state}"
            ));
        }
    }
    wrong
}

/// The same object, state and request, within the time between the first try and the recorded answer.
fn is_the_same(act: &Act, change: &Value) -> bool {
    let (what, id, state) = match &act.kind {
        EffectKind::AnswerAlert { alert, status, .. } => ("alert", alert.0.clone(), Some(word(*status))),
        // Microsoft takes a cancellation and shows the old state until it has settled.
        EffectKind::Step(kind) => {
            let (what, id, _) = state_of(kind);
            (what, id, None)
        }
        EffectKind::Look(_) | EffectKind::Page { .. } => return false,
    };
    let same_request =
        act.request.is_none() || text(change, "requestId").is_none() || act.request == text(change, "requestId");
    let in_time = at(change, "at").parse::<Timestamp>().is_ok_and(|at| {
        act.between.0.duration_since(at) <= CLOCKS_APART && at.duration_since(act.between.1) <= CLOCKS_APART
    });
    at(change, "what") == what
        && at(change, "id").eq_ignore_ascii_case(&id)
        && state.is_none_or(|state| at(change, "after.status") == state)
        && same_request
        && in_time
}

/// What a verified step has to have left in Microsoft's log.
fn state_of(kind: &StepKind) -> (&'static str, String, &'static str) {
    match kind {
        StepKind::CancelAzureSubscription { azure_subscription, .. } => {
            ("entitlement", azure_subscription.to_string(), "inactive")
        }
        StepKind::ReactivateAzureSubscription { azure_subscription, .. } => {
            ("entitlement", azure_subscription.to_string(), "active")
        }
        StepKind::SuspendPlan { plan } => ("azurePlan", plan.to_string(), "suspended"),
        StepKind::ReactivatePlan { plan, .. } => ("azurePlan", plan.to_string(), "active"),
    }
}

fn last_state(changes: &[Value], what: &str, id: &str) -> String {
    let of_it = |change: &&Value| at(change, "what") == what && at(change, "id").eq_ignore_ascii_case(id);
    changes.iter().rfind(of_it).map(|change| at(change, "after.status")).unwrap_or_default()
}

fn text(change: &Value, key: &str) -> Option<String> {
    Some(at(change, key)).filter(|text| !text.is_empty())
}

const fn word(status: AlertStatus) -> &'static str {
    match status {
        AlertStatus::Active => "active",
        AlertStatus::Investigating => "investigating",
        AlertStatus::Resolved => "resolved",
    }
}
