//! Colours on a terminal, and when there are none. Colour never stands alone: a word or a sign says the same.

use std::io::IsTerminal;

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless the environment says otherwise.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// A colour that means something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Paint {
    /// Well.
    Good,
    /// Worth a look.
    Warning,
    /// Wrong.
    Bad,
    /// A heading.
    Strong,
}

impl Paint {
    const fn code(self) -> &'static str {
        match self {
            Self::Good => "32",
            Self::Warning => "33",
            Self::Bad => "31",
            Self::Strong => "1",
        }
    }

    /// The text in this colour, or as it is when `on` is false.
    pub(crate) fn on(self, on: bool, text: &str) -> String {
        if on { format!("\u{1b}[{}m{text}\u{1b}[0m", self.code()) } else { text.to_owned() }
    }
}

/// Whether a stream is painted, by the flag, the environment (`NO_COLOR`, `CLICOLOR_FORCE`) and what it leads to.
pub(crate) fn wanted(color: Color, stream: &impl IsTerminal, environment: impl Fn(&str) -> Option<String>) -> bool {
    let set = |name: &str| environment(name).is_some_and(|value| !value.is_empty() && value != "0");
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto if set("NO_COLOR") => false,
        Color::Auto if set("CLICOLOR_FORCE") => true,
        Color::Auto => stream.is_terminal() && environment("TERM").is_none_or(|term| term != "dumb"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Color, Paint, wanted};

    #[test]
    fn the_flag_goes_before_the_environment_and_no_color_before_force() {
        let file = tempfile::tempfile().unwrap();
        let both = |name: &str| matches!(name, "NO_COLOR" | "CLICOLOR_FORCE").then(|| "1".to_owned());
        let force = |name: &str| (name == "CLICOLOR_FORCE").then(|| "1".to_owned());
        assert!(wanted(Color::Always, &file, both));
        assert!(!wanted(Color::Auto, &file, both));
        assert!(wanted(Color::Auto, &file, force));
        assert!(!wanted(Color::Auto, &file, |_| None));
        assert_eq!(Paint::Bad.on(false, "x"), "x");
    }
}
