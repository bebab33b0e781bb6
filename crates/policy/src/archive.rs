//! The canonical archive of a bundle: the same files give the same bytes, whatever order they were read in.
//! The store keeps it by its hash; it is text throughout as long as the files are.

use crate::bundle::{BundleError, MAX_FILE_BYTES, MAX_FILES};
use std::collections::BTreeMap;

/// The first line: what this is and how it is laid out.
const HEAD: &[u8] = b"borgen policy bundle 1\n";
/// The longest line that names a file and its size.
const MAX_ENTRY_BYTES: usize = 256;

/// Writes files as `NAME SIZE`, a line end, the bytes, a line end; in the order of their names.
pub(crate) fn write(files: &BTreeMap<String, Vec<u8>>) -> Vec<u8> {
    let mut archive = HEAD.to_vec();
    for (name, bytes) in files {
        archive.extend_from_slice(format!("{name} {}\n", bytes.len()).as_bytes());
        archive.extend_from_slice(bytes);
        archive.push(b'\n');
    }
    archive
}

/// Reads what [`write`] wrote, and nothing else: another order, size or repetition is refused.
pub(crate) fn read(archive: &[u8]) -> Result<BTreeMap<String, Vec<u8>>, BundleError> {
    let mut files = BTreeMap::new();
    let mut rest = archive.strip_prefix(HEAD).ok_or(BundleError::Archive("its first line is another"))?;
    while !rest.is_empty() {
        let (name, bytes, after) = entry(rest)?;
        if files.last_key_value().is_some_and(|(last, _): (&String, _)| last.as_str() >= name) {
            return Err(BundleError::Archive("its files are not in the order of their names"));
        }
        if files.len() >= MAX_FILES {
            return Err(BundleError::TooManyFiles);
        }
        files.insert(name.to_owned(), bytes.to_vec());
        rest = after;
    }
    Ok(files)
}

/// The first file of the rest, and what comes after it.
fn entry(rest: &[u8]) -> Result<(&str, &[u8], &[u8]), BundleError> {
    let broken = || BundleError::Archive("the line that names a file is not readable");
    let end = rest.iter().take(MAX_ENTRY_BYTES).position(|byte| *byte == b'\n').ok_or_else(broken)?;
    let (line, after) = rest.split_at_checked(end).ok_or_else(broken)?;
    let line = std::str::from_utf8(line).map_err(|_| broken())?;
    let (name, written_size) = line.split_once(' ').ok_or_else(broken)?;
    let size: usize = written_size.parse().map_err(|_| broken())?;
    if size.to_string() != written_size || !is_file_name(name) {
        return Err(broken());
    }
    if size > MAX_FILE_BYTES {
        return Err(BundleError::TooLarge { file: name.to_owned() });
    }
    let cut = || BundleError::Archive("it ends in the middle of a file");
    let after = after.split_first().ok_or_else(cut)?.1;
    let (bytes, after) = after.split_at_checked(size).ok_or_else(cut)?;
    let after = after.strip_prefix(b"\n").ok_or_else(cut)?;
    Ok((name, bytes, after))
}

/// Small letters, digits, `-`, `_` and `.`, so that a name is one word on every system and leaves no folder.
pub(crate) fn is_file_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte);
    !name.is_empty() && name.len() <= 100 && !name.starts_with('.') && name.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files() -> BTreeMap<String, Vec<u8>> {
        BTreeMap::from([("a.toml".to_owned(), b"x = 1\n".to_vec()), ("b.toml".to_owned(), Vec::new())])
    }

    #[test]
    fn what_is_written_is_read_and_written_alike() {
        let archive = write(&files());
        assert_eq!(read(&archive).unwrap(), files());
        assert_eq!(write(&read(&archive).unwrap()), archive);
    }

    #[test]
    fn an_archive_that_was_cut_or_changed_is_refused() {
        let archive = write(&files());
        let heads: Vec<usize> = (0..=archive.len()).filter(|end| read(&archive[..*end]).is_ok()).collect();
        let between_files = HEAD.len() + b"a.toml 6\nx = 1\n\n".len();
        assert_eq!(heads, [HEAD.len(), between_files, archive.len()]);
        for broken in [
            &b"borgen policy bundle 2\n"[..],
            b"borgen policy bundle 1\nb.toml 0\n\na.toml 0\n\n",
            b"borgen policy bundle 1\na.toml 0\n\na.toml 0\n\n",
            b"borgen policy bundle 1\na.toml 00\n\n",
            b"borgen policy bundle 1\n../a.toml 0\n\n",
            b"borgen policy bundle 1\na.toml 99999999999\n\n",
            b"borgen policy bundle 1\na.toml 5\nx\n",
        ] {
            assert!(read(broken).is_err(), "{}", String::from_utf8_lossy(broken));
        }
    }
}
