//! What Microsoft lets a connection do, asked once for each permission; how far the machine's clock is from Microsoft's;
//! whether the webhook is registered. Nothing is changed: every question is a read.

use super::Health;
use super::checks::{MAX_CLOCK_SKEW, Ward};
use crate::config::ConnectionSettings;
use crate::wiring::connecting::{self, Answers};
use domain::ids::AccountId;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use microsoft::alerts::{AlertFilter, SecurityAlert};
use microsoft::audit::AuditRecord;
use microsoft::customers::Customer;
use microsoft::score::SecurityRequirement;
use microsoft::{CallContext, Client, Error, Listing, RefusalKind};
use runtime::ConnectionParts;
use std::time::Duration;

/// How long one question may take.
const QUESTION_LIMIT: Duration = Duration::from_secs(15);

/// How a question was answered.
enum Answered {
    Well,
    /// Microsoft refused: its code, and the key of what to do.
    Refused(String, &'static str),
    /// Nobody answered.
    Away(String),
    /// Microsoft asks to wait, for so many seconds where it says how long.
    Busy(Option<u64>),
}

impl Answered {
    /// For how many seconds Microsoft asks to wait, 0 where it does not say; nothing when it asks for no such thing.
    const fn wait(&self) -> Option<u64> {
        match self {
            Self::Busy(Some(seconds)) => Some(*seconds),
            Self::Busy(None) => Some(0),
            _ => None,
        }
    }
}

impl Ward<'_> {
    /// Asks Microsoft on behalf of one connection. `with_consent` also tries the administrator's consent, which a server
    /// that runs beside uses itself.
    pub(super) async fn ask_microsoft(&mut self, name: &str, connection: &ConnectionSettings, with_consent: bool) {
        let answers = Answers::default();
        let folder = self.settings.data_folder().join("keys");
        let parts = match connecting::parts_seen(&folder, name, connection, Some(&answers)) {
            Ok(parts) => parts,
            Err(error) => {
                let fix = self.console.text("fix-connection-settings", &[]);
                return self.note("check-connection-settings", Health::Bad, format!("{name}: {error:#}"), Some(fix));
            }
        };
        let permissions: [(&'static str, Answered); 4] = [
            ("permission-customers", of_list(&parts.client, Listing::<Customer>::customers()).await),
            (
                "permission-alerts",
                of_list(&parts.client, Listing::<SecurityAlert>::alerts(&AlertFilter::default())).await,
            ),
            ("permission-audit", of_audit(&parts.client).await),
            ("permission-score", of_list(&parts.client, Listing::<SecurityRequirement>::security_requirements()).await),
        ];
        if permissions.iter().all(|(_, answered)| matches!(answered, Answered::Away(_))) {
            let why = permissions.iter().find_map(|(_, answered)| match answered {
                Answered::Away(why) => Some(why.clone()),
                _ => None,
            });
            let fix = self.console.text("fix-microsoft-away", &[]);
            return self.note(
                "check-microsoft",
                Health::Bad,
                format!("{name}: {}", why.unwrap_or_default()),
                Some(fix),
            );
        }
        // One word on waiting is enough when every question got it.
        let longest = permissions
            .iter()
            .map(|(_, answered)| answered.wait())
            .try_fold(0, |longest, wait| wait.map(|seconds| longest.max(seconds)));
        if let Some(longest) = longest {
            let fix = self.wait(Some(longest).filter(|seconds| *seconds > 0));
            return self.note("check-microsoft", Health::Warning, name.to_owned(), Some(fix));
        }
        for (permission, answered) in permissions {
            self.permission(name, permission, answered);
        }
        if with_consent {
            let answered = of_consent(&parts.client).await;
            self.permission(name, "permission-consent", answered);
        }
        self.clock_of_microsoft(name, &answers);
        self.webhook(name, &parts).await;
    }

    fn permission(&mut self, connection: &str, permission: &'static str, answered: Answered) {
        let what = self.console.text(permission, &[]);
        match answered {
            Answered::Well => self.note("check-permission", Health::Good, format!("{connection}: {what}"), None),
            Answered::Refused(code, key) => {
                let fix = self.console.text(key, &[("permission", &what)]);
                self.note("check-permission", Health::Bad, format!("{connection}: {what} ({code})"), Some(fix));
            }
            Answered::Busy(seconds) => {
                let fix = self.wait(seconds);
                self.note("check-permission", Health::Warning, format!("{connection}: {what}"), Some(fix));
            }
            Answered::Away(why) => {
                let fix = self.console.text("fix-microsoft-away", &[]);
                self.note("check-permission", Health::Warning, format!("{connection}: {what} ({why})"), Some(fix));
            }
        }
    }

    /// What to do when Microsoft asks to wait.
    fn wait(&self, seconds: Option<u64>) -> String {
        match seconds {
            Some(seconds) => self.console.text("fix-microsoft-busy", &[("seconds", &seconds)]),
            None => self.console.text("fix-microsoft-busy-unsaid", &[]),
        }
    }

    /// Microsoft says in each answer what time it has.
    fn clock_of_microsoft(&mut self, connection: &str, answers: &Answers) {
        let Some((theirs, ours)) = answers.newest() else { return };
        let off = ours.duration_since(theirs);
        let seconds = off.as_secs();
        let detail = self.console.text("clock-off", &[("connection", &connection), ("seconds", &seconds)]);
        if off.abs() > MAX_CLOCK_SKEW {
            let fix = self.console.text("fix-clock-microsoft", &[]);
            self.note("check-clock-microsoft", Health::Bad, detail, Some(fix));
        } else {
            self.note("check-clock-microsoft", Health::Good, detail, None);
        }
    }

    /// Whether Microsoft knows where to ring.
    async fn webhook(&mut self, connection: &str, parts: &ConnectionParts) {
        let Some(base) = self.settings.some_text("server.public_url") else {
            let fix = self.console.text("fix-webhook-none", &[]);
            return self.note("check-webhook", Health::Warning, connection.to_owned(), Some(fix));
        };
        if parts.verifier.is_none() {
            let fix = self.console.text("fix-webhook-roots", &[]);
            self.note("check-webhook", Health::Bad, format!("{connection}: webhook_roots"), Some(fix));
        }
        let account = AccountId::of_connection(parts.partner_tenant, parts.cloud.word());
        let wanted = runtime::setup::webhook_address(&base, account);
        let asked = tokio::time::timeout(QUESTION_LIMIT, parts.client.webhook(&now())).await;
        let (detail, fix) = match asked {
            Ok(Ok(Some(known))) if known.webhook_url.as_deref() == Some(wanted.as_str()) => {
                return self.note("check-webhook", Health::Good, format!("{connection}: {wanted}"), None);
            }
            Ok(Ok(Some(known))) => (known.webhook_url.unwrap_or_default(), "fix-webhook-other"),
            Ok(Ok(None)) => (String::from("–"), "fix-webhook-missing"),
            Ok(Err(error @ Error::Throttled { .. })) => {
                let fix = self.wait(error.retry_after().map(seconds));
                return self.note("check-webhook", Health::Warning, connection.to_owned(), Some(fix));
            }
            Ok(Err(error)) => (error.to_string(), "fix-webhook-missing"),
            Err(_) => (String::from("…"), "fix-microsoft-away"),
        };
        let fix = self.console.text(fix, &[("wanted", &wanted)]);
        self.note("check-webhook", Health::Bad, format!("{connection}: {detail}"), Some(fix));
    }
}

fn now() -> CallContext {
    let entropy = desk::seam::SystemEntropy;
    let (request_id, correlation_id) = (desk::Entropy::key(&entropy), desk::Entropy::key(&entropy));
    CallContext { now: desk::Clock::now(&desk::seam::SystemClock::new()), request_id, correlation_id }
}

async fn of_list<T: serde::de::DeserializeOwned>(client: &Client, listing: Listing<T>) -> Answered {
    answered(client.page(&now(), &listing, None)).await
}

async fn of_audit(client: &Client) -> Answered {
    let today = Timestamp::to_zoned(now().now, TimeZone::UTC).date();
    of_list(client, Listing::<AuditRecord>::audit_records(today, today)).await
}

/// The consent counts only with multi-factor authentication: a consent that passes no MFA check is refused by Microsoft
/// as soon as something is to be changed.
async fn of_consent(client: &Client) -> Answered {
    match tokio::time::timeout(QUESTION_LIMIT, client.mfa_compliance(&now())).await {
        Ok(Ok(Some(false))) => Answered::Refused("isMfaCompliant: false".to_owned(), "fix-consent-mfa"),
        Ok(Ok(_)) => Answered::Well,
        Ok(Err(error)) => refused(&error),
        Err(_) => Answered::Away("…".to_owned()),
    }
}

async fn answered<T>(asking: impl Future<Output = Result<T, Error>>) -> Answered {
    match tokio::time::timeout(QUESTION_LIMIT, asking).await {
        Ok(Ok(_)) => Answered::Well,
        Ok(Err(error)) => refused(&error),
        Err(_) => Answered::Away("…".to_owned()),
    }
}

/// What a refusal means for whoever set the connection up.
fn refused(error: &Error) -> Answered {
    match error {
        Error::MfaMissing { code, .. } => Answered::Refused(code.clone(), "fix-consent-mfa"),
        Error::Unauthorized { code, .. } => Answered::Refused(code.clone(), "fix-credentials"),
        Error::Refused { kind, status, code, .. } => {
            let conditional = *kind == RefusalKind::ConditionalAccess;
            let key = if conditional { "fix-conditional-access" } else { "fix-permission" };
            Answered::Refused(format!("{status} {code}").trim_end().to_owned(), key)
        }
        Error::NotFound { code, .. } => {
            Answered::Refused(format!("404 {code}").trim_end().to_owned(), "fix-permission")
        }
        Error::Throttled { retry_after, .. } => Answered::Busy(retry_after.map(seconds)),
        other => Answered::Away(other.to_string()),
    }
}

/// Whole seconds, so that whoever waits them has waited long enough.
const fn seconds(span: Duration) -> u64 {
    if span.subsec_nanos() > 0 { span.as_secs().saturating_add(1) } else { span.as_secs() }
}
