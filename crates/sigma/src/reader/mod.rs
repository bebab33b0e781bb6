//! Reading events from files and streams: NDJSON, gzip, zstd, `{"records": [...]}` envelopes,
//! JSON arrays, pretty-printed documents, folders. Memory is bounded whatever the input is.
//! Only this module of the crate opens files.

mod split;

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use crate::event::MAX_EVENT_BYTES;
use split::{Document, Step};

/// The longest line, and the largest element of a list.
pub const MAX_LINE_BYTES: usize = MAX_EVENT_BYTES;
/// The most files one folder gives.
pub const MAX_FILES: usize = 1_000_000;
/// The deepest folder.
pub const MAX_FOLDER_DEPTH: usize = 32;
/// The largest window a zstd stream may ask for, as a power of two: 128 MiB.
pub const MAX_ZSTD_WINDOW_LOG: u32 = 27;

const BUFFER_BYTES: usize = 256 * 1024;

/// Why a file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file or folder cannot be opened or read.
    #[error("reading {path}: {source}")]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Too many files, or folders too deep.
    #[error("{path} holds more than {MAX_FILES} files or is deeper than {MAX_FOLDER_DEPTH} folders")]
    TooMany {
        /// The folder.
        path: PathBuf,
    },
}

/// Something that stands in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item<'r> {
    /// The bytes of one event. They look like an object but are not parsed yet.
    Record {
        /// The line it begins on, from 1.
        line: usize,
        /// Its text.
        bytes: &'r [u8],
    },
    /// Something that is no event; reading goes on after it.
    Malformed {
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        reason: &'static str,
    },
}

/// Files to be read: a file itself, or every file in a folder and the folders in it, in order
/// of their names. Hidden files are left out.
///
/// # Errors
/// Returns what cannot be listed.
pub fn files(path: &Path) -> Result<Vec<PathBuf>, ReadError> {
    let mut out = Vec::new();
    list(path, 0, &mut out)?;
    Ok(out)
}

fn list(path: &Path, depth: usize, out: &mut Vec<PathBuf>) -> Result<(), ReadError> {
    let io = |source| ReadError::Io { path: path.to_owned(), source };
    if !std::fs::metadata(path).map_err(io)?.is_dir() {
        out.push(path.to_owned());
        return Ok(());
    }
    if depth >= MAX_FOLDER_DEPTH || out.len() >= MAX_FILES {
        return Err(ReadError::TooMany { path: path.to_owned() });
    }
    let mut entries =
        std::fs::read_dir(path).map_err(io)?.map(|e| e.map(|e| e.path())).collect::<Result<Vec<_>, _>>().map_err(io)?;
    entries.sort();
    let hidden = |p: &Path| p.file_name().and_then(|n| n.to_str()).is_some_and(|n| n.starts_with('.'));
    for entry in entries.iter().filter(|e| !hidden(e)) {
        list(entry, depth + 1, out)?;
    }
    Ok(())
}

/// Reads one stream item by item.
pub struct Lines {
    path: PathBuf,
    reader: Box<dyn BufRead + Send>,
    /// Bytes to be read again before the reader goes on, and how many of them are done.
    again: Vec<u8>,
    again_at: usize,
    line: usize,
    buffer: Vec<u8>,
    document: Option<Document>,
    waiting: std::collections::VecDeque<Vec<u8>>,
    /// The line on which the page began whose elements are waiting.
    page_line: usize,
}

impl std::fmt::Debug for Lines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lines").field("path", &self.path).field("line", &self.line).finish_non_exhaustive()
    }
}

impl Lines {
    /// Opens a file, compressed or not.
    ///
    /// # Errors
    /// Returns why it cannot be opened.
    pub fn open(path: &Path) -> Result<Self, ReadError> {
        let io = |source| ReadError::Io { path: path.to_owned(), source };
        let file = std::fs::File::open(path).map_err(io)?;
        Self::new(path, Box::new(file))
    }

    /// Reads any stream; `name` stands for its path in errors.
    ///
    /// # Errors
    /// Returns why the beginning of the stream cannot be read.
    pub fn new(name: &Path, stream: Box<dyn Read + Send>) -> Result<Self, ReadError> {
        let io = |source| ReadError::Io { path: name.to_owned(), source };
        let mut raw = BufReader::with_capacity(BUFFER_BYTES, stream);
        let magic = raw.fill_buf().map_err(io)?;
        let reader: Box<dyn BufRead + Send> = if magic.starts_with(&[0x1F, 0x8B]) {
            Box::new(BufReader::with_capacity(BUFFER_BYTES, flate2::bufread::MultiGzDecoder::new(raw)))
        } else if magic.starts_with(&[0x28, 0xB5, 0x2F, 0xFD]) {
            let mut decoder = zstd::stream::read::Decoder::with_buffer(raw).map_err(io)?;
            decoder.window_log_max(MAX_ZSTD_WINDOW_LOG).map_err(io)?;
            Box::new(BufReader::with_capacity(BUFFER_BYTES, decoder))
        } else {
            Box::new(raw)
        };
        Ok(Self {
            path: name.to_owned(),
            reader,
            again: Vec::new(),
            again_at: 0,
            line: 0,
            buffer: Vec::new(),
            document: None,
            waiting: std::collections::VecDeque::new(),
            page_line: 0,
        })
    }

    /// The next item; `None` at the end.
    ///
    /// # Errors
    /// Returns why the stream broke off, such as a damaged archive. What came before was delivered.
    pub fn next_item(&mut self) -> Result<Option<Item<'_>>, ReadError> {
        loop {
            if let Some(element) = self.waiting.pop_front() {
                self.buffer = element;
                return Ok(Some(Item::Record { line: self.page_line, bytes: &self.buffer }));
            }
            if self.document.is_some() {
                match self.step_document()? {
                    Some(Found::Record(line)) => return Ok(Some(Item::Record { line, bytes: &self.buffer })),
                    Some(Found::Malformed(line, reason)) => return Ok(Some(Item::Malformed { line, reason })),
                    None => continue,
                }
            }
            match self.read_line()? {
                Line::End => return Ok(None),
                Line::TooLong if opens_list(&self.buffer) => self.enter_document(),
                Line::TooLong => {
                    self.skip_line()?;
                    return Ok(Some(Item::Malformed { line: self.line, reason: "the line is too long" }));
                }
                Line::Whole => {
                    let text = self.buffer.trim_ascii();
                    match (text.first(), text.last()) {
                        (None, _) => {}
                        (Some(b'{'), Some(b'}')) if !opens_list(text) && !is_page(text) => {
                            return Ok(Some(Item::Record { line: self.line, bytes: self.buffer.trim_ascii() }));
                        }
                        (Some(b'{'), Some(b'}' | b'{' | b'[' | b',' | b':' | b']')) | (Some(b'['), _) => {
                            self.enter_document();
                        }
                        _ => {
                            return Ok(Some(Item::Malformed {
                                line: self.line,
                                reason: "the line is not a JSON object",
                            }));
                        }
                    }
                }
            }
        }
    }

    /// Reads the line in the buffer again, as the beginning of a document.
    fn enter_document(&mut self) {
        let mut again = std::mem::take(&mut self.buffer);
        again.extend_from_slice(self.again.get(self.again_at..).unwrap_or_default());
        self.again = again;
        self.again_at = 0;
        self.document = Some(Document::new(self.line));
    }

    fn step_document(&mut self) -> Result<Option<Found>, ReadError> {
        let Some(mut document) = self.document.take() else { return Ok(None) };
        loop {
            let chunk = match self.again.get(self.again_at..) {
                Some(rest) if !rest.is_empty() => rest,
                _ => self.reader.fill_buf().map_err(|source| ReadError::Io { path: self.path.clone(), source })?,
            };
            let from_again = self.again_at < self.again.len();
            if chunk.is_empty() {
                self.line = document.line();
                let open = document.end();
                return Ok(open.map(|line| Found::Malformed(line, "the document ends before it is complete")));
            }
            let (used, step) = document.feed(chunk);
            if from_again {
                self.again_at += used;
            } else {
                self.reader.consume(used);
            }
            match step {
                Step::More => {}
                Step::Record(line) => {
                    document.take_record(&mut self.buffer);
                    self.document = Some(document);
                    return Ok(Some(Found::Record(line)));
                }
                Step::Malformed(line, reason) => {
                    self.line = document.line() - 1;
                    self.document = (!document.is_closed()).then_some(document);
                    return Ok(Some(Found::Malformed(line, reason)));
                }
                Step::Abandoned(line, reason) => {
                    self.line = document.line() - 1;
                    return Ok(Some(Found::Malformed(line, reason)));
                }
                // What is left of the last line is read as a line of the same number.
                Step::Done => {
                    self.line = document.line() - 1;
                    return Ok(self.finish_document(&mut document));
                }
            }
        }
    }

    /// A document is complete: it is one event, or a page of events.
    fn finish_document(&mut self, document: &mut Document) -> Option<Found> {
        let line = document.started();
        if !document.is_plain() {
            return None;
        }
        document.take_record(&mut self.buffer);
        if is_page(&self.buffer)
            && let Some(elements) = split::page(&self.buffer)
        {
            self.waiting.extend(elements);
            self.page_line = line;
            return None;
        }
        Some(Found::Record(line))
    }

    /// Reads up to and with the next newline, at most `MAX_LINE_BYTES`.
    fn read_line(&mut self) -> Result<Line, ReadError> {
        self.buffer.clear();
        self.line += 1;
        if let Some(rest) = self.again.get(self.again_at..).filter(|r| !r.is_empty()) {
            let end = memchr::memchr(b'\n', rest).map(|at| at + 1);
            self.buffer.extend_from_slice(rest.get(..end.unwrap_or(rest.len())).unwrap_or_default());
            self.again_at += self.buffer.len();
            if end.is_some() {
                return Ok(Line::Whole);
            }
        }
        loop {
            let chunk = self.reader.fill_buf().map_err(|source| ReadError::Io { path: self.path.clone(), source })?;
            if chunk.is_empty() {
                return Ok(if self.buffer.is_empty() { Line::End } else { Line::Whole });
            }
            let end = memchr::memchr(b'\n', chunk).map(|at| at + 1);
            let part = chunk.get(..end.unwrap_or(chunk.len())).unwrap_or_default();
            let used = part.len();
            if self.buffer.len() + used > MAX_LINE_BYTES {
                return Ok(Line::TooLong);
            }
            self.buffer.extend_from_slice(part);
            self.reader.consume(used);
            if end.is_some() {
                return Ok(Line::Whole);
            }
        }
    }

    fn skip_line(&mut self) -> Result<(), ReadError> {
        loop {
            let chunk = self.reader.fill_buf().map_err(|source| ReadError::Io { path: self.path.clone(), source })?;
            if chunk.is_empty() {
                return Ok(());
            }
            let end = memchr::memchr(b'\n', chunk).map(|at| at + 1);
            let used = end.unwrap_or(chunk.len());
            self.reader.consume(used);
            if end.is_some() {
                return Ok(());
            }
        }
    }
}

enum Line {
    Whole,
    TooLong,
    End,
}

enum Found {
    Record(usize),
    Malformed(usize, &'static str),
}

/// Whether a text begins a list of events: `[`, or the envelope of Event Hubs.
fn opens_list(text: &[u8]) -> bool {
    let mut rest = text.iter().filter(|b| !b.is_ascii_whitespace());
    let begins: Vec<u8> = rest.by_ref().take(split::ENVELOPE.len()).copied().collect();
    begins.first() == Some(&b'[') || begins == split::ENVELOPE
}

/// Whether a text looks like a page of Microsoft Graph or of Partner Center.
fn is_page(text: &[u8]) -> bool {
    let head = text.get(..4_096).unwrap_or(text);
    ["\"@odata.context\"", "\"totalCount\""].iter().any(|mark| memchr::memmem::find(head, mark.as_bytes()).is_some())
        && ["\"value\"", "\"items\""].iter().any(|mark| memchr::memmem::find(head, mark.as_bytes()).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8]) -> Vec<(usize, String)> {
        let mut lines = Lines::new(Path::new("test"), Box::new(std::io::Cursor::new(text.to_vec()))).unwrap();
        let mut out = Vec::new();
        while let Some(item) = lines.next_item().unwrap() {
            out.push(match item {
                Item::Record { line, bytes } => (line, String::from_utf8(bytes.to_vec()).unwrap()),
                Item::Malformed { line, reason } => (line, format!("! {reason}")),
            });
        }
        out
    }

    #[test]
    fn lines_are_counted_from_one_and_bad_ones_do_not_stop_the_rest() {
        let got = read(b"{\"a\":1}\n\nnonsense\n{\"b\":2}\r\n{\"c\":3}");
        assert_eq!(
            got,
            [
                (1, "{\"a\":1}".into()),
                (3, "! the line is not a JSON object".into()),
                (4, "{\"b\":2}".into()),
                (5, "{\"c\":3}".into())
            ]
        );
    }

    #[test]
    fn envelopes_and_arrays_are_unpacked_on_one_line_or_many() {
        assert_eq!(
            read(b"{\"records\":[{\"a\":1},{\"b\":[{}]}]}\n{\"c\":3}\n"),
            [(1, "{\"a\":1}".into()), (1, "{\"b\":[{}]}".into()), (2, "{\"c\":3}".into())]
        );
        assert_eq!(
            read(b"{\n \"records\": [\n  {\"a\":1},\n  {\"b\":\"]}\"}\n ]\n}\n{\"c\":3}"),
            [(3, "{\"a\":1}".into()), (4, "{\"b\":\"]}\"}".into()), (7, "{\"c\":3}".into())]
        );
        assert_eq!(read(b"[\n{\"a\":1},\n{\"b\":2}\n]\n"), [(2, "{\"a\":1}".into()), (3, "{\"b\":2}".into())]);
        assert_eq!(
            read(b"[{\"a\":1}, 5, {\"b\":2}]"),
            [(1, "{\"a\":1}".into()), (1, "! an element of the list is not an object".into()), (1, "{\"b\":2}".into())]
        );
    }

    #[test]
    fn a_pretty_printed_document_is_one_event_and_a_page_is_many() {
        assert_eq!(
            read(b"{\n  \"a\": {\n    \"b\": 1\n  }\n}\n{\"c\":3}\n").iter().map(|(l, _)| *l).collect::<Vec<_>>(),
            [1, 6]
        );
        assert_eq!(
            read(b"{\"@odata.context\":\"x\",\"value\":[{\"a\":1},{\"b\":2}]}"),
            [(1, "{\"a\":1}".into()), (1, "{\"b\":2}".into())]
        );
    }

    #[test]
    fn a_line_cut_off_does_not_swallow_the_next() {
        let got = read(b"{\"a\":1,\n{\"b\":2}\n{\"c\":3}\n");
        assert_eq!(got.first().unwrap().0, 1);
        assert!(got.first().unwrap().1.starts_with('!'));
        assert_eq!(got.get(1..).unwrap(), [(2, "{\"b\":2}".into()), (3, "{\"c\":3}".into())]);
    }

    #[test]
    fn lines_are_still_counted_right_after_broken_documents() {
        let got = read(b"[{\"a\":1}}\n{\"b\":2}\n{\n\"x\": \"open\n{\"c\":3}\n");
        let records: Vec<_> = got.iter().filter(|(_, text)| !text.starts_with('!')).collect();
        assert_eq!(records, [&(1, "{\"a\":1}".to_owned()), &(2, "{\"b\":2}".to_owned()), &(5, "{\"c\":3}".to_owned())]);
    }

    #[test]
    fn a_hundred_megabytes_on_one_line_are_skipped_or_streamed() {
        let mut long = vec![b'x'; 20 << 20];
        long.splice(0..0, *b"{\"a\":\"");
        long.extend_from_slice(b"\"}\n{\"b\":2}\n");
        assert_eq!(read(&long), [(1, "! the line is too long".into()), (2, "{\"b\":2}".into())]);
        let element = format!("{{\"a\":\"{}\"}},", "y".repeat(1_000));
        let mut list = String::from("{\"records\":[");
        for _ in 0..20_000 {
            list.push_str(&element);
        }
        list.push_str("{\"z\":1}]}\n{\"c\":1}\n");
        let got = read(list.as_bytes());
        assert_eq!(got.len(), 20_002);
        assert_eq!(got.last().unwrap(), &(2, "{\"c\":1}".into()));
    }

    /// Found by fuzzing: what followed a document on its last line counted as a line of its own.
    #[test]
    fn what_follows_a_document_on_its_line_has_the_number_of_that_line() {
        let lines = |text: &str| read(text.as_bytes()).into_iter().map(|(line, _)| line).collect::<Vec<_>>();
        assert_eq!(lines("{\"records\":[{\"a\":1}]} {\"b\":2}\n{\"c\":3}"), [1, 1, 2]);
        assert_eq!(lines("{\"records{\"records\":[{\"a\"\":1}:[{"), [1, 1]);
        assert_eq!(lines("[{\"a\":1}]   \n\n{\"c\":3}"), [1, 3]);
    }

    #[test]
    fn compressed_streams_are_recognised() {
        use std::io::Write;
        let plain = b"{\"a\":1}\n{\"b\":2}\n";
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(plain).unwrap();
        assert_eq!(read(&gzip.finish().unwrap()).len(), 2);
        assert_eq!(read(&zstd::encode_all(&plain[..], 1).unwrap()).len(), 2);
    }
}
