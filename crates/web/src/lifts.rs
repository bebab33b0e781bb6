//! Which caps are lifted now, by whom and until when: from the partner's file, by the reader's clock. A lift whose time has
//! passed is not shown, whether or not anything was written since. How a cap is lifted is in `incidents`.

use crate::app::App;
use crate::people::People;
use crate::present::Personal;
use crate::problem::Problem;
use domain::containment::PERMIT_CHANGES;
use domain::file::Part;
use domain::ids::AccountId;
use domain::people::Lift;
use jiff::Timestamp;
use serde::Serialize;
use store::rows;

/// A cap that is lifted now.
#[derive(Debug, Clone)]
pub(crate) struct InForce {
    /// The connection whose changes per hour are capped.
    pub(crate) connection: AccountId,
    /// What people call the connection.
    pub(crate) label: String,
    pub(crate) lift: Lift,
}

/// The permit that caps the changes per hour of a connection.
pub(crate) fn permit_of(connection: AccountId) -> String {
    format!("{PERMIT_CHANGES}:{connection}")
}

fn connection_of(permit: &str) -> Option<AccountId> {
    permit.strip_prefix(PERMIT_CHANGES)?.strip_prefix(':')?.parse().ok()
}

/// The caps that are lifted now; at most as many as the partner's file keeps.
pub(crate) async fn in_force(app: &App) -> Result<Vec<InForce>, Problem> {
    let Part::Partner(partner) = app.desk.file(AccountId::of_partner()).await?.part else { return Ok(Vec::new()) };
    let now = app.desk.clock.now();
    let mut found = Vec::new();
    for (permit, lift) in partner.lifts.into_iter().filter(|(_, lift)| lift.until > now) {
        let Some(connection) = connection_of(&permit) else { continue };
        let known = rows::connections::get(&app.desk.store, connection).await?;
        let label = known.map(|listed| listed.row.label).unwrap_or_default();
        found.push(InForce { connection, label, lift });
    }
    Ok(found)
}

/// A cap that is lifted now.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = LiftedCap)]
pub(crate) struct LiftView {
    /// The connection whose changes per hour are capped.
    connection: uuid::Uuid,
    /// What people call it.
    connection_label: String,
    /// How many changes there are in an hour meanwhile.
    limit: u32,
    /// When it was lifted.
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    /// When it falls back, unless the incident ends before.
    #[schema(value_type = String, format = DateTime)]
    until: Timestamp,
    /// Who lifted it: `user:…`.
    by: String,
    /// That person's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    by_name: Option<Personal<String>>,
}

impl LiftView {
    pub(crate) async fn of(lifted: &InForce, people: &mut People<'_>) -> Result<Self, Problem> {
        let InForce { connection, label, lift } = lifted;
        Ok(Self {
            connection: connection.0,
            connection_label: label.clone(),
            limit: lift.limit,
            since: lift.since,
            until: lift.until,
            by: lift.by.to_string(),
            by_name: people.actor(lift.by).await?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_connection_of_a_permit_is_read_back() {
        let connection = AccountId(uuid::Uuid::from_u128(7));
        assert_eq!(connection_of(&permit_of(connection)), Some(connection));
        assert_eq!(connection_of(&connection.to_string()), None);
        assert_eq!(connection_of("another_permit:x"), None);
    }
}
