//! Partner Center's audit log, read every hour: it tells of fraud events even when their webhook was lost. Orders and
//! role changes in it are counted only.

use super::{Sync, SyncError};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use microsoft::audit::AuditRecord;
use microsoft::{Listing, MAX_PAGES};

/// Microsoft keeps 90 days and refuses to be asked for more.
const MAX_DAYS_BACK: SignedDuration = SignedDuration::from_hours(24 * 88);
/// The most days of one pass: all that Microsoft keeps.
const MAX_DAYS: usize = 90;
/// How far back the first pass looks.
const FIRST_LOOK_BACK: SignedDuration = SignedDuration::from_hours(24);
/// The operation that a fraud event leaves.
const FRAUD_EVENT: &str = "azure_fraud_event_detected";

/// What was met on the way through the log.
#[derive(Default)]
struct Met {
    records: u64,
    frauds: u64,
}

impl Sync {
    /// Reads day by day, and remembers how far it got after each day that was read to its end: what was not read is
    /// read by a later pass.
    pub(super) async fn sync_audit(&self) -> Result<(), SyncError> {
        let now = self.tools.now();
        let name = format!("audit:{}", self.connection.account);
        let kept = self.tools.store().cursor(&name).await?;
        let since = kept.and_then(|at| at.parse::<Timestamp>().ok());
        let since = since.unwrap_or_else(|| back(now, FIRST_LOOK_BACK)).max(back(now, MAX_DAYS_BACK));
        let day = |at: Timestamp| at.to_zoned(TimeZone::UTC).date();
        let mut met = Met::default();
        let mut newest = since;
        let mut end = Ok(());
        for date in day(since).series(1.day()).take_while(|date| *date <= day(now)).take(MAX_DAYS) {
            match self.audit_day(date, since, &mut met).await {
                Ok(seen) => newest = newest.max(seen.unwrap_or(newest)),
                Err(error) => {
                    end = Err(error);
                    break;
                }
            }
            self.tools.store().set_cursor(&name, &newest.to_string()).await?;
        }
        metrics::counter!("borgen_audit_records_total").increment(met.records);
        if met.frauds > 0 {
            metrics::counter!("borgen_audit_fraud_events_total").increment(met.frauds);
            self.connection.wake_alerts.notify_one();
        }
        end
    }

    /// Reads a day to its end. Returns the instant of its newest record after `since`; a day of more pages than are
    /// read is an error, so that the place stays before it.
    async fn audit_day(&self, date: Date, since: Timestamp, met: &mut Met) -> Result<Option<Timestamp>, SyncError> {
        let listing = Listing::<AuditRecord>::audit_records(date, date);
        let (mut next, mut newest) = (None, None);
        for _ in 0..MAX_PAGES {
            let page = self.connection.client.page(&self.reading(), &listing, next.as_ref()).await?;
            for row in &page.rows {
                let Some(at) = row.view.operation_date.filter(|at| *at > since) else { continue };
                newest = newest.max(Some(at));
                met.records = met.records.saturating_add(1);
                let word = row.view.operation_type.as_deref();
                let is_fraud = word.is_some_and(|word| word.eq_ignore_ascii_case(FRAUD_EVENT));
                met.frauds = met.frauds.saturating_add(u64::from(is_fraud));
            }
            next = page.next;
            if next.is_none() {
                return Ok(newest);
            }
        }
        Err(SyncError::Lacks("the end of a day of the audit log"))
    }
}

fn back(now: Timestamp, span: SignedDuration) -> Timestamp {
    now.saturating_sub(span).unwrap_or(Timestamp::MIN)
}
