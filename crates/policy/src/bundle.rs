//! A bundle: the policy files of one partner, as bytes by name. Where they come from and what they hash to is
//! here; what they say is read in `files`.

use crate::archive::{self, is_file_name};
use crate::check::{self, Checked};
use crate::diff::{self, Change};
use crate::problem::Problem;
use domain::ids::Hash;
use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The largest policy file that is taken.
pub const MAX_FILE_BYTES: usize = 1024 * 1024;
/// The most policy files of one bundle.
pub const MAX_FILES: usize = 32;

/// The default policy that ships with the program.
const EMBEDDED: [(&str, &str); 6] = [
    ("approvals.toml", include_str!("../../../policy/approvals.toml")),
    ("cases.toml", include_str!("../../../policy/cases.toml")),
    ("clocks.toml", include_str!("../../../policy/clocks.toml")),
    ("containment.toml", include_str!("../../../policy/containment.toml")),
    ("on-call.toml", include_str!("../../../policy/on-call.toml")),
    ("outcomes.toml", include_str!("../../../policy/outcomes.toml")),
];

/// The policy files of one partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    files: BTreeMap<String, Vec<u8>>,
}

/// Why files are no bundle at all. What is wrong inside them is a [`Problem`].
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// The folder or a file in it can't be read.
    #[error("the policy at {path} can't be read: {source}")]
    Unreadable {
        /// The folder or file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A name that would not survive the way from one system to another.
    #[error("`{0}` is no name for a policy file: use small letters, digits, `-`, `_` and `.`")]
    FileName(String),
    /// A file is larger than [`MAX_FILE_BYTES`].
    #[error("the policy file {file} has more than {MAX_FILE_BYTES} bytes")]
    TooLarge {
        /// The file.
        file: String,
    },
    /// There are more files than [`MAX_FILES`].
    #[error("a policy has at most {MAX_FILES} files")]
    TooManyFiles,
    /// The bytes are no archive that this program wrote.
    #[error("the bytes are no archive of a policy: {0}")]
    Archive(&'static str),
}

impl Bundle {
    /// A bundle of these files, by name. Fails on names and sizes that are not taken.
    pub fn of(files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Result<Self, BundleError> {
        let mut kept = BTreeMap::new();
        for (name, bytes) in files {
            if !is_file_name(&name) {
                return Err(BundleError::FileName(name));
            }
            if bytes.len() > MAX_FILE_BYTES {
                return Err(BundleError::TooLarge { file: name });
            }
            kept.insert(name, bytes);
            if kept.len() > MAX_FILES {
                return Err(BundleError::TooManyFiles);
            }
        }
        Ok(Self { files: kept })
    }

    /// The default policy that ships with the program.
    #[must_use]
    pub fn embedded() -> Self {
        let files = EMBEDDED.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()));
        Self { files: files.collect() }
    }

    /// Reads every `*.toml` of a folder; its sub-folders (rules, prices) are not part of the bundle.
    pub fn read_dir(path: impl AsRef<Path>) -> Result<Self, BundleError> {
        let folder = path.as_ref();
        let unreadable = |source| BundleError::Unreadable { path: folder.to_owned(), source };
        let mut files = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            if path.extension().is_none_or(|extension| extension != "toml") || !path.is_file() {
                continue;
            }
            if files.len() >= MAX_FILES {
                return Err(BundleError::TooManyFiles);
            }
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            files.push((name, read_file(&path)?));
        }
        Self::of(files)
    }

    /// Reads the archive that [`Bundle::to_bytes`] wrote; any other bytes are refused.
    pub fn from_bytes(archive: &[u8]) -> Result<Self, BundleError> {
        Ok(Self { files: archive::read(archive)? })
    }

    /// The bundle as one canonical archive: the same files give the same bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        archive::write(&self.files)
    }

    /// SHA-256 over the archive, that is over names and bytes in the order of the names.
    #[must_use]
    pub fn hash(&self) -> Hash {
        Hash::of(&self.to_bytes())
    }

    /// The files by name.
    #[must_use]
    pub const fn files(&self) -> &BTreeMap<String, Vec<u8>> {
        &self.files
    }

    /// The policy that the files say, or everything that is wrong with them, by file, line and column.
    pub fn check(&self) -> Result<Checked, Vec<Problem>> {
        check::check(self)
    }

    /// What is set otherwise in `newer`, in the order of files and keys. Comments and layout do not count.
    #[must_use]
    pub fn diff(&self, newer: &Self) -> Vec<Change> {
        diff::diff(&self.files, &newer.files)
    }
}

/// Reads one file, and no more of it than is taken.
fn read_file(path: &Path) -> Result<Vec<u8>, BundleError> {
    let unreadable = |source| BundleError::Unreadable { path: path.to_owned(), source };
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let limit = u64::try_from(MAX_FILE_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    file.take(limit).read_to_end(&mut bytes).map_err(unreadable)?;
    Ok(bytes)
}
