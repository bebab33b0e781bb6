//! Reading a text onto a tape: every byte is checked against the grammar of JSON, once.
//! What the tape means is in the folder's `mod.rs`.

use super::scan::Marks;
use super::{Broken, Doc, Entry, Kind, Tape, index};
use crate::event::MAX_EVENT_DEPTH;

/// Reads a text. The tape holds its values afterwards; after an error it is empty.
#[expect(clippy::inline_always, reason = "a copy of what has just been made would be waited for")]
#[inline(always)]
pub(crate) fn read<'e>(text: &'e str, tape: &'e mut Tape) -> Result<Doc<'e>, Broken> {
    fill(text, tape)?;
    Ok(Doc { text, tape })
}

/// The same for who puts the two together.
#[inline(never)]
fn fill(text: &str, tape: &mut Tape) -> Result<(), Broken> {
    tape.entries.clear();
    tape.plain.clear();
    tape.open.clear();
    tape.tidy = true;
    tape.spelled = true;
    let bytes = text.as_bytes();
    // Taken out while it is borrowed, and given back in every case.
    let mut ends = std::mem::take(&mut tape.ends);
    let marks = Marks::new(bytes, &mut ends);
    tape.ascii = marks.ascii();
    let mut reader = Reader { bytes, text, marks, broken: None, tape };
    let (read, broken) = (reader.document(), reader.broken);
    tape.ends = ends;
    if read.is_none() {
        tape.entries.clear();
        return Err(broken.unwrap_or(Broken::At(0, "this is no JSON")));
    }
    Ok(())
}

struct Reader<'r> {
    bytes: &'r [u8],
    text: &'r str,
    /// In step with what is read: between texts every byte is looked at, so that no mark is passed over.
    marks: Marks<'r>,
    broken: Option<Broken>,
    tape: &'r mut Tape,
}

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ahead {
    Value,
    /// What follows a value.
    End,
}

/// Each step takes a place in the text and returns where reading goes on. `None` where it cannot; the reason why stands
/// in `broken`, so that the way through a sound text carries no reasons along.
impl Reader<'_> {
    #[inline]
    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    #[cold]
    fn fail(&mut self, at: usize, reason: &'static str) -> Option<usize> {
        self.broken = Some(Broken::At(at, reason));
        None
    }

    /// Skips white space; inside the document it makes the text untidy.
    #[inline(never)]
    fn blank(&mut self, mut at: usize) -> usize {
        while matches!(self.byte(at), b' ' | b'\t' | b'\n' | b'\r') {
            at += 1;
            self.tape.tidy = false;
        }
        at
    }

    fn document(&mut self) -> Option<usize> {
        let mut at = self.blank(0);
        self.tape.tidy = true;
        // How what is open around the value at hand closes, and where it is on the tape; what is around that is in
        // `Tape::open`.
        let (mut closing, mut opened) = (0, 0);
        loop {
            at = match self.byte(at) {
                b'"' => self.string(at, Kind::Text)?,
                byte @ (b'{' | b'[') => {
                    (closing, opened) = self.open(at, byte, (closing, opened))?;
                    at += 1;
                    if matches!(self.byte(at), b' ' | b'\t' | b'\n' | b'\r') {
                        at = self.blank(at);
                    }
                    match (self.byte(at), closing) {
                        (byte, _) if byte == closing => at,
                        (_, b'}') => match self.members(at)? {
                            (next, Ahead::Value) => {
                                at = next;
                                continue;
                            }
                            (next, Ahead::End) => next,
                        },
                        _ => continue,
                    }
                }
                b' ' | b'\t' | b'\n' | b'\r' => {
                    at = self.blank(at);
                    continue;
                }
                byte => self.scalar(at, byte)?,
            };
            // A value has ended; so may have the lists and objects around it.
            loop {
                match self.byte(at) {
                    b',' if closing == b'}' => {
                        let ahead;
                        (at, ahead) = self.members(at + 1)?;
                        if ahead == Ahead::Value {
                            break;
                        }
                    }
                    b',' if closing == b']' => {
                        at += 1;
                        break;
                    }
                    _ if closing == 0 => return self.end(at),
                    byte if byte == closing => {
                        at += 1;
                        (closing, opened) = self.close(opened, at);
                    }
                    b' ' | b'\t' | b'\n' | b'\r' => at = self.blank(at),
                    _ if closing == b'}' => return self.fail(at, "`,` or `}` is missing"),
                    _ => return self.fail(at, "`,` or `]` is missing"),
                }
            }
        }
    }

    /// Begins a list or an object; returns how it closes and where it is on the tape.
    #[inline]
    fn open(&mut self, at: usize, byte: u8, around: (u8, u32)) -> Option<(u8, u32)> {
        if self.tape.open.len() >= MAX_EVENT_DEPTH {
            self.broken = Some(Broken::TooDeep);
            return None;
        }
        self.tape.open.push(around);
        let opened = place(self.tape.entries.len());
        let (kind, closing) = if byte == b'{' { (Kind::Object, b'}') } else { (Kind::List, b']') };
        self.push(kind, false, at, at);
        Some((closing, opened))
    }

    fn end(&mut self, at: usize) -> Option<usize> {
        let tidy = self.tape.tidy;
        let at = self.blank(at);
        self.tape.tidy = tidy;
        if at == self.bytes.len() { Some(at) } else { self.fail(at, "something follows the value") }
    }

    #[inline]
    fn push(&mut self, kind: Kind, escaped: bool, start: usize, end: usize) {
        let next = place(self.tape.entries.len() + 1);
        self.tape.entries.push(Entry { kind, escaped, start: place(start), end: place(end), next });
    }

    /// Ends what was opened there; returns what is open around it.
    #[inline]
    fn close(&mut self, opened: u32, at: usize) -> (u8, u32) {
        let next = place(self.tape.entries.len());
        if let Some(entry) = index(opened).and_then(|opened| self.tape.entries.get_mut(opened)) {
            entry.end = place(at);
            entry.next = next;
        }
        self.tape.open.pop().unwrap_or((0, 0))
    }

    /// A key with its colon, and as long as the values are texts and nothing stands between that need not: the value,
    /// and the members after it. Tells whether a value comes next or has ended.
    fn members(&mut self, mut at: usize) -> Option<(usize, Ahead)> {
        if self.byte(at) != b'"' {
            at = self.blank(at);
            if self.byte(at) != b'"' {
                self.fail(at, "a key is missing")?;
            }
        }
        loop {
            let (start, end) = (at + 1, self.marks.next());
            if self.three(end) != Some(b"\":\"") || self.marks.controls() {
                at = self.ended(start, end, Kind::Key)?;
                return Some((self.colon(at)?, Ahead::Value));
            }
            let (begun, ended) = (end + 3, self.marks.next());
            if self.three(ended) != Some(b"\",\"") || self.marks.controls() {
                self.push(Kind::Key, false, start, end);
                return Some((self.ended(begun, ended, Kind::Text)?, Ahead::End));
            }
            let next = place(self.tape.entries.len());
            let entry =
                |kind, start, end, next| Entry { kind, escaped: false, start: place(start), end: place(end), next };
            self.tape.entries.extend([
                entry(Kind::Key, start, end, next.wrapping_add(1)),
                entry(Kind::Text, begun, ended, next.wrapping_add(2)),
            ]);
            at = ended + 2;
        }
    }

    #[inline]
    fn three(&self, at: usize) -> Option<&[u8; 3]> {
        self.bytes.get(at..)?.first_chunk()
    }

    #[inline]
    fn colon(&mut self, mut at: usize) -> Option<usize> {
        if self.byte(at) != b':' {
            at = self.blank(at);
            if self.byte(at) != b':' {
                return self.fail(at, "`:` is missing");
            }
        }
        Some(at + 1)
    }

    /// A number, a truth value or null.
    #[inline(never)]
    fn scalar(&mut self, at: usize, byte: u8) -> Option<usize> {
        match byte {
            b'-' | b'0'..=b'9' => self.number(at),
            b't' => self.word(at, b"true", Kind::True),
            b'f' => self.word(at, b"false", Kind::False),
            b'n' => self.word(at, b"null", Kind::Null),
            _ => self.fail(at, "a value is missing"),
        }
    }

    fn word(&mut self, at: usize, word: &[u8], kind: Kind) -> Option<usize> {
        let end = at + word.len();
        if self.bytes.get(at..end) != Some(word) {
            return self.fail(at, "this is no word of JSON");
        }
        self.push(kind, false, at, end);
        Some(end)
    }

    fn digits(&mut self, mut at: usize) -> Option<usize> {
        if !self.byte(at).is_ascii_digit() {
            return self.fail(at, "a digit is missing");
        }
        while self.byte(at).is_ascii_digit() {
            at += 1;
        }
        Some(at)
    }

    fn number(&mut self, start: usize) -> Option<usize> {
        let whole = start + usize::from(self.byte(start) == b'-');
        let mut at = if self.byte(whole) == b'0' { whole + 1 } else { self.digits(whole)? };
        if self.byte(at) == b'.' {
            at = self.digits(at + 1)?;
        }
        if matches!(self.byte(at), b'e' | b'E') {
            at += 1;
            at += usize::from(matches!(self.byte(at), b'+' | b'-'));
            at = self.digits(at)?;
        }
        self.push(Kind::Number, false, start, at);
        Some(at)
    }

    /// A text or a key, whose quotation mark is at `at`.
    #[expect(clippy::inline_always, reason = "called for every key and text; a call costs more than the work")]
    #[inline(always)]
    fn string(&mut self, at: usize, kind: Kind) -> Option<usize> {
        let end = self.marks.next();
        self.ended(at + 1, end, kind)
    }

    /// A text or a key that begins at `start`, and whose first mark is at `end`.
    #[expect(clippy::inline_always, reason = "called for every text; a call costs more than the work")]
    #[inline(always)]
    fn ended(&mut self, start: usize, end: usize, kind: Kind) -> Option<usize> {
        if self.byte(end) != b'"' || self.marks.controls() {
            return self.hard(start, end, kind);
        }
        self.push(kind, false, start, end);
        Some(end + 1)
    }

    /// A text with escapes, or one that may have control characters; `at` is at the first mark in it.
    #[inline(never)]
    fn hard(&mut self, start: usize, mut at: usize, kind: Kind) -> Option<usize> {
        if self.byte(at) == b'"' {
            self.controlled(start, at)?;
            self.push(kind, false, start, at);
            return Some(at + 1);
        }
        let begun = self.tape.plain.len();
        let mut from = start;
        loop {
            self.controlled(from, at)?;
            self.tape.plain.push_str(self.text.get(from..at).unwrap_or_default());
            match self.bytes.get(at) {
                Some(b'"') => break,
                Some(_) => from = self.escape(at)?,
                None => return self.fail(at, "a text is not closed"),
            }
            // An escape can be of two, each with a backslash.
            while at < from {
                at = self.marks.next();
            }
        }
        let end = self.tape.plain.len();
        self.push(kind, true, begun, end);
        Some(at + 1)
    }

    /// Goes on where no control character stands in a part of a text.
    fn controlled(&mut self, from: usize, to: usize) -> Option<usize> {
        let part = if self.marks.controls() { self.bytes.get(from..to).unwrap_or_default() } else { &[] };
        match part.iter().position(|byte| *byte < 0x20) {
            Some(more) => self.fail(from + more, "a control character stands in a text"),
            None => Some(to),
        }
    }

    fn escape(&mut self, at: usize) -> Option<usize> {
        let c = match self.bytes.get(at + 1) {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'n') => '\n',
            Some(b't') => '\t',
            Some(b'r') => '\r',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'/') => {
                self.tape.tidy = false;
                self.tape.spelled = false;
                '/'
            }
            Some(b'u') => {
                self.tape.tidy = false;
                self.tape.spelled = false;
                let Some((c, length)) = self.code_point(at) else {
                    return self.fail(at, "`\\u` needs four hexadecimal digits that are a character");
                };
                self.tape.plain.push(c);
                return Some(at + length);
            }
            _ => return self.fail(at, "this escape is not part of JSON"),
        };
        self.tape.plain.push(c);
        Some(at + 2)
    }

    /// A character written as `\uXXXX`, or as two of them, and how many bytes that takes.
    fn code_point(&self, at: usize) -> Option<(char, usize)> {
        let first = self.unit(at)?;
        if !(0xD800..=0xDBFF).contains(&first) {
            return char::from_u32(first).map(|c| (c, 6));
        }
        let second = self.unit(at + 6).filter(|unit| (0xDC00..=0xDFFF).contains(unit))?;
        char::from_u32(0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00)).map(|c| (c, 12))
    }

    /// The four hexadecimal digits of `\uXXXX` at a place.
    fn unit(&self, at: usize) -> Option<u32> {
        let digits = self.bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
        digits.iter().try_fold(0_u32, |sum, digit| Some(sum * 16 + char::from(*digit).to_digit(16)?))
    }
}

/// A place in the text or on the tape; both are shorter than an event may be, so that nothing is cut off.
#[inline]
fn place(at: usize) -> u32 {
    u32::try_from(at & MAX_PLACE).unwrap_or(u32::MAX)
}

const MAX_PLACE: usize = 0xFFFF_FFFF;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::taxonomy::compact;

    fn written(text: &str) -> Option<String> {
        let mut tape = Tape::default();
        let doc = read(text, &mut tape).ok()?;
        let mut out = String::new();
        compact(doc.root(), &mut out);
        Some(out)
    }

    /// What a second reader makes of it. Numbers lose their text there, so there are none with a point.
    fn second(text: &str) -> Option<String> {
        serde_json::from_str::<&serde_json::value::RawValue>(text).ok()?;
        let mut value: serde_json::Value = serde_json::from_str(text).ok()?;
        value.sort_all_objects();
        Some(value.to_string())
    }

    #[test]
    fn sound_and_broken_texts_are_told_apart_and_read_as_a_second_reader_reads_them() {
        for text in [
            "{}",
            "[]",
            " [ ] ",
            "{\"a\":1}",
            "{\"a\" : [1, 2 ,3 ] }",
            "\"\\u00e5\\n\\/\\\\\\\"\"",
            "\"\\ud83d\\ude00\"",
            "\"\\ud83d\"",
            "\"\\ude00\"",
            "\"\\ud83dx\"",
            "\"\\u12\"",
            "\"\\x\"",
            "\"a\nb\"",
            "\"a",
            "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\t\"",
            "\"aaaaaaa\u{1}\"",
            "01",
            "-",
            "[-1]",
            "1.",
            "1.e",
            ".5",
            "+1",
            "tru",
            "true",
            "nulll",
            "[1,]",
            "[,1]",
            "{\"a\":}",
            "{\"a\" 1}",
            "{a:1}",
            "{\"a\":1,}",
            "[1 2]",
            "[[[[]]]]",
            "[}",
            "{]",
            "{\"a\":1]",
            "",
            " ",
            "1 2",
            "\u{feff}{}",
            "{\"a\":{\"b\":[{},[],\"\",null,false]}}",
            "\u{0}",
            "[\u{0}]",
            "[1\u{b}]",
            "\"åäö\u{2028}\"",
            "\"\\u0000\\u001f\u{7f}\"",
            "[\"\\\\\",\"\\\"\"]",
        ] {
            assert_eq!(written(text), second(text), "{text:?}");
        }
    }

    #[test]
    fn a_deep_text_is_refused_at_the_limit() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(written(&nested(MAX_EVENT_DEPTH)).is_some());
        let mut tape = Tape::default();
        assert_eq!(read(&nested(MAX_EVENT_DEPTH + 1), &mut tape).err(), Some(Broken::TooDeep));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn any_text_is_taken_exactly_when_a_second_reader_takes_it(text in "[\\[\\]{}:,\" \\\\untrefalsx0-9åb\\-/\n]{0,40}") {
            let own = written(&text);
            prop_assert_eq!(own.is_some(), serde_json::from_str::<&serde_json::value::RawValue>(&text).is_ok());
        }

        #[test]
        fn any_text_in_a_value_is_read_back(text in any::<String>(), spaced in any::<bool>()) {
            let event = serde_json::json!({"a": text, "b": [text]});
            let json = if spaced { serde_json::to_string_pretty(&event).unwrap() } else { event.to_string() };
            prop_assert_eq!(written(&json), Some(event.to_string()));
        }
    }
}
