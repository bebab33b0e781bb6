//! The settings: one table of keys (`keys.rs`), where values come from (`layers.rs`), and what the program does with
//! them (here). The commented sample and `config show --origin` are made from the same table.

mod keys;
mod layers;
mod sample;

#[cfg(test)]
use keys::KEYS;
pub(crate) use layers::{ConfigError, Sources, Wanted};
pub(crate) use sample::sample;

use layers::Values;
use secrecy::SecretString;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The settings with where each came from.
#[derive(Debug)]
pub(crate) struct Loaded {
    values: Values,
}

/// How a Partner Center tenant is reached. Only what Borgen needs to come in: who it is lies in the journal.
#[derive(Debug)]
pub(crate) struct ConnectionSettings {
    /// The partner's tenant.
    pub(crate) tenant: String,
    /// `public`, `us_government` or `sandbox`.
    pub(crate) cloud: String,
    /// Where a simulated Microsoft is; only with the cloud `sandbox`.
    pub(crate) base: Option<String>,
    /// The file with the root that certificates of its webhooks go back to, and those between the two.
    pub(crate) webhook_roots: Option<PathBuf>,
    /// The application's id.
    pub(crate) client_id: String,
    /// The application's secret.
    pub(crate) client_secret: Option<SecretString>,
    /// The first refresh token of the user that the application acts for; later ones are kept by Borgen.
    pub(crate) refresh_token: Option<SecretString>,
}

/// How somebody on call is reached.
#[derive(Debug)]
pub(crate) struct ChannelSettings {
    /// `webhook` or `teams`.
    pub(crate) kind: String,
    /// Its address.
    pub(crate) url: Option<SecretString>,
    /// What a webhook's messages are signed with.
    pub(crate) secret: Option<SecretString>,
}

impl Loaded {
    /// Every value with its origin, secrets hidden, in the order of the table.
    pub(crate) fn shown(&self) -> Vec<(String, String, String)> {
        self.values.shown()
    }

    /// A text.
    pub(crate) fn text(&self, key: &str) -> String {
        self.values.text(key)
    }

    /// A text, or nothing when it is empty.
    pub(crate) fn some_text(&self, key: &str) -> Option<String> {
        Some(self.text(key)).filter(|text| !text.is_empty())
    }

    /// A whole number.
    pub(crate) fn number(&self, key: &str) -> u64 {
        self.values.number(key)
    }

    /// A secret, given itself or in a file.
    pub(crate) fn secret(&self, key: &str) -> Option<SecretString> {
        self.values.secret(key)
    }

    /// The server that commands talk to: the one that is named, or the one that these settings are of.
    pub(crate) fn server(&self) -> String {
        self.some_text("client.server").unwrap_or_else(|| format!("http://{}", reached(&self.text("server.listen"))))
    }

    /// The folder of detection rules beside those that ship.
    pub(crate) fn rules_folder(&self) -> Option<PathBuf> {
        self.some_text("detection.rules").map(|_| self.values.path("detection.rules"))
    }

    /// The folder that Borgen keeps its data in.
    pub(crate) fn data_folder(&self) -> PathBuf {
        self.values.path("data.folder")
    }

    /// Where the store is.
    pub(crate) fn store_url(&self) -> String {
        self.some_text("store.url")
            .unwrap_or_else(|| format!("sqlite:{}", self.data_folder().join("borgen.db").display()))
    }

    /// A file below the data folder, or where the setting says.
    pub(crate) fn file(&self, key: &str, default: &str) -> PathBuf {
        if self.text(key).is_empty() { self.data_folder().join(default) } else { self.values.path(key) }
    }

    /// The file of the master key that wraps the keys of sealed values.
    pub(crate) fn master_key_file(&self) -> PathBuf {
        self.file("keys.master_file", "keys/master.key")
    }

    /// The file of the key that checkpoints are signed with.
    pub(crate) fn signing_key_file(&self) -> PathBuf {
        self.file("keys.signing_file", "keys/signing.pem")
    }

    /// The files that hold secrets: those of the settings (`KEY_file`) and the newest refresh tokens.
    pub(crate) fn secret_files(&self) -> Vec<PathBuf> {
        let kept = |name: &String| self.data_folder().join("keys").join(format!("refresh-{name}"));
        let kept = self.values.names("connections").iter().map(kept).filter(|path| path.exists()).collect::<Vec<_>>();
        self.values.secret_files().into_iter().chain(kept).collect()
    }

    /// That the files with the secrets of a connection could be read, for whoever needs them.
    pub(crate) fn secrets_of_connection(&self, name: &str) -> Result<(), ConfigError> {
        for secret in ["client_secret", "refresh_token"] {
            let (key, file) = (format!("connections.{name}.{secret}"), format!("connections.{name}.{secret}_file"));
            if self.secret(&key).is_none() && self.some_text(&file).is_some() {
                let path = self.values.path(&file);
                let unreadable = |source| ConfigError::Unreadable { path: path.display().to_string(), source };
                std::fs::read_to_string(&path).map_err(unreadable)?;
            }
        }
        Ok(())
    }

    /// The channels, by their names in the file.
    pub(crate) fn channels(&self) -> BTreeMap<String, ChannelSettings> {
        let settings = |name: &String| {
            let key = |part: &str| format!("channels.{name}.{part}");
            ChannelSettings {
                kind: self.text(&key("kind")),
                url: self.secret(&key("url")),
                secret: self.secret(&key("secret")),
            }
        };
        self.values.names("channels").iter().map(|name| (name.clone(), settings(name))).collect()
    }

    /// The connections, by their names in the file.
    pub(crate) fn connections(&self) -> BTreeMap<String, ConnectionSettings> {
        let settings = |name: &String| {
            let key = |part: &str| format!("connections.{name}.{part}");
            ConnectionSettings {
                tenant: self.text(&key("tenant")),
                cloud: self.text(&key("cloud")),
                base: self.some_text(&key("base")),
                webhook_roots: self.some_text(&key("webhook_roots")).map(|_| self.values.path(&key("webhook_roots"))),
                client_id: self.text(&key("client_id")),
                client_secret: self.secret(&key("client_secret")),
                refresh_token: self.secret(&key("refresh_token")),
            }
        };
        self.values.names("connections").iter().map(|name| (name.clone(), settings(name))).collect()
    }
}

/// Where a server that listens here is reached on the same machine: one that listens on every address also does on
/// that of the machine itself.
fn reached(listen: &str) -> String {
    match listen.rsplit_once(':') {
        Some(("0.0.0.0", port)) => format!("127.0.0.1:{port}"),
        Some(("[::]", port)) => format!("[::1]:{port}"),
        _ => listen.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::Sources;

    #[test]
    fn the_server_is_the_one_that_is_named_or_else_the_one_of_these_settings() {
        let server = |flags: &[(&'static str, &str)]| {
            let flags: Vec<_> = flags.iter().map(|(key, value)| (*key, Some((*value).to_owned()))).collect();
            Sources::default().load(&flags).unwrap().server()
        };
        assert_eq!(server(&[]), "http://127.0.0.1:8477");
        for (listen, reached) in [
            ("10.0.0.5:9000", "http://10.0.0.5:9000"),
            ("0.0.0.0:9000", "http://127.0.0.1:9000"),
            ("[::]:9000", "http://[::1]:9000"),
        ] {
            assert_eq!(server(&[("server.listen", listen)]), reached);
        }
        assert_eq!(server(&[("server.listen", "0.0.0.0:1"), ("client.server", "https://b.se")]), "https://b.se");
    }
}
