//! Folded files and facts as they are kept: packed, since they are the largest part of what an append writes. What is
//! hashed, sealed and exported is the bytes themselves.

use crate::append::MAX_FILE_BYTES;
use crate::error::StoreError;
use std::cell::RefCell;
use std::io;
use std::thread::LocalKey;
use zstd::bulk::{Compressor, Decompressor};

/// The quickest level: every append packs its file and its facts, and their letters repeat so much that higher ones gain
/// little.
const LEVEL: i32 = 1;
/// What is smaller is kept as it is: packing it takes as long as writing it.
const MIN_PACKED_BYTES: usize = 1_024;
/// What packed bytes begin with; what was kept as it is begins with `{`.
const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

thread_local! {
    /// What packing and unpacking work with: half a megabyte, which each thread makes once.
    static PACKER: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    static UNPACKER: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

/// Packs a file or a fact.
pub(crate) fn pack(bytes: &[u8]) -> Result<Vec<u8>, StoreError> {
    if bytes.len() < MIN_PACKED_BYTES {
        return Ok(bytes.to_vec());
    }
    with(&PACKER, || Compressor::new(LEVEL), |packer| packer.compress(bytes))
        .map_err(|error| StoreError::Damaged(format!("what is kept can't be packed: {error}")))
}

/// The bytes again; those that were never packed as they are.
pub(crate) fn unpack(kept: &[u8]) -> Result<Vec<u8>, StoreError> {
    if !kept.starts_with(&MAGIC) {
        return Ok(kept.to_vec());
    }
    // The length stands at the front; one that is beyond the limit is damage, not a reason to take memory.
    let length = usize::try_from(zstd::zstd_safe::get_frame_content_size(kept).ok().flatten().unwrap_or(u64::MAX));
    let length = length.ok().filter(|length| *length <= MAX_FILE_BYTES);
    let length =
        length.ok_or_else(|| StoreError::Damaged("what is packed says no length, or one too large".to_owned()))?;
    with(&UNPACKER, Decompressor::new, |unpacker| unpacker.decompress(kept, length))
        .map_err(|error| StoreError::Damaged(format!("what is kept can't be unpacked: {error}")))
}

/// Does something with what this thread keeps, made when it is first asked for.
fn with<T>(
    kept: &'static LocalKey<RefCell<Option<T>>>,
    make: impl FnOnce() -> io::Result<T>,
    does: impl FnOnce(&mut T) -> io::Result<Vec<u8>>,
) -> io::Result<Vec<u8>> {
    kept.with_borrow_mut(|kept| match kept {
        Some(kept) => does(kept),
        None => does(kept.insert(make()?)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_comes_back_as_it_was_and_one_beyond_the_limit_does_not() -> Result<(), StoreError> {
        let file = br#"{"version":7,"part":{"customer":{"cases":{}}}}"#.repeat(100);
        let packed = pack(&file)?;
        assert!(packed.len() < file.len() / 10, "{} of {}", packed.len(), file.len());
        assert_eq!(unpack(&packed)?, file);
        let small = pack(b"{}")?;
        assert_eq!((small.as_slice(), unpack(&small)?.as_slice()), (&b"{}"[..], &b"{}"[..]));
        assert!(unpack(&pack(&vec![b'x'; MAX_FILE_BYTES + 1])?).is_err());
        Ok(())
    }
}
