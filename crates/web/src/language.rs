//! The languages people read, and the texts of the interface in each. Which text belongs to which problem or reason
//! is said where those are; here a key becomes a sentence.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use std::sync::LazyLock;
use unic_langid::LanguageIdentifier;

/// The longest `Accept-Language` that is looked at.
const MAX_ACCEPT_LANGUAGE_BYTES: usize = 1_000;
/// The most languages that are weighed.
const MAX_LANGUAGES: usize = 32;

/// A language of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Swedish.
    Swedish,
}

/// A file of texts in both languages.
macro_rules! texts {
    ($name:literal) => {
        (include_str!(concat!("../locales/en/", $name, ".ftl")), include_str!(concat!("../locales/sv/", $name, ".ftl")))
    };
}

/// The files of texts, English and Swedish. A file that is not named here is not read.
const FILES: &[(&str, &str)] = &[
    texts!("api"),
    texts!("frame"),
    texts!("sign-in"),
    texts!("words"),
    texts!("today"),
    texts!("cases"),
    texts!("case"),
    texts!("customers"),
    texts!("actions"),
    texts!("notices"),
    texts!("audit"),
    texts!("connections"),
    texts!("views"),
    texts!("activity"),
    texts!("contacts"),
    texts!("policies"),
    texts!("incidents"),
];

static ENGLISH: LazyLock<FluentBundle<FluentResource>> =
    LazyLock::new(|| bundle("en", FILES.iter().map(|(english, _)| *english)));
static SWEDISH: LazyLock<FluentBundle<FluentResource>> =
    LazyLock::new(|| bundle("sv", FILES.iter().map(|(_, swedish)| *swedish)));

fn bundle(code: &str, texts: impl Iterator<Item = &'static str>) -> FluentBundle<FluentResource> {
    let language: LanguageIdentifier = code.parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![language]);
    // The texts go into JSON, where marks around inserted values would only be in the way.
    bundle.set_use_isolating(false);
    for text in texts {
        // A file with a fault gives what could be read; a test reads every file strictly.
        let resource = FluentResource::try_new(text.to_owned()).unwrap_or_else(|(resource, _)| resource);
        bundle.add_resource_overriding(resource);
    }
    bundle
}

impl Language {
    /// The code of the language, as in `Content-Language`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Swedish => "sv",
        }
    }

    /// The language with a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::English, Self::Swedish].into_iter().find(|language| language.code() == code)
    }

    /// The language that an `Accept-Language` header wants most; English when it wants neither.
    #[must_use]
    pub fn accepted(header: Option<&str>) -> Self {
        let Some(header) = header.filter(|header| header.len() <= MAX_ACCEPT_LANGUAGE_BYTES) else {
            return Self::default();
        };
        let mut best = (0, Self::default());
        for wish in header.split(',').take(MAX_LANGUAGES) {
            let (tag, weight) = wish.split_once(";q=").unwrap_or((wish, "1"));
            let language = match tag.trim().split('-').next() {
                Some(code) if code.eq_ignore_ascii_case("sv") => Self::Swedish,
                Some(code) if code.eq_ignore_ascii_case("en") || code == "*" => Self::English,
                _ => continue,
            };
            let weight = thousandths(weight.trim());
            if weight > best.0 {
                best = (weight, language);
            }
        }
        best.1
    }

    /// The text under a key, or under `key.attribute`; the key itself when there is none.
    pub(crate) fn text(self, key: &str, attribute: Option<&str>, args: &[(&str, String)]) -> String {
        let bundle = match self {
            Self::English => &*ENGLISH,
            Self::Swedish => &*SWEDISH,
        };
        let message = bundle.get_message(key);
        let pattern = message.and_then(|message| match attribute {
            Some(attribute) => message.get_attribute(attribute).map(|attribute| attribute.value()),
            None => message.value(),
        });
        let Some(pattern) = pattern else { return key.to_owned() };
        let mut values = FluentArgs::new();
        for (name, value) in args {
            // A number chooses the plural; everything else is taken as it is.
            let number = value.parse::<u32>().ok().filter(|_| *name == "count");
            values.set(*name, number.map_or_else(|| FluentValue::from(value.clone()), FluentValue::from));
        }
        let mut errors = Vec::new();
        bundle.format_pattern(pattern, Some(&values), &mut errors).into_owned()
    }
}

/// A weight from 0 to 1 in thousandths; what can't be read weighs nothing.
fn thousandths(weight: &str) -> u32 {
    let (whole, part) = weight.split_once('.').unwrap_or((weight, ""));
    let digits = format!("{whole}{part:0<3}");
    if part.len() > 3 { 0 } else { digits.parse().unwrap_or(0).min(1_000) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::Code;
    use std::collections::BTreeSet;

    /// Words of machine-translated pages that must not be met in Swedish texts.
    const FORBIDDEN: [&str; 14] = [
        "princip för tydliga samlingar",
        "samlingar",
        "snedfördelade",
        "rekognoseringsfiler",
        "förfallo mängden",
        "kredit kommentarer",
        "framtvinga",
        "dunning",
        "kontokompromiss",
        "snooza",
        "case",
        "alert",
        "molnlösningsprovider",
        "pausa",
    ];

    fn keys(text: &str) -> BTreeSet<String> {
        assert!(FluentResource::try_new(text.to_owned()).is_ok(), "the file has a fault");
        let mut keys = BTreeSet::new();
        let mut message = "";
        for line in text.lines().filter(|line| line.contains('=') && !line.starts_with('#')) {
            let key = line.split('=').next().unwrap().trim_end();
            if let Some(attribute) = key.trim_start().strip_prefix('.') {
                keys.insert(format!("{message}.{attribute}"));
            } else if !key.starts_with(' ') {
                message = key;
                keys.insert(key.to_owned());
            }
        }
        keys
    }

    #[test]
    fn both_languages_have_the_same_keys() {
        let mut all = BTreeSet::new();
        for (english, swedish) in FILES {
            assert_eq!(keys(english), keys(swedish));
            for key in keys(english) {
                assert!(all.insert(key.clone()), "{key} stands in two files");
            }
        }
    }

    #[test]
    fn every_problem_has_a_title_and_a_detail() {
        let keys: BTreeSet<String> = FILES.iter().flat_map(|(english, _)| keys(english)).collect();
        for code in Code::ALL {
            assert!(keys.contains(&format!("problem-{}", code.word())), "{}", code.word());
            assert!(keys.contains(&format!("problem-{}.detail", code.word())), "{}", code.word());
        }
    }

    /// Every file of the pages, by its path.
    fn sources(folder: &std::path::Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(std::fs::read_to_string(&path).unwrap());
            }
        }
    }

    #[test]
    fn every_key_that_a_page_names_has_a_text() {
        let keys: BTreeSet<String> = FILES.iter().flat_map(|(english, _)| keys(english)).collect();
        let (mut texts, mut named) = (Vec::new(), 0);
        sources(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/pages"), &mut texts);
        let calls = [
            ".t(\"",
            ".ta(\"",
            "pair(page, \"",
            "button(page, \"",
            ".show(\"",
            ".done(\"",
            "say(\"",
            "language.text(\"",
        ];
        for text in &texts {
            for call in calls {
                for rest in text.split(call).skip(1) {
                    // A page that is documented shows `…` where a name goes.
                    let key = rest.split('"').next().unwrap();
                    if key.is_ascii() && !key.contains(['{', '/']) && !key.ends_with("key") {
                        assert!(keys.contains(key), "`{key}` has no text");
                        named += 1;
                    }
                }
            }
        }
        assert!(named > 100, "only {named} keys were found");
    }

    #[test]
    fn swedish_texts_are_swedish() {
        let text: String = FILES.iter().map(|(_, swedish)| swedish.to_lowercase() + "\n").collect();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let value = line.split_once('=').map_or(line, |(_, value)| value);
            // Names of inserted values, and words between backquotes, are no Swedish.
            let spoken: String = value.split(['{', '}']).step_by(2).collect();
            let spoken: String = spoken.split('`').step_by(2).collect();
            let has_word = |bad: &str| spoken.split(|letter: char| !letter.is_alphabetic()).any(|word| word == bad);
            for bad in FORBIDDEN {
                let is_met = if bad.contains(' ') { spoken.contains(bad) } else { has_word(bad) };
                assert!(!is_met, "`{bad}` in `{value}`");
            }
        }
    }

    #[test]
    fn the_language_with_the_greatest_weight_is_spoken() {
        for (header, language) in [
            (None, Language::English),
            (Some("sv"), Language::Swedish),
            (Some("sv-SE,sv;q=0.9,en;q=0.8"), Language::Swedish),
            (Some("en-GB, sv;q=0.5"), Language::English),
            (Some("de, sv;q=0.3, en;q=0.2"), Language::Swedish),
            (Some("de"), Language::English),
            (Some(";;;q=,,"), Language::English),
        ] {
            assert_eq!(Language::accepted(header), language, "{header:?}");
        }
    }

    #[test]
    fn a_text_names_what_it_is_about() {
        let args = [("parameter", "colour".to_owned())];
        let text = Language::Swedish.text("problem-unknownParameter", Some("detail"), &args);
        assert!(text.contains("colour"), "{text}");
    }
}
