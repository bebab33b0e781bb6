//! The partner's rules as files: read, checked with file, line and column, compared, and turned into
//! `domain::policy::Policy`. What the rules mean is decided in `domain`; where bundles are kept is the store's.

mod archive;
mod bundle;
mod check;
mod diff;
mod document;
mod files;
mod prices;
mod problem;
mod section;
mod suggestion;

pub use bundle::{Bundle, BundleError, MAX_FILE_BYTES, MAX_FILES};
pub use check::Checked;
pub use diff::Change;
pub use prices::{Priced, Prices};
pub use problem::Problem;
