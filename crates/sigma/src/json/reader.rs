//! Reading a text onto a tape: every byte is checked against the grammar of JSON, once.
//! What the tape means is in the folder's `mod.rs`.

use super::{Broken, Doc, Entry, Kind, Node, Tape, index};
use crate::event::MAX_EVENT_DEPTH;

/// Reads a text. The tape holds its values afterwards; after an error it is empty.
pub(crate) fn read<'e>(text: &'e str, tape: &'e mut Tape) -> Result<Node<'e>, Broken> {
    tape.entries.clear();
    tape.plain.clear();
    tape.open.clear();
    tape.tidy = true;
    tape.spelled = true;
    // One look at the whole text spares a look at every text in it. As a signed number, a byte below a space is a
    // control character or no ASCII; that is one comparison instead of two.
    let plain = text.bytes().fold(0_u8, |found, byte| found | u8::from(byte.cast_signed() < 0x20)) == 0;
    tape.ascii = plain || text.is_ascii();
    let controls = !plain && text.bytes().fold(0_u8, |found, byte| found | u8::from(byte < 0x20)) != 0;
    let mut reader = Reader { bytes: text.as_bytes(), text, at: 0, controls, broken: None, tape };
    if !reader.document() {
        let broken = reader.broken.unwrap_or(Broken::At(0, "this is no JSON"));
        tape.entries.clear();
        return Err(broken);
    }
    Ok(Node { doc: Doc { text, tape }, at: 0 })
}

struct Reader<'r> {
    bytes: &'r [u8],
    text: &'r str,
    at: usize,
    /// Control characters stand somewhere, be it only between values.
    controls: bool,
    broken: Option<Broken>,
    tape: &'r mut Tape,
}

/// What the beginning of a value was.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Begun {
    /// A whole value.
    Whole,
    /// A list or an object, up to its first value.
    Inside,
    Broken,
}

/// Each step returns whether reading can go on; the reason why not stands in `broken`, so that
/// the way through a sound text carries no reasons along.
impl Reader<'_> {
    #[inline]
    fn peek(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(0)
    }

    #[cold]
    fn fail(&mut self, reason: &'static str) -> bool {
        self.broken = Some(Broken::At(self.at, reason));
        false
    }

    /// Skips white space; inside the document it makes the text untidy.
    #[inline]
    fn blank(&mut self) {
        if self.peek() <= b' ' {
            self.skip_blank();
        }
    }

    fn skip_blank(&mut self) {
        while matches!(self.peek(), b' ' | b'\t' | b'\n' | b'\r') {
            self.at += 1;
            self.tape.tidy = false;
        }
    }

    fn document(&mut self) -> bool {
        self.blank();
        self.tape.tidy = true;
        loop {
            match self.begin() {
                Begun::Inside => continue,
                Begun::Broken => return false,
                Begun::Whole => {}
            }
            // A value has ended; so may have the lists and objects around it.
            loop {
                let Some((_, kind)) = self.tape.open.last().copied() else { return self.end() };
                self.blank();
                match (self.peek(), kind) {
                    (b',', Kind::Object) => {
                        self.at += 1;
                        self.blank();
                        if !self.key() {
                            return false;
                        }
                        break;
                    }
                    (b',', _) => {
                        self.at += 1;
                        self.blank();
                        break;
                    }
                    (b'}', Kind::Object) | (b']', Kind::List) => self.close(),
                    (_, Kind::Object) => return self.fail("`,` or `}` is missing"),
                    _ => return self.fail("`,` or `]` is missing"),
                }
            }
        }
    }

    fn end(&mut self) -> bool {
        let tidy = self.tape.tidy;
        self.blank();
        self.tape.tidy = tidy;
        self.at == self.bytes.len() || self.fail("something follows the value")
    }

    #[inline]
    fn begin(&mut self) -> Begun {
        let start = self.at;
        let sound = match self.peek() {
            b'"' => self.string(),
            b'{' => return self.open(Kind::Object),
            b'[' => return self.open(Kind::List),
            b'-' | b'0'..=b'9' => {
                let sound = self.number();
                self.push(Kind::Number, false, start, self.at);
                sound
            }
            b't' => self.word(b"true", Kind::True),
            b'f' => self.word(b"false", Kind::False),
            b'n' => self.word(b"null", Kind::Null),
            _ => self.fail("a value is missing"),
        };
        if sound { Begun::Whole } else { Begun::Broken }
    }

    #[inline]
    fn push(&mut self, kind: Kind, escaped: bool, start: usize, end: usize) {
        let next = place(self.tape.entries.len()).saturating_add(1);
        self.tape.entries.push(Entry { kind, escaped, start: place(start), end: place(end), next });
    }

    fn open(&mut self, kind: Kind) -> Begun {
        if self.tape.open.len() >= MAX_EVENT_DEPTH {
            self.broken = Some(Broken::TooDeep);
            return Begun::Broken;
        }
        self.tape.open.push((place(self.tape.entries.len()), kind));
        self.push(kind, false, self.at, self.at);
        self.at += 1;
        self.blank();
        match (self.peek(), kind) {
            (b'}', Kind::Object) | (b']', Kind::List) => {
                self.close();
                Begun::Whole
            }
            (_, Kind::Object) if !self.key() => Begun::Broken,
            _ => Begun::Inside,
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
    #[inline]
    fn key(&mut self) -> bool {
        if self.peek() != b'"' {
            return self.fail("a key is missing");
        }
        if !self.string() {
            return false;
        }
        self.blank();
        if self.peek() != b':' {
            return self.fail("`:` is missing");
        }
        self.at += 1;
        self.blank();
        true
    }

    fn word(&mut self, word: &[u8], kind: Kind) -> bool {
        let end = self.at + word.len();
        if self.bytes.get(self.at..end) != Some(word) {
            return self.fail("this is no word of JSON");
        }
        self.push(kind, false, self.at, end);
        self.at = end;
        true
    }

    fn digits(&mut self) -> bool {
        if !self.peek().is_ascii_digit() {
            return self.fail("a digit is missing");
        }
        while self.peek().is_ascii_digit() {
            self.at += 1;
        }
        true
    }

    fn number(&mut self) -> bool {
        if self.peek() == b'-' {
            self.at += 1;
        }
        if self.peek() == b'0' {
            self.at += 1;
        } else if !self.digits() {
            return false;
        }
        if self.peek() == b'.' {
            self.at += 1;
            if !self.digits() {
                return false;
            }
        }
        if matches!(self.peek(), b'e' | b'E') {
            self.at += 1;
            if matches!(self.peek(), b'+' | b'-') {
                self.at += 1;
            }
            return self.digits();
        }
        true
    }

    #[inline]
    fn string(&mut self) -> bool {
        let start = self.at + 1;
        let end = self.special(start);
        self.at = end;
        if self.bytes.get(end) == Some(&b'"') {
            self.at += 1;
            self.push(Kind::Text, false, start, end);
            return true;
        }
        self.escaped(start)
    }

    /// The next quotation mark, backslash or control character; the end where there is none.
    /// Most texts are short: sixteen bytes are looked at here, the rest elsewhere.
    #[expect(clippy::inline_always, reason = "called for every key and text; a call costs more than the work")]
    #[inline(always)]
    fn special(&self, from: usize) -> usize {
        let Some(chunk) = self.bytes.get(from..).and_then(<[u8]>::first_chunk::<16>) else { return self.far(from) };
        let (Some(first), Some(second)) = (chunk.first_chunk(), chunk.last_chunk()) else { return self.far(from) };
        let low = found(u64::from_le_bytes(*first));
        if low != 0 {
            return from + usize::try_from(low.trailing_zeros() / 8).unwrap_or(0);
        }
        let high = found(u64::from_le_bytes(*second));
        if high != 0 {
            return from + 8 + usize::try_from(high.trailing_zeros() / 8).unwrap_or(0);
        }
        self.far(from + 16)
    }

    #[inline(never)]
    fn far(&self, from: usize) -> usize {
        let rest = self.bytes.get(from..).unwrap_or_default();
        let end = if self.controls {
            rest.iter().position(|b| matches!(b, b'"' | b'\\' | 0..=0x1F))
        } else {
            memchr::memchr2(b'"', b'\\', rest)
        };
        end.map_or(self.bytes.len(), |more| from + more)
    }

    /// The rest of a text with escapes; `self.at` is at the first of them.
    #[inline(never)]
    fn escaped(&mut self, start: usize) -> bool {
        let begun = self.tape.plain.len();
        let mut from = start;
        loop {
            self.tape.plain.push_str(self.text.get(from..self.at).unwrap_or_default());
            match self.bytes.get(self.at) {
                Some(b'"') => break,
                Some(b'\\') if self.escape() => {}
                Some(b'\\') => return false,
                Some(_) => return self.fail("a control character stands in a text"),
                None => return self.fail("a text is not closed"),
            }
            from = self.at;
            self.at = self.special(from);
        }
        self.at += 1;
        let end = self.tape.plain.len();
        self.push(Kind::Text, true, begun, end);
        true
    }

    fn escape(&mut self) -> bool {
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
                self.tape.spelled = false;
                '/'
            }
            Some(b'u') => {
                self.tape.tidy = false;
                self.tape.spelled = false;
                let Some((c, length)) = self.code_point() else {
                    return self.fail("`\\u` needs four hexadecimal digits that are a character");
                };
                self.tape.plain.push(c);
                self.at += length;
                return true;
            }
            _ => return self.fail("this escape is not part of JSON"),
        };
        self.at += 2;
        self.tape.plain.push(c);
        true
    }

    /// A character written as `\uXXXX`, or as two of them, and how many bytes that takes.
    fn code_point(&self) -> Option<(char, usize)> {
        let first = self.unit(self.at)?;
        if !(0xD800..=0xDBFF).contains(&first) {
            return char::from_u32(first).map(|c| (c, 6));
        }
        let second = self.unit(self.at + 6).filter(|unit| (0xDC00..=0xDFFF).contains(unit))?;
        char::from_u32(0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00)).map(|c| (c, 12))
    }

    /// The four hexadecimal digits of `\uXXXX` at a place.
    fn unit(&self, at: usize) -> Option<u32> {
        let digits = self.bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
        digits.iter().try_fold(0_u32, |sum, digit| Some(sum * 16 + char::from(*digit).to_digit(16)?))
    }
}

/// A place in the text or on the tape; both are shorter than an event may be.
fn place(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// Marks the bytes of a word that are a quotation mark, a backslash or a control character: the
/// lowest bit that is set belongs to the first of them.
#[inline]
fn found(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let quote = (word ^ (ONES * 0x22)).wrapping_sub(ONES);
    let slash = (word ^ (ONES * 0x5C)).wrapping_sub(ONES);
    let below = word.wrapping_sub(ONES * 0x20);
    (quote | slash | below) & !word & HIGH
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::taxonomy::compact;

    fn written(text: &str) -> Option<String> {
        let mut tape = Tape::default();
        let root = read(text, &mut tape).ok()?;
        let mut out = String::new();
        compact(root, &mut out);
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
