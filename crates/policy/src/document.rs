//! One policy file while it is read: its text, its TOML tree, and the problems found so far.

use crate::problem::Problem;
use crate::section::Section;
use money::Money;
use std::cell::RefCell;
use std::ops::Range;
use toml::Spanned;
use toml::de::DeTable;

/// The most problems that are told of one file; whoever has mended those gets the next.
const MAX_PROBLEMS: usize = 100;

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Placed<T> {
    pub(crate) value: T,
    pub(crate) place: Range<usize>,
}

/// A policy file while it is read.
pub(crate) struct Document<'i> {
    file: &'i str,
    text: &'i str,
    tree: Spanned<DeTable<'i>>,
    problems: RefCell<Vec<Problem>>,
    amounts: RefCell<Vec<Placed<Money>>>,
}

impl<'i> Document<'i> {
    /// Reads a file's TOML, or tells every place where it is none.
    pub(crate) fn open(file: &'i str, bytes: &'i [u8]) -> Result<Self, Vec<Problem>> {
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let readable = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let readable = String::from_utf8_lossy(readable);
            let hint = Some("save the file as UTF-8".to_owned());
            vec![Problem::at(file, &readable, readable.len(), "this is not UTF-8 text".to_owned(), hint)]
        })?;
        let (tree, errors) = DeTable::parse_recoverable(text);
        if errors.is_empty() {
            let (problems, amounts) = (RefCell::default(), RefCell::default());
            return Ok(Self { file, text, tree, problems, amounts });
        }
        let problem = |error: &toml::de::Error| {
            let byte = error.span().map_or(0, |span| span.start);
            Problem::at(file, text, byte, format!("this is not TOML: {}", error.message()), None)
        };
        Err(errors.iter().take(MAX_PROBLEMS).map(problem).collect())
    }

    /// The whole file as one section.
    pub(crate) fn root(&self) -> Section<'_, 'i> {
        Section::new(self, self.tree.get_ref(), 0..0, String::new())
    }

    /// Notes a problem at a place.
    pub(crate) fn problem(&self, place: &Range<usize>, message: impl Into<String>, hint: Option<String>) {
        let mut problems = self.problems.borrow_mut();
        if problems.len() < MAX_PROBLEMS {
            problems.push(Problem::at(self.file, self.text, place.start, message.into(), hint));
        }
    }

    /// Notes an amount that was read, so that all can be held against one currency.
    pub(crate) fn amount(&self, money: Placed<Money>) {
        self.amounts.borrow_mut().push(money);
    }

    /// The amounts that were read.
    pub(crate) fn amounts(&self) -> Vec<Placed<Money>> {
        self.amounts.borrow().clone()
    }

    /// The problems that were noted.
    pub(crate) fn into_problems(self) -> Vec<Problem> {
        self.problems.into_inner()
    }
}
