//! The MFA state of the partner's administrators, once a day (X5): a claim needs the state on the day that the fraud
//! began, and it can't be back-filled.

use super::{Sync, SyncError};
use domain::body::Body;
use domain::fact::NewFact;
use domain::file::Part;
use domain::ids::{AccountKind, Actor};
use domain::people::PostureRecorded;
use jiff::tz::TimeZone;
use microsoft::Listing;
use microsoft::score::{RequirementType, SecurityRequirement};
use std::convert::Infallible;

impl Sync {
    pub(super) async fn sync_posture(&self) -> Result<(), SyncError> {
        let day = self.tools.now().to_zoned(TimeZone::UTC).date().to_string();
        let account = self.connection.account;
        let file = self.tools.desk.file(account).await?;
        let is_recorded = |part: &Part| match part {
            Part::Connection(connection) => connection.posture_day.as_deref() == Some(day.as_str()),
            _ => true,
        };
        if is_recorded(&file.part) {
            return Ok(());
        }
        let listing = Listing::<SecurityRequirement>::security_requirements();
        let page = self.connection.client.collect(&self.reading(), &listing).await?;
        let is_it =
            |requirement: &&SecurityRequirement| requirement.requirement_type == RequirementType::MfaEnforcedForAdmins;
        let found =
            page.rows.iter().map(|row| &row.view).find(is_it).ok_or(SyncError::Lacks("mfaEnforcedForAdmins"))?;
        let count = |number: Option<i64>| number.and_then(|number| u32::try_from(number).ok());
        let (administrators, with_mfa) = count(found.total_admins_count)
            .zip(count(found.mfa_enabled_admins_count))
            .ok_or(SyncError::Lacks("the counts of administrators"))?;
        let posture = PostureRecorded { day: day.clone(), administrators, with_mfa };
        let recorded = self.tools.desk.act(account, AccountKind::Connection, |view| {
            if is_recorded(&view.file.part) {
                return Ok::<_, Infallible>(Vec::new());
            }
            Ok(vec![NewFact {
                happened: view.at,
                actor: Actor::Connection(account),
                source_key: Some(format!("posture:{day}")),
                body: Body::PostureRecorded(posture.clone()),
            }])
        });
        recorded.await?;
        Ok(())
    }
}
