//! Splitting one JSON document into events while it streams by: an array, an envelope
//! `{"records": [...]}`, or an object over several lines. Only one element is held at a time.

use super::MAX_LINE_BYTES;
use crate::event::MAX_EVENT_DEPTH;
use crate::json::Kind;

/// The beginning of an Event Hubs message, without white space.
pub(super) const ENVELOPE: &[u8] = b"{\"records\":[";

/// What feeding bytes led to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// All bytes were taken; more are needed.
    More,
    /// An element is complete; it began on this line.
    Record(usize),
    /// An element is no event.
    Malformed(usize, &'static str),
    /// The document is broken; the next line is read as a line again.
    Abandoned(usize, &'static str),
    /// The document is complete.
    Done,
}

/// What the document has turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Too early to say.
    Open,
    /// One object.
    Plain,
    /// A list whose elements stand at this depth.
    List(usize),
}

/// A document while it is read.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "the state of a byte-wise reader: each is one independent question")]
pub(super) struct Document {
    form: Form,
    /// Kinds of the brackets that are open.
    stack: Vec<u8>,
    quoted: bool,
    escaped: bool,
    /// Bytes of the element, or of the whole document while it is open or plain.
    text: Vec<u8>,
    /// First bytes without white space.
    head: Vec<u8>,
    line: usize,
    started: usize,
    element_line: usize,
    at_line_start: bool,
    last: u8,
    too_long: bool,
    complained: bool,
}

impl Document {
    pub(super) fn new(line: usize) -> Self {
        Self {
            form: Form::Open,
            stack: Vec::new(),
            quoted: false,
            escaped: false,
            text: Vec::new(),
            head: Vec::new(),
            line,
            started: line,
            element_line: line,
            at_line_start: false,
            last: 0,
            too_long: false,
            complained: false,
        }
    }

    pub(super) fn line(&self) -> usize {
        self.line
    }

    pub(super) fn started(&self) -> usize {
        self.started
    }

    pub(super) fn is_plain(&self) -> bool {
        !matches!(self.form, Form::List(_)) && !self.too_long
    }

    /// Hands the complete element over, giving the buffer back for reuse.
    pub(super) fn take_record(&mut self, into: &mut Vec<u8>) {
        std::mem::swap(into, &mut self.text);
        self.text.clear();
    }

    /// All brackets are closed: nothing more belongs to this document.
    pub(super) fn is_closed(&self) -> bool {
        self.stack.is_empty()
    }

    /// The stream ended: the line on which something incomplete began, if anything is.
    pub(super) fn end(&self) -> Option<usize> {
        (!self.stack.is_empty() || self.quoted).then_some(self.started)
    }

    /// Takes bytes; returns how many were used and what came of it.
    pub(super) fn feed(&mut self, chunk: &[u8]) -> (usize, Step) {
        for (at, byte) in chunk.iter().enumerate() {
            match self.take(*byte) {
                Step::More => {}
                // The line that broke the document is read again, as a line.
                step @ Step::Abandoned(..) => return (at, step),
                step => return (at + 1, step),
            }
        }
        (chunk.len(), Step::More)
    }

    fn take(&mut self, byte: u8) -> Step {
        if self.quoted {
            return self.take_quoted(byte);
        }
        let fresh_line = std::mem::replace(&mut self.at_line_start, byte == b'\n');
        if byte == b'\n' {
            self.line += 1;
        }
        if byte.is_ascii_whitespace() {
            self.keep(byte);
            return Step::More;
        }
        if fresh_line && byte == b'{' && self.stack.last() == Some(&b'{') && self.last != b':' {
            return Step::Abandoned(self.started, "the document breaks off and another line begins");
        }
        self.last = byte;
        self.note_head(byte);
        match byte {
            b'"' => self.quoted = true,
            b'{' | b'[' => return self.open(byte),
            b'}' | b']' => return self.close(byte),
            b',' if self.in_list() => {
                self.complained = false;
                return Step::More;
            }
            _ => {}
        }
        if self.in_list() && !self.complained {
            self.complained = true;
            return Step::Malformed(self.line, "an element of the list is not an object");
        }
        self.keep(byte);
        Step::More
    }

    fn take_quoted(&mut self, byte: u8) -> Step {
        if byte == b'\n' {
            return Step::Abandoned(self.started, "a text is not closed on its line");
        }
        if self.head.len() < ENVELOPE.len() {
            self.head.push(byte);
        }
        self.keep(byte);
        if self.escaped {
            self.escaped = false;
        } else if byte == b'\\' {
            self.escaped = true;
        } else if byte == b'"' {
            self.quoted = false;
        }
        Step::More
    }

    fn note_head(&mut self, byte: u8) {
        if self.head.len() < ENVELOPE.len() {
            self.head.push(byte);
        }
    }

    /// Between two elements of the list.
    fn in_list(&self) -> bool {
        matches!(self.form, Form::List(depth) if self.stack.len() == depth)
    }

    fn open(&mut self, byte: u8) -> Step {
        let element = self.in_list();
        if element {
            self.text.clear();
            self.too_long = false;
            self.element_line = self.line;
            if byte == b'[' {
                self.complained = true;
            }
        }
        self.stack.push(byte);
        if self.stack.len() > MAX_EVENT_DEPTH {
            return Step::Abandoned(self.started, "the document is nested too deep");
        }
        self.keep(byte);
        if self.form == Form::Open {
            if self.head == b"[" {
                self.form = Form::List(1);
            } else if self.head == ENVELOPE {
                self.form = Form::List(2);
            } else if self.head.len() >= ENVELOPE.len() {
                self.form = Form::Plain;
            }
        }
        if element && byte == b'[' {
            Step::Malformed(self.line, "an element of the list is not an object")
        } else {
            Step::More
        }
    }

    fn close(&mut self, byte: u8) -> Step {
        let matching = if byte == b'}' { b'{' } else { b'[' };
        if self.stack.pop() != Some(matching) {
            return Step::Abandoned(self.started, "brackets do not match");
        }
        self.keep(byte);
        if self.stack.is_empty() {
            return if self.too_long && !matches!(self.form, Form::List(_)) {
                Step::Malformed(self.started, "the document is too long")
            } else {
                Step::Done
            };
        }
        match self.form {
            Form::List(depth) if self.stack.len() == depth => {
                if self.too_long {
                    Step::Malformed(self.element_line, "an element of the list is too long")
                } else if self.complained {
                    Step::More
                } else {
                    Step::Record(self.element_line)
                }
            }
            _ => Step::More,
        }
    }

    fn keep(&mut self, byte: u8) {
        let outside = matches!(self.form, Form::List(depth) if self.stack.len() < depth);
        if outside || self.too_long {
            return;
        }
        if self.text.len() >= MAX_LINE_BYTES {
            self.too_long = true;
            self.text = Vec::new();
            return;
        }
        self.text.push(byte);
    }
}

/// The elements of a page `{"value": [...]}` or `{"items": [...]}`.
pub(super) fn page(text: &[u8]) -> Option<Vec<Vec<u8>>> {
    let page = crate::event::Event::parse(text).ok()?;
    let view = page.view();
    let list = ["value", "items"].iter().find_map(|key| crate::taxonomy::lookup(view.root(), key))?;
    let compact = |item| {
        let mut out = String::new();
        crate::taxonomy::compact(item, &mut out);
        out.into_bytes()
    };
    (list.kind() == Kind::List).then(|| list.items().filter(|item| item.is_object()).map(compact).collect())
}
