//! Actions, as lists show them: what was proposed, who said yes, where each step is.

use super::query::{self, Cursor, Filter, Listed, Page};
use super::{Columns, Kind, Step};
use crate::error::StoreError;
use crate::sql::Statement;
use crate::store::Store;
use domain::cases::CaseId;
use domain::containment::{Action, ActionOutcome, ActionState};
use domain::ids::{AccountId, ActionId};
use domain::permission::Scope;
use serde::{Deserialize, Serialize};

/// An action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionRow {
    /// The customer.
    pub account: AccountId,
    /// The action as the file has it.
    pub action: Action,
}

pub(super) fn project(step: &Step<'_>) -> Vec<Statement> {
    let Some(file) = step.after.customer() else { return Vec::new() };
    let before = step.before.customer();
    let is_new = |action: &Action| before.and_then(|file| file.actions.get(&action.proposed.action)) != Some(action);
    file.actions.values().filter(|action| is_new(action)).map(|action| statement(step, action)).collect()
}

fn statement(step: &Step<'_>, action: &Action) -> Statement {
    let columns = Columns {
        status: status(action.state),
        story: action.proposed.playbook.clone(),
        owner: action.proposed.proposer.to_string(),
        sort: action.proposed_at.as_microsecond(),
        lookup: action.proposed.case.to_string(),
        ..Columns::default()
    };
    let row = ActionRow { account: step.account, action: action.clone() };
    step.row(Kind::Action, &action.proposed.action.to_string(), columns, &row)
}

/// The word of a state, to filter by.
#[must_use]
pub const fn status(state: ActionState) -> &'static str {
    match state {
        ActionState::Proposed => "proposed",
        ActionState::Released => "released",
        ActionState::Finished(ActionOutcome::Verified) => "verified",
        ActionState::Finished(ActionOutcome::DryRun) => "dry_run",
        ActionState::Finished(ActionOutcome::Failed) => "failed",
        ActionState::Rejected => "rejected",
        ActionState::Expired => "expired",
        ActionState::Stopped => "stopped",
    }
}

/// A page of actions, the newest first; `filter.story` is the playbook, `filter.owner` the proposer.
pub async fn list(
    store: &Store,
    scope: &Scope,
    filter: &Filter,
    after: Option<&Cursor>,
    limit: u32,
) -> Result<Page<ActionRow>, StoreError> {
    query::list(store, Kind::Action, scope, filter, after, limit).await
}

/// One action.
pub async fn get(store: &Store, scope: &Scope, action: ActionId) -> Result<Option<Listed<ActionRow>>, StoreError> {
    query::get(store, Kind::Action, scope, &action.to_string()).await
}

/// The actions of a case.
pub async fn of_case(store: &Store, case: CaseId, limit: u32) -> Result<Vec<Listed<ActionRow>>, StoreError> {
    query::lookup(store, Kind::Action, &case.to_string(), limit).await
}
