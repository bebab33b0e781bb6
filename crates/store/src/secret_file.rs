//! Files that hold a secret: made once, readable by their owner alone, and refused when others may read them.
//! What is in them is not here.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The largest secret file that is read, in bytes.
const MAX_SECRET_FILE_BYTES: u64 = 4 * 1024;

/// Why a secret could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum SecretFileError {
    /// The system refused.
    #[error("the secret file {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Others than its owner may read it.
    #[error("others may read the secret file {path} (mode {mode:o}): take their right away with `chmod 600`")]
    Open {
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// It is no text, or too long for a secret.
    #[error("the secret file {path} holds no secret: a short text is wanted")]
    NoSecret {
        /// The file.
        path: PathBuf,
    },
}

/// Reads a secret from its file.
pub(crate) fn read(path: &Path) -> Result<Zeroizing<String>, SecretFileError> {
    let failed = |source| SecretFileError::Io { path: path.to_owned(), source };
    let file = File::open(path).map_err(failed)?;
    private(path, &file)?;
    let mut text = Zeroizing::new(String::new());
    let read = file.take(MAX_SECRET_FILE_BYTES.saturating_add(1)).read_to_string(&mut text);
    match read.map(u64::try_from) {
        Ok(Ok(length)) if length <= MAX_SECRET_FILE_BYTES => Ok(text),
        Ok(_) => Err(SecretFileError::NoSecret { path: path.to_owned() }),
        Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {
            Err(SecretFileError::NoSecret { path: path.to_owned() })
        }
        Err(error) => Err(failed(error)),
    }
}

/// Writes a secret into a new file. A file that is there already is left alone and is an error.
pub(crate) fn create(path: &Path, secret: &str) -> Result<(), SecretFileError> {
    let failed = |source| SecretFileError::Io { path: path.to_owned(), source };
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(failed)?;
    file.write_all(secret.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)
}

#[cfg(unix)]
fn private(path: &Path, file: &File) -> Result<(), SecretFileError> {
    use std::os::unix::fs::PermissionsExt;
    let metadata = file.metadata().map_err(|source| SecretFileError::Io { path: path.to_owned(), source })?;
    let mode = metadata.permissions().mode() % 0o1000;
    if mode % 0o100 == 0 { Ok(()) } else { Err(SecretFileError::Open { path: path.to_owned(), mode }) }
}

#[cfg(not(unix))]
fn private(_: &Path, _: &File) -> Result<(), SecretFileError> {
    Ok(())
}
