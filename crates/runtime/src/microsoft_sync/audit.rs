//! Partner Center's audit log, read every hour: it tells of fraud events even when their webhook was lost. Orders and
//! role changes in it are counted only.

use super::{Sync, SyncError};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use microsoft::audit::AuditRecord;
use microsoft::{Listing, MAX_PAGES};

/// Microsoft keeps 90 days and refuses to be asked for more.
const MAX_DAYS_BACK: SignedDuration = SignedDuration::from_hours(24 * 88);
/// How far back the first pass looks.
const FIRST_LOOK_BACK: SignedDuration = SignedDuration::from_hours(24);
/// The operation that a fraud event leaves.
const FRAUD_EVENT: &str = "azure_fraud_event_detected";

impl Sync {
    pub(super) async fn sync_audit(&self) -> Result<(), SyncError> {
        let now = self.tools.now();
        let name = format!("audit:{}", self.connection.account);
        let kept = self.tools.store().cursor(&name).await?;
        let since = kept.and_then(|at| at.parse::<Timestamp>().ok());
        let since = since.unwrap_or_else(|| back(now, FIRST_LOOK_BACK)).max(back(now, MAX_DAYS_BACK));
        let day = |at: Timestamp| at.to_zoned(TimeZone::UTC).date();
        let listing = Listing::<AuditRecord>::audit_records(day(since), day(now));
        let (mut next, mut newest, mut records, mut frauds) = (None, since, 0_u64, 0_u64);
        for _ in 0..MAX_PAGES {
            let page = self.connection.client.page(&self.reading(), &listing, next.as_ref()).await?;
            for row in &page.rows {
                let Some(at) = row.view.operation_date.filter(|at| *at > since) else { continue };
                newest = newest.max(at);
                records = records.saturating_add(1);
                let is_fraud =
                    row.view.operation_type.as_deref().is_some_and(|word| word.eq_ignore_ascii_case(FRAUD_EVENT));
                frauds = frauds.saturating_add(u64::from(is_fraud));
            }
            next = page.next;
            if next.is_none() {
                break;
            }
        }
        metrics::counter!("borgen_audit_records_total").increment(records);
        if frauds > 0 {
            metrics::counter!("borgen_audit_fraud_events_total").increment(frauds);
            self.connection.wake_alerts.notify_one();
        }
        self.tools.store().set_cursor(&name, &newest.to_string()).await?;
        Ok(())
    }
}

fn back(now: Timestamp, span: SignedDuration) -> Timestamp {
    now.saturating_sub(span).unwrap_or(Timestamp::MIN)
}
