//! Reading JSON into a flat list of places in the text: one pass, no copy, memory used again from
//! event to event. What a value means is read only when somebody asks. `reader.rs` does the reading, `scan.rs` finds where
//! texts end.

mod reader;
mod scan;

pub(crate) use reader::read;

use crate::keys::MAX_PRINTED_BYTES;

/// What a value is, or a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Null,
    True,
    False,
    Number,
    Text,
    List,
    Object,
    Key,
}

/// One value or key.
#[derive(Debug, Clone, Copy)]
struct Entry {
    kind: Kind,
    /// The text has escapes: it stands, without them, in `Tape::plain`.
    escaped: bool,
    start: u32,
    end: u32,
    /// Position after this value and everything in it.
    next: u32,
}

/// The places of all values of one text, in its order; a key stands before its value.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tape {
    entries: Vec<Entry>,
    /// Texts that had escapes, without them.
    plain: String,
    /// Lists and objects that are open while reading, the innermost left out: how each closes, and where it is.
    open: Vec<(u8, u32)>,
    /// Where texts end and escapes begin, a bit for each byte; of use only while reading.
    ends: Vec<u64>,
    /// No white space between values, and no escape that could be written shorter: the text of a
    /// part is its compact form.
    tidy: bool,
    /// No character is written as a number, no slash with a backslash: a text without quotation
    /// marks, backslashes and control characters stands in the document as it stands in its values.
    spelled: bool,
    /// The whole text is ASCII.
    ascii: bool,
}

impl Tape {
    /// Gives back what was of use only while reading.
    pub(crate) fn settle(&mut self) {
        (self.ends, self.open) = (Vec::new(), Vec::new());
    }
}

/// Why a text is not JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Broken {
    /// Nested deeper than the limit.
    TooDeep,
    /// Something else, at this byte.
    At(usize, &'static str),
}

/// A text with its tape.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Doc<'e> {
    text: &'e str,
    tape: &'e Tape,
}

impl<'e> Doc<'e> {
    /// A text with the tape that was read from it.
    pub(crate) fn new(text: &'e str, tape: &'e Tape) -> Self {
        Self { text, tape }
    }

    fn slice(self, entry: &Entry) -> &'e str {
        let from = if entry.escaped { self.tape.plain.as_str() } else { self.text };
        let (Some(start), Some(end)) = (index(entry.start), index(entry.end)) else { return "" };
        from.get(start..end).unwrap_or_default()
    }

    /// The whole text.
    pub(crate) fn text(self) -> &'e str {
        self.text
    }

    /// Whether a text without quotation marks, backslashes and control characters that is in one
    /// of the values can be found in the whole text.
    pub(crate) fn is_spelled(self) -> bool {
        self.tape.spelled
    }

    /// Whether the whole text is ASCII.
    pub(crate) fn is_ascii(self) -> bool {
        self.tape.ascii
    }

    /// The whole value.
    pub(crate) fn root(&self) -> Node<'_> {
        self.node(0)
    }

    /// The value at a position of the tape.
    pub(crate) fn node(&self, at: u32) -> Node<'_> {
        Node { doc: self, at }
    }
}

/// A key of an object; small, so that it is handed on in registers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Key<'k> {
    doc: &'k Doc<'k>,
    entry: &'k Entry,
}

impl<'k> Key<'k> {
    /// The key, without escapes.
    pub(crate) fn bytes(self) -> &'k [u8] {
        self.doc.slice(self.entry).as_bytes()
    }

    /// Its length in bytes, and the document from it on; only where it is written without escapes and so much follows.
    #[inline]
    pub(crate) fn ahead(self) -> Option<(usize, &'k [u8; MAX_PRINTED_BYTES])> {
        if self.entry.escaped {
            return None;
        }
        let (start, end) = (index(self.entry.start)?, index(self.entry.end)?);
        Some((end - start, self.doc.text.as_bytes().get(start..)?.first_chunk()?))
    }
}

/// One value; small, so that it is handed on in registers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Node<'e> {
    doc: &'e Doc<'e>,
    at: u32,
}

const MISSING: Entry = Entry { kind: Kind::Null, escaped: false, start: 0, end: 0, next: u32::MAX };

impl<'e> Node<'e> {
    fn entry(self) -> &'e Entry {
        index(self.at).and_then(|at| self.doc.tape.entries.get(at)).unwrap_or(&MISSING)
    }

    pub(crate) fn doc(self) -> &'e Doc<'e> {
        self.doc
    }

    pub(crate) fn kind(self) -> Kind {
        self.entry().kind
    }

    pub(crate) fn is_object(self) -> bool {
        self.kind() == Kind::Object
    }

    /// A text, without escapes.
    pub(crate) fn text(self) -> Option<&'e str> {
        let entry = self.entry();
        (entry.kind == Kind::Text).then(|| self.slice(entry))
    }

    /// A number, as it is written.
    pub(crate) fn number(self) -> Option<&'e str> {
        let entry = self.entry();
        (entry.kind == Kind::Number).then(|| self.slice(entry))
    }

    fn slice(self, entry: &Entry) -> &'e str {
        self.doc.slice(entry)
    }

    /// The compact form of a list or object, where it stands in the text as it is.
    pub(crate) fn compact(self) -> Option<&'e str> {
        let entry = self.entry();
        (self.doc.tape.tidy && matches!(entry.kind, Kind::List | Kind::Object)).then(|| self.slice(entry))
    }

    /// Every value in it that is no list, no object and no text of fewer bytes, in the order of the document.
    pub(crate) fn scalars(self, least: usize) -> impl Iterator<Item = Node<'e>> + use<'e> {
        let doc = self.doc;
        let range = index(self.at).and_then(|from| doc.tape.entries.get(from..index(self.entry().next)?));
        let least = u32::try_from(least).unwrap_or(u32::MAX);
        let scalar = move |(at, entry): (u32, &Entry)| {
            let wanted = match entry.kind {
                Kind::Text => entry.end - entry.start >= least,
                Kind::Key | Kind::List | Kind::Object => false,
                Kind::Null | Kind::True | Kind::False | Kind::Number => true,
            };
            wanted.then_some(Node { doc, at })
        };
        (self.at..).zip(range.unwrap_or_default()).filter_map(scalar)
    }

    /// Visits the keys of an object, each with the position of its value; nothing for anything else.
    #[inline]
    pub(crate) fn each_key(self, mut visit: impl FnMut(Key<'_>, u32)) {
        let doc = self.doc;
        let mut at = self.at.saturating_add(1);
        let next = if self.is_object() { self.entry().next } else { at };
        let range = index(at).zip(index(next)).and_then(|(from, to)| doc.tape.entries.get(from..to));
        let mut rest = range.unwrap_or_default();
        while let [key, value, ..] = rest {
            visit(Key { doc, entry: key }, at.wrapping_add(1));
            let Some(after) = index(value.next.wrapping_sub(at)).and_then(|step| rest.get(step..)) else { return };
            (at, rest) = (value.next, after);
        }
    }

    /// The values of a list; nothing for anything else.
    pub(crate) fn items(self) -> impl Iterator<Item = Node<'e>> + use<'e> {
        let entry = self.entry();
        let end = if entry.kind == Kind::List { entry.next } else { 0 };
        let mut at = self.at.saturating_add(1);
        std::iter::from_fn(move || {
            (at < end).then(|| {
                let node = Node { doc: self.doc, at };
                at = node.entry().next;
                node
            })
        })
    }

    /// The fields of an object; nothing for anything else.
    pub(crate) fn fields(self) -> impl Iterator<Item = (&'e str, Node<'e>)> + use<'e> {
        let entry = self.entry();
        let end = if entry.kind == Kind::Object { entry.next } else { 0 };
        let mut at = self.at.saturating_add(1);
        std::iter::from_fn(move || {
            (at < end).then(|| {
                let key = Node { doc: self.doc, at };
                let value = Node { doc: self.doc, at: at.saturating_add(1) };
                at = value.entry().next;
                (self.slice(key.entry()), value)
            })
        })
    }
}

fn index(at: u32) -> Option<usize> {
    usize::try_from(at).ok()
}
