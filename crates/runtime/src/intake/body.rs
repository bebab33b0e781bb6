//! The body of a request: unpacked within its limits and cut into events. Lines, one array, or `{"records":[…]}`,
//! alone or in lines. Whether an event is one is not looked at here.

use axum::body::Bytes;
use flate2::read::MultiGzDecoder;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::io::Read;

/// The largest body as it comes over the wire, in bytes.
pub const MAX_BODY_BYTES: usize = 8 * 1024 * 1024;
/// The largest body once it is unpacked, in bytes.
pub const MAX_UNPACKED_BYTES: usize = 32 * 1024 * 1024;
/// The most events of one request.
pub const MAX_EVENTS: usize = 20_000;
/// The longest event, in bytes.
pub const MAX_LINE_BYTES: usize = 1024 * 1024;

/// An event as it came, with its place.
#[derive(Debug, Clone)]
pub(super) struct Incoming {
    /// Its line, or its number in the array, from 1.
    pub(super) line: usize,
    /// Its bytes.
    pub(super) bytes: Bytes,
}

/// Why a body was not taken at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum BodyError {
    #[error("the body has more than {MAX_BODY_BYTES} bytes")]
    TooLarge,
    #[error("the body has more than {MAX_UNPACKED_BYTES} bytes when it is unpacked")]
    TooLargeUnpacked,
    #[error("the body is not whole gzip data")]
    NotGzip,
    #[error("the encoding `{0}` is not taken; send `gzip` or none")]
    UnknownEncoding(String),
    #[error("the body has more than {MAX_EVENTS} events")]
    TooManyEvents,
    #[error("the body is empty")]
    Empty,
    #[error("the body begins as a JSON array and is none: {0}")]
    NotAnArray(String),
}

/// The body without its packing.
pub(super) fn unpacked(body: Bytes, encoding: Option<&str>) -> Result<Bytes, BodyError> {
    match encoding.map(str::trim).map(str::to_ascii_lowercase).as_deref() {
        None | Some("" | "identity") => Ok(body),
        Some("gzip" | "x-gzip") => {
            let limit = u64::try_from(MAX_UNPACKED_BYTES).unwrap_or(u64::MAX).saturating_add(1);
            let mut plain = Vec::new();
            let read = MultiGzDecoder::new(body.as_ref()).take(limit).read_to_end(&mut plain);
            read.map_err(|_| BodyError::NotGzip)?;
            if plain.len() > MAX_UNPACKED_BYTES {
                return Err(BodyError::TooLargeUnpacked);
            }
            Ok(plain.into())
        }
        Some(other) => Err(BodyError::UnknownEncoding(other.chars().take(20).collect())),
    }
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    records: Vec<&'a RawValue>,
}

/// Cuts an unpacked body into its events.
pub(super) fn events(body: &Bytes) -> Result<Vec<Incoming>, BodyError> {
    let text = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    let events = match text.iter().find(|byte| !byte.is_ascii_whitespace()) {
        None => return Err(BodyError::Empty),
        Some(b'[') => {
            let items: Vec<&RawValue> =
                serde_json::from_slice(text).map_err(|error| BodyError::NotAnArray(place(&error)))?;
            numbered(body, &items)
        }
        // One envelope, perhaps over many lines; or lines, of which the first is no whole body.
        Some(_) => match serde_json::from_slice::<Envelope<'_>>(text) {
            Ok(envelope) => numbered(body, &envelope.records),
            Err(_) => lines(body, text)?,
        },
    };
    if events.len() > MAX_EVENTS {
        return Err(BodyError::TooManyEvents);
    }
    Ok(events)
}

fn numbered(body: &Bytes, items: &[&RawValue]) -> Vec<Incoming> {
    let event = |(index, item): (usize, &&RawValue)| Incoming {
        line: index.saturating_add(1),
        bytes: body.slice_ref(item.get().as_bytes()),
    };
    items.iter().enumerate().map(event).collect()
}

fn lines(body: &Bytes, text: &[u8]) -> Result<Vec<Incoming>, BodyError> {
    let mut events = Vec::new();
    for (index, line) in text.split(|byte| *byte == b'\n').enumerate() {
        let line_number = index.saturating_add(1);
        let line = line.trim_ascii();
        if line.is_empty() {
            continue;
        }
        if events.len() > MAX_EVENTS {
            return Err(BodyError::TooManyEvents);
        }
        let envelope =
            if line.starts_with(br#"{"records""#) { serde_json::from_slice::<Envelope<'_>>(line).ok() } else { None };
        match envelope {
            Some(envelope) => events.extend(
                envelope
                    .records
                    .iter()
                    .map(|item| Incoming { line: line_number, bytes: body.slice_ref(item.get().as_bytes()) }),
            ),
            None => events.push(Incoming { line: line_number, bytes: body.slice_ref(line) }),
        }
    }
    Ok(events)
}

fn place(error: &serde_json::Error) -> String {
    format!("line {}, column {}", error.line(), error.column())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn cut(text: &str) -> Vec<(usize, String)> {
        let body = Bytes::copy_from_slice(text.as_bytes());
        let events = events(&body).unwrap();
        events.into_iter().map(|event| (event.line, String::from_utf8(event.bytes.to_vec()).unwrap())).collect()
    }

    #[test]
    fn every_form_of_body_gives_the_same_events_with_their_places() {
        let two = |a, b| vec![(a, r#"{"a":1}"#.to_owned()), (b, r#"{"b":2}"#.to_owned())];
        assert_eq!(cut("{\"a\":1}\r\n\n{\"b\":2}\n"), two(1, 3));
        assert_eq!(cut(r#" [{"a":1}, {"b":2}]"#), two(1, 2));
        assert_eq!(cut("\u{feff}{\n\"records\": [{\"a\":1},\n{\"b\":2}]}"), two(1, 2));
        assert_eq!(cut("{\"records\":[{\"a\":1}]}\n{\"records\":[{\"b\":2}]}\n"), two(1, 2));
        assert_eq!(cut("{\"a\":1}\nnot json\n").len(), 2, "what is no event is told later, by its line");
    }

    #[test]
    fn what_is_too_large_empty_or_no_array_is_refused() {
        let many = Bytes::from("{}\n".repeat(MAX_EVENTS + 1));
        assert_eq!(events(&many).unwrap_err(), BodyError::TooManyEvents);
        assert_eq!(events(&Bytes::from_static(b" \n")).unwrap_err(), BodyError::Empty);
        assert!(matches!(events(&Bytes::from_static(b"[{},")).unwrap_err(), BodyError::NotAnArray(_)));
        assert!(matches!(unpacked(Bytes::new(), Some("br")).unwrap_err(), BodyError::UnknownEncoding(_)));
    }

    #[test]
    fn a_small_body_that_unpacks_to_a_large_one_is_refused() {
        let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        for _ in 0..=MAX_UNPACKED_BYTES / 65_536 {
            bomb.write_all(" ".repeat(65_536).as_bytes()).unwrap();
        }
        let bomb = Bytes::from(bomb.finish().unwrap());
        assert!(bomb.len() < MAX_BODY_BYTES);
        assert_eq!(unpacked(bomb.clone(), Some("gzip")).unwrap_err(), BodyError::TooLargeUnpacked);
        assert_eq!(unpacked(bomb.slice(..100), Some("gzip")).unwrap_err(), BodyError::NotGzip);
    }
}
