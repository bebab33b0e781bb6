//! From the settings of a connection to a client of Microsoft.

use super::refresh_tokens::KeptToken;
use crate::config::{ConnectionSettings, Loaded};
use anyhow::Context;
use domain::customers::Cloud;
use domain::ids::TenantId;
use jiff::Timestamp;
use microsoft::seam::{Outbound, Request, Sending};
use microsoft::webhook::{TrustRoots, Verifier};
use microsoft::{CallRecord, Client, Credentials, Observer, ReqwestOutbound};
use runtime::ConnectionParts;
use secrecy::SecretString;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// Writes a line for every request to Microsoft: ids only.
#[derive(Debug)]
struct Lines;

impl Observer for Lines {
    fn called(&self, record: &CallRecord) {
        tracing::debug!(
            microsoft.operation = record.operation, microsoft.subject = %record.subject, microsoft.writes = record.writes,
            microsoft.request_id = %record.request_id, microsoft.trace = record.remote_trace.as_deref().unwrap_or_default(),
            microsoft.outcome = ?record.outcome, "a request to Microsoft"
        );
    }
}

/// What time Microsoft had when it answered last, and what time it was here.
#[derive(Debug, Clone, Default)]
pub(crate) struct Answers {
    newest: Arc<Mutex<Option<(Timestamp, Timestamp)>>>,
}

impl Answers {
    /// Theirs and ours, of the newest answer that said it.
    pub(crate) fn newest(&self) -> Option<(Timestamp, Timestamp)> {
        *self.newest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sends as the one inside does, and notes the `Date` of each answer.
#[derive(Debug)]
struct Noting {
    inner: Arc<dyn Outbound>,
    answers: Answers,
}

impl Outbound for Noting {
    fn send(&self, request: Request) -> Sending<'_> {
        Box::pin(async move {
            let answer = self.inner.send(request).await?;
            let told = answer.headers.get("date").and_then(|date| date.to_str().ok());
            if let Some(theirs) = told.and_then(|date| jiff::fmt::rfc2822::parse(date).ok()) {
                let ours = desk::Clock::now(&desk::seam::SystemClock::new());
                let newest = Some((theirs.timestamp(), ours));
                *self.answers.newest.lock().unwrap_or_else(PoisonError::into_inner) = newest;
            }
            Ok(answer)
        })
    }
}

/// What a connection lacks to sign in at Microsoft, by the names of the settings.
pub(crate) fn missing(settings: &ConnectionSettings) -> Vec<&'static str> {
    let given = [
        ("tenant", !settings.tenant.is_empty()),
        ("client_id", !settings.client_id.is_empty()),
        ("client_secret", settings.client_secret.is_some()),
        ("refresh_token", settings.refresh_token.is_some()),
    ];
    given.into_iter().filter(|(_, given)| !given).map(|(name, _)| name).collect()
}

/// Every connection of the settings.
pub(crate) fn connections(settings: &Loaded) -> anyhow::Result<Vec<(String, ConnectionParts)>> {
    let folder = settings.data_folder().join("keys");
    let make = |(name, connection): (String, ConnectionSettings)| {
        settings.secrets_of_connection(&name).with_context(|| format!("connections.{name}"))?;
        let parts = parts(&folder, &name, &connection).with_context(|| format!("connections.{name}"))?;
        Ok((name, parts))
    };
    settings.connections().into_iter().map(make).collect()
}

/// The parts of one connection. `folder` is where its newest refresh token is kept.
pub(crate) fn parts(folder: &Path, name: &str, settings: &ConnectionSettings) -> anyhow::Result<ConnectionParts> {
    parts_seen(folder, name, settings, None)
}

/// The same, with the times of Microsoft's answers noted where that is wanted.
pub(crate) fn parts_seen(
    folder: &Path,
    name: &str,
    settings: &ConnectionSettings,
    answers: Option<&Answers>,
) -> anyhow::Result<ConnectionParts> {
    let partner_tenant: TenantId = settings.tenant.parse().context("tenant")?;
    let (cloud, profile) = match settings.cloud.as_str() {
        "us_government" => (Cloud::UsGovernment, microsoft::Cloud::us_government()),
        "sandbox" => {
            let base = settings.base.as_deref().context("base is wanted with cloud = \"sandbox\"")?;
            (Cloud::Public, microsoft::Cloud::sandbox(base))
        }
        _ => (Cloud::Public, microsoft::Cloud::public()),
    };
    let verifier = match &settings.webhook_roots {
        Some(file) => {
            let told = || format!("webhook_roots {}", file.display());
            let roots = TrustRoots::of_file(&std::fs::read(file).with_context(told)?).with_context(told)?;
            Some(Verifier::new(&profile, roots).with_context(told)?)
        }
        None => None,
    };
    let kept = settings.refresh_token.as_ref().map(|first| KeptToken::of(folder, name, first));
    let refresh_token = kept.as_ref().and_then(KeptToken::newest).or_else(|| settings.refresh_token.clone());
    let credentials = Credentials {
        partner_tenant: microsoft::TenantId::parse(partner_tenant.to_string())?,
        client_id: settings.client_id.clone(),
        client_secret: settings.client_secret.clone().unwrap_or_else(|| SecretString::from("")),
        refresh_token,
    };
    let mut outbound: Arc<dyn Outbound> = Arc::new(ReqwestOutbound::new(&profile)?);
    if let Some(answers) = answers {
        outbound = Arc::new(Noting { inner: outbound, answers: answers.clone() });
    }
    let mut client = Client::new(Arc::clone(&outbound), profile, credentials, Arc::new(Lines));
    if let Some(kept) = kept {
        client = client.with_token_store(Arc::new(kept));
    }
    Ok(ConnectionParts { partner_tenant, cloud, client, outbound, verifier })
}

#[cfg(test)]
mod tests {
    use super::*;
    use sandbox::Trust;

    fn with_roots(file: &[u8]) -> Result<ConnectionParts, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("microsoft.pem");
        std::fs::write(&path, file).unwrap();
        let settings = ConnectionSettings {
            tenant: "11111111-0000-4000-8000-000000000001".to_owned(),
            cloud: "public".to_owned(),
            base: None,
            webhook_roots: Some(path),
            client_id: String::new(),
            client_secret: None,
            refresh_token: None,
        };
        parts(folder.path(), "north", &settings).map_err(|error| format!("{error:#}"))
    }

    #[test]
    fn webhook_roots_without_a_root_are_refused_with_what_where_and_what_to_do() {
        let trust = Trust::shared().unwrap();
        assert!(with_roots(trust.root_pem().as_bytes()).unwrap().verifier.is_some());
        let told = with_roots(trust.signer_der()).unwrap_err();
        for word in ["webhook_roots", "microsoft.pem", "holds no root", "add the root"] {
            assert!(told.contains(word), "{word}: {told}");
        }
    }
}
