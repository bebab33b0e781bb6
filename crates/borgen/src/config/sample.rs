//! The commented file of settings: checked in as `borgen.sample.toml`, written by `borgen init` with its own values.

use super::keys::{KEYS, Key, Kind};
use std::fmt::Write;

/// The widest line of a comment.
const WIDTH: usize = 100;

/// The file with every key, its comment and its default; a key that is `set` stands with that value instead.
pub(crate) fn sample(set: &[(&str, String)]) -> String {
    let mut text = String::from(
        "# Settings of Borgen. A line that is commented out shows the default.\n\
         # Stronger than this file: a flag, and the environment (BORGEN_SERVER__LISTEN is server.listen).\n\
         # A secret can also lie in a file of its own: client_secret_file = \"PATH\".\n",
    );
    let mut section = "";
    for key in KEYS {
        let (inside, name) = key.path.rsplit_once('.').unwrap_or(("", key.path));
        if inside != section {
            section = inside;
            // Writing into memory does not fail.
            let _ = write!(text, "\n{}\n", heading(inside, set));
        }
        for line in wrapped(key.about) {
            let _ = writeln!(text, "# {line}");
        }
        let given = set.iter().find(|(path, _)| *path == key.path);
        let value = given.map_or(key.default, |(_, value)| value.as_str());
        let mark = if given.is_some() { "" } else { "# " };
        let _ = writeln!(text, "{mark}{name} = {}", written(key, value));
    }
    text
}

/// A section whose keys all are commented out is one itself when its name is the user's to choose.
fn heading(section: &str, set: &[(&str, String)]) -> String {
    let begins = section.split('*').next().unwrap_or_default();
    if section.contains('*') && !set.iter().any(|(path, _)| path.starts_with(begins)) {
        format!("# [{}]", section.replace('*', "north"))
    } else {
        format!("[{}]", section.replace('*', "north"))
    }
}

fn written(key: &Key, value: &str) -> String {
    if matches!(key.kind, Kind::Number(..)) { value.to_owned() } else { toml::Value::from(value).to_string() }
}

fn wrapped(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.len() + 1 + word.len() <= WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::super::{KEYS, Sources};
    use super::sample;
    use std::path::Path;

    #[test]
    fn the_sample_that_is_checked_in_is_the_one_the_program_writes() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("borgen.sample.toml");
        if std::env::var_os("BORGEN_TEST_UPDATE").is_some() {
            std::fs::write(&path, sample(&[])).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(kept, sample(&[]), "write it anew with BORGEN_TEST_UPDATE=1 cargo test -p borgen");
    }

    #[test]
    fn every_line_of_the_sample_says_the_default() {
        let uncommented: Vec<String> = sample(&[])
            .lines()
            .map(|line| {
                line.strip_prefix("# ")
                    .filter(|rest| rest.contains(" = ") && rest.starts_with(|first: char| first.is_ascii_lowercase()))
                    .unwrap_or(line)
            })
            .map(|line| line.strip_prefix("# [").map_or_else(|| line.to_owned(), |rest| format!("[{rest}")))
            .collect();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("borgen.toml");
        std::fs::write(&path, uncommented.join("\n")).unwrap();
        let flag = crate::cli::Globals { config: Some(path), ..crate::cli::Globals::default() };
        let loaded = Sources::only_given(&flag).load(&[]).unwrap();
        for key in KEYS {
            assert_eq!(loaded.text(&key.path.replace('*', "north")), key.default, "{}", key.path);
        }
        assert!(loaded.connections().contains_key("north"));
    }
}
