//! The things that the doctor looks at, in the order in which one stands on the other.

use super::{Doctor, Finding, Health};
use crate::config::{ConnectionSettings, Loaded};
use crate::console::Console;
use crate::remote::Remote;
use crate::wiring::{connecting, detection, opening};
use domain::file::Part;
use domain::ids::{AccountId, AccountKind};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;
use store::{Store, StoreConfig, StoreError};

/// Free space below which it is time to make room, in bytes.
const MIN_FREE_BYTES: u64 = 1024 * 1024 * 1024;
/// How far the machine's clock may be from that of the database or of the last fact.
pub(super) const MAX_CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(2);
/// How long a server beside is waited for.
const READY_LIMIT: Duration = Duration::from_secs(5);
/// The most connections that are looked at.
const MAX_CONNECTIONS: u32 = 1_000;

/// What the checks share.
pub(super) struct Ward<'a> {
    pub(super) console: &'a Console,
    pub(super) settings: Loaded,
    fix: bool,
    offline: bool,
    findings: Vec<Finding>,
}

/// Looks at everything.
pub(super) async fn all(console: &Console, asked: &Doctor) -> anyhow::Result<Vec<Finding>> {
    let Doctor { fix, offline, page } = *asked;
    let mut ward = Ward { console, settings: console.settings()?, fix, offline, findings: Vec::new() };
    ward.keys();
    ward.disk();
    ward.rules();
    let connections = ward.settings_of_connections();
    ward.channels(page).await;
    let opened = ward.store().await?;
    if ward.offline && !connections.is_empty() {
        let fix = ward.console.text("fix-offline", &[]);
        ward.note("check-microsoft", Health::Warning, String::new(), Some(fix));
    }
    for (name, connection) in connections.iter().filter(|_| !offline) {
        ward.ask_microsoft(name, connection, opened).await;
    }
    Ok(ward.findings)
}

impl Ward<'_> {
    /// What lies in the store. Returns whether it could be opened, so that no server is running on it.
    async fn store(&mut self) -> anyhow::Result<bool> {
        if let Some(path) = self.missing_store() {
            let fix = self.console.text("fix-store", &[]);
            self.note("check-store", Health::Bad, path, Some(fix));
            return Ok(false);
        }
        match Store::open(&StoreConfig::new(self.settings.store_url())).await {
            Ok(store) => {
                self.note("check-store", Health::Good, String::new(), None);
                self.vault().await;
                self.clock(&store).await?;
                self.policy(&store).await;
                self.connections(&store).await?;
                return Ok(true);
            }
            Err(error @ StoreError::InUse { .. }) => {
                let fix = self.console.text("fix-store-in-use", &[]);
                self.note("check-store", Health::Warning, error.to_string(), Some(fix));
                self.server().await?;
            }
            Err(error @ StoreError::Newer { .. }) => {
                let fix = self.console.text("fix-store-newer", &[]);
                self.note("check-store", Health::Bad, error.to_string(), Some(fix));
            }
            Err(error) => {
                let fix = self.console.text("fix-store", &[]);
                self.note("check-store", Health::Bad, error.to_string(), Some(fix));
            }
        }
        Ok(false)
    }

    /// The master key opens the vault.
    async fn vault(&mut self) {
        let keys = self.settings.data_folder().join("keys.db");
        if self.settings.store_url().starts_with("sqlite:") && !keys.exists() {
            // Opening it would make an empty one, in which everything that was sealed is missing.
            let fix = self.console.text("fix-key-missing", &[]);
            return self.note("check-vault", Health::Bad, keys.display().to_string(), Some(fix));
        }
        match opening::vault(&self.settings, None).await {
            Ok(_) => self.note("check-vault", Health::Good, String::new(), None),
            Err(error) => {
                let fix = self.console.text("hint-master-key", &[]);
                self.note("check-vault", Health::Bad, error.to_string(), Some(fix));
            }
        }
    }
}

impl Ward<'_> {
    pub(super) fn note(&mut self, check: &'static str, health: Health, detail: impl Into<String>, fix: Option<String>) {
        let detail = self.console.said(&detail.into());
        self.findings.push(Finding { check, health, detail, fix });
    }

    /// The file of a SQLite store that is not there: opening it would make an empty one.
    fn missing_store(&self) -> Option<String> {
        let url = self.settings.store_url();
        let path = url.strip_prefix("sqlite:").filter(|path| *path != ":memory:")?;
        (!Path::new(path).exists()).then(|| path.to_owned())
    }

    /// Files with keys and secrets are there, and only their owner may read them.
    fn keys(&mut self) {
        let mut files = vec![("check-signing-key", self.settings.signing_key_file())];
        // A master key that the environment hands over has no file.
        if self.settings.secret("keys.master").is_none() {
            files.insert(0, ("check-master-key", self.settings.master_key_file()));
        }
        files.extend(self.settings.secret_files().into_iter().map(|path| ("check-secret-file", path)));
        let data = self.settings.data_folder();
        // Behind a folder that nobody else may enter the modes of the files in it do not matter.
        if !mode(&data).is_some_and(is_private) {
            let beside = [data.join("keys.db"), data.join("borgen.db")];
            files.extend(beside.into_iter().filter(|path| path.exists()).map(|path| ("check-data-file", path)));
        }
        for (check, path) in files {
            let shown = path.display().to_string();
            match mode(&path) {
                None => {
                    let key = if check == "check-secret-file" { "fix-secret-missing" } else { "fix-key-missing" };
                    let fix = self.console.text(key, &[]);
                    self.note(check, Health::Bad, shown, Some(fix));
                }
                Some(mode) if is_private(mode) => self.note(check, Health::Good, shown, None),
                Some(_) if self.fix && close(&path).is_ok() => {
                    let done = self.console.text("fixed-key-mode", &[("path", &shown)]);
                    self.note(check, Health::Good, done, None);
                }
                Some(mode) => {
                    let fix = self.console.text("fix-key-mode", &[("path", &shown)]);
                    self.note(check, Health::Bad, format!("{shown} ({mode:o})"), Some(fix));
                }
            }
        }
    }

    /// There is room for facts.
    fn disk(&mut self) {
        let folder = self.settings.data_folder();
        match opening::free_bytes(&folder) {
            Some(free) if free < MIN_FREE_BYTES => {
                let fix = self.console.text("fix-disk", &[("folder", &folder.display())]);
                self.note("check-disk", Health::Bad, format!("{} MiB", free / 1024 / 1024), Some(fix));
            }
            Some(free) => self.note("check-disk", Health::Good, format!("{} MiB", free / 1024 / 1024), None),
            None => {
                let fix = self.console.text("fix-disk-unknown", &[("folder", &folder.display())]);
                self.note("check-disk", Health::Warning, folder.display().to_string(), Some(fix));
            }
        }
    }

    /// Every rule loads.
    fn rules(&mut self) {
        match detection::rules(self.console, &self.settings) {
            Ok(rules) => self.note("check-rules", Health::Good, rules.len().to_string(), None),
            Err(error) => {
                let fix = self.console.text("fix-rules", &[]);
                self.note("check-rules", Health::Bad, error.to_string(), Some(fix));
            }
        }
    }

    /// What the settings say of connections is whole. Returns those that Microsoft can be asked with.
    fn settings_of_connections(&mut self) -> Vec<(String, ConnectionSettings)> {
        let connections = self.settings.connections();
        if connections.is_empty() {
            let fix = self.console.text("fix-no-connection", &[]);
            self.note("check-connection-settings", Health::Warning, String::new(), Some(fix));
        }
        let mut whole = Vec::new();
        for (name, connection) in connections {
            let missing = connecting::missing(&connection).join(", ");
            let unreadable = self.settings.secrets_of_connection(&name).err().map(|error| error.to_string());
            if let Some(why) = unreadable {
                let fix = self.console.text("fix-secret-missing", &[]);
                self.note("check-connection-settings", Health::Bad, format!("{name}: {why}"), Some(fix));
            } else if missing.is_empty() {
                self.note("check-connection-settings", Health::Good, name.clone(), None);
                whole.push((name, connection));
            } else {
                let fix = self.console.text("fix-connection-incomplete", &[("name", &name), ("missing", &missing)]);
                self.note("check-connection-settings", Health::Bad, format!("{name}: {missing}"), Some(fix));
            }
        }
        whole
    }

    /// The machine's clock is not behind what was recorded.
    async fn clock(&mut self, store: &Store) -> anyhow::Result<()> {
        let now = desk::Clock::now(&desk::seam::SystemClock::new());
        let mut latest = Timestamp::MIN;
        for account in [AccountId::of_policy(), AccountId::of_partner()] {
            latest = store.head(account).await?.map_or(latest, |head| latest.max(head.last_at));
        }
        if latest.duration_since(now) > MAX_CLOCK_SKEW {
            let fix = self.console.text("fix-clock", &[]);
            self.note("check-clock", Health::Bad, format!("{now} < {latest}"), Some(fix));
        } else {
            self.note("check-clock", Health::Good, String::new(), None);
        }
        Ok(())
    }

    /// A policy is in force and passes the check of this release.
    async fn policy(&mut self, store: &Store) {
        let now = desk::Clock::now(&desk::seam::SystemClock::new());
        match desk::Policies::new(store.clone()).in_force(now).await {
            Ok((epoch, policy)) => {
                self.note("check-policy", Health::Good, epoch.hash.to_string(), None);
                self.on_call(&policy);
            }
            Err(error) => {
                let fix = self.console.text("fix-policy", &[]);
                self.note("check-policy", Health::Bad, error.to_string(), Some(fix));
            }
        }
    }

    /// Nothing of a connection failed when it was last tried, and whether its actions are on.
    async fn connections(&mut self, store: &Store) -> anyhow::Result<()> {
        for account in store.accounts(AccountKind::Connection, None, MAX_CONNECTIONS).await? {
            let Some(head) = store.head(account).await? else { continue };
            let file: domain::file::AccountFile = serde_json::from_slice(&head.file)?;
            let Part::Connection(connection) = file.part else { continue };
            self.faults(&connection.label, &connection.faults);
            self.switched(&connection.label, connection.actions_on);
        }
        Ok(())
    }

    /// What of a connection does not work, part by part.
    fn faults(&mut self, label: &str, faults: &BTreeMap<String, String>) {
        if faults.is_empty() {
            self.note("check-connection", Health::Good, label.to_owned(), None);
        }
        for (part, fault) in faults {
            let fix = self.console.text("fix-connection", &[]);
            self.note("check-connection", Health::Bad, format!("{label}: {part}: {fault}"), Some(fix));
        }
    }

    /// Whether changes are sent to Microsoft.
    fn switched(&mut self, label: &str, on: bool) {
        let key = if on { "actions-are-on" } else { "actions-are-dry" };
        let detail = self.console.text(key, &[("connection", &label)]);
        let fix = (!on).then(|| self.console.text("fix-actions-off", &[("connection", &label)]));
        self.note("check-actions", if on { Health::Good } else { Health::Warning }, detail, fix);
    }

    /// The server that has the store open says for itself how its workers are.
    async fn server(&mut self) -> anyhow::Result<()> {
        let token = self.settings.secret("client.token");
        let asks = token.is_some();
        let remote = Remote::new(self.console, &self.settings.server(), token, READY_LIMIT)?;
        match remote.outside("/readyz").await {
            Ok(answer) if answer.status == 200 => self.note("check-workers", Health::Good, String::new(), None),
            Ok(answer) => {
                let reasons = answer.body.get("reasons").and_then(Value::as_array).into_iter().flatten();
                let told = |reason: &Value| {
                    format!("{}: {}", crate::table::at(reason, "part"), crate::table::at(reason, "reason"))
                };
                let fix = self.console.text("fix-workers", &[]);
                self.note("check-workers", Health::Bad, reasons.map(told).collect::<Vec<_>>().join("; "), Some(fix));
            }
            Err(error) => {
                let fix = self.console.text("fix-server-away", &[]);
                self.note("check-workers", Health::Bad, error.to_string(), Some(fix));
            }
        }
        if !asks {
            return Ok(());
        }
        // With a token the server says of its connections what only it can know now.
        for connection in remote.list("/connections", 1_000).await.unwrap_or_default() {
            let label = crate::table::at(&connection, "label");
            let faults = connection.get("faults").and_then(Value::as_object).into_iter().flatten();
            let faults: BTreeMap<String, String> =
                faults.map(|(part, fault)| (part.clone(), fault.as_str().unwrap_or_default().to_owned())).collect();
            self.faults(&label, &faults);
            self.switched(&label, crate::table::at(&connection, "actionsOn") == "true");
        }
        Ok(())
    }
}

/// The mode of a file, or nothing when it is not there.
fn mode(path: &Path) -> Option<u32> {
    let metadata = std::fs::metadata(path).ok()?;
    #[cfg(unix)]
    return Some(std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o777);
    #[cfg(not(unix))]
    return metadata.is_file().then_some(0o600);
}

/// Whether only the owner may read a file with this mode.
const fn is_private(mode: u32) -> bool {
    mode.trailing_zeros() >= 6
}

/// Lets only the owner read a file.
fn close(path: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}
