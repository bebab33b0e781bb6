//! What is wrong with a policy file, where, and what to write instead. Finding it is the readers'.

use serde::Serialize;
use std::fmt;

/// One wrong thing in one file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Problem {
    /// The file, as in `clocks.toml`.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to write instead, where that can be said.
    pub hint: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)?;
        match &self.hint {
            Some(hint) => write!(f, " ({hint})"),
            None => Ok(()),
        }
    }
}

impl Problem {
    /// A problem at a byte of a file's text.
    pub(crate) fn at(file: &str, text: &str, byte: usize, message: String, hint: Option<String>) -> Self {
        let (line, column) = position(text, byte);
        Self { file: file.to_owned(), line, column, message, hint }
    }

    /// A problem of a file as a whole.
    pub(crate) fn of_file(file: &str, message: String, hint: Option<String>) -> Self {
        Self { file: file.to_owned(), line: 1, column: 1, message, hint }
    }
}

/// Line and column of a byte, both from 1; the column counts characters.
fn position(text: &str, byte: usize) -> (usize, usize) {
    let (mut line, mut column) = (1, 1);
    for (_, letter) in text.char_indices().take_while(|(at, _)| *at < byte) {
        if letter == '\n' {
            line += 1;
            column = 1;
        } else {
            column += 1;
        }
    }
    (line, column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_counts_lines_and_characters_from_one() {
        let text = "å = 1\nabc = 2\n";
        for (byte, expected) in [(0, (1, 1)), (2, (1, 2)), (7, (2, 1)), (9, (2, 3)), (999, (3, 1))] {
            assert_eq!(position(text, byte), expected, "byte {byte}");
        }
    }
}
