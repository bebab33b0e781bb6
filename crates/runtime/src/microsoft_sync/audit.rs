//! Partner Center's audit log, read every hour (A3): every record becomes a fact of the customer it is about, for
//! people to review. It tells of fraud events even when their webhook was lost.

use super::{Sync, SyncError, SyncPart};
use crate::aside;
use crate::findings::cut;
use crate::measures;
use domain::activity::{ActivityEnd, ActivityRecorded, ActivityValues};
use domain::body::Body;
use domain::fact::NewFact;
use domain::ids::{AccountId, AccountKind, ActivityId, Actor, TenantId};
use domain::permission::Scope;
use domain::sealed::Retention;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use microsoft::audit::{AuditRecord, OperationStatus};
use microsoft::{Listing, MAX_PAGES, Row};
use std::collections::{BTreeMap, HashSet};
use std::sync::{Mutex, PoisonError};
use store::rows;

/// Microsoft keeps 90 days and refuses to be asked for more.
const MAX_DAYS_BACK: SignedDuration = SignedDuration::from_hours(24 * 88);
/// The most days of one pass: all that Microsoft keeps.
const MAX_DAYS: usize = 90;
/// How far back the first pass looks.
const FIRST_LOOK_BACK: SignedDuration = SignedDuration::from_hours(24);
/// How far behind the newest record a pass looks again: records show up in another order than they happened.
const OVERLAP: SignedDuration = SignedDuration::from_hours(1);
/// The operation that a fraud event leaves.
const FRAUD_EVENT: &str = "azure_fraud_event_detected";
/// The longest word of Microsoft's that is taken.
const MAX_WORD_BYTES: usize = 100;
/// The longest name of a person that is taken.
const MAX_USER_BYTES: usize = 300;
/// The longest value before, and after, that is kept.
const MAX_VALUE_BYTES: usize = 4 * 1024;
/// The most facts of one append.
const MAX_FACTS_PER_APPEND: usize = 100;

/// The most facts that are remembered to have been set aside; then all are set aside anew, which is harmless.
const MAX_REMEMBERED: usize = 100_000;

/// What was set aside since the program began, by source key: a pass looks again at what an earlier one saw.
#[derive(Debug, Default)]
pub(super) struct Memory {
    aside: Mutex<HashSet<(AccountId, String)>>,
}

/// What was met on the way through the log.
#[derive(Default)]
struct Met {
    records: u64,
    frauds: u64,
}

/// The facts of a page, by the account they are of. What is about a customer is of the customer.
type Told = BTreeMap<(AccountId, AccountKind), Vec<NewFact>>;

impl Sync {
    /// Reads day by day, and remembers how far it got after each day that was read to its end: what was not read is
    /// read by a later pass.
    pub(super) async fn sync_audit(&self) -> Result<(), SyncError> {
        let now = self.tools.now();
        let name = format!("audit:{}", self.connection.account);
        let kept = self.tools.store().cursor(&name).await?;
        let since = kept.and_then(|at| at.parse::<Timestamp>().ok());
        let since = since.unwrap_or_else(|| back(now, FIRST_LOOK_BACK)).max(back(now, MAX_DAYS_BACK));
        let from = back(since, OVERLAP);
        let day = |at: Timestamp| at.to_zoned(TimeZone::UTC).date();
        let mut met = Met::default();
        let mut newest = since;
        let mut end = Ok(());
        for date in day(from).series(1.day()).take_while(|date| *date <= day(now)).take(MAX_DAYS) {
            match self.audit_day(date, from, &mut met).await {
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

    /// Reads a day to its end. Returns the instant of its newest record after `from`; a day of more pages than are
    /// read is an error, so that the place stays before it.
    async fn audit_day(&self, date: Date, from: Timestamp, met: &mut Met) -> Result<Option<Timestamp>, SyncError> {
        let listing = Listing::<AuditRecord>::audit_records(date, date);
        let (mut next, mut newest) = (None, None);
        for _ in 0..MAX_PAGES {
            let page = self.connection.client.page(&self.reading(), &listing, next.as_ref()).await?;
            let mut told = Told::new();
            for row in &page.rows {
                let Some(at) = row.view.operation_date.filter(|at| *at > from) else { continue };
                newest = newest.max(Some(at));
                if !self.is_new(row).await? {
                    continue;
                }
                met.records = met.records.saturating_add(1);
                let word = row.view.operation_type.as_deref();
                let is_fraud = word.is_some_and(|word| word.eq_ignore_ascii_case(FRAUD_EVENT));
                met.frauds = met.frauds.saturating_add(u64::from(is_fraud));
                let (account, kind) = self.audited(&row.view).await?;
                let fact = self.audit_fact(account, row, at).await?;
                told.entry((account, kind)).or_default().push(fact);
            }
            self.tell_audit(told).await?;
            next = page.next;
            if next.is_none() {
                return Ok(newest);
            }
        }
        Err(SyncError::Lacks("the end of a day of the audit log"))
    }

    /// Whether the record was not told yet, or not with this end. Without a name of Microsoft's it is known by its bytes.
    async fn is_new(&self, row: &Row<AuditRecord>) -> Result<bool, SyncError> {
        let known = rows::activity::get(self.tools.store(), &Scope::All, self.activity(row)).await?;
        Ok(known.is_none_or(|known| known.row.end != end_of(&row.view.operation_status)))
    }

    fn activity(&self, row: &Row<AuditRecord>) -> ActivityId {
        ActivityId::of(self.connection.account, row.view.id.as_deref().unwrap_or_else(|| row.raw.text()))
    }

    /// Whose record it is: the customer's, or the connection's where there is none that we know.
    async fn audited(&self, record: &AuditRecord) -> Result<(AccountId, AccountKind), SyncError> {
        let tenant = record.customer_id.as_deref().and_then(|id| id.parse::<TenantId>().ok());
        if let Some(account) = tenant.map(|tenant| self.connection.customer(tenant))
            && self.tools.store().head(account).await?.is_some()
        {
            return Ok((account, AccountKind::Customer));
        }
        Ok((self.connection.account, AccountKind::Connection))
    }

    async fn audit_fact(
        &self,
        account: AccountId,
        row: &Row<AuditRecord>,
        at: Timestamp,
    ) -> Result<NewFact, SyncError> {
        let (record, vault) = (&row.view, &self.tools.vault);
        let word = |text: &Option<String>| cut(text.as_deref().unwrap_or("unknown"), MAX_WORD_BYTES);
        let value = |text: &Option<String>| text.as_deref().map(|text| cut(text, MAX_VALUE_BYTES));
        let (before, after) = (value(&record.resource_old_value), value(&record.resource_new_value));
        let values = if before.is_some() || after.is_some() {
            Some(vault.seal(account, Retention::Evidence, &ActivityValues { before, after }).await?)
        } else {
            None
        };
        let user = record.user_principal_name.as_deref().filter(|user| !user.is_empty());
        let sealed = match user {
            Some(user) => Some(vault.seal(account, Retention::Evidence, &cut(user, MAX_USER_BYTES)).await?),
            None => None,
        };
        let (activity, end) = (self.activity(row), end_of(&record.operation_status));
        let recorded = ActivityRecorded {
            activity,
            connection: self.connection.account,
            operation: word(&record.operation_type),
            resource: word(&record.resource_type),
            end,
            user: sealed,
            who: user.map(|user| vault.token("user", &user.to_lowercase())),
            application: record.application_id.as_deref().map(|id| cut(id, MAX_WORD_BYTES)),
            values,
        };
        Ok(NewFact {
            happened: at,
            actor: Actor::Connection(self.connection.account),
            source_key: Some(format!("activity:{activity}:{}", end.word())),
            body: Body::ActivityRecorded(recorded),
        })
    }

    async fn tell_audit(&self, told: Told) -> Result<(), SyncError> {
        for ((account, kind), facts) in told {
            for facts in facts.chunks(MAX_FACTS_PER_APPEND) {
                match self.tools.desk.record(account, kind, facts.to_vec()).await.map_err(SyncError::from) {
                    Ok(acted) => measures::facts(&acted.facts),
                    // The place in the log moves on, so that nobody would tell it again.
                    Err(error) if error.is_the_accounts() => {
                        self.passed_over(SyncPart::Audit, account, &error);
                        self.set_aside(account, facts).await?;
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(())
    }

    async fn set_aside(&self, account: AccountId, facts: &[NewFact]) -> Result<(), SyncError> {
        let key = |fact: &NewFact| (account, fact.source_key.clone().unwrap_or_default());
        let is_new = |known: &HashSet<_>, fact: &&NewFact| !known.contains(&key(fact));
        let new: Vec<NewFact> = {
            let known = self.audit.aside.lock().unwrap_or_else(PoisonError::into_inner);
            facts.iter().filter(|fact| is_new(&known, fact)).cloned().collect()
        };
        if new.is_empty() {
            return Ok(());
        }
        aside::put(&self.tools, SyncPart::Audit.word(), account, &new).await?;
        let mut known = self.audit.aside.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MAX_REMEMBERED {
            known.clear();
        }
        known.extend(new.iter().map(key));
        Ok(())
    }
}

const fn end_of(status: &OperationStatus) -> ActivityEnd {
    match status {
        OperationStatus::Succeeded => ActivityEnd::Succeeded,
        OperationStatus::Failed => ActivityEnd::Failed,
        OperationStatus::Progress => ActivityEnd::Progress,
        OperationStatus::Unknown(_) => ActivityEnd::Unknown,
    }
}

fn back(now: Timestamp, span: SignedDuration) -> Timestamp {
    now.saturating_sub(span).unwrap_or(Timestamp::MIN)
}
