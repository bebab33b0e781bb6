//! The command line in the reader's language: help, and what is said of wrong use. English stands where the commands are
//! declared; Swedish in `locales/sv/help.ftl`, a message for each command with an attribute for each of its arguments.

use crate::cli::{Cli, Globals};
use crate::forms;
use crate::paint::Color;
use crate::talk::{Lang, Talk};
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command, CommandFactory};
use std::ffi::OsString;
use std::path::PathBuf;

/// What every command has: `--help`, the flags that hold everywhere.
const EVERY: &str = "help-every";
const TEMPLATE: &str = "{before-help}{about-with-newline}\nAnvändning: {usage}\n\n{all-args}{after-help}";

/// The language that the words after the program's name ask for, before they are understood as a whole.
pub(crate) fn language(arguments: &[OsString]) -> Lang {
    let value = |name: &str| {
        let texts: Vec<&str> = arguments.iter().filter_map(|text| text.to_str()).collect();
        let joined = texts.iter().find_map(|text| text.strip_prefix(name)?.strip_prefix('='));
        let apart =
            || texts.windows(2).find_map(|pair| pair.first().filter(|first| **first == name).and(pair.last().copied()));
        joined.or_else(apart).map(str::to_owned)
    };
    let lang = match value("--lang").as_deref() {
        Some("sv") => Some(Lang::Sv),
        Some("en") => Some(Lang::En),
        _ => None,
    };
    let globals =
        Globals { lang, config: value("--config").map(PathBuf::from), color: Color::Never, ..Globals::default() };
    Lang::wanted(&crate::config::Sources::of_the_machine(&globals))
}

/// The command line, in a language.
pub(crate) fn command(lang: Lang) -> Command {
    match lang {
        Lang::En => Cli::command(),
        Lang::Sv => {
            let mut command = Cli::command();
            // Built first, so that what clap adds by itself is there to be translated.
            command.build();
            translated(command, "help", &Talk::new(lang))
        }
    }
}

fn translated(command: Command, key: &str, talk: &Talk) -> Command {
    let is_root = key == "help";
    let is_helper = key.ends_with("-help");
    let key = if is_helper { "help-help" } else { key };
    let about = talk.maybe(key).unwrap_or_default();
    let globals = talk.text("help-heading-globals", &[]);
    let mut command = command
        .about(about.clone())
        .help_template(TEMPLATE)
        .subcommand_help_heading(talk.text("help-heading-commands", &[]))
        .subcommand_value_name(talk.text("help-value-command", &[]))
        .mut_args(|arg| argument(arg, key, &globals, talk));
    if is_root {
        command = command.long_about(talk.text("help-long", &[])).after_help(talk.text("help-after", &[]));
    }
    if is_helper {
        return command;
    }
    command.mut_subcommands(|inner| {
        let inner_key = format!("{key}-{}", inner.get_name());
        translated(inner, &inner_key, talk)
    })
}

fn argument(arg: Arg, key: &str, globals: &str, talk: &Talk) -> Arg {
    let id = arg.get_id().as_str().to_owned();
    let own = talk.attribute(key, &id);
    let is_global = own.is_none();
    let mut help = own.or_else(|| talk.attribute(EVERY, &id)).unwrap_or_default();
    let takes_values = arg.get_action().takes_values();
    let values: Vec<String> = arg.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
    if takes_values && !values.is_empty() {
        help.push_str(&talk.text("help-possible", &[("values", &values.join(", "))]));
    }
    let defaults: Vec<String> =
        arg.get_default_values().iter().filter_map(|text| text.to_str()).map(str::to_owned).collect();
    if takes_values && !defaults.is_empty() {
        help.push_str(&talk.text("help-default", &[("value", &defaults.join(", "))]));
    }
    let heading = if arg.is_positional() {
        talk.text("help-heading-arguments", &[])
    } else if is_global && !matches!(id.as_str(), "help" | "version") {
        globals.to_owned()
    } else {
        talk.text("help-heading-flags", &[])
    };
    let arg = arg.help(help.clone()).long_help(help).help_heading(heading);
    if takes_values { arg.hide_possible_values(true).hide_default_value(true) } else { arg }
}

/// What is said of wrong use in Swedish; in English clap speaks for itself.
pub(crate) fn refused(error: &clap::Error) -> String {
    let talk = Talk::new(Lang::Sv);
    let told = |kind: ContextKind| error.get(kind).map(text_of).unwrap_or_default();
    let (arg, value) = (told(ContextKind::InvalidArg), told(ContextKind::InvalidValue));
    let (command, valid) = (told(ContextKind::InvalidSubcommand), told(ContextKind::ValidValue));
    // The parsers of values speak English; of what they say the range or the form that is wanted needs no language.
    let why = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
    let range = why.split_once(" is not in ").map(|(_, range)| range.to_owned()).unwrap_or_default();
    let (form_key, form) = forms::wanted(&why).unwrap_or_default();
    let key = match error.kind() {
        ErrorKind::UnknownArgument => "usage-unknown-argument",
        ErrorKind::InvalidSubcommand => "usage-unknown-command",
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => "usage-no-command",
        ErrorKind::MissingRequiredArgument => "usage-missing",
        ErrorKind::InvalidValue if value.is_empty() => "usage-no-value",
        ErrorKind::InvalidValue => "usage-value",
        ErrorKind::ValueValidation if !range.is_empty() => "usage-value-range",
        ErrorKind::ValueValidation if !form.is_empty() => form_key,
        ErrorKind::ValueValidation => "usage-value-wrong",
        ErrorKind::ArgumentConflict => "usage-conflict",
        ErrorKind::NoEquals | ErrorKind::TooManyValues | ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            "usage-number-of-values"
        }
        _ => "usage-other",
    };
    let other = told(ContextKind::PriorArg);
    let values: [(&str, &dyn std::fmt::Display); 7] = [
        ("arg", &arg),
        ("value", &value),
        ("command", &command),
        ("valid", &valid),
        ("range", &range),
        ("form", &form),
        ("other", &other),
    ];
    let mut lines = vec![format!("{}: {}", talk.text("usage-error", &[]), talk.text(key, &values).trim_end())];
    let near = [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue];
    if let Some(near) = near.into_iter().map(told).find(|near| !near.is_empty()) {
        lines.push(format!("  {}", talk.text("did-you-mean", &[("near", &near)])));
    }
    if let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) {
        lines.push(String::new());
        lines.push(usage_of(usage));
    }
    lines.push(String::new());
    lines.push(talk.text("usage-more", &[]));
    lines.join("\n")
}

fn usage_of(usage: &StyledStr) -> String {
    in_swedish(&usage.to_string()).replacen("Usage:", "Användning:", 1)
}

/// A page of help in Swedish: what clap itself puts into the line of usage has no place to be set.
pub(crate) fn in_swedish(page: &str) -> String {
    page.replace("[OPTIONS]", "[FLAGGOR]")
}

fn text_of(value: &ContextValue) -> String {
    match value {
        ContextValue::Strings(texts) => texts.join(", "),
        ContextValue::StyledStrs(texts) => texts.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
        ContextValue::None => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every command with the key of its message.
    fn walk(command: &Command, key: &str, found: &mut Vec<(String, Command)>) {
        found.push((key.to_owned(), command.clone()));
        for inner in command.get_subcommands().filter(|inner| inner.get_name() != "help") {
            walk(inner, &format!("{key}-{}", inner.get_name()), found);
        }
    }

    fn every_command(lang: Lang) -> Vec<(String, Command)> {
        let mut command = command(lang);
        command.build();
        let mut found = Vec::new();
        walk(&command, "help", &mut found);
        assert!(found.len() > 40, "the walk found only {} commands", found.len());
        found
    }

    #[test]
    fn every_command_and_argument_has_help_in_both_languages() {
        let talk = Talk::new(Lang::Sv);
        let mut missing = Vec::new();
        for (key, command) in every_command(Lang::En) {
            assert!(command.get_about().is_some(), "{key} has no help in English");
            if talk.maybe(&key).is_none() {
                missing.push(key.clone());
            }
            for arg in command.get_arguments() {
                let id = arg.get_id().as_str();
                assert!(arg.get_help().is_some(), "{key} {id} has no help in English");
                if talk.attribute(&key, id).is_none() && talk.attribute(EVERY, id).is_none() {
                    missing.push(format!("{key}.{id}"));
                }
            }
        }
        assert!(missing.is_empty(), "{missing:#?}");
    }

    #[test]
    fn help_in_swedish_has_no_english_left() {
        for (key, mut command) in every_command(Lang::Sv) {
            let text = in_swedish(&command.render_long_help().to_string());
            for english in [
                "Usage",
                "Options:",
                "Commands:",
                "Arguments:",
                "[default",
                "[possible",
                "OPTIONS",
                "Print ",
                " the ",
                "help-",
            ] {
                assert!(!text.contains(english), "{key}: `{english}` in\n{text}");
            }
            assert!(text.contains("Användning:"), "{key}\n{text}");
        }
    }

    #[test]
    fn wrong_use_of_every_command_is_told_in_swedish() {
        for (key, _) in every_command(Lang::En) {
            let path: Vec<&str> = key.split('-').skip(1).collect();
            for wrong in ["--no-such-flag", "no-such-word"] {
                let words = std::iter::once("borgen").chain(path.iter().copied()).chain([wrong]);
                let Err(error) = command(Lang::Sv).try_get_matches_from(words) else { continue };
                if !error.use_stderr() {
                    continue;
                }
                let told = refused(&error);
                assert!(told.starts_with("fel: "), "{key}: {told}");
                for english in ["usage-", "error", "unexpected", "invalid", "Usage", "{ $"] {
                    assert!(!told.contains(english), "{key}: `{english}` in {told}");
                }
            }
        }
    }

    #[test]
    fn the_language_is_known_before_the_words_are_understood() {
        let of = |words: &[&str]| language(&words.iter().map(OsString::from).collect::<Vec<_>>());
        assert_eq!(of(&["cases", "--lang", "sv", "--nonsense"]), Lang::Sv);
        assert_eq!(of(&["--lang=sv"]), Lang::Sv);
        assert_eq!(of(&["--lang=en"]), Lang::En);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("borgen.toml");
        std::fs::write(&file, "lang = \"sv\"\n").unwrap();
        assert_eq!(of(&["--config", file.to_str().unwrap()]), Lang::Sv);
    }
}
