//! Any bytes as a file of events: reading ends, counts its lines upwards, and gives back no more than it was given.
use sigma::reader::{Item, Lines};

/// One run.
pub(crate) fn run(bytes: &[u8]) {
    let stream = std::io::Cursor::new(bytes.to_vec());
    let Ok(mut lines) = Lines::new(std::path::Path::new("f"), Box::new(stream)) else { return };
    let compressed = bytes.starts_with(&[0x1F, 0x8B]) || bytes.starts_with(&[0x28, 0xB5, 0x2F, 0xFD]);
    let (mut items, mut newest) = (0_usize, 1);
    while let Ok(Some(item)) = lines.next_item() {
        items += 1;
        let (Item::Record { line, .. } | Item::Malformed { line, .. }) = item;
        assert!(line >= 1);
        newest = newest.max(line);
        if compressed && items > 10_000 {
            return;
        }
        assert!(compressed || items <= bytes.len() + 1, "more items than bytes");
    }
    assert!(compressed || newest <= bytes.split(|byte| *byte == b'\n').count(), "a line that is not there");
}
