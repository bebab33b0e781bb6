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

/// Confirmed writes a second, one after the other.
#[expect(clippy::disallowed_methods, reason = "a bench measures with the real clock")]
pub fn bare_syncs_per_second(directory: &Path) -> Result<f64> {
    let path = directory.join("bare-sync.tmp");
    let mut file = std::fs::File::create(&path)?;
    let (started, mut syncs) = (Instant::now(), 0_u32);
    while started.elapsed() < MEASURED {
        if file.stream_position()? >= MAX_BYTES {
            file.seek(SeekFrom::Start(0))?;
        }
        file.write_all(&PAGE)?;
        file.sync_data()?;
        syncs += 1;
    }
    let rate = f64::from(syncs) / started.elapsed().as_secs_f64();
    std::fs::remove_file(path)?;
    Ok(rate)
}

/// Asks the system to forget what it has cached of a file. True when it did.
pub fn forget_cached_pages(file: &str) -> bool {
    let forget = std::process::Command::new("dd")
        .args([&format!("if={file}"), "iflag=nocache", "count=0", "status=none"])
        .status();
    forget.is_ok_and(|status| status.success())
}
