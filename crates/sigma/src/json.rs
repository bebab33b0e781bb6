//! Reading JSON into a flat list of places in the text: one pass, no copy, memory used again from
//! event to event. Every byte is checked; what a value means is read only when somebody asks.

use crate::event::MAX_EVENT_DEPTH;

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Null,
    True,
    False,
    Number,
    Text,
    List,
    Object,
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
    /// Lists and objects that are open while reading.
    open: Vec<(u32, Kind)>,
    /// No white space between values, and no escape that could be written shorter: the text of a
    /// part is its compact form.
    tidy: bool,
}

/// Why a text is not JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Broken {
    /// Nested deeper than the limit.
    TooDeep,
    /// Something else, at this byte.
    At(usize, &'static str),
}

/// Reads a text. The tape holds its values afterwards; after an error it is empty.
pub(crate) fn read<'e>(text: &'e str, tape: &'e mut Tape) -> Result<Node<'e>, Broken> {
    tape.entries.clear();
    tape.plain.clear();
    tape.open.clear();
    tape.tidy = true;
    let mut reader = Reader { bytes: text.as_bytes(), text, at: 0, tape };
    let outcome = reader.document();
    if let Err(broken) = outcome {
        tape.entries.clear();
        return Err(broken);
    }
    Ok(Node { doc: Doc { text, tape }, at: 0 })
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

    /// The whole text.
    pub(crate) fn text(self) -> &'e str {
        self.text
    }

    /// The value at a position of the tape.
    pub(crate) fn node(self, at: u32) -> Node<'e> {
        Node { doc: self, at }
    }
}

/// One value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Node<'e> {
    doc: Doc<'e>,
    at: u32,
}

const MISSING: Entry = Entry { kind: Kind::Null, escaped: false, start: 0, end: 0, next: u32::MAX };

impl<'e> Node<'e> {
    fn entry(self) -> &'e Entry {
        index(self.at).and_then(|at| self.doc.tape.entries.get(at)).unwrap_or(&MISSING)
    }

    /// Position on the tape; 0 is the whole text.
    pub(crate) fn at(self) -> u32 {
        self.at
    }

    pub(crate) fn doc(self) -> Doc<'e> {
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
        let from = if entry.escaped { self.doc.tape.plain.as_str() } else { self.doc.text };
        let (Some(start), Some(end)) = (index(entry.start), index(entry.end)) else { return "" };
        from.get(start..end).unwrap_or_default()
    }

    /// The compact form of a list or object, where it stands in the text as it is.
    pub(crate) fn compact(self) -> Option<&'e str> {
        let entry = self.entry();
        (self.doc.tape.tidy && matches!(entry.kind, Kind::List | Kind::Object)).then(|| self.slice(entry))
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

struct Reader<'r> {
    bytes: &'r [u8],
    text: &'r str,
    at: usize,
    tape: &'r mut Tape,
}

type Outcome = Result<(), Broken>;

impl Reader<'_> {
    fn peek(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(0)
    }

    fn broken<T>(&self, reason: &'static str) -> Result<T, Broken> {
        Err(Broken::At(self.at, reason))
    }

    /// Skips white space; inside the document it makes the text untidy.
    fn blank(&mut self) {
        if self.peek() > b' ' {
            return;
        }
        while matches!(self.peek(), b' ' | b'\t' | b'\n' | b'\r') && self.at < self.bytes.len() {
            self.at += 1;
            self.tape.tidy = false;
        }
    }

    fn document(&mut self) -> Outcome {
        self.blank();
        self.tape.tidy = true;
        loop {
            if self.begin()? {
                continue;
            }
            // A value has ended; so may have the lists and objects around it.
            loop {
                let Some((_, kind)) = self.tape.open.last().copied() else { return self.end() };
                self.blank();
                match (self.peek(), kind) {
                    (b',', Kind::Object) => {
                        self.at += 1;
                        self.blank();
                        self.key()?;
                        break;
                    }
                    (b',', _) => {
                        self.at += 1;
                        self.blank();
                        break;
                    }
                    (b'}', Kind::Object) | (b']', Kind::List) => self.close(),
                    (_, Kind::Object) => return self.broken("`,` or `}` is missing"),
                    _ => return self.broken("`,` or `]` is missing"),
                }
            }
        }
    }

    fn end(&mut self) -> Outcome {
        let tidy = self.tape.tidy;
        self.blank();
        self.tape.tidy = tidy;
        if self.at == self.bytes.len() { Ok(()) } else { self.broken("something follows the value") }
    }

    /// Reads a value, or the beginning of one that holds others: then true is returned.
    fn begin(&mut self) -> Result<bool, Broken> {
        let start = self.at;
        match self.peek() {
            b'"' => self.string()?,
            b'{' => return self.open(Kind::Object),
            b'[' => return self.open(Kind::List),
            b'-' | b'0'..=b'9' => {
                self.number()?;
                self.push(Kind::Number, false, start, self.at);
            }
            b't' => self.word(b"true", Kind::True)?,
            b'f' => self.word(b"false", Kind::False)?,
            b'n' => self.word(b"null", Kind::Null)?,
            _ => return self.broken("a value is missing"),
        }
        Ok(false)
    }

    fn push(&mut self, kind: Kind, escaped: bool, start: usize, end: usize) {
        let next = place(self.tape.entries.len()).saturating_add(1);
        self.tape.entries.push(Entry { kind, escaped, start: place(start), end: place(end), next });
    }

    fn open(&mut self, kind: Kind) -> Result<bool, Broken> {
        if self.tape.open.len() >= MAX_EVENT_DEPTH {
            return Err(Broken::TooDeep);
        }
        self.tape.open.push((place(self.tape.entries.len()), kind));
        self.push(kind, false, self.at, self.at);
        self.at += 1;
        self.blank();
        match (self.peek(), kind) {
            (b'}', Kind::Object) | (b']', Kind::List) => {
                self.close();
                Ok(false)
            }
            (_, Kind::Object) => self.key().map(|()| true),
            _ => Ok(true),
        }
    }

    fn close(&mut self) {
        self.at += 1;
        let next = place(self.tape.entries.len());
        let opened = self.tape.open.pop().and_then(|(at, _)| index(at));
        if let Some(entry) = opened.and_then(|at| self.tape.entries.get_mut(at)) {
            entry.end = place(self.at);
            entry.next = next;
        }
    }

    /// A key with its colon, up to the value.
    fn key(&mut self) -> Outcome {
        if self.peek() != b'"' {
            return self.broken("a key is missing");
        }
        self.string()?;
        self.blank();
        if self.peek() != b':' {
            return self.broken("`:` is missing");
        }
        self.at += 1;
        self.blank();
        Ok(())
    }

    fn word(&mut self, word: &[u8], kind: Kind) -> Outcome {
        let end = self.at + word.len();
        if self.bytes.get(self.at..end) != Some(word) {
            return self.broken("this is no word of JSON");
        }
        self.push(kind, false, self.at, end);
        self.at = end;
        Ok(())
    }

    fn digits(&mut self) -> Outcome {
        if !self.peek().is_ascii_digit() {
            return self.broken("a digit is missing");
        }
        while self.peek().is_ascii_digit() {
            self.at += 1;
        }
        Ok(())
    }

    fn number(&mut self) -> Outcome {
        if self.peek() == b'-' {
            self.at += 1;
        }
        if self.peek() == b'0' {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == b'.' {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), b'e' | b'E') {
            self.at += 1;
            if matches!(self.peek(), b'+' | b'-') {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    fn string(&mut self) -> Outcome {
        let start = self.at + 1;
        let end = special(self.bytes, start);
        self.at = end;
        match self.bytes.get(end) {
            Some(b'"') => {
                self.at += 1;
                self.push(Kind::Text, false, start, end);
                Ok(())
            }
            Some(b'\\') => self.escaped(start),
            Some(_) => self.broken("a control character stands in a text"),
            None => self.broken("a text is not closed"),
        }
    }

    /// The rest of a text with escapes; `self.at` is at the first of them.
    fn escaped(&mut self, start: usize) -> Outcome {
        let begun = self.tape.plain.len();
        let mut from = start;
        loop {
            self.tape.plain.push_str(self.text.get(from..self.at).unwrap_or_default());
            match self.bytes.get(self.at) {
                Some(b'"') => break,
                Some(b'\\') => self.escape()?,
                Some(_) => return self.broken("a control character stands in a text"),
                None => return self.broken("a text is not closed"),
            }
            from = self.at;
            self.at = special(self.bytes, from);
        }
        self.at += 1;
        let end = self.tape.plain.len();
        self.push(Kind::Text, true, begun, end);
        Ok(())
    }

    fn escape(&mut self) -> Outcome {
        let c = match self.bytes.get(self.at + 1) {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'n') => '\n',
            Some(b't') => '\t',
            Some(b'r') => '\r',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'/') => {
                self.tape.tidy = false;
                '/'
            }
            Some(b'u') => {
                self.tape.tidy = false;
                return self.code_point();
            }
            _ => return self.broken("this escape is not part of JSON"),
        };
        self.at += 2;
        self.tape.plain.push(c);
        Ok(())
    }

    fn code_point(&mut self) -> Outcome {
        let first = self.unit(self.at)?;
        let (code, length) = match first {
            0xD800..=0xDBFF => {
                let second = self.unit(self.at + 6)?;
                if !(0xDC00..=0xDFFF).contains(&second) {
                    return self.broken("half of a character stands in a text");
                }
                (0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00), 12)
            }
            _ => (first, 6),
        };
        let Some(c) = char::from_u32(code) else { return self.broken("half of a character stands in a text") };
        self.tape.plain.push(c);
        self.at += length;
        Ok(())
    }

    /// The four hexadecimal digits of `\uXXXX` at a place.
    fn unit(&self, at: usize) -> Result<u32, Broken> {
        let digits = self.bytes.get(at..at + 6).and_then(|b| b.strip_prefix(b"\\u"));
        let value = digits.and_then(|digits| {
            digits.iter().try_fold(0_u32, |sum, digit| Some(sum * 16 + char::from(*digit).to_digit(16)?))
        });
        value.map_or_else(|| self.broken("`\\u` needs four hexadecimal digits"), Ok)
    }
}

/// A place in the text or on the tape; both are shorter than an event may be.
fn place(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// The next quotation mark, backslash or control character; the end where there is none.
/// Eight bytes at a time: a bit of `found` is set for each byte that is looked for, and the
/// lowest bit is always right.
fn special(bytes: &[u8], from: usize) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let mut at = from;
    while let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
        let word = u64::from_le_bytes(*chunk);
        let quote = word ^ (ONES * 0x22);
        let slash = word ^ (ONES * 0x5C);
        let below = word.wrapping_sub(ONES * 0x20) & !word;
        let found = (quote.wrapping_sub(ONES) & !quote | slash.wrapping_sub(ONES) & !slash | below) & HIGH;
        if found != 0 {
            return at + usize::try_from(found.trailing_zeros() / 8).unwrap_or(0);
        }
        at += 8;
    }
    while let Some(byte) = bytes.get(at) {
        if matches!(byte, b'"' | b'\\' | 0..=0x1F) {
            break;
        }
        at += 1;
    }
    at
}
