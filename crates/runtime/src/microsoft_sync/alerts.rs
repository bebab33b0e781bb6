//! Security alerts: read from Graph every minute and whenever a webhook rings, so that what webhooks lost is found;
//! from Partner Center's older list when Graph refuses. An alert is told to its customer's account when it changed.

use super::{Sync, SyncError, SyncPart};
use crate::findings::{MAX_EVIDENCE_EVENT_BYTES, MAX_EVIDENCE_LINES, MAX_EVIDENCE_VALUE_BYTES, cut};
use crate::measures;
use domain::body::Body;
use domain::cases::Severity;
use domain::fact::NewFact;
use domain::file::AccountFile;
use domain::ids::{AccountId, AccountKind, Actor, TenantId};
use domain::notices::{AlertId, AlertSeen, AlertSource, AlertStatus, MAX_ALERT_ID_BYTES};
use domain::sealed::Retention;
use domain::signals::Evidence;
use jiff::{SignedDuration, Timestamp};
use microsoft::alerts::{AffectedResource, AlertFilter, AlertSeverity, AlertStatus as TheirStatus, SecurityAlert};
use microsoft::fraud_events::FraudEvent;
use microsoft::{Listing, MAX_PAGES, Row};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};

/// The most alerts whose last told state is remembered; then all are compared with the journal again.
const MAX_REMEMBERED: usize = 100_000;
/// The most unknown tenants for which the customers are read at once; the others wait for the next whole pass.
const MAX_ASKED_FOR: usize = 10_000;
/// The most resources of an alert that are told.
const MAX_RESOURCES: usize = 64;
/// How long Microsoft has to show a resolved alert as open before it is taken for opened again: a page may have been read
/// before our own answer, or come from a copy that does not have it yet.
const OPEN_AGAIN_AFTER: SignedDuration = SignedDuration::from_mins(2);
/// The longest type that is taken.
const MAX_TYPE_BYTES: usize = 200;

/// What was last told of each alert.
#[derive(Debug, Default)]
pub(super) struct Memory {
    told: Mutex<HashMap<String, String>>,
    /// Since when Microsoft shows alerts as open that are resolved here.
    open_again: Mutex<HashMap<String, Timestamp>>,
    /// Unknown tenants for which the customers were read.
    asked_for: Mutex<BTreeSet<TenantId>>,
}

impl Memory {
    fn remember(&self, id: String, state: String) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.len() >= MAX_REMEMBERED {
            told.clear();
        }
        told.insert(id, state);
    }

    /// Whether an alert that is resolved here was shown as open for so long that it was opened again.
    fn is_again(&self, id: &str, now: Timestamp) -> bool {
        let mut open_again = self.open_again.lock().unwrap_or_else(PoisonError::into_inner);
        if open_again.len() >= MAX_REMEMBERED {
            open_again.clear();
        }
        let since = *open_again.entry(id.to_owned()).or_insert(now);
        now.duration_since(since) >= OPEN_AGAIN_AFTER
    }

    fn not_again(&self, id: &str) {
        self.open_again.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
    }
}

/// An alert of either source, in one form.
#[derive(Debug)]
struct Told {
    id: String,
    alert_type: String,
    status: AlertStatus,
    severity: Severity,
    tenant: Option<TenantId>,
    azure: Option<String>,
    detected: Option<Timestamp>,
    last_observed: Option<Timestamp>,
    test: bool,
    source: AlertSource,
    resources: Vec<String>,
    evidence: Evidence,
}

impl Told {
    fn state(&self) -> String {
        let status = match self.status {
            AlertStatus::Active => "active",
            AlertStatus::Investigating => "investigating",
            AlertStatus::Resolved => "resolved",
        };
        let last = self.last_observed.map_or_else(|| "never".to_owned(), |at| at.to_string());
        format!("{status}:{last}")
    }
}

impl Sync {
    pub(super) async fn sync_alerts(&self) -> Result<(), SyncError> {
        match self.read_alerts(&Listing::<SecurityAlert>::alerts(&AlertFilter::default()), of_graph).await {
            // Graph itself refuses: the older list still tells of alerts, though it can't answer them.
            Err(SyncError::Microsoft(error)) if !error.retryable() && !is_passing(&error) => {
                if let Some(times) = self.recurs("older list", SyncPart::Alerts) {
                    tracing::warn!(connection.id = %self.connection.account, error = %error, sync.failures = times, "alerts are read from the older list");
                }
                self.read_alerts(&Listing::<FraudEvent>::fraud_events(None), of_fraud_event).await?;
                Err(error.into())
            }
            other => other,
        }
    }

    async fn read_alerts<T: serde::de::DeserializeOwned>(
        &self,
        listing: &Listing<T>,
        told: impl Fn(Row<T>) -> Told + Send,
    ) -> Result<(), SyncError> {
        let mut next = None;
        for _ in 0..MAX_PAGES {
            let page = self.connection.client.page(&self.reading(), listing, next.as_ref()).await?;
            self.unreadable(SyncPart::Alerts, &page.unreadable);
            for row in page.rows {
                let told = told(row);
                let account = told.tenant.map(|tenant| self.connection.customer(tenant));
                match (self.take_alert(told).await, account) {
                    // It is read again with the next pass: nothing of it was remembered.
                    (Err(error), Some(account)) if error.is_the_accounts() => {
                        self.passed_over(SyncPart::Alerts, account, &error);
                    }
                    (taken, _) => taken?,
                }
            }
            next = page.next;
            if next.is_none() {
                break;
            }
        }
        Ok(())
    }

    async fn take_alert(&self, told: Told) -> Result<(), SyncError> {
        let state = told.state();
        let is_open = told.status != AlertStatus::Resolved;
        let is_told = self.alerts.told.lock().unwrap_or_else(PoisonError::into_inner).get(&told.id) == Some(&state);
        if !is_open {
            self.alerts.not_again(&told.id);
            if is_told {
                return Ok(());
            }
        }
        let account = told.tenant.map(|tenant| self.connection.customer(tenant));
        let known = match account {
            Some(account) => self.tools.store().head(account).await?.is_some(),
            None => false,
        };
        let (Some(account), true) = (account, known && told.id.len() <= MAX_ALERT_ID_BYTES) else {
            measures::alert_skipped();
            self.ask_for(told.tenant);
            return Ok(());
        };
        let id = AlertId(told.id.clone());
        let disagrees = |file: &AccountFile| {
            let known = file.customer().and_then(|customer| customer.alerts.get(&id));
            known.is_some_and(|known| (known.status != AlertStatus::Resolved) != is_open)
        };
        if is_open {
            let again = disagrees(&self.tools.desk.file(account).await?);
            if again && !self.alerts.is_again(&told.id, self.tools.now()) {
                return Ok(());
            }
            self.alerts.not_again(&told.id);
            if is_told && !again {
                return Ok(());
            }
        }
        let mut fact = self.alert_fact(account, told, &state).await?;
        let mut acted = self.tools.desk.record(account, AccountKind::Customer, vec![fact.clone()]).await?;
        measures::facts(&acted.facts);
        // It was in this very state before, and in the other one since: that is news, though its words are known.
        if acted.facts.is_empty() && disagrees(&acted.file) {
            fact.source_key = fact.source_key.map(|key| format!("{key}:{}", acted.file.version));
            acted = self.tools.desk.record(account, AccountKind::Customer, vec![fact]).await?;
            measures::facts(&acted.facts);
        }
        self.alerts.remember(id.0, state);
        Ok(())
    }

    /// The tenant of an alert is not registered (yet): the customers are read once for it, and then the alerts again.
    fn ask_for(&self, tenant: Option<TenantId>) {
        let Some(tenant) = tenant else { return };
        let mut asked = self.alerts.asked_for.lock().unwrap_or_else(PoisonError::into_inner);
        if asked.len() >= MAX_ASKED_FOR || !asked.insert(tenant) {
            return;
        }
        drop(asked);
        self.connection.alerts_wait.store(true, Ordering::SeqCst);
        self.connection.wake_customers.notify_one();
    }

    async fn alert_fact(&self, account: AccountId, told: Told, state: &str) -> Result<NewFact, SyncError> {
        let now = self.tools.now();
        let vault = &self.tools.vault;
        let named = told.resources.iter().take(MAX_RESOURCES);
        let resources = named.map(|resource| vault.token("resource", &resource.to_lowercase())).collect();
        let detected = told.detected.or(told.last_observed).unwrap_or(now);
        let seen = AlertSeen {
            alert: AlertId(told.id.clone()),
            alert_type: cut(&told.alert_type, MAX_TYPE_BYTES),
            status: told.status,
            severity: told.severity,
            azure_subscription: told.azure.as_deref().and_then(|id| id.parse().ok()),
            subscription: None,
            detected,
            last_observed: told.last_observed.unwrap_or(detected),
            received: now,
            test: told.test,
            source: told.source,
            resources,
            evidence: vault.seal(account, Retention::Evidence, &told.evidence).await?,
        };
        Ok(NewFact {
            happened: detected,
            actor: Actor::Connection(self.connection.account),
            source_key: Some(format!("alert:{}:{state}", told.id)),
            body: Body::AlertSeen(seen),
        })
    }
}

/// Whether the failure is of the moment and not of Graph itself.
const fn is_passing(error: &microsoft::Error) -> bool {
    matches!(error, microsoft::Error::Malformed { .. })
}

fn of_graph(row: Row<SecurityAlert>) -> Told {
    let alert = row.view;
    let words = [("displayName", alert.display_name), ("description", alert.description)];
    Told {
        id: alert.id.to_string(),
        alert_type: alert.alert_type.unwrap_or_else(|| "unknown".to_owned()),
        status: status_of(&alert.status),
        severity: severity_of(&alert.severity),
        tenant: alert.customer_tenant_id.and_then(|id| id.parse().ok()),
        azure: alert.subscription_id,
        detected: alert.detected_date_time.or(alert.first_observed_date_time),
        last_observed: alert.last_observed_date_time,
        test: alert.is_test.unwrap_or(false),
        source: AlertSource::Graph,
        resources: resources_of(alert.affected_resources),
        evidence: evidence_of(words, alert.additional_details, row.raw.text()),
    }
}

fn of_fraud_event(row: Row<FraudEvent>) -> Told {
    let event = row.view;
    Told {
        id: event.event_id.to_string(),
        alert_type: event.event_type.unwrap_or_else(|| "unknown".to_owned()),
        status: status_of(&event.event_status),
        severity: severity_of(&event.severity),
        tenant: event.customer_tenant_id.and_then(|id| id.parse().ok()),
        azure: event.subscription_id,
        detected: event.event_time.or(event.first_observed),
        last_observed: event.last_observed,
        test: event.is_test.unwrap_or(false),
        source: AlertSource::FraudEvents,
        resources: resources_of(event.affected_resources),
        evidence: evidence_of([], event.additional_details, row.raw.text()),
    }
}

/// A state that is not known is taken for unanswered: nobody has answered it that we know of.
const fn status_of(status: &TheirStatus) -> AlertStatus {
    match status {
        TheirStatus::Investigating => AlertStatus::Investigating,
        TheirStatus::Resolved => AlertStatus::Resolved,
        TheirStatus::Active | TheirStatus::Unknown(_) => AlertStatus::Active,
    }
}

const fn severity_of(severity: &AlertSeverity) -> Severity {
    match severity {
        AlertSeverity::Informational | AlertSeverity::Low => Severity::Low,
        AlertSeverity::High => Severity::High,
        AlertSeverity::Medium | AlertSeverity::Unknown(_) => Severity::Medium,
    }
}

fn resources_of(resources: Vec<AffectedResource>) -> Vec<String> {
    resources.into_iter().filter_map(|resource| resource.resource_id).collect()
}

fn evidence_of<const N: usize>(
    words: [(&str, Option<String>); N],
    details: BTreeMap<String, String>,
    raw: &str,
) -> Evidence {
    let value = |text: &str| cut(text, MAX_EVIDENCE_VALUE_BYTES);
    let words = words.into_iter().filter_map(|(name, text)| Some((name.to_owned(), value(&text?))));
    let details = details.into_iter().map(|(name, text)| (value(&name), value(&text)));
    Evidence {
        fields: words.chain(details).take(MAX_EVIDENCE_LINES).collect(),
        matched: Vec::new(),
        event: cut(raw, MAX_EVIDENCE_EVENT_BYTES),
    }
}
