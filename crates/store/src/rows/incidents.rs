//! Incidents, as lists show them, and the lifts of caps that come with them.

use super::query::{self, Cursor, Filter, Listed, Page};
use super::{Columns, Kind, Step};
use crate::error::StoreError;
use crate::permits::{end_lift, lift_permit};
use crate::sql::Statement;
use crate::store::Store;
use domain::body::Body;
use domain::cases::CaseId;
use domain::fact::Fact;
use domain::file::{AccountFile, Part};
use domain::ids::{AccountId, Actor, IncidentId};
use domain::permission::Scope;
use domain::sealed::Sealed;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An incident.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IncidentRow {
    /// The incident.
    pub incident: IncidentId,
    /// What it is.
    pub title: Sealed<String>,
    /// Its cases, by customer.
    pub cases: Vec<(AccountId, CaseId)>,
    /// When it was declared.
    pub declared: Timestamp,
    /// By whom.
    pub by: Actor,
}

pub(super) fn project(step: &Step<'_>) -> Vec<Statement> {
    let of_fact = |fact: &Fact| match &fact.body {
        Body::IncidentDeclared(declared) => {
            let row = IncidentRow {
                incident: declared.incident,
                title: declared.title.clone(),
                cases: declared.cases.clone(),
                declared: fact.at,
                by: fact.actor,
            };
            let columns = Columns { status: "open", sort: fact.at.as_microsecond(), ..Columns::default() };
            Some(step.row(Kind::Incident, &declared.incident.to_string(), columns, &row))
        }
        // What is lifted is told with the incident, so its state is another one now.
        Body::CapLifted(lifted) if is_open(step.after, lifted.incident) => {
            Some(step.restate(Kind::Incident, &lifted.incident.to_string(), "open"))
        }
        Body::IncidentEnded(ended) => Some(step.restate(Kind::Incident, &ended.incident.to_string(), "ended")),
        _ => None,
    };
    step.facts.iter().filter_map(of_fact).chain(lifts(step)).collect()
}

fn is_open(file: &AccountFile, incident: IncidentId) -> bool {
    matches!(&file.part, Part::Partner(partner) if partner.incidents.contains(&incident))
}

/// What a step changes about the lifts that hold: one that is new or other than before, and one that is over.
fn lifts(step: &Step<'_>) -> Vec<Statement> {
    let of = |file: &AccountFile| match &file.part {
        Part::Partner(partner) => partner.lifts.clone(),
        _ => BTreeMap::new(),
    };
    let (before, after) = (of(step.before), of(step.after));
    let over = before.keys().filter(|permit| !after.contains_key(*permit)).map(|permit| end_lift(permit));
    let changed = after.iter().filter(|(permit, lift)| before.get(*permit) != Some(*lift));
    let lifted = changed.flat_map(|(permit, lift)| lift_permit(permit, lift.until, i64::from(lift.limit)));
    over.chain(lifted).collect()
}

/// A page of incidents, the newest first.
pub async fn list(
    store: &Store,
    filter: &Filter,
    after: Option<&Cursor>,
    limit: u32,
) -> Result<Page<IncidentRow>, StoreError> {
    query::list(store, Kind::Incident, &Scope::All, filter, after, limit).await
}

/// One incident.
pub async fn get(store: &Store, incident: IncidentId) -> Result<Option<Listed<IncidentRow>>, StoreError> {
    query::get(store, Kind::Incident, &Scope::All, &incident.to_string()).await
}
