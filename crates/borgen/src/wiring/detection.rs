//! The detection rules that ship with the program, and those that a setting adds.

use crate::config::Loaded;
use crate::console::Console;
use crate::exit::Exit;
use crate::rule_words;
use rust_embed::RustEmbed;
use sigma::{LoadOptions, RuleSet, Source};
use std::path::Path;
use std::sync::Arc;

/// The rule files of the repository.
#[derive(Debug, RustEmbed)]
#[folder = "../../policy/sigma"]
struct Shipped;

/// The licence of the rules that ship.
const LICENCE: &str = "MIT OR Apache-2.0";

/// The rules that ship, in the order of their names.
pub(crate) fn shipped() -> Vec<Source> {
    let source = |name: std::borrow::Cow<'_, str>| {
        let file = Shipped::get(&name)?;
        Some(Source { name: format!("policy/sigma/{name}"), text: String::from_utf8_lossy(&file.data).into_owned() })
    };
    let mut sources: Vec<Source> = Shipped::iter().filter(|name| name.ends_with(".yml")).filter_map(source).collect();
    sources.sort_by(|one, other| one.name.cmp(&other.name));
    sources
}

/// How the rules are loaded.
pub(crate) fn options() -> LoadOptions {
    let licences = std::iter::once(("policy/sigma/".to_owned(), LICENCE.to_owned())).collect();
    LoadOptions { licences, ..LoadOptions::default() }
}

/// The rule files of a folder, or one file: one that is not there, or has none, is a slip and no success.
pub(crate) fn in_folder(console: &Console, folder: &Path) -> anyhow::Result<Vec<Source>> {
    let found = sigma::ruletest::sources(folder).map_err(|error| console.unreadable(folder, &error))?;
    if found.is_empty() {
        return Err(console.fail(Exit::Usage, "rules-none", &[("folder", &folder.display())]));
    }
    Ok(found)
}

/// The rules that ship and those of a folder. A refused rule stops the program: detecting less than was asked for
/// would not be seen.
pub(crate) fn rules(console: &Console, settings: &Loaded) -> anyhow::Result<Arc<RuleSet>> {
    let mut sources = shipped();
    if let Some(folder) = settings.rules_folder() {
        let named = |error: anyhow::Error| console.failure(Exit::Usage, format!("detection.rules: {error}"), None);
        sources.extend(in_folder(console, &folder).map_err(named)?);
    }
    let loaded = RuleSet::load(sources, &options());
    match loaded.refused.first() {
        None => Ok(loaded.set),
        Some(first) => {
            let place = format!("{}:{}:{}", first.file, first.line, first.column);
            Err(console.fail(
                Exit::Refused,
                "rule-refused",
                &[("place", &place), ("problem", &rule_words::in_one_line(console, first))],
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{options, shipped};
    use sigma::RuleSet;

    #[test]
    fn every_rule_that_ships_is_embedded_and_loads() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policy/sigma");
        let on_disk = sigma::ruletest::sources(&folder).unwrap();
        assert_eq!(shipped().len(), on_disk.len());
        let loaded = RuleSet::load(shipped(), &options());
        assert!(loaded.refused.is_empty(), "{:?}", loaded.refused);
        assert!(loaded.set.len() >= 8, "only {} rules ship", loaded.set.len());
    }
}
