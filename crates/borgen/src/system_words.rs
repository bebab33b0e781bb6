//! What the operating system says of the commonest failures, in the reader's language: the one place for it.

use crate::console::Console;
use std::io::{Error, ErrorKind};

/// The most errors of the system that are looked for in one text.
const MAX_IN_A_TEXT: usize = 8;
/// What the standard library puts between the words and the number of an error.
const NUMBERED: &str = " (os error ";

/// The text for a kind of failure.
const fn key(kind: ErrorKind) -> Option<&'static str> {
    match kind {
        ErrorKind::NotFound => Some("system-not-found"),
        ErrorKind::PermissionDenied => Some("system-permission-denied"),
        ErrorKind::AddrInUse => Some("system-address-in-use"),
        ErrorKind::AlreadyExists => Some("system-already-exists"),
        _ => None,
    }
}

impl Console {
    /// What the system said.
    pub(crate) fn of_system(&self, error: &Error) -> String {
        key(error.kind()).map_or_else(|| error.to_string(), |key| self.text(key, &[]))
    }

    /// A text in which the system's own words, wherever they stand, are in the reader's language.
    pub(crate) fn with_system_words(&self, text: &str) -> String {
        let numbers = text.split(NUMBERED).skip(1).take(MAX_IN_A_TEXT).filter_map(|rest| rest.split(')').next());
        numbers.filter_map(|number| number.parse().ok()).map(Error::from_raw_os_error).fold(
            text.to_owned(),
            |text, error| match key(error.kind()) {
                Some(key) => text.replace(&error.to_string(), &self.text(key, &[])),
                None => text,
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Globals;
    use crate::talk::Lang;

    #[test]
    fn what_the_system_says_is_told_in_the_readers_language_wherever_it_stands() {
        let missing = std::fs::read("/no/such/file").unwrap_err();
        for (lang, words) in [(Lang::En, "no such file or folder"), (Lang::Sv, "filen eller mappen finns inte")] {
            let console = Console::new(&Globals { lang: Some(lang), ..Globals::default() });
            assert_eq!(console.of_system(&missing), words);
            assert_eq!(console.with_system_words(&format!("reading x: {missing}!")), format!("reading x: {words}!"));
            assert_eq!(console.with_system_words("reading x"), "reading x");
        }
    }
}
