//! What the disk alone can do: small writes to a file, each confirmed before the next.

use anyhow::Result;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::time::{Duration, Instant};

/// How long the disk is measured.
const MEASURED: Duration = Duration::from_secs(2);
/// The bytes of one write: a page.
const PAGE: [u8; 4096] = [0x5a; 4096];
/// The file stays at this size, as a write-ahead log does.
const MAX_BYTES: u64 = 4 * 1024 * 1024;

/// What the disk does when nobody else asks it.
#[derive(Debug, Clone, Copy)]
pub struct Bare {
    /// Confirmed writes a second, one after the other.
    pub per_second: f64,
    /// The slowest one in a hundred, in milliseconds.
    pub p99_ms: f64,
    /// The slowest, in milliseconds: nothing that waits for this disk is quicker at its worst.
    pub max_ms: f64,
}

/// Writes a page and has it confirmed, again and again.
#[expect(clippy::disallowed_methods, reason = "a bench measures with the real clock")]
pub fn bare_syncs(directory: &Path) -> Result<Bare> {
    let path = directory.join("bare-sync.tmp");
    let mut file = std::fs::File::create(&path)?;
    let (started, mut times) = (Instant::now(), Vec::new());
    while started.elapsed() < MEASURED {
        let begun = Instant::now();
        if file.stream_position()? >= MAX_BYTES {
            file.seek(SeekFrom::Start(0))?;
        }
        file.write_all(&PAGE)?;
        file.sync_data()?;
        times.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    let per_second = times.len() as f64 / started.elapsed().as_secs_f64();
    times.sort_by(f64::total_cmp);
    std::fs::remove_file(path)?;
    let at = |place: usize| times.get(place.min(times.len().saturating_sub(1))).copied().unwrap_or(0.0);
    Ok(Bare { per_second, p99_ms: at(times.len() * 99 / 100), max_ms: at(times.len()) })
}

/// Asks the system to forget what it has cached of a file. True when it did.
pub fn forget_cached_pages(file: &str) -> bool {
    let forget = std::process::Command::new("dd")
        .args([&format!("if={file}"), "iflag=nocache", "count=0", "status=none"])
        .status();
    forget.is_ok_and(|status| status.success())
}
