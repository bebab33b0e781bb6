//! One log event: bytes become places in a text, bounded in size and depth, with its log type.
//! Numbers keep their text, so that they compare exactly.

use jiff::Timestamp;

use crate::json::{self, Broken, Doc, Tape};
use crate::keys::common;
use crate::taxonomy::{self, Concept, Leaf, LogType};
use crate::time;
use crate::view::{Layout, View};

/// The largest event that is looked at.
pub const MAX_EVENT_BYTES: usize = 4 << 20;
/// The deepest nesting of an event.
pub const MAX_EVENT_DEPTH: usize = 512;

/// Why bytes are not an event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    /// Larger than [`MAX_EVENT_BYTES`].
    #[error("the event has {bytes} bytes; at most {MAX_EVENT_BYTES} are read")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// Nested deeper than [`MAX_EVENT_DEPTH`].
    #[error("the event is nested deeper than {MAX_EVENT_DEPTH} levels")]
    TooDeep,
    /// Not JSON.
    #[error("the event is not JSON: {reason}")]
    NotJson {
        /// What the parser found.
        reason: String,
    },
    /// JSON, but not an object.
    #[error("the event is JSON but not an object")]
    NotObject,
}

/// A parsed event with its log type.
#[derive(Debug, Clone)]
pub struct Event {
    text: Box<str>,
    tape: Tape,
    layout: Box<Layout>,
}

impl Event {
    /// Parses one event.
    ///
    /// # Errors
    /// See [`EventError`]; the time spent is proportional to the bytes in every case.
    pub fn parse(bytes: &[u8]) -> Result<Self, EventError> {
        let mut tape = Tape::default();
        let doc = read(bytes, &mut tape)?;
        let mut layout = Box::<Layout>::default();
        layout.read(doc.root(), common());
        let text = doc.text().into();
        tape.settle();
        Ok(Self { text, tape, layout })
    }

    /// The log it belongs to.
    #[must_use]
    pub fn log_type(&self) -> LogType {
        self.view().log_type()
    }

    /// The event as rules look at it.
    pub(crate) fn view(&self) -> View<'_> {
        View::new(Doc::new(&self.text, &self.tape), &self.layout)
    }

    /// The first scalar that a concept has in this event, as text.
    #[must_use]
    pub fn concept(&self, concept: Concept) -> Option<String> {
        self.view().concept(concept)
    }

    /// When it happened, by its own account.
    #[must_use]
    pub fn time(&self) -> Option<Timestamp> {
        self.view().time()
    }
}

impl View<'_> {
    /// The first scalar that a concept has, as text.
    pub(crate) fn concept(&self, concept: Concept) -> Option<String> {
        self.first_text(taxonomy::concept_paths(self.log_type(), concept))
    }

    /// When the event happened, by its own account.
    pub(crate) fn time(&self) -> Option<Timestamp> {
        let mut found = None;
        self.visit(time::paths(self.log_type()), &mut |leaf| {
            if let Leaf::Text(text) = leaf {
                found = time::parse(text);
            }
            found.is_some()
        });
        found
    }
}

/// A scalar as text; `None` for null, empty text and containers.
pub(crate) fn leaf_text(leaf: &Leaf<'_>) -> Option<String> {
    match leaf {
        Leaf::Text("") | Leaf::Null | Leaf::Json(_) => None,
        Leaf::Text(text) | Leaf::Number(text) => Some((*text).to_owned()),
        Leaf::Bool(flag) => Some(flag.to_string()),
    }
}

/// Reads the bytes of one event onto a tape.
///
/// # Errors
/// See [`EventError`]; the tape is empty then.
#[expect(clippy::inline_always, reason = "a copy of what has just been made would be waited for")]
#[inline(always)]
pub(crate) fn read<'e>(bytes: &'e [u8], tape: &'e mut Tape) -> Result<Doc<'e>, EventError> {
    if bytes.len() > MAX_EVENT_BYTES {
        return Err(EventError::TooLarge { bytes: bytes.len() });
    }
    let text = simdutf8::basic::from_utf8(bytes).map_err(|_| {
        // Only the slower reader knows where the text breaks.
        let reason = std::str::from_utf8(bytes).err().map(|error| error.to_string());
        EventError::NotJson { reason: reason.unwrap_or_default() }
    })?;
    let doc = json::read(text, tape).map_err(|broken| match broken {
        Broken::TooDeep => EventError::TooDeep,
        Broken::At(at, reason) => EventError::NotJson { reason: format!("{reason} (byte {at})") },
    })?;
    if doc.root().is_object() { Ok(doc) } else { Err(EventError::NotObject) }
}

/// Opens a string that holds a JSON object or array.
pub(crate) fn open_json<'e>(text: &'e str, tape: &'e mut Tape) -> Option<Doc<'e>> {
    let begins = text.trim_start().as_bytes().first()?;
    if !matches!(begins, b'{' | b'[') || text.len() > MAX_EVENT_BYTES {
        return None;
    }
    json::read(text, tape).ok()
}

/// Opens a string that holds a quoted text.
pub(crate) fn open_json_text<'e>(text: &'e str, tape: &'e mut Tape) -> Option<Doc<'e>> {
    if !text.starts_with('"') || text.len() > MAX_EVENT_BYTES {
        return None;
    }
    json::read(text, tape).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::taxonomy::Path;

    #[test]
    fn numbers_keep_their_text_and_invalid_text_is_refused() {
        let event = Event::parse(br#"{"f": 9007199254740993.10, "g": 123456789012345678901234567890}"#).unwrap();
        assert_eq!(event.view().first_text(&[Path::new("f")]).unwrap(), "9007199254740993.10");
        assert_eq!(event.view().first_text(&[Path::new("g")]).unwrap(), "123456789012345678901234567890");
        assert!(Event::parse(b"{\"a\": \"\xff\"}").is_err());
        assert!(Event::parse(b"{\"a\": 1} trailing").is_err());
        assert_eq!(Event::parse(b"[1]").unwrap_err(), EventError::NotObject);
    }

    #[test]
    fn deep_nesting_is_refused_but_many_brackets_are_not() {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(Event::parse(deep.as_bytes()).unwrap_err(), EventError::TooDeep);
        let wide = format!("{{\"a\":[{}]}}", vec!["{}"; 5_000].join(","));
        assert!(Event::parse(wide.as_bytes()).is_ok());
        let text = format!("{{\"a\":\"{}\"}}", "[".repeat(5_000));
        assert!(Event::parse(text.as_bytes()).is_ok());
    }

    #[test]
    fn a_literal_dotted_key_wins_over_nesting_and_arrays_distribute() {
        let event = Event::parse(br#"{"a.b": "x", "a": [{"b": "y"}, {"b": "z"}], "c": [{"d": 1}, {"d": 2}]}"#).unwrap();
        assert_eq!(event.view().first_text(&[Path::new("a.b")]).unwrap(), "x");
        let mut seen = Vec::new();
        event.view().visit(&[Path::new("c.d")], &mut |leaf| {
            seen.extend(leaf_text(leaf));
            false
        });
        assert_eq!(seen, ["1", "2"]);
    }
}
