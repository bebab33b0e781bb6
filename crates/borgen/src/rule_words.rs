//! What the engine says about rules, refusals and remarks, in the reader's language. The engine speaks English and gives
//! a code with values; the Swedish texts are in `locales/sv/rules.ftl`.

use crate::cli::Output;
use crate::console::Console;
use serde_json::Value;
use sigma::{Code, Refusal, Warning};

/// What a refused rule is, and what to write instead.
pub(crate) fn refusal(console: &Console, refusal: &Refusal) -> (String, Option<String>) {
    let said = |attribute| console.coded(&key(refusal.code), attribute, &refusal.args);
    let message = said(None).unwrap_or_else(|| refusal.message.clone());
    let hint = refusal.hint.as_ref().map(|hint| said(Some("hint")).unwrap_or_else(|| hint.clone()));
    (message, hint)
}

/// The same on one line, with the hint in parentheses.
pub(crate) fn in_one_line(console: &Console, refused: &Refusal) -> String {
    match refusal(console, refused) {
        (message, Some(hint)) => format!("{message} ({hint})"),
        (message, None) => message,
    }
}

/// A remark on a rule that was taken.
pub(crate) fn remark(console: &Console, warning: &Warning) -> String {
    console.coded(&key(warning.code), None, &warning.args).unwrap_or_else(|| warning.message.clone())
}

/// Refusals as items of a list: a table is for people, in their language; JSON has the code and the engine's English.
pub(crate) fn listed(console: &Console, refused: &[Refusal]) -> anyhow::Result<Vec<Value>> {
    let mut items = Vec::with_capacity(refused.len());
    for one in refused {
        let mut shown = one.clone();
        if console.output == Output::Table {
            (shown.message, shown.hint) = refusal(console, one);
        }
        items.push(serde_json::to_value(shown)?);
    }
    Ok(items)
}

fn key(code: Code) -> String {
    format!("refused-{}", code.word())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::talk::{Lang, Talk};
    use std::collections::{BTreeMap, BTreeSet};

    /// The names of the values that a template of the engine has.
    fn names(template: &'static str) -> BTreeSet<&'static str> {
        let words = template.split('$').skip(1);
        words.filter_map(|word| word.split(|c: char| !c.is_ascii_lowercase()).next()).collect()
    }

    /// Beginnings of hints that are what to write in the file, and so the same in every language.
    const WRITTEN: &[&str] = &["logsource: {", "condition: {gte", "thresholds: ["];

    #[test]
    fn everything_that_is_said_about_a_rule_is_said_in_swedish_with_the_same_values() {
        let talk = Talk::new(Lang::Sv);
        for code in Code::ALL {
            for (attribute, english) in [(None, Some(code.message())), (Some("hint"), code.hint())] {
                let Some(english) = english else {
                    assert_eq!(talk.said(&key(*code), attribute, &BTreeMap::new()), None, "{code:?} has no hint");
                    continue;
                };
                let values: BTreeMap<_, _> =
                    names(english).into_iter().map(|name| (name, format!("<{name}>"))).collect();
                let swedish = talk.said(&key(*code), attribute, &values);
                let swedish = swedish.unwrap_or_else(|| panic!("{} {attribute:?} has no Swedish", code.word()));
                assert!(!swedish.contains("{$"), "{code:?} asks for a value that there is not: {swedish}");
                assert!(values.values().all(|value| swedish.contains(value)), "{code:?} leaves out a value: {swedish}");
                let is_written = WRITTEN.iter().any(|beginning| english.starts_with(beginning));
                assert!(is_written || swedish != english, "{code:?} is said in English: {swedish}");
            }
        }
    }

    #[test]
    fn no_text_is_left_of_a_code_that_is_gone() {
        let known: BTreeSet<String> = Code::ALL.iter().map(|code| key(*code)).collect();
        let texts = include_str!("../locales/sv/rules.ftl").lines();
        for line in texts.filter(|line| line.starts_with("refused-")) {
            let name = line.split(" =").next().unwrap_or_default();
            assert!(known.contains(name), "nothing has the code of {name} any more");
        }
    }
}
