//! A line of 100 MB: refused in bounded memory. In a file of its own, so that the process holds nothing else.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::io::Read;

use sigma::reader::{Item, Lines};
use sigma::{Engine, EngineOptions, EventError, LoadOptions, MAX_EVENT_BYTES, RuleSet};

const LONG_BYTES: u64 = 100 << 20;
/// The line's own limit several times over, the buffers of the reader, and the test itself.
const MOST_BYTES: u64 = 48 << 20;

/// The most memory this process has held, in bytes.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kilobytes| kilobytes * 1_024)
}

fn lines(parts: Vec<Box<dyn Read + Send>>) -> Lines {
    let start: Box<dyn Read + Send> = Box::new(std::io::empty());
    let stream = parts.into_iter().fold(start, |before, part| Box::new(before.chain(part)));
    Lines::new(std::path::Path::new("long"), stream).unwrap()
}

fn text(text: &'static str) -> Box<dyn Read + Send> {
    Box::new(text.as_bytes())
}

#[test]
fn a_line_of_100_mb_is_refused_in_bounded_memory_and_the_next_line_is_read() {
    let long = || -> Box<dyn Read + Send> { Box::new(std::io::repeat(b'x').take(LONG_BYTES)) };
    let mut one = lines(vec![text("{\"a\":\""), long(), text("\"}\n{\"b\":2}\n")]);
    let refused = Item::Malformed { line: 1, reason: "the line is too long" };
    assert_eq!(one.next_item().unwrap(), Some(refused));
    assert_eq!(one.next_item().unwrap(), Some(Item::Record { line: 2, bytes: b"{\"b\":2}" }));
    // The same as an element of a list, where the rest of the list must still be read.
    let mut list = lines(vec![text("{\"records\":[{\"a\":\""), long(), text("\"},{\"b\":2}]}\n")]);
    assert!(matches!(list.next_item().unwrap(), Some(Item::Malformed { line: 1, .. })));
    assert_eq!(list.next_item().unwrap(), Some(Item::Record { line: 1, bytes: b"{\"b\":2}" }));
    // And as a document over several lines that never ends.
    let mut open = lines(vec![text("{\n\"a\": [\n\""), long()]);
    assert!(matches!(open.next_item().unwrap(), Some(Item::Malformed { .. })));
    let mut engine = Engine::new(RuleSet::load([], &LoadOptions::default()).set, EngineOptions::default());
    let large = vec![b' '; MAX_EVENT_BYTES + 1];
    let fed = engine.feed("p", &large, jiff::Timestamp::UNIX_EPOCH);
    assert_eq!(fed, Err(EventError::TooLarge { bytes: MAX_EVENT_BYTES + 1 }));
    match peak() {
        Some(bytes) => assert!(bytes < MOST_BYTES, "{bytes} bytes at the most"),
        None => eprintln!("this system does not say how much memory was used"),
    }
}
