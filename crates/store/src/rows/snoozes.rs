//! Snoozes, as lists show them: what asks for no attention, at which customer, until when, why.

use super::query::{self, Cursor, Filter, Listed, Page};
use super::{Columns, Kind, Step};
use crate::error::StoreError;
use crate::sql::Statement;
use crate::store::Store;
use domain::body::Body;
use domain::ids::{AccountId, Actor, SnoozeId};
use domain::permission::Scope;
use domain::sealed::Sealed;
use domain::snoozes::snooze_of;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A snooze.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SnoozeRow {
    /// The snooze.
    pub snooze: SnoozeId,
    /// The customer.
    pub account: AccountId,
    /// The rule.
    pub rule: String,
    /// Since when.
    pub since: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// By whom.
    pub by: Actor,
    /// Why, in the person's words.
    pub reason: Sealed<String>,
}

pub(super) fn project(step: &Step<'_>) -> Vec<Statement> {
    let (Some(after), before) = (step.after.customer(), step.before.customer()) else { return Vec::new() };
    let over = before.into_iter().flat_map(|file| file.snoozes.values());
    let over = over.filter(|snooze| snooze_of(after, snooze.snooze).is_none());
    let mut rows: Vec<Statement> =
        over.map(|snooze| step.restate(Kind::Snooze, &snooze.snooze.to_string(), "over")).collect();
    rows.extend(after.snoozes.iter().filter_map(|(rule, snooze)| {
        let fact = step.facts.iter().find(|fact| fact.version == snooze.set_in)?;
        let Body::RuleSnoozed(told) = &fact.body else { return None };
        let row = SnoozeRow {
            snooze: snooze.snooze,
            account: step.account,
            rule: rule.clone(),
            since: snooze.since,
            until: snooze.until,
            by: snooze.by,
            reason: told.reason.clone(),
        };
        let sort = snooze.until.as_microsecond();
        let columns = Columns { status: "in_force", story: rule.clone(), sort, ..Columns::default() };
        Some(step.row(Kind::Snooze, &snooze.snooze.to_string(), columns, &row))
    }));
    rows
}

/// A page of snoozes, those that last longest first; `filter.story` is the rule's id.
pub async fn list(
    store: &Store,
    scope: &Scope,
    filter: &Filter,
    after: Option<&Cursor>,
    limit: u32,
) -> Result<Page<SnoozeRow>, StoreError> {
    query::list(store, Kind::Snooze, scope, filter, after, limit).await
}

/// One snooze.
pub async fn get(store: &Store, scope: &Scope, snooze: SnoozeId) -> Result<Option<Listed<SnoozeRow>>, StoreError> {
    query::get(store, Kind::Snooze, scope, &snooze.to_string()).await
}
