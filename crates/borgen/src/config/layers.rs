//! Where values come from, strongest first: flag, environment, the file given with `--config`, `./borgen.toml`, the
//! user's file, the machine's file, the default. A key that nobody knows is refused, wherever it stands.

use super::Loaded;
use super::keys::{self, KEYS, Key, Kind};
use crate::cli::Globals;
use crate::forms;
use secrecy::SecretString;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

/// What every name in the environment that concerns Borgen begins with.
const PREFIX: &str = "BORGEN_";
/// Names in the environment that are no settings: those of the tests and the build.
const NOT_SETTINGS: &[&str] = &["BORGEN_SHARED", "BORGEN_CONFIG", "BORGEN_CODE"];
const NOT_SETTINGS_BEGIN: &str = "BORGEN_TEST_";
/// The short name for the client's token.
const TOKEN: &str = "BORGEN_TOKEN";
/// What is shown in place of a secret.
const HIDDEN: &str = "***";
/// The largest file of settings, and of a secret, that is read.
const MAX_FILE_BYTES: u64 = 1024 * 1024;

/// What a value has to be.
#[derive(Debug)]
pub(crate) enum Wanted {
    /// What these words or numbers say, which are the same in every language.
    Told(String),
    /// An id.
    Id,
    /// An address to listen on.
    Address,
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Told(words) => words,
            Self::Id => forms::ID,
            Self::Address => forms::ADDRESS,
        })
    }
}

/// Why the settings can't be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// A file could not be read.
    #[error("{path}: {source}")]
    Unreadable {
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file is not TOML.
    #[error("{path}: {why}")]
    NotToml {
        /// The file.
        path: String,
        /// What is wrong, with its place.
        why: String,
    },
    /// Nobody knows this key.
    #[error("{place}: `{key}` is not known")]
    UnknownKey {
        /// Where it stands.
        place: String,
        /// The key.
        key: String,
        /// The key that may have been meant.
        near: Option<String>,
    },
    /// A value that can't be.
    #[error("{place}: `{key}` has to be {wanted}")]
    WrongValue {
        /// Where it stands.
        place: String,
        /// The key.
        key: String,
        /// What it has to be.
        wanted: Wanted,
    },
    /// A secret and its file are both given in one place.
    #[error("`{key}` and `{key}_file` are both given")]
    Twice {
        /// The secret's key.
        key: String,
    },
}

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Nobody set it.
    Default,
    /// A file.
    File(PathBuf),
    /// The environment, by this name.
    Environment(String),
    /// The command line.
    Flag,
}

impl Origin {
    /// Whether two values stand beside each other, so that neither is stronger.
    fn is_same_place(&self, other: &Self) -> bool {
        self == other || matches!((self, other), (Self::Environment(_), Self::Environment(_)))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => path.display().fmt(f),
            Self::Environment(name) => f.write_str(name),
            Self::Flag => f.write_str("flag"),
        }
    }
}

/// A value as it was found.
#[derive(Debug, Clone)]
struct Found {
    text: String,
    origin: Origin,
}

/// All values that were set.
#[derive(Debug, Default)]
pub(super) struct Values {
    found: BTreeMap<String, Found>,
}

/// Where to look.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sources {
    flags: Vec<(String, String)>,
    environment: BTreeMap<String, String>,
    given: Option<PathBuf>,
    ordinary: Vec<PathBuf>,
}

impl Sources {
    /// The command line, this process's environment and the machine's files.
    pub(crate) fn of_the_machine(globals: &Globals) -> Self {
        let environment: BTreeMap<String, String> =
            std::env::vars().filter(|(name, _)| name.starts_with(PREFIX)).collect();
        let home = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".config"));
        let user = std::env::var_os("XDG_CONFIG_HOME").map(PathBuf::from).or(home);
        let user = user.map(|folder| folder.join("borgen/config.toml"));
        let ordinary = user.into_iter().chain([PathBuf::from("borgen.toml")]);
        let mut flags: Vec<(String, String)> = globals.set.clone();
        flags.extend(globals.server.clone().map(|server| ("client.server".to_owned(), server)));
        flags.extend(globals.lang.map(|lang| ("lang".to_owned(), lang.word().to_owned())));
        Self {
            flags,
            given: globals.config.clone().or_else(|| environment.get("BORGEN_CONFIG").map(PathBuf::from)),
            environment,
            ordinary: std::iter::once(PathBuf::from("/etc/borgen/config.toml")).chain(ordinary).collect(),
        }
    }

    /// The same places, with this file as the one that was given.
    pub(crate) fn with_file(&self, file: &Path) -> Self {
        Self { given: Some(file.to_owned()), ..self.clone() }
    }

    /// The file that a command may add to.
    pub(crate) fn file_to_change(&self) -> PathBuf {
        self.given.clone().unwrap_or_else(|| PathBuf::from("borgen.toml"))
    }

    /// A value that is needed before anything can be said, as the language is: from the strongest place that has it.
    /// What is wrong with the settings is not told here, but by the command that needs them.
    pub(crate) fn early(&self, key: &str) -> Option<String> {
        let flag = self.flags.iter().rev().find(|(name, _)| name == key).map(|(_, text)| text.clone());
        let environment =
            || self.environment.iter().find(|(name, _)| key_of(name) == key).map(|(_, text)| text.clone());
        let files = || self.ordinary.iter().chain(&self.given).rev().find_map(|path| value_in(path, key));
        flag.or_else(environment).or_else(files).filter(|text| !text.is_empty())
    }

    /// Only the file given with `--config`, for tests that must not see the machine.
    #[cfg(test)]
    pub(crate) fn only_given(globals: &Globals) -> Self {
        Self { given: globals.config.clone(), ..Self::default() }
    }

    /// Reads every place, weakest first, so that the stronger write over the weaker. `flags` are a command's own.
    pub(crate) fn load(&self, flags: &[(&'static str, Option<String>)]) -> Result<Loaded, ConfigError> {
        let mut values = Values::default();
        for path in self.ordinary.iter().filter(|path| path.exists()).chain(&self.given) {
            values.read_file(path)?;
        }
        for (name, text) in &self.environment {
            let reserved = NOT_SETTINGS.contains(&name.as_str()) || name.starts_with(NOT_SETTINGS_BEGIN);
            if !reserved {
                let origin = Origin::Environment(name.clone());
                values.set(&key_of(name), text.clone(), origin)?;
            }
        }
        let own = flags.iter().filter_map(|(key, text)| text.clone().map(|text| ((*key).to_owned(), text)));
        for (key, text) in self.flags.iter().cloned().chain(own) {
            values.set(&key, text, Origin::Flag)?;
        }
        values.take_in_secret_files()?;
        Ok(Loaded { values })
    }
}

/// `BORGEN_SERVER__LISTEN` is `server.listen`.
fn key_of(name: &str) -> String {
    match name {
        TOKEN => "client.token".to_owned(),
        "BORGEN_TOKEN_FILE" => "client.token_file".to_owned(),
        name => name.strip_prefix(PREFIX).unwrap_or(name).to_lowercase().replace("__", "."),
    }
}

impl Values {
    fn read_file(&mut self, path: &Path) -> Result<(), ConfigError> {
        let text = read(path)?;
        let not_toml =
            |error: toml::de::Error| ConfigError::NotToml { path: path.display().to_string(), why: error.to_string() };
        let table: toml::Table = text.parse().map_err(not_toml)?;
        let origin = Origin::File(path.to_owned());
        for (key, text) in leaves(&table) {
            self.set(&key, text, origin.clone())?;
        }
        Ok(())
    }

    fn set(&mut self, key: &str, text: String, origin: Origin) -> Result<(), ConfigError> {
        let place = origin.to_string();
        let Some((known, as_file)) = keys::find(key) else {
            return Err(ConfigError::UnknownKey { place, key: key.to_owned(), near: keys::nearest(key) });
        };
        if !as_file && let Some(wanted) = refused(known.kind, &text) {
            return Err(ConfigError::WrongValue { place, key: key.to_owned(), wanted });
        }
        // A secret set in a stronger place puts aside a file named in a weaker one, and the other way round.
        let rival = if as_file { key.strip_suffix("_file").map(str::to_owned) } else { Some(format!("{key}_file")) };
        if let Some(rival) = rival.filter(|_| known.kind == Kind::Secret)
            && self.found.remove(&rival).is_some_and(|other| other.origin.is_same_place(&origin))
        {
            return Err(ConfigError::Twice { key: key.strip_suffix("_file").unwrap_or(key).to_owned() });
        }
        self.found.insert(key.to_owned(), Found { text, origin });
        Ok(())
    }

    fn take_in_secret_files(&mut self) -> Result<(), ConfigError> {
        let files: Vec<String> =
            self.found.keys().filter(|key| keys::find(key).is_some_and(|(_, as_file)| as_file)).cloned().collect();
        for key in files {
            let Some(secret) = key.strip_suffix("_file") else { continue };
            let text = match read(&self.path(&key)) {
                // Whoever only talks to a server need not be able to read what the server talks to Microsoft with.
                Err(ConfigError::Unreadable { .. }) if key.starts_with("connections.") => continue,
                text => text?.trim_end_matches(['\r', '\n']).to_owned(),
            };
            let origin = self.found.get(&key).map_or(Origin::Default, |found| found.origin.clone());
            self.found.insert(secret.to_owned(), Found { text, origin });
        }
        Ok(())
    }

    pub(super) fn text(&self, key: &str) -> String {
        let default = || keys::find(key).map_or("", |(known, _)| known.default).to_owned();
        self.found.get(key).map_or_else(default, |found| found.text.clone())
    }

    pub(super) fn number(&self, key: &str) -> u64 {
        self.text(key).parse().unwrap_or(0)
    }

    pub(super) fn path(&self, key: &str) -> PathBuf {
        let text = self.text(key);
        match self.found.get(key).map(|found| &found.origin) {
            Some(Origin::File(file)) => file.parent().unwrap_or(Path::new("")).join(text),
            _ => PathBuf::from(text),
        }
    }

    /// The files that secrets are read from.
    pub(super) fn secret_files(&self) -> Vec<PathBuf> {
        let named = self.found.keys().filter(|key| keys::find(key).is_some_and(|(_, as_file)| as_file));
        named.filter(|key| !self.text(key).is_empty()).map(|key| self.path(key)).collect()
    }

    pub(super) fn secret(&self, key: &str) -> Option<SecretString> {
        Some(self.text(key)).filter(|text| !text.is_empty()).map(SecretString::from)
    }

    /// The user's own names below a key.
    pub(super) fn names(&self, below: &str) -> BTreeSet<String> {
        let name = |key: &String| key.strip_prefix(below)?.strip_prefix('.')?.split('.').next().map(str::to_owned);
        self.found.keys().filter_map(name).collect()
    }

    pub(super) fn shown(&self) -> Vec<(String, String, String)> {
        let mut paths: Vec<String> =
            KEYS.iter().filter(|key| !key.path.contains('*')).map(|key| key.path.to_owned()).collect();
        paths.extend(self.found.keys().filter(|key| key.starts_with("connections.")).cloned());
        let shown = |path: String| {
            let secret =
                keys::find(&path).is_some_and(|(key, as_file): (&Key, bool)| key.kind == Kind::Secret && !as_file);
            let text = self.text(&path);
            let text = if secret && !text.is_empty() { HIDDEN.to_owned() } else { without_password(text) };
            let origin = self.found.get(&path).map_or(Origin::Default, |found| found.origin.clone());
            (path, text, origin.to_string())
        };
        paths.into_iter().map(shown).collect()
    }
}

/// An address as it may be shown.
fn without_password(text: String) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return text };
    match rest.rsplit_once('@') {
        Some((user, host)) => format!("{scheme}://{}:{HIDDEN}@{host}", user.split(':').next().unwrap_or_default()),
        None => text,
    }
}

/// The value of a key in a file that may be missing or wrong.
fn value_in(path: &Path, key: &str) -> Option<String> {
    let table: toml::Table = read(path).ok()?.parse().ok()?;
    leaves(&table).into_iter().find(|(name, _)| name == key).map(|(_, text)| text)
}

fn read(path: &Path) -> Result<String, ConfigError> {
    let unreadable = |source| ConfigError::Unreadable { path: path.display().to_string(), source };
    let length = std::fs::metadata(path).map_err(unreadable)?.len();
    if length > MAX_FILE_BYTES {
        return Err(unreadable(std::io::Error::other(format!("larger than {MAX_FILE_BYTES} bytes"))));
    }
    std::fs::read_to_string(path).map_err(unreadable)
}

/// Every value of a file with its path.
fn leaves(table: &toml::Table) -> Vec<(String, String)> {
    let mut leaves = Vec::new();
    for (name, value) in table {
        match value {
            toml::Value::Table(inner) => {
                leaves.extend(self::leaves(inner).into_iter().map(|(key, text)| (format!("{name}.{key}"), text)));
            }
            toml::Value::String(text) => leaves.push((name.clone(), text.clone())),
            other => leaves.push((name.clone(), other.to_string())),
        }
    }
    leaves
}

/// What a value has to be, when it is not.
fn refused(kind: Kind, text: &str) -> Option<Wanted> {
    match kind {
        Kind::Word(words) if !words.contains(&text) => Some(Wanted::Told(words.join(" | "))),
        Kind::Number(least, most) if !text.parse().is_ok_and(|number: u64| (least..=most).contains(&number)) => {
            Some(Wanted::Told(format!("{least} – {most}")))
        }
        Kind::Zone if !text.is_empty() && jiff::tz::TimeZone::get(text).is_err() => {
            Some(Wanted::Told("Europe/Stockholm, UTC …".to_owned()))
        }
        Kind::Id if !text.is_empty() && forms::id(text).is_err() => Some(Wanted::Id),
        Kind::Address if !forms::is_address(text) => Some(Wanted::Address),
        Kind::AddressOrNone if !text.is_empty() && !forms::is_address(text) => Some(Wanted::Address),
        _ => None,
    }
}

#[cfg(test)]
#[path = "layers_tests.rs"]
mod tests;
