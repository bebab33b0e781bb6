//! Messages of the libraries in Swedish. The libraries speak English, for developers; what reaches a person by
//! checking policy files is put into the reader's language here, phrase by phrase. `{}` stands for what varies; it is looked up
//! as well, since a phrase can hold another.

use crate::language::Language;

/// How deep phrases lie in one another.
const MAX_DEPTH: usize = 4;

/// English and Swedish, a pair a line, parted by ` => `.
const SWEDISH: &str = include_str!("../locales/sv/phrases.txt");

/// What a library said, in the words of a reader.
pub(crate) struct Said {
    pub(crate) text: String,
    /// Whether it is in the reader's language; else it is in English.
    pub(crate) is_translated: bool,
}

/// A message of a library in a language.
pub(crate) fn said(language: Language, text: &str) -> Said {
    match language {
        Language::English => Said { text: text.to_owned(), is_translated: true },
        Language::Swedish => {
            let swedish = in_swedish(text);
            Said { is_translated: swedish != text, text: swedish }
        }
    }
}

/// A message in Swedish, or as it is when the phrase is not known.
#[must_use]
pub fn in_swedish(text: &str) -> String {
    translated(text, 0)
}

fn translated(text: &str, depth: usize) -> String {
    if depth > MAX_DEPTH {
        return text.to_owned();
    }
    let found = phrases().find_map(|(english, swedish)| Some((swedish, varying(english, text)?)));
    let Some((swedish, values)) = found else { return text.to_owned() };
    let mut values = values.into_iter().map(|value| translated(value, depth + 1));
    let mut pieces = swedish.split("{}");
    let mut told = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        told.push_str(&values.next().unwrap_or_default());
        told.push_str(piece);
    }
    told
}

fn phrases() -> impl Iterator<Item = (&'static str, &'static str)> {
    SWEDISH.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(" => "))
}

/// What stands for each `{}` of a phrase, if the text is that phrase.
fn varying<'a>(phrase: &str, text: &'a str) -> Option<Vec<&'a str>> {
    let mut pieces = phrase.split("{}");
    let mut rest = text.strip_prefix(pieces.next()?)?;
    let mut values = Vec::new();
    let mut pieces = pieces.peekable();
    while let Some(piece) = pieces.next() {
        let (value, after) =
            if pieces.peek().is_some() { rest.split_once(piece)? } else { (rest.strip_suffix(piece)?, "") };
        values.push(value);
        rest = after;
    }
    rest.is_empty().then_some(values)
}

#[cfg(test)]
mod tests {
    use super::{in_swedish, phrases, varying};
    use policy::Bundle;
    use std::path::Path;

    #[test]
    fn a_phrase_is_found_with_what_varies_in_it_and_nothing_else_is() {
        assert_eq!(varying("`{}` is {}: no", "`a` is b: no"), Some(vec!["a", "b"]));
        assert_eq!(varying("`{}` is no", "`a` is not"), None);
        assert_eq!(varying("plain", "plain"), Some(vec![]));
        assert_eq!(varying("plain", "plainer"), None);
        assert_eq!(in_swedish("something that nobody says"), "something that nobody says");
    }

    /// The text of every source file of the policy crate, with blanks made one.
    fn policy_sources(folder: &Path, text: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                policy_sources(&path, text);
            } else {
                text.push_str(&std::fs::read_to_string(&path).unwrap());
            }
        }
    }

    #[test]
    fn every_phrase_is_one_that_the_library_says() {
        let mut sources = String::new();
        policy_sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../policy/src"), &mut sources);
        for library in ["money", "store", "outside", "sigma", "web"] {
            policy_sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(library).join("src"), &mut sources);
        }
        for (english, swedish) in phrases() {
            assert_eq!(english.matches("{}").count(), swedish.matches("{}").count(), "{english}");
            for piece in english.split("{}").map(str::trim).filter(|piece| piece.len() > 3) {
                assert!(sources.contains(piece), "nobody says `{piece}` any more");
            }
        }
    }

    /// The texts that this crate says of single fields of a request, with a number for what varies.
    fn said_of_fields(sources: &str) -> Vec<String> {
        let mut texts = Vec::new();
        for call in ["Problem::field(", "Problem::parameter(", "FieldProblem::new("] {
            for after in sources.split(call).skip(1) {
                let mut depth = 1;
                let end = after.find(|c| {
                    depth += i32::from(c == '(') - i32::from(c == ')');
                    depth == 0
                });
                let literals: Vec<&str> =
                    after.get(..end.unwrap_or(0)).unwrap_or_default().split('"').skip(1).step_by(2).collect();
                let Some(text) =
                    literals.last().filter(|text| text.contains(' ') && text.contains(char::is_alphabetic))
                else {
                    continue;
                };
                let mut filled = String::new();
                for (at, piece) in text.split(['{', '}']).enumerate() {
                    filled.push_str(if at % 2 == 0 { piece } else { "7" });
                }
                texts.push(filled);
            }
        }
        texts
    }

    #[test]
    fn what_is_wrong_with_a_field_is_said_in_swedish() {
        let mut sources = String::new();
        policy_sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut sources);
        // Tests stand at the end of a file, and this one names the calls itself.
        let texts = said_of_fields(&sources);
        assert!(texts.len() > 40, "only {} were found", texts.len());
        for text in texts {
            assert_ne!(in_swedish(&text), text, "no phrase for this");
        }
    }

    /// Wrong files, of every kind of wrongness that the checks know.
    fn wrong(name: &str, from: &str, to: &str) -> Vec<policy::Problem> {
        let shipped = Bundle::embedded();
        let files = shipped.files().iter().map(|(file, bytes)| {
            let text = String::from_utf8(bytes.clone()).unwrap();
            if file == name {
                assert!(text.contains(from), "{name} no longer says {from}");
                return (file.clone(), text.replacen(from, to, 1).into_bytes());
            }
            (file.clone(), text.into_bytes())
        });
        Bundle::of(files).unwrap().check().unwrap_err()
    }

    #[test]
    fn what_a_check_finds_is_said_in_swedish() {
        let cases = [
            ("clocks.toml", "target = \"1 h\"", "tarket = \"1 h\""),
            ("clocks.toml", "target = \"1 h\"", "target = \"soon\""),
            ("clocks.toml", "target = \"1 h\"", "target = 5"),
            ("clocks.toml", "target = \"1 h\"", "target = \"48 h\""),
            ("clocks.toml", "target = \"1 h\"", "target = \"\""),
            ("clocks.toml", "target = \"1 h\"", "target = \"9000 h\""),
            ("cases.toml", "currency = \"SEK\"", "currency = \"KRONOR\""),
            ("cases.toml", "critical_per_hour = \"1000.00 SEK\"", "critical_per_hour = \"much\""),
            ("cases.toml", "critical_per_hour = \"1000.00 SEK\"", "critical_per_hour = \"100.00 SEK\""),
            ("cases.toml", "critical_per_hour = \"1000.00 SEK\"", "critical_per_hour = \"1000.00 EUR\""),
            ("cases.toml", "minimum_level = \"medium\"", "minimum_level = \"mediu\""),
            ("cases.toml", "playbook = \"mining-takeover\"", "playbook = \"mining-take\""),
            ("cases.toml", "name = \"identity\"", "name = \"mining\""),
            ("cases.toml", "name = \"identity\"", "name = \"Iden tity\""),
            ("containment.toml", "reach = \"plan\"", "reach = \"all\""),
            ("containment.toml", "protected = []", "protected = [\"x\"]"),
            ("containment.toml", "steps = [\"cancel_azure_subscriptions\", \"suspend_plans\"]", "steps = []"),
            (
                "containment.toml",
                "steps = [\"cancel_azure_subscriptions\", \"suspend_plans\"]",
                "steps = [\"suspend_plans\", \"cancel_azure_subscriptions\"]",
            ),
            ("containment.toml", "name = \"stop-attacked\"", "name = \"mining-takeover\""),
            ("containment.toml", "subscriptions_per_action = 20", "subscriptions_per_action = 0"),
            ("containment.toml", "subscriptions_per_action = 20", "subscriptions_per_action = true"),
            ("outcomes.toml", "[outcomes]", "[outcome]"),
        ];
        for (name, from, to) in cases {
            for problem in wrong(name, from, to) {
                assert_ne!(in_swedish(&problem.message), problem.message, "no phrase for this message");
                if let Some(hint) = problem.hint {
                    assert_ne!(in_swedish(&hint), hint, "no phrase for this hint");
                }
            }
        }
        assert_eq!(in_swedish("unknown key `a` in [b]"), "okänd nyckel `a` i [b]");
        assert_eq!(in_swedish("`a` is a text: a list is wanted"), "`a` är en text: en lista behövs");
    }
}
