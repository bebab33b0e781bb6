//! What every command needs to speak: the language, the form of output, colours, and the flags that hold for all.
//! Data goes to standard output, talk to standard error.

use crate::cli::{Globals, Output};
use crate::config::{ConfigError, Loaded, Sources, Wanted};
use crate::exit::{Exit, Failure};
use crate::forms;
use crate::paint::{self, Paint};
use crate::talk::{Lang, Talk};
use crate::wiring::listening::NotListening;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;
use store::{SignerError, StoreError, VaultError};

/// The most causes of an error that are told.
const MAX_CAUSES: usize = 8;

/// The exit of errors that come from below and mean something to whoever called, with the key of what to do.
fn exit_of(error: &anyhow::Error) -> Option<(Exit, &'static str)> {
    error.chain().find_map(|cause| {
        if let Some(StoreError::InUse { .. }) = cause.downcast_ref() {
            return Some((Exit::Conflict, "hint-store-in-use"));
        }
        match cause.downcast_ref() {
            Some(
                VaultError::MasterFile(_) | VaultError::MasterForm | VaultError::WrongMaster | VaultError::Retired,
            ) => Some((Exit::Usage, "hint-master-key")),
            _ => cause.downcast_ref::<SignerError>().map(|_| (Exit::Usage, "hint-signing-key")),
        }
    })
}

/// The zone of the settings, else the machine's.
fn zone(sources: &Sources) -> TimeZone {
    let named = sources.early("time_zone").and_then(|name| TimeZone::get(&name).ok());
    named.unwrap_or_else(TimeZone::system)
}

/// The console.
#[derive(Debug)]
pub(crate) struct Console {
    talk: Talk,
    /// The language that people are spoken to in.
    pub(crate) lang: Lang,
    zone: TimeZone,
    /// The form of data.
    pub(crate) output: Output,
    quiet: bool,
    data_painted: bool,
    talk_painted: bool,
    sources: Sources,
}

impl Console {
    /// A console as the flags and the environment want it.
    pub(crate) fn new(globals: &Globals) -> Self {
        let environment = |name: &str| std::env::var(name).ok();
        let sources = Sources::of_the_machine(globals);
        let lang = Lang::wanted(&sources);
        Self {
            talk: Talk::new(lang),
            lang,
            zone: zone(&sources),
            output: globals.output,
            quiet: globals.quiet,
            data_painted: paint::wanted(globals.color, &std::io::stdout(), environment),
            talk_painted: paint::wanted(globals.color, &std::io::stderr(), environment),
            sources,
        }
    }

    /// The zone that times are shown in.
    pub(crate) const fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// The settings, from flags, environment, files and defaults.
    pub(crate) fn settings(&self) -> anyhow::Result<Loaded> {
        self.settings_with(&[])
    }

    /// The settings, with a command's own flags before everything else.
    pub(crate) fn settings_with(&self, flags: &[(&'static str, Option<String>)]) -> anyhow::Result<Loaded> {
        self.sources.load(flags).map_err(|error| self.settings_refused(&error))
    }

    /// The settings of one file that was just written, under the same flags and environment.
    pub(crate) fn settings_of(&self, file: &std::path::Path) -> anyhow::Result<Loaded> {
        self.sources.with_file(file).load(&[]).map_err(|error| self.settings_refused(&error))
    }

    /// The file of settings that a command may add to: the one given, or `./borgen.toml`.
    pub(crate) fn settings_file(&self) -> std::path::PathBuf {
        self.sources.file_to_change()
    }

    fn settings_refused(&self, error: &ConfigError) -> anyhow::Error {
        let named = |place: &str| if place == "flag" { self.text("place-flag", &[]) } else { place.to_owned() };
        let text = match error {
            ConfigError::Unreadable { path, source } => {
                self.text("config-unreadable", &[("path", path), ("why", &self.of_system(source))])
            }
            ConfigError::NotToml { path, why } => self.text("config-not-toml", &[("path", path), ("why", why)]),
            ConfigError::UnknownKey { place, key, .. } => {
                self.text("config-unknown-key", &[("place", &named(place)), ("key", key)])
            }
            ConfigError::WrongValue { place, key, wanted } => {
                let wanted = match wanted {
                    Wanted::Told(words) => words.clone(),
                    Wanted::Id => self.text("wanted-id", &[("form", &forms::ID)]),
                    Wanted::Address => self.text("wanted-address", &[("form", &forms::ADDRESS)]),
                };
                self.text("config-wrong-value", &[("place", &named(place)), ("key", key), ("wanted", &wanted)])
            }
            ConfigError::Twice { key } => self.text("config-secret-twice", &[("key", key)]),
        };
        let hint = match error {
            ConfigError::UnknownKey { near: Some(near), .. } => Some(self.text("did-you-mean", &[("near", near)])),
            _ => None,
        };
        Failure { exit: Exit::Usage, text, hint }.into()
    }

    /// A text in the user's language.
    pub(crate) fn text(&self, key: &str, values: &[(&str, &dyn Display)]) -> String {
        self.talk.text(key, values)
    }

    /// A text in the user's language, if there is one with this key.
    pub(crate) fn maybe(&self, key: &str) -> Option<String> {
        self.talk.maybe(key)
    }

    /// What a library says, by a key with values of its own, if there is a text in the user's language.
    pub(crate) fn coded(
        &self,
        key: &str,
        attribute: Option<&str>,
        values: &BTreeMap<&'static str, String>,
    ) -> Option<String> {
        self.talk.said(key, attribute, values)
    }

    /// Says something to the person, unless quiet is wanted.
    pub(crate) fn say(&self, key: &str, values: &[(&str, &dyn Display)]) {
        if !self.quiet {
            self.tell(&self.text(key, values));
        }
    }

    /// Warns the person, quiet or not.
    pub(crate) fn warn(&self, key: &str, values: &[(&str, &dyn Display)]) {
        let text = self.text(key, values);
        self.tell(&format!("{} {text}", Paint::Warning.on(self.talk_painted, "!")));
    }

    /// Writes a line of talk as it is.
    #[expect(clippy::unused_self, reason = "talk goes through the console, whatever it needs of it")]
    pub(crate) fn tell(&self, line: &str) {
        // Nobody listens when standard error is closed; that is no reason to stop.
        let _ = writeln!(std::io::stderr().lock(), "{line}");
    }

    /// An error in the user's language, with the exit it leads to.
    #[expect(clippy::unused_self, reason = "the text and the exit are made together, where the console is at hand")]
    pub(crate) fn failure(&self, exit: Exit, text: String, hint: Option<String>) -> anyhow::Error {
        Failure { exit, text, hint }.into()
    }

    /// An error from a text's key.
    pub(crate) fn fail(&self, exit: Exit, key: &str, values: &[(&str, &dyn Display)]) -> anyhow::Error {
        self.failure(exit, self.text(key, values), None)
    }

    /// A file or folder that was named and can't be read: wrong use, whatever the error is. What the system said of it
    /// lies at the bottom of an error of a library.
    pub(crate) fn unreadable(&self, path: &Path, error: &(dyn std::error::Error + 'static)) -> anyhow::Error {
        let mut deepest = error;
        for _ in 0..MAX_CAUSES {
            let Some(cause) = deepest.source() else { break };
            deepest = cause;
        }
        let said = |error: &std::io::Error| self.of_system(error);
        let why = deepest.downcast_ref().map_or_else(|| self.said(&deepest.to_string()), said);
        self.fail(Exit::Usage, "config-unreadable", &[("path", &path.display()), ("why", &why)])
    }

    /// A file or folder that was named and can't be written.
    pub(crate) fn unwritable(&self, path: &Path, error: &std::io::Error) -> anyhow::Error {
        let why = self.of_system(error);
        self.fail(Exit::Usage, "config-unwritable", &[("path", &path.display()), ("why", &why)])
    }

    /// Writes a line of data.
    #[expect(clippy::unused_self, reason = "data go through the console, whatever they need of it")]
    pub(crate) fn line(&self, line: &str) -> anyhow::Result<()> {
        match writeln!(std::io::stdout().lock(), "{line}") {
            // The reader has enough, as in `borgen cases list | head`.
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
            written => Ok(written?),
        }
    }

    /// Text for standard output, painted where that is wanted.
    pub(crate) fn painted(&self, paint: Paint, text: &str) -> String {
        paint.on(self.data_painted, text)
    }

    /// Whether talk is painted.
    pub(crate) fn talk_is_painted(&self) -> bool {
        self.talk_painted
    }

    /// Whether a person can be asked.
    #[expect(clippy::unused_self, reason = "whoever asks has a console, and the answer belongs to it")]
    pub(crate) fn can_ask(&self) -> bool {
        std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
    }

    /// What a library says, in the reader's language as far as it has a phrase for it.
    pub(crate) fn said(&self, text: &str) -> String {
        let text = self.with_system_words(text);
        match self.lang {
            Lang::En => text,
            Lang::Sv => web::in_swedish(&text),
        }
    }

    /// Says what went wrong and gives the exit for it.
    pub(crate) fn end_with(&self, error: &anyhow::Error) -> ExitCode {
        if let Some(refused) = error.downcast_ref::<NotListening>() {
            return self.end_with(&refused.told(self));
        }
        let failure = error.chain().find_map(|cause| cause.downcast_ref::<Failure>());
        self.tell(&format!("{} {}", Paint::Bad.on(self.talk_painted, "✗"), self.said(&error.to_string())));
        let mut told = error.to_string();
        for cause in error.chain().skip(1).take(MAX_CAUSES).map(ToString::to_string) {
            if !told.contains(&cause) {
                self.tell(&format!("  {}", self.said(&cause)));
            }
            told = cause;
        }
        let hint = failure.and_then(|failure| failure.hint.clone());
        let known = exit_of(error);
        if let Some(hint) = hint.or_else(|| known.map(|(_, key)| self.text(key, &[]))) {
            self.tell(&format!("  {hint}"));
        }
        failure.map(|failure| failure.exit).or(known.map(|(exit, _)| exit)).unwrap_or(Exit::Failed).into()
    }
}
