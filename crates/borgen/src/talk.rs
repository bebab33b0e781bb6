//! Everything the program says to people, in English or Swedish. The texts lie in `locales/`; names of keys and
//! values that are data (JSON, tables' contents) are not translated.

use crate::config::Sources;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use std::collections::BTreeMap;
use std::fmt::Display;
use unic_langid::LanguageIdentifier;

/// The languages that people can be spoken to in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub(crate) enum Lang {
    /// English.
    #[default]
    En,
    /// Swedish.
    Sv,
}

impl Lang {
    /// The language by the flag, the settings (`lang`), else the environment.
    pub(crate) fn wanted(sources: &Sources) -> Self {
        let environment = |name: &str| std::env::var(name).ok();
        match sources.early("lang").as_deref() {
            Some("sv") => Self::Sv,
            Some("en") => Self::En,
            _ => Self::from_environment(environment),
        }
    }

    /// The language that a setting or the environment's `LC_ALL`, `LC_MESSAGES` or `LANG` names.
    pub(crate) fn from_environment(environment: impl Fn(&str) -> Option<String>) -> Self {
        let named = ["BORGEN_LANG", "LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(environment);
        let first = named.filter(|value| !value.is_empty()).map(|value| value.to_lowercase()).next();
        if first.is_some_and(|value| value == "sv" || value.starts_with("sv_") || value.starts_with("sv-")) {
            Self::Sv
        } else {
            Self::En
        }
    }

    /// The word for it, as in settings and in `Accept-Language`.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Sv => "sv",
        }
    }

    const fn texts(self) -> &'static [&'static str] {
        match self {
            Self::En => &ENGLISH,
            Self::Sv => &SWEDISH,
        }
    }
}

const ENGLISH: [&str; 5] = [
    include_str!("../locales/en/program.ftl"),
    include_str!("../locales/en/desk.ftl"),
    include_str!("../locales/en/setup.ftl"),
    include_str!("../locales/en/demo.ftl"),
    include_str!("../locales/en/words.ftl"),
];
const SWEDISH: [&str; 5] = [
    include_str!("../locales/sv/program.ftl"),
    include_str!("../locales/sv/desk.ftl"),
    include_str!("../locales/sv/setup.ftl"),
    include_str!("../locales/sv/demo.ftl"),
    include_str!("../locales/sv/words.ftl"),
];

/// What stands in English where it is declared: help with the commands, refusals of rules with their codes.
const SWEDISH_ONLY: [&str; 2] = [include_str!("../locales/sv/help.ftl"), include_str!("../locales/sv/rules.ftl")];

/// The arguments that are numbers, so that a text can choose between one and many.
const NUMBERS: &[&str] = &["count", "events", "malformed", "broken", "minutes"];

/// The texts of one language.
pub(crate) struct Talk {
    bundle: FluentBundle<FluentResource>,
}

impl std::fmt::Debug for Talk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Talk").finish_non_exhaustive()
    }
}

impl Talk {
    /// The texts of a language.
    pub(crate) fn new(lang: Lang) -> Self {
        let language: LanguageIdentifier = lang.word().parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![language]);
        bundle.set_use_isolating(false);
        for text in lang.texts().iter().chain(SWEDISH_ONLY.iter().filter(|_| lang == Lang::Sv)) {
            // A test reads every file, so that there is nothing here to go wrong.
            let resource = FluentResource::try_new((*text).to_owned()).unwrap_or_else(|(resource, _)| resource);
            bundle.add_resource_overriding(resource);
        }
        Self { bundle }
    }

    /// The attribute of the text with this key, if there is one.
    pub(crate) fn attribute(&self, key: &str, name: &str) -> Option<String> {
        let pattern = self.bundle.get_message(key)?.get_attribute(name)?.value();
        Some(self.bundle.format_pattern(pattern, None, &mut Vec::new()).into_owned())
    }

    /// The text with this key, if there is one.
    pub(crate) fn maybe(&self, key: &str) -> Option<String> {
        let pattern = self.bundle.get_message(key)?.value()?;
        Some(self.bundle.format_pattern(pattern, None, &mut Vec::new()).into_owned())
    }

    /// The text with this key, with the values put in. A key that is not there is given back as it is.
    pub(crate) fn text(&self, key: &str, values: &[(&str, &dyn Display)]) -> String {
        let Some(pattern) = self.bundle.get_message(key).and_then(|message| message.value()) else {
            return key.to_owned();
        };
        let texts: Vec<(&str, String)> = values.iter().map(|(name, value)| (*name, value.to_string())).collect();
        let mut args = FluentArgs::new();
        for (name, text) in &texts {
            let value =
                if NUMBERS.contains(name) { FluentValue::try_number(text) } else { FluentValue::from(text.as_str()) };
            args.set(*name, value);
        }
        self.bundle.format_pattern(pattern, Some(&args), &mut Vec::new()).into_owned()
    }

    /// The text with this key, or its attribute, with the values put in as they are; `None` where there is none.
    pub(crate) fn said(
        &self,
        key: &str,
        attribute: Option<&str>,
        values: &BTreeMap<&'static str, String>,
    ) -> Option<String> {
        let message = self.bundle.get_message(key)?;
        let pattern = match attribute {
            None => message.value()?,
            Some(name) => message.get_attribute(name)?.value(),
        };
        let mut args = FluentArgs::new();
        for (name, value) in values {
            args.set(*name, FluentValue::from(value.as_str()));
        }
        Some(self.bundle.format_pattern(pattern, Some(&args), &mut Vec::new()).into_owned())
    }
}

#[cfg(test)]
#[path = "talk_tests.rs"]
mod tests;
