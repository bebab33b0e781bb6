//! Replay: the decisions of some customers made again from their recorded facts, by the code that runs live, and
//! compared byte for byte. Bounded, and told customer by customer. Nothing is kept.

use crate::app::App;
use crate::body::Sent;
use crate::problem::Problem;
use crate::session::Session;
use crate::what_if::{MAX_TRIAL, chosen, journal};
use axum::Json;
use axum::extract::State;
use desk::replay::{Verdict, replay};
use domain::body::Body;
use domain::fact::Fact;
use domain::ids::{AccountId, Hash};
use domain::policy::Policy;
use serde::{Deserialize, Serialize};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What is replayed.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = Replay)]
pub(crate) struct Wanted {
    /// Whose history; the customers with the gravest open cases when left out.
    #[serde(default)]
    pub(crate) customers: Option<BTreeSet<uuid::Uuid>>,
    /// Where the replay before ended: taken from its `nextAfter`.
    #[serde(default)]
    pub(crate) after: Option<String>,
}

/// How the decisions of one customer came out.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Replayed {
    pub(crate) customer: uuid::Uuid,
    /// Whether every fact came out the same, to the byte.
    pub(crate) same: bool,
    /// How many facts there are.
    pub(crate) facts: u64,
    /// How many of them were decided, and made again.
    pub(crate) decided: u64,
    /// The number of the first fact that came out otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) differs: Option<u64>,
}

/// What replaying found.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Replays {
    pub(crate) value: Vec<Replayed>,
    /// Customers who were not replayed: their history is too long, or the time was over. Try those by name.
    pub(crate) left_out: Vec<uuid::Uuid>,
    /// Where the next replay goes on; absent when all were replayed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_after: Option<String>,
}

/// Makes decisions again and compares them with the recorded ones.
#[utoipa::path(post, path = "/policies:replay", tag = "policies", operation_id = "replayDecisions", request_body = Wanted,
    responses((status = 200, description = "How they came out.", body = Replays)))]
pub(crate) async fn run(
    State(app): State<App>,
    session: Session,
    Sent(wanted): Sent<Wanted>,
) -> Result<Json<Replays>, Problem> {
    let began = app.desk.clock.monotonic();
    let (customers, next_after) = chosen(&app, &session, wanted.customers, wanted.after).await?;
    let mut replays = Replays { value: Vec::new(), left_out: Vec::new(), next_after };
    for customer in customers {
        if app.desk.clock.monotonic().saturating_sub(began) > MAX_TRIAL {
            replays.left_out.push(customer.0);
            continue;
        }
        match journal(&app, customer).await? {
            Some(journal) => replays.value.push(one(&app, customer, journal).await?),
            None => replays.left_out.push(customer.0),
        }
    }
    Ok(Json(replays))
}

/// One history, on a thread where reckoning may take its time.
async fn one(app: &App, account: AccountId, journal: Vec<Fact>) -> Result<Replayed, Problem> {
    let mut policies: BTreeMap<Hash, Arc<Policy>> = BTreeMap::new();
    for hash in journal.iter().flat_map(policies_of) {
        if let Entry::Vacant(place) = policies.entry(hash) {
            place.insert(app.desk.policies.get(hash).await?);
        }
    }
    let facts = u64::try_from(journal.len()).unwrap_or(u64::MAX);
    let run = move || replay(account, &journal, |hash| policies.get(&hash).cloned());
    let verdict = tokio::task::spawn_blocking(run).await.map_err(|error| Problem::internal(&error))?;
    Ok(match verdict.map_err(|error| Problem::internal(&error))? {
        Verdict::Same { facts, decided } => Replayed { customer: account.0, same: true, facts, decided, differs: None },
        Verdict::Differs { version, .. } => {
            Replayed { customer: account.0, same: false, facts, decided: 0, differs: Some(version) }
        }
    })
}

/// The policies that a fact was decided under, or brings into force.
fn policies_of(fact: &Fact) -> impl Iterator<Item = Hash> {
    let adopted = match &fact.body {
        Body::PolicyAdopted(adopted) => Some(adopted.hash),
        _ => None,
    };
    fact.policy.into_iter().chain(adopted)
}
